/* authority_make_work.h - making an authority with its services, for init and ceremonies. */
#pragma once

#include "features/audit/audit.h"
#include "features/authority/authority_inside.h"
#include "features/authority/authority_work.h"
#include "sign/keys.h"

/* Who makes authorities, with what. */
struct authority_maker {
    struct db *db;
    struct hsm *ca, *status;
    struct arena *arena; /* for the whole run */
    struct authority_plan plan;
    struct audit_by by;
};

/* What one authority, or the key of one of its services, is to be. */
struct authority_making {
    const struct authority_maker *maker;
    const char *name, *parent, *label, *cn, *profile;
    enum key_kind kind;
    uint32_t crl_days, crl_parts;
    bool external; /* somebody else's authority will certify it */
    /* on the way */
    struct bytes spki, subject;
    struct certificate_id certificate;
};

/* Make key, row and (unless external) certificate, or what an earlier run has left. */
enum err authority_make(const struct authority_maker *in, struct authority_making m) MUST_CHECK;
/* The same for a key of the status token: `profile` "ocsp" or "tsa" under `parent`. */
enum err authority_make_service(const struct authority_maker *in,
                                struct authority_making m) MUST_CHECK;
