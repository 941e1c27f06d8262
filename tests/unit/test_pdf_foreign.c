/*
 * test_pdf_foreign.c - files signed by other software (files of ../shared/pdfs, skipped by name
 * where they are not there) are read as intact, and what was added to them later is told apart.
 * pdfsig 22.12 says "Signature is Valid." of the same ones, but for the Ed25519 one of file 005,
 * which it cannot judge ("Document isn't signed or corrupted data.").
 */
#include "tap.h"

#include "sign/pdf_verify.h"

#include <stdlib.h>

/* Files signed by other software, where they are there. */
int main(void)
{
    static const struct {
        const char *name;
        size_t signatures;
        unsigned later; /* than the first */
        bool allowed;
        const char *algorithm; /* of the last */
    } cases[] = {
        /* an entry that nobody knows leads to the extensions as well, and they were changed */
        { "005-pyHanko-extensions-indirect-not-all-paths.pdf", 2,
          PDF_LATER_SIGNATURE | PDF_LATER_METADATA | PDF_LATER_OTHER, false, "Ed25519" },
        { "006-pyHanko-minimal-signed-twice-both-created.pdf", 2,
          PDF_LATER_SIGNATURE | PDF_LATER_METADATA, true, "RSA 4096" },
        { "007-pyHanko-minimal-signed-twice-second-created.pdf", 2,
          PDF_LATER_SIGNATURE | PDF_LATER_METADATA, true, "RSA 4096" },
        { "009-pyHanko-pades-with-old-style-signing-cert-attr.pdf", 1, PDF_LATER_NOTHING, true,
          "RSA 2048" },
    };
    struct pdf_trust *nobody = pdf_trust_new();
    struct arena *a = arena_new((size_t)512 << 20);
    const char *top = getenv("SHOMEI_SRCDIR");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct str path = str_fmt(a, "%s/../shared/pdfs/%s", top ? top : ".", cases[i].name);
        static uint8_t data[200000];
        FILE *f = fopen(path.p, "rb");
        size_t n = f ? fread(data, 1, sizeof data, f) : 0;
        if (!f) {
            tap_skip("%s is not there", cases[i].name);
            continue;
        }
        fclose(f);
        struct pdf_report *r;
        struct pdf_source source = pdf_source_memory((struct bytes){ data, n });
        if (!is_err(pdf_verify(&source, NULL, nobody, TIMESTAMP_NONE, a, &r), E_OK, cases[i].name))
            continue;
        bool good =
            r->signatures_n == cases[i].signatures && r->signatures[0].later == cases[i].later &&
            r->signatures[0].later_allowed == cases[i].allowed && r->verdict == PDF_INDETERMINATE;
        for (size_t k = 0; good && k < r->signatures_n; k++)
            good = r->signatures[k].intact;
        good = good &&
               str_eq_z(r->signatures[r->signatures_n - 1].signature_algorithm, cases[i].algorithm);
        ok(good, "%s is intact, and what came later is named", cases[i].name);
    }
    arena_free(a);
    pdf_trust_free(nobody);
    return tap_done();
}
