/*
 * dispatch.h - one request from its first byte to its last, over any transport: FastCGI (serve.c)
 * or memory (fake.c). The order is DESIGN section 4's and is in dispatch.c to be read from top to
 * bottom.
 */
#pragma once

#include "http/app.h"

/* Where a request comes from and its answer goes. */
struct transport {
    void *ctx;
    /* A CGI variable (RFC 3875): REQUEST_METHOD, REQUEST_URI, CONTENT_LENGTH, HTTP_*; NULL: not
     * set. */
    const char *(*variable)(void *ctx, const char *name);
    /* Read at most n bytes of the body; 0 at the end, -1 when the client has gone. */
    int (*read)(void *ctx, void *p, size_t n);
    /* Write all; -1 when the client has gone. */
    int (*write)(void *ctx, const void *p, size_t n);
    /* Break the connection off, so that the client knows that its answer is not whole. */
    void (*cut)(void *ctx);
    /* The answer is complete: let it go, although not all of the body was read. NULL: it went. */
    void (*end)(void *ctx);
};

struct leases;

/* What one process keeps between requests. */
struct dispatcher;

struct dispatcher *dispatch_new(const struct app *app);
void dispatch_free(struct dispatcher *d);
/* The buffer that pages are rendered into (for resp.c). */
struct buf *dispatch_page_buf(struct dispatcher *d);
/* This worker's unspent rate leases (for gate.c). */
struct leases *dispatch_leases(struct dispatcher *d);
/* Serve one request. False: this worker is worn and should be replaced after it. */
bool dispatch_run(struct dispatcher *d, const struct transport *t);
