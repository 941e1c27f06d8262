/* pdf_flate.c - see pdf_flate.h. */
#include "sign/pdf_flate.h"

#include <zlib.h>

enum err pdf_flate(struct bytes data, struct buf *out)
{
    size_t begin = out->n, room = compressBound(data.n);
    uLongf n = room;
    uint8_t *p = buf_extend(out, room);

    if (p == NULL || compress2(p, &n, data.p, data.n, 6) != Z_OK)
        return FAIL(E_INTERNAL, "", "zlib: %zu bytes", data.n);
    buf_cut(out, begin + n);
    return E_OK;
}
