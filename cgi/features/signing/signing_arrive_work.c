/*
 * signing_arrive_work.c - documents on their way in: in several requests (resumable uploads), or
 * whole. What arrives is encrypted before it leaves the process, and is nobody's document until it
 * is complete and a PDF.
 */
#include "features/signing/signing_inside_work.h"

#include "sign/pdf_repair.h"
#include "sign/pdf_source.h"
#include "sign/pdf_verify.h"
#include "store/gen/signing.q.h"

/* Will more be known later: with its password, or when the person has it repaired? What has no end
 * or no page is not all of a document: that is refused. */
static bool judged_later(const char *reason)
{
    if (strcmp(reason, "pdf-truncated") == 0 || strcmp(reason, "pdf-no-pages") == 0)
        return false;
    return strcmp(reason, "pdf-password-needed") == 0 || pdf_repair_helps(reason);
}

/* A PDF, told at upload and not after the PIN was typed (P3-09). What is damaged comes in, so that
 * it can be repaired on the person's word; it is not signed as it is. */
enum err signing_arrive_check(const struct pdf_source *source, struct timestamp now)
{
    struct pdf_trust *nobody = pdf_trust_new();
    struct arena *a = arena_new(64u << 20);
    struct pdf_report *report;
    enum err e = pdf_verify(source, NULL, nobody, now, a, &report);
    if (e != E_OK && judged_later(fault_current()->reason))
        e = E_OK;
    arena_free(a);
    pdf_trust_free(nobody);
    return e;
}

static enum err account_room(struct tx *tx, const struct signing_inside *in,
                             const struct signing_owner *owner, uint64_t more)
{
    struct q_storage_of_account held;
    if (owner->account.v == 0 || in->quota_account == 0)
        return E_OK;
    TRY(q_storage_of_account(tx, owner->tenant, owner->account, &held));
    if (held.bytes + more > in->quota_account)
        return FAIL(E_LIMIT, "quota-account", "%llu held, %llu more",
                    (unsigned long long)held.bytes, (unsigned long long)more);
    return E_OK;
}

/* The worker's count is some seconds old anyway: a process asks for it every few seconds, not for
 * each request of a busy customer. */
static enum err held_by(struct tx *tx, struct signing_inside *in, struct tenant_id tenant)
{
    struct q_storage_of_tenant row = { 0 };
    enum err e;
    if (in->held_tenant.v == tenant.v && clock_monotonic_us() < in->held_until)
        return E_OK;
    e = q_storage_of_tenant(tx, tenant, &row);
    if (e != E_OK && e != E_ABSENT)
        return e;
    in->held_tenant = tenant;
    in->held_bytes = row.bytes;
    in->held_until = clock_monotonic_us() + 5 * SECOND_US;
    return E_OK;
}

static enum err tenant_room(struct tx *tx, struct signing_inside *in,
                            const struct signing_owner *owner, uint64_t more)
{
    if (in->quota_tenant == 0)
        return E_OK;
    TRY(held_by(tx, in, owner->tenant));
    if (in->held_bytes + more > in->quota_tenant)
        return FAIL(E_LIMIT, "quota-tenant", "%llu held, %llu more",
                    (unsigned long long)in->held_bytes, (unsigned long long)more);
    return E_OK;
}

uint64_t signing_upload_max(void)
{
    struct signing_inside *in;
    return signing_inside_get(&in) == E_OK ? in->upload_max : 0;
}

enum err signing_arrive_room(struct tx *tx, const struct signing_owner *owner, uint64_t more)
{
    struct signing_inside *in;
    TRY(signing_inside_get(&in));
    if (more > in->upload_max)
        return FAIL(E_LIMIT, "document-too-large", "%llu bytes", (unsigned long long)more);
    TRY(account_room(tx, in, owner, more));
    return tenant_room(tx, in, owner, more);
}

enum err signing_arrive_audit(struct tx *tx, const struct audit_by *by, const char *action,
                              struct str document)
{
    struct audit_entry e = {
        .by = *by, .action = action, .object_kind = "document", .object = document
    };
    return audit_write(tx, &e);
}

enum err signing_document_store(struct tx *tx, struct signing_owner owner, struct str filename,
                                struct bytes pdf, const struct audit_by *by, struct timestamp now,
                                struct signing_document *out)
{
    struct signing_new_document n = { owner, filename, pdf, 0, now };
    struct pdf_source source = pdf_source_memory(pdf);

    TRY(signing_arrive_room(tx, &owner, pdf.n));
    TRY(signing_arrive_check(&source, now));
    TRY(signing_crypt_new(tx, &n, out));
    return signing_arrive_audit(tx, by, "signing.document.upload", out->public_id);
}

/* --- in several requests --- */

enum err signing_document_begin(struct tx *tx, struct signing_owner owner, struct str filename,
                                uint64_t expected, const struct audit_by *by, struct timestamp now,
                                struct signing_document *out)
{
    struct signing_new_document n = { owner, filename, BYTES_ABSENT, 0, now };
    struct secret *key = NULL;

    if (expected == 0)
        return FAIL(E_INPUT, "pdf-empty", "nothing is announced");
    TRY(signing_arrive_room(tx, &owner, expected));
    TRY(signing_crypt_begin(tx_arena(tx), &n, out, &key));
    secret_free(key);
    out->state = SIGNING_RECEIVING;
    out->expected = expected;
    TRY(signing_crypt_add(tx, &owner, out));
    return signing_arrive_audit(tx, by, "signing.document.announce", out->public_id);
}

/* Whole pieces, so that each lies where its number says; only the end of the file may be less. */
static enum err piece_size(const struct signing_document *d, uint64_t offset, size_t n)
{
    if (n == 0 || n > SIGNING_PIECES_AT_ONCE || n > d->expected - offset)
        return FAIL(E_INPUT, "upload-piece", "%zu bytes at %llu of %llu", n,
                    (unsigned long long)offset, (unsigned long long)d->expected);
    if (n % SIGNING_PIECE != 0 && n != d->expected - offset)
        return FAIL(E_INPUT, "upload-piece", "%zu bytes are no whole pieces", n);
    return E_OK;
}

static enum err receiving(const struct signing_document *d)
{
    if (d->state == SIGNING_RECEIVING && timestamp_cmp(clock_now(), d->delete_at) < 0)
        return E_OK;
    return d->state == SIGNING_UPLOADED || d->state == SIGNING_SIGNED
               ? FAIL(E_STATE, "upload-finished", "all of it came before")
               : FAIL(E_STATE, "document-deleted", "its time is over");
}

enum err signing_document_piece(struct tx *tx, const struct signing_document *d, uint64_t offset,
                                struct bytes data)
{
    struct signing_piece_at at = { .seq = (uint32_t)(offset / SIGNING_PIECE), .position = offset };
    uint32_t pieces = (uint32_t)((data.n + SIGNING_PIECE - 1) / SIGNING_PIECE);
    struct secret *key = NULL;
    uint64_t changed;
    enum err e;

    TRY(receiving(d));
    if (offset != d->size)
        return FAIL(E_CONFLICT, "upload-offset", "%llu have come", (unsigned long long)d->size);
    TRY(piece_size(d, offset, data.n));
    /* this row is the lock: of two senders at once one finds that it has moved */
    TRY(q_document_received(tx, d->id, offset, data.n, pieces, &changed));
    if (changed != 1)
        return FAIL(E_CONFLICT, "upload-offset", "another piece was first");
    TRY(signing_crypt_key(d, &key));
    e = signing_crypt_write(tx, d->id, d->public_id, key, &at, data);
    secret_free(key);
    return e;
}

enum err signing_arrive_seal(struct tx *tx, const struct signing_document *d,
                             const struct bytes32 *digest, struct signing_document *out)
{
    struct arena *a = tx_arena(tx);
    struct signing_inside *in;
    struct secret *key = NULL;
    struct bytes32 mac;
    uint64_t changed;

    TRY(signing_inside_get(&in));
    TRY(signing_crypt_key(d, &key));
    *out = *d;
    out->digest = *digest;
    out->state = SIGNING_UPLOADED;
    out->delete_at = timestamp_add(d->created, in->keep_us);
    mac = signing_crypt_manifest(a, key, out);
    out->manifest = bytes_dup(a, bytes_of_32(&mac));
    secret_free(key);
    TRY(q_document_arrived(tx, d->id, d->size, d->pieces, *digest, mac, out->delete_at, &changed));
    if (changed != 1)
        return FAIL(E_CONFLICT, "upload-offset", "finished or changed by somebody else meanwhile");
    return E_OK;
}

enum err signing_document_finish(struct tx *tx, const struct signing_document *d,
                                 const struct audit_by *by, struct timestamp now,
                                 struct signing_document *out)
{
    struct pdf_source source;
    struct bytes32 digest;

    TRY(receiving(d));
    if (d->size != d->expected)
        return FAIL(E_STATE, "upload-incomplete", "%llu of %llu bytes", (unsigned long long)d->size,
                    (unsigned long long)d->expected);
    TRY(signing_crypt_source(tx, d, tx_arena(tx), &source));
    TRY(signing_arrive_check(&source, now));
    TRY(pdf_source_sha256(&source, &digest));
    TRY(signing_arrive_seal(tx, d, &digest, out));
    return signing_arrive_audit(tx, by, "signing.document.upload", d->public_id);
}

/* --- holding periods beyond 8 hours --- */

enum err signing_document_agree(struct tx *tx, const struct signing_document *d,
                                struct timestamp until)
{
    struct signing_inside *in;
    uint64_t changed;
    TRY(signing_inside_get(&in));
    TRY(q_document_agree(tx, d->id, until, timestamp_add(until, in->keep_us), &changed));
    return changed == 1 ? E_OK : FAIL(E_STATE, "document-deleted", "erased");
}

enum err signing_document_complete(struct tx *tx, const struct signing_document *d,
                                   struct timestamp now)
{
    struct signing_inside *in;
    uint64_t changed;
    TRY(signing_inside_get(&in));
    TRY(q_document_deadline(tx, d->id, timestamp_add(now, in->keep_us), &changed));
    return changed == 1 ? E_OK : FAIL(E_STATE, "document-deleted", "erased");
}
