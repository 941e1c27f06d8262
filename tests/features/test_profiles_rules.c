/*
 * test_profiles_rules.c - a profile that breaks a rule of its class does not load, and the refusal
 * names the rule and the place (P3-44; BR: TLS Baseline Requirements, SBR: those of S/MIME). Each
 * row changes one thing in a document that is good.
 */
#include "tap.h"

#include "features/profiles/profiles.h"

#include <stdlib.h>

static struct arena *a;

#define TWO(text) "{\"ja\":\"" text "\",\"en\":\"" text "\"}"
#define FIELD(name, kind, more)                                                                    \
    "{\"name\":\"" name "\",\"kind\":\"" kind "\",\"label\":" TWO("x") more "}"

/* A server certificate of the public Internet, organization validated. */
static const char tls[] =
    "{\"name\":\"t\",\"class\":\"public-tls\",\"service\":\"jprs-tls\",\"cps\":\"CPS 1\","
    "\"title\":" TWO("t") ",\"about\":" TWO(
        "t") ","
             "\"apply\":{\"roles\":[\"customer_admin\"],\"person\":false,\"approvals\":2},"
             "\"keys\":{\"kinds\":[\"rsa\",\"p256\"],\"from\":[\"csr\"]},"
             "\"certificate\":{\"authority\":\"access\",\"days\":199,"
             "\"key_usage\":[\"digitalSignature\"],\"extended_key_usage\":[\"serverAuth\"],"
             "\"policies\":[{\"oid\":\"2.23.140.1.2.2\"},{\"oid\":\"1.2.3.4\",\"cps\":\"http://"
             "a.example/c\"}],"
             "\"ocsp\":\"http://ocsp.example.jp/\",\"issuer\":true,\"crl\":true,\"suspend\":false},"
             "\"subject\":[{\"type\":\"C\",\"value\":\"JP\"},{\"type\":\"ST\",\"value\":\"Tokyo\"},"
             "{\"type\":\"O\",\"field\":\"org\"},{\"type\":\"CN\",\"field\":\"host\"}],"
             "\"names\":[{\"kind\":\"dns\",\"field\":\"host\"}],\"wildcard\":true,"
             "\"fields\":[" FIELD("org", "text", ",\"required\":true") "," FIELD(
                 "host", "dns", ",\"required\":true,\"max\":64") "],"
                                                                 "\"renewal\":{\"same_key\":false,"
                                                                 "\"days\":30},\"notices\":[30,7]}";

static const char mail[] =
    "{\"name\":\"m\",\"class\":\"smime\",\"service\":\"mpki\",\"cps\":\"CPS 1\","
    "\"title\":" TWO("t") ",\"about\":" TWO(
        "t") ","
             "\"apply\":{\"roles\":[\"end_user\"],\"person\":true},"
             "\"keys\":{\"kinds\":[\"rsa\",\"p256\"],\"from\":[\"csr\",\"pkcs12\"]},"
             "\"certificate\":{\"authority\":\"access\",\"days\":825,"
             "\"key_usage\":[\"digitalSignature\",\"keyEncipherment\"],"
             "\"extended_key_usage\":[\"emailProtection\",\"clientAuth\"],"
             "\"policies\":[{\"oid\":\"2.23.140.1.5.1.2\"}],\"suspend\":false},"
             "\"subject\":[{\"type\":\"CN\",\"field\":\"mail\"},{\"type\":\"emailAddress\","
             "\"field\":\"mail\"}],"
             "\"names\":[{\"kind\":\"email\",\"field\":\"mail\"}],"
             "\"fields\":[" FIELD("mail", "email", ",\"required\":true,\"max\":64") "]}";

static const char private[] =
    "{\"name\":\"p\",\"class\":\"private\",\"service\":\"mpki\",\"cps\":\"CPS 1\","
    "\"title\":" TWO("t") ",\"about\":" TWO(
        "t") ","
             "\"apply\":{\"roles\":[\"end_user\",\"customer_admin\"],\"person\":true,\"approvals\":"
             "1},"
             "\"keys\":{\"kinds\":[\"rsa\",\"p256\",\"p384\"],\"from\":[\"csr\",\"hsm\",\"pkcs12\","
             "\"browser\"]},"
             "\"certificate\":{\"authority\":\"access\",\"days\":3650,"
             "\"key_usage\":[\"digitalSignature\"],\"extended_key_usage\":[\"clientAuth\"],"
             "\"suspend\":true},"
             "\"subject\":[{\"type\":\"C\",\"field\":\"land\"},{\"type\":\"O\",\"value\":"
             "\"株式会社\"},"
             "{\"type\":\"OU\",\"value\":\"A\"},{\"type\":\"OU\",\"field\":\"unit\"},{\"type\":"
             "\"CN\",\"field\":\"name\"}],"
             "\"fields\":[" FIELD("land", "country", "") "," FIELD(
                 "unit", "choice",
                 ",\"choices\":[\"x\",\"y\"]") "," FIELD("name", "text", ",\"required\":true") "]}";

/* Of `base` with `from` replaced by `to`. */
struct bad {
    const char *base, *from, *to, *reason, *place;
};

static const struct bad rules[] = {
    /* validity: BR 6.3.2 on 2026-11-20, SBR 6.3.2 */
    { tls, "\"days\":199", "\"days\":201", "profile-validity", "/certificate/days" },
    { mail, "\"days\":825", "\"days\":826", "profile-validity", "/certificate/days" },
    { private, "\"days\":3650", "\"days\":3651", "profile-validity", "/certificate/days" },
    { tls, "[30,7]", "[199,7]", "profile-validity", "/notices/0" },
    { tls, "\"days\":30", "\"days\":199", "profile-validity", "/renewal/days" },
    /* suspension: BR 4.9.13 */
    { tls, "\"suspend\":false", "\"suspend\":true", "profile-suspension", "/certificate/suspend" },
    { mail, "2.23.140.1.5.1.2\"}],\"suspend\":false", "2.23.140.1.5.1.3\"}],\"suspend\":true",
      "profile-suspension", "SBR 7.2.2" },
    /* keys made by the authority: BR 6.1.1.3 */
    { tls, "[\"csr\"]", "[\"csr\",\"pkcs12\"]", "profile-server-key", "/keys/from" },
    { tls, "[\"csr\"]", "[\"hsm\"]", "profile-server-key", "/keys/from" },
    { private, "[\"clientAuth\"]", "[\"anyExtendedKeyUsage\"]", "profile-server-key",
      "/keys/from" },
    /* extended key usage: BR 7.1.2.7.10, SBR 7.1.2.3 */
    { private, "[\"clientAuth\"]", "[]", "profile-eku", "/certificate/extended_key_usage" },
    { private, "[\"clientAuth\"]", "[\"ocspSigning\"]", "profile-eku", "RFC 6960" },
    { private, "[\"clientAuth\"]", "[\"clientAuth\",\"timeStamping\"]", "profile-eku", "RFC 3161" },
    { private, "[\"clientAuth\"]", "[\"serverAuth\",\"emailProtection\"]", "profile-eku",
      "7.1.2.7.10" },
    { private, "[\"clientAuth\"]", "[\"codeSigning\",\"clientAuth\"]", "profile-eku",
      "codeSigning" },
    { private, "[\"clientAuth\"]", "[\"anyExtendedKeyUsage\",\"clientAuth\"]", "profile-eku",
      "anyExtendedKeyUsage" },
    { tls, "[\"serverAuth\"]", "[\"serverAuth\",\"clientAuth\"]", "profile-eku", "serverAuth" },
    { tls, "[\"serverAuth\"]", "[\"clientAuth\"]", "profile-eku", "serverAuth" },
    { mail, "[\"emailProtection\",\"clientAuth\"]", "[\"clientAuth\"]", "profile-eku", "SBR" },
    { mail, "[\"emailProtection\",\"clientAuth\"]", "[\"codeSigning\"]", "profile-eku", "SBR" },
    /* key usage: BR 7.1.2.7.11, RFC 5280 4.2.1.3 */
    { tls, "[\"digitalSignature\"]", "[\"keyEncipherment\"]", "profile-key-usage", "nothing" },
    { tls, "[\"digitalSignature\"]", "[\"digitalSignature\",\"nonRepudiation\"]",
      "profile-key-usage", "nonRepudiation" },
    { tls, "[\"digitalSignature\"]", "[\"digitalSignature\",\"dataEncipherment\"]",
      "profile-key-usage", "7.1.2.7.11" },
    { private, "[\"digitalSignature\"]", "[]", "profile-key-usage", "/certificate/key_usage" },
    /* policies: BR 7.1.2.7.9, SBR 7.1.6.1 */
    { tls, "\"2.23.140.1.2.2\"", "\"1.2.3\"", "profile-policies", "exactly one" },
    { tls, "\"1.2.3.4\"", "\"2.23.140.1.2.1\"", "profile-policies", "exactly one" },
    { tls, "\"1.2.3.4\"", "\"2.23.140.1.5.1.2\"", "profile-policies", "exactly one" },
    { tls, "\"1.2.3.4\"", "\"2.5.29.32.0\"", "profile-policies", "anyPolicy" },
    { tls, "\"1.2.3.4\"", "\"2.23.140.1.2.2\"", "profile-policies", "twice" },
    { tls, "\"http://a.example/c\"", "\"somewhere\"", "profile-policies", "/cps" },
    { mail, "2.23.140.1.5.1.2", "2.23.140.1.5.1.1", "profile-policies", "Legacy" },
    { mail, "2.23.140.1.5.1.2", "1.2.3", "profile-policies", "SBR 7.1.6.1" },
    { private, "\"suspend\":true", "\"policies\":[{\"oid\":\"2.23.140.1.2.1\"}]",
      "profile-policies", "reserved" },
    /* pointers: BR 7.1.2.11.2, 7.1.2.7.7 */
    { tls, "\"http://ocsp.example.jp/\"", "\"https://ocsp.example.jp/\"", "profile-pointer",
      "/certificate/ocsp" },
    { tls, "\"crl\":true", "\"crl\":\"https://crl.example.jp/1.crl\"", "profile-pointer",
      "/certificate/crl" },
    { tls, "\"crl\":true", "\"crl\":\"http://no host/\"", "profile-pointer", "/certificate/crl" },
    { tls, "\"http://ocsp.example.jp/\",\"issuer\":true", "false,\"issuer\":false",
      "profile-pointer", "/certificate/issuer" },
    { private, "\"suspend\":true", "\"ocsp\":false,\"crl\":false", "profile-pointer", "neither" },
    /* subject: BR 7.1.4.1 to 7.1.4.3 */
    { tls, "{\"type\":\"ST\",\"value\":\"Tokyo\"}", "{\"type\":\"O\",\"value\":\"x\"}",
      "profile-subject", "twice" },
    { tls, "{\"type\":\"CN\",\"field\":\"host\"}", "{\"type\":\"CN\",\"value\":\"a.example\"}",
      "profile-subject", "7.1.4.3" },
    { tls, "{\"type\":\"ST\",\"value\":\"Tokyo\"},{\"type\":\"O\",\"field\":\"org\"}",
      "{\"type\":\"O\",\"field\":\"org\"},{\"type\":\"ST\",\"value\":\"Tokyo\"}",
      "profile-subject-order", "/subject/2" },
    { tls, "{\"type\":\"CN\",", "{\"type\":\"OU\",\"value\":\"x\"},{\"type\":\"CN\",",
      "profile-subject", "no OU" },
    { tls, "2.23.140.1.2.2", "2.23.140.1.2.1", "profile-subject", "domain validated" },
    { tls, "2.23.140.1.2.2", "2.23.140.1.2.3", "profile-subject", "individual" },
    { tls, "{\"type\":\"C\",\"value\":\"JP\"},", "", "profile-subject", "O and C" },
    { tls, "\"value\":\"JP\"", "\"value\":\"Japan\"", "profile-subject", "country" },
    { tls, "\"Tokyo\"", "\"Tоkyo\"", "profile-subject", "/subject/1/value" },
    { private, "\"land\",\"kind\":\"country\"", "\"land\",\"kind\":\"text\"", "profile-subject",
      "country" },
    { mail, "\"names\":[{\"kind\":\"email\",\"field\":\"mail\"}],", "", "profile-subject",
      "emailAddress" },
    { mail, "\"subject\":[", "\"subject\":[{\"type\":\"O\",\"value\":\"x\"},", "profile-subject",
      "7.1.4.2.3" },
    { mail, "2.23.140.1.5.1.2", "2.23.140.1.5.2.3", "profile-subject", "7.1.4.2.4" },
    { mail, "2.23.140.1.5.1.2", "2.23.140.1.5.3.3", "profile-subject", "7.1.4.2.5" },
    { mail, "2.23.140.1.5.1.2", "2.23.140.1.5.4.2", "profile-subject", "7.1.4.2.6" },
    /* alternative names: BR 7.1.2.7.12, SBR 7.1.4.2.1 */
    { tls, "\"required\":true,\"max\":64", "\"max\":64", "profile-names", "/names" },
    { tls, "\"names\":[", "\"names\":[{\"kind\":\"uri\",\"field\":\"org\"},", "profile-malformed",
      "/names/0/field" },
    { mail, "\"required\":true,\"max\":64", "\"max\":64", "profile-names", "mail address" },
    { private, ",\"required\":true", "", "profile-names", "4.1.2.6" },
    /* people */
    { private, "\"person\":true", "\"person\":false", "profile-person", "/apply/person" },
    /* the document itself */
    { private, "{\"name\":\"p\"", "{\"name\":\"P\"", "profile-malformed", "/name" },
    { private, "\"class\":\"private\"", "\"class\":\"public\"", "profile-malformed", "/class" },
    { private, "\"service\":\"mpki\"", "\"service\":\"x\"", "profile-malformed", "/service" },
    { private, "\"suspend\":true", "\"suspended\":true", "profile-malformed",
      "/certificate/suspended" },
    { private, "\"suspend\":true", "\"suspend\":1", "profile-malformed", "/certificate/suspend" },
    { private, "\"days\":3650", "\"days\":0", "profile-malformed", "/certificate/days" },
    { private, "\"days\":3650", "\"days\":\"3650\"", "profile-malformed", "/certificate/days" },
    { private, "\"clientAuth\"", "\"ipsec\"", "profile-malformed",
      "/certificate/extended_key_usage/0" },
    { private, "\"digitalSignature\"", "\"keyCertSign\"", "profile-malformed",
      "/certificate/key_usage/0" },
    { private, "\"end_user\",", "\"auditor\",", "profile-malformed", "/apply/roles/0" },
    { private, "\"approvals\":1", "\"approvals\":3", "profile-malformed", "/apply/approvals" },
    { private, "[\"rsa\",\"p256\",\"p384\"]", "[]", "profile-malformed", "/keys/kinds" },
    { private, "[\"rsa\",\"p256\",\"p384\"]", "[\"ed25519\"]", "profile-malformed",
      "/keys/kinds/0" },
    { private, "\"field\":\"unit\"", "\"field\":\"nowhere\"", "profile-malformed",
      "/subject/3/field" },
    { private, "{\"type\":\"OU\",\"field\":\"unit\"},", "", "profile-malformed", "/fields/1" },
    { private, "{\"type\":\"OU\",\"value\":\"A\"}", "{\"type\":\"DC\",\"value\":\"A\"}",
      "profile-malformed", "/subject/2/type" },
    { private, "\"choices\":[\"x\",\"y\"]", "\"max\":5", "profile-malformed", "/fields/1/choices" },
    { private, "\"kind\":\"text\"", "\"kind\":\"textarea\"", "profile-malformed",
      "/fields/2/kind" },
    { private, "\"required\":true", "\"fixed\":true", "profile-malformed", "/fields/2/fixed" },
    { private, "\"required\":true", "\"from\":\"account.password\"", "profile-malformed",
      "/fields/2/from" },
    { private, "\"required\":true", "\"max\":256", "profile-malformed", "/fields/2/max" },
    { private, "\"name\":\"name\"", "\"name\":\"land\"", "profile-malformed", "/fields/2/name" },
    { private, "\"title\":{\"ja\":\"t\",", "\"title\":{", "profile-malformed", "/title/ja" },
    { tls, "[30,7]", "[7,30]", "profile-malformed", "/notices/1" },
};

static struct str changed(const struct bad *b)
{
    const char *at = strstr(b->base, b->from);

    if (!at) {
        tap_note("not in the document: %s", b->from);
        return STR("");
    }
    return str_fmt(a, "%.*s%s%s", (int)(at - b->base), b->base, b->to, at + strlen(b->from));
}

static struct timestamp day(int year, int month, int of_month)
{
    struct calendar c = { .year = year, .month = month, .day = of_month };
    return timestamp_from_calendar_utc(c);
}

static enum err check(struct str json, struct timestamp now, struct profile *p)
{
    return profiles_check(a, bytes_of_str(json), now, p);
}

static void bad_ones(void)
{
    struct profile p;

    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        const struct bad *b = &rules[i];
        struct str json = changed(b);
        enum err err = json.n ? check(json, day(2026, 11, 20), &p) : E_OK;
        const struct fault *f = fault_current();
        bool good = err == E_INPUT && strcmp(f->reason, b->reason) == 0 &&
                    strstr(f->detail, b->place) != NULL;
        ok(good, "%s: %s instead of %s", b->reason, b->to, b->from);
        if (!good)
            tap_note("%s: %s: %s", err_name(err), f->reason, f->detail);
        fault_clear();
    }
}

/* BR 6.3.2 as it is on the day. */
static void calendar(void)
{
    static const struct {
        int year, month, day;
        int64_t most;
    } steps[] = { { 2026, 3, 14, 398 }, { 2026, 3, 15, 200 }, { 2027, 3, 14, 200 },
                  { 2027, 3, 15, 100 }, { 2029, 3, 14, 100 }, { 2029, 3, 15, 47 } };
    struct profile p;

    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        struct timestamp now = day(steps[i].year, steps[i].month, steps[i].day);
        is_int(profiles_days_max(PROFILES_PUBLIC_TLS, now), steps[i].most, "BR 6.3.2");
        struct bad most = { tls, "\"days\":199",
                            str_fmt(a, "\"days\":%lld", (long long)steps[i].most).p, "", "" };
        struct bad more = { tls, "\"days\":199",
                            str_fmt(a, "\"days\":%lld", (long long)steps[i].most + 1).p, "", "" };
        is_err(check(changed(&most), now, &p), E_OK, "the longest validity of the day");
        is_err(check(changed(&more), now, &p), E_INPUT, "one day more");
        fault_clear();
    }
    is_err(check(str_z(tls), day(2027, 3, 15), &p), E_INPUT, "what was good ends with the day");
    fault_clear();
}

static void good_ones(void)
{
    struct timestamp now = day(2026, 11, 20);
    struct profile p;

    is_err(check(str_z(tls), now, &p), E_OK, "the public TLS profile that the rows change");
    ok(!p.x509.suspendable && p.x509.policies_n == 2 && p.approvals == 2 && p.wildcard &&
           strcmp(p.x509.ocsp_url, "http://ocsp.example.jp/") == 0 && p.x509.crl_url == NULL,
       "and it is read as it is written");
    is_err(check(str_z(mail), now, &p), E_OK, "the S/MIME profile");
    ok(p.person && p.approvals == 1 && p.keys == (PROFILES_CSR | PROFILES_PKCS12), "the same");
    struct bad hold = { mail, "\"suspend\":false", "\"suspend\":true", "", "" };
    is_err(check(changed(&hold), now, &p), E_OK, "Multipurpose may be suspended (SBR 7.2.2)");
    is_err(check(str_z(private), now, &p), E_OK, "the private profile");
    ok(p.x509.suspendable && p.x509.aia_ocsp && p.x509.cdp && p.fields[1].choices_n == 2,
       "the same, with what it leaves unsaid");
    struct bad ec = { tls, "[\"rsa\",\"p256\"]", "[\"p256\",\"p384\"]", "", "" };
    is_err(check(changed(&ec), now, &p), E_OK, "EC alone");
    struct bad enc = { changed(&ec).p, "[\"digitalSignature\"]",
                       "[\"digitalSignature\",\"keyEncipherment\"]", "", "" };
    is_err(check(changed(&enc), now, &p), E_INPUT, "EC alone enciphers nothing (BR 7.1.2.7.11)");
    struct bad rsa = { private, "[\"rsa\",\"p256\",\"p384\"]", "[\"rsa\"]", "", "" };
    struct bad agree = { changed(&rsa).p, "[\"digitalSignature\"]",
                         "[\"digitalSignature\",\"keyAgreement\"]", "", "" };
    is_err(check(changed(&agree), now, &p), E_INPUT, "RSA alone agrees on nothing");
    is_err(check(STR("[]"), now, &p), E_INPUT, "a list is no profile");
    is_err(check(STR("{\"name\":\"a\",\"name\":\"b\"}"), now, &p), E_INPUT, "a member twice");
    is_err(check(STR("{"), now, &p), E_INPUT, "half a document");
    fault_clear();
}

int main(void)
{
    a = arena_new(64u << 20);
    good_ones();
    bad_ones();
    calendar();
    arena_free(a);
    return tap_done();
}
