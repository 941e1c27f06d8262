/* operators_list.c - a tenant's operators and their certificates, for its administrator. */
#include "features/operators/operators.h"

#include "base/encoding.h"
#include "features/certificates/certificates.h"
#include "pki/crl.h"
#include "store/db.h"
#include "store/gen/operators.q.h"

static enum authority_state state_from(struct str name)
{
    int i = 0;

    while (i < AUTHORITY__STATES - 1 && !str_eq_z(name, authority_state_name(i)))
        i++;
    return (enum authority_state)i;
}

static struct operators_certificate certificate(struct arena *a, struct certificate_id id,
                                                struct str state, struct bytes serial,
                                                struct timestamp not_after, struct timestamp now)
{
    struct operators_certificate c = { .id = id,
                                       .state = state_from(state),
                                       .serial = hex_encode(a, serial),
                                       .not_after = not_after,
                                       .seen_at = TIMESTAMP_NONE,
                                       .revoked_at = TIMESTAMP_NONE };
    c.over = c.state == AUTHORITY_ISSUED && now.us >= not_after.us + SECOND_US;
    return c;
}

enum err operators_own(struct tx *tx, struct tenant_id tenant, struct timestamp now,
                       struct operators_row *row)
{
    struct q_operator_certificates *q;
    size_t n;

    TRY(q_operator_certificates(tx, tenant, row->id, STR(OPERATORS_PROFILE), &q, &n));
    row->certificates = ARENA_ARRAY(tx_arena(tx), n, struct operators_certificate);
    row->certificates_n = n;
    for (size_t i = 0; i < n; i++) {
        struct operators_certificate *c = &row->certificates[i];
        *c = certificate(tx_arena(tx), q[i].id, q[i].state, q[i].serial, q[i].not_after, now);
        c->seen_at = q[i].seen_at;
        c->revoked_at = q[i].revoked_at;
    }
    return E_OK;
}

enum err operators_list(struct tx *tx, struct tenant_id tenant, uint32_t page, uint32_t per_page,
                        struct timestamp now, struct operators_row **rows, size_t *n,
                        uint64_t *total)
{
    struct q_operator_count count;
    struct q_operator_list *q;

    TRY(q_operator_count(tx, tenant, &count));
    TRY(q_operator_list(tx, tenant, per_page, (page - 1) * per_page, &q, n));
    *total = count.total;
    *rows = ARENA_ARRAY(tx_arena(tx), *n, struct operators_row);
    for (size_t i = 0; i < *n; i++) {
        struct operators_row *r = &(*rows)[i];
        *r = (struct operators_row){ .id = q[i].id,
                                     .login = q[i].login,
                                     .name = q[i].name,
                                     .email = q[i].email,
                                     .state = q[i].state };
        TRY(operators_own(tx, tenant, now, r));
    }
    return E_OK;
}

enum err operators_one(struct tx *tx, struct tenant_id tenant, struct certificate_id id,
                       struct timestamp now, struct operators_one *out)
{
    struct q_operator_certificate q;

    TRY(q_operator_certificate(tx, tenant, id, STR(OPERATORS_PROFILE), &q));
    *out = (struct operators_one){ .c = certificate(tx_arena(tx), id, q.state, q.serial,
                                                    q.not_after, now),
                                   .account = q.account,
                                   .name = q.name,
                                   .login = q.login };
    return E_OK;
}

enum err operators_revoke(struct tx *tx, const struct audit_by *by, uint32_t roles,
                          struct certificate_id id, enum operators_why why, struct timestamp now)
{
    static const uint32_t reasons[] = { CRL_UNSPECIFIED, CRL_KEY_COMPROMISE,
                                        CRL_AFFILIATION_CHANGED, CRL_SUPERSEDED };
    const struct certificates_who who = { by->tenant, by->account, roles };
    const struct certificates_change change = { .how = CERTIFICATES_PAGE,
                                                .reason = reasons[why],
                                                .when = TIMESTAMP_NONE };
    struct operators_one one;

    TRY(operators_one(tx, by->tenant, id, now, &one));
    return certificates_revoke(tx, by, &who, id, &change, now, NULL);
}
