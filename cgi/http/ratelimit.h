/*
 * ratelimit.h - how often an address or an account may do something. Counters live in the database
 * (the rate_count hook), so that they hold for all workers and machines; the decision is made here,
 * with a sliding window made of two fixed ones.
 */
#pragma once

#include "base/clock.h"

enum rate_scope { RATE_ADDRESS = 1, RATE_ACCOUNT = 2, RATE_CLIENT = 4 };

struct rate {
    const char *name; /* "login": counters of one name are shared by all routes that use it */
    uint32_t scopes;  /* enum rate_scope; each scope is counted on its own */
    uint32_t limit;   /* requests in a window */
    int64_t window_us;
};

/* What the counter hook is asked: add `add` to (name, scope, subject, window). */
struct rate_key {
    const char *name;
    enum rate_scope scope;
    struct str subject;      /* address (IPv6: its /64), account or client number */
    struct timestamp window; /* start of the current window */
    int64_t window_us;
    uint32_t add;
};

/* Counts after adding: of this window, and of the one before it. */
struct rate_counts {
    uint64_t current, previous;
};

struct rate_verdict {
    bool allowed;
    uint32_t retry_after_s; /* when not */
};

/* Decide; `now` lies in the key's window. */
struct rate_verdict ratelimit_judge(const struct rate *rate, struct rate_counts counts,
                                    struct timestamp now);
/* Start of the window that holds `now`. */
struct timestamp ratelimit_window(const struct rate *rate, struct timestamp now);
/* The part of a remote address that is counted: IPv4 whole, IPv6 its /64. */
struct str ratelimit_subject(struct arena *a, struct str address);
