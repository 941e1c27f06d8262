/* registration_review.c - the queue and the facts beside an application; see registration_review.h
 */
#include "features/registration/registration_review.h"

#include "base/encoding.h"
#include "features/registration/registration_inside.h"
#include "store/db.h"
#include "store/gen/registration_review.q.h"

enum { Q_MAX = 200 };

static const struct timestamp first = { INT64_C(0) };
static const struct timestamp last = { INT64_C(253402300799) * 1000000 }; /* 9999-12-31 */

/* The filter as the statements take it. */
struct words {
    struct str state, profile, q, receipt;
    struct timestamp since, before;
};

/* Beginning of a text for LIKE ... ESCAPE '|'; empty stays empty. */
static struct str beginning(struct arena *a, struct str q)
{
    struct buf b = buf_init(Q_MAX * 8 + 1);
    struct str out = STR("");

    for (size_t i = 0; i < q.n; i++) {
        if (q.p[i] == '|' || q.p[i] == '%' || q.p[i] == '_')
            buf_add_char(&b, '|');
        buf_add_char(&b, q.p[i]);
    }
    if (q.n)
        buf_add_char(&b, '%');
    if (buf_to_str(&b, a, &out) != E_OK)
        out = STR("");
    buf_free(&b);
    return out;
}

static struct words words_of(struct arena *a, const struct registration_filter *f)
{
    struct words w = {
        .state = f->state < 0 ? STR("")
                              : str_z(registration_state_name((enum registration_state)f->state)),
        .profile = str_absent(f->profile) ? STR("") : f->profile,
        .q = str_empty(f->q) ? STR("") : beginning(a, str_printable(a, f->q, Q_MAX)),
        .receipt = STR(""),
        .since = timestamp_is_none(f->since) ? first : f->since,
        .before = timestamp_is_none(f->before) ? last : f->before,
    };

    if (!str_empty(f->q) && registration_receipt_read(a, f->q, &w.receipt))
        w.q = STR(""); /* the one, whatever it is called */
    else
        w.receipt = STR("");
    return w;
}

/* The parameters that all statements of the queue share. */
#define FILTER(f, w)                                                                               \
    (f)->tenant, (f)->me, (f)->mine, (w).state, (w).profile, (w).q, (w).receipt, (w).since,        \
        (w).before

static struct str or_empty(struct str s)
{
    return str_absent(s) ? STR("") : s;
}

/* The four lists have the same columns. */
static struct registration_row row_of(const struct registration_filter *f,
                                      const struct q_review_list_time *q)
{
    const struct registration who = { .state = registration_state_from(q->state),
                                      .via = q->via,
                                      .profile = q->profile,
                                      .applicant = q->applicant_id,
                                      .subscriber = q->subscriber_id,
                                      .first_approver = q->first_approver };

    return (struct registration_row){ .id = q->id,
                                      .receipt = q->receipt,
                                      .title = q->title,
                                      .profile = q->profile,
                                      .via = q->via,
                                      .kind = q->kind,
                                      .key_source = q->key_source,
                                      .contact = q->contact,
                                      .applicant = q->applicant,
                                      .subscriber = or_empty(q->subscriber),
                                      .first = or_empty(q->first_name),
                                      .state = who.state,
                                      .submitted = q->submitted_at,
                                      .changed = q->changed_at,
                                      .decided = q->decided_at,
                                      .approvals_needed = q->approvals_needed,
                                      .generation = q->generation,
                                      .edited = q->edited,
                                      .noted = q->noted,
                                      .bar = registration_bar_of(&who, f->me, true) };
}

#define SAME_COLUMNS(name)                                                                         \
    _Static_assert(sizeof(struct q_review_list_##name) == sizeof(struct q_review_list_time) &&     \
                       offsetof(struct q_review_list_##name, decided_at) ==                        \
                           offsetof(struct q_review_list_time, decided_at),                        \
                   "the lists differ in their order only")
SAME_COLUMNS(mine);
SAME_COLUMNS(time_down);
SAME_COLUMNS(title);
SAME_COLUMNS(title_down);

/* Nothing is asked but whose turn it is: that stands in an index. */
static bool only_mine(const struct registration_filter *f, const struct words *w)
{
    return f->mine && f->state == (int)REGISTRATION_WAITING && str_empty(w->q) &&
           str_empty(w->receipt) && str_empty(w->profile);
}

#define LIST(name)                                                                                 \
    do {                                                                                           \
        struct q_review_list_##name *q;                                                            \
        TRY(q_review_list_##name(tx, FILTER(f, w), limit, offset, &q, n));                         \
        found = (const void *)q;                                                                   \
    } while (0)

enum err registration_review_list(struct tx *tx, const struct registration_filter *f,
                                  uint32_t offset, uint32_t limit, struct registration_row **rows,
                                  size_t *n)
{
    struct words w = words_of(tx_arena(tx), f);
    const struct q_review_list_time *found = NULL;

    *n = 0;
    *rows = NULL;
    if (offset >= REGISTRATION_COUNT_MAX)
        return E_OK;
    if (limit > REGISTRATION_COUNT_MAX - offset)
        limit = REGISTRATION_COUNT_MAX - offset;
    switch (f->sort) {
    case REGISTRATION_BY_TIME_DOWN:
        LIST(time_down);
        break;
    case REGISTRATION_BY_TITLE:
        LIST(title);
        break;
    case REGISTRATION_BY_TITLE_DOWN:
        LIST(title_down);
        break;
    case REGISTRATION_BY_TIME:
        if (only_mine(f, &w)) {
            struct q_review_list_mine *q;
            TRY(q_review_list_mine(tx, f->tenant, f->me, w.since, w.before, limit, offset, &q, n));
            found = (const void *)q;
        } else
            LIST(time);
    }
    *rows = ARENA_ARRAY(tx_arena(tx), *n, struct registration_row);
    for (size_t i = 0; i < *n; i++)
        (*rows)[i] = row_of(f, &found[i]);
    return E_OK;
}

enum err registration_review_count(struct tx *tx, const struct registration_filter *f, uint64_t *n)
{
    struct words w = words_of(tx_arena(tx), f);
    struct q_review_count_mine mine;
    struct q_review_count row;

    if (only_mine(f, &w)) {
        TRY(q_review_count_mine(tx, f->tenant, f->me, w.since, w.before, REGISTRATION_COUNT_MAX + 1,
                                &mine));
        *n = mine.n;
        return E_OK;
    }
    TRY(q_review_count(tx, FILTER(f, w), REGISTRATION_COUNT_MAX + 1, &row));
    *n = row.n;
    return E_OK;
}

enum err registration_review_beside(struct tx *tx, const struct registration_filter *f,
                                    const struct registration *r, bool next, struct str *receipt)
{
    struct words w = words_of(tx_arena(tx), f);
    bool later = (f->sort == REGISTRATION_BY_TIME_DOWN) != next;
    struct q_review_next after;
    struct q_review_previous before;
    enum err err = later ? q_review_next(tx, FILTER(f, w), r->submitted, r->id, &after)
                         : q_review_previous(tx, FILTER(f, w), r->submitted, r->id, &before);

    if (err == E_ABSENT) {
        fault_clear();
        *receipt = STR("");
        return E_OK;
    }
    TRY(err);
    *receipt = later ? after.receipt : before.receipt;
    return E_OK;
}

enum err registration_review_waiting(struct tx *tx, struct tenant_id tenant, struct account_id me,
                                     uint64_t *n)
{
    struct q_review_count_mine row;

    TRY(q_review_count_mine(tx, tenant, me, first, last, REGISTRATION_WAITING_MAX, &row));
    *n = row.n;
    return E_OK;
}

enum err registration_review_open(struct tx *tx, struct tenant_id tenant,
                                  struct registration_open *out)
{
    struct q_review_open row;

    TRY(q_review_open(tx, tenant, REGISTRATION_COUNT_MAX + 1, &row));
    *out = (struct registration_open){ row.waiting, row.held, row.returned };
    return E_OK;
}

/* ------------------------------------------------------------------ beside one application */

/* One approval was asked for when it was sent, and the profile of today asks for two. */
static enum err stricter(struct tx *tx, const struct registration *r, struct profiles_finding **f,
                         size_t *n)
{
    struct profiles_finding *more;
    const struct profile *p;

    TRY(profiles_get(tx, r->profile, 0, &p));
    if (p->approvals <= r->approvals_needed)
        return E_OK;
    more = ARENA_ARRAY(tx_arena(tx), *n + 1, struct profiles_finding);
    memcpy(more, *f, *n * sizeof *more);
    more[(*n)++] = (struct profiles_finding){ STR("profile-stricter"), STR(""), STR(""), true };
    *f = more;
    return E_OK;
}

enum err registration_review_recheck(struct tx *tx, const struct registration *r,
                                     struct timestamp now, struct profiles_finding **f, size_t *n)
{
    const struct registration_new again = { .draft = r->id,
                                            .tenant = r->tenant,
                                            .applicant = r->applicant,
                                            .subscriber = r->subscriber,
                                            .via = r->via,
                                            .profile = r->profile,
                                            .key_source = r->key_source,
                                            .values = r->values,
                                            .values_n = r->values_n,
                                            .csr = r->csr,
                                            .credential = r->credential,
                                            .validity_days = r->validity_days,
                                            .renews = r->renews,
                                            .contact = r->contact,
                                            .lang = r->lang };

    TRY(registration_check(tx, &again, now, f, n));
    return stricter(tx, r, f, n);
}

enum err registration_review_request(struct tx *tx, const struct registration *r,
                                     struct registration_request *out, struct str *pem,
                                     bool *proved)
{
    struct bytes spki;

    if (r->csr.n == 0)
        return E_ABSENT;
    TRY(registration_request_read(tx_arena(tx), r->csr, out));
    *pem = x509_pem(tx_arena(tx), "CERTIFICATE REQUEST", out->der);
    *proved = registration_request_key(tx, r->csr, &spki) == E_OK;
    if (!*proved)
        fault_clear();
    return E_OK;
}

enum err registration_review_earlier(struct tx *tx, const struct registration *r,
                                     struct registration_earlier **rows, size_t *n)
{
    struct arena *a = tx_arena(tx);
    struct q_review_earlier *q;

    TRY(q_review_earlier(tx, r->tenant, r->subscriber, r->title, &q, n));
    *rows = ARENA_ARRAY(a, *n, struct registration_earlier);
    for (size_t i = 0; i < *n; i++)
        (*rows)[i] = (struct registration_earlier){
            .id = q[i].id,
            .subject = q[i].subject,
            .profile = q[i].profile,
            .state = q[i].state,
            .serial = q[i].serial.p ? hex_encode(a, q[i].serial) : STR(""),
            .not_after = q[i].not_after,
            .requested = q[i].requested_at,
        };
    return E_OK;
}

enum err registration_review_confirmed(struct tx *tx, const struct registration *r,
                                       struct registration_confirmed **rows, size_t *n)
{
    struct q_review_vetting *q;

    TRY(q_review_vetting(tx, r->tenant, r->id, &q, n));
    *rows = ARENA_ARRAY(tx_arena(tx), *n, struct registration_confirmed);
    for (size_t i = 0; i < *n; i++) {
        struct registration_confirmed *c = &(*rows)[i];

        c->at = q[i].at;
        c->who = q[i].who;
        c->note = or_empty(q[i].note);
        if (!registration_item_from(q[i].item, &c->item) ||
            !registration_method_from(q[i].method, &c->method))
            return FAIL(E_INTERNAL, "", "a row of application_vetting");
    }
    return E_OK;
}
