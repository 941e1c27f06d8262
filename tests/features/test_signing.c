/*
 * test_signing.c - documents and signatures with a real token, database, TSA and OCSP responder:
 * every level (P3-06, P3-10, P3-25 to P3-29), keys bound to people (P3-24), eight hours and no
 * longer (P3-11, P1-47), records (P3-87).
 */
#include "signing_kit.h"

#include "pdf_kit.h"

#include "base/log.h"
#include "features/signing/signing_work.h"

#include <unistd.h>

static int64_t count(const char *sql)
{
    return harness_count(kit.p.h, sql);
}

static void levels(void)
{
    static const char *const names[] = { "ES", "ES-T", "ES-LT", "ES-A" };
    struct signing_receipt r;

    for (int i = 0; i < SIGNING_LEVEL__MAX; i++) {
        struct str doc = signing_kit_upload(kit.hanako, kit.pdf), level = STR("");
        struct signing_request rq =
            signing_kit_request(kit.hanako, kit.hanako_key, (enum signing_level)i);
        enum err e = signing_kit_sign(&rq, doc, &r);
        ok(e == E_OK, "a document is signed at %s", names[i]);
        if (e != E_OK)
            log_fault("signing");
        struct bytes out = signing_kit_bytes(kit.hanako, doc);
        ok(out.n > kit.pdf.n && memcmp(out.p, kit.pdf.p, kit.pdf.n) == 0,
           "the original is its beginning");
        struct str verdict = signing_kit_verdict(out, &level, NULL);
        is_str(verdict, "total-passed", "our verifier accepts it");
        is_str(level, names[i], "at that level");
    }
    is_int(count("SELECT COUNT(*) FROM shomei.signature WHERE outcome = 'signed' AND tsa_serial IS "
                 "NOT NULL AND tsa_time IS NOT NULL"),
           3, "token serial and time are recorded from ES-T on");
    is_int(count("SELECT COUNT(*) FROM shomei.signature WHERE archive_serial IS NOT NULL"), 1,
           "and of the archive timestamp");
    is_int(count("SELECT COUNT(*) FROM shomei.signature WHERE keep_until > NOW() + INTERVAL 7 YEAR "
                 "- INTERVAL 1 DAY"),
           4, "records are kept seven years");
    is_int(
        count("SELECT COUNT(*) FROM shomei.document d WHERE d.state = 'signed' AND (d.version <> 1 "
              "OR d.size <> (SELECT SUM(p.size) FROM shomei.document_piece p WHERE "
              "p.document_id = d.id))"),
        0, "nothing is stored beside the current version");
    is_int(count("SELECT COUNT(*) FROM shomei.document_piece WHERE INSTR(sealed, '%PDF') > 0 OR "
                 "INSTR(sealed, 'startxref') > 0"),
           0, "only encrypted bytes are stored");
}

static void two_people(void)
{
    struct signing_request rq = signing_kit_request(kit.hanako, kit.hanako_key, SIGNING_ES);
    struct str doc = signing_kit_upload(kit.hanako, kit.pdf);
    struct signing_receipt r;
    size_t n = 0;

    is_err(signing_kit_sign(&rq, doc, &r), E_OK, "one person signs");
    struct bytes first = signing_kit_bytes(kit.hanako, doc);
    doc = signing_kit_upload(kit.taro, first);
    rq = signing_kit_request(kit.taro, kit.taro_key, SIGNING_ES_T);
    is_err(signing_kit_sign(&rq, doc, &r), E_OK, "another signs what the first signed");
    is_str(signing_kit_verdict(signing_kit_bytes(kit.taro, doc), NULL, &n), "total-passed",
           "both are valid");
    is_int((int64_t)n, 2, "two signatures");
}

/* P3-24, P2-12: neither documents nor keys nor records of others. */
static void strangers(void)
{
    struct signing_request rq = signing_kit_request(kit.hanako, kit.hanako_key, SIGNING_ES);
    struct str doc = signing_kit_upload(kit.hanako, kit.pdf);
    struct signing_receipt r = { .replayed = false };
    struct signing_record record;
    struct tx *tx;

    is_err(signing_kit_sign(&rq, doc, &r), E_OK, "the owner signs");
    ok(signing_kit_bytes(kit.taro, doc).p == NULL, "a colleague cannot read the document");
    ok(signing_kit_bytes(kit.alice, doc).p == NULL, "nor can another tenant");
    rq = signing_kit_request(kit.alice, kit.alice_key, SIGNING_ES);
    is_err(signing_kit_sign(&rq, doc, &r), E_ABSENT, "nor sign it");
    rq = signing_kit_request(kit.hanako, kit.taro_key, SIGNING_ES);
    is_err(signing_kit_sign(&rq, doc, &r), E_ABSENT, "nobody signs with another's key");
    is_str(str_z(fault_current()->reason), "credential-unknown", "and is told no more");
    tx = people_tx(&kit.p, kit.p.portal);
    is_err(signing_record_find(tx, kit.taro, r.record, &record), E_ABSENT,
           "records are not shown to a colleague");
    is_err(signing_record_find(tx, kit.hanako, r.record, &record), E_OK, "but to their owner");
    is_int(record.document_held, 1, "with the document's state");
    is_err(signing_document_erase(tx, kit.alice, doc, &(struct audit_by){ .name = STR("x") },
                                  kit.p.now),
           E_ABSENT, "nobody deletes another's document");
    people_undo(tx);
}

static size_t erase_at(int64_t after)
{
    struct tx *tx = people_tx(&kit.p, kit.p.worker);
    size_t n = 0;
    is_err(signing_erase_due(tx, timestamp_add(kit.p.now, after), &n), E_OK, "the worker erases");
    people_end(tx);
    return n;
}

/* P3-11 */
static void eight_hours(void)
{
    struct str doc;

    ok(erase_at(8 * HOUR_US + 1) > 0, "after eight hours documents are erased");
    is_int(count("SELECT COUNT(*) FROM shomei.document_piece"), 0, "no piece is left");
    is_int(
        count("SELECT COUNT(*) FROM shomei.document WHERE wrapped_key IS NOT NULL OR filename IS "
              "NOT NULL"),
        0, "no key and no name");
    ok(count("SELECT COUNT(*) FROM shomei.signature WHERE outcome = 'signed'") >= 7,
       "the records stay");
    doc = signing_kit_upload(kit.hanako, kit.pdf);
    is_int((int64_t)erase_at(8 * HOUR_US - SECOND_US), 0, "not a second too early");
    is_int(count("SELECT COUNT(*) FROM shomei.document WHERE delete_at > created_at + INTERVAL 8 "
                 "HOUR"),
           0, "no deadline is later than eight hours");
    is_int(count("SELECT value FROM shomei.signing_counter WHERE name = 'erased_late'"), 0,
           "none was late");
    is_int((int64_t)erase_at(8 * HOUR_US + 10 * MINUTE_US), 1, "after downtime it catches up");
    is_int(count("SELECT value FROM shomei.signing_counter WHERE name = 'erased_late'"), 1,
           "and the delay is counted");
    is_int(count("SELECT COUNT(*) FROM shomei.audit_event WHERE action = "
                 "'signing.document.erase-late'"),
           1, "and audited");
    ok(signing_kit_bytes(kit.hanako, doc).p == NULL, "it cannot be read any more");
    struct signing_request rq = signing_kit_request(kit.hanako, kit.hanako_key, SIGNING_ES);
    struct signing_receipt r;
    is_err(signing_kit_sign(&rq, doc, &r), E_STATE, "nor signed");
}

static void delete_now(void)
{
    struct str doc = signing_kit_upload(kit.hanako, kit.pdf);
    struct audit_by by = { .name = STR("hanako") };
    struct tx *tx = people_tx(&kit.p, kit.p.portal);

    is_err(signing_document_erase(tx, kit.hanako, doc, &by, kit.p.now), E_OK, "delete now");
    people_end(tx);
    is_int(count("SELECT COUNT(*) FROM shomei.document_piece"), 0, "takes the bytes");
    tx = people_tx(&kit.p, kit.p.portal);
    is_err(signing_document_erase(tx, kit.hanako, doc, &by, kit.p.now), E_STATE, "once");
    people_undo(tx);
}

/* A crash before the commit leaves everything as it was. */
static void all_or_nothing(void)
{
    struct signing_request rq = signing_kit_request(kit.hanako, kit.hanako_key, SIGNING_ES);
    struct str doc = signing_kit_upload(kit.hanako, kit.pdf);
    int64_t records = count("SELECT COUNT(*) FROM shomei.signature");
    struct signing_receipt r;
    struct tx *tx = people_tx(&kit.p, kit.p.portal);

    is_err(signing_sign_document(tx, &rq, doc, &r), E_OK, "signed, but not committed");
    people_undo(tx);
    is_int(count("SELECT COUNT(*) FROM shomei.signature"), records, "no record");
    ok(bytes_eq(signing_kit_bytes(kit.hanako, doc), kit.pdf), "the document is as it was");
    is_err(signing_kit_sign(&rq, doc, &r), E_OK, "and can be signed again");
    struct str sql;
    is_err(harness_sql(kit.p.h,
                       "UPDATE shomei.document_piece SET sealed = "
                       "INSERT(sealed, 100, 1, CHAR(ASCII(SUBSTR(sealed, 100, 1)) ^ 1))",
                       &sql),
           E_OK, "somebody changes a stored byte");
    ok(signing_kit_bytes(kit.hanako, doc).p == NULL, "the piece is refused");
    is_str(str_z(fault_current()->reason), "document-damaged", "with the reason");
}

/* Documents of several pieces, and of too many. */
static void large(void)
{
    struct bytes pdf = kit_pdf(kit.a, KIT_STREAM, 3, 2500000, false), big;
    struct signing_request rq = signing_kit_request(kit.taro, kit.taro_key, SIGNING_ES);
    struct str doc = signing_kit_upload(kit.taro, pdf);
    struct signing_receipt r;

    ok(pdf.n > 2 << 20 && !str_absent(doc), "a document of three pieces");
    is_err(signing_kit_sign(&rq, doc, &r), E_OK, "is signed");
    is_str(signing_kit_verdict(signing_kit_bytes(kit.taro, doc), NULL, NULL), "total-passed",
           "and comes back whole");
    big = (struct bytes){ arena_alloc(kit.a, 3500000), 3500000 };
    ok(str_absent(signing_kit_upload(kit.taro, big)), "one over the limit is refused");
    is_str(str_z(fault_current()->reason), "document-too-large", "with the reason");
}

int main(int argc, char **argv)
{
    log_open("test_signing", LOG_LEVEL_ERROR);
    if (!signing_kit_start(argc, argv)) {
        tap_skip("SoftHSM is not installed");
        return tap_done();
    }
    levels();
    two_people();
    strangers();
    eight_hours();
    delete_now();
    all_or_nothing();
    large();
    signing_kit_stop();
    return tap_done();
}
