/* listen.h - private to http/: the listening socket, made here or inherited. */
#pragma once

#include "base/err.h"

struct listen_socket {
    int fd;
    const char *path; /* to unlink at the end; NULL when somebody else made it */
};

/*
 * From LISTEN_FDS (sd_listen_fds(3): exactly one, number 3), else a new unix socket at `path`, mode
 * 0660; a stale file there is replaced, a live server is E_CONFLICT.
 */
enum err listen_open(const char *path, struct listen_socket *out) MUST_CHECK;
/* Let the program that is about to be executed inherit it in the same way. */
void listen_pass_on(const struct listen_socket *s);
void listen_close(struct listen_socket *s);
