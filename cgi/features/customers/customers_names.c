/* customers_names.c - names that a customer may have certified, and contact persons. */
#include "features/customers/customers_inside.h"

#include "base/buf.h"
#include "store/db.h"
#include "store/gen/customers.q.h"

#include <arpa/inet.h>

static const char *const kinds[] = { "mail", "dns", "ip", "org" };

const char *customers_inside_kind(enum customers_name_kind k)
{
    return (unsigned)k < 4 ? kinds[k] : "";
}

/* --- contact persons --- */

static bool email_good(struct str s)
{
    size_t at = str_find(s, '@', 0);
    return s.n >= 3 && s.n <= 254 && at != SIZE_MAX && at > 0 && at + 1 < s.n &&
           str_find(s, '@', at + 1) == SIZE_MAX && str_find(s, ' ', 0) == SIZE_MAX;
}

enum err customers_inside_contact_judge(const struct customers_contact *c)
{
    if (str_empty(c->name) || utf8_length(c->name) > 120)
        return FAIL(E_INPUT, "contact-name", "malformed name of a contact person");
    if (c->phone.n < 6 || c->phone.n > 30 || strspn(c->phone.p, "0123456789+-() ") != c->phone.n)
        return FAIL(E_INPUT, "contact-phone", "malformed phone number");
    if (!email_good(c->email))
        return FAIL(E_INPUT, "contact-email", "malformed mail address");
    return E_OK;
}

enum err customers_inside_contact_write(struct tx *tx, const struct audit_by *by,
                                        struct tenant_id id, const struct customers_contact *c,
                                        struct timestamp now)
{
    struct contact_id made;

    TRY(customers_inside_contact_judge(c));
    return q_customer_contact_add(tx, id, c->name, c->phone, str_lower(tx_arena(tx), c->email), now,
                                  by->account, &made);
}

enum err customers_contacts(struct tx *tx, struct tenant_id id, struct customers_contact **out,
                            size_t *n)
{
    struct q_customer_contact_list *q;

    TRY(q_customer_contact_list(tx, id, CUSTOMERS_CONTACTS_MAX, &q, n));
    *out = ARENA_ARRAY(tx_arena(tx), *n, struct customers_contact);
    for (size_t i = 0; i < *n; i++)
        (*out)[i] = (struct customers_contact){ q[i].id,    q[i].name,    q[i].phone,
                                                q[i].email, q[i].purpose, q[i].added_at };
    return E_OK;
}

enum err customers_contact_add(struct tx *tx, const struct audit_by *by, struct tenant_id id,
                               const struct customers_contact *c, const struct customers_word *word,
                               struct timestamp now)
{
    struct customers_contact *there;
    struct customers_customer customer;
    size_t n;

    TRY(customers_get(tx, id, &customer));
    TRY(customers_contacts(tx, id, &there, &n));
    if (n >= CUSTOMERS_CONTACTS_MAX)
        return FAIL(E_LIMIT, "contacts-many", "%zu contact persons", n);
    TRY(customers_inside_contact_write(tx, by, id, c, now));
    return customers_inside_note(tx, by, id, "contact-add", STR_ABSENT, word, now, NULL);
}

enum err customers_contact_drop(struct tx *tx, const struct audit_by *by, struct tenant_id id,
                                struct contact_id contact, const struct customers_word *word,
                                struct timestamp now)
{
    uint64_t changed;

    TRY(q_customer_contact_drop(tx, id, contact, &changed));
    if (changed == 0)
        return FAIL(E_ABSENT, "", "no such contact person");
    return customers_inside_note(tx, by, id, "contact-drop", STR_ABSENT, word, now, NULL);
}

/* --- names --- */

static bool label_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

/* Labels of 1 to 63 letters, digits and inner hyphens (RFC 5890 2.3.1), at least two of them, the
 * last one no number. */
static bool domain_good(struct str s)
{
    size_t length = 0, labels = 1;
    bool digits = true;

    if (s.n > 253)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        bool edge = length == 0 || i + 1 == s.n || s.p[i + 1] == '.';
        if (s.p[i] == '.' && length > 0 && i + 1 < s.n) {
            length = 0;
            labels++;
            digits = true;
            continue;
        }
        if (!label_char(s.p[i]) || ++length > 63 || (edge && s.p[i] == '-'))
            return false;
        digits = digits && s.p[i] >= '0' && s.p[i] <= '9';
    }
    return labels >= 2 && length > 0 && !digits;
}

static enum err judge_domain(struct arena *a, struct str value, struct str *out)
{
    struct str s = str_lower(a, value);

    if (str_starts(s, STR("@")))
        s = str_sub(a, s, 1, s.n);
    if (str_find(s, '*', 0) != SIZE_MAX)
        return FAIL(E_INPUT, "name-wildcard", "a domain stands for all below it");
    if (!domain_good(s))
        return FAIL(E_INPUT, "name-domain", "no domain name");
    *out = s;
    return E_OK;
}

/* No bit of the address beyond the prefix. */
static bool network_clean(const uint8_t *p, size_t n, uint64_t prefix)
{
    for (size_t bit = prefix; bit < n * 8; bit++)
        if (p[bit / 8] & (0x80u >> (bit % 8)))
            return false;
    return true;
}

static enum err judge_network(struct arena *a, struct str value, struct str *out)
{
    size_t slash = str_find(value, '/', 0);
    struct str host = slash == SIZE_MAX ? value : str_sub(a, value, 0, slash);
    bool six = str_find(host, ':', 0) != SIZE_MAX;
    uint64_t whole = six ? 128 : 32, prefix = whole;
    char text[INET6_ADDRSTRLEN];
    uint8_t bits[16] = { 0 };

    if (inet_pton(six ? AF_INET6 : AF_INET, host.p, bits) != 1)
        return FAIL(E_INPUT, "name-address", "no address");
    if (slash != SIZE_MAX &&
        str_to_u64(str_sub(a, value, slash + 1, value.n), whole, &prefix) != E_OK)
        return FAIL(E_INPUT, "name-address", "no prefix length");
    if (prefix < (six ? 16u : 8u))
        return FAIL(E_INPUT, "name-wide", "/%u", (unsigned)prefix);
    if (!network_clean(bits, six ? 16 : 4, prefix))
        return FAIL(E_INPUT, "name-network", "bits beyond the prefix");
    if (!inet_ntop(six ? AF_INET6 : AF_INET, bits, text, sizeof text))
        return FAIL(E_INTERNAL, "", "inet_ntop");
    *out = prefix == whole ? str_fmt(a, "%s", text) : str_fmt(a, "%s/%u", text, (unsigned)prefix);
    return E_OK;
}

/* As it will stand in O: at most 64 characters (RFC 5280 appendix A, ub-organization-name). */
static enum err judge_org(struct str value, struct str *out)
{
    for (size_t at = 0; at < value.n;)
        if (utf8_deceptive(utf8_next(value, &at)))
            return FAIL(E_INPUT, "name-org", "deceptive characters");
    if (value.n == 0 || utf8_length(value) > 64)
        return FAIL(E_INPUT, "name-org", "empty, or more than 64 characters");
    *out = value;
    return E_OK;
}

enum err customers_inside_name_judge(struct arena *a, enum customers_name_kind kind,
                                     struct str value, struct str *out)
{
    struct str s = str_trim(a, value);

    switch (kind) {
    case CUSTOMERS_MAIL:
    case CUSTOMERS_DNS:
        return judge_domain(a, s, out);
    case CUSTOMERS_IP:
        return judge_network(a, s, out);
    case CUSTOMERS_ORG:
        break;
    }
    return judge_org(s, out);
}

enum err customers_inside_names(struct tx *tx, struct tenant_id id, struct customers_name **out,
                                size_t *n)
{
    struct q_customer_name_list *q;

    TRY(q_customer_name_list(tx, id, CUSTOMERS_NAMES_MAX, &q, n));
    *out = ARENA_ARRAY(tx_arena(tx), *n, struct customers_name);
    for (size_t i = 0; i < *n; i++) {
        unsigned kind = 0;
        while (kind < CUSTOMERS_ORG && !str_eq_z(q[i].kind, kinds[kind]))
            kind++;
        (*out)[i] = (struct customers_name){ q[i].id,       (enum customers_name_kind)kind,
                                             q[i].value,    q[i].evidence,
                                             q[i].added_by, q[i].added_at };
    }
    return E_OK;
}

static struct str named(struct arena *a, const char *kind, struct str value)
{
    return str_fmt(a, "%s %.*s", kind, STR_ARG(value));
}

enum err customers_inside_name_add(struct tx *tx, const struct audit_by *by, struct tenant_id id,
                                   enum customers_name_kind kind, struct str value,
                                   struct str evidence, const struct customers_word *word,
                                   struct timestamp now)
{
    const char *k = customers_inside_kind(kind);
    struct customers_customer customer;
    struct customers_name *there;
    struct namespace_id made;
    struct str name = STR("");
    size_t n;

    TRY(customers_get(tx, id, &customer));
    TRY(customers_inside_name_judge(tx_arena(tx), kind, value, &name));
    if (str_empty(evidence) || utf8_length(evidence) > 500)
        return FAIL(E_INPUT, "name-evidence", "no evidence");
    TRY(customers_inside_names(tx, id, &there, &n));
    if (n >= CUSTOMERS_NAMES_MAX)
        return FAIL(E_LIMIT, "names-many", "%zu names", n);
    TRY(q_customer_name_add(tx, id, str_z(k), name, evidence, now, by->account, &made));
    return customers_inside_note(tx, by, id, "name-add", named(tx_arena(tx), k, name), word, now,
                                 NULL);
}

enum err customers_inside_name_drop(struct tx *tx, const struct audit_by *by, struct tenant_id id,
                                    struct namespace_id name, const struct customers_word *word,
                                    struct timestamp now)
{
    struct q_customer_name_get q;
    uint64_t changed;

    TRY(q_customer_name_get(tx, id, name, &q));
    TRY(q_customer_name_drop(tx, id, name, &changed));
    return customers_inside_note(tx, by, id, "name-drop", named(tx_arena(tx), q.kind.p, q.value),
                                 word, now, NULL);
}

/* --- the list --- */

/* A LIKE pattern for "begins with", taken literally. */
static struct str beginning(struct arena *a, struct str q)
{
    struct buf b = buf_init(1024);
    struct str out = STR("");

    for (size_t i = 0; i < q.n; i++) {
        if (q.p[i] == '|' || q.p[i] == '%' || q.p[i] == '_')
            buf_add_char(&b, '|');
        buf_add_char(&b, q.p[i]);
    }
    if (q.n)
        buf_add_char(&b, '%');
    if (buf_to_str(&b, a, &out) != E_OK)
        out = STR("");
    buf_free(&b);
    return out;
}

enum err customers_inside_list(struct tx *tx, const struct customers_filter *f, uint32_t page,
                               uint32_t per_page, struct customers_row **rows, size_t *n,
                               uint64_t *total)
{
    struct arena *a = tx_arena(tx);
    struct str text = beginning(a, f->q), state = f->state.p ? f->state : STR("");
    struct str service = f->service ? str_z(customers_service_name(f->service)) : STR("");
    struct timestamp soon = timestamp_add(f->now, CUSTOMERS_SOON_US);
    struct q_customer_count count;
    struct q_customer_list *q;

    TRY(q_customer_count(tx, text, service, state, f->now, soon, &count));
    *total = count.n;
    TRY(q_customer_list(tx, text, service, state, f->sort, f->now, soon, per_page,
                        (page > 0 ? page - 1 : 0) * per_page, &q, n));
    *rows = ARENA_ARRAY(a, *n, struct customers_row);
    for (size_t i = 0; i < *n; i++)
        (*rows)[i] = (struct customers_row){ q[i].id,    q[i].code,     q[i].name,   q[i].start,
                                             q[i].until, q[i].ended_at, q[i].people, q[i].locked };
    return E_OK;
}
