/*
 * render.h - draws pages of a PDF with poppler and cairo. The only code that may use them: they run
 * in a process of the renderer that is locked in and ends after one request.
 */
#pragma once

#include "base/buf.h"
#include "base/secret.h"
#include "net/render_client.h"

/* No picture has more pixels: a longer page comes out smaller. */
enum { RENDER_PIXELS_MAX = 16 << 20, RENDER_EDGE_MAX = 16000 };

/* What takes long the first time: font configuration. Once, before children are made. */
void render_warm(void);
/* The opposite, at the end of the program. */
void render_end(void);

/*
 * Answer a request about the document in `fd`, a regular file or memfd that nobody changes; the
 * body is added to *out. E_INPUT "render-damaged"; E_INPUT "pdf-password-needed",
 * "pdf-password-wrong"; E_ABSENT "render-no-page"; E_LIMIT "render-too-large"; E_BACKEND
 * "render-failed".
 */
enum err render_answer(int fd, const struct render_client_request *rq,
                       const struct secret *password, struct buf *out) MUST_CHECK;
