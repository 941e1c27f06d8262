/*
 * fuzz_pdf_sign.c - any file is either refused with a reason or becomes a file that can be read
 * again and in which our signature covers everything but its own value: as an approval, a
 * certification, with locks and seals, as a preview. It is extended likewise or refused.
 */
#include "pdf_kit.h"

#include "sign/pdf_extend.h"
#include "sign/pdf_field.h"
#include "sign/pdf_range.h"
#include "sign/pdf_seal.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* No key: what is fuzzed is the file, not the arithmetic. */
static enum err constant(void *arg, struct bytes digest, struct arena *a, struct bytes *signature)
{
    static const uint8_t value[64] = { 0x30, 62 };
    (void)arg;
    (void)digest;
    (void)a;
    *signature = (struct bytes){ value, sizeof value };
    return E_OK;
}

static void must(bool good)
{
    if (!good)
        abort();
}

static void check(struct bytes file, struct str field, struct arena *a)
{
    struct pdf_read d;
    struct pdf_form_field *fields;
    struct pdf_range range;
    size_t n, found = 0;

    must(kit_open(file, &d) == E_OK);
    must(pdf_form_signatures(&d, a, &fields, &n) == E_OK);
    for (size_t i = 0; i < n; i++) {
        if (!str_eq(fields[i].name, field))
            continue;
        must(fields[i].filled);
        must(pdf_range_read(&d, fields[i].value, a, &range) == E_OK);
        must(range.end == file.n);
        found++;
    }
    must(found == 1);
    pdf_read_close(&d);
}

/* Options by the input itself, so that a crash can be repeated. */
static unsigned choice_of(const uint8_t *data, size_t size)
{
    unsigned sum = (unsigned)size;
    for (size_t i = 0; i < size; i += 7)
        sum = sum * 31 + data[i];
    return sum;
}

static void choose(struct pdf_sign_params *p, unsigned choice)
{
    static const struct pdf_look look = { .kind = PDF_SEAL_SQUARE, .text = { "A1", 2 } };
    static const struct pdf_seal_place places[] = { { 1, 5, 5, 30, 30, &look },
                                                    { 2, 5, 5, 30, 30, &look } };

    p->certify = (choice & 3) == 3 ? (int)(choice >> 2 & 3) : 0;
    p->lock = (choice >> 4 & 3) == 3;
    p->preview = (choice >> 6 & 7) == 7;
    p->seals = places;
    p->seals_n = (choice >> 9 & 3) == 3 ? 2 : choice >> 9 & 1;
    if ((choice >> 11 & 3) == 3)
        p->field = STR("Signature1");
}

static void refused(enum err rc, const struct buf *out)
{
    must(rc != E_OK && rc != E_INTERNAL && out->n == 0 && fault_current()->reason[0]);
}

static void sign(struct kit *kit, struct bytes pdf, struct arena *a, struct buf *out)
{
    struct pdf_sign_params p = kit_params(kit, pdf, PDF_LEVEL_ES, KIT_P256);
    struct pdf_sign_result result;

    p.sign = constant;
    choose(&p, choice_of(pdf.p, pdf.n));
    fault_clear();
    enum err rc = pdf_sign(&p, a, out, &result);
    if (rc == E_OK)
        check(buf_bytes(out), result.field, a);
    else
        refused(rc, out);
}

static void offer(struct bytes pdf, struct arena *a)
{
    struct pdf_field_offer *offers;
    struct pdf_read d;
    size_t n;

    if (kit_open(pdf, &d) != E_OK)
        return;
    if (pdf_field_offers(&d, a, &offers, &n) == E_OK)
        must(n <= PDF_FIELD_OFFERS_MAX);
    pdf_read_close(&d);
}

static void extend(struct kit *kit, struct bytes pdf, struct arena *a, struct buf *out)
{
    struct pdf_extend_params p = { .source = pdf_source_memory(pdf),
                                   .kind = (enum pdf_extend_kind)(choice_of(pdf.p, pdf.n) %
                                                                  PDF_EXTEND__MAX),
                                   .tsa = &kit->authority,
                                   .trust = kit->trust };
    struct pdf_sign_result result;
    struct pdf_read d;

    fault_clear();
    buf_reset(out);
    enum err rc = pdf_extend(&p, a, out, &result);
    if (rc != E_OK) {
        refused(rc, out);
        return;
    }
    must(kit_open(buf_bytes(out), &d) == E_OK);
    pdf_read_close(&d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct kit *kit;
    static struct arena *a;
    struct bytes pdf = { data, size };
    struct buf out = buf_init((size_t)64 << 20);

    if (!kit) {
        kit = kit_new();
        a = arena_new((size_t)256 << 20);
    }
    sign(kit, pdf, a, &out);
    offer(pdf, a);
    extend(kit, pdf, a, &out);
    buf_free(&out);
    arena_reset(a);
    return 0;
}
