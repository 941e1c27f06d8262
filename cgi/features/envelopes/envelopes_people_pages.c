/* envelopes_people_pages.c - the second and third screen: who signs in which order, and where. */
#include "features/envelopes/envelopes_reasons_pages.h"

#include "features/envelopes/envelopes_pages.h"

struct people_form {
    struct str id, party, name, mail;
    int lang, role;
};
enum { ROLE_SIGNS_OWN, ROLE_SIGNS_WITNESS, ROLE_COPY };
static const struct choice roles[] = {
    { "witness", ROLE_SIGNS_WITNESS }, { "own", ROLE_SIGNS_OWN }, { "copy", ROLE_COPY }, { NULL, 0 }
};
static const struct choice langs[] = { { "ja", 0 }, { "en", 1 }, { NULL, 0 } };

static const struct param id_params[] = { PARAM_TOKEN(struct people_form, id, 1, 64), PARAM_END };
static const struct param party_params[] = { PARAM_TOKEN(struct people_form, id, 1, 64),
                                             PARAM_TOKEN(struct people_form, party, 1, 64),
                                             PARAM_END };
static const struct param add_params[] = {
    PARAM_TOKEN(struct people_form, id, 1, 64),
    PARAM_TEXT(struct people_form, name, 1, 120),
    PARAM_EMAIL(struct people_form, mail),
    PARAM_CHOICE_OPT(struct people_form, lang, langs, 0),
    PARAM_CHOICE_OPT(struct people_form, role, roles, ROLE_SIGNS_WITNESS),
    PARAM_END,
};

struct person_row {
    struct str party, name, mail, lang;
    struct msg method;
    uint64_t number; /* in the order; 0: only a copy */
    bool can_rise;
};
static const struct view_field person_fields[] = {
    VIEW_TEXT(struct person_row, party),    VIEW_TEXT(struct person_row, name),
    VIEW_TEXT(struct person_row, mail),     VIEW_TEXT(struct person_row, lang),
    VIEW_MSG(struct person_row, method),    VIEW_COUNT(struct person_row, number),
    VIEW_FLAG(struct person_row, can_rise), VIEW_END,
};

struct people_view {
    struct str public_id, title, name, mail;
    bool ordered, english, own, copy;
    struct person_row *people;
    size_t people_count;
    struct page_step *steps;
    size_t steps_count;
};
static const struct view_field people_fields[] = {
    VIEW_TEXT(struct people_view, public_id),
    VIEW_TEXT(struct people_view, title),
    VIEW_TEXT(struct people_view, name),
    VIEW_TEXT(struct people_view, mail),
    VIEW_FLAG(struct people_view, ordered),
    VIEW_FLAG(struct people_view, english),
    VIEW_FLAG(struct people_view, own),
    VIEW_FLAG(struct people_view, copy),
    VIEW_LIST(struct people_view, people, people_count, person_fields),
    VIEW_INT(struct people_view, people_count),
    VIEW_LIST(struct people_view, steps, steps_count, page_step_fields),
    VIEW_END,
};
const struct view envelopes_people_view = { "envelopes/people.html", "People of {{title}}",
                                            people_fields, 0 };

static enum err show(struct req *rq, struct resp *rs, const struct envelopes_envelope *e)
{
    struct people_view v = { .public_id = e->public_id,
                             .title = e->title,
                             .ordered = e->ordered,
                             .name = req_raw(rq, "name"),
                             .mail = req_raw(rq, "mail"),
                             .english = str_absent(req_raw(rq, "lang"))
                                            ? req_lang(rq) == LANG_EN
                                            : str_eq_z(req_raw(rq, "lang"), "en"),
                             .own = str_eq_z(req_raw(rq, "role"), "own"),
                             .copy = str_eq_z(req_raw(rq, "role"), "copy"),
                             .steps_count = ENVELOPES_STEPS };
    struct envelopes_party *p;

    TRY(envelopes_parties(req_tx(rq), e->id, &p, &v.people_count));
    v.people = ARENA_ARRAY(req_arena(rq), v.people_count, struct person_row);
    for (size_t i = 0; i < v.people_count; i++) {
        bool copy = p[i].kind == ENVELOPES_COPY;
        v.people[i] = (struct person_row){
            p[i].public_id,
            p[i].name,
            p[i].mail,
            p[i].lang,
            copy ? MSG("gets a copy") : envelopes_reasons_method(p[i].method),
            copy ? 0 : i + 1,
            e->ordered && i > 0 && !copy,
        };
    }
    v.steps = envelopes_reasons_steps(rq, 1);
    return resp_page(rs, &envelopes_people_view, &v);
}

static enum err show_people(struct req *rq, struct resp *rs)
{
    const struct people_form *f = req_form(rq);
    struct envelopes_envelope e;

    TRY(envelopes_reasons_find(rq, f->id, &e));
    if (e.state != ENVELOPES_DRAFT)
        return resp_seeother_text(rs, "/envelopes/{id}", e.public_id);
    return show(rq, rs, &e);
}

static enum err add(struct req *rq, struct resp *rs)
{
    const struct people_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);
    struct envelopes_person p = { .name = f->name,
                                  .mail = f->mail,
                                  .lang = f->lang ? STR("en") : STR("ja"),
                                  .kind = f->role == ROLE_COPY ? ENVELOPES_COPY : ENVELOPES_SIGNER,
                                  .method = f->role == ROLE_COPY        ? ENVELOPES_NONE
                                            : f->role == ROLE_SIGNS_OWN ? ENVELOPES_OWN
                                                                        : ENVELOPES_WITNESS };
    struct envelopes_envelope e;
    struct envelopes_party made;
    enum err err;

    TRY(envelopes_reasons_draft(rq, f->id, &e));
    if (req_invalid(rq))
        return show(rq, rs, &e);
    err = envelopes_party_add(req_tx(rq), &e, &p, &by, &made);
    if (err != E_OK)
        return envelopes_reasons_show(rq, rs) ? show(rq, rs, &e) : err;
    return resp_seeother_text(rs, "/envelopes/{id}/people", e.public_id);
}

static enum err change(struct req *rq, struct resp *rs,
                       enum err (*rule)(struct tx *, const struct envelopes_envelope *, struct str,
                                        const struct audit_by *))
{
    const struct people_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);
    struct envelopes_envelope e;

    if (req_invalid(rq))
        return FAIL(E_ABSENT, "party-unknown", "malformed id");
    TRY(envelopes_reasons_draft(rq, f->id, &e));
    TRY(rule(req_tx(rq), &e, f->party, &by));
    return resp_seeother_text(rs, "/envelopes/{id}/people", e.public_id);
}

static enum err drop(struct req *rq, struct resp *rs)
{
    return change(rq, rs, envelopes_party_drop);
}

static enum err raise(struct req *rq, struct resp *rs)
{
    return change(rq, rs, envelopes_party_raise);
}

/* --- places --- */

struct place_form {
    struct str id, party;
    struct paper_id document;
    struct field_id field;
    int place;
    int64_t page, x, y, size;
};
/* In the order of reading; "mm" uses x and y. */
static const struct choice places[] = {
    { "top-left", 0 },     { "top", 1 },   { "top-right", 2 },   { "left", 3 },
    { "middle", 4 },       { "right", 5 }, { "bottom-left", 6 }, { "bottom", 7 },
    { "bottom-right", 8 }, { "mm", 9 },    { NULL, 0 },
};
static const struct msg place_words[] = {
    MSG_INIT("top left"),    MSG_INIT("top middle"),    MSG_INIT("top right"),
    MSG_INIT("middle left"), MSG_INIT("middle"),        MSG_INIT("middle right"),
    MSG_INIT("bottom left"), MSG_INIT("bottom middle"), MSG_INIT("bottom right"),
    MSG_INIT("millimetres"),
};

static const struct param place_params[] = {
    PARAM_TOKEN(struct place_form, id, 1, 64),
    PARAM_TOKEN(struct place_form, party, 1, 64),
    PARAM_ID(struct place_form, document),
    PARAM_CHOICE_OPT(struct place_form, place, places, 8),
    PARAM_INT_OPT(struct place_form, page, 1, 5000, 1),
    PARAM_INT_OPT(struct place_form, x, 0, 5000, 0),
    PARAM_INT_OPT(struct place_form, y, 0, 5000, 0),
    PARAM_INT_OPT(struct place_form, size, 8, 60, 18),
    PARAM_END,
};
static const struct param field_params[] = {
    PARAM_TOKEN(struct place_form, id, 1, 64),
    PARAM_TOKEN(struct place_form, party, 1, 64),
    PARAM_ID(struct place_form, field),
    PARAM_END,
};

struct place_row {
    struct field_id id;
    struct str party, who, filename, where;
    struct msg place;
    uint64_t page, size;
};
static const struct view_field place_fields[] = {
    VIEW_ID(struct place_row, id),
    VIEW_TEXT(struct place_row, party),
    VIEW_TEXT(struct place_row, who),
    VIEW_TEXT(struct place_row, filename),
    VIEW_TEXT(struct place_row, where),
    VIEW_MSG(struct place_row, place),
    VIEW_COUNT(struct place_row, page),
    VIEW_COUNT(struct place_row, size),
    VIEW_END,
};

struct places_view {
    struct str public_id, title, page, x, y, size;
    struct place_row *rows;
    size_t rows_count;
    struct page_choice *people, *papers, *places;
    bool in_mm;
    size_t people_count, papers_count, places_count;
    struct envelopes_paper *files;
    size_t files_count;
    struct page_step *steps;
    size_t steps_count;
};
static const struct view_field places_fields[] = {
    VIEW_TEXT(struct places_view, public_id),
    VIEW_TEXT(struct places_view, title),
    VIEW_TEXT(struct places_view, page),
    VIEW_TEXT(struct places_view, x),
    VIEW_TEXT(struct places_view, y),
    VIEW_TEXT(struct places_view, size),
    VIEW_LIST(struct places_view, rows, rows_count, place_fields),
    VIEW_INT(struct places_view, rows_count),
    VIEW_LIST(struct places_view, people, people_count, page_choice_fields),
    VIEW_INT(struct places_view, people_count),
    VIEW_LIST(struct places_view, papers, papers_count, page_choice_fields),
    VIEW_LIST(struct places_view, places, places_count, page_choice_fields),
    VIEW_FLAG(struct places_view, in_mm),
    VIEW_LIST(struct places_view, files, files_count, envelopes_paper_fields),
    VIEW_LIST(struct places_view, steps, steps_count, page_step_fields),
    VIEW_END,
};
const struct view envelopes_places_view = { "envelopes/places.html",
                                            "Places of the seals in {{title}}", places_fields, 0 };

static struct str typed(struct req *rq, const char *field, const char *otherwise)
{
    struct str raw = req_raw(rq, field);
    return str_absent(raw) ? str_z(otherwise) : raw;
}

static const char *place_index(struct str word, size_t *i)
{
    for (*i = 0; *i + 1 < sizeof places / sizeof *places; ++*i)
        if (str_eq_z(word, places[*i].word))
            return places[*i].word;
    *i = 9;
    return "mm";
}

static void fill_row(struct req *rq, const struct envelopes_party *p,
                     const struct envelopes_field *f, const struct envelopes_paper *papers,
                     size_t papers_n, struct place_row *row)
{
    size_t i;

    (void)place_index(f->place, &i);
    *row = (struct place_row){ .id = f->id,
                               .party = p->public_id,
                               .who = p->name,
                               .place = place_words[i],
                               .page = f->page,
                               .size = f->size / 100 };
    if (i == 9)
        row->where = str_fmt(req_arena(rq), "%u, %u", f->x / 100, f->y / 100);
    for (size_t k = 0; k < papers_n; k++)
        if (papers[k].id.v == f->document.v)
            row->filename = papers[k].filename;
}

static enum err fill_rows(struct req *rq, const struct envelopes_envelope *e, struct places_view *v)
{
    struct arena *a = req_arena(rq);
    struct envelopes_party *p;
    struct envelopes_field *f;
    size_t n, fields;

    TRY(envelopes_parties(req_tx(rq), e->id, &p, &n));
    v->rows = ARENA_ARRAY(a, n * ENVELOPES_FIELDS_MAX, struct place_row);
    v->people = ARENA_ARRAY(a, n, struct page_choice);
    for (size_t i = 0; i < n; i++) {
        if (p[i].kind == ENVELOPES_COPY)
            continue;
        v->people[v->people_count++] = (struct page_choice){
            .value = p[i].public_id,
            .text = p[i].name,
            .selected = str_eq(p[i].public_id, req_raw(rq, "party")),
        };
        TRY(envelopes_fields(req_tx(rq), p[i].id, &f, &fields));
        for (size_t k = 0; k < fields && k < ENVELOPES_FIELDS_MAX; k++)
            fill_row(rq, &p[i], &f[k], v->files, v->files_count, &v->rows[v->rows_count++]);
    }
    return E_OK;
}

static void fill_choices(struct req *rq, struct places_view *v)
{
    struct arena *a = req_arena(rq);
    struct str place = typed(rq, "place", "bottom-right");

    v->papers_count = v->files_count;
    v->papers = ARENA_ARRAY(a, v->papers_count, struct page_choice);
    for (size_t i = 0; i < v->papers_count; i++) {
        struct str id = str_fmt(a, "%llu", (unsigned long long)v->files[i].id.v);
        v->papers[i] = (struct page_choice){ .value = id,
                                             .text = v->files[i].filename,
                                             .selected = str_eq(id, req_raw(rq, "document")) };
    }
    v->places_count = sizeof places / sizeof *places - 2; /* millimetres stand below them */
    v->in_mm = str_eq_z(place, "mm");
    v->places = ARENA_ARRAY(a, v->places_count, struct page_choice);
    for (size_t i = 0; i < v->places_count; i++)
        v->places[i] = (struct page_choice){ .value = str_z(places[i].word),
                                             .label = place_words[i],
                                             .selected = str_eq_z(place, places[i].word) };
}

static enum err show_with(struct req *rq, struct resp *rs, const struct envelopes_envelope *e)
{
    struct places_view v = { .public_id = e->public_id,
                             .title = e->title,
                             .page = typed(rq, "page", "1"),
                             .x = typed(rq, "x", ""),
                             .y = typed(rq, "y", ""),
                             .size = typed(rq, "size", "18"),
                             .steps_count = ENVELOPES_STEPS };

    TRY(envelopes_reasons_papers(rq, e, &v.files, &v.files_count));
    TRY(fill_rows(rq, e, &v));
    fill_choices(rq, &v);
    v.steps = envelopes_reasons_steps(rq, 2);
    return resp_page(rs, &envelopes_places_view, &v);
}

static enum err show_places(struct req *rq, struct resp *rs)
{
    const struct people_form *f = req_form(rq);
    struct envelopes_envelope e;

    TRY(envelopes_reasons_find(rq, f->id, &e));
    if (e.state != ENVELOPES_DRAFT)
        return resp_seeother_text(rs, "/envelopes/{id}", e.public_id);
    return show_with(rq, rs, &e);
}

static enum err add_place(struct req *rq, struct resp *rs)
{
    const struct place_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);
    struct envelopes_envelope e;
    enum err err;
    struct envelopes_field field = { .document = f->document,
                                     .page = (uint32_t)f->page,
                                     .x = (uint32_t)f->x * 100,
                                     .y = (uint32_t)f->y * 100,
                                     .size = (uint32_t)f->size * 100 };

    TRY(envelopes_reasons_draft(rq, f->id, &e));
    if (req_invalid(rq))
        return show_with(rq, rs, &e);
    field.place = str_z(places[f->place].word);
    err = envelopes_field_add(req_tx(rq), &e, f->party, &field, &by);
    if (err != E_OK)
        return envelopes_reasons_show(rq, rs) ? show_with(rq, rs, &e) : err;
    return resp_seeother_text(rs, "/envelopes/{id}/places", e.public_id);
}

static enum err drop_place(struct req *rq, struct resp *rs)
{
    const struct place_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);
    struct envelopes_envelope e;

    if (req_invalid(rq))
        return FAIL(E_ABSENT, "party-unknown", "malformed id");
    TRY(envelopes_reasons_draft(rq, f->id, &e));
    TRY(envelopes_field_drop(req_tx(rq), &e, f->party, f->field, &by));
    return resp_seeother_text(rs, "/envelopes/{id}/places", e.public_id);
}

const struct route envelopes_people_routes[] = {
    { GET, "/envelopes/{id}/people", show_people, WHO_ACCOUNT, FORM(id_params, struct people_form),
      0, 0, NULL, NULL },
    { POST, "/envelopes/{id}/people", add, WHO_ACCOUNT, FORM(add_params, struct people_form), 0, 0,
      NULL, NULL },
    { POST, "/envelopes/{id}/people/{party}/drop", drop, WHO_ACCOUNT,
      FORM(party_params, struct people_form), 0, 0, NULL, NULL },
    { POST, "/envelopes/{id}/people/{party}/raise", raise, WHO_ACCOUNT,
      FORM(party_params, struct people_form), 0, 0, NULL, NULL },
    { GET, "/envelopes/{id}/places", show_places, WHO_ACCOUNT, FORM(id_params, struct people_form),
      0, 0, NULL, NULL },
    { POST, "/envelopes/{id}/places", add_place, WHO_ACCOUNT, FORM(place_params, struct place_form),
      0, 0, NULL, NULL },
    { POST, "/envelopes/{id}/people/{party}/places/{field}/drop", drop_place, WHO_ACCOUNT,
      FORM(field_params, struct place_form), 0, 0, NULL, NULL },
    { 0 },
};
