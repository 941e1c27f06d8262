/*
 * signing_look_pages.c - the second screen of signing: the document's pages, what is to be known
 * about them, and how it is to be signed.
 */
#include "features/signing/signing_options_pages.h"
#include "features/signing/signing_pages.h"

#include "base/encoding.h"

#define PICTURE_WIDTH SIGNING_PICTURE_WIDTH

/* --- rows --- */

struct page_row {
    int number, width, height; /* pixels of its picture */
    struct str across, down;   /* millimetres */
};
static const struct view_field page_fields[] = {
    VIEW_INT(struct page_row, number), VIEW_INT(struct page_row, width),
    VIEW_INT(struct page_row, height), VIEW_TEXT(struct page_row, across),
    VIEW_TEXT(struct page_row, down),  VIEW_END,
};

const struct view_field signing_warning_fields[] = {
    VIEW_MSG(struct signing_warning_row, text),
    VIEW_TEXT(struct signing_warning_row, detail),
    VIEW_INT(struct signing_warning_row, page),
    VIEW_END,
};

/* A choice among several; `note` may be empty. */
struct option_row {
    struct str value, label;
    struct msg words, note;
    bool selected, disabled;
};
static const struct view_field option_fields[] = {
    VIEW_TEXT(struct option_row, value),
    VIEW_TEXT(struct option_row, label),
    VIEW_MSG(struct option_row, words),
    VIEW_MSG(struct option_row, note),
    VIEW_FLAG(struct option_row, selected),
    VIEW_FLAG(struct option_row, disabled),
    VIEW_END,
};

struct key_row {
    struct str public_id, label, subject;
    struct page_badge state;
    bool usable, selected;
};
static const struct view_field key_fields[] = {
    VIEW_TEXT(struct key_row, public_id),
    VIEW_TEXT(struct key_row, label),
    VIEW_TEXT(struct key_row, subject),
    VIEW_STRUCT(struct key_row, state, page_badge_fields),
    VIEW_FLAG(struct key_row, usable),
    VIEW_FLAG(struct key_row, selected),
    VIEW_END,
};

struct look_view {
    struct str public_id, filename, reason, location, digest, tsa, x, y, width, height;
    struct msg refused;
    uint64_t size, version;
    int64_t page;
    struct timestamp created, delete_at, deleted_at;
    struct page_badge state;
    bool held, is_signed, can_sign, can_extend, has_signatures, has_key, locked, damaged, more,
        placed, free_place, seal_none, seal_text, show_name, show_date, show_reason, all_pages,
        beyond, open_details;
    unsigned pages_total;
    struct option_row *levels, *kinds, *fields, *seals, *anchors, *recurring;
    size_t levels_n, kinds_n, fields_n, seals_n, anchors_n, recurring_n;
    struct key_row *keys;
    size_t keys_n;
    struct page_row *pages;
    size_t pages_n;
    struct signing_warning_row *warnings;
    size_t warnings_n;
    struct page_step *steps;
    size_t steps_n;
};

#define ROWS(member) VIEW_LIST(struct look_view, member, member##_n, option_fields)
static const struct view_field look_fields[] = {
    VIEW_TEXT(struct look_view, public_id),
    VIEW_TEXT(struct look_view, filename),
    VIEW_TEXT(struct look_view, reason),
    VIEW_TEXT(struct look_view, location),
    VIEW_CODE(struct look_view, digest),
    VIEW_TEXT(struct look_view, tsa),
    VIEW_TEXT(struct look_view, x),
    VIEW_TEXT(struct look_view, y),
    VIEW_TEXT(struct look_view, width),
    VIEW_TEXT(struct look_view, height),
    VIEW_MSG(struct look_view, refused),
    VIEW_SIZE(struct look_view, size),
    VIEW_COUNT(struct look_view, version),
    VIEW_INT(struct look_view, page),
    VIEW_TIME(struct look_view, created),
    VIEW_TIME(struct look_view, delete_at),
    VIEW_TIME(struct look_view, deleted_at),
    VIEW_STRUCT(struct look_view, state, page_badge_fields),
    VIEW_FLAG(struct look_view, held),
    VIEW_FLAG(struct look_view, is_signed),
    VIEW_FLAG(struct look_view, can_sign),
    VIEW_FLAG(struct look_view, can_extend),
    VIEW_FLAG(struct look_view, has_signatures),
    VIEW_FLAG(struct look_view, has_key),
    VIEW_FLAG(struct look_view, locked),
    VIEW_FLAG(struct look_view, damaged),
    VIEW_FLAG(struct look_view, more),
    VIEW_FLAG(struct look_view, placed),
    VIEW_FLAG(struct look_view, free_place),
    VIEW_FLAG(struct look_view, seal_none),
    VIEW_FLAG(struct look_view, seal_text),
    VIEW_FLAG(struct look_view, show_name),
    VIEW_FLAG(struct look_view, show_date),
    VIEW_FLAG(struct look_view, show_reason),
    VIEW_FLAG(struct look_view, all_pages),
    VIEW_FLAG(struct look_view, beyond),
    VIEW_FLAG(struct look_view, open_details),
    VIEW_COUNT(struct look_view, pages_total),
    VIEW_COUNT(struct look_view, fields_n),
    VIEW_COUNT(struct look_view, recurring_n),
    VIEW_COUNT(struct look_view, warnings_n),
    VIEW_COUNT(struct look_view, pages_n),
    ROWS(levels),
    ROWS(kinds),
    ROWS(fields),
    ROWS(seals),
    ROWS(anchors),
    ROWS(recurring),
    VIEW_LIST(struct look_view, keys, keys_n, key_fields),
    VIEW_LIST(struct look_view, pages, pages_n, page_fields),
    VIEW_LIST(struct look_view, warnings, warnings_n, signing_warning_fields),
    VIEW_LIST(struct look_view, steps, steps_n, page_step_fields),
    VIEW_END,
};

const struct view signing_look_view = { "signing/document.html", "Document", look_fields,
                                        VIEW_WIDE };

/* --- choices --- */

const struct msg signing_look_level_notes[SIGNING_LEVEL__MAX] = {
    MSG_INIT("Your signature alone. Enough for papers that are checked within the validity of your "
             "certificate."),
    MSG_INIT("With a timestamp that proves when you signed. A good choice for most contracts."),
    MSG_INIT("Also holds the data with which it can be checked after your certificate has ended."),
    MSG_INIT("Also with an archive timestamp over everything, for papers that are kept for many "
             "years."),
};

const struct msg signing_look_kind_words[4] = {
    MSG_INIT("A signature (others may sign after you)"),
    MSG_INIT("A certification: no change is allowed any more"),
    MSG_INIT("A certification: forms may be filled in and signed"),
    MSG_INIT("A certification: also notes may be added"),
};

static const struct msg anchor_words[] = {
    MSG_INIT("top left"),    MSG_INIT("top centre"),         MSG_INIT("top right"),
    MSG_INIT("left"),        MSG_INIT("middle of the page"), MSG_INIT("right"),
    MSG_INIT("bottom left"), MSG_INIT("bottom centre"),      MSG_INIT("bottom right"),
};

static struct option_row *from_table(struct arena *a, const struct choice *table, size_t n,
                                     const struct msg *words, int chosen)
{
    struct option_row *rows = ARENA_ARRAY(a, n, struct option_row);
    for (size_t i = 0; i < n; i++)
        rows[i] = (struct option_row){ .value = str_z(table[i].word),
                                       .words = words[i],
                                       .selected = table[i].value == chosen };
    return rows;
}

static void fill_choices(struct arena *a, const struct signing_options *o,
                         const struct signing_look *look, struct look_view *v)
{
    v->levels_n = SIGNING_LEVEL__MAX;
    v->levels =
        from_table(a, signing_options_levels, v->levels_n, signing_look_level_notes, (int)o->level);
    v->kinds_n = 4;
    v->kinds = from_table(a, signing_options_kinds, v->kinds_n, signing_look_kind_words, o->kind);
    for (size_t i = 1; i < v->kinds_n; i++) /* a certification is the first signature */
        v->kinds[i].disabled = look->signatures;
    v->anchors_n = SIGNING_AT_PLACE;
    v->anchors = from_table(a, signing_options_anchors, v->anchors_n, anchor_words, (int)o->anchor);
    v->fields_n = look->field_n;
    v->fields = ARENA_ARRAY(a, v->fields_n, struct option_row);
    for (size_t i = 0; i < v->fields_n; i++)
        v->fields[i] = (struct option_row){ .value = look->field[i].name,
                                            .label = look->field[i].name,
                                            .selected = str_eq(look->field[i].name, o->field) };
}

/* The chosen one, else the first that can sign, is selected. */
static enum err fill_keys(struct req *rq, struct str chosen, struct look_view *v)
{
    struct signing_credential *c;
    struct signing_certificate x;
    bool any = false;

    TRY(signing_credential_list(req_tx(rq), signing_reasons_owner(rq), &c, &v->keys_n));
    v->keys = ARENA_ARRAY(req_arena(rq), v->keys_n, struct key_row);
    for (size_t i = 0; i < v->keys_n; i++) {
        TRY(signing_credential_certificate(req_tx(rq), &c[i], req_now(rq), &x));
        bool usable = signing_reasons_usable(&c[i], &x);
        bool wanted = str_empty(chosen) ? usable && !any : str_eq(chosen, c[i].public_id);
        v->keys[i] = (struct key_row){ c[i].public_id, c[i].label,
                                       x.subject,      signing_reasons_credential(&c[i], &x),
                                       usable,         wanted };
        any = any || wanted;
        v->has_key = v->has_key || usable;
    }
    return E_OK;
}

/* Own seals, and placements that recur. A first look proposes the main seal. */
static enum err fill_seals(struct req *rq, struct signing_options *o, struct look_view *v)
{
    struct signing_seal *seals;
    struct signing_template *t;

    TRY(signing_seal_list(req_tx(rq), signing_reasons_owner(rq), &seals, &v->seals_n));
    if (str_empty(o->seal))
        o->seal = v->seals_n > 0 && seals[0].main ? seals[0].public_id : STR("none");
    v->seals = ARENA_ARRAY(req_arena(rq), v->seals_n, struct option_row);
    for (size_t i = 0; i < v->seals_n; i++)
        v->seals[i] = (struct option_row){ .value = seals[i].public_id,
                                           .label = seals[i].label,
                                           .selected = str_eq(seals[i].public_id, o->seal) };
    v->seal_none = str_eq_z(o->seal, "none");
    v->seal_text = str_eq_z(o->seal, "text");
    TRY(signing_template_list(req_tx(rq), signing_reasons_owner(rq), &t, &v->recurring_n));
    v->recurring = ARENA_ARRAY(req_arena(rq), v->recurring_n, struct option_row);
    for (size_t i = 0; i < v->recurring_n; i++)
        v->recurring[i] = (struct option_row){ .value = t[i].public_id, .label = t[i].name };
    return E_OK;
}

static void fill_placing(const struct signing_options *o, struct look_view *v)
{
    v->reason = o->reason;
    v->location = o->location;
    v->x = o->x;
    v->y = o->y;
    v->width = o->width;
    v->height = o->height;
    v->page = o->page;
    v->show_name = o->show_name;
    v->show_date = o->show_date;
    v->show_reason = o->show_reason;
    v->all_pages = o->pages == SIGNING_PAGES_ALL;
    v->free_place = o->anchor == SIGNING_AT_PLACE;
    v->placed = !v->seal_none;
    v->open_details = !str_empty(o->location) || o->kind > 0 || !str_empty(o->field);
}

/* --- the document --- */

struct signing_warning_row *signing_look_warnings(struct req *rq, const struct signing_look *look)
{
    struct signing_warning_row *rows =
        ARENA_ARRAY(req_arena(rq), look->warning_n, struct signing_warning_row);
    for (size_t i = 0; i < look->warning_n; i++)
        rows[i] = (struct signing_warning_row){ { look->warning[i].text },
                                                look->warning[i].detail,
                                                look->warning[i].page };
    return rows;
}

static void fill_pages(struct req *rq, const struct signing_look *look, struct look_view *v)
{
    struct arena *a = req_arena(rq);

    v->pages_total = look->pages;
    v->beyond = look->pages > look->page_n;
    v->pages_n = look->page_n;
    v->pages = ARENA_ARRAY(a, v->pages_n, struct page_row);
    for (size_t i = 0; i < v->pages_n; i++) {
        const struct signing_look_page *p = &look->page[i];
        double high = p->height / p->width * PICTURE_WIDTH;
        v->pages[i] =
            (struct page_row){ (int)p->number, PICTURE_WIDTH, high > 20000 ? 20000 : (int)high,
                               signing_options_mm(a, (uint32_t)(p->width * 254 / 72)),
                               signing_options_mm(a, (uint32_t)(p->height * 254 / 72)) };
    }
    v->warnings_n = look->warning_n;
    v->warnings = signing_look_warnings(rq, look);
}

static void fill_document(struct req *rq, const struct signing_document *d, struct look_view *v)
{
    v->public_id = d->public_id;
    v->filename = d->filename;
    v->digest = hex_encode(req_arena(rq), bytes_of_32(&d->digest));
    v->size = d->size;
    v->version = d->version;
    v->created = d->created;
    v->delete_at = d->delete_at;
    v->deleted_at = d->deleted_at;
    v->state = signing_reasons_document(d->state);
    v->held = d->state != SIGNING_DELETED;
    v->is_signed = d->state == SIGNING_SIGNED;
    v->tsa = signing_tsa_label();
    v->steps_n = SIGNING_STEPS;
    v->steps = signing_reasons_steps(rq, v->is_signed ? SIGNING_STEPS : 1);
}

/* Why it cannot be signed as it is, and what can be done about that. */
static void fill_refused(const struct signing_look *look, struct look_view *v)
{
    v->locked = str_eq_z(look->refused, "pdf-password-needed") ||
                str_eq_z(look->refused, "pdf-password-wrong");
    v->damaged = look->damaged;
    v->can_sign = str_empty(look->refused);
    v->can_extend = v->can_sign || !str_starts(look->refused, STR("pdf-")); /* it was opened */
    v->has_signatures = look->signatures;
    if (!v->locked && !str_empty(look->refused) &&
        !signing_reasons_text(look->refused.p, &v->refused))
        v->refused = MSG("This PDF cannot be signed here.");
}

enum err signing_look_show(struct req *rq, struct resp *rs, const struct signing_options *o)
{
    struct signing_options wanted = *o;
    struct look_view v = { 0 };
    struct signing_document d;
    struct signing_look look = { 0 };
    const struct secret *password = NULL;

    TRY(signing_document_find(req_tx(rq), signing_reasons_owner(rq), o->id, &d));
    fill_document(rq, &d, &v);
    if (v.held) {
        TRY(signing_picture_password(rq, &d, &password));
        TRY(signing_look_document(req_tx(rq), &d, password, &look));
        fill_refused(&look, &v);
        fill_pages(rq, &look, &v);
        if (!str_empty(o->recurring))
            TRY(signing_options_apply(rq, &look, &wanted));
        TRY(fill_keys(rq, o->credential, &v));
        TRY(fill_seals(rq, &wanted, &v));
        fill_choices(req_arena(rq), &wanted, &look, &v);
        fill_placing(&wanted, &v);
    }
    return resp_page(rs, &signing_look_view, &v);
}

static enum err show(struct req *rq, struct resp *rs)
{
    return signing_look_show(rq, rs, req_form(rq));
}

/* Coming back keeps what was chosen. */
static const struct param look_params[] = {
    PARAM_TOKEN(struct signing_options, id, 1, 64),
    PARAM_TOKEN_OPT(struct signing_options, credential, 64),
    PARAM_CHOICE_OPT(struct signing_options, level, signing_options_levels, SIGNING_ES_T),
    SIGNING_OPTIONS_PARAMS(struct signing_options),
    PARAM_END,
};

static enum err options(struct req *rq, struct resp *rs)
{
    (void)req_invalid(rq); /* told beside the fields */
    return show(rq, rs);
}

const struct route signing_look_routes[] = {
    { GET, "/documents/{id}", show, WHO_ACCOUNT, FORM(look_params, struct signing_options), 0, 0,
      NULL, NULL },
    { POST, "/documents/{id}/options", options, WHO_ACCOUNT,
      FORM(look_params, struct signing_options), ROUTE_READ_ONLY_POST, 0, NULL, NULL },
    { 0 },
};
