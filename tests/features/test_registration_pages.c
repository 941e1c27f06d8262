/*
 * test_registration_pages.c - the review pages through dispatch (P1-10, P3-31, P3-44): queue,
 * filter, paging, CSV, one application, several at once, and every way in which they refuse.
 */
#include "portal_kit.h"
#include "review_kit.h"

#include "base/log.h"
#include "features/registration/registration_review_pages.h"

#define K review_kit
#define VETTING "identity=register&authority=superior&content=register&confirmed=1"

static struct fake *admin, *lra;

static struct str path(const struct registration *r, const char *what)
{
    return str_fmt(K.p.a, "/reviews/%s%s", r->receipt.p, what);
}

static struct fake_reply post(struct fake *f, const struct registration *r, const char *what,
                              const char *more)
{
    return fake_post(f, path(r, what).p, str_fmt(K.p.a, "generation=%u&%s", r->generation, more).p);
}

static void queue(void)
{
    struct registration own =
        review_kit_apply("smime", K.admin, K.hanako, "page", PROFILES_BROWSER);
    struct registration r = review_kit_apply("smime", K.jiro, K.jiro, "page", PROFILES_BROWSER);
    struct fake_reply l;

    l = fake_get(admin, "/reviews");
    ok(l.status == 200 && fake_reply_has(&l, r.receipt.p), "what waits for me is listed");
    ok(!fake_reply_has(&l, own.receipt.p), "what I applied for is not");
    ok(fake_reply_has(&l, "waits for me (1)") && fake_reply_has(&l, "waits for review (2)"),
       "with counts");
    l = fake_get(admin, "/reviews?state=waiting");
    ok(fake_reply_has(&l, own.receipt.p) &&
           fake_reply_has(&l, "You applied for this yourself: another reviewer decides."),
       "in the whole queue it stands with the reason");
    ok(!fake_reply_has(&l, str_fmt(K.p.a, "value=\"%s.0\"", own.receipt.p).p),
       "and cannot be ticked");
    l = fake_get(admin, str_fmt(K.p.a, "/reviews?state=all&q=%s", r.receipt.p).p);
    ok(fake_reply_has(&l, r.receipt.p) && !fake_reply_has(&l, own.receipt.p),
       "found by its number");
    l = fake_get(admin, "/reviews?state=all&q=jiro");
    ok(fake_reply_has(&l, r.receipt.p) && !fake_reply_has(&l, own.receipt.p), "and by its name");
    l = fake_get(admin, "/reviews?state=all&q=%25");
    ok(fake_reply_has(&l, "No application fits this filter."), "a per cent sign is no wildcard");
    l = fake_get(admin, "/reviews?state=all&profile=user-auth");
    ok(!fake_reply_has(&l, r.receipt.p), "by profile");
    l = fake_get(admin, "/reviews?state=all&from=2000-01-01&to=2000-12-31");
    ok(!fake_reply_has(&l, r.receipt.p), "by day");
    l = fake_get(admin, "/reviews?from=yesterday");
    ok(l.status == 422 && fake_reply_has(&l, "Write a date such as 2026-11-20."),
       "a bad day is told");
    is_int(fake_get(admin, "/reviews?page=0").status, 422, "there is no page 0");
    is_int(fake_get(admin, "/reviews?order=x").status, 422, "nor a parameter of that name");
    l = fake_get(admin, "/reviews/csv?state=all");
    ok(l.status == 200 && fake_reply_has(&l, r.receipt.p) && fake_reply_has(&l, own.receipt.p) &&
           fake_reply_has(&l, "receipt,state,name"),
       "as CSV");
    l = fake_get(admin, "/reviews/csv?state=rejected");
    ok(l.status == 200 && !fake_reply_has(&l, r.receipt.p), "the CSV holds what is filtered");
    is_int(harness_count(K.p.h, "SELECT COUNT(*) FROM shomei.audit_event WHERE action = "
                                "'registration.queue.export'"),
           2, "taking it away is in the audit log");
}

static void one(void)
{
    struct registration r = review_kit_apply("smime", K.hanako, K.hanako, "page", PROFILES_CSR);
    struct registration next = review_kit_apply("smime", K.hanako, K.hanako, "page", PROFILES_CSR);
    struct registration now;
    struct fake_reply l = fake_get(admin, path(&r, "").p);

    ok(l.status == 200 && fake_reply_has(&l, "hanako@example.test") &&
           fake_reply_has(&l, "株式会社さくら"),
       "the application");
    ok(fake_reply_has(&l, "Proof of possession") && fake_reply_has(&l, "P-256"), "its request");
    ok(fake_reply_has(&l, "Checks") && fake_reply_has(&l, "History") &&
           fake_reply_has(&l, "Earlier certificates"),
       "checks, history, earlier certificates");
    l = post(admin, &r, "/approve", "identity=register&authority=register&content=register");
    ok(l.status == 422 && fake_reply_has(&l, "Tick that you have confirmed this."),
       "nothing is approved unconfirmed");
    l = post(admin, &r, "/approve", "confirmed=1&identity=register&content=document");
    ok(l.status == 422 && fake_reply_has(&l, "Say how this was confirmed.") &&
           fake_reply_has(&l, "Write which document was seen."),
       "nor half confirmed");
    ok(fake_reply_has(&l, "value=\"register\" selected"), "what was chosen stays");
    l = post(admin, &r, "/approve?state=mine&sort=time", VETTING);
    is_int(l.status, 303, "approved");
    struct str to = portal_kit_location(admin, &l);
    ok(strstr(to.p, next.receipt.p) && strstr(to.p, "state=mine"), "the next one opens by itself");
    ok(strstr(to.p, "identity=register"), "the methods are proposed again");
    l = fake_get(admin, to.p);
    ok(fake_reply_has(&l, "Approved.") && fake_reply_has(&l, r.receipt.p),
       "with word of the last one");
    now = review_kit_look(&r);
    is_int(now.state, REGISTRATION_APPROVED, "it is approved");
    l = post(admin, &r, "/approve", VETTING);
    ok(l.status == 409 && fake_reply_has(&l, "Somebody changed or decided this application"),
       "the old form once more is refused in words");
    l = fake_get(admin, path(&r, "").p);
    ok(fake_reply_has(&l, "What was confirmed") && fake_reply_has(&l, "asked somebody in charge"),
       "what was confirmed is shown");
    l = post(admin, &next, "/reject", "reason=");
    ok(l.status == 422 && fake_reply_has(&l, "Write the reason: the applicant reads it."),
       "no rejection without reason");
    l = post(admin, &next, "/hold", "reason=asking");
    is_int(l.status, 303, "held");
    next = review_kit_look(&next);
    l = fake_get(admin, path(&next, "").p);
    ok(fake_reply_has(&l, "let the review go on before you approve") &&
           fake_reply_has(&l, "asking"),
       "it says so");
    is_int(post(admin, &next, "/resume", "").status, 303, "goes on");
    next = review_kit_look(&next);
    is_int(post(admin, &next, "/return", "reason=please").status, 303, "returned");
    is_int(review_kit_look(&next).state, REGISTRATION_RETURNED, "to the applicant");
}

static void walls(void)
{
    struct registration r = review_kit_apply("smime", K.hanako, K.hanako, "page", PROFILES_BROWSER);
    struct registration own = review_kit_apply("smime", K.admin, K.jiro, "page", PROFILES_BROWSER);
    struct fake *other = portal_kit_browser(), *user = portal_kit_browser();
    static const char *const acts[] = { "/approve", "/reject", "/return", "/hold", "/resume" };
    struct fake_reply l;

    (void)portal_kit_sign_in(&K.p, other, "midori", true);
    (void)portal_kit_sign_in(&K.p, user, "hanako", false);
    is_int(fake_get(other, path(&r, "").p).status, 404,
           "another customer's application is not there");
    is_int(fake_get(other, path(&r, "/edit").p).status, 404, "nor its fields");
    l = fake_get(other, "/reviews?state=all");
    ok(l.status == 200 && !fake_reply_has(&l, r.receipt.p), "nor in the list");
    is_int(fake_get(user, "/reviews").status, 403, "an end user has no queue");
    is_int(fake_get(user, path(&r, "").p).status, 403,
           "nor the page of their own application here");
    for (size_t i = 0; i < 5; i++) {
        is_int(post(other, &r, acts[i], VETTING).status == 303, 0,
               "another customer decides nothing");
        is_int(post(user, &r, acts[i], "").status, 403, "an end user decides nothing");
        l = fake_post_bare(admin, path(&r, acts[i]).p,
                           str_fmt(K.p.a, "generation=%u&%s", r.generation, VETTING).p);
        is_int(l.status, 403, "nor a foreign page (CSRF)");
    }
    l = post(admin, &own, "/approve", VETTING);
    ok(l.status == 403 && fake_reply_has(&l, "You applied for this yourself"),
       "one's own is refused");
    is_int(harness_count(K.p.h, str_fmt(K.p.a,
                                        "SELECT COUNT(*) FROM shomei.audit_event WHERE object_id = "
                                        "'%llu' AND outcome = 1",
                                        (unsigned long long)own.id.v)
                                    .p),
           1, "and is in the audit log");
    l = fake_get(admin, path(&own, "").p);
    ok(fake_reply_has(&l, "You do not decide here") && !fake_reply_has(&l, "data-review-approve"),
       "who may not decide sees why, and no button");
    is_int(fake_get(admin, "/reviews/ABCD-EFGH-JKLM").status, 404, "no such number");
    is_int(review_kit_look(&r).generation, r.generation, "nothing was changed");
    review_kit_sql("UPDATE shomei.account SET state = 'suspended', state_reason = 'administrator' "
                   "WHERE login = 'lra0'");
    l = post(lra, &r, "/approve", VETTING);
    ok(l.status == 303 || l.status == 401 || l.status == 403, "a suspended reviewer is out");
    is_int(review_kit_look(&r).state, REGISTRATION_WAITING, "and has decided nothing");
    review_kit_sql("UPDATE shomei.account SET state = 'active', state_reason = '' WHERE login = "
                   "'lra0'");
    fake_free(other);
    fake_free(user);
}

static void two_people(void)
{
    struct registration r =
        review_kit_apply("user-auth", K.hanako, K.hanako, "page", PROFILES_BROWSER);
    struct fake_reply l;

    is_int(post(admin, &r, "/approve", VETTING).status, 303, "a first approval");
    r = review_kit_look(&r);
    is_int(r.state, REGISTRATION_WAITING, "is not enough");
    l = fake_get(admin, path(&r, "").p);
    ok(fake_reply_has(&l, "You gave the first approval") &&
           !fake_reply_has(&l, "data-review-approve"),
       "the same person sees why they wait");
    l = post(admin, &r, "/approve", VETTING);
    is_int(l.status, 403, "and cannot give the second");
    is_int(post(lra, &r, "/approve", VETTING).status, 303, "another person can");
    is_int(review_kit_look(&r).state, REGISTRATION_APPROVED, "approved by two");
}

static void fields(void)
{
    struct registration r =
        review_kit_apply("user-auth", K.hanako, K.hanako, "page", PROFILES_BROWSER);
    struct fake_reply l = fake_get(admin, path(&r, "/edit").p);

    ok(l.status == 200 && fake_reply_has(&l, "Department") && !fake_reply_has(&l, "Mail address"),
       "what reviewers may change");
    l = post(admin, &r, "/edit", "field=name&value=hanako+%E5%A4%AA%E9%83%8E&field=unit&value=");
    ok(l.status == 422 && fake_reply_has(&l, "Nothing was changed."), "no change is told");
    l = post(admin, &r, "/edit", "field=name&value=&field=unit&value=x");
    is_int(l.status, 422, "a required field");
    l = post(admin, &r, "/edit", "field=email&value=boss%40example.test");
    is_int(l.status, 403, "a field that is not theirs");
    l = post(admin, &r, "/edit", "field=name&value=x&field=unit");
    is_int(l.status, 422, "pairs that do not fit");
    l = post(admin, &r, "/edit",
             "field=name&value=hanako+%E5%A4%AA%E9%83%8E&field=unit&value=%E9%96%8B%E7%99%BA");
    is_int(l.status, 303, "a department");
    l = fake_get(admin, path(&r, "").p);
    ok(fake_reply_has(&l, "開発") && fake_reply_has(&l, "applied for:"),
       "stands beside what was sent");
    l = post(admin, &r, "/edit", "field=unit&value=y&field=name&value=z");
    is_int(l.status, 409, "the old form again");
}

static void several(void)
{
    struct registration a = review_kit_apply("smime", K.jiro, K.jiro, "page", PROFILES_BROWSER);
    struct registration b = review_kit_apply("smime", K.jiro, K.jiro, "page", PROFILES_BROWSER);
    const char *both = str_fmt(K.p.a, "chosen=%s.%u&chosen=%s.%u", a.receipt.p, a.generation,
                               b.receipt.p, b.generation + 7)
                           .p;
    struct fake_reply l;

    l = fake_post(admin, "/reviews/chosen?state=mine", "act=approve");
    is_int(l.status, 303, "nothing ticked");
    l = fake_post(admin, "/reviews/chosen?state=mine", str_fmt(K.p.a, "act=approve&%s", both).p);
    ok(l.status == 200 && fake_reply_has(&l, a.receipt.p) && fake_reply_has(&l, "will not be done"),
       "what was ticked, with what will not be done");
    is_int(review_kit_look(&a).state, REGISTRATION_WAITING, "nothing is decided yet");
    l = fake_post(admin, "/reviews/decide", str_fmt(K.p.a, "act=approve&%s", both).p);
    is_int(l.status, 422, "not without the checklist");
    l = fake_post(admin, "/reviews/decide", str_fmt(K.p.a, "act=reject&%s", both).p);
    is_int(l.status, 422, "nor without a reason");
    l = fake_post(admin, "/reviews/decide", str_fmt(K.p.a, "act=approve&%s&" VETTING, both).p);
    ok(l.status == 200 && fake_reply_has(&l, "Approved: 1") && fake_reply_has(&l, "Not done: 1"),
       "each for itself");
    is_int(review_kit_look(&a).state, REGISTRATION_APPROVED, "one is approved");
    is_int(review_kit_look(&b).state, REGISTRATION_WAITING, "one is not");
    l = fake_post(admin, "/reviews/decide",
                  str_fmt(K.p.a, "act=reject&reason=%s&chosen=%s.%u&chosen=nonsense&chosen=x.y",
                          "no", b.receipt.p, b.generation)
                      .p);
    ok(l.status == 200 && fake_reply_has(&l, "Rejected: 1") && fake_reply_has(&l, "Not done: 2"),
       "nonsense is told, not done");
    is_int(review_kit_look(&b).state, REGISTRATION_REJECTED, "rejected");
    is_int(fake_post(admin, "/reviews/decide", str_fmt(K.p.a, "act=issue&%s", both).p).status, 422,
           "there is no such act");
}

int main(void)
{
    log_open("test_registration_pages", LOG_LEVEL_ERROR);
    portal_kit_add(registration_review_routes, registration_review_views);
    portal_kit_add(registration_chosen_routes, NULL);
    portal_kit_add(registration_decision_routes, NULL);
    portal_kit_add(registration_edit_routes, NULL);
    review_kit_start();
    portal_kit_start(&K.p);
    admin = portal_kit_browser();
    lra = portal_kit_browser();
    is_int(portal_kit_sign_in(&K.p, admin, "admin", true), 303, "the administrator signs in");
    is_int(portal_kit_sign_in(&K.p, lra, "lra0", true), 303, "an LRA operator, too");
    queue();
    one();
    two_people();
    fields();
    several();
    walls();
    fake_free(admin);
    fake_free(lra);
    portal_kit_stop();
    review_kit_stop();
    return tap_done();
}
