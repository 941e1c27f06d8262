/*
 * test_storage.c - documents at rest and on their way in: no piece can be moved, swapped, dropped
 * or cut off (P3-09, P3-11); a signature appends; uploads go on, end, collide and expire; what
 * nobody keeps is gone; quotas.
 */
#include "signing_kit.h"

#include "pdf_kit.h"

#include "base/encoding.h"
#include "base/log.h"
#include "features/signing/signing_inside_work.h"
#include "features/signing/signing_work.h"
#include "sign/pdf_source.h"

#include <stdlib.h>

#define MUST(expr)                                                                                 \
    do {                                                                                           \
        if ((expr) != E_OK)                                                                        \
            ok(false, "%s", #expr);                                                                \
    } while (0)

static const struct audit_by by = { .name = { "test", 4 } };

static int64_t count(const char *sql)
{
    return harness_count(kit.p.h, sql);
}

static bool sql(const char *text)
{
    struct str out;
    return harness_sql(kit.p.h, text, &out) == E_OK;
}

/* The text with each '@' replaced by the document's public id. */
static const char *of(const char *text, struct str document)
{
    struct str out = STR("");
    for (const char *at = text; *at != '\0'; at++)
        out = *at == '@' ? str_fmt(kit.a, "%s%s", out.p, document.p)
                         : str_fmt(kit.a, "%s%c", out.p, *at);
    return out.p;
}

static struct bytes three_pieces(void)
{
    return kit_pdf(kit.a, KIT_STREAM, 3, 2500000, false);
}

/* Do it, look that nothing can be read any more, and undo it. */
static void harm(struct str doc, const char *doing, const char *undoing, const char *name)
{
    ok(sql(of(doing, doc)), "somebody with the database %s", name);
    ok(signing_kit_bytes(kit.hanako, doc).p == NULL, "the document is refused");
    is_str(str_z(fault_current()->reason), "document-damaged", "as damaged");
    ok(sql(of(undoing, doc)), "(put back)");
}

#define ID "(SELECT id FROM shomei.document WHERE public_id = '@')"
#define SHIFT(from, to)                                                                            \
    "UPDATE shomei.document_piece p JOIN shomei.document d ON d.id = p.document_id SET p.seq "     \
    "= " to " WHERE d.public_id = '@' AND p.seq = " from

static void pieces_stay_where_they_are(void)
{
    struct bytes pdf = three_pieces();
    struct str doc = signing_kit_upload(kit.hanako, pdf);

    ok(bytes_eq(signing_kit_bytes(kit.hanako, doc), pdf), "a document of three pieces");
    ok(sql(of("CREATE TABLE shomei.kept AS SELECT p.* FROM shomei.document_piece p JOIN "
              "shomei.document d ON d.id = p.document_id WHERE d.public_id = '@'",
              doc)),
       "(a copy)");
    static const char back[] =
        "UPDATE shomei.document_piece p JOIN shomei.kept k USING (document_id, seq) SET p.sealed = "
        "k.sealed, p.size = k.size, p.position = k.position WHERE '@' <> ''";
    harm(doc,
         "UPDATE shomei.document_piece p JOIN shomei.document d ON d.id = p.document_id JOIN "
         "shomei.kept k ON k.seq = 1 - p.seq SET p.sealed = k.sealed WHERE d.public_id = '@' AND "
         "p.seq IN (0, 1)",
         back, "swaps two pieces");
    harm(doc, SHIFT("1", "7"), SHIFT("7", "1"), "moves a piece");
    harm(doc, "DELETE FROM shomei.document_piece WHERE seq = 1 AND document_id = " ID,
         "INSERT INTO shomei.document_piece SELECT * FROM shomei.kept WHERE seq = 1 AND '@' <> ''",
         "drops a piece");
    harm(doc, "UPDATE shomei.document d SET d.pieces = 2, d.size = 2097152 WHERE d.public_id = '@'",
         "SELECT '@'", "says that it is shorter");
    ok(sql(str_fmt(kit.a,
                   "UPDATE shomei.document SET pieces = 3, size = %zu WHERE public_id = '%s'",
                   pdf.n, doc.p)
               .p),
       "(put back)");
    harm(doc, "UPDATE shomei.document SET version = version + 1 WHERE public_id = '@'",
         "UPDATE shomei.document SET version = version - 1 WHERE public_id = '@'",
         "says that it is another version");
    ok(bytes_eq(signing_kit_bytes(kit.hanako, doc), pdf), "all put back: it is as it was");
}

static void a_signature_appends(void)
{
    struct signing_request rq = signing_kit_request(kit.hanako, kit.hanako_key, SIGNING_ES);
    struct str doc = signing_kit_upload(kit.hanako, three_pieces());
    struct signing_receipt r;

    ok(sql("DROP TABLE shomei.kept") &&
           sql(of("CREATE TABLE shomei.kept AS SELECT p.* FROM shomei.document_piece p WHERE "
                  "p.document_id = " ID,
                  doc)),
       "(a copy)");
    is_err(signing_kit_sign(&rq, doc, &r), E_OK, "a document of three pieces is signed");
    is_int(count("SELECT COUNT(*) FROM shomei.document_piece p JOIN shomei.kept k ON p.document_id "
                 "= k.document_id AND p.seq = k.seq AND p.sealed = k.sealed"),
           3, "what was there is the same to the last byte");
    is_int(count(of("SELECT COUNT(*) FROM shomei.document_piece WHERE seq = 3 AND size < 60000 AND "
                    "document_id = " ID,
                    doc)),
           1, "and one small piece came");
    is_err(signing_kit_sign(&rq, doc, &r), E_OK, "signed once more");
    is_str(signing_kit_verdict(signing_kit_bytes(kit.hanako, doc), NULL, NULL), "total-passed",
           "it reads as one file");
    harm(doc, SHIFT("3", "9"), SHIFT("9", "3"), "moves a tail");
}

/* A document as migration 0005 knew it. */
static void former_layout(void)
{
    struct str doc = signing_kit_upload(kit.hanako, kit.pdf);
    struct signing_request rq = signing_kit_request(kit.hanako, kit.hanako_key, SIGNING_ES);
    struct tx *tx = people_tx(&kit.p, kit.p.portal);
    struct signing_document d;
    struct signing_receipt r;
    struct secret *key = NULL;
    struct bytes sealed = BYTES_ABSENT;
    struct str aad;

    MUST(signing_document_find(tx, kit.hanako, doc, &d));
    MUST(signing_crypt_key(&d, &key));
    aad = str_fmt(kit.a, "shomei-document|%.*s|0|0|%zu", STR_ARG(doc), kit.pdf.n);
    MUST(aead_seal(kit.a, key, bytes_of_str(aad), kit.pdf, &sealed));
    secret_free(key);
    people_undo(tx);
    ok(sql(of("DELETE FROM shomei.document_piece WHERE document_id = " ID, doc)) &&
           sql(str_fmt(kit.a,
                       "INSERT INTO shomei.document_chunk SELECT id, 0, 0, UNHEX('%s') FROM "
                       "shomei.document WHERE public_id = '%s'",
                       hex_encode(kit.a, sealed).p, doc.p)
                   .p) &&
           sql(of("UPDATE shomei.document SET pieces = 0, manifest = NULL WHERE public_id = '@'",
                  doc)),
       "(a document of the former layout)");
    ok(bytes_eq(signing_kit_bytes(kit.hanako, doc), kit.pdf), "is read");
    is_err(signing_kit_sign(&rq, doc, &r), E_OK, "and signed");
    is_str(signing_kit_verdict(signing_kit_bytes(kit.hanako, doc), NULL, NULL), "total-passed",
           "well");
    is_int(count("SELECT COUNT(*) FROM shomei.document_chunk"), 0, "and has the new layout then");
}

/* --- uploads --- */

static enum err begin(struct signing_owner owner, uint64_t size, struct signing_document *d)
{
    struct tx *tx = people_tx(&kit.p, kit.p.portal);
    enum err e = signing_document_begin(tx, owner, STR("大.pdf"), size, &by, clock_now(), d);
    if (e == E_OK)
        people_end(tx);
    else
        people_undo(tx);
    return e;
}

static enum err find(struct signing_owner owner, struct str id, struct signing_document *d)
{
    struct tx *tx = people_tx(&kit.p, kit.p.portal);
    enum err e = signing_document_find(tx, owner, id, d);
    people_undo(tx);
    return e;
}

static enum err add(const struct signing_document *d, struct bytes all, uint64_t from, size_t n,
                    bool crash)
{
    struct tx *tx = people_tx(&kit.p, kit.p.portal);
    enum err e = signing_document_piece(tx, d, from, (struct bytes){ all.p + from, n });
    if (e == E_OK && !crash)
        e = tx_commit(tx);
    else
        people_undo(tx);
    return e;
}

static enum err finish(struct signing_document *d)
{
    struct tx *tx = people_tx(&kit.p, kit.p.portal);
    enum err e = signing_document_finish(tx, d, &by, clock_now(), d);
    if (e == E_OK)
        people_end(tx);
    else
        people_undo(tx);
    return e;
}

static void refused(enum err e, enum err want, const char *reason, const char *name)
{
    is_err(e, want, name);
    is_str(str_z(fault_current()->reason), reason, "with the reason");
}

static void an_upload(void)
{
    struct bytes pdf = three_pieces();
    struct signing_document d, other;

    is_err(begin(kit.hanako, pdf.n, &d), E_OK, "an upload is announced");
    is_err(find(kit.taro, d.public_id, &other), E_ABSENT, "another person does not see it");
    ok(signing_kit_bytes(kit.hanako, d.public_id).p == NULL, "it cannot be read");
    is_str(str_z(fault_current()->reason), "upload-incomplete", "with the reason");
    refused(finish(&d), E_STATE, "upload-incomplete", "nor finished");
    refused(add(&d, pdf, 0, 1000, false), E_INPUT, "upload-piece", "half a piece is refused");
    refused(add(&d, pdf, SIGNING_PIECE, SIGNING_PIECE, false), E_CONFLICT, "upload-offset",
            "and a later one before the first");
    is_err(add(&d, pdf, 0, SIGNING_PIECE, true), E_OK, "a worker dies in the middle of a piece");
    is_err(find(kit.hanako, d.public_id, &d), E_OK, "asked where it stands");
    is_int((int64_t)d.size, 0, "it stands where it stood");
    is_err(add(&d, pdf, 0, SIGNING_PIECE, false), E_OK, "the piece again");
    refused(add(&d, pdf, 0, SIGNING_PIECE, false), E_CONFLICT, "upload-offset",
            "a second sender of that piece loses");
    is_err(find(kit.hanako, d.public_id, &d), E_OK, "it stands behind it");
    is_err(add(&d, pdf, SIGNING_PIECE, pdf.n - SIGNING_PIECE, false), E_OK, "two at once, the end");
    is_err(find(kit.hanako, d.public_id, &d), E_OK, "all is there");
    is_err(finish(&d), E_OK, "it becomes a document");
    ok(bytes_eq(signing_kit_bytes(kit.hanako, d.public_id), pdf), "the same to the last byte");
    is_err(find(kit.hanako, d.public_id, &d), E_OK, "found again");
    refused(finish(&d), E_STATE, "upload-finished", "it cannot be finished twice");
}

static void no_pdf_and_no_time(void)
{
    struct bytes junk = { arena_alloc(kit.a, 1000), 1000 };
    struct signing_document d;
    size_t erased = 0;
    struct tx *tx;

    is_err(begin(kit.hanako, junk.n, &d), E_OK, "something else is announced");
    is_err(add(&d, junk, 0, junk.n, false), E_OK, "and sent");
    is_err(find(kit.hanako, d.public_id, &d), E_OK, "all of it");
    is_err(finish(&d), E_INPUT, "it does not become a document");
    ok(sql(of("UPDATE shomei.document SET created_at = created_at - INTERVAL 9 HOUR, delete_at = "
              "delete_at - INTERVAL 9 HOUR WHERE public_id = '@'",
              d.public_id)),
       "(nine hours go by)");
    tx = people_tx(&kit.p, kit.p.worker);
    is_err(signing_erase_due(tx, clock_now(), &erased), E_OK, "the worker comes by");
    people_end(tx);
    is_int(count(of("SELECT COUNT(*) FROM shomei.document_piece WHERE document_id = " ID,
                    d.public_id)),
           0, "nothing of it is left");
}

/* --- inside one request --- */

static void intake(void)
{
    struct bytes pdf = three_pieces();
    struct signing_intake *in = NULL;
    struct signing_document d;
    int64_t before = count("SELECT COUNT(*) FROM shomei.document_piece");
    struct tx *tx;

    MUST(signing_intake_new(&kit.hanako, STR("a.pdf"), UINT64_MAX, &by, clock_now(), &in));
    for (size_t at = 0; at < pdf.n; at += 60000)
        MUST(signing_intake_add(
            in, (struct bytes){ pdf.p + at, pdf.n - at < 60000 ? pdf.n - at : 60000 }));
    is_err(signing_intake_end(in), E_OK, "a large file is taken as it comes");
    is_int(count("SELECT COUNT(*) FROM shomei.document_piece") - before, 3, "and is not in memory");
    signing_intake_free(in);
    is_int(count("SELECT COUNT(*) FROM shomei.document_piece"), before,
           "nobody kept it: it is gone");

    MUST(signing_intake_new(&kit.hanako, STR("a.pdf"), UINT64_MAX, &by, clock_now(), &in));
    MUST(signing_intake_add(in, pdf));
    MUST(signing_intake_end(in));
    tx = people_tx(&kit.p, kit.p.portal);
    is_err(signing_intake_store(tx, in, &d), E_OK, "another one is kept");
    people_end(tx);
    signing_intake_free(in);
    ok(bytes_eq(signing_kit_bytes(kit.hanako, d.public_id), pdf), "and stays");

    MUST(signing_intake_new(&kit.hanako, STR("a.pdf"), 100000, &by, clock_now(), &in));
    refused(signing_intake_add(in, pdf), E_LIMIT, "document-too-large",
            "one larger than the contract says is refused while it comes");
    signing_intake_free(in);
}

static void quotas(void)
{
    struct signing_document d;

    for (int i = 0; i < 3; i++)
        is_err(begin(kit.taro, 2900000, &d), E_OK, "room for one more");
    refused(begin(kit.taro, 2900000, &d), E_LIMIT, "quota-account",
            "what a person announced counts, and is enough now");
    is_err(begin(kit.alice, 2900000, &d), E_OK, "another person has room");
    ok(sql(of("INSERT INTO shomei.storage_use SELECT tenant_id, 99000000, NOW() FROM "
              "shomei.document WHERE public_id = '@'",
              d.public_id)),
       "(the worker counted for a customer)");
    signing_kit_as_portal(); /* forgets what it knows of the count before */
    refused(begin(kit.alice, 1000, &d), E_LIMIT, "quota-tenant", "a customer has a quota too");
}

/* A file whose size nobody said counts in full once it is there (P3-09, quotas). */
static void quota_of_a_stream(void)
{
    struct bytes pdf = three_pieces();
    struct signing_intake *in = NULL;
    struct signing_document d;
    struct tx *tx;

    MUST(signing_intake_new(&kit.taro, STR("a.pdf"), UINT64_MAX, &by, clock_now(), &in));
    for (size_t at = 0; at < pdf.n; at += 60000)
        MUST(signing_intake_add(
            in, (struct bytes){ pdf.p + at, pdf.n - at < 60000 ? pdf.n - at : 60000 }));
    is_err(signing_intake_end(in), E_OK, "its first piece found room");
    tx = people_tx(&kit.p, kit.p.portal);
    refused(signing_intake_store(tx, in, &d), E_LIMIT, "quota-account",
            "all of it has none, and is not kept");
    people_undo(tx);
    signing_intake_free(in);
    is_int(count("SELECT COUNT(*) FROM shomei.document_piece"), 0, "nothing of it stays");
}

/* --- agreed periods --- */

static void agreed(void)
{
    struct str doc = signing_kit_upload(kit.hanako, kit.pdf);
    struct tx *tx = people_tx(&kit.p, kit.p.portal);
    struct timestamp now = clock_now();
    struct signing_document d;

    MUST(signing_document_find(tx, kit.hanako, doc, &d));
    is_err(signing_document_agree(tx, &d, timestamp_add(now, 30 * DAY_US)), E_OK,
           "thirty days are agreed");
    is_err(signing_document_agree(tx, &d, timestamp_add(now, 91 * DAY_US)), E_STATE,
           "ninety-one are too many");
    is_err(signing_document_complete(tx, &d, now), E_OK, "what they were for is done");
    MUST(signing_document_find(tx, kit.hanako, doc, &d));
    ok(timestamp_cmp(d.delete_at, timestamp_add(now, 8 * HOUR_US)) <= 0, "eight hours are left");
    people_undo(tx);
}

int main(int argc, char **argv)
{
    log_open("test_storage", LOG_LEVEL_ERROR);
    (void)setenv("SHOMEI_QUOTA_ACCOUNT_BYTES", "10000000", 0);
    (void)setenv("SHOMEI_QUOTA_TENANT_BYTES", "90000000", 0);
    if (!signing_kit_start(argc, argv)) {
        tap_skip("SoftHSM is not installed");
        return tap_done();
    }
    quotas();
    (void)sql("DELETE FROM shomei.storage_use");
    quota_of_a_stream();
    pieces_stay_where_they_are();
    a_signature_appends();
    former_layout();
    (void)sql("UPDATE shomei.document SET expected = 0");
    (void)sql("DELETE FROM shomei.document_piece");
    (void)sql("UPDATE shomei.document SET size = 0");
    an_upload();
    no_pdf_and_no_time();
    intake();
    agreed();
    signing_kit_stop();
    return tap_done();
}
