/*
 * test_signing_kinds.c - certifications, locks, extensions and signatures over digests, with a real
 * token, database, TSA and OCSP responder: what is made, what stays on record, what is refused
 * (P3-10, P3-25, P3-26, P3-87).
 */
#include "signing_kit.h"

#include "pdf_kit.h"

#include "base/crypto.h"
#include "base/log.h"
#include "sign/cms_check.h"

#include <openssl/objects.h>

static int64_t count(const char *sql)
{
    return harness_count(kit.p.h, sql);
}

static bool recorded(struct str record, const char *kind, const char *level)
{
    return count(str_fmt(kit.a,
                         "SELECT COUNT(*) FROM shomei.signature WHERE public_id = '%s' AND kind = "
                         "'%s' AND level = '%s' AND outcome = 'signed'",
                         record.p, kind, level)
                     .p) == 1;
}

static void certifications(void)
{
    struct signing_request rq = signing_kit_request(kit.hanako, kit.hanako_key, SIGNING_ES_T);
    struct str doc = signing_kit_upload(kit.hanako, kit.pdf);
    struct signing_receipt r;

    rq.certify = 2;
    is_err(signing_kit_sign(&rq, doc, &r), E_OK, "a document is certified");
    ok(recorded(r.record, "certify", "ES-T"), "which the record says");
    is_err(signing_kit_sign(&rq, doc, &r), E_INPUT, "once only");
    is_str(str_z(fault_current()->reason), "certified-already", "and the reason is told");
    rq.certify = 0;
    rq.lock = true;
    is_err(signing_kit_sign(&rq, doc, &r), E_OK, "an approval follows, which locks");
    ok(recorded(r.record, "sign", "ES-T"), "as an approval");
    is_str(signing_kit_verdict(signing_kit_bytes(kit.hanako, doc), NULL, NULL), "total-passed",
           "both are valid");
    rq.lock = false;
    is_err(signing_kit_sign(&rq, doc, &r), E_INPUT, "nothing follows a lock");
    is_str(str_z(fault_current()->reason), "certified-no-changes", "certified-no-changes");
}

static enum err extend(const struct signing_request *rq, struct str doc,
                       enum signing_extension kind, struct signing_receipt *r)
{
    struct tx *tx = people_tx(&kit.p, kit.p.portal);
    enum err e = signing_extend_document(tx, rq, doc, kind, r);

    if (e == E_OK)
        people_end(tx);
    else
        people_undo(tx);
    return e;
}

static void extensions(void)
{
    struct signing_request rq = signing_kit_request(kit.hanako, kit.hanako_key, SIGNING_ES_T);
    struct str doc = signing_kit_upload(kit.hanako, kit.pdf), level;
    struct signing_receipt r;

    is_err(extend(&rq, doc, SIGNING_EXTEND_ARCHIVE, &r), E_STATE, "nothing to extend");
    is_str(str_z(fault_current()->reason), "extend-unsigned", "extend-unsigned");
    is_int(count("SELECT COUNT(*) FROM shomei.signature WHERE kind = 'archive' AND outcome = "
                 "'failed' AND reason_code = 'extend-unsigned'"),
           1, "the failure is on record");
    is_err(signing_kit_sign(&rq, doc, &r), E_OK, "somebody signs");
    struct signing_request other = signing_kit_request(kit.taro, kit.taro_key, SIGNING_ES);
    doc = signing_kit_upload(kit.taro, signing_kit_bytes(kit.hanako, doc));
    other.pin = NULL;
    is_err(extend(&other, doc, SIGNING_EXTEND_VALIDATION, &r), E_OK,
           "another adds validation data, without a key");
    ok(recorded(r.record, "validation", "ES-LT"), "on record");
    signing_kit_verdict(signing_kit_bytes(kit.taro, doc), &level, NULL);
    is_str(level, "ES-LT", "the level is reached");
    is_err(extend(&other, doc, SIGNING_EXTEND_ARCHIVE, &r), E_OK, "then the archive timestamp");
    ok(recorded(r.record, "archive", "ES-A"), "on record, too");
    is_err(extend(&other, doc, SIGNING_EXTEND_ARCHIVE, &r), E_OK, "which is renewed");
    is_str(signing_kit_verdict(signing_kit_bytes(kit.taro, doc), &level, NULL), "total-passed",
           "all is valid");
    is_str(level, "ES-A", "at ES-A");
    is_int(count("SELECT COUNT(*) FROM shomei.signature WHERE kind = 'archive' AND credential_id "
                 "IS NULL AND key_id IS NULL AND archive_serial IS NOT NULL"),
           2, "no key is on these records, but their timestamps");
    is_err(extend(&rq, doc, SIGNING_EXTEND_ARCHIVE, &r), E_ABSENT, "not another's document");
    signing_kit_down("tsa", true);
    is_err(extend(&other, doc, SIGNING_EXTEND_TIMESTAMP, &r), E_BACKEND, "without a TSA");
    signing_kit_down("tsa", false);
    struct bytes before = signing_kit_bytes(kit.taro, doc);
    is_err(extend(&other, doc, SIGNING_EXTEND_TIMESTAMP, &r), E_OK, "with one again");
    ok(signing_kit_bytes(kit.taro, doc).n > before.n, "it is added");
}

static enum err digest_once(const struct signing_request *rq, struct bytes digest, const char *key,
                            struct bytes *cms, struct signing_receipt *r)
{
    struct tx *tx = people_tx(&kit.p, kit.api);
    struct bytes got = BYTES_ABSENT;
    enum err e = signing_sign_digest(tx, rq, digest, key ? str_z(key) : STR_ABSENT, &got, r);

    *cms = e == E_OK ? bytes_dup(kit.a, got) : BYTES_ABSENT;
    if (e == E_OK) {
        r->record = str_dup(kit.a, r->record);
        people_end(tx);
    } else {
        people_undo(tx);
    }
    return e;
}

static void digests(void)
{
    struct signing_request rq = signing_kit_request(kit.client, kit.seal, SIGNING_ES_T);
    struct bytes32 d = sha256(bytes_of_str(STR("what the client keeps")));
    struct bytes digest = bytes_of_32(&d), cms, again;
    struct signing_receipt r;
    struct cms_check c;

    signing_kit_as_api();
    rq.pin = NULL;
    is_err(digest_once(&rq, digest, "key-1", &cms, &r), E_OK, "a digest is signed");
    ok(recorded(r.record, "digest", "ES-T"), "on record, without a document");
    ok(cms_check_open(cms, NID_pkcs7_data, kit.a, &c) == E_OK && c.token.n > 0 &&
           cms_check_verify(&c, digest) == E_OK,
       "as a CMS with a timestamp that fits the digest");
    cms_check_close(&c);
    struct str record = r.record;
    is_err(digest_once(&rq, digest, "key-1", &again, &r), E_OK, "the same request again");
    ok(bytes_eq(cms, again) && r.replayed && str_eq(r.record, record), "gets the same signature");
    rq.level = SIGNING_ES;
    is_err(digest_once(&rq, digest, "key-1", &again, &r), E_CONFLICT, "but not another one");
    is_err(digest_once(&rq, (struct bytes){ d.b, 20 }, NULL, &again, &r), E_INPUT,
           "a SHA-1 digest");
    is_str(str_z(fault_current()->reason), "digest-length", "digest-length");
    rq.level = SIGNING_ES_A;
    is_err(digest_once(&rq, digest, NULL, &again, &r), E_INPUT, "ES-A without the file");
    is_str(str_z(fault_current()->reason), "level-digest", "level-digest");
    rq.level = SIGNING_ES;
    rq.credential = kit.hanako_key;
    ok(digest_once(&rq, digest, NULL, &again, &r) != E_OK, "a person's key without a PIN");
    signing_kit_as_portal();
}

static void previews(void)
{
    struct signing_request rq = signing_kit_request(kit.hanako, kit.hanako_key, SIGNING_ES_A);
    struct str doc = signing_kit_upload(kit.hanako, kit.pdf);
    struct buf tail = buf_init(1 << 20);
    struct tx *tx = people_tx(&kit.p, kit.p.portal);
    int64_t before = count("SELECT COUNT(*) FROM shomei.signature");

    rq.pin = NULL;
    is_err(signing_preview_document(tx, &rq, doc, &tail), E_OK, "a preview needs no PIN");
    ok(tail.n > 1000, "and gives what would be appended");
    people_undo(tx);
    is_int(count("SELECT COUNT(*) FROM shomei.signature"), before, "nothing is on record");
    ok(bytes_eq(signing_kit_bytes(kit.hanako, doc), kit.pdf), "nor is the document changed");
    buf_free(&tail);
}

/* Other options under the same key are another request. */
static void idempotency(void)
{
    struct signing_request rq = signing_kit_request(kit.client, kit.seal, SIGNING_ES);
    struct buf out = buf_init(16 << 20);
    struct signing_receipt r;

    signing_kit_as_api();
    rq.pin = NULL;
    for (int i = 0; i < 4; i++) {
        struct tx *tx = people_tx(&kit.p, kit.api);
        rq.certify = i == 2 ? 1 : 0;
        rq.field = i == 3 ? STR("Another") : STR_ABSENT;
        buf_reset(&out);
        enum err e = signing_sign_bytes(tx, &rq, STR("a.pdf"), kit.pdf, STR("key-2"), &out, &r);
        if (i < 2)
            ok(e == E_OK && r.replayed == (i == 1), "request %d", i + 1);
        else
            is_err(e, E_CONFLICT, i == 2 ? "a certification" : "another field");
        if (e == E_OK)
            people_end(tx);
        else
            people_undo(tx);
    }
    signing_kit_as_portal();
    buf_free(&out);
}

int main(int argc, char **argv)
{
    log_open("test_signing_kinds", LOG_LEVEL_ERROR);
    if (!signing_kit_start(argc, argv)) {
        tap_skip("SoftHSM is not installed");
        return tap_done();
    }
    certifications();
    extensions();
    previews();
    digests();
    idempotency();
    signing_kit_stop();
    return tap_done();
}
