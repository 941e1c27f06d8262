/* pdf_source.c - see pdf_source.h. */
#include "sign/pdf_source.h"

#define CHUNK ((size_t)64 << 10)

struct joined {
    struct pdf_source base;
    struct bytes tail;
};

struct pdf_source pdf_source_memory(struct bytes file)
{
    static const uint8_t none;
    if (!file.p)
        file = (struct bytes){ &none, 0 };
    return (struct pdf_source){ .size = file.n, .memory = file };
}

static enum err read_joined(void *arg, uint64_t offset, uint8_t *p, size_t n)
{
    const struct joined *j = arg;
    size_t first = 0;

    if (offset < j->base.size) {
        uint64_t left = j->base.size - offset;
        first = left < n ? (size_t)left : n;
        enum err rc = pdf_source_read(&j->base, offset, p, first);
        if (rc != E_OK || first == n)
            return rc;
    }
    memcpy(p + first, j->tail.p + (offset + first - j->base.size), n - first);
    return E_OK;
}

struct pdf_source pdf_source_joined(struct arena *a, const struct pdf_source *base,
                                    struct bytes tail)
{
    struct joined *j = ARENA_NEW(a, struct joined);
    *j = (struct joined){ *base, tail };
    return (struct pdf_source){ .size = base->size + tail.n, .read = read_joined, .arg = j };
}

struct pdf_source pdf_source_cut(const struct pdf_source *s, uint64_t size)
{
    struct pdf_source cut = *s;
    if (size < cut.size)
        cut.size = size;
    if (cut.memory.p && cut.size < cut.memory.n)
        cut.memory.n = (size_t)cut.size;
    return cut;
}

enum err pdf_source_read(const struct pdf_source *s, uint64_t offset, uint8_t *p, size_t n)
{
    if (offset > s->size || n > s->size - offset)
        return FAIL(E_INPUT, "pdf-truncated", "%zu bytes at %llu of %llu", n,
                    (unsigned long long)offset, (unsigned long long)s->size);
    if (n == 0)
        return E_OK;
    if (!s->memory.p)
        return s->read(s->arg, offset, p, n);
    memcpy(p, s->memory.p + offset, n);
    return E_OK;
}

static enum err feed(EVP_MD_CTX *const *ctx, size_t ctx_n, const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < ctx_n; i++) {
        if (ctx[i] && !EVP_DigestUpdate(ctx[i], p, n))
            return FAIL(E_INTERNAL, "", "EVP_DigestUpdate");
    }
    return E_OK;
}

enum err pdf_source_hash(const struct pdf_source *s, uint64_t from, uint64_t to,
                         EVP_MD_CTX *const *ctx, size_t n)
{
    uint8_t chunk[CHUNK];
    enum err rc = E_OK;

    if (from > to || to > s->size)
        return FAIL(E_INPUT, "pdf-truncated", "range beyond the end");
    while (rc == E_OK && from < to) {
        size_t step = to - from < CHUNK ? (size_t)(to - from) : CHUNK;
        const uint8_t *p = s->memory.p ? s->memory.p + from : chunk;
        if (!s->memory.p)
            rc = pdf_source_read(s, from, chunk, step);
        if (rc == E_OK)
            rc = feed(ctx, n, p, step);
        from += step;
    }
    return rc;
}

enum err pdf_source_sha256(const struct pdf_source *s, struct bytes32 *out)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    enum err rc = FAIL(E_INTERNAL, "", "EVP_Digest");

    if (ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL))
        rc = pdf_source_hash(s, 0, s->size, &ctx, 1);
    if (rc == E_OK && !EVP_DigestFinal_ex(ctx, out->b, NULL))
        rc = FAIL(E_INTERNAL, "", "EVP_Digest");
    EVP_MD_CTX_free(ctx);
    return rc;
}
