/*
 * test_signing_batch.c - one authorisation for several documents: what was authorised is signed,
 * each with a record of its own; nothing else is, by nobody else, in no other order of events
 * (P3-08, P3-24, P3-46, P3-141).
 */
#include "signing_kit.h"

#include "pdf_kit.h"

#include "base/log.h"
#include "features/signing/signing_work.h"
#include "sign/pdf_font.h"
#include "sign/pdf_seal.h"

static int64_t count(const char *sql)
{
    return harness_count(kit.p.h, sql);
}

struct batch {
    struct str id, token;
    enum err e;
};

static struct batch authorise(const struct signing_request *rq, const struct str *docs, size_t n)
{
    struct tx *tx = people_tx(&kit.p, kit.p.portal);
    struct batch b = { STR_ABSENT, STR_ABSENT, E_OK };

    b.e = signing_batch_authorise(tx, rq, docs, n, &b.id, &b.token);
    if (b.e == E_OK) {
        b.id = str_dup(kit.a, b.id);
        b.token = str_dup(kit.a, b.token);
        people_end(tx);
    } else {
        people_undo(tx);
    }
    return b;
}

static enum err next(const struct signing_request *rq, const struct batch *b,
                     struct signing_batch_item *item)
{
    struct tx *tx = people_tx(&kit.p, kit.p.portal);
    enum err e = signing_batch_next(tx, rq, b->id, b->token, item);

    if (e == E_OK) {
        item->record = str_absent(item->record) ? STR_ABSENT : str_dup(kit.a, item->record);
        item->reason = str_absent(item->reason) ? STR_ABSENT : str_dup(kit.a, item->reason);
        item->document = str_dup(kit.a, item->document);
        people_end(tx);
    } else {
        people_undo(tx);
    }
    return e;
}

static struct signing_request plain(struct signing_owner owner)
{
    struct signing_request rq = signing_kit_request(owner, STR_ABSENT, SIGNING_ES);
    rq.pin = NULL;
    return rq;
}

static void three(void)
{
    struct signing_request rq = signing_kit_request(kit.hanako, kit.hanako_key, SIGNING_ES_T);
    struct signing_request go = plain(kit.hanako);
    struct signing_batch_item item;
    struct signing_batch state;
    struct str docs[3];
    struct pdf_look look = { .kind = PDF_SEAL_SQUARE, .text = STR("山田花子") };
    struct pdf_seal_place seal = { 1, 100, 100, 50, 50, &look };

    for (int i = 0; i < 3; i++)
        docs[i] = signing_kit_upload(kit.hanako, kit.pdf);
    rq.reason = STR("承認");
    if (pdf_font_ready(PDF_FONT_MINCHO) == E_OK) {
        rq.seals = &seal;
        rq.seals_n = 1;
    }
    struct batch b = authorise(&rq, docs, 3);
    is_err(b.e, E_OK, "three documents are authorised with one PIN");
    is_int(count("SELECT COUNT(*) FROM shomei.signing_batch WHERE sealed IS NOT NULL"), 1, "kept");
    for (int i = 0; i < 3; i++) {
        is_err(next(&go, &b, &item), E_OK, "the next is signed");
        ok(item.state == SIGNING_BATCH_SIGNED && str_eq(item.document, docs[i]) &&
               !str_empty(item.record),
           "document %d, with a record", i + 1);
        is_str(signing_kit_verdict(signing_kit_bytes(kit.hanako, docs[i]), NULL, NULL),
               "total-passed", "valid");
    }
    is_err(next(&go, &b, &item), E_STATE, "and that is all");
    is_int(count("SELECT COUNT(*) FROM shomei.signing_batch WHERE sealed IS NOT NULL"), 0,
           "what was sealed is gone");
    is_int(count("SELECT COUNT(*) FROM shomei.signature WHERE outcome = 'signed' AND level = "
                 "'ES-T'"),
           3, "three records");
    struct tx *tx = people_tx(&kit.p, kit.p.portal);
    is_err(signing_batch_find(tx, kit.hanako, b.id, kit.p.now, &state), E_OK,
           "it can be looked at");
    ok(state.n == 3 && state.signed_n == 3 && !state.open, "with what became of each");
    is_err(signing_batch_find(tx, kit.taro, b.id, kit.p.now, &state), E_ABSENT, "by nobody else");
    people_undo(tx);
}

/* One that cannot be signed, or was changed since, does not stop the others. */
static void one_fails(void)
{
    struct signing_request rq = signing_kit_request(kit.hanako, kit.hanako_key, SIGNING_ES);
    struct signing_request go = plain(kit.hanako);
    struct signing_batch_item item;
    struct signing_receipt r;
    struct str docs[3];

    rq.certify = 1;
    docs[0] = signing_kit_upload(kit.hanako, kit.pdf);
    docs[1] = signing_kit_upload(kit.hanako, kit.pdf);
    docs[2] = signing_kit_upload(kit.hanako, kit.pdf);
    is_err(signing_kit_sign(&rq, docs[1], &r), E_OK, "one is certified already");
    struct batch b = authorise(&rq, docs, 3);
    is_err(b.e, E_OK, "three are authorised");
    rq.certify = 0;
    is_err(signing_kit_sign(&rq, docs[2], &r), E_OK, "another is signed meanwhile");
    is_err(next(&go, &b, &item), E_OK, "first");
    ok(item.state == SIGNING_BATCH_SIGNED, "is signed");
    is_err(next(&go, &b, &item), E_OK, "second");
    ok(item.state == SIGNING_BATCH_FAILED && str_eq_z(item.reason, "certified-no-changes"),
       "fails with its reason");
    is_err(next(&go, &b, &item), E_OK, "third");
    ok(item.state == SIGNING_BATCH_FAILED && str_eq_z(item.reason, "document-changed"),
       "is not what was authorised");
    is_int(count("SELECT COUNT(*) FROM shomei.signature WHERE outcome = 'failed' AND reason_code = "
                 "'certified-no-changes'"),
           1, "the failure is on record");
}

static void strangers(void)
{
    struct signing_request rq = signing_kit_request(kit.hanako, kit.hanako_key, SIGNING_ES);
    struct signing_request go = plain(kit.hanako);
    struct str docs[2] = { signing_kit_upload(kit.hanako, kit.pdf),
                           signing_kit_upload(kit.hanako, kit.pdf) };
    struct batch b = authorise(&rq, docs, 1), other = authorise(&rq, docs + 1, 1), wrong = b;
    struct signing_batch_item item;

    wrong.token = other.token;
    is_err(next(&go, &wrong, &item), E_AUTH, "the token of another batch");
    is_str(str_z(fault_current()->reason), "batch-token", "batch-token");
    wrong.token = STR("");
    is_err(next(&go, &wrong, &item), E_AUTH, "no token");
    struct signing_request taro = plain(kit.taro);
    is_err(next(&taro, &b, &item), E_ABSENT, "a colleague with the token");
    struct str none;
    is_err(harness_sql(kit.p.h,
                       str_fmt(kit.a,
                               "UPDATE shomei.signing_batch_item i JOIN shomei.signing_batch b "
                               "ON b.id = i.batch_id SET i.document_id = (SELECT id FROM "
                               "shomei.document WHERE public_id = '%s') WHERE b.public_id = '%s'",
                               docs[1].p, b.id.p)
                           .p,
                       &none),
           E_OK, "somebody writes into the database");
    is_err(next(&go, &b, &item), E_AUTH, "a document exchanged in the database");
    go.now = timestamp_add(go.now, SIGNING_BATCH_US);
    is_err(next(&go, &other, &item), E_STATE, "after ten minutes");
    is_str(str_z(fault_current()->reason), "batch-expired", "batch-expired");
    go.now = kit.p.now;
    struct tx *tx = people_tx(&kit.p, kit.p.portal);
    is_err(signing_batch_stop(tx, kit.hanako, other.id, &go.by, go.now), E_OK, "it is stopped");
    people_end(tx);
    is_err(next(&go, &other, &item), E_STATE, "nothing is signed then");
}

static void refusals(void)
{
    struct signing_request rq = signing_kit_request(kit.hanako, kit.hanako_key, SIGNING_ES);
    struct str doc = signing_kit_upload(kit.hanako, kit.pdf), twice[2] = { doc, doc };
    struct secret *bad = secret_from("Wisteria-43", 11);

    is_err(authorise(&rq, twice, 2).e, E_INPUT, "a document twice");
    is_err(authorise(&rq, twice, 0).e, E_INPUT, "no document");
    struct str foreign = signing_kit_upload(kit.taro, kit.pdf);
    is_err(authorise(&rq, &foreign, 1).e, E_ABSENT, "a colleague's document");
    rq.pin = bad;
    is_err(authorise(&rq, &doc, 1).e, E_AUTH, "a wrong PIN");
    is_int(count(str_fmt(kit.a, "SELECT pin_failures FROM shomei.credential WHERE public_id = '%s'",
                         kit.hanako_key.p)
                     .p),
           1, "is counted");
    secret_free(bad);
}

int main(int argc, char **argv)
{
    log_open("test_signing_batch", LOG_LEVEL_ERROR);
    if (!signing_kit_start(argc, argv)) {
        tap_skip("SoftHSM is not installed");
        return tap_done();
    }
    three();
    one_fails();
    strangers();
    refusals();
    signing_kit_stop();
    return tap_done();
}
