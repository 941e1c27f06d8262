/*
 * bench_pki.c - timestamps and OCSP answers per second of one process, with their database work,
 * against raw C_Sign of the same token. The time is that of the processor: what a second process
 * would find free.
 *
 *   bench_pki [--json] [seconds per row]
 */
#include "pki_kit.h"

#include "base/log.h"
#include "features/status/status.h"
#include "features/timestamp/timestamp.h"
#include "sign/keys_internal.h"

#include <stdlib.h>
#include <time.h>

static struct arena *a;
static struct signing_key *key;
static struct bytes query, with_nonce, without_nonce;

static void need(bool good, const char *what)
{
    if (good)
        return;
    (void)fprintf(stderr, "bench_pki: %s: %s\n", what, fault_current()->detail);
    exit(1);
}

static bool raw(void)
{
    CK_FUNCTION_LIST *f = pki_kit.status->module->f;
    CK_MECHANISM m = { CKM_ECDSA, NULL, 0 };
    uint8_t in[32] = { 0x5a }, out[KEYS_SIGNATURE_MAX];
    CK_ULONG n = sizeof out;

    return f->C_SignInit(pki_kit.status->session, &m, key->handle) == CKR_OK &&
           f->C_Sign(pki_kit.status->session, in, sizeof in, out, &n) == CKR_OK;
}

static bool stamp(void)
{
    struct bytes response;

    return timestamp_work_answer(a, query, &response) == E_OK && response.n > 500;
}

static bool answer(struct bytes request)
{
    struct status_ocsp out;

    return status_work_ocsp(a, request, clock_now(), &out) == E_OK && out.response.n > 100;
}

static bool answer_signed(void)
{
    return answer(with_nonce);
}

static bool answer_kept(void)
{
    return answer(without_nonce);
}

static double now(clockid_t clock)
{
    struct timespec t;

    (void)clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double measure(bool (*work)(void), double seconds)
{
    double wall = now(CLOCK_MONOTONIC), cpu = now(CLOCK_PROCESS_CPUTIME_ID);
    uint64_t n = 0;

    do {
        need(work(), "measuring");
        arena_reset(a);
        n++;
    } while (now(CLOCK_MONOTONIC) - wall < seconds);
    return (double)n / (now(CLOCK_PROCESS_CPUTIME_ID) - cpu);
}

static enum err save_issuer(struct tx *tx, void *arg)
{
    struct status_file f;

    (void)arg;
    TRY(status_ca(tx, STR("signing"), &f));
    pki_kit_save("signing.pem", bytes_of_str(status_pem(tx_arena(tx), &f)));
    return E_OK;
}

static void make_requests(void)
{
    struct str serial;

    need(tx_run(pki_kit.repository, a, save_issuer, NULL) == E_OK, "issuer");
    need(harness_sql(pki_kit.h, "SELECT HEX(serial) FROM shomei.certificate WHERE profile='tsa'",
                     &serial) == E_OK,
         "serial");
    pki_kit_save("serial", bytes_of_str(serial));
    need(
        pki_kit_openssl("ts -query -data signing.pem -sha256 -cert -out q.tsq") &&
            pki_kit_openssl("ocsp -issuer signing.pem -serial 0x$(cat serial) -reqout nonce.der") &&
            pki_kit_openssl("ocsp -no_nonce -issuer signing.pem -serial 0x$(cat serial) "
                            "-reqout plain.der"),
        "requests");
    query = pki_kit_load("q.tsq");
    with_nonce = pki_kit_load("nonce.der");
    without_nonce = pki_kit_load("plain.der");
}

static void report(bool json, bool last, const char *name, double ours, double against)
{
    if (json)
        (void)printf("{\"name\":\"%s\",\"unit\":\"per second\",\"ours\":%.1f,\"against\":%.1f,"
                     "\"ratio\":%.3f}%s\n",
                     name, ours, against, ours / against, last ? "]" : ",");
    else
        (void)printf("%-28s %9.1f /s   raw C_Sign %9.1f /s   ratio %.2f\n", name, ours, against,
                     ours / against);
}

int main(int argc, char **argv)
{
    bool json = argc > 1 && strcmp(argv[1], "--json") == 0;
    double seconds = argc > 1 + json ? strtod(argv[1 + json], NULL) : 1.0;
    const struct timestamp_settings settings = { .policy = STR("0.4.0.2023.1.1"),
                                                 .accuracy_ms = 1000 };
    static const struct {
        const char *name;
        bool (*work)(void);
    } rows[] = { { "timestamps p256", stamp },
                 { "ocsp with nonce p256", answer_signed },
                 { "ocsp kept", answer_kept } };
    enum { ROWS = sizeof rows / sizeof rows[0] };

    log_open("bench_pki", LOG_LEVEL_ERROR);
    need(pki_kit_start(), "SoftHSM");
    need(pki_kit_init() == E_OK, "authorities");
    a = arena_new(16 << 20);
    make_requests();
    struct db *side = harness_db(pki_kit.h, DB_REPOSITORY);
    timestamp_work_open(pki_kit.status, side, &settings);
    status_work_open(pki_kit.status, pki_kit.repository);
    need(keys_find(pki_kit.status, STR("tsa-1"), &key) == E_OK, "key");
    double against = measure(raw, seconds);
    if (json)
        (void)printf("[");
    for (size_t i = 0; i < ROWS; i++)
        report(json, i + 1 == ROWS, rows[i].name, measure(rows[i].work, seconds), against);
    keys_destroy(key);
    timestamp_work_close();
    status_work_close();
    db_close(side);
    arena_free(a);
    pki_kit_stop();
    return 0;
}
