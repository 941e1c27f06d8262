/*
 * fuzz_profile.c - certificate profiles as JSON, and the values of an application. What is accepted
 * must make names, and names must be what the rules promise: nothing deceptive, no field left over.
 * The first byte chooses: '{' is a document, anything else the kind of a value.
 */
#include "features/profiles/profiles_inside.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A profile with a field of each kind, made once. */
static const struct profile *kinds(void)
{
    static const struct profiles_field fields[] = {
        { .name = { "a", 1 }, .kind = PROFILES_TEXT, .max = 64 },
        { .name = { "b", 1 }, .kind = PROFILES_EMAIL, .max = 255 },
        { .name = { "c", 1 }, .kind = PROFILES_DNS, .max = 255 },
        { .name = { "d", 1 }, .kind = PROFILES_IP, .max = 255 },
        { .name = { "e", 1 }, .kind = PROFILES_URI, .max = 255 },
        { .name = { "f", 1 }, .kind = PROFILES_COUNTRY, .max = 255 },
    };
    static const struct profiles_part subject[] = { { OID_CN, { NULL, 0 }, { "a", 1 } },
                                                    { OID_C, { NULL, 0 }, { "f", 1 } } };
    static const struct profiles_alternative names[] = { { X509_SAN_EMAIL, { "b", 1 } },
                                                         { X509_SAN_DNS, { "c", 1 } },
                                                         { X509_SAN_IP, { "d", 1 } },
                                                         { X509_SAN_URI, { "e", 1 } } };
    static const struct profile p = { .subject = subject,
                                      .subject_n = 2,
                                      .names = names,
                                      .names_n = 4,
                                      .wildcard = true,
                                      .fields = fields,
                                      .fields_n = 6 };
    return &p;
}

/* Names that were composed are ASCII where they must be, and can be encoded. */
static void judge(struct arena *a, const struct name *subject, const struct x509_san *san, size_t n)
{
    struct bytes der;

    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < san[i].value.n; k++)
            if (san[i].value.p[k] <= 0x20 || san[i].value.p[k] >= 0x7f)
                abort();
    for (size_t i = 0; i < subject->n; i++)
        for (size_t at = 0; at < subject->attribute[i].value.n;)
            if (utf8_deceptive(utf8_next(subject->attribute[i].value, &at)))
                abort();
    if (name_build(subject, a, &der) != E_OK)
        abort();
}

static void value(struct arena *a, const uint8_t *data, size_t size)
{
    const struct profile *p = kinds();
    struct profiles_value v = { p->fields[data[0] % p->fields_n].name, STR_ABSENT };
    struct name subject;
    struct x509_san *san;
    struct str field;
    size_t n;

    if (memchr(data + 1, 0, size - 1))
        return;
    v.value = str_of(a, (const char *)data + 1, size - 1);
    (void)profiles_uri_host(a, v.value);
    if (profiles_compose(p, &v, 1, a, &subject, &san, &n, &field) == E_OK)
        judge(a, &subject, san, n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct timestamp day = { INT64_C(1795132800) * SECOND_US };
    struct arena *a = arena_new(32 << 20);
    struct profile p;

    if (size > 0 && data[0] != '{')
        value(a, data, size);
    else if (profiles_check(a, (struct bytes){ data, size }, day, &p) == E_OK) {
        if (p.fields_n > PROFILES_FIELDS_MAX || p.x509.eku_n == 0 || p.keys == 0 || p.x509.ca ||
            (p.class == PROFILES_PUBLIC_TLS && p.x509.suspendable))
            abort();
        for (size_t i = 0; i < p.subject_n; i++)
            if (!p.subject[i].value.p && !profiles_field(&p, p.subject[i].field))
                abort();
    }
    fault_clear();
    arena_free(a);
    return 0;
}
