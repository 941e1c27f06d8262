/* profiles_view_pages.c - one profile: what it asks, what comes of it, its versions */
#include "features/profiles/profiles_view_pages.h"

#include "features/profiles/profiles_inside.h"

struct field_row {
    struct str name, label, hint, choices, part;
    struct msg kind;
    uint32_t max;
    bool required, editable, fixed, many;
};

static const struct view_field field_row_fields[] = {
    VIEW_TEXT(struct field_row, name),     VIEW_TEXT(struct field_row, label),
    VIEW_TEXT(struct field_row, hint),     VIEW_TEXT(struct field_row, choices),
    VIEW_TEXT(struct field_row, part),     VIEW_MSG(struct field_row, kind),
    VIEW_INT(struct field_row, max),       VIEW_FLAG(struct field_row, required),
    VIEW_FLAG(struct field_row, editable), VIEW_FLAG(struct field_row, fixed),
    VIEW_FLAG(struct field_row, many),     VIEW_END,
};

struct policy_row {
    struct str oid, cps;
};

static const struct view_field policy_row_fields[] = {
    VIEW_TEXT(struct policy_row, oid),
    VIEW_TEXT(struct policy_row, cps),
    VIEW_END,
};

struct version_row {
    struct str name, by;
    uint32_t version;
    struct timestamp at;
    bool shown;
};

static const struct view_field version_row_fields[] = {
    VIEW_TEXT(struct version_row, name),   VIEW_TEXT(struct version_row, by),
    VIEW_INT(struct version_row, version), VIEW_TIME(struct version_row, at),
    VIEW_FLAG(struct version_row, shown),  VIEW_END,
};

struct one_view {
    struct str name, title, about, cps, body, appliers, sources, algs, usages, purposes, notices;
    struct str subject;
    struct msg service, class;
    struct page_badge state;
    uint32_t version, approvals, renew_days;
    int64_t days;
    bool person, two, suspendable, same_key, ocsp, crl, staff;
    struct field_row *fields;
    size_t fields_count;
    struct policy_row *policies;
    size_t policies_count;
    struct version_row *versions;
    size_t versions_count;
};

static const struct view_field one_fields[] = {
    VIEW_TEXT(struct one_view, name),
    VIEW_TEXT(struct one_view, title),
    VIEW_TEXT(struct one_view, about),
    VIEW_TEXT(struct one_view, cps),
    VIEW_TEXT(struct one_view, body),
    VIEW_TEXT(struct one_view, appliers),
    VIEW_TEXT(struct one_view, sources),
    VIEW_TEXT(struct one_view, algs),
    VIEW_TEXT(struct one_view, usages),
    VIEW_TEXT(struct one_view, purposes),
    VIEW_TEXT(struct one_view, notices),
    VIEW_TEXT(struct one_view, subject),
    VIEW_MSG(struct one_view, service),
    VIEW_MSG(struct one_view, class),
    VIEW_STRUCT(struct one_view, state, page_badge_fields),
    VIEW_INT(struct one_view, version),
    VIEW_INT(struct one_view, renew_days),
    VIEW_COUNT(struct one_view, days),
    VIEW_FLAG(struct one_view, person),
    VIEW_FLAG(struct one_view, two),
    VIEW_FLAG(struct one_view, suspendable),
    VIEW_FLAG(struct one_view, same_key),
    VIEW_FLAG(struct one_view, ocsp),
    VIEW_FLAG(struct one_view, crl),
    VIEW_FLAG(struct one_view, staff),
    VIEW_LIST(struct one_view, fields, fields_count, field_row_fields),
    VIEW_LIST(struct one_view, policies, policies_count, policy_row_fields),
    VIEW_INT(struct one_view, policies_count),
    VIEW_LIST(struct one_view, versions, versions_count, version_row_fields),
    VIEW_END,
};

const struct view profiles_view_view = { "profiles/one.html", "Certificate profile {{title}}",
                                         one_fields, VIEW_WIDE };

/* "C=JP, O=organization, …": constants as they are, fields by their label. */
static struct str subject_text(struct req *rq, const struct profile *p)
{
    struct arena *a = req_arena(rq);
    struct str out = STR("");

    for (size_t i = 0; i < p->subject_n; i++) {
        const struct profiles_part *part = &p->subject[i];
        const struct profiles_field *f = part->value.p ? NULL : profiles_field(p, part->field);
        struct str label = f ? profiles_words_of(rq, f->label_ja, f->label_en) : part->value;
        out = str_fmt(a, f ? "%s%s%s=[%s]" : "%s%s%s=%s", out.p, i ? ", " : "",
                      profiles_attribute_name(part->type), label.p);
    }
    return out;
}

/* Where the value goes: "CN, dns". */
static struct str places(struct arena *a, const struct profile *p, struct str field)
{
    struct str out = STR("");

    for (size_t i = 0; i < p->subject_n; i++)
        if (str_eq(p->subject[i].field, field))
            out = str_fmt(a, "%s%s%s", out.p, out.n ? ", " : "",
                          profiles_attribute_name(p->subject[i].type));
    for (size_t i = 0; i < p->names_n; i++)
        if (str_eq(p->names[i].field, field))
            out = str_fmt(a, "%s%s%s", out.p, out.n ? ", " : "",
                          profiles_alternative_name(p->names[i].kind));
    return out;
}

static void fill_fields(struct req *rq, const struct profile *p, struct one_view *v)
{
    struct arena *a = req_arena(rq);

    v->fields = ARENA_ARRAY(a, p->fields_n, struct field_row);
    v->fields_count = p->fields_n;
    for (size_t i = 0; i < p->fields_n; i++) {
        const struct profiles_field *f = &p->fields[i];
        struct str choices = STR("");
        for (size_t k = 0; k < f->choices_n; k++)
            choices = str_fmt(a, "%s%s%s", choices.p, k ? " / " : "", f->choices[k].p);
        v->fields[i] = (struct field_row){ .name = f->name,
                                           .label = profiles_words_of(rq, f->label_ja, f->label_en),
                                           .hint = profiles_words_of(rq, f->hint_ja, f->hint_en),
                                           .choices = choices,
                                           .part = places(a, p, f->name),
                                           .kind = profiles_words_kind(f->kind),
                                           .max = f->max,
                                           .required = f->required,
                                           .editable = f->editable,
                                           .fixed = f->fixed,
                                           .many = f->many };
    }
    v->policies = ARENA_ARRAY(a, p->x509.policies_n, struct policy_row);
    v->policies_count = p->x509.policies_n;
    for (size_t i = 0; i < p->x509.policies_n; i++)
        v->policies[i] =
            (struct policy_row){ str_z(p->x509.policies[i].oid), str_z(p->x509.policies[i].cps) };
}

static enum err fill_versions(struct req *rq, const struct profile *p, bool staff,
                              struct one_view *v)
{
    struct profiles_version *rows;

    TRY(profiles_versions(req_tx(rq), p->name, &rows, &v->versions_count));
    v->versions = ARENA_ARRAY(req_arena(rq), v->versions_count, struct version_row);
    for (size_t i = 0; i < v->versions_count; i++)
        v->versions[i] = (struct version_row){ .name = p->name,
                                               .by = staff ? rows[i].loaded_by : STR(""),
                                               .version = rows[i].version,
                                               .at = rows[i].loaded_at,
                                               .shown = rows[i].version == p->version };
    return E_OK;
}

static void fill_words(struct req *rq, const struct profile *p, struct one_view *v)
{
    v->title = profiles_words_of(rq, p->title_ja, p->title_en);
    v->about = profiles_words_of(rq, p->about_ja, p->about_en);
    v->appliers = profiles_words_appliers(rq, p);
    v->sources = profiles_words_sources(rq, p);
    v->algs = profiles_words_algs(rq, p);
    v->usages = profiles_words_usages(rq, p);
    v->purposes = profiles_words_purposes(rq, p);
    v->notices = profiles_words_notices(rq, p);
    v->subject = subject_text(rq, p);
    v->service = profiles_words_service(p->service);
    v->class = profiles_words_class(p->class);
    v->state = profiles_words_state(p);
}

enum err profiles_view_show(struct req *rq, struct resp *rs, const struct profile *p, bool staff)
{
    struct one_view v = { .name = p->name,
                          .cps = p->cps,
                          .body = p->body,
                          .version = p->version,
                          .approvals = p->approvals,
                          .renew_days = p->renew_days,
                          .days = p->x509.validity_us / DAY_US,
                          .person = p->person,
                          .two = p->approvals == 2,
                          .suspendable = p->x509.suspendable,
                          .same_key = p->renew_same_key,
                          .ocsp = p->x509.aia_ocsp,
                          .crl = p->x509.cdp,
                          .staff = staff };

    fill_words(rq, p, &v);
    fill_fields(rq, p, &v);
    TRY(fill_versions(rq, p, staff, &v));
    return resp_page(rs, &profiles_view_view, &v);
}
