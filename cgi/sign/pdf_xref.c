/* pdf_xref.c - see pdf_xref.h. ISO 32000-2 7.5. */
#include "sign/pdf_xref.h"

#define TAIL 1024 /* how far from the end startxref may be (Adobe's implementation note) */

static bool is_space(uint8_t c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == 0;
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static size_t skip_space(struct bytes f, size_t at)
{
    while (at < f.n && is_space(f.p[at]))
        at++;
    return at;
}

static bool at_word(struct bytes f, size_t at, const char *word)
{
    size_t n = strlen(word);
    return at <= f.n && n <= f.n - at && memcmp(f.p + at, word, n) == 0;
}

/* A decimal number of at most 10 digits; *at moves behind it. */
static bool number(struct bytes f, size_t *at, uint64_t *out)
{
    size_t digits = 0;
    *out = 0;
    while (*at < f.n && is_digit(f.p[*at]) && digits < 10) {
        *out = *out * 10 + (uint64_t)(f.p[(*at)++] - '0');
        digits++;
    }
    return digits > 0 && (*at == f.n || !is_digit(f.p[*at]));
}

/* The first bytes: enough for a header that does not come first. */
static enum err check_header(const struct pdf_source *s, struct pdf_xref *x)
{
    uint8_t head[TAIL + 5];
    struct bytes f = { head, s->size < sizeof head ? (size_t)s->size : sizeof head };
    enum err rc = pdf_source_read(s, 0, head, f.n);

    if (rc != E_OK)
        return rc;
    if (f.n == 0)
        return FAIL(E_INPUT, "pdf-empty", "no bytes");
    x->major = f.n > 5 && head[5] >= '2' ? 2 : 1;
    if (at_word(f, 0, "%PDF-"))
        return E_OK;
    for (size_t i = 1; i < f.n && i < TAIL; i++) {
        if (at_word(f, i, "%PDF-")) /* offsets then count from it for some readers only */
            return FAIL(E_INPUT, "pdf-offset-header", "ISO 32000-2 7.5.2: header at byte %zu", i);
    }
    return FAIL(E_INPUT, "pdf-not", "ISO 32000-2 7.5.2: no header");
}

/*
 * What follows the last %%EOF: white space or a little junk. The beginning of an object there means
 * that an update was cut off, and what we read would be an older revision.
 */
static bool cut_off_update(struct bytes f, size_t at)
{
    at = skip_space(f, at);
    if (at < f.n && is_digit(f.p[at]))
        return true;
    for (; at < f.n; at++) {
        if (at_word(f, at, " obj") || at_word(f, at, "trailer"))
            return true;
    }
    return false;
}

/* ISO 32000-2 7.5.5: startxref, offset, %%EOF; the last of them counts. */
static enum err find_startxref(const struct pdf_source *s, struct pdf_xref *x)
{
    uint8_t last[TAIL + 9];
    struct bytes f = { last, s->size < sizeof last ? (size_t)s->size : sizeof last };
    size_t at = f.n;
    uint64_t offset;
    enum err rc = pdf_source_read(s, s->size - f.n, last, f.n);

    if (rc != E_OK)
        return rc;
    x->line_ended = last[f.n - 1] == '\n' || last[f.n - 1] == '\r';
    while (at > 0 && !at_word(f, at, "startxref"))
        at--;
    if (!at_word(f, at, "startxref"))
        return FAIL(E_INPUT, "pdf-truncated", "ISO 32000-2 7.5.5: no startxref near the end");
    x->keyword = s->size - f.n + at;
    for (size_t i = at; i > 0 && f.p[i - 1] != '\n' && f.p[i - 1] != '\r'; i--) {
        if (f.p[i - 1] == '%')
            return FAIL(E_INPUT, "pdf-ambiguous-startxref", "in a comment");
    }
    at = skip_space(f, at + 9);
    if (!number(f, &at, &offset))
        return FAIL(E_INPUT, "pdf-truncated", "ISO 32000-2 7.5.5: startxref without a number");
    at = skip_space(f, at);
    if (!at_word(f, at, "%%EOF") || cut_off_update(f, at + 5))
        return FAIL(E_INPUT, "pdf-truncated", "ISO 32000-2 7.5.5: no %%%%EOF at the end");
    if (offset == 0 || offset >= s->size)
        return FAIL(E_INPUT, "pdf-damaged-startxref", "startxref %llu", (unsigned long long)offset);
    x->startxref = offset;
    return E_OK;
}

/* "xref" begins a table, "N G obj" a stream (7.5.4, 7.5.8). */
static enum err find_form(const struct pdf_source *s, struct pdf_xref *x)
{
    uint8_t here[256];
    uint64_t left = s->size - x->startxref, id, gen;
    struct bytes f = { here, left < sizeof here ? (size_t)left : sizeof here };
    size_t at = 0;
    enum err rc = pdf_source_read(s, x->startxref, here, f.n);

    if (rc != E_OK)
        return rc;
    at = skip_space(f, at);
    if (at_word(f, at, "xref")) {
        x->stream = false;
        return E_OK;
    }
    if (number(f, &at, &id) && (at = skip_space(f, at), number(f, &at, &gen)) &&
        (at = skip_space(f, at), at_word(f, at, "obj"))) {
        x->stream = true;
        return E_OK;
    }
    return FAIL(E_INPUT, "pdf-damaged-startxref", "startxref %llu points at no cross-reference",
                (unsigned long long)x->startxref);
}

enum err pdf_xref_find(const struct pdf_source *s, struct pdf_xref *out)
{
    enum err rc;

    *out = (struct pdf_xref){ 0 };
    if ((rc = check_header(s, out)) != E_OK || (rc = find_startxref(s, out)) != E_OK)
        return rc;
    return find_form(s, out);
}

/* ---- the chain ---- */

struct section {
    uint64_t end; /* behind the trailer, or behind the stream's object; 0: not known */
    uint64_t prev, hidden;
    bool table;
};

struct walk {
    struct pdf_objects *o;
    const struct pdf_source *s;
    uint64_t budget; /* bytes that may still be looked at */
};

/* Up to n bytes at an offset. */
static enum err window(const struct walk *k, uint64_t at, uint8_t *p, size_t n, struct bytes *out)
{
    uint64_t left = at < k->s->size ? k->s->size - at : 0;
    *out = (struct bytes){ p, left < n ? (size_t)left : n };
    return pdf_source_read(k->s, at < k->s->size ? at : k->s->size, p, out->n);
}

/* From "xref" over subsections and entries to the keyword trailer; *at moves behind that. */
static enum err skip_entries(struct walk *k, uint64_t *at)
{
    uint8_t piece[4096];
    struct bytes f;

    for (uint64_t from = *at; from < k->s->size; from += f.n) {
        enum err rc = window(k, from, piece, sizeof piece, &f);
        if (rc != E_OK)
            return rc;
        for (size_t i = 0; i < f.n; i++) {
            if (is_space(f.p[i]) || is_digit(f.p[i]) || strchr("xrefn", f.p[i]))
                continue;
            *at = from + i;
            rc = window(k, *at, piece, 7, &f);
            if (rc == E_OK && !at_word(f, 0, "trailer"))
                rc = FAIL(E_INPUT, "pdf-damaged-xref", "ISO 32000-2 7.5.4: no table at %llu",
                          (unsigned long long)*at);
            *at += 7;
            return rc;
        }
        if (k->budget < f.n)
            return FAIL(E_LIMIT, "pdf-too-complex", "cross-reference tables over each other");
        k->budget -= f.n;
    }
    return FAIL(E_INPUT, "pdf-damaged-xref", "ISO 32000-2 7.5.5: no trailer");
}

/* Behind "stream ... endstream endobj"; 0 where it is not so. */
static uint64_t stream_end(const struct walk *k, uint64_t dictionary_end, int64_t length)
{
    uint8_t piece[64];
    struct bytes f;

    if (window(k, dictionary_end, piece, sizeof piece, &f) != E_OK || length < 0)
        return 0;
    size_t at = skip_space(f, 0);
    if (!at_word(f, at, "stream"))
        return 0;
    at += at + 6 < f.n && f.p[at + 6] == '\r' ? 8 : 7;
    uint64_t behind = dictionary_end + at + (uint64_t)length;
    if (window(k, behind, piece, sizeof piece, &f) != E_OK)
        return 0;
    at = skip_space(f, 0);
    if (!at_word(f, at, "endstream"))
        return 0;
    at = skip_space(f, at + 9);
    return at_word(f, at, "endobj") ? behind + at + 6 : 0;
}

/* Behind "N G obj"; false when it is a table. */
static bool stream_begin(struct bytes f, size_t *at)
{
    uint64_t number_of;
    if (!number(f, at, &number_of))
        return false;
    *at = skip_space(f, *at);
    if (!number(f, at, &number_of))
        return false;
    *at = skip_space(f, *at);
    if (!at_word(f, *at, "obj"))
        return false;
    *at += 3;
    return true;
}

static uint64_t offset_in(struct pdf_objects *o, pdf_object dictionary, const char *key)
{
    int64_t v = pdf_objects_integer(o, pdf_objects_get(o, dictionary, key));
    return v > 0 ? (uint64_t)v : 0;
}

static enum err read_section(struct walk *k, uint64_t offset, struct section *out)
{
    uint8_t piece[256];
    struct bytes f;
    int64_t end = 0;
    enum err rc = window(k, offset, piece, sizeof piece, &f);

    if (rc != E_OK)
        return rc;
    size_t at = skip_space(f, 0);
    bool table = at_word(f, at, "xref");
    if (!table && !stream_begin(f, &at))
        return FAIL(E_INPUT, "pdf-damaged-xref", "ISO 32000-2 7.5.8: nothing at %llu",
                    (unsigned long long)offset);
    uint64_t from = offset + at;
    if (table && (rc = skip_entries(k, &from)) != E_OK)
        return rc;
    pdf_object d = pdf_objects_parse_at(k->o, from, &end);
    if ((rc = pdf_objects_check(k->o)) != E_OK)
        return rc;
    if (!pdf_objects_is_dictionary(k->o, d) || end <= 0)
        return FAIL(E_INPUT, "pdf-damaged-xref", "ISO 32000-2 7.5.5: no trailer dictionary");
    *out = (struct section){ .end = (uint64_t)end,
                             .prev = offset_in(k->o, d, "/Prev"),
                             .hidden = table ? offset_in(k->o, d, "/XRefStm") : 0,
                             .table = table };
    if (!table)
        out->end = stream_end(k, (uint64_t)end, (int64_t)offset_in(k->o, d, "/Length"));
    return pdf_objects_check(k->o);
}

/* Is there nothing but white space and comments from `at` to the keyword startxref? */
static bool adjacent(const struct walk *k, uint64_t at, uint64_t keyword)
{
    uint8_t piece[1024];
    struct bytes f;

    if (at == 0 || at > keyword || keyword - at > sizeof piece ||
        window(k, at, piece, (size_t)(keyword - at), &f) != E_OK)
        return false;
    for (size_t i = 0; (i = skip_space(f, i)) < f.n;) {
        if (f.p[i] != '%' || at_word(f, i, "%%EOF"))
            return false;
        while (i < f.n && f.p[i] != '\n' && f.p[i] != '\r')
            i++;
    }
    return true;
}

static enum err walk(struct pdf_objects *o, const struct pdf_source *s, struct pdf_xref *x)
{
    struct walk k = { .o = o, .s = s, .budget = 4 * s->size };
    uint64_t seen[PDF_XREF_SECTIONS_MAX] = { 0 };
    bool last = false;

    for (uint64_t at = x->startxref; at;) {
        struct section one = { 0 };
        enum err rc = read_section(&k, at, &one);
        if (rc != E_OK)
            return rc;
        for (size_t i = 0; i < x->sections; i++) {
            if (seen[i] == at)
                return FAIL(E_INPUT, "pdf-damaged-xref", "ISO 32000-2 7.5.5: /Prev in a circle");
        }
        if (x->sections == PDF_XREF_SECTIONS_MAX)
            return FAIL(E_LIMIT, "pdf-too-complex", "%zu cross-reference sections", x->sections);
        seen[x->sections++] = at;
        x->hybrid |= one.hidden != 0;
        last |= adjacent(&k, one.end, x->keyword);
        at = one.prev;
        if (at >= s->size)
            return FAIL(E_INPUT, "pdf-damaged-xref", "ISO 32000-2 7.5.5: /Prev %llu",
                        (unsigned long long)at);
    }
    return last ? E_OK
                : FAIL(E_INPUT, "pdf-ambiguous-startxref",
                       "ISO 32000-2 7.5.5: the last section is not in the chain");
}

enum err pdf_xref_walk(struct pdf_objects *o, const struct pdf_source *s, struct pdf_xref *x)
{
    enum err rc = walk(o, s, x);

    if (rc != E_OK && str_starts(str_z(fault_current()->reason), STR("pdf-"))) {
        x->trouble = *fault_current();
        fault_clear();
        rc = E_OK;
    }
    return rc;
}
