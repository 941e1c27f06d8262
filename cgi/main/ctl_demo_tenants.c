/* ctl_demo_tenants.c - the demonstration's provider and customers, with contracts and names. */
#include "main/ctl_demo.h"

#include "features/customers/customers_inside.h"

static const struct audit_by demo_by = { .name = { "shomeictl demo", 14 } };

/* A domain for mail and hosts, and the organisation as it stands in certificates. */
static const struct {
    const char *tenant, *domain, *organisation, *contact;
} contracts[] = {
    { "sakura", "sakura.example", "株式会社さくら商事", "桜井 春子" },
    { "midori", "midori.example", "みどり工業株式会社", "緑川 夏夫" },
};

#define SERVICES (CUSTOMERS_MPKI | CUSTOMERS_RS | CUSTOMERS_ESIGN_CERT)

static enum err make_names(struct tx *tx, const struct demo *d, struct tenant_id id, size_t i)
{
    const struct customers_word word = { CUSTOMERS_BY_CONTRACT, STR("demonstration") };
    const struct {
        enum customers_name_kind kind;
        const char *value;
    } names[] = {
        { CUSTOMERS_MAIL, contracts[i].domain },
        { CUSTOMERS_DNS, contracts[i].domain },
        { CUSTOMERS_ORG, contracts[i].organisation },
    };

    for (size_t k = 0; k < sizeof names / sizeof *names; k++)
        TRY(customers_inside_name_add(tx, &demo_by, id, names[k].kind, str_z(names[k].value),
                                      STR("demonstration"), &word, d->now));
    return E_OK;
}

static size_t contract_of(const char *tenant)
{
    size_t i = 0;

    while (i + 1 < sizeof contracts / sizeof *contracts && strcmp(contracts[i].tenant, tenant) != 0)
        i++;
    return i;
}

static struct customers_contact contact_of(struct arena *a, size_t i)
{
    return (struct customers_contact){ .name = str_z(contracts[i].contact),
                                       .phone = STR("03-0000-0000"),
                                       .email = str_fmt(a, "contact@%s", contracts[i].domain) };
}

static enum err make_customer(struct tx *tx, const struct demo *d, const struct demo_tenant *t)
{
    struct customers_made made;
    size_t i = contract_of(t->code);
    const struct customers_contact contact = contact_of(tx_arena(tx), i);
    const struct customers_new n = {
        .code = str_z(t->code),
        .terms = { str_z(t->name), CUSTOMERS_PROVIDER, timestamp_add(d->now, -30 * DAY_US),
                   TIMESTAMP_NONE, SERVICES },
        .contacts = &contact,
        .contacts_n = 1,
        .word = { CUSTOMERS_BY_CONTRACT, STR("demonstration") },
    };

    TRY(customers_create(tx, &demo_by, &n, d->now, &made));
    TRY(make_names(tx, d, made.tenant, i));
    return ctl_demo_mark(tx, str_fmt(tx_arena(tx), "contract/%s", t->code), "tenant",
                         made.tenant.v);
}

/* A customer of a demonstration that knew no contracts yet: it gets what it lacks, once. */
static enum err complete(struct tx *tx, const struct demo *d, const struct demo_tenant *t,
                         struct tenant_id id)
{
    const struct customers_word word = { CUSTOMERS_BY_CONTRACT, STR("demonstration") };
    struct str name = str_fmt(tx_arena(tx), "contract/%s", t->code);
    size_t i = contract_of(t->code), contacts_n, names_n;
    struct customers_customer customer;
    struct customers_contact *contacts;
    struct customers_name *names;

    if (ctl_demo_made(d, name))
        return E_OK;
    TRY(customers_get(tx, id, &customer));
    customer.terms.services |= SERVICES;
    TRY(customers_terms_set(tx, &demo_by, id, &customer.terms, &word, d->now, NULL));
    TRY(customers_contacts(tx, id, &contacts, &contacts_n));
    TRY(customers_inside_names(tx, id, &names, &names_n));
    const struct customers_contact contact = contact_of(tx_arena(tx), i);
    if (contacts_n == 0)
        TRY(customers_contact_add(tx, &demo_by, id, &contact, &word, d->now));
    if (names_n == 0)
        TRY(make_names(tx, d, id, i));
    return ctl_demo_mark(tx, name, "tenant", id.v);
}

enum err ctl_demo_tenant(struct tx *tx, const struct demo *d, const struct demo_tenant *t)
{
    struct tenant_id id;
    enum err err = accounts_tenant_find(tx, str_z(t->code), &id);

    if (err == E_OK && t->kind == ACCOUNTS_CUSTOMER)
        return complete(tx, d, t, id);
    if (err != E_ABSENT)
        return err;
    if (t->kind == ACCOUNTS_CUSTOMER)
        return make_customer(tx, d, t);
    return accounts_tenant_create(tx, &demo_by, str_z(t->code), str_z(t->name), t->kind,
                                  TIMESTAMP_NONE, d->now, &id);
}
