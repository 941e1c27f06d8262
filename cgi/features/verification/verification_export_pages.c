/*
 * verification_export_pages.c - the findings of a set to keep: CSV, JSON with every detail, and a
 * summary report as a signed PDF. What the page's filter shows, a chosen period for instance, is
 * what they hold (電子帳簿保存法).
 */
#include "features/verification/verification_pages.h"

#include "base/csv.h"
#include "base/encoding.h"
#include "base/json.h"
#include "features/signing/signing.h"
#include "features/verification/verification_inside_pages.h"
#include "http/message.h"

#define EXPORT_MAX VERIFICATION_ITEMS_MAX
#define REPORT_MAX (64u << 20)

struct export
{
    const struct verification_form *form;
    struct verification_set set;
    struct verification_counts counts;
    struct verification_item *items;
    size_t n;
};

static enum err load(struct req *rq, const char *kind, struct export *x)
{
    struct verification_filter filter;
    struct audit_by by = AUDIT_BY(rq);
    struct json *detail;

    x->form = req_form(rq);
    if (req_invalid(rq))
        return FAIL(E_INPUT, "form-invalid", "bad filter");
    filter = verification_inside_filter(x->form);
    filter.limit = EXPORT_MAX;
    TRY(verification_set_find(req_tx(rq), verification_inside_owner(rq), x->form->id, req_now(rq),
                              &x->set));
    TRY(verification_item_list(req_tx(rq), &x->set, &filter, &x->items, &x->n, &x->counts));
    detail = json_new_object();
    json_set_str(detail, "as", str_z(kind));
    json_set_i64(detail, "files", (int64_t)x->n);
    return audit_note(req_tx(rq), &by, "verification.set.export", NULL, 0, detail);
}

static void csv_row(struct arena *a, struct buf *b, const struct verification_item *i)
{
    csv_cell(b, i->filename, false);
    csv_cell(b, i->outcome, false);
    csv_cell(b, str_empty(i->reason_code) ? i->sub_indication : i->reason_code, false);
    csv_cell(b, i->signer, false);
    csv_cell(b, i->level, false);
    csv_cell(b, timestamp_is_none(i->proven_at) ? STR("") : timestamp_rfc3339_jst(a, i->proven_at),
             false);
    csv_cell(b, i->tsa, false);
    csv_cell(b, i->accredited, false);
    csv_cell(b, str_fmt(a, "%llu", (unsigned long long)i->size), false);
    csv_cell(b, hex_encode(a, bytes_of_32(&i->digest)), false);
    csv_cell(b, timestamp_rfc3339_jst(a, i->judged), true);
}

static enum err export_csv(struct req *rq, struct resp *rs)
{
    struct arena *a = req_arena(rq);
    struct buf b = buf_init(REPORT_MAX);
    struct bytes out = BYTES_ABSENT;
    struct export x = { 0 };
    enum err e;

    TRY(load(rq, "csv", &x));
    buf_add_z(&b, CSV_MARK "file,result,reason,signer,level,proven_at,timestamp_by,accredited,"
                           "size,sha256,verified_at\r\n");
    for (size_t i = 0; i < x.n; i++)
        csv_row(a, &b, &x.items[i]);
    e = buf_to_bytes(&b, a, &out);
    buf_free(&b);
    TRY(e);
    return resp_file(rs, "text/csv; charset=utf-8", STR("verification.csv"), out,
                     DISPOSITION_ATTACHMENT);
}

static struct json *item_json(struct arena *a, const struct verification_item *i)
{
    struct json *j = json_new_object();

    json_set_str(j, "file", i->filename);
    json_set_i64(j, "size", (int64_t)i->size);
    json_set_str(j, "sha256", hex_encode(a, bytes_of_32(&i->digest)));
    json_set_str(j, "verdict", i->outcome);
    json_set_str(j, "reason", i->reason_code);
    json_set_str(j, "sub_indication", i->sub_indication);
    json_set_i64(j, "signatures", i->signatures);
    json_set_str(j, "signer", i->signer);
    json_set_str(j, "level", i->level);
    json_set_time(j, "proven_at", i->proven_at);
    json_set_str(j, "timestamp_by", i->tsa);
    json_set_str(j, "accredited", i->accredited);
    json_set_time(j, "verified_at", i->judged);
    return j;
}

static enum err export_json(struct req *rq, struct resp *rs)
{
    struct json *j, *list;
    struct export x = { 0 };

    TRY(load(rq, "json", &x));
    j = json_new_object();
    list = json_new_array();
    json_set_str(j, "title", x.set.title);
    json_set_time(j, "from", x.form->from);
    json_set_time(j, "to", x.form->to);
    for (size_t i = 0; i < x.n; i++)
        json_append(list, item_json(req_arena(rq), &x.items[i]));
    json_set(j, "files", list);
    resp_header(rs, "Content-Disposition", STR("attachment; filename=\"verification.json\""));
    return resp_json(rs, 200, j);
}

/* --- the summary report --- */

static struct str number(struct arena *a, uint64_t n)
{
    return str_fmt(a, "%llu", (unsigned long long)n);
}

static struct str day(struct arena *a, struct timestamp t, enum lang lang)
{
    return timestamp_is_none(t) ? STR("") : timestamp_human_date(a, t, lang == LANG_JA);
}

static void write_summary(struct req *rq, const struct export *x, struct signing_report *r)
{
    struct arena *a = req_arena(rq);
    enum lang l = req_lang(rq);
    const struct signing_report_row rows[] = {
        { message_text(l, MSG("Check")), x->set.title },
        { message_text(l, MSG("Proven to exist from")), day(a, x->form->from, l) },
        { message_text(l, MSG("Proven to exist until")), day(a, x->form->to, l) },
        { message_text(l, MSG("Files")), number(a, x->counts.n) },
        { message_text(l, MSG("valid")), number(a, x->counts.passed) },
        { message_text(l, MSG("cannot be judged")), number(a, x->counts.indeterminate) },
        { message_text(l, MSG("invalid")), number(a, x->counts.failed) },
        { message_text(l, MSG("no signature")), number(a, x->counts.none) },
        { message_text(l, MSG("cannot be read")), number(a, x->counts.unreadable) },
    };
    signing_report_table(r, rows, sizeof rows / sizeof *rows);
}

enum { COLUMNS = 5 };

static void write_files(struct req *rq, const struct export *x, struct signing_report *r)
{
    static const unsigned widths[COLUMNS] = { 28, 14, 18, 20, 20 };
    struct arena *a = req_arena(rq);
    enum lang l = req_lang(rq);
    struct str *cells = ARENA_ARRAY(a, (x->n + 1) * COLUMNS, struct str), *c = cells;

    *c++ = message_text(l, MSG("File"));
    *c++ = message_text(l, MSG("Result"));
    *c++ = message_text(l, MSG("Signer"));
    *c++ = message_text(l, MSG("Proven to exist at"));
    *c++ = message_text(l, MSG("SHA-256 (beginning)"));
    for (size_t i = 0; i < x->n; i++) {
        const struct verification_item *f = &x->items[i];
        *c++ = f->filename;
        *c++ = message_text(l, verification_inside_badge(f->outcome).word);
        *c++ = str_absent(f->signer) ? STR("") : f->signer;
        *c++ = timestamp_is_none(f->proven_at) ? STR("")
                                               : timestamp_human(a, f->proven_at, l == LANG_JA);
        *c++ = str_sub(a, hex_encode(a, bytes_of_32(&f->digest)), 0, 14);
    }
    signing_report_grid(r, cells, x->n + 1, COLUMNS, widths);
}

static void free_buf(void *arg)
{
    buf_free(arg);
}

static enum err export_pdf(struct req *rq, struct resp *rs)
{
    struct buf *out = ARENA_NEW(req_arena(rq), struct buf);
    struct audit_by by = AUDIT_BY(rq);
    enum lang l = req_lang(rq);
    struct signing_report *r;
    struct export x = { 0 };

    TRY(load(rq, "pdf", &x));
    r = signing_report_new(
        req_arena(rq), message_lang_code(l), message_text(l, MSG("Summary verification report")),
        message_text(l, MSG("Signed electronically: verify the signature of this report.")),
        req_now(rq));
    write_summary(rq, &x, r);
    signing_report_heading(r, 2, message_text(l, MSG("File")));
    write_files(rq, &x, r);
    *out = buf_init(REPORT_MAX);
    req_defer(rq, free_buf, out);
    TRY(signing_report_sign(req_tx(rq), r, STR("Verification report"), &by, req_now(rq), out));
    return resp_file(rs, "application/pdf", STR("verification-report.pdf"), buf_bytes(out),
                     DISPOSITION_ATTACHMENT);
}

static const struct param export_params[] = { VERIFICATION_FILTER_PARAMS, PARAM_END };

const struct route verification_export_routes[] = {
    { GET, "/verify/sets/{id}/report.csv", export_csv, WHO_ACCOUNT,
      FORM(export_params, struct verification_form), 0, 0, NULL, NULL },
    { GET, "/verify/sets/{id}/report.json", export_json, WHO_ACCOUNT,
      FORM(export_params, struct verification_form), 0, 0, NULL, NULL },
    { POST, "/verify/sets/{id}/report.pdf", export_pdf, WHO_ACCOUNT,
      FORM(export_params, struct verification_form), 0, 0, NULL, NULL },
    { 0 },
};
