/* profiles_words_pages.c - see profiles_words_pages.h */
#include "features/profiles/profiles_words_pages.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

struct word {
    uint32_t value;
    struct msg text;
};

struct str profiles_words_of(struct req *rq, struct str ja, struct str en)
{
    return req_lang(rq) == LANG_JA ? ja : en;
}

struct msg profiles_words_class(enum profiles_class class)
{
    static const struct msg words[] = {
        [PROFILES_PRIVATE] = MSG_INIT("private, for the customer's own systems"),
        [PROFILES_SMIME] = MSG_INIT("public S/MIME"),
        [PROFILES_PUBLIC_TLS] = MSG_INIT("public TLS"),
    };
    return words[class];
}

struct msg profiles_words_service(struct str service)
{
    static const struct {
        const char *code;
        struct msg text;
    } words[] = {
        { "mpki", MSG_INIT("Managed PKI") },
        { "rs", MSG_INIT("Remote signing (API)") },
        { "idv", MSG_INIT("Identity verification") },
        { "esign-cert", MSG_INIT("Certificates for electronic signatures") },
        { "jprs-tls", MSG_INIT("Server certificates (JPRS)") },
        { "jcert", MSG_INIT("Certificates of J-Cert") },
    };
    for (size_t i = 0; i < COUNT(words); i++)
        if (str_eq_z(service, words[i].code))
            return words[i].text;
    return (struct msg){ NULL };
}

struct msg profiles_words_kind(enum profiles_kind kind)
{
    static const struct msg words[] = {
        [PROFILES_TEXT] = MSG_INIT("text"),
        [PROFILES_EMAIL] = MSG_INIT("mail address"),
        [PROFILES_DNS] = MSG_INIT("host name"),
        [PROFILES_IP] = MSG_INIT("IP address"),
        [PROFILES_URI] = MSG_INIT("URI"),
        [PROFILES_CHOICE] = MSG_INIT("choice from a list"),
        [PROFILES_COUNTRY] = MSG_INIT("country"),
    };
    return words[kind];
}

struct page_badge profiles_words_state(const struct profile *p)
{
    if (p->active)
        return (struct page_badge){ "success", MSG("takes applications") };
    return (struct page_badge){ "neutral", MSG("takes no applications") };
}

/* The words of the bits that are set, with the separator of the language. */
static struct str join(struct req *rq, const struct word *words, size_t n, uint32_t bits)
{
    struct arena *a = req_arena(rq);
    const char *separator = req_lang(rq) == LANG_JA ? "、" : ", ";
    struct str out = STR("");

    for (size_t i = 0; i < n; i++)
        if (bits & words[i].value)
            out = str_fmt(a, "%s%s%s", out.p, out.n ? separator : "",
                          message_text(req_lang(rq), words[i].text).p);
    return out;
}

struct str profiles_words_sources(struct req *rq, const struct profile *p)
{
    static const struct word words[] = {
        { PROFILES_CSR, MSG_INIT("a request (CSR) of the applicant") },
        { PROFILES_HSM, MSG_INIT("made in the signing module") },
        { PROFILES_PKCS12, MSG_INIT("made here as PKCS#12, shown once") },
        { PROFILES_BROWSER, MSG_INIT("made in the browser") },
    };
    return join(rq, words, COUNT(words), p->keys);
}

struct str profiles_words_appliers(struct req *rq, const struct profile *p)
{
    static const struct word words[] = {
        { ROLE_END_USER, MSG_INIT("End user") },
        { ROLE_CUSTOMER_ADMIN, MSG_INIT("Customer administrator") },
        { ROLE_LRA_OPERATOR, MSG_INIT("LRA operator") },
    };
    return join(rq, words, COUNT(words), p->appliers);
}

struct str profiles_words_usages(struct req *rq, const struct profile *p)
{
    static const struct word words[] = {
        { X509_DIGITAL_SIGNATURE, MSG_INIT("digital signature") },
        { X509_NON_REPUDIATION, MSG_INIT("non-repudiation") },
        { X509_KEY_ENCIPHERMENT, MSG_INIT("key encipherment (RSA only)") },
        { X509_DATA_ENCIPHERMENT, MSG_INIT("data encipherment (RSA only)") },
        { X509_KEY_AGREEMENT, MSG_INIT("key agreement (EC only)") },
    };
    return join(rq, words, COUNT(words), p->x509.key_usage);
}

struct str profiles_words_algs(struct req *rq, const struct profile *p)
{
    static const struct word words[] = {
        { 1u << SIGNER_RSA_SHA256, MSG_INIT("RSA, 2048 to 4096 bits") },
        { 1u << SIGNER_P256_SHA256, MSG_INIT("EC P-256") },
        { 1u << SIGNER_P384_SHA384, MSG_INIT("EC P-384") },
    };
    return join(rq, words, COUNT(words), p->x509.algs);
}

struct str profiles_words_purposes(struct req *rq, const struct profile *p)
{
    static const struct {
        enum oid oid;
        struct msg text;
    } words[] = {
        { OID_EKU_CLIENT_AUTH, MSG_INIT("client authentication") },
        { OID_EKU_SERVER_AUTH, MSG_INIT("server authentication") },
        { OID_EKU_EMAIL, MSG_INIT("mail protection") },
        { OID_EKU_DOCUMENT_SIGNING, MSG_INIT("document signing") },
        { OID_EKU_ADOBE_PDF_SIGNING, MSG_INIT("PDF signing (Adobe)") },
        { OID_EKU_SMARTCARD_LOGON, MSG_INIT("smart card logon") },
        { OID_EKU_CODE_SIGNING, MSG_INIT("code signing") },
        { OID_EKU_ANY, MSG_INIT("any purpose") },
    };
    const char *separator = req_lang(rq) == LANG_JA ? "、" : ", ";
    struct str out = STR("");

    for (size_t i = 0; i < p->x509.eku_n; i++)
        for (size_t k = 0; k < COUNT(words); k++)
            if (words[k].oid == p->x509.eku[i])
                out = str_fmt(req_arena(rq), "%s%s%s", out.p, out.n ? separator : "",
                              message_text(req_lang(rq), words[k].text).p);
    return out;
}

struct str profiles_words_notices(struct req *rq, const struct profile *p)
{
    const char *separator = req_lang(rq) == LANG_JA ? "、" : ", ";
    struct str out = STR("");

    for (size_t i = 0; i < p->notices_n; i++)
        out = str_fmt(req_arena(rq), "%s%s%u", out.p, i ? separator : "", p->notices[i]);
    return out;
}
