/* fuzz_json_body.c - a JSON body through dispatch to a typed struct. */
#include "base/log.h"
#include "http/fake.h"
#include "http/req.h"
#include "http/resp.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct order {
    struct str name;
    int64_t count;
    struct document_id document;
    bool urgent;
    struct str *tags;
    size_t tags_n;
    struct secret *pin;
    const struct json *rest;
};
static const struct param order_params[] = {
    PARAM_TEXT(struct order, name, 1, 20),
    PARAM_INT(struct order, count, 1, 9),
    PARAM_ID_OPT(struct order, document),
    PARAM_FLAG(struct order, urgent),
    PARAM_TEXTS(struct order, tags, tags_n, 1, 5, 3),
    PARAM_SECRET_OPT(struct order, pin, 4, 8),
    PARAM_JSON_OPT(struct order, rest),
    PARAM_END,
};

static enum err take(struct req *rq, struct resp *rs)
{
    const struct order *o = req_form(rq);
    if (o->count < 1 || o->count > 9 || o->tags_n > 3)
        abort();
    return resp_json(rs, 200, json_new_object());
}

static const struct route routes[] = {
    { POST, "/order", take, WHO_ANYONE, FORM(order_params, struct order), ROUTE_API | ROUTE_NO_CSRF,
      0, "fuzz target" },
    { 0 },
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct route *const tables[] = { routes, NULL };
    static const struct hooks hooks = { 0 };
    static struct app app = { .name = "fuzz", .tables = tables, .hooks = &hooks };
    static struct fake *f;
    if (f == NULL) {
        log_open("fuzz", LOG_LEVEL_ERROR);
        if (app_start(&app) != E_OK)
            abort();
        f = fake_new(&app);
    }
    struct fake_reply r =
        fake_send(f, "POST", "/order", "application/json", (struct bytes){ data, size });
    if (r.status != 200 && r.status != 413 && r.status != 422 && r.status != 415)
        abort(); /* input can never cause a 500 */
    fake_forget(f);
    return 0;
}
