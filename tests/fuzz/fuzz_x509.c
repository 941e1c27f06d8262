/* fuzz_x509.c - certificates: reading, lint, names, PEM and back. */
#include "pki/x509.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read(struct arena *a, struct bytes der)
{
    static const struct x509_profile profile = { .name = "any", .validity_us = INT64_MAX };
    struct x509 c;
    struct name n;
    struct bytes again, built;

    if (x509_parse(der, a, &c) != E_OK)
        return;
    (void)!x509_lint(&c, &profile, &c);
    (void)x509_has_eku(&c, OID_EKU_CLIENT_AUTH);
    (void)x509_valid_at(&c, (struct timestamp){ 0 });
    (void)x509_serial(&c);
    if (name_parse(c.subject, a, &n) == E_OK) {
        for (size_t i = 0; i < n.n; i++)
            if (!utf8_valid(n.attribute[i].value.p, n.attribute[i].value.n))
                abort();
        bool known = n.n > 0;
        for (size_t i = 0; i < n.n; i++)
            known = known && n.attribute[i].type != OID__MAX;
        (void)!(known && name_build(&n, a, &built) == E_OK);
    }
    struct str pem = x509_pem(a, "CERTIFICATE", der);
    if (x509_from_pem(a, "CERTIFICATE", pem, &again) != E_OK || !bytes_eq(again, der))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(16 << 20);
    struct bytes der;

    if (size < 65536) {
        read(a, (struct bytes){ data, size });
        if (memchr(data ? data : (const uint8_t *)"", 0, size) == NULL &&
            x509_from_pem(a, "CERTIFICATE", str_of(a, (const char *)data, size), &der) == E_OK)
            read(a, der);
    }
    arena_free(a);
    return 0;
}
