/* verification_pages.c - sets of judged files: list, one set with its findings, adding files. */
#include "features/verification/verification_pages.h"

#include "base/encoding.h"
#include "features/verification/verification_inside_pages.h"
#include "http/ratelimit.h"

#define PER_PAGE 50
#define FILES_MAX 100
#define UPLOAD_MAX (100u << 20) /* all files of one request together */

static const struct rate judge_rate = { "verification.judge", RATE_ACCOUNT, 6000, 60 * MINUTE_US };

/* --- the list of sets --- */

struct set_row {
    struct str public_id, title;
    struct timestamp created, delete_at;
    uint64_t files, passed, failed;
};

static const struct view_field set_row_fields[] = {
    VIEW_TEXT(struct set_row, public_id), VIEW_TEXT(struct set_row, title),
    VIEW_TIME(struct set_row, created),   VIEW_TIME(struct set_row, delete_at),
    VIEW_COUNT(struct set_row, files),    VIEW_COUNT(struct set_row, passed),
    VIEW_COUNT(struct set_row, failed),   VIEW_END,
};

struct sets_view {
    struct set_row *rows;
    size_t rows_count;
    struct str title;
};

static const struct view_field sets_fields[] = {
    VIEW_LIST(struct sets_view, rows, rows_count, set_row_fields),
    VIEW_INT(struct sets_view, rows_count),
    VIEW_TEXT(struct sets_view, title),
    VIEW_END,
};

static const struct view sets_view = { "verification/sets.html", "Verify many files", sets_fields,
                                       VIEW_WIDE };

static enum err show_sets(struct req *rq, struct resp *rs)
{
    struct sets_view v = { .title = req_raw(rq, "title") };
    struct verification_set *rows;

    TRY(verification_set_list(req_tx(rq), verification_inside_owner(rq), req_now(rq), &rows,
                              &v.rows_count));
    v.rows = ARENA_ARRAY(req_arena(rq), v.rows_count, struct set_row);
    for (size_t i = 0; i < v.rows_count; i++)
        v.rows[i] =
            (struct set_row){ rows[i].public_id, rows[i].title,  rows[i].created, rows[i].delete_at,
                              rows[i].files,     rows[i].passed, rows[i].failed };
    return resp_page(rs, &sets_view, &v);
}

struct new_form {
    struct str title;
};

static const struct param new_params[] = {
    PARAM_TEXT(struct new_form, title, 1, 120),
    PARAM_END,
};

static enum err begin_set(struct req *rq, struct resp *rs)
{
    const struct new_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);
    struct str id;
    enum err e;

    if (req_invalid(rq))
        return show_sets(rq, rs);
    e = verification_set_new(req_tx(rq), verification_inside_owner(rq), f->title, &by, req_now(rq),
                             &id);
    if (e == E_LIMIT) {
        req_field_error(rq, "title", MSG("You have 20 checks already. Delete one of them first."));
        return show_sets(rq, rs);
    }
    TRY(e);
    return resp_seeother_text(rs, "/verify/sets/{id}", id);
}

/* --- one set --- */

struct item_row {
    struct str filename, signer, level, tsa, accredited, digest;
    uint64_t size;
    struct timestamp proven_at;
    struct page_badge state;
    struct msg reason;
};

static const struct view_field item_row_fields[] = {
    VIEW_TEXT(struct item_row, filename),
    VIEW_TEXT(struct item_row, signer),
    VIEW_TEXT(struct item_row, level),
    VIEW_TEXT(struct item_row, tsa),
    VIEW_TEXT(struct item_row, accredited),
    VIEW_CODE(struct item_row, digest),
    VIEW_SIZE(struct item_row, size),
    VIEW_TIME(struct item_row, proven_at),
    VIEW_STRUCT(struct item_row, state, page_badge_fields),
    VIEW_MSG(struct item_row, reason),
    VIEW_END,
};

struct set_view {
    struct str public_id, title, name, from, to, outcome, query;
    struct timestamp created, delete_at;
    uint64_t files, passed, indeterminate, failed, none, unreadable, all;
    bool filtered;
    struct item_row *rows;
    size_t rows_count;
    struct page_pager pager;
    struct page_sort by_name, by_time, by_outcome;
    struct page_choice *outcomes;
    size_t outcomes_count;
};

static const struct view_field set_fields[] = {
    VIEW_TEXT(struct set_view, public_id),
    VIEW_TEXT(struct set_view, title),
    VIEW_TEXT(struct set_view, name),
    VIEW_TEXT(struct set_view, from),
    VIEW_TEXT(struct set_view, to),
    VIEW_TEXT(struct set_view, outcome),
    VIEW_TEXT(struct set_view, query),
    VIEW_TIME(struct set_view, created),
    VIEW_TIME(struct set_view, delete_at),
    VIEW_COUNT(struct set_view, files),
    VIEW_COUNT(struct set_view, passed),
    VIEW_COUNT(struct set_view, indeterminate),
    VIEW_COUNT(struct set_view, failed),
    VIEW_COUNT(struct set_view, none),
    VIEW_COUNT(struct set_view, unreadable),
    VIEW_COUNT(struct set_view, all),
    VIEW_FLAG(struct set_view, filtered),
    VIEW_LIST(struct set_view, rows, rows_count, item_row_fields),
    VIEW_INT(struct set_view, rows_count),
    VIEW_STRUCT(struct set_view, pager, page_pager_fields),
    VIEW_STRUCT(struct set_view, by_name, page_sort_fields),
    VIEW_STRUCT(struct set_view, by_time, page_sort_fields),
    VIEW_STRUCT(struct set_view, by_outcome, page_sort_fields),
    VIEW_LIST(struct set_view, outcomes, outcomes_count, page_choice_fields),
    VIEW_END,
};

static const struct view set_view = { "verification/set.html", "Check {{title}}", set_fields,
                                      VIEW_WIDE };

static struct str raw(struct req *rq, const char *field)
{
    struct str s = req_raw(rq, field);
    return str_absent(s) ? STR("") : s;
}

static void fill_links(struct req *rq, const struct verification_form *f, uint64_t total,
                       struct set_view *v)
{
    struct arena *a = req_arena(rq);
    struct str path = str_fmt(a, "/verify/sets/%.*s", STR_ARG(f->id));
    struct str sort = str_absent(f->sort) ? STR("") : f->sort;

    v->name = raw(rq, "name");
    v->from = raw(rq, "from");
    v->to = raw(rq, "to");
    v->outcome = raw(rq, "outcome");
    v->filtered = v->name.n || v->from.n || v->to.n || f->outcome != 0;
    v->query = str_fmt(a, "name=%s&from=%s&to=%s&outcome=%s", percent_encode(a, v->name).p,
                       percent_encode(a, v->from).p, percent_encode(a, v->to).p,
                       percent_encode(a, v->outcome).p);
    v->pager = page_pager_make(a, path, str_fmt(a, "%s&sort=%s", v->query.p, sort.p),
                               (uint64_t)f->page, PER_PAGE, total);
    v->by_name = page_sort_make(a, path, v->query, sort, "name");
    v->by_time = page_sort_make(a, path, v->query, sort, "time");
    v->by_outcome = page_sort_make(a, path, v->query, sort, "outcome");
}

static void fill_outcomes(struct arena *a, int chosen, struct set_view *v)
{
    while (verification_choices[v->outcomes_count].word)
        v->outcomes_count++;
    v->outcomes = ARENA_ARRAY(a, v->outcomes_count, struct page_choice);
    for (size_t i = 0; i < v->outcomes_count; i++)
        v->outcomes[i] = (struct page_choice){
            .value = str_z(verification_choices[i].word),
            .label = i == 0 ? MSG("All")
                            : verification_inside_badge(str_z(verification_choices[i].word)).word,
            .selected = verification_choices[i].value == chosen
        };
}

static void fill_rows(struct arena *a, const struct verification_item *items, struct set_view *v)
{
    v->rows = ARENA_ARRAY(a, v->rows_count, struct item_row);
    for (size_t i = 0; i < v->rows_count; i++)
        v->rows[i] = (struct item_row){ .filename = items[i].filename,
                                        .signer = items[i].signer,
                                        .level = items[i].level,
                                        .tsa = items[i].tsa,
                                        .accredited = items[i].accredited,
                                        .digest = hex_encode(a, bytes_of_32(&items[i].digest)),
                                        .size = items[i].size,
                                        .proven_at = items[i].proven_at,
                                        .state = verification_inside_badge(items[i].outcome),
                                        .reason = verification_inside_reason(&items[i]) };
}

static void fill_counts(const struct verification_counts *c, struct set_view *v)
{
    v->files = c->n;
    v->passed = c->passed;
    v->indeterminate = c->indeterminate;
    v->failed = c->failed;
    v->none = c->none;
    v->unreadable = c->unreadable;
}

/* `f` may be of another form: then only its id counts. */
static enum err show(struct req *rq, struct resp *rs, const struct verification_form *f)
{
    struct verification_filter filter = verification_inside_filter(f);
    struct verification_counts counts, all;
    struct verification_item *items;
    struct verification_set set;
    struct set_view v = { 0 };
    uint64_t room;

    TRY(verification_set_find(req_tx(rq), verification_inside_owner(rq), f->id, req_now(rq), &set));
    TRY(verification_set_room(req_tx(rq), &set, &room));
    filter.offset = (uint32_t)(f->page - 1) * PER_PAGE;
    filter.limit = PER_PAGE;
    TRY(verification_item_list(req_tx(rq), &set, &filter, &items, &v.rows_count, &counts));
    all.n = VERIFICATION_ITEMS_MAX - room;
    v.public_id = set.public_id;
    v.title = set.title;
    v.created = set.created;
    v.delete_at = set.delete_at;
    v.all = all.n;
    fill_counts(&counts, &v);
    fill_rows(req_arena(rq), items, &v);
    fill_links(rq, f, counts.n, &v);
    fill_outcomes(req_arena(rq), f->outcome, &v);
    return resp_page(rs, &set_view, &v);
}

static const struct param set_params[] = { VERIFICATION_FILTER_PARAMS, PARAM_END };

static enum err show_set(struct req *rq, struct resp *rs)
{
    return show(rq, rs, req_form(rq));
}

/* --- adding files --- */

struct files_form {
    struct str id;
    struct upload *files;
    size_t files_n;
};

static const struct param files_params[] = {
    PARAM_TOKEN(struct files_form, id, 1, 64),
    PARAM_FILES(struct files_form, files, files_n, UPLOAD_MAX, FILES_MAX),
    PARAM_END,
};

static enum err show_again(struct req *rq, struct resp *rs, struct str id)
{
    const struct verification_form f = {
        .id = id, .from = TIMESTAMP_NONE, .to = TIMESTAMP_NONE, .page = 1
    };
    return show(rq, rs, &f);
}

/* Shows why nothing was taken; false: an error page. */
static bool refused(struct req *rq)
{
    static const struct {
        const char *reason;
        struct msg words;
    } known[] = {
        { "zip-damaged", MSG_INIT("This ZIP file is damaged. Make it again.") },
        { "zip-encrypted", MSG_INIT("This ZIP file needs a password. Make it without one.") },
        { "zip-empty", MSG_INIT("There is no file in this ZIP.") },
        { "zip-files", MSG_INIT("A ZIP may hold at most 300 files. Split it.") },
        { "zip-total", MSG_INIT("Unpacked, this ZIP is too large. Split it.") },
        { "verification-items", MSG_INIT("A check may hold at most 5,000 files. Begin another.") },
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(fault_current()->reason, known[i].reason) == 0) {
            req_field_error(rq, "files", known[i].words);
            return true;
        }
    return false;
}

static enum err judge_all(struct req *rq, const struct files_form *f,
                          const struct verification_set *set, size_t *judged)
{
    size_t n;

    *judged = 0;
    for (size_t i = 0; i < f->files_n; i++) {
        TRY(verification_judge(req_tx(rq), set, f->files[i].filename, f->files[i].data, req_now(rq),
                               &n));
        *judged += n;
    }
    return E_OK;
}

static enum err add_files(struct req *rq, struct resp *rs)
{
    const struct files_form *f = req_form(rq);
    struct verification_set set;
    size_t judged;
    enum err e;

    if (!req_invalid(rq) && f->files_n == 0)
        req_field_error(rq, "files", MSG("Choose at least one PDF or ZIP file."));
    if (req_invalid(rq))
        return show_again(rq, rs, f->id);
    TRY(verification_set_find(req_tx(rq), verification_inside_owner(rq), f->id, req_now(rq), &set));
    e = judge_all(rq, f, &set, &judged);
    if (e != E_OK)
        return refused(rq) ? show_again(rq, rs, f->id) : e;
    return resp_seeother_text(rs, "/verify/sets/{id}", set.public_id);
}

/* --- deleting --- */

struct delete_form {
    struct str id;
};

static const struct param delete_params[] = {
    PARAM_TOKEN(struct delete_form, id, 1, 64),
    PARAM_END,
};

struct delete_view {
    struct str public_id, title;
};

static const struct view_field delete_fields[] = {
    VIEW_TEXT(struct delete_view, public_id),
    VIEW_TEXT(struct delete_view, title),
    VIEW_END,
};

static const struct view delete_view = { "verification/delete.html", "Delete the check {{title}}",
                                         delete_fields, 0 };

static enum err ask_delete(struct req *rq, struct resp *rs)
{
    const struct delete_form *f = req_form(rq);
    struct verification_set set;

    TRY(verification_set_find(req_tx(rq), verification_inside_owner(rq), f->id, req_now(rq), &set));
    struct delete_view v = { set.public_id, set.title };
    return resp_page(rs, &delete_view, &v);
}

static enum err delete_set(struct req *rq, struct resp *rs)
{
    const struct delete_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);

    if (req_invalid(rq))
        return FAIL(E_INPUT, "form-invalid", "no set");
    TRY(verification_set_erase(req_tx(rq), verification_inside_owner(rq), f->id, &by));
    resp_flash(rs, "success", MSG("The check is deleted."), STR(""));
    return resp_seeother(rs, "/verify/sets", 0);
}

const struct view *const verification_views[] = { &sets_view, &set_view, &delete_view, NULL };

const struct route verification_routes[] = {
    { GET, "/verify/sets", show_sets, WHO_ACCOUNT, FORM(new_params, struct new_form), 0, 0, NULL,
      NULL },
    { POST, "/verify/sets", begin_set, WHO_ACCOUNT, FORM(new_params, struct new_form), 0, 0, NULL,
      NULL },
    { GET, "/verify/sets/{id}", show_set, WHO_ACCOUNT, FORM(set_params, struct verification_form),
      0, 0, NULL, NULL },
    { POST, "/verify/sets/{id}/files", add_files, WHO_ACCOUNT,
      FORM(files_params, struct files_form), ROUTE_COSTLY, UPLOAD_MAX + (1u << 20), NULL,
      &judge_rate },
    { GET, "/verify/sets/{id}/delete", ask_delete, WHO_ACCOUNT,
      FORM(delete_params, struct delete_form), 0, 0, NULL, NULL },
    { POST, "/verify/sets/{id}/delete", delete_set, WHO_ACCOUNT,
      FORM(delete_params, struct delete_form), 0, 0, NULL, NULL },
    { 0 },
};
