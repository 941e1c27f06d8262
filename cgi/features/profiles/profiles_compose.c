/* profiles_compose.c - from the values of an application to names; see profiles.h */
#include "features/profiles/profiles_inside.h"

#include "store/db.h"

#include <arpa/inet.h>

void profiles_add(struct profiles_finding *list, size_t *n, size_t max, const char *code,
                  struct str field, struct str detail, bool refuses)
{
    if (*n < max)
        list[(*n)++] = (struct profiles_finding){ str_z(code), field, detail, refuses };
}

/* The first value of a field, absent when there is none or it is empty. */
static struct str first_value(const struct profiles_value *values, size_t n, struct str name)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(values[i].name, name) && !str_empty(values[i].value))
            return values[i].value;
    return STR_ABSENT;
}

/* BR 7.1.2.7.12, RFC 6890: addresses that are not anybody's on the Internet. */
static bool reserved_ip(struct str v)
{
    uint8_t ip[16];

    if (inet_pton(AF_INET, v.p, ip) == 1)
        return ip[0] == 0 || ip[0] == 10 || ip[0] == 127 || ip[0] >= 224 ||
               (ip[0] == 100 && (ip[1] & 0xc0) == 64) || (ip[0] == 169 && ip[1] == 254) ||
               (ip[0] == 172 && (ip[1] & 0xf0) == 16) || (ip[0] == 192 && ip[1] == 168) ||
               (ip[0] == 192 && ip[1] == 0 && (ip[2] == 0 || ip[2] == 2)) ||
               (ip[0] == 198 && (ip[1] & 0xfe) == 18) ||
               (ip[0] == 198 && ip[1] == 51 && ip[2] == 100) ||
               (ip[0] == 203 && ip[1] == 0 && ip[2] == 113);
    return inet_pton(AF_INET6, v.p, ip) != 1 || (ip[0] & 0xe0) != 0x20 ||
           (ip[0] == 0x20 && ip[1] == 1 && ip[2] == 0x0d && ip[3] == 0xb8);
}

/* One value of a field. */
static enum err check_value(const struct profile *p, const struct profiles_field *f, struct str v)
{
    TRY(profiles_value_check(p, f, v));
    if (f->kind == PROFILES_IP && p->class == PROFILES_PUBLIC_TLS && reserved_ip(v))
        return FAIL(E_INPUT, "value-ip-reserved", "BR 7.1.2.7.12: a reserved address");
    return E_OK;
}

/* All values of a field: how many, and each. *at is the value at fault. */
static enum err check_field(const struct profile *p, const struct profiles_field *f,
                            const struct profiles_value *values, size_t n, struct str *at)
{
    size_t count = 0;

    *at = STR("");
    for (size_t i = 0; i < n; i++) {
        if (!str_eq(values[i].name, f->name) || str_empty(values[i].value))
            continue;
        *at = values[i].value;
        if (count > 0 && !f->many)
            return FAIL(E_INPUT, "value-repeated", "field %s", f->name.p);
        if (++count > X509_MAX_SAN)
            return FAIL(E_INPUT, "value-too-many", "field %s", f->name.p);
        TRY(check_value(p, f, values[i].value));
    }
    *at = STR("");
    return f->required && count == 0 ? FAIL(E_INPUT, "value-missing", "field %s", f->name.p) : E_OK;
}

/* As it goes into the certificate: hosts in lower case, addresses in their one form. */
static struct str canonical(struct arena *a, enum x509_san_kind kind, struct str v)
{
    size_t at = str_find(v, '@', 0);
    char text[INET6_ADDRSTRLEN];
    uint8_t ip[16];

    if (kind == X509_SAN_DNS)
        return str_lower(a, v);
    if (kind == X509_SAN_EMAIL && at != SIZE_MAX)
        return str_fmt(a, "%.*s%s", (int)at + 1, v.p, str_lower(a, str_sub(a, v, at + 1, v.n)).p);
    if (kind == X509_SAN_IP && inet_pton(AF_INET6, v.p, ip) == 1 &&
        inet_ntop(AF_INET6, ip, text, sizeof text))
        return str_dup(a, str_z(text));
    return str_dup(a, v);
}

static bool there(const struct x509_san *san, size_t n, enum x509_san_kind kind, struct str v)
{
    for (size_t i = 0; i < n; i++)
        if (san[i].kind == kind && str_eq(san[i].value, v))
            return true;
    return false;
}

/* A name given twice (as the CN's host and in the list) stands once. */
static enum err put_names(const struct profile *p, const struct profiles_value *values, size_t n,
                          struct arena *a, struct x509_san **san, size_t *san_n, struct str *field)
{
    *san = ARENA_ARRAY(a, X509_MAX_SAN, struct x509_san);
    *san_n = 0;
    for (size_t i = 0; i < p->names_n; i++)
        for (size_t k = 0; k < n; k++) {
            enum x509_san_kind kind = p->names[i].kind;
            if (!str_eq(values[k].name, p->names[i].field) || str_empty(values[k].value))
                continue;
            struct str v = canonical(a, kind, values[k].value);
            if (there(*san, *san_n, kind, v))
                continue;
            *field = p->names[i].field;
            if (*san_n == X509_MAX_SAN)
                return FAIL(E_INPUT, "value-too-many", "more than %d names", X509_MAX_SAN);
            (*san)[(*san_n)++] = (struct x509_san){ kind, v };
        }
    *field = STR("");
    return E_OK;
}

/* Of a CN that is one of the alternative names, the same bytes (BR 7.1.4.3). */
static struct str part_value(const struct profile *p, const struct profiles_part *part,
                             const struct profiles_value *values, size_t n, struct arena *a)
{
    struct str v = part->value.p ? part->value : first_value(values, n, part->field);

    for (size_t i = 0; v.p && part->field.p && i < p->names_n; i++)
        if (str_eq(p->names[i].field, part->field))
            return canonical(a, p->names[i].kind, v);
    return v;
}

/* Each attribute alone first: so the fault has a field. */
static enum err put_subject(const struct profile *p, const struct profiles_value *values, size_t n,
                            struct arena *a, struct name *subject, struct str *field)
{
    struct bytes der;

    *subject = (struct name){ .may_be_empty = true };
    for (size_t i = 0; i < p->subject_n; i++) {
        const struct profiles_part *part = &p->subject[i];
        struct str v = part_value(p, part, values, n, a);
        struct name one = { .n = 0 };
        if (str_empty(v))
            continue;
        *field = part->field.p ? part->field : STR("");
        name_add(&one, part->type, v);
        TRY(name_build(&one, a, &der));
        name_add(subject, part->type, v);
    }
    *field = STR("");
    return E_OK;
}

static enum err put_all(const struct profile *p, const struct profiles_value *values, size_t n,
                        struct arena *a, struct name *subject, struct x509_san **san, size_t *san_n,
                        struct str *field)
{
    *field = STR("");
    TRY(put_names(p, values, n, a, san, san_n, field));
    TRY(put_subject(p, values, n, a, subject, field));
    if (subject->n == 0 && *san_n == 0)
        return FAIL(E_INPUT, "name-empty", "RFC 5280 4.1.2.6: nobody is named");
    return E_OK;
}

enum err profiles_compose(const struct profile *p, const struct profiles_value *values, size_t n,
                          struct arena *a, struct name *subject, struct x509_san **san,
                          size_t *san_n, struct str *field)
{
    struct str at;

    *field = STR("");
    if (n > PROFILES_VALUES_MAX)
        return FAIL(E_INPUT, "value-too-many", "%zu values", n);
    for (size_t i = 0; i < n; i++)
        if (!profiles_field(p, values[i].name)) {
            *field = values[i].name;
            return FAIL(E_INPUT, "value-unknown", "a value without a field");
        }
    for (size_t i = 0; i < p->fields_n; i++) {
        *field = p->fields[i].name;
        TRY(check_field(p, &p->fields[i], values, n, &at));
    }
    return put_all(p, values, n, a, subject, san, san_n, field);
}

/* The current fault as a finding. */
static void add_fault(struct profiles_finding *list, size_t *n, struct arena *a, struct str field,
                      struct str at)
{
    struct str code = str_dup(a, str_z(fault_current()->reason));

    profiles_add(list, n, PROFILES_VALUES_MAX, code.p, field, str_printable(a, at, 100), true);
    fault_clear();
}

enum err profiles_judge(struct tx *tx, const struct profile *p, const struct profiles_value *values,
                        size_t n, struct profiles_finding **out, size_t *found)
{
    struct arena *a = tx_arena(tx);
    struct name subject;
    struct x509_san *san;
    size_t san_n;
    struct str field = STR(""), at;
    enum err err;

    *found = 0;
    *out = ARENA_ARRAY(a, PROFILES_VALUES_MAX, struct profiles_finding);
    if (n > PROFILES_VALUES_MAX) {
        profiles_add(*out, found, PROFILES_VALUES_MAX, "value-too-many", STR(""), STR(""), true);
        return E_OK;
    }
    for (size_t i = 0; i < n; i++)
        if (!profiles_field(p, values[i].name))
            profiles_add(*out, found, PROFILES_VALUES_MAX, "value-unknown", values[i].name, STR(""),
                         true);
    for (size_t i = 0; i < p->fields_n; i++) {
        err = check_field(p, &p->fields[i], values, n, &at);
        if (err != E_OK && err != E_INPUT)
            return err;
        if (err == E_INPUT)
            add_fault(*out, found, a, p->fields[i].name, at);
    }
    if (*found > 0)
        return E_OK;
    err = put_all(p, values, n, a, &subject, &san, &san_n, &field);
    if (err == E_INPUT)
        add_fault(*out, found, a, field, STR(""));
    return err == E_INPUT ? E_OK : err;
}
