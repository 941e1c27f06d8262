/*
 * test_rs.c - rules of the RS API's slice: addresses that may be told things, places of seals,
 * options that are kept encrypted, signatures of notices, keys of repeated requests, other
 * customers.
 */
#include "signing_kit.h"
#include "tap.h"

#include "base/encoding.h"
#include "base/log.h"
#include "features/rs/rs_job.h"

/* printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac key */
#define SIGNATURE "a438e398bfafc57e4396bb7fc2304422f0f768e965d073ca313cb52e22e6ad03"
static const struct audit_by by = { .name = { "test", 4 } };

static struct secret *master_of(const char *text)
{
    return secret_from(text, strlen(text));
}

/* --- addresses --- */

static enum err set(const char *url, struct str *secret)
{
    struct tx *tx;
    enum err e = tx_begin(kit.api, kit.a, &tx);
    if (e == E_OK)
        e = rs_webhook_set(tx, kit.client.tenant, kit.client.client, str_z(url), &by, kit.p.now,
                           secret);
    tx_rollback(tx);
    return e;
}

static void test_addresses(void)
{
    static const char *const bad[] = { "",
                                       "https://",
                                       "https:///x",
                                       "http://example.jp/",
                                       "HTTP://example.jp/",
                                       "https://localhost/",
                                       "https://intern/",
                                       "https://127.0.0.1/",
                                       "https://127.1/",
                                       "https://2130706433/",
                                       "https://0x7f.0.0.1/",
                                       "https://[::1]/",
                                       "https://example.jp@127.0.0.1/",
                                       "https://u:p@example.jp/",
                                       "https://example.jp/#x",
                                       "https://example.jp/ x",
                                       "https://example.jp/\tx",
                                       "https://example.jp\\@127.0.0.1/",
                                       "https://exampl\xc3\xa9.jp/",
                                       "file:///etc/passwd",
                                       "http://localhost:80/" };
    static const char *const good[] = { "https://example.jp", "https://example.jp/hook?x=1",
                                        "https://a-b.example.jp:8443/" };
    struct secret *master = master_of("a master secret for the tests, long");
    struct str secret;

    rs_init(master, false);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        is_err(set(bad[i], &secret), E_INPUT, str_fmt(kit.a, "refused: %s", bad[i]).p);
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        is_err(set(good[i], &secret), E_OK, str_fmt(kit.a, "taken: %s", good[i]).p);
    rs_init(master, true);
    is_err(set("http://localhost:8080/x", &secret), E_OK, "for development, this machine");
    is_err(set("http://localhost.example.jp/", &secret), E_INPUT, "and nothing like it");
    secret_free(master);
}

/* --- secrets and signatures --- */

static void test_signature(void)
{
    struct str s =
        rs_webhook_signature(kit.a, bytes_of_str(STR("key")), 1700000000, STR("{\"a\":1}"));
    is_str(s, "t=1700000000,v1=" SIGNATURE, "time and body under the secret");
}

static void test_sealed(void)
{
    struct secret *master = master_of("another master secret, for the tests");
    struct secret *plain = NULL;
    struct bytes sealed;

    rs_init(master, false);
    is_err(rs_seal(kit.a, STR("webhook 1"), bytes_of_str(STR("hush")), &sealed), E_OK, "sealed");
    is_err(rs_open(STR("webhook 2"), sealed, &plain), E_INPUT, "of another client: not opened");
    is_err(rs_open(STR("webhook 1"), sealed, &plain), E_OK, "of this one: opened");
    secret_free(plain);
    rs_end();
    is_err(rs_open(STR("webhook 1"), sealed, &plain), E_INTERNAL, "without the key: not at all");
    rs_init(master, false);
    secret_free(master);
}

/* --- places --- */

static void test_places(void)
{
    static const char *const bad[] = { "",          "1,2,3",        "1,2,3,4,5",   "1,2,3,0",
                                       "1,2,0,4",   "-1,2,3,4",     "1,2,3,4,",    "a,b,c,d",
                                       "1e3,2,3,4", "1.2345,2,3,4", "99999,2,3,4", "1,,3,4" };
    struct rs_place p;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        is_err(rs_place_parse(STR("1"), str_z(bad[i]), &p), E_INPUT,
               str_fmt(kit.a, "no rectangle: %s", bad[i]).p);
    is_err(rs_place_parse(STR("0"), STR("1,2,3,4"), &p), E_INPUT, "no page 0");
    is_err(rs_place_parse(STR("x"), STR("1,2,3,4"), &p), E_INPUT, "no page x");
    is_err(rs_place_parse(STR("12"), STR("1.5, 2,300.25,4.125"), &p), E_OK, "a rectangle");
    ok(p.page == 12 && p.x == 1500 && p.y == 2000 && p.width == 300250 && p.height == 4125,
       "in thousandths of a point");
}

/* --- options --- */

static void test_options(void)
{
    struct rs_place places[2] = { { 1, 1000, 2000, 3000, 4000, STR("drawn:round:山田") },
                                  { 2, 5, 6, 7, 8, STR("text") } };
    struct rs_options in = { .kind = RS_ARCHIVE,
                             .credential = STR("cred"),
                             .level = SIGNING_ES_A,
                             .reason = STR("理由"),
                             .certify = 2,
                             .lock = true,
                             .places = places,
                             .places_n = 2,
                             .caption_date = true,
                             .password = secret_from("geheim", 6),
                             .assertion = { STR("client"), 2, kit.p.now } };
    struct rs_options out;
    struct bytes sealed;

    is_err(rs_options_seal(kit.a, STR("job-1"), &in, &sealed), E_OK, "options are kept");
    ok(memmem(sealed.p, sealed.n, "geheim", 6) == NULL, "encrypted");
    is_err(rs_options_open(kit.a, STR("job-2"), sealed, &out), E_INTERNAL, "for their job only");
    is_err(rs_options_open(kit.a, STR("job-1"), sealed, &out), E_OK, "which opens them");
    ok(out.kind == in.kind && out.level == in.level && out.certify == 2 && out.lock &&
           !out.repair && out.caption_date && out.places_n == 2 && out.assertion.level == 2 &&
           out.assertion.at.us / SECOND_US == kit.p.now.us / SECOND_US,
       "as they were");
    is_str(out.reason, "理由", "with their texts");
    is_str(out.places[0].seal, "drawn:round:山田", "and seals");
    ok(out.password && bytes_eq(secret_bytes(out.password), secret_bytes(in.password)),
       "and the file's password");
    secret_free(out.password);
    secret_free(in.password);
}

/* --- repeated requests --- */

static enum err claim(struct str key, uint8_t of, struct rs_answer *was, bool *known, bool commit)
{
    const struct rs_answer answer = { 201, STR("/x"), STR("{\"id\":\"1\"}") };
    struct bytes32 digest = { { of } };
    struct tx *tx;
    enum err e = tx_begin(kit.api, kit.a, &tx);

    if (e == E_OK)
        e = rs_repeat_claim(tx, kit.client.client, key, &digest, kit.p.now, was, known);
    if (e == E_OK && !*known)
        e = rs_repeat_keep(tx, kit.client.client, key, &answer);
    if (e != E_OK || !commit) {
        tx_rollback(tx);
        return e;
    }
    return tx_commit(tx);
}

static void test_repeats(void)
{
    struct rs_answer was;
    bool known = false;

    is_err(claim(STR("k"), 1, &was, &known, false), E_OK, "a request that fails");
    is_err(claim(STR("k"), 2, &was, &known, true), E_OK, "leaves its key free");
    ok(!known, "for another");
    is_err(claim(STR("k"), 2, &was, &known, true), E_OK, "the same again");
    ok(known && was.status == 201, "is known");
    is_str(was.body, "{\"id\":\"1\"}", "with its answer");
    is_err(claim(STR("k"), 1, &was, &known, true), E_CONFLICT, "another with the key is refused");
    kit.p.now = timestamp_add(kit.p.now, 2 * DAY_US);
    is_err(claim(STR("k"), 1, &was, &known, true), E_OK, "after a day the key is free");
}

/* --- jobs --- */

static void test_jobs(void)
{
    struct rs_options o = { .kind = RS_SIGN, .credential = kit.hanako_key, .level = SIGNING_ES };
    struct signing_owner stranger = { .tenant = kit.alice.tenant, .client = kit.client.client };
    struct signing_document d;
    struct str id = STR_ABSENT;
    struct rs_job job;
    struct tx *tx;

    is_err(tx_begin(kit.api, kit.a, &tx), E_OK, "begin");
    is_err(signing_document_store(tx, kit.client, STR("a.pdf"), kit.pdf, &by, clock_now(), &d),
           E_OK, "a document");
    ok(rs_job_add(tx, &o, kit.client, d.public_id, STR_ABSENT, &by, clock_now(), &id) != E_OK,
       "a person's key is not used later");
    o.credential = kit.alice_key;
    is_err(rs_job_add(tx, &o, kit.client, d.public_id, STR_ABSENT, &by, clock_now(), &id), E_ABSENT,
           "another customer's is not there");
    o.credential = kit.seal;
    is_err(rs_job_add(tx, &o, stranger, d.public_id, STR_ABSENT, &by, clock_now(), &id), E_ABSENT,
           "nor is the document for another customer");
    is_err(rs_job_add(tx, &o, kit.client, d.public_id, STR_ABSENT, &by, clock_now(), &id), E_OK,
           "an organisation's seal is");
    is_err(rs_job_find(tx, kit.client, id, &job), E_OK, "its job is found");
    is_str(job.state, "queued", "and waits");
    is_err(rs_job_find(tx, stranger, id, &job), E_ABSENT, "not by another customer");
    is_err(rs_job_find(tx, kit.client, id, &job), E_OK, "again");
    is_err(rs_job_cancel(tx, kit.client, &job, &by, clock_now()), E_OK, "withdrawn");
    is_err(rs_job_find(tx, kit.client, id, &job), E_OK, "it stays");
    is_str(job.state, "cancelled", "as what it is");
    is_err(rs_job_cancel(tx, kit.client, &job, &by, clock_now()), E_STATE, "once");
    tx_rollback(tx);
}

int main(int argc, char **argv)
{
    log_open("test_rs", LOG_LEVEL_ERROR);
    if (!signing_kit_start(argc, argv)) {
        tap_skip("SoftHSM is not installed");
        return tap_done();
    }
    signing_kit_as_api();
    test_addresses();
    test_signature();
    test_sealed();
    test_places();
    test_options();
    test_repeats();
    test_jobs();
    rs_end();
    signing_kit_stop();
    return tap_done();
}
