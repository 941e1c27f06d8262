/* profiles_read.c - the document of a profile, member by member; see profiles_inside.h */
#include "features/profiles/profiles_inside.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define DAYS_MAX 7300

static const char *const class_names[] = { "private", "smime", "public-tls" };
_Static_assert(COUNT(class_names) == PROFILES_CLASS__MAX, "a name per class");
static const char *const services[] = { "mpki", "rs", "idv", "esign-cert", "jprs-tls", "jcert" };
static const char *const key_names[] = { "csr", "hsm", "pkcs12", "browser" };

const char *profiles_class_name(enum profiles_class class)
{
    return class_names[class];
}

const char *profiles_key_name(uint32_t key)
{
    for (size_t i = 0; i < COUNT(key_names); i++)
        if (key == 1u << i)
            return key_names[i];
    return NULL;
}

uint32_t profiles_key_from_name(struct str name)
{
    for (size_t i = 0; i < COUNT(key_names); i++)
        if (str_eq_z(name, key_names[i]))
            return 1u << i;
    return 0;
}

/* One of a list of words: a bit, or an object identifier. */
struct word {
    const char *name;
    uint32_t value;
};

static const struct word roles[] = { { "end_user", ROLE_END_USER },
                                     { "customer_admin", ROLE_CUSTOMER_ADMIN },
                                     { "lra_operator", ROLE_LRA_OPERATOR } };
static const struct word sources[] = { { "csr", PROFILES_CSR },
                                       { "hsm", PROFILES_HSM },
                                       { "pkcs12", PROFILES_PKCS12 },
                                       { "browser", PROFILES_BROWSER } };
static const struct word kinds[] = { { "rsa", 1u << SIGNER_RSA_SHA256 },
                                     { "p256", 1u << SIGNER_P256_SHA256 },
                                     { "p384", 1u << SIGNER_P384_SHA384 } };
static const struct word usages[] = { { "digitalSignature", X509_DIGITAL_SIGNATURE },
                                      { "nonRepudiation", X509_NON_REPUDIATION },
                                      { "keyEncipherment", X509_KEY_ENCIPHERMENT },
                                      { "dataEncipherment", X509_DATA_ENCIPHERMENT },
                                      { "keyAgreement", X509_KEY_AGREEMENT } };
static const struct word purposes[] = { { "serverAuth", OID_EKU_SERVER_AUTH },
                                        { "clientAuth", OID_EKU_CLIENT_AUTH },
                                        { "emailProtection", OID_EKU_EMAIL },
                                        { "documentSigning", OID_EKU_DOCUMENT_SIGNING },
                                        { "adobePdfSigning", OID_EKU_ADOBE_PDF_SIGNING },
                                        { "smartcardLogon", OID_EKU_SMARTCARD_LOGON },
                                        { "codeSigning", OID_EKU_CODE_SIGNING },
                                        { "timeStamping", OID_EKU_TIME_STAMPING },
                                        { "ocspSigning", OID_EKU_OCSP_SIGNING },
                                        { "anyExtendedKeyUsage", OID_EKU_ANY } };

static const struct word *find_word(const struct word *words, size_t n, struct str name)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq_z(name, words[i].name))
            return &words[i];
    return NULL;
}

struct bits {
    const struct word *words;
    size_t n;
    uint32_t *out;
};

static enum err each_bit(const struct profiles_at *item, size_t i, void *arg)
{
    const struct bits *b = arg;
    const struct word *w = find_word(b->words, b->n, profiles_item(item));

    (void)i;
    if (!w || (*b->out & w->value))
        return profiles_wrong(item, "", "is not known, or there already");
    *b->out |= w->value;
    return E_OK;
}

static enum err each_purpose(const struct profiles_at *item, size_t i, void *arg)
{
    struct x509_profile *x = arg;
    const struct word *w = find_word(purposes, COUNT(purposes), profiles_item(item));

    (void)i;
    for (size_t k = 0; w && k < x->eku_n; k++)
        if (x->eku[k] == (enum oid)w->value)
            w = NULL;
    if (!w)
        return profiles_wrong(item, "", "is not known, or there already");
    x->eku[x->eku_n++] = (enum oid)w->value;
    return E_OK;
}

static enum err each_policy(const struct profiles_at *item, size_t i, void *arg)
{
    static const char *const keys[] = { "oid", "cps", NULL };
    struct x509_profile *x = arg;
    struct str oid, cps;
    struct bytes der;

    TRY(profiles_only(item, keys));
    TRY(profiles_text(item, "oid", 64, STR_ABSENT, &oid));
    TRY(profiles_text(item, "cps", 200, STR(""), &cps));
    if (oid_parse(item->a, oid, &der) != E_OK)
        return profiles_wrong(item, "oid", "is not an object identifier");
    x->policies[i] = (struct x509_policy){ oid.p, cps.n > 0 ? cps.p : NULL };
    x->policies_n = i + 1;
    return E_OK;
}

/* true, false, or a place of the profile's own. Missing: true. */
static enum err pointer(const struct profiles_at *at, const char *key, bool *wanted,
                        const char **url)
{
    struct str own;

    *wanted = true;
    if (!json_is_str(json_get(at->j, key)))
        return profiles_flag(at, key, wanted);
    TRY(profiles_text(at, key, 200, STR_ABSENT, &own));
    *url = own.p;
    return E_OK;
}

static enum err read_certificate(const struct profiles_at *doc, struct profile *p)
{
    static const char *const keys[] = {
        "authority", "days", "key_usage", "extended_key_usage", "policies", "ocsp",
        "issuer",    "crl",  "suspend",   "subject_key_id",     NULL
    };
    struct bits usage = { usages, COUNT(usages), &p->x509.key_usage };
    struct x509_profile *x = &p->x509;
    struct profiles_at at;
    struct str authority;
    int64_t days = 0;
    bool ski = true;

    TRY(profiles_object(doc, "certificate", false, &at));
    TRY(profiles_only(&at, keys));
    TRY(profiles_text(&at, "authority", 40, STR_ABSENT, &authority));
    TRY(profiles_number(&at, "days", 1, DAYS_MAX, &days));
    if (days == 0)
        return profiles_wrong(&at, "days", "is missing");
    TRY(profiles_list(&at, "key_usage", false, COUNT(usages), each_bit, &usage));
    TRY(profiles_list(&at, "extended_key_usage", false, X509_MAX_EKU, each_purpose, x));
    TRY(profiles_list(&at, "policies", true, X509_MAX_POLICIES, each_policy, x));
    TRY(pointer(&at, "ocsp", &x->aia_ocsp, &x->ocsp_url));
    TRY(pointer(&at, "issuer", &x->aia_issuer, &x->issuer_url));
    TRY(pointer(&at, "crl", &x->cdp, &x->crl_url));
    TRY(profiles_flag(&at, "suspend", &x->suspendable));
    TRY(profiles_flag(&at, "subject_key_id", &ski));
    x->name = p->name.p;
    x->authority = authority.p;
    x->validity_us = days * DAY_US;
    x->path_length = -1;
    x->no_ski = !ski;
    return E_OK;
}

static enum err read_keys(const struct profiles_at *doc, struct profile *p)
{
    static const char *const keys[] = { "kinds", "from", NULL };
    struct bits algs = { kinds, COUNT(kinds), &p->x509.algs };
    struct bits from = { sources, COUNT(sources), &p->keys };
    struct profiles_at at;

    TRY(profiles_object(doc, "keys", false, &at));
    TRY(profiles_only(&at, keys));
    TRY(profiles_list(&at, "kinds", false, COUNT(kinds), each_bit, &algs));
    TRY(profiles_list(&at, "from", false, COUNT(sources), each_bit, &from));
    if (p->x509.algs == 0)
        return profiles_wrong(&at, "kinds", "is empty");
    return p->keys ? E_OK : profiles_wrong(&at, "from", "is empty");
}

static enum err read_apply(const struct profiles_at *doc, struct profile *p)
{
    static const char *const keys[] = { "roles", "person", "approvals", NULL };
    struct bits who = { roles, COUNT(roles), &p->appliers };
    struct profiles_at at;
    int64_t approvals = 1;

    TRY(profiles_object(doc, "apply", false, &at));
    TRY(profiles_only(&at, keys));
    TRY(profiles_list(&at, "roles", false, COUNT(roles), each_bit, &who));
    TRY(profiles_flag(&at, "person", &p->person));
    TRY(profiles_number(&at, "approvals", 1, 2, &approvals));
    p->approvals = (uint32_t)approvals;
    return p->appliers ? E_OK : profiles_wrong(&at, "roles", "is empty");
}

static enum err each_notice(const struct profiles_at *item, size_t i, void *arg)
{
    struct profile *p = arg;
    uint32_t *notices = (uint32_t *)(uintptr_t)p->notices;
    int64_t v;

    if (!json_to_i64(item->j, &v) || v < 1 || v > DAYS_MAX || (i > 0 && v >= notices[i - 1]))
        return profiles_wrong(item, "", "is not a number of days smaller than the one before");
    notices[i] = (uint32_t)v;
    p->notices_n = i + 1;
    return E_OK;
}

static enum err read_renewal(const struct profiles_at *doc, struct profile *p)
{
    static const char *const keys[] = { "same_key", "days", NULL };
    struct profiles_at at;
    int64_t days = 30;

    p->notices = ARENA_ARRAY(doc->a, PROFILES_NOTICES_MAX, uint32_t);
    TRY(profiles_list(doc, "notices", true, PROFILES_NOTICES_MAX, each_notice, p));
    TRY(profiles_object(doc, "renewal", true, &at));
    if (at.j) {
        TRY(profiles_only(&at, keys));
        TRY(profiles_flag(&at, "same_key", &p->renew_same_key));
        TRY(profiles_number(&at, "days", 0, DAYS_MAX, &days));
    }
    p->renew_days = (uint32_t)days;
    return E_OK;
}

static enum err two(const struct profiles_at *doc, const char *key, size_t max, struct str *ja,
                    struct str *en)
{
    static const char *const keys[] = { "ja", "en", NULL };
    struct profiles_at at;

    TRY(profiles_object(doc, key, false, &at));
    TRY(profiles_only(&at, keys));
    TRY(profiles_text(&at, "ja", max, STR_ABSENT, ja));
    return profiles_text(&at, "en", max, STR_ABSENT, en);
}

static bool good_name(struct str name)
{
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        if (!(c >= 'a' && c <= 'z') && !(i > 0 && ((c >= '0' && c <= '9') || c == '-')))
            return false;
    }
    return true;
}

enum err profiles_read(struct arena *a, const struct json *doc, struct profile *out)
{
    static const char *const keys[] = { "name",        "class",   "service", "cps",
                                        "title",       "about",   "apply",   "keys",
                                        "certificate", "subject", "names",   "wildcard",
                                        "fields",      "renewal", "notices", NULL };
    const struct profiles_at at = { a, doc, STR("") };
    size_t i;

    *out = (struct profile){ .active = true };
    TRY(profiles_only(&at, keys));
    TRY(profiles_text(&at, "name", 40, STR_ABSENT, &out->name));
    if (!good_name(out->name))
        return profiles_wrong(&at, "name", "is not of a-z, 0-9 and -");
    TRY(profiles_word(&at, "class", class_names, COUNT(class_names), &i));
    out->class = (enum profiles_class)i;
    TRY(profiles_word(&at, "service", services, COUNT(services), &i));
    out->service = str_z(services[i]);
    TRY(profiles_text(&at, "cps", 40, STR_ABSENT, &out->cps));
    TRY(two(&at, "title", 60, &out->title_ja, &out->title_en));
    TRY(two(&at, "about", 400, &out->about_ja, &out->about_en));
    TRY(profiles_flag(&at, "wildcard", &out->wildcard));
    TRY(read_apply(&at, out));
    TRY(read_keys(&at, out));
    TRY(read_certificate(&at, out));
    TRY(read_renewal(&at, out));
    return profiles_read_fields(&at, out);
}
