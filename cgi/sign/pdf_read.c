/* pdf_read.c - see pdf_read.h. ISO 32000-2 7.5 (file structure). */
#include "sign/pdf_read.h"

enum err pdf_read_check(struct pdf_read *d)
{
    return pdf_objects_check(d->qpdf);
}

/*
 * First free object number. /Size says so (7.5.5) unless it lies, which qpdf warns about while it
 * reads; only then are all objects gone through. That is slow, and it leaves objects in qpdf's
 * cache under the number that stands at their place instead of the one they are listed by, so that
 * the file has to be opened again: *again.
 */
static enum err find_next_id(struct pdf_read *d, bool *again)
{
    int64_t n = pdf_objects_integer(d->qpdf, pdf_objects_get(d->qpdf, d->trailer, "/Size"));

    *again = n < 2 || pdf_objects_warned(d->qpdf);
    if (*again) {
        int id = pdf_objects_fresh_id(d->qpdf);
        if (id > n)
            n = id;
    }
    if (n > PDF_READ_OBJECTS_MAX)
        return FAIL(E_LIMIT, "pdf-too-complex", "%lld objects", (long long)n);
    d->next_id = n < 1 ? 1 : (uint32_t)n;
    return pdf_read_check(d);
}

bool pdf_read_misplaced(struct pdf_read *d)
{
    return pdf_objects_misplaced(d->qpdf);
}

/* What an update could not be encrypted with is refused at once. */
static enum err check_encryption(struct pdf_read *d)
{
    const struct pdf_objects_encryption *e = &d->encryption;
    const enum pdf_objects_cipher both[] = { e->strings, e->streams };

    for (size_t i = 0; i < 2; i++) {
        if (both[i] == PDF_OBJECTS_UNKNOWN || (both[i] == PDF_OBJECTS_AES128 && e->key_n != 16) ||
            (both[i] == PDF_OBJECTS_AES256 && e->key_n != 32) ||
            (both[i] == PDF_OBJECTS_RC4 && (e->key_n < 5 || e->key_n > 16)))
            return FAIL(E_UNSUPPORTED, "pdf-encrypted", "ISO 32000-2 7.6.6: method %d, %zu bytes",
                        (int)both[i], e->key_n);
    }
    return pdf_read_check(d);
}

static enum err read_structure(struct pdf_read *d)
{
    struct pdf_objects *q = d->qpdf;
    enum err rc;

    d->trailer = pdf_objects_trailer(q);
    d->root = pdf_objects_get(q, d->trailer, "/Root");
    if ((rc = pdf_read_check(d)) != E_OK)
        return rc;
    d->root_id = pdf_objects_id(q, d->root);
    d->root_gen = pdf_objects_generation(q, d->root);
    if (d->root_id <= 0 || !pdf_objects_is_dictionary(q, d->root))
        return FAIL(E_INPUT, "pdf-damaged-catalog", "ISO 32000-2 7.7.2: no document catalogue");
    d->encrypted = pdf_objects_encrypted(q, &d->encryption);
    return d->encrypted ? check_encryption(d) : pdf_read_check(d);
}

static enum err load(struct pdf_read *d, const struct secret *password)
{
    enum err rc = pdf_objects_open(&d->source, password, false, &d->qpdf);
    if (rc == E_INPUT && strcmp(fault_current()->reason, "pdf-damaged") == 0) {
        struct fault f = *fault_current();
        rc = FAIL(E_INPUT, "pdf-damaged-xref", "%s", f.detail);
    }
    return rc == E_OK ? read_structure(d) : rc;
}

enum err pdf_read_open(const struct pdf_source *source, const struct secret *password,
                       struct pdf_read *out)
{
    struct pdf_read d = { .source = *source };
    bool again;
    enum err rc;

    *out = (struct pdf_read){ 0 };
    if (source->size > PDF_READ_SIZE_MAX)
        return FAIL(E_LIMIT, "pdf-too-large", "ISO 32000-1 annex C: %llu bytes",
                    (unsigned long long)source->size);
    if ((rc = pdf_xref_find(source, &d.xref)) != E_OK)
        return rc;
    if ((rc = load(&d, password)) != E_OK || (rc = find_next_id(&d, &again)) != E_OK ||
        (rc = pdf_xref_walk(d.qpdf, source, &d.xref)) != E_OK)
        goto out;
    if (again) {
        pdf_objects_close(d.qpdf);
        if ((rc = load(&d, password)) != E_OK)
            goto out;
    }
    *out = d;
    d.qpdf = NULL;
out:
    pdf_read_close(&d);
    return rc;
}

enum err pdf_read_continuable(const struct pdf_read *d)
{
    const struct fault *f = &d->xref.trouble;
    return f->err == E_OK ? E_OK
                          : fault_record(f->err, f->reason, f->file, f->line, "%s", f->detail);
}

void pdf_read_close(struct pdf_read *d)
{
    pdf_objects_close(d->qpdf);
    d->qpdf = NULL;
    secret_wipe(&d->encryption, sizeof d->encryption);
}

/* ---- objects ---- */

static struct pdf_read_ref hold(struct pdf_read *d, pdf_object oh, struct pdf_read_ref around)
{
    struct pdf_read_ref r = { oh, around.id, around.gen };
    int id = pdf_objects_id(d->qpdf, oh);
    if (id > 0) {
        r.id = id;
        r.gen = pdf_objects_generation(d->qpdf, oh);
    }
    return r;
}

static pdf_object dictionary_of(struct pdf_read *d, pdf_object oh)
{
    return pdf_objects_is_stream(d->qpdf, oh) ? pdf_objects_dictionary(d->qpdf, oh) : oh;
}

struct pdf_read_ref pdf_read_get(struct pdf_read *d, struct pdf_read_ref dict, const char *key)
{
    pdf_object in = dictionary_of(d, dict.oh);
    if (!pdf_objects_is_dictionary(d->qpdf, in))
        return hold(d, pdf_objects_new_null(d->qpdf), dict);
    return hold(d, pdf_objects_get(d->qpdf, in, key), dict);
}

struct pdf_read_ref pdf_read_item(struct pdf_read *d, struct pdf_read_ref array, int i)
{
    if (i < 0 || i >= pdf_read_length(d, array))
        return hold(d, pdf_objects_new_null(d->qpdf), array);
    return hold(d, pdf_objects_item(d->qpdf, array.oh, i), array);
}

struct pdf_read_ref pdf_read_root(struct pdf_read *d)
{
    return (struct pdf_read_ref){ d->root, d->root_id, d->root_gen };
}

struct pdf_read_ref pdf_read_object(struct pdf_read *d, int id, int gen)
{
    return (struct pdf_read_ref){ pdf_objects_by_id(d->qpdf, id, gen), id, gen };
}

bool pdf_read_is_dict(struct pdf_read *d, struct pdf_read_ref r)
{
    return pdf_objects_is_dictionary(d->qpdf, r.oh) || pdf_objects_is_stream(d->qpdf, r.oh);
}

bool pdf_read_is_array(struct pdf_read *d, struct pdf_read_ref r)
{
    return pdf_objects_is_array(d->qpdf, r.oh);
}

bool pdf_read_is_null(struct pdf_read *d, struct pdf_read_ref r)
{
    return pdf_objects_is_null(d->qpdf, r.oh);
}

int pdf_read_length(struct pdf_read *d, struct pdf_read_ref array)
{
    return pdf_read_is_array(d, array) ? pdf_objects_length(d->qpdf, array.oh) : 0;
}

struct str pdf_read_name(struct pdf_read *d, struct pdf_read_ref r, struct arena *a)
{
    if (!pdf_objects_is_name(d->qpdf, r.oh))
        return STR_ABSENT;
    struct bytes b = pdf_objects_name(d->qpdf, r.oh); /* "/Name" */
    const char *z = (const char *)b.p;
    return b.n && strlen(z) == b.n && b.n <= PDF_READ_TEXT_MAX && utf8_valid(z, b.n)
               ? str_of(a, z + 1, b.n - 1)
               : STR("?");
}

bool pdf_read_name_is(struct pdf_read *d, struct pdf_read_ref r, const char *name)
{
    if (!pdf_objects_is_name(d->qpdf, r.oh))
        return false;
    struct bytes b = pdf_objects_name(d->qpdf, r.oh);
    return bytes_eq(b, bytes_of_str(str_z(name)));
}

struct bytes pdf_read_string(struct pdf_read *d, struct pdf_read_ref r, struct arena *a)
{
    if (!pdf_objects_is_string(d->qpdf, r.oh))
        return BYTES_ABSENT;
    return bytes_dup(a, pdf_objects_string(d->qpdf, r.oh));
}

struct str pdf_read_text(struct pdf_read *d, struct pdf_read_ref r, struct arena *a)
{
    if (!pdf_objects_is_string(d->qpdf, r.oh))
        return STR_ABSENT;
    struct bytes b = pdf_objects_utf8(d->qpdf, r.oh);
    if (!b.p || b.n > PDF_READ_TEXT_MAX || !utf8_valid((const char *)b.p, b.n))
        return STR("?");
    return str_of(a, (const char *)b.p, b.n);
}

int64_t pdf_read_int(struct pdf_read *d, struct pdf_read_ref r, int64_t otherwise)
{
    return pdf_objects_is_integer(d->qpdf, r.oh) ? pdf_objects_integer(d->qpdf, r.oh) : otherwise;
}

double pdf_read_real(struct pdf_read *d, struct pdf_read_ref r, double otherwise)
{
    return pdf_objects_is_number(d->qpdf, r.oh) ? pdf_objects_number(d->qpdf, r.oh) : otherwise;
}

bool pdf_read_is_true(struct pdf_read *d, struct pdf_read_ref r)
{
    return pdf_objects_bool(d->qpdf, r.oh);
}

struct bytes pdf_read_stream(struct pdf_read *d, struct pdf_read_ref r, size_t max, struct arena *a)
{
    struct buf b = buf_init(max);
    struct bytes out = BYTES_ABSENT;

    if (!pdf_objects_is_stream(d->qpdf, r.oh))
        return out;
    if (pdf_objects_stream(d->qpdf, r.oh, true, max, &b) == E_OK)
        out = bytes_dup(a, buf_bytes(&b));
    buf_free(&b);
    return out;
}

struct bytes pdf_read_unparse(struct pdf_read *d, struct pdf_read_ref r)
{
    struct bytes text = pdf_objects_unparse_resolved(d->qpdf, r.oh);
    return pdf_objects_failed(d->qpdf) ? BYTES_ABSENT : text;
}

bool pdf_read_string_is(struct pdf_read *d, struct pdf_read_ref r, struct bytes s)
{
    return pdf_objects_is_string(d->qpdf, r.oh) && bytes_eq(pdf_objects_string(d->qpdf, r.oh), s);
}

struct str *pdf_read_keys(struct pdf_read *d, struct pdf_read_ref r, struct arena *a, size_t *n)
{
    pdf_object in = dictionary_of(d, r.oh);
    size_t cap = 16;
    struct str *keys = ARENA_ARRAY(a, cap, struct str);

    *n = 0;
    if (!pdf_objects_is_dictionary(d->qpdf, in))
        return keys;
    pdf_objects_keys_begin(d->qpdf, in);
    for (const char *key; (key = pdf_objects_keys_next(d->qpdf));) {
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
        keys[(*n)++] = str_fmt(a, "%s", key);
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

bool pdf_read_same_value(struct pdf_read *d, struct pdf_read_ref r, struct pdf_read *other,
                         struct pdf_read_ref s)
{
    return bytes_eq(pdf_objects_unparse(d->qpdf, r.oh), pdf_objects_unparse(other->qpdf, s.oh));
}

/*
 * Raw data, as it is in the file. Revisions of one file with the same stream at the same place need
 * not be read; its length may have been changed apart from it.
 */
static bool same_data(struct pdf_read *d, struct pdf_read_ref r, struct pdf_read *other,
                      struct pdf_read_ref s)
{
    const struct pdf_source *left = &d->source, *right = &other->source;
    struct bytes32 l, o;
    int64_t at = pdf_objects_offset(d->qpdf, r.oh);

    if (left->arg == right->arg && left->memory.p == right->memory.p && at > 0 &&
        at == pdf_objects_offset(other->qpdf, s.oh) &&
        pdf_read_int(d, pdf_read_get(d, r, "/Length"), -1) ==
            pdf_read_int(other, pdf_read_get(other, s, "/Length"), -2))
        return true;
    return pdf_objects_stream_sha256(d->qpdf, r.oh, &l) &&
           pdf_objects_stream_sha256(other->qpdf, s.oh, &o) && bytes32_eq(&l, &o);
}

bool pdf_read_same_object(struct pdf_read *d, struct pdf_read_ref r, struct pdf_read *other,
                          struct pdf_read_ref s)
{
    bool stream = pdf_objects_is_stream(d->qpdf, r.oh);
    if (d == other)
        return r.id == s.id && r.gen == s.gen;
    if (stream != pdf_objects_is_stream(other->qpdf, s.oh))
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
        return FAIL(E_INPUT, "pdf-damaged-pages", "ISO 32000-2 7.7.3: page tree deeper than %d",
                    PDF_READ_DEPTH_MAX);
    if ((*budget)-- <= 0)
        return FAIL(E_LIMIT, "pdf-too-complex", "page tree of too many nodes");
    if (!pdf_objects_is_dictionary(d->qpdf, node.oh))
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
