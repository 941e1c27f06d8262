/*
 * buf.h - growing byte buffer with a hard maximum.
 *
 * Failure is sticky: once an add would pass the maximum (or memory ends) the buffer is emptied, all
 * later adds do nothing, and buf_take* / buf_ok report it; check once at the end.
 */
#pragma once

#include "base/str.h"

struct buf {
    uint8_t *p;  /* NUL kept behind the contents */
    size_t n;    /* length */
    size_t cap;  /* allocated, private */
    size_t max;  /* greatest n ever allowed */
    bool failed; /* sticky */
};

/* An empty heap buffer that will hold at most max bytes. Nothing is allocated yet. */
struct buf buf_init(size_t max);
/* Wipe and release; the buffer may be used again. */
void buf_free(struct buf *b);
/* Forget the contents (wiped) and the failure, keep the memory. */
void buf_reset(struct buf *b);

void buf_add(struct buf *b, const void *p, size_t n);
void buf_add_str(struct buf *b, struct str s);
void buf_add_z(struct buf *b, const char *z);
void buf_add_bytes(struct buf *b, struct bytes s);
void buf_add_char(struct buf *b, char c);
void buf_fmt(struct buf *b, const char *format, ...) PRINTF_LIKE(2, 3);
/* Room for n more bytes to be written by the caller at the returned place, n added; NULL on
 * failure. */
uint8_t *buf_extend(struct buf *b, size_t n);
/* Cut to length n (n <= b->n). */
void buf_cut(struct buf *b, size_t n);

bool buf_ok(const struct buf *b);
/* Borrowed views, valid until the next add; absent when failed. */
struct str buf_str(const struct buf *b);
struct bytes buf_bytes(const struct buf *b);
/* Copy the contents into the arena. E_LIMIT when the buffer failed. */
enum err buf_to_str(const struct buf *b, struct arena *a, struct str *out) MUST_CHECK;
enum err buf_to_bytes(const struct buf *b, struct arena *a, struct bytes *out) MUST_CHECK;
