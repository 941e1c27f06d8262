/*
 * test_signing_seals.c - the library of seals and of placements: kept encrypted, for the owner
 * alone, with clear refusals; pages through dispatch (issue 3.3).
 */
#include "portal_kit.h"
#include "signing_kit.h"

#include "base/log.h"
#include "features/signing/signing_pages.h"
#include "features/signing/signing_seal.h"
#include "sign/pdf_image.h"
#include "sign/pdf_seal.h"

static struct fake *browser;
static const struct audit_by nobody = { .name = { "test", 4 } };

static struct bytes picture(void)
{
    static uint8_t pixels[20 * 20 * 4];
    struct pdf_image m = { .width = 20, .height = 20, .rgba = pixels };
    struct buf png = buf_init(1 << 20);
    for (size_t i = 0; i < 400; i++)
        memcpy(pixels + 4 * i, i % 3 ? "\xff\xff\xff\xff" : "\xd0\x20\x10\xff", 4);
    enum err e = pdf_image_png(&m, &png);
    struct bytes out = e == E_OK ? bytes_dup(kit.a, buf_bytes(&png)) : BYTES_ABSENT;
    buf_free(&png);
    return out;
}

static int64_t count(const char *sql)
{
    return harness_count(kit.p.h, sql);
}

static enum err store(struct signing_owner owner, struct signing_seal_new s, struct str *id)
{
    struct tx *tx = people_tx(&kit.p, kit.p.portal);
    enum err e = signing_seal_store(tx, owner, &s, &nobody, kit.p.now, id);
    *id = e == E_OK ? str_dup(kit.a, *id) : STR("");
    if (e == E_OK)
        people_end(tx);
    else
        people_undo(tx);
    return e;
}

static enum err look(struct signing_owner owner, struct str id, struct pdf_look *out)
{
    struct signing_seal_captions c = { STR("山田 花子"), STR_ABSENT, STR("2026年11月20日") };
    struct tx *tx = people_tx(&kit.p, kit.p.portal);
    enum err e = signing_seal_look(tx, owner, id, &c, out);
    if (e == E_OK) {
        out->image = bytes_dup(kit.a, out->image);
        out->text = str_absent(out->text) ? out->text : str_dup(kit.a, out->text);
    }
    people_undo(tx);
    return e;
}

static void kept(void)
{
    struct signing_seal_new drawn = { .kind = SIGNING_SEAL_ROUND,
                                      .label = STR("認印"),
                                      .text = STR("山田") };
    struct signing_seal_new image = {
        .kind = SIGNING_SEAL_IMAGE, .label = STR("scan"), .image = picture(), .clear_paper = true
    };
    struct str one, two, none;
    struct pdf_look l;

    is_err(store(kit.hanako, drawn, &one), E_OK, "a drawn seal is kept");
    is_err(store(kit.hanako, image, &two), E_OK, "a picture is kept");
    is_int(count("SELECT COUNT(*) FROM shomei.seal WHERE INSTR(sealed, 'PNG') > 0 OR "
                 "INSTR(sealed, '山田') > 0 OR LENGTH(wrapped_key) < 60"),
           0, "only encrypted bytes are stored");
    is_int(count("SELECT COUNT(DISTINCT wrapped_key) FROM shomei.seal"), 2,
           "each under a key of its own");
    is_int(count("SELECT COUNT(*) FROM shomei.seal WHERE main AND kind = 'round'"), 1,
           "the first one is the main one");
    ok(look(kit.hanako, one, &l) == E_OK && l.kind == PDF_SEAL_ROUND && str_eq_z(l.text, "山田") &&
           str_eq_z(l.name, "山田 花子") && pdf_seal_check(&l) == E_OK,
       "its look is the owner's to use");
    struct pdf_image m = { .width = 0 };
    ok(look(kit.hanako, two, &l) == E_OK && pdf_image_decode(l.image, &m) == E_OK && !m.opaque,
       "white paper became transparent");
    pdf_image_free(&m);
    is_err(look(kit.taro, one, &l), E_ABSENT, "a colleague cannot use it");
    is_err(look(kit.alice, one, &l), E_ABSENT, "nor can another tenant");
    is_err(look(SIGNING_SEAL_ORGANISATION(kit.hanako.tenant), one, &l), E_ABSENT,
           "nor can the organisation");
    is_err(look(kit.hanako, STR_ABSENT, &l), E_OK, "captions alone need no seal");
    is_err(harness_sql(kit.p.h,
                       str_fmt(kit.a,
                               "UPDATE shomei.seal SET account_id = %llu WHERE public_id = '%s'",
                               (unsigned long long)kit.taro.account.v, one.p)
                           .p,
                       &none),
           E_OK, "somebody with the database gives the seal to another");
    is_err(look(kit.taro, one, &l), E_BACKEND, "who still cannot use it: seal-damaged");
    is_err(harness_sql(kit.p.h, "DELETE FROM shomei.seal", &none), E_OK, "begin again");
}

static void limits(void)
{
    struct signing_seal_new s = { .kind = SIGNING_SEAL_SQUARE,
                                  .label = STR("x"),
                                  .text = STR("山田") };
    struct str id, none;
    enum err e = E_OK;

    for (int i = 0; i < SIGNING_SEALS_MAX && e == E_OK; i++)
        e = store(kit.hanako, s, &id);
    is_err(e, E_OK, "twenty seals");
    is_err(store(kit.hanako, s, &id), E_LIMIT, "not one more");
    is_str(str_z(fault_current()->reason), "seals-too-many", "for that reason");
    is_err(store(kit.taro, s, &id), E_OK, "others have their own twenty");
    is_err(harness_sql(kit.p.h, "DELETE FROM shomei.seal", &none), E_OK, "begin again");
}

static void organisation(void)
{
    struct signing_owner org = SIGNING_SEAL_ORGANISATION(kit.hanako.tenant);
    struct signing_seal_new s = { .kind = SIGNING_SEAL_SQUARE,
                                  .label = STR("社印"),
                                  .text = STR("桜商事株式会社之印") };
    struct pdf_look l;
    struct str id;

    is_err(store(org, s, &id), E_OK, "a seal of the organisation");
    signing_kit_as_api();
    struct tx *tx = people_tx(&kit.p, kit.api);
    is_err(signing_seal_look(tx, kit.client, id, NULL, &l), E_OK, "its system may use it");
    struct signing_owner foreign = { .tenant = kit.alice.tenant, .client = kit.client.client };
    is_err(signing_seal_look(tx, foreign, id, NULL, &l), E_ABSENT, "another tenant's may not");
    people_undo(tx);
    signing_kit_as_portal();
    is_err(look(kit.hanako, id, &l), E_ABSENT, "nor may its people");
}

static struct str location(const struct fake_reply *r)
{
    return str_dup(kit.a, portal_kit_location(browser, r));
}

static void pages(void)
{
    struct fake_reply r = fake_get(browser, "/seals");
    ok(r.status == 200 && fake_reply_has(&r, "You have no seal here yet"), "an empty list");
    r = fake_get(browser, "/seals/new");
    ok(r.status == 200 && fake_reply_has(&r, "data:image/png;base64,"),
       "a seal is proposed from the family name");
    r = fake_upload(browser, "/seals", "kind=round&text=%E5%B1%B1%E7%94%B0&show=1", NULL, NULL,
                    BYTES_ABSENT);
    ok(r.status == 200 && fake_reply_has(&r, "data:image/png;base64,"), "shown first");
    is_int(count("SELECT COUNT(*) FROM shomei.seal WHERE account_id IS NOT NULL"), 0,
           "which keeps nothing");
    r = fake_upload(browser, "/seals",
                    "kind=round&text=%E5%B1%B1%E7%94%B0%E5%A4%AA%E9%83%8E%E5%8D%B0", NULL, NULL,
                    BYTES_ABSENT);
    ok(r.status == 422 && fake_reply_has(&r, "1 to 4 characters"), "too many characters: told");
    r = fake_upload(browser, "/seals", "kind=round&text=%F0%9F%98%80", NULL, NULL, BYTES_ABSENT);
    ok(r.status == 422 && fake_reply_has(&r, "cannot be drawn"), "no such letter: told");
    r = fake_upload(browser, "/seals", "kind=image", NULL, NULL, BYTES_ABSENT);
    ok(r.status == 422 && fake_reply_has(&r, "Choose a picture"), "no file: told");
    r = fake_upload(browser, "/seals", "kind=image", "file", "a.gif", bytes_of_str(STR("GIF89a")));
    ok(r.status == 422 && fake_reply_has(&r, "neither a PNG nor a JPEG"), "a GIF: told");
    static uint8_t large[5u << 20];
    r = fake_upload(browser, "/seals", "kind=image", "file", "a.png",
                    (struct bytes){ large, sizeof large });
    ok(r.status == 422 && fake_reply_has(&r, "At most 4 MB"), "five megabytes: told");
    r = fake_upload(browser, "/seals", "kind=image&clear_paper=1", "file", "印影 <1>.png",
                    picture());
    is_int(r.status, 303, "a picture is taken");
    r = fake_upload(browser, "/seals", "kind=square&text=%E5%B1%B1%E7%94%B0&label=%E8%A7%92", NULL,
                    NULL, BYTES_ABSENT);
    is_str(location(&r), "/seals", "a drawn one too");
    r = fake_get(browser, "/seals");
    ok(r.status == 200 && fake_reply_has(&r, "印影 &lt;1&gt;.png") && fake_reply_has(&r, ".png\""),
       "both are listed, escaped");
}

static struct str id_of(const char *kind)
{
    struct str out;
    if (harness_sql(kit.p.h,
                    str_fmt(kit.a,
                            "SELECT public_id FROM shomei.seal WHERE kind = '%s' AND account_id IS "
                            "NOT NULL",
                            kind)
                        .p,
                    &out) != E_OK)
        return STR("");
    return str_dup(kit.a, str_trim(kit.a, out));
}

static void one(void)
{
    struct str image = id_of("image"), square = id_of("square");
    struct str page = str_fmt(kit.a, "/seals/%s", image.p);
    struct str png = str_fmt(kit.a, "/seals/%s.png", image.p);
    struct fake_reply r = fake_get(browser, png.p);

    ok(r.status == 200 && r.body.n > 60 && memcmp(r.body.p, "\x89PNG", 4) == 0, "the picture");
    ok(fake_reply_has(&r, "") && memmem(r.headers.p, r.headers.n, "no-store", 8),
       "is kept by nobody");
    is_int(fake_get(browser, page.p).status, 200, "a page for each");
    struct fake *other = portal_kit_browser();
    (void)portal_kit_sign_in(&kit.p, other, "taro", true);
    is_int(fake_get(other, png.p).status, 404, "a colleague does not see the picture");
    is_int(fake_get(other, page.p).status, 404, "nor the page");
    is_int(fake_post(other, str_fmt(kit.a, "%s/delete", page.p).p, "").status, 404,
           "and cannot delete it");
    is_int(fake_get(other, "/seals?of=organisation").status, 403,
           "the organisation's are its administrators'");
    is_int(fake_post(other, str_fmt(kit.a, "%s/main?of=organisation", page.p).p, "").status, 403,
           "to change as well");
    fake_free(other);
    is_int(fake_post(browser, str_fmt(kit.a, "/seals/%s/main", square.p).p, "").status, 303,
           "another one becomes the main one");
    is_int(count("SELECT COUNT(*) FROM shomei.seal WHERE main AND kind = 'square' AND account_id "
                 "IS NOT NULL"),
           1, "and only that");
    r = fake_get(browser, str_fmt(kit.a, "/seals/%s/delete", square.p).p);
    ok(r.status == 200 && fake_reply_has(&r, "cannot be brought back"), "deleting is confirmed");
    is_int(fake_post_bare(browser, str_fmt(kit.a, "/seals/%s/delete", square.p).p, "").status, 403,
           "not without the token");
}

static void administrator(void)
{
    struct fake *admin = portal_kit_browser();
    struct fake_reply r;

    (void)people_add(&kit.p, kit.p.sakura, "seal-admin", ROLE_CUSTOMER_ADMIN, true);
    (void)portal_kit_sign_in(&kit.p, admin, "seal-admin", true);
    r = fake_get(admin, "/seals?of=organisation");
    ok(r.status == 200 && fake_reply_has(&r, "社印"), "administrators see the organisation's");
    r = fake_upload(admin, "/seals", "of=organisation&kind=square&text=%E6%A1%9C", NULL, NULL,
                    BYTES_ABSENT);
    is_str(location(&r), "/seals?of=organisation", "and add to them");
    fake_free(admin);
}

static void placements(void)
{
    struct str square = id_of("square");
    struct fake_reply r = fake_get(browser, "/seals/templates");

    ok(r.status == 200 && fake_reply_has(&r, "There is no placement yet"), "no placement yet");
    r = fake_get(browser, "/seals/templates/new");
    is_int(r.status, 200, "a form");
    const char *good = "of=mine&name=Weekly&seal=%s&rule=last&page=1&x=150&y=30.5&width=18&height="
                       "18&show_date=1&reason=OK&level=ES-T&certify=2";
    r = fake_post(browser, "/seals/templates",
                  "of=mine&name=W&rule=last&x=a&y=30.55&width=2&height=301");
    ok(r.status == 422 && fake_reply_has(&r, "from 0 to 1000") &&
           fake_reply_has(&r, "from 3 to 300"),
       "what is no length is told");
    r = fake_post(
        browser, "/seals/templates",
        str_fmt(kit.a, "of=mine&name=W&seal=%s&rule=last&x=1&y=1&width=9&height=9", "nosuchseal")
            .p);
    ok(r.status == 422 && fake_reply_has(&r, "Choose one of your seals"), "no such seal");
    struct buf b = buf_init(1000);
    buf_add_z(&b, "of=mine&name=Weekly&seal=");
    buf_add_str(&b, square);
    buf_add_z(&b, strchr(good + 24, '%') + 2);
    r = fake_post(browser, "/seals/templates", buf_str(&b).p);
    is_int(r.status, 303, "a placement is kept");
    r = fake_get(browser, "/seals/templates");
    ok(fake_reply_has(&r, "Weekly") && fake_reply_has(&r, "150, 30.5") &&
           fake_reply_has(&r, "18 × 18"),
       "and listed");
    struct tx *tx = people_tx(&kit.p, kit.p.portal);
    struct signing_template *t;
    unsigned first, last;
    size_t n;
    is_err(signing_template_list(tx, kit.hanako, &t, &n), E_OK, "as data");
    ok(n == 1 && t[0].y == 305 && t[0].level == SIGNING_ES_T && t[0].certify == 2 &&
           str_eq(t[0].seal, square) && t[0].show_date && !t[0].show_name,
       "with all that was said");
    ok(signing_template_pages(&t[0], 7, &first, &last) == E_OK && first == 7 && last == 7,
       "the last page of seven");
    t[0].rule = SIGNING_PAGE_NUMBER;
    t[0].page = 8;
    is_err(signing_template_pages(&t[0], 7, &first, &last), E_INPUT, "has no eighth");
    struct str path = str_fmt(kit.a, "/seals/templates/%s", t[0].public_id.p);
    is_err(signing_template_list(tx, kit.taro, &t, &n), E_OK, "a colleague");
    is_int((int64_t)n, 0, "has none of them");
    people_undo(tx);
    is_int(fake_get(browser, path.p).status, 200, "it can be changed");
    is_int(fake_post(browser, path.p, buf_str(&b).p).status, 303, "and is");
    buf_free(&b);
    is_int(fake_post(browser, str_fmt(kit.a, "/seals/%s/delete", square.p).p, "").status, 303,
           "the seal is deleted");
    is_int(count("SELECT COUNT(*) FROM shomei.seal_template WHERE seal_id IS NULL"), 1,
           "the placement stays without it");
    is_int(count("SELECT COUNT(*) FROM shomei.seal WHERE main AND kind = 'image'"), 1,
           "and the other seal is the main one now");
    is_int(fake_post(browser, str_fmt(kit.a, "%s/delete", path.p).p, "").status, 303,
           "the placement is deleted");
    is_int(fake_get(browser, path.p).status, 404, "and gone");
}

int main(int argc, char **argv)
{
    struct str none;

    log_open("test_signing_seals", LOG_LEVEL_ERROR);
    if (!signing_kit_start(argc, argv)) {
        tap_skip("SoftHSM is not installed");
        return tap_done();
    }
    portal_kit_add(signing_seal_routes, signing_seal_views);
    portal_kit_add(signing_template_routes, NULL);
    portal_kit_start(&kit.p);
    kept();
    limits();
    organisation();
    browser = portal_kit_browser();
    is_err(harness_sql(kit.p.h,
                       "UPDATE shomei.account SET name = '山田 花子' WHERE login = 'hanako'",
                       &none),
           E_OK, "hanako has a family name");
    is_int(portal_kit_sign_in(&kit.p, browser, "hanako", true), 303, "hanako signs in");
    pages();
    one();
    administrator();
    placements();
    fake_free(browser);
    portal_kit_stop();
    signing_kit_stop();
    return tap_done();
}
