/* http_app.c - see http_app.h */
#include "http_app.h"

#include "base/log.h"

struct fake *f;
char events[400];
char refused[100];
struct bytes32 user_hash, staff_hash, pending_hash, old_hash;
bool staff_second_factor;
int busy;
static uint64_t counted; /* by the rate hook */

static void note(const char *word)
{
    size_t n = strlen(events);
    snprintf(events + n, sizeof(events) - n, "%s ", word);
}

/* --- hooks ------------------------------------------------------------------------------------ */

static enum err begin(void *arg, struct arena *a, struct tx **tx)
{
    static int one;
    (void)arg;
    (void)a;
    *tx = (struct tx *)&one;
    note("begin");
    return E_OK;
}

static enum err commit(void *arg, struct tx *tx)
{
    (void)arg;
    (void)tx;
    note("commit");
    if (busy > 0) {
        busy--;
        return FAIL(E_BUSY, "", "deadlock");
    }
    return E_OK;
}

static void rollback(void *arg, struct tx *tx)
{
    (void)arg;
    (void)tx;
    note("rollback");
}

static enum err session_load(void *arg, struct arena *a, const struct bytes32 *hash,
                             struct timestamp now, struct session_state *out)
{
    (void)arg;
    (void)a;
    *out = (struct session_state){ .created = now, .seen = now };
    out->who = (struct who){ .account = { 7 }, .tenant = { 1 }, .session = { 3 } };
    out->who.roles = ROLE_END_USER;
    if (bytes32_eq(hash, &user_hash))
        return E_OK;
    if (bytes32_eq(hash, &staff_hash)) {
        out->who.roles = ROLE_AUDITOR;
        out->who.second_factor = staff_second_factor;
        return E_OK;
    }
    if (bytes32_eq(hash, &pending_hash)) {
        out->who.pending = true;
        return E_OK;
    }
    if (bytes32_eq(hash, &old_hash)) {
        out->seen = timestamp_add(now, -31 * MINUTE_US);
        return E_OK;
    }
    return FAIL(E_ABSENT, "", "no such session");
}

static enum err client_load(void *arg, struct arena *a, struct str pem, struct timestamp now,
                            struct who *out)
{
    (void)arg;
    (void)a;
    (void)now;
    if (!str_eq_z(pem, "-----BEGIN + known-----\n"))
        return FAIL(E_AUTH, "client-unknown", "not registered");
    *out = (struct who){ .client = { 9 }, .tenant = { 2 } };
    return E_OK;
}

static enum err rate_count(void *arg, const struct rate_key *key, struct rate_counts *out)
{
    (void)arg;
    (void)key;
    *out = (struct rate_counts){ ++counted, 0 };
    return E_OK;
}

static void on_refused(void *arg, const struct refusal *r)
{
    (void)arg;
    snprintf(refused, sizeof(refused), "%s %s %s", r->method, r->route, r->reason);
}

static enum err render(const struct template_set *set, const struct view *view, enum lang lang,
                       const struct page_context *page, const void *data, struct arena *a,
                       struct buf *out)
{
    (void)set;
    (void)a;
    buf_fmt(out, "<%s %d csrf=%zu>", view->template, lang, page->csrf.n);
    for (size_t i = 0; i < page->error_count; i++)
        buf_fmt(out, "[%.*s: %.*s]", STR_ARG(page->errors[i].field), STR_ARG(page->errors[i].text));
    for (size_t i = 0; i < page->flash_count; i++)
        buf_fmt(out, "{%s %s %.*s}", page->flashes[i].tone, page->flashes[i].heading.id,
                STR_ARG(page->flashes[i].text));
    if (view == &problem_view) {
        const struct problem_page *p = data;
        buf_fmt(out, "%d %s ref=%.*s", (int)p->status, p->what.id, STR_ARG(p->reference));
    }
    return E_OK;
}

/* --- handlers --------------------------------------------------------------------------------- */

const struct param note_params[] = {
    PARAM_ID_OPT(struct note_form, id),
    PARAM_TEXT(struct note_form, title, 2, 10),
    PARAM_INT_OPT(struct note_form, copies, 1, 9, 1),
    PARAM_SECRET_OPT(struct note_form, pin, 4, 8),
    PARAM_FILE_OPT(struct note_form, file, 200000),
    PARAM_END,
};
static const struct view page_view = { "note.html", "Note", NULL, 0 };

enum err show(struct req *rq, struct resp *rs)
{
    note("handler");
    resp_header(rs, "X-Account", str_fmt(req_arena(rq), "%d", (int)req_account(rq).v));
    return resp_page(rs, &page_view, NULL);
}

static enum err save(struct req *rq, struct resp *rs)
{
    const struct note_form *n = req_form(rq);
    if (req_invalid(rq))
        return show(rq, rs);
    note("save");
    resp_flash(rs, "success", MSG("Saved"), n->title);
    if (n->file.data.p)
        resp_header(rs, "X-File",
                    str_fmt(req_arena(rq), "%.*s %zu %d", STR_ARG(n->file.filename), n->file.data.n,
                            n->file.data.p[n->file.data.n - 1]));
    return n->id.v ? resp_seeother(rs, "/notes/{id}", n->id.v)
                   : resp_seeother_text(rs, "/notes/{id}", n->title);
}

static enum err careless(struct req *rq, struct resp *rs)
{
    (void)rq;
    note("careless");
    return resp_seeother(rs, "/", 0);
}

static enum err wrong_pin(struct req *rq, struct resp *rs)
{
    (void)rq;
    return resp_fail(rs, FAIL(E_AUTH, "pin-wrong", "account 7: secret detail"));
}

static enum err fails(struct req *rq, struct resp *rs)
{
    (void)rq;
    resp_header(rs, "X-Leak", STR("x"));
    return FAIL(E_BACKEND, "", "mysql://secret detail");
}

static enum err answers_nothing(struct req *rq, struct resp *rs)
{
    (void)rq;
    (void)rs;
    return E_OK;
}

static enum err hungry(struct req *rq, struct resp *rs)
{
    for (;;)
        (void)arena_alloc(req_arena(rq), 1 << 20);
    return resp_empty(rs);
}

static enum err sign_in(struct req *rq, struct resp *rs)
{
    session_start(rq, rs, &user_hash);
    return resp_seeother(rs, "/", 0);
}

static enum err sign_out(struct req *rq, struct resp *rs)
{
    session_end(rq, rs);
    return resp_seeother(rs, "/", 0);
}

static enum err api(struct req *rq, struct resp *rs)
{
    const struct note_form *n = req_form(rq);
    struct json *j = json_new_object();
    json_set_str(j, "title", n->title);
    json_set_i64(j, "client", (int64_t)req_who(rq)->client.v);
    return resp_json(rs, 201, j);
}

static enum err public_file(struct req *rq, struct resp *rs)
{
    (void)rq;
    resp_cache(rs, 60);
    return resp_bytes(rs, "application/pkix-crl", bytes_of_str(STR("crl")));
}

static enum err raw_body(struct req *rq, struct resp *rs)
{
    return resp_file(rs, "application/pdf", STR("契約 \"1\".pdf"), req_body(rq),
                     DISPOSITION_ATTACHMENT);
}

static enum err streamed(struct req *rq, struct resp *rs)
{
    char piece[700];
    size_t n = 0, got = 1;
    while (got > 0) {
        TRY(req_read_body(rq, piece, sizeof(piece), &got));
        n += got;
    }
    return resp_bytes(rs, "text/plain", bytes_of_str(str_fmt(req_arena(rq), "%zu", n)));
}

static const struct rate slow_rate = { "test", RATE_ADDRESS, 2, MINUTE_US };
#define NOTE_FORM FORM(note_params, struct note_form)
static const struct route routes[] = {
    { GET, "/", show, WHO_ANYONE },
    { GET, "/notes/new", show, WHO_ACCOUNT, NOTE_FORM },
    { GET, "/notes/{id}", show, WHO_ACCOUNT, NOTE_FORM },
    { POST, "/notes", save, WHO_ACCOUNT, NOTE_FORM, 0, 300000 },
    { POST, "/open", save, WHO_ANYONE, NOTE_FORM },
    { POST, "/careless", careless, WHO_ACCOUNT, NOTE_FORM },
    { GET, "/audit", show, ROLE_AUDITOR },
    { POST, "/audit/seal", careless, ROLE_AUDITOR },
    { GET, "/code", show, WHO_ACCOUNT, NULL, ROUTE_PENDING },
    { POST, "/pin", wrong_pin, WHO_ACCOUNT, NULL, ROUTE_API },
    { GET, "/fails", fails, WHO_ANYONE },
    { GET, "/nothing", answers_nothing, WHO_ANYONE },
    { GET, "/hungry", hungry, WHO_ANYONE },
    { POST, "/login", sign_in, WHO_ANYONE },
    { POST, "/logout", sign_out, WHO_ACCOUNT },
    { POST, "/api/notes", api, WHO_CLIENT, NOTE_FORM, ROUTE_API | ROUTE_NO_CSRF, 0,
      "client certificate, no cookie" },
    { GET, "/api/notes", api, WHO_CLIENT, NOTE_FORM, ROUTE_API },
    { GET, "/crl", public_file, WHO_ANYONE, NULL, ROUTE_PUBLIC_CACHE | ROUTE_NO_TX },
    { POST, "/raw", raw_body, WHO_ANYONE, NULL, ROUTE_API | ROUTE_NO_CSRF, 0, "test" },
    { POST, "/stream", streamed, WHO_ANYONE, NULL, ROUTE_API | ROUTE_NO_CSRF | ROUTE_STREAM, 5000,
      "test" },
    { POST, "/slow", careless, WHO_ANYONE, NULL, 0, 0, NULL, &slow_rate },
    { 0 },
};
const struct route *const tables[] = { routes, NULL };
static const struct hooks hooks = {
    .begin = begin,
    .commit = commit,
    .rollback = rollback,
    .session_load = session_load,
    .client_load = client_load,
    .rate_count = rate_count,
    .refused = on_refused,
};

static enum err is_ready(void *arg)
{
    (void)arg;
    return E_OK;
}
static enum err is_not_ready(void *arg)
{
    (void)arg;
    return FAIL(E_BACKEND, "", "no HSM");
}
static const struct ready_check checks[] = { { "database", is_ready },
                                             { "hsm", is_not_ready },
                                             { NULL, NULL } };

bool header_is(const struct fake_reply *r, const char *name, const char *value)
{
    return str_eq_z(fake_reply_header(f, r, name), value);
}

bool header_has(const struct fake_reply *r, const char *name, const char *part)
{
    struct str v = fake_reply_header(f, r, name);
    return !str_absent(v) && strstr(v.p, part) != NULL;
}

void fresh(void)
{
    fake_forget(f);
    events[0] = refused[0] = '\0';
    counted = 0;
}

void sign_in_as(struct bytes32 *hash)
{
    fresh();
    fake_sign_in(f, fake_token(f, hash));
}

static bool reason_text(const char *code, struct msg *what)
{
    if (strcmp(code, "pin-wrong") != 0)
        return false;
    *what = (struct msg){ "The PIN is wrong." };
    return true;
}

static struct secret *key;
static struct app app = { .name = "test",
                          .tables = tables,
                          .hooks = &hooks,
                          .ready = checks,
                          .login_path = "/login",
                          .second_factor_path = "/login/code",
                          .reason_text = reason_text,
                          .render = render };

bool http_app_start(void)
{
    log_open("test", (enum log_level) - 1);
    key = secret_random(32);
    app.csrf_key = key;
    if (!ok(app_start(&app) == E_OK, "the program starts"))
        return false;
    f = fake_new(&app);
    return true;
}

void http_app_stop(void)
{
    fake_free(f);
    app_stop(&app);
    secret_free(key);
}
