/* signing_verify_work.c - the verifier's findings in the words of pages and API. */
#include "features/signing/signing_inside_work.h"

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

static struct str source_word(enum pdf_evidence_source s)
{
    return s == PDF_EVIDENCE_DOCUMENT  ? STR("document")
           : s == PDF_EVIDENCE_FETCHED ? STR("fetched")
                                       : STR("");
}

static struct signing_verify_certificate *take_chain(struct arena *a,
                                                     const struct pdf_cert_report *chain, size_t n)
{
    struct signing_verify_certificate *out = ARENA_ARRAY(a, n, struct signing_verify_certificate);

    for (size_t i = 0; i < n; i++) {
        const struct pdf_cert_report *c = &chain[i];
        out[i] = (struct signing_verify_certificate){
            .subject = c->subject,
            .issuer = c->issuer,
            .serial = c->serial,
            .not_before = c->not_before,
            .not_after = c->not_after,
            .revocation = revocation_word(c),
            .source = source_word(c->source),
            .revoked_at = c->revocation_known ? c->revocation.revoked_at : TIMESTAMP_NONE,
            .asked_at = c->revocation_known ? c->revocation.produced : TIMESTAMP_NONE,
        };
    }
    return out;
}

static struct signing_verify_mark take_mark(bool marked, const struct pdf_mark *m)
{
    if (!marked)
        return (struct signing_verify_mark){ .kind = STR_ABSENT };
    return (struct signing_verify_mark){ .kind = str_z(pdf_trust_lists_mark_name(m->kind)),
                                         .service = m->service,
                                         .list = m->list,
                                         .list_issued = m->list_issued,
                                         .since = m->since };
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
        .control_time = s->control_time,
        .etsi_level = str_z(s->etsi_level ? s->etsi_level : ""),
        .past = s->past,
        .later_allowed = s->later_allowed,
        .permission = s->permission,
        .locked = s->locked,
        .chain = take_chain(a, s->chain, s->chain_n),
        .chain_n = s->chain_n,
        .tsa_chain = take_chain(a, s->tsa_chain, s->tsa_chain_n),
        .tsa_chain_n = s->tsa_chain_n,
        .mark = take_mark(s->marked, &s->mark),
        .tsa_mark = take_mark(s->tsa_marked, &s->tsa_mark),
        .tsa = s->has_token ? s->token.authority : STR_ABSENT,
        .intact = s->intact,
        .whole_file = s->later == PDF_LATER_NOTHING,
        .content_changed = (s->later & (PDF_LATER_OTHER | PDF_LATER_ANNOTATION)) != 0,
        .later = s->later,
        .certification = s->certification,
    };
    take_reasons(a, s, out);
}

/* `text` with {name} replaced: for readers without a catalogue. */
static struct str fill_sentence(struct arena *a, const struct signing_verify_change *c)
{
    const struct {
        const char *name;
        struct str value;
    } members[] = { { "{page}", c->page }, { "{field}", c->field }, { "{object}", c->object },
                    { "{what}", c->what }, { "{old}", c->old },     { "{new}", c->new } };
    struct buf b = buf_init(16384);
    struct str out = STR("");

    for (const char *p = c->text; *p;) {
        size_t i = 0, n = sizeof members / sizeof *members;
        while (i < n && strncmp(p, members[i].name, strlen(members[i].name)) != 0)
            i++;
        if (i == n) {
            buf_add_char(&b, *p++);
        } else {
            buf_add_str(&b, members[i].value);
            p += strlen(members[i].name);
        }
    }
    if (buf_to_str(&b, a, &out) != E_OK)
        out = str_z(c->text);
    buf_free(&b);
    return out;
}

static struct str or_empty(struct str s)
{
    return str_absent(s) ? STR("") : s;
}

static void take_change(struct arena *a, const struct pdf_change *c,
                        struct signing_verify_change *out)
{
    *out = (struct signing_verify_change){
        .code = c->code,
        .text = c->text,
        .rule = c->rule,
        .rule_text = c->rule_text,
        .allowed = c->allowed,
        .page = c->page ? str_fmt(a, "%u", c->page) : STR(""),
        .object = c->object ? str_fmt(a, "%d", c->object) : STR(""),
        .field = or_empty(c->field),
        .what = or_empty(c->what),
        .old = or_empty(c->old),
        .new = or_empty(c->new),
        .path = or_empty(c->path),
    };
    out->sentence = fill_sentence(a, out);
}

static void take_revisions(struct arena *a, const struct pdf_report *r,
                           struct signing_verification *out)
{
    out->revisions = ARENA_ARRAY(a, r->revisions_n, struct signing_verify_revision);
    out->revisions_n = r->revisions_n;
    for (size_t i = 0; i < r->revisions_n; i++) {
        const struct pdf_revision *from = &r->revisions[i];
        struct signing_verify_revision *to = &out->revisions[i];
        *to = (struct signing_verify_revision){ from->from, from->to,        from->allowed,
                                                NULL,       from->changes_n, from->left_out };
        to->changes = ARENA_ARRAY(a, from->changes_n, struct signing_verify_change);
        for (size_t k = 0; k < from->changes_n; k++)
            take_change(a, &from->changes[k], &to->changes[k]);
    }
}

enum err signing_verify(const struct signing_verify_request *rq, struct arena *a,
                        struct signing_verification *out)
{
    const struct pdf_trust *trust;
    struct signing_inside *in;
    struct pdf_source source = rq->source ? *rq->source : pdf_source_memory(rq->pdf);
    struct pdf_report *r;

    TRY(signing_inside_get(&in));
    if (source.size > in->upload_max)
        return FAIL(E_LIMIT, "document-too-large", "%llu bytes", (unsigned long long)source.size);
    TRY(signing_inside_trust(in, &trust));
    TRY(pdf_verify(&source, rq->password, trust, rq->at, a, &r));
    *out = (struct signing_verification){
        .verdict =
            r->signatures_n == 0 ? STR("no-signature") : str_z(pdf_verify_verdict_name(r->verdict)),
        .digest = r->digest,
        .size = r->size,
        .pages = r->pages,
        .encrypted = r->encrypted,
        .at = r->at,
        .signatures = ARENA_ARRAY(a, r->signatures_n, struct signing_verify_signature),
        .signatures_n = r->signatures_n,
    };
    for (size_t i = 0; i < r->signatures_n; i++)
        take_signature(a, &r->signatures[i], &out->signatures[i]);
    take_revisions(a, r, out);
    return E_OK;
}
