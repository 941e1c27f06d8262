/* envelopes_place_work.c - from the sender's words on where a seal goes to a place on the page. */
#include "features/envelopes/envelopes_inside_work.h"

#include "sign/pdf_seal.h"

#define MARGIN 56.7 /* 20 mm from the edges */
#define CHARACTERS 4

static double points(uint32_t hundredths_of_mm)
{
    return hundredths_of_mm * 72.0 / 2540.0;
}

static bool is_latin(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] >= 0x80 + 0x43) /* beyond U+00FF */
            return false;
    return true;
}

static struct str initials(struct arena *a, struct str name)
{
    char out[CHARACTERS + 1];
    size_t n = 0;
    bool begin = true;

    for (size_t i = 0; i < name.n && n < CHARACTERS; i++) {
        char c = name.p[i];
        bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
        if (letter && begin)
            out[n++] = (char)(c & ~0x20);
        begin = !letter;
    }
    return n > 0 ? str_of(a, out, n) : STR("S");
}

struct str envelopes_place_text(struct arena *a, struct str name)
{
    struct str whole = str_trim(a, name);
    size_t at = 0, end = 0, n = 0;

    if (is_latin(whole))
        return initials(a, whole);
    while (at < whole.n && n < CHARACTERS) {
        uint32_t c = utf8_next(whole, &at);
        if (c == ' ' || c == 0x3000)
            break;
        end = at;
        n++;
    }
    return str_sub(a, whole, 0, end);
}

/* A third of the page in each direction, kept off the edges. */
static double along(int third, double length, double size)
{
    double low = MARGIN, high = length - size - MARGIN;
    if (high < low)
        low = high = length > size ? (length - size) / 2 : 0;
    return third == 0 ? low : third == 1 ? (low + high) / 2 : high;
}

static void put(const struct envelopes_field *f, double width, double height,
                struct pdf_seal_place *out)
{
    double side = points(f->size);
    bool top = str_starts(f->place, STR("top")), bottom = str_starts(f->place, STR("bottom"));
    bool left = str_ends(f->place, STR("left")), right = str_ends(f->place, STR("right"));

    if (side > width)
        side = width;
    if (side > height)
        side = height;
    out->page = f->page;
    out->width = out->height = side;
    if (str_eq_z(f->place, "mm")) {
        double x = points(f->x), y = points(f->y);
        out->x = x + side > width ? width - side : x;
        out->y = y + side > height ? height - side : y;
        return;
    }
    out->x = along(left ? 0 : right ? 2 : 1, width, side);
    out->y = along(bottom ? 0 : top ? 2 : 1, height, side);
}

enum err envelopes_place_seals(struct tx *tx, const struct envelopes_party *p,
                               const struct signing_document *file, struct paper_id paper,
                               struct pdf_seal_place **out, size_t *n)
{
    struct arena *a = tx_arena(tx);
    struct pdf_look *look = ARENA_NEW(a, struct pdf_look);
    struct envelopes_field *f;
    size_t all;

    *n = 0;
    *look = (struct pdf_look){ .kind = PDF_SEAL_ROUND, .text = envelopes_place_text(a, p->name) };
    TRY(envelopes_fields(tx, p->id, &f, &all));
    *out = ARENA_ARRAY(a, all + 1, struct pdf_seal_place);
    for (size_t i = 0; i < all; i++) {
        struct signing_look page;
        if (f[i].document.v != paper.v)
            continue;
        TRY(signing_look_document(tx, file, NULL, &page));
        if (f[i].page < 1 || f[i].page > page.page_n)
            return FAIL(E_INPUT, "place-page", "page %u of %u", f[i].page, page.pages);
        const struct signing_look_page *size = &page.page[f[i].page - 1];
        put(&f[i], size->width, size->height, &(*out)[*n]);
        (*out)[(*n)++].look = look;
    }
    return E_OK;
}
