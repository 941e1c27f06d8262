/* render.c - see render.h */
#include "render/render.h"

#include <cairo.h>
#include <fontconfig/fontconfig.h>
#include <math.h>
#include <poppler.h>

void render_warm(void)
{
    char *text;

    (void)FcInit();
    /* a password's conversion loads a module of libc, which the children may not read */
    text = g_convert("x", 1, "ISO-8859-1", "UTF-8", NULL, NULL, NULL);
    g_free(text);
}

void render_end(void)
{
    FcFini();
}

/*
 * By name, not by descriptor or from memory: poppler tries a password in two encodings, and only
 * what has a name is opened twice without harm. Its C string knows "no password" and the empty one
 * as the same.
 */
static enum err open_document(int fd, const struct secret *password, PopplerDocument **out)
{
    char name[40];
    char text[RENDER_CLIENT_PASSWORD_MAX + 1] = "";
    GError *error = NULL;
    enum err e = E_OK;

    if (password)
        memcpy(text, secret_bytes(password).p, secret_size(password));
    (void)snprintf(name, sizeof name, "file:///proc/self/fd/%d", fd);
    *out = poppler_document_new_from_file(name, password ? text : NULL, &error);
    secret_wipe(text, sizeof text);
    if (*out == NULL && g_error_matches(error, POPPLER_ERROR, POPPLER_ERROR_ENCRYPTED))
        e = FAIL(E_INPUT, password ? "pdf-password-wrong" : "pdf-password-needed", "encrypted");
    else if (*out == NULL)
        e = FAIL(E_INPUT, "render-damaged", "poppler: %s", error ? error->message : "?");
    g_clear_error(&error);
    return e;
}

/* Width and height as displayed; nonsense becomes one point. */
static struct render_client_size size_of(PopplerPage *page)
{
    struct render_client_size s = { 1, 1 };
    double w = 0, h = 0;

    poppler_page_get_size(page, &w, &h);
    if (isfinite(w) && w >= 1 && w <= 1e6)
        s.width = w;
    if (isfinite(h) && h >= 1 && h <= 1e6)
        s.height = h;
    return s;
}

static enum err list(PopplerDocument *d, const struct render_client_request *rq, struct buf *out)
{
    static struct render_client_size sizes[RENDER_CLIENT_LIST_MAX];
    int count = poppler_document_get_n_pages(d);
    struct render_client_list l = { .count = count > 0 ? (uint32_t)count : 0,
                                    .first = rq->page,
                                    .sizes = sizes };

    for (uint32_t i = rq->page; i <= l.count && l.sizes_n < RENDER_CLIENT_LIST_MAX; i++) {
        PopplerPage *page = poppler_document_get_page(d, (int)i - 1);
        sizes[l.sizes_n++] = page ? size_of(page) : (struct render_client_size){ 1, 1 };
        if (page)
            g_object_unref(page);
    }
    render_client_put_list(out, &l);
    return E_OK;
}

static cairo_status_t add_png(void *arg, const unsigned char *p, unsigned n)
{
    struct buf *b = arg;
    buf_add(b, p, n);
    return buf_ok(b) ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

/* Pixels per point, so that the picture is as wide as asked for and within the limits. */
static double scale_of(struct render_client_size s, uint32_t width)
{
    double scale = width / s.width;
    double area = sqrt(RENDER_PIXELS_MAX / (s.width * s.height));
    double edge = RENDER_EDGE_MAX / fmax(s.width, s.height);

    return fmin(scale, fmin(area, edge));
}

static enum err paint(PopplerPage *page, uint32_t width, struct buf *out)
{
    struct render_client_size s = size_of(page);
    double scale = scale_of(s, width);
    int w = (int)fmax(1, floor(s.width * scale + 0.5)),
        h = (int)fmax(1, floor(s.height * scale + 0.5));
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, w, h);
    cairo_t *c = cairo_create(surface);
    enum err e = E_OK;

    cairo_set_source_rgb(c, 1, 1, 1);
    cairo_paint(c);
    cairo_scale(c, w / s.width, h / s.height);
    poppler_page_render(page, c);
    cairo_surface_flush(surface);
    if (cairo_surface_write_to_png_stream(surface, add_png, out) != CAIRO_STATUS_SUCCESS)
        e = buf_ok(out) ? FAIL(E_BACKEND, "render-failed", "cairo: %s",
                               cairo_status_to_string(cairo_status(c)))
                        : FAIL(E_LIMIT, "render-too-large", "picture beyond %zu bytes", out->max);
    cairo_destroy(c);
    cairo_surface_destroy(surface);
    return e;
}

static enum err picture(PopplerDocument *d, const struct render_client_request *rq, struct buf *out)
{
    PopplerPage *page;
    enum err e;

    if (poppler_document_get_n_pages(d) < (int)rq->page)
        return FAIL(E_ABSENT, "render-no-page", "page %u", rq->page);
    page = poppler_document_get_page(d, (int)rq->page - 1);
    if (page == NULL)
        return FAIL(E_INPUT, "render-damaged", "page %u cannot be read", rq->page);
    e = paint(page, rq->width, out);
    g_object_unref(page);
    return e;
}

enum err render_answer(int fd, const struct render_client_request *rq,
                       const struct secret *password, struct buf *out)
{
    PopplerDocument *d = NULL;
    enum err e;

    if (rq->op == RENDER_CLIENT_PING)
        return E_OK;
    e = open_document(fd, password, &d);
    if (e != E_OK)
        return e;
    e = rq->op == RENDER_CLIENT_PAGES ? list(d, rq, out) : picture(d, rq, out);
    g_object_unref(d);
    return e;
}
