/* operators.c - who is behind an operator's certificate; see operators.h */
#include "features/operators/operators.h"

#include "base/encoding.h"
#include "base/json.h"
#include "base/roles.h"
#include "store/db.h"
#include "store/gen/operators.q.h"

#define PAUSE_US (30 * MINUTE_US)
#define SEEN_EVERY_US MINUTE_US
#define REFUSED_EVERY_US (10 * MINUTE_US)

/* "end_user,lra_operator" */
static uint32_t roles_from(struct arena *a, struct str list)
{
    uint32_t roles = 0;

    for (size_t at = 0; at < list.n;) {
        size_t end = str_find(list, ',', at);
        if (end == SIZE_MAX)
            end = list.n;
        roles |= role_from_name(str_sub(a, list, at, end));
        at = end + 1;
    }
    return roles;
}

static enum err person(struct tx *tx, struct timestamp now, struct operators_person *p,
                       struct str *email)
{
    struct q_operator_account q;

    TRY(q_operator_account(tx, p->account, p->tenant, now, &q));
    p->login = q.login;
    p->name = q.name;
    p->lang = q.lang;
    p->tenant_name = q.tenant_name;
    p->held = roles_from(tx_arena(tx), q.roles);
    if (email != NULL)
        *email = q.email;
    if (!str_eq_z(q.state, "active") || !q.runs)
        return FAIL(E_STATE, "operator-stopped", "account %llu is %s",
                    (unsigned long long)p->account.v, q.state.p);
    if ((p->held & ROLE_LRA_OPERATOR) == 0)
        return FAIL(E_STATE, "operator-role", "account %llu is no operator",
                    (unsigned long long)p->account.v);
    return E_OK;
}

enum err operators_by_certificate(struct tx *tx, struct str pem, struct timestamp now,
                                  struct operators_person *out)
{
    struct authority_certificate c;
    enum err e = authority_client_certificate(tx, pem, OPERATORS_PROFILE, now, &c);

    *out = (struct operators_person){ .certificate = { 0 } };
    if (e != E_OK && e != E_AUTH)
        return e;
    if (!str_eq_z(c.profile, OPERATORS_PROFILE) || c.account.v == 0 || c.tenant.v == 0)
        return FAIL(E_AUTH, "client-certificate-unknown", "no operator's certificate");
    *out = (struct operators_person){ .certificate = c.id,
                                      .account = c.account,
                                      .tenant = c.tenant,
                                      .not_after = c.not_after,
                                      .serial = c.serial };
    if (e != E_OK)
        return e;
    e = person(tx, now, out, NULL);
    if (e == E_ABSENT) /* the account went to another tenant: none of ours does */
        return FAIL(E_AUTH, "client-certificate-unknown", "no such account in its tenant");
    if (e == E_STATE) {
        bool stopped = strcmp(fault_current()->reason, "operator-stopped") == 0;
        return FAIL(E_AUTH, stopped ? "operator-stopped" : "operator-role", "certificate %llu",
                    (unsigned long long)c.id.v);
    }
    return e;
}

enum err operators_find(struct tx *tx, struct tenant_id tenant, struct account_id account,
                        struct timestamp now, struct operators_person *out, struct str *email)
{
    *out = (struct operators_person){ .account = account, .tenant = tenant };
    return person(tx, now, out, email);
}

/* --- visits --- */

static bool begins(const struct q_operator_visit *v, struct str address, struct timestamp now)
{
    return timestamp_is_none(v->seen_at) || now.us - v->seen_at.us >= PAUSE_US ||
           !str_eq(v->address, address);
}

static enum err read_visit(struct tx *tx, const struct operators_person *p,
                           struct q_operator_visit *v)
{
    enum err e = q_operator_visit(tx, p->certificate, p->tenant, v);

    if (e != E_ABSENT)
        return e;
    fault_clear();
    *v = (struct q_operator_visit){ .since = TIMESTAMP_NONE,
                                    .seen_at = TIMESTAMP_NONE,
                                    .address = STR(""),
                                    .refused_at = TIMESTAMP_NONE };
    return E_OK;
}

static enum err note(struct tx *tx, const struct operators_person *p, const struct audit_by *by,
                     const char *reason)
{
    struct json *detail = json_new_object();
    struct audit_entry entry = { .by = *by,
                                 .action = "operators.session.begin",
                                 .object_kind = "certificate",
                                 .object = audit_id(tx_arena(tx), p->certificate.v),
                                 .outcome = reason ? AUDIT_REFUSED : AUDIT_OK };
    struct buf b = buf_init(1024);
    enum err e;

    json_set_str(detail, "serial", p->serial);
    if (reason != NULL)
        json_set_str(detail, "reason", str_z(reason));
    e = json_write(detail, false, &b);
    if (e == E_OK)
        e = buf_to_str(&b, tx_arena(tx), &entry.detail);
    buf_free(&b);
    json_free(detail);
    return e == E_OK ? audit_write(tx, &entry) : e;
}

enum err operators_visit(struct tx *tx, const struct operators_person *p, const struct audit_by *by,
                         struct timestamp now)
{
    struct q_operator_visit v;

    TRY(read_visit(tx, p, &v));
    if (!begins(&v, by->address, now))
        return now.us - v.seen_at.us < SEEN_EVERY_US
                   ? E_OK
                   : q_operator_visit_seen(tx, p->certificate, p->tenant, now);
    TRY(q_operator_visit_begin(tx, p->certificate, p->tenant, p->account, by->address, now));
    TRY(q_operator_login(tx, p->account, p->tenant, now));
    TRY(q_operator_login_event(tx, p->account, now, by->address));
    return note(tx, p, by, NULL);
}

enum err operators_refused(struct tx *tx, const struct operators_person *p,
                           const struct audit_by *by, const char *reason, struct timestamp now)
{
    struct q_operator_visit v;

    TRY(read_visit(tx, p, &v));
    if (!timestamp_is_none(v.refused_at) && now.us - v.refused_at.us < REFUSED_EVERY_US)
        return E_OK;
    TRY(q_operator_visit_refused(tx, p->certificate, p->tenant, p->account, now));
    return note(tx, p, by, reason);
}
