/* pdf_sign.c - see pdf_sign.h. ETSI EN 319 142-1, ISO 32000-2 12.8. */
#include "sign/pdf_sign.h"

#include "sign/pdf_field.h"
#include "sign/pdf_update.h"

/* One signing from begin to end. */
struct job {
    const struct pdf_sign_params *p;
    struct pdf_sign_result *result;
    struct arena *a;
    struct pdf_update u;
    const struct pdf_form_field *empty; /* the field to fill; NULL: a new one */
    struct pdf_field_intent intent;     /* what is asked for, as the field has it */
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

static void text_entry(struct buf *b, const char *key, struct str text)
{
    if (str_empty(text))
        return;
    buf_add_z(b, key);
    pdf_append_text(b, text);
}

/* What the signature says about later changes (12.8.2.2, 12.8.2.4). */
static void reference_entry(struct job *j, struct buf *b)
{
    struct pdf_read_ref root = pdf_read_root(&j->u.doc);
    struct buf locks = buf_init(65536);

    if (j->empty)
        pdf_form_lock_params(&j->u.doc, j->empty, &locks);
    if (locks.n == 0 && j->intent.lock)
        buf_add_z(&locks, PDF_FORM_LOCK_ALL);
    if (j->intent.certify || locks.n)
        buf_add_z(b, "/Reference[");
    if (j->intent.certify)
        buf_fmt(b,
                "<</Type/SigRef/TransformMethod/DocMDP/TransformParams"
                "<</Type/TransformParams/P %d/V/1.2>>>>",
                j->intent.certify);
    if (locks.n) {
        buf_fmt(b,
                "<</Type/SigRef/TransformMethod/FieldMDP/Data %d %d R/TransformParams"
                "<</Type/TransformParams/V/1.2",
                root.id, root.gen);
        buf_add_bytes(b, buf_bytes(&locks));
        buf_add_z(b, ">>>>");
    }
    if (j->intent.certify || locks.n)
        buf_add_char(b, ']');
    buf_free(&locks);
}

/* EN 319 142-1 table 1: /M as UTC; no /Cert, no /R. */
static enum err signature_entries(struct job *j, struct str *out)
{
    struct buf b = buf_init(131072);

    buf_add_z(&b, "/Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/M(");
    buf_add_str(&b, timestamp_pdf(j->a, j->result->when));
    buf_add_char(&b, ')');
    text_entry(&b, "/Name", j->p->name);
    text_entry(&b, "/Reason", j->intent.reason);
    text_entry(&b, "/Location", j->p->location);
    text_entry(&b, "/ContactInfo", j->p->contact);
    reference_entry(j, &b);
    enum err rc = buf_to_str(&b, j->a, out);
    buf_free(&b);
    return rc;
}

/* Which field, and whether earlier signatures and the field itself allow what is asked for. */
static enum err permission(struct job *j)
{
    struct pdf_read *d = &j->u.doc;
    struct pdf_form_field *fields;
    size_t n;
    enum err rc = pdf_form_signatures(d, j->a, &fields, &n);

    if (rc != E_OK ||
        (rc = pdf_field_choose(d, fields, n, j->p->field, j->a, &j->empty, &j->result->field)) !=
            E_OK ||
        (rc = pdf_form_permit(d, fields, n, j->result->field, j->a)) != E_OK)
        return rc;
    j->intent = (struct pdf_field_intent){ .certify = j->p->certify,
                                           .lock = j->p->lock,
                                           .reason = j->p->reason,
                                           .level = j->p->level,
                                           .signer = j->p->signer,
                                           .preview = j->p->preview };
    if (j->empty && (rc = pdf_field_obey(d, j->empty->field, j->a, &j->intent)) != E_OK)
        return rc;
    if (j->intent.certify && (rc = pdf_field_certifiable(d, fields, n)) != E_OK)
        return rc;
    j->result->certify = j->intent.certify;
    bool stamps = pdf_form_stamps(d, j->empty, j->p->seals_n) > 0;
    if ((rc = pdf_field_allowed(d, j->empty != NULL, stamps)) != E_OK ||
        (rc = pdf_field_sealable(d, j->empty, j->p->seals_n)) != E_OK)
        return rc;
    return stamps ? pdf_field_annotations(fields, n) : E_OK;
}

static enum err write_field(struct job *j, uint32_t value)
{
    struct pdf_append *w = &j->u.w;
    struct pdf_form_look look = { .seals = j->p->seals,
                                  .seals_n = j->p->seals_n,
                                  .lock = j->intent.lock };
    enum err rc = pdf_form_declare(w);

    if (rc == E_OK)
        rc = j->empty ? pdf_form_fill(w, j->empty, value, &look)
                      : pdf_form_add(w, j->result->field, value, &look);
    if (rc == E_OK && j->intent.certify)
        rc = pdf_form_certify(w, value);
    return rc;
}

/* The update with the signature field; its value is still empty. */
static enum err write_signature(struct job *j, struct pdf_append_slot *slot)
{
    struct pdf_append *w = &j->u.w;
    struct str entries;
    enum err rc = signature_entries(j, &entries);
    size_t token = j->p->level >= PDF_LEVEL_ES_T ? pdf_update_token_room(j->p->tsa) : 0;

    if (rc != E_OK)
        return rc;
    pdf_append_begin(w);
    uint32_t id = pdf_append_new_id(w);
    if ((rc = write_field(j, id)) != E_OK)
        return rc;
    *slot = pdf_append_signature(w, id, entries, cms_sign_size_max(j->p->signer, token));
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

    if ((rc = permission(j)) != E_OK || (rc = write_signature(j, &slot)) != E_OK || p->preview)
        return rc;
    if ((rc = pdf_update_digest(&j->u, cms_signer_digest(p->signer), &slot, &digest)) != E_OK ||
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
    return pdf_append_fill(&j->u.w, &slot, cms);
}

static enum err check_params(const struct pdf_sign_params *p, struct timestamp when)
{
    struct timestamp from, to;

    if ((unsigned)p->level >= PDF_LEVEL__MAX || !p->signer || (!p->sign && !p->preview) ||
        p->certify < 0 || p->certify > 3)
        return FAIL(E_INTERNAL, "", "incomplete parameters");
    if (p->seals_n > PDF_SIGN_SEALS_MAX)
        return FAIL(E_LIMIT, "seal-too-many", "%zu places", p->seals_n);
    if (!p->preview && p->level >= PDF_LEVEL_ES_T && (!p->tsa || !p->tsa->send || !p->trust))
        return FAIL(E_BACKEND, "tsa-unavailable", "no time-stamping authority is configured");
    cms_signer_validity(p->signer, &from, &to);
    if (timestamp_cmp(when, from) < 0 || timestamp_cmp(when, to) > 0)
        return FAIL(E_STATE, "certificate-not-valid", "RFC 5280 4.1.2.5");
    return E_OK;
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
    if (rc != E_OK || (rc = pdf_update_gather(&j->u, &dss, chain, n, at, at)) != E_OK ||
        (rc = pdf_update_gather(&j->u, &dss, j->result->token.chain, j->result->token.chain_n, at,
                                at)) != E_OK)
        return rc;
    return pdf_update_evidence(&j->u, &dss);
}

enum err pdf_sign(const struct pdf_sign_params *params, struct arena *a, struct buf *out,
                  struct pdf_sign_result *result)
{
    struct job j = { .p = params, .result = result, .a = a };
    enum pdf_level level = params->preview ? PDF_LEVEL_ES : params->level;
    enum err rc;

    j.u = (struct pdf_update){ .source = params->source,
                               .password = params->password,
                               .tsa = params->tsa,
                               .trust = params->trust,
                               .a = a };
    *result = (struct pdf_sign_result){ .level = params->level, .when = params->when };
    if (timestamp_is_none(result->when) || result->when.us == 0)
        result->when = clock_now();
    if ((rc = check_params(params, result->when)) != E_OK)
        goto out;
    j.u.sha384 = cms_signer_digest(params->signer) == DIGEST_SHA384;
    if ((rc = pdf_update_open(&j.u)) != E_OK || (rc = sign(&j)) != E_OK)
        goto out;
    if (level >= PDF_LEVEL_ES_LT && (rc = add_validation_data(&j)) != E_OK)
        goto out;
    if (level >= PDF_LEVEL_ES_A && (rc = pdf_update_timestamp(&j.u, &result->archive)) != E_OK)
        goto out;
    rc = pdf_update_deliver(&j.u, params->tail_only, out, result);
out:
    if (rc != E_OK)
        buf_reset(out);
    pdf_update_close(&j.u);
    return rc;
}
