/*
 * who.h - who is asking: the result of authentication, and the words with which a route says whom
 * it admits. Filled by hooks of main/ (http/ knows no database), read by dispatch and handlers.
 */
#pragma once

#include "base/ids.h"
#include "base/roles.h"
#include "base/str.h"

/* Beyond the role bits of base/roles.h. A route's `who` is an OR of these and of role bits. */
#define WHO_ANYONE (1u << 31)  /* also without any login */
#define WHO_ACCOUNT (1u << 30) /* any fully signed-in account */
#define WHO_CLIENT (1u << 29)  /* a verified client certificate that is registered with us */

/* All zero: nobody. Strings live in the request's arena. */
struct who {
    struct account_id account; /* v = 0: not signed in */
    struct tenant_id tenant;
    struct session_id session;
    struct client_id client; /* v = 0: no (known) client certificate of a system */
    /* v != 0: a person by a certificate of their own, instead of a session (operator port) */
    struct certificate_id certificate;
    uint32_t roles;     /* bits of enum role, as far as they count in this program */
    uint32_t held;      /* all of them, also those that count elsewhere only; 0: as `roles` */
    bool second_factor; /* this session gave a second factor, or the certificate stands for both */
    bool pending;       /* password given, second factor due: nobody but to ROUTE_PENDING routes */
    struct str login, name;
    struct str lang; /* "ja", "en", or empty: no choice stored */
};
