/* signing_template_pages.c - placements that recur: list, add, change, delete. */
#include "features/signing/signing_pages.h"
#include "features/signing/signing_seal_pages.h"

static const struct choice rules[] = { { "first", SIGNING_PAGE_FIRST },
                                       { "last", SIGNING_PAGE_LAST },
                                       { "number", SIGNING_PAGE_NUMBER },
                                       { "all", SIGNING_PAGE_ALL },
                                       { NULL, 0 } };
static const struct choice levels[] = { { "ES", SIGNING_ES },
                                        { "ES-T", SIGNING_ES_T },
                                        { "ES-LT", SIGNING_ES_LT },
                                        { "ES-A", SIGNING_ES_A },
                                        { NULL, 0 } };

static struct msg rule_words(enum signing_page_rule rule)
{
    static const struct msg words[] = { MSG_INIT("first page"), MSG_INIT("last page"),
                                        MSG_INIT("a certain page"), MSG_INIT("every page") };
    return words[(unsigned)rule % 4];
}

/* Tenths of a millimetre as people write millimetres. */
static struct str mm(struct req *rq, uint32_t tenths)
{
    return tenths % 10 ? str_fmt(req_arena(rq), "%u.%u", tenths / 10, tenths % 10)
                       : str_fmt(req_arena(rq), "%u", tenths / 10);
}

/* --- list --- */

struct of_form {
    int of;
};

static const struct param of_params[] = {
    PARAM_CHOICE_OPT(struct of_form, of, signing_seal_of_words, SIGNING_SEAL_MINE),
    PARAM_END,
};

struct template_row {
    struct str name, seal, path, size, place;
    struct msg rule;
    struct str level;
    uint32_t page;
};

static const struct view_field row_fields[] = {
    VIEW_TEXT(struct template_row, name),
    VIEW_TEXT(struct template_row, seal),
    VIEW_URL(struct template_row, path),
    VIEW_TEXT(struct template_row, size),
    VIEW_TEXT(struct template_row, place),
    VIEW_MSG(struct template_row, rule),
    VIEW_TEXT(struct template_row, level),
    VIEW_INT(struct template_row, page),
    VIEW_END,
};

struct templates_view {
    struct template_row *rows;
    size_t rows_count;
    struct str new_path, seals_path;
    bool organisation;
};

static const struct view_field templates_fields[] = {
    VIEW_LIST(struct templates_view, rows, rows_count, row_fields),
    VIEW_INT(struct templates_view, rows_count),
    VIEW_URL(struct templates_view, new_path),
    VIEW_URL(struct templates_view, seals_path),
    VIEW_FLAG(struct templates_view, organisation),
    VIEW_END,
};

const struct view signing_templates_view = { "signing/seal_templates.html", "Placements",
                                             templates_fields, VIEW_WIDE };

static struct str label_of(const struct signing_seal *seals, size_t n, struct str public_id)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(seals[i].public_id, public_id))
            return seals[i].label;
    return STR("");
}

static enum err list(struct req *rq, struct resp *rs)
{
    const struct of_form *f = req_form(rq);
    struct arena *a = req_arena(rq);
    struct templates_view v = { .organisation = f->of == SIGNING_SEAL_ORGANISATIONS };
    struct signing_template *t;
    struct signing_seal *seals;
    struct signing_owner owner;
    size_t n;

    TRY(signing_seal_owner(rq, f->of, &owner));
    TRY(signing_template_list(req_tx(rq), owner, &t, &v.rows_count));
    TRY(signing_seal_list(req_tx(rq), owner, &seals, &n));
    v.rows = ARENA_ARRAY(a, v.rows_count, struct template_row);
    for (size_t i = 0; i < v.rows_count; i++)
        v.rows[i] = (struct template_row){
            .name = t[i].name,
            .seal = label_of(seals, n, t[i].seal),
            .path =
                signing_seal_path(rq, f->of, str_fmt(a, "/seals/templates/%s", t[i].public_id.p).p),
            .size = str_fmt(a, "%s × %s", mm(rq, t[i].width).p, mm(rq, t[i].height).p),
            .place = str_fmt(a, "%s, %s", mm(rq, t[i].x).p, mm(rq, t[i].y).p),
            .rule = rule_words(t[i].rule),
            .level = str_z(signing_level_name(t[i].level)),
            .page = t[i].page,
        };
    v.new_path = signing_seal_path(rq, f->of, "/seals/templates/new");
    v.seals_path = signing_seal_path(rq, f->of, "/seals");
    return resp_page(rs, &signing_templates_view, &v);
}

/* --- one: the same form for a new one and for a change --- */

struct edit_form {
    int of, rule, level;
    struct str id, name, seal, x, y, width, height, reason;
    int64_t page, certify;
    bool show_name, show_date, show_reason;
};

#define EDIT_PARAMS                                                                                \
    PARAM_CHOICE_OPT(struct edit_form, of, signing_seal_of_words, SIGNING_SEAL_MINE),              \
        PARAM_TEXT(struct edit_form, name, 1, 60), PARAM_TOKEN_OPT(struct edit_form, seal, 32),    \
        PARAM_CHOICE_OPT(struct edit_form, rule, rules, SIGNING_PAGE_LAST),                        \
        PARAM_INT_OPT(struct edit_form, page, 1, 100000, 1),                                       \
        PARAM_TEXT(struct edit_form, x, 1, 8), PARAM_TEXT(struct edit_form, y, 1, 8),              \
        PARAM_TEXT(struct edit_form, width, 1, 8), PARAM_TEXT(struct edit_form, height, 1, 8),     \
        PARAM_TEXT_OPT(struct edit_form, reason, 120), PARAM_FLAG(struct edit_form, show_name),    \
        PARAM_FLAG(struct edit_form, show_date), PARAM_FLAG(struct edit_form, show_reason),        \
        PARAM_CHOICE_OPT(struct edit_form, level, levels, SIGNING_ES_T),                           \
        PARAM_INT_OPT(struct edit_form, certify, 0, 3, 0)

static const struct param new_params[] = { EDIT_PARAMS, PARAM_END };
static const struct param edit_params[] = { PARAM_TOKEN(struct edit_form, id, 1, 64), EDIT_PARAMS,
                                            PARAM_END };
static const struct param one_params[] = {
    PARAM_CHOICE_OPT(struct edit_form, of, signing_seal_of_words, SIGNING_SEAL_MINE),
    PARAM_TOKEN(struct edit_form, id, 1, 64),
    PARAM_END,
};

struct template_view {
    bool fresh, show_name, show_date, show_reason;
    struct str name, x, y, width, height, reason, page;
    struct page_choice *seals, *rules, *levels, *certify;
    size_t seals_count, rules_count, levels_count, certify_count;
    struct str path, delete_path, back, of;
};

static const struct view_field template_fields[] = {
    VIEW_FLAG(struct template_view, fresh),
    VIEW_FLAG(struct template_view, show_name),
    VIEW_FLAG(struct template_view, show_date),
    VIEW_FLAG(struct template_view, show_reason),
    VIEW_TEXT(struct template_view, name),
    VIEW_TEXT(struct template_view, x),
    VIEW_TEXT(struct template_view, y),
    VIEW_TEXT(struct template_view, width),
    VIEW_TEXT(struct template_view, height),
    VIEW_TEXT(struct template_view, reason),
    VIEW_TEXT(struct template_view, page),
    VIEW_LIST(struct template_view, seals, seals_count, page_choice_fields),
    VIEW_LIST(struct template_view, rules, rules_count, page_choice_fields),
    VIEW_LIST(struct template_view, levels, levels_count, page_choice_fields),
    VIEW_LIST(struct template_view, certify, certify_count, page_choice_fields),
    VIEW_URL(struct template_view, path),
    VIEW_URL(struct template_view, delete_path),
    VIEW_URL(struct template_view, back),
    VIEW_TEXT(struct template_view, of),
    VIEW_END,
};

const struct view signing_template_view = { "signing/seal_template.html", "Placement",
                                            template_fields, 0 };

static struct page_choice *choices(struct req *rq, const struct choice *table,
                                   struct msg (*words)(enum signing_page_rule), int selected,
                                   size_t *n)
{
    struct page_choice *out;
    for (*n = 0; table[*n].word; (*n)++)
        ;
    out = ARENA_ARRAY(req_arena(rq), *n, struct page_choice);
    for (size_t i = 0; i < *n; i++) {
        out[i] = (struct page_choice){ .value = str_z(table[i].word),
                                       .text = str_z(table[i].word),
                                       .selected = table[i].value == selected };
        if (words)
            out[i].label = words((enum signing_page_rule)table[i].value);
    }
    return out;
}

static enum err seal_choices(struct req *rq, struct signing_owner owner, struct str selected,
                             struct template_view *v)
{
    struct signing_seal *seals;
    size_t n;

    TRY(signing_seal_list(req_tx(rq), owner, &seals, &n));
    v->seals = ARENA_ARRAY(req_arena(rq), n + 1, struct page_choice);
    v->seals[0] = (struct page_choice){ .value = STR(""),
                                        .label = MSG("no seal, text alone"),
                                        .selected = str_empty(selected) };
    for (size_t i = 0; i < n; i++)
        v->seals[i + 1] = (struct page_choice){ .value = seals[i].public_id,
                                                .text = seals[i].label,
                                                .selected = str_eq(seals[i].public_id, selected) };
    v->seals_count = n + 1;
    return E_OK;
}

static void certify_choices(struct req *rq, int64_t selected, struct template_view *v)
{
    static const struct msg words[] = {
        MSG_INIT("approval: others may sign and fill in as before"),
        MSG_INIT("certification: nothing may be changed afterwards"),
        MSG_INIT("certification: forms may be filled in and signed"),
        MSG_INIT("certification: also comments may be added"),
    };
    v->certify_count = 4;
    v->certify = ARENA_ARRAY(req_arena(rq), 4, struct page_choice);
    for (int i = 0; i < 4; i++)
        v->certify[i] = (struct page_choice){ .value = str_fmt(req_arena(rq), "%d", i),
                                              .label = words[i],
                                              .selected = i == selected };
}

/* The form with these values: as stored, as typed, or as proposed. */
static enum err page(struct req *rq, struct resp *rs, int of, struct str id,
                     const struct edit_form *f)
{
    struct arena *a = req_arena(rq);
    struct template_view v = { .fresh = str_absent(id),
                               .show_name = f->show_name,
                               .show_date = f->show_date,
                               .show_reason = f->show_reason,
                               .name = f->name,
                               .x = f->x,
                               .y = f->y,
                               .width = f->width,
                               .height = f->height,
                               .reason = f->reason };
    struct signing_owner owner;

    TRY(signing_seal_owner(rq, of, &owner));
    TRY(seal_choices(rq, owner, f->seal, &v));
    v.page = str_fmt(a, "%lld", (long long)f->page);
    v.rules = choices(rq, rules, rule_words, f->rule, &v.rules_count);
    v.levels = choices(rq, levels, NULL, f->level, &v.levels_count);
    certify_choices(rq, f->certify, &v);
    v.path = v.fresh ? STR("/seals/templates") : str_fmt(a, "/seals/templates/%s", id.p);
    v.delete_path = signing_seal_path(rq, of, str_fmt(a, "%s/delete", v.path.p).p);
    v.back = signing_seal_path(rq, of, "/seals/templates");
    v.of = str_z(signing_seal_of_words[of].word);
    return resp_page(rs, &signing_template_view, &v);
}

static enum err show_new(struct req *rq, struct resp *rs)
{
    const struct of_form *f = req_form(rq);
    struct edit_form proposed = { .rule = SIGNING_PAGE_LAST,
                                  .level = SIGNING_ES_T,
                                  .page = 1,
                                  .x = STR("150"),
                                  .y = STR("30"),
                                  .width = STR("18"),
                                  .height = STR("18") };
    return page(rq, rs, f->of, STR_ABSENT, &proposed);
}

static enum err show(struct req *rq, struct resp *rs)
{
    const struct edit_form *f = req_form(rq);
    struct signing_owner owner;
    struct signing_template t;

    TRY(signing_seal_owner(rq, f->of, &owner));
    TRY(signing_template_find(req_tx(rq), owner, f->id, &t));
    struct edit_form stored = { .rule = (int)t.rule,
                                .level = (int)t.level,
                                .page = t.page ? t.page : 1,
                                .certify = t.certify,
                                .name = t.name,
                                .seal = t.seal,
                                .x = mm(rq, t.x),
                                .y = mm(rq, t.y),
                                .width = mm(rq, t.width),
                                .height = mm(rq, t.height),
                                .reason = t.reason,
                                .show_name = t.show_name,
                                .show_date = t.show_date,
                                .show_reason = t.show_reason };
    return page(rq, rs, f->of, f->id, &stored);
}

/* "18" or "18.5", at most 1000 mm. */
static void tenths(struct req *rq, const char *field, struct str s, uint32_t least, uint32_t most,
                   uint32_t *out)
{
    size_t dot = str_find(s, '.', 0);
    uint64_t whole = 0, part = 0;
    bool good =
        str_to_u64(str_sub(req_arena(rq), s, 0, dot == SIZE_MAX ? s.n : dot), 1000, &whole) == E_OK;

    if (good && dot != SIZE_MAX)
        good =
            dot + 2 == s.n && str_to_u64(str_sub(req_arena(rq), s, dot + 1, s.n), 9, &part) == E_OK;
    *out = (uint32_t)(whole * 10 + part);
    if (!good || *out < least || *out > most)
        req_field_error(rq, field,
                        least ? MSG("Write millimetres from 3 to 300, such as 18 or 18.5.")
                              : MSG("Write millimetres from 0 to 1000, such as 18 or 18.5."));
}

static enum err store(struct req *rq, struct resp *rs)
{
    const struct edit_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);
    struct signing_owner owner;
    struct signing_template t = { .public_id = f->id,
                                  .name = f->name,
                                  .seal = str_empty(f->seal) ? STR_ABSENT : f->seal,
                                  .rule = (enum signing_page_rule)f->rule,
                                  .show_name = f->show_name,
                                  .show_date = f->show_date,
                                  .show_reason = f->show_reason,
                                  .reason = str_absent(f->reason) ? STR("") : f->reason,
                                  .level = (enum signing_level)f->level,
                                  .certify = (uint32_t)f->certify };
    struct str id;
    enum err e;

    TRY(signing_seal_owner(rq, f->of, &owner));
    t.page = t.rule == SIGNING_PAGE_NUMBER ? (uint32_t)f->page : 0;
    if (!req_invalid(rq)) {
        tenths(rq, "x", f->x, 0, 10000, &t.x);
        tenths(rq, "y", f->y, 0, 10000, &t.y);
        tenths(rq, "width", f->width, 30, 3000, &t.width);
        tenths(rq, "height", f->height, 30, 3000, &t.height);
    }
    if (req_invalid(rq))
        return page(rq, rs, f->of, f->id, f);
    e = signing_template_store(req_tx(rq), owner, &t, &by, req_now(rq), &id);
    if (e != E_OK)
        return signing_reasons_show(rq) ? page(rq, rs, f->of, f->id, f) : e;
    resp_flash(rs, "success", MSG("The placement is kept."), STR_ABSENT);
    return resp_seeother_path(rs, signing_seal_path(rq, f->of, "/seals/templates"));
}

static enum err do_delete(struct req *rq, struct resp *rs)
{
    const struct edit_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);
    struct signing_owner owner;

    if (req_invalid(rq))
        return FAIL(E_ABSENT, "template-unknown", "malformed id");
    TRY(signing_seal_owner(rq, f->of, &owner));
    TRY(signing_template_erase(req_tx(rq), owner, f->id, &by));
    resp_flash(rs, "success", MSG("The placement is deleted."), STR_ABSENT);
    return resp_seeother_path(rs, signing_seal_path(rq, f->of, "/seals/templates"));
}

#define ONE FORM(one_params, struct edit_form)

const struct route signing_template_routes[] = {
    { GET, "/seals/templates", list, WHO_ACCOUNT, FORM(of_params, struct of_form), 0, 0, NULL,
      NULL },
    { GET, "/seals/templates/new", show_new, WHO_ACCOUNT, FORM(of_params, struct of_form), 0, 0,
      NULL, NULL },
    { POST, "/seals/templates", store, WHO_ACCOUNT, FORM(new_params, struct edit_form), 0, 0, NULL,
      NULL },
    { GET, "/seals/templates/{id}", show, WHO_ACCOUNT, ONE, 0, 0, NULL, NULL },
    { POST, "/seals/templates/{id}", store, WHO_ACCOUNT, FORM(edit_params, struct edit_form), 0, 0,
      NULL, NULL },
    { POST, "/seals/templates/{id}/delete", do_delete, WHO_ACCOUNT, ONE, 0, 0, NULL, NULL },
    { 0 },
};

const struct view *const signing_seal_views[] = { &signing_seals_view,
                                                  &signing_seal_new_view,
                                                  &signing_seal_view,
                                                  &signing_seal_delete_view,
                                                  &signing_templates_view,
                                                  &signing_template_view,
                                                  NULL };
