/*
 * pdf_compose_file.c - the composed pages as a file: objects in compressed object streams, one
 * cross-reference stream (ISO 32000-2 7.5.7, 7.5.8). Nothing random: the same input, the same
 * bytes.
 */
#include "sign/pdf_compose_inside.h"

#include "base/crypto.h"
#include "base/encoding.h"
#include "sign/pdf_append.h"
#include "sign/pdf_flate.h"

#define IN_STREAM 200 /* objects in one object stream */
#define TEXT_MAX ((size_t)64 << 20)

enum { CATALOGUE = 1, PAGES, FONT, TREE, INFO, METADATA, FIRST };

struct entry {
    uint32_t stream; /* of a compressed object; 0: a plain one */
    size_t value;    /* its index in the stream, or the offset */
};

struct file {
    struct pdf_compose *c;
    struct buf *out;
    struct entry *entries; /* by number */
    size_t entries_n, entries_cap;
    struct buf head, body; /* of the object stream being filled */
    size_t in_stream;
    uint32_t stream_id;
    uint32_t next;
    enum err err;
};

static void set_entry(struct file *f, uint32_t id, struct entry e)
{
    if (id >= f->entries_cap) {
        size_t cap = (size_t)id * 2 + 64;
        struct entry *grown = ARENA_ARRAY(f->c->arena, cap, struct entry);
        if (f->entries_n)
            memcpy(grown, f->entries, f->entries_n * sizeof *grown);
        f->entries = grown;
        f->entries_cap = cap;
    }
    f->entries[id] = e;
    f->entries_n = id >= f->entries_n ? (size_t)id + 1 : f->entries_n;
}

/* A stream whose bytes are as its entries say. */
static void put_stream(void *arg, uint32_t id, struct str entries, struct bytes data)
{
    struct file *f = arg;
    set_entry(f, id, (struct entry){ 0, f->out->n });
    buf_fmt(f->out, "%u 0 obj\n<<%.*s/Length %zu>>\nstream\n", id, STR_ARG(entries), data.n);
    buf_add_bytes(f->out, data);
    buf_add_z(f->out, "\nendstream\nendobj\n");
}

static void put_packed(struct file *f, uint32_t id, struct str entries, struct bytes data)
{
    struct buf b = buf_init(TEXT_MAX);
    enum err e = pdf_flate(data, &b);
    if (e == E_OK)
        put_stream(f, id, str_fmt(f->c->arena, "%.*s/Filter/FlateDecode", STR_ARG(entries)),
                   buf_bytes(&b));
    else
        f->err = e;
    buf_free(&b);
}

static void flush(struct file *f)
{
    struct buf all = buf_init(TEXT_MAX);
    if (f->in_stream > 0) {
        buf_add_bytes(&all, buf_bytes(&f->head));
        buf_add_bytes(&all, buf_bytes(&f->body));
        put_packed(f, f->stream_id,
                   str_fmt(f->c->arena, "/Type/ObjStm/N %zu/First %zu", f->in_stream, f->head.n),
                   buf_bytes(&all));
    }
    buf_free(&all);
    buf_reset(&f->head);
    buf_reset(&f->body);
    f->in_stream = 0;
}

static uint32_t new_id(void *arg)
{
    struct file *f = arg;
    return f->next++;
}

/* An object that is no stream. */
static void put_object(void *arg, uint32_t id, struct str body)
{
    struct file *f = arg;
    if (f->in_stream == IN_STREAM)
        flush(f);
    if (f->in_stream == 0)
        f->stream_id = new_id(f);
    set_entry(f, id, (struct entry){ f->stream_id, f->in_stream++ });
    buf_fmt(&f->head, "%u %zu ", id, f->body.n);
    buf_add_str(&f->body, body);
    buf_add_char(&f->body, '\n');
}

/* --- the parts --- */

static uint32_t page_id(size_t page)
{
    return FIRST + 3 * (uint32_t)page;
}

static uint32_t element_id(const struct file *f, uint32_t element)
{
    return page_id(f->c->pages_n) + element;
}

static void put_pages(struct file *f)
{
    struct buf kids = buf_init(TEXT_MAX);
    struct pdf_compose *c = f->c;

    for (size_t i = 0; i < c->pages_n; i++) {
        uint32_t id = page_id(i);
        buf_fmt(&kids, "%u 0 R ", id);
        put_object(f, id,
                   str_fmt(c->arena,
                           "<</Type/Page/Parent %d 0 R/MediaBox[0 0 %.2f %.2f]/Contents[%u 0 R %u "
                           "0 R]/Resources<</Font<</F %d 0 R>>>>/StructParents %zu/Tabs/S>>",
                           PAGES, COMPOSE_WIDTH, COMPOSE_HEIGHT, id + 1, id + 2, FONT, i));
        put_stream(f, id + 1, STR("/Filter/FlateDecode"), c->pages[i].body);
        put_packed(f, id + 2, STR(""), bytes_of_str(pdf_compose_edges(c, i)));
    }
    put_object(f, PAGES,
               str_fmt(c->arena, "<</Type/Pages/Count %zu/Kids[%.*s]>>", c->pages_n,
                       STR_ARG(buf_str(&kids))));
    buf_free(&kids);
}

static void put_element(struct file *f, uint32_t i, struct buf *b)
{
    const struct pdf_compose_element *e = &f->c->elements[i];

    buf_reset(b);
    buf_fmt(b, "<</S/%s%s/P %u 0 R/K[", e->type, e->extra, i ? element_id(f, e->parent) : TREE);
    for (size_t k = 0; k < e->n; k++) {
        if (e->kids[k].mark)
            buf_fmt(b, "<</Type/MCR/Pg %u 0 R/MCID %u>>", page_id(e->kids[k].page),
                    e->kids[k].value);
        else
            buf_fmt(b, "%u 0 R ", element_id(f, e->kids[k].value));
    }
    buf_add_z(b, "]>>");
    put_object(f, element_id(f, i), buf_str(b));
}

static void put_tree(struct file *f)
{
    struct pdf_compose *c = f->c;
    struct buf b = buf_init(TEXT_MAX);

    for (size_t i = 0; i < c->elements_n; i++)
        put_element(f, (uint32_t)i, &b);
    buf_reset(&b);
    buf_fmt(&b, "<</Type/StructTreeRoot/K %u 0 R/ParentTreeNextKey %zu/ParentTree<</Nums[",
            element_id(f, 0), c->pages_n);
    for (size_t p = 0; p < c->pages_n; p++) {
        buf_fmt(&b, "%zu[", p);
        for (size_t m = 0; m < c->pages[p].marks_n; m++)
            buf_fmt(&b, "%u 0 R ", element_id(f, c->pages[p].marks[m]));
        buf_add_z(&b, "]");
    }
    buf_add_z(&b, "]>>>>");
    put_object(f, TREE, buf_str(&b));
    f->err =
        f->err == E_OK && !buf_ok(&b) ? FAIL(E_LIMIT, "compose-too-long", "structure") : f->err;
    buf_free(&b);
}

static void xml_text(struct buf *b, struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        const char *entity = s.p[i] == '&'   ? "&amp;"
                             : s.p[i] == '<' ? "&lt;"
                             : s.p[i] == '>' ? "&gt;"
                                             : NULL;
        if (entity)
            buf_add_z(b, entity);
        else if ((uint8_t)s.p[i] >= ' ')
            buf_add_char(b, s.p[i]);
    }
}

/* XMP (ISO 16684-1): readers that index files look here. */
static void put_metadata(struct file *f)
{
    struct buf b = buf_init(1u << 20);
    const struct pdf_compose_info *i = &f->c->info;

    buf_fmt(&b,
            "<?xpacket begin=\"\xef\xbb\xbf\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n"
            "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF "
            "xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"><rdf:Description "
            "rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" "
            "xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\"><dc:language><rdf:Bag><rdf:li>%s</rdf:li>"
            "</rdf:Bag></dc:language><dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">",
            i->lang.p);
    xml_text(&b, i->title);
    buf_add_z(&b, "</rdf:li></rdf:Alt></dc:title>");
    if (!timestamp_is_none(i->created))
        buf_fmt(&b, "<xmp:CreateDate>%s</xmp:CreateDate>",
                timestamp_rfc3339(f->c->arena, i->created, false).p);
    buf_add_z(&b, "</rdf:Description></rdf:RDF></x:xmpmeta>\n<?xpacket end=\"r\"?>");
    put_stream(f, METADATA, STR("/Type/Metadata/Subtype/XML"), buf_bytes(&b));
    buf_free(&b);
}

static void put_about(struct file *f)
{
    struct buf b = buf_init(1u << 20);
    const struct pdf_compose_info *i = &f->c->info;

    buf_add_z(&b, "<</Title");
    pdf_append_text(&b, i->title);
    if (!str_empty(i->author)) {
        buf_add_z(&b, "/Author");
        pdf_append_text(&b, i->author);
    }
    if (!timestamp_is_none(i->created))
        buf_fmt(&b, "/CreationDate(%s)", timestamp_pdf(f->c->arena, i->created).p);
    buf_add_z(&b, "/Producer(Shomei)>>");
    put_object(f, INFO, buf_str(&b));
    put_object(f, CATALOGUE,
               str_fmt(f->c->arena,
                       "<</Type/Catalog/Pages %d 0 R/Lang(%s)/MarkInfo<</Marked true>>"
                       "/StructTreeRoot %d 0 R/Metadata %d 0 R"
                       "/ViewerPreferences<</DisplayDocTitle true>>>>",
                       PAGES, i->lang.p, TREE, METADATA));
    buf_free(&b);
}

static void put_xref(struct file *f)
{
    struct buf b = buf_init(TEXT_MAX);
    uint32_t id = new_id(f);
    size_t here = f->out->n;
    struct bytes32 digest = sha256(buf_bytes(f->out));
    struct str name = hex_encode(f->c->arena, (struct bytes){ digest.b, 16 });

    set_entry(f, id, (struct entry){ 0, here });
    for (size_t i = 0; i < f->entries_n; i++) {
        struct entry e = f->entries[i];
        size_t second = e.stream ? e.stream : e.value, third = e.stream ? e.value : 0;
        uint8_t type = i == 0 ? 0 : e.stream ? 2 : 1;
        buf_add(&b,
                (uint8_t[]){ type, (uint8_t)(second >> 24), (uint8_t)(second >> 16),
                             (uint8_t)(second >> 8), (uint8_t)second, (uint8_t)(third >> 8),
                             (uint8_t)third },
                7);
    }
    put_packed(f, id,
               str_fmt(f->c->arena,
                       "/Type/XRef/W[1 4 2]/Size %zu/Root %d 0 R/Info %d 0 R/ID[<%s><%s>]",
                       f->entries_n, CATALOGUE, INFO, name.p, name.p),
               buf_bytes(&b));
    buf_fmt(f->out, "startxref\n%zu\n%%%%EOF\n", here);
    buf_free(&b);
}

enum err pdf_compose_write(struct pdf_compose *c, struct buf *out)
{
    struct file f = { .c = c, .out = out };
    const struct pdf_font_sink sink = { new_id, put_object, put_stream, &f };

    f.head = buf_init(TEXT_MAX);
    f.body = buf_init(TEXT_MAX);
    f.next = element_id(&f, (uint32_t)c->elements_n);
    buf_add_z(out, "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n");
    put_pages(&f);
    put_tree(&f);
    put_metadata(&f);
    put_about(&f);
    enum err e = pdf_font_write(&c->use, &sink, FONT);
    flush(&f);
    put_xref(&f);
    if (e == E_OK)
        e = f.err;
    if (e == E_OK && !buf_ok(out))
        e = FAIL(E_LIMIT, "compose-too-long", "%zu bytes", out->max);
    buf_free(&f.head);
    buf_free(&f.body);
    return e;
}
