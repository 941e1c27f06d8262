/* pdf_read.c - see pdf_read.h. ISO 32000-2 7.5 (file structure). */
#include "sign/pdf_read.h"

#include <qpdf/qpdflogger-c.h>
#include <stdlib.h>

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
static enum err check_header(struct pdf_read *d)
{
    uint8_t head[TAIL + 5];
    struct bytes f = { head, d->source.size < sizeof head ? (size_t)d->source.size : sizeof head };
    enum err rc = pdf_source_read(&d->source, 0, head, f.n);

    if (rc != E_OK)
        return rc;
    if (f.n == 0)
        return FAIL(E_INPUT, "pdf-empty", "no bytes");
    d->major = f.n > 5 && head[5] >= '2' ? 2 : 1;
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
static enum err find_startxref(struct pdf_read *d)
{
    uint8_t last[TAIL + 9];
    struct bytes f = { last, d->source.size < sizeof last ? (size_t)d->source.size : sizeof last };
    size_t at = f.n;
    uint64_t offset;
    enum err rc = pdf_source_read(&d->source, d->source.size - f.n, last, f.n);

    if (rc != E_OK)
        return rc;
    d->line_ended = last[f.n - 1] == '\n' || last[f.n - 1] == '\r';
    while (at > 0 && !at_word(f, at, "startxref"))
        at--;
    if (!at_word(f, at, "startxref"))
        return FAIL(E_INPUT, "pdf-truncated", "ISO 32000-2 7.5.5: no startxref near the end");
    at = skip_space(f, at + 9);
    if (!number(f, &at, &offset))
        return FAIL(E_INPUT, "pdf-truncated", "ISO 32000-2 7.5.5: startxref without a number");
    at = skip_space(f, at);
    if (!at_word(f, at, "%%EOF") || cut_off_update(f, at + 5))
        return FAIL(E_INPUT, "pdf-truncated", "ISO 32000-2 7.5.5: no %%%%EOF at the end");
    if (offset == 0 || offset >= d->source.size)
        return FAIL(E_INPUT, "pdf-damaged", "startxref %llu", (unsigned long long)offset);
    d->startxref = offset;
    return E_OK;
}

/* "xref" begins a table, "N G obj" a stream (7.5.4, 7.5.8). */
static enum err find_form(struct pdf_read *d)
{
    uint8_t here[256];
    uint64_t left = d->source.size - d->startxref, id, gen;
    struct bytes f = { here, left < sizeof here ? (size_t)left : sizeof here };
    size_t at = 0;
    enum err rc = pdf_source_read(&d->source, d->startxref, here, f.n);

    if (rc != E_OK)
        return rc;
    at = skip_space(f, at);
    if (at_word(f, at, "xref")) {
        d->xref_stream = false;
        return E_OK;
    }
    if (number(f, &at, &id) && (at = skip_space(f, at), number(f, &at, &gen)) &&
        (at = skip_space(f, at), at_word(f, at, "obj"))) {
        d->xref_stream = true;
        return E_OK;
    }
    return FAIL(E_INPUT, "pdf-damaged", "startxref %llu points at no cross-reference",
                (unsigned long long)d->startxref);
}

/* qpdf writes to its logger in some cases even when it also reports; ours goes nowhere. */
static qpdflogger_handle silent_logger(void)
{
    static qpdflogger_handle logger;
    if (!logger) {
        logger = qpdflogger_create();
        qpdflogger_set_info(logger, qpdf_log_dest_discard, NULL, NULL);
        qpdflogger_set_warn(logger, qpdf_log_dest_discard, NULL, NULL);
        qpdflogger_set_error(logger, qpdf_log_dest_discard, NULL, NULL);
    }
    return logger;
}

enum err pdf_read_check(struct pdf_read *d)
{
    if (!qpdf_has_error(d->qpdf))
        return E_OK;
    qpdf_error e = qpdf_get_error(d->qpdf);
    if (qpdf_get_error_code(d->qpdf, e) == qpdf_e_password)
        return d->password ? FAIL(E_INPUT, "pdf-password-wrong", "qpdf_e_password")
                           : FAIL(E_INPUT, "pdf-password-needed", "qpdf_e_password");
    return FAIL(E_INPUT, "pdf-damaged", "qpdf: %s", qpdf_get_error_message_detail(d->qpdf, e));
}

/*
 * First free object number. /Size says so (7.5.5) unless it lies, which qpdf warns about while it
 * reads; only then are all objects gone through. That is slow, and it leaves objects in qpdf's
 * cache under the number that stands at their place instead of the one they are listed by, so that
 * the file has to be opened again: *again.
 */
static enum err find_next_id(struct pdf_read *d, bool *again)
{
    qpdf_oh size = qpdf_oh_get_key_if_dict(d->qpdf, d->trailer, "/Size");
    long long n = qpdf_oh_is_integer(d->qpdf, size) ? qpdf_oh_get_int_value(d->qpdf, size) : 0;

    *again = n < 2 || qpdf_more_warnings(d->qpdf);
    if (*again) {
        qpdf_oh fresh = qpdf_make_indirect_object(d->qpdf, qpdf_oh_new_null(d->qpdf));
        int id = qpdf_oh_get_object_id(d->qpdf, fresh);
        if (id > n)
            n = id;
    }
    if (n > PDF_READ_OBJECTS_MAX)
        return FAIL(E_LIMIT, "pdf-too-complex", "%lld objects", n);
    d->next_id = n < 1 ? 1 : (uint32_t)n;
    return pdf_read_check(d);
}

bool pdf_read_misplaced(struct pdf_read *d)
{
    bool found = false;
    while (qpdf_more_warnings(d->qpdf)) {
        qpdf_error e = qpdf_next_warning(d->qpdf);
        const char *detail = qpdf_get_error_message_detail(d->qpdf, e);
        found |= strncmp(detail, "expected ", 9) == 0 && strstr(detail, " obj") != NULL;
    }
    return found;
}

static enum err read_structure(struct pdf_read *d)
{
    qpdf_data q = d->qpdf;
    enum err rc;

    d->trailer = qpdf_get_trailer(q);
    d->root = qpdf_oh_get_key_if_dict(q, d->trailer, "/Root");
    if ((rc = pdf_read_check(d)) != E_OK)
        return rc;
    d->root_id = qpdf_oh_get_object_id(q, d->root);
    d->root_gen = qpdf_oh_get_generation(q, d->root);
    if (d->root_id <= 0 || !qpdf_oh_is_dictionary(q, d->root))
        return FAIL(E_INPUT, "pdf-damaged", "ISO 32000-2 7.7.2: no document catalogue");
    d->hybrid = !d->xref_stream && qpdf_oh_has_key(q, d->trailer, "/XRefStm");
    d->encrypted = qpdf_is_encrypted(q);
    return pdf_read_check(d);
}

/* qpdf reads from memory; what is elsewhere is copied there. */
static enum err take_copy(struct pdf_read *d)
{
    if (d->source.memory.p || d->copy)
        return E_OK;
    d->copy = malloc((size_t)d->source.size);
    if (!d->copy)
        return FAIL(E_LIMIT, "pdf-too-large", "memory");
    return pdf_source_read(&d->source, 0, d->copy, (size_t)d->source.size);
}

static enum err load(struct pdf_read *d)
{
    const uint8_t *p = d->source.memory.p ? d->source.memory.p : d->copy;
    char *password = NULL;
    enum err rc;

    if (d->password) {
        struct bytes word = secret_bytes(d->password);
        password = calloc(word.n + 1, 1);
        if (!password)
            return FAIL(E_LIMIT, "pdf-too-large", "memory");
        memcpy(password, word.p, word.n);
    }
    d->qpdf = qpdf_init();
    qpdf_set_logger(d->qpdf, silent_logger());
    qpdf_set_suppress_warnings(d->qpdf, QPDF_TRUE);
    qpdf_silence_errors(d->qpdf);
    qpdf_set_attempt_recovery(d->qpdf, QPDF_FALSE);
    (void)qpdf_read_memory(d->qpdf, "pdf", (const char *)p, d->source.size, password);
    if (password)
        secret_wipe(password, strlen(password));
    free(password);
    if ((rc = pdf_read_check(d)) != E_OK)
        return rc;
    return read_structure(d);
}

enum err pdf_read_open(const struct pdf_source *source, const struct secret *password,
                       struct pdf_read *out)
{
    struct pdf_read d = { .source = *source, .password = password };
    bool again;
    enum err rc;

    *out = (struct pdf_read){ 0 };
    if (source->size > PDF_READ_SIZE_MAX)
        return FAIL(E_LIMIT, "pdf-too-large", "ISO 32000-1 annex C: %llu bytes",
                    (unsigned long long)source->size);
    if ((rc = check_header(&d)) != E_OK || (rc = find_startxref(&d)) != E_OK ||
        (rc = find_form(&d)) != E_OK)
        return rc;
    if ((rc = take_copy(&d)) != E_OK || (rc = load(&d)) != E_OK ||
        (rc = find_next_id(&d, &again)) != E_OK)
        goto out;
    if (again) {
        qpdf_cleanup(&d.qpdf);
        if ((rc = load(&d)) != E_OK)
            goto out;
    }
    d.password = NULL;
    *out = d;
    d.qpdf = NULL;
    d.copy = NULL;
out:
    pdf_read_close(&d);
    return rc;
}

void pdf_read_close(struct pdf_read *d)
{
    if (d->qpdf) {
        if (qpdf_has_error(d->qpdf))
            (void)qpdf_get_error(d->qpdf);
        qpdf_cleanup(&d->qpdf);
    }
    d->qpdf = NULL;
    free(d->copy);
    d->copy = NULL;
}

/* ---- objects ---- */

static struct pdf_read_ref hold(struct pdf_read *d, qpdf_oh oh, struct pdf_read_ref around)
{
    struct pdf_read_ref r = { oh, around.id, around.gen };
    int id = qpdf_oh_get_object_id(d->qpdf, oh);
    if (id > 0) {
        r.id = id;
        r.gen = qpdf_oh_get_generation(d->qpdf, oh);
    }
    return r;
}

static qpdf_oh dictionary_of(struct pdf_read *d, qpdf_oh oh)
{
    return qpdf_oh_is_stream(d->qpdf, oh) ? qpdf_oh_get_dict(d->qpdf, oh) : oh;
}

struct pdf_read_ref pdf_read_get(struct pdf_read *d, struct pdf_read_ref dict, const char *key)
{
    qpdf_oh in = dictionary_of(d, dict.oh);
    if (!qpdf_oh_is_dictionary(d->qpdf, in))
        return hold(d, qpdf_oh_new_null(d->qpdf), dict);
    return hold(d, qpdf_oh_get_key(d->qpdf, in, key), dict);
}

struct pdf_read_ref pdf_read_item(struct pdf_read *d, struct pdf_read_ref array, int i)
{
    if (i < 0 || i >= pdf_read_length(d, array))
        return hold(d, qpdf_oh_new_null(d->qpdf), array);
    return hold(d, qpdf_oh_get_array_item(d->qpdf, array.oh, i), array);
}

struct pdf_read_ref pdf_read_root(struct pdf_read *d)
{
    return (struct pdf_read_ref){ d->root, d->root_id, d->root_gen };
}

struct pdf_read_ref pdf_read_object(struct pdf_read *d, int id, int gen)
{
    return (struct pdf_read_ref){ qpdf_get_object_by_id(d->qpdf, id, gen), id, gen };
}

bool pdf_read_is_dict(struct pdf_read *d, struct pdf_read_ref r)
{
    return qpdf_oh_is_dictionary(d->qpdf, r.oh) || qpdf_oh_is_stream(d->qpdf, r.oh);
}

bool pdf_read_is_array(struct pdf_read *d, struct pdf_read_ref r)
{
    return qpdf_oh_is_array(d->qpdf, r.oh);
}

bool pdf_read_is_null(struct pdf_read *d, struct pdf_read_ref r)
{
    return qpdf_oh_is_null(d->qpdf, r.oh);
}

int pdf_read_length(struct pdf_read *d, struct pdf_read_ref array)
{
    return pdf_read_is_array(d, array) ? qpdf_oh_get_array_n_items(d->qpdf, array.oh) : 0;
}

struct str pdf_read_name(struct pdf_read *d, struct pdf_read_ref r, struct arena *a)
{
    if (!qpdf_oh_is_name(d->qpdf, r.oh))
        return STR_ABSENT;
    const char *z = qpdf_oh_get_name(d->qpdf, r.oh); /* dies at the next call: copied at once */
    return strlen(z) <= PDF_READ_TEXT_MAX && utf8_valid(z, strlen(z))
               ? str_fmt(a, "%s", z[0] == '/' ? z + 1 : z)
               : STR("?");
}

bool pdf_read_name_is(struct pdf_read *d, struct pdf_read_ref r, const char *name)
{
    return qpdf_oh_is_name_and_equals(d->qpdf, r.oh, name);
}

struct bytes pdf_read_string(struct pdf_read *d, struct pdf_read_ref r, struct arena *a)
{
    size_t n = 0;
    if (!qpdf_oh_is_string(d->qpdf, r.oh))
        return BYTES_ABSENT;
    const char *p = qpdf_oh_get_binary_string_value(d->qpdf, r.oh, &n);
    return bytes_dup(a, (struct bytes){ (const uint8_t *)p, n });
}

struct str pdf_read_text(struct pdf_read *d, struct pdf_read_ref r, struct arena *a)
{
    size_t n = 0;
    if (!qpdf_oh_is_string(d->qpdf, r.oh))
        return STR_ABSENT;
    const char *p = qpdf_oh_get_binary_utf8_value(d->qpdf, r.oh, &n);
    if (!p || n > PDF_READ_TEXT_MAX || !utf8_valid(p, n))
        return STR("?");
    return str_of(a, p, n);
}

int64_t pdf_read_int(struct pdf_read *d, struct pdf_read_ref r, int64_t otherwise)
{
    return qpdf_oh_is_integer(d->qpdf, r.oh) ? qpdf_oh_get_int_value(d->qpdf, r.oh) : otherwise;
}

double pdf_read_real(struct pdf_read *d, struct pdf_read_ref r, double otherwise)
{
    double v;
    return qpdf_oh_get_value_as_number(d->qpdf, r.oh, &v) ? v : otherwise;
}

bool pdf_read_is_true(struct pdf_read *d, struct pdf_read_ref r)
{
    return qpdf_oh_is_bool(d->qpdf, r.oh) && qpdf_oh_get_bool_value(d->qpdf, r.oh);
}

struct bytes pdf_read_stream(struct pdf_read *d, struct pdf_read_ref r, size_t max, struct arena *a)
{
    unsigned char *p = NULL;
    size_t n = 0;
    struct bytes out = BYTES_ABSENT;
    if (!qpdf_oh_is_stream(d->qpdf, r.oh))
        return out;
    if (qpdf_oh_get_stream_data(d->qpdf, r.oh, qpdf_dl_generalized, NULL, &p, &n) < QPDF_ERRORS &&
        n <= max)
        out = bytes_dup(a, (struct bytes){ p, n });
    free(p);
    return out;
}

struct bytes pdf_read_unparse(struct pdf_read *d, struct pdf_read_ref r)
{
    const char *z = qpdf_oh_unparse_resolved(d->qpdf, r.oh);
    if (qpdf_has_error(d->qpdf))
        return BYTES_ABSENT;
    return (struct bytes){ (const uint8_t *)z, qpdf_get_last_string_length(d->qpdf) };
}

bool pdf_read_string_is(struct pdf_read *d, struct pdf_read_ref r, struct bytes s)
{
    size_t n = 0;
    if (!qpdf_oh_is_string(d->qpdf, r.oh))
        return false;
    const char *p = qpdf_oh_get_binary_string_value(d->qpdf, r.oh, &n);
    return bytes_eq((struct bytes){ (const uint8_t *)p, n }, s);
}

struct str *pdf_read_keys(struct pdf_read *d, struct pdf_read_ref r, struct arena *a, size_t *n)
{
    qpdf_oh in = dictionary_of(d, r.oh);
    size_t cap = 16;
    struct str *keys = ARENA_ARRAY(a, cap, struct str);

    *n = 0;
    if (!qpdf_oh_is_dictionary(d->qpdf, in))
        return keys;
    qpdf_oh_begin_dict_key_iter(d->qpdf, in);
    while (qpdf_oh_dict_more_keys(d->qpdf)) {
        if (*n == PDF_READ_KEYS_MAX) {
            ++*n;
            break;
        }
        if (*n == cap) {
            struct str *grown = ARENA_ARRAY(a, cap * 2, struct str);
            memcpy(grown, keys, cap * sizeof *keys);
            keys = grown;
            cap *= 2;
        }
        keys[(*n)++] = str_fmt(a, "%s", qpdf_oh_dict_next_key(d->qpdf));
    }
    return keys;
}

struct pdf_read_ref pdf_read_object_newest(struct pdf_read *d, int id)
{
    for (int gen = 0; gen <= 3; gen++) {
        struct pdf_read_ref r = pdf_read_object(d, id, gen);
        if (!pdf_read_is_null(d, r))
            return r;
    }
    return pdf_read_object(d, id, 0);
}

/* A string of one document lives until the next call about that document: nothing is copied. */
static struct bytes written(struct pdf_read *d, qpdf_oh oh)
{
    const char *z = qpdf_oh_unparse(d->qpdf, oh);
    return (struct bytes){ (const uint8_t *)z, qpdf_get_last_string_length(d->qpdf) };
}

bool pdf_read_same_value(struct pdf_read *d, struct pdf_read_ref r, struct pdf_read *other,
                         struct pdf_read_ref s)
{
    return bytes_eq(written(d, r.oh), written(other, s.oh));
}

/* Raw data, as it is in the file. */
static bool same_data(struct pdf_read *d, struct pdf_read_ref r, struct pdf_read *other,
                      struct pdf_read_ref s)
{
    unsigned char *left = NULL, *right = NULL;
    size_t left_n = 0, right_n = 0;
    bool same =
        qpdf_oh_get_stream_data(d->qpdf, r.oh, qpdf_dl_none, NULL, &left, &left_n) < QPDF_ERRORS &&
        qpdf_oh_get_stream_data(other->qpdf, s.oh, qpdf_dl_none, NULL, &right, &right_n) <
            QPDF_ERRORS &&
        bytes_eq((struct bytes){ left, left_n }, (struct bytes){ right, right_n });
    free(left);
    free(right);
    return same;
}

bool pdf_read_same_object(struct pdf_read *d, struct pdf_read_ref r, struct pdf_read *other,
                          struct pdf_read_ref s)
{
    bool stream = qpdf_oh_is_stream(d->qpdf, r.oh);
    if (d == other)
        return r.id == s.id && r.gen == s.gen;
    if (stream != (bool)qpdf_oh_is_stream(other->qpdf, s.oh))
        return false;
    if (stream && !same_data(d, r, other, s))
        return false;
    r.oh = dictionary_of(d, r.oh);
    s.oh = dictionary_of(other, s.oh);
    struct bytes left = pdf_read_unparse(d, r), right = pdf_read_unparse(other, s);
    return left.p && right.p && bytes_eq(left, right);
}

/* Depth first, leftmost; `budget` bounds the nodes of a tree that is broad, deep or a loop. */
static enum err leftmost(struct pdf_read *d, struct pdf_read_ref node, int depth, int *budget,
                         struct pdf_read_ref *page)
{
    if (depth > PDF_READ_DEPTH_MAX)
        return FAIL(E_INPUT, "pdf-damaged", "ISO 32000-2 7.7.3: page tree deeper than %d",
                    PDF_READ_DEPTH_MAX);
    if ((*budget)-- <= 0)
        return FAIL(E_LIMIT, "pdf-too-complex", "page tree of too many nodes");
    if (!qpdf_oh_is_dictionary(d->qpdf, node.oh))
        return E_ABSENT;
    struct pdf_read_ref kids = pdf_read_get(d, node, "/Kids");
    if (pdf_read_is_null(d, kids)) {
        *page = node;
        return pdf_read_name_is(d, pdf_read_get(d, node, "/Type"), "/Pages") ? E_ABSENT : E_OK;
    }
    int n = pdf_read_length(d, kids);
    for (int i = 0; i < n; i++) {
        enum err rc = leftmost(d, pdf_read_item(d, kids, i), depth + 1, budget, page);
        if (rc != E_ABSENT)
            return rc;
    }
    return E_ABSENT;
}

enum err pdf_read_first_page(struct pdf_read *d, struct pdf_read_ref *page)
{
    int budget = PDF_READ_NODES_MAX;
    struct pdf_read_ref pages = pdf_read_get(d, pdf_read_root(d), "/Pages");
    enum err rc = leftmost(d, pages, 0, &budget, page);
    enum err damaged = pdf_read_check(d);

    if (rc == E_OK && damaged != E_OK)
        return damaged;
    if (rc == E_ABSENT)
        return FAIL(E_INPUT, "pdf-no-pages", "ISO 32000-2 7.7.3: no page found");
    return rc;
}
