/* inventory_export_pages.c - what the filter of the list finds, as CSV (P1-49: customers take their
 * data themselves). */
#include "base/csv.h"
#include "base/encoding.h"
#include "features/audit/audit.h"
#include "features/inventory/inventory_inside_pages.h"

#define EXPORT_MAX 100000u /* rows in one file; more are asked for with a narrower filter */
#define PIECE 5000u
#define FILE_MAX (64u << 20)

static const struct msg columns[] = {
    MSG_INIT("Name"),         MSG_INIT("Mail address"), MSG_INIT("Serial number"),
    MSG_INIT("Kind"),         MSG_INIT("State"),        MSG_INIT("Valid from"),
    MSG_INIT("Valid until"),  MSG_INIT("Revoked on"),   MSG_INIT("Subscriber"),
    MSG_INIT("Requested by"),
};
#define COLUMNS (sizeof columns / sizeof *columns)

static struct str time_text(struct arena *a, struct timestamp t)
{
    return timestamp_is_none(t) ? STR("") : timestamp_rfc3339_jst(a, t);
}

static void add_row(struct req *rq, struct buf *b, const struct inventory_row *r)
{
    struct arena *a = req_arena(rq);

    csv_cell(b, r->name, false);
    csv_cell(b, r->email, false);
    csv_cell(b, r->serial, false);
    csv_cell(b, r->profile, false);
    csv_cell(b, str_z(inventory_state_name(r->state)), false);
    csv_cell(b, time_text(a, r->not_before), false);
    csv_cell(b, time_text(a, r->not_after), false);
    csv_cell(b, time_text(a, r->revoked_at), false);
    csv_cell(b, r->account, false);
    csv_cell(b, r->requester, true);
}

static enum err add_rows(struct req *rq, const struct inventory_filter *f, struct buf *b)
{
    struct inventory_row *r;
    size_t n = PIECE;

    for (uint32_t at = 0; n == PIECE && at < EXPORT_MAX; at += PIECE) {
        TRY(inventory_find(req_tx(rq), f, PIECE, at, &r, &n));
        for (size_t i = 0; i < n; i++)
            add_row(rq, b, &r[i]);
    }
    return E_OK;
}

static enum err send(struct req *rq, struct resp *rs, const struct inventory_filter *f)
{
    struct buf b = buf_init(FILE_MAX);
    struct bytes out = BYTES_ABSENT;
    enum err e;

    buf_add_z(&b, CSV_MARK);
    for (size_t i = 0; i < COLUMNS; i++)
        csv_cell(&b, message_text(req_lang(rq), columns[i]), i + 1 == COLUMNS);
    e = add_rows(rq, f, &b);
    if (e == E_OK)
        e = buf_to_bytes(&b, req_arena(rq), &out);
    buf_free(&b);
    TRY(e);
    return resp_file(rs, "text/csv; charset=utf-8", STR("certificates.csv"), out,
                     DISPOSITION_ATTACHMENT);
}

enum err inventory_export(struct req *rq, struct resp *rs)
{
    const struct inventory_form *f = req_form(rq);
    struct inventory_filter filter;
    struct audit_by by = AUDIT_BY(rq);
    struct json *detail;
    uint64_t n;
    bool ok;

    TRY(inventory_inside_filter(rq, f, &filter, &ok));
    if (!ok)
        return FAIL(E_INPUT, "form-invalid", "bad filter");
    TRY(inventory_count(req_tx(rq), &filter, EXPORT_MAX + 1, &n));
    if (n > EXPORT_MAX)
        return FAIL(E_INPUT, "export-too-many", "more than %u certificates", EXPORT_MAX);
    detail = json_new_object();
    json_set_i64(detail, "rows", (int64_t)n);
    json_set_str(detail, "filter", inventory_inside_query(rq, f, true));
    TRY(audit_note(req_tx(rq), &by, "inventory.export", NULL, 0, detail));
    return send(rq, rs, &filter);
}
