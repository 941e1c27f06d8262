/*
 * pdf_warnings_updates.c - earlier versions inside the file (ISO 32000-2 7.5.6), and whether
 * something other than a signature and its evidence came after the last signature.
 */
#include "sign/pdf_form.h"
#include "sign/pdf_range.h"
#include "sign/pdf_warnings_inside.h"

#define WINDOW 65536
#define OVERLAP 64
#define COMPARED_MAX 20000                /* objects */
#define COUNTED_MAX (UINT64_C(512) << 20) /* bytes gone through for versions */

static bool digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static size_t spaces(struct bytes t, size_t at)
{
    while (at < t.n && (t.p[at] == ' ' || t.p[at] == '\n' || t.p[at] == '\r' || t.p[at] == '\t'))
        at++;
    return at;
}

static bool begins(struct bytes t, size_t at, const char *word)
{
    size_t n = strlen(word);
    return at <= t.n && t.n - at >= n && memcmp(t.p + at, word, n) == 0;
}

/* Does a cross-reference stand at `offset`: a table, or "N G obj"? */
static bool reference_at(struct pdf_warnings_search *s, uint64_t offset)
{
    uint8_t p[OVERLAP];
    struct bytes t = { p, sizeof p };
    size_t at;

    if (offset == 0 || offset >= s->d->source.size)
        return false;
    if (s->d->source.size - offset < t.n)
        t.n = (size_t)(s->d->source.size - offset);
    if (pdf_source_read(&s->d->source, offset, p, t.n) != E_OK)
        return false;
    at = spaces(t, 0);
    return begins(t, at, "xref") || (at < t.n && digit(p[at]));
}

/* "startxref", a number, "%%EOF": the end of a version, when the number leads anywhere. */
static bool ends_version(struct pdf_warnings_search *s, struct bytes t, size_t at)
{
    uint64_t offset = 0;

    at = spaces(t, at + 9);
    for (; at < t.n && digit(t.p[at]) && offset < UINT32_MAX; at++)
        offset = offset * 10 + (t.p[at] - (unsigned)'0');
    return begins(t, spaces(t, at), "%%EOF") && reference_at(s, offset);
}

/* Versions that end before `limit`. A linearized file's first part says 0 or points forwards. */
static enum err count_versions(struct pdf_warnings_search *s, uint64_t limit, unsigned *versions)
{
    uint8_t p[WINDOW];
    enum err e = E_OK;

    *versions = 0;
    for (uint64_t from = 0; from < limit && e == E_OK; from += WINDOW - OVERLAP) {
        struct bytes t = { p, limit - from < WINDOW ? (size_t)(limit - from) : WINDOW };
        e = pdf_source_read(&s->d->source, from, p, t.n);
        size_t end = from + t.n < limit ? WINDOW - OVERLAP : t.n;
        for (size_t at = 0; e == E_OK && at < end; at++)
            if (t.p[at] == 's' && begins(t, at, "startxref") && ends_version(s, t, at))
                ++*versions;
    }
    return e;
}

static bool is_linearized(struct pdf_warnings_search *s)
{
    uint8_t p[1024];
    struct bytes t = { p, s->d->source.size < sizeof p ? (size_t)s->d->source.size : sizeof p };

    if (pdf_source_read(&s->d->source, 0, p, t.n) != E_OK)
        return false;
    for (size_t at = 0; at < t.n; at++)
        if (begins(t, at, "/Linearized"))
            return true;
    return false;
}

/* What evidence and signatures change: the catalogue, the form, and metadata may. */
static bool may_change(struct pdf_read *d, struct pdf_read_ref r)
{
    struct pdf_read_ref form = pdf_read_get(d, pdf_read_root(d), "/AcroForm");

    return (r.id == d->root_id && r.gen == d->root_gen) || (form.id == r.id && form.id != 0) ||
           pdf_read_name_is(d, pdf_read_get(d, r, "/Type"), "/DSS") ||
           pdf_read_name_is(d, pdf_read_get(d, r, "/Type"), "/XRef");
}

static enum err compare(struct pdf_warnings_search *s, uint64_t end)
{
    struct pdf_source older = pdf_source_cut(&s->d->source, end);
    struct pdf_read before;
    enum err e;

    if (s->d->next_id > COMPARED_MAX) {
        pdf_warnings_note(s, PDF_WARNINGS_UNSEARCHED, 0, STR_ABSENT);
        return E_OK;
    }
    e = pdf_read_open(&older, s->password, &before);
    if (e != E_OK) { /* what was signed is no document by itself */
        pdf_warnings_note(s, PDF_WARNINGS_CHANGED, 0, STR_ABSENT);
        return E_OK;
    }
    for (int id = 1; id < (int)before.next_id; id++) {
        struct pdf_read_ref was = pdf_read_object_newest(&before, id);
        struct pdf_read_ref now = pdf_read_object(s->d, was.id, was.gen);
        if (!pdf_read_is_null(&before, was) && !may_change(s->d, now) &&
            !pdf_read_same_object(&before, was, s->d, now)) {
            pdf_warnings_note(s, PDF_WARNINGS_CHANGED, 0, STR_ABSENT);
            break;
        }
    }
    pdf_read_close(&before);
    return pdf_read_check(s->d);
}

enum err pdf_warnings_updates(struct pdf_warnings_search *s)
{
    struct pdf_form_field *fields;
    size_t n;
    uint64_t first = s->d->source.size, last = 0;
    unsigned versions = 0;
    enum err e = pdf_form_signatures(s->d, s->a, &fields, &n);

    for (size_t i = 0; i < n && e == E_OK; i++) {
        struct pdf_range r;
        if (!fields[i].filled || pdf_range_read(s->d, fields[i].value, s->a, &r) != E_OK)
            continue;
        first = r.end < first ? r.end : first;
        last = r.end > last ? r.end : last;
    }
    /* the versions up to the first signature; later ones are the signatures' own */
    if (e == E_OK && first > COUNTED_MAX)
        pdf_warnings_note(s, PDF_WARNINGS_UNSEARCHED, 0, STR_ABSENT);
    else if (e == E_OK)
        e = count_versions(s, first, &versions);
    unsigned usual = (last > 0) + 1u + is_linearized(s);
    for (unsigned i = usual; i < versions; i++)
        pdf_warnings_note(s, PDF_WARNINGS_REVISIONS, 0, STR_ABSENT);
    if (e == E_OK && last > 0 && last < s->d->source.size)
        e = compare(s, last);
    return e;
}
