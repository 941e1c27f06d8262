/* pdf_sign.c - see pdf_sign.h. ETSI EN 319 142-1, ISO 32000-2 12.8. */
#include "sign/pdf_sign.h"

#include "sign/pdf_dss.h"
#include "sign/pdf_form.h"

#include <openssl/evp.h>

#define TAIL_MAX ((size_t)64 << 20) /* all updates of one signing */
#define TOKEN_ROOM 12288            /* a time-stamp token with its chain */

/* One signing from begin to end. */
struct job {
    const struct pdf_sign_params *p;
    struct pdf_sign_result *result;
    struct arena *a;
    struct pdf_read doc;
    struct pdf_append w;
    struct buf tail;
    const struct pdf_form_field *empty; /* the field to fill; NULL: a new one */
    EVP_MD_CTX *sha256, *sha384; /* over the document as it came; the second where it is needed */
};

static const char *const level_names[] = { "ES", "ES-T", "ES-LT", "ES-A" };
_Static_assert(sizeof level_names / sizeof *level_names == PDF_LEVEL__MAX, "a name for each level");

const char *pdf_sign_level_name(enum pdf_level level)
{
    return (unsigned)level < PDF_LEVEL__MAX ? level_names[level] : "";
}

enum err pdf_sign_level_parse(struct str name, enum pdf_level *out)
{
    for (int i = 0; i < PDF_LEVEL__MAX; i++) {
        if (str_eq_z(name, level_names[i])) {
            *out = (enum pdf_level)i;
            return E_OK;
        }
    }
    return FAIL(E_INPUT, "level-unknown", "%.20s", str_absent(name) ? "" : name.p);
}

static EVP_MD_CTX *digest_begin(const EVP_MD *md)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    if (ctx && !EVP_DigestInit_ex(ctx, md, NULL)) {
        EVP_MD_CTX_free(ctx);
        return NULL;
    }
    return ctx;
}

/* One pass over the document, for all digests that will be needed of it. */
static enum err hash_document(struct job *j)
{
    bool both = cms_signer_digest(j->p->signer) == DIGEST_SHA384;

    j->sha256 = digest_begin(EVP_sha256());
    j->sha384 = both ? digest_begin(EVP_sha384()) : NULL;
    if (!j->sha256 || (both && !j->sha384))
        return FAIL(E_INTERNAL, "", "EVP_Digest");
    EVP_MD_CTX *ctx[] = { j->sha256, j->sha384 };
    return pdf_source_hash(&j->p->source, 0, j->p->source.size, ctx, 2);
}

/*
 * The digest of the document followed by two pieces of what is appended. The document itself was
 * hashed once, when the job began: its state is copied.
 */
static enum err digest_of(const struct job *j, EVP_MD_CTX *file, struct bytes first,
                          struct bytes second, struct bytes *out)
{
    uint8_t *value = arena_alloc(j->a, EVP_MAX_MD_SIZE);
    unsigned n = 0;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool done = ctx && EVP_MD_CTX_copy_ex(ctx, file) && EVP_DigestUpdate(ctx, first.p, first.n) &&
                EVP_DigestUpdate(ctx, second.p, second.n) && EVP_DigestFinal_ex(ctx, value, &n);

    EVP_MD_CTX_free(ctx);
    *out = (struct bytes){ value, n };
    return done ? E_OK : FAIL(E_INTERNAL, "", "EVP_Digest");
}

/* Over everything but the value itself, with its brackets (ISO 32000-2 12.8.1). */
static enum err digest_around(const struct job *j, EVP_MD_CTX *file,
                              const struct pdf_append_slot *slot, struct bytes *out)
{
    size_t behind = slot->contents + 2 * slot->room + 2;
    return digest_of(j, file, (struct bytes){ j->tail.p, slot->contents },
                     (struct bytes){ j->tail.p + behind, j->tail.n - behind }, out);
}

static void text_entry(struct buf *b, const char *key, struct str text)
{
    if (str_empty(text))
        return;
    buf_add_z(b, key);
    pdf_append_text(b, text);
}

/* EN 319 142-1 table 1: /M as UTC; no /Cert, no /R. */
static enum err signature_entries(struct job *j, struct str *out)
{
    struct buf b = buf_init(65536);

    buf_add_z(&b, "/Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/M(");
    buf_add_str(&b, timestamp_pdf(j->a, j->result->when));
    buf_add_char(&b, ')');
    text_entry(&b, "/Name", j->p->name);
    text_entry(&b, "/Reason", j->p->reason);
    text_entry(&b, "/Location", j->p->location);
    text_entry(&b, "/ContactInfo", j->p->contact);
    if (j->empty)
        pdf_form_lock_entry(&j->doc, j->empty, &b);
    enum err rc = buf_to_str(&b, j->a, out);
    buf_free(&b);
    return rc;
}

/* Field name, and whether earlier signatures allow another one. */
static enum err permission(struct job *j)
{
    struct pdf_form_field *fields;
    size_t n;
    enum err rc = pdf_form_signatures(&j->doc, j->a, &fields, &n);

    j->result->field = str_dup(j->a, j->p->field);
    if (rc == E_OK && str_empty(j->p->field))
        rc = pdf_form_fresh_name(&j->doc, "Signature", j->a, &j->result->field);
    if (rc != E_OK)
        return rc;
    j->empty = pdf_form_find(fields, n, j->result->field);
    return pdf_form_permit(&j->doc, fields, n, j->result->field, j->a);
}

/* The update with the signature field; its value is still empty. */
static enum err write_signature(struct job *j, struct pdf_append_slot *slot)
{
    struct pdf_append *w = &j->w;
    struct str entries;
    enum err rc = signature_entries(j, &entries);
    size_t room = cms_sign_size_max(j->p->signer, j->p->level >= PDF_LEVEL_ES_T ? TOKEN_ROOM : 0);

    if (rc != E_OK)
        return rc;
    pdf_append_begin(w);
    uint32_t id = pdf_append_new_id(w);
    rc = pdf_form_declare(w);
    if (rc == E_OK)
        rc = j->empty ? pdf_form_fill(w, j->empty, id) : pdf_form_add(w, j->result->field, id);
    if (rc != E_OK)
        return rc;
    *slot = pdf_append_signature(w, id, entries, room);
    if ((rc = pdf_append_end(w)) != E_OK)
        return rc;
    pdf_append_fill_range(w, slot);
    return E_OK;
}

/* B-B, and B-T by a time-stamp over the signature value (EN 319 122-1 5.3). */
static enum err sign(struct job *j)
{
    const struct pdf_sign_params *p = j->p;
    struct pdf_append_slot slot;
    struct bytes digest, value, cms;
    enum err rc;

    if ((rc = permission(j)) != E_OK || (rc = write_signature(j, &slot)) != E_OK)
        return rc;
    EVP_MD_CTX *file = cms_signer_digest(p->signer) == DIGEST_SHA384 ? j->sha384 : j->sha256;
    if ((rc = digest_around(j, file, &slot, &digest)) != E_OK ||
        (rc = cms_sign_value(p->signer, digest, p->sign, p->sign_arg, j->a, &value)) != E_OK)
        return rc;
    if (p->level >= PDF_LEVEL_ES_T) {
        struct bytes32 imprint = sha256(value);
        rc = timestamp_obtain(p->tsa, p->trust, DIGEST_SHA256, bytes_of_32(&imprint), j->a,
                              &j->result->token);
        if (rc != E_OK)
            return rc;
    }
    cms_sign_finish(p->signer, digest, value, j->result->token.der, j->a, &cms);
    return pdf_append_fill(&j->w, &slot, cms);
}

static enum err check_params(const struct pdf_sign_params *p, struct timestamp when)
{
    struct timestamp from, to;

    if ((unsigned)p->level >= PDF_LEVEL__MAX || !p->signer || !p->sign)
        return FAIL(E_INTERNAL, "", "incomplete parameters");
    if (p->level >= PDF_LEVEL_ES_T && (!p->tsa || !p->tsa->send || !p->trust))
        return FAIL(E_BACKEND, "tsa-unavailable", "no time-stamping authority is configured");
    cms_signer_validity(p->signer, &from, &to);
    if (timestamp_cmp(when, from) < 0 || timestamp_cmp(when, to) > 0)
        return FAIL(E_STATE, "certificate-not-valid", "RFC 5280 4.1.2.5");
    return E_OK;
}

static enum err open_document(struct job *j)
{
    enum err rc = pdf_read_open(&j->p->source, j->p->password, &j->doc);

    if (rc != E_OK)
        return rc;
    if (j->doc.encrypted)
        return FAIL(E_UNSUPPORTED, "pdf-encrypted", "opens with the empty password");
    pdf_append_init(&j->w, &j->doc, j->a, &j->tail);
    return hash_document(j);
}

/*
 * All certificates and revocation data of one chain (EN 319 142-1 table 1 r, t, u). Where it joins
 * a chain that is in the set already, nothing is fetched again.
 */
static enum err gather(struct job *j, struct pdf_dss *dss, const struct bytes *chain, size_t n,
                       struct timestamp at)
{
    struct revocation_evidence *evidence;
    size_t evidence_n, joined = 0;

    while (joined + 1 < n && !pdf_dss_has_cert(dss, chain[joined]))
        joined++;
    enum err rc =
        revocation_collect(j->p->trust, chain, joined + 1, at, j->a, &evidence, &evidence_n);
    for (size_t i = 0; rc == E_OK && i < n; i++)
        pdf_dss_cert(dss, chain[i]);
    for (size_t i = 0; rc == E_OK && i < evidence_n; i++) {
        if (evidence[i].status == REVOCATION_REVOKED)
            return FAIL(E_STATE, "certificate-revoked", "certificate %zu of the chain", i);
        pdf_dss_evidence(dss, &evidence[i]);
    }
    return rc;
}

/*
 * B-LT: what was fetched after the time-stamp goes into the DSS; older revocation data would prove
 * nothing about the time of signing (ISO 32000-2 12.8.3.4.8).
 */
static enum err add_validation_data(struct job *j)
{
    struct timestamp at = j->result->token.time;
    struct bytes given[16], *chain;
    size_t given_n = 0, n;
    struct pdf_dss dss = { 0 };
    enum err rc;

    while (given_n < 16 && cms_signer_cert(j->p->signer, given_n).n) {
        given[given_n] = cms_signer_cert(j->p->signer, given_n);
        given_n++;
    }
    rc = pdf_trust_chain(j->p->trust, PDF_TRUST_SIGNER, given, given_n, at, j->a, &chain, &n);
    if (rc != E_OK || (rc = gather(j, &dss, chain, n, at)) != E_OK ||
        (rc = gather(j, &dss, j->result->token.chain, j->result->token.chain_n, at)) != E_OK)
        return rc;
    pdf_append_begin(&j->w);
    if ((rc = pdf_dss_write(&j->w, &dss)) != E_OK)
        return rc;
    return pdf_append_end(&j->w);
}

/* B-LTA: a document time-stamp in an update of its own (EN 319 142-1 5.4.3). */
static enum err add_document_timestamp(struct job *j)
{
    struct pdf_append *w = &j->w;
    struct pdf_append_slot slot;
    struct str name;
    struct bytes imprint;
    enum err rc = pdf_form_fresh_name(&j->doc, "Timestamp", j->a, &name);

    if (rc != E_OK)
        return rc;
    pdf_append_begin(w);
    uint32_t id = pdf_append_new_id(w);
    if ((rc = pdf_form_add(w, name, id)) != E_OK)
        return rc;
    slot = pdf_append_signature(
        w, id, STR("/Type/DocTimeStamp/Filter/Adobe.PPKLite/SubFilter/ETSI.RFC3161"), TOKEN_ROOM);
    if ((rc = pdf_append_end(w)) != E_OK)
        return rc;
    pdf_append_fill_range(w, &slot);
    if ((rc = digest_around(j, j->sha256, &slot, &imprint)) != E_OK)
        return rc;
    rc =
        timestamp_obtain(j->p->tsa, j->p->trust, DIGEST_SHA256, imprint, j->a, &j->result->archive);
    return rc == E_OK ? pdf_append_fill(w, &slot, j->result->archive.der) : rc;
}

/* Digests of what came and of what goes; then the result into `out`. */
static enum err deliver(struct job *j, struct buf *out)
{
    struct bytes before, after, tail = buf_bytes(&j->tail);
    enum err rc;

    if ((rc = digest_of(j, j->sha256, BYTES_ABSENT, BYTES_ABSENT, &before)) != E_OK ||
        (rc = digest_of(j, j->sha256, tail, BYTES_ABSENT, &after)) != E_OK)
        return rc;
    memcpy(j->result->digest_in.b, before.p, sizeof j->result->digest_in.b);
    memcpy(j->result->digest_out.b, after.p, sizeof j->result->digest_out.b);
    j->result->size_out = j->p->source.size + tail.n;
    buf_reset(out);
    size_t before_n = j->p->tail_only ? 0 : (size_t)j->p->source.size;
    uint8_t *room = buf_extend(out, before_n + tail.n);
    if (!room)
        return FAIL(E_LIMIT, "pdf-too-large", "result of %llu bytes",
                    (unsigned long long)j->result->size_out);
    memcpy(room + before_n, tail.p, tail.n);
    return pdf_source_read(&j->p->source, 0, room, before_n);
}

enum err pdf_sign(const struct pdf_sign_params *params, struct arena *a, struct buf *out,
                  struct pdf_sign_result *result)
{
    struct job j = { .p = params, .result = result, .a = a, .tail = buf_init(TAIL_MAX) };
    enum err rc;

    *result = (struct pdf_sign_result){ .level = params->level, .when = params->when };
    if (timestamp_is_none(result->when) || result->when.us == 0)
        result->when = clock_now();
    if ((rc = check_params(params, result->when)) != E_OK || (rc = open_document(&j)) != E_OK ||
        (rc = sign(&j)) != E_OK)
        goto out;
    if (params->level >= PDF_LEVEL_ES_LT && (rc = add_validation_data(&j)) != E_OK)
        goto out;
    if (params->level >= PDF_LEVEL_ES_A && (rc = add_document_timestamp(&j)) != E_OK)
        goto out;
    rc = deliver(&j, out);
out:
    if (rc != E_OK)
        buf_reset(out);
    EVP_MD_CTX_free(j.sha256);
    EVP_MD_CTX_free(j.sha384);
    pdf_read_close(&j.doc);
    buf_free(&j.tail);
    return rc;
}
