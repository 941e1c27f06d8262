/*
 * profiles_rules.c - what a profile of a class may say. BR: TLS Baseline Requirements; SBR: S/MIME
 * Baseline Requirements. The facts behind each rule are in README.md.
 */
#include "features/profiles/profiles_inside.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define RULE(reason, ...) FAIL(E_INPUT, "profile-" reason, __VA_ARGS__)

static uint32_t eku_bit(enum oid oid)
{
    return oid == OID_EKU_SERVER_AUTH        ? 1u << 0
           : oid == OID_EKU_CLIENT_AUTH      ? 1u << 1
           : oid == OID_EKU_EMAIL            ? 1u << 2
           : oid == OID_EKU_CODE_SIGNING     ? 1u << 3
           : oid == OID_EKU_TIME_STAMPING    ? 1u << 4
           : oid == OID_EKU_OCSP_SIGNING     ? 1u << 5
           : oid == OID_EKU_ANY              ? 1u << 6
           : oid == OID_EKU_SMARTCARD_LOGON  ? 1u << 7
           : oid == OID_EKU_DOCUMENT_SIGNING ? 1u << 8
                                             : 1u << 9;
}
enum {
    SERVER = 1 << 0,
    CLIENT = 1 << 1,
    MAIL = 1 << 2,
    CODE = 1 << 3,
    STAMP = 1 << 4,
    OCSP = 1 << 5,
    ANY = 1 << 6
};

static uint32_t purposes(const struct profile *p)
{
    uint32_t bits = 0;

    for (size_t i = 0; i < p->x509.eku_n; i++)
        bits |= eku_bit(p->x509.eku[i]);
    return bits;
}

int64_t profiles_days_max(enum profiles_class class, struct timestamp now)
{
    static const struct {
        struct calendar from;
        int64_t days;
    } steps[] = { /* BR 6.3.2, latest first */
                  { { .year = 2029, .month = 3, .day = 15 }, 47 },
                  { { .year = 2027, .month = 3, .day = 15 }, 100 },
                  { { .year = 2026, .month = 3, .day = 15 }, 200 }
    };

    if (class == PROFILES_PRIVATE)
        return 3650;
    if (class == PROFILES_SMIME)
        return 825; /* SBR 6.3.2, Strict and Multipurpose */
    for (size_t i = 0; i < COUNT(steps); i++)
        if (timestamp_cmp(now, timestamp_from_calendar_utc(steps[i].from)) >= 0)
            return steps[i].days;
    return 398;
}

static enum err validity(const struct profile *p, struct timestamp now)
{
    int64_t days = p->x509.validity_us / DAY_US, most = profiles_days_max(p->class, now);

    if (days > most)
        return RULE("validity", "/certificate/days: %s 6.3.2: %lld days, at most %lld today",
                    p->class == PROFILES_SMIME ? "SBR" : "BR", (long long)days, (long long)most);
    if (p->notices_n > 0 && p->notices[0] >= days)
        return RULE("validity", "/notices/0: %u days before the end of %lld", p->notices[0],
                    (long long)days);
    if (p->renew_days >= days)
        return RULE("validity", "/renewal/days: %u days before the end of %lld", p->renew_days,
                    (long long)days);
    return E_OK;
}

static enum err extended_usage(const struct profile *p)
{
    static const char at[] = "/certificate/extended_key_usage";
    uint32_t eku = purposes(p);

    if (eku == 0)
        return RULE("eku", "%s: RFC 5280 4.2.1.12: without a purpose it would serve every one", at);
    if (eku & (OCSP | STAMP))
        return RULE("eku",
                    "%s: RFC 6960 4.2.2.2, RFC 3161 2.3: ocspSigning and timeStamping are "
                    "the authority's own",
                    at);
    if ((eku & SERVER) && (eku & ~(uint32_t)(SERVER | CLIENT)))
        return RULE("eku", "%s: BR 7.1.2.7.10: serverAuth goes with clientAuth only", at);
    if ((eku & CODE) && eku != CODE)
        return RULE("eku", "%s: codeSigning stands alone", at);
    if ((eku & ANY) && eku != ANY)
        return RULE("eku", "%s: anyExtendedKeyUsage stands alone", at);
    if (p->class == PROFILES_PUBLIC_TLS && eku != SERVER)
        return RULE("eku", "%s: BR 7.1.2.7.10, Chrome policy 3.2: serverAuth, and nothing else",
                    at);
    if (p->class == PROFILES_SMIME && (!(eku & MAIL) || (eku & (SERVER | CODE | ANY))))
        return RULE("eku", "%s: SBR 7.1.2.3: emailProtection, without serverAuth, codeSigning, any",
                    at);
    return E_OK;
}

static enum err key_usage(const struct profile *p)
{
    static const char at[] = "/certificate/key_usage";
    const uint32_t rsa = 1u << SIGNER_RSA_SHA256, usage = p->x509.key_usage;
    bool tls = p->class == PROFILES_PUBLIC_TLS;

    for (unsigned alg = 0; alg < SIGNER__MAX; alg++)
        if ((p->x509.algs & 1u << alg) && x509_key_usage(&p->x509, (enum signer_alg)alg) == 0)
            return RULE("key-usage",
                        "%s: RFC 5280 4.2.1.3: nothing is left for keys of a kind that "
                        "is accepted",
                        at);
    if (!(p->x509.algs & rsa) && (usage & (X509_KEY_ENCIPHERMENT | X509_DATA_ENCIPHERMENT)))
        return RULE("key-usage", "%s: BR 7.1.2.7.11: EC keys encipher nothing", at);
    if (p->x509.algs == rsa && (usage & X509_KEY_AGREEMENT))
        return RULE("key-usage", "%s: RFC 3279 2.3.1: RSA keys agree on nothing", at);
    if ((purposes(p) & SERVER) && (usage & X509_NON_REPUDIATION))
        return RULE("key-usage", "%s: BR 7.1.2.7.11: nonRepudiation in a server certificate", at);
    if (tls && !(usage & X509_DIGITAL_SIGNATURE))
        return RULE("key-usage", "%s: BR 7.1.2.7.11: digitalSignature is missing", at);
    if (tls && (usage & ~(uint32_t)(X509_DIGITAL_SIGNATURE | X509_KEY_ENCIPHERMENT)))
        return RULE("key-usage", "%s: BR 7.1.2.7.11: digitalSignature, keyEncipherment only", at);
    return E_OK;
}

/* The Strict generation of S/MIME (SBR 7.1.6.1). */
static bool strict(const struct profile *p)
{
    for (size_t i = 0; i < p->x509.policies_n; i++) {
        struct str oid = str_z(p->x509.policies[i].oid);
        if (str_starts(oid, STR("2.23.140.1.5.")) && str_ends(oid, STR(".3")))
            return true;
    }
    return false;
}

static enum err keys(const struct profile *p)
{
    if ((p->keys & (PROFILES_PKCS12 | PROFILES_HSM)) && (purposes(p) & (SERVER | ANY)))
        return RULE("server-key", "/keys/from: BR 6.1.1.3: the authority makes no key for "
                                  "serverAuth or anyExtendedKeyUsage");
    if (p->class == PROFILES_PUBLIC_TLS && p->x509.suspendable)
        return RULE("suspension", "/certificate/suspend: BR 4.9.13, 7.2.2: never certificateHold");
    if (p->class == PROFILES_SMIME && p->x509.suspendable && strict(p))
        return RULE("suspension", "/certificate/suspend: SBR 7.2.2: no certificateHold under a "
                                  "Strict policy");
    if ((p->appliers & ROLE_END_USER) && !p->person)
        return RULE("person", "/apply/person: end users apply for themselves only");
    if ((p->keys & PROFILES_HSM) && !p->person)
        return RULE("person", "/keys/from: a key in the signing token is a person's");
    return E_OK;
}

static enum err pointers(const struct profile *p)
{
    const struct {
        const char *key, *url;
    } rows[] = { { "ocsp", p->x509.ocsp_url },
                 { "issuer", p->x509.issuer_url },
                 { "crl", p->x509.crl_url } };
    bool short_lived = p->x509.validity_us <= 7 * DAY_US; /* BR 1.6.1 */

    for (size_t i = 0; i < COUNT(rows); i++)
        if (rows[i].url && !str_starts(str_z(rows[i].url), STR("http://")))
            return RULE("pointer", "/certificate/%s: BR 7.1.2.11.2: plain http only", rows[i].key);
    for (size_t i = 0; i < COUNT(rows); i++)
        if (rows[i].url && profiles_uri_check(str_z(rows[i].url)) != E_OK)
            return RULE("pointer", "/certificate/%s: RFC 5280 4.2.1.13: not a URI", rows[i].key);
    if (!p->x509.aia_ocsp && !p->x509.cdp && !short_lived)
        return RULE("pointer", "/certificate/crl: BR 7.1.2.11.2: neither OCSP nor CRL");
    if (p->class == PROFILES_PUBLIC_TLS && !p->x509.aia_ocsp && !p->x509.aia_issuer)
        return RULE("pointer", "/certificate/issuer: BR 7.1.2.7.7: authority information access");
    return E_OK;
}

enum err profiles_rules(const struct profile *p, struct timestamp now)
{
    TRY(validity(p, now));
    TRY(extended_usage(p));
    TRY(key_usage(p));
    TRY(keys(p));
    TRY(pointers(p));
    TRY(profiles_rules_policies(p));
    return profiles_rules_names(p, (purposes(p) & SERVER) != 0);
}
