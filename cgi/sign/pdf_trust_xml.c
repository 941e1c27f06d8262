/* pdf_trust_xml.c - see pdf_trust_xml.h. libxml2; the signature is pdf_trust_xml_signature.c's. */
#include "sign/pdf_trust_xml.h"

#include "base/encoding.h"
#include "sign/pdf_trust_lists.h"
#include "sign/pdf_trust_xml_inside.h"

#include <libxml/parser.h>
#include <libxml/tree.h>

#define TSL "http://uri.etsi.org/02231/v2#"
#define QC_CA "http://uri.etsi.org/TrstSvc/Svctype/CA/QC"
#define QTST "http://uri.etsi.org/TrstSvc/Svctype/TSA/QTST"
#define HISTORY_MAX 200
#define SERVICES_MAX 20000

struct convert {
    struct arena *a;
    struct buf *out;
    size_t count;
    struct str provider;
};

/* ---- the tree ---- */

static bool same(const xmlChar *l, const char *r)
{
    return l && strcmp((const char *)l, r) == 0;
}

static bool is_named(const xmlNode *n, const char *name)
{
    return n->type == XML_ELEMENT_NODE && n->ns && same(n->ns->href, TSL) && same(n->name, name);
}

static const xmlNode *child(const xmlNode *of, const char *name)
{
    for (const xmlNode *n = of ? of->children : NULL; n; n = n->next) {
        if (is_named(n, name))
            return n;
    }
    return NULL;
}

static struct str text_of(const xmlNode *n, struct arena *a)
{
    xmlChar *text = n ? xmlNodeGetContent(n) : NULL;
    struct str out = text && xmlStrlen(text) < 200000
                         ? str_trim(a, str_of(a, (const char *)text, (size_t)xmlStrlen(text)))
                         : STR_ABSENT;
    xmlFree(text);
    return out;
}

/* The English one of several names, else the first. */
static struct str name_of(const xmlNode *list, struct arena *a)
{
    const xmlNode *first = child(list, "Name");

    for (const xmlNode *n = first; n; n = n->next) {
        xmlChar *lang = is_named(n, "Name") ? xmlNodeGetLang(n) : NULL;
        bool english = same(lang, "en");
        xmlFree(lang);
        if (english)
            return text_of(n, a);
    }
    return text_of(first, a);
}

static struct timestamp time_of(const xmlNode *n, struct arena *a)
{
    struct timestamp t;
    struct str text = text_of(n, a);
    if (str_absent(text) || timestamp_parse_rfc3339(text, &t) != E_OK) {
        fault_clear();
        return TIMESTAMP_NONE;
    }
    return t;
}

/* ---- services ---- */

/* TS 119 612 5.5.4, and the statuses from before eIDAS. */
static bool holds(struct str status)
{
    static const char *const good[] = { "granted", "undersupervision", "accredited",
                                        "supervisionincessation" };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        if (str_eq_z(status, good[i]))
            return true;
    }
    return false;
}

static struct str last_part(struct str uri, struct arena *a)
{
    size_t at = 0;
    for (size_t i = 0; i < uri.n; i++)
        at = uri.p[i] == '/' ? i + 1 : at;
    return str_sub(a, uri, at, uri.n);
}

/* Every certificate of one identity. */
static void write_period(struct convert *c, const xmlNode *identity, struct pdf_trust_service *s)
{
    for (const xmlNode *id = identity ? identity->children : NULL; id; id = id->next) {
        struct str der =
            is_named(id, "DigitalId") ? text_of(child(id, "X509Certificate"), c->a) : STR_ABSENT;
        struct buf b = buf_init(65536);
        for (size_t i = 0; i < der.n; i++) { /* lines within the base64 */
            if ((uint8_t)der.p[i] > ' ')
                buf_add_char(&b, der.p[i]);
        }
        struct str packed = { (const char *)b.p, b.n };
        if (b.n && base64_decode(c->a, packed, &s->cert) == E_OK && c->count < SERVICES_MAX) {
            pdf_trust_lists_write(c->out, s);
            c->count++;
        }
        fault_clear();
        buf_free(&b);
    }
}

/* A state of the service; `until` is when the next one began. Gives when this one began. */
static struct timestamp take_state(struct convert *c, const xmlNode *state, const xmlNode *service,
                                   struct timestamp until)
{
    struct str type = text_of(child(state, "ServiceTypeIdentifier"), c->a);
    struct str name = name_of(child(state, "ServiceName"), c->a);
    const xmlNode *identity = child(state, "ServiceDigitalIdentity");
    struct timestamp from = time_of(child(state, "StatusStartingTime"), c->a);
    struct pdf_trust_service s = {
        .kind =
            str_eq_z(type, QTST) ? PDF_MARK_QUALIFIED_TIMESTAMP : PDF_MARK_QUALIFIED_CERTIFICATE,
        .name = str_empty(c->provider) ? name : str_fmt(c->a, "%s, %s", name.p, c->provider.p),
        .status = last_part(text_of(child(state, "ServiceStatus"), c->a), c->a),
        .from = from,
        .until = until,
        .by_statement = str_eq_z(type, QC_CA),
    };

    if (!child(child(identity, "DigitalId"), "X509Certificate")) /* the past may name keys only */
        identity = child(service, "ServiceDigitalIdentity");
    if ((str_eq_z(type, QTST) || str_eq_z(type, QC_CA)) && holds(s.status) && !str_empty(name) &&
        !timestamp_is_none(from))
        write_period(c, identity, &s);
    return from;
}

static void take_service(struct convert *c, const xmlNode *node)
{
    const xmlNode *now = child(node, "ServiceInformation"), *past = child(node, "ServiceHistory");
    struct timestamp until = take_state(c, now, now, TIMESTAMP_NONE);
    int n = 0;

    /* newest first (5.6) */
    for (const xmlNode *h = past ? past->children : NULL; h && n < HISTORY_MAX; h = h->next) {
        if (is_named(h, "ServiceHistoryInstance") && !timestamp_is_none(until)) {
            until = take_state(c, h, now, until);
            n++;
        }
    }
}

static void take_provider(struct convert *c, const xmlNode *node)
{
    const xmlNode *services = child(node, "TSPServices");

    c->provider = name_of(child(child(node, "TSPInformation"), "TSPName"), c->a);
    for (const xmlNode *s = services ? services->children : NULL; s; s = s->next) {
        if (is_named(s, "TSPService"))
            take_service(c, s);
    }
}

static enum err take_list(struct convert *c, const xmlNode *root)
{
    const xmlNode *scheme = child(root, "SchemeInformation");
    const xmlNode *providers = child(root, "TrustServiceProviderList");
    struct str territory = text_of(child(scheme, "SchemeTerritory"), c->a);
    struct str of_scheme = name_of(child(scheme, "SchemeOperatorName"), c->a);
    struct timestamp issued = time_of(child(scheme, "ListIssueDateTime"), c->a);

    if (!is_named(root, "TrustServiceStatusList") || str_empty(of_scheme) ||
        timestamp_is_none(issued))
        return FAIL(E_INPUT, "trust-list", "ETSI TS 119 612: not a list");
    buf_fmt(c->out, "list = %s%s%s\nissued = %s\n", str_empty(territory) ? "" : territory.p,
            str_empty(territory) ? "" : ", ", of_scheme.p,
            timestamp_rfc3339(c->a, issued, false).p);
    for (const xmlNode *p = providers ? providers->children : NULL; p; p = p->next) {
        if (is_named(p, "TrustServiceProvider"))
            take_provider(c, p);
    }
    return E_OK;
}

enum err pdf_trust_xml_convert(struct bytes xml, const struct bytes *scheme, size_t scheme_n,
                               struct buf *out, size_t *count)
{
    struct convert c = { .a = arena_new((size_t)512 << 20), .out = out };
    /* no network, no entities replaced, no huge trees: hostile until its signature is known */
    xmlDoc *doc = xml.n > 0 && xml.n <= PDF_TRUST_XML_MAX
                      ? xmlReadMemory((const char *)xml.p, (int)xml.n, "list.xml", NULL,
                                      XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING)
                      : NULL;
    const xmlNode *root = doc ? xmlDocGetRootElement(doc) : NULL;
    enum err rc = FAIL(E_INPUT, "trust-list", "no XML");

    if (root && !doc->intSubset && !doc->extSubset) {
        rc = pdf_trust_xml_signature(doc, scheme, scheme_n);
        if (rc == E_OK)
            rc = take_list(&c, root);
    }
    *count = c.count;
    xmlFreeDoc(doc);
    arena_free(c.a);
    return rc;
}
