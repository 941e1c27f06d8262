/*
 * signing_place_work.c - what will be seen of a signature: seals put on pages, and the picture of
 * the exact result before the PIN.
 */
#include "features/signing/signing_inside_work.h"

#include "sign/pdf_seal.h"
#include "sign/pdf_source.h"

#define MARGIN 150 /* tenths of a millimetre: between a seal at an edge and that edge */
#define LEAST 30

static double points(uint32_t tenths)
{
    return tenths * 72.0 / 254.0;
}

void signing_look_size(struct signing_placement *p)
{
    bool picture = !str_empty(p->seal), words = p->show_name || p->show_date || p->show_reason;

    if (p->width == 0)
        p->width = words ? 600 : 200;
    if (p->height == 0)
        p->height = words && !picture ? 160 : 200;
}

/* One of three: at the beginning, in the middle, at the end of `room`, `size` long. */
static double along(int third, double room, double size)
{
    double margin = points(MARGIN);

    if (room < size + 2 * margin)
        margin = room > size ? (room - size) / 2 : 0;
    return third == 0 ? margin : third == 1 ? (room - size) / 2 : room - size - margin;
}

static enum err put(const struct signing_look *look, const struct signing_placement *p,
                    unsigned page, struct pdf_seal_place *out)
{
    double left, top;

    if (page < 1 || page > look->page_n)
        return FAIL(E_INPUT, "seal-page", "page %u of %u", page, look->pages);
    const struct signing_look_page *on = &look->page[page - 1];
    out->page = page;
    out->width = points(p->width);
    out->height = points(p->height);
    left = p->anchor == SIGNING_AT_PLACE ? points(p->x)
                                         : along((int)p->anchor % 3, on->width, out->width);
    top = p->anchor == SIGNING_AT_PLACE ? points(p->y)
                                        : along((int)p->anchor / 3, on->height, out->height);
    /* a tenth of a millimetre more or less is rounding */
    if (p->width < LEAST || p->height < LEAST || left + out->width > on->width + 0.3 ||
        top + out->height > on->height + 0.3)
        return FAIL(E_INPUT, "seal-place", "beyond page %u", page);
    out->x = left + out->width > on->width ? on->width - out->width : left;
    out->y = on->height - top - out->height;
    if (out->y < 0)
        out->y = 0;
    return E_OK;
}

static enum err look_of(struct tx *tx, struct str name, const struct signing_placement *p,
                        const struct signing_request *ask, struct pdf_look **out)
{
    struct arena *a = tx_arena(tx);
    struct signing_seal_captions captions = { STR_ABSENT, STR_ABSENT, STR_ABSENT };

    if (p->show_name)
        captions.name = name;
    if (p->show_reason && !str_empty(ask->reason))
        captions.reason = ask->reason;
    if (p->show_date)
        captions.date = signing_seal_date(a, ask->now, p->japanese);
    if (str_empty(p->seal) && str_empty(captions.name) && str_empty(captions.reason) &&
        str_empty(captions.date))
        return FAIL(E_INPUT, "seal-nothing", "neither a picture nor a caption");
    *out = ARENA_NEW(a, struct pdf_look);
    return signing_seal_look(tx, ask->owner, str_empty(p->seal) ? STR_ABSENT : p->seal, &captions,
                             *out);
}

enum err signing_look_place(struct tx *tx, const struct signing_look *look, struct str name,
                            const struct signing_placement *p, struct signing_request *ask)
{
    struct signing_placement sized = *p;
    struct pdf_seal_place *places;
    struct pdf_look *shown = NULL;
    size_t n;

    if (p->first == 0)
        return E_OK;
    if (p->last < p->first || p->last - p->first >= PDF_SIGN_SEALS_MAX)
        return FAIL(E_INPUT, "seal-page", "pages %u to %u", p->first, p->last);
    signing_look_size(&sized);
    TRY(look_of(tx, name, p, ask, &shown));
    n = p->last - p->first + 1;
    places = ARENA_ARRAY(tx_arena(tx), n, struct pdf_seal_place);
    for (size_t i = 0; i < n; i++) {
        TRY(put(look, &sized, p->first + (unsigned)i, &places[i]));
        places[i].look = shown;
    }
    ask->seals = places;
    ask->seals_n = n;
    return E_OK;
}

enum err signing_look_preview(struct tx *tx, const struct signing_document *d,
                              const struct signing_request *rq, unsigned page, unsigned width,
                              struct buf *png)
{
    struct buf tail = buf_init(64u << 20);
    struct pdf_source base, both;
    enum err e = signing_preview_document(tx, rq, d->public_id, &tail);

    if (e == E_OK)
        e = signing_document_source(tx, d, tx_arena(tx), &base);
    if (e == E_OK) {
        both = pdf_source_joined(tx_arena(tx), &base, buf_bytes(&tail));
        e = signing_look_draw(tx, &both, rq->password, page, width, png);
    }
    buf_free(&tail);
    return e;
}
