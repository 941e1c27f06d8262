/*
 * rs_pages.c - where a system is told what became of its requests, for the customer's
 * administrator: the address, its secret (shown once, on a page that nothing caches), what was
 * sent.
 */
#include "features/rs/rs_pages.h"

#include "features/rs/rs.h"
#include "features/signing/signing.h"
#include "http/page.h"
#include "http/ratelimit.h"
#include "http/req.h"
#include "http/resp.h"
#include "http/view.h"

#define SHOWN 50

static const struct rate change_rate = { "rs.webhook", RATE_ACCOUNT, 30, 10 * MINUTE_US };

struct delivery_row {
    struct str public_id, event, status;
    struct timestamp created, last;
    struct page_badge state;
    struct msg reason;
    bool failed, missed;
    uint32_t attempts;
};

static const struct view_field delivery_fields[] = {
    VIEW_TEXT(struct delivery_row, public_id),
    VIEW_TEXT(struct delivery_row, event),
    VIEW_TEXT(struct delivery_row, status),
    VIEW_TIME(struct delivery_row, created),
    VIEW_TIME(struct delivery_row, last),
    VIEW_STRUCT(struct delivery_row, state, page_badge_fields),
    VIEW_MSG(struct delivery_row, reason),
    VIEW_FLAG(struct delivery_row, failed),
    VIEW_FLAG(struct delivery_row, missed),
    VIEW_INT(struct delivery_row, attempts),
    VIEW_END,
};

struct webhook_view {
    struct client_id id;
    struct str name, url, secret;
    bool registered, made, waiting;
    struct timestamp secret_at, hold_until;
    struct delivery_row *rows;
    size_t rows_count;
};

static const struct view_field webhook_fields[] = {
    VIEW_ID(struct webhook_view, id),
    VIEW_TEXT(struct webhook_view, name),
    VIEW_TEXT(struct webhook_view, url),
    VIEW_TEXT(struct webhook_view, secret),
    VIEW_FLAG(struct webhook_view, registered),
    VIEW_FLAG(struct webhook_view, made),
    VIEW_FLAG(struct webhook_view, waiting),
    VIEW_TIME(struct webhook_view, secret_at),
    VIEW_TIME(struct webhook_view, hold_until),
    VIEW_LIST(struct webhook_view, rows, rows_count, delivery_fields),
    VIEW_INT(struct webhook_view, rows_count),
    VIEW_END,
};

const struct view rs_webhook_view = { "rs/webhook.html", "Notices to the system", webhook_fields,
                                      VIEW_WIDE };
const struct view rs_webhook_stop_view = { "rs/stop.html", "Stop the notices", webhook_fields, 0 };

const struct view *const rs_views[] = { &rs_webhook_view, &rs_webhook_stop_view, NULL };

/* Why an attempt failed, in words; the HTTP status stands beside "http-". */
static struct msg reason_of(struct str code)
{
    if (str_starts(code, STR("http-")))
        return MSG("The system answered with an error");
    if (str_eq_z(code, "gateway-refused") || str_eq_z(code, "url-malformed"))
        return MSG("The address does not lead to a public https server");
    if (str_eq_z(code, "gateway-timeout"))
        return MSG("No answer within five seconds");
    if (str_eq_z(code, "webhook-held"))
        return MSG("Waits, because the system did not answer before");
    if (str_eq_z(code, "webhook-unknown"))
        return MSG("The address was withdrawn");
    return MSG("The server could not be reached");
}

static struct page_badge badge_of(struct str state)
{
    if (str_eq_z(state, "delivered"))
        return (struct page_badge){ "success", MSG("delivered") };
    if (str_eq_z(state, "failed"))
        return (struct page_badge){ "error", MSG("given up") };
    return (struct page_badge){ "progress", MSG("on its way") };
}

static struct delivery_row row_of(struct arena *a, const struct rs_delivery *d)
{
    bool http = str_starts(d->reason, STR("http-"));

    return (struct delivery_row){ .public_id = d->public_id,
                                  .event = d->event,
                                  .status = http ? str_sub(a, d->reason, 5, d->reason.n) : STR(""),
                                  .created = d->created,
                                  .last = d->last,
                                  .state = badge_of(d->state),
                                  .reason = reason_of(d->reason),
                                  .failed = str_eq_z(d->state, "failed"),
                                  .missed = !str_absent(d->reason),
                                  .attempts = d->attempts };
}

struct webhook_form {
    struct client_id id;
    struct str url, delivery;
};

static const struct param id_params[] = {
    PARAM_ID(struct webhook_form, id),
    PARAM_END,
};

static const struct param url_params[] = {
    PARAM_ID(struct webhook_form, id),
    PARAM_TEXT(struct webhook_form, url, 10, RS_URL_MAX),
    PARAM_END,
};

static const struct param delivery_params[] = {
    PARAM_ID(struct webhook_form, id),
    PARAM_TOKEN(struct webhook_form, delivery, 1, 64),
    PARAM_END,
};

/* Only a system of the administrator's own organisation. */
static enum err find(struct req *rq, struct webhook_view *v)
{
    const struct webhook_form *f = req_form(rq);
    struct signing_system s;

    TRY(signing_system_find(req_tx(rq), req_tenant(rq), f->id, req_now(rq), &s));
    v->id = s.id;
    v->name = s.name;
    return E_OK;
}

static enum err fill_log(struct req *rq, struct webhook_view *v)
{
    struct rs_delivery *d;

    TRY(rs_delivery_list(req_tx(rq), req_tenant(rq), v->id, 0, SHOWN, &d, &v->rows_count));
    v->rows = ARENA_ARRAY(req_arena(rq), v->rows_count, struct delivery_row);
    for (size_t i = 0; i < v->rows_count; i++)
        v->rows[i] = row_of(req_arena(rq), &d[i]);
    return E_OK;
}

static enum err page(struct req *rq, struct resp *rs, struct str secret)
{
    struct webhook_view v = { .secret = secret, .made = !str_absent(secret) };
    struct rs_webhook w = { .url = STR("") };
    enum err e;

    TRY(find(rq, &v));
    e = rs_webhook_get(req_tx(rq), req_tenant(rq), v.id, &w);
    if (e != E_OK && e != E_ABSENT)
        return e;
    v.registered = e == E_OK;
    if (v.registered)
        TRY(fill_log(rq, &v));
    fault_clear();
    v.url = req_invalid(rq) && !str_absent(req_raw(rq, "url")) ? req_raw(rq, "url") : w.url;
    v.secret_at = w.secret_at;
    v.hold_until = w.hold_until;
    v.waiting = v.registered && !timestamp_is_none(w.hold_until) &&
                timestamp_cmp(req_now(rq), w.hold_until) < 0;
    return resp_page(rs, &rs_webhook_view, &v);
}

static enum err show(struct req *rq, struct resp *rs)
{
    return page(rq, rs, STR_ABSENT);
}

static enum err set(struct req *rq, struct resp *rs)
{
    const struct webhook_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);
    struct webhook_view v = { 0 };
    struct str secret = STR_ABSENT;
    enum err e = E_OK;

    TRY(find(rq, &v));
    if (!req_invalid(rq))
        e = rs_webhook_set(req_tx(rq), req_tenant(rq), f->id, f->url, &by, req_now(rq), &secret);
    if (e == E_INPUT) {
        fault_clear();
        req_field_error(rq, "url",
                        MSG("Write the address of a public server that begins with https://."));
    } else if (e != E_OK) {
        return e;
    }
    if (req_invalid(rq) || !str_absent(secret))
        return page(rq, rs, secret);
    resp_flash(rs, "success", MSG("Notices go to the new address from now on."), STR_ABSENT);
    return resp_seeother(rs, "/systems/{id}/webhook", f->id.v);
}

static enum err renew(struct req *rq, struct resp *rs)
{
    const struct webhook_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);
    struct webhook_view v = { 0 };
    struct str secret;

    if (req_invalid(rq))
        return FAIL(E_ABSENT, "system-unknown", "malformed id");
    TRY(find(rq, &v));
    TRY(rs_webhook_renew(req_tx(rq), req_tenant(rq), f->id, &by, req_now(rq), &secret));
    return page(rq, rs, secret);
}

static enum err test(struct req *rq, struct resp *rs)
{
    const struct webhook_form *f = req_form(rq);
    struct webhook_view v = { 0 };

    if (req_invalid(rq))
        return FAIL(E_ABSENT, "system-unknown", "malformed id");
    TRY(find(rq, &v));
    TRY(rs_webhook_queue(req_tx(rq), f->id, "webhook.test", json_new_object()));
    resp_flash(rs, "success", MSG("A test notice is on its way. See below what becomes of it."),
               STR_ABSENT);
    return resp_seeother(rs, "/systems/{id}/webhook", f->id.v);
}

static enum err again(struct req *rq, struct resp *rs)
{
    const struct webhook_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);
    struct webhook_view v = { 0 };

    if (req_invalid(rq))
        return FAIL(E_ABSENT, "delivery-unknown", "malformed id");
    TRY(find(rq, &v));
    TRY(rs_delivery_again(req_tx(rq), req_tenant(rq), f->id, f->delivery, &by));
    resp_flash(rs, "success", MSG("The notice is sent again."), STR_ABSENT);
    return resp_seeother(rs, "/systems/{id}/webhook", f->id.v);
}

/* Names the object and the consequence. */
static enum err ask_stop(struct req *rq, struct resp *rs)
{
    struct webhook_view v = { 0 };
    struct rs_webhook w;

    TRY(find(rq, &v));
    TRY(rs_webhook_get(req_tx(rq), req_tenant(rq), v.id, &w));
    v.url = w.url;
    return resp_page(rs, &rs_webhook_stop_view, &v);
}

static enum err stop(struct req *rq, struct resp *rs)
{
    const struct webhook_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);
    struct webhook_view v = { 0 };

    if (req_invalid(rq))
        return FAIL(E_ABSENT, "system-unknown", "malformed id");
    TRY(find(rq, &v));
    TRY(rs_webhook_erase(req_tx(rq), req_tenant(rq), f->id, &by));
    resp_flash(rs, "success", MSG("No more notices are sent to this system."), STR_ABSENT);
    return resp_seeother(rs, "/systems/{id}/webhook", f->id.v);
}

#define ID_FORM FORM(id_params, struct webhook_form)

const struct route rs_pages_routes[] = {
    { GET, "/systems/{id}/webhook", show, ROLE_CUSTOMER_ADMIN, ID_FORM, 0, 0, NULL, NULL },
    { POST, "/systems/{id}/webhook", set, ROLE_CUSTOMER_ADMIN,
      FORM(url_params, struct webhook_form), ROUTE_SECOND_FACTOR, 0, NULL, &change_rate },
    { POST, "/systems/{id}/webhook/secret", renew, ROLE_CUSTOMER_ADMIN, ID_FORM,
      ROUTE_SECOND_FACTOR, 0, NULL, &change_rate },
    { POST, "/systems/{id}/webhook/test", test, ROLE_CUSTOMER_ADMIN, ID_FORM, 0, 0, NULL,
      &change_rate },
    { POST, "/systems/{id}/webhook/again", again, ROLE_CUSTOMER_ADMIN,
      FORM(delivery_params, struct webhook_form), 0, 0, NULL, &change_rate },
    { GET, "/systems/{id}/webhook/stop", ask_stop, ROLE_CUSTOMER_ADMIN, ID_FORM, 0, 0, NULL, NULL },
    { POST, "/systems/{id}/webhook/stop", stop, ROLE_CUSTOMER_ADMIN, ID_FORM, ROUTE_SECOND_FACTOR,
      0, NULL, &change_rate },
    { 0 },
};
