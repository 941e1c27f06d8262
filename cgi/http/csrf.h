/*
 * csrf.h - private to http/: proof that a change was asked for from a page of ours.
 *
 * The token is an HMAC over the session's token hash (or, before sign-in, over a random `__Host-`
 * cookie), so it needs no storage and dies with the session. It is masked anew for each page, so
 * that compressed pages cannot leak it (BREACH).
 */
#pragma once

#include "base/secret.h"

/* A masked token for the binding (session token hash, or anonymous cookie text). */
struct str csrf_token(struct arena *a, const struct secret *key, struct bytes binding);
/* Whether the token fits the binding; constant time. */
bool csrf_check(struct arena *a, const struct secret *key, struct bytes binding, struct str token);
/*
 * What the browser says of the sender: false when Sec-Fetch-Site is cross-site or same-site, or
 * Origin is present and not `own`. Clients that send neither pass here (they still need the token).
 */
bool csrf_origin_ours(struct str sec_fetch_site, struct str origin, struct str own);
