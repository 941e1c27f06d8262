/* signing_batch_seal_work.c - see signing_batch_seal_work.h. */
#include "features/signing/signing_batch_seal_work.h"

#include "base/crypto.h"
#include "sign/pdf_seal.h"

#define OPTIONS_MAX (4u << 20)
#define SEALS_MAX 200

/* --- a plain sequence of numbers and byte strings, each with its length --- */

static void put_u64(struct buf *b, uint64_t v)
{
    buf_add(b, &v, sizeof v);
}

static void put_bytes(struct buf *b, const void *p, size_t n)
{
    put_u64(b, p ? n : UINT64_MAX);
    if (p)
        buf_add(b, p, n);
}

static void put_str(struct buf *b, struct str s)
{
    put_bytes(b, s.p, s.n);
}

struct reader {
    struct bytes in;
    size_t at;
    bool bad;
};

static uint64_t get_u64(struct reader *r)
{
    uint64_t v = 0;
    if (r->bad || r->in.n - r->at < sizeof v) {
        r->bad = true;
        return 0;
    }
    memcpy(&v, r->in.p + r->at, sizeof v);
    r->at += sizeof v;
    return v;
}

static struct bytes get_bytes(struct reader *r)
{
    uint64_t n = get_u64(r);
    if (r->bad || n == UINT64_MAX)
        return BYTES_ABSENT;
    if (n > r->in.n - r->at) {
        r->bad = true;
        return BYTES_ABSENT;
    }
    struct bytes b = { r->in.p + r->at, (size_t)n };
    r->at += (size_t)n;
    return b;
}

static struct str get_str(struct reader *r, struct arena *a)
{
    struct bytes b = get_bytes(r);
    return b.p ? str_of(a, (const char *)b.p, b.n) : STR_ABSENT;
}

/* --- options --- */

static void put_look(struct buf *b, const struct pdf_look *l)
{
    put_u64(b, (uint64_t)l->kind);
    put_bytes(b, l->image.p, l->image.n);
    put_str(b, l->text);
    put_str(b, l->name);
    put_str(b, l->reason);
    put_str(b, l->date);
}

/* The same look as the place before it is not written again: pictures are large. */
static void put_seals(struct buf *b, const struct signing_request *rq)
{
    put_u64(b, rq->seals_n);
    for (size_t i = 0; i < rq->seals_n; i++) {
        const struct pdf_seal_place *s = &rq->seals[i];
        const double at[] = { s->x, s->y, s->width, s->height };
        bool same = i > 0 && s->look == rq->seals[i - 1].look;
        put_u64(b, s->page);
        buf_add(b, at, sizeof at);
        put_u64(b, same);
        if (!same)
            put_look(b, s->look);
    }
}

static void put_options(struct buf *b, const struct signing_request *rq)
{
    put_u64(b, (uint64_t)rq->level);
    put_u64(b, (uint64_t)rq->certify);
    put_u64(b, rq->lock);
    put_str(b, rq->reason);
    put_str(b, rq->location);
    put_str(b, rq->contact);
    put_str(b, rq->field);
    put_str(b, rq->assertion.method);
    put_u64(b, rq->assertion.level);
    put_u64(b, (uint64_t)rq->assertion.at.us);
    put_seals(b, rq);
}

static struct pdf_look *get_look(struct reader *r, struct arena *a)
{
    struct pdf_look *l = ARENA_NEW(a, struct pdf_look);
    l->kind = (enum pdf_seal_kind)get_u64(r);
    l->image = get_bytes(r);
    l->text = get_str(r, a);
    l->name = get_str(r, a);
    l->reason = get_str(r, a);
    l->date = get_str(r, a);
    return l;
}

static void get_seals(struct reader *r, struct arena *a, struct signing_request *rq)
{
    uint64_t n = get_u64(r);
    const struct pdf_look *look = NULL;

    if (n > SEALS_MAX)
        r->bad = true;
    struct pdf_seal_place *places = ARENA_ARRAY(a, r->bad ? 1 : n + 1, struct pdf_seal_place);
    for (uint64_t i = 0; i < n && !r->bad; i++) {
        double at[4];
        places[i].page = (unsigned)get_u64(r);
        if (r->in.n - r->at < sizeof at) {
            r->bad = true;
            break;
        }
        memcpy(at, r->in.p + r->at, sizeof at);
        r->at += sizeof at;
        if (get_u64(r) == 0)
            look = get_look(r, a);
        places[i].x = at[0];
        places[i].y = at[1];
        places[i].width = at[2];
        places[i].height = at[3];
        places[i].look = look;
    }
    rq->seals = places;
    rq->seals_n = (size_t)n;
}

static enum err get_options(struct bytes in, struct arena *a, struct signing_request *rq)
{
    struct reader r = { .in = in };

    rq->level = (enum signing_level)get_u64(&r);
    rq->certify = (int)get_u64(&r);
    rq->lock = get_u64(&r) != 0;
    rq->reason = get_str(&r, a);
    rq->location = get_str(&r, a);
    rq->contact = get_str(&r, a);
    rq->field = get_str(&r, a);
    rq->assertion.method = get_str(&r, a);
    rq->assertion.level = (uint32_t)get_u64(&r);
    rq->assertion.at = (struct timestamp){ (int64_t)get_u64(&r) };
    get_seals(&r, a, rq);
    return r.bad ? FAIL(E_INTERNAL, "", "options of a batch") : E_OK;
}

/* --- sealing: two parts, so that what is secret never lies beside pictures in ordinary memory ---
 */

static struct secret *key_of(struct arena *a, struct str token, struct str batch)
{
    return hkdf_sha256(bytes_of_str(token), str_fmt(a, "shomei-batch|%.*s", STR_ARG(batch)), 32);
}

static struct bytes context(struct arena *a, const struct signing_batch_binding *b,
                            const char *part)
{
    struct buf text = buf_init(4096);
    struct bytes out;

    put_str(&text, str_z(part));
    put_str(&text, b->batch);
    put_str(&text, b->credential);
    put_u64(&text, b->owner.tenant.v);
    put_u64(&text, b->owner.account.v);
    put_u64(&text, (uint64_t)b->expires.us);
    put_bytes(&text, b->list.b, sizeof b->list.b);
    out = bytes_dup(a, buf_bytes(&text));
    buf_free(&text);
    return out;
}

static enum err seal_parts(struct arena *a, const struct secret *key,
                           const struct signing_batch_binding *binding, struct bytes secrets,
                           struct bytes options, struct bytes *sealed)
{
    struct bytes first, second;
    struct buf whole = buf_init(2 * OPTIONS_MAX);
    enum err e = aead_seal(a, key, context(a, binding, "key"), secrets, &first);

    if (e == E_OK)
        e = aead_seal(a, key, context(a, binding, "options"), options, &second);
    if (e == E_OK) {
        put_bytes(&whole, first.p, first.n);
        put_bytes(&whole, second.p, second.n);
        e = buf_to_bytes(&whole, a, sealed);
    }
    buf_free(&whole);
    return e;
}

enum err signing_batch_seal(struct arena *a, struct str token,
                            const struct signing_batch_binding *binding,
                            const struct signing_request *rq, const struct secret *wrapped,
                            struct bytes *sealed)
{
    struct secret *key = key_of(a, token, binding->batch);
    struct buf secrets = buf_init(8192), options = buf_init(OPTIONS_MAX);
    struct bytes w = secret_bytes(wrapped);
    enum err e;

    put_bytes(&secrets, w.p, w.n);
    put_bytes(&secrets, rq->password ? secret_bytes(rq->password).p : NULL,
              rq->password ? secret_size(rq->password) : 0);
    put_options(&options, rq);
    if (!buf_ok(&secrets) || !buf_ok(&options))
        e = FAIL(E_LIMIT, "batch-options", "more than %u bytes", OPTIONS_MAX);
    else
        e = seal_parts(a, key, binding, buf_bytes(&secrets), buf_bytes(&options), sealed);
    buf_free(&secrets); /* wipes */
    buf_free(&options);
    secret_free(key);
    return e;
}

static enum err open_secrets(const struct secret *plain, struct signing_batch_unsealed *out)
{
    struct reader r = { .in = secret_bytes(plain) };
    struct bytes wrapped = get_bytes(&r), password = get_bytes(&r);

    if (r.bad || wrapped.p == NULL)
        return FAIL(E_INTERNAL, "", "key of a batch");
    out->wrapped = secret_from(wrapped.p, wrapped.n);
    if (password.p)
        out->password = secret_from(password.p, password.n);
    return E_OK;
}

enum err signing_batch_unseal(struct arena *a, struct str token,
                              const struct signing_batch_binding *binding, struct bytes sealed,
                              struct signing_batch_unsealed *out)
{
    struct reader r = { .in = sealed };
    struct bytes first = get_bytes(&r), second = get_bytes(&r), options = BYTES_ABSENT;
    struct secret *key = key_of(a, token, binding->batch), *plain = NULL;
    enum err e = E_INPUT;

    *out = (struct signing_batch_unsealed){ .wrapped = NULL };
    if (!r.bad && first.p && second.p)
        e = aead_open(key, context(a, binding, "key"), first, &plain);
    if (e == E_OK)
        e = aead_open_arena(a, key, context(a, binding, "options"), second, &options);
    if (e == E_INPUT)
        e = FAIL(E_AUTH, "batch-token", "another token, or something was changed");
    if (e == E_OK)
        e = get_options(options, a, &out->rq);
    if (e == E_OK)
        e = open_secrets(plain, out);
    if (e == E_OK)
        out->rq.password = out->password;
    secret_free(plain);
    secret_free(key);
    return e;
}

void signing_batch_unsealed_free(struct signing_batch_unsealed *u)
{
    secret_free(u->wrapped);
    secret_free(u->password);
    *u = (struct signing_batch_unsealed){ .wrapped = NULL };
}
