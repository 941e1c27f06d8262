/*
 * bench_pki.c - timestamps, OCSP answers and certificates per second of one process, with their
 * database work, against raw C_Sign of the same token. The time is that of the processor: what a
 * second process would find free.
 *
 *   bench_pki [--json] [seconds per row]
 *
 * The last row is of many certificates in a row, by the clock on the wall: entered one by one as
 * approvals do, then issued by the worker's own loop.
 */
#include "pki_kit.h"

#include "base/log.h"
#include "features/audit/audit.h"
#include "features/authority/authority_inside.h"
#include "features/status/status.h"
#include "features/timestamp/timestamp.h"
#include "pki/csr.h"
#include "sign/keys_internal.h"

#include <stdlib.h>
#include <time.h>

static struct arena *a;
static struct signing_key *key;
static struct signer_key *subject_key;
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

static enum err order(struct tx *tx, void *arg)
{
    const struct audit_by by = { .name = STR("bench") };
    struct name name = { .n = 0 };
    struct signer signer = signer_key_signer(subject_key);
    struct bytes subject, csr;
    struct certificate_id *id = arg;

    name_add(&name, OID_CN, STR("bench"));
    TRY(name_build(&name, tx_arena(tx), &subject));
    TRY(csr_build(&signer, signer_key_spki(subject_key), subject, tx_arena(tx), &csr));
    const struct authority_application app = {
        .tenant = { 1 }, .account = { 1 }, .profile = "signing", .subject = &name, .csr = csr
    };
    TRY(authority_request(tx, &app, id));
    return audit_note(tx, &by, "bench.request", "certificate", id->v, NULL);
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

static int64_t issued(void)
{
    return harness_count(pki_kit.h, "SELECT COUNT(*) FROM shomei.certificate WHERE state='issued'"
                                    " AND common_name='bench'");
}

/* Requests entered and certificates released, each a second of the clock on the wall. */
static void issue(int64_t n, double *entered, double *released)
{
    struct certificate_id id;
    double from = now(CLOCK_MONOTONIC);
    size_t ran;

    for (int64_t i = 0; i < n; i++) {
        need(tx_run(pki_kit.ctl, a, order, &id) == E_OK, "a request");
        arena_reset(a);
    }
    double middle = now(CLOCK_MONOTONIC);
    do
        need(worker_once(pki_kit.worker, &ran) == E_OK, "the worker");
    while (ran > 0);
    double to = now(CLOCK_MONOTONIC);
    need(issued() == n, "every certificate is issued");
    *entered = (double)n / (middle - from);
    *released = (double)n / (to - middle);
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
    enum { ROWS = sizeof rows / sizeof rows[0], CERTIFICATES_A_SECOND = 500 };
    double entered, released;

    log_open("bench_pki", LOG_LEVEL_ERROR);
    need(pki_kit_start(), "SoftHSM");
    need(pki_kit_init() == E_OK, "authorities");
    a = arena_new(16 << 20);
    make_requests();
    struct db *side = harness_db(pki_kit.h, DB_REPOSITORY);
    timestamp_work_open(pki_kit.status, side, &settings);
    status_work_open(pki_kit.status, pki_kit.repository);
    need(keys_find(pki_kit.status, STR("tsa-1"), &key) == E_OK, "key");
    need(signer_key_new(SIGNER_P256_SHA256, &subject_key) == E_OK, "subject key");
    double against = measure(raw, seconds);
    if (json)
        (void)printf("[");
    for (size_t i = 0; i < ROWS; i++)
        report(json, false, rows[i].name, measure(rows[i].work, seconds), against);
    issue((int64_t)(seconds * CERTIFICATES_A_SECOND), &entered, &released);
    report(json, false, "certificates requested", entered, against);
    report(json, true, "certificates issued", released, against);
    keys_destroy(key);
    signer_key_free(subject_key);
    timestamp_work_close();
    status_work_close();
    db_close(side);
    arena_free(a);
    pki_kit_stop();
    return 0;
}
