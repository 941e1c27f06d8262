/* bulk_run_pages.c - one run: what was found, what will happen, how far it is, what came of it. */
#include "features/bulk/bulk_inside_pages.h"

#include "features/bulk/bulk_order.h"

/* --- what is shown of rows --- */

enum { SHOW_ALL, SHOW_BAD, SHOW_READY, SHOW_WAITING, SHOW_DONE };
static const struct choice shows[] = { { "all", SHOW_ALL },     { "failed", SHOW_BAD },
                                       { "ready", SHOW_READY }, { "waiting", SHOW_WAITING },
                                       { "done", SHOW_DONE },   { NULL, 0 } };
static const uint32_t shown_states[] = {
    [SHOW_ALL] = 0,
    [SHOW_BAD] = 1u << BULK_ROW_BAD | 1u << BULK_ROW_FAILED,
    [SHOW_READY] = 1u << BULK_ROW_READY,
    [SHOW_WAITING] = 1u << BULK_ROW_SENT | 1u << BULK_ROW_REVIEW,
    [SHOW_DONE] = 1u << BULK_ROW_DONE | 1u << BULK_ROW_SAME,
};

static const struct param run_params[] = {
    PARAM_TOKEN(struct bulk_run_form, id, 1, 64),
    PARAM_CHOICE_OPT(struct bulk_run_form, show, shows, SHOW_ALL),
    PARAM_INT_OPT(struct bulk_run_form, page, 1, 1000, 1),
    PARAM_FLAG(struct bulk_run_form, again),
    PARAM_END,
};

struct finding {
    struct str column, text;
    bool refuses;
};
static const struct view_field finding_fields[] = {
    VIEW_TEXT(struct finding, column),
    VIEW_TEXT(struct finding, text),
    VIEW_FLAG(struct finding, refuses),
    VIEW_END,
};
struct row {
    uint32_t seq, line;
    struct msg operation;
    struct page_badge state;
    struct str title, ref, receipt, serial, public_id;
    struct certificate_id certificate;
    struct finding *findings;
    size_t findings_n;
    bool again;
};
static const struct view_field row_fields[] = {
    VIEW_INT(struct row, seq),
    VIEW_INT(struct row, line),
    VIEW_MSG(struct row, operation),
    VIEW_STRUCT(struct row, state, page_badge_fields),
    VIEW_TEXT(struct row, title),
    VIEW_TEXT(struct row, ref),
    VIEW_TEXT(struct row, receipt),
    VIEW_CODE(struct row, serial),
    VIEW_TEXT(struct row, public_id),
    VIEW_ID(struct row, certificate),
    VIEW_LIST(struct row, findings, findings_n, finding_fields),
    VIEW_FLAG(struct row, again),
    VIEW_END,
};

struct run_view {
    struct str public_id, filename, profile, person, encoding, format, pause;
    struct page_badge state;
    struct timestamp created, started, ended, erase;
    uint32_t row_count, read_count;
    uint64_t good, bad, failed, ready, sent, review, done, same, over, keys;
    uint64_t issue, renew, revoke, suspend, release, pkcs12;
    bool checking, checked, running, paused, stopped, finished, mine, erased, two, box, may_retry;
    bool none_ready, again;
    struct page_choice *shows;
    size_t shows_n;
    struct row *rows;
    size_t rows_count;
    struct page_pager pager;
};
static const struct view_field run_fields[] = {
    VIEW_TEXT(struct run_view, public_id),
    VIEW_TEXT(struct run_view, filename),
    VIEW_TEXT(struct run_view, profile),
    VIEW_TEXT(struct run_view, person),
    VIEW_TEXT(struct run_view, encoding),
    VIEW_TEXT(struct run_view, format),
    VIEW_TEXT(struct run_view, pause),
    VIEW_STRUCT(struct run_view, state, page_badge_fields),
    VIEW_TIME(struct run_view, created),
    VIEW_TIME(struct run_view, started),
    VIEW_TIME(struct run_view, ended),
    VIEW_DATE(struct run_view, erase),
    VIEW_COUNT(struct run_view, row_count),
    VIEW_COUNT(struct run_view, read_count),
    VIEW_COUNT(struct run_view, good),
    VIEW_COUNT(struct run_view, bad),
    VIEW_COUNT(struct run_view, failed),
    VIEW_COUNT(struct run_view, ready),
    VIEW_COUNT(struct run_view, sent),
    VIEW_COUNT(struct run_view, review),
    VIEW_COUNT(struct run_view, done),
    VIEW_COUNT(struct run_view, same),
    VIEW_INT(struct run_view, over),
    VIEW_COUNT(struct run_view, keys),
    VIEW_COUNT(struct run_view, issue),
    VIEW_COUNT(struct run_view, renew),
    VIEW_COUNT(struct run_view, revoke),
    VIEW_COUNT(struct run_view, suspend),
    VIEW_COUNT(struct run_view, release),
    VIEW_COUNT(struct run_view, pkcs12),
    VIEW_FLAG(struct run_view, checking),
    VIEW_FLAG(struct run_view, checked),
    VIEW_FLAG(struct run_view, running),
    VIEW_FLAG(struct run_view, paused),
    VIEW_FLAG(struct run_view, stopped),
    VIEW_FLAG(struct run_view, finished),
    VIEW_FLAG(struct run_view, mine),
    VIEW_FLAG(struct run_view, erased),
    VIEW_FLAG(struct run_view, two),
    VIEW_FLAG(struct run_view, box),
    VIEW_FLAG(struct run_view, may_retry),
    VIEW_FLAG(struct run_view, none_ready),
    VIEW_FLAG(struct run_view, again),
    VIEW_LIST(struct run_view, shows, shows_n, page_choice_fields),
    VIEW_LIST(struct run_view, rows, rows_count, row_fields),
    VIEW_INT(struct run_view, rows_count),
    VIEW_STRUCT(struct run_view, pager, page_pager_fields),
    VIEW_END,
};
const struct view bulk_preview_view = { "bulk/preview.html", "Preview of {{filename}}", run_fields,
                                        VIEW_WIDE };
const struct view bulk_run_view = { "bulk/run.html", "Bulk: {{filename}}", run_fields, VIEW_WIDE };

/* A profile may have a field of the name of one of our columns: findings of ours mean ours. */
static struct str column_of(struct req *rq, const struct profile *p, struct str code,
                            struct str field)
{
    const bool ja = req_lang(rq) == LANG_JA;
    const struct profiles_field *f = field.n ? profiles_field(p, field) : NULL;
    struct str ours = bulk_columns_named(field, ja);

    if (f && (ours.n == 0 || !str_starts(code, STR("bulk-"))))
        return ja ? f->label_ja : f->label_en;
    return ours.n ? ours : field;
}

static enum err fill_findings(struct req *rq, const struct profile *p, struct str json,
                              struct row *out)
{
    struct arena *a = req_arena(rq);
    struct profiles_finding *f;

    TRY(bulk_order_found(a, json, &f, &out->findings_n));
    out->findings = ARENA_ARRAY(a, out->findings_n, struct finding);
    for (size_t i = 0; i < out->findings_n; i++)
        out->findings[i] =
            (struct finding){ column_of(rq, p, f[i].code, f[i].field),
                              bulk_inside_finding(a, req_lang(rq), f[i].code, f[i].detail),
                              f[i].refuses };
    return E_OK;
}

static enum err fill_rows(struct req *rq, const struct bulk_run *run, const struct profile *p,
                          const struct bulk_run_form *f, struct run_view *v)
{
    struct bulk_row *rows;

    TRY(bulk_rows(req_tx(rq), run, shown_states[f->show], true,
                  (uint32_t)(f->page - 1) * BULK_PER_PAGE, BULK_PER_PAGE, &rows, &v->rows_count));
    v->rows = ARENA_ARRAY(req_arena(rq), v->rows_count, struct row);
    for (size_t i = 0; i < v->rows_count; i++) {
        const struct bulk_row *r = &rows[i];
        bool wrong = r->state == BULK_ROW_BAD || r->state == BULK_ROW_FAILED;
        v->rows[i] = (struct row){ .seq = r->seq,
                                   .line = r->line,
                                   .operation = bulk_inside_operation(r->operation),
                                   .state = bulk_inside_row_state(r),
                                   .title = r->title,
                                   .ref = r->ref,
                                   .receipt = r->receipt,
                                   .serial = r->serial,
                                   .public_id = run->public_id,
                                   .certificate = r->certificate,
                                   .again = wrong && v->may_retry };
        TRY(fill_findings(rq, p, r->findings, &v->rows[i]));
    }
    return E_OK;
}

static void fill_counts(const struct bulk_counts *c, struct run_view *v)
{
    v->bad = c->rows[BULK_ROW_BAD];
    v->failed = c->rows[BULK_ROW_FAILED] + v->bad;
    v->ready = v->good = c->rows[BULK_ROW_READY];
    v->sent = c->rows[BULK_ROW_SENT];
    v->review = c->rows[BULK_ROW_REVIEW];
    v->same = c->rows[BULK_ROW_SAME];
    v->done = c->rows[BULK_ROW_DONE];
    v->over = v->done + v->same + v->failed + v->review;
    v->issue = c->operations[BULK_ISSUE];
    v->renew = c->operations[BULK_RENEW];
    v->revoke = c->operations[BULK_REVOKE];
    v->suspend = c->operations[BULK_SUSPEND];
    v->release = c->operations[BULK_RELEASE];
    v->pkcs12 = c->pkcs12;
    v->none_ready = v->good == 0;
}

static void fill_shows(struct req *rq, const struct bulk_run_form *f, struct run_view *v)
{
    const struct {
        struct msg label;
        uint64_t n;
    } of[] = { { MSG("All"), v->row_count },
               { MSG("With errors"), v->failed },
               { MSG("Not done yet"), v->ready },
               { MSG("Waiting"), v->sent + v->review },
               { MSG("Done"), v->done + v->same } };

    v->shows = ARENA_ARRAY(req_arena(rq), sizeof of / sizeof *of, struct page_choice);
    for (size_t i = 0; i < sizeof of / sizeof *of; i++)
        if (i == 0 || of[i].n > 0)
            v->shows[v->shows_n++] =
                (struct page_choice){ .value = str_z(shows[i].word),
                                      .label = of[i].label,
                                      .text = str_fmt(req_arena(rq), "%llu",
                                                      (unsigned long long)of[i].n),
                                      .selected = (size_t)f->show == i };
}

static uint64_t shown(const struct bulk_run_form *f, const struct run_view *v)
{
    switch (f->show) {
    case SHOW_BAD:
        return v->failed;
    case SHOW_READY:
        return v->ready;
    case SHOW_WAITING:
        return v->sent + v->review;
    case SHOW_DONE:
        return v->done + v->same;
    default:
        return v->checking ? v->read_count : v->row_count;
    }
}

static struct run_view view_of(struct req *rq, const struct bulk_run *run, const struct profile *p)
{
    return (struct run_view){ .public_id = run->public_id,
                              .filename = run->filename,
                              .profile = req_lang(rq) == LANG_JA ? p->title_ja : p->title_en,
                              .person = run->account_name,
                              .encoding = str_eq_z(run->encoding, "windows-31j") ? STR("Shift_JIS")
                                                                                 : STR("UTF-8"),
                              .format = str_eq_z(run->format, "tsv") ? STR("TSV") : STR("CSV"),
                              .state = bulk_inside_state(run),
                              .created = run->created,
                              .started = run->started,
                              .ended = run->ended,
                              .erase = run->erase,
                              .row_count = run->row_count,
                              .read_count = run->read_count,
                              .checking = run->state == BULK_CHECKING,
                              .checked = run->state == BULK_CHECKED,
                              .running = run->state == BULK_RUNNING,
                              .paused = run->state == BULK_PAUSED,
                              .stopped = run->state == BULK_STOPPED,
                              .finished = run->state == BULK_DONE,
                              .mine = run->account.v == req_account(rq).v,
                              .erased = run->erased,
                              .two = p->approvals > 1,
                              .box = run->box };
}

static enum err show(struct req *rq, struct resp *rs, const struct bulk_run *run,
                     const struct bulk_run_form *f)
{
    const struct profile *p;
    struct bulk_counts c;
    struct msg pause;

    TRY(profiles_get(req_tx(rq), run->profile, 0, &p));
    struct run_view v = view_of(rq, run, p);
    v.again = f->again;
    TRY(bulk_count(req_tx(rq), run, &c));
    fill_counts(&c, &v);
    v.may_retry = v.mine && !v.erased && !v.checking && !v.checked;
    v.pause = run->pause.n && bulk_reasons_text(run->pause.p, &pause)
                  ? message_text(req_lang(rq), pause)
                  : STR("");
    if (run->box)
        TRY(bulk_keys_count(req_tx(rq), run, &v.keys));
    TRY(fill_rows(rq, run, p, f, &v));
    fill_shows(rq, f, &v);
    v.pager = page_pager_make(req_arena(rq), str_fmt(req_arena(rq), "/bulk/%s", run->public_id.p),
                              str_fmt(req_arena(rq), "show=%s", shows[f->show].word),
                              (uint64_t)f->page, BULK_PER_PAGE, shown(f, &v));
    return resp_page(rs, v.checking || v.checked ? &bulk_preview_view : &bulk_run_view, &v);
}

enum err bulk_run_show(struct req *rq, struct resp *rs, const struct bulk_run *run)
{
    const struct bulk_run_form f = { .id = run->public_id, .show = SHOW_ALL, .page = 1 };

    return show(rq, rs, run, &f);
}

static enum err show_run(struct req *rq, struct resp *rs)
{
    const struct bulk_run_form *f = req_form(rq);
    struct bulk_who who = bulk_inside_who(rq);
    struct bulk_run run;

    if (req_invalid(rq))
        return FAIL(E_ABSENT, "", "no such page");
    TRY(bulk_find(req_tx(rq), &who, f->id, &run));
    return show(rq, rs, &run, f);
}

const struct route bulk_run_routes[] = {
    { GET, "/bulk/{id}", show_run, BULK_WHO, FORM(run_params, struct bulk_run_form), 0, 0, NULL,
      NULL, NULL },
    { 0 },
};
