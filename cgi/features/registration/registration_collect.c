/* registration_collect.c - links to make keys and collect certificates; see registration_collect.h
 */
#include "features/registration/registration_collect.h"

#include "base/crypto.h"
#include "base/random.h"
#include "features/authority/authority.h"
#include "features/registration/registration_inside.h"
#include "store/db.h"
#include "store/gen/registration_collect.q.h"

enum { DAYS_DEFAULT = 14, CHAIN_MAX = 8 };

static uint32_t days_good = DAYS_DEFAULT;

void registration_collect_init(uint32_t days)
{
    days_good = days > 0 ? days : DAYS_DEFAULT;
}

static struct bytes32 token_hash(struct str token)
{
    return sha256(bytes_of_str(token));
}

enum err registration_link_make(struct tx *tx, const struct registration *r, struct timestamp now,
                                struct str *token, struct timestamp *expires)
{
    const struct audit_by by = { .tenant = r->tenant, .name = STR("worker") };
    struct arena *a = tx_arena(tx);
    struct str code = str_fmt(a, "%08llu", (unsigned long long)random_below(100000000));
    uint64_t changed;

    *token = random_token(a, 32);
    *expires = timestamp_add(now, (int64_t)days_good * DAY_US);
    TRY(q_collect_void(tx, r->id, r->tenant, &changed));
    TRY(q_collect_add(tx, r->id, r->tenant, token_hash(*token), code, now, *expires));
    return audit_note(tx, &by, "registration.link.make", "application", r->id.v, NULL);
}

/* --- opening --- */

static enum registration_link_state state_of(struct str name)
{
    return str_eq_z(name, "open")   ? REGISTRATION_LINK_OPEN
           : str_eq_z(name, "made") ? REGISTRATION_LINK_MADE
                                    : REGISTRATION_LINK_DONE;
}

/* One failure more; at the limit nothing of the link can be used again. */
static enum err count_failure(struct tx *tx, uint64_t id, struct tenant_id tenant,
                              uint32_t failures, const char *action)
{
    const struct audit_by by = { .tenant = tenant, .name = STR("portal") };
    uint64_t changed;

    TRY(q_collect_failed(tx, id, tenant, &changed));
    if (failures + 1 >= REGISTRATION_COLLECT_TRIES)
        TRY(q_collect_shut(tx, id, tenant, &changed));
    struct audit_entry e = { .by = by,
                             .action = action,
                             .object_kind = "collect_link",
                             .object = audit_id(tx_arena(tx), id),
                             .outcome = AUDIT_REFUSED };
    return audit_write(tx, &e);
}

static enum err check_person(struct tx *tx, const struct q_collect_lock *row,
                             const struct registration *r, struct account_id account,
                             struct str code)
{
    if (r->subscriber.v != 0 && account.v == 0)
        return FAIL(E_AUTH, "link-sign-in", "the subscriber signs in");
    if (r->subscriber.v != 0)
        return account.v == r->subscriber.v
                   ? E_OK
                   : FAIL(E_DENIED, "link-not-yours", "another account than the subscriber's");
    if (account.v == r->applicant.v)
        return E_OK;
    if (str_empty(code))
        return FAIL(E_AUTH, "link-code", "the code is needed");
    if (bytes_eq_secret(bytes_of_str(code), bytes_of_str(row->code)))
        return E_OK;
    TRY(count_failure(tx, row->id, row->tenant, row->failures, "registration.link.code"));
    return FAIL(E_AUTH, "link-code-wrong", "wrong code");
}

enum err registration_link_open(struct tx *tx, struct str token, struct account_id account,
                                struct str code, struct timestamp now,
                                struct registration_link *out)
{
    struct q_collect_lock row;
    enum err e = q_collect_lock(tx, token_hash(token), &row);

    if (e == E_ABSENT)
        return FAIL(E_ABSENT, "link-unknown", "no such link");
    TRY(e);
    *out = (struct registration_link){ .id = row.id,
                                       .token = token,
                                       .state = state_of(row.state),
                                       .failures = row.failures,
                                       .sealed = row.sealed_key.p != NULL,
                                       .salt = row.salt,
                                       .sealed_key = row.sealed_key,
                                       .sealed_until = row.sealed_until,
                                       .expires = row.expires_at };
    TRY(registration_get(tx, row.tenant, row.application, &out->r));
    if (str_eq_z(row.state, "void") || timestamp_cmp(now, row.expires_at) > 0 ||
        out->r.state == REGISTRATION_WITHDRAWN)
        return FAIL(E_STATE, "link-ended", "void or expired");
    if (out->sealed && timestamp_cmp(now, row.sealed_until) > 0)
        out->sealed = false;
    return check_person(tx, &row, &out->r, account, code);
}

enum err registration_link_newest(struct tx *tx, const struct registration *r, struct timestamp now,
                                  struct registration_link_note *out)
{
    struct q_collect_newest row;

    TRY(q_collect_newest(tx, r->id, r->tenant, &row));
    *out = (struct registration_link_note){ .code = row.code,
                                            .created = row.created_at,
                                            .expires = row.expires_at,
                                            .open = str_eq_z(row.state, "open") &&
                                                    timestamp_cmp(now, row.expires_at) <= 0 };
    return E_OK;
}

enum err registration_link_again(struct tx *tx, const struct audit_by *by,
                                 const struct registration *r)
{
    uint64_t changed;

    if (r->state != REGISTRATION_APPROVED || r->csr.n > 0)
        return FAIL(E_STATE, "application-state", "no key is to be made");
    TRY(q_collect_void(tx, r->id, r->tenant, &changed));
    TRY(audit_note(tx, by, "registration.link.again", "application", r->id.v, NULL));
    return registration_mail_order(tx, r->id, REGISTRATION_MAIL_COLLECT);
}

/* --- collecting --- */

/* Days may lie between approval and key: what has ended since is not certified any more (P3-44). */
static enum err still_promised(struct tx *tx, const struct registration *r)
{
    struct profiles_finding *f;
    const struct profile *p;
    bool contract;
    size_t n;

    TRY(profiles_get(tx, r->profile, 0, &p));
    if (!p->active)
        return FAIL(E_STATE, "profile-retired", "profile %s", p->name.p);
    TRY(profiles_contract(tx, r->tenant, p, &contract));
    if (!contract)
        return FAIL(E_STATE, "profile-not-offered", "service %s has ended", p->service.p);
    TRY(profiles_namespace(tx, r->tenant, p, r->values, r->values_n, &f, &n));
    for (size_t i = 0; i < n; i++)
        if (f[i].refuses)
            return FAIL(E_STATE, f[i].code.p, "a name is outside of the namespace now");
    return E_OK;
}

enum err registration_collect_take(struct tx *tx, const struct audit_by *by,
                                   struct registration_link *link, struct bytes csr,
                                   struct bytes salt, struct bytes sealed, struct timestamp until,
                                   struct timestamp now)
{
    struct profiles_finding *f;
    const struct profile *p;
    struct bytes spki;
    uint64_t changed;
    size_t n;

    if (link->state != REGISTRATION_LINK_OPEN || link->r.csr.n > 0)
        return FAIL(E_STATE, "link-used", "the key was made before");
    if (link->r.state != REGISTRATION_APPROVED)
        return FAIL(E_STATE, "link-ended", "the application is not approved");
    TRY(still_promised(tx, &link->r));
    TRY(profiles_get(tx, link->r.profile, link->r.profile_version, &p));
    TRY(registration_request_key(tx, csr, &spki));
    TRY(profiles_key(tx, p, spki, link->r.tenant, link->r.subscriber, &f, &n));
    for (size_t i = 0; i < n; i++)
        if (f[i].refuses)
            return FAIL(E_INPUT, f[i].code.p, "the key is refused");
    TRY(registration_ask(tx, by, &link->r, csr, now));
    TRY(q_collect_made(tx, link->id, link->r.tenant, salt, sealed, until, now, &changed));
    if (changed != 1)
        return FAIL(E_STATE, "link-used", "the key was made before");
    link->state = REGISTRATION_LINK_MADE;
    return E_OK;
}

enum err registration_collect_request(struct tx *tx, const struct audit_by *by,
                                      struct registration_link *link, struct bytes csr,
                                      struct timestamp now)
{
    return registration_collect_take(tx, by, link, csr, BYTES_ABSENT, BYTES_ABSENT, TIMESTAMP_NONE,
                                     now);
}

enum err registration_collect_wrong(struct tx *tx, const struct registration_link *link,
                                    uint32_t failures)
{
    return count_failure(tx, link->id, link->r.tenant, failures, "registration.link.password");
}

enum err registration_collect_finish(struct tx *tx, const struct audit_by *by,
                                     struct registration_link *link)
{
    uint64_t changed;

    TRY(q_collect_done(tx, link->id, link->r.tenant, &changed));
    if (changed != 1)
        return FAIL(E_STATE, "link-ended", "nothing is left to fetch");
    link->state = REGISTRATION_LINK_DONE;
    return audit_note(tx, by, "registration.key.deliver", "application", link->r.id.v, NULL);
}

enum err registration_collect_chain(struct tx *tx, const struct registration *r,
                                    struct bytes **chain, size_t *n)
{
    struct authority_certificate c;
    struct bytes *above;
    size_t above_n;

    *n = 0;
    if (r->certificate.v == 0)
        return E_OK;
    TRY(authority_certificate(tx, r->tenant, r->certificate, &c));
    if (c.state == AUTHORITY_REFUSED)
        return FAIL(E_STATE, "certificate-refused", "the authority refused it");
    if (!c.der.p)
        return E_OK;
    TRY(authority_chain(tx, r->certificate, &above, &above_n));
    *chain = ARENA_ARRAY(tx_arena(tx), CHAIN_MAX, struct bytes);
    (*chain)[(*n)++] = c.der;
    for (size_t i = 0; i < above_n && *n < CHAIN_MAX; i++)
        (*chain)[(*n)++] = above[i];
    return E_OK;
}
