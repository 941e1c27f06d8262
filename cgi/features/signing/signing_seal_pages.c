/*
 * signing_seal_pages.c - seals (印影): own ones, and the organisation's for its administrators:
 * list, draw or upload with the result shown before it is kept, the main one, delete.
 */
#include "features/signing/signing_seal_pages.h"

#include "base/encoding.h"
#include "features/signing/signing_pages.h"
#include "http/ratelimit.h"

#define UPLOAD_ROOM (12u << 20) /* larger than what is taken, so that a refusal can say why */
#define PNG_ROOM (8u << 20)
#define SIDE_LIST 256
#define SIDE_SHOWN 512

static const struct rate add_rate = { "signing.seal", RATE_ACCOUNT, 300, 10 * MINUTE_US };

const struct choice signing_seal_of_words[] = { { "mine", SIGNING_SEAL_MINE },
                                                { "organisation", SIGNING_SEAL_ORGANISATIONS },
                                                { NULL, 0 } };

enum err signing_seal_owner(struct req *rq, int of, struct signing_owner *out)
{
    *out = signing_reasons_owner(rq);
    if (of == SIGNING_SEAL_MINE)
        return E_OK;
    if (!(req_who(rq)->roles & ROLE_CUSTOMER_ADMIN))
        return FAIL(E_DENIED, "", "the organisation's seals are its administrators'");
    *out = SIGNING_SEAL_ORGANISATION(req_tenant(rq));
    return E_OK;
}

struct str signing_seal_path(struct req *rq, int of, const char *path)
{
    return str_fmt(req_arena(rq), "%s%s", path, of == SIGNING_SEAL_MINE ? "" : "?of=organisation");
}

static const struct choice kinds[] = { { "round", SIGNING_SEAL_ROUND },
                                       { "square", SIGNING_SEAL_SQUARE },
                                       { "image", SIGNING_SEAL_IMAGE },
                                       { NULL, 0 } };

static struct msg kind_words(enum signing_seal_kind kind)
{
    return kind == SIGNING_SEAL_ROUND    ? MSG("round, drawn")
           : kind == SIGNING_SEAL_SQUARE ? MSG("square, drawn")
                                         : MSG("picture");
}

/* --- list --- */

struct of_form {
    int of;
};

static const struct param of_params[] = {
    PARAM_CHOICE_OPT(struct of_form, of, signing_seal_of_words, SIGNING_SEAL_MINE),
    PARAM_END,
};

struct seal_row {
    struct str public_id, label;
    struct msg kind;
    struct timestamp created;
    struct str page, picture; /* paths */
    bool main;
};

static const struct view_field row_fields[] = {
    VIEW_TEXT(struct seal_row, public_id), VIEW_TEXT(struct seal_row, label),
    VIEW_MSG(struct seal_row, kind),       VIEW_TIME(struct seal_row, created),
    VIEW_URL(struct seal_row, page),       VIEW_URL(struct seal_row, picture),
    VIEW_FLAG(struct seal_row, main),      VIEW_END,
};

struct seals_view {
    struct seal_row *rows;
    size_t rows_count;
    struct str new_path, templates_path;
    bool organisation, may_organisation;
};

static const struct view_field seals_fields[] = {
    VIEW_LIST(struct seals_view, rows, rows_count, row_fields),
    VIEW_INT(struct seals_view, rows_count),
    VIEW_URL(struct seals_view, new_path),
    VIEW_URL(struct seals_view, templates_path),
    VIEW_FLAG(struct seals_view, organisation),
    VIEW_FLAG(struct seals_view, may_organisation),
    VIEW_END,
};

const struct view signing_seals_view = { "signing/seals.html", "Seals", seals_fields, VIEW_WIDE };

static struct seal_row row_of(struct req *rq, int of, const struct signing_seal *s)
{
    struct arena *a = req_arena(rq);
    return (struct seal_row){
        .public_id = s->public_id,
        .label = s->label,
        .kind = kind_words(s->kind),
        .created = s->created,
        .page = signing_seal_path(rq, of, str_fmt(a, "/seals/%s", s->public_id.p).p),
        .picture = signing_seal_path(rq, of, str_fmt(a, "/seals/%s.png", s->public_id.p).p),
        .main = s->main,
    };
}

static enum err list(struct req *rq, struct resp *rs)
{
    const struct of_form *f = req_form(rq);
    struct seals_view v = { .organisation = f->of == SIGNING_SEAL_ORGANISATIONS };
    struct signing_owner owner;
    struct signing_seal *seals;

    TRY(signing_seal_owner(rq, f->of, &owner));
    TRY(signing_seal_list(req_tx(rq), owner, &seals, &v.rows_count));
    v.rows = ARENA_ARRAY(req_arena(rq), v.rows_count, struct seal_row);
    for (size_t i = 0; i < v.rows_count; i++)
        v.rows[i] = row_of(rq, f->of, &seals[i]);
    v.new_path = signing_seal_path(rq, f->of, "/seals/new");
    v.templates_path = signing_seal_path(rq, f->of, "/seals/templates");
    v.may_organisation = (req_who(rq)->roles & ROLE_CUSTOMER_ADMIN) != 0;
    return resp_page(rs, &signing_seals_view, &v);
}

/* --- add --- */

struct new_form {
    int of, kind;
    struct str text, label;
    bool clear_paper, show;
    struct upload file;
};

static const struct param new_params[] = {
    PARAM_CHOICE_OPT(struct new_form, of, signing_seal_of_words, SIGNING_SEAL_MINE),
    PARAM_CHOICE_OPT(struct new_form, kind, kinds, SIGNING_SEAL_ROUND),
    PARAM_TEXT_OPT(struct new_form, text, 20),
    PARAM_TEXT_OPT(struct new_form, label, 60),
    PARAM_FLAG(struct new_form, clear_paper),
    PARAM_FLAG(struct new_form, show),
    PARAM_FILE_OPT(struct new_form, file, UPLOAD_ROOM),
    PARAM_END,
};

struct new_view {
    bool round, square, image, clear_paper, organisation;
    struct str text, label;
    struct html preview;
    struct str back;
    struct str of;
};

static const struct view_field new_fields[] = {
    VIEW_FLAG(struct new_view, round),
    VIEW_FLAG(struct new_view, square),
    VIEW_FLAG(struct new_view, image),
    VIEW_FLAG(struct new_view, clear_paper),
    VIEW_FLAG(struct new_view, organisation),
    VIEW_TEXT(struct new_view, text),
    VIEW_TEXT(struct new_view, label),
    VIEW_HTML(struct new_view, preview),
    VIEW_URL(struct new_view, back),
    VIEW_TEXT(struct new_view, of),
    VIEW_END,
};

const struct view signing_seal_new_view = { "signing/seal_new.html", "Add a new seal", new_fields,
                                            0 };

static struct signing_seal_new seal_of(const struct new_form *f)
{
    return (struct signing_seal_new){ .kind = (enum signing_seal_kind)f->kind,
                                      .label = f->label,
                                      .image = f->file.data,
                                      .clear_paper = f->clear_paper,
                                      .text = str_absent(f->text) ? STR("") : f->text };
}

/* The picture inside the page: what is typed is nobody's business but the server's and the
 * person's, so it must not stand in an address. */
static struct html preview(struct req *rq, const struct signing_seal_new *s)
{
    struct buf *png = signing_reasons_buf(rq, PNG_ROOM);
    enum err e = signing_seal_try(s, SIDE_LIST, png);

    if (e != E_OK)
        return (struct html){ STR("") };
    return (struct html){ str_fmt(req_arena(rq), "<img alt=\"\" src=\"data:image/png;base64,%s\">",
                                  base64_encode(req_arena(rq), buf_bytes(png)).p) };
}

/* The family name, where the name is written with a space: what most people's seal shows. */
static struct str family_name(struct req *rq)
{
    struct str name = req_who(rq)->name, space = STR("\xe3\x80\x80");
    for (size_t i = 0; i < name.n; i++)
        if (name.p[i] == ' ' || strncmp(name.p + i, space.p, space.n) == 0)
            name = str_sub(req_arena(rq), name, 0, i);
    return utf8_length(name) <= 4 ? name : STR("");
}

static enum err page_new(struct req *rq, struct resp *rs, const struct signing_seal_new *s, int of)
{
    struct new_view v = { .round = s->kind == SIGNING_SEAL_ROUND,
                          .square = s->kind == SIGNING_SEAL_SQUARE,
                          .image = s->kind == SIGNING_SEAL_IMAGE,
                          .clear_paper = s->clear_paper,
                          .organisation = of == SIGNING_SEAL_ORGANISATIONS,
                          .text = s->text,
                          .label = s->label,
                          .preview = preview(rq, s),
                          .back = signing_seal_path(rq, of, "/seals"),
                          .of = str_z(signing_seal_of_words[of].word) };
    return resp_page(rs, &signing_seal_new_view, &v);
}

static enum err show_new(struct req *rq, struct resp *rs)
{
    const struct new_form *f = req_form(rq);
    struct signing_owner owner;
    struct signing_seal_new s = { .kind = SIGNING_SEAL_ROUND, .clear_paper = true };

    TRY(signing_seal_owner(rq, f->of, &owner));
    s.text = f->of == SIGNING_SEAL_MINE ? family_name(rq) : STR("");
    if (f->of == SIGNING_SEAL_ORGANISATIONS)
        s.kind = SIGNING_SEAL_SQUARE;
    return page_new(rq, rs, &s, f->of);
}

/* Nothing is kept: the form again, with what would be. */
static enum err show_again(struct req *rq, struct resp *rs)
{
    const struct new_form *f = req_form(rq);
    struct signing_seal_new s = seal_of(f);
    struct buf *png = signing_reasons_buf(rq, PNG_ROOM);

    if (!req_invalid(rq) && signing_seal_try(&s, SIDE_LIST, png) != E_OK)
        (void)signing_reasons_show(rq);
    return page_new(rq, rs, &s, f->of);
}

/* The characters, or the name of the file. */
static struct str default_label(struct req *rq, const struct new_form *f)
{
    struct str s = f->kind == SIGNING_SEAL_IMAGE ? f->file.filename : f->text;
    size_t end = 0;
    for (size_t i = 0; i < 60 && !str_absent(s) && end < s.n; i++)
        (void)utf8_next(s, &end);
    s = str_absent(s) ? s : str_sub(req_arena(rq), s, 0, end);
    return str_empty(s) ? STR("-") : s;
}

static enum err add(struct req *rq, struct resp *rs)
{
    const struct new_form *f = req_form(rq);
    struct signing_seal_new s = seal_of(f);
    struct audit_by by = AUDIT_BY(rq);
    struct signing_owner owner;
    struct str id;
    enum err e;

    TRY(signing_seal_owner(rq, f->of, &owner));
    if (req_invalid(rq) || f->show)
        return show_again(rq, rs);
    if (str_empty(s.label))
        s.label = default_label(rq, f);
    e = signing_seal_store(req_tx(rq), owner, &s, &by, req_now(rq), &id);
    if (e != E_OK)
        return signing_reasons_show(rq) ? page_new(rq, rs, &s, f->of) : e;
    resp_flash(rs, "success", MSG("The seal is kept."), STR_ABSENT);
    return resp_seeother_path(rs, signing_seal_path(rq, f->of, "/seals"));
}

/* --- one --- */

struct seal_form {
    int of;
    struct str id;
};

static const struct param seal_params[] = {
    PARAM_CHOICE_OPT(struct seal_form, of, signing_seal_of_words, SIGNING_SEAL_MINE),
    PARAM_TOKEN(struct seal_form, id, 1, 64),
    PARAM_END,
};

struct seal_view {
    struct seal_row s;
    struct str back, main_path, delete_path;
};

static const struct view_field seal_fields[] = {
    VIEW_STRUCT(struct seal_view, s, row_fields),
    VIEW_URL(struct seal_view, back),
    VIEW_URL(struct seal_view, main_path),
    VIEW_URL(struct seal_view, delete_path),
    VIEW_END,
};

const struct view signing_seal_view = { "signing/seal.html", "Seal {{s.label}}", seal_fields, 0 };
const struct view signing_seal_delete_view = { "signing/seal_delete.html", "Delete the seal",
                                               seal_fields, 0 };

static enum err fill(struct req *rq, struct seal_view *v)
{
    const struct seal_form *f = req_form(rq);
    struct arena *a = req_arena(rq);
    struct signing_owner owner;
    struct signing_seal s;

    TRY(signing_seal_owner(rq, f->of, &owner));
    TRY(signing_seal_find(req_tx(rq), owner, f->id, &s));
    v->s = row_of(rq, f->of, &s);
    v->back = signing_seal_path(rq, f->of, "/seals");
    v->main_path = signing_seal_path(rq, f->of, str_fmt(a, "/seals/%s/main", f->id.p).p);
    v->delete_path = signing_seal_path(rq, f->of, str_fmt(a, "/seals/%s/delete", f->id.p).p);
    return E_OK;
}

/* "/seals/ID.png": the picture, for its owner alone. */
static enum err picture(struct req *rq, struct resp *rs, const struct seal_form *f)
{
    struct buf *png = signing_reasons_buf(rq, PNG_ROOM);
    struct signing_owner owner;

    TRY(signing_seal_owner(rq, f->of, &owner));
    TRY(signing_seal_picture(req_tx(rq), owner, str_sub(req_arena(rq), f->id, 0, f->id.n - 4),
                             SIDE_SHOWN, png));
    return resp_bytes(rs, "image/png", buf_bytes(png));
}

static enum err show(struct req *rq, struct resp *rs)
{
    const struct seal_form *f = req_form(rq);
    struct seal_view v;

    if (str_ends(f->id, STR(".png")))
        return picture(rq, rs, f);
    TRY(fill(rq, &v));
    return resp_page(rs, &signing_seal_view, &v);
}

static enum err ask_delete(struct req *rq, struct resp *rs)
{
    struct seal_view v;

    TRY(fill(rq, &v));
    return resp_page(rs, &signing_seal_delete_view, &v);
}

static enum err set_main(struct req *rq, struct resp *rs)
{
    const struct seal_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);
    struct signing_owner owner;

    if (req_invalid(rq))
        return FAIL(E_ABSENT, "seal-unknown", "malformed id");
    TRY(signing_seal_owner(rq, f->of, &owner));
    TRY(signing_seal_set_main(req_tx(rq), owner, f->id, &by));
    resp_flash(rs, "success", MSG("This seal is proposed from now on."), STR_ABSENT);
    return resp_seeother_path(rs, signing_seal_path(rq, f->of, "/seals"));
}

static enum err do_delete(struct req *rq, struct resp *rs)
{
    const struct seal_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);
    struct signing_owner owner;

    if (req_invalid(rq))
        return FAIL(E_ABSENT, "seal-unknown", "malformed id");
    TRY(signing_seal_owner(rq, f->of, &owner));
    TRY(signing_seal_erase(req_tx(rq), owner, f->id, &by));
    resp_flash(rs, "success", MSG("The seal is deleted."), STR_ABSENT);
    return resp_seeother_path(rs, signing_seal_path(rq, f->of, "/seals"));
}

#define SEAL FORM(seal_params, struct seal_form)

const struct route signing_seal_routes[] = {
    { GET, "/seals", list, WHO_ACCOUNT, FORM(of_params, struct of_form), 0, 0, NULL, NULL },
    { GET, "/seals/new", show_new, WHO_ACCOUNT, FORM(new_params, struct new_form), 0, 0, NULL,
      NULL },
    { POST, "/seals", add, WHO_ACCOUNT, FORM(new_params, struct new_form), 0, UPLOAD_ROOM, NULL,
      &add_rate },
    { GET, "/seals/{id}", show, WHO_ACCOUNT, SEAL, 0, 0, NULL, NULL },
    { POST, "/seals/{id}/main", set_main, WHO_ACCOUNT, SEAL, 0, 0, NULL, NULL },
    { GET, "/seals/{id}/delete", ask_delete, WHO_ACCOUNT, SEAL, 0, 0, NULL, NULL },
    { POST, "/seals/{id}/delete", do_delete, WHO_ACCOUNT, SEAL, 0, 0, NULL, NULL },
    { 0 },
};
