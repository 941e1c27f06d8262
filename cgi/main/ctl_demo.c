/*
 * ctl_demo.c - `shomeictl demo`: a living system for a newcomer, made through the same rules as
 * everything else. Passwords, codes and PINs are derived from this installation's secret, so they
 * differ between installations and stay the same when the command is repeated. Refused unless
 * `development = yes`.
 */
#include "main/ctl_demo.h"

#include "base/encoding.h"
#include "base/log.h"
#include "features/audit/audit.h"
#include "features/authority/authority.h"
#include "features/certificates/certificates.h"
#include "features/certificates/certificates_pages.h"
#include "http/message.h"
#include "pki/csr.h"
#include "sign/hsm.h"
#include "store/wake.h"

#include <time.h>

#define ISSUE_PATIENCE_US (60 * SECOND_US)

static const struct audit_by demo_by = { .name = { "shomeictl demo", 14 } };

static const struct demo_tenant tenants[] = {
    { "shomei", "Shomei 認証サービス", ACCOUNTS_PROVIDER },
    { "sakura", "株式会社さくら商事", ACCOUNTS_CUSTOMER },
    { "midori", "みどり工業株式会社", ACCOUNTS_CUSTOMER },
};

static const struct demo_person people[] = {
    { "hanako@sakura.example", "山田 花子", "ja", "sakura", ROLE_END_USER, "rsa2048",
      "Yamada Hanako" },
    { "taro@sakura.example", "佐藤 太郎", "ja", "sakura", ROLE_END_USER, "p256", "Sato Taro" },
    { "admin@sakura.example", "鈴木 一郎", "ja", "sakura", ROLE_CUSTOMER_ADMIN | ROLE_END_USER,
      "p384", "Suzuki Ichiro" },
    { "alice@midori.example", "Alice Green", "en", "midori", ROLE_END_USER, "rsa3072",
      "Alice Green" },
    { "admin@midori.example", "高橋 みどり", "ja", "midori", ROLE_CUSTOMER_ADMIN, NULL, NULL },
    { "service@shomei.example", "責任 太郎", "ja", "shomei", ROLE_SERVICE_MANAGER, NULL, NULL },
    { "manager@shomei.example", "管理 次郎", "ja", "shomei", ROLE_SYSTEM_MANAGER, NULL, NULL },
    { "sysadmin1@shomei.example", "運用 三郎", "ja", "shomei", ROLE_SYSTEM_ADMIN, NULL, NULL },
    { "sysadmin2@shomei.example", "運用 四郎", "ja", "shomei", ROLE_SYSTEM_ADMIN, NULL, NULL },
    { "assistant@shomei.example", "補助 五郎", "ja", "shomei", ROLE_OPERATIONS_ASSISTANT, NULL,
      NULL },
    { "auditor@shomei.example", "監査 六子", "ja", "shomei", ROLE_AUDITOR, NULL, NULL },
    { "support@shomei.example", "支援 七海", "ja", "shomei", ROLE_SUPPORT, NULL, NULL },
    { "privacy@shomei.example", "窓口 八重", "ja", "shomei", ROLE_PRIVACY_DESK, NULL, NULL },
    { "policy@shomei.example", "規程 九郎", "ja", "shomei", ROLE_POLICY_AUTHORITY, NULL, NULL },
    { "lra@sakura.example", "小林 結衣", "ja", "sakura", ROLE_LRA_OPERATOR, NULL, NULL },
    { "designated@sakura.example", "森 千尋", "ja", "sakura", ROLE_DESIGNATED_OPERATOR, NULL,
      NULL },
    { "kenji@sakura.example", "伊藤 健二", "ja", "sakura", ROLE_END_USER, NULL, NULL },
    { "yuko@sakura.example", "渡辺 優子", "ja", "sakura", ROLE_END_USER, NULL, NULL },
    { "lra@midori.example", "中村 葵", "ja", "midori", ROLE_LRA_OPERATOR, NULL, NULL },
    { "ben@midori.example", "Ben Carter", "en", "midori", ROLE_END_USER, NULL, NULL },
};
#define PEOPLE (sizeof people / sizeof people[0])

static const struct demo_seal seals[] = {
    { "sakura", "社印(RSA-2048)", "rsa2048", "Sakura Shoji Co., Ltd." },
    { "sakura", "社印(P-256)", "p256", "Sakura Shoji Co., Ltd." },
};
#define SEALS (sizeof seals / sizeof seals[0])

/* `size` bytes that only this installation derives for `purpose` and `name`. */
static struct bytes derived(const struct demo *d, const char *purpose, const char *name,
                            size_t size)
{
    struct arena *a = d->c->arena;
    struct secret *s =
        hkdf_sha256(secret_bytes(d->master), str_fmt(a, "demo %s %s", purpose, name), size);
    struct bytes out = bytes_dup(a, secret_bytes(s));

    secret_free(s);
    return out;
}

struct str ctl_demo_password(const struct demo *d, const char *login)
{
    return str_fmt(d->c->arena, "Demo-%s",
                   base64url_encode(d->c->arena, derived(d, "password", login, 12)).p);
}

struct bytes ctl_demo_totp(const struct demo *d, const char *login)
{
    return derived(d, "totp", login, 20);
}

struct str ctl_demo_pin(const struct demo *d, const char *login)
{
    struct bytes raw = derived(d, "pin", login, 5);

    /* a letter in front: never a sequence or a repeated digit */
    return str_fmt(d->c->arena, "K%s", base32_encode(d->c->arena, raw).p);
}

const char *ctl_demo_tenant_of(const char *login)
{
    for (size_t i = 0; i < PEOPLE; i++)
        if (strcmp(people[i].login, login) == 0)
            return people[i].tenant;
    return "";
}

static enum err make_tenants(struct tx *tx, void *arg)
{
    struct demo *d = arg;

    for (size_t i = 0; i < sizeof tenants / sizeof tenants[0]; i++)
        TRY(ctl_demo_tenant(tx, d, &tenants[i]));
    return E_OK;
}

static enum err make_account(struct tx *tx, struct demo *d, const struct demo_person *p,
                             struct tenant_id tenant, struct account_id *id)
{
    struct accounts_info info;
    enum err err = accounts_find(tx, str_z(p->login), &info);

    if (err == E_OK) {
        *id = info.id;
        return E_OK;
    }
    if (err != E_ABSENT)
        return err;
    struct str password = ctl_demo_password(d, p->login);
    struct secret *s = secret_from(password.p, password.n);
    const struct accounts_new n = {
        .tenant = tenant,
        .login = str_z(p->login),
        .email = str_z(p->login),
        .name = str_z(p->name),
        .lang = str_z(p->lang),
        .roles = p->roles,
        .password = s,
        .totp_secret = ctl_demo_totp(d, p->login),
    };
    err = accounts_create(tx, &demo_by, &n, d->now, id);
    secret_free(s);
    return err;
}

/* The owner's first credential of that label; made when there is none. */
static enum err make_credential(struct tx *tx, struct demo *d, struct signing_owner owner,
                                struct str label, const char *kind, struct str pin,
                                const char *common_name, struct str organisation)
{
    struct signing_credential *rows;
    size_t n;

    TRY(signing_credential_list(tx, owner, &rows, &n));
    for (size_t i = 0; i < n; i++)
        if (str_eq(rows[i].label, label))
            return E_OK;
    struct secret *s = str_absent(pin) ? NULL : secret_from(pin.p, pin.n);
    struct str public_id;
    enum err err = signing_credential_make(tx, owner, label, str_z(kind), s, str_z(common_name),
                                           organisation, &demo_by, d->now, &public_id);
    secret_free(s);
    return err;
}

static enum err make_person(struct tx *tx, void *arg)
{
    struct demo *d = arg;
    const struct demo_person *p = d->person;
    struct signing_owner owner = { .tenant = { 0 } };

    TRY(accounts_tenant_find(tx, str_z(p->tenant), &owner.tenant));
    TRY(make_account(tx, d, p, owner.tenant, &owner.account));
    if (!p->key_kind)
        return E_OK;
    return make_credential(tx, d, owner, STR("署名用証明書"), p->key_kind,
                           ctl_demo_pin(d, p->login), p->common_name, STR_ABSENT);
}

static enum err make_seal(struct tx *tx, void *arg)
{
    struct demo *d = arg;
    struct signing_owner owner = { .tenant = { 0 } };

    TRY(accounts_tenant_find(tx, str_z(d->seal->tenant), &owner.tenant));
    return make_credential(tx, d, owner, str_z(d->seal->label), d->seal->key_kind, STR_ABSENT,
                           d->seal->common_name, str_z(d->seal->common_name));
}

/* Ask for the API client's connection certificate; its key pair was made by the client (./run). */
static enum err request_client(struct tx *tx, void *arg)
{
    struct demo *d = arg;
    struct authority_certificate *rows;
    struct tenant_id tenant;
    struct name subject = { .n = 0 };
    struct str text;
    struct csr csr;
    size_t n;

    TRY(accounts_tenant_find(tx, STR("sakura"), &tenant));
    TRY(authority_certificates(tx, tenant, 100, &rows, &n));
    for (size_t i = 0; i < n; i++)
        if (str_eq_z(rows[i].profile, "client")) {
            d->client_certificate = rows[i].id;
            return E_OK;
        }
    TRY(ctl_read(d->c, str_fmt(d->c->arena, "%s/api-client.csr", d->out).p, &text));
    TRY(csr_parse(bytes_of_str(text), d->c->arena, &csr));
    name_add(&subject, OID_C, STR("JP"));
    name_add(&subject, OID_O, STR("Sakura Shoji Co., Ltd."));
    name_add(&subject, OID_CN, STR("Sakura document system"));
    const struct authority_application app = {
        .tenant = tenant, .profile = "client", .subject = &subject, .csr = csr.der
    };
    TRY(authority_request(tx, &app, &d->client_certificate));
    return audit_note(tx, &demo_by, "authority.certificate.request", "certificate",
                      d->client_certificate.v, NULL);
}

/* One of ours: still to come, or refused? */
static enum err look(struct demo *d, const struct authority_certificate *c)
{
    if (c->state == AUTHORITY_REFUSED)
        return FAIL(E_STATE, "", "certificate refused: %s", c->refused.p);
    d->waiting |= c->state == AUTHORITY_REQUESTED || c->state == AUTHORITY_SIGNING;
    return E_OK;
}

/* Sets d->waiting while the worker still issues. What else customers asked for does not matter. */
static enum err all_issued(struct tx *tx, void *arg)
{
    struct demo *d = arg;
    struct authority_certificate *rows, one;
    size_t n, cases_n;
    const struct demo_case *cases = ctl_demo_cases(&cases_n);

    for (size_t i = 0; i < cases_n; i++) {
        TRY(ctl_demo_certificate(tx, d, &cases[i], &one));
        if (one.id.v != 0)
            TRY(look(d, &one));
    }
    for (size_t t = 0; t < sizeof tenants / sizeof tenants[0]; t++) {
        struct tenant_id tenant;
        TRY(accounts_tenant_find(tx, str_z(tenants[t].code), &tenant));
        TRY(authority_certificates(tx, tenant, 100, &rows, &n));
        for (size_t i = 0; i < n; i++)
            if (rows[i].profile_version == 0) /* of the programs: signing keys, the API client */
                TRY(look(d, &rows[i]));
    }
    return E_OK;
}

/* Those that are to be over: at most some seconds, and only when they were made just now. */
static enum err all_over(struct tx *tx, void *arg)
{
    struct demo *d = arg;
    struct authority_certificate one;
    size_t n;
    const struct demo_case *cases = ctl_demo_cases(&n);

    for (size_t i = 0; i < n; i++) {
        if (cases[i].fate != DEMO_BRIEF)
            continue;
        TRY(ctl_demo_certificate(tx, d, &cases[i], &one));
        d->waiting |= one.id.v != 0 && timestamp_cmp(clock_now(), one.not_after) <= 0;
    }
    return E_OK;
}

static enum err wait_until(struct demo *d, enum err (*done)(struct tx *tx, void *arg))
{
    int64_t end = clock_monotonic_us() + ISSUE_PATIENCE_US;

    do {
        d->waiting = false;
        TRY(tx_run(d->db, d->c->arena, done, d));
        if (!d->waiting)
            return E_OK;
        const struct timespec pause = { 0, 50000000 };
        (void)nanosleep(&pause, NULL);
    } while (clock_monotonic_us() < end);
    return FAIL(E_BACKEND, "", "the worker did not issue the certificates in time");
}

static enum err load(struct demo *d)
{
    TRY(tx_run(d->db, d->c->arena, ctl_demo_made_load, d));
    TRY(tx_run(d->db, d->c->arena, make_tenants, d));
    for (size_t i = 0; i < PEOPLE; i++) {
        d->person = &people[i];
        TRY(tx_run(d->db, d->c->arena, make_person, d));
    }
    for (size_t i = 0; i < SEALS; i++) {
        d->seal = &seals[i];
        TRY(tx_run(d->db, d->c->arena, make_seal, d));
    }
    TRY(tx_run(d->db, d->c->arena, request_client, d));
    TRY(ctl_demo_make_cases(d));
    TRY(wait_until(d, all_issued));
    TRY(tx_run(d->db, d->c->arena, ctl_demo_make_client, d));
    TRY(ctl_demo_end_cases(d));
    TRY(wait_until(d, all_over));
    d->people = people;
    d->people_n = PEOPLE;
    d->seals = seals;
    d->seals_n = SEALS;
    return tx_run(d->db, d->c->arena, ctl_demo_write, d);
}

static enum err init_slices(const struct demo *d)
{
    const struct settings *s = d->c->settings;
    const struct accounts_config accounts = {
        .master = d->master,
        .portal_url = ctl_demo_url(d, "url.portal"),
    };
    const struct certificates_config certificates = {
        .master = d->master,
        .portal_url = accounts.portal_url,
        .words = certificates_pages_words,
    };

    audit_init(d->master);
    accounts_init(&accounts);
    certificates_init(&certificates);
    TRY(message_load(str_fmt(d->c->arena, "%s/po", settings_str(s, "data_dir").p).p));
    return wake_open_all(settings_str(s, "run_dir").p);
}

enum err ctl_demo(struct ctl *c)
{
    struct demo d = { .c = c, .now = clock_now() };
    struct hsm *signing = NULL;

    if (!settings_bool(c->settings, "development"))
        return FAIL(E_DENIED, "", "demonstration data only with `development = yes`");
    TRY(ctl_required(c, "--out", &d.out));
    TRY(settings_secret(c->settings, "http.secret_file", &d.master));
    TRY(init_slices(&d));
    TRY(db_open_settings(c->settings, DB_CTL, &d.db));
    TRY(db_open_settings(c->settings, DB_CTL, &d.side));
    TRY(hsm_open_token(c->settings, HSM_SIGNING, false, &signing));
    enum err err = signing_setup(c->settings, d.side, signing);
    if (err == E_OK)
        err = load(&d);
    signing_teardown();
    hsm_close(signing);
    db_close(d.side);
    db_close(d.db);
    certificates_end();
    message_unload();
    secret_free(d.master);
    return err;
}
