/*
 * test_timestamp.c - the built-in time-stamping authority with a real token and a real database,
 * judged by openssl ts (P3-15, P3-26, P3-29, P3-87).
 */
#include "pki_kit.h"
#include "tap.h"
#include "token.h"

#include "base/log.h"
#include "features/status/status.h"
#include "features/timestamp/timestamp.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static struct arena *a;

struct find {
    struct bytes serial;
    struct bytes32 imprint;
    struct timestamp when;
};

static enum err find(struct tx *tx, void *arg)
{
    struct find *f = arg;

    return timestamp_find(tx, f->serial, &f->imprint, &f->when);
}

static void timestamps(void)
{
    struct bytes response;
    const int n = 2000;

    pki_kit_save("data", bytes_of_str(STR("data")));
    ok(pki_kit_openssl("ts -query -data data -sha256 -cert -out t.tsq"), "a timestamp query");
    struct bytes q = pki_kit_load("t.tsq");
    is_err(timestamp_work_answer(a, q, &response), E_OK, "is answered");
    pki_kit_save("t.tsr", response);
    ok(pki_kit_openssl("ts -verify -queryfile t.tsq -in t.tsr -CAfile root.pem"),
       "openssl verifies it");
    ok(pki_kit_openssl("ts -reply -in t.tsr -text") && pki_kit_printed("0.4.0.2023.1.1"),
       "with our policy");
    is_int(harness_count(pki_kit.h, "SELECT SUM(tokens) FROM shomei.timestamp_batch"), 1,
           "one record");
    /* the token's serial number, as recorded */
    struct str record;
    struct find f = { .serial = BYTES_ABSENT };
    is_err(
        harness_sql(pki_kit.h, "SELECT HEX(LEFT(record, 16)) FROM shomei.timestamp_batch", &record),
        E_OK, "the record");
    uint8_t serial[16];
    for (size_t i = 0; i < 16; i++)
        serial[i] = (uint8_t)strtoul(str_sub(a, record, 2 * i, 2 * i + 2).p, NULL, 16);
    f.serial = (struct bytes){ serial, 16 };
    is_err(tx_run(pki_kit.ctl, a, find, &f), E_OK, "is found by its serial number");
    ok(clock_now().us - f.when.us < MINUTE_US, "and tells the time");
    serial[15] ^= 1;
    is_err(tx_run(pki_kit.ctl, a, find, &f), E_ABSENT, "another number is not");
    pki_kit_save("junk", bytes_of_str(STR("\x30\x03junk")));
    is_err(timestamp_work_answer(a, pki_kit_load("junk"), &response), E_OK, "junk is answered");
    pki_kit_save("t.tsr", response);
    ok(pki_kit_openssl("ts -reply -in t.tsr -text") && pki_kit_printed("Rejected"),
       "with a rejection");
    int64_t begin = clock_monotonic_us();
    struct arena *one = arena_new(1 << 20);
    enum err err = E_OK;
    for (int i = 0; i < n && err == E_OK; i++) {
        err = timestamp_work_answer(one, q, &response);
        arena_reset(one);
    }
    int64_t us = clock_monotonic_us() - begin;
    arena_free(one);
    tap_note("%d timestamps in %lld ms: %lld per second", n, (long long)us / 1000,
             (long long)(n * SECOND_US / us));
    timestamp_work_close();
    is_int(harness_count(pki_kit.h, "SELECT SUM(tokens) FROM shomei.timestamp_batch"), n + 1,
           "every token is recorded");
}

/* A worker of its own connections grants under load and is killed; its successor records the rest.
 */
static void killed(void)
{
    const struct timestamp_settings settings = { .policy = STR("0.4.0.2023.1.1") };
    const int n = 500;
    static const char *const count = "SELECT COALESCE(SUM(tokens), 0) FROM shomei.timestamp_batch";
    int64_t before = harness_count(pki_kit.h, count);
    struct bytes q = pki_kit_load("t.tsq"), response;

    pid_t pid = fork();
    if (pid == 0) {
        const struct db_params with = harness_db_params(pki_kit.h, DB_REPOSITORY);
        const struct hsm_params token = { .module = token_module(),
                                          .token_label = "status",
                                          .pin = token_pin() };
        struct hsm *hsm;
        struct db *db;
        if (hsm_open(&token, &hsm) != E_OK || db_open(&with, &db) != E_OK)
            _exit(1);
        timestamp_work_open(hsm, db, &settings);
        for (int i = 0; i < n; i++) {
            struct arena *one = arena_new(1 << 20);
            (void)!timestamp_work_answer(one, q, &response);
            arena_free(one);
        }
        (void)kill(getpid(), SIGKILL);
    }
    (void)waitpid(pid, NULL, 0);
    int64_t written = harness_count(pki_kit.h, count) - before;
    ok(written > 0 && written < n, "some records are written, some are not");
    timestamp_work_open(pki_kit.status, pki_kit.repository, &settings);
    is_int(harness_count(pki_kit.h, count) - before, n, "its successor writes the rest");
    timestamp_work_close();
}

static enum err save_root(struct tx *tx, void *arg)
{
    struct status_file f;

    (void)arg;
    TRY(status_ca(tx, STR("root"), &f));
    pki_kit_save("root.pem", bytes_of_str(status_pem(a, &f)));
    return E_OK;
}

int main(void)
{
    const struct timestamp_settings settings = { .policy = STR("0.4.0.2023.1.1"),
                                                 .accuracy_ms = 1000 };

    log_open("test_timestamp", LOG_LEVEL_ERROR);
    if (!pki_kit_start()) {
        tap_skip("no SoftHSM");
        return tap_done();
    }
    a = pki_kit.arena;
    timestamp_work_share();
    timestamp_work_open(pki_kit.status, pki_kit.repository, &settings);
    is_err(timestamp_work_check(), E_BACKEND, "without a certificate it is not ready");
    is_err(pki_kit_init(), E_OK, "the authorities are made");
    is_err(timestamp_work_check(), E_OK, "now it is");
    is_err(tx_run(pki_kit.repository, a, save_root, NULL), E_OK, "the root is fetched");
    timestamps();
    killed();
    pki_kit_stop();
    return tap_done();
}
