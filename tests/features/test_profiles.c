/*
 * test_profiles.c - profiles in the database: versions, retiring, who may apply (P3-20, P3-43);
 * names inside a customer's namespace, what is a person's own, keys that are refused (P3-44).
 */
#include "people.h"

#include "base/crypto.h"
#include "base/encoding.h"
#include "features/profiles/profiles.h"
#include "store/db.h"

static struct people p;
static const struct audit_by me = { .name = { "tester", 6 } };
static struct account_id taro, jiro;

static struct str shipped(const char *name)
{
    FILE *f = fopen(harness_source(p.h, str_fmt(p.a, "sql/profiles/%s.json", name).p), "rb");
    char *room = arena_alloc(p.a, 65536);
    size_t n = f ? fread(room, 1, 65535, f) : 0;

    if (f)
        (void)fclose(f);
    return (struct str){ room, n };
}

static enum err load_text(struct str json, uint32_t *version)
{
    struct tx *tx = people_tx(&p, p.ctl);
    enum err err = profiles_load(tx, &me, bytes_of_str(json), version);

    if (err == E_OK)
        people_end(tx);
    else
        people_undo(tx);
    return err;
}

static struct str with(struct str text, const char *from, const char *to)
{
    const char *at = strstr(text.p, from);

    return at ? str_fmt(p.a, "%.*s%s%s", (int)(at - text.p), text.p, to, at + strlen(from)) : text;
}

static void sql(const char *text)
{
    struct str out;

    is_err(harness_sql(p.h, text, &out), E_OK, text);
}

static void versions(void)
{
    struct str json = shipped("user-auth");
    struct str changed = with(json, "\"approvals\": 1", "\"approvals\": 2");
    const struct profile *one, *two, *current;
    uint32_t version = 0;
    struct tx *tx;

    is_err(load_text(json, &version), E_OK, "a profile is loaded");
    is_int(version, 1, "as version 1");
    is_err(load_text(json, &version), E_OK, "the same again");
    is_int(version, 1, "changes nothing");
    is_int(harness_count(p.h,
                         "SELECT COUNT(*) FROM audit_event WHERE action = 'profiles.profile.load'"),
           1, "and is not in the audit log twice");
    is_err(load_text(changed, &version), E_OK, "another document of that name");
    is_int(version, 2, "is the next version");
    is_err(load_text(with(json, "\"days\": 365", "\"days\": 9999"), &version), E_INPUT,
           "one that breaks a rule does not load");
    is_int(harness_count(p.h, "SELECT COUNT(*) FROM profile"), 2, "and leaves nothing");
    tx = people_tx(&p, p.portal);
    is_err(profiles_get(tx, STR("user-auth"), 1, &one), E_OK, "the old version stays");
    is_err(profiles_get(tx, STR("user-auth"), 2, &two), E_OK, "the new one");
    is_err(profiles_get(tx, STR("user-auth"), 0, &current), E_OK, "and the current one");
    ok(current == two && one != two, "a version is read once");
    ok(!one->active && two->active, "only the current version takes applications");
    ok(one->approvals == 1 && two->approvals == 2 && two->version == 2, "each says what it said");
    is_err(profiles_get(tx, STR("user-auth"), 3, &one), E_ABSENT, "a version that never was");
    is_err(profiles_get(tx, STR("nobody"), 0, &one), E_ABSENT, "a name that never was");
    people_undo(tx);
    is_err(load_text(json, &version), E_OK, "going back");
    is_int(version, 3, "is a new version too");
}

static size_t offered(struct tenant_id tenant, uint32_t roles)
{
    struct tx *tx = people_tx(&p, p.portal);
    const struct profile **list;
    size_t n = 0;

    is_err(profiles_for(tx, tenant, roles, &list, &n), E_OK, "what a person may apply for");
    for (size_t i = 0; i + 1 < n; i++)
        ok(str_cmp(list[i]->name, list[i + 1]->name) < 0, "in order");
    people_undo(tx);
    return n;
}

static bool contract(const char *name)
{
    struct tx *tx = people_tx(&p, p.portal);
    const struct profile *pr;
    bool yes = false;

    is_err(profiles_get(tx, str_z(name), 0, &pr), E_OK, name);
    is_err(profiles_contract(tx, p.sakura, pr, &yes), E_OK, "is its service in the contract?");
    people_undo(tx);
    return yes;
}

static void who_may(void)
{
    static const char *const names[] = { "smime",  "signing", "lra-operator",
                                         "client", "device",  "tls-private" };
    const struct profile *gone;
    uint32_t version;
    struct tx *tx;

    for (size_t i = 0; i < 6; i++)
        is_err(load_text(shipped(names[i]), &version), E_OK, names[i]);
    is_int((int64_t)offered(p.sakura, ROLE_CUSTOMER_ADMIN), 0, "nothing without a contract for it");
    sql("INSERT INTO shomei.tenant_service VALUES (2, 'mpki', NOW(6)), (2, 'rs', NOW(6))");
    is_int((int64_t)offered(p.sakura, ROLE_CUSTOMER_ADMIN), 6,
           "an administrator: all of mpki and rs");
    is_int((int64_t)offered(p.sakura, ROLE_END_USER), 2, "a user: user-auth and smime");
    is_int((int64_t)offered(p.sakura, ROLE_LRA_OPERATOR), 2,
           "an operator: device and lra-operator");
    is_int((int64_t)offered(p.sakura, ROLE_AUDITOR), 0, "others: nothing");
    is_int((int64_t)offered(p.midori, ROLE_CUSTOMER_ADMIN), 0, "another customer: nothing");
    static const char *const over[] = { "ended_at = UTC_TIMESTAMP(6)",
                                        "contract_end = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND",
                                        "contract_start = UTC_TIMESTAMP(6) + INTERVAL 1 DAY" };
    for (size_t i = 0; i < sizeof over / sizeof over[0]; i++) {
        sql(str_fmt(p.a, "UPDATE shomei.tenant SET %s WHERE id = 2", over[i]).p);
        is_int((int64_t)offered(p.sakura, ROLE_CUSTOMER_ADMIN), 0, over[i]);
        ok(!contract("user-auth"), "the service is in no contract that runs");
        sql("UPDATE shomei.tenant SET ended_at = NULL, contract_start = NULL, contract_end = NULL "
            "WHERE id = 2");
    }
    ok(contract("user-auth"), "while it runs it is");
    tx = people_tx(&p, p.ctl);
    is_err(profiles_retire(tx, &me, STR("smime")), E_OK, "a profile is retired");
    is_err(profiles_retire(tx, &me, STR("smime")), E_STATE, "once");
    is_err(profiles_retire(tx, &me, STR("nobody")), E_ABSENT, "one that is there");
    people_end(tx);
    is_int((int64_t)offered(p.sakura, ROLE_END_USER), 1, "a retired one is not offered");
    tx = people_tx(&p, p.portal);
    is_err(profiles_get(tx, STR("smime"), 0, &gone), E_OK, "but it can be read");
    ok(!gone->active, "as retired");
    people_undo(tx);
    is_err(load_text(shipped("smime"), &version), E_OK, "loading it again takes it back");
    is_int((int64_t)offered(p.sakura, ROLE_END_USER), 2, "and it is offered again");
}

/* Namespace findings of one value; "" when there is none. */
static struct str outside(const char *profile, const char *field, const char *value)
{
    struct tx *tx = people_tx(&p, p.portal);
    const struct profiles_value v = { str_z(field), str_z(value) };
    const struct profile *pr;
    struct profiles_finding *f;
    size_t n;
    struct str code = STR("");

    if (profiles_get(tx, str_z(profile), 0, &pr) != E_OK ||
        profiles_namespace(tx, p.sakura, pr, &v, 1, &f, &n) != E_OK)
        code = STR("failed");
    else if (n == 1 && f[0].refuses && str_eq_z(f[0].field, field))
        code = str_dup(p.a, f[0].code);
    people_undo(tx);
    return code;
}

static void namespaces(void)
{
    static const struct {
        const char *profile, *field, *value, *code;
    } rows[] = {
        { "user-auth", "email", "taro@sakura.example", "" },
        { "user-auth", "email", "taro@SAKURA.example", "" },
        { "user-auth", "email", "taro@sub.sakura.example", "namespace-mail" },
        { "user-auth", "email", "taro@midori.example", "namespace-mail" },
        { "user-auth", "name", "taro@midori.example", "namespace-mail" },
        { "user-auth", "name", "J.Smith", "" },
        { "user-auth", "organization", "株式会社さくら", "" },
        { "user-auth", "organization", "株式会社さくら ", "namespace-org" },
        { "user-auth", "organization", "みどり工業", "namespace-org" },
        { "user-auth", "organization", "Sakura K.K.", "" },
        { "tls-private", "host", "sakura.example", "" },
        { "tls-private", "host", "a.b.Sakura.example", "" },
        { "tls-private", "host", "*.sakura.example", "" },
        { "tls-private", "host", "notsakura.example", "namespace-dns" },
        { "tls-private", "host", "*.example", "namespace-dns" },
        { "tls-private", "host", "sakura.example.evil.example", "namespace-dns" },
        { "tls-private", "more", "midori.example", "namespace-dns" },
        { "tls-private", "address", "192.0.2.77", "" },
        { "tls-private", "address", "192.0.3.1", "namespace-ip" },
        { "tls-private", "address", "198.51.100.7", "" },
        { "tls-private", "address", "198.51.100.8", "namespace-ip" },
        { "tls-private", "address", "2001:db8:1::99", "" },
        { "tls-private", "address", "2001:db8:2::99", "namespace-ip" },
        { "device", "uri", "https://x.sakura.example:8443/a", "" },
        { "device", "uri", "https://midori.example/a", "namespace-dns" },
        { "device", "uri", "https://[2001:db8:2::1]/", "namespace-ip" },
        { "device", "uri", "urn:uuid:1", "" },
        { "device", "uri", "https://x.sakura.example:1@midori.example/", "namespace-dns" },
        { "device", "uri", "https:midori.example", "namespace-dns" },
        { "device", "uri", "sip:midori.example", "namespace-dns" },
        { "device", "uri", "mailto:taro@midori.example", "namespace-dns" },
        { "device", "device", "www.midori.example", "namespace-dns" },
        { "device", "device", "www.midori.example.", "namespace-dns" },
        { "device", "device", "https://www.midori.example/", "namespace-dns" },
        { "device", "device", "www.midori.example:443", "namespace-dns" },
        { "device", "device", "*.midori.example", "namespace-dns" },
        { "device", "device", "192.0.3.1", "namespace-ip" },
        { "device", "device", "2001:db8:2::1", "namespace-ip" },
        { "device", "device", "taro@midori.example.", "namespace-mail" },
        { "user-auth", "name", "Taro <taro@midori.example>", "namespace-mail" },
        { "device", "device", "PC-0001", "" },
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].code[0] == 0)
            ok(!str_eq_z(outside(rows[i].profile, rows[i].field, rows[i].value), "") ||
                   strcmp(rows[i].field, "name") == 0 || strcmp(rows[i].field, "device") == 0 ||
                   strncmp(rows[i].value, "urn:", 4) == 0 ||
                   strcmp(rows[i].field, "organization") == 0,
               "without a namespace: %s", rows[i].value);
    is_str(outside("user-auth", "organization", "株式会社さくら"), "",
           "without a registered name the customer's own is good");
    is_str(outside("user-auth", "organization", "みどり工業"), "namespace-org", "another's is not");
    sql("INSERT INTO shomei.tenant_namespace (tenant_id, kind, value, added_at) VALUES "
        "(2, 'mail', 'sakura.example', NOW(6)), (2, 'dns', 'sakura.example', NOW(6)), "
        "(2, 'org', '株式会社さくら', NOW(6)), (2, 'org', 'Sakura K.K.', NOW(6)), (2, 'ip', "
        "'192.0.2.0/24', NOW(6)), "
        "(2, 'ip', '198.51.100.7', NOW(6)), (2, 'ip', '2001:db8:1::/48', NOW(6)), "
        "(3, 'mail', 'midori.example', NOW(6)), (3, 'dns', 'midori.example', NOW(6))");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        is_str(outside(rows[i].profile, rows[i].field, rows[i].value), rows[i].code, rows[i].value);
}

static void own_values(void)
{
    struct tx *tx = people_tx(&p, p.portal);
    const struct profile *pr;
    struct profiles_value *v;
    struct profiles_finding *f;
    size_t n, found;

    is_err(profiles_get(tx, STR("user-auth"), 0, &pr), E_OK, "user-auth");
    is_err(profiles_prefill(tx, pr, p.sakura, taro, &v, &n), E_OK, "the form is filled");
    is_int((int64_t)n, 3, "name, mail address, organization");
    is_str(v[1].value, "taro@example.test", "with the person's own address");
    is_str(v[2].value, "株式会社さくら", "and the customer's name");
    is_err(profiles_own(tx, pr, p.sakura, taro, v, n, &f, &found), E_OK, "as it is filled");
    is_int((int64_t)found, 0, "nothing is wrong");
    v[1].value = STR("jiro@example.test");
    is_err(profiles_own(tx, pr, p.sakura, taro, v, n, &f, &found), E_OK, "somebody else's address");
    ok(found == 1 && str_eq_z(f[0].code, "value-not-own") && str_eq_z(f[0].field, "email") &&
           f[0].refuses,
       "is refused");
    is_err(profiles_prefill(tx, pr, p.midori, taro, &v, &n), E_OK, "of another customer's account");
    is_int((int64_t)n, 1, "nothing is told but the organization");
    people_undo(tx);
}

/* Everything wrong with an application, at once. */
static void judged(void)
{
    struct tx *tx = people_tx(&p, p.portal);
    const struct profiles_value v[] = { { STR("name"), STR("Yаmada") },
                                        { STR("email"), STR("nobody") },
                                        { STR("x"), STR("y") } };
    const struct profile *pr;
    struct profiles_finding *f;
    size_t n;

    is_err(profiles_get(tx, STR("user-auth"), 0, &pr), E_OK, "user-auth");
    is_err(profiles_judge(tx, pr, v, 3, &f, &n), E_OK, "a bad application is judged");
    ok(n == 4 && str_eq_z(f[0].code, "value-unknown") && str_eq_z(f[1].code, "value-scripts") &&
           str_eq_z(f[2].code, "value-email") && str_eq_z(f[3].code, "value-missing") &&
           str_eq_z(f[3].field, "organization"),
       "all that is wrong, with its field");
    people_undo(tx);
}

/* Codes of the findings about a key, joined; a note in brackets. */
static struct str key_says(const char *profile, struct bytes spki, struct account_id who)
{
    struct tx *tx = people_tx(&p, p.portal);
    const struct profile *pr;
    struct profiles_finding *f;
    struct str out = STR("");
    size_t n = 0;

    if (profiles_get(tx, str_z(profile), 0, &pr) != E_OK ||
        profiles_key(tx, pr, spki, p.sakura, who, &f, &n) != E_OK)
        out = STR("failed");
    for (size_t i = 0; i < n; i++)
        out = str_fmt(p.a, f[i].refuses ? "%s %s" : "%s (%s)", out.p, f[i].code.p);
    people_undo(tx);
    return out;
}

static struct bytes new_key(enum signer_alg alg)
{
    struct signer_key *key;
    struct bytes spki;

    if (signer_key_new(alg, &key) != E_OK)
        return BYTES_ABSENT;
    spki = bytes_dup(p.a, signer_key_spki(key));
    signer_key_free(key);
    return spki;
}

static enum err block_line(const char *line, const char *reason)
{
    struct tx *tx = people_tx(&p, p.ctl);
    bool taken;
    enum err err = profiles_block_line(tx, str_z(line), reason, &taken);

    if (err == E_OK) {
        is_err(audit_note(tx, &me, "profiles.key.block", NULL, 0, NULL), E_OK, "audited");
        people_end(tx);
    } else {
        people_undo(tx);
    }
    return err;
}

static void certified(struct bytes spki, const char *tenant, const char *account)
{
    struct bytes32 d = sha256(spki);

    sql(str_fmt(
            p.a,
            "SET foreign_key_checks = 0; INSERT INTO shomei.certificate (tenant_id, account_id, "
            "authority_id, profile, subject, subject_text, spki, spki_sha256, validity_us, "
            "requested_at) VALUES (%s, %s, 1, 'user-auth', '', '', '', UNHEX('%s'), 1, NOW(6))",
            tenant, account, hex_encode(p.a, bytes_of_32(&d)).p)
            .p);
}

static void keys(void)
{
    struct bytes rsa = new_key(SIGNER_RSA_SHA256), ec = new_key(SIGNER_P256_SHA256);
    struct bytes mine = new_key(SIGNER_P384_SHA384), listed = new_key(SIGNER_P256_SHA256);
    struct bytes32 d = sha256(listed);
    uint8_t print[10];
    struct tx *tx;
    struct str taro_id = str_fmt(p.a, "%llu", (unsigned long long)taro.v);

    is_str(key_says("user-auth", rsa, taro), "", "a good RSA key");
    is_str(key_says("user-auth", ec, taro), "", "a good EC key");
    is_str(key_says("user-auth", (struct bytes){ ec.p, ec.n - 1 }, taro), " key-malformed",
           "half a key");
    tx = people_tx(&p, p.ctl);
    is_err(profiles_block_key(tx, ec, "compromised"), E_OK, "a key is reported");
    is_err(profiles_block_key(tx, ec, "weak"), E_OK, "and again");
    is_err(audit_note(tx, &me, "profiles.key.block", NULL, 0, NULL), E_OK, "audited");
    people_end(tx);
    is_str(key_says("user-auth", ec, taro), " key-compromised", "nobody may have it certified");
    ok(x509_key_modulus_print(rsa, print) && !x509_key_modulus_print(ec, print),
       "RSA has a modulus");
    (void)x509_key_modulus_print(rsa, print);
    is_err(block_line(hex_encode(p.a, (struct bytes){ print, 10 }).p, "weak"), E_OK,
           "a line of a list of weak keys");
    is_err(block_line("# a remark", "weak"), E_OK, "remarks are passed over");
    is_err(block_line("0123", "weak"), E_INPUT, "what is no fingerprint is refused");
    is_str(key_says("user-auth", rsa, taro), " key-known-weak", "the weak key is found");
    is_err(block_line(hex_encode(p.a, bytes_of_32(&d)).p, "weak"), E_OK, "a line with SHA-256");
    is_str(key_says("user-auth", listed, taro), " key-known-weak", "is found as well");
    certified(mine, "2", taro_id.p);
    is_str(key_says("user-auth", mine, taro), " key-used-before", "renewal with a new key only");
    is_str(key_says("device", mine, taro), " (key-used-before)", "or a note, by profile");
    is_str(key_says("user-auth", mine, jiro), " key-used", "another person's key");
    certified(new_key(SIGNER_P256_SHA256), "3", "NULL");
    certified(mine, "3", "NULL");
    is_str(key_says("user-auth", mine, taro), " key-used", "and another customer's");
}

/* The last 80 bits of SHA-1 over what `openssl rsa -modulus` prints. */
static void as_openssl_says(void)
{
    struct bytes rsa = new_key(SIGNER_RSA_SHA256);
    const char *dir = harness_dir(p.h);
    uint8_t print[10];
    char line[64] = "";
    FILE *f = fopen(str_fmt(p.a, "%s/k.der", dir).p, "wb");

    ok(f && fwrite(rsa.p, 1, rsa.n, f) == rsa.n && fclose(f) == 0, "a key in a file");
    f = popen(str_fmt(p.a,
                      "openssl rsa -pubin -inform DER -in %s/k.der -noout -modulus | sha1sum "
                      "| cut -c 21-40",
                      dir)
                  .p,
              "r");
    ok(f && fgets(line, sizeof line, f), "openssl's fingerprint");
    if (f)
        (void)pclose(f);
    line[20] = '\0';
    (void)x509_key_modulus_print(rsa, print);
    is_str(hex_encode(p.a, (struct bytes){ print, 10 }), line, "is ours");
}

int main(void)
{
    people_start(&p);
    taro = people_add(&p, p.sakura, "taro", ROLE_END_USER, false);
    jiro = people_add(&p, p.sakura, "jiro", ROLE_END_USER, false);
    versions();
    who_may();
    namespaces();
    own_values();
    judged();
    keys();
    as_openssl_says();
    people_stop(&p);
    return tap_done();
}
