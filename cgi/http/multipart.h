/*
 * multipart.h - multipart/form-data (RFC 7578, RFC 2046 5.1) read as a stream: the caller pulls
 * headers and data of one part after the other through a small window; nothing is kept, nothing
 * touches a disk.
 */
#pragma once

#include "base/str.h"

#define MULTIPART_WINDOW 16384
#define MULTIPART_PARTS_MAX 1000

struct multipart_part {
    struct str name;     /* of the field */
    struct str filename; /* absent: a plain field. Last path component, "" when none was given */
    struct str type;     /* as claimed, lower case; "text/plain" when not said */
};

struct multipart {
    /* Read at most n bytes of the body; *got = 0 at its end. */
    enum err (*read)(void *ctx, void *p, size_t n, size_t *got);
    void *ctx;
    struct arena *arena;
    uint8_t window[MULTIPART_WINDOW];
    size_t at, end; /* unread bytes of the window */
    char delimiter[76];
    size_t delimiter_n;
    size_t parts;
    bool input_ended, in_part, ended;
};

/* The boundary of a Content-Type; absent when it is not multipart/form-data with a proper boundary.
 */
struct str multipart_boundary(struct arena *a, struct str content_type);

/* Begin. `boundary` has 1 to 70 characters. */
void multipart_open(struct multipart *m, struct arena *a, struct str boundary,
                    enum err (*read)(void *, void *, size_t, size_t *), void *ctx);
/*
 * Go to the next part (what is left of the current one is skipped). *more is false after the last
 * one. E_INPUT "multipart-malformed" on bad syntax or a truncated body.
 */
enum err multipart_next(struct multipart *m, struct multipart_part *part, bool *more) MUST_CHECK;
/* Data of the current part; *got = 0 at its end. */
enum err multipart_read(struct multipart *m, void *p, size_t n, size_t *got) MUST_CHECK;
