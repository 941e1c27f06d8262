/* fuzz_crl.c - certificate revocation lists, complete ones and those of partitions. */
#include "pki/crl.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct crl c;
    struct crl_entry e;

    if (crl_parse((struct bytes){ data, size }, &c) != E_OK)
        return 0;
    /* what a list says of its scope lies in it, and one with two kinds was refused */
    if ((c.only_users && c.only_cas) || (!c.has_scope && c.point.p) ||
        (c.point.p && (c.point.p < data || c.point.p + c.point.n > data + size)))
        abort();
    struct x509 any = { .crl_url = { (const char *)c.point.p, c.point.n }, .ca = c.only_cas };
    if (crl_covers(&c, &any) != E_OK && !c.unknown_critical && !c.only_part_of_the_statuses)
        abort();
    /* a number that cannot occur: the whole list is read */
    enum err err = crl_find(&c, (struct bytes){ (const uint8_t *)"", 0 }, &e);
    if (err != E_ABSENT && err != E_INPUT)
        abort();
    return 0;
}
