/* registration_review_detail_pages.c - one application: what is applied for, and beside it what the
 * checks said on the day it was sent and say now, and what can be decided. */
#include "features/registration/registration_review_detail_pages.h"

/* ------------------------------------------------------------------ views */

struct field_row {
    struct str label, original, now;
    bool changed, editable;
};
static const struct view_field field_row_fields[] = {
    VIEW_TEXT(struct field_row, label),    VIEW_TEXT(struct field_row, original),
    VIEW_TEXT(struct field_row, now),      VIEW_FLAG(struct field_row, changed),
    VIEW_FLAG(struct field_row, editable), VIEW_END,
};

struct check_row {
    struct str what, field, detail;
    bool refuses;
    struct page_badge when;
};
static const struct view_field check_row_fields[] = {
    VIEW_TEXT(struct check_row, what),
    VIEW_TEXT(struct check_row, field),
    VIEW_TEXT(struct check_row, detail),
    VIEW_FLAG(struct check_row, refuses),
    VIEW_STRUCT(struct check_row, when, page_badge_fields),
    VIEW_END,
};

struct request_part {
    struct str subject, names, key, fingerprint, pem;
    bool proved;
};
static const struct view_field request_fields[] = {
    VIEW_TEXT(struct request_part, subject),
    VIEW_TEXT(struct request_part, names),
    VIEW_TEXT(struct request_part, key),
    VIEW_CODE(struct request_part, fingerprint),
    VIEW_TEXT(struct request_part, pem),
    VIEW_FLAG(struct request_part, proved),
    VIEW_END,
};

struct earlier_row {
    struct certificate_id id;
    struct str subject, profile, serial;
    struct page_badge state;
    struct timestamp not_after;
};
static const struct view_field earlier_row_fields[] = {
    VIEW_ID(struct earlier_row, id),
    VIEW_TEXT(struct earlier_row, subject),
    VIEW_TEXT(struct earlier_row, profile),
    VIEW_CODE(struct earlier_row, serial),
    VIEW_STRUCT(struct earlier_row, state, page_badge_fields),
    VIEW_TIME(struct earlier_row, not_after),
    VIEW_END,
};

struct confirmed_row {
    struct timestamp at;
    struct str who, note;
    struct msg item, method;
};
static const struct view_field confirmed_row_fields[] = {
    VIEW_TIME(struct confirmed_row, at),    VIEW_TEXT(struct confirmed_row, who),
    VIEW_TEXT(struct confirmed_row, note),  VIEW_MSG(struct confirmed_row, item),
    VIEW_MSG(struct confirmed_row, method), VIEW_END,
};

struct detail_view {
    struct str receipt, title, applicant, subscriber, contact, profile, cps, first, second, note;
    struct msg source, bar;
    struct page_badge state;
    uint64_t needed, days;
    int64_t generation;
    struct timestamp submitted, first_at, second_at;
    struct certificate_id certificate;
    bool device, renewal, bulk, edited, may_approve, may_decide, held, may_edit, two, refused_now;
    struct field_row *fields;
    size_t fields_n;
    struct check_row *checks;
    size_t checks_n;
    const struct request_part *request;
    struct earlier_row *earlier;
    size_t earlier_n;
    struct confirmed_row *confirmed;
    size_t confirmed_n;
    struct page_event *timeline;
    size_t timeline_n;
    struct registration_review_checklist vetting;
    struct str reason, approve_url, reject_url, return_url, hold_url, resume_url, edit_url,
        list_url, next_url, previous_url;
};
static const struct view_field detail_fields[] = {
    VIEW_TEXT(struct detail_view, receipt),
    VIEW_TEXT(struct detail_view, title),
    VIEW_TEXT(struct detail_view, applicant),
    VIEW_TEXT(struct detail_view, subscriber),
    VIEW_TEXT(struct detail_view, contact),
    VIEW_TEXT(struct detail_view, profile),
    VIEW_TEXT(struct detail_view, cps),
    VIEW_TEXT(struct detail_view, first),
    VIEW_TEXT(struct detail_view, second),
    VIEW_TEXT(struct detail_view, note),
    VIEW_MSG(struct detail_view, source),
    VIEW_MSG(struct detail_view, bar),
    VIEW_STRUCT(struct detail_view, state, page_badge_fields),
    VIEW_COUNT(struct detail_view, needed),
    VIEW_COUNT(struct detail_view, days),
    VIEW_INT(struct detail_view, generation),
    VIEW_TIME(struct detail_view, submitted),
    VIEW_TIME(struct detail_view, first_at),
    VIEW_TIME(struct detail_view, second_at),
    VIEW_ID(struct detail_view, certificate),
    VIEW_FLAG(struct detail_view, device),
    VIEW_FLAG(struct detail_view, renewal),
    VIEW_FLAG(struct detail_view, bulk),
    VIEW_FLAG(struct detail_view, edited),
    VIEW_FLAG(struct detail_view, may_approve),
    VIEW_FLAG(struct detail_view, may_decide),
    VIEW_FLAG(struct detail_view, held),
    VIEW_FLAG(struct detail_view, may_edit),
    VIEW_FLAG(struct detail_view, two),
    VIEW_FLAG(struct detail_view, refused_now),
    VIEW_LIST(struct detail_view, fields, fields_n, field_row_fields),
    VIEW_LIST(struct detail_view, checks, checks_n, check_row_fields),
    VIEW_COUNT(struct detail_view, checks_n),
    VIEW_OPTION(struct detail_view, request, request_fields),
    VIEW_LIST(struct detail_view, earlier, earlier_n, earlier_row_fields),
    VIEW_COUNT(struct detail_view, earlier_n),
    VIEW_LIST(struct detail_view, confirmed, confirmed_n, confirmed_row_fields),
    VIEW_COUNT(struct detail_view, confirmed_n),
    VIEW_LIST(struct detail_view, timeline, timeline_n, page_event_fields),
    VIEW_STRUCT(struct detail_view, vetting, registration_review_checklist_fields),
    VIEW_TEXT(struct detail_view, reason),
    VIEW_URL(struct detail_view, approve_url),
    VIEW_URL(struct detail_view, reject_url),
    VIEW_URL(struct detail_view, return_url),
    VIEW_URL(struct detail_view, hold_url),
    VIEW_URL(struct detail_view, resume_url),
    VIEW_URL(struct detail_view, edit_url),
    VIEW_URL(struct detail_view, list_url),
    VIEW_URL(struct detail_view, next_url),
    VIEW_URL(struct detail_view, previous_url),
    VIEW_END,
};
const struct view registration_review_view = { "registration/review.html", "Review {{receipt}}",
                                               detail_fields, VIEW_WIDE };

/* ------------------------------------------------------------------ what is applied for */

/* All values of a field in one line. */
static struct str joined(struct arena *a, const struct profiles_value *v, size_t n, struct str name)
{
    struct str out = STR("");

    for (size_t i = 0; i < n; i++)
        if (str_eq(v[i].name, name))
            out = str_empty(out) ? v[i].value : str_fmt(a, "%s, %s", out.p, v[i].value.p);
    return out;
}

static void fill_fields(struct req *rq, const struct profile *p, const struct registration *r,
                        struct detail_view *v)
{
    struct arena *a = req_arena(rq);

    v->fields = ARENA_ARRAY(a, p->fields_n, struct field_row);
    for (size_t i = 0; i < p->fields_n; i++) {
        const struct profiles_field *f = &p->fields[i];
        struct field_row row = {
            .label = req_lang(rq) == LANG_JA ? f->label_ja : f->label_en,
            .original = joined(a, r->original, r->original_n, f->name),
            .now = joined(a, r->values, r->values_n, f->name),
            .editable = f->editable && !f->fixed,
        };
        row.changed = !str_eq(row.original, row.now);
        v->may_edit = v->may_edit || row.editable;
        if (!str_empty(row.original) || !str_empty(row.now))
            v->fields[v->fields_n++] = row;
    }
}

static enum err fill_application(struct req *rq, const struct registration *r,
                                 struct detail_view *v)
{
    const struct profile *p;

    TRY(profiles_get(req_tx(rq), r->profile, r->profile_version, &p));
    v->receipt = r->receipt;
    v->title = r->title;
    v->applicant = r->applicant_name;
    v->subscriber = str_empty(r->subscriber_name) ? STR("") : r->subscriber_name;
    v->device = r->subscriber.v == 0;
    v->contact = r->contact;
    v->profile = req_lang(rq) == LANG_JA ? p->title_ja : p->title_en;
    v->cps = p->cps;
    v->first = str_absent(r->first_name) ? STR("") : r->first_name;
    v->second = str_absent(r->second_name) ? STR("") : r->second_name;
    v->first_at = r->first_at;
    v->second_at = r->second_at;
    v->note = str_absent(r->decision_note) ? STR("") : r->decision_note;
    v->source = registration_review_source(r->key_source);
    v->state = registration_review_state(r->state);
    v->needed = r->approvals_needed;
    v->two = r->approvals_needed > 1;
    v->days = r->validity_days;
    v->generation = r->generation;
    v->submitted = r->submitted;
    v->certificate = r->certificate;
    v->renewal = str_eq_z(r->kind, "renew");
    v->bulk = str_eq_z(r->via, "bulk");
    v->edited = r->edited;
    fill_fields(rq, p, r, v);
    return E_OK;
}

/* ------------------------------------------------------------------ checks, then and now */

static bool same_finding(const struct profiles_finding *a, const struct profiles_finding *b)
{
    return str_eq(a->code, b->code) && str_eq(a->field, b->field) && str_eq(a->detail, b->detail);
}

static bool is_among(const struct profiles_finding *f, const struct profiles_finding *list,
                     size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (same_finding(f, &list[i]))
            return true;
    return false;
}

static void add_check(struct req *rq, const struct registration *r,
                      const struct profiles_finding *f, struct page_badge when,
                      struct detail_view *v)
{
    const struct profiles_field *field = NULL;
    const struct profile *p;

    if (!str_empty(f->field) &&
        profiles_get(req_tx(rq), r->profile, r->profile_version, &p) == E_OK)
        field = profiles_field(p, f->field);
    v->checks[v->checks_n++] = (struct check_row){
        .what = registration_review_words(rq, f->code),
        .field = field == NULL             ? STR("")
                 : req_lang(rq) == LANG_JA ? field->label_ja
                                           : field->label_en,
        .detail = str_absent(f->detail) ? STR("") : f->detail,
        .refuses = f->refuses,
        .when = when,
    };
}

static enum err fill_checks(struct req *rq, const struct registration *r, struct detail_view *v)
{
    struct profiles_finding *now;
    size_t n;

    TRY(registration_review_recheck(req_tx(rq), r, req_now(rq), &now, &n));
    v->checks = ARENA_ARRAY(req_arena(rq), n + r->checks_n, struct check_row);
    for (size_t i = 0; i < n; i++) {
        bool before = is_among(&now[i], r->checks, r->checks_n);
        add_check(rq, r, &now[i],
                  before ? (struct page_badge){ "neutral", MSG("as when it was sent") }
                         : (struct page_badge){ "caution", MSG("new since it was sent") },
                  v);
        v->refused_now = v->refused_now || now[i].refuses;
    }
    for (size_t i = 0; i < r->checks_n; i++)
        if (!is_among(&r->checks[i], now, n))
            add_check(rq, r, &r->checks[i],
                      (struct page_badge){ "success", MSG("not so any more") }, v);
    return E_OK;
}

/* ------------------------------------------------------------------ what else is known */

static enum err fill_request(struct req *rq, const struct registration *r, struct detail_view *v)
{
    struct arena *a = req_arena(rq);
    struct request_part *part = ARENA_NEW(a, struct request_part);
    struct registration_request q;
    enum err err = registration_review_request(req_tx(rq), r, &q, &part->pem, &part->proved);

    if (err == E_ABSENT || err == E_INPUT) { /* none yet, or the finding says what is wrong */
        fault_clear();
        return E_OK;
    }
    TRY(err);
    part->subject = q.subject;
    part->key = q.key;
    part->fingerprint = q.fingerprint;
    part->names = STR("");
    for (size_t i = 0; i < q.names_n; i++)
        part->names = i == 0 ? q.names[i] : str_fmt(a, "%s, %s", part->names.p, q.names[i].p);
    v->request = part;
    return E_OK;
}

static struct page_badge certificate_state(const struct registration_earlier *e,
                                           struct timestamp now)
{
    if (str_eq_z(e->state, "issued"))
        return timestamp_cmp(now, e->not_after) > 0
                   ? (struct page_badge){ "neutral", MSG("expired") }
                   : (struct page_badge){ "success", MSG("valid") };
    if (str_eq_z(e->state, "suspended"))
        return (struct page_badge){ "caution", MSG("suspended") };
    if (str_eq_z(e->state, "revoked"))
        return (struct page_badge){ "error", MSG("revoked") };
    if (str_eq_z(e->state, "refused"))
        return (struct page_badge){ "error", MSG("refused by the authority") };
    return (struct page_badge){ "progress", MSG("being issued") };
}

static enum err fill_earlier(struct req *rq, const struct registration *r, struct detail_view *v)
{
    struct registration_earlier *rows;
    size_t n;

    TRY(registration_review_earlier(req_tx(rq), r, &rows, &n));
    v->earlier = ARENA_ARRAY(req_arena(rq), n, struct earlier_row);
    for (size_t i = 0; i < n; i++)
        if (rows[i].id.v != r->certificate.v)
            v->earlier[v->earlier_n++] = (struct earlier_row){
                .id = rows[i].id,
                .subject = rows[i].subject,
                .profile = registration_review_profile(rq, rows[i].profile),
                .serial = rows[i].serial,
                .state = certificate_state(&rows[i], req_now(rq)),
                .not_after = rows[i].not_after,
            };
    return E_OK;
}

static enum err fill_confirmed(struct req *rq, const struct registration *r, struct detail_view *v)
{
    struct registration_confirmed *rows;

    TRY(registration_review_confirmed(req_tx(rq), r, &rows, &v->confirmed_n));
    v->confirmed = ARENA_ARRAY(req_arena(rq), v->confirmed_n, struct confirmed_row);
    for (size_t i = 0; i < v->confirmed_n; i++)
        v->confirmed[i] =
            (struct confirmed_row){ .at = rows[i].at,
                                    .who = rows[i].who,
                                    .note = rows[i].note,
                                    .item = registration_review_item(rows[i].item),
                                    .method = registration_review_method(rows[i].method) };
    return E_OK;
}

/* The history keeps names of fields; people read their labels. */
static struct str labels_of(struct req *rq, const struct profile *p, struct str names)
{
    struct str padded = str_fmt(req_arena(rq), ", %s,", names.p), out = STR("");

    for (size_t i = 0; i < p->fields_n; i++) {
        const struct profiles_field *f = &p->fields[i];

        if (strstr(padded.p, str_fmt(req_arena(rq), ", %s,", f->name.p).p) != NULL)
            out = str_fmt(req_arena(rq), "%s%s%s", out.p, out.n ? ", " : "",
                          req_lang(rq) == LANG_JA ? f->label_ja.p : f->label_en.p);
    }
    return out;
}

static enum err fill_timeline(struct req *rq, const struct registration *r, struct detail_view *v)
{
    struct registration_event *e;
    const struct profile *p;

    TRY(profiles_get(req_tx(rq), r->profile, r->profile_version, &p));
    TRY(registration_events(req_tx(rq), r->tenant, r->id, &e, &v->timeline_n));
    v->timeline = ARENA_ARRAY(req_arena(rq), v->timeline_n, struct page_event);
    for (size_t i = 0; i < v->timeline_n; i++)
        v->timeline[i] = (struct page_event){
            .at = e[i].at,
            .what = registration_review_event(e[i].kind),
            .who = str_absent(e[i].actor_name) ? STR("") : e[i].actor_name,
            .note = str_absent(e[i].note)           ? STR("")
                    : str_eq_z(e[i].kind, "edited") ? labels_of(rq, p, e[i].note)
                                                    : e[i].note,
        };
    return E_OK;
}

/* ------------------------------------------------------------------ what can be done */

static void fill_decision(struct req *rq, const struct registration_review_form *f,
                          const struct registration *r, struct detail_view *v)
{
    enum registration_bar approve = registration_bar_of(r, req_account(rq), true);

    v->bar = registration_review_bar(approve);
    v->held = r->state == REGISTRATION_HELD;
    v->may_approve = approve == REGISTRATION_FREE && !v->held;
    v->may_decide = registration_bar_of(r, req_account(rq), false) == REGISTRATION_FREE;
    v->may_edit = v->may_edit && v->may_decide;
    v->vetting = registration_review_checklist(rq, f, v->bulk);
    v->reason = f->reason;
    v->approve_url = registration_review_below(rq, r->receipt, "/approve");
    v->reject_url = registration_review_below(rq, r->receipt, "/reject");
    v->return_url = registration_review_below(rq, r->receipt, "/return");
    v->hold_url = registration_review_below(rq, r->receipt, "/hold");
    v->resume_url = registration_review_below(rq, r->receipt, "/resume");
    v->edit_url = registration_review_below(rq, r->receipt, "/edit");
    v->list_url = registration_review_url(rq, STR("/reviews"));
}

static enum err fill_beside(struct req *rq, const struct registration_review_form *f,
                            const struct registration *r, struct detail_view *v)
{
    struct registration_filter filter = registration_review_filter(rq, f);
    struct str next, previous;

    TRY(registration_review_beside(req_tx(rq), &filter, r, true, &next));
    TRY(registration_review_beside(req_tx(rq), &filter, r, false, &previous));
    v->next_url = str_empty(next) ? next : registration_review_below(rq, next, "");
    v->previous_url = str_empty(previous) ? previous : registration_review_below(rq, previous, "");
    return E_OK;
}

enum err registration_review_find(struct req *rq, const struct registration_review_form *f,
                                  struct registration *r)
{
    if (str_empty(f->receipt))
        return FAIL(E_ABSENT, "application-unknown", "no receipt number");
    return registration_by_receipt(req_tx(rq), req_tenant(rq), f->receipt, r);
}

enum err registration_review_show(struct req *rq, struct resp *rs,
                                  const struct registration_review_form *f,
                                  const struct registration *r)
{
    struct detail_view v = { .reason = STR("") };

    TRY(fill_application(rq, r, &v));
    TRY(fill_checks(rq, r, &v));
    TRY(fill_request(rq, r, &v));
    TRY(fill_earlier(rq, r, &v));
    TRY(fill_confirmed(rq, r, &v));
    TRY(fill_timeline(rq, r, &v));
    fill_decision(rq, f, r, &v);
    TRY(fill_beside(rq, f, r, &v));
    return resp_page(rs, &registration_review_view, &v);
}
