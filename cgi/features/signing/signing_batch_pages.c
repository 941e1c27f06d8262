/* signing_batch_pages.c - documents that are signed together: progress, outcome, one ZIP. */
#include "features/signing/signing_batch_pages.h"

#include "base/clock.h"
#include "features/signing/signing_pages.h"
#include "features/signing/signing_reasons_pages.h"
#include "features/signing/signing_zip_pages.h"
#include "http/cookie.h"

/* One request signs as many as it can in this time: people without script press a few times. */
#define NEXT_US (4 * SECOND_US)

struct id_form {
    struct str id;
};

static const struct param id_params[] = {
    PARAM_TOKEN(struct id_form, id, 1, 64),
    PARAM_END,
};

/* --- progress and outcome --- */

struct item_row {
    struct str document, filename, record;
    struct msg reason;
    struct page_badge state;
    bool is_signed, failed, unknown;
};

static const struct view_field item_fields[] = {
    VIEW_TEXT(struct item_row, document),
    VIEW_TEXT(struct item_row, filename),
    VIEW_TEXT(struct item_row, record),
    VIEW_MSG(struct item_row, reason),
    VIEW_STRUCT(struct item_row, state, page_badge_fields),
    VIEW_FLAG(struct item_row, is_signed),
    VIEW_FLAG(struct item_row, failed),
    VIEW_FLAG(struct item_row, unknown),
    VIEW_END,
};

struct batch_view {
    struct str public_id, again;
    struct timestamp created, expires;
    bool open, may_go_on, stopped;
    uint64_t total, signed_n, failed_n, done;
    struct item_row *items;
    size_t items_count;
    struct page_step *steps;
    size_t steps_count;
};

static const struct view_field batch_fields[] = {
    VIEW_TEXT(struct batch_view, public_id),
    VIEW_URL(struct batch_view, again),
    VIEW_TIME(struct batch_view, created),
    VIEW_TIME(struct batch_view, expires),
    VIEW_FLAG(struct batch_view, open),
    VIEW_FLAG(struct batch_view, may_go_on),
    VIEW_FLAG(struct batch_view, stopped),
    VIEW_COUNT(struct batch_view, total),
    VIEW_COUNT(struct batch_view, signed_n),
    VIEW_COUNT(struct batch_view, failed_n),
    VIEW_COUNT(struct batch_view, done),
    VIEW_LIST(struct batch_view, items, items_count, item_fields),
    VIEW_LIST(struct batch_view, steps, steps_count, page_step_fields),
    VIEW_END,
};

const struct view signing_batch_view = { "signing/batch.html", "Documents signed together",
                                         batch_fields, 0 };

/* The token of this batch, as the browser keeps it; empty: authorised elsewhere, or long ago. */
static struct str token_of(struct req *rq, struct str batch)
{
    struct str both = cookie_get(req_arena(rq), req_header(rq, "Cookie"), SIGNING_BATCH_COOKIE);
    size_t dot = str_absent(both) ? SIZE_MAX : str_find(both, '.', 0);
    if (dot == SIZE_MAX || !str_eq(str_sub(req_arena(rq), both, 0, dot), batch))
        return STR("");
    return str_sub(req_arena(rq), both, dot + 1, both.n);
}

static struct page_badge badge_of(enum signing_batch_item_state s, bool open)
{
    switch (s) {
    case SIGNING_BATCH_SIGNED:
        return (struct page_badge){ "success", MSG("signed") };
    case SIGNING_BATCH_FAILED:
        return (struct page_badge){ "error", MSG("failed") };
    case SIGNING_BATCH_WAITING:
    case SIGNING_BATCH__STATES:
        break;
    }
    return open ? (struct page_badge){ "progress", MSG("waiting") }
                : (struct page_badge){ "neutral", MSG("not signed yet") };
}

static struct item_row make_item(const struct signing_batch *b, const struct signing_batch_item *i)
{
    struct item_row row = { .document = i->document,
                            .filename = i->filename,
                            .record = i->record,
                            .state = badge_of(i->state, b->open),
                            .is_signed = i->state == SIGNING_BATCH_SIGNED,
                            .failed = i->state == SIGNING_BATCH_FAILED };
    row.unknown = row.failed && !signing_reasons_text(i->reason.p, &row.reason);
    return row;
}

/* What is left, for another go: also what waits when the time was over. */
static struct str again_of(struct arena *a, const struct signing_batch *b)
{
    struct str url = STR("/documents/together");
    size_t n = 0;
    for (size_t i = 0; i < b->n; i++)
        if (b->items[i].state != SIGNING_BATCH_SIGNED && !str_absent(b->items[i].filename))
            url = str_fmt(a, "%.*s%cid=%.*s", STR_ARG(url), n++ ? '&' : '?',
                          STR_ARG(b->items[i].document));
    return n > 0 && !b->open ? url : STR("");
}

static enum err find(struct req *rq, struct signing_batch *b)
{
    const struct id_form *f = req_form(rq);
    return signing_batch_find(req_tx(rq), signing_reasons_owner(rq), f->id, req_now(rq), b);
}

static enum err show(struct req *rq, struct resp *rs)
{
    struct signing_batch b;

    TRY(find(rq, &b));
    struct batch_view v = { .public_id = b.public_id,
                            .again = again_of(req_arena(rq), &b),
                            .created = b.created,
                            .expires = b.expires,
                            .open = b.open,
                            .may_go_on = b.open && !str_empty(token_of(rq, b.public_id)),
                            .total = b.n,
                            .signed_n = b.signed_n,
                            .failed_n = b.failed_n,
                            .done = b.signed_n + b.failed_n,
                            .items_count = b.n,
                            .steps_count = SIGNING_STEPS };
    v.stopped = !b.open && v.done < b.n;
    v.items = ARENA_ARRAY(req_arena(rq), b.n, struct item_row);
    for (size_t i = 0; i < b.n; i++)
        v.items[i] = make_item(&b, &b.items[i]);
    v.steps = signing_reasons_steps(rq, b.open ? 2 : SIGNING_STEPS);
    return resp_page(rs, &signing_batch_view, &v);
}

/* --- going on --- */

/* One mail for all of them, when the last one is done. */
static enum err tell(struct req *rq, struct str batch)
{
    struct arena *a = req_arena(rq);
    struct signing_notice n = { .account = req_account(rq), .tenant = req_tenant(rq) };
    struct signing_batch b;
    enum lang lang;

    TRY(signing_batch_find(req_tx(rq), signing_reasons_owner(rq), batch, req_now(rq), &b));
    if (b.open || b.signed_n == 0)
        return E_OK;
    TRY(signing_notice_reader(req_tx(rq), &n));
    lang = str_eq_z(n.lang, "en") ? LANG_EN : LANG_JA;
    const struct message_arg *args =
        MESSAGE_ARGS({ "receipt", batch }, { "n", str_fmt(a, "%zu", b.signed_n) },
                     { "all", str_fmt(a, "%zu", b.n) },
                     { "time", timestamp_human(a, req_now(rq), lang == LANG_JA) },
                     { "url", str_fmt(a, "%.*sbatches/%.*s", STR_ARG(n.portal), STR_ARG(batch)) });
    n.subject = message_fmt(a, lang, MSG("[Shomei] {receipt} Documents were signed"), args);
    n.text = message_fmt(a, lang,
                         MSG("{n} of {all} documents were signed with your certificate.\n\n"
                             "Receipt number: {receipt}\nTime: {time}\n\n"
                             "What became of each and, for at most 8 hours, the signed documents "
                             "are here:\n{url}\n\n"
                             "If this was not you, tell your administrator at once.\n"),
                         args);
    return signing_notice_queue(req_tx(rq), &n);
}

static enum err sign_some(struct req *rq, struct str batch)
{
    struct signing_request ask = { .owner = signing_reasons_owner(rq),
                                   .by = AUDIT_BY(rq),
                                   .now = req_now(rq) };
    struct str token = token_of(rq, batch);
    int64_t until = clock_monotonic_us() + NEXT_US;
    struct signing_batch_item item;
    bool some = false;
    enum err e = E_OK;

    while (e == E_OK && clock_monotonic_us() < until) {
        e = signing_batch_next(req_tx(rq), &ask, batch, token, &item);
        some |= e == E_OK;
    }
    /* the last one ends the authorisation, or its time ended it in between */
    bool over = e == E_ABSENT || (e == E_STATE && some);
    return over && strncmp(fault_current()->reason, "batch-", 6) == 0 ? E_OK : e;
}

static enum err next(struct req *rq, struct resp *rs)
{
    const struct id_form *f = req_form(rq);

    if (req_invalid(rq))
        return FAIL(E_ABSENT, "batch-unknown", "malformed id");
    TRY(sign_some(rq, f->id));
    TRY(tell(rq, f->id));
    return resp_seeother_text(rs, "/batches/{id}", f->id);
}

static enum err stop(struct req *rq, struct resp *rs)
{
    const struct id_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);

    if (req_invalid(rq))
        return FAIL(E_ABSENT, "batch-unknown", "malformed id");
    TRY(signing_batch_stop(req_tx(rq), signing_reasons_owner(rq), f->id, &by, req_now(rq)));
    return resp_seeother_text(rs, "/batches/{id}", f->id);
}

/* --- one ZIP --- */

static enum err batch_zip(struct req *rq, struct resp *rs)
{
    struct signing_batch b;
    struct str *ids;
    size_t n = 0;

    TRY(find(rq, &b));
    ids = ARENA_ARRAY(req_arena(rq), b.n, struct str);
    for (size_t i = 0; i < b.n; i++)
        if (b.items[i].state == SIGNING_BATCH_SIGNED && !str_absent(b.items[i].filename))
            ids[n++] = b.items[i].document;
    return n > 0 ? signing_zip_answer(rq, rs, ids, n)
                 : FAIL(E_STATE, "document-deleted", "nothing of it is held");
}

const struct route signing_batch_routes[] = {
    { GET, "/batches/{id}", show, WHO_ACCOUNT, FORM(id_params, struct id_form), 0, 0, NULL, NULL,
      NULL },
    { POST, "/batches/{id}/next", next, WHO_ACCOUNT, FORM(id_params, struct id_form),
      ROUTE_SECOND_FACTOR, 0, NULL, NULL, NULL },
    { POST, "/batches/{id}/stop", stop, WHO_ACCOUNT, FORM(id_params, struct id_form), 0, 0, NULL,
      NULL, NULL },
    { GET, "/batches/{id}/zip", batch_zip, WHO_ACCOUNT, FORM(id_params, struct id_form), 0, 0, NULL,
      NULL, NULL },
    { 0 },
};
