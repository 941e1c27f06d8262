/*
 * pdf_seal_image.c - see pdf_seal_image.h. ISO 32000-2 8.9.5 (images), 11.6.5.2 (soft masks).
 */
#include "sign/pdf_seal_image.h"

#include "sign/pdf_flate.h"
#include "sign/pdf_image.h"

#include <stdlib.h>

#define STREAM_MAX ((size_t)PDF_IMAGE_PIXELS_MAX * 4 + (1u << 20))

enum err pdf_seal_image_stream(struct pdf_append *w, uint32_t id, const char *entries,
                               struct bytes data)
{
    struct buf packed = buf_init(STREAM_MAX);
    enum err e = pdf_flate(data, &packed);
    if (e == E_OK)
        pdf_append_stream_with(w, id, str_fmt(w->arena, "%s/Filter/FlateDecode", entries),
                               buf_bytes(&packed));
    buf_free(&packed);
    return e;
}

/* Some of the channels of each pixel, side by side. */
static enum err put_channels(struct pdf_append *w, uint32_t id, const struct pdf_image *m,
                             size_t from, size_t count, uint32_t mask)
{
    size_t n = (size_t)m->width * m->height;
    uint8_t *p = malloc(n * count);
    struct str entries = str_fmt(w->arena,
                                 "/Type/XObject/Subtype/Image/Width %u/Height %u/BitsPerComponent 8"
                                 "/ColorSpace/%s",
                                 m->width, m->height, count == 3 ? "DeviceRGB" : "DeviceGray");
    if (p == NULL)
        return FAIL(E_BUSY, "", "no memory");
    for (size_t i = 0; i < n; i++)
        memcpy(p + i * count, m->rgba + i * 4 + from, count);
    if (mask)
        entries = str_fmt(w->arena, "%s/SMask %u 0 R", entries.p, mask);
    enum err e = pdf_seal_image_stream(w, id, entries.p, (struct bytes){ p, n * count });
    free(p);
    return e;
}

static enum err put_jpeg(struct pdf_append *w, uint32_t id, const struct pdf_look *look,
                         const struct pdf_image *m)
{
    struct buf clean = buf_init(2 * PDF_IMAGE_BYTES_MAX);
    enum err e = pdf_image_jpeg(look->image, &clean);
    if (e == E_OK)
        pdf_append_stream_with(
            w, id,
            str_fmt(w->arena,
                    "/Type/XObject/Subtype/Image/Width %u/Height %u/BitsPerComponent 8"
                    "/ColorSpace/%s/Filter/DCTDecode",
                    m->width, m->height, m->photo == 1 ? "DeviceGray" : "DeviceRGB"),
            buf_bytes(&clean));
    buf_free(&clean);
    return e;
}

enum err pdf_seal_image_write(struct pdf_append *w, const struct pdf_look *look,
                              struct pdf_seal_shared *s)
{
    struct pdf_image m;
    uint32_t mask = 0;
    enum err e = pdf_image_decode(look->image, &m);

    if (e != E_OK)
        goto out;
    s->aspect = (double)m.width / m.height;
    s->image = pdf_append_new_id(w);
    if (m.photo) {
        e = put_jpeg(w, s->image, look, &m);
        if (e != E_INPUT) /* coefficients that no JPEG can hold: its pixels then */
            goto out;
        fault_clear();
        e = E_OK;
    }
    if (!m.opaque) {
        mask = pdf_append_new_id(w);
        e = put_channels(w, mask, &m, 3, 1, 0);
    }
    if (e == E_OK)
        e = put_channels(w, s->image, &m, 0, m.grey ? 1 : 3, mask);
out:
    pdf_image_free(&m);
    return e;
}
