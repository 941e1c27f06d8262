/*
 * cookie.h - cookies: reading the Cookie header (RFC 6265 5.4 as senders write it) and making
 * Set-Cookie values (4.1).
 */
#pragma once

#include "base/str.h"

enum cookie_same_site { COOKIE_LAX, COOKIE_STRICT };

struct cookie {
    struct str name, value;
};

/*
 * Take the next pair of a Cookie header from *at; false at the end. Pairs without '=' and pairs
 * whose name is empty are passed over. Values are returned as sent (quotes kept), any bytes but
 * controls.
 */
bool cookie_next(struct arena *a, struct str header, size_t *at, struct cookie *out);
/*
 * The value of a cookie; absent when it was not sent, or sent twice: a sub-domain could have
 * planted the second one.
 */
struct str cookie_get(struct arena *a, struct str header, const char *name);
/*
 * A Set-Cookie value: Path=/, Secure, HttpOnly. max_age_s < 0 means until the browser closes, 0
 * removes. Name and value must be tokens of our own making.
 */
struct str cookie_make(struct arena *a, const char *name, struct str value, int64_t max_age_s,
                       enum cookie_same_site same_site);
