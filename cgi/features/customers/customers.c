/* customers.c - making a customer, its terms, and the record of who asked for what. */
#include "features/customers/customers_inside.h"

#include "base/json.h"
#include "base/random.h"
#include "features/accounts/accounts.h"
#include "store/db.h"
#include "store/gen/customers.q.h"

static const char *const services[] = { "mpki", "rs", "idv", "esign-cert", "jprs-tls", "jcert" };
#define SERVICES (sizeof services / sizeof *services)
_Static_assert((1u << SERVICES) - 1 == CUSTOMERS_SERVICES__ALL, "one name per service");

const char *customers_service_name(uint32_t service)
{
    for (size_t i = 0; i < SERVICES; i++)
        if (service == 1u << i)
            return services[i];
    return NULL;
}

uint32_t customers_service_from(struct str name)
{
    for (size_t i = 0; i < SERVICES; i++)
        if (str_eq_z(name, services[i]))
            return 1u << i;
    return 0;
}

static const char *const hostings[] = { "provider", "cloud", "dedicated" };
static const char *const authorities[] = { "contract", "callback", "signed-mail", "meeting" };

const char *customers_inside_hosting(enum customers_hosting h)
{
    return (unsigned)h < 3 ? hostings[h] : "";
}

const char *customers_inside_authority(enum customers_authority h)
{
    return (unsigned)h < 4 ? authorities[h] : "";
}

/* --- acts --- */

/* "C261120-482913": the day in Japan, and a number that does not tell how many there were. */
static struct str receipt_new(struct arena *a, struct timestamp now)
{
    struct calendar c = calendar_jst(now);
    return str_fmt(a, "C%02d%02d%02d-%06llu", c.year % 100, c.month, c.day,
                   (unsigned long long)random_below(1000000));
}

enum err customers_inside_note(struct tx *tx, const struct audit_by *by, struct tenant_id id,
                               const char *kind, struct str object,
                               const struct customers_word *word, struct timestamp now,
                               struct str *receipt)
{
    struct str number = STR_ABSENT;
    enum err err = E_CONFLICT;
    struct json *detail;

    if (str_empty(word->note) || utf8_length(word->note) > 500)
        return FAIL(E_INPUT, "authority-missing", "an act without authority");
    for (int i = 0; i < 5 && err == E_CONFLICT; i++) {
        number = receipt_new(tx_arena(tx), now);
        err = q_customer_act_add(tx, number, id, str_z(kind),
                                 str_z(customers_inside_authority(word->how)), word->note,
                                 str_absent(object) ? STR("") : object, by->account, now);
    }
    TRY(err);
    if (receipt)
        *receipt = number;
    detail = json_new_object();
    json_set_str(detail, "receipt", number);
    json_set_str(detail, "authority", str_z(customers_inside_authority(word->how)));
    return audit_note(tx, by, str_fmt(tx_arena(tx), "customers.tenant.%s", kind).p, "tenant", id.v,
                      detail);
}

enum err customers_inside_acts(struct tx *tx, struct tenant_id id, uint32_t limit,
                               struct customers_act **out, size_t *n)
{
    struct q_customer_act_list *q;

    TRY(q_customer_act_list(tx, id, limit, &q, n));
    *out = ARENA_ARRAY(tx_arena(tx), *n, struct customers_act);
    for (size_t i = 0; i < *n; i++) {
        enum customers_authority how = CUSTOMERS_BY_CONTRACT;
        for (unsigned k = 0; k < 4; k++)
            if (str_eq_z(q[i].authority, authorities[k]))
                how = (enum customers_authority)k;
        (*out)[i] = (struct customers_act){ q[i].receipt, q[i].kind, q[i].note, q[i].object,
                                            q[i].actor,   how,       q[i].at };
    }
    return E_OK;
}

enum err customers_inside_act(struct tx *tx, struct tenant_id id, struct str receipt,
                              struct str *kind)
{
    struct q_customer_act_get q;
    TRY(q_customer_act_get(tx, id, receipt, &q));
    *kind = q.kind;
    return E_OK;
}

/* --- terms --- */

static enum err judge_terms(const struct customers_terms *t)
{
    if (str_empty(t->name) || utf8_length(t->name) > 120)
        return FAIL(E_INPUT, "tenant-name", "malformed name of a customer");
    if (t->services == 0 || (t->services & ~(uint32_t)CUSTOMERS_SERVICES__ALL) != 0)
        return FAIL(E_INPUT, "tenant-services", "no service, or an unknown one");
    if (!timestamp_is_none(t->start) && !timestamp_is_none(t->end) &&
        timestamp_cmp(t->start, t->end) >= 0)
        return FAIL(E_INPUT, "tenant-term", "the contract ends before it begins");
    return E_OK;
}

static enum err services_get(struct tx *tx, struct tenant_id id, uint32_t *out)
{
    struct q_customer_service_list *q;
    size_t n;

    *out = 0;
    TRY(q_customer_service_list(tx, id, SERVICES, &q, &n));
    for (size_t i = 0; i < n; i++)
        *out |= customers_service_from(q[i].service);
    return E_OK;
}

static enum err services_set(struct tx *tx, struct tenant_id id, uint32_t wanted,
                             struct timestamp now)
{
    uint32_t has;
    uint64_t changed;

    TRY(services_get(tx, id, &has));
    for (uint32_t bit = 1; bit & CUSTOMERS_SERVICES__ALL; bit <<= 1) {
        struct str name = str_z(customers_service_name(bit));
        if (wanted & ~has & bit)
            TRY(q_customer_service_add(tx, id, name, now));
        else if (has & ~wanted & bit)
            TRY(q_customer_service_drop(tx, id, name, &changed));
    }
    return E_OK;
}

static enum err terms_write(struct tx *tx, struct tenant_id id, const struct customers_terms *t,
                            struct timestamp now)
{
    uint64_t changed;

    TRY(q_customer_terms(tx, id, t->name, str_z(customers_inside_hosting(t->hosting)), t->start,
                         t->end, now, &changed));
    if (changed == 0)
        return FAIL(E_ABSENT, "", "no such customer");
    return services_set(tx, id, t->services, now);
}

static enum customers_hosting hosting_from(struct str word)
{
    for (unsigned i = 0; i < 3; i++)
        if (str_eq_z(word, hostings[i]))
            return (enum customers_hosting)i;
    return CUSTOMERS_PROVIDER;
}

enum err customers_get(struct tx *tx, struct tenant_id id, struct customers_customer *out)
{
    struct q_customer_get q;

    TRY(q_customer_get(tx, id, &q));
    *out = (struct customers_customer){
        .id = id,
        .code = q.code,
        .terms = { q.name, hosting_from(q.hosting), q.start, q.until, 0 },
        .ended_at = q.ended_at,
        .created_at = q.created_at,
    };
    return services_get(tx, id, &out->terms.services);
}

enum err customers_terms_set(struct tx *tx, const struct audit_by *by, struct tenant_id id,
                             const struct customers_terms *terms, const struct customers_word *word,
                             struct timestamp now, struct str *receipt)
{
    TRY(judge_terms(terms));
    TRY(terms_write(tx, id, terms, now));
    return customers_inside_note(tx, by, id, "contract", STR_ABSENT, word, now, receipt);
}

/* --- making one --- */

static bool code_good(struct str s)
{
    return s.n >= 2 && s.n <= 40 && strspn(s.p, "abcdefghijklmnopqrstuvwxyz0123456789-") == s.n;
}

enum err customers_judge(const struct customers_new *n)
{
    if (!code_good(n->code))
        return FAIL(E_INPUT, "tenant-code", "malformed code of a customer");
    TRY(judge_terms(&n->terms));
    for (size_t i = 0; i < n->contacts_n; i++)
        TRY(customers_inside_contact_judge(&n->contacts[i]));
    if (str_empty(n->word.note))
        return FAIL(E_INPUT, "authority-missing", "nobody confirmed the authority");
    return E_OK;
}

static enum err invite(struct tx *tx, const struct audit_by *by, struct tenant_id id,
                       const struct customers_administrator *who, struct timestamp now,
                       struct account_id *out)
{
    const struct accounts_new n = { .tenant = id,
                                    .login = who->login,
                                    .email = who->email,
                                    .name = who->name,
                                    .lang = who->lang,
                                    .roles = ROLE_CUSTOMER_ADMIN };
    enum err err = accounts_create(tx, by, &n, now, out);

    if (err == E_CONFLICT)
        return FAIL(E_CONFLICT, "account-taken", "login name or mail address in use");
    return err;
}

enum err customers_create(struct tx *tx, const struct audit_by *by, const struct customers_new *n,
                          struct timestamp now, struct customers_made *out)
{
    enum err err;

    *out = (struct customers_made){ .receipt = STR_ABSENT };
    TRY(customers_judge(n));
    err = accounts_tenant_create(tx, by, n->code, n->terms.name, ACCOUNTS_CUSTOMER, n->terms.end,
                                 now, &out->tenant);
    if (err == E_CONFLICT)
        return FAIL(E_CONFLICT, "tenant-code", "the code is taken");
    TRY(err);
    TRY(terms_write(tx, out->tenant, &n->terms, now));
    for (size_t i = 0; i < n->contacts_n; i++)
        TRY(customers_inside_contact_write(tx, by, out->tenant, &n->contacts[i], now));
    if (!str_absent(n->administrator.login))
        TRY(invite(tx, by, out->tenant, &n->administrator, now, &out->administrator));
    return customers_inside_note(tx, by, out->tenant, "create", n->code, &n->word, now,
                                 &out->receipt);
}

enum err customers_administrator_add(struct tx *tx, const struct audit_by *by, struct tenant_id id,
                                     const struct customers_administrator *who,
                                     const struct customers_word *word, struct timestamp now,
                                     struct account_id *out)
{
    struct customers_customer c;

    TRY(customers_get(tx, id, &c));
    TRY(invite(tx, by, id, who, now, out));
    return customers_inside_note(tx, by, id, "administrator", who->login, word, now, NULL);
}
