/* front.c - see front.h */
#include "main/front.h"

#include "base/crypto.h"
#include "base/log.h"
#include "features/accounts/accounts.h"
#include "features/audit/audit.h"
#include "features/certificates/certificates.h"
#include "features/certificates/certificates_pages.h"
#include "features/rs/rs.h"
#include "features/signing/signing.h"
#include "net/gateway_client.h"
#include "net/render_client.h"
#include "sign/hsm.h"
#include "store/heartbeat.h"
#include "store/rate.h"
#include "store/wake.h"

#include <stdlib.h>

#define SIDE_ARENA (1u << 20)
#define WORKER_SILENT_US (60 * SECOND_US)

enum err front_prepare(struct front *f)
{
    enum err e = settings_secret(f->settings, "http.secret_file", &f->master);
    if (e == E_OK)
        f->csrf_key = hkdf_sha256(secret_bytes(f->master), STR("shomei csrf token"), 32);
    return e;
}

void front_release(struct front *f)
{
    secret_free(f->csrf_key);
    secret_free(f->master);
    f->csrf_key = f->master = NULL;
}

/* A program without its token still serves what needs none; signing says "hsm-unavailable". */
static void open_token(struct front *f)
{
    if (hsm_open_token(f->settings, HSM_SIGNING, false, &f->hsm) != E_OK) {
        log_fault("the signing token cannot be opened");
        f->hsm = NULL;
    }
}

static void init_slices(const struct front *f)
{
    struct accounts_config c = {
        .master = f->master,
        .portal_url = settings_str(f->settings, "url.portal"),
        .failures_max = (uint32_t)settings_u64(f->settings, "accounts.lock_after"),
        .dormant_days = (uint32_t)settings_u64(f->settings, "accounts.dormant_days"),
    };
    /* links are made as url + "/path" */
    while (c.portal_url.n > 0 && c.portal_url.p[c.portal_url.n - 1] == '/')
        c.portal_url.n--;
    const struct certificates_config certificates = { .master = f->master,
                                                      .portal_url = c.portal_url,
                                                      .words = certificates_pages_words };
    audit_init(f->master);
    rs_init(f->master, settings_bool(f->settings, "development"));
    accounts_init(&c);
    certificates_init(&certificates);
}

static enum err open_all(struct front *f)
{
    enum err e = wake_open_all(settings_str(f->settings, "run_dir").p);

    if (e == E_OK)
        e = db_open_settings(f->settings, f->program, &f->db);
    if (e == E_OK)
        e = db_open_settings(f->settings, f->program, &f->side);
    if (e == E_OK)
        e = db_check(f->db);
    if (e != E_OK)
        return e;
    open_token(f);
    init_slices(f);
    return signing_setup(f->settings, f->side, f->hsm);
}

enum err front_open(void *arg)
{
    struct front *f = arg;
    enum err e = open_all(f);
    if (e != E_OK)
        front_close(f);
    return e;
}

void front_close(void *arg)
{
    struct front *f = arg;
    signing_teardown();
    certificates_end();
    rs_end();
    hsm_close(f->hsm);
    db_close(f->side);
    db_close(f->db);
    f->hsm = NULL;
    f->side = f->db = NULL;
}

/* --- hooks --- */

enum err front_begin(void *arg, struct arena *a, struct tx **tx)
{
    struct front *f = arg;
    return tx_begin(f->db, a, tx);
}

enum err front_commit(void *arg, struct tx *tx)
{
    (void)arg;
    return tx_commit(tx);
}

void front_rollback(void *arg, struct tx *tx)
{
    (void)arg;
    tx_rollback(tx);
}

enum err front_rate_count(void *arg, const struct rate_key *key, struct rate_counts *out)
{
    struct front *f = arg;
    struct arena *a = arena_new(SIDE_ARENA);
    struct str text = str_fmt(a, "%s:%d:%.*s", key->name, (int)key->scope, STR_ARG(key->subject));
    enum err e = rate_add(f->side, a, text, key->window, key->window_us, key->add, &out->current,
                          &out->previous);
    arena_free(a);
    return e;
}

static enum err write_refusal(struct tx *tx, void *arg)
{
    const struct refusal *r = arg;
    struct json *detail = json_new_object();
    struct buf b = buf_init(1024);
    struct str text = STR_ABSENT;
    enum err e;

    json_set_str(detail, "method", str_z(r->method));
    json_set_str(detail, "route", str_z(r->route));
    json_set_str(detail, "error", str_z(err_name(r->err)));
    json_set_str(detail, "reason", str_z(r->reason));
    e = json_write(detail, false, &b);
    if (e == E_OK)
        e = buf_to_str(&b, tx_arena(tx), &text);
    buf_free(&b);
    json_free(detail);
    if (e != E_OK)
        return e;
    struct audit_entry entry = { .by = { .tenant = r->who->tenant,
                                         .account = r->who->account,
                                         .client = r->who->client,
                                         .name = r->who->name,
                                         .address = r->address,
                                         .request = r->request_id },
                                 .action = "http.request.refuse",
                                 .outcome = AUDIT_REFUSED,
                                 .detail = text };
    return audit_write(tx, &entry);
}

void front_refused(void *arg, const struct refusal *r)
{
    struct front *f = arg;
    struct refusal copy = *r;
    struct arena *a = arena_new(SIDE_ARENA);
    if (tx_run(f->side, a, write_refusal, &copy) != E_OK)
        log_fault("a refusal could not be recorded");
    arena_free(a);
}

static enum err read_gauges(struct tx *tx, void *arg)
{
    return signing_gauges(tx, clock_now(), arg);
}

/* Not a condition of readiness: signatures at level ES need nobody outside. */
static bool gateway_up(const struct front *f, struct arena *a)
{
    struct str path = settings_str(f->settings, "gateway.socket");
    if (str_empty(path))
        path = str_fmt(a, "%s/gateway.sock", settings_str(f->settings, "run_dir").p);
    return gateway_client_ping(path, a) == E_OK;
}

/* Nor this one: pages are then signed without a picture of them, and say so. */
static bool renderer_up(const struct front *f, struct arena *a)
{
    struct str path = settings_str(f->settings, "render.socket");
    if (str_empty(path))
        path = str_fmt(a, "%s/renderer.sock", settings_str(f->settings, "run_dir").p);
    return render_client_ping(path) == E_OK;
}

void front_metrics(void *arg, struct buf *out)
{
    struct front *f = arg;
    struct signing_gauge g = { 0 };
    struct arena *a = arena_new(SIDE_ARENA);

    if (tx_run(f->side, a, read_gauges, &g) == E_OK) {
        buf_fmt(out, "# TYPE shomei_documents_held gauge\nshomei_documents_held %llu\n",
                (unsigned long long)g.held);
        buf_fmt(out, "# TYPE shomei_documents_overdue gauge\nshomei_documents_overdue %llu\n",
                (unsigned long long)g.overdue);
        buf_fmt(out,
                "# TYPE shomei_documents_erased_total counter\n"
                "shomei_documents_erased_total %llu\n",
                (unsigned long long)g.erased);
        buf_fmt(out,
                "# TYPE shomei_documents_erased_late_total counter\n"
                "shomei_documents_erased_late_total %llu\n",
                (unsigned long long)g.erased_late);
    } else {
        log_fault("metrics");
    }
    buf_fmt(out, "# TYPE shomei_gateway_up gauge\nshomei_gateway_up %d\n", gateway_up(f, a));
    buf_fmt(out, "# TYPE shomei_renderer_up gauge\nshomei_renderer_up %d\n", renderer_up(f, a));
    arena_free(a);
}

/* --- readiness --- */

static enum err database_ready(void *arg)
{
    struct front *f = arg;
    return db_ping(f->side);
}

static enum err hsm_ready(void *arg)
{
    (void)arg;
    return signing_hsm_ready();
}

struct beat {
    const char *program;
    struct timestamp at;
};

static enum err read_beat(struct tx *tx, void *arg)
{
    struct beat *b = arg;
    return heartbeat_latest(tx, b->program, &b->at);
}

static enum err alive(const struct front *f, const char *program, const char *reason)
{
    struct beat b = { program, TIMESTAMP_NONE };
    struct arena *a = arena_new(SIDE_ARENA);
    enum err e = tx_run(f->side, a, read_beat, &b);
    arena_free(a);
    if (e == E_ABSENT || (e == E_OK && clock_now().us - b.at.us > WORKER_SILENT_US))
        return FAIL(E_BACKEND, reason, "no heart-beat of the %s", program);
    return e;
}

static enum err worker_ready(void *arg)
{
    return alive(arg, "worker", "worker-silent");
}

static enum err signer_ready(void *arg)
{
    return alive(arg, "signer", "signer-silent");
}

const struct ready_check front_ready[] = {
    { "database", database_ready }, { "hsm", hsm_ready }, { "worker", worker_ready },
    { "signer", signer_ready },     { NULL, NULL },
};

const char *const *front_readable(const struct front *f)
{
    static const char *const keys[] = { "hsm.module",          "hsm.signing_pin_file",
                                        "verify.anchors_file", "trust.lists",
                                        "tokens_dir",          "run_dir" };
    static const char *paths[sizeof keys / sizeof *keys + 2];
    const char *softhsm = getenv("SOFTHSM2_CONF");
    size_t n = 0;

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        struct str s = settings_str(f->settings, keys[i]);
        if (!str_empty(s))
            paths[n++] = s.p;
    }
    if (softhsm != NULL)
        paths[n++] = softhsm;
    paths[n] = NULL;
    return paths;
}
