/* registration.c - reading applications and their history; see registration.h */
#include "features/registration/registration_inside.h"

#include "base/random.h"
#include "store/db.h"
#include "store/gen/registration.q.h"

static const char *const state_names[] = {
    "draft",  "waiting",  "returned",  "held",    "approved",
    "issued", "rejected", "withdrawn", "refused",
};
_Static_assert(sizeof state_names / sizeof *state_names == REGISTRATION__STATES, "a name each");

const char *registration_state_name(enum registration_state state)
{
    return (unsigned)state < REGISTRATION__STATES ? state_names[state] : "";
}

enum registration_state registration_state_from(struct str name)
{
    unsigned i = 0;

    while (i < REGISTRATION__STATES && !str_eq_z(name, state_names[i]))
        i++;
    return (enum registration_state)i;
}

/* --- receipt numbers --- */

/* 31 signs, a prime, without those that are mistaken for another: the check sign, a weighted sum,
 * finds every single wrong sign and every exchange of two. */
static const char signs[] = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";
enum { SIGNS = sizeof signs - 1, PLAIN = 11 };

static char check_sign(const char *plain)
{
    size_t sum = 0;

    for (size_t i = 0; i < PLAIN; i++)
        sum += (i + 2) * (size_t)(strchr(signs, plain[i]) - signs);
    return signs[sum % SIGNS];
}

struct str registration_receipt_new(struct arena *a)
{
    char plain[PLAIN + 1] = "";

    for (size_t i = 0; i < PLAIN; i++)
        plain[i] = signs[random_below(SIGNS)];
    return str_fmt(a, "%.4s-%.4s-%.3s%c", plain, plain + 4, plain + 8, check_sign(plain));
}

static bool is_separator(char c)
{
    return c == '-' || c == ' ';
}

bool registration_receipt_read(struct arena *a, struct str typed, struct str *receipt)
{
    char plain[PLAIN + 2] = "";
    size_t n = 0;

    for (size_t i = 0; i < typed.n; i++) {
        char c = typed.p[i];
        if (is_separator(c))
            continue;
        if (c >= 'a' && c <= 'z')
            c = (char)(c - 'a' + 'A');
        if (n > PLAIN || c == '\0' || !strchr(signs, c))
            return false;
        plain[n++] = c;
    }
    if (n != PLAIN + 1 || plain[PLAIN] != check_sign(plain))
        return false;
    *receipt = str_fmt(a, "%.4s-%.4s-%.4s", plain, plain + 4, plain + 8);
    return true;
}

/* --- one application --- */

static enum err read_texts(struct arena *a, const struct q_application_get *row,
                           struct registration *out)
{
    TRY(registration_values_read(a, row->fields, &out->original, &out->original_n));
    out->values = out->original;
    out->values_n = out->original_n;
    out->edited = !str_absent(row->edited);
    if (out->edited)
        TRY(registration_values_read(a, row->edited, &out->values, &out->values_n));
    return registration_findings_read(a, row->checks, &out->checks, &out->checks_n);
}

static enum err read_names(struct tx *tx, struct registration *out)
{
    struct q_application_names names;

    TRY(q_application_names(tx, out->tenant, out->id, &names));
    out->applicant_name = names.applicant;
    out->subscriber_name = names.subscriber;
    out->first_name = names.first;
    out->second_name = names.second;
    return E_OK;
}

static struct registration of_row(const struct q_application_get *r)
{
    return (struct registration){ .receipt = r->receipt,
                                  .applicant = r->applicant,
                                  .subscriber = r->subscriber,
                                  .via = r->via,
                                  .kind = r->kind,
                                  .profile = r->profile,
                                  .profile_version = r->profile_version,
                                  .key_source =
                                      (enum profiles_key)profiles_key_from_name(r->key_source),
                                  .state = registration_state_from(r->state),
                                  .title = r->title,
                                  .csr = r->csr,
                                  .credential = r->credential,
                                  .validity_days = r->validity_days,
                                  .contact = r->contact,
                                  .lang = r->lang,
                                  .approvals_needed = r->approvals_needed,
                                  .first_approver = r->first_approver,
                                  .second_approver = r->second_approver,
                                  .first_at = r->first_at,
                                  .second_at = r->second_at,
                                  .decision_note = r->decision_note,
                                  .renews = r->renews,
                                  .certificate = r->certificate,
                                  .refused = r->refused,
                                  .generation = r->generation,
                                  .created = r->created_at,
                                  .submitted = r->submitted_at,
                                  .changed = r->changed_at,
                                  .decided = r->decided_at };
}

enum err registration_get(struct tx *tx, struct tenant_id tenant, struct application_id id,
                          struct registration *out)
{
    struct q_application_get row;
    enum err e = q_application_get(tx, tenant, id, &row);

    if (e == E_ABSENT)
        return FAIL(E_ABSENT, "application-unknown", "no such application of the tenant");
    TRY(e);
    *out = of_row(&row);
    out->id = id;
    out->tenant = tenant;
    TRY(read_texts(tx_arena(tx), &row, out));
    return read_names(tx, out);
}

enum err registration_by_receipt(struct tx *tx, struct tenant_id tenant, struct str receipt,
                                 struct registration *out)
{
    struct q_application_by_receipt row;
    struct str number;

    if (!registration_receipt_read(tx_arena(tx), receipt, &number))
        return FAIL(E_ABSENT, "application-unknown", "not a receipt number");
    enum err e = q_application_by_receipt(tx, tenant, number, &row);
    if (e == E_ABSENT)
        return FAIL(E_ABSENT, "application-unknown", "no such receipt number of the tenant");
    TRY(e);
    return registration_get(tx, tenant, row.id, out);
}

/* --- history --- */

enum err registration_event_add(struct tx *tx, const struct registration *r,
                                struct account_id actor, const char *kind, struct str note,
                                struct timestamp now)
{
    return q_application_event_add(tx, r->id, r->tenant, now, actor, str_z(kind), note);
}

enum err registration_events(struct tx *tx, struct tenant_id tenant, struct application_id id,
                             struct registration_event **rows, size_t *n)
{
    struct q_application_events *got;

    TRY(q_application_events(tx, tenant, id, &got, n));
    *rows = ARENA_ARRAY(tx_arena(tx), *n, struct registration_event);
    for (size_t i = 0; i < *n; i++)
        (*rows)[i] = (struct registration_event){ .at = got[i].at,
                                                  .actor = got[i].actor,
                                                  .actor_name = got[i].actor_name,
                                                  .kind = got[i].kind,
                                                  .note = got[i].note };
    return E_OK;
}
