/* registration_draft.c - drafts and a person's own applications; see registration_draft.h */
#include "features/registration/registration_draft.h"

#include "features/registration/registration_inside.h"

#include "store/db.h"
#include "store/gen/registration_draft.q.h"

/* The first source that the profile allows, in the order in which they are offered. */
static enum profiles_key first_source(const struct profile *p)
{
    static const enum profiles_key order[] = { PROFILES_HSM, PROFILES_BROWSER, PROFILES_PKCS12,
                                               PROFILES_CSR };

    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        if (p->keys & (uint32_t)order[i])
            return order[i];
    return PROFILES_CSR;
}

static enum err check_room(struct tx *tx, const struct registration_new *n)
{
    struct q_draft_list *rows;
    size_t count;

    TRY(q_draft_list(tx, n->tenant, n->applicant, &rows, &count));
    return count < REGISTRATION_DRAFTS_MAX ? E_OK : FAIL(E_LIMIT, "drafts", "%zu drafts", count);
}

enum err registration_draft_new(struct tx *tx, const struct registration_new *n,
                                struct timestamp now, struct application_id *id)
{
    const struct profile *p;
    struct account_id subscriber = { 0 };
    struct profiles_value *values;
    enum profiles_key source;
    size_t values_n;

    TRY(profiles_get(tx, n->profile, 0, &p));
    TRY(registration_may(tx, n->tenant, n->applicant, p));
    TRY(check_room(tx, n));
    if (p->person)
        subscriber = n->subscriber;
    source = n->key_source ? n->key_source : first_source(p);
    TRY(profiles_prefill(tx, p, n->tenant, subscriber, &values, &values_n));
    struct str fields = n->values_n ? registration_values_text(tx_arena(tx), n->values, n->values_n)
                                    : registration_values_text(tx_arena(tx), values, values_n);
    return q_draft_add(tx, n->tenant, n->applicant, subscriber,
                       n->renews.v ? STR("renew") : STR("new"), p->name, p->version,
                       str_z(profiles_key_name(source)), fields, n->contact, n->lang, p->approvals,
                       n->renews, now, id);
}

enum err registration_draft_get(struct tx *tx, struct tenant_id tenant, struct account_id applicant,
                                struct application_id id, struct registration_draft *out)
{
    struct q_draft_get r;
    enum err e = q_draft_get(tx, tenant, applicant, id, &r);

    if (e == E_ABSENT)
        return FAIL(E_ABSENT, "application-unknown", "no such draft of this person");
    TRY(e);
    *out = (struct registration_draft){ .id = id,
                                        .tenant = tenant,
                                        .applicant = applicant,
                                        .subscriber = r.subscriber,
                                        .subscriber_name = r.subscriber_name,
                                        .profile = r.profile,
                                        .contact = r.contact,
                                        .key_source =
                                            (enum profiles_key)profiles_key_from_name(r.key_source),
                                        .csr = r.csr,
                                        .renews = r.renews,
                                        .created = r.created_at,
                                        .changed = r.changed_at,
                                        .sent = !str_eq_z(r.state, "draft"),
                                        .receipt = r.receipt };
    return registration_values_read(tx_arena(tx), r.fields, &out->values, &out->values_n);
}

enum err registration_draft_lock(struct tx *tx, struct tenant_id tenant,
                                 struct account_id applicant, struct application_id id,
                                 struct registration_draft *out)
{
    struct q_draft_lock row;
    enum err e = q_draft_lock(tx, tenant, applicant, id, &row);

    if (e == E_ABSENT)
        return FAIL(E_ABSENT, "application-unknown", "no such draft of this person");
    TRY(e);
    return registration_draft_get(tx, tenant, applicant, id, out);
}

enum err registration_draft_keep(struct tx *tx, const struct registration_draft *d,
                                 struct timestamp now)
{
    struct arena *a = tx_arena(tx);
    struct str fields = registration_values_text(a, d->values, d->values_n);
    uint64_t changed;

    if (str_absent(fields))
        return FAIL(E_INPUT, "value-too-long", "values do not fit");
    TRY(q_draft_keep(tx, d->tenant, d->applicant, d->id, str_z(profiles_key_name(d->key_source)),
                     fields, d->csr, str_printable(a, d->title, 200), now, &changed));
    if (changed != 1)
        return FAIL(E_STATE, "application-state", "the draft is sent already");
    return E_OK;
}

enum err registration_draft_drop(struct tx *tx, struct tenant_id tenant,
                                 struct account_id applicant, struct application_id id)
{
    uint64_t changed;

    TRY(q_draft_drop(tx, tenant, applicant, id, &changed));
    if (changed != 1)
        return FAIL(E_ABSENT, "application-unknown", "no such draft of this person");
    return E_OK;
}

enum err registration_draft_list(struct tx *tx, struct tenant_id tenant,
                                 struct account_id applicant, struct registration_draft **rows,
                                 size_t *n)
{
    struct q_draft_list *got;

    TRY(q_draft_list(tx, tenant, applicant, &got, n));
    *rows = ARENA_ARRAY(tx_arena(tx), *n, struct registration_draft);
    for (size_t i = 0; i < *n; i++)
        (*rows)[i] = (struct registration_draft){ .id = got[i].id,
                                                  .profile = got[i].profile,
                                                  .title = got[i].title,
                                                  .subscriber_name = got[i].subscriber_name,
                                                  .changed = got[i].changed_at };
    return E_OK;
}

/* --- sent --- */

enum err registration_mine(struct tx *tx, struct tenant_id tenant, struct account_id account,
                           struct str state, uint32_t offset, uint32_t limit,
                           struct registration_mine **rows, size_t *n, uint64_t *total)
{
    struct q_mine_count count;
    struct q_mine_list *got;

    TRY(q_mine_count(tx, tenant, account, state, &count));
    *total = count.n;
    TRY(q_mine_list(tx, tenant, account, state, offset, limit, &got, n));
    *rows = ARENA_ARRAY(tx_arena(tx), *n, struct registration_mine);
    for (size_t i = 0; i < *n; i++)
        (*rows)[i] = (struct registration_mine){ .id = got[i].id,
                                                 .receipt = got[i].receipt,
                                                 .profile = got[i].profile,
                                                 .title = got[i].title,
                                                 .state = registration_state_from(got[i].state),
                                                 .submitted = got[i].submitted_at,
                                                 .changed = got[i].changed_at };
    return E_OK;
}

enum err registration_mine_returned(struct tx *tx, struct tenant_id tenant,
                                    struct account_id account, uint64_t *n)
{
    struct q_mine_count count;

    TRY(q_mine_count(tx, tenant, account, STR("returned"), &count));
    *n = count.returned;
    return E_OK;
}

/* "%" and "_" mean themselves. */
static struct str like_escape(struct arena *a, struct str s)
{
    char *p = arena_alloc(a, 2 * s.n + 1);
    size_t n = 0;

    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '%' || s.p[i] == '_' || s.p[i] == '\\')
            p[n++] = '\\';
        p[n++] = s.p[i];
    }
    return (struct str){ p, n };
}

enum err registration_people(struct tx *tx, struct tenant_id tenant, struct str q,
                             struct registration_person **rows, size_t *n)
{
    struct q_registration_people *got;

    TRY(q_registration_people(tx, tenant, like_escape(tx_arena(tx), q), &got, n));
    *rows = ARENA_ARRAY(tx_arena(tx), *n, struct registration_person);
    for (size_t i = 0; i < *n; i++)
        (*rows)[i] =
            (struct registration_person){ got[i].id, got[i].name, got[i].login, got[i].email };
    return E_OK;
}
