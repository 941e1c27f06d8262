/* ctl_demo.h - between the files of `shomeictl demo`: what to make, and what to write. */
#pragma once

#include "base/crypto.h"
#include "features/accounts/accounts.h"
#include "features/operators/operators.h"
#include "features/registration/registration.h"
#include "features/signing/signing.h"
#include "main/ctl.h"
#include "store/db.h"

struct json;

struct demo_tenant {
    const char *code, *name;
    enum accounts_tenant_kind kind;
};

struct demo_person {
    const char *login, *name, *lang, *tenant;
    uint32_t roles;
    const char *key_kind;    /* NULL: no signing credential */
    const char *common_name; /* in the certificate */
};

struct demo_seal {
    const char *tenant, *label, *key_kind, *common_name;
};

/* What becomes of an application. */
enum demo_fate {
    DEMO_DRAFT,
    DEMO_WAITING,
    DEMO_RETURNED,
    DEMO_HELD,
    DEMO_APPROVED, /* its key is still to be made */
    DEMO_ISSUED,
    DEMO_REJECTED,
    DEMO_WITHDRAWN,
    DEMO_BRIEF /* no application: a certificate of some seconds */
};
enum demo_end { DEMO_KEPT, DEMO_SUSPENDED, DEMO_REVOKED };

enum { DEMO_FIELDS = 2 };
struct demo_case {
    const char *name;                   /* of the case and of its files */
    const char *applicant, *subscriber; /* logins; subscriber NULL: a device or system */
    const char *profile;
    struct {
        const char *name, *value;
    } fields[DEMO_FIELDS];    /* beside those that are known */
    enum profiles_key source; /* 0: a request of its own key */
    uint32_t days;            /* 0: the profile's */
    enum demo_fate fate;
    const char *reviewer, *note;
    enum demo_end end; /* what becomes of the certificate, by whom, why */
    uint32_t reason;
    const char *ender;
    bool keep_key; /* beside the certificate, for connecting with it */
};

/* What was made before, as the audit log tells. */
struct demo_made {
    struct str name, kind;
    uint64_t id;
};

struct demo {
    struct ctl *c;
    struct db *db, *side;
    struct secret *master;
    const char *out; /* directory of demo.json */
    struct timestamp now;
    const struct demo_person *person; /* being made */
    const struct demo_seal *seal;
    struct certificate_id client_certificate;
    bool waiting; /* some certificate is not issued yet */
    const struct demo_person *people;
    size_t people_n;
    const struct demo_seal *seals;
    size_t seals_n;
    const struct demo_case *making;
    struct demo_made *made;
    size_t made_n;
};

/* What a demo person signs in and signs with; in the arena. */
struct str ctl_demo_password(const struct demo *d, const char *login);
struct bytes ctl_demo_totp(const struct demo *d, const char *login);
struct str ctl_demo_pin(const struct demo *d, const char *login);
/* A file in the folder of demo.json. */
struct str ctl_demo_path(const struct demo *d, const char *name);
/* Code of the customer of a demo person. */
const char *ctl_demo_tenant_of(const char *login);
/* A URL setting without its last slash. */
struct str ctl_demo_url(const struct demo *d, const char *key);

/* Read d->made. `arg` is the struct demo. */
enum err ctl_demo_made_load(struct tx *tx, void *arg) MUST_CHECK;
/* What was made under that name; NULL: not yet. */
const struct demo_made *ctl_demo_made(const struct demo *d, struct str name);
/* Note that it is made, in the transaction that makes it. */
enum err ctl_demo_mark(struct tx *tx, struct str name, const char *kind, uint64_t id) MUST_CHECK;

const struct demo_case *ctl_demo_cases(size_t *n);
/* Make those that are missing; then, when the worker has issued, suspend and revoke. */
enum err ctl_demo_make_cases(struct demo *d) MUST_CHECK;
enum err ctl_demo_end_cases(struct demo *d) MUST_CHECK;
/* The certificate of a case; its id is 0 when there is none (yet). */
enum err ctl_demo_certificate(struct tx *tx, const struct demo *d, const struct demo_case *c,
                              struct authority_certificate *out) MUST_CHECK;
/* Write their files, and `certificates` and `operators` of demo.json. */
enum err ctl_demo_certificates(struct tx *tx, struct demo *d, struct json *root) MUST_CHECK;

/* Make the provider, or a customer with its contract, once. */
enum err ctl_demo_tenant(struct tx *tx, const struct demo *d,
                         const struct demo_tenant *t) MUST_CHECK;
/* Register the API client with its issued certificate and seals, once. `arg` is the struct demo. */
enum err ctl_demo_make_client(struct tx *tx, void *arg) MUST_CHECK;
/* Write DIR/api-client.pem, DIR/trust-root.pem and DIR/demo.json (DESIGN section 7). */
enum err ctl_demo_write(struct tx *tx, void *arg) MUST_CHECK;
