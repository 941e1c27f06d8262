/* pdf_append.c - see pdf_append.h. */
#include "sign/pdf_append.h"

#include "base/random.h"
#include "sign/pdf_crypt.h"

#include <stdlib.h>

#define RANGE_WIDTH 32 /* three numbers of ten digits and two spaces */

void pdf_append_init(struct pdf_append *w, struct pdf_read *doc, struct arena *a, struct buf *tail)
{
    *w = (struct pdf_append){ .doc = doc, .arena = a, .tail = tail };
    w->prev = doc->xref.startxref;
    w->next_id = doc->next_id;
}

static uint64_t position(const struct pdf_append *w)
{
    return w->doc->source.size + w->tail->n;
}

void pdf_append_begin(struct pdf_append *w)
{
    bool ended = w->tail->n ? w->tail->p[w->tail->n - 1] == '\n' : w->doc->xref.line_ended;
    w->entries_n = 0;
    w->touched_n = 0;
    w->touched_direct = false;
    if (!ended)
        buf_add_char(w->tail, '\n');
}

uint32_t pdf_append_new_id(struct pdf_append *w)
{
    return w->next_id++;
}

pdf_object pdf_append_reference(struct pdf_append *w, uint32_t id)
{
    struct pdf_objects *q = w->doc->qpdf;
    /* qpdf leaves out entries of a dictionary that lead to nothing: an object must be there */
    if (pdf_objects_is_null(q, pdf_objects_by_id(q, (int)id, 0)))
        pdf_objects_replace(q, (int)id, 0, pdf_objects_new_dictionary(q));
    return pdf_objects_by_id(q, (int)id, 0);
}

static void add_entry(struct pdf_append *w, uint32_t id, uint32_t gen)
{
    if (w->entries_n == w->entries_cap) {
        size_t cap = w->entries_cap ? w->entries_cap * 2 : 32;
        struct pdf_append_entry *grown = ARENA_ARRAY(w->arena, cap, struct pdf_append_entry);
        if (w->entries_n)
            memcpy(grown, w->entries, w->entries_n * sizeof *grown);
        w->entries = grown;
        w->entries_cap = cap;
    }
    w->entries[w->entries_n++] = (struct pdf_append_entry){ id, gen, position(w) };
}

static void object_begin(struct pdf_append *w, uint32_t id, uint32_t gen)
{
    add_entry(w, id, gen);
    buf_fmt(w->tail, "%u %u obj\n", id, gen);
}

static void object_end(struct pdf_append *w)
{
    buf_add_z(w->tail, "\nendobj\n");
}

/* Text of an object; in an encrypted document each string of it is encrypted under that number. */
static void put(struct pdf_append *w, uint32_t id, struct str text)
{
    struct pdf_objects *q = w->doc->qpdf;
    struct pdf_crypt crypt = { .file = &w->doc->encryption, .id = id };

    if (!w->doc->encrypted) {
        buf_add_str(w->tail, text);
        return;
    }
    pdf_objects_write(q, pdf_objects_parse(q, text), pdf_crypt_string, &crypt, w->tail);
    if (crypt.rc != E_OK)
        w->rc = crypt.rc;
}

/* "<<" and entries; the closing brackets are left to the caller. */
static void put_entries(struct pdf_append *w, uint32_t id, struct str entries)
{
    struct buf text = buf_init(w->tail->max);

    buf_add_z(&text, "<<");
    buf_add_str(&text, entries);
    buf_add_z(&text, ">>");
    if (!buf_ok(&text))
        w->rc = FAIL(E_LIMIT, "pdf-too-large", "entries of a dictionary");
    else
        put(w, id, buf_str(&text));
    if (w->tail->n >= 2)
        buf_cut(w->tail, w->tail->n - 2);
    buf_free(&text);
}

void pdf_append_object(struct pdf_append *w, uint32_t id, struct str body)
{
    object_begin(w, id, 0);
    put(w, id, body);
    object_end(w);
}

void pdf_append_stream(struct pdf_append *w, uint32_t id, struct bytes data)
{
    pdf_append_stream_with(w, id, STR(""), data);
}

void pdf_append_stream_with(struct pdf_append *w, uint32_t id, struct str entries,
                            struct bytes data)
{
    struct pdf_crypt crypt = { .file = w->doc->encrypted ? &w->doc->encryption : NULL, .id = id };
    struct buf hidden = buf_init(w->tail->max);

    if (w->doc->encrypted) {
        pdf_crypt_stream(&crypt, data, &hidden);
        data = buf_bytes(&hidden);
        if (crypt.rc != E_OK || !buf_ok(&hidden))
            w->rc = crypt.rc != E_OK ? crypt.rc : FAIL(E_LIMIT, "pdf-too-large", "a stream");
    }
    object_begin(w, id, 0);
    put_entries(w, id, entries);
    buf_fmt(w->tail, "/Length %zu>>\nstream\n", data.n);
    buf_add_bytes(w->tail, data);
    buf_add_z(w->tail, "\nendstream");
    object_end(w);
    buf_free(&hidden);
}

struct pdf_append_slot pdf_append_signature(struct pdf_append *w, uint32_t id, struct str entries,
                                            size_t room)
{
    struct pdf_append_slot slot = { .room = room };

    object_begin(w, id, 0);
    put_entries(w, id, entries);
    buf_add_z(w->tail, "/ByteRange[0 ");
    slot.byte_range = w->tail->n;
    buf_fmt(w->tail, "%*s]/Contents", RANGE_WIDTH, "");
    slot.contents = w->tail->n;
    buf_add_char(w->tail, '<');
    uint8_t *digits = buf_extend(w->tail, 2 * room);
    if (digits)
        memset(digits, '0', 2 * room);
    buf_add_z(w->tail, ">>>");
    object_end(w);
    return slot;
}

void pdf_append_touch(struct pdf_append *w, struct pdf_read_ref r)
{
    for (size_t i = 0; i < w->touched_n; i++) {
        if (w->touched[i].id == r.id)
            return;
    }
    if (r.id <= 0) {
        w->touched_direct = true;
        return;
    }
    if (w->touched_n == w->touched_cap) {
        size_t cap = w->touched_cap ? w->touched_cap * 2 : 16;
        struct pdf_read_ref *grown = ARENA_ARRAY(w->arena, cap, struct pdf_read_ref);
        if (w->touched_n)
            memcpy(grown, w->touched, w->touched_n * sizeof *grown);
        w->touched = grown;
        w->touched_cap = cap;
    }
    w->touched[w->touched_n++] = pdf_read_object(w->doc, r.id, r.gen);
}

/* Generations stay (7.5.6); an object that was in an object stream becomes a plain one. */
static enum err write_touched(struct pdf_append *w)
{
    if (w->touched_direct)
        return FAIL(E_INTERNAL, "", "an update that changes too many objects, or a direct one");
    if (pdf_read_misplaced(w->doc))
        return FAIL(E_INPUT, "pdf-damaged-object", "an object is not where it is listed");
    for (size_t i = 0; i < w->touched_n; i++) {
        struct pdf_read_ref r = w->touched[i];
        struct pdf_crypt crypt = { .file = &w->doc->encryption,
                                   .id = (uint32_t)r.id,
                                   .gen = (uint32_t)r.gen };
        object_begin(w, crypt.id, crypt.gen);
        pdf_objects_write(w->doc->qpdf, r.oh, w->doc->encrypted ? pdf_crypt_string : NULL, &crypt,
                          w->tail);
        object_end(w);
        if (crypt.rc != E_OK)
            return crypt.rc;
    }
    return w->rc == E_OK ? pdf_read_check(w->doc) : w->rc;
}

static int by_id(const void *left, const void *right)
{
    const struct pdf_append_entry *l = left, *r = right;
    return l->id < r->id ? -1 : l->id > r->id;
}

/* Length of the run of consecutive numbers that starts at i. */
static size_t run(const struct pdf_append *w, size_t i)
{
    size_t n = 1;
    while (i + n < w->entries_n && w->entries[i + n].id == w->entries[i].id + n)
        n++;
    return n;
}

static bool rewritten_key(const char *key)
{
    static const char *const keys[] = { "/Size", "/Prev",    "/ID",           "/XRefStm", "/Type",
                                        "/W",    "/Index",   "/DecodeParms",  "/Filter",  "/Length",
                                        "/F",    "/FFilter", "/FDecodeParms", "/DL" };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (strcmp(key, keys[i]) == 0)
            return true;
    }
    return false;
}

/* Anything that would have to be escaped in a name is left out: no reader knows such an entry. */
static bool regular_key(const char *key)
{
    for (const char *c = key + 1; *c; c++) {
        if (!((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9')))
            return false;
    }
    return key[0] == '/' && key[1];
}

static void add_hex(struct buf *b, const uint8_t *p, size_t n)
{
    buf_add_char(b, '<');
    for (size_t i = 0; i < n; i++)
        buf_fmt(b, "%02x", p[i]);
    buf_add_char(b, '>');
}

/* The first half stays as it is, as the key of an encrypted file may depend on it (7.6.4.3). */
static void add_ids(struct pdf_append *w, pdf_object ids)
{
    struct pdf_objects *q = w->doc->qpdf;
    uint8_t fresh[16];

    if (pdf_objects_length(q, ids) == 0 && w->doc->encrypted)
        return;
    if (!w->id_made)
        random_bytes(w->id, sizeof w->id);
    w->id_made = true;
    random_bytes(fresh, sizeof fresh);
    buf_add_z(w->tail, "/ID[");
    if (pdf_objects_length(q, ids) > 0)
        buf_add_bytes(w->tail, pdf_objects_unparse(q, pdf_objects_item(q, ids, 0)));
    else
        add_hex(w->tail, w->id, sizeof w->id);
    add_hex(w->tail, fresh, sizeof fresh);
    buf_add_char(w->tail, ']');
}

/* All entries of the old trailer but those about the section itself (7.5.6); a hybrid file's
 * /XRefStm must not be copied: it would hide what is appended. */
static void trailer_entries(struct pdf_append *w)
{
    struct pdf_objects *q = w->doc->qpdf;
    pdf_object t = w->doc->trailer;

    buf_fmt(w->tail, "/Size %u/Prev %llu", w->next_id, (unsigned long long)w->prev);
    pdf_objects_keys_begin(q, t);
    for (const char *key; (key = pdf_objects_keys_next(q));) {
        if (rewritten_key(key) || !regular_key(key))
            continue;
        buf_add_z(w->tail, key);
        buf_add_char(w->tail, ' ');
        buf_add_bytes(w->tail, pdf_objects_unparse(q, pdf_objects_get(q, t, key)));
    }
    add_ids(w, pdf_objects_get(q, t, "/ID"));
}

/* 7.5.4: entries of exactly 20 bytes. */
static void write_table(struct pdf_append *w)
{
    buf_add_z(w->tail, "xref\n");
    for (size_t i = 0, n; i < w->entries_n; i += n) {
        n = run(w, i);
        buf_fmt(w->tail, "%u %zu\n", w->entries[i].id, n);
        for (size_t k = i; k < i + n; k++)
            buf_fmt(w->tail, "%010llu %05u n\r\n", (unsigned long long)w->entries[k].offset,
                    w->entries[k].gen);
    }
    buf_add_z(w->tail, "trailer\n<<");
    trailer_entries(w);
    buf_add_z(w->tail, ">>\n");
}

static void big_endian(struct buf *b, uint64_t v, size_t octets)
{
    while (octets-- > 0)
        buf_add_char(b, (char)(uint8_t)(v >> (8 * octets)));
}

/* 7.5.8: the stream lists itself; type 1 entries of 1 + 5 + 2 octets. */
static void write_stream(struct pdf_append *w)
{
    size_t index = 0;
    uint32_t id = pdf_append_new_id(w);

    object_begin(w, id, 0); /* the greatest number: the order by number holds */
    buf_add_z(w->tail, "<</Type/XRef/W[1 5 2]/Index[");
    for (size_t i = 0, n; i < w->entries_n; i += n) {
        n = run(w, i);
        buf_fmt(w->tail, "%s%u %zu", index++ ? " " : "", w->entries[i].id, n);
    }
    buf_fmt(w->tail, "]/Length %zu", w->entries_n * 8);
    trailer_entries(w);
    buf_add_z(w->tail, ">>\nstream\n");
    for (size_t i = 0; i < w->entries_n; i++) {
        big_endian(w->tail, 1, 1);
        big_endian(w->tail, w->entries[i].offset, 5);
        big_endian(w->tail, w->entries[i].gen, 2);
    }
    buf_add_z(w->tail, "\nendstream");
    object_end(w);
}

enum err pdf_append_end(struct pdf_append *w)
{
    enum err rc = write_touched(w);
    if (rc != E_OK)
        return rc;
    qsort(w->entries, w->entries_n, sizeof *w->entries, by_id);
    uint64_t here = position(w);
    if (w->doc->xref.stream)
        write_stream(w);
    else
        write_table(w);
    buf_fmt(w->tail, "startxref\n%llu\n%%%%EOF\n", (unsigned long long)here);
    w->prev = here;
    if (!buf_ok(w->tail) || position(w) > PDF_READ_SIZE_MAX)
        return FAIL(E_LIMIT, "pdf-too-large", "update of more than %zu bytes", w->tail->max);
    return pdf_read_check(w->doc);
}

void pdf_append_fill_range(struct pdf_append *w, const struct pdf_append_slot *slot)
{
    char text[RANGE_WIDTH + 1];
    unsigned long long before = w->doc->source.size + slot->contents,
                       behind = before + 2 * slot->room + 2;
    int n = snprintf(text, sizeof text, "%llu %llu %llu", before, behind, position(w) - behind);
    if (n > 0 && n <= RANGE_WIDTH)
        memcpy(w->tail->p + slot->byte_range, text, (size_t)n);
}

enum err pdf_append_fill(struct pdf_append *w, const struct pdf_append_slot *slot, struct bytes der)
{
    static const char hex[] = "0123456789abcdef";
    if (der.n > slot->room)
        return FAIL(E_LIMIT, "signature-too-large", "%zu bytes for a room of %zu", der.n,
                    slot->room);
    uint8_t *p = w->tail->p + slot->contents + 1;
    for (size_t i = 0; i < der.n; i++) {
        *p++ = (uint8_t)hex[der.p[i] >> 4];
        *p++ = (uint8_t)hex[der.p[i] & 15];
    }
    return E_OK;
}

static bool plain(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if ((uint8_t)s.p[i] < 0x20 || (uint8_t)s.p[i] > 0x7e)
            return false;
    }
    return true;
}

void pdf_append_text(struct buf *b, struct str text)
{
    if (plain(text)) {
        buf_add_char(b, '(');
        for (size_t i = 0; i < text.n; i++) {
            if (strchr("()\\", text.p[i]))
                buf_add_char(b, '\\');
            buf_add_char(b, text.p[i]);
        }
        buf_add_char(b, ')');
        return;
    }
    buf_add_z(b, "<FEFF");
    for (size_t at = 0; at < text.n;) {
        uint32_t c = utf8_next(text, &at);
        if (c >= 0x10000) {
            c -= 0x10000;
            buf_fmt(b, "%04X%04X", 0xd800 | (c >> 10), 0xdc00 | (c & 0x3ff));
        } else {
            buf_fmt(b, "%04X", c);
        }
    }
    buf_add_char(b, '>');
}
