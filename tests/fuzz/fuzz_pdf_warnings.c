/* fuzz_pdf_warnings.c - any document that opens is searched to the end: known codes, each once. */
#include "sign/pdf_pages.h"
#include "sign/pdf_warnings.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void search(struct pdf_read *d, struct arena *a)
{
    struct pdf_pages_size *s;
    struct pdf_warning *w;
    size_t n = 0;
    unsigned count = 0;

    if (pdf_pages_sizes(d, 1, 50, a, &s, &n, &count) == E_OK)
        for (size_t i = 0; i < n; i++)
            if (!(s[i].width >= 1 && s[i].height >= 1) || n > count || s[i].rotate % 90)
                abort();
    if (pdf_warnings(d, NULL, a, &w, &n) != E_OK)
        return;
    for (size_t i = 0; i < n; i++) {
        if (!w[i].code || !w[i].text || w[i].found == 0)
            abort();
        for (size_t k = 0; k < i; k++)
            if (w[k].code == w[i].code)
                abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena *a;
    struct pdf_source source = pdf_source_memory((struct bytes){ data, size });
    struct pdf_read d;

    if (!a)
        a = arena_new((size_t)512 << 20);
    fault_clear();
    if (pdf_read_open(&source, NULL, &d) == E_OK) {
        search(&d, a);
        pdf_read_close(&d);
    }
    arena_reset(a);
    return 0;
}
