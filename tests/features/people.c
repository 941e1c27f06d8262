/* people.c - see people.h */
#include "people.h"

#include "base/crypto.h"

#include <stdlib.h>

static const struct audit_by tester = { .name = { "test", 4 } };

void people_start(struct people *p)
{
    struct secret *master = secret_from("0123456789abcdef0123456789abcdef", 32);
    struct tx *tx;

    p->h = harness_start();
    p->a = arena_new(64 * 1024 * 1024);
    p->portal = harness_db(p->h, DB_PORTAL);
    p->worker = harness_db(p->h, DB_WORKER);
    p->ctl = harness_db(p->h, DB_CTL);
    p->now = clock_now();
    audit_init(master);
    accounts_init(&(struct accounts_config){
        .master = master, .portal_url = STR("https://portal.test"), .failures_max = 5 });
    secret_free(master);
    tx = people_tx(p, p->ctl);
    is_err(accounts_tenant_create(tx, &tester, STR("provider"), STR("Provider"), ACCOUNTS_PROVIDER,
                                  TIMESTAMP_NONE, p->now, &p->provider),
           E_OK, "the provider is a tenant");
    is_err(accounts_tenant_create(tx, &tester, STR("sakura"), STR("株式会社さくら"),
                                  ACCOUNTS_CUSTOMER, TIMESTAMP_NONE, p->now, &p->sakura),
           E_OK, "a customer");
    is_err(accounts_tenant_create(tx, &tester, STR("midori"), STR("みどり工業"), ACCOUNTS_CUSTOMER,
                                  TIMESTAMP_NONE, p->now, &p->midori),
           E_OK, "another customer");
    people_end(tx);
}

void people_stop(struct people *p)
{
    db_close(p->portal);
    db_close(p->worker);
    db_close(p->ctl);
    harness_stop(p->h);
    arena_free(p->a);
}

struct tx *people_tx(struct people *p, struct db *db)
{
    struct tx *tx = NULL;
    if (tx_begin(db, p->a, &tx) != E_OK) {
        (void)printf("Bail out! no transaction: %s\n", fault_current()->detail);
        exit(1);
    }
    return tx;
}

void people_end(struct tx *tx)
{
    if (tx_commit(tx) != E_OK)
        is_err(fault_current()->err, E_OK, "commit");
}

void people_undo(struct tx *tx)
{
    tx_rollback(tx);
}

struct bytes people_totp(struct people *p, const char *login)
{
    struct bytes32 d = sha256(bytes_of_str(str_z(login)));
    return bytes_dup(p->a, (struct bytes){ d.b, 20 });
}

struct account_id people_add(struct people *p, struct tenant_id tenant, const char *login,
                             uint32_t roles, bool totp)
{
    struct secret *password = people_secret(PEOPLE_PASSWORD);
    struct account_id id = { 0 };
    struct accounts_new n = {
        .tenant = tenant,
        .login = str_z(login),
        .email = str_fmt(p->a, "%s@example.test", login),
        .name = str_fmt(p->a, "%s 太郎", login),
        .lang = STR("en"),
        .roles = roles,
        .password = password,
        .totp_secret = totp ? people_totp(p, login) : BYTES_ABSENT,
    };
    struct tx *tx = people_tx(p, p->ctl);
    if (accounts_create(tx, &tester, &n, p->now, &id) != E_OK)
        is_err(fault_current()->err, E_OK, "making a person");
    people_end(tx);
    secret_free(password);
    return id;
}

struct str people_code(struct people *p, const char *login)
{
    uint64_t step = (uint64_t)timestamp_to_unix(p->now) / 30;
    return str_fmt(p->a, "%06u", accounts_totp_value(people_totp(p, login), step, 6));
}

struct accounts_from people_from(struct people *p)
{
    return (struct accounts_from){ .address = STR("192.0.2.7"),
                                   .user_agent = STR("Test/1.0 (ブラウザー)"),
                                   .request = STR("req-1"),
                                   .now = p->now };
}

struct secret *people_secret(const char *text)
{
    return secret_from(text, strlen(text));
}

struct str people_state(struct people *p, struct account_id id)
{
    struct str out = STR("");
    struct str sql =
        str_fmt(p->a, "SELECT state FROM shomei.account WHERE id = %llu", (unsigned long long)id.v);
    if (harness_sql(p->h, sql.p, &out) != E_OK)
        return STR("?");
    return str_trim(p->a, out);
}

int64_t people_mails(struct people *p, const char *mail, struct account_id id)
{
    return harness_count(p->h,
                         str_fmt(p->a,
                                 "SELECT COUNT(*) FROM shomei.job WHERE kind = 'accounts.mail' "
                                 "AND JSON_VALUE(payload, '$.mail') = '%s' AND "
                                 "JSON_VALUE(payload, '$.account') = %llu",
                                 mail, (unsigned long long)id.v)
                             .p);
}
