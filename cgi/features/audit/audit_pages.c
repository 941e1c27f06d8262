/*
 * audit_pages.c - the audit log for those who may read it (P3-72, P3-78): the provider's auditors
 * all of it, a customer's administrators what concerns their tenant. Reading is itself recorded,
 * and nobody is told of it (P3-81).
 */
#include "features/audit/audit_pages.h"

#include "base/csv.h"
#include "base/encoding.h"
#include "base/json.h"
#include "features/audit/audit.h"
#include "http/page.h"
#include "http/req.h"
#include "http/resp.h"

#define PER_PAGE 50
#define CSV_ROWS 1000
#define READERS (ROLE_AUDITOR | ROLE_CUSTOMER_ADMIN)

static const struct choice outcomes[] = {
    { "ok", AUDIT_OK },
    { "refused", AUDIT_REFUSED },
    { "failed", AUDIT_FAILED },
    { NULL, 0 },
};

struct list_form {
    struct timestamp from, to;
    struct str actor, action, kind, object;
    int outcome;
    struct audit_id before;
};
static const struct param list_params[] = {
    PARAM_DATE_OPT(struct list_form, from),
    PARAM_DATE_OPT(struct list_form, to),
    PARAM_TEXT_OPT(struct list_form, actor, 100),
    PARAM_TOKEN_OPT(struct list_form, action, 80),
    PARAM_TOKEN_OPT(struct list_form, kind, 40),
    PARAM_TOKEN_OPT(struct list_form, object, 80),
    PARAM_CHOICE_OPT(struct list_form, outcome, outcomes, -1),
    PARAM_ID_OPT(struct list_form, before),
    PARAM_END,
};

struct row_view {
    struct audit_id id;
    struct timestamp at;
    struct str actor, action, kind, object, address, request, detail;
    struct page_badge outcome;
    bool sealed, nobody;
};
static const struct view_field row_fields[] = {
    VIEW_ID(struct row_view, id),
    VIEW_TIME(struct row_view, at),
    VIEW_TEXT(struct row_view, actor),
    VIEW_TEXT(struct row_view, action),
    VIEW_TEXT(struct row_view, kind),
    VIEW_TEXT(struct row_view, object),
    VIEW_TEXT(struct row_view, address),
    VIEW_TEXT(struct row_view, request),
    VIEW_TEXT(struct row_view, detail),
    VIEW_STRUCT(struct row_view, outcome, page_badge_fields),
    VIEW_FLAG(struct row_view, sealed),
    VIEW_FLAG(struct row_view, nobody),
    VIEW_END,
};

struct list_view {
    struct str from, to, actor, action, kind, object; /* as they stand in the form */
    struct page_choice *outcomes;
    size_t outcomes_n;
    struct row_view *rows;
    size_t rows_n;
    struct str csv_url, older_url, newest_url;
    bool all, filtered;
};
static const struct view_field list_fields[] = {
    VIEW_TEXT(struct list_view, from),
    VIEW_TEXT(struct list_view, to),
    VIEW_TEXT(struct list_view, actor),
    VIEW_TEXT(struct list_view, action),
    VIEW_TEXT(struct list_view, kind),
    VIEW_TEXT(struct list_view, object),
    VIEW_LIST(struct list_view, outcomes, outcomes_n, page_choice_fields),
    VIEW_LIST(struct list_view, rows, rows_n, row_fields),
    VIEW_URL(struct list_view, csv_url),
    VIEW_URL(struct list_view, older_url),
    VIEW_URL(struct list_view, newest_url),
    VIEW_FLAG(struct list_view, all),
    VIEW_FLAG(struct list_view, filtered),
    VIEW_END,
};
static const struct view list_view = { "audit/list.html", "Audit log", list_fields, VIEW_WIDE };

static struct page_badge outcome_badge(enum audit_outcome o)
{
    switch (o) {
    case AUDIT_OK:
        return (struct page_badge){ "success", MSG("Done") };
    case AUDIT_REFUSED:
        return (struct page_badge){ "caution", MSG("Refused") };
    case AUDIT_FAILED:
    case AUDIT_OUTCOME__MAX:
        break;
    }
    return (struct page_badge){ "error", MSG("Failed") };
}

/* The provider's auditors see every tenant. */
static bool sees_all(struct req *rq)
{
    return (req_who(rq)->roles & ROLE_AUDITOR) != 0;
}

static struct audit_filter filter_of(struct req *rq)
{
    const struct list_form *f = req_form(rq);
    struct audit_filter out = {
        .from = f->from,
        .to = timestamp_is_none(f->to) ? f->to : timestamp_add(f->to, DAY_US), /* day included */
        .actor = f->actor,
        .action = f->action,
        .object_kind = f->kind,
        .object = f->object,
        .outcome = f->outcome,
    };
    if (!sees_all(rq))
        out.tenant = req_tenant(rq);
    return out;
}

/* The filter as it stands in the URL. */
static struct str query_of(struct req *rq)
{
    static const char *const names[] = { "from", "to",     "actor",  "action",
                                         "kind", "object", "outcome" };
    struct arena *a = req_arena(rq);
    struct str q = STR("");

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct str raw = req_raw(rq, names[i]);
        if (!str_empty(raw))
            q = str_fmt(a, "%s%s%s=%s", q.p, q.n ? "&" : "", names[i], percent_encode(a, raw).p);
    }
    return q;
}

/* That somebody read the log, and through which filter (not its words: they may be names). */
static enum err note_view(struct req *rq, const char *action, size_t rows)
{
    const struct list_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);
    struct json *detail = json_new_object();

    json_set_i64(detail, "rows", (int64_t)rows);
    json_set_time(detail, "from", f->from);
    json_set_time(detail, "to", f->to);
    json_set_str(detail, "action", f->action);
    json_set_str(detail, "kind", f->kind);
    json_set_str(detail, "object", f->object);
    json_set_bool(detail, "actor", !str_empty(f->actor));
    return audit_note(req_tx(rq), &by, action, NULL, 0, detail);
}

static struct str actor_of(struct arena *a, const struct audit_row *r)
{
    if (r->account.v && r->name.p)
        return str_fmt(a, "%.*s (%llu)", STR_ARG(r->name), (unsigned long long)r->account.v);
    if (r->client.v)
        return str_fmt(a, "API %llu", (unsigned long long)r->client.v);
    return r->name.p ? r->name : STR("");
}

static struct str or_raw(struct req *rq, const char *field)
{
    struct str raw = req_raw(rq, field);
    return raw.p ? raw : STR("");
}

static void fill_rows(struct req *rq, const struct audit_row *rows, size_t n, struct list_view *v)
{
    struct arena *a = req_arena(rq);

    v->rows = ARENA_ARRAY(a, n, struct row_view);
    v->rows_n = n;
    for (size_t i = 0; i < n; i++) {
        const struct audit_row *r = &rows[i];
        v->rows[i] = (struct row_view){ .id = r->id,
                                        .at = r->at,
                                        .actor = actor_of(a, r),
                                        .action = r->action,
                                        .kind = r->object_kind,
                                        .object = r->object,
                                        .address = r->address,
                                        .request = r->request,
                                        .detail = r->detail,
                                        .outcome = outcome_badge(r->outcome),
                                        .sealed = r->sealed,
                                        .nobody = !r->account.v && !r->client.v && !r->name.p };
    }
}

static void fill_form(struct req *rq, struct list_view *v)
{
    const struct list_form *f = req_form(rq);
    const size_t n = sizeof(outcomes) / sizeof(outcomes[0]) - 1;

    v->from = or_raw(rq, "from");
    v->to = or_raw(rq, "to");
    v->actor = or_raw(rq, "actor");
    v->action = or_raw(rq, "action");
    v->kind = or_raw(rq, "kind");
    v->object = or_raw(rq, "object");
    v->outcomes = ARENA_ARRAY(req_arena(rq), n, struct page_choice);
    for (v->outcomes_n = 0; v->outcomes_n < n; v->outcomes_n++)
        v->outcomes[v->outcomes_n] = (struct page_choice){
            str_z(outcomes[v->outcomes_n].word),
            outcome_badge((enum audit_outcome)outcomes[v->outcomes_n].value).word, STR(""),
            f->outcome == outcomes[v->outcomes_n].value
        };
    v->all = sees_all(rq);
}

static enum err list(struct req *rq, struct resp *rs)
{
    const struct list_form *f = req_form(rq);
    struct audit_filter filter = filter_of(rq);
    struct arena *a = req_arena(rq);
    struct list_view v = { 0 };
    struct str query = query_of(rq);
    struct audit_row *rows = NULL;
    size_t n = 0;

    fill_form(rq, &v);
    if (!req_invalid(rq)) {
        TRY(audit_list(req_tx(rq), &filter, f->before, PER_PAGE, &rows, &n));
        TRY(note_view(rq, "audit.log.view", n));
    }
    fill_rows(rq, rows, n, &v);
    v.filtered = query.n > 0;
    v.csv_url = str_fmt(a, "/audit/export.csv%s%s", query.n ? "?" : "", query.p);
    v.newest_url = f->before.v ? str_fmt(a, "/audit%s%s", query.n ? "?" : "", query.p) : STR("");
    v.older_url = n < PER_PAGE ? STR("")
                               : str_fmt(a, "/audit?%s%sbefore=%llu", query.p, query.n ? "&" : "",
                                         (unsigned long long)rows[n - 1].id.v);
    return resp_page(rs, &list_view, &v);
}

/* ------------------------------------------------------------------ CSV */

static void csv_row(struct arena *a, struct buf *b, const struct audit_row *r)
{
    csv_cell(b, audit_id(a, r->id.v), false);
    csv_cell(b, timestamp_rfc3339(a, r->at, true), false);
    csv_cell(b, audit_id(a, r->tenant.v), false);
    csv_cell(b, audit_id(a, r->account.v), false);
    csv_cell(b, audit_id(a, r->client.v), false);
    csv_cell(b, r->name, false);
    csv_cell(b, r->action, false);
    csv_cell(b, r->object_kind, false);
    csv_cell(b, r->object, false);
    csv_cell(b, str_z(audit_outcome_name(r->outcome)), false);
    csv_cell(b, r->address, false);
    csv_cell(b, r->request, false);
    csv_cell(b, r->detail, true);
}

/* What the filter finds, newest first, at most CSV_ROWS: `before` continues. */
static enum err export(struct req *rq, struct resp *rs) {
    const struct list_form *f = req_form(rq); struct audit_filter filter = filter_of(rq);
    struct arena *a = req_arena(rq);
    struct buf b = buf_init(24 * 1024 * 1024);
    struct audit_row * rows;
    struct bytes out;
    size_t n;
    enum err err;

    if (req_invalid(rq)) return FAIL(E_INPUT, "", "bad filter");
    TRY(audit_list(req_tx(rq), &filter, f->before, CSV_ROWS, &rows, &n));
    TRY(note_view(rq, "audit.log.export", n));
    buf_add_z(&b, CSV_MARK "id,time,tenant,account,client,name,action,object_kind,object,"
                           "outcome,address,request,detail\r\n");
    for (size_t i = 0; i < n; i++) csv_row(a, &b, &rows[i]);
    err = buf_to_bytes(&b, a, &out);
    buf_free(&b);
    TRY(err);
    return resp_file(rs, "text/csv; charset=utf-8", STR("audit.csv"), out, DISPOSITION_ATTACHMENT);
}

const struct view *const audit_pages_views[] = { &list_view, NULL };

const struct route audit_pages_routes[] = {
    { GET, "/audit", list, READERS, FORM(list_params, struct list_form), ROUTE_SECOND_FACTOR },
    { GET, "/audit/export.csv", export, READERS, FORM(list_params, struct list_form),
      ROUTE_SECOND_FACTOR },
    { 0 },
};
