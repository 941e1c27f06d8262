/* fuzz_paths.c - REQUEST_URI through matching, decoding and path parameters. */
#include "base/log.h"
#include "http/fake.h"
#include "http/req.h"
#include "http/resp.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct path {
    struct document_id id;
    struct str name, rest;
};
static const struct param path_params[] = {
    PARAM_ID_OPT(struct path, id),
    PARAM_TOKEN_OPT(struct path, name, 20),
    PARAM_TEXT_OPT(struct path, rest, 1000),
    PARAM_END,
};

static enum err show(struct req *rq, struct resp *rs)
{
    (void)req_form(rq);
    return resp_empty(rs);
}

static const struct route routes[] = {
    { GET, "/", show, WHO_ANYONE },
    { GET, "/documents/new", show, WHO_ANYONE },
    { GET, "/documents/{id}", show, WHO_ANYONE, FORM(path_params, struct path) },
    { GET, "/documents/{id}/file/{name}", show, WHO_ANYONE, FORM(path_params, struct path) },
    { GET, "/ca/{name}.cer", show, WHO_ANYONE, FORM(path_params, struct path) },
    { GET, "/ocsp/{rest*}", show, WHO_ANYONE, FORM(path_params, struct path), ROUTE_API },
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
    char *uri = calloc(1, size + 2);
    uri[0] = '/';
    if (size)
        memcpy(uri + 1, data, size);
    struct fake_reply r = fake_get(f, uri);
    if (r.status != 204 && r.status != 404 && r.status != 422 && r.status != 200 && r.status != 413)
        abort();
    free(uri);
    fake_forget(f);
    return 0;
}
