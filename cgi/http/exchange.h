/*
 * exchange.h - private to http/: what a request and its answer are made of while dispatch works on
 * them. Handlers see req.h and resp.h only.
 */
#pragma once

#include "http/dispatch.h"
#include "http/raw.h"
#include "http/req.h"
#include "http/resp.h"

#include <setjmp.h>

struct defer {
    struct defer *next;
    void (*undo)(void *arg);
    void *arg;
};

struct header {
    struct header *next;
    const char *name;
    struct str value;
};

struct resp {
    struct req *rq;
    int status; /* 0: nothing answered yet */
    bool status_fixed;
    struct header *headers; /* in order */
    struct header **headers_end;
    const char *type;
    struct buf *text;                                       /* rendered body; NULL: `data` */
    struct bytes data;                                      /* borrowed */
    enum err (*produce)(void *arg, struct resp_sink *sink); /* writes the body; NULL: see above */
    void *produce_arg;
    uint64_t length;  /* of what it writes; UINT64_MAX: unknown */
    bool sending;     /* some of it has left */
    uint32_t cache_s; /* 0: no-store */
    bool cacheable;
    enum err failed; /* resp_fail */
    bool undo;       /* resp_undo */
    uint32_t retry_after;
};

struct req {
    const struct app *app;
    struct dispatcher *dispatcher;
    const struct transport *t;
    struct arena *arena;
    struct tx *tx;
    struct resp *rs;

    enum method method;
    bool head;
    struct str path_raw; /* before '?', still encoded */
    struct str path, query;
    struct str address, id;
    struct timestamp now;
    int64_t started_us;
    struct route_match match;
    const struct route *route; /* NULL until matched */

    struct who who;
    enum lang lang;
    struct str token; /* session cookie's text; empty: none */
    struct bytes32 token_hash;
    bool token_known; /* the store knows it */
    struct bytes32 certificate_hash;
    bool certificate_known; /* a person's, see who.h */
    struct str anonymous;   /* pre-login CSRF cookie */
    struct str csrf;
    bool csrf_passed;

    struct raws raws;
    void *form;
    struct page_error *errors; /* shown on pages and in the problem document */
    size_t errors_n, errors_cap;
    bool bad_form; /* errors found by binding */
    bool asked;    /* req_invalid was called */

    struct buf *body;                /* heap, wiped */
    uint64_t body_read, body_length; /* length SIZE_MAX: not announced */
    bool body_ended;

    struct page_flash *flash;
    struct defer *defers;
    bool worn;
};

struct resp_sink {
    struct req *rq;
    uint64_t sent;
};

/* A body from here on is a large transfer: half of the workers at most are at one. */
#define EXCHANGE_LARGE (UINT64_C(64) << 20)
/* Take one of those turns. E_LIMIT "rate-limited", with Retry-After, when there is none. */
enum err exchange_take_turn(struct req *rq) MUST_CHECK;
/* Send the body of a streamed answer. False: it broke off, the connection must be cut. */
bool exchange_send_stream(struct req *rq, uint64_t *sent);

/* The error list of page.h; `text` is translated already. */
void exchange_add_error(struct req *rq, struct str field, struct str text);
/* What resp_bytes does, for answers of our own that cannot fail. */
void exchange_bytes(struct resp *rs, const char *type, struct bytes data);
