/*
 * test_profiles_pages.c - the pages of certificate profiles: staff see all, a customer's
 * administrator those of the contract, nobody else any; what does not exist for them is a 404.
 */
#include "portal_kit.h"

#include "features/profiles/profiles.h"
#include "features/profiles/profiles_pages.h"
#include "store/db.h"

static struct people p;
static const struct audit_by me = { .name = { "Loader Ito", 10 } };

static void load(const char *name, const char *from, const char *to)
{
    FILE *f = fopen(harness_source(p.h, str_fmt(p.a, "sql/profiles/%s.json", name).p), "rb");
    char *room = arena_alloc(p.a, 65536);
    size_t n = f ? fread(room, 1, 65535, f) : 0;
    struct tx *tx = people_tx(&p, p.ctl);
    struct str text = { room, n };
    const char *at = from ? strstr(room, from) : NULL;
    uint32_t version;

    if (f)
        (void)fclose(f);
    if (at)
        text = str_fmt(p.a, "%.*s%s%s", (int)(at - room), room, to, at + strlen(from));
    is_err(profiles_load(tx, &me, bytes_of_str(text), &version), E_OK, name);
    people_end(tx);
}

static int status(struct fake *f, const char *path)
{
    return fake_get(f, path).status;
}

static void administrator(void)
{
    struct fake *f = portal_kit_browser();
    struct fake_reply r;

    (void)people_add(&p, p.sakura, "hana", ROLE_CUSTOMER_ADMIN, false);
    is_int(portal_kit_sign_in(&p, f, "hana", false), 303, "an administrator signs in");
    r = fake_get(f, "/profiles");
    ok(r.status == 200 && fake_reply_has(&r, "User authentication") &&
           fake_reply_has(&r, "/profiles/tls-private") && !fake_reply_has(&r, "/profiles/client"),
       "and sees the profiles of the contract, no others");
    r = fake_get(f, "/profiles/user-auth");
    ok(r.status == 200 && fake_reply_has(&r, "Mail address") &&
           fake_reply_has(&r, "two different people") && fake_reply_has(&r, "(this one)"),
       "one with its fields, rules, versions");
    ok(fake_reply_has(&r, "C=JP, O=[Organization]") && fake_reply_has(&r, "client authentication"),
       "with subject and purposes in words");
    ok(!fake_reply_has(&r, "Loader Ito"), "not who loaded it");
    r = fake_get(f, "/profiles/user-auth?version=1");
    ok(r.status == 200 && fake_reply_has(&r, "takes no applications") &&
           fake_reply_has(&r, "one person, who is not the applicant"),
       "an older version");
    r = fake_get(f, "/profiles/user-auth/document?version=1");
    ok(r.status == 200 && r.body.n > 100 && r.body.p[0] == '{', "its document");
    is_int(status(f, "/profiles/client"), 404, "a profile of another service does not exist");
    is_int(status(f, "/profiles/client/document"), 404, "nor does its document");
    is_int(status(f, "/profiles/user-auth?version=9"), 404, "nor a version that never was");
    is_int(status(f, "/profiles/user-auth?version=x"), 404, "nor one that is no number");
    is_int(status(f, "/profiles/%27%20OR%201"), 404, "nor a name that is none");
    fake_header(f, "Accept-Language", "ja");
    r = fake_get(f, "/profiles/user-auth");
    ok(r.status == 200, "and in the other language");
    fake_free(f);
}

static void others(void)
{
    struct fake *f = portal_kit_browser(), *g = portal_kit_browser(), *s = portal_kit_browser();
    struct fake_reply r;

    (void)people_add(&p, p.sakura, "taro", ROLE_END_USER, false);
    (void)people_add(&p, p.midori, "mika", ROLE_CUSTOMER_ADMIN, false);
    (void)people_add(&p, p.provider, "sato", ROLE_SYSTEM_ADMIN, true);
    is_int(status(f, "/profiles"), 303, "nobody is sent to sign in");
    is_int(portal_kit_sign_in(&p, f, "taro", false), 303, "a user signs in");
    is_int(status(f, "/profiles"), 403, "and is not admitted");
    is_int(status(f, "/profiles/user-auth"), 403, "nor to one");
    is_int(portal_kit_sign_in(&p, g, "mika", false), 303, "another customer's administrator");
    r = fake_get(g, "/profiles");
    ok(r.status == 200 && fake_reply_has(&r, "There are no profiles here yet"),
       "without a contract sees none");
    is_int(status(g, "/profiles/user-auth"), 404, "and none exists");
    is_int(portal_kit_sign_in(&p, s, "sato", true), 303, "the provider's staff");
    r = fake_get(s, "/profiles");
    ok(r.status == 200 && fake_reply_has(&r, "/profiles/client"), "see all");
    r = fake_get(s, "/profiles/client");
    ok(r.status == 200 && fake_reply_has(&r, "Loader Ito"), "and who loaded a version");
    fake_free(f);
    fake_free(g);
    fake_free(s);
}

int main(void)
{
    struct str out;

    people_start(&p);
    portal_kit_add(profiles_pages_routes, profiles_pages_views);
    portal_kit_start(&p);
    load("user-auth", NULL, NULL);
    load("user-auth", "\"approvals\": 1", "\"approvals\": 2");
    load("tls-private", NULL, NULL);
    load("client", NULL, NULL);
    is_err(harness_sql(p.h, "INSERT INTO shomei.tenant_service VALUES (2, 'mpki', NOW(6))", &out),
           E_OK, "a contract");
    administrator();
    others();
    portal_kit_stop();
    people_stop(&p);
    return tap_done();
}
