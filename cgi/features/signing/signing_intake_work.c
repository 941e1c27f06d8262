/*
 * signing_intake_work.c - a file that arrives inside one request, taken as it comes: up to one
 * piece in memory, more as encrypted pieces on the side connection, which are gone when the request
 * comes to nothing.
 */
#include "features/signing/signing_inside_work.h"

#include "base/log.h"
#include "sign/pdf_source.h"
#include "store/gen/signing.q.h"

/* What a process left behind that died in the middle. */
#define SPOOL_US HOUR_US
/* Quotas are looked at again after so many pieces: at the first one nobody knows how many follow.
 */
#define ROOM_PIECES 16

struct signing_intake {
    struct signing_owner owner;
    struct audit_by by;
    struct timestamp now;
    struct str filename;
    uint64_t limit, size;
    struct digest *digest; /* NULL: ended */
    struct bytes32 sum;
    struct buf memory; /* all of a small file; of a larger one what makes up the next piece */
    struct arena *arena, *scratch;
    struct secret *key;
    struct signing_document d; /* the spool */
    struct signing_piece_at at;
    bool spooled, kept;
    bool joined;                    /* the tail is behind it in memory */
    struct signing_document result; /* what signing made of it */
};

enum err signing_intake_new(const struct signing_owner *owner, struct str filename, uint64_t limit,
                            const struct audit_by *by, struct timestamp now,
                            struct signing_intake **out)
{
    struct signing_inside *inside;
    struct signing_intake *in;

    TRY(signing_inside_get(&inside));
    in = calloc(1, sizeof *in);
    if (in == NULL)
        abort();
    *in = (struct signing_intake){ .owner = *owner,
                                   .by = *by,
                                   .now = now,
                                   .limit = limit < inside->upload_max ? limit : inside->upload_max,
                                   .digest = digest_new(DIGEST_SHA256),
                                   .memory = buf_init(SIGNING_PIECE + SIGNING_TAIL_MAX),
                                   .arena = arena_new(1 << 20) };
    in->filename = str_dup(in->arena, filename);
    *out = in;
    return E_OK;
}

/* What a client's contract admits is looked up only for what is large. */
static enum err contract_room(struct tx *tx, struct signing_intake *in)
{
    struct signing_client client;
    if (in->owner.client.v == 0)
        return E_OK;
    TRY(signing_client_get(tx, in->owner.client, &client));
    if (client.max_bytes < in->limit)
        in->limit = client.max_bytes;
    return in->size <= in->limit ? E_OK
                                 : FAIL(E_LIMIT, "document-too-large", "over %llu bytes",
                                        (unsigned long long)in->limit);
}

static enum err begin_spool(struct tx *tx, void *arg)
{
    struct signing_intake *in = arg;
    struct signing_new_document n = { in->owner, in->filename, BYTES_ABSENT, 0, in->now };

    TRY(contract_room(tx, in));
    TRY(signing_arrive_room(tx, &in->owner, in->size));
    secret_free(in->key); /* of a try before */
    in->key = NULL;
    TRY(signing_crypt_begin(in->arena, &n, &in->d, &in->key));
    in->d.state = SIGNING_RECEIVING;
    in->d.delete_at = timestamp_add(in->now, SPOOL_US);
    TRY(signing_crypt_add(tx, &in->owner, &in->d));
    return signing_arrive_audit(tx, &in->by, "signing.document.announce", in->d.public_id);
}

static enum err add_piece(struct tx *tx, void *arg)
{
    struct signing_intake *in = arg;
    struct signing_piece_at at = in->at;
    uint64_t changed;

    TRY(q_document_received(tx, in->d.id, at.position, in->memory.n, 1, &changed));
    if (changed != 1)
        return FAIL(E_STATE, "document-deleted", "erased while it came");
    if (in->d.pieces % ROOM_PIECES == ROOM_PIECES - 1)
        TRY(signing_arrive_room(tx, &in->owner, 0)); /* it is counted already */
    TRY(signing_crypt_write(tx, in->d.id, in->d.public_id, in->key, &at, buf_bytes(&in->memory)));
    in->at = at;
    return E_OK;
}

/* On the side connection, each piece by itself: no transaction lasts as long as a slow sender. */
static enum err flush(struct signing_intake *in)
{
    struct signing_inside *inside;
    struct signing_piece_at before = in->at;
    enum err e = E_OK;

    TRY(signing_inside_get(&inside));
    if (in->scratch == NULL)
        in->scratch = arena_new(1 << 20);
    arena_reset(in->scratch);
    if (!in->spooled)
        e = tx_run(inside->side, in->scratch, begin_spool, in);
    in->spooled |= e == E_OK;
    if (e == E_OK)
        e = tx_run(inside->side, in->scratch, add_piece, in);
    if (e != E_OK) {
        in->at = before;
        return e;
    }
    in->d.size += in->memory.n;
    in->d.pieces++;
    buf_reset(&in->memory);
    return E_OK;
}

enum err signing_intake_add(struct signing_intake *in, struct bytes data)
{
    in->size += data.n;
    if (in->size > in->limit)
        return FAIL(E_LIMIT, "document-too-large", "over %llu bytes",
                    (unsigned long long)in->limit);
    digest_add(in->digest, data.p, data.n);
    while (data.n > 0) {
        size_t room = SIGNING_PIECE - in->memory.n, n = data.n < room ? data.n : room;
        if (room == 0) {
            TRY(flush(in));
            continue;
        }
        buf_add(&in->memory, data.p, n);
        data = (struct bytes){ data.p + n, data.n - n };
    }
    return buf_ok(&in->memory) ? E_OK : FAIL(E_BUSY, "memory", "no memory for a piece");
}

enum err signing_intake_end(struct signing_intake *in)
{
    uint8_t sum[64];

    (void)digest_end(in->digest, sum);
    in->digest = NULL;
    memcpy(in->sum.b, sum, sizeof in->sum.b);
    return in->spooled && in->memory.n > 0 ? flush(in) : E_OK;
}

static enum err drop_spool(struct tx *tx, void *arg)
{
    struct signing_intake *in = arg;
    struct timestamp now = clock_now();
    uint64_t changed;

    TRY(q_document_erase(tx, in->d.id, STR("not-kept"), now, TIMESTAMP_NONE, &changed));
    TRY(q_document_piece_drop(tx, in->d.id, &changed));
    return signing_arrive_audit(tx, &in->by, "signing.document.erase", in->d.public_id);
}

void signing_intake_free(struct signing_intake *in)
{
    struct signing_inside *inside = NULL;
    struct fault was = *fault_current();

    if (in == NULL)
        return;
    if (in->spooled && !in->kept && signing_inside_get(&inside) == E_OK &&
        tx_run(inside->side, in->scratch, drop_spool, in) != E_OK)
        log_fault("what nobody kept goes within the hour");
    if (was.err != E_OK)
        (void)fault_record(was.err, was.reason, was.file, was.line, "%s", was.detail);
    digest_free(in->digest);
    buf_free(&in->memory);
    secret_free(in->key);
    arena_free(in->scratch);
    arena_free(in->arena);
    free(in);
}

uint64_t signing_intake_size(const struct signing_intake *in)
{
    return in->size;
}

struct bytes32 signing_intake_digest(const struct signing_intake *in)
{
    return in->sum;
}

struct str signing_intake_filename(const struct signing_intake *in)
{
    return in->filename;
}

enum err signing_intake_source(struct tx *tx, struct signing_intake *in, struct arena *a,
                               struct pdf_source *out)
{
    if (in->spooled)
        return signing_crypt_source(tx, &in->d, a, out);
    buf_cut(&in->memory, (size_t)in->size); /* a try before may have put a tail behind it */
    in->joined = false;
    *out = pdf_source_memory(buf_bytes(&in->memory));
    return E_OK;
}

bool signing_intake_spooled(const struct signing_intake *in)
{
    return in->spooled;
}

struct bytes signing_intake_join(struct signing_intake *in, struct bytes tail)
{
    buf_add_bytes(&in->memory, tail);
    in->joined = buf_ok(&in->memory);
    return buf_bytes(&in->memory);
}

void signing_intake_result(struct signing_intake *in, const struct signing_document *d)
{
    in->result = *d;
}

uint64_t signing_intake_result_size(const struct signing_intake *in)
{
    return in->result.size;
}

enum err signing_intake_send(const struct signing_intake *in,
                             enum err (*write)(void *arg, struct bytes piece), void *arg)
{
    if (in->joined)
        return write(arg, buf_bytes(&in->memory));
    return signing_document_send(&in->result, write, arg);
}

/* Kept as soon as the transaction is: until then its end is the spool's end. */
static void keep(void *arg)
{
    struct signing_intake *in = arg;
    in->kept = true;
}

enum err signing_intake_keep(struct tx *tx, struct signing_intake *in, struct signing_document *out)
{
    struct signing_new_document n = { in->owner, in->filename, buf_bytes(&in->memory), 0, in->now };

    if (!in->spooled)
        return signing_crypt_new(tx, &n, out);
    TRY(signing_arrive_seal(tx, &in->d, &in->sum, out));
    out->public_id = str_dup(tx_arena(tx), out->public_id); /* it outlives what it came from */
    out->filename = str_dup(tx_arena(tx), out->filename);
    out->wrapped_key = bytes_dup(tx_arena(tx), out->wrapped_key);
    tx_after_commit(tx, keep, in);
    return E_OK;
}

enum err signing_intake_store(struct tx *tx, struct signing_intake *in,
                              struct signing_document *out)
{
    struct pdf_source source;

    TRY(signing_arrive_room(tx, &in->owner, in->spooled ? 0 : in->size));
    TRY(signing_intake_source(tx, in, tx_arena(tx), &source));
    TRY(signing_arrive_check(&source, in->now));
    TRY(signing_intake_keep(tx, in, out));
    return signing_arrive_audit(tx, &in->by, "signing.document.upload", out->public_id);
}
