/*
 * signing_crypt_work.c - documents at rest: pieces of at most 1 MiB under AES-256-GCM, each
 * document under a key of its own that the HSM wraps. The additional data of a piece names
 * document, number, position and size, so that none can be moved or swapped; the manifest, a MAC
 * under the same key, says how many there are and what they make up, so that none can be left out
 * or cut off.
 */
#include "features/signing/signing_inside_work.h"

#include "base/encoding.h"
#include "base/random.h"
#include "store/gen/signing.q.h"

#define NAME_MAX_CHARS 200

struct bytes signing_crypt_aad(struct arena *a, struct str public_id,
                               const struct signing_piece_at *at)
{
    return bytes_of_str(str_fmt(a, "shomei-piece|%.*s|%u|%llu|%u", STR_ARG(public_id), at->seq,
                                (unsigned long long)at->position, at->size));
}

struct bytes32 signing_crypt_manifest(struct arena *a, const struct secret *key,
                                      const struct signing_document *d)
{
    struct secret *k = hkdf_sha256(secret_bytes(key), STR("shomei-document-manifest"), 32);
    struct str text = str_fmt(a, "shomei-manifest|%.*s|%u|%llu|%u|%.*s", STR_ARG(d->public_id),
                              d->version, (unsigned long long)d->size, d->pieces,
                              STR_ARG(hex_encode(a, bytes_of_32(&d->digest))));
    struct bytes32 mac = hmac_sha256(secret_bytes(k), bytes_of_str(text));
    secret_free(k);
    return mac;
}

enum err signing_crypt_key(const struct signing_document *d, struct secret **key)
{
    struct signing_inside *in;
    if (d->state == SIGNING_DELETED || d->wrapped_key.p == NULL)
        return FAIL(E_STATE, "document-deleted", "erased");
    TRY(signing_inside_hsm(&in));
    return hsm_unwrap_data_key(in->hsm, d->wrapped_key, key);
}

enum err signing_crypt_write(struct tx *tx, struct document_id id, struct str public_id,
                             const struct secret *key, struct signing_piece_at *at,
                             struct bytes data)
{
    struct arena *scratch = arena_new(4 * SIGNING_PIECE);
    enum err e = E_OK;

    for (size_t from = 0; e == E_OK && from < data.n;) {
        struct bytes part = { data.p + from,
                              data.n - from < SIGNING_PIECE ? data.n - from : SIGNING_PIECE };
        struct bytes sealed;
        arena_reset(scratch);
        at->size = (uint32_t)part.n;
        e = aead_seal(scratch, key, signing_crypt_aad(scratch, public_id, at), part, &sealed);
        if (e == E_OK)
            e = q_document_piece_add(tx, id, at->seq, at->position, at->size, sealed);
        at->seq++;
        at->position += part.n;
        from += part.n;
    }
    arena_free(scratch);
    return e;
}

/* The last component, without what a file system or a header would trip over. */
struct str signing_crypt_name(struct arena *a, struct str name)
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

/* What there is of a new document before its first byte. */
enum err signing_crypt_begin(struct arena *a, const struct signing_new_document *n,
                             struct signing_document *d, struct secret **key)
{
    struct signing_inside *in;
    enum err e;

    TRY(signing_inside_hsm(&in));
    *d = (struct signing_document){ .public_id = random_token(a, 16),
                                    .filename = signing_crypt_name(a, n->filename),
                                    .version = n->version,
                                    .state = n->version > 0 ? SIGNING_SIGNED : SIGNING_UPLOADED,
                                    .created = n->now,
                                    .delete_at = timestamp_add(n->now, in->keep_us),
                                    .deleted_at = TIMESTAMP_NONE,
                                    .agreed_until = TIMESTAMP_NONE };
    *key = secret_random(32);
    e = hsm_wrap_data_key(in->hsm, a, *key, &d->wrapped_key);
    if (e != E_OK)
        secret_free(*key);
    return e;
}

enum err signing_crypt_add(struct tx *tx, const struct signing_owner *owner,
                           struct signing_document *d)
{
    static const char *const names[] = { [SIGNING_UPLOADED] = "uploaded",
                                         [SIGNING_SIGNED] = "signed",
                                         [SIGNING_DELETED] = "deleted",
                                         [SIGNING_RECEIVING] = "receiving" };
    return q_document_add(tx, d->public_id, owner->tenant, owner->account, owner->client,
                          d->filename, d->size, d->digest, d->wrapped_key, d->version,
                          str_z(names[d->state]), d->created, d->delete_at, d->pieces, d->manifest,
                          d->expected, &d->id);
}

enum err signing_crypt_new(struct tx *tx, const struct signing_new_document *n,
                           struct signing_document *out)
{
    struct arena *a = tx_arena(tx);
    struct signing_piece_at at = { 0 };
    struct secret *key = NULL;
    struct signing_document d;
    struct bytes32 mac;
    enum err e;

    TRY(signing_crypt_begin(a, n, &d, &key));
    d.size = n->data.n;
    d.digest = sha256(n->data);
    d.pieces = (uint32_t)((n->data.n + SIGNING_PIECE - 1) / SIGNING_PIECE);
    mac = signing_crypt_manifest(a, key, &d);
    d.manifest = bytes_of_32(&mac);
    e = signing_crypt_add(tx, &n->owner, &d);
    if (e == E_OK)
        e = signing_crypt_write(tx, d.id, d.public_id, key, &at, n->data);
    secret_free(key);
    *out = d;
    out->manifest = bytes_dup(a, d.manifest);
    return e;
}

/* A document from before pieces had positions: written anew, once. */
static enum err lift(struct tx *tx, const struct signing_document *d, const struct secret *key,
                     struct signing_piece_at *at)
{
    struct buf whole = buf_init(d->size);
    uint64_t changed;
    enum err e = signing_document_bytes(tx, d, &whole);
    if (e == E_OK)
        e = signing_crypt_write(tx, d->id, d->public_id, key, at, buf_bytes(&whole));
    if (e == E_OK)
        e = q_document_chunk_drop(tx, d->id, &changed);
    buf_free(&whole);
    return e;
}

static enum err append(struct tx *tx, const struct signing_document *d, const struct secret *key,
                       struct bytes tail, const struct bytes32 *digest,
                       struct signing_document *out)
{
    struct signing_piece_at at = { .seq = d->pieces, .position = d->size };
    struct signing_document next = *d;
    struct bytes32 mac;
    uint64_t changed;

    if (d->pieces == 0) {
        at.position = 0;
        TRY(lift(tx, d, key, &at));
    }
    next.version++;
    next.size += tail.n;
    next.digest = *digest;
    next.pieces = at.seq + (uint32_t)((tail.n + SIGNING_PIECE - 1) / SIGNING_PIECE);
    mac = signing_crypt_manifest(tx_arena(tx), key, &next);
    TRY(q_document_signed(tx, d->id, d->version, next.size, next.digest, next.pieces, mac,
                          &changed));
    if (changed != 1)
        return FAIL(E_CONFLICT, "document-changed", "signed or erased by somebody else meanwhile");
    next.manifest = bytes_dup(tx_arena(tx), bytes_of_32(&mac));
    next.state = SIGNING_SIGNED;
    *out = next;
    return signing_crypt_write(tx, d->id, d->public_id, key, &at, tail);
}

enum err signing_crypt_append_to(struct tx *tx, const struct signing_document *d, struct bytes tail,
                                 const struct bytes32 *digest, struct signing_document *next)
{
    struct secret *key = NULL;
    enum err e;

    TRY(signing_crypt_key(d, &key));
    e = append(tx, d, key, tail, digest, next);
    secret_free(key);
    return e == E_CONFLICT
               ? FAIL(E_CONFLICT, "document-changed", "signed or erased by somebody else meanwhile")
               : e;
}

enum err signing_document_append(struct tx *tx, const struct signing_document *d, struct bytes tail,
                                 const struct bytes32 *digest)
{
    return signing_crypt_append(tx, d, tail, digest);
}

enum err signing_crypt_append(struct tx *tx, const struct signing_document *d, struct bytes tail,
                              const struct bytes32 *digest)
{
    struct signing_document next;
    return signing_crypt_append_to(tx, d, tail, digest, &next);
}

enum err signing_crypt_replace(struct tx *tx, const struct signing_document *d, struct bytes data)
{
    struct bytes32 digest = sha256(data);
    struct bytes tail = { data.p + d->size, data.n - d->size };
    return signing_crypt_append(tx, d, tail, &digest);
}
