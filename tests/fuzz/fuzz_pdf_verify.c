/* fuzz_pdf_verify.c - any file is refused, or gets a report whose parts agree; no anchor, no pass.
 */
#include "pdf_kit.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct pdf_trust *nobody;
    static struct arena *a;
    struct pdf_report *r;
    struct timestamp at = timestamp_from_unix(1800000000);

    if (!nobody) {
        nobody = pdf_trust_new();
        a = arena_new((size_t)512 << 20);
    }
    fault_clear();
    struct pdf_source source = pdf_source_memory((struct bytes){ data, size });
    enum err rc = pdf_verify(&source, NULL, nobody, at, a, &r);
    if (rc != E_OK && (rc == E_INTERNAL || !fault_current()->reason[0]))
        abort();
    for (size_t i = 0; rc == E_OK && i < r->signatures_n; i++) {
        const struct pdf_signature_report *s = &r->signatures[i];
        if (s->verdict == PDF_TOTAL_PASSED || s->verdict > r->verdict || !s->sub_indication[0] ||
            s->reasons_n == 0 || s->revision_end > size)
            abort();
    }
    arena_reset(a);
    return 0;
}
