/* signing_system.c - see signing_system.h */
#include "features/signing/signing_system.h"

#include "features/authority/authority.h"
#include "store/gen/signing.q.h"

#define KEY_COMPROMISE 1 /* RFC 5280 5.3.1 */

static enum err certificate_of(struct tx *tx, struct tenant_id tenant, struct timestamp now,
                               const struct q_client_certificate_list *row,
                               struct signing_system_certificate *out)
{
    struct authority_certificate x;

    TRY(authority_certificate(tx, tenant, row->certificate_id, &x));
    *out = (struct signing_system_certificate){ .id = x.id,
                                                .client = row->client_id,
                                                .subject = x.subject,
                                                .serial = x.serial,
                                                .state = signing_certificate_state(&x, now),
                                                .not_before = x.not_before,
                                                .not_after = x.not_after };
    out->ends_soon =
        str_eq_z(out->state, "good") && x.not_after.us - now.us < SIGNING_SYSTEM_SOON_US;
    return E_OK;
}

/* The certificates of client `id`, out of those of the tenant. */
static enum err take_certificates(struct tx *tx, struct tenant_id tenant, struct timestamp now,
                                  const struct q_client_certificate_list *all, size_t n,
                                  struct signing_system *s)
{
    s->certificates = ARENA_ARRAY(tx_arena(tx), n, struct signing_system_certificate);
    for (size_t i = 0; i < n; i++)
        if (all[i].client_id.v == s->id.v)
            TRY(certificate_of(tx, tenant, now, &all[i], &s->certificates[s->certificates_n++]));
    return E_OK;
}

enum err signing_system_list(struct tx *tx, struct tenant_id tenant, struct timestamp now,
                             struct signing_system **rows, size_t *n)
{
    struct q_client_certificate_list *all;
    struct q_client_list *got;
    size_t all_n;

    TRY(q_client_list(tx, tenant, &got, n));
    TRY(q_client_certificate_list(tx, tenant, &all, &all_n));
    *rows = ARENA_ARRAY(tx_arena(tx), *n, struct signing_system);
    for (size_t i = 0; i < *n; i++) {
        (*rows)[i] = (struct signing_system){ .id = got[i].id,
                                              .name = got[i].name,
                                              .active = str_eq_z(got[i].state, "active"),
                                              .personal = got[i].personal,
                                              .assertion_level = got[i].assertion_level,
                                              .per_minute = got[i].per_minute,
                                              .created = got[i].created_at };
        TRY(take_certificates(tx, tenant, now, all, all_n, &(*rows)[i]));
    }
    return E_OK;
}

enum err signing_system_find(struct tx *tx, struct tenant_id tenant, struct client_id id,
                             struct timestamp now, struct signing_system *out)
{
    struct signing_system *rows;
    size_t n;

    TRY(signing_system_list(tx, tenant, now, &rows, &n));
    for (size_t i = 0; i < n; i++)
        if (rows[i].id.v == id.v) {
            *out = rows[i];
            return E_OK;
        }
    return FAIL(E_ABSENT, "system-unknown", "no client of the tenant");
}

enum err signing_system_seals(struct tx *tx, struct tenant_id tenant, struct client_id id,
                              struct str **labels, size_t *n)
{
    struct q_client_seals *got;

    TRY(q_client_seals(tx, tenant, id, &got, n));
    *labels = ARENA_ARRAY(tx_arena(tx), *n, struct str);
    for (size_t i = 0; i < *n; i++)
        (*labels)[i] = got[i].label;
    return E_OK;
}

static enum err note(struct tx *tx, struct tenant_id tenant, struct client_id id,
                     const char *action, const struct audit_by *by)
{
    struct audit_entry e = { .by = *by,
                             .tenant = tenant,
                             .action = action,
                             .object_kind = "client",
                             .object = audit_id(tx_arena(tx), id.v) };
    return audit_write(tx, &e);
}

enum err signing_system_suspend(struct tx *tx, struct tenant_id tenant, struct client_id id,
                                bool suspend, const struct audit_by *by)
{
    struct str from = suspend ? STR("active") : STR("suspended");
    struct str to = suspend ? STR("suspended") : STR("active");
    uint64_t changed;

    TRY(q_client_state_set(tx, tenant, id, from, to, &changed));
    if (changed == 0)
        return FAIL(E_STATE, "system-state", "not %s, or unknown", from.p);
    return note(tx, tenant, id, suspend ? "signing.client.suspend" : "signing.client.resume", by);
}

enum err signing_system_revoke(struct tx *tx, struct tenant_id tenant, struct client_id id,
                               struct certificate_id certificate, struct timestamp now,
                               const struct audit_by *by)
{
    struct signing_system s = { .certificates_n = 0 };
    bool own = false;

    TRY(signing_system_find(tx, tenant, id, now, &s));
    for (size_t i = 0; i < s.certificates_n; i++)
        own = own || s.certificates[i].id.v == certificate.v;
    if (!own)
        return FAIL(E_ABSENT, "certificate-unknown", "no certificate of this client");
    TRY(authority_revoke(tx, tenant, certificate, KEY_COMPROMISE, now));
    return note(tx, tenant, id, "signing.client.revoke-certificate", by);
}
