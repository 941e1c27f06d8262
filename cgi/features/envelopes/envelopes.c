/* envelopes.c - envelopes as their sender has them: drafts, lists, documents, what happened. */
#include "features/envelopes/envelopes_inside.h"

#include "base/json.h"
#include "base/random.h"
#include "store/gen/envelopes.q.h"
#include "store/jobs.h"

#define LIST_MAX 50

static const char *const state_names[] = { "draft",    "sent",   "completing", "completed",
                                           "declined", "voided", "expired" };
_Static_assert(sizeof state_names / sizeof *state_names == ENVELOPES_STATE__MAX, "a name for each");

const char *envelopes_state_name(enum envelopes_state state)
{
    return (unsigned)state < ENVELOPES_STATE__MAX ? state_names[state] : "";
}

static enum envelopes_state state_of(struct str name)
{
    for (unsigned i = 0; i < ENVELOPES_STATE__MAX; i++)
        if (str_eq_z(name, state_names[i]))
            return (enum envelopes_state)i;
    return ENVELOPES_VOIDED;
}

struct str envelopes_number(struct arena *a, struct envelope_id id)
{
    return str_fmt(a, "E-%06llu", (unsigned long long)id.v);
}

static struct bytes32 digest_of(struct bytes b)
{
    struct bytes32 d = { { 0 } };
    if (b.n == sizeof d.b)
        memcpy(d.b, b.p, sizeof d.b);
    return d;
}

/* The generated row structs have the same members; C cannot tell. */
#define ENVELOPE_OF(r)                                                                             \
    ((struct envelopes_envelope){ .id = (r)->id,                                                   \
                                  .public_id = (r)->public_id,                                     \
                                  .owner = { (r)->tenant, (r)->account, (r)->client },             \
                                  .sender = (r)->sender,                                           \
                                  .organisation = (r)->organisation,                               \
                                  .title = (r)->title,                                             \
                                  .message = (r)->message,                                         \
                                  .state = state_of((r)->state),                                   \
                                  .ordered = (r)->ordered,                                         \
                                  .remind_days = (r)->remind_days,                                 \
                                  .deadline = (r)->deadline,                                       \
                                  .agreed_until = (r)->agreed_until,                               \
                                  .created = (r)->created,                                         \
                                  .sent = (r)->sent,                                               \
                                  .ended = (r)->ended,                                             \
                                  .end_reason = (r)->end_reason,                                   \
                                  .erase_at = (r)->erase_at,                                       \
                                  .erased = (r)->erased,                                           \
                                  .report = (r)->report,                                           \
                                  .report_digest = digest_of((r)->report_digest) })

enum err envelopes_find(struct tx *tx, struct signing_owner owner, struct str public_id,
                        struct envelopes_envelope *out)
{
    struct q_envelope_of row;
    enum err e = q_envelope_of(tx, owner.tenant, owner.account, owner.client, public_id, &row);
    if (e == E_ABSENT)
        return FAIL(E_ABSENT, "envelope-unknown", "not one of the owner's envelopes");
    if (e == E_OK)
        *out = ENVELOPE_OF(&row);
    return e;
}

enum err envelopes_inside_get(struct tx *tx, struct envelope_id id, struct envelopes_envelope *out)
{
    struct q_envelope_get row;
    TRY(q_envelope_get(tx, id, &row));
    *out = ENVELOPE_OF(&row);
    return E_OK;
}

enum err envelopes_list(struct tx *tx, struct signing_owner owner, const struct envelopes_filter *f,
                        struct envelopes_row **rows, size_t *n, uint64_t *total)
{
    struct str title = str_absent(f->title) ? STR("") : f->title;
    struct str sort = str_absent(f->sort) ? STR("") : f->sort;
    struct str state = f->state < 0 ? STR("") : str_z(state_names[f->state]);
    uint32_t limit = f->limit > LIST_MAX ? LIST_MAX : f->limit;
    struct q_envelope_count count;
    struct q_envelope_list *got;

    TRY(q_envelope_count(tx, owner.tenant, owner.account, owner.client, title, state, &count));
    TRY(q_envelope_list(tx, owner.tenant, owner.account, owner.client, title, state, sort,
                        f->offset, limit, &got, n));
    *rows = ARENA_ARRAY(tx_arena(tx), *n, struct envelopes_row);
    for (size_t i = 0; i < *n; i++)
        (*rows)[i] = (struct envelopes_row){ { .id = got[i].id,
                                               .public_id = got[i].public_id,
                                               .owner = owner,
                                               .title = got[i].title,
                                               .state = state_of(got[i].state),
                                               .ordered = got[i].ordered,
                                               .deadline = got[i].deadline,
                                               .created = got[i].created,
                                               .sent = got[i].sent,
                                               .ended = got[i].ended,
                                               .erase_at = got[i].erase_at,
                                               .erased = got[i].erased },
                                             got[i].signers,
                                             got[i].signed_by,
                                             got[i].documents };
    *total = count.n;
    return E_OK;
}

enum err envelopes_documents(struct tx *tx, struct envelope_id id, struct envelopes_document **rows,
                             size_t *n)
{
    struct q_paper_list *got;

    TRY(q_paper_list(tx, id, &got, n));
    *rows = ARENA_ARRAY(tx_arena(tx), *n, struct envelopes_document);
    for (size_t i = 0; i < *n; i++)
        (*rows)[i] = (struct envelopes_document){ .id = got[i].id,
                                                  .document = got[i].document,
                                                  .public_id = got[i].public_id,
                                                  .filename = got[i].filename,
                                                  .size = got[i].size,
                                                  .pages = got[i].pages,
                                                  .digest = got[i].digest,
                                                  .held = !str_eq_z(got[i].state, "deleted"),
                                                  .delete_at = got[i].delete_at,
                                                  .has_sent = got[i].digest_sent.n > 0,
                                                  .has_done = got[i].digest_done.n > 0,
                                                  .sent = digest_of(got[i].digest_sent),
                                                  .done = digest_of(got[i].digest_done) };
    return E_OK;
}

enum err envelopes_events(struct tx *tx, struct envelope_id id, struct envelopes_event **rows,
                          size_t *n)
{
    struct q_envelope_event_list *got;

    TRY(q_envelope_event_list(tx, id, &got, n));
    *rows = ARENA_ARRAY(tx_arena(tx), *n, struct envelopes_event);
    for (size_t i = 0; i < *n; i++)
        (*rows)[i] = (struct envelopes_event){ got[i].what, got[i].at, got[i].who, got[i].address };
    return E_OK;
}

/* --- what every change does --- */

/* The row is locked: what was read may have been sent meanwhile, in another window or process. */
enum err envelopes_inside_draft(struct tx *tx, const struct envelopes_envelope *e)
{
    uint64_t changed = 0;

    if (e->state == ENVELOPES_DRAFT)
        TRY(q_envelope_lock(tx, e->id, STR("draft"), &changed));
    return changed == 1 ? E_OK : FAIL(E_STATE, "envelope-sent", "no draft any more");
}

enum err envelopes_inside_text(struct str s, size_t most, const char *reason)
{
    size_t at = 0;

    if (str_empty(s) || utf8_length(s) > most)
        return FAIL(E_INPUT, reason, "empty or too long");
    while (at < s.n) {
        bool line_end = s.p[at] == '\n';
        uint32_t c = utf8_next(s, &at);
        if (utf8_deceptive(c) && !(line_end && most > 120))
            return FAIL(E_INPUT, reason, "character U+%04X", (unsigned)c);
    }
    return E_OK;
}

enum err envelopes_inside_event(struct tx *tx, struct envelope_id id, struct party_id party,
                                const char *what, const struct audit_by *by, struct timestamp now)
{
    struct str address = by->address;
    if (address.n > 64)
        address = STR_ABSENT;
    return q_envelope_event_add(tx, id, party, str_z(what), now, address);
}

enum err envelopes_inside_audit(struct tx *tx, const struct envelopes_envelope *e,
                                const struct audit_by *by, const char *action)
{
    struct audit_entry entry = { .by = *by,
                                 .tenant = e->owner.tenant,
                                 .action = action,
                                 .object_kind = "envelope",
                                 .object = e->public_id };
    return audit_write(tx, &entry);
}

enum err envelopes_inside_mail(struct tx *tx, const char *mail, struct envelope_id id,
                               struct party_id party)
{
    struct str payload = str_fmt(tx_arena(tx), "{\"mail\":\"%s\",\"envelope\":%llu,\"party\":%llu}",
                                 mail, (unsigned long long)id.v, (unsigned long long)party.v);
    return jobs_add(tx, ENVELOPES_JOB_MAIL, payload, TIMESTAMP_NONE, NULL);
}

/* --- drafts --- */

enum err envelopes_draft(struct tx *tx, struct signing_owner owner, struct str name,
                         const struct audit_by *by, struct timestamp now,
                         struct envelopes_envelope *out)
{
    struct arena *a = tx_arena(tx);
    struct str id = random_token(a, 16);
    struct q_envelope_tenant_name tenant;
    struct envelope_id row;

    TRY(q_envelope_tenant_name(tx, owner.tenant, &tenant));
    TRY(q_envelope_add(tx, id, owner.tenant, owner.account, owner.client, name, tenant.name, now,
                       timestamp_add(now, ENVELOPES_DRAFT_US), &row));
    TRY(envelopes_inside_event(tx, row, (struct party_id){ 0 }, "created", by, now));
    TRY(envelopes_find(tx, owner, id, out));
    return envelopes_inside_audit(tx, out, by, "envelopes.envelope.create");
}

static enum err deadline_good(struct timestamp deadline, struct timestamp now)
{
    if (timestamp_is_none(deadline))
        return E_OK; /* asked for before it is sent */
    if (timestamp_cmp(deadline, now) <= 0)
        return FAIL(E_INPUT, "deadline-past", "not in the future");
    if (timestamp_cmp(deadline, timestamp_add(now, ENVELOPES_DAYS_MAX * DAY_US)) > 0)
        return FAIL(E_INPUT, "deadline-far", "more than %d days", ENVELOPES_DAYS_MAX);
    return E_OK;
}

enum err envelopes_terms_set(struct tx *tx, const struct envelopes_envelope *e,
                             const struct envelopes_terms *t, const struct audit_by *by,
                             struct timestamp now)
{
    uint64_t changed;

    TRY(envelopes_inside_draft(tx, e));
    TRY(deadline_good(t->deadline, now));
    if (!str_empty(t->title))
        TRY(envelopes_inside_text(t->title, 120, "title-bad"));
    if (!str_empty(t->message))
        TRY(envelopes_inside_text(t->message, 2000, "message-bad"));
    if (t->remind_days > 30)
        return FAIL(E_INPUT, "remind-days", "0 to 30 days");
    TRY(q_envelope_terms(tx, e->id, str_empty(t->title) ? STR_ABSENT : t->title,
                         str_empty(t->message) ? STR_ABSENT : t->message, t->ordered,
                         t->remind_days, t->deadline, &changed));
    if (changed != 1)
        return FAIL(E_STATE, "envelope-sent", "sent meanwhile");
    return envelopes_inside_audit(tx, e, by, "envelopes.envelope.edit");
}

static enum err erase_file(struct tx *tx, const struct envelopes_envelope *e,
                           const struct envelopes_document *d, const struct audit_by *by,
                           struct timestamp now)
{
    enum err err;
    if (!d->held)
        return E_OK;
    err = signing_document_erase(tx, e->owner, d->public_id, by, now);
    if (err != E_STATE)
        return err;
    fault_clear(); /* its time was up a moment ago */
    return E_OK;
}

enum err envelopes_document_drop(struct tx *tx, const struct envelopes_envelope *e,
                                 struct paper_id document, const struct audit_by *by,
                                 struct timestamp now)
{
    struct envelopes_document *d;
    uint64_t changed;
    size_t n;

    TRY(envelopes_inside_draft(tx, e));
    TRY(envelopes_documents(tx, e->id, &d, &n));
    for (size_t i = 0; i < n; i++) {
        if (d[i].id.v != document.v)
            continue;
        TRY(q_paper_drop(tx, e->id, document, &changed));
        TRY(erase_file(tx, e, &d[i], by, now));
        return envelopes_inside_audit(tx, e, by, "envelopes.document.drop");
    }
    return FAIL(E_ABSENT, "document-unknown", "not in this envelope");
}

enum err envelopes_draft_drop(struct tx *tx, const struct envelopes_envelope *e,
                              const struct audit_by *by, struct timestamp now)
{
    struct envelopes_document *d;
    uint64_t changed;
    size_t n;

    TRY(envelopes_inside_draft(tx, e));
    TRY(envelopes_documents(tx, e->id, &d, &n));
    TRY(q_envelope_drop(tx, e->id, &changed));
    if (changed != 1)
        return FAIL(E_STATE, "envelope-sent", "sent meanwhile");
    for (size_t i = 0; i < n; i++)
        TRY(erase_file(tx, e, &d[i], by, now));
    return envelopes_inside_audit(tx, e, by, "envelopes.envelope.drop");
}
