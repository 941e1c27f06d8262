/* pdf_range.c - see pdf_range.h. */
#include "sign/pdf_range.h"

static int hex_value(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* "<hex digits>" and nothing else between the ranges; what they decode to. */
static enum err read_gap(const struct pdf_source *s, struct pdf_range *r, struct arena *a)
{
    uint64_t n = r->resume - r->gap;

    if (n < 4 || n % 2 || n > 2 * PDF_RANGE_CONTENTS_MAX)
        return FAIL(E_INPUT, "byte-range-gap", "ISO 32000-2 12.8.1: %llu bytes left out",
                    (unsigned long long)n);
    uint8_t *gap = arena_alloc(a, (size_t)n);
    enum err rc = pdf_source_read(s, r->gap, gap, (size_t)n);
    if (rc != E_OK)
        return rc;
    if (gap[0] != '<' || gap[n - 1] != '>')
        return FAIL(E_INPUT, "byte-range-gap", "ISO 32000-2 12.8.1: no hexadecimal string");
    for (size_t i = 1; i + 2 < n; i += 2) {
        int high = hex_value(gap[i]), low = hex_value(gap[i + 1]);
        if (high < 0 || low < 0)
            return FAIL(E_INPUT, "byte-range-gap", "not a hexadecimal digit at %zu of it", i);
        gap[i / 2] = (uint8_t)(high << 4 | low);
    }
    r->contents = (struct bytes){ gap, (size_t)n / 2 - 1 };
    return E_OK;
}

/* The second range ends behind %%EOF, with or without an end-of-line (7.5.5). */
static enum err ends_revision(const struct pdf_source *s, uint64_t end)
{
    uint8_t last[7];
    size_t n = end < sizeof last ? (size_t)end : sizeof last, eols = 0;
    enum err rc = pdf_source_read(s, end - n, last, n);

    if (rc != E_OK)
        return rc;
    while (n > 0 && eols < 2 && (last[n - 1] == '\n' || last[n - 1] == '\r')) {
        n--;
        eols++;
    }
    if (n < 5 || memcmp(last + n - 5, "%%EOF", 5) != 0)
        return FAIL(E_INPUT, "byte-range-end", "byte %llu is no end of a revision",
                    (unsigned long long)end);
    return E_OK;
}

/*
 * The value of a signature is not encrypted (7.6.2), but qpdf decrypts it unless /Type says /Sig,
 * which that of a document time-stamp does not. In the field itself, or an object of its own.
 */
static bool is_raw(struct pdf_read *d, struct pdf_read_ref signature, struct bytes contents)
{
    struct pdf_read_ref r = { pdf_objects_raw(d->qpdf, signature.id, signature.gen), 0, 0 };
    struct pdf_read_ref v = pdf_read_get(d, r, "/V");

    return pdf_read_string_is(d, pdf_read_get(d, r, "/Contents"), contents) ||
           pdf_read_string_is(d, pdf_read_get(d, v, "/Contents"), contents);
}

enum err pdf_range_read(struct pdf_read *d, struct pdf_read_ref signature, struct arena *a,
                        struct pdf_range *out)
{
    struct pdf_read_ref list = pdf_read_get(d, signature, "/ByteRange");
    int64_t v[4], n = (int64_t)d->source.size;
    enum err rc;

    *out = (struct pdf_range){ 0 };
    if (pdf_read_length(d, list) != 4 || pdf_objects_is_indirect(d->qpdf, list.oh))
        return FAIL(E_INPUT, "byte-range-malformed", "ISO 32000-2 12.8.1: not four numbers");
    for (int i = 0; i < 4; i++) {
        struct pdf_read_ref one = pdf_read_item(d, list, i);
        v[i] = pdf_objects_is_indirect(d->qpdf, one.oh) ? -1 : pdf_read_int(d, one, -1);
    }
    if (v[0] != 0 || v[1] <= 0 || v[2] <= v[1] || v[3] <= 0 || v[2] >= n || v[3] > n - v[2])
        return FAIL(E_INPUT, "byte-range-malformed", "[%lld %lld %lld %lld] of %lld",
                    (long long)v[0], (long long)v[1], (long long)v[2], (long long)v[3],
                    (long long)n);
    *out = (struct pdf_range){ .gap = (uint64_t)v[1],
                               .resume = (uint64_t)v[2],
                               .end = (uint64_t)(v[2] + v[3]) };
    if ((rc = read_gap(&d->source, out, a)) != E_OK)
        return rc;
    /* the string left out must be this dictionary's /Contents, not another one */
    struct pdf_read_ref contents = pdf_read_get(d, signature, "/Contents");
    if (pdf_objects_is_indirect(d->qpdf, contents.oh) ||
        (!pdf_read_string_is(d, contents, out->contents) &&
         !(d->encrypted && is_raw(d, signature, out->contents))))
        return FAIL(E_INPUT, "byte-range-gap", "ISO 32000-2 12.8.1: not /Contents is left out");
    return ends_revision(&d->source, out->end);
}

enum err pdf_range_digest(const struct pdf_source *s, const struct pdf_range *r, const EVP_MD *md,
                          struct arena *a, struct bytes *out)
{
    uint8_t *value = arena_alloc(a, EVP_MAX_MD_SIZE);
    unsigned n = 0;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    enum err rc = FAIL(E_INTERNAL, "", "EVP_Digest");

    if (ctx && EVP_DigestInit_ex(ctx, md, NULL))
        rc = pdf_source_hash(s, 0, r->gap, &ctx, 1);
    if (rc == E_OK)
        rc = pdf_source_hash(s, r->resume, r->end, &ctx, 1);
    if (rc == E_OK && !EVP_DigestFinal_ex(ctx, value, &n))
        rc = FAIL(E_INTERNAL, "", "EVP_Digest");
    EVP_MD_CTX_free(ctx);
    *out = (struct bytes){ value, n };
    return rc;
}
