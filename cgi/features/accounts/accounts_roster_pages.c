/* accounts_roster_pages.c - files of people: upload, preview, progress, result. */
#include "features/accounts/accounts_roster.h"
#include "features/accounts/accounts_pages.h"

#include "base/csv.h"
#include "http/ratelimit.h"
#include "http/resp.h"

#define PER_PAGE 50
#define LISTED 30
#define CSV_MAX (8u << 20)

static const struct rate upload_rate = { "accounts.roster", RATE_ACCOUNT, 60, HOUR_US };

/* ------------------------------------------------------------------ words */

struct words {
    const char *code;
    struct msg word;
};
static const struct words operation_words[] = {
    { "INVITE", MSG_INIT("Invite") },
    { "SUSPEND", MSG_INIT("Suspend") },
    { "RESUME", MSG_INIT("Lift the suspension") },
    { "REMOVE", MSG_INIT("Remove from the organisation") },
    { NULL, { NULL } },
};
static const struct words problem_words[] = {
    { "operation", MSG_INIT("Write INVITE, SUSPEND, RESUME or REMOVE.") },
    { "login", MSG_INIT("The login name has 3 to 64 letters, digits and . _ @ + -") },
    { "name", MSG_INIT("A name of at most 120 characters is needed.") },
    { "email", MSG_INIT("A mail address such as name@example.jp is needed.") },
    { "roles", MSG_INIT("A role is needed: end_user, customer_admin, lra_operator or "
                        "designated_operator. Operations assistants are people of the provider.") },
    { "lang", MSG_INIT("The language is ja or en.") },
    { "twice", MSG_INIT("This person stands twice in the file.") },
    { "taken", MSG_INIT("Login name or mail address are in use by somebody else.") },
    { "absent", MSG_INIT("Nobody of your organisation has this login name.") },
    { "own", MSG_INIT("This is your own account.") },
    { "own-account", MSG_INIT("This is your own account.") },
    { "closed", MSG_INIT("This person was removed. Invite them again on their own page.") },
    { "already-stopped", MSG_INIT("This person was stopped meanwhile.") },
    { "not-suspended", MSG_INIT("This person is not suspended.") },
    { "locked", MSG_INIT("This account is locked after failures. Unlock it on its own page.") },
    { "contract-ended", MSG_INIT("The contract has ended.") },
    { "stopped", MSG_INIT("Not done: whoever uploaded the file may not do this any more.") },
    { NULL, { NULL } },
};

static struct msg word_of(const struct words *w, struct str code)
{
    for (; w->code != NULL; w++)
        if (str_eq_z(code, w->code))
            return w->word;
    return (struct msg){ NULL };
}

static struct msg reason_of(const struct accounts_roster_row *r)
{
    struct str code = r->problem.n ? r->problem : r->reason;
    struct msg m = word_of(problem_words, code);

    if (code.n > 0 && m.id == NULL)
        return MSG("It could not be done.");
    return m;
}

static struct page_badge outcome_of(const struct accounts_roster_row *r)
{
    if (r->problem.n > 0)
        return (struct page_badge){ "error", MSG("To be corrected") };
    if (str_eq_z(r->outcome, "done"))
        return (struct page_badge){ "success", MSG("Done") };
    if (str_eq_z(r->outcome, "already"))
        return (struct page_badge){ "neutral", MSG("Was so already") };
    if (str_eq_z(r->outcome, "failed"))
        return (struct page_badge){ "error", MSG("Not done") };
    return (struct page_badge){ "progress", MSG("Waiting") };
}

static struct page_badge state_of(struct str state)
{
    if (str_eq_z(state, "preview"))
        return (struct page_badge){ "caution", MSG("Not started") };
    if (str_eq_z(state, "running"))
        return (struct page_badge){ "progress", MSG("Running") };
    return (struct page_badge){ "success", MSG("Done") };
}

/* ------------------------------------------------------------------ list and upload */

struct files_row {
    struct roster_id id;
    struct str filename, by;
    struct page_badge state;
    uint64_t rows;
    struct timestamp created_at;
};
static const struct view_field files_row_fields[] = {
    VIEW_ID(struct files_row, id),
    VIEW_TEXT(struct files_row, filename),
    VIEW_TEXT(struct files_row, by),
    VIEW_STRUCT(struct files_row, state, page_badge_fields),
    VIEW_COUNT(struct files_row, rows),
    VIEW_TIME(struct files_row, created_at),
    VIEW_END,
};
struct files_view {
    struct files_row *rows;
    size_t rows_n;
};
static const struct view_field files_fields[] = {
    VIEW_LIST(struct files_view, rows, rows_n, files_row_fields),
    VIEW_INT(struct files_view, rows_n),
    VIEW_END,
};
const struct view accounts_rosters_view = { "accounts/rosters.html", "Many people by file",
                                            files_fields, 0 };

static enum err files(struct req *rq, struct resp *rs)
{
    struct accounts_roster *rows;
    struct files_view v;

    TRY(accounts_roster_list(req_tx(rq), req_tenant(rq), LISTED, &rows, &v.rows_n));
    v.rows = ARENA_ARRAY(req_arena(rq), v.rows_n, struct files_row);
    for (size_t i = 0; i < v.rows_n; i++)
        v.rows[i] = (struct files_row){ rows[i].id,   rows[i].filename,
                                        rows[i].by,   state_of(rows[i].state),
                                        rows[i].rows, rows[i].created_at };
    return resp_page(rs, &accounts_rosters_view, &v);
}

struct upload_form {
    struct upload file;
};
static const struct param upload_params[] = {
    PARAM_FILE(struct upload_form, file, ACCOUNTS_ROSTER_BYTES),
    PARAM_END,
};

/* What is wrong with the file as a whole. */
static bool explain(struct req *rq, struct resp *rs, enum err err, struct str word)
{
    static const struct words known[] = {
        { "csv-encoding",
          MSG_INIT("This file is neither UTF-8 nor Shift_JIS. Save it as CSV (UTF-8) again.") },
        { "csv-quote", MSG_INIT("A quotation mark in this file is not closed.") },
        { "csv-cells", MSG_INIT("A row of this file has too many cells.") },
        { "csv-rows", MSG_INIT("A file may hold at most 5,000 people. Split it.") },
        { "roster-empty", MSG_INIT("There is nobody in this file.") },
        { "roster-columns",
          MSG_INIT("The first row must name the columns; operation and login are needed.") },
        { NULL, { NULL } },
    };
    struct msg m = word_of(known, str_z(fault_current()->reason));

    if (err != E_INPUT && err != E_LIMIT)
        return false;
    if (strcmp(fault_current()->reason, "roster-heading") == 0) {
        struct str text =
            message_fmt(req_arena(rq), req_lang(rq),
                        MSG("The column {name} is unknown, or stands there twice."),
                        MESSAGE_ARGS({ "name", str_printable(req_arena(rq), word, 40) }));
        m = (struct msg){ text.p };
    }
    if (m.id == NULL)
        return false;
    req_field_error(rq, "file", m);
    resp_undo(rs);
    fault_clear();
    return true;
}

static enum err upload(struct req *rq, struct resp *rs)
{
    const struct upload_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);
    struct roster_id id = { 0 };
    bool same = false;
    struct str word;
    enum err err;

    if (req_invalid(rq))
        return files(rq, rs);
    err = accounts_roster_upload(req_tx(rq), &by, f->file.filename, f->file.data, req_now(rq), &id,
                                 &same, &word);
    if (err != E_OK)
        return explain(rq, rs, err, word) ? files(rq, rs) : err;
    if (same)
        resp_flash(rs, "info", MSG("The same file ran already. Nothing is done twice."), STR(""));
    return resp_seeother(rs, "/users/files/{id}", id.v);
}

/* ------------------------------------------------------------------ one file */

struct file_form {
    struct roster_id id;
    int64_t page;
};
static const struct param file_params[] = {
    PARAM_ID(struct file_form, id),
    PARAM_INT_OPT(struct file_form, page, 1, 1000, 1),
    PARAM_END,
};
struct file_row {
    uint64_t line;
    struct msg operation, reason;
    struct str login, name, email;
    struct account_id account;
    struct page_badge outcome;
};
static const struct view_field file_row_fields[] = {
    VIEW_INT(struct file_row, line),
    VIEW_MSG(struct file_row, operation),
    VIEW_MSG(struct file_row, reason),
    VIEW_TEXT(struct file_row, login),
    VIEW_TEXT(struct file_row, name),
    VIEW_TEXT(struct file_row, email),
    VIEW_ID(struct file_row, account),
    VIEW_STRUCT(struct file_row, outcome, page_badge_fields),
    VIEW_END,
};
struct file_view {
    struct roster_id id;
    struct str filename;
    struct page_badge state;
    uint64_t total, bad, finished, done, already, failed;
    bool preview, running, over, ready;
    struct file_row *rows;
    size_t rows_n;
    struct page_pager pager;
};
static const struct view_field file_fields[] = {
    VIEW_ID(struct file_view, id),
    VIEW_TEXT(struct file_view, filename),
    VIEW_STRUCT(struct file_view, state, page_badge_fields),
    VIEW_COUNT(struct file_view, total),
    VIEW_COUNT(struct file_view, bad),
    VIEW_INT(struct file_view, finished),
    VIEW_COUNT(struct file_view, done),
    VIEW_COUNT(struct file_view, already),
    VIEW_COUNT(struct file_view, failed),
    VIEW_FLAG(struct file_view, preview),
    VIEW_FLAG(struct file_view, running),
    VIEW_FLAG(struct file_view, over),
    VIEW_FLAG(struct file_view, ready),
    VIEW_LIST(struct file_view, rows, rows_n, file_row_fields),
    VIEW_STRUCT(struct file_view, pager, page_pager_fields),
    VIEW_END,
};
const struct view accounts_roster_view = { "accounts/roster.html", "People of {{filename}}",
                                           file_fields, VIEW_WIDE };

static enum err fill(struct req *rq, const struct accounts_roster *r, struct file_view *v)
{
    struct accounts_roster_counts c;

    TRY(accounts_roster_counts(req_tx(rq), r->tenant, r->id, &c));
    *v = (struct file_view){
        .id = r->id,
        .filename = r->filename,
        .state = state_of(r->state),
        .total = r->rows,
        .bad = r->bad,
        .finished = c.done + c.already + c.failed,
        .done = c.done,
        .already = c.already,
        .failed = c.failed,
        .preview = str_eq_z(r->state, "preview"),
        .running = str_eq_z(r->state, "running"),
        .over = str_eq_z(r->state, "done"),
    };
    v->ready = v->preview && r->bad == 0;
    return E_OK;
}

static enum err file(struct req *rq, struct resp *rs)
{
    const struct file_form *f = req_form(rq);
    struct arena *a = req_arena(rq);
    struct accounts_roster_row *rows;
    struct accounts_roster r;
    struct file_view v;

    if (req_invalid(rq))
        return FAIL(E_ABSENT, "", "no such page");
    TRY(accounts_roster_get(req_tx(rq), req_tenant(rq), f->id, &r));
    TRY(fill(rq, &r, &v));
    TRY(accounts_roster_rows(req_tx(rq), r.tenant, r.id, (uint32_t)(f->page - 1) * PER_PAGE,
                             PER_PAGE, &rows, &v.rows_n));
    v.rows = ARENA_ARRAY(a, v.rows_n, struct file_row);
    for (size_t i = 0; i < v.rows_n; i++)
        v.rows[i] =
            (struct file_row){ rows[i].line,        word_of(operation_words, rows[i].operation),
                               reason_of(&rows[i]), rows[i].login,
                               rows[i].name,        rows[i].email,
                               rows[i].account,     outcome_of(&rows[i]) };
    v.pager = page_pager_make(a, str_fmt(a, "/users/files/%llu", (unsigned long long)r.id.v),
                              STR(""), (uint64_t)f->page, PER_PAGE, r.rows);
    return resp_page(rs, &accounts_roster_view, &v);
}

static enum err start(struct req *rq, struct resp *rs)
{
    const struct file_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);

    if (req_invalid(rq))
        return FAIL(E_ABSENT, "", "no such file");
    TRY(accounts_roster_start(req_tx(rq), &by, f->id, req_now(rq)));
    return resp_seeother(rs, "/users/files/{id}", f->id.v);
}

static enum err again(struct req *rq, struct resp *rs)
{
    const struct file_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);

    if (req_invalid(rq))
        return FAIL(E_ABSENT, "", "no such file");
    TRY(accounts_roster_again(req_tx(rq), &by, f->id, req_now(rq)));
    return resp_seeother(rs, "/users/files/{id}", f->id.v);
}

static enum err drop(struct req *rq, struct resp *rs)
{
    const struct file_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);

    if (req_invalid(rq))
        return FAIL(E_ABSENT, "", "no such file");
    TRY(accounts_roster_drop(req_tx(rq), &by, f->id));
    resp_flash(rs, "success", MSG("The file is forgotten. Nothing was changed."), STR(""));
    return resp_seeother(rs, "/users/files", 0);
}

/* ------------------------------------------------------------------ files to take away */

static enum err answer_csv(struct req *rq, struct resp *rs, struct buf *b, struct str name)
{
    struct bytes out = BYTES_ABSENT;
    enum err err = buf_to_bytes(b, req_arena(rq), &out);

    buf_free(b);
    TRY(err);
    return resp_file(rs, "text/csv; charset=utf-8", name, out, DISPOSITION_ATTACHMENT);
}

/* Headings and a row for each operation, in the language of the page. */
static enum err template(struct req *rq, struct resp *rs)
{
    static const char *const rows[4][ACCOUNTS_ROSTER_COLUMNS] = {
        { "INVITE", "hanako@example.jp", "山田 花子", "hanako@example.jp", "end_user", "ja" },
        { "SUSPEND", "taro@example.jp", "", "", "", "" },
        { "RESUME", "jiro@example.jp", "", "", "", "" },
        { "REMOVE", "saburo@example.jp", "", "", "", "" },
    };
    struct buf b = buf_init(CSV_MAX);

    buf_add_z(&b, CSV_MARK);
    for (size_t k = 0; k < ACCOUNTS_ROSTER_COLUMNS; k++)
        csv_cell(&b, str_z(accounts_roster_heading(k, req_lang(rq) == LANG_JA)),
                 k + 1 == ACCOUNTS_ROSTER_COLUMNS);
    for (size_t i = 0; i < 4; i++)
        for (size_t k = 0; k < ACCOUNTS_ROSTER_COLUMNS; k++)
            csv_cell(&b, str_z(rows[i][k]), k + 1 == ACCOUNTS_ROSTER_COLUMNS);
    return answer_csv(rq, rs, &b, STR("people.csv"));
}

static enum err result(struct req *rq, struct resp *rs)
{
    const struct file_form *f = req_form(rq);
    struct arena *a = req_arena(rq);
    struct accounts_roster_row *rows;
    struct accounts_roster r;
    struct buf b;
    size_t n;

    TRY(accounts_roster_get(req_tx(rq), req_tenant(rq), f->id, &r));
    TRY(accounts_roster_rows(req_tx(rq), r.tenant, r.id, 0, ACCOUNTS_ROSTER_ROWS, &rows, &n));
    b = buf_init(CSV_MAX);
    buf_add_z(&b, CSV_MARK "line,operation,login,name,email,outcome,reason\r\n");
    for (size_t i = 0; i < n; i++) {
        struct msg why = reason_of(&rows[i]);
        csv_cell(&b, str_fmt(a, "%u", rows[i].line), false);
        csv_cell(&b, rows[i].operation, false);
        csv_cell(&b, rows[i].login, false);
        csv_cell(&b, rows[i].name, false);
        csv_cell(&b, rows[i].email, false);
        csv_cell(&b, message_text(req_lang(rq), outcome_of(&rows[i]).word), false);
        csv_cell(&b, why.id ? message_text(req_lang(rq), why) : STR(""), true);
    }
    return answer_csv(rq, rs, &b, STR("people-result.csv"));
}

const struct route accounts_roster_routes[] = {
    { GET, "/users/files", files, ROLE_CUSTOMER_ADMIN, FORM(upload_params, struct upload_form) },
    { POST, "/users/files", upload, ROLE_CUSTOMER_ADMIN, FORM(upload_params, struct upload_form),
      ROUTE_COSTLY, ACCOUNTS_ROSTER_BYTES + 65536, NULL, &upload_rate },
    { GET, "/users/files/template.csv", template, ROLE_CUSTOMER_ADMIN, NULL },
    { GET, "/users/files/{id}", file, ROLE_CUSTOMER_ADMIN, FORM(file_params, struct file_form) },
    { GET, "/users/files/{id}/result.csv", result, ROLE_CUSTOMER_ADMIN,
      FORM(file_params, struct file_form) },
    { POST, "/users/files/{id}/start", start, ROLE_CUSTOMER_ADMIN,
      FORM(file_params, struct file_form) },
    { POST, "/users/files/{id}/again", again, ROLE_CUSTOMER_ADMIN,
      FORM(file_params, struct file_form) },
    { POST, "/users/files/{id}/forget", drop, ROLE_CUSTOMER_ADMIN,
      FORM(file_params, struct file_form) },
    { 0 },
};
