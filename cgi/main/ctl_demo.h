/* ctl_demo.h - between the two files of `shomeictl demo`: what to make, and what to write. */
#pragma once

#include "base/crypto.h"
#include "features/accounts/accounts.h"
#include "features/signing/signing.h"
#include "main/ctl.h"
#include "store/db.h"

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
};

/* What a demo person signs in and signs with; in the arena. */
struct str ctl_demo_password(const struct demo *d, const char *login);
struct bytes ctl_demo_totp(const struct demo *d, const char *login);
struct str ctl_demo_pin(const struct demo *d, const char *login);
/* A URL setting without its last slash. */
struct str ctl_demo_url(const struct demo *d, const char *key);

/* Make the provider, or a customer with its contract, once. */
enum err ctl_demo_tenant(struct tx *tx, const struct demo *d,
                         const struct demo_tenant *t) MUST_CHECK;
/* Register the API client with its issued certificate and seals, once. `arg` is the struct demo. */
enum err ctl_demo_make_client(struct tx *tx, void *arg) MUST_CHECK;
/* Write DIR/api-client.pem, DIR/trust-root.pem and DIR/demo.json (DESIGN section 7). */
enum err ctl_demo_write(struct tx *tx, void *arg) MUST_CHECK;
