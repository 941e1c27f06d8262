/*
 * signing_crypt_work.c - documents at rest: pieces of 1 MiB under AES-256-GCM, each document under
 * a key of its own that the HSM wraps. No piece can be moved to another place, version or document,
 * left out or cut off: the additional data names all that.
 */
#include "features/signing/signing_inside_work.h"

#include "base/crypto.h"
#include "base/random.h"
#include "sign/pdf_verify.h"
#include "store/gen/signing.q.h"

#define PIECE (1u << 20)
#define NAME_MAX_CHARS 200

static uint32_t pieces(uint64_t size)
{
    return (uint32_t)((size + PIECE - 1) / PIECE);
}

static struct bytes piece_aad(struct arena *a, struct str public_id, uint32_t version, uint32_t seq,
                              uint64_t size)
{
    return bytes_of_str(str_fmt(a, "shomei-document|%.*s|%u|%u|%llu", STR_ARG(public_id), version,
                                seq, (unsigned long long)size));
}

enum err signing_crypt_write(struct tx *tx, struct document_id id, struct str public_id,
                             uint32_t version, const struct secret *key, struct bytes data)
{
    struct arena *scratch = arena_new(4 * PIECE);
    enum err e = E_OK;

    for (uint32_t seq = 0; e == E_OK && seq < pieces(data.n); seq++) {
        size_t from = (size_t)seq * PIECE;
        struct bytes part = { data.p + from, data.n - from < PIECE ? data.n - from : PIECE };
        struct bytes sealed;
        arena_reset(scratch);
        e = aead_seal(scratch, key, piece_aad(scratch, public_id, version, seq, data.n), part,
                      &sealed);
        if (e == E_OK)
            e = q_document_chunk_add(tx, id, version, seq, sealed);
    }
    arena_free(scratch);
    return e;
}

static enum err read_pieces(struct tx *tx, const struct signing_document *d,
                            const struct secret *key, struct buf *out)
{
    struct arena *scratch = arena_new(4 * PIECE);
    size_t begin = out->n;
    enum err e = E_OK;

    for (uint32_t seq = 0; e == E_OK && seq < pieces(d->size); seq++) {
        struct q_document_chunk_get row;
        struct bytes plain;
        arena_reset(scratch);
        e = q_document_chunk_get(tx, d->id, d->version, seq, &row);
        if (e == E_ABSENT)
            e = FAIL(E_BACKEND, "document-damaged", "piece %u is missing", seq);
        if (e != E_OK)
            break;
        e = aead_open_arena(scratch, key,
                            piece_aad(scratch, d->public_id, d->version, seq, d->size), row.sealed,
                            &plain);
        if (e == E_OK)
            buf_add_bytes(out, plain);
        else if (e == E_INPUT)
            e = FAIL(E_BACKEND, "document-damaged", "piece %u does not fit its key", seq);
    }
    arena_free(scratch);
    if (e == E_OK && !buf_ok(out))
        e = FAIL(E_LIMIT, "document-too-large", "no room for %llu bytes",
                 (unsigned long long)d->size);
    if (e == E_OK && out->n - begin != d->size)
        e = FAIL(E_BACKEND, "document-damaged", "size differs");
    return e;
}

enum err signing_document_bytes(struct tx *tx, const struct signing_document *d, struct buf *out)
{
    struct signing_inside *in;
    struct secret *key = NULL;
    enum err e;

    /* from the deadline on nothing is read, whether the worker came by or not (P3-11) */
    if (d->state == SIGNING_DELETED || d->wrapped_key.p == NULL ||
        timestamp_cmp(clock_now(), d->delete_at) >= 0)
        return FAIL(E_STATE, "document-deleted", "erased");
    TRY(signing_inside_hsm(&in));
    TRY(hsm_unwrap_data_key(in->hsm, d->wrapped_key, &key));
    e = read_pieces(tx, d, key, out);
    secret_free(key);
    return e;
}

/* Readable, not encrypted, a PDF: told at upload, not after the PIN was typed (P3-09). */
static enum err check_pdf(struct arena *a, struct bytes pdf, struct timestamp now)
{
    struct pdf_trust *nobody = pdf_trust_new();
    struct pdf_source source = pdf_source_memory(pdf);
    struct pdf_report *report;
    enum err e = pdf_verify(&source, NULL, nobody, now, a, &report);
    if (e == E_OK && report->encrypted)
        e = FAIL(E_UNSUPPORTED, "pdf-encrypted", "encrypted files are not signed");
    pdf_trust_free(nobody);
    return e;
}

/* The last component, without what a file system or a header would trip over. */
static struct str clean_name(struct arena *a, struct str name)
{
    size_t from = 0;
    struct str s;
    for (size_t i = 0; i < name.n; i++)
        if (name.p[i] == '/' || name.p[i] == '\\')
            from = i + 1;
    s = str_trim(a, str_sub(a, name, from, name.n));
    while (utf8_length(s) > NAME_MAX_CHARS) {
        size_t end = s.n - 1;
        while (end > 0 && ((unsigned char)s.p[end] & 0xC0) == 0x80)
            end--;
        s = str_sub(a, s, 0, end);
    }
    return s.n > 0 ? s : STR("document.pdf");
}

enum err signing_crypt_new(struct tx *tx, const struct signing_new_document *n,
                           struct signing_document *out)
{
    struct arena *a = tx_arena(tx);
    struct signing_inside *in;
    struct secret *key;
    struct signing_document d = { .public_id = random_token(a, 16),
                                  .filename = clean_name(a, n->filename),
                                  .size = n->data.n,
                                  .digest = sha256(n->data),
                                  .version = n->version,
                                  .state = n->version > 0 ? SIGNING_SIGNED : SIGNING_UPLOADED,
                                  .created = n->now,
                                  .deleted_at = TIMESTAMP_NONE };
    enum err e;

    TRY(signing_inside_hsm(&in));
    d.delete_at = timestamp_add(n->now, in->keep_us);
    key = secret_random(32);
    e = hsm_wrap_data_key(in->hsm, a, key, &d.wrapped_key);
    if (e == E_OK)
        e = q_document_add(tx, d.public_id, n->owner.tenant, n->owner.account, n->owner.client,
                           d.filename, d.size, d.digest, d.wrapped_key, d.version,
                           n->version > 0 ? STR("signed") : STR("uploaded"), n->now, d.delete_at,
                           &d.id);
    if (e == E_OK)
        e = signing_crypt_write(tx, d.id, d.public_id, d.version, key, n->data);
    secret_free(key);
    if (e == E_OK)
        *out = d;
    return e;
}

enum err signing_crypt_replace(struct tx *tx, const struct signing_document *d, struct bytes data)
{
    struct signing_inside *in;
    struct secret *key = NULL;
    uint64_t changed;
    enum err e;

    TRY(signing_inside_hsm(&in));
    TRY(q_document_signed(tx, d->id, d->version, data.n, sha256(data), &changed));
    if (changed != 1)
        return FAIL(E_CONFLICT, "document-changed", "signed or erased by somebody else meanwhile");
    TRY(hsm_unwrap_data_key(in->hsm, d->wrapped_key, &key));
    e = signing_crypt_write(tx, d->id, d->public_id, d->version + 1, key, data);
    secret_free(key);
    if (e != E_OK)
        return e;
    /* what was there before is an intermediate now, and those go at once (P1-47) */
    return q_document_chunk_drop(tx, d->id, d->version + 1, &changed);
}

enum err signing_document_store(struct tx *tx, struct signing_owner owner, struct str filename,
                                struct bytes pdf, const struct audit_by *by, struct timestamp now,
                                struct signing_document *out)
{
    struct signing_inside *in;
    struct signing_new_document n = { owner, filename, pdf, 0, now };

    TRY(signing_inside_get(&in));
    if (pdf.n > in->upload_max)
        return FAIL(E_LIMIT, "document-too-large", "%zu bytes", pdf.n);
    TRY(check_pdf(tx_arena(tx), pdf, now));
    TRY(signing_crypt_new(tx, &n, out));
    struct audit_entry e = { .by = *by,
                             .action = "signing.document.upload",
                             .object_kind = "document",
                             .object = out->public_id };
    return audit_write(tx, &e);
}
