/*
 * fuzz_trust_list.c - lists of services: in the plain form, which has to be readable again when it
 * is written, or (after a first byte '<') in XML with a signature that nobody made.
 */
#include "sign/pdf_trust_lists.h"
#include "sign/pdf_trust_xml.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good)
{
    if (!good)
        abort();
}

static void plain(struct str text)
{
    struct pdf_trust_lists *l = pdf_trust_lists_new(), *again = pdf_trust_lists_new();
    struct buf b = buf_init((size_t)64 << 20);

    if (pdf_trust_lists_read(l, text, STR_ABSENT) == E_OK && pdf_trust_lists_count(l)) {
        buf_add_z(&b, "list = x\n");
        for (size_t i = 0; i < pdf_trust_lists_count(l); i++)
            pdf_trust_lists_write(&b, pdf_trust_lists_service(l, i));
        must(pdf_trust_lists_read(again, (struct str){ (const char *)b.p, b.n }, STR_ABSENT) ==
                 E_OK &&
             pdf_trust_lists_count(again) == pdf_trust_lists_count(l));
    }
    buf_free(&b);
    pdf_trust_lists_free(l);
    pdf_trust_lists_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool started;
    struct buf out = buf_init((size_t)64 << 20);
    size_t count = 0;

    if (!started)
        must(pdf_trust_xml_init() == E_OK);
    started = true;
    fault_clear();
    if (size && data[0] == '<')
        must(pdf_trust_xml_convert((struct bytes){ data, size }, NULL, 0, &out, &count) != E_OK);
    else
        plain((struct str){ (const char *)data, size });
    buf_free(&out);
    return 0;
}
