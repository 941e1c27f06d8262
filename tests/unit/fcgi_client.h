/* fcgi_client.h - a small FastCGI client for tests: one request over a unix socket. */
#pragma once

#include "base/str.h"

/* Connect and send a GET for `uri`; the descriptor, or -1. */
int fcgi_client_begin(const char *socket_path, const char *uri);
/* Read the answer's whole standard output (head and body) into the arena; absent when it broke off.
 */
struct str fcgi_client_end(struct arena *a, int fd);
/* Both. */
struct str fcgi_client_get(struct arena *a, const char *socket_path, const char *uri);
