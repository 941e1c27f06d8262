/* signing_verify_pages.c - verify a signed PDF: one verdict line, details below. Open to everyone.
 */
#include "features/signing/signing_pages.h"

#include "base/encoding.h"
#include "features/signing/signing_reasons_pages.h"
#include "http/ratelimit.h"

#define UPLOAD_MAX (1024u << 20) /* the setting upload.max_bytes says less */

static const struct rate verify_rate = { "signing.verify", RATE_ADDRESS, 30, 10 * MINUTE_US };

struct verify_form {
    struct upload file;
};

static const struct param verify_params[] = {
    PARAM_FILE(struct verify_form, file, UPLOAD_MAX),
    PARAM_END,
};

struct reason_row {
    struct msg text;
};

static const struct view_field reason_fields[] = {
    VIEW_MSG(struct reason_row, text),
    VIEW_END,
};

struct certificate_row {
    struct str subject, issuer, serial;
    struct timestamp not_before, not_after;
    struct msg revocation;
};

static const struct view_field certificate_fields[] = {
    VIEW_TEXT(struct certificate_row, subject),
    VIEW_TEXT(struct certificate_row, issuer),
    VIEW_CODE(struct certificate_row, serial),
    VIEW_DATE(struct certificate_row, not_before),
    VIEW_DATE(struct certificate_row, not_after),
    VIEW_MSG(struct certificate_row, revocation),
    VIEW_END,
};

struct signature_row {
    struct str signer, level, reason, location, tsa, algorithm, sub_indication;
    struct timestamp claimed, timestamp, best_time;
    struct page_badge state;
    struct msg kind;
    bool whole_file, changed;
    struct reason_row *reasons;
    size_t reasons_count;
    struct certificate_row *chain;
    size_t chain_count;
};

static const struct view_field signature_fields[] = {
    VIEW_TEXT(struct signature_row, signer),
    VIEW_TEXT(struct signature_row, level),
    VIEW_TEXT(struct signature_row, reason),
    VIEW_TEXT(struct signature_row, location),
    VIEW_TEXT(struct signature_row, tsa),
    VIEW_TEXT(struct signature_row, algorithm),
    VIEW_TEXT(struct signature_row, sub_indication),
    VIEW_TIME(struct signature_row, claimed),
    VIEW_TIME(struct signature_row, timestamp),
    VIEW_TIME(struct signature_row, best_time),
    VIEW_STRUCT(struct signature_row, state, page_badge_fields),
    VIEW_MSG(struct signature_row, kind),
    VIEW_FLAG(struct signature_row, whole_file),
    VIEW_FLAG(struct signature_row, changed),
    VIEW_LIST(struct signature_row, reasons, reasons_count, reason_fields),
    VIEW_INT(struct signature_row, reasons_count),
    VIEW_INT(struct signature_row, chain_count),
    VIEW_LIST(struct signature_row, chain, chain_count, certificate_fields),
    VIEW_END,
};

struct result_view {
    struct str filename, digest;
    uint64_t size;
    struct timestamp at;
    const char *tone; /* "valid", "unknown", "invalid" */
    struct msg verdict, meaning;
    struct signature_row *signatures;
    size_t signatures_count;
};

static const struct view_field result_fields[] = {
    VIEW_TEXT(struct result_view, filename),
    VIEW_CODE(struct result_view, digest),
    VIEW_SIZE(struct result_view, size),
    VIEW_TIME(struct result_view, at),
    VIEW_WORD(struct result_view, tone),
    VIEW_MSG(struct result_view, verdict),
    VIEW_MSG(struct result_view, meaning),
    VIEW_LIST(struct result_view, signatures, signatures_count, signature_fields),
    VIEW_END,
};

struct verify_view {
    const struct result_view *result; /* NULL: nothing judged yet */
};

static const struct view_field verify_fields[] = {
    VIEW_OPTION(struct verify_view, result, result_fields),
    VIEW_END,
};

const struct view signing_verify_view = { "signing/verify.html", "Verify a document", verify_fields,
                                          0 };

/* LOOK section 5: valid, cannot be judged, invalid; a verdict never says more than is proven. */
static struct page_badge verdict_badge(struct str verdict)
{
    if (str_eq_z(verdict, "total-passed"))
        return (struct page_badge){ "success", MSG("valid") };
    if (str_eq_z(verdict, "total-failed"))
        return (struct page_badge){ "error", MSG("invalid") };
    return (struct page_badge){ "caution", MSG("cannot be judged") };
}

static void fill_verdict(const struct signing_verification *r, struct result_view *v)
{
    if (str_eq_z(r->verdict, "total-passed")) {
        v->tone = "valid";
        v->verdict = MSG("Valid: all signatures in this document are good.");
        v->meaning = MSG("The signed content is unchanged, and the certificates were valid when "
                         "they were used.");
    } else if (str_eq_z(r->verdict, "total-failed")) {
        v->tone = "invalid";
        v->verdict = MSG("Invalid: do not rely on this document as signed.");
        v->meaning = MSG("At least one signature is invalid. The reasons are below.");
    } else if (str_eq_z(r->verdict, "no-signature")) {
        v->tone = "unknown";
        v->verdict = MSG("This document holds no signature.");
        v->meaning = MSG("It is a readable PDF that nobody has signed.");
    } else {
        v->tone = "unknown";
        v->verdict = MSG("Cannot be judged: something needed for a verdict is missing.");
        v->meaning =
            MSG("That does not mean that the document was changed. The reasons are below.");
    }
}

static struct msg revocation_words(struct str word)
{
    if (str_eq_z(word, "good"))
        return MSG("not revoked");
    if (str_eq_z(word, "revoked"))
        return MSG("revoked");
    if (str_eq_z(word, "anchor"))
        return MSG("trusted by this service");
    return MSG("not known");
}

static void fill_chain(struct arena *a, const struct signing_verify_signature *s,
                       struct signature_row *row)
{
    row->chain_count = s->chain_n;
    row->chain = ARENA_ARRAY(a, s->chain_n, struct certificate_row);
    for (size_t i = 0; i < s->chain_n; i++) {
        const struct signing_verify_certificate *c = &s->chain[i];
        row->chain[i] = (struct certificate_row){ c->subject,   c->issuer,
                                                  c->serial,    c->not_before,
                                                  c->not_after, revocation_words(c->revocation) };
    }
}

static void fill_signature(struct arena *a, const struct signing_verify_signature *s,
                           struct signature_row *row)
{
    *row = (struct signature_row){
        .signer = s->signer,
        .level = s->level,
        .reason = s->reason,
        .location = s->location,
        .tsa = s->tsa,
        .algorithm = s->algorithm,
        .sub_indication = s->sub_indication,
        .claimed = s->claimed,
        .timestamp = s->timestamp,
        .best_time = s->best_time,
        .state = verdict_badge(s->verdict),
        .kind = str_eq_z(s->kind, "signature") ? MSG("Signature") : MSG("Archive timestamp"),
        .whole_file = s->whole_file,
        .changed = s->content_changed,
    };
    row->reasons_count = s->reasons_n;
    row->reasons = ARENA_ARRAY(a, s->reasons_n, struct reason_row);
    for (size_t i = 0; i < s->reasons_n; i++)
        row->reasons[i].text.id = s->reasons[i];
    fill_chain(a, s, row);
}

static struct result_view *make_result(struct arena *a, const struct verify_form *f,
                                       const struct signing_verification *r)
{
    struct result_view *v = ARENA_NEW(a, struct result_view);

    v->filename = f->file.filename;
    v->digest = hex_encode(a, bytes_of_32(&r->digest));
    v->size = r->size;
    v->at = r->at;
    fill_verdict(r, v);
    v->signatures_count = r->signatures_n;
    v->signatures = ARENA_ARRAY(a, r->signatures_n, struct signature_row);
    for (size_t i = 0; i < r->signatures_n; i++)
        fill_signature(a, &r->signatures[i], &v->signatures[i]);
    return v;
}

static enum err show(struct req *rq, struct resp *rs)
{
    struct verify_view v = { NULL };
    (void)rq;
    return resp_page(rs, &signing_verify_view, &v);
}

static enum err verify(struct req *rq, struct resp *rs)
{
    const struct verify_form *f = req_form(rq);
    struct signing_verification r;
    enum err e;

    if (req_invalid(rq))
        return show(rq, rs);
    e = signing_verify(f->file.data, req_arena(rq), req_now(rq), &r);
    if (e != E_OK)
        return signing_reasons_show(rq) ? show(rq, rs) : e;
    struct verify_view v = { make_result(req_arena(rq), f, &r) };
    return resp_page(rs, &signing_verify_view, &v);
}

const struct route signing_verify_routes[] = {
    { GET, "/verify", show, WHO_ANYONE, NULL, 0, 0, NULL, NULL },
    { POST, "/verify", verify, WHO_ANYONE, FORM(verify_params, struct verify_form),
      ROUTE_READ_ONLY_POST | ROUTE_COSTLY, UPLOAD_MAX, NULL, &verify_rate },
    { 0 },
};
