/*
 * pdf_warnings_objects.c - goes through all objects from the trailer on and looks at each name and
 * reference in them; then at the objects that nothing refers to. Works on the text that qpdf writes
 * for an object, which is of one form whatever the file's was: names with their escapes undone,
 * no comments.
 */
#include "sign/pdf_warnings_inside.h"

#define OBJECTS_MAX 300000
#define STREAMS_MAX 200       /* unreferenced ones that are looked into */
#define STREAM_MAX (1u << 20) /* bytes of each */
#define NESTING_MAX 64

struct scan {
    struct pdf_warnings_search *s;
    uint8_t *reached; /* a bit for each object number */
    struct pdf_read_ref *queue;
    size_t queue_n, queue_cap;
    uint32_t ids;
    unsigned streams;
};

/* --- what names mean --- */

static const struct {
    const char *key, *value; /* NULL: any */
    enum pdf_warnings_kind kind;
} suspects[] = {
    { "/JS", NULL, PDF_WARNINGS_SCRIPT },
    { "/S", "/JavaScript", PDF_WARNINGS_SCRIPT },
    { "/S", "/Launch", PDF_WARNINGS_LAUNCH },
    { "/S", "/SubmitForm", PDF_WARNINGS_SUBMIT },
    { "/S", "/ImportData", PDF_WARNINGS_SUBMIT },
    { "/S", "/GoToR", PDF_WARNINGS_ELSEWHERE },
    { "/S", "/GoToE", PDF_WARNINGS_ELSEWHERE },
    { "/S", "/Rendition", PDF_WARNINGS_MEDIA },
    { "/S", "/Movie", PDF_WARNINGS_MEDIA },
    { "/S", "/Sound", PDF_WARNINGS_MEDIA },
    { "/S", "/RichMediaExecute", PDF_WARNINGS_MEDIA },
    { "/Subtype", "/RichMedia", PDF_WARNINGS_MEDIA },
    { "/Subtype", "/Screen", PDF_WARNINGS_MEDIA },
    { "/Subtype", "/Movie", PDF_WARNINGS_MEDIA },
    { "/Subtype", "/Sound", PDF_WARNINGS_MEDIA },
    { "/Subtype", "/3D", PDF_WARNINGS_MEDIA },
    { "/EF", NULL, PDF_WARNINGS_ATTACHMENTS },
    { "/AA", NULL, PDF_WARNINGS_AUTOMATIC },
    { "/S", "/SetOCGState", PDF_WARNINGS_AUTOMATIC },
    { "/S", "/Hide", PDF_WARNINGS_AUTOMATIC },
};

static bool is(struct bytes token, const char *name)
{
    return token.p && token.n == strlen(name) && memcmp(token.p, name, token.n) == 0;
}

static void judge(struct scan *k, struct bytes key, struct bytes value)
{
    for (size_t i = 0; i < sizeof suspects / sizeof *suspects; i++)
        if (is(key, suspects[i].key) && (!suspects[i].value || is(value, suspects[i].value)))
            pdf_warnings_note(k->s, suspects[i].kind, 0, STR_ABSENT);
}

/* --- the walk --- */

static void reach(struct scan *k, uint32_t id, uint32_t gen)
{
    if (id == 0 || id >= k->ids || (k->reached[id / 8] & (1u << (id % 8))))
        return;
    k->reached[id / 8] |= (uint8_t)(1u << (id % 8));
    if (k->queue_n == k->queue_cap) {
        size_t cap = k->queue_cap ? k->queue_cap * 2 : 256;
        struct pdf_read_ref *grown = ARENA_ARRAY(k->s->a, cap, struct pdf_read_ref);
        if (k->queue_n)
            memcpy(grown, k->queue, k->queue_n * sizeof *grown);
        k->queue = grown;
        k->queue_cap = cap;
    }
    k->queue[k->queue_n++] = (struct pdf_read_ref){ .id = (int)id, .gen = (int)gen };
}

struct reader {
    struct scan *scan;
    struct bytes text;
    size_t at;
    bool dict[NESTING_MAX]; /* of each level: a dictionary, else an array */
    bool key_next;          /* in a dictionary: a key is due */
    int depth;
    struct bytes key;
};

/* Behind a string, "(...)" with escapes or "<...>". */
static size_t skip_string(struct bytes t, size_t at)
{
    int open = 0;

    if (t.p[at] == '<') {
        while (at < t.n && t.p[at] != '>')
            at++;
        return at + 1;
    }
    for (; at < t.n; at++) {
        if (t.p[at] == '\\')
            at++;
        else if (t.p[at] == '(')
            open++;
        else if (t.p[at] == ')' && --open == 0)
            return at + 1;
    }
    return t.n;
}

static bool delimits(uint8_t c)
{
    return c <= ' ' || strchr("()<>[]{}/%", c) != NULL;
}

static void opened(struct reader *r, bool dict)
{
    if (!dict && r->depth == 0)
        r->key = BYTES_ABSENT;
    if (r->depth < NESTING_MAX - 1)
        r->dict[++r->depth] = dict;
    r->key_next = dict;
}

static void closed(struct reader *r)
{
    if (r->depth > 0)
        r->depth--;
    r->key_next = r->depth > 0 && r->dict[r->depth];
}

/* One plain token: a key, a name or something else as value. */
static void word(struct reader *r, struct bytes token)
{
    bool in_dict = r->depth > 0 && r->dict[r->depth];

    if (in_dict && r->key_next) {
        r->key = token;
        r->key_next = false;
        judge(r->scan, token, BYTES_ABSENT); /* keys that say it all */
        return;
    }
    if (token.p[0] == '/' && in_dict)
        judge(r->scan, r->key, token);
    r->key_next = in_dict;
}

/* "12 0 R" at the reader's place: follows it. */
static bool reference(struct reader *r)
{
    uint32_t v[2] = { 0, 0 };
    size_t at = r->at;

    for (int i = 0; i < 2; i++) {
        size_t begin = at;
        while (at < r->text.n && r->text.p[at] >= '0' && r->text.p[at] <= '9' && at - begin < 9)
            v[i] = v[i] * 10 + (r->text.p[at++] - (unsigned)'0');
        if (at == begin || at >= r->text.n || r->text.p[at] != ' ')
            return false;
        at++;
    }
    if (at >= r->text.n || r->text.p[at] != 'R' ||
        (at + 1 < r->text.n && !delimits(r->text.p[at + 1])))
        return false;
    reach(r->scan, v[0], v[1]);
    r->at = at + 1;
    r->key_next = r->depth > 0 && r->dict[r->depth];
    return true;
}

static void one(struct reader *r)
{
    struct bytes t = r->text;
    uint8_t c = t.p[r->at], next = r->at + 1 < t.n ? t.p[r->at + 1] : 0;

    if (c <= ' ') {
        r->at++;
    } else if ((c == '<' || c == '>') && next == c) {
        r->at += 2;
        c == '<' ? opened(r, true) : closed(r);
    } else if (c == '(' || c == '<') {
        r->at = skip_string(t, r->at);
        word(r, (struct bytes){ (const uint8_t *)"()", 2 });
    } else if (c == '[' || c == ']') {
        r->at++;
        c == '[' ? opened(r, false) : closed(r);
    } else if (!reference(r)) {
        size_t begin = r->at++;
        while (r->at < t.n && !delimits(t.p[r->at]))
            r->at++;
        word(r, (struct bytes){ t.p + begin, r->at - begin });
    }
}

/* `key`: under which the text stands, for a stream's dictionary that is read entry by entry. */
static void read_text(struct scan *k, struct bytes text, struct str key)
{
    struct reader r = { .scan = k, .text = text };

    if (!str_absent(key)) {
        r.dict[++r.depth] = true;
        r.key = bytes_of_str(key);
        judge(k, r.key, BYTES_ABSENT);
    }
    while (r.at < text.n)
        one(&r);
}

static bool is_stream(struct pdf_read *d, struct pdf_read_ref r)
{
    struct bytes text = pdf_read_unparse(d, r);
    return pdf_read_is_dict(d, r) && (text.n < 2 || text.p[0] != '<' || text.p[1] != '<');
}

/* 7.3.8.2 table 5: /F says that the data are in a file elsewhere; 8.10.4: /Ref another PDF. */
static void read_stream(struct scan *k, struct pdf_read_ref r)
{
    struct pdf_read *d = k->s->d;
    size_t n;
    struct str *keys = pdf_read_keys(d, r, k->s->a, &n);

    for (size_t i = 0; i < n && i < PDF_READ_KEYS_MAX; i++) {
        struct pdf_read_ref value = pdf_read_get(d, r, keys[i].p);
        if (str_eq_z(keys[i], "/F") ||
            (str_eq_z(keys[i], "/Ref") &&
             pdf_read_name_is(d, pdf_read_get(d, r, "/Subtype"), "/Form")))
            pdf_warnings_note(k->s, PDF_WARNINGS_EXTERNAL, 0, STR_ABSENT);
        if (value.id != r.id && value.id > 0)
            reach(k, (uint32_t)value.id, (uint32_t)value.gen);
        else
            read_text(k, pdf_read_unparse(d, value), keys[i]);
    }
}

/* 9.6.2.2: the fonts that every program has. */
static bool standard_font(struct str name)
{
    static const char *const begins[] = { "Courier", "Helvetica", "Times-", "Symbol",
                                          "ZapfDingbats" };
    for (size_t i = 0; i < sizeof begins / sizeof *begins; i++)
        if (str_starts(name, str_z(begins[i])))
            return true;
    return false;
}

static void judge_font(struct scan *k, struct pdf_read_ref font)
{
    struct pdf_read *d = k->s->d;
    struct pdf_read_ref subtype = pdf_read_get(d, font, "/Subtype");
    struct pdf_read_ref about = pdf_read_get(d, font, "/FontDescriptor");
    struct str name = pdf_read_name(d, pdf_read_get(d, font, "/BaseFont"), k->s->a);

    if (!pdf_read_name_is(d, pdf_read_get(d, font, "/Type"), "/Font") ||
        pdf_read_name_is(d, subtype, "/Type0") || pdf_read_name_is(d, subtype, "/Type3"))
        return;
    if (str_empty(name) || standard_font(name) ||
        !pdf_read_is_null(d, pdf_read_get(d, about, "/FontFile")) ||
        !pdf_read_is_null(d, pdf_read_get(d, about, "/FontFile2")) ||
        !pdf_read_is_null(d, pdf_read_get(d, about, "/FontFile3")))
        return;
    pdf_warnings_note(k->s, PDF_WARNINGS_FONTS, 0, name);
}

static void read_object(struct scan *k, struct pdf_read_ref r)
{
    struct pdf_read *d = k->s->d;

    if (is_stream(d, r)) {
        read_stream(k, r);
        return;
    }
    read_text(k, pdf_read_unparse(d, r), STR_ABSENT);
    if (pdf_read_is_dict(d, r))
        judge_font(k, r);
}

/* --- what nothing refers to --- */

static bool holds(struct bytes data, const char *word_)
{
    size_t n = strlen(word_);
    for (size_t i = 0; i + n <= data.n; i++)
        if (memcmp(data.p + i, word_, n) == 0)
            return true;
    return false;
}

/* A stream without a type that draws: not a hint table, not a cross-reference. */
static bool draws(struct scan *k, struct pdf_read_ref r)
{
    struct arena *a;
    bool found;

    if (!pdf_read_is_null(k->s->d, pdf_read_get(k->s->d, r, "/Type")) ||
        k->streams++ >= STREAMS_MAX)
        return false;
    a = arena_new(4 * STREAM_MAX);
    struct bytes data = pdf_read_stream(k->s->d, r, STREAM_MAX, a);
    found = holds(data, " Tj") || holds(data, ")Tj") || holds(data, "TJ") || holds(data, " re\n") ||
            holds(data, " re f") || holds(data, " Do");
    arena_free(a);
    return found;
}

static bool is_content(struct scan *k, struct pdf_read_ref r)
{
    struct pdf_read *d = k->s->d;
    struct pdf_read_ref type = pdf_read_get(d, r, "/Type");

    if (!pdf_read_is_dict(d, r))
        return false;
    if (!is_stream(d, r))
        return pdf_read_name_is(d, type, "/Page") || pdf_read_name_is(d, type, "/Catalog");
    return pdf_read_name_is(d, pdf_read_get(d, r, "/Subtype"), "/Form") || draws(k, r);
}

enum err pdf_warnings_objects(struct pdf_warnings_search *s)
{
    struct scan k = { .s = s, .ids = s->d->next_id };

    if (k.ids > OBJECTS_MAX) {
        pdf_warnings_note(s, PDF_WARNINGS_UNSEARCHED, 0, STR_ABSENT);
        return E_OK;
    }
    k.reached = arena_alloc(s->a, k.ids / 8 + 1);
    struct pdf_read_ref trailer = { s->d->trailer, 0, 0 };
    read_text(&k, pdf_read_unparse(s->d, trailer), STR_ABSENT);
    while (k.queue_n > 0) {
        struct pdf_read_ref next = k.queue[--k.queue_n];
        read_object(&k, pdf_read_object(s->d, next.id, next.gen));
    }
    for (uint32_t id = 1; id < k.ids; id++)
        if (!(k.reached[id / 8] & (1u << (id % 8))) &&
            is_content(&k, pdf_read_object_newest(s->d, (int)id)))
            pdf_warnings_note(s, PDF_WARNINGS_UNREFERENCED, 0, STR_ABSENT);
    return pdf_read_check(s->d);
}
