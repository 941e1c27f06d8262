/*
 * test_signing_look.c - what a person sees before the PIN, through dispatch and with the renderer
 * itself: pictures for the owner alone, warnings, the password of an encrypted file, placing in all
 * its ways, the picture of the exact result, refusals beside their fields with nothing lost.
 */
#include "portal_kit.h"
#include "signing_kit.h"

#include "base/log.h"
#include "features/signing/signing_pages.h"
#include "net/render_client.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static struct fake *browser;
static pid_t renderer;
static struct str render_socket;

static void start_renderer(void)
{
    struct str dir = settings_str(kit.settings, "run_dir");
    struct str conf = str_fmt(kit.a, "%s/renderer.conf", dir.p);
    struct str exe = str_fmt(kit.a, "%s/renderer", getenv("SHOMEI_BUILDDIR"));
    FILE *f = fopen(conf.p, "w");

    if (!f || fprintf(f, "run_dir = %s\nlog.level = error\n", dir.p) < 0 || fclose(f) != 0)
        exit(1);
    render_socket = str_fmt(kit.a, "%s/renderer.sock", dir.p);
    renderer = fork();
    if (renderer == 0) {
        (void)execl(exe.p, "renderer", "--config", conf.p, (char *)NULL);
        _exit(127);
    }
    for (int i = 0; i < 500 && render_client_ping(render_socket) != E_OK; i++)
        (void)usleep(20000);
}

static void stop_renderer(void)
{
    if (renderer > 0) {
        (void)kill(renderer, SIGTERM);
        (void)waitpid(renderer, NULL, 0);
    }
    renderer = 0;
}

static struct fake_reply post(struct str doc, const char *part, const char *form)
{
    return fake_post(browser, str_fmt(kit.a, "%s%s", doc.p, part).p, form);
}

static struct fake_reply get(struct str doc, const char *part)
{
    return fake_get(browser, str_fmt(kit.a, "%s%s", doc.p, part).p);
}

static struct str uploaded(struct bytes pdf)
{
    return str_fmt(kit.a, "/documents/%s", signing_kit_upload(kit.hanako, pdf).p);
}

static bool is_png(const struct fake_reply *r)
{
    return r->status == 200 && r->body.n > 100 && memcmp(r->body.p, "\x89PNG", 4) == 0;
}

static struct bytes pdf_of(const char *const *objects, size_t n)
{
    struct buf b = buf_init(1 << 20);
    struct bytes out = BYTES_ABSENT;
    size_t *at = ARENA_ARRAY(kit.a, n, size_t), table;

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
    if (buf_to_bytes(&b, kit.a, &out) != E_OK)
        exit(1);
    buf_free(&b);
    return out;
}

static struct str form_of(const char *more)
{
    return str_fmt(kit.a, "credential=%s&level=ES&%s", kit.hanako_key.p, more);
}

static void pictures(struct str doc)
{
    struct fake_reply r = get(doc, "");
    ok(r.status == 200 && fake_reply_has(&r, "/pages/1.png"), "the page offers pictures");
    r = get(doc, "/pages/1.png");
    ok(is_png(&r), "a page is a PNG");
    struct str cache = fake_reply_header(browser, &r, "Cache-Control");
    ok(cache.p && strstr(cache.p, "no-store"), "that nobody keeps");
    is_int(get(doc, "/pages/99.png").status, 404, "a page that is not there");
    is_int(get(doc, "/pages/0.png").status, 404, "page nought");
    is_int(get(doc, "/pages/1.jpg").status, 404, "another kind of picture");
    struct fake *other = portal_kit_browser();
    is_int(fake_get(other, str_fmt(kit.a, "%s/pages/1.png", doc.p).p).status, 303,
           "nobody sees no picture");
    (void)portal_kit_sign_in(&kit.p, other, "taro", true);
    is_int(fake_get(other, str_fmt(kit.a, "%s/pages/1.png", doc.p).p).status, 404,
           "a colleague sees no picture");
    is_int(fake_post(other, str_fmt(kit.a, "%s/confirm", doc.p).p, form_of("").p).status, 404,
           "nor a preview");
    is_int(fake_post(other, str_fmt(kit.a, "%s/extend", doc.p).p, "kind=timestamp").status, 404,
           "nor may he extend it");
    fake_free(other);
}

static void placing(struct str doc)
{
    struct fake_reply r = post(doc, "/confirm", form_of("").p);
    ok(r.status == 200 && fake_reply_has(&r, "data:image/png;base64,iVBOR"),
       "the result is shown before the PIN, also of an invisible signature");
    r = post(doc, "/confirm",
             form_of("seal=text&show_name=1&anchor=top-left&page=1&reason=Fine+%26+good").p);
    ok(r.status == 200 && fake_reply_has(&r, "name=\"anchor\" value=\"top-left\"") &&
           fake_reply_has(&r, "Fine &amp; good"),
       "a place by its name; all that was chosen goes on");
    r = post(doc, "/confirm", form_of("seal=text&show_date=1&pages=all").p);
    ok(r.status == 200 && fake_reply_has(&r, "more pages in the same way"), "on every page");
    r = post(doc, "/confirm",
             form_of("seal=text&show_name=1&anchor=place&page=1&x=10.5&y=20&width=50&height=15").p);
    is_int(r.status, 200, "a place by numbers");
    r = post(doc, "/confirm",
             form_of("seal=text&show_name=1&anchor=place&x=900&y=20&reason=Kept").p);
    ok(r.status == 422 && fake_reply_has(&r, "value=\"Kept\"") &&
           fake_reply_has(&r, "value=\"900\""),
       "beyond the page: said beside the place, and nothing typed is lost");
    r = post(doc, "/confirm", form_of("seal=text&show_name=1&anchor=place&x=ten&y=20").p);
    ok(r.status == 422 && fake_reply_has(&r, "number of millimetres"), "no number");
    r = post(doc, "/confirm", form_of("seal=text&show_name=1&page=77").p);
    is_int(r.status, 422, "no such page");
    r = post(doc, "/confirm", form_of("seal=text").p);
    is_int(r.status, 422, "neither a picture nor words");
    r = post(doc, "/confirm", form_of("seal=AAAAAAAAAAAAAAAA&show_name=1").p);
    is_int(r.status, 422, "a seal of somebody else");
    r = post(doc, "/options", form_of("seal=text&reason=Back&anchor=left").p);
    ok(r.status == 200 && fake_reply_has(&r, "value=\"Back\"") &&
           fake_reply_has(&r, "value=\"left\" checked"),
       "going back keeps what was chosen");
}

/* As if half a minute had gone by. */
static void fresh_code(void)
{
    struct str none;
    is_err(harness_sql(kit.p.h, "UPDATE shomei.account_totp SET last_step = 0", &none), E_OK,
           "the code may be used once more");
}

static void visible(struct str doc)
{
    fresh_code();
    struct str form = str_fmt(
        kit.a, "%s&pin=" KIT_PIN "&totp=%s",
        form_of("seal=text&show_name=1&show_date=1&anchor=bottom-right&kind=certify-forms").p,
        people_code(&kit.p, "hanako").p);
    struct fake_reply r = post(doc, "/sign", form.p);

    is_int(r.status, 303, "signed with a visible seal, as a certification");
    r = get(doc, "/file");
    ok(r.status == 200 && fake_reply_has(&r, "/DocMDP") && !fake_reply_has(&r, "/Rect[0 0 0 0]"),
       "the file says so");
    r = get(doc, "");
    ok(fake_reply_has(&r, "Keep it provable for longer"), "evidence may be added");
    r = post(doc, "/extend", "kind=archive");
    is_int(r.status, 303, "and is");
    r = get(doc, "/file");
    is_str(signing_kit_verdict(bytes_dup(kit.a, bytes_of_str(r.body)), NULL, NULL), "total-passed",
           "and the result is good");
    is_int(post(doc, "/extend", "kind=other").status, 422, "another kind of evidence");
}

/* What a person kept comes back to be renewed; an unsigned file gets a timestamp alone. */
static void kept(struct str doc)
{
    struct fake_reply r = get(doc, "/file");
    struct str again = uploaded(bytes_dup(kit.a, bytes_of_str(r.body))), plain;

    r = get(again, "");
    ok(fake_reply_has(&r, "renew the archive timestamp"), "an uploaded file may be renewed");
    is_int(post(again, "/extend", "kind=archive").status, 303, "and is");
    plain = uploaded(kit.pdf);
    r = get(plain, "");
    ok(fake_reply_has(&r, "Only a timestamp") && !fake_reply_has(&r, "renew the archive timestamp"),
       "an unsigned one may be timestamped");
    r = post(plain, "/extend", "kind=timestamp");
    is_int(r.status, 303, "and is");
    r = fake_get(browser, portal_kit_location(browser, &r).p);
    ok(fake_reply_has(&r, "Evidence was added") && !fake_reply_has(&r, "is signed"),
       "and is not called signed");
}

static void warned(void)
{
    static const char *const objects[] = {
        "<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(app.alert)>>>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 595 842]>>",
        "<</Type/Page/Parent 2 0 R/Contents 4 0 R>>",
        "<</Length 12>>\nstream\n0 0 9 9 re f\nendstream",
    };
    struct str doc = uploaded(pdf_of(objects, 4));
    struct fake_reply r = get(doc, "");

    ok(r.status == 200 && fake_reply_has(&r, "contains a script") &&
           fake_reply_has(&r, "does something by itself"),
       "what is to be known of a file is said on its page");
    r = post(doc, "/confirm", form_of("").p);
    ok(fake_reply_has(&r, "contains a script"), "and once more before the PIN");
}

static void encrypted(void)
{
    struct str dir = settings_str(kit.settings, "run_dir");
    struct str in = str_fmt(kit.a, "%s/in.pdf", dir.p), out = str_fmt(kit.a, "%s/out.pdf", dir.p);
    static uint8_t bytes[1 << 20];
    struct fake_reply r;
    FILE *f = fopen(in.p, "wb");

    if (!f || fwrite(kit.pdf.p, 1, kit.pdf.n, f) != kit.pdf.n || fclose(f) != 0)
        exit(1);
    if (system(str_fmt(kit.a, "qpdf --encrypt secret-word own 256 -- '%s' '%s'", in.p, out.p).p)) {
        tap_skip("qpdf is not here");
        return;
    }
    f = fopen(out.p, "rb");
    size_t n = f ? fread(bytes, 1, sizeof bytes, f) : 0;
    if (f)
        (void)fclose(f);
    struct str doc = uploaded((struct bytes){ bytes, n });
    r = get(doc, "");
    ok(r.status == 200 && fake_reply_has(&r, "protected by a password") &&
           !fake_reply_has(&r, "/pages/1.png"),
       "the password is asked for first");
    r = post(doc, "/unlock", "password=other-word");
    ok(r.status == 422 && !fake_reply_has(&r, "other-word"), "a wrong one is told, and not shown");
    r = post(doc, "/unlock", "password=secret-word");
    is_int(r.status, 303, "the right one opens it");
    struct str cookie = fake_reply_header(browser, &r, "Set-Cookie");
    ok(cookie.p && strstr(cookie.p, "__Host-document=") && !strstr(cookie.p, "secret-word") &&
           strstr(cookie.p, "HttpOnly"),
       "it is remembered sealed");
    r = get(doc, "/pages/1.png");
    ok(is_png(&r), "its pages are shown");
    r = post(doc, "/confirm", form_of("seal=text&show_name=1").p);
    ok(r.status == 200 && fake_reply_has(&r, "data:image/png;base64,"), "and the result");
    struct str none;
    is_err(harness_sql(kit.p.h, "UPDATE shomei.account_totp SET last_step = 0", &none), E_OK,
           "the code may be used once more");
    r = post(
        doc, "/sign",
        str_fmt(kit.a, "%s&pin=" KIT_PIN "&totp=%s", form_of("").p, people_code(&kit.p, "hanako").p)
            .p);
    is_int(r.status, 303, "and it is signed");
    cookie = fake_reply_header(browser, &r, "Set-Cookie");
    ok(cookie.p && strstr(cookie.p, "__Host-document=;") && strstr(cookie.p, "Max-Age=0"),
       "then the password is forgotten");
}

/* A cross-reference that leads nowhere: told, and repaired on the person's word alone. */
static void damaged(void)
{
    static const char *const objects[] = {
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 595 842]>>",
        "<</Type/Page/Parent 2 0 R/Contents 4 0 R>>",
        "<</Length 12>>\nstream\n0 0 9 9 re f\nendstream",
    };
    struct bytes pdf = bytes_dup(kit.a, pdf_of(objects, 4));
    char *table = strstr((char *)(uintptr_t)pdf.p, "0000000009");
    memcpy(table, "0000000077", 10);
    struct str doc = uploaded(pdf);
    struct fake_reply r = get(doc, "");

    ok(r.status == 200 && fake_reply_has(&r, "cannot be signed as it is") &&
           fake_reply_has(&r, "/repair") && fake_reply_has(&r, "/pages/1.png") &&
           !fake_reply_has(&r, "name=\"credential\""),
       "a damaged file is told, and offered to be repaired");
    is_int(post(doc, "/confirm", form_of("").p).status, 422, "it is not signed as it is");
    struct fake *other = portal_kit_browser();
    (void)portal_kit_sign_in(&kit.p, other, "taro", true);
    is_int(fake_post(other, str_fmt(kit.a, "%s/repair", doc.p).p, "").status, 404,
           "nobody else has it repaired");
    fake_free(other);
    r = post(doc, "/repair", "");
    is_int(r.status, 303, "it is repaired");
    struct str fresh = str_dup(kit.a, portal_kit_location(browser, &r));
    ok(!str_eq(fresh, doc), "as a new document");
    r = get(fresh, "");
    ok(r.status == 200 && fake_reply_has(&r, "name=\"credential\"") &&
           fake_reply_has(&r, "/pages/1.png"),
       "that can be looked at and signed");
    r = get(doc, "");
    ok(fake_reply_has(&r, "are deleted"), "the damaged one is gone");
    is_int(post(fresh, "/repair", "").status, 422, "what is well is not repaired");
}

static void without_renderer(struct str doc)
{
    stop_renderer();
    is_int(get(doc, "/pages/1.png").status, 503, "without a renderer there is no picture");
    struct fake_reply r = post(doc, "/confirm", form_of("").p);
    ok(r.status == 200 && fake_reply_has(&r, "picture cannot be made") &&
           fake_reply_has(&r, "name=\"pin\""),
       "and one may sign without");
}

int main(int argc, char **argv)
{
    log_open("test_signing_look", LOG_LEVEL_ERROR);
    if (!signing_kit_start(argc, argv)) {
        tap_skip("SoftHSM is not installed");
        return tap_done();
    }
    start_renderer();
    portal_kit_add(signing_document_routes, signing_views);
    portal_kit_add(signing_look_routes, NULL);
    portal_kit_add(signing_picture_routes, NULL);
    portal_kit_add(signing_sign_routes, NULL);
    portal_kit_add(signing_extend_routes, NULL);
    portal_kit_add(signing_record_routes, NULL);
    portal_kit_start(&kit.p);
    browser = portal_kit_browser();
    is_int(portal_kit_sign_in(&kit.p, browser, "hanako", true), 303, "signed in with two factors");
    kit.p.now = timestamp_add(clock_now(), 30 * SECOND_US); /* that code is used */
    struct str doc = uploaded(kit.pdf);
    pictures(doc);
    placing(doc);
    visible(doc);
    kept(doc);
    warned();
    encrypted();
    damaged();
    without_renderer(doc);
    fake_free(browser);
    portal_kit_stop();
    stop_renderer();
    signing_kit_stop();
    return tap_done();
}
