/*
 * fuzz_pdf_sign.c - any file is either refused with a reason or becomes a file that can be read
 * again and in which our signature covers everything but its own value.
 */
#include "pdf_kit.h"

#include "sign/pdf_form.h"
#include "sign/pdf_range.h"

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct kit *kit;
    static struct arena *a;
    struct pdf_sign_result result;
    struct buf out = buf_init((size_t)64 << 20);

    if (!kit) {
        kit = kit_new();
        a = arena_new((size_t)256 << 20);
    }
    struct pdf_sign_params p =
        kit_params(kit, (struct bytes){ data, size }, PDF_LEVEL_ES, KIT_P256);
    p.sign = constant;
    fault_clear();
    enum err rc = pdf_sign(&p, a, &out, &result);
    if (rc == E_OK) {
        check(buf_bytes(&out), result.field, a);
    } else {
        must(rc != E_INTERNAL && out.n == 0 && fault_current()->reason[0]);
    }
    buf_free(&out);
    arena_reset(a);
    return 0;
}
