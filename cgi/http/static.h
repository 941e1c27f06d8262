/*
 * static.h - style sheets, scripts and pictures: read once at start, known to templates under names
 * that hold a hash of their contents, so that they can be cached for ever.
 */
#pragma once

#include "base/str.h"

struct static_files;

/* Read all files below `dir` (at most 32 MB). Free with static_close (NULL is fine). */
enum err static_open(const char *dir, struct static_files **out) MUST_CHECK;
void static_close(struct static_files *files);

/* "css/site.css" -> "/static/css/site.0123456789ab.css"; absent when there is no such file.
 * Borrowed. */
struct str static_url(const struct static_files *files, struct str name);

struct static_file {
    struct str name, url, type, etag;
    struct bytes data;
    bool hashed; /* asked for by its hashed name: immutable */
};
/* Find by the request path, hashed or plain; false when there is none. */
bool static_find(const struct static_files *files, struct str path, struct static_file *out);
