/* pdf_kit_files.c - PDF files for the tests, one writer for each cross-reference form. */
#include "pdf_kit.h"

#define OBJECTS_MAX 4096

struct place {
    int type; /* 1: at offset, 2: in an object stream */
    size_t offset;
    size_t index;
};

static void put_object(struct buf *b, struct place *at, size_t id, const char *text)
{
    *at = (struct place){ 1, b->n, 0 };
    buf_fmt(b, "%zu 0 obj\n", id);
    buf_add_z(b, text);
    buf_add_z(b, "\nendobj\n");
}

/* One object stream with every object that is no stream. */
static void put_object_stream(struct buf *b, struct place *places, size_t id,
                              const char *const *objects, size_t n)
{
    struct buf head = buf_init(1 << 20), body = buf_init(1 << 20);
    size_t count = 0;

    for (size_t i = 0; i < n; i++) {
        if (strstr(objects[i], "stream"))
            continue;
        buf_fmt(&head, "%zu %zu ", i + 1, body.n);
        buf_add_z(&body, objects[i]);
        buf_add_char(&body, '\n');
        places[i] = (struct place){ 2, id, count++ };
    }
    places[id - 1] = (struct place){ 1, b->n, 0 };
    buf_fmt(b, "%zu 0 obj\n<</Type/ObjStm/N %zu/First %zu/Length %zu>>\nstream\n", id, count,
            head.n, head.n + body.n);
    buf_add_bytes(b, buf_bytes(&head));
    buf_add_bytes(b, buf_bytes(&body));
    buf_add_z(b, "\nendstream\nendobj\n");
    buf_free(&head);
    buf_free(&body);
}

static void put_table(struct buf *b, const struct place *places, size_t n)
{
    size_t here = b->n;
    buf_fmt(b, "xref\n0 %zu\n0000000000 65535 f\r\n", n + 1);
    for (size_t i = 0; i < n; i++)
        buf_fmt(b, "%010zu 00000 n\r\n", places[i].offset);
    buf_fmt(b,
            "trailer\n<</Size %zu/Root 1 0 R/ID[<00112233445566778899aabbccddeeff>"
            "<00112233445566778899aabbccddeeff>]>>\nstartxref\n%zu\n%%%%EOF\n",
            n + 1, here);
}

static void put_stream(struct buf *b, struct place *places, size_t n)
{
    size_t here = b->n, id = n + 1;
    places[n] = (struct place){ 1, here, 0 };
    buf_fmt(b, "%zu 0 obj\n<</Type/XRef/W[1 4 2]/Size %zu/Root 1 0 R/Length %zu>>\nstream\n", id,
            id + 1, (id + 1) * 7);
    for (size_t i = 0; i <= id; i++) {
        struct place p = i ? places[i - 1] : (struct place){ 0, 0, 65535 };
        buf_add_char(b, (char)p.type);
        for (int k = 3; k >= 0; k--)
            buf_add_char(b, (char)(uint8_t)(p.offset >> (8 * k)));
        buf_add_char(b, (char)(uint8_t)(p.index >> 8));
        buf_add_char(b, (char)(uint8_t)p.index);
    }
    buf_fmt(b, "\nendstream\nendobj\nstartxref\n%zu\n%%%%EOF\n", here);
}

struct bytes kit_pdf_of(struct arena *a, enum kit_form form, const char *const *objects, size_t n)
{
    static struct place places[OBJECTS_MAX + 2];
    struct buf b = buf_init((size_t)1 << 30);
    struct bytes out = BYTES_ABSENT;

    buf_add_z(&b, "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n");
    for (size_t i = 0; i < n && i < OBJECTS_MAX; i++) {
        if (form != KIT_OBJSTM || strstr(objects[i], "stream"))
            put_object(&b, &places[i], i + 1, objects[i]);
    }
    if (form == KIT_OBJSTM) {
        put_object_stream(&b, places, n + 1, objects, n);
        n++;
    }
    if (form == KIT_TABLE)
        put_table(&b, places, n);
    else
        put_stream(&b, places, n);
    if (buf_to_bytes(&b, a, &out) != E_OK)
        out = BYTES_ABSENT;
    buf_free(&b);
    return out;
}

static const char *content(struct arena *a, size_t weight)
{
    struct buf b = buf_init(weight + 4096), body = buf_init(weight + 2048);
    struct str out;
    uint32_t noise = 1;
    buf_add_z(&body, "BT /F1 24 Tf 72 700 Td (Hello) Tj ET\n%");
    while (body.n < weight) {
        noise = noise * 1664525 + 1013904223;
        buf_add_char(&body, (char)('a' + (noise >> 24) % 26));
    }
    buf_fmt(&b, "<</Length %zu>>\nstream\n", body.n);
    buf_add_bytes(&b, buf_bytes(&body));
    buf_add_z(&b, "\nendstream");
    if (buf_to_str(&b, a, &out) != E_OK)
        out = STR("null");
    buf_free(&b);
    buf_free(&body);
    return out.p;
}

/* 1 catalogue, 2 pages, 3 font, 4 content, 5 form, 6 text field, then the pages. */
struct bytes kit_pdf(struct arena *a, enum kit_form form, int pages, size_t weight, bool acroform)
{
    const char **objects = ARENA_ARRAY(a, (size_t)pages + 6, const char *);
    struct buf kids = buf_init(1 << 20);

    for (int i = 0; i < pages; i++) {
        buf_fmt(&kids, "%d 0 R ", 7 + i);
        objects[6 + i] = str_fmt(a,
                                 "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
                                 "/Resources<</Font<</F1 3 0 R>>>>%s>>",
                                 acroform && i == 0 ? "/Annots[6 0 R]" : "")
                             .p;
    }
    objects[0] =
        acroform ? "<</Type/Catalog/Pages 2 0 R/AcroForm 5 0 R>>" : "<</Type/Catalog/Pages 2 0 R>>";
    objects[1] =
        str_fmt(a, "<</Type/Pages/Count %d/Kids[%s]>>", pages, kids.n ? (char *)kids.p : "").p;
    objects[2] = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>";
    objects[3] = content(a, weight);
    objects[4] = "<</Fields[6 0 R]/DA(/Helv 0 Tf 0 g)>>";
    objects[5] = "<</Type/Annot/Subtype/Widget/FT/Tx/T(Text1)/V(\\(x\\))/Rect[50 50 90 90]/P 7 0 R"
                 "/F 4>>";
    buf_free(&kids);
    return kit_pdf_of(a, form, objects, (size_t)pages + 6);
}
