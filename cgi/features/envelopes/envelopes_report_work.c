/*
 * envelopes_report_work.c - the evidence report: who was asked, how each was identified, when and
 * from where each signed, and which bytes: digests before and after every signature, certificates,
 * timestamps. Whoever has the files can compare.
 */
#include "features/envelopes/envelopes_inside_work.h"

#include "base/encoding.h"
#include "sign/pdf_compose.h"
#include "store/gen/envelopes.q.h"

struct writer {
    struct arena *a;
    struct pdf_compose *c;
    struct str lang;
    const struct envelopes_envelope *e;
    struct envelopes_document *documents;
    size_t documents_n;
    struct envelopes_party *parties;
    size_t parties_n;
    struct q_envelope_signature_list *signatures;
    size_t signatures_n;
};

static struct str word(const struct writer *w, enum envelopes_word id)
{
    return envelopes_work_word(w->a, w->lang, id, NULL);
}

static struct str numbered(const struct writer *w, enum envelopes_word id, size_t number)
{
    struct envelopes_values v = { .number = str_fmt(w->a, "%zu", number) };
    return envelopes_work_word(w->a, w->lang, id, &v);
}

static struct str when(const struct writer *w, struct timestamp t)
{
    if (timestamp_is_none(t))
        return STR_ABSENT;
    return str_fmt(w->a, "%s (%s)", timestamp_human(w->a, t, str_eq_z(w->lang, "ja")).p,
                   timestamp_rfc3339(w->a, t, false).p);
}

static struct str hex(const struct writer *w, const struct bytes32 *d)
{
    return hex_encode(w->a, bytes_of_32(d));
}

static void about_envelope(struct writer *w)
{
    const struct envelopes_envelope *e = w->e;
    const struct pdf_compose_row rows[] = {
        { word(w, ENVELOPES_REPORT_NUMBER),
          str_fmt(w->a, "%s (%s)", envelopes_number(w->a, e->id).p, e->public_id.p) },
        { word(w, ENVELOPES_REPORT_SENDER),
          str_fmt(w->a, "%s, %s", e->sender.p, e->organisation.p) },
        { word(w, ENVELOPES_REPORT_SENT), when(w, e->sent) },
        { word(w, ENVELOPES_REPORT_ORDER),
          word(w, e->ordered ? ENVELOPES_REPORT_IN_ORDER : ENVELOPES_REPORT_ANY_ORDER) },
    };
    pdf_compose_heading(w->c, 1, word(w, ENVELOPES_REPORT_ENVELOPE));
    pdf_compose_table(w->c, rows, sizeof rows / sizeof *rows);
}

static void about_documents(struct writer *w)
{
    pdf_compose_heading(w->c, 1, word(w, ENVELOPES_REPORT_DOCUMENTS));
    for (size_t i = 0; i < w->documents_n; i++) {
        const struct envelopes_document *d = &w->documents[i];
        const struct pdf_compose_row rows[] = {
            { word(w, ENVELOPES_REPORT_NAME), d->filename },
            { word(w, ENVELOPES_REPORT_DIGEST_SENT), hex(w, &d->sent) },
            { word(w, ENVELOPES_REPORT_DIGEST_DONE), hex(w, &d->done) },
        };
        pdf_compose_heading(w->c, 2, numbered(w, ENVELOPES_REPORT_DOCUMENT, i + 1));
        pdf_compose_table(w->c, rows, sizeof rows / sizeof *rows);
    }
}

static size_t document_number(const struct writer *w, struct paper_id id)
{
    size_t i = 0;
    while (i < w->documents_n && w->documents[i].id.v != id.v)
        i++;
    return i + 1;
}

static void signatures_of(struct writer *w, const struct envelopes_party *p)
{
    for (size_t i = 0; i < w->signatures_n; i++) {
        const struct q_envelope_signature_list *s = &w->signatures[i];
        if (s->party.v != p->id.v)
            continue;
        const struct pdf_compose_row rows[] = {
            { word(w, ENVELOPES_REPORT_RECORD), s->record },
            { word(w, ENVELOPES_REPORT_BEFORE), hex(w, &s->before) },
            { word(w, ENVELOPES_REPORT_AFTER), hex(w, &s->after) },
            { word(w, ENVELOPES_REPORT_CERTIFICATE), s->certificate },
            { word(w, ENVELOPES_REPORT_STAMP), when(w, s->tsa_time) },
            { word(w, ENVELOPES_REPORT_STAMP_SERIAL), s->tsa_serial },
        };
        pdf_compose_heading(w->c, 3,
                            numbered(w, ENVELOPES_REPORT_SIGNATURE, document_number(w, s->paper)));
        pdf_compose_table(w->c, rows, sizeof rows / sizeof *rows);
    }
}

static struct str address_of(const struct writer *w, const struct envelopes_party *p)
{
    for (size_t i = 0; i < w->signatures_n; i++)
        if (w->signatures[i].party.v == p->id.v)
            return w->signatures[i].address;
    return STR_ABSENT;
}

static void about_signer(struct writer *w, const struct envelopes_party *p)
{
    enum envelopes_word how =
        p->method == ENVELOPES_OWN ? ENVELOPES_REPORT_OWN : ENVELOPES_REPORT_WITNESS;
    const struct pdf_compose_row rows[] = {
        { word(w, ENVELOPES_REPORT_MAIL), p->mail },
        { word(w, ENVELOPES_REPORT_HOW), word(w, how) },
        { word(w, ENVELOPES_REPORT_INVITED), when(w, p->invited) },
        { word(w, ENVELOPES_REPORT_OPENED), when(w, p->opened) },
        { word(w, ENVELOPES_REPORT_SIGNED), when(w, p->signed_at) },
        { word(w, ENVELOPES_REPORT_ADDRESS), address_of(w, p) },
    };
    pdf_compose_heading(w->c, 2, p->name);
    pdf_compose_table(w->c, rows, sizeof rows / sizeof *rows);
    signatures_of(w, p);
}

static void about_people(struct writer *w)
{
    bool copies = false;

    pdf_compose_heading(w->c, 1, word(w, ENVELOPES_REPORT_PEOPLE));
    for (size_t i = 0; i < w->parties_n; i++)
        if (w->parties[i].kind == ENVELOPES_SIGNER)
            about_signer(w, &w->parties[i]);
        else
            copies = true;
    if (!copies)
        return;
    pdf_compose_heading(w->c, 1, word(w, ENVELOPES_REPORT_COPIES));
    for (size_t i = 0; i < w->parties_n; i++)
        if (w->parties[i].kind == ENVELOPES_COPY)
            pdf_compose_item(w->c,
                             str_fmt(w->a, "%s <%s>", w->parties[i].name.p, w->parties[i].mail.p));
}

static enum err about_events(struct tx *tx, struct writer *w)
{
    static const unsigned widths[] = { 5, 4, 4, 3 };
    struct envelopes_event *v;
    struct str *cells;
    size_t n;

    TRY(envelopes_events(tx, w->e->id, &v, &n));
    cells = ARENA_ARRAY(w->a, 4 * (n + 1), struct str);
    cells[0] = word(w, ENVELOPES_REPORT_TIME);
    cells[1] = word(w, ENVELOPES_REPORT_EVENT);
    cells[2] = word(w, ENVELOPES_REPORT_WHO);
    cells[3] = word(w, ENVELOPES_REPORT_ADDRESS);
    for (size_t i = 0; i < n; i++) {
        struct str *row = &cells[4 * (i + 1)];
        row[0] = timestamp_rfc3339(w->a, v[i].at, false);
        row[1] = envelopes_work_event(w->lang, v[i].what);
        row[2] = str_absent(v[i].who) ? STR("") : v[i].who;
        row[3] = str_absent(v[i].address) ? STR("") : v[i].address;
    }
    pdf_compose_heading(w->c, 1, word(w, ENVELOPES_REPORT_EVENTS));
    pdf_compose_grid(w->c, cells, n + 1, 4, widths);
    return E_OK;
}

enum err envelopes_report_make(struct tx *tx, const struct envelopes_envelope *e,
                               struct timestamp now, struct str lang, struct buf *pdf)
{
    struct writer w = { .a = tx_arena(tx), .lang = lang, .e = e };
    struct pdf_compose_info info = { .title = word(&w, ENVELOPES_REPORT_TITLE),
                                     .lang = lang,
                                     .footer = envelopes_number(w.a, e->id),
                                     .created = now };

    TRY(envelopes_documents(tx, e->id, &w.documents, &w.documents_n));
    TRY(envelopes_parties(tx, e->id, &w.parties, &w.parties_n));
    TRY(q_envelope_signature_list(tx, e->id, &w.signatures, &w.signatures_n));
    w.c = pdf_compose_new(w.a, &info);
    pdf_compose_paragraph(w.c, word(&w, ENVELOPES_REPORT_WHAT));
    about_envelope(&w);
    about_documents(&w);
    about_people(&w);
    TRY(about_events(tx, &w));
    pdf_compose_paragraph(w.c, word(&w, ENVELOPES_REPORT_KEPT));
    return pdf_compose_finish(w.c, pdf);
}
