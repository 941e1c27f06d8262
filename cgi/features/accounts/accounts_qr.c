/* accounts_qr.c - a QR code (ISO/IEC 18004, by libqrencode) as an SVG element for a page. */
#include "features/accounts/accounts_totp.h"

#include "base/buf.h"

#include <qrencode.h>

#define QUIET 4 /* modules of quiet zone, ISO/IEC 18004 */

static void add_escaped(struct buf *b, struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        switch (s.p[i]) {
        case '&':
            buf_add_z(b, "&amp;");
            break;
        case '<':
            buf_add_z(b, "&lt;");
            break;
        case '>':
            buf_add_z(b, "&gt;");
            break;
        default:
            buf_add_char(b, s.p[i]);
        }
    }
}

/* One path of horizontal runs: small, sharp at any size, and no style attribute (CSP). */
static void add_modules(struct buf *b, const QRcode *qr)
{
    for (int y = 0; y < qr->width; y++) {
        for (int x = 0; x < qr->width;) {
            int run = 0;
            while (x + run < qr->width && (qr->data[y * qr->width + x + run] & 1))
                run++;
            if (run > 0)
                buf_fmt(b, "M%d %dh%dv1h-%dz", x + QUIET, y + QUIET, run, run);
            x += run > 0 ? run : 1;
        }
    }
}

enum err accounts_qr_svg(struct arena *a, struct str text, struct str title, struct str *out)
{
    QRcode *qr = QRcode_encodeString8bit(text.p, 0, QR_ECLEVEL_M);
    struct buf b = buf_init(256 * 1024);
    enum err err;
    int side;

    if (!qr)
        return FAIL(E_LIMIT, "", "text of %zu bytes does not fit a QR code", text.n);
    side = qr->width + 2 * QUIET;
    /* White ground and black modules also in dark mode: many readers need it. */
    buf_fmt(&b,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"264\" "
            "height=\"264\" role=\"img\" shape-rendering=\"crispEdges\"><title>",
            side, side);
    add_escaped(&b, title);
    buf_fmt(&b, "</title><path fill=\"#fff\" d=\"M0 0h%dv%dh-%dz\"/><path fill=\"#000\" d=\"", side,
            side, side);
    add_modules(&b, qr);
    buf_add_z(&b, "\"/></svg>");
    QRcode_free(qr);
    err = buf_to_str(&b, a, out);
    buf_free(&b);
    return err;
}
