/*
 * test_pdf_trust.c - marks by lists of services: the plain form (P3-15: accredited time-stamps),
 * and the European XML form with its signature; nothing configured, nothing said.
 */
#include "attack_kit.h"
#include "tap.h"

#include "base/encoding.h"
#include "sign/pdf_trust_lists.h"
#include "sign/pdf_trust_xml.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <xmlsec/crypto.h>
#include <xmlsec/templates.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmltree.h>

static struct kit *kit;
static struct arena *a;

static const struct pdf_report *verify(struct bytes file)
{
    static const struct pdf_report none = { .verdict = PDF_TOTAL_FAILED };
    struct pdf_report *r;
    return kit_verify(file, kit->trust, TIMESTAMP_NONE, a, &r) == E_OK ? r : &none;
}

static void set_lists(struct pdf_trust_lists *lists)
{
    if (pdf_trust_set_lists(kit->trust, lists) != E_OK)
        ok(false, "pdf_trust_set_lists");
}

static const char *base64(struct bytes der)
{
    return base64_encode(a, der).p;
}

/* ---- the plain form ---- */

static const char *plain_list(const char *from, const char *until)
{
    return str_fmt(a,
                   "# comment\nlist = 総務大臣認定 時刻認証業務\nissued = 2026-03-31\n\n[service]\n"
                   "name = テスト時刻認証\nkind = accredited-timestamp\nfrom = %s\n%s%s%s"
                   "certificate = %s\n",
                   from, until ? "until = " : "", until ? until : "", until ? "\n" : "",
                   base64(kit->tsa.der))
        .p;
}

static struct pdf_trust_lists *read_list(const char *text)
{
    struct pdf_trust_lists *l = pdf_trust_lists_new();
    if (pdf_trust_lists_read(l, str_z(text), STR_ABSENT) != E_OK)
        tap_note("%s", fault_current()->detail);
    return l;
}

static void test_plain(void)
{
    struct bytes file =
        attack_signed(kit, a, kit_pdf(a, KIT_TABLE, 1, 100, false), PDF_LEVEL_ES_A, 0, NULL, false);
    const struct pdf_report *r = verify(file);

    ok(r->signatures_n == 2 && !r->signatures[0].marked && !r->signatures[0].tsa_marked &&
           !r->signatures[1].tsa_marked,
       "without a list nothing is marked");
    set_lists(read_list(plain_list("2020-01-01", NULL)));
    r = verify(file);
    const struct pdf_signature_report *s = r->signatures;
    ok(s[0].tsa_marked && s[0].tsa_mark.kind == PDF_MARK_ACCREDITED_TIMESTAMP && s[1].tsa_marked,
       "time-stamps of a listed service are accredited");
    is_str(s[0].tsa_mark.service, "テスト時刻認証", "the service is named");
    is_str(s[0].tsa_mark.list, "総務大臣認定 時刻認証業務", "and the list");
    ok(!s[0].marked, "the signer is not marked by it");
    is_str(timestamp_rfc3339(a, s[0].tsa_mark.list_issued, false), "2026-03-31T00:00:00Z",
           "with the date of the list");
    set_lists(read_list(plain_list("2020-01-01", "2021-01-01")));
    ok(!verify(file)->signatures[0].tsa_marked, "a service whose time is over gives no mark");
    set_lists(read_list(plain_list("2099-01-01", NULL)));
    ok(!verify(file)->signatures[0].tsa_marked, "one that is still to come gives none");
    set_lists(NULL);
}

static void test_malformed(void)
{
    static const char *const bad[] = {
        "name = x\n",
        "list = x\n[service]\n",
        "list = x\n[service]\nname = y\nkind = accredited-timestamp\ncertificate = AAAA\n",
        "list = x\n[service]\nname = y\nkind = other\n",
        "list = x\n[service]\nname = y\nfrom = yesterday\n",
        "list = x\n[service]\nname = y\ncertificate_file = ../../etc/passwd\n",
        "list = x\n[service]\nname = y\nkind = qualified-timestamp\ncertificate_file = a.pem\n",
        "list = x\n\xff\xfe\n",
        "no equals sign\n",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct pdf_trust_lists *l = pdf_trust_lists_new();
        is_err(pdf_trust_lists_read(l, str_z(bad[i]), STR_ABSENT), E_INPUT,
               "a malformed list is refused");
        pdf_trust_lists_free(l);
    }
}

/* ---- the European form ---- */

/* A certificate of the kit's CA for the P-256 key, with the EU's statements (EN 319 412-5). */
static struct cms_signer *qualified(bool device)
{
    static const uint8_t both[] = { 0x30, 0x14, 0x30, 0x08, 0x06, 0x06, 0x04, 0x00,
                                    0x8e, 0x46, 0x01, 0x01, 0x30, 0x08, 0x06, 0x06,
                                    0x04, 0x00, 0x8e, 0x46, 0x01, 0x04 };
    static const uint8_t one[] = { 0x30, 0x0a, 0x30, 0x08, 0x06, 0x06,
                                   0x04, 0x00, 0x8e, 0x46, 0x01, 0x01 };
    X509 *x = X509_dup(kit->signer[KIT_P256].cert);
    ASN1_OBJECT *oid = OBJ_txt2obj("1.3.6.1.5.5.7.1.3", 1);
    ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
    struct cms_signer *out = NULL;
    struct bytes chain[] = { kit->ca.der, kit->root.der };

    ASN1_OCTET_STRING_set(value, device ? both : one, device ? sizeof both : sizeof one);
    X509_EXTENSION *e = X509_EXTENSION_create_by_OBJ(NULL, oid, 0, value);
    X509_add_ext(x, e, -1);
    X509_sign(x, kit->ca.key, EVP_sha256());
    int n = i2d_X509(x, NULL);
    uint8_t *der = arena_alloc(kit->arena, (size_t)n), *p = der;
    i2d_X509(x, &p);
    if (cms_signer_new((struct bytes){ der, (size_t)n }, chain, 2, &out) != E_OK)
        abort();
    X509_EXTENSION_free(e);
    ASN1_OCTET_STRING_free(value);
    ASN1_OBJECT_free(oid);
    X509_free(x);
    return out;
}

static const char *service(const char *type, const char *status, const char *since,
                           struct bytes cert, const char *history)
{
    return str_fmt(
               a,
               "<TSPService><ServiceInformation><ServiceTypeIdentifier>http://uri.etsi.org/"
               "TrstSvc/Svctype/%s</ServiceTypeIdentifier><ServiceName><Name xml:lang=\"de\">"
               "Dienst</Name><Name xml:lang=\"en\">Service</Name></ServiceName>"
               "<ServiceDigitalIdentity><DigitalId><X509Certificate>%s</X509Certificate>"
               "</DigitalId></ServiceDigitalIdentity><ServiceStatus>http://uri.etsi.org/TrstSvc/"
               "TrustedList/Svcstatus/%s</ServiceStatus><StatusStartingTime>%s"
               "</StatusStartingTime></ServiceInformation>%s</TSPService>",
               type, base64(cert), status, since, history)
        .p;
}

static struct bytes list_of(const char *services)
{
    return bytes_of_str(str_fmt(
        a,
        "<?xml version=\"1.0\"?><TrustServiceStatusList xmlns=\"http://uri.etsi.org/02231/v2#\" "
        "Id=\"list\"><SchemeInformation><SchemeOperatorName><Name xml:lang=\"en\">Supervisor</Name>"
        "</SchemeOperatorName><SchemeTerritory>XX</"
        "SchemeTerritory><ListIssueDateTime>2026-06-01T00:"
        "00:00Z</ListIssueDateTime></SchemeInformation><TrustServiceProviderList>"
        "<TrustServiceProvider><TSPInformation><TSPName><Name xml:lang=\"en\">Provider</Name>"
        "</TSPName></TSPInformation><TSPServices>%s</TSPServices></TrustServiceProvider>"
        "</TrustServiceProviderList></TrustServiceStatusList>",
        services));
}

/* Enveloped, over `uri`, by the kit's stranger. */
static struct bytes with_signature(struct bytes xml, const char *uri)
{
    xmlDoc *doc = xmlReadMemory((const char *)xml.p, (int)xml.n, "x", NULL, 0);
    xmlNode *root = xmlDocGetRootElement(doc);
    static const xmlChar id[] = "Id";
    const xmlChar *ids[] = { id, NULL };
    xmlNode *sig = xmlSecTmplSignatureCreate(doc, xmlSecTransformExclC14NId,
                                             xmlSecTransformEcdsaSha256Id, NULL);
    xmlAddChild(root, sig);
    xmlNode *ref = xmlSecTmplSignatureAddReference(sig, xmlSecTransformSha256Id, NULL,
                                                   (const xmlChar *)uri, NULL);
    xmlSecTmplReferenceAddTransform(ref, xmlSecTransformEnvelopedId);
    xmlSecTmplReferenceAddTransform(ref, xmlSecTransformExclC14NId);
    xmlSecAddIDs(doc, root, ids);
    BIO *bio = BIO_new(BIO_s_mem());
    char *pem;
    PEM_write_bio_PrivateKey(bio, kit->stranger.key, NULL, NULL, 0, NULL, NULL);
    long n = BIO_get_mem_data(bio, &pem);
    xmlSecDSigCtx *ctx = xmlSecDSigCtxCreate(NULL);
    ctx->signKey = xmlSecCryptoAppKeyLoadMemory((const xmlSecByte *)pem, (xmlSecSize)n,
                                                xmlSecKeyDataFormatPem, NULL, NULL, NULL);
    (void)xmlSecDSigCtxSign(ctx, sig); /* of a reference to nowhere: it stays empty */
    xmlChar *text;
    int size;
    xmlDocDumpMemory(doc, &text, &size);
    struct bytes out = bytes_dup(a, (struct bytes){ text, (size_t)size });
    xmlFree(text);
    xmlSecDSigCtxDestroy(ctx);
    BIO_free(bio);
    xmlFreeDoc(doc);
    return out;
}

static enum err convert(struct bytes xml, struct bytes scheme, struct str *plain, size_t *count)
{
    struct buf b = buf_init(1 << 20);
    enum err rc = pdf_trust_xml_convert(xml, &scheme, 1, &b, count);
    if (rc == E_OK && buf_to_str(&b, a, plain) != E_OK)
        *plain = STR("");
    buf_free(&b);
    return rc;
}

static struct bytes signed_by(const struct cms_signer *signer)
{
    struct buf out = buf_init((size_t)8 << 20);
    struct pdf_sign_params p =
        kit_params(kit, kit_pdf(a, KIT_TABLE, 1, 100, false), PDF_LEVEL_ES_T, KIT_P256);
    struct pdf_sign_result result;
    p.signer = signer;
    if (pdf_sign(&p, a, &out, &result) != E_OK)
        tap_note("pdf_sign: %s", fault_current()->reason);
    struct bytes file = bytes_dup(a, buf_bytes(&out));
    buf_free(&out);
    return file;
}

static void test_european(void)
{
    struct bytes list = with_signature(
        list_of(str_fmt(a, "%s%s",
                        service("CA/QC", "granted", "2020-01-01T00:00:00Z", kit->ca.der, ""),
                        service("TSA/QTST", "granted", "2020-01-01T00:00:00Z", kit->tsa.der, ""))
                    .p),
        "");
    struct str plain;
    size_t count = 0;

    is_err(convert(list, kit->stranger.der, &plain, &count), E_OK, "a signed list is taken");
    is_int((int)count, 2, "with its services");
    struct pdf_trust_lists *l = pdf_trust_lists_new();
    is_err(pdf_trust_lists_read(l, plain, STR_ABSENT), E_OK, "its plain form is read");
    set_lists(l);
    struct cms_signer *device = qualified(true), *software = qualified(false);
    const struct pdf_report *r = verify(signed_by(device));
    ok(r->signatures_n && r->signatures[0].marked &&
           r->signatures[0].mark.kind == PDF_MARK_QUALIFIED_SIGNATURE &&
           r->signatures[0].tsa_marked &&
           r->signatures[0].tsa_mark.kind == PDF_MARK_QUALIFIED_TIMESTAMP,
       "a qualified certificate with a device, and a qualified time-stamp, are marked");
    is_str(r->signatures[0].mark.service, "Service, Provider", "by service and provider");
    is_str(r->signatures[0].mark.list, "XX, Supervisor", "and list");
    r = verify(signed_by(software));
    ok(r->signatures_n && r->signatures[0].marked &&
           r->signatures[0].mark.kind == PDF_MARK_QUALIFIED_CERTIFICATE,
       "without a device it is a qualified certificate");
    r = verify(signed_by(kit->cms[KIT_P256]));
    ok(r->signatures_n && !r->signatures[0].marked, "without the statements it is none");
    set_lists(NULL);
    cms_signer_free(device);
    cms_signer_free(software);
}

static void test_history(void)
{
    const char *past =
        "<ServiceHistory><ServiceHistoryInstance><ServiceTypeIdentifier>http://uri.etsi.org/"
        "TrstSvc/"
        "Svctype/TSA/QTST</ServiceTypeIdentifier><ServiceName><Name xml:lang=\"en\">Old</Name>"
        "</ServiceName><ServiceDigitalIdentity><DigitalId><X509SKI>AAAA</X509SKI></DigitalId>"
        "</ServiceDigitalIdentity><ServiceStatus>http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/"
        "granted</ServiceStatus><StatusStartingTime>2020-01-01T00:00:00Z</StatusStartingTime>"
        "</ServiceHistoryInstance></ServiceHistory>";
    struct bytes list = with_signature(
        list_of(service("TSA/QTST", "withdrawn", "2025-01-01T00:00:00Z", kit->tsa.der, past)), "");
    struct bytes chain[] = { kit->tsa.der };
    struct pdf_trust_lists *l = pdf_trust_lists_new();
    struct pdf_mark m;
    struct str plain;
    struct timestamp then;
    size_t count = 0;

    is_err(convert(list, kit->stranger.der, &plain, &count), E_OK,
           "a list with a history is taken");
    is_err(pdf_trust_lists_read(l, plain, STR_ABSENT), E_OK, "and read");
    is_err(timestamp_parse_rfc3339(STR("2024-06-01T00:00:00Z"), &then), E_OK, "a time before");
    ok(pdf_trust_lists_mark(l, true, chain, 1, then, &m), "a service counts while it was granted");
    ok(!pdf_trust_lists_mark(l, true, chain, 1, clock_now(), &m), "and not after it was withdrawn");
    pdf_trust_lists_free(l);
}

static void test_forged(void)
{
    struct bytes good =
        list_of(service("TSA/QTST", "granted", "2020-01-01T00:00:00Z", kit->tsa.der, ""));
    struct bytes list = with_signature(good, "");
    struct str plain;
    size_t count;

    is_err(convert(list, kit->ca.der, &plain, &count), E_INPUT, "a list by another key is refused");
    is_str(str_z(fault_current()->reason), "trust-list-signature", "with the reason");
    is_err(convert(good, kit->stranger.der, &plain, &count), E_INPUT,
           "one without a signature too");
    is_err(
        convert(attack_put(a, list, "2020-01-01", "2010-01-01"), kit->stranger.der, &plain, &count),
        E_INPUT, "and one that was changed");
    is_err(convert(with_signature(good, "#other"), kit->stranger.der, &plain, &count), E_INPUT,
           "and a signature over something else");
    is_err(convert(bytes_of_str(STR("<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><x>&e;"
                                    "</x>")),
                   kit->stranger.der, &plain, &count),
           E_INPUT, "a document type is refused");
    is_err(convert(bytes_of_str(STR("no xml")), kit->stranger.der, &plain, &count), E_INPUT,
           "what is no XML is refused");
}

int main(void)
{
    kit = kit_new();
    a = arena_new((size_t)1 << 30);
    is_err(pdf_trust_xml_init(), E_OK, "xmlsec starts");
    test_plain();
    test_malformed();
    test_european();
    test_history();
    test_forged();
    pdf_trust_xml_close();
    arena_free(a);
    kit_free(kit);
    return tap_done();
}
