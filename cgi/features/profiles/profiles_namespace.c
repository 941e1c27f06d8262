/* profiles_namespace.c - what a customer may have certified, and what is a person's own */
#include "features/profiles/profiles_inside.h"

#include "store/db.h"
#include "store/gen/profiles.q.h"

#include <arpa/inet.h>
#include <stdlib.h>

enum { NAMESPACES_MAX = 2000 };

struct space {
    struct arena *a;
    const struct q_profile_namespaces *rows;
    size_t n;
    struct str org; /* the customer's name, where no other is registered */
};

/* `host` is the domain, or below it. */
static bool inside_domain(struct str host, struct str domain)
{
    if (str_eq(host, domain))
        return true;
    return host.n > domain.n && str_ends(host, domain) && host.p[host.n - domain.n - 1] == '.';
}

/* "192.0.2.0/24", "2001:db8::/32", or one address. */
static bool inside_network(struct str address, struct str network)
{
    uint8_t a[16], b[16];
    char base[64];
    size_t slash = str_find(network, '/', 0), size = 4;
    size_t n = slash == SIZE_MAX ? network.n : slash;
    uint64_t bits;

    if (n >= sizeof base)
        return false;
    (void)snprintf(base, sizeof base, "%.*s", (int)n, network.p);
    if (inet_pton(AF_INET, address.p, a) != 1 || inet_pton(AF_INET, base, b) != 1) {
        size = 16;
        if (inet_pton(AF_INET6, address.p, a) != 1 || inet_pton(AF_INET6, base, b) != 1)
            return false;
    }
    bits = size * 8;
    if (slash != SIZE_MAX) {
        const struct str length = { network.p + slash + 1, network.n - slash - 1 };
        if (str_to_u64(length, size * 8, &bits) != E_OK) {
            fault_clear();
            return false;
        }
    }
    for (size_t i = 0; i < bits; i++)
        if (((a[i / 8] ^ b[i / 8]) >> (7 - i % 8)) & 1)
            return false;
    return true;
}

static bool inside(const struct space *s, const char *kind, struct str v)
{
    for (size_t i = 0; i < s->n; i++) {
        struct str value = s->rows[i].value;
        if (!str_eq_z(s->rows[i].kind, kind))
            continue;
        if (strcmp(kind, "dns") == 0  ? inside_domain(v, value)
            : strcmp(kind, "ip") == 0 ? inside_network(v, value)
                                      : str_eq(v, value))
            return true;
    }
    return false;
}

static const char *outside_mail(const struct space *s, struct str v)
{
    size_t at = str_find(v, '@', 0);
    struct str host = str_lower(s->a, str_sub(s->a, v, at == SIZE_MAX ? 0 : at + 1, v.n));

    return inside(s, "mail", host) ? NULL : "namespace-mail";
}

static const char *outside_host(const struct space *s, struct str v)
{
    struct str host = str_lower(s->a, v);

    if (str_starts(host, STR("*.")))
        host = str_sub(s->a, host, 2, host.n);
    return inside(s, "dns", host) ? NULL : "namespace-dns";
}

static const char *outside_uri(const struct space *s, struct str v)
{
    struct str host = profiles_uri_host(s->a, v);

    /* "urn:uuid:…" names nobody's host; "sip:", "mailto:" and "https:host" do, in their own ways */
    if (host.n == 0)
        return str_starts(str_lower(s->a, v), STR("urn:")) ? NULL : "namespace-dns";
    if (profiles_ip_check(host) == E_OK)
        return inside(s, "ip", host) ? NULL : "namespace-ip";
    fault_clear();
    return outside_host(s, host);
}

/* A system's CN as programs read it that look for a host there: without scheme, port, path and the
 * dot of the root. */
static const char *outside_system(const struct space *s, struct str v)
{
    struct str host = profiles_uri_host(s->a, v);
    size_t end;

    if (profiles_ip_check(v) == E_OK)
        return inside(s, "ip", v) ? NULL : "namespace-ip";
    fault_clear();
    if (host.n == 0)
        host = str_sub(s->a, v, 0, strcspn(v.p, ":/?#"));
    for (end = host.n; end > 0 && host.p[end - 1] == '.';)
        end--;
    host = str_sub(s->a, host, 0, end);
    if (profiles_ip_check(host) == E_OK)
        return inside(s, "ip", host) ? NULL : "namespace-ip";
    fault_clear();
    if (profiles_dns_check(host, true) == E_OK)
        return outside_host(s, host);
    fault_clear();
    return NULL;
}

/* A CN with an "@" is read as an address, alone or in "Name <address>". */
static const char *outside_cn(const struct space *s, const struct profile *p, struct str v)
{
    if (str_find(v, '@', 0) != SIZE_MAX) {
        if (profiles_email_check(v) == E_OK)
            return outside_mail(s, v);
        fault_clear();
        return "namespace-mail";
    }
    return p->person ? NULL : outside_system(s, v);
}

/* A text that becomes O, or a CN that reads like an address (of a system: like a host). */
static const char *outside_text(const struct space *s, const struct profile *p,
                                const struct profiles_field *f, struct str v)
{
    for (size_t i = 0; i < p->subject_n; i++) {
        if (!str_eq(p->subject[i].field, f->name))
            continue;
        if (p->subject[i].type == OID_O && !inside(s, "org", v) && !str_eq(v, s->org))
            return "namespace-org";
        const char *code = p->subject[i].type == OID_CN ? outside_cn(s, p, v) : NULL;
        if (code)
            return code;
    }
    return NULL;
}

/* The code when the value is outside; values of a wrong form are profiles_judge()'s. */
static const char *outside(const struct space *s, const struct profile *p,
                           const struct profiles_field *f, struct str v)
{
    switch (f->kind) {
    case PROFILES_EMAIL:
        return outside_mail(s, v);
    case PROFILES_DNS:
        return outside_host(s, v);
    case PROFILES_IP:
        return inside(s, "ip", v) ? NULL : "namespace-ip";
    case PROFILES_URI:
        return outside_uri(s, v);
    case PROFILES_TEXT:
        return outside_text(s, p, f, v);
    case PROFILES_CHOICE:
    case PROFILES_COUNTRY:
    case PROFILES_KIND__MAX:
        break;
    }
    return NULL;
}

enum err profiles_namespace(struct tx *tx, struct tenant_id tenant, const struct profile *p,
                            const struct profiles_value *values, size_t n,
                            struct profiles_finding **out, size_t *found)
{
    struct arena *a = tx_arena(tx);
    struct q_profile_namespaces *rows;
    struct q_profile_origin origin;
    struct space s = { .a = a };

    *found = 0;
    *out = ARENA_ARRAY(a, n, struct profiles_finding);
    TRY(q_profile_namespaces(tx, tenant, NAMESPACES_MAX, &rows, &s.n));
    TRY(q_profile_origin(tx, tenant, (struct account_id){ 0 }, &origin));
    s.rows = rows;
    s.org = origin.org;
    for (size_t i = 0; i < n; i++) {
        const struct profiles_field *f = profiles_field(p, values[i].name);
        if (!f || str_empty(values[i].value))
            continue;
        const char *code = outside(&s, p, f, values[i].value);
        if (code)
            profiles_add(*out, found, n, code, f->name, str_printable(a, values[i].value, 100),
                         true);
    }
    return E_OK;
}

static struct str origin(const struct q_profile_origin *o, struct str from)
{
    return str_eq_z(from, "account.name")    ? o->name
           : str_eq_z(from, "account.email") ? o->email
           : str_eq_z(from, "account.login") ? o->login
           : str_eq_z(from, "tenant.org")    ? o->org
                                             : STR_ABSENT;
}

enum err profiles_prefill(struct tx *tx, const struct profile *p, struct tenant_id tenant,
                          struct account_id subscriber, struct profiles_value **out, size_t *n)
{
    struct q_profile_origin o;

    *n = 0;
    *out = ARENA_ARRAY(tx_arena(tx), p->fields_n, struct profiles_value);
    TRY(q_profile_origin(tx, tenant, subscriber, &o));
    for (size_t i = 0; i < p->fields_n; i++) {
        struct str v = origin(&o, p->fields[i].from);
        if (!str_empty(v))
            (*out)[(*n)++] = (struct profiles_value){ p->fields[i].name, v };
    }
    return E_OK;
}

enum err profiles_own(struct tx *tx, const struct profile *p, struct tenant_id tenant,
                      struct account_id subscriber, const struct profiles_value *values, size_t n,
                      struct profiles_finding **out, size_t *found)
{
    struct q_profile_origin o;

    *found = 0;
    *out = ARENA_ARRAY(tx_arena(tx), n, struct profiles_finding);
    TRY(q_profile_origin(tx, tenant, subscriber, &o));
    for (size_t i = 0; i < n; i++) {
        const struct profiles_field *f = profiles_field(p, values[i].name);
        if (f && f->fixed && !str_empty(values[i].value) &&
            !str_eq(values[i].value, origin(&o, f->from)))
            profiles_add(*out, found, n, "value-not-own", f->name,
                         str_printable(tx_arena(tx), values[i].value, 100), true);
    }
    return E_OK;
}
