/* attack_kit.c - see attack_kit.h. */
#include "attack_kit.h"

#include "sign/cms_sign.h"
#include "tap.h"

#include <stdlib.h>

#define ROOM 6000 /* bytes of CMS */
#define LIMIT ((size_t)64 << 20)

static struct bytes taken(struct arena *a, struct buf *b)
{
    struct bytes out = bytes_dup(a, buf_bytes(b));
    buf_free(b);
    return out;
}

struct bytes attack_base(struct arena *a)
{
    const char *objects[] = {
        "<</Type/Catalog/Pages 2 0 R/AcroForm 5 0 R/Metadata 10 0 R>>",
        "<</Type/Pages/Count 2/Kids[7 0 R 8 0 R]>>",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        attack_stream(a, 0, "", "BT /F1 24 Tf 72 700 Td (Pay 100 yen) Tj ET /Im1 Do"),
        "<</Fields[6 0 R 9 0 R 11 0 R]/DA(/Helv 0 Tf 0 g)>>",
        "<</Type/Annot/Subtype/Widget/FT/Tx/T(Empty)/Rect[50 50 90 90]/P 7 0 R/F 4/AP<</N 12 0 "
        "R>>>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 3 0 R"
        "/F2 15 0 R>>/XObject<</Im1 13 0 R>>>>/Annots[6 0 R 9 0 R 11 0 R]>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 3 0 R"
        ">>/XObject<</Im1 13 0 R>>>>>>",
        "<</Type/Annot/Subtype/Widget/FT/Tx/T(Filled)/V(100)/Rect[150 50 190 90]/P 7 0 R/F 4>>",
        attack_stream(a, 0, "/Type/Metadata/Subtype/XML", "<x:xmpmeta xmlns:x='adobe:ns:meta/'/>"),
        "<</Type/Annot/Subtype/Widget/FT/Sig/T(Prepared)/Rect[300 50 400 90]/P 7 0 R/F 4>>",
        attack_stream(a, 0, "/Type/XObject/Subtype/Form/BBox[0 0 40 40]", ""),
        attack_stream(a, 0, "/Type/XObject/Subtype/Form/BBox[0 0 99 99]", "0 0 9 9 re f"),
        attack_stream(a, 0, "/Type/XObject/Subtype/Form/BBox[0 0 999 999]", "0 0 900 900 re f"),
        "<</Type/Font/Subtype/Type1/BaseFont/Courier>>",
    };
    return kit_pdf_of(a, KIT_TABLE, objects, sizeof objects / sizeof *objects);
}

struct bytes attack_signed(struct kit *k, struct arena *a, struct bytes pdf, enum pdf_level level,
                           int certify, const char *field, bool lock)
{
    struct buf out = buf_init(LIMIT);
    struct pdf_sign_params p = kit_params(k, pdf, level, KIT_P256);
    struct pdf_sign_result result;

    p.certify = certify;
    p.lock = lock;
    p.field = field ? str_z(field) : STR("Made");
    if (pdf_sign(&p, a, &out, &result) != E_OK) {
        fprintf(stderr, "attack_signed: %s (%s)\n", fault_current()->reason,
                fault_current()->detail);
        abort();
    }
    return taken(a, &out);
}

/* ---- texts ---- */

size_t attack_find(struct bytes file, const char *what)
{
    size_t n = strlen(what);
    for (size_t i = file.n >= n ? file.n - n + 1 : 0; i-- > 0;) {
        if (memcmp(file.p + i, what, n) == 0)
            return i;
    }
    return SIZE_MAX;
}

struct bytes attack_put(struct arena *a, struct bytes file, const char *old, const char *new)
{
    struct bytes out = bytes_dup(a, file);
    size_t at = attack_find(file, old), n = strlen(old);
    uint8_t *p = (uint8_t *)(uintptr_t)out.p;

    if (at == SIZE_MAX || strlen(new) > n)
        abort();
    memset(p + at, ' ', n);
    memcpy(p + at, new, strlen(new));
    return out;
}

struct bytes attack_insert(struct arena *a, struct bytes file, size_t at, const char *what)
{
    struct buf b = buf_init(LIMIT);
    buf_add_bytes(&b, (struct bytes){ file.p, at });
    buf_add_z(&b, what);
    buf_add_bytes(&b, (struct bytes){ file.p + at, file.n - at });
    return taken(a, &b);
}

struct bytes attack_cut(struct arena *a, struct bytes file, size_t n)
{
    return bytes_dup(a, (struct bytes){ file.p, n });
}

const char *attack_stream(struct arena *a, int id, const char *entries, const char *data)
{
    const char *body =
        str_fmt(a, "<<%s/Length %zu>>\nstream\n%s\nendstream", entries, strlen(data), data).p;
    return id ? str_fmt(a, "%d %s", id, body).p : body;
}

/* ---- updates ---- */

static uint64_t number_behind(struct bytes file, const char *word)
{
    size_t at = attack_find(file, word);
    uint64_t v = 0;

    for (at += strlen(word); at < file.n && (file.p[at] == ' ' || file.p[at] == '\n'); at++)
        continue;
    for (; at < file.n && file.p[at] >= '0' && file.p[at] <= '9'; at++)
        v = v * 10 + (uint64_t)(file.p[at] - '0');
    return v;
}

struct bytes attack_update(struct arena *a, struct bytes file, unsigned leave_out,
                           const char *trailer, const char *const *objects)
{
    struct buf b = buf_init(LIMIT), table = buf_init(1 << 20);
    uint64_t prev = number_behind(file, "startxref");
    long greatest = 200;

    buf_add_bytes(&b, file);
    buf_add_char(&b, '\n');
    for (; *objects; objects++) {
        int id = (int)strtol(*objects, NULL, 10);
        if (id > 0) {
            buf_fmt(&table, "%d 1\n%010zu 00000 n\r\n", id, b.n);
            buf_fmt(&b, "%d 0 obj\n", id);
            buf_add_z(&b, strchr(*objects, ' ') + 1);
            buf_add_z(&b, "\nendobj\n");
        }
        greatest = id > greatest ? id : greatest;
    }
    size_t xref = b.n;
    if (!(leave_out & ATTACK_NO_XREF)) {
        buf_add_z(&b, "xref\n");
        buf_add_bytes(&b, buf_bytes(&table));
    }
    if (!(leave_out & ATTACK_NO_TRAILER))
        buf_fmt(&b, "trailer\n<</Size %ld/Prev %llu%s%s>>\n", greatest + 1,
                (unsigned long long)prev, strstr(trailer, "/Root") ? "" : "/Root 1 0 R", trailer);
    if (!(leave_out & ATTACK_NO_STARTXREF))
        buf_fmt(&b, "startxref\n%zu\n", leave_out & ATTACK_NO_XREF ? (size_t)prev : xref);
    if (!(leave_out & ATTACK_NO_EOF))
        buf_add_z(&b, "%%EOF\n");
    buf_free(&table);
    return taken(a, &b);
}

static void put_row(struct buf *rows, struct buf *index, int id, int type, size_t value, size_t at)
{
    buf_fmt(index, "%d 1 ", id);
    buf_add_char(rows, (char)type);
    for (int k = 3; k >= 0; k--)
        buf_add_char(rows, (char)(uint8_t)(value >> (8 * k)));
    buf_add_char(rows, (char)(uint8_t)(at >> 8));
    buf_add_char(rows, (char)(uint8_t)at);
}

struct bytes attack_update_stream(struct arena *a, struct bytes file, bool hybrid,
                                  const char *const *objects)
{
    struct buf b = buf_init(LIMIT), rows = buf_init(65536), index = buf_init(65536);
    struct buf head = buf_init(65536), body = buf_init(1 << 20);
    unsigned long long prev = number_behind(file, "startxref");
    size_t inside = 0;
    bool listed[256] = { false };

    buf_add_bytes(&b, file);
    for (; *objects; objects++) {
        int id = (int)strtol(*objects, NULL, 10);
        const char *text = strchr(*objects, ' ') + 1;
        if (strstr(text, "stream")) {
            put_row(&rows, &index, id, 1, b.n, 0);
            buf_fmt(&b, "%d 0 obj\n%s\nendobj\n", id, text);
            continue;
        }
        if (!listed[id & 255])
            put_row(&rows, &index, id, 2, 210, inside);
        listed[id & 255] = true;
        buf_fmt(&head, "%d %zu ", id, body.n);
        buf_fmt(&body, "%s\n", text);
        inside++;
    }
    put_row(&rows, &index, 210, 1, b.n, 0);
    buf_fmt(&b, "210 0 obj\n<</Type/ObjStm/N %zu/First %zu/Length %zu>>\nstream\n", inside, head.n,
            head.n + body.n);
    buf_add_bytes(&b, buf_bytes(&head));
    buf_add_bytes(&b, buf_bytes(&body));
    buf_add_z(&b, "\nendstream\nendobj\n");
    size_t at = b.n;
    put_row(&rows, &index, 211, 1, at, 0);
    buf_fmt(&b, "211 0 obj\n<</Type/XRef/W[1 4 2]/Index[%.*s]/Size 212/Root 1 0 R/Length %zu",
            (int)index.n, (const char *)index.p, rows.n);
    if (!hybrid)
        buf_fmt(&b, "/Prev %llu", prev);
    buf_add_z(&b, ">>\nstream\n");
    buf_add_bytes(&b, buf_bytes(&rows));
    buf_add_z(&b, "\nendstream\nendobj\n");
    if (hybrid) {
        size_t table = b.n;
        buf_fmt(&b, "xref\n0 0\ntrailer\n<</Size 212/Root 1 0 R/Prev %llu/XRefStm %zu>>\n", prev,
                at);
        at = table;
    }
    buf_fmt(&b, "startxref\n%zu\n%%%%EOF\n", at);
    buf_free(&rows);
    buf_free(&index);
    buf_free(&head);
    buf_free(&body);
    return taken(a, &b);
}

/* ---- signatures by hand ---- */

const char *attack_room(struct arena *a)
{
    char *room = arena_alloc(a, 2 * ROOM + 3);
    memset(room, '0', 2 * ROOM + 2);
    room[0] = '<';
    room[2 * ROOM + 1] = '>';
    room[2 * ROOM + 2] = 0;
    return room;
}

static struct bytes plain_cms(struct kit *k, struct arena *a, struct bytes covered)
{
    struct bytes32 whole = sha256(covered);
    struct bytes value, cms = BYTES_ABSENT, digest = bytes_of_32(&whole);
    struct cms_signer *s = k->cms[KIT_P256];
    if (cms_sign_value(s, digest, kit_sign, k->signer[KIT_P256].key, a, &value) == E_OK)
        cms_sign_finish(s, digest, value, BYTES_ABSENT, a, &cms);
    return cms;
}

struct bytes attack_fill(struct kit *k, struct arena *a, struct bytes file, attack_cms_fn *cms)
{
    struct bytes out = bytes_dup(a, file);
    uint8_t *p = (uint8_t *)(uintptr_t)out.p;
    size_t gap = attack_find(file, "<000000000000"), range = attack_find(file, "[0 **********");
    size_t resume = gap + 2 * ROOM + 2;
    static const char digits[] = "0123456789abcdef";

    if (gap == SIZE_MAX)
        abort();
    if (range != SIZE_MAX) {
        struct str text = str_fmt(a, "[0 %010zu %010zu %010zu]", gap, resume, file.n - resume);
        memcpy(p + range, text.p, text.n);
    }
    struct buf covered = buf_init(LIMIT);
    buf_add_bytes(&covered, (struct bytes){ p, gap });
    buf_add_bytes(&covered, (struct bytes){ p + resume, file.n - resume });
    struct bytes der = (cms ? cms : plain_cms)(k, a, buf_bytes(&covered));
    buf_free(&covered);
    for (size_t i = 0; i < der.n && i < ROOM; i++) {
        p[gap + 1 + 2 * i] = (uint8_t)digits[der.p[i] >> 4];
        p[gap + 2 + 2 * i] = (uint8_t)digits[der.p[i] & 15];
    }
    return out;
}

/* ---- looking at them ---- */

void attack_save(const char *name, struct bytes file)
{
    const char *dir = getenv("SHOMEI_ATTACKS");
    char path[4096];

    if (!dir || snprintf(path, sizeof path, "%s/%s.pdf", dir, name) >= (int)sizeof path)
        return;
    FILE *f = fopen(path, "wb");
    if (f) {
        fwrite(file.p, 1, file.n, f);
        fclose(f);
    }
}

void attack_explain(const struct pdf_report *r)
{
    for (size_t i = 0; i < r->signatures_n; i++) {
        const struct pdf_signature_report *s = &r->signatures[i];
        tap_note("  %s: %s %s later %u", s->field.p, pdf_verify_verdict_name(s->verdict),
                 s->sub_indication, s->later);
        for (size_t k = 0; k < s->reasons_n; k++)
            tap_note("    %s", s->reasons[k].code);
    }
    for (size_t i = 0; i < r->revisions_n; i++) {
        for (size_t k = 0; k < r->revisions[i].changes_n; k++) {
            const struct pdf_change *c = &r->revisions[i].changes[k];
            tap_note("    %s %s: %s (%s)", c->allowed ? "+" : "-", c->path.p, c->code, c->rule);
        }
    }
}

const struct pdf_change *attack_change(const struct pdf_report *r, const char *code)
{
    for (size_t i = 0; i < r->revisions_n; i++) {
        for (size_t k = 0; k < r->revisions[i].changes_n; k++) {
            if (strcmp(r->revisions[i].changes[k].code, code) == 0)
                return &r->revisions[i].changes[k];
        }
    }
    return NULL;
}
