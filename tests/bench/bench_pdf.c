/*
 * bench_pdf.c - PDF signatures per second of one process, against the bare signing operation of the
 * same key: soft keys of OpenSSL, and keys held in a token (SoftHSM) where there is one.
 *
 *   bench_pdf [--json] [seconds per row]
 */
#include "pdf_kit.h"
#include "sign/keys.h"
#include "token.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

struct row {
    struct kit *kit;
    struct arena *a;
    struct pdf_sign_params p;
    struct buf out;
};

static bool json;
static double seconds = 2;
static size_t rows;

static void need(bool good, const char *what)
{
    if (good)
        return;
    (void)fprintf(stderr, "bench_pdf: %s: %s\n", what, fault_current()->detail);
    exit(1);
}

static bool bare(struct row *r)
{
    static const uint8_t digest[48] = { 0x5a };
    struct bytes signature;
    size_t n = cms_signer_digest(r->p.signer) == DIGEST_SHA384 ? 48 : 32;
    return r->p.sign(r->p.sign_arg, (struct bytes){ digest, n }, r->a, &signature) == E_OK;
}

static bool whole(struct row *r)
{
    struct pdf_sign_result result;
    return pdf_sign(&r->p, r->a, &r->out, &result) == E_OK;
}

/* Count and time of one slice. */
struct slice {
    size_t n;
    int64_t us;
};

static void run_slice(struct row *r, bool (*once)(struct row *), struct slice *s)
{
    int64_t start = clock_monotonic_us(), now;
    do {
        for (int i = 0; i < 8; i++, s->n++) {
            need(once(r), "sign");
            arena_reset(r->a);
        }
        now = clock_monotonic_us();
    } while (now < start + 50000);
    s->us += now - start;
}

static double per_second(const struct slice *s)
{
    return (double)s->n * 1e6 / (double)s->us;
}

static void show(const char *name, double value, const char *unit)
{
    if (json)
        printf("%s\"%s\":%.3f", rows++ ? "," : "{", name, value);
    else
        printf("%-44s %10.2f %s\n", name, value, unit);
    (void)fflush(stdout);
}

/* Both sides in turns of 50 ms, so that what else the machine does hits both. */
static void measure(struct row *r, const char *key)
{
    char name[64];
    struct slice raw = { 0, 0 }, pdf = { 0, 0 };

    need(bare(r) && whole(r), "sign");
    while ((double)(raw.us + pdf.us) < 2e6 * seconds) {
        run_slice(r, bare, &raw);
        run_slice(r, whole, &pdf);
    }
    (void)snprintf(name, sizeof name, "%s_bare_per_s", key);
    show(name, per_second(&raw), "/s");
    (void)snprintf(name, sizeof name, "%s_pdf_100kB_per_s", key);
    show(name, per_second(&pdf), "/s");
    (void)snprintf(name, sizeof name, "%s_ratio", key);
    show(name, per_second(&pdf) / per_second(&raw), "");
}

static enum err token_sign(void *arg, struct bytes digest, struct arena *a, struct bytes *signature)
{
    return keys_sign_digest(arg, digest.p, digest.n, a, signature);
}

static void measure_token(struct row *r, struct hsm *h, enum key_kind kind, const char *name)
{
    struct arena *own = arena_new(1 << 20);
    struct bytes wrapped, spki;
    struct signing_key *key;
    struct row mine = *r;

    need(keys_generate(h, own, kind, &wrapped, &spki) == E_OK, "keys_generate");
    need(keys_unwrap(h, wrapped, kind, spki, &key) == E_OK, "keys_unwrap");
    struct cms_signer *signer = kit_signer_for(r->kit, spki);
    mine.p.signer = signer;
    mine.p.sign = token_sign;
    mine.p.sign_arg = key;
    measure(&mine, name);
    keys_destroy(key);
    cms_signer_free(signer);
    arena_free(own);
}

/* Peak memory of a process that signs one document of that size, without the document itself. */
static void measure_memory(struct row *r, size_t size, const char *name)
{
    int report[2];
    double figures[2] = { 0, 0 };
    need(pipe(report) == 0, "pipe");
    pid_t child = fork();
    if (child == 0) {
        struct arena *a = arena_new(3 * size + (64 << 20));
        struct rusage before, after;
        r->p.source = pdf_source_memory(kit_pdf(a, KIT_TABLE, 1, size, false));
        r->p.tail_only = true;
        getrusage(RUSAGE_SELF, &before);
        int64_t start = clock_monotonic_us();
        need(whole(r), "sign");
        figures[0] = (double)(clock_monotonic_us() - start) / 1e3;
        getrusage(RUSAGE_SELF, &after);
        figures[1] = (double)(after.ru_maxrss - before.ru_maxrss) / 1024;
        _exit(write(report[1], figures, sizeof figures) == sizeof figures ? 0 : 1);
    }
    close(report[1]);
    need(read(report[0], figures, sizeof figures) == sizeof figures, "child");
    (void)waitpid(child, NULL, 0);
    close(report[0]);
    char text[64];
    (void)snprintf(text, sizeof text, "%s_ms", name);
    show(text, figures[0], "ms");
    (void)snprintf(text, sizeof text, "%s_growth_MB", name);
    show(text, figures[1], "MB");
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--json") == 0)
            json = true;
        else
            seconds = strtod(argv[i], NULL);
    }
    struct row r = { .kit = kit_new(),
                     .a = arena_new((size_t)256 << 20),
                     .out = buf_init((size_t)256 << 20) };
    struct arena *keep = arena_new((size_t)16 << 20);
    struct bytes pdf = kit_pdf(keep, KIT_TABLE, 5, 100000, false);
    r.p = kit_params(r.kit, pdf, PDF_LEVEL_ES, KIT_P256);
    measure_memory(&r, 100000, "size_100kB");
    measure_memory(&r, 10000000, "size_10MB");
    measure_memory(&r, 100000000, "size_100MB");
    measure(&r, "soft_p256");
    r.p = kit_params(r.kit, pdf, PDF_LEVEL_ES, KIT_RSA2048);
    measure(&r, "soft_rsa2048");
    if (token_module()) {
        token_start();
        token_make("signing", true);
        struct hsm *h = token_open("signing", false);
        measure_token(&r, h, KEY_P256, "token_p256");
        measure_token(&r, h, KEY_RSA2048, "token_rsa2048");
        hsm_close(h);
        token_stop();
    }
    if (json)
        printf("}\n");
    buf_free(&r.out);
    arena_free(keep);
    arena_free(r.a);
    kit_free(r.kit);
    return 0;
}
