/*
 * signing_seal_work.c - seals at rest: a picture is decoded and written again by us, then encrypted
 * under a key of its own that the HSM wraps; the additional data names seal, owner and size, so
 * that nobody's mark can be put in another's place.
 */
#include "features/signing/signing_inside_work.h"

#include "base/crypto.h"
#include "base/random.h"
#include "sign/pdf_image.h"
#include "sign/pdf_seal.h"
#include "store/gen/signing.q.h"

#define SIDE 1024u          /* pixels that are kept: 18 mm at 1400 dots to the inch */
#define KEEP (1024u * 1024) /* bytes */
#define PNG_ROOM (16u << 20)

static struct pdf_look look_of(enum signing_seal_kind kind, struct bytes image, struct str text)
{
    static const enum pdf_seal_kind kinds[] = { PDF_SEAL_IMAGE, PDF_SEAL_ROUND, PDF_SEAL_SQUARE };
    return (struct pdf_look){ .kind = kinds[(unsigned)kind % 3], .image = image, .text = text };
}

/* Smaller until it has room: paper of a photograph makes large PNGs. */
static enum err as_png(const struct pdf_image *m, struct buf *out)
{
    static const unsigned sides[] = { SIDE, SIDE * 3 / 4, SIDE / 2 };
    enum err e = E_OK;

    for (size_t i = 0; i < sizeof sides / sizeof *sides; i++) {
        struct pdf_image small;
        buf_reset(out);
        e = pdf_image_shrink(m, sides[i], &small);
        if (e == E_OK)
            e = pdf_image_png(&small, out);
        pdf_image_free(&small);
        if (e != E_OK || out->n <= KEEP)
            return e;
    }
    return FAIL(E_LIMIT, "seal-image-bytes", "%zu bytes as PNG", out->n);
}

static enum err clean_image(const struct signing_seal_new *s, struct buf *out)
{
    struct pdf_image m;
    enum err e = pdf_image_decode(s->image, &m);

    if (e != E_OK)
        goto out;
    if (s->clear_paper)
        pdf_image_clear_paper(&m);
    if (m.photo && m.width <= SIDE && m.height <= SIDE)
        e = pdf_image_jpeg(s->image, out);
    if (e == E_INPUT) { /* coefficients that no JPEG can hold: its pixels then */
        fault_clear();
        e = E_OK;
        buf_reset(out);
    }
    if (e == E_OK && (out->n == 0 || out->n > KEEP))
        e = as_png(&m, out);
out:
    pdf_image_free(&m);
    return e;
}

/* What is kept of a new seal: the characters, or the picture as we wrote it. */
static enum err contents(const struct signing_seal_new *s, struct buf *out)
{
    struct pdf_look look;
    enum err e = E_OK;

    if (s->kind == SIGNING_SEAL_IMAGE)
        e = clean_image(s, out);
    else
        buf_add_str(out, s->text);
    look = look_of(s->kind, buf_bytes(out), s->text);
    return e == E_OK ? pdf_seal_check(&look) : e;
}

static struct bytes seal_aad(struct arena *a, struct signing_owner owner, struct str public_id,
                             struct str kind, size_t size)
{
    return bytes_of_str(str_fmt(a, "shomei-seal|%.*s|%llu|%llu|%.*s|%zu", STR_ARG(public_id),
                                (unsigned long long)owner.tenant.v,
                                (unsigned long long)owner.account.v, STR_ARG(kind), size));
}

static enum err keep(struct tx *tx, struct signing_owner owner, const struct signing_seal_new *s,
                     struct bytes data, bool main, struct timestamp now, struct str *public_id)
{
    struct arena *a = tx_arena(tx);
    struct str kind = str_z(signing_seal_kind_name(s->kind));
    struct signing_inside *in;
    struct secret *key;
    struct bytes wrapped, sealed;
    enum err e;

    TRY(signing_inside_hsm(&in));
    *public_id = random_token(a, 16);
    key = secret_random(32);
    e = hsm_wrap_data_key(in->hsm, a, key, &wrapped);
    if (e == E_OK)
        e = aead_seal(a, key, seal_aad(a, owner, *public_id, kind, data.n), data, &sealed);
    secret_free(key);
    if (e == E_OK)
        e = q_seal_add(tx, *public_id, owner.tenant, owner.account, s->label, kind, main,
                       (uint32_t)data.n, wrapped, sealed, now);
    return e;
}

enum err signing_seal_store(struct tx *tx, struct signing_owner owner,
                            const struct signing_seal_new *seal, const struct audit_by *by,
                            struct timestamp now, struct str *public_id)
{
    struct q_seal_count held;
    struct buf data = buf_init(PNG_ROOM);
    enum err e;

    TRY(q_seal_count(tx, owner.tenant, owner.account, &held));
    if (held.n >= SIGNING_SEALS_MAX)
        return FAIL(E_LIMIT, "seals-too-many", "%llu", (unsigned long long)held.n);
    e = contents(seal, &data);
    if (e == E_OK)
        e = keep(tx, owner, seal, buf_bytes(&data), held.n == 0, now, public_id);
    buf_free(&data);
    if (e != E_OK)
        return e;
    struct audit_entry entry = {
        .by = *by, .action = "signing.seal.store", .object_kind = "seal", .object = *public_id
    };
    return audit_write(tx, &entry);
}

/* What it shows, decrypted, in the transaction's arena. API clients use their organisation's. */
static enum err open_seal(struct tx *tx, struct signing_owner owner, struct str public_id,
                          struct pdf_look *out)
{
    struct arena *a = tx_arena(tx);
    struct q_seal_contents row;
    struct signing_inside *in;
    struct secret *key = NULL;
    struct bytes plain;
    enum err e = q_seal_contents(tx, owner.tenant, owner.account, public_id, &row);

    if (e == E_ABSENT)
        return FAIL(E_ABSENT, "seal-unknown", "not one of the owner's seals");
    TRY(e);
    TRY(signing_inside_hsm(&in));
    TRY(hsm_unwrap_data_key(in->hsm, row.wrapped_key, &key));
    e = aead_open_arena(a, key, seal_aad(a, owner, public_id, row.kind, row.size), row.sealed,
                        &plain);
    secret_free(key);
    if (e == E_INPUT)
        return FAIL(E_BACKEND, "seal-damaged", "the contents do not fit their key");
    TRY(e);
    if (str_eq_z(row.kind, "image"))
        *out = look_of(SIGNING_SEAL_IMAGE, plain, STR_ABSENT);
    else
        *out = look_of(str_eq_z(row.kind, "round") ? SIGNING_SEAL_ROUND : SIGNING_SEAL_SQUARE,
                       BYTES_ABSENT, str_of(a, (const char *)plain.p, plain.n));
    return E_OK;
}

enum err signing_seal_look(struct tx *tx, struct signing_owner owner, struct str public_id,
                           const struct signing_seal_captions *captions, struct pdf_look *out)
{
    *out = (struct pdf_look){ .kind = PDF_SEAL_TEXT };
    if (!str_absent(public_id))
        TRY(open_seal(tx, owner, public_id, out));
    if (captions != NULL) {
        out->name = captions->name;
        out->reason = captions->reason;
        out->date = captions->date;
    }
    return E_OK;
}

enum err signing_seal_picture(struct tx *tx, struct signing_owner owner, struct str public_id,
                              unsigned side, struct buf *png)
{
    struct pdf_look look;
    TRY(open_seal(tx, owner, public_id, &look));
    return pdf_seal_preview(&look, side, png);
}

enum err signing_seal_try(const struct signing_seal_new *seal, unsigned side, struct buf *png)
{
    struct buf data = buf_init(PNG_ROOM);
    enum err e = contents(seal, &data);
    struct pdf_look look = look_of(seal->kind, buf_bytes(&data), seal->text);

    if (e == E_OK)
        e = pdf_seal_preview(&look, side, png);
    buf_free(&data);
    return e;
}
