/*
 * test_profiles_certs.c - every shipped profile, with every kind of key, makes a certificate that
 * x509_lint() and openssl(1) accept (P3-42, P3-44, facts of BR 7.1.2.7); so does one of the public
 * classes with policies and without a subject.
 */
#include "tap.h"

#include "features/profiles/profiles.h"

#include <stdlib.h>
#include <sys/stat.h>

static struct arena *a;
static char dir[] = "/tmp/shomei-profiles-XXXXXX";

static const struct x509_profile ca = { .name = "ca",
                                        .validity_us = 7300 * DAY_US,
                                        .key_usage = X509_KEY_CERT_SIGN | X509_CRL_SIGN,
                                        .ca = true,
                                        .path_length = -1,
                                        .algs = 7 };

struct party {
    struct signer_key *key;
    struct signer signer;
    struct bytes subject, der;
    struct x509 x;
};
static struct party root;

static void save(const char *name, struct str text)
{
    FILE *f = fopen(str_fmt(a, "%s/%s", dir, name).p, "wb");

    if (!f || fwrite(text.p, 1, text.n, f) != text.n || fclose(f) != 0)
        abort();
}

static struct bytes load(const char *path)
{
    FILE *f = fopen(path, "rb");
    uint8_t *p = arena_alloc(a, 65536);

    if (!f)
        abort();
    size_t n = fread(p, 1, 65536, f);
    (void)fclose(f);
    return (struct bytes){ p, n };
}

/* openssl(1) with these arguments in the folder: fixed texts of this test. */
static bool openssl(const char *arguments)
{
    struct str command =
        str_fmt(a, "cd %s && openssl %s >out.txt 2>&1 || { sed 's/^/# /' out.txt; exit 1; }", dir,
                arguments);

    return system(command.p) == 0;
}

static bool printed(const char *word)
{
    struct bytes out = load(str_fmt(a, "%s/out.txt", dir).p);

    return strstr(str_of(a, (const char *)out.p, out.n).p, word) != NULL;
}

/* Sign, parse, lint. */
static void issue(struct party *who, const struct x509_profile *p, enum signer_alg alg,
                  const struct x509_san *san, size_t san_n, const struct party *by,
                  const char *what)
{
    struct timestamp from = timestamp_add(clock_now(), -5 * MINUTE_US);
    uint8_t serial[20];
    struct bytes tbs;

    if (signer_key_new(alg, &who->key) != E_OK)
        abort();
    who->signer = signer_key_signer(who->key);
    x509_serial_new(serial);
    struct x509_request r = { .profile = p,
                              .signature_alg = by ? by->signer.alg : alg,
                              .serial = { serial, sizeof serial },
                              .issuer = by ? by->subject : who->subject,
                              .issuer_ski = by ? by->x.ski : BYTES_ABSENT,
                              .subject = who->subject,
                              .spki = signer_key_spki(who->key),
                              .not_before = from,
                              .not_after = timestamp_add(from, p->validity_us - SECOND_US),
                              .san = san,
                              .san_n = san_n,
                              .ocsp_url = STR("http://ocsp.example.jp/"),
                              .issuer_url = STR("http://ca.example.jp/ca.cer"),
                              .crl_url = STR("http://ca.example.jp/ca.crl") };
    enum err err = x509_build(&r, a, &tbs);
    if (err == E_OK)
        err = signer_wrap(by ? &by->signer : &who->signer, tbs, a, &who->der);
    if (err == E_OK)
        err = x509_parse(who->der, a, &who->x);
    if (err == E_OK)
        err = x509_lint(&who->x, p, by ? &by->x : NULL);
    is_err(err, E_OK, what);
}

static void make_root(void)
{
    struct name n = { .n = 0 };

    name_add(&n, OID_C, STR("JP"));
    name_add(&n, OID_CN, STR("Root"));
    is_err(name_build(&n, a, &root.subject), E_OK, "root's name");
    issue(&root, &ca, SIGNER_P384_SHA384, NULL, 0, NULL, "a root");
    save("root.pem", x509_pem(a, "CERTIFICATE", root.der));
}

static struct str sample(const struct profiles_field *f)
{
    static const struct {
        enum profiles_kind kind;
        const char *value;
    } samples[] = { { PROFILES_TEXT, "AB-1" },        { PROFILES_EMAIL, "taro@example.jp" },
                    { PROFILES_DNS, "h.example.jp" }, { PROFILES_IP, "2001:db8::1" },
                    { PROFILES_URI, "urn:x:1" },      { PROFILES_COUNTRY, "JP" } };

    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++)
        if (samples[i].kind == f->kind)
            return str_z(samples[i].value);
    return f->choices[0];
}

static bool has(const struct profile *p, enum oid purpose)
{
    for (size_t i = 0; i < p->x509.eku_n; i++)
        if (p->x509.eku[i] == purpose)
            return true;
    return false;
}

static void judge(const struct profile *p, bool rsa, const char *what)
{
    static const struct {
        enum oid eku;
        const char *purpose;
        bool rsa_only;
    } purposes[] = { { OID_EKU_CLIENT_AUTH, "sslclient", false },
                     { OID_EKU_SERVER_AUTH, "sslserver", false },
                     { OID_EKU_EMAIL, "smimesign", false },
                     { OID_EKU_EMAIL, "smimeencrypt", true } };
    bool enciphers = (p->x509.key_usage & X509_KEY_ENCIPHERMENT) != 0;

    ok(openssl("verify -x509_strict -purpose any -CAfile root.pem leaf.pem"),
       "%s: openssl verify -x509_strict", what);
    for (size_t i = 0; i < sizeof purposes / sizeof purposes[0]; i++) {
        if (!has(p, purposes[i].eku) || (purposes[i].rsa_only && !(rsa && enciphers)))
            continue;
        ok(openssl(str_fmt(a, "verify -x509_strict -purpose %s -CAfile root.pem leaf.pem",
                           purposes[i].purpose)
                       .p),
           "%s: for %s", what, purposes[i].purpose);
    }
    ok(openssl("x509 -in leaf.pem -noout -text") && printed("Digital Signature") &&
           (rsa || !printed("Key Encipherment")) && !(rsa && printed("Key Agreement")),
       "%s: key usage by the kind of key (BR 7.1.2.7.11)", what);
}

/* All fields filled, and only the required ones. */
static void certify(const struct profile *p, bool all)
{
    static const char *const kinds[] = { "RSA", "P-256", "P-384" };
    struct profiles_value v[PROFILES_FIELDS_MAX];
    struct name subject;
    struct x509_san *san;
    struct str field;
    size_t n = 0, san_n;

    for (size_t i = 0; i < p->fields_n; i++)
        if (all || p->fields[i].required)
            v[n++] = (struct profiles_value){ p->fields[i].name, sample(&p->fields[i]) };
    for (unsigned alg = 0; alg < SIGNER__MAX; alg++) {
        struct party leaf = { .key = NULL };
        const char *what =
            str_fmt(a, "%s, %s, %s", p->name.p, kinds[alg], all ? "all fields" : "required fields")
                .p;
        if (!(p->x509.algs & 1u << alg))
            continue;
        is_err(profiles_compose(p, v, n, a, &subject, &san, &san_n, &field), E_OK, what);
        is_err(name_build(&subject, a, &leaf.subject), E_OK, what);
        issue(&leaf, &p->x509, (enum signer_alg)alg, san, san_n, &root, what);
        save("leaf.pem", x509_pem(a, "CERTIFICATE", leaf.der));
        judge(p, alg == SIGNER_RSA_SHA256, what);
        signer_key_free(leaf.key);
    }
}

static void shipped(void)
{
    static const char *const names[] = { "user-auth", "smime",  "signing",    "lra-operator",
                                         "client",    "device", "tls-private" };
    const char *src = getenv("SHOMEI_SRCDIR");
    struct profile p;

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct str path = str_fmt(a, "%s/sql/profiles/%s.json", src ? src : ".", names[i]);
        is_err(profiles_check(a, load(path.p), clock_now(), &p), E_OK, names[i]);
        ok(str_eq_z(p.name, names[i]), "%s is in the file of its name", names[i]);
        certify(&p, true);
        certify(&p, false);
    }
}

/* Domain validated, without a subject: what is named is critical (RFC 5280 4.2.1.6). */
static void nameless(void)
{
    static const char json[] =
        "{\"name\":\"dv\",\"class\":\"public-tls\",\"service\":\"jprs-tls\",\"cps\":\"CPS 1\","
        "\"title\":{\"ja\":\"t\",\"en\":\"t\"},\"about\":{\"ja\":\"t\",\"en\":\"t\"},"
        "\"apply\":{\"roles\":[\"customer_admin\"]},"
        "\"keys\":{\"kinds\":[\"rsa\",\"p256\",\"p384\"],\"from\":[\"csr\"]},"
        "\"certificate\":{\"authority\":\"access\",\"days\":46,\"key_usage\":[\"digitalSignature\"]"
        ","
        "\"extended_key_usage\":[\"serverAuth\"],\"policies\":[{\"oid\":\"2.23.140.1.2.1\"},"
        "{\"oid\":\"1.2.3.4.5\",\"cps\":\"http://cps.example.jp/\"}],"
        "\"crl\":\"http://crl.example.jp/7.crl\",\"subject_key_id\":false},"
        "\"subject\":[],\"names\":[{\"kind\":\"dns\",\"field\":\"host\"}],"
        "\"fields\":[{\"name\":\"host\",\"kind\":\"dns\",\"label\":{\"ja\":\"t\",\"en\":\"t\"},"
        "\"required\":true,\"many\":true,\"max\":253}]}";
    struct party leaf = { .key = NULL };
    struct profile p, other;
    const struct x509_san san = { X509_SAN_DNS, STR("a.example.jp") };

    is_err(profiles_check(a, bytes_of_str(str_z(json)), clock_now(), &p), E_OK,
           "a domain-validated profile without a subject");
    certify(&p, true);
    ok(printed("X509v3 Subject Alternative Name: critical") && printed("Policy: 1.2.3.4.5") &&
           printed("CPS: http://cps.example.jp/") && printed("http://crl.example.jp/7.crl") &&
           !printed("X509v3 Subject Key Identifier") && printed("2.23.140.1.2.1"),
       "critical names, policies with their practice statement, the profile's own places");
    leaf.subject = (struct bytes){ (const uint8_t *)"\x30\x00", 2 };
    issue(&leaf, &p.x509, SIGNER_P256_SHA256, &san, 1, &root, "the same by hand");
    other = p;
    other.x509.policies_n = 1;
    is_err(x509_lint(&leaf.x, &other.x509, &root.x), E_INTERNAL, "lint sees a policy too many");
    other.x509.policies_n = 2;
    other.x509.policies[1].oid = "1.2.3.4.6";
    is_err(x509_lint(&leaf.x, &other.x509, &root.x), E_INTERNAL, "lint sees another policy");
    other = p;
    other.x509.no_ski = false;
    is_err(x509_lint(&leaf.x, &other.x509, &root.x), E_INTERNAL, "lint misses the key identifier");
    struct x509 x = leaf.x;
    x.san_critical = false;
    is_err(x509_lint(&x, &p.x509, &root.x), E_INTERNAL, "lint wants the names critical");
    signer_key_free(leaf.key);
}

int main(void)
{
    a = arena_new(256u << 20);
    if (!mkdtemp(dir))
        abort();
    make_root();
    shipped();
    nameless();
    (void)!system(str_fmt(a, "rm -rf %s", dir).p);
    signer_key_free(root.key);
    arena_free(a);
    return tap_done();
}
