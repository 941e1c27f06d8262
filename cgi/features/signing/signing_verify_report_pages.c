/* signing_verify_report_pages.c - see signing_verify_report_pages.h. */
#include "features/signing/signing_verify_report_pages.h"

#include "base/encoding.h"
#include "features/signing/signing_verify_view_pages.h"

#define ROWS_MAX 16
#define FOREIGN_CHARS 1000

struct writer {
    struct signing_report *report;
    struct arena *a;
    enum lang lang;
    struct signing_report_row rows[ROWS_MAX];
    size_t n;
};

/* What stands in files and certificates, on one line: under our seal it must not look like ours. */
static struct str foreign(const struct writer *w, struct str s)
{
    return str_empty(s) ? STR("") : str_printable(w->a, s, FOREIGN_CHARS);
}

static void row(struct writer *w, struct msg label, struct str value)
{
    if (!str_empty(value) && w->n < ROWS_MAX)
        w->rows[w->n++] =
            (struct signing_report_row){ message_text(w->lang, label), foreign(w, value) };
}

static void row_time(struct writer *w, struct msg label, struct timestamp t)
{
    if (!timestamp_is_none(t))
        row(w, label, timestamp_human(w->a, t, w->lang == LANG_JA));
}

static void row_words(struct writer *w, struct msg label, struct msg words)
{
    if (words.id)
        row(w, label, message_text(w->lang, words));
}

static void flush(struct writer *w)
{
    signing_report_table(w->report, w->rows, w->n);
    w->n = 0;
}

static enum signing_report_tone tone_of(struct str verdict)
{
    return str_eq_z(verdict, "total-passed")   ? SIGNING_REPORT_GOOD
           : str_eq_z(verdict, "total-failed") ? SIGNING_REPORT_BAD
                                               : SIGNING_REPORT_CAUTION;
}

static void write_certificate(struct writer *w, const struct signing_verify_certificate *c)
{
    row(w, MSG("Holder"), c->subject);
    row(w, MSG("Issuer"), c->issuer);
    row(w, MSG("Serial number"), c->serial);
    row_time(w, MSG("Valid from"), c->not_before);
    row_time(w, MSG("Valid until"), c->not_after);
    row_words(w, MSG("Revocation"), signing_verify_revocation(c->revocation));
    row_time(w, MSG("Evidence made at"), c->asked_at);
    flush(w);
}

static void write_mark(struct writer *w, struct msg label, const struct signing_verify_mark *m)
{
    struct msg words = signing_verify_mark_words(m);

    if (str_absent(m->kind) || !words.id)
        return;
    row(w, label,
        str_fmt(w->a, "%.*s: %.*s (%.*s)", STR_ARG(message_text(w->lang, words)),
                STR_ARG(m->service), STR_ARG(m->list)));
}

static void write_facts(struct writer *w, const struct signing_verify_signature *s)
{
    row(w, MSG("Result"), message_text(w->lang, signing_verify_badge(s->verdict).word));
    row(w, MSG("ETSI indication"), s->sub_indication);
    row(w, MSG("Signature level"),
        str_empty(s->level)
            ? s->etsi_level
            : str_fmt(w->a, "%.*s (%.*s)", STR_ARG(s->level), STR_ARG(s->etsi_level)));
    row_time(w, MSG("Time as the signer states it"), s->claimed);
    row_time(w, MSG("Timestamp"), s->timestamp);
    row(w, MSG("Timestamp by"), s->tsa);
    row_time(w, MSG("Proven to exist at"), s->best_time);
    row(w, MSG("Reason"), s->reason);
    row(w, MSG("Place"), s->location);
    row_words(w, MSG("What it covers"), signing_verify_coverage(s));
    row(w, MSG("Algorithms"), s->algorithm);
    row(w, MSG("Form field"), s->field);
    write_mark(w, MSG("Signer in a list of services"), &s->mark);
    write_mark(w, MSG("Timestamp in a list of services"), &s->tsa_mark);
    flush(w);
}

static void write_signature(struct writer *w, size_t i, const struct signing_verify_signature *s)
{
    struct msg kind = str_eq_z(s->kind, "signature") ? MSG("Signature") : MSG("Archive timestamp");

    signing_report_heading(w->report, 2,
                           str_fmt(w->a, "%zu. %.*s: %.*s", i + 1,
                                   STR_ARG(message_text(w->lang, kind)),
                                   STR_ARG(foreign(w, s->signer))));
    write_facts(w, s);
    for (size_t k = 0; k < s->reasons_n; k++)
        signing_report_item(w->report, message_text(w->lang, (struct msg){ s->reasons[k] }));
    if (s->chain_n)
        signing_report_heading(w->report, 3, message_text(w->lang, MSG("Certificates")));
    for (size_t k = 0; k < s->chain_n; k++)
        write_certificate(w, &s->chain[k]);
    if (s->tsa_chain_n)
        signing_report_heading(w->report, 3,
                               message_text(w->lang, MSG("Certificates of the timestamp")));
    for (size_t k = 0; k < s->tsa_chain_n; k++)
        write_certificate(w, &s->tsa_chain[k]);
}

static void write_revision(struct writer *w, size_t i, const struct signing_verify_revision *r)
{
    struct str number = str_fmt(w->a, "%zu", i + 1);
    const struct message_arg *args = MESSAGE_ARGS({ "n", number });

    signing_report_heading(w->report, 3, message_fmt(w->a, w->lang, MSG("Addition {n}"), args));
    for (size_t k = 0; k < r->changes_n; k++) {
        const struct signing_verify_change *c = &r->changes[k];
        struct str sentence = foreign(w, signing_verify_change_words(w->a, w->lang, c));
        struct msg allowed = c->allowed ? MSG("permitted") : MSG("not permitted");
        signing_report_item(w->report,
                            str_fmt(w->a, "%.*s (%.*s: %.*s)", STR_ARG(sentence),
                                    STR_ARG(message_text(w->lang, allowed)),
                                    STR_ARG(message_text(w->lang, (struct msg){ c->rule_text }))));
    }
}

static void write_document(struct writer *w, struct str filename,
                           const struct signing_verification *v)
{
    row(w, MSG("Document"), filename);
    row(w, MSG("Size"), str_fmt(w->a, "%llu bytes", (unsigned long long)v->size));
    row(w, (struct msg){ "SHA-256" }, hex_encode(w->a, bytes_of_32(&v->digest)));
    row_time(w, MSG("Verified at"), v->at);
    flush(w);
}

struct signing_report *signing_verify_report_make(struct arena *a, enum lang lang,
                                                  struct str filename,
                                                  const struct signing_verification *v)
{
    struct signing_verdict_words words = signing_verify_words(v->verdict);
    struct writer w = { .a = a, .lang = lang };

    w.report = signing_report_new(
        a, message_lang_code(lang), message_text(lang, MSG("Verification report")),
        message_text(lang, MSG("Signed electronically: verify the signature of this report.")),
        v->at);
    signing_report_notice(w.report, tone_of(v->verdict),
                          str_fmt(a, "%.*s\n%.*s", STR_ARG(message_text(lang, words.verdict)),
                                  STR_ARG(message_text(lang, words.meaning))));
    write_document(&w, filename, v);
    for (size_t i = 0; i < v->signatures_n; i++)
        write_signature(&w, i, &v->signatures[i]);
    if (v->revisions_n)
        signing_report_heading(w.report, 2, message_text(lang, MSG("What was added later")));
    for (size_t i = 0; i < v->revisions_n; i++)
        write_revision(&w, i, &v->revisions[i]);
    return w.report;
}
