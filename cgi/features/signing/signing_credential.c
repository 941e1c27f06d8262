/* signing_credential.c - rules of credentials and API clients: who may use which key (P3-24). */
#include "features/signing/signing.h"

#include "base/crypto.h"
#include "features/authority/authority.h"
#include "store/gen/signing.q.h"

static const char *const state_names[] = { "active", "hold", "locked", "revoked" };
_Static_assert(sizeof state_names / sizeof *state_names == SIGNING_CREDENTIAL_STATE__MAX,
               "a name for each");

const char *signing_credential_state_name(enum signing_credential_state s)
{
    return (unsigned)s < SIGNING_CREDENTIAL_STATE__MAX ? state_names[s] : NULL;
}

/* A state that we do not know is as good as revoked. */
static enum signing_credential_state state_of(struct str name)
{
    unsigned i = 0;
    while (i < SIGNING_CREDENTIAL_REVOKED && !str_eq_z(name, state_names[i]))
        i++;
    return (enum signing_credential_state)i;
}

static uint32_t tries_left(uint32_t failures)
{
    return failures < SIGNING_PIN_TRIES ? SIGNING_PIN_TRIES - failures : 0;
}

/* One expression for the generated row types, which have the same members. */
#define CREDENTIAL_OF(r)                                                                           \
    ((struct signing_credential){ .id = (r)->id,                                                   \
                                  .public_id = (r)->public_id,                                     \
                                  .label = (r)->label,                                             \
                                  .key_kind = (r)->key_kind,                                       \
                                  .account = (r)->account_id,                                      \
                                  .tenant = (r)->tenant_id,                                        \
                                  .pin_bound = (r)->pin_bound,                                     \
                                  .state = state_of((r)->state),                                   \
                                  .pin_failures = (r)->pin_failures,                               \
                                  .pin_left = tries_left((r)->pin_failures),                       \
                                  .created = (r)->created_at,                                      \
                                  .pin_changed = (r)->pin_changed_at,                              \
                                  .certificate = (r)->certificate_id,                              \
                                  .key_blob = (r)->key_blob,                                       \
                                  .spki = (r)->spki,                                               \
                                  .key_id = (r)->key_id })

/* Call one of the list statements and turn its rows into credentials. */
#define LIST(query, call)                                                                          \
    do {                                                                                           \
        struct query *got;                                                                         \
        TRY(query call);                                                                           \
        *rows = ARENA_ARRAY(tx_arena(tx), *n, struct signing_credential);                          \
        for (size_t i = 0; i < *n; i++)                                                            \
            (*rows)[i] = CREDENTIAL_OF(&got[i]);                                                   \
    } while (0)

enum err signing_credential_list(struct tx *tx, struct signing_owner owner,
                                 struct signing_credential **rows, size_t *n)
{
    if (owner.account.v != 0)
        LIST(q_credential_by_account, (tx, owner.tenant, owner.account, &got, n));
    else if (owner.client.v != 0)
        LIST(q_credential_by_client, (tx, owner.tenant, owner.client, &got, n));
    else
        LIST(q_credential_seals, (tx, owner.tenant, &got, n));
    return E_OK;
}

enum err signing_credential_find(struct tx *tx, struct signing_owner owner, struct str public_id,
                                 struct signing_credential *out)
{
    enum err e;
    if (owner.account.v != 0) {
        struct q_credential_of_account r;
        e = q_credential_of_account(tx, owner.tenant, owner.account, public_id, &r);
        if (e == E_OK)
            *out = CREDENTIAL_OF(&r);
    } else {
        struct q_credential_of_client r;
        e = q_credential_of_client(tx, owner.tenant, owner.client, public_id, &r);
        if (e == E_OK)
            *out = CREDENTIAL_OF(&r);
    }
    if (e == E_ABSENT)
        return FAIL(E_ABSENT, "credential-unknown", "not bound to who asks");
    return e;
}

enum err signing_credential_holder(struct tx *tx, struct str public_id, struct signing_owner *out)
{
    struct q_credential_holder row;
    TRY(q_credential_holder(tx, public_id, &row));
    *out = (struct signing_owner){ .tenant = row.tenant_id, .account = row.account_id };
    return E_OK;
}

enum err signing_credential_hold(struct tx *tx, struct tenant_id tenant, struct str public_id,
                                 bool hold, struct str reason, const struct audit_by *by)
{
    struct str from = hold ? STR("active") : STR("hold"), to = hold ? STR("hold") : STR("active");
    uint64_t changed;

    TRY(q_credential_hold(tx, tenant, public_id, from, to, hold ? reason : STR_ABSENT, &changed));
    if (changed == 0)
        return FAIL(E_STATE, "credential-state", "not %s, or unknown", from.p);
    struct audit_entry e = { .by = *by,
                             .tenant = tenant,
                             .action =
                                 hold ? "signing.credential.hold" : "signing.credential.release",
                             .object_kind = "credential",
                             .object = public_id };
    return audit_write(tx, &e);
}

struct str signing_certificate_state(const struct authority_certificate *c, struct timestamp now)
{
    switch (c->state) {
    case AUTHORITY_REQUESTED:
    case AUTHORITY_SIGNING:
        return STR("pending");
    case AUTHORITY_SUSPENDED:
        return STR("hold");
    case AUTHORITY_REVOKED:
        return STR("revoked");
    case AUTHORITY_ISSUED:
        return timestamp_cmp(now, c->not_after) > 0    ? STR("expired")
               : timestamp_cmp(now, c->not_before) < 0 ? STR("pending")
                                                       : STR("good");
    case AUTHORITY_REFUSED:
    case AUTHORITY__STATES:
        break;
    }
    return STR("refused");
}

enum err signing_credential_certificate(struct tx *tx, const struct signing_credential *c,
                                        struct timestamp now, struct signing_certificate *out)
{
    struct authority_certificate x;
    TRY(authority_certificate(tx, c->tenant, c->certificate, &x));
    *out = (struct signing_certificate){ .subject = x.subject,
                                         .serial = x.serial,
                                         .not_before = x.not_before,
                                         .not_after = x.not_after,
                                         .state = signing_certificate_state(&x, now) };
    return E_OK;
}

enum err signing_credential_adopt(struct tx *tx, struct signing_owner owner, struct str label,
                                  const struct signing_made_key *key,
                                  struct certificate_id certificate, const struct audit_by *by,
                                  struct timestamp now)
{
    struct credential_id row;

    TRY(q_credential_add(tx, key->public_id, owner.tenant, owner.account, label, key->key_kind,
                         key->blob, owner.account.v != 0, key->spki, sha256(key->spki), certificate,
                         now, &row));
    struct audit_entry e = { .by = *by,
                             .tenant = owner.tenant,
                             .action = "signing.credential.create",
                             .object_kind = "credential",
                             .object = key->public_id };
    return audit_write(tx, &e);
}

enum err signing_credential_renewed(struct tx *tx, struct tenant_id tenant,
                                    struct certificate_id old, struct certificate_id renewed)
{
    uint64_t changed;

    return q_credential_renewed(tx, tenant, old, renewed, &changed);
}

/* --- API clients --- */

#define CLIENT_OF(r)                                                                               \
    ((struct signing_client){ (r)->id, (r)->tenant_id, (r)->name, (r)->personal,                   \
                              (r)->assertion_level, (r)->per_minute, (r)->max_bytes })

static enum err client_usable(struct str state)
{
    if (str_eq_z(state, "active"))
        return E_OK;
    if (str_eq_z(state, "suspended"))
        return FAIL(E_AUTH, "client-suspended", "suspended client");
    if (str_eq_z(state, "ended"))
        return FAIL(E_AUTH, "contract-ended", "the contract is over (P3-145)");
    return FAIL(E_AUTH, "client-revoked", "revoked client");
}

enum err signing_client_by_certificate(struct tx *tx, struct str pem, struct timestamp now,
                                       struct signing_client *out)
{
    struct authority_certificate x;
    struct q_client_by_certificate r;
    enum err e;

    TRY(authority_client_certificate(tx, pem, "client", now, &x));
    e = q_client_by_certificate(tx, x.id, now, &r);
    if (e == E_ABSENT)
        return FAIL(E_AUTH, "client-unknown", "certificate of no client");
    if (e != E_OK)
        return e;
    TRY(client_usable(r.state));
    *out = CLIENT_OF(&r);
    return E_OK;
}

enum err signing_client_get(struct tx *tx, struct client_id id, struct signing_client *out)
{
    struct q_client_get r;
    TRY(q_client_get(tx, id, &r));
    *out = CLIENT_OF(&r);
    return E_OK;
}

enum err signing_client_make(struct tx *tx, struct tenant_id tenant, struct str name,
                             struct certificate_id certificate, bool personal,
                             uint32_t assertion_level, const struct audit_by *by,
                             struct timestamp now, struct client_id *out)
{
    TRY(q_client_add(tx, tenant, name, personal, assertion_level, now, out));
    TRY(q_client_certificate_add(tx, certificate, *out, now));
    struct audit_entry e = { .by = *by,
                             .tenant = tenant,
                             .action = "signing.client.create",
                             .object_kind = "client",
                             .object = audit_id(tx_arena(tx), out->v) };
    return audit_write(tx, &e);
}

enum err signing_client_allow(struct tx *tx, struct client_id client, struct str credential,
                              const struct audit_by *by)
{
    uint64_t changed;
    TRY(q_client_credential_add(tx, client, credential, &changed));
    if (changed == 0)
        return FAIL(E_ABSENT, "credential-unknown", "no seal of the client's tenant");
    struct audit_entry e = { .by = *by,
                             .action = "signing.client.allow",
                             .object_kind = "credential",
                             .object = credential };
    return audit_write(tx, &e);
}
