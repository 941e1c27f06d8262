/*
 * bench_issue.c - many certificates from request to release, by the clock on the wall: requests
 * entered one a transaction, as approvals do, then issued by two worker processes; against raw
 * C_Sign of one process with the same token. The authority's key is P-256.
 *
 *   bench_issue [--json] [certificates, 10000]
 */
#include "pki_kit.h"

#include "base/log.h"
#include "features/audit/audit.h"
#include "features/authority/authority_work.h"
#include "pki/csr.h"
#include "sign/hsm.h"
#include "sign/keys_internal.h"
#include "store/db.h"
#include "token.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { WORKERS = 2, RAW_SECONDS = 2 };

static struct arena *a;
static struct signer_key *subject_key;

static void need(bool good, const char *what)
{
    if (good)
        return;
    (void)fprintf(stderr, "bench_issue: %s: %s\n", what, fault_current()->detail);
    exit(1);
}

static double now(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Signatures a second of the token alone. */
static double raw(void)
{
    CK_FUNCTION_LIST *f = pki_kit.ca->module->f;
    CK_MECHANISM m = { CKM_ECDSA, NULL, 0 };
    struct signing_key *key = NULL;
    uint8_t in[32] = { 0x5a }, out[KEYS_SIGNATURE_MAX];
    uint64_t n = 0;

    need(keys_find(pki_kit.ca, STR("ca-signing"), &key) == E_OK, "key");
    double from = now(), to;
    do {
        CK_ULONG size = sizeof out;
        need(f->C_SignInit(pki_kit.ca->session, &m, key->handle) == CKR_OK &&
                 f->C_Sign(pki_kit.ca->session, in, sizeof in, out, &size) == CKR_OK,
             "C_Sign");
        n++;
        to = now();
    } while (to - from < RAW_SECONDS);
    keys_destroy(key);
    return (double)n / (to - from);
}

static enum err order(struct tx *tx, void *arg)
{
    const struct audit_by by = { .name = STR("bench") };
    struct signer signer = signer_key_signer(subject_key);
    struct name name = { .n = 0 };
    struct certificate_id id;
    struct bytes subject, csr;

    name_add(&name, OID_CN, str_fmt(tx_arena(tx), "bench %lld", *(long long *)arg));
    TRY(name_build(&name, tx_arena(tx), &subject));
    TRY(csr_build(&signer, signer_key_spki(subject_key), subject, tx_arena(tx), &csr));
    const struct authority_application app = {
        .tenant = { 1 }, .account = { 1 }, .profile = "signing", .subject = &name, .csr = csr
    };
    TRY(authority_request(tx, &app, &id));
    return audit_note(tx, &by, "bench.request", "certificate", id.v, NULL);
}

/* Never returns. */
static void worker_process(void)
{
    static const struct worker_job *const jobs[] = { authority_work_jobs, NULL };
    static const struct worker_task *const tasks[] = { NULL };
    const struct db_params with = harness_db_params(pki_kit.h, DB_WORKER);
    const struct hsm_params token = { .module = token_module(),
                                      .token_label = "ca",
                                      .pin = token_pin() };
    struct worker_params p = { .jobs = jobs, .tasks = tasks, .wake_fd = -1, .poll_us = 50000 };
    struct hsm *ca;
    char instance[40];

    (void)snprintf(instance, sizeof instance, "bench/%d", (int)getpid());
    p.instance = instance;
    if (hsm_open(&token, &ca) != E_OK || db_open(&with, &p.db) != E_OK ||
        db_open(&with, &p.control) != E_OK)
        _exit(1);
    authority_work_open(ca);
    _exit(worker_run(worker_new(&p)) == E_OK ? 0 : 1);
}

static int64_t issued(void)
{
    return harness_count(pki_kit.h, "SELECT COUNT(*) FROM shomei.certificate WHERE state='issued'"
                                    " AND common_name LIKE 'bench%'");
}

static void work_until(int64_t n)
{
    pid_t pid[WORKERS];

    for (size_t i = 0; i < WORKERS; i++) {
        pid[i] = fork();
        if (pid[i] == 0)
            worker_process();
    }
    while (issued() < n)
        (void)usleep(50000);
    for (size_t i = 0; i < WORKERS; i++) {
        (void)kill(pid[i], SIGKILL);
        (void)waitpid(pid[i], NULL, 0);
    }
}

static void report(bool json, bool last, const char *name, double ours, double against)
{
    if (json)
        (void)printf("{\"name\":\"%s\",\"unit\":\"certificates/s\",\"ours\":%.1f,\"against\":%.1f,"
                     "\"ratio\":%.3f}%s\n",
                     name, ours, against, ours / against, last ? "]" : ",");
    else
        (void)printf("%-28s %9.1f /s   raw C_Sign %9.1f /s   ratio %.3f\n", name, ours, against,
                     ours / against);
}

int main(int argc, char **argv)
{
    bool json = argc > 1 && strcmp(argv[1], "--json") == 0;
    long n = argc > 1 + json ? strtol(argv[1 + json], NULL, 10) : 10000;

    log_open("bench_issue", LOG_LEVEL_ERROR);
    need(pki_kit_start(), "SoftHSM");
    need(pki_kit_init() == E_OK, "authorities");
    need(signer_key_new(SIGNER_P256_SHA256, &subject_key) == E_OK, "subject key");
    a = arena_new(16 << 20);
    double against = raw(), from = now();
    for (long long i = 0; i < n; i++) {
        need(tx_run(pki_kit.ctl, a, order, &i) == E_OK, "a request");
        arena_reset(a);
    }
    double middle = now();
    work_until(n);
    double to = now();
    if (json)
        (void)printf("[");
    report(json, false, "requested", (double)n / (middle - from), against);
    report(json, false, "issued", (double)n / (to - middle), against);
    report(json, true, "end to end", (double)n / (to - from), against);
    arena_free(a);
    signer_key_free(subject_key);
    pki_kit_stop();
    return 0;
}
