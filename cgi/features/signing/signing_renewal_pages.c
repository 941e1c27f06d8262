/*
 * signing_renewal_pages.c - archives to be renewed: what a person keeps elsewhere, until when its
 * archive timestamp holds, whether and when there will be a reminder.
 */
#include "features/signing/signing_renewal.h"

#include "base/encoding.h"
#include "features/signing/signing_pages.h"
#include "features/signing/signing_reasons_pages.h"
#include "http/ratelimit.h"

#define PER_PAGE 50
#define SOON_US (90 * DAY_US)

static const struct rate change_rate = { "signing.renewal", RATE_ACCOUNT, 120, 10 * MINUTE_US };

struct renewal_row {
    struct str public_id, note, digest;
    struct timestamp archived, ends, remind;
    struct page_badge state;
};

static const struct view_field row_fields[] = {
    VIEW_TEXT(struct renewal_row, public_id),
    VIEW_TEXT(struct renewal_row, note),
    VIEW_CODE(struct renewal_row, digest),
    VIEW_DATE(struct renewal_row, archived),
    VIEW_DATE(struct renewal_row, ends),
    VIEW_DATE(struct renewal_row, remind),
    VIEW_STRUCT(struct renewal_row, state, page_badge_fields),
    VIEW_END,
};

static struct page_badge badge(const struct signing_renewal *r, struct timestamp now)
{
    if (timestamp_cmp(r->ends, now) <= 0)
        return (struct page_badge){ "error", MSG("no longer holds") };
    if (timestamp_cmp(r->ends, timestamp_add(now, SOON_US)) <= 0)
        return (struct page_badge){ "caution", MSG("renew now") };
    return (struct page_badge){ "success", MSG("holds") };
}

static struct renewal_row row_of(struct req *rq, const struct signing_renewal *r)
{
    return (struct renewal_row){ .public_id = r->public_id,
                                 .note = str_absent(r->note) ? STR("") : r->note,
                                 .digest = hex_encode(req_arena(rq), bytes_of_32(&r->digest)),
                                 .archived = r->archived,
                                 .ends = r->ends,
                                 .remind = r->remind,
                                 .state = badge(r, req_now(rq)) };
}

/* --- list --- */

struct list_form {
    int64_t page;
};

static const struct param list_params[] = {
    PARAM_INT_OPT(struct list_form, page, 1, 100000, 1),
    PARAM_END,
};

struct renewals_view {
    struct renewal_row *rows;
    size_t rows_count;
    struct page_pager pager;
    bool wanted;
};

static const struct view_field renewals_fields[] = {
    VIEW_LIST(struct renewals_view, rows, rows_count, row_fields),
    VIEW_INT(struct renewals_view, rows_count),
    VIEW_STRUCT(struct renewals_view, pager, page_pager_fields),
    VIEW_FLAG(struct renewals_view, wanted),
    VIEW_END,
};

const struct view signing_renewals_view = { "signing/renewals.html", "Archives to be renewed",
                                            renewals_fields, VIEW_WIDE };

static enum err list(struct req *rq, struct resp *rs)
{
    const struct list_form *f = req_form(rq);
    struct signing_owner owner = signing_reasons_owner(rq);
    struct renewals_view v = { .rows_count = 0 };
    struct signing_renewal *rows;
    uint64_t total;

    TRY(signing_renewal_wanted(req_tx(rq), owner, &v.wanted));
    TRY(signing_renewal_list(req_tx(rq), owner, (uint32_t)(f->page - 1) * PER_PAGE, PER_PAGE, &rows,
                             &v.rows_count, &total));
    v.rows = ARENA_ARRAY(req_arena(rq), v.rows_count + 1, struct renewal_row);
    for (size_t i = 0; i < v.rows_count; i++)
        v.rows[i] = row_of(rq, &rows[i]);
    v.pager = page_pager_make(req_arena(rq), STR("/renewals"), STR(""), (uint64_t)f->page, PER_PAGE,
                              total);
    return resp_page(rs, &signing_renewals_view, &v);
}

struct choose_form {
    bool reminders;
};

static const struct param choose_params[] = {
    PARAM_FLAG(struct choose_form, reminders),
    PARAM_END,
};

static enum err choose(struct req *rq, struct resp *rs)
{
    const struct choose_form *f = req_form(rq);

    TRY(signing_renewal_choose(req_tx(rq), signing_reasons_owner(rq), f->reminders, req_now(rq)));
    resp_flash(rs, "success",
               f->reminders ? MSG("You will be reminded by mail before an archive timestamp ends.")
                            : MSG("You will not be reminded of any file."),
               STR_ABSENT);
    return resp_seeother(rs, "/renewals", 0);
}

/* --- one --- */

struct renewal_form {
    struct str id, note;
    bool remind;
};

static const struct param id_params[] = {
    PARAM_TOKEN(struct renewal_form, id, 1, 64),
    PARAM_END,
};

static const struct param set_params[] = {
    PARAM_TOKEN(struct renewal_form, id, 1, 64),
    PARAM_TEXT_OPT(struct renewal_form, note, SIGNING_RENEWAL_NOTE_MAX),
    PARAM_FLAG(struct renewal_form, remind),
    PARAM_END,
};

struct renewal_view {
    struct renewal_row r;
    struct renewal_form form;
    bool wanted;
};

static const struct view_field form_fields[] = {
    VIEW_TEXT(struct renewal_form, note),
    VIEW_FLAG(struct renewal_form, remind),
    VIEW_END,
};

static const struct view_field renewal_fields[] = {
    VIEW_STRUCT(struct renewal_view, r, row_fields),
    VIEW_STRUCT(struct renewal_view, form, form_fields),
    VIEW_FLAG(struct renewal_view, wanted),
    VIEW_END,
};

const struct view signing_renewal_view = { "signing/renewal.html", "Archive to be renewed",
                                           renewal_fields, 0 };

static enum err show(struct req *rq, struct resp *rs)
{
    const struct renewal_form *f = req_form(rq);
    struct signing_owner owner = signing_reasons_owner(rq);
    struct signing_renewal r;
    struct renewal_view v = { .form = *f };

    TRY(signing_renewal_find(req_tx(rq), owner, f->id, &r));
    TRY(signing_renewal_wanted(req_tx(rq), owner, &v.wanted));
    v.r = row_of(rq, &r);
    if (!req_invalid(rq))
        v.form = (struct renewal_form){ f->id, v.r.note, !timestamp_is_none(r.remind) };
    return resp_page(rs, &signing_renewal_view, &v);
}

static enum err set(struct req *rq, struct resp *rs)
{
    const struct renewal_form *f = req_form(rq);

    if (req_invalid(rq))
        return show(rq, rs);
    TRY(signing_renewal_set(req_tx(rq), signing_reasons_owner(rq), f->id, f->note, f->remind,
                            req_now(rq)));
    resp_flash(rs, "success", MSG("Saved."), STR_ABSENT);
    return resp_seeother(rs, "/renewals", 0);
}

static enum err forget(struct req *rq, struct resp *rs)
{
    const struct renewal_form *f = req_form(rq);

    if (req_invalid(rq))
        return FAIL(E_ABSENT, "renewal-unknown", "malformed id");
    TRY(signing_renewal_forget(req_tx(rq), signing_reasons_owner(rq), f->id));
    resp_flash(rs, "success", MSG("The file is forgotten here. It is not changed by that."),
               STR_ABSENT);
    return resp_seeother(rs, "/renewals", 0);
}

const struct route signing_renewal_routes[] = {
    { GET, "/renewals", list, WHO_ACCOUNT, FORM(list_params, struct list_form), 0, 0, NULL, NULL },
    { POST, "/renewals", choose, WHO_ACCOUNT, FORM(choose_params, struct choose_form), 0, 0, NULL,
      &change_rate },
    { GET, "/renewals/{id}", show, WHO_ACCOUNT, FORM(id_params, struct renewal_form), 0, 0, NULL,
      NULL },
    { POST, "/renewals/{id}", set, WHO_ACCOUNT, FORM(set_params, struct renewal_form), 0, 0, NULL,
      &change_rate },
    { POST, "/renewals/{id}/forget", forget, WHO_ACCOUNT, FORM(id_params, struct renewal_form), 0,
      0, NULL, &change_rate },
    { 0 },
};
