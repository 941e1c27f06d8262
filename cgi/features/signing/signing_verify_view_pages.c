/* signing_verify_view_pages.c - see signing_verify_view_pages.h. */
#include "features/signing/signing_verify_view_pages.h"

#include "base/encoding.h"
#include "http/view.h"

struct reason_row {
    struct msg text;
};

static const struct view_field reason_fields[] = {
    VIEW_MSG(struct reason_row, text),
    VIEW_END,
};

struct certificate_row {
    struct str subject, issuer, serial;
    struct timestamp not_before, not_after, asked_at;
    struct msg revocation, source;
};

static const struct view_field certificate_fields[] = {
    VIEW_TEXT(struct certificate_row, subject),
    VIEW_TEXT(struct certificate_row, issuer),
    VIEW_CODE(struct certificate_row, serial),
    VIEW_DATE(struct certificate_row, not_before),
    VIEW_DATE(struct certificate_row, not_after),
    VIEW_TIME(struct certificate_row, asked_at),
    VIEW_MSG(struct certificate_row, revocation),
    VIEW_MSG(struct certificate_row, source),
    VIEW_END,
};

struct mark_view {
    struct msg words;
    struct str service, list;
    struct timestamp list_issued;
};

static const struct view_field mark_fields[] = {
    VIEW_MSG(struct mark_view, words),
    VIEW_TEXT(struct mark_view, service),
    VIEW_TEXT(struct mark_view, list),
    VIEW_DATE(struct mark_view, list_issued),
    VIEW_END,
};

struct signature_row {
    struct str signer, level, etsi_level, reason, location, tsa, algorithm, sub_indication, field;
    struct timestamp claimed, timestamp, best_time, control_time;
    struct page_badge state;
    struct msg kind, coverage, certification;
    bool past;
    struct mark_view *mark, *tsa_mark;
    struct reason_row *reasons;
    size_t reasons_count;
    struct certificate_row *chain, *tsa_chain;
    size_t chain_count, tsa_chain_count;
};

static const struct view_field signature_fields[] = {
    VIEW_TEXT(struct signature_row, signer),
    VIEW_TEXT(struct signature_row, level),
    VIEW_TEXT(struct signature_row, etsi_level),
    VIEW_TEXT(struct signature_row, reason),
    VIEW_TEXT(struct signature_row, location),
    VIEW_TEXT(struct signature_row, tsa),
    VIEW_TEXT(struct signature_row, algorithm),
    VIEW_TEXT(struct signature_row, sub_indication),
    VIEW_TEXT(struct signature_row, field),
    VIEW_TIME(struct signature_row, claimed),
    VIEW_TIME(struct signature_row, timestamp),
    VIEW_TIME(struct signature_row, best_time),
    VIEW_TIME(struct signature_row, control_time),
    VIEW_STRUCT(struct signature_row, state, page_badge_fields),
    VIEW_MSG(struct signature_row, kind),
    VIEW_MSG(struct signature_row, coverage),
    VIEW_MSG(struct signature_row, certification),
    VIEW_FLAG(struct signature_row, past),
    VIEW_OPTION(struct signature_row, mark, mark_fields),
    VIEW_OPTION(struct signature_row, tsa_mark, mark_fields),
    VIEW_LIST(struct signature_row, reasons, reasons_count, reason_fields),
    VIEW_INT(struct signature_row, reasons_count),
    VIEW_INT(struct signature_row, chain_count),
    VIEW_LIST(struct signature_row, chain, chain_count, certificate_fields),
    VIEW_INT(struct signature_row, tsa_chain_count),
    VIEW_LIST(struct signature_row, tsa_chain, tsa_chain_count, certificate_fields),
    VIEW_END,
};

struct change_row {
    struct str sentence, path;
    struct msg rule;
    struct page_badge state;
};

static const struct view_field change_fields[] = {
    VIEW_TEXT(struct change_row, sentence),
    VIEW_TEXT(struct change_row, path),
    VIEW_MSG(struct change_row, rule),
    VIEW_STRUCT(struct change_row, state, page_badge_fields),
    VIEW_END,
};

struct revision_row {
    uint64_t number, left_out;
    bool allowed;
    struct change_row *changes;
    size_t changes_count;
};

static const struct view_field revision_fields[] = {
    VIEW_COUNT(struct revision_row, number),
    VIEW_COUNT(struct revision_row, left_out),
    VIEW_FLAG(struct revision_row, allowed),
    VIEW_LIST(struct revision_row, changes, changes_count, change_fields),
    VIEW_INT(struct revision_row, changes_count),
    VIEW_END,
};

struct result_view {
    struct str filename, digest;
    uint64_t size, pages;
    struct timestamp at;
    const char *tone;
    struct msg verdict, meaning;
    struct signature_row *signatures;
    size_t signatures_count;
    struct revision_row *revisions;
    size_t revisions_count;
};

static const struct view_field result_fields[] = {
    VIEW_TEXT(struct result_view, filename),
    VIEW_CODE(struct result_view, digest),
    VIEW_SIZE(struct result_view, size),
    VIEW_COUNT(struct result_view, pages),
    VIEW_TIME(struct result_view, at),
    VIEW_WORD(struct result_view, tone),
    VIEW_MSG(struct result_view, verdict),
    VIEW_MSG(struct result_view, meaning),
    VIEW_LIST(struct result_view, signatures, signatures_count, signature_fields),
    VIEW_LIST(struct result_view, revisions, revisions_count, revision_fields),
    VIEW_INT(struct result_view, revisions_count),
    VIEW_END,
};

struct page_badge signing_verify_badge(struct str verdict)
{
    if (str_eq_z(verdict, "total-passed"))
        return (struct page_badge){ "success", MSG("valid") };
    if (str_eq_z(verdict, "total-failed"))
        return (struct page_badge){ "error", MSG("invalid") };
    return (struct page_badge){ "caution", MSG("cannot be judged") };
}

struct signing_verdict_words signing_verify_words(struct str verdict)
{
    if (str_eq_z(verdict, "total-passed"))
        return (struct signing_verdict_words){
            "valid", MSG("Valid: all signatures in this document are good."),
            MSG("The signed content is unchanged, and the certificates were valid when they were "
                "used.")
        };
    if (str_eq_z(verdict, "total-failed"))
        return (struct signing_verdict_words){
            "invalid", MSG("Invalid: do not rely on this document as signed."),
            MSG("At least one signature is invalid. The reasons are below.")
        };
    if (str_eq_z(verdict, "no-signature"))
        return (
            struct signing_verdict_words){ "unknown", MSG("This document holds no signature."),
                                           MSG("It is a readable PDF that nobody has signed.") };
    return (struct signing_verdict_words){
        "unknown", MSG("Cannot be judged: something needed for a verdict is missing."),
        MSG("That does not mean that the document was changed. The reasons are below.")
    };
}

struct msg signing_verify_revocation(struct str word)
{
    if (str_eq_z(word, "good"))
        return MSG("not revoked");
    if (str_eq_z(word, "revoked"))
        return MSG("revoked");
    if (str_eq_z(word, "anchor"))
        return MSG("trusted by this service");
    return MSG("not known");
}

static struct msg source_words(struct str source)
{
    if (str_eq_z(source, "document"))
        return MSG("by evidence in the document");
    if (str_eq_z(source, "fetched"))
        return MSG("asked just now");
    return (struct msg){ NULL };
}

struct msg signing_verify_mark_words(const struct signing_verify_mark *m)
{
    static const struct {
        const char *kind;
        struct msg words;
    } marks[] = {
        { "qualified-signature", MSG_INIT("Qualified electronic signature (eIDAS)") },
        { "qualified-seal", MSG_INIT("Qualified electronic seal (eIDAS)") },
        { "qualified-certificate", MSG_INIT("Qualified certificate (eIDAS)") },
        { "qualified-timestamp", MSG_INIT("Qualified timestamp (eIDAS)") },
        { "accredited-timestamp", MSG_INIT("Timestamp of an accredited service (Japan)") },
        { "accredited-certificate", MSG_INIT("Certificate of an accredited service (Japan)") },
    };
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (str_eq_z(m->kind, marks[i].kind))
            return marks[i].words;
    return (struct msg){ NULL };
}

struct str signing_verify_change_words(struct arena *a, enum lang lang,
                                       const struct signing_verify_change *c)
{
    const struct message_arg *args =
        MESSAGE_ARGS({ "page", c->page }, { "field", c->field }, { "object", c->object },
                     { "what", c->what }, { "old", c->old }, { "new", c->new });
    return message_fmt(a, lang, (struct msg){ c->text }, args);
}

struct msg signing_verify_coverage(const struct signing_verify_signature *s)
{
    if (s->whole_file)
        return MSG("The whole file");
    if (s->later_allowed)
        return MSG("An earlier state of the file; only permitted additions came later");
    if (s->content_changed)
        return MSG("An earlier state of the file; something that people see was added later");
    return MSG("An earlier state of the file; something that is not permitted came later");
}

static struct msg certification_words(int permission)
{
    switch (permission) {
    case 1:
        return MSG("Certified: no changes are permitted");
    case 2:
        return MSG("Certified: filling in forms and signing are permitted");
    case 3:
        return MSG("Certified: filling in forms, signing and comments are permitted");
    default:
        return (struct msg){ NULL };
    }
}

static struct certificate_row *make_chain(struct arena *a,
                                          const struct signing_verify_certificate *chain, size_t n)
{
    struct certificate_row *rows = ARENA_ARRAY(a, n, struct certificate_row);

    for (size_t i = 0; i < n; i++) {
        const struct signing_verify_certificate *c = &chain[i];
        rows[i] = (struct certificate_row){ .subject = c->subject,
                                            .issuer = c->issuer,
                                            .serial = c->serial,
                                            .not_before = c->not_before,
                                            .not_after = c->not_after,
                                            .asked_at = c->asked_at,
                                            .revocation = signing_verify_revocation(c->revocation),
                                            .source = source_words(c->source) };
    }
    return rows;
}

static struct mark_view *make_mark(struct arena *a, const struct signing_verify_mark *m)
{
    struct mark_view *v;

    if (str_absent(m->kind))
        return NULL;
    v = ARENA_NEW(a, struct mark_view);
    *v = (struct mark_view){ signing_verify_mark_words(m), m->service, m->list, m->list_issued };
    return v;
}

static void make_signature(struct arena *a, const struct signing_verify_signature *s,
                           struct signature_row *row)
{
    *row = (struct signature_row){
        .signer = s->signer,
        .level = s->level,
        .etsi_level = s->etsi_level,
        .reason = s->reason,
        .location = s->location,
        .tsa = s->tsa,
        .algorithm = s->algorithm,
        .sub_indication = s->sub_indication,
        .field = s->field,
        .claimed = s->claimed,
        .timestamp = s->timestamp,
        .best_time = s->best_time,
        .control_time = s->past ? s->control_time : TIMESTAMP_NONE,
        .state = signing_verify_badge(s->verdict),
        .kind = str_eq_z(s->kind, "signature") ? MSG("Signature") : MSG("Archive timestamp"),
        .coverage = signing_verify_coverage(s),
        .certification = certification_words(s->certification),
        .past = s->past,
        .mark = make_mark(a, &s->mark),
        .tsa_mark = make_mark(a, &s->tsa_mark),
        .reasons_count = s->reasons_n,
        .chain = make_chain(a, s->chain, s->chain_n),
        .chain_count = s->chain_n,
        .tsa_chain = make_chain(a, s->tsa_chain, s->tsa_chain_n),
        .tsa_chain_count = s->tsa_chain_n,
    };
    row->reasons = ARENA_ARRAY(a, s->reasons_n, struct reason_row);
    for (size_t i = 0; i < s->reasons_n; i++)
        row->reasons[i].text.id = s->reasons[i];
}

static void make_revision(struct arena *a, enum lang lang, const struct signing_verify_revision *r,
                          struct revision_row *row)
{
    row->allowed = r->allowed;
    row->left_out = r->left_out;
    row->changes_count = r->changes_n;
    row->changes = ARENA_ARRAY(a, r->changes_n, struct change_row);
    for (size_t i = 0; i < r->changes_n; i++) {
        const struct signing_verify_change *c = &r->changes[i];
        row->changes[i] = (struct change_row){
            .sentence = signing_verify_change_words(a, lang, c),
            .path = c->path,
            .rule = { c->rule_text },
            .state = c->allowed ? (struct page_badge){ "success", MSG("permitted") }
                                : (struct page_badge){ "error", MSG("not permitted") },
        };
    }
}

static const struct result_view *make_result(struct arena *a, enum lang lang, struct str filename,
                                             const struct signing_verification *r)
{
    struct result_view *v = ARENA_NEW(a, struct result_view);
    struct signing_verdict_words words = signing_verify_words(r->verdict);

    *v = (struct result_view){ .filename = filename,
                               .digest = hex_encode(a, bytes_of_32(&r->digest)),
                               .size = r->size,
                               .pages = r->pages,
                               .at = r->at,
                               .tone = words.tone,
                               .verdict = words.verdict,
                               .meaning = words.meaning,
                               .signatures_count = r->signatures_n,
                               .revisions_count = r->revisions_n };
    v->signatures = ARENA_ARRAY(a, r->signatures_n, struct signature_row);
    for (size_t i = 0; i < r->signatures_n; i++)
        make_signature(a, &r->signatures[i], &v->signatures[i]);
    v->revisions = ARENA_ARRAY(a, r->revisions_n, struct revision_row);
    for (size_t i = 0; i < r->revisions_n; i++) {
        v->revisions[i].number = i + 1;
        make_revision(a, lang, &r->revisions[i], &v->revisions[i]);
    }
    return v;
}

struct verify_view {
    const struct result_view *result; /* NULL: nothing judged yet */
    bool person;                      /* signed in: may judge many at once */
};

static const struct view_field verify_fields[] = {
    VIEW_OPTION(struct verify_view, result, result_fields),
    VIEW_FLAG(struct verify_view, person),
    VIEW_END,
};

const struct view signing_verify_view = { "signing/verify.html", "Verify a document", verify_fields,
                                          0 };

enum err signing_verify_view_show(struct req *rq, struct resp *rs, struct str filename,
                                  const struct signing_verification *r)
{
    struct verify_view v = { NULL, req_account(rq).v != 0 };

    if (r != NULL)
        v.result = make_result(req_arena(rq), req_lang(rq), filename, r);
    return resp_page(rs, &signing_verify_view, &v);
}
