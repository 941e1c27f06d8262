/* pdf_trust_lists.c - see pdf_trust_lists.h. */
#include "sign/pdf_trust_lists.h"

#include "sign/pdf_x509.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

/* ETSI EN 319 412-5 4: id-etsi-qcs-QcCompliance, -QcSSCD, -QcType (1 esign, 2 eseal). */
#define QC_STATEMENTS "1.3.6.1.5.5.7.1.3"
#define QC_COMPLIANCE "0.4.0.1862.1.1"
#define QC_SSCD "0.4.0.1862.1.4"
#define QC_TYPE "0.4.0.1862.1.6"
#define QC_TYPE_SEAL "0.4.0.1862.1.6.2"

struct pdf_trust_lists {
    struct arena *arena;
    struct pdf_trust_service *all;
    size_t n, cap;
};

static const char *const mark_names[] = {
    [PDF_MARK_QUALIFIED_SIGNATURE] = "qualified-signature",
    [PDF_MARK_QUALIFIED_SEAL] = "qualified-seal",
    [PDF_MARK_QUALIFIED_CERTIFICATE] = "qualified-certificate",
    [PDF_MARK_QUALIFIED_TIMESTAMP] = "qualified-timestamp",
    [PDF_MARK_ACCREDITED_TIMESTAMP] = "accredited-timestamp",
    [PDF_MARK_ACCREDITED_CERTIFICATE] = "accredited-certificate",
};

const char *pdf_trust_lists_mark_name(enum pdf_mark_kind kind)
{
    return (unsigned)kind < sizeof mark_names / sizeof *mark_names ? mark_names[kind] : "";
}

bool pdf_trust_lists_mark_parse(struct str name, enum pdf_mark_kind *out)
{
    for (size_t i = 0; i < sizeof mark_names / sizeof *mark_names; i++) {
        if (str_eq_z(name, mark_names[i])) {
            *out = (enum pdf_mark_kind)i;
            return true;
        }
    }
    return false;
}

struct pdf_trust_lists *pdf_trust_lists_new(void)
{
    struct pdf_trust_lists *l = calloc(1, sizeof *l);
    if (!l)
        abort();
    l->arena = arena_new((size_t)256 << 20);
    return l;
}

void pdf_trust_lists_free(struct pdf_trust_lists *l)
{
    if (!l)
        return;
    arena_free(l->arena);
    free(l->all);
    free(l);
}

size_t pdf_trust_lists_count(const struct pdf_trust_lists *l)
{
    return l->n;
}

const struct pdf_trust_service *pdf_trust_lists_service(const struct pdf_trust_lists *l, size_t i)
{
    return &l->all[i];
}

enum err pdf_trust_lists_add(struct pdf_trust_lists *l, const struct pdf_trust_service *service)
{
    X509 *x = pdf_x509_parse(service->cert);

    ERR_clear_error();
    if (!x)
        return FAIL(E_INPUT, "certificate-malformed", "service %s", service->name.p);
    X509_free(x);
    if (l->n == l->cap) {
        size_t cap = l->cap ? l->cap * 2 : 64;
        struct pdf_trust_service *grown = realloc(l->all, cap * sizeof *grown);
        if (!grown)
            abort();
        l->all = grown;
        l->cap = cap;
    }
    struct pdf_trust_service *s = &l->all[l->n++];
    *s = *service;
    s->cert = bytes_dup(l->arena, service->cert);
    s->name = str_of(l->arena, service->name.p, service->name.n);
    s->list = str_of(l->arena, service->list.p, service->list.n);
    s->status = str_absent(service->status)
                    ? STR_ABSENT
                    : str_of(l->arena, service->status.p, service->status.n);
    return E_OK;
}

/* ---- QC statements ---- */

static bool is_oid(const ASN1_OBJECT *o, const char *dotted)
{
    char text[64];
    return o && OBJ_obj2txt(text, sizeof text, o, 1) > 0 && strcmp(text, dotted) == 0;
}

static bool names_seal(const ASN1_TYPE *info)
{
    bool seal = false;
    if (!info || info->type != V_ASN1_SEQUENCE)
        return false;
    const uint8_t *p = info->value.sequence->data;
    ASN1_SEQUENCE_ANY *types = d2i_ASN1_SEQUENCE_ANY(NULL, &p, info->value.sequence->length);
    for (int i = 0; i < sk_ASN1_TYPE_num(types); i++) {
        const ASN1_TYPE *one = sk_ASN1_TYPE_value(types, i);
        seal |= one->type == V_ASN1_OBJECT && is_oid(one->value.object, QC_TYPE_SEAL);
    }
    sk_ASN1_TYPE_pop_free(types, ASN1_TYPE_free);
    return seal;
}

struct statements {
    bool compliance, device, seal;
};

/* QCStatement ::= SEQUENCE { statementId OID, statementInfo ANY OPTIONAL } */
static void take_statement(const ASN1_TYPE *statement, struct statements *out)
{
    if (statement->type != V_ASN1_SEQUENCE)
        return;
    const uint8_t *p = statement->value.sequence->data;
    ASN1_SEQUENCE_ANY *parts = d2i_ASN1_SEQUENCE_ANY(NULL, &p, statement->value.sequence->length);
    const ASN1_TYPE *id = sk_ASN1_TYPE_num(parts) > 0 ? sk_ASN1_TYPE_value(parts, 0) : NULL;
    if (id && id->type == V_ASN1_OBJECT) {
        out->compliance |= is_oid(id->value.object, QC_COMPLIANCE);
        out->device |= is_oid(id->value.object, QC_SSCD);
        if (is_oid(id->value.object, QC_TYPE) && sk_ASN1_TYPE_num(parts) > 1)
            out->seal |= names_seal(sk_ASN1_TYPE_value(parts, 1));
    }
    sk_ASN1_TYPE_pop_free(parts, ASN1_TYPE_free);
}

static struct statements read_statements(X509 *x)
{
    struct statements out = { 0 };
    ASN1_OBJECT *oid = OBJ_txt2obj(QC_STATEMENTS, 1);
    int at = oid ? X509_get_ext_by_OBJ(x, oid, -1) : -1;

    ASN1_OBJECT_free(oid);
    if (at < 0)
        return out;
    const ASN1_OCTET_STRING *value = X509_EXTENSION_get_data(X509_get_ext(x, at));
    const uint8_t *p = ASN1_STRING_get0_data(value);
    ASN1_SEQUENCE_ANY *all = d2i_ASN1_SEQUENCE_ANY(NULL, &p, ASN1_STRING_length(value));
    for (int i = 0; i < sk_ASN1_TYPE_num(all) && i < 64; i++)
        take_statement(sk_ASN1_TYPE_value(all, i), &out);
    sk_ASN1_TYPE_pop_free(all, ASN1_TYPE_free);
    ERR_clear_error();
    return out;
}

/* ---- marks ---- */

static bool is_timestamp(enum pdf_mark_kind kind)
{
    return kind == PDF_MARK_QUALIFIED_TIMESTAMP || kind == PDF_MARK_ACCREDITED_TIMESTAMP;
}

/* The service's own certificate is in the chain, or a key of the same name that signed one of it.
 */
static bool covers(const struct pdf_trust_service *s, const struct bytes *chain, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (bytes_eq(s->cert, chain[i]))
            return true;
    }
    X509 *by = pdf_x509_parse(s->cert), *last = n ? pdf_x509_parse(chain[n - 1]) : NULL;
    bool issued = by && last && X509_check_issued(by, last) == X509_V_OK &&
                  X509_verify(last, X509_get0_pubkey(by)) == 1;
    X509_free(by);
    X509_free(last);
    ERR_clear_error();
    return issued;
}

static bool in_time(const struct pdf_trust_service *s, struct timestamp at)
{
    return (timestamp_is_none(s->from) || timestamp_cmp(s->from, at) <= 0) &&
           (timestamp_is_none(s->until) || timestamp_cmp(at, s->until) < 0);
}

static bool mark_of(const struct pdf_trust_service *s, const struct statements *q,
                    struct pdf_mark *out)
{
    enum pdf_mark_kind kind = s->kind;

    if (s->by_statement) {
        if (!q->compliance)
            return false;
        kind = !q->device ? PDF_MARK_QUALIFIED_CERTIFICATE
               : q->seal  ? PDF_MARK_QUALIFIED_SEAL
                          : PDF_MARK_QUALIFIED_SIGNATURE;
    }
    *out = (struct pdf_mark){ .kind = kind,
                              .service = s->name,
                              .list = s->list,
                              .list_issued = s->list_issued,
                              .since = s->from,
                              .status = s->status };
    return true;
}

bool pdf_trust_lists_mark(const struct pdf_trust_lists *l, bool timestamp,
                          const struct bytes *chain, size_t chain_n, struct timestamp at,
                          struct pdf_mark *out)
{
    struct statements q = { 0 };
    X509 *leaf = l && chain_n ? pdf_x509_parse(chain[0]) : NULL;
    bool found = false;

    if (!leaf)
        return false;
    q = read_statements(leaf);
    for (size_t i = 0; i < l->n && !found; i++) {
        const struct pdf_trust_service *s = &l->all[i];
        found = is_timestamp(s->kind) == timestamp && in_time(s, at) && covers(s, chain, chain_n) &&
                mark_of(s, &q, out);
    }
    X509_free(leaf);
    return found;
}
