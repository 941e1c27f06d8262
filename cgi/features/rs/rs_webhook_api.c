/*
 * rs_webhook_api.c - /rs/v1/webhook: where this client wants to be told, and what it was told. The
 * secret is in the answer to the request that makes it and nowhere else.
 */
#include "features/rs/rs_inside_api.h"

#define DELIVERIES 50

struct place_form {
    struct str url;
};

static const struct param place_params[] = {
    PARAM_TEXT(struct place_form, url, 10, RS_URL_MAX),
    PARAM_END,
};

static enum err place_json(struct req *rq, struct str secret, struct json **out)
{
    struct rs_webhook w;

    TRY(rs_webhook_get(req_tx(rq), req_tenant(rq), req_who(rq)->client, &w));
    struct json *j = json_new_object();
    json_set_str(j, "url", w.url);
    json_set_time(j, "created_at", w.created);
    json_set_time(j, "secret_at", w.secret_at);
    json_set_i64(j, "failures", w.failures);
    json_set_time(j, "held_until", w.hold_until);
    if (!str_absent(secret))
        json_set_str(j, "secret", secret);
    *out = j;
    return E_OK;
}

static enum err show(struct req *rq, struct resp *rs)
{
    struct json *j;

    TRY(rs_api_admit(rq, rs, 0));
    TRY(place_json(rq, STR_ABSENT, &j));
    return resp_json(rs, 200, j);
}

static enum err set(struct req *rq, struct resp *rs)
{
    const struct place_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);
    struct str secret;
    struct json *j;

    TRY(rs_api_admit(rq, rs, 0));
    TRY(rs_webhook_set(req_tx(rq), req_tenant(rq), req_who(rq)->client, f->url, &by, req_now(rq),
                       &secret));
    TRY(place_json(rq, secret, &j));
    return resp_json(rs, str_absent(secret) ? 200 : 201, j);
}

static enum err renew(struct req *rq, struct resp *rs)
{
    struct audit_by by = AUDIT_BY(rq);
    struct str secret = STR_ABSENT;
    struct json *j;
    bool known;

    TRY(rs_api_admit(rq, rs, 0));
    TRY(rs_api_once(rq, rs, "webhook secret", STR(""), &known)); /* shown once, even so */
    if (!known)
        TRY(rs_webhook_renew(req_tx(rq), req_tenant(rq), req_who(rq)->client, &by, req_now(rq),
                             &secret));
    TRY(place_json(rq, secret, &j));
    return resp_json(rs, 200, j);
}

static enum err withdraw(struct req *rq, struct resp *rs)
{
    struct audit_by by = AUDIT_BY(rq);

    TRY(rs_api_admit(rq, rs, 0));
    TRY(rs_webhook_erase(req_tx(rq), req_tenant(rq), req_who(rq)->client, &by));
    return resp_empty(rs);
}

/* A notice that says nothing but that it came. */
static enum err test(struct req *rq, struct resp *rs)
{
    struct rs_webhook w;
    bool known;

    TRY(rs_api_admit(rq, rs, 0));
    TRY(rs_webhook_get(req_tx(rq), req_tenant(rq), req_who(rq)->client, &w));
    TRY(rs_api_once(rq, rs, "webhook test", STR(""), &known));
    if (!known)
        TRY(rs_webhook_queue(req_tx(rq), req_who(rq)->client, "webhook.test", json_new_object()));
    return resp_empty(rs);
}

/* --- deliveries --- */

struct list_form {
    int64_t page;
};

static const struct param list_params[] = {
    PARAM_INT_OPT(struct list_form, page, 1, 10000, 1),
    PARAM_END,
};

static struct json *delivery_json(const struct rs_delivery *d)
{
    struct json *j = json_new_object();

    json_set_str(j, "id", d->public_id);
    json_set_str(j, "event", d->event);
    json_set_str(j, "state", d->state);
    json_set_i64(j, "attempts", d->attempts);
    if (!str_absent(d->reason))
        json_set_str(j, "reason", d->reason);
    json_set_time(j, "created_at", d->created);
    json_set_time(j, "last_at", d->last);
    return j;
}

static enum err deliveries(struct req *rq, struct resp *rs)
{
    const struct list_form *f = req_form(rq);
    struct rs_delivery *rows;
    struct json *j, *list;
    size_t n;

    TRY(rs_api_admit(rq, rs, 0));
    TRY(rs_delivery_list(req_tx(rq), req_tenant(rq), req_who(rq)->client,
                         (uint32_t)(f->page - 1) * DELIVERIES, DELIVERIES + 1, &rows, &n));
    j = json_new_object();
    list = json_new_array();
    for (size_t i = 0; i < n && i < DELIVERIES; i++)
        json_append(list, delivery_json(&rows[i]));
    json_set(j, "deliveries", list);
    if (n > DELIVERIES)
        json_set_i64(j, "next_page", f->page + 1);
    return resp_json(rs, 200, j);
}

struct delivery_form {
    struct str id;
};

static const struct param delivery_params[] = {
    PARAM_TOKEN(struct delivery_form, id, 1, 64),
    PARAM_END,
};

static enum err again(struct req *rq, struct resp *rs)
{
    const struct delivery_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);
    bool known;

    TRY(rs_api_admit(rq, rs, 0));
    TRY(rs_api_once(rq, rs, "webhook retry", f->id, &known));
    if (!known)
        TRY(rs_delivery_again(req_tx(rq), req_tenant(rq), req_who(rq)->client, f->id, &by));
    return resp_empty(rs);
}

const struct route rs_api_webhook_routes[] = {
    { GET, "/rs/v1/webhook", show, WHO_CLIENT, NULL, ROUTE_API, 0, NULL },
    { PUT, "/rs/v1/webhook", set, WHO_CLIENT, FORM(place_params, struct place_form),
      ROUTE_API | ROUTE_NO_CSRF, 0, RS_API_NOTE },
    { DELETE, "/rs/v1/webhook", withdraw, WHO_CLIENT, NULL, ROUTE_API | ROUTE_NO_CSRF, 0,
      RS_API_NOTE },
    { POST, "/rs/v1/webhook/secret", renew, WHO_CLIENT, NULL, ROUTE_API | ROUTE_NO_CSRF, 0,
      RS_API_NOTE },
    { POST, "/rs/v1/webhook/test", test, WHO_CLIENT, NULL, ROUTE_API | ROUTE_NO_CSRF, 0,
      RS_API_NOTE },
    { GET, "/rs/v1/webhook/deliveries", deliveries, WHO_CLIENT, FORM(list_params, struct list_form),
      ROUTE_API, 0, NULL },
    { POST, "/rs/v1/webhook/deliveries/{id}/retry", again, WHO_CLIENT,
      FORM(delivery_params, struct delivery_form), ROUTE_API | ROUTE_NO_CSRF, 0, RS_API_NOTE },
    { 0 },
};
