/*
 * signing_system_pages.c - the systems that call the API, for the customer's administrator: what
 * there is, what ends soon, stop it, report a lost key (P3-13, P3-47).
 */
#include "features/signing/signing_pages.h"
#include "features/signing/signing_reasons_pages.h"
#include "http/ratelimit.h"

static const struct rate change_rate = { "signing.system", RATE_ACCOUNT, 30, 10 * MINUTE_US };

struct certificate_row {
    struct certificate_id id;
    struct str subject, serial;
    struct timestamp not_before, not_after;
    struct page_badge state;
    bool ends_soon, revocable;
};

static const struct view_field certificate_fields[] = {
    VIEW_ID(struct certificate_row, id),
    VIEW_TEXT(struct certificate_row, subject),
    VIEW_CODE(struct certificate_row, serial),
    VIEW_DATE(struct certificate_row, not_before),
    VIEW_DATE(struct certificate_row, not_after),
    VIEW_STRUCT(struct certificate_row, state, page_badge_fields),
    VIEW_FLAG(struct certificate_row, ends_soon),
    VIEW_FLAG(struct certificate_row, revocable),
    VIEW_END,
};

struct seal_row {
    struct str label;
};

static const struct view_field seal_fields[] = {
    VIEW_TEXT(struct seal_row, label),
    VIEW_END,
};

struct system_row {
    struct client_id id;
    struct str name;
    struct timestamp created, ends;
    struct page_badge state;
    bool active, personal, ends_soon;
    uint32_t assertion_level, per_minute;
    struct certificate_row *certificates;
    size_t certificates_count;
    struct seal_row *seals;
    size_t seals_count;
};

static const struct view_field system_fields[] = {
    VIEW_ID(struct system_row, id),
    VIEW_TEXT(struct system_row, name),
    VIEW_TIME(struct system_row, created),
    VIEW_DATE(struct system_row, ends),
    VIEW_STRUCT(struct system_row, state, page_badge_fields),
    VIEW_FLAG(struct system_row, active),
    VIEW_FLAG(struct system_row, personal),
    VIEW_FLAG(struct system_row, ends_soon),
    VIEW_INT(struct system_row, assertion_level),
    VIEW_COUNT(struct system_row, per_minute),
    VIEW_LIST(struct system_row, certificates, certificates_count, certificate_fields),
    VIEW_INT(struct system_row, certificates_count),
    VIEW_LIST(struct system_row, seals, seals_count, seal_fields),
    VIEW_INT(struct system_row, seals_count),
    VIEW_END,
};

struct systems_view {
    struct system_row *rows;
    size_t rows_count;
};

static const struct view_field systems_fields[] = {
    VIEW_LIST(struct systems_view, rows, rows_count, system_fields),
    VIEW_INT(struct systems_view, rows_count),
    VIEW_END,
};

const struct view signing_systems_view = { "signing/systems.html", "Systems (API)", systems_fields,
                                           VIEW_WIDE };

struct system_view {
    struct system_row s;
    struct certificate_row lost; /* on the confirm page */
};

static const struct view_field system_view_fields[] = {
    VIEW_STRUCT(struct system_view, s, system_fields),
    VIEW_STRUCT(struct system_view, lost, certificate_fields),
    VIEW_END,
};

const struct view signing_system_view = { "signing/system.html", "System", system_view_fields, 0 };
const struct view signing_lost_view = { "signing/lost.html", "Report a lost key",
                                        system_view_fields, 0 };

static struct page_badge certificate_badge(const struct signing_system_certificate *c)
{
    if (str_eq_z(c->state, "good"))
        return c->ends_soon ? (struct page_badge){ "caution", MSG("ends soon") }
                            : (struct page_badge){ "success", MSG("valid") };
    if (str_eq_z(c->state, "pending"))
        return (struct page_badge){ "progress", MSG("being issued") };
    if (str_eq_z(c->state, "hold"))
        return (struct page_badge){ "caution", MSG("on hold") };
    if (str_eq_z(c->state, "expired"))
        return (struct page_badge){ "neutral", MSG("validity over") };
    return (struct page_badge){ "error", MSG("revoked") };
}

static void fill_certificates(struct arena *a, const struct signing_system *s,
                              struct system_row *row)
{
    row->certificates_count = s->certificates_n;
    row->certificates = ARENA_ARRAY(a, s->certificates_n, struct certificate_row);
    row->ends = TIMESTAMP_NONE;
    for (size_t i = 0; i < s->certificates_n; i++) {
        const struct signing_system_certificate *c = &s->certificates[i];
        bool good = str_eq_z(c->state, "good");
        row->certificates[i] = (struct certificate_row){
            c->id,        c->subject,           c->serial,    c->not_before,
            c->not_after, certificate_badge(c), c->ends_soon, good || str_eq_z(c->state, "hold")
        };
        /* what counts is the one that lasts longest */
        if (good && (timestamp_is_none(row->ends) || timestamp_cmp(row->ends, c->not_after) < 0)) {
            row->ends = c->not_after;
            row->ends_soon = c->ends_soon;
        }
    }
}

static struct system_row make_row(struct arena *a, const struct signing_system *s)
{
    struct system_row row = {
        .id = s->id,
        .name = s->name,
        .created = s->created,
        .state = s->active ? (struct page_badge){ "success", MSG("in use") }
                           : (struct page_badge){ "caution", MSG("suspended") },
        .active = s->active,
        .personal = s->personal,
        .assertion_level = s->assertion_level,
        .per_minute = s->per_minute,
    };
    fill_certificates(a, s, &row);
    return row;
}

static enum err list(struct req *rq, struct resp *rs)
{
    struct systems_view v = { 0 };
    struct signing_system *s;

    TRY(signing_system_list(req_tx(rq), req_tenant(rq), req_now(rq), &s, &v.rows_count));
    v.rows = ARENA_ARRAY(req_arena(rq), v.rows_count, struct system_row);
    for (size_t i = 0; i < v.rows_count; i++)
        v.rows[i] = make_row(req_arena(rq), &s[i]);
    return resp_page(rs, &signing_systems_view, &v);
}

struct system_form {
    struct client_id id;
    struct certificate_id certificate;
};

static const struct param system_params[] = {
    PARAM_ID(struct system_form, id),
    PARAM_END,
};

static const struct param lost_params[] = {
    PARAM_ID(struct system_form, id),
    PARAM_ID(struct system_form, certificate),
    PARAM_END,
};

static enum err find(struct req *rq, struct system_row *row)
{
    const struct system_form *f = req_form(rq);
    struct signing_system s;
    struct str *labels;

    TRY(signing_system_find(req_tx(rq), req_tenant(rq), f->id, req_now(rq), &s));
    *row = make_row(req_arena(rq), &s);
    TRY(signing_system_seals(req_tx(rq), req_tenant(rq), f->id, &labels, &row->seals_count));
    row->seals = ARENA_ARRAY(req_arena(rq), row->seals_count, struct seal_row);
    for (size_t i = 0; i < row->seals_count; i++)
        row->seals[i].label = labels[i];
    return E_OK;
}

static enum err show(struct req *rq, struct resp *rs)
{
    struct system_view v = { .lost = { .revocable = false } };

    TRY(find(rq, &v.s));
    return resp_page(rs, &signing_system_view, &v);
}

static enum err set_state(struct req *rq, struct resp *rs, bool suspend)
{
    const struct system_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);

    if (req_invalid(rq))
        return FAIL(E_ABSENT, "system-unknown", "malformed id");
    TRY(signing_system_suspend(req_tx(rq), req_tenant(rq), f->id, suspend, &by));
    resp_flash(rs, "success",
               suspend ? MSG("The system is suspended. Its requests are refused from now on.")
                       : MSG("The system may sign again."),
               STR_ABSENT);
    return resp_seeother(rs, "/systems/{id}", f->id.v);
}

static enum err suspend(struct req *rq, struct resp *rs)
{
    return set_state(rq, rs, true);
}

static enum err resume(struct req *rq, struct resp *rs)
{
    return set_state(rq, rs, false);
}

/* Names the object and the consequence, before what cannot be undone. */
static enum err ask_lost(struct req *rq, struct resp *rs)
{
    const struct system_form *f = req_form(rq);
    struct system_view v = { .lost = { .revocable = false } };

    TRY(find(rq, &v.s));
    for (size_t i = 0; i < v.s.certificates_count; i++)
        if (v.s.certificates[i].id.v == f->certificate.v)
            v.lost = v.s.certificates[i];
    if (!v.lost.revocable)
        return resp_seeother(rs, "/systems/{id}", f->id.v);
    return resp_page(rs, &signing_lost_view, &v);
}

static enum err lost(struct req *rq, struct resp *rs)
{
    const struct system_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);

    if (req_invalid(rq))
        return FAIL(E_ABSENT, "system-unknown", "malformed id");
    TRY(signing_system_revoke(req_tx(rq), req_tenant(rq), f->id, f->certificate, req_now(rq), &by));
    resp_flash(rs, "success",
               MSG("The connection certificate is revoked. It is refused from now on."),
               STR_ABSENT);
    return resp_seeother(rs, "/systems/{id}", f->id.v);
}

const struct route signing_system_routes[] = {
    { GET, "/systems", list, ROLE_CUSTOMER_ADMIN, NULL, 0, 0, NULL, NULL },
    { GET, "/systems/{id}", show, ROLE_CUSTOMER_ADMIN, FORM(system_params, struct system_form), 0,
      0, NULL, NULL },
    { POST, "/systems/{id}/suspend", suspend, ROLE_CUSTOMER_ADMIN,
      FORM(system_params, struct system_form), 0, 0, NULL, &change_rate },
    { POST, "/systems/{id}/resume", resume, ROLE_CUSTOMER_ADMIN,
      FORM(system_params, struct system_form), ROUTE_SECOND_FACTOR, 0, NULL, &change_rate },
    { GET, "/systems/{id}/lost", ask_lost, ROLE_CUSTOMER_ADMIN,
      FORM(lost_params, struct system_form), 0, 0, NULL, NULL },
    { POST, "/systems/{id}/lost", lost, ROLE_CUSTOMER_ADMIN, FORM(lost_params, struct system_form),
      ROUTE_SECOND_FACTOR, 0, NULL, &change_rate },
    { 0 },
};
