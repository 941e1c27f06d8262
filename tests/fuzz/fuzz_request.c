/*
 * fuzz_request.c - a whole request through dispatch: "METHOD URI CONTENT-TYPE\nheader:
 * value\n\nbody". Whatever comes, the answer is never a 500.
 */
#include "base/log.h"
#include "http/fake.h"
#include "http/req.h"
#include "http/resp.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct all {
    struct document_id id;
    struct str text, lines;
    struct upload file, *files;
    size_t files_n;
    struct secret *pin;
    int64_t number;
};
static const struct param all_params[] = {
    PARAM_ID_OPT(struct all, id),
    PARAM_TEXT(struct all, text, 1, 20),
    PARAM_MULTILINE_OPT(struct all, lines, 100),
    PARAM_FILE_OPT(struct all, file, 1000),
    PARAM_FILES(struct all, files, files_n, 100, 3),
    PARAM_SECRET_OPT(struct all, pin, 4, 8),
    PARAM_INT_OPT(struct all, number, 0, 9, 1),
    PARAM_END,
};

static volatile uint8_t last; /* every byte is read into it: what is not ours would be seen */

static enum err answer(struct req *rq, struct resp *rs)
{
    const struct all *v = req_form(rq);
    if (req_invalid(rq))
        return FAIL(E_INPUT, "form-invalid", "shown again");
    for (size_t i = 0; i < v->file.data.n; i++)
        last = v->file.data.p[i];
    for (size_t k = 0; k < v->files_n; k++)
        for (size_t i = 0; i < v->files[k].data.n; i++)
            last = v->files[k].data.p[i];
    return resp_seeother_text(rs, "/documents/{id}", v->text);
}

static const struct route routes[] = {
    { GET, "/documents/{id}", answer, WHO_ANYONE, FORM(all_params, struct all) },
    { POST, "/documents", answer, WHO_ANYONE, FORM(all_params, struct all), 0, 4000 },
    { PUT, "/api/{text}", answer, WHO_ANYONE, FORM(all_params, struct all),
      ROUTE_API | ROUTE_NO_CSRF, 2000, "fuzz target" },
    { 0 },
};

static struct fake *start(void)
{
    static const struct route *const tables[] = { routes, NULL };
    static const struct hooks hooks = { 0 };
    static struct app app = { .name = "fuzz", .tables = tables, .hooks = &hooks };
    static struct fake *f;
    if (f)
        return f;
    log_open("fuzz", LOG_LEVEL_ERROR);
    app.csrf_key = secret_random(32);
    if (app_start(&app) != E_OK)
        abort();
    f = fake_new(&app);
    return f;
}

/* Cut the text before `end` off *p; NULL when there is none. */
static char *cut(char **p, char end)
{
    char *from = *p, *at = strchr(from, end);
    if (at == NULL)
        return NULL;
    *at = '\0';
    *p = at + 1;
    return from;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fake *f = start();
    char *text = calloc(1, size + 1), *p = text;
    if (size)
        memcpy(text, data, size);
    const char *method = cut(&p, ' '), *uri = method ? cut(&p, ' ') : NULL;
    const char *type = uri ? cut(&p, '\n') : NULL;
    while (type && *p != '\0' && *p != '\n') {
        char *line = cut(&p, '\n'), *colon = line ? strstr(line, ": ") : NULL;
        if (colon == NULL)
            break;
        *colon = '\0';
        fake_header(f, line, colon + 2);
    }
    if (type && *p == '\n') {
        size_t at = (size_t)(p + 1 - text);
        struct str token = fake_csrf(f);
        if (size % 4)
            fake_header(f, "X-CSRF-Token", token.p);
        struct fake_reply r =
            fake_send(f, method, uri, type, (struct bytes){ data + at, size - at });
        if (r.status == 0 || r.status == 500)
            abort();
    }
    free(text);
    fake_forget(f);
    return 0;
}
