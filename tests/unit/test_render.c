/*
 * test_render.c - the renderer as a program: real pages against pdftoppm, passwords, hostile
 * documents and requests, and that none of them touches the next one.
 */
#include "base/clock.h"
#include "net/render_client.h"
#include "tap.h"

#include <cairo.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static struct arena *arena;
static char dir[] = "/tmp/shomei-render-XXXXXX";
static struct str socket_path;
static pid_t renderer;

/* --- the program --- */

static void start(void)
{
    struct str conf = str_fmt(arena, "%s/conf", dir);
    struct str exe = str_fmt(arena, "%s/renderer", getenv("SHOMEI_BUILDDIR"));
    FILE *f = fopen(conf.p, "w");

    if (!f)
        exit(1);
    (void)fprintf(f, "run_dir = %s\nrender.seconds = 2\nrender.children = 2\n", dir);
    (void)fprintf(f, "render.bytes = 20000000\nlog.level = error\n");
    (void)fclose(f);
    socket_path = str_fmt(arena, "%s/renderer.sock", dir);
    renderer = fork();
    if (renderer == 0) {
        (void)execl(exe.p, "renderer", "--config", conf.p, (char *)NULL);
        _exit(127);
    }
    for (int i = 0; i < 500 && render_client_ping(socket_path) != E_OK; i++)
        (void)usleep(20000);
}

static void stop(void)
{
    int status = -1;

    (void)kill(renderer, SIGTERM);
    (void)waitpid(renderer, &status, 0);
    ok(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the renderer ends when told to");
    (void)unlink(str_fmt(arena, "%s/conf", dir).p);
    (void)unlink(socket_path.p);
    (void)rmdir(dir);
}

/* --- documents --- */

static enum err read_memory(void *arg, uint64_t offset, uint8_t *p, size_t n)
{
    memcpy(p, ((const struct bytes *)arg)->p + offset, n);
    return E_OK;
}

static struct render_client_source source_of(struct bytes *pdf)
{
    return (struct render_client_source){ pdf->n, read_memory, pdf };
}

/* Objects 1.. as text, a table and a trailer around them. */
static struct bytes pdf_of(const char *const *objects, size_t n)
{
    struct buf b = buf_init(1 << 20);
    struct bytes out = BYTES_ABSENT;
    size_t *at = ARENA_ARRAY(arena, n, size_t), table;

    buf_add_z(&b, "%PDF-1.7\n");
    for (size_t i = 0; i < n; i++) {
        at[i] = b.n;
        buf_fmt(&b, "%zu 0 obj\n%s\nendobj\n", i + 1, objects[i]);
    }
    table = b.n;
    buf_fmt(&b, "xref\n0 %zu\n0000000000 65535 f \n", n + 1);
    for (size_t i = 0; i < n; i++)
        buf_fmt(&b, "%010zu 00000 n \n", at[i]);
    buf_fmt(&b, "trailer\n<</Size %zu/Root 1 0 R>>\nstartxref\n%zu\n%%%%EOF\n", n + 1, table);
    if (buf_to_bytes(&b, arena, &out) != E_OK)
        exit(1);
    buf_free(&b);
    return out;
}

static struct bytes page_of(const char *box, const char *content)
{
    const char *objects[] = {
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        str_fmt(arena, "<</Type/Page/Parent 2 0 R/MediaBox[%s]/Contents 4 0 R/Resources<<>>>>", box)
            .p,
        str_fmt(arena, "<</Length %zu>>\nstream\n%s\nendstream", strlen(content), content).p,
    };
    return pdf_of(objects, 4);
}

/* A red square in the lower left quarter of an A4 page. */
static struct bytes good(void)
{
    return page_of("0 0 595 842", "1 0 0 rg 0 0 297.5 421 re f");
}

static struct bytes file_bytes(const char *path)
{
    struct buf b = buf_init(64u << 20);
    struct bytes out = BYTES_ABSENT;
    FILE *f = fopen(path, "rb");
    uint8_t piece[65536];
    size_t n;

    while (f && (n = fread(piece, 1, sizeof piece, f)) > 0)
        buf_add(&b, piece, n);
    if (f)
        (void)fclose(f);
    if (b.n > 0 && buf_to_bytes(&b, arena, &out) != E_OK)
        exit(1);
    buf_free(&b);
    return out;
}

static enum err draw(struct bytes pdf, const struct secret *password, uint32_t page, uint32_t width,
                     struct bytes *png)
{
    struct render_client_source s = source_of(&pdf);
    struct buf b = buf_init(RENDER_CLIENT_PNG_MAX);
    enum err e = render_client_page(socket_path, &s, password, page, width, &b);

    if (e == E_OK && png && buf_to_bytes(&b, arena, png) != E_OK)
        exit(1);
    buf_free(&b);
    return e;
}

static bool still_well(void)
{
    return draw(good(), NULL, 1, 100, NULL) == E_OK;
}

/* --- pictures --- */

static cairo_status_t take_png(void *arg, unsigned char *p, unsigned n)
{
    struct bytes *left = arg;

    if (left->n < n)
        return CAIRO_STATUS_READ_ERROR;
    memcpy(p, left->p, n);
    left->p += n;
    left->n -= n;
    return CAIRO_STATUS_SUCCESS;
}

struct picture {
    cairo_surface_t *surface;
    int w, h, stride;
    const uint8_t *p;
};

static struct picture decode(struct bytes png)
{
    struct picture v = { .surface = cairo_image_surface_create_from_png_stream(take_png, &png) };

    v.w = cairo_image_surface_get_width(v.surface);
    v.h = cairo_image_surface_get_height(v.surface);
    v.stride = cairo_image_surface_get_stride(v.surface);
    v.p = cairo_image_surface_get_data(v.surface);
    return v;
}

static const uint8_t *at(const struct picture *v, int x, int y)
{
    return v->p + (ptrdiff_t)y * v->stride + (ptrdiff_t)x * 4;
}

/* Mean green of a block of 16 pixels square: two programs differ in each edge, not in a block. */
static int mean(const struct picture *v, int x, int y)
{
    int sum = 0;
    for (int j = 0; j < 16; j++)
        for (int i = 0; i < 16; i++)
            sum += at(v, x + i, y + j)[1];
    return sum / 256;
}

/* The greatest difference of any block; 255 when the sizes differ. */
static int difference(struct bytes left, struct bytes right)
{
    struct picture l = decode(left), r = decode(right);
    int worst = l.w != r.w || abs(l.h - r.h) > 1 ? 255 : 0;

    for (int y = 0; worst < 255 && y + 16 < l.h - 1; y += 16)
        for (int x = 0; x + 16 < l.w; x += 16) {
            int d = abs(mean(&l, x, y) - mean(&r, x, y));
            worst = d > worst ? d : worst;
        }
    cairo_surface_destroy(l.surface);
    cairo_surface_destroy(r.surface);
    return worst;
}

/* --- tests --- */

static void test_page(void)
{
    struct bytes pdf = good(), png = BYTES_ABSENT;
    struct render_client_source s = source_of(&pdf);
    struct render_client_list l = { 0 };

    is_err(render_client_pages(socket_path, &s, NULL, 1, arena, &l), E_OK, "a list of pages");
    ok(l.count == 1 && l.sizes_n == 1 && l.sizes[0].width == 595 && l.sizes[0].height == 842,
       "one A4 page");
    is_err(draw(pdf, NULL, 1, 595, &png), E_OK, "a page is drawn");
    struct picture v = decode(png);
    ok(v.w == 595 && v.h == 842, "as wide as asked for, the height as it comes");
    ok(at(&v, 20, 800)[2] == 255 && at(&v, 20, 800)[1] == 0, "red at the lower left");
    ok(at(&v, 500, 100)[1] == 255, "white paper elsewhere");
    cairo_surface_destroy(v.surface);
    is_err(draw(pdf, NULL, 2, 595, NULL), E_ABSENT, "a page that is not there is absent");
}

/* The pages of other people's programs, side by side with poppler's own tool. */
static void test_against_pdftoppm(void)
{
    static const char *const names[] = { "001-pdf-lib-fancy_fields",
                                         "004-pdf-lib-with_annots",
                                         "023-qpdf-tokens",
                                         "014-pypdf-FormTestFromOo",
                                         "015-pypdf-GeoBase_NHNC1_Data_Model_UML_EN",
                                         "019-qpdf-deterministic-id-in" };
    const char *top = getenv("SHOMEI_SRCDIR");

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct str path = str_fmt(arena, "%s/../shared/pdfs/%s.pdf", top ? top : ".", names[i]);
        struct str out = str_fmt(arena, "%s/judge", dir);
        struct str run = str_fmt(arena,
                                 "pdftoppm -png -f 1 -l 1 -singlefile -scale-to-x 800 "
                                 "-scale-to-y -1 '%s' '%s' 2>/dev/null",
                                 path.p, out.p);
        struct bytes pdf = file_bytes(path.p), png = BYTES_ABSENT, judge;
        if (pdf.n == 0 || system(run.p) != 0) {
            tap_skip("%s: the file or pdftoppm is not here", names[i]);
            continue;
        }
        struct str file = str_fmt(arena, "%s.png", out.p);
        judge = file_bytes(file.p);
        (void)unlink(file.p);
        is_err(draw(pdf, NULL, 1, 800, &png), E_OK, names[i]);
        int d = difference(png, judge);
        ok(d < 40, "%s looks as pdftoppm shows it (greatest difference %d)", names[i], d);
    }
}

static void test_password(void)
{
    struct str in = str_fmt(arena, "%s/in.pdf", dir), out = str_fmt(arena, "%s/out.pdf", dir);
    struct bytes pdf = good();
    FILE *f = fopen(in.p, "wb");

    if (!f || fwrite(pdf.p, 1, pdf.n, f) != pdf.n || fclose(f) != 0)
        exit(1);
    if (system(str_fmt(arena, "qpdf --encrypt 'open' 'own' 256 -- '%s' '%s'", in.p, out.p).p) ==
        0) {
        struct secret *right = secret_from("open", 4), *wrong = secret_from("shut", 4);
        pdf = file_bytes(out.p);
        is_err(draw(pdf, NULL, 1, 100, NULL), E_INPUT, "an encrypted file needs a password");
        is_err(draw(pdf, wrong, 1, 100, NULL), E_INPUT, "not any password");
        ok(strcmp(fault_current()->reason, "pdf-password-wrong") == 0, "and the reason says so");
        is_err(draw(pdf, right, 1, 100, NULL), E_OK, "the right one opens it");
        secret_free(right);
        secret_free(wrong);
    } else {
        tap_skip("qpdf is not here");
    }
    (void)unlink(in.p);
    (void)unlink(out.p);
}

/* 2^40 squares out of forty forms, each of which draws the one before it twice. */
static struct bytes slow(void)
{
    const char *objects[46] = { "<</Type/Catalog/Pages 2 0 R>>",
                                "<</Type/Pages/Kids[3 0 R]/Count 1>>",
                                "<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 600]/Contents 4 0 R"
                                "/Resources<</XObject<</X 44 0 R>>>>>>",
                                "<</Length 5>>\nstream\n/X Do\nendstream",
                                "<</Type/XObject/Subtype/Form/BBox[0 0 600 600]/Length 15>>\n"
                                "stream\n0 0 600 600 re f\nendstream" };

    for (int i = 5; i < 44; i++)
        objects[i] =
            str_fmt(arena,
                    "<</Type/XObject/Subtype/Form/BBox[0 0 600 600]/Length 11"
                    "/Resources<</XObject<</X %d 0 R>>>>>>\nstream\n/X Do /X Do\nendstream",
                    i)
                .p;
    return pdf_of(objects, 44);
}

static void test_hostile(void)
{
    static const char *const boxes[] = { "0 0 1e9 1e9", "0 0 0 0", "0 0 1 1000000", "5 5 -5 -5" };
    struct bytes pdf = good();

    is_err(draw((struct bytes){ pdf.p, pdf.n / 4 }, NULL, 1, 100, NULL), E_INPUT,
           "the beginning of a file is damaged");
    ok(still_well(), "the next request is served");
    is_err(draw((struct bytes){ (const uint8_t *)"hello", 5 }, NULL, 1, 100, NULL), E_INPUT,
           "no PDF at all");
    for (size_t i = 0; i < sizeof boxes / sizeof *boxes; i++) {
        enum err e = draw(page_of(boxes[i], "0 0 9 9 re f"), NULL, 1, 2400, NULL);
        ok(e == E_OK || e == E_INPUT || e == E_BACKEND, "a page of [%s] ends well", boxes[i]);
        ok(still_well(), "and so does the one behind it");
    }
    int64_t began = clock_monotonic_us();
    is_err(draw(slow(), NULL, 1, 2000, NULL), E_BACKEND, "a page that takes for ever is given up");
    ok(strcmp(fault_current()->reason, "render-failed") == 0, "and the reason says so");
    tap_note("after %lld ms", (long long)(clock_monotonic_us() - began) / 1000);
    ok(still_well(), "the next request is served");
    struct bytes big = { arena_alloc(arena, 20000001), 20000001 };
    is_err(draw(big, NULL, 1, 100, NULL), E_LIMIT, "a document beyond the limit is refused");
}

/* --- raw requests --- */

static int dial(void)
{
    struct sockaddr_un sa = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    memcpy(sa.sun_path, socket_path.p, socket_path.n);
    if (fd < 0 || connect(fd, (struct sockaddr *)&sa, sizeof sa) != 0)
        exit(1);
    return fd;
}

/* Send these bytes, with a descriptor when it is not -1; what the answer says. */
static enum err ask_raw(const void *p, size_t n, int document)
{
    uint8_t head[RENDER_CLIENT_ANSWER];
    uint32_t body;
    int fd = dial();
    struct iovec part = { (void *)(uintptr_t)p, n };
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof(int))];
    } control = { .room = { 0 } };
    struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1 };

    if (document >= 0) {
        m.msg_control = control.room;
        m.msg_controllen = sizeof control.room;
        struct cmsghdr *c = CMSG_FIRSTHDR(&m);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof document);
        memcpy(CMSG_DATA(c), &document, sizeof document);
    }
    (void)sendmsg(fd, &m, MSG_NOSIGNAL);
    (void)shutdown(fd, SHUT_WR);
    ssize_t k = recv(fd, head, sizeof head, MSG_WAITALL);
    (void)close(fd);
    if (k != (ssize_t)sizeof head)
        return E_INTERNAL;
    return render_client_answer_parse(head, &body);
}

static void test_requests(void)
{
    uint8_t head[RENDER_CLIENT_HEAD], long_one[RENDER_CLIENT_HEAD];
    struct render_client_request rq = { .op = RENDER_CLIENT_PAGE, .page = 1, .width = 100 };
    struct bytes pdf = good();
    int fd = memfd_create("x", MFD_ALLOW_SEALING), pair[2];

    render_client_head(&rq, head);
    if (fd < 0 || write(fd, pdf.p, pdf.n) != (ssize_t)pdf.n || pipe(pair) != 0)
        exit(1);
    is_err(ask_raw(head, sizeof head, -1), E_INPUT, "a request without a document");
    is_err(ask_raw(head, sizeof head, fd), E_INPUT, "a document that could still change");
    is_err(ask_raw(head, sizeof head, pair[0]), E_INPUT, "a pipe is no document");
    is_err(ask_raw("GET / HTTP/1.1\r\nHost: me\r\n\r\n", 28, -1), E_INPUT, "another protocol");
    is_err(ask_raw(head, 5, -1), E_INPUT, "half a head");
    memcpy(long_one, head, sizeof head);
    memset(long_one + 16, 0xff, 4);
    long_one[23] = 1;
    is_err(ask_raw(long_one, sizeof long_one, fd), E_INPUT, "a password of 4 GB");
    memcpy(long_one, head, sizeof head);
    memset(long_one + 12, 0xff, 4);
    is_err(ask_raw(long_one, sizeof long_one, fd), E_INPUT, "a picture 4 billion pixels wide");
    ok(still_well(), "none of them hurts the next");
    (void)close(fd);
    (void)close(pair[0]);
    (void)close(pair[1]);
}

/* --- the sandbox --- */

/* The line of /proc/PID/status that begins so; its number, or -1. */
static int status_of(int pid, const char *what)
{
    char line[256];
    int value = -1;
    FILE *f = fopen(str_fmt(arena, "/proc/%d/status", pid).p, "r");

    while (f && fgets(line, sizeof line, f))
        if (strncmp(line, what, strlen(what)) == 0)
            value = (int)strtol(line + strlen(what), NULL, 10);
    if (f)
        (void)fclose(f);
    return value;
}

/* The renderer's first child; 0: none; -1: the kernel does not say. */
static int first_child(void)
{
    char line[64] = "";
    FILE *f =
        fopen(str_fmt(arena, "/proc/%d/task/%d/children", (int)renderer, (int)renderer).p, "r");

    if (!f)
        return -1;
    if (!fgets(line, sizeof line, f))
        line[0] = 0;
    (void)fclose(f);
    return (int)strtol(line, NULL, 10);
}

/* A child at work on a slow page is locked in; killing it hurts nobody but its asker. */
static void test_child(void)
{
    int child = 0, mode = -1;

    for (int i = 0; i < 200 && first_child() > 0; i++)
        (void)usleep(10000);
    pid_t asker = fork();
    if (asker == 0)
        _exit(draw(slow(), NULL, 1, 2000, NULL) == E_BACKEND ? 0 : 1);
    for (int i = 0; i < 150 && mode != 2; i++) {
        child = first_child();
        mode = child > 0 ? status_of(child, "Seccomp:") : -1;
        (void)usleep(10000);
    }
    if (child > 0) {
        ok(mode == 2, "a child's system calls are filtered");
        ok(status_of(child, "NoNewPrivs:") == 1, "it cannot gain rights");
        ok(kill(child, SIGKILL) == 0, "it is killed");
        int status = -1;
        (void)waitpid(asker, &status, 0);
        ok(WIFEXITED(status) && WEXITSTATUS(status) == 0, "its asker is told that it failed");
    } else {
        tap_skip("the kernel tells no children");
        (void)waitpid(asker, NULL, 0);
    }
    ok(still_well(), "others are served");
}

int main(void)
{
    arena = arena_new(256u << 20);
    if (!getenv("SHOMEI_BUILDDIR") || !mkdtemp(dir))
        return 1;
    start();
    test_page();
    test_against_pdftoppm();
    test_password();
    test_hostile();
    test_requests();
    test_child();
    stop();
    arena_free(arena);
    return tap_done();
}
