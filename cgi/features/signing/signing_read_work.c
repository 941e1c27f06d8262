/*
 * signing_read_work.c - stored documents as sources of bytes: a few decrypted pieces at a time,
 * whatever the size.
 */
#include "features/signing/signing_inside_work.h"

#include "sign/pdf_source.h"
#include "store/gen/signing.q.h"

#define SLOTS 3 /* the end of a file, its page tree, and where the reader is now */
#define SLOT_ROOM (SIGNING_PIECE + 65536)
#define NONE UINT32_MAX

struct slot {
    uint32_t seq; /* NONE: empty */
    uint64_t used;
    struct arena *arena;
    struct bytes plain;
};

struct reader {
    struct tx *tx;
    struct secret *key;
    struct arena *scratch; /* what the database gives, and additional data */
    struct document_id id;
    struct str public_id;
    uint64_t size;
    uint32_t old_version; /* of document_chunk */
    bool old;
    const struct signing_piece_at *index;
    size_t n;
    uint64_t clock;
    struct slot slots[SLOTS];
};

static enum err damaged(const char *what, uint32_t seq)
{
    return FAIL(E_BACKEND, "document-damaged", "piece %u %s", seq, what);
}

static void reader_free(void *arg)
{
    struct reader *r = arg;
    for (size_t i = 0; i < SLOTS; i++)
        arena_free(r->slots[i].arena);
    arena_free(r->scratch);
    secret_free(r->key);
    free(r);
}

static struct reader *reader_new(struct tx *tx, const struct signing_document *d,
                                 struct secret *key)
{
    struct reader *r = calloc(1, sizeof *r);
    if (r == NULL)
        abort();
    *r = (struct reader){ .tx = tx,
                          .key = key,
                          .scratch = arena_new(4 * SIGNING_PIECE),
                          .id = d->id,
                          .size = d->size,
                          .old = d->pieces == 0,
                          .old_version = d->version };
    for (size_t i = 0; i < SLOTS; i++)
        r->slots[i] = (struct slot){ .seq = NONE };
    return r;
}

/* --- where the pieces are --- */

/* Before 0006 all pieces but the last were whole, and nothing was appended. */
static size_t old_index(struct arena *a, uint64_t size, const struct signing_piece_at **out)
{
    size_t n = (size_t)((size + SIGNING_PIECE - 1) / SIGNING_PIECE);
    struct signing_piece_at *index = ARENA_ARRAY(a, n, struct signing_piece_at);
    for (size_t i = 0; i < n; i++) {
        uint64_t at = (uint64_t)i * SIGNING_PIECE;
        uint64_t left = size - at;
        index[i] = (struct signing_piece_at){
            (uint32_t)i, (uint32_t)(left < SIGNING_PIECE ? left : SIGNING_PIECE), at
        };
    }
    *out = index;
    return n;
}

/* Gapless from 0 to `size`, and as many as the manifest says. What a row claims of itself is proven
 * when its piece is opened. */
static enum err read_index(struct tx *tx, const struct signing_document *d, struct arena *a,
                           const struct signing_piece_at **out)
{
    struct arena *before = tx_swap_arena(tx, a);
    struct signing_piece_at *index;
    struct q_document_piece_index *rows;
    uint64_t at = 0;
    size_t n = 0;
    enum err e = q_document_piece_index(tx, d->id, &rows, &n);

    (void)tx_swap_arena(tx, before);
    if (e != E_OK)
        return e;
    if (n != d->pieces)
        return FAIL(E_BACKEND, "document-damaged", "%zu pieces of %u", n, d->pieces);
    index = ARENA_ARRAY(a, n, struct signing_piece_at);
    for (size_t i = 0; i < n; i++) {
        if (rows[i].seq != i || rows[i].position != at || rows[i].size > SIGNING_PIECE)
            return damaged("is not where it was put", (uint32_t)i);
        index[i] = (struct signing_piece_at){ rows[i].seq, rows[i].size, rows[i].position };
        at += rows[i].size;
    }
    if (at != d->size)
        return FAIL(E_BACKEND, "document-damaged", "size differs");
    *out = index;
    return E_OK;
}

static enum err check_manifest(const struct signing_document *d, const struct secret *key,
                               struct arena *scratch)
{
    struct bytes32 mac;
    if (d->state == SIGNING_RECEIVING)
        return E_OK; /* not a document yet: its sender alone reads it */
    mac = signing_crypt_manifest(scratch, key, d);
    if (d->manifest.n != sizeof mac.b || CRYPTO_memcmp(d->manifest.p, mac.b, sizeof mac.b) != 0)
        return FAIL(E_BACKEND, "document-damaged", "the manifest does not fit");
    return E_OK;
}

/* --- pieces --- */

static enum err fetch_sealed(struct reader *r, uint32_t seq, struct bytes *out)
{
    struct arena *before = tx_swap_arena(r->tx, r->scratch);
    struct q_document_chunk_get old = { 0 };
    struct q_document_piece_get row = { 0 };
    enum err e = r->old ? q_document_chunk_get(r->tx, r->id, r->old_version, seq, &old)
                        : q_document_piece_get(r->tx, r->id, seq, &row);
    (void)tx_swap_arena(r->tx, before);
    *out = r->old ? old.sealed : row.sealed;
    return e == E_ABSENT ? damaged("is missing", seq) : e;
}

static struct bytes aad_of(struct reader *r, const struct signing_piece_at *at)
{
    if (!r->old)
        return signing_crypt_aad(r->scratch, r->public_id, at);
    return bytes_of_str(str_fmt(r->scratch, "shomei-document|%.*s|%u|%u|%llu",
                                STR_ARG(r->public_id), r->old_version, at->seq,
                                (unsigned long long)r->size));
}

static enum err open_piece(struct reader *r, const struct signing_piece_at *at, struct slot *s)
{
    struct bytes sealed = BYTES_ABSENT;
    enum err e;

    s->seq = NONE;
    if (s->arena == NULL)
        s->arena = arena_new(SLOT_ROOM);
    arena_reset(s->arena);
    arena_reset(r->scratch);
    e = fetch_sealed(r, at->seq, &sealed);
    if (e == E_OK)
        e = aead_open_arena(s->arena, r->key, aad_of(r, at), sealed, &s->plain);
    if (e == E_INPUT || (e == E_OK && s->plain.n != at->size))
        e = damaged("does not fit its place", at->seq);
    if (e == E_OK)
        s->seq = at->seq;
    return e;
}

/* The slot that holds the piece; the one that was not used for longest makes room. */
static enum err piece(struct reader *r, const struct signing_piece_at *at, const struct slot **out)
{
    struct slot *oldest = &r->slots[0];
    for (size_t i = 0; i < SLOTS; i++) {
        struct slot *s = &r->slots[i];
        if (s->seq == at->seq) {
            s->used = ++r->clock;
            *out = s;
            return E_OK;
        }
        if (s->used < oldest->used)
            oldest = s;
    }
    oldest->used = ++r->clock;
    *out = oldest;
    return open_piece(r, at, oldest);
}

/* The piece with that byte: all but tails are whole, so the guess is nearly always right. */
static size_t find_piece(const struct reader *r, uint64_t offset)
{
    size_t low = 0, high = r->n;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (r->index[middle].position <= offset)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static enum err read_source(void *arg, uint64_t offset, uint8_t *p, size_t n)
{
    struct reader *r = arg;
    const struct slot *s = NULL;

    if (offset > r->size || n > r->size - offset)
        return FAIL(E_INTERNAL, "", "read beyond the end of a document");
    for (size_t i = n ? find_piece(r, offset) : 0; n > 0; i++) {
        size_t from = (size_t)(offset - r->index[i].position), much;
        enum err e = piece(r, &r->index[i], &s);
        if (e != E_OK)
            return e;
        much = s->plain.n - from < n ? s->plain.n - from : n;
        memcpy(p, s->plain.p + from, much);
        p += much;
        offset += much;
        n -= much;
    }
    return E_OK;
}

static enum err open_reader(struct tx *tx, const struct signing_document *d, struct arena *a,
                            struct reader *r)
{
    r->public_id = str_dup(a, d->public_id);
    if (r->old) {
        r->n = old_index(a, d->size, &r->index);
        return E_OK;
    }
    r->n = d->pieces;
    enum err e = check_manifest(d, r->key, r->scratch);
    return e == E_OK ? read_index(tx, d, a, &r->index) : e;
}

/* From the deadline on nothing is read, whether the worker came by or not (P3-11). */
static enum err readable(const struct signing_document *d)
{
    if (d->state == SIGNING_DELETED || timestamp_cmp(clock_now(), d->delete_at) >= 0)
        return FAIL(E_STATE, "document-deleted", "erased");
    return E_OK;
}

enum err signing_document_readable(const struct signing_document *d)
{
    TRY(readable(d));
    if (d->state == SIGNING_RECEIVING)
        return FAIL(E_STATE, "upload-incomplete", "not all of it has come");
    return E_OK;
}

enum err signing_crypt_source(struct tx *tx, const struct signing_document *d, struct arena *a,
                              struct pdf_source *out)
{
    struct secret *key = NULL;
    struct reader *r;
    enum err e;

    TRY(readable(d));
    TRY(signing_crypt_key(d, &key));
    r = reader_new(tx, d, key);
    tx_at_end(tx, reader_free, r);
    e = open_reader(tx, d, a, r);
    *out = (struct pdf_source){ .size = d->size, .read = read_source, .arg = r };
    return e;
}

enum err signing_document_source(struct tx *tx, const struct signing_document *d, struct arena *a,
                                 struct pdf_source *out)
{
    TRY(signing_document_readable(d));
    return signing_crypt_source(tx, d, a, out);
}

enum err signing_document_bytes(struct tx *tx, const struct signing_document *d, struct buf *out)
{
    struct arena *a = arena_new(1 << 20);
    struct pdf_source source;
    uint8_t *room = NULL;
    enum err e = signing_document_source(tx, d, a, &source);

    if (e == E_OK) {
        room = buf_extend(out, (size_t)d->size);
        if (room == NULL)
            e = FAIL(E_LIMIT, "document-too-large", "no room for %llu bytes",
                     (unsigned long long)d->size);
    }
    if (e == E_OK && d->size > 0)
        e = pdf_source_read(&source, 0, room, (size_t)d->size);
    arena_free(a);
    return e;
}

/* --- sending: each piece in a transaction of its own, so that a slow reader holds none --- */

struct sending {
    struct reader *r;
    const struct signing_document *d;
    struct arena *index_arena;
    size_t i;
    struct slot *slot;
};

static enum err open_sending(struct tx *tx, void *arg)
{
    struct sending *s = arg;
    s->r->tx = tx;
    return open_reader(tx, s->d, s->index_arena, s->r);
}

static enum err next_piece(struct tx *tx, void *arg)
{
    struct sending *s = arg;
    s->r->tx = tx;
    return open_piece(s->r, &s->r->index[s->i], s->slot);
}

enum err signing_document_send(const struct signing_document *d,
                               enum err (*write)(void *arg, struct bytes piece), void *arg)
{
    struct signing_inside *in;
    struct secret *key = NULL;
    struct arena *own;
    struct sending s = { .d = d };
    enum err e;

    TRY(signing_inside_get(&in));
    TRY(signing_document_readable(d));
    TRY(signing_crypt_key(d, &key));
    own = arena_new(1 << 20);
    s.index_arena = arena_new(1 << 20);
    s.r = reader_new(NULL, d, key);
    s.slot = &s.r->slots[0];
    e = tx_run(in->side, own, open_sending, &s);
    for (; e == E_OK && s.i < s.r->n; s.i++) {
        arena_reset(own);
        e = tx_run(in->side, own, next_piece, &s);
        if (e == E_OK)
            e = write(arg, s.slot->plain);
    }
    reader_free(s.r);
    arena_free(s.index_arena);
    arena_free(own);
    return e;
}
