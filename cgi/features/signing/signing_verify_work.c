/* signing_verify_work.c - the verifier's findings in the words of pages and API. */
#include "features/signing/signing_inside_work.h"

#include "base/encoding.h"
#include "base/json.h"
#include "sign/pdf_verify.h"

static struct str revocation_word(const struct pdf_cert_report *c)
{
    if (c->anchor)
        return STR("anchor");
    if (!c->revocation_known)
        return STR("unknown");
    switch (c->revocation.status) {
    case REVOCATION_GOOD:
        return STR("good");
    case REVOCATION_REVOKED:
        return STR("revoked");
    case REVOCATION_UNKNOWN:
        break;
    }
    return STR("unknown");
}

static void take_chain(struct arena *a, const struct pdf_signature_report *s,
                       struct signing_verify_signature *out)
{
    out->chain = ARENA_ARRAY(a, s->chain_n, struct signing_verify_certificate);
    out->chain_n = s->chain_n;
    for (size_t i = 0; i < s->chain_n; i++) {
        const struct pdf_cert_report *c = &s->chain[i];
        out->chain[i] = (struct signing_verify_certificate){
            .subject = c->subject,
            .issuer = c->issuer,
            .serial = c->serial,
            .not_before = c->not_before,
            .not_after = c->not_after,
            .revocation = revocation_word(c),
            .revoked_at = c->revocation_known ? c->revocation.revoked_at : TIMESTAMP_NONE,
        };
    }
}

static void take_reasons(struct arena *a, const struct pdf_signature_report *s,
                         struct signing_verify_signature *out)
{
    out->reasons = ARENA_ARRAY(a, s->reasons_n, const char *);
    out->reason_codes = ARENA_ARRAY(a, s->reasons_n, const char *);
    out->reasons_n = s->reasons_n;
    for (size_t i = 0; i < s->reasons_n; i++) {
        out->reasons[i] = s->reasons[i].text;
        out->reason_codes[i] = s->reasons[i].code;
    }
}

static struct str signer_name(const struct pdf_signature_report *s)
{
    if (s->chain_n == 0)
        return STR_ABSENT;
    return str_empty(s->chain[0].common_name) ? s->chain[0].subject : s->chain[0].common_name;
}

static void take_signature(struct arena *a, const struct pdf_signature_report *s,
                           struct signing_verify_signature *out)
{
    bool stamp = s->kind == PDF_KIND_DOCUMENT_TIMESTAMP;

    *out = (struct signing_verify_signature){
        .kind = stamp ? STR("document-timestamp") : STR("signature"),
        .field = s->field,
        .signer = signer_name(s),
        .reason = s->reason,
        .location = s->location,
        .level =
            stamp || !s->intact || !s->baseline ? STR_ABSENT : str_z(pdf_sign_level_name(s->level)),
        .verdict = str_z(pdf_verify_verdict_name(s->verdict)),
        .sub_indication = str_z(s->sub_indication),
        .algorithm =
            str_empty(s->signature_algorithm)
                ? s->digest_algorithm
                : str_fmt(a, "%s, %.*s", s->signature_algorithm.p, STR_ARG(s->digest_algorithm)),
        .claimed = s->claimed,
        .timestamp = s->has_token ? s->token.time : TIMESTAMP_NONE,
        .best_time = s->best_time,
        .tsa = s->has_token ? s->token.authority : STR_ABSENT,
        .intact = s->intact,
        .whole_file = s->later == PDF_LATER_NOTHING,
        .content_changed = (s->later & (PDF_LATER_OTHER | PDF_LATER_ANNOTATION)) != 0,
        .later = s->later,
        .certification = s->certification,
    };
    take_chain(a, s, out);
    take_reasons(a, s, out);
}

enum err signing_verify(struct bytes pdf, struct arena *a, struct timestamp now,
                        struct signing_verification *out)
{
    const struct pdf_trust *trust;
    struct signing_inside *in;
    struct pdf_source source = pdf_source_memory(pdf);
    struct pdf_report *r;

    TRY(signing_inside_get(&in));
    if (pdf.n > in->upload_max)
        return FAIL(E_LIMIT, "document-too-large", "%zu bytes", pdf.n);
    TRY(signing_inside_trust(in, &trust));
    TRY(pdf_verify(&source, NULL, trust, now, a, &r));
    *out = (struct signing_verification){
        .verdict =
            r->signatures_n == 0 ? STR("no-signature") : str_z(pdf_verify_verdict_name(r->verdict)),
        .digest = r->digest,
        .size = r->size,
        .at = r->at,
        .signatures = ARENA_ARRAY(a, r->signatures_n, struct signing_verify_signature),
        .signatures_n = r->signatures_n,
    };
    for (size_t i = 0; i < r->signatures_n; i++)
        take_signature(a, &r->signatures[i], &out->signatures[i]);
    return E_OK;
}

static struct json *certificate_json(const struct signing_verify_certificate *c)
{
    struct json *j = json_new_object();
    json_set_str(j, "subject", c->subject);
    json_set_str(j, "issuer", c->issuer);
    json_set_str(j, "serial", c->serial);
    json_set_time(j, "not_before", c->not_before);
    json_set_time(j, "not_after", c->not_after);
    json_set_str(j, "revocation", c->revocation);
    if (!timestamp_is_none(c->revoked_at))
        json_set_time(j, "revoked_at", c->revoked_at);
    return j;
}

/* What came after the signed revision, as words. */
static struct json *later_json(uint32_t later)
{
    static const struct {
        uint32_t bit;
        const char *word;
    } words[] = { { PDF_LATER_DSS, "validation-data" },   { PDF_LATER_TIMESTAMP, "timestamp" },
                  { PDF_LATER_SIGNATURE, "signature" },   { PDF_LATER_FORM, "form" },
                  { PDF_LATER_ANNOTATION, "annotation" }, { PDF_LATER_OTHER, "other" } };
    struct json *j = json_new_array();
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if ((later & words[i].bit) != 0)
            json_append(j, json_new_str(str_z(words[i].word)));
    return j;
}

static void add_times(struct json *j, const struct signing_verify_signature *s)
{
    json_set_time(j, "claimed_at", s->claimed);
    json_set_time(j, "timestamp_at", s->timestamp);
    json_set_str(j, "tsa", s->tsa);
    json_set_time(j, "proven_at", s->best_time);
}

static struct json *signature_json(const struct signing_verify_signature *s)
{
    struct json *j = json_new_object(), *chain = json_new_array(), *reasons = json_new_array();

    json_set_str(j, "kind", s->kind);
    json_set_str(j, "field", s->field);
    json_set_str(j, "verdict", s->verdict);
    json_set_str(j, "sub_indication", s->sub_indication);
    json_set_str(j, "signer", s->signer);
    json_set_str(j, "level", s->level);
    json_set_str(j, "reason", s->reason);
    json_set_str(j, "location", s->location);
    json_set_str(j, "algorithm", s->algorithm);
    json_set_bool(j, "intact", s->intact);
    json_set_bool(j, "covers_whole_file", s->whole_file);
    json_set(j, "added_later", later_json(s->later));
    json_set_i64(j, "certification", s->certification);
    add_times(j, s);
    for (size_t i = 0; i < s->chain_n; i++)
        json_append(chain, certificate_json(&s->chain[i]));
    json_set(j, "chain", chain);
    for (size_t i = 0; i < s->reasons_n; i++) {
        struct json *r = json_new_object();
        json_set_str(r, "code", str_z(s->reason_codes[i]));
        json_set_str(r, "text", str_z(s->reasons[i]));
        json_append(reasons, r);
    }
    json_set(j, "reasons", reasons);
    return j;
}

struct json *signing_verify_json(const struct signing_verification *v)
{
    struct json *j = json_new_object(), *list = json_new_array();
    struct arena *a = arena_new(64 * 1024);

    json_set_str(j, "verdict", v->verdict);
    json_set_str(j, "sha256", hex_encode(a, bytes_of_32(&v->digest)));
    json_set_i64(j, "size", (int64_t)v->size);
    json_set_time(j, "validated_at", v->at);
    for (size_t i = 0; i < v->signatures_n; i++)
        json_append(list, signature_json(&v->signatures[i]));
    json_set(j, "signatures", list);
    arena_free(a);
    return j;
}
