/*
 * registration_check.c - everything that is checked about an application, at once, so that
 * applicant and reviewer see the same (P3-44). What profiles/ knows (fields, namespace, keys) it
 * says; here are who may apply, the request, names certified already, and renewals.
 */
#include "features/registration/registration_inside.h"

#include "base/crypto.h"
#include "base/encoding.h"
#include "features/accounts/accounts.h"
#include "pki/csr.h"
#include "store/db.h"
#include "store/gen/registration.q.h"

enum { FINDINGS_MAX = 120 };

struct findings {
    struct arena *a;
    struct profiles_finding *f;
    size_t n;
};

static void find(struct findings *out, const char *code, const char *field, struct str detail,
                 bool refuses)
{
    if (out->n < FINDINGS_MAX)
        out->f[out->n++] =
            (struct profiles_finding){ str_z(code), str_z(field),
                                       str_absent(detail) ? STR("") : detail, refuses };
}

static void take(struct findings *out, const struct profiles_finding *f, size_t n)
{
    for (size_t i = 0; i < n && out->n < FINDINGS_MAX; i++)
        out->f[out->n++] = f[i];
}

bool registration_refuses(const struct profiles_finding *f, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (f[i].refuses)
            return true;
    return false;
}

/* --- who may apply for what, and for whom --- */

static bool offered(const struct profile *const *list, size_t n, struct str name)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(list[i]->name, name))
            return true;
    return false;
}

enum err registration_may(struct tx *tx, struct tenant_id tenant, struct account_id account,
                          const struct profile *p)
{
    const struct profile **list;
    struct accounts_info who;
    size_t n;

    TRY(accounts_get(tx, tenant, account, &who));
    TRY(profiles_for(tx, tenant, who.roles, &list, &n));
    if (!offered(list, n, p->name))
        return FAIL(E_DENIED, "profile-not-offered", "profile %s", p->name.p);
    return E_OK;
}

/* A key that lets in here is its holder's own, or made where only its holder gets it. */
static bool others_key(const struct registration_new *n)
{
    return n->key_source == PROFILES_CSR && n->subscriber.v != n->applicant.v &&
           str_eq_z(n->profile, PROFILES_OPERATOR);
}

static enum err check_subscriber(struct tx *tx, const struct registration_new *n, uint32_t roles,
                                 struct findings *out)
{
    struct accounts_info who;

    if (n->subscriber.v == 0) {
        find(out, "subscriber-missing", "", STR_ABSENT, true);
        return E_OK;
    }
    if (others_key(n) ||
        (n->subscriber.v != n->applicant.v && !(roles & (ROLE_CUSTOMER_ADMIN | ROLE_LRA_OPERATOR))))
        find(out, "not-for-others", "", STR_ABSENT, true);
    enum err e = accounts_get(tx, n->tenant, n->subscriber, &who);
    if (e == E_ABSENT) {
        fault_clear();
        find(out, "subscriber-unknown", "", STR_ABSENT, true);
        return E_OK;
    }
    TRY(e);
    if (who.state == ACCOUNTS_CLOSED || who.state == ACCOUNTS_SUSPENDED)
        find(out, "subscriber-stopped", "", STR_ABSENT, true);
    return E_OK;
}

static enum err check_who(struct tx *tx, const struct registration_new *n, const struct profile *p,
                          struct findings *out)
{
    const struct profile **list;
    struct accounts_info applicant;
    uint32_t roles;
    size_t count;

    TRY(accounts_get(tx, n->tenant, n->applicant, &applicant));
    roles = applicant.roles;
    if (applicant.state == ACCOUNTS_CLOSED || applicant.state == ACCOUNTS_SUSPENDED)
        find(out, "applicant-stopped", "", STR_ABSENT, true);
    if (str_eq_z(n->via, "bulk") &&
        (roles & ROLE_LRA_OPERATOR)) /* acts as registration authority */
        roles |= ROLE_CUSTOMER_ADMIN;
    TRY(profiles_for(tx, n->tenant, roles, &list, &count));
    if (!offered(list, count, p->name))
        find(out, "profile-not-offered", "", STR_ABSENT, true);
    if (!(p->keys & (uint32_t)n->key_source))
        find(out, "key-source", "", STR_ABSENT, true);
    if (p->person)
        TRY(check_subscriber(tx, n, applicant.roles, out));
    if ((int64_t)n->validity_days * DAY_US > p->x509.validity_us)
        find(out, "validity-too-long", "", STR_ABSENT, true);
    return E_OK;
}

/* --- names --- */

/* Another person's certificate of the same name and address is refused: names are to tell people
 * apart (RFC 3647 4.3.1, uniqueness of names). */
static bool somebody_elses(const struct profile *p, const struct registration_new *n,
                           const struct q_application_same_name *c, struct str email)
{
    return p->person && c->account.v != 0 && c->account.v != n->subscriber.v &&
           str_eq_ci(c->email, email);
}

static enum err check_certified(struct tx *tx, const struct registration_new *n,
                                const struct profile *p, const struct registration_names *names,
                                struct timestamp now, struct findings *out)
{
    struct q_application_same_title *waiting;
    struct q_application_same_name *rows;
    size_t count;

    TRY(q_application_same_name(tx, n->tenant, p->name, names->common_name, names->der, now,
                                n->renews, &rows, &count));
    for (size_t i = 0; i < count; i++)
        if (somebody_elses(p, n, &rows[i], names->email))
            find(out, "name-of-somebody-else", "", STR_ABSENT, true);
        else
            find(out, "name-certified", "",
                 rows[i].serial.p ? hex_encode(out->a, rows[i].serial) : STR_ABSENT, false);
    TRY(q_application_same_title(tx, n->tenant, p->name, names->title, n->draft, &waiting, &count));
    if (count > 0)
        find(out, "name-applied", "", waiting[0].receipt, false);
    return E_OK;
}

static enum err check_names(struct tx *tx, const struct registration_new *n,
                            const struct profile *p, struct timestamp now, struct findings *out,
                            struct registration_names *names)
{
    struct account_id subscriber = p->person ? n->subscriber : (struct account_id){ 0 };
    struct profiles_finding *f;
    size_t count;

    TRY(profiles_judge(tx, p, n->values, n->values_n, &f, &count));
    take(out, f, count);
    TRY(profiles_own(tx, p, n->tenant, subscriber, n->values, n->values_n, &f, &count));
    take(out, f, count);
    TRY(profiles_namespace(tx, n->tenant, p, n->values, n->values_n, &f, &count));
    take(out, f, count);
    enum err e = registration_names_of(tx, p, n->values, n->values_n, names);
    if (e == E_INPUT) { /* profiles_judge() has said why */
        if (!registration_refuses(out->f, out->n))
            find(out, fault_current()->reason, "", STR_ABSENT, true);
        fault_clear();
        return E_OK;
    }
    TRY(e);
    return check_certified(tx, n, p, names, now, out);
}

/* --- the request and its key --- */

/* What the request asks for is not what counts: say so where it differs. */
static void compare_names(const struct csr *csr, const struct registration_names *names,
                          struct findings *out)
{
    struct str asked = name_text(out->a, csr->subject);

    if (names->der.p && csr->subject.n > 2 && !bytes_eq(csr->subject, names->der))
        find(out, "csr-names-ignored", "csr", str_printable(out->a, asked, 200), false);
}

static enum err check_key(struct tx *tx, const struct registration_new *n, const struct profile *p,
                          struct bytes spki, struct findings *out)
{
    struct account_id subscriber = p->person ? n->subscriber : (struct account_id){ 0 };
    struct q_application_same_key same;
    struct profiles_finding *f;
    size_t count;

    TRY(profiles_key(tx, p, spki, n->tenant, subscriber, &f, &count));
    take(out, f, count);
    TRY(q_application_same_key(tx, sha256(spki), n->tenant, subscriber, n->draft, &same));
    if (same.others > 0)
        find(out, "key-applied-by-others", "csr", STR_ABSENT, true);
    else if (same.own > 0)
        find(out, "key-applied", "csr", STR_ABSENT, false);
    return E_OK;
}

static enum err check_request(struct tx *tx, const struct registration_new *n,
                              const struct profile *p, const struct registration_names *names,
                              struct findings *out)
{
    struct csr csr;
    enum err e;

    if (n->key_source != PROFILES_CSR && n->key_source != PROFILES_HSM && n->csr.n == 0)
        return E_OK;
    if (n->csr.n == 0) {
        if (n->key_source == PROFILES_CSR)
            find(out, "csr-missing", "csr", STR_ABSENT, true);
        return E_OK;
    }
    e = csr_parse(n->csr, out->a, &csr);
    if (e == E_OK)
        e = csr_verify(&csr);
    if (e == E_INPUT || e == E_UNSUPPORTED) {
        const char *reason = fault_current()->reason;
        find(out, str_dup(out->a, str_z(reason[0] ? reason : "csr-malformed")).p, "csr", STR_ABSENT,
             true);
        fault_clear();
        return E_OK;
    }
    TRY(e);
    compare_names(&csr, names, out);
    return check_key(tx, n, p, csr.spki, out);
}

/* --- renewals --- */

static enum err check_renewal(struct tx *tx, const struct registration_new *n,
                              const struct profile *p, struct findings *out)
{
    struct account_id subscriber = p->person ? n->subscriber : (struct account_id){ 0 };
    struct q_application_renewed old;
    enum err e;

    if (n->renews.v == 0)
        return E_OK;
    e = q_application_renewed(tx, n->tenant, n->renews, n->draft, &old);
    if (e == E_ABSENT) {
        fault_clear();
        find(out, "renews-unknown", "", STR_ABSENT, true);
        return E_OK;
    }
    TRY(e);
    if (!str_eq(old.profile, p->name) || old.account.v != subscriber.v)
        find(out, "renews-unknown", "", STR_ABSENT, true);
    else if (!str_eq_z(old.state, "issued") && !str_eq_z(old.state, "suspended"))
        find(out, "renews-ended", "", STR_ABSENT, true);
    if (old.replaced)
        find(out, "renewed-already", "", STR_ABSENT, true);
    if (old.open)
        find(out, "application-renewing", "", STR_ABSENT, true);
    return E_OK;
}

enum err registration_check_all(struct tx *tx, const struct registration_new *n,
                                const struct profile *p, struct timestamp now,
                                struct registration_names *names, struct profiles_finding **f,
                                size_t *count)
{
    struct arena *a = tx_arena(tx);
    struct findings out = { a, ARENA_ARRAY(a, FINDINGS_MAX, struct profiles_finding), 0 };

    *names = (struct registration_names){ .title = STR("") };
    if (!p->active)
        find(&out, "profile-retired", "", STR_ABSENT, true);
    TRY(check_who(tx, n, p, &out));
    TRY(check_names(tx, n, p, now, &out, names));
    TRY(check_request(tx, n, p, names, &out));
    TRY(check_renewal(tx, n, p, &out));
    *f = out.f;
    *count = out.n;
    return E_OK;
}

enum err registration_check(struct tx *tx, const struct registration_new *n, struct timestamp now,
                            struct profiles_finding **findings, size_t *findings_n)
{
    struct registration_names names;
    const struct profile *p;

    TRY(profiles_get(tx, n->profile, 0, &p));
    return registration_check_all(tx, n, p, now, &names, findings, findings_n);
}
