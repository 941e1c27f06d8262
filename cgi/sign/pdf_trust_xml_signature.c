/*
 * pdf_trust_xml_signature.c - XML signatures through xmlsec (W3C XMLDSig, enveloped, RSA or ECDSA
 * with SHA-256 and longer). Keys come from the operator's configuration only, never from the list.
 */
#include "sign/pdf_trust_xml.h"
#include "sign/pdf_trust_xml_inside.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>
#include <xmlsec/crypto.h>
#include <xmlsec/errors.h>
#include <xmlsec/templates.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmlsec.h>
#include <xmlsec/xmltree.h>

static void silent(const char *file, int line, const char *func, const char *object,
                   const char *subject, int reason, const char *msg)
{
    (void)file;
    (void)line;
    (void)func;
    (void)object;
    (void)subject;
    (void)reason;
    (void)msg;
}

enum err pdf_trust_xml_init(void)
{
    xmlInitParser();
    if (xmlSecInit() < 0 || xmlSecCheckVersion() != 1 || xmlSecCryptoAppInit(NULL) < 0 ||
        xmlSecCryptoInit() < 0)
        return FAIL(E_INTERNAL, "", "xmlsec does not start");
    xmlSecErrorsSetCallback(silent);
    return E_OK;
}

void pdf_trust_xml_close(void)
{
    (void)xmlSecCryptoShutdown();
    (void)xmlSecCryptoAppShutdown();
    (void)xmlSecShutdown();
    xmlCleanupParser();
}

/* The signature is a child of the root: the only one, so that nothing is taken for another. */
static xmlNode *find_signature(xmlDoc *doc)
{
    xmlNode *found = NULL;

    for (xmlNode *n = xmlDocGetRootElement(doc)->children; n; n = n->next) {
        if (!xmlSecCheckNodeName(n, xmlSecNodeSignature, xmlSecDSigNs))
            continue;
        if (found)
            return NULL;
        found = n;
    }
    return found;
}

/* Some reference is to "", the whole document, and goes through the enveloped transform. */
static bool covers_all(xmlNode *signature)
{
    xmlNode *info = xmlSecFindChild(signature, xmlSecNodeSignedInfo, xmlSecDSigNs);
    bool covered = false;

    for (xmlNode *r = info ? info->children : NULL; r; r = r->next) {
        xmlChar *uri = xmlSecCheckNodeName(r, xmlSecNodeReference, xmlSecDSigNs)
                           ? xmlGetProp(r, xmlSecAttrURI)
                           : NULL;
        covered |= uri && uri[0] == 0;
        xmlFree(uri);
    }
    return covered;
}

static bool enable(xmlSecDSigCtx *ctx)
{
    return xmlSecDSigCtxEnableReferenceTransform(ctx, xmlSecTransformEnvelopedId) >= 0 &&
           xmlSecDSigCtxEnableReferenceTransform(ctx, xmlSecTransformInclC14NId) >= 0 &&
           xmlSecDSigCtxEnableReferenceTransform(ctx, xmlSecTransformExclC14NId) >= 0 &&
           xmlSecDSigCtxEnableReferenceTransform(ctx, xmlSecTransformSha256Id) >= 0 &&
           xmlSecDSigCtxEnableReferenceTransform(ctx, xmlSecTransformSha384Id) >= 0 &&
           xmlSecDSigCtxEnableReferenceTransform(ctx, xmlSecTransformSha512Id) >= 0 &&
           xmlSecDSigCtxEnableSignatureTransform(ctx, xmlSecTransformInclC14NId) >= 0 &&
           xmlSecDSigCtxEnableSignatureTransform(ctx, xmlSecTransformExclC14NId) >= 0 &&
           xmlSecDSigCtxEnableSignatureTransform(ctx, xmlSecTransformRsaSha256Id) >= 0 &&
           xmlSecDSigCtxEnableSignatureTransform(ctx, xmlSecTransformRsaSha384Id) >= 0 &&
           xmlSecDSigCtxEnableSignatureTransform(ctx, xmlSecTransformRsaSha512Id) >= 0 &&
           xmlSecDSigCtxEnableSignatureTransform(ctx, xmlSecTransformEcdsaSha256Id) >= 0 &&
           xmlSecDSigCtxEnableSignatureTransform(ctx, xmlSecTransformEcdsaSha384Id) >= 0 &&
           xmlSecDSigCtxEnableSignatureTransform(ctx, xmlSecTransformEcdsaSha512Id) >= 0;
}

static bool verify_with(xmlNode *signature, struct bytes cert)
{
    xmlSecDSigCtx *ctx = xmlSecDSigCtxCreate(NULL);
    bool good = false;

    if (ctx && enable(ctx)) {
        ctx->enabledReferenceUris =
            xmlSecTransformUriTypeEmpty | xmlSecTransformUriTypeSameDocument;
        ctx->signKey = xmlSecCryptoAppKeyLoadMemory(cert.p, (xmlSecSize)cert.n,
                                                    xmlSecKeyDataFormatCertDer, NULL, NULL, NULL);
        good = ctx->signKey && xmlSecDSigCtxVerify(ctx, signature) >= 0 &&
               ctx->status == xmlSecDSigStatusSucceeded;
    }
    if (ctx)
        xmlSecDSigCtxDestroy(ctx);
    return good;
}

enum err pdf_trust_xml_signature(xmlDoc *doc, const struct bytes *scheme, size_t scheme_n)
{
    static const xmlChar id[] = "Id";
    const xmlChar *ids[] = { id, NULL };
    xmlNode *signature = find_signature(doc);
    bool good = false;

    if (!signature || !covers_all(signature))
        return FAIL(E_INPUT, "trust-list-signature", "no signature over the whole list");
    xmlSecAddIDs(doc, signature, ids);
    for (size_t i = 0; i < scheme_n && !good; i++)
        good = verify_with(signature, scheme[i]);
    return good ? E_OK
                : FAIL(E_INPUT, "trust-list-signature", "by none of %zu certificates", scheme_n);
}

enum err pdf_trust_xml_scheme(struct bytes pem, struct arena *a, struct bytes *list, size_t max,
                              size_t *n)
{
    BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);
    size_t before = *n;
    enum err rc = E_OK;
    X509 *x;

    while (bio && rc == E_OK && (x = PEM_read_bio_X509(bio, NULL, NULL, NULL))) {
        int size = i2d_X509(x, NULL);
        uint8_t *out = arena_alloc(a, size > 0 ? (size_t)size : 1), *p = out;
        i2d_X509(x, &p);
        if (*n < max)
            list[(*n)++] = (struct bytes){ out, size > 0 ? (size_t)size : 0 };
        else
            rc = FAIL(E_LIMIT, "trust-list-signature", "more than %zu certificates", max);
        X509_free(x);
    }
    BIO_free(bio);
    ERR_clear_error(); /* the end of the text is an error to PEM_read_bio */
    if (rc == E_OK && *n == before)
        rc = FAIL(E_INPUT, "trust-list-signature", "no PEM certificate");
    return rc;
}
