/*
 * test_certificates_open.c - without an account: revocation requests signed with the certificate's
 * own key by openssl(1), replayed, changed, too old; one-time links; and notices before the end
 * with a moved clock (P1-30, P1-51, P3-136).
 */
#include "lifecycle_kit.h"

#include "base/log.h"
#include "features/certificates/certificates_notice.h"
#include "features/certificates/certificates_open.h"
#include "features/certificates/certificates_work.h"

static const struct audit_by nobody = { .address = { "192.0.2.7", 9 } };

static bool because(const char *reason)
{
    if (strcmp(fault_current()->reason, reason) == 0)
        return true;
    tap_note("reason is %s", fault_current()->reason);
    return false;
}

static enum err end(struct tx *tx, enum err e)
{
    if (e == E_OK)
        return tx_commit(tx);
    people_undo(tx);
    return e;
}

/* ------------------------------------------------------------------ signed requests */

/* What somebody does who follows the page: names from openssl, a text, a signature. */
static struct certificates_request request(const char *cert, const char *key, const char *reason,
                                           struct timestamp now)
{
    struct certificates_request r = { .reason = str_z(reason),
                                      .challenge = certificates_challenge(kit.a, now) };

    ok(lifecycle_kit_openssl("x509 -in %s.pem -noout -issuer -nameopt RFC2253", cert), "issuer");
    r.issuer = str_sub(kit.a, lifecycle_kit_text("out.txt"), 7, SIZE_MAX);
    ok(lifecycle_kit_openssl("x509 -in %s.pem -noout -serial", cert), "serial number");
    r.serial = str_lower(kit.a, str_sub(kit.a, lifecycle_kit_text("out.txt"), 7, SIZE_MAX));
    lifecycle_kit_save("revoke.txt", bytes_of_str(certificates_request_text(kit.a, &r)));
    ok(lifecycle_kit_openssl("dgst -sha256 -sign %s.key -out revoke.sig revoke.txt", key) &&
           lifecycle_kit_openssl("base64 -A -in revoke.sig"),
       "signed");
    r.signature = lifecycle_kit_text("out.txt");
    return r;
}

static enum err send_it(const struct certificates_request *r, struct timestamp now)
{
    struct tx *tx = people_tx(&kit.p, kit.p.portal);
    struct str receipt;

    return end(tx, certificates_request_revoke(tx, &nobody, r, now, &receipt));
}

static void refusals(struct certificate_id id)
{
    struct timestamp now = clock_now();
    struct certificates_request good = request("one", "one", "keyCompromise", now), r = good;

    r.reason = STR("superseded");
    is_err(send_it(&r, now), E_AUTH, "another reason than the signed one");
    r = request("one", "two", "keyCompromise", now);
    is_err(send_it(&r, now), E_AUTH, "another key");
    r = good;
    r.serial = request("two", "two", "keyCompromise", now).serial;
    is_err(send_it(&r, now), E_AUTH, "another certificate");
    r = good;
    r.serial = STR("0123456789");
    is_err(send_it(&r, now), E_AUTH, "a number that does not exist is refused the same way");
    ok(because("signature-refused"), "and nobody learns which it was");
    r = good;
    r.issuer = STR("CN=Somebody else");
    is_err(send_it(&r, now), E_AUTH, "and so is an unknown issuer");
    ok(because("signature-refused"), "the same way");
    r = good;
    r.challenge = certificates_challenge(kit.a, now);
    is_err(send_it(&r, now), E_AUTH, "another challenge than the signed one");
    r.challenge = STR("AAAA");
    is_err(send_it(&r, now), E_STATE, "one that is none");
    r = request("one", "one", "keyCompromise",
                timestamp_add(now, -CERTIFICATES_CHALLENGE_US - MINUTE_US));
    is_err(send_it(&r, now), E_STATE, "one that is too old");
    ok(because("challenge-over"), "and the answer says so");
    r = request("one", "one", "privilegeWithdrawn", now);
    is_err(send_it(&r, now), E_INPUT, "a reason that is not the subscriber's");
    r = request("one", "one", "certificateHold", now);
    is_err(send_it(&r, now), E_INPUT, "and one that is a suspension");
    r = good;
    r.signature = STR("!!");
    is_err(send_it(&r, now), E_AUTH, "what is no signature");
    is_int(lifecycle_kit_look(id, now).state, AUTHORITY_ISSUED, "nothing was revoked by all that");
}

static void signed_requests(void)
{
    struct certificate_id one = lifecycle_kit_issue("one", "smime", kit.hanako, kit.hanako);
    struct certificate_id two =
        lifecycle_kit_issue("two", "device", kit.admin, (struct account_id){ 0 });
    struct timestamp now = clock_now();
    struct certificates_request r;

    refusals(one);
    r = request("one", "one", "superseded", now);
    is_err(send_it(&r, now), E_OK, "the holder of the key revokes without an account");
    is_int(lifecycle_kit_look(one, now).state, AUTHORITY_REVOKED, "it is revoked");
    is_err(send_it(&r, now), E_STATE, "the same request again");
    ok(because("challenge-used"), "is a replay");
    r = request("one", "one", "superseded", now);
    is_err(send_it(&r, now), E_STATE, "a new one finds it done");
    ok(because("already-revoked"), "and says so: the key was proved");
    r = request("one", "one", "keyCompromise", now);
    is_err(send_it(&r, now), E_OK, "the reason may become keyCompromise");
    is_int(lifecycle_kit_count("SELECT COUNT(*) FROM shomei.blocked_key"), 1,
           "which blocks the key");
    r = request("two", "two", "unspecified", now);
    is_err(send_it(&r, now), E_OK, "no reason is a reason");
    is_int(lifecycle_kit_look(two, now).reason, 0, "as it is stored");
    is_int(lifecycle_kit_count("SELECT COUNT(*) FROM shomei.certificate_change WHERE how = "
                               "'signed' AND actor_id IS NULL"),
           3, "the history says how");
}

/* An RSA key signs the same text. */
static void rsa(void)
{
    struct certificates_request r;

    (void)lifecycle_kit_issue("rsa", "device+rsa", kit.admin, (struct account_id){ 0 });
    r = request("rsa", "rsa", "cessationOfOperation", clock_now());
    is_err(send_it(&r, clock_now()), E_OK, "with an RSA key");
}

/* ------------------------------------------------------------------ links */

/* The token of the newest link, out of the mail. */
static struct str token(const char *path)
{
    struct str text;
    const char *at;

    is_err(harness_sql(kit.p.h,
                       str_fmt(kit.a,
                               "SELECT text_part FROM shomei.mail WHERE text_part LIKE '%%%s%%' "
                               "ORDER BY id DESC LIMIT 1",
                               path)
                           .p,
                       &text),
           E_OK, "the mail");
    at = strstr(text.p, path);
    if (at == NULL)
        return STR("none");
    at += strlen(path);
    return str_of(kit.a, at, strcspn(at, "\\\r\n "));
}

static enum err lost(const char *email, struct timestamp now)
{
    struct tx *tx = people_tx(&kit.p, kit.p.portal);

    return end(tx, certificates_lost(tx, &nobody, str_z(email), now));
}

static enum err lost_revoke(struct str t, struct certificate_id id, struct timestamp now)
{
    struct tx *tx = people_tx(&kit.p, kit.p.portal);
    struct str receipt;

    return end(tx, certificates_lost_revoke(tx, &nobody, t, id, 0, now, &receipt));
}

static void access_lost(void)
{
    struct certificate_id mine = lifecycle_kit_issue("lost", "smime", kit.jiro, kit.jiro);
    struct certificate_id other = lifecycle_kit_issue("other", "smime", kit.hanako, kit.hanako);
    const char *links = "SELECT COUNT(*) FROM shomei.certificate_link WHERE purpose = 'revoke'";
    struct timestamp now = clock_now();
    struct certificates_owned *owned;
    struct tx *tx;
    struct str t;
    size_t n;

    is_err(lost("nobody@example.test", now), E_OK, "an unknown address is answered the same way");
    is_int(lifecycle_kit_count(links), 0, "but gets no link");
    is_err(lost("Jiro@Example.test", now), E_OK, "the registered one, however it is written");
    is_int(lifecycle_kit_count(links), 1, "gets one");
    t = token("/revoke/link/");
    tx = people_tx(&kit.p, kit.p.portal);
    is_err(certificates_lost_find(tx, t, now, &owned, &n), E_OK, "behind it");
    ok(n == 1 && owned[0].id.v == mine.v, "are this person's certificates only");
    is_err(certificates_lost_find(tx, STR("guess"), now, &owned, &n), E_ABSENT, "not by guessing");
    is_err(certificates_lost_find(tx, t, timestamp_add(now, CERTIFICATES_REVOKE_LINK_US + 1),
                                  &owned, &n),
           E_ABSENT, "nor an hour later");
    people_undo(tx);
    is_err(lost_revoke(t, other, now), E_INPUT, "somebody else's is not revoked by it");
    is_err(lost_revoke(t, mine, now), E_OK, "one's own is");
    is_int(lifecycle_kit_look(mine, now).state, AUTHORITY_REVOKED, "it is revoked");
    is_err(lost_revoke(t, mine, now), E_ABSENT, "the link is good once");
    for (int i = 0; i < 5; i++)
        is_err(lost("hanako@example.test", now), E_OK, "asked again and again");
    is_int(lifecycle_kit_count(links), 4, "three an hour go out");
}

static void downloads(void)
{
    struct certificate_id id = lifecycle_kit_issue("sent", "smime", kit.hanako, kit.hanako);
    struct certificates_who lra = lifecycle_kit_who(kit.lra), out = lifecycle_kit_who(kit.midori);
    struct audit_by by = lifecycle_kit_by(kit.lra);
    struct timestamp now = clock_now();
    struct certificates_certificate c;
    struct tx *tx = people_tx(&kit.p, kit.p.portal);
    struct str t;

    is_err(certificates_send(tx, &by, &out, id, now), E_ABSENT, "not by another customer");
    is_err(certificates_send(tx, &by, &lra, id, now), E_OK, "a link for downloading");
    people_end(tx);
    t = token("/certificates/link/");
    tx = people_tx(&kit.p, kit.p.portal);
    is_err(certificates_send_find(tx, t, now, &c), E_OK, "looking uses nothing up");
    is_err(certificates_send_find(tx, t, timestamp_add(now, CERTIFICATES_DOWNLOAD_LINK_US + 1), &c),
           E_ABSENT, "it ends after a week");
    is_err(certificates_send_use(tx, &nobody, t, now, &c), E_OK, "the download");
    is_err(certificates_send_use(tx, &nobody, t, now, &c), E_ABSENT, "comes once");
    people_end(tx);
    tx = people_tx(&kit.p, kit.p.portal);
    struct certificates_owned *owned;
    size_t n;
    is_err(certificates_lost_find(tx, t, now, &owned, &n), E_ABSENT,
           "a link for one purpose is none for the other");
    people_undo(tx);
}

/* ------------------------------------------------------------------ notices */

static uint32_t batch = 2; /* certificates at a time */

static uint64_t notices(struct timestamp now)
{
    struct tx *tx = people_tx(&kit.p, kit.p.worker);
    uint64_t mails = 0;
    bool more;

    is_err(certificates_work_notices(tx, now, batch, &mails, &more), E_OK, "notices");
    people_end(tx);
    if (!more)
        return mails;
    return mails + notices(now);
}

static uint64_t digests(struct timestamp now)
{
    struct tx *tx = people_tx(&kit.p, kit.p.worker);
    uint64_t mails = 0;

    is_err(certificates_work_digests(tx, now, 100, &mails), E_OK, "digests");
    people_end(tx);
    return mails;
}

static enum err mute(struct account_id who_id, struct certificate_id id, bool off)
{
    struct certificates_who who = lifecycle_kit_who(who_id);
    struct audit_by by = lifecycle_kit_by(who_id);
    struct tx *tx = people_tx(&kit.p, kit.p.portal);

    return end(tx, certificates_mute(tx, &by, &who, id, off, clock_now()));
}

static void revoke_all(void)
{
    struct str out;

    is_err(harness_sql(kit.p.h,
                       "UPDATE shomei.certificate SET state = 'revoked', revoked_at = NOW(6) WHERE "
                       "state = 'issued' AND profile IN ('smime', 'device')",
                       &out),
           E_OK, "what other tests left is out of the way");
}

static void before_the_end(void)
{
    revoke_all();
    struct certificate_id id = lifecycle_kit_issue("notice", "smime", kit.hanako, kit.hanako);
    struct timestamp last = lifecycle_kit_look(id, clock_now()).not_after;
#define LEFT(days) timestamp_add(last, -(int64_t)(days)*DAY_US + HOUR_US)
    struct tx *tx;

    is_int((int64_t)notices(LEFT(100)), 0, "nothing before the first step");
    is_int((int64_t)notices(LEFT(90)), 1, "90 days before");
    is_int((int64_t)notices(LEFT(90)), 0, "once");
    is_int((int64_t)notices(LEFT(61)), 0, "and no more until the next step");
    is_int((int64_t)notices(LEFT(60)), 1, "60 days before");
    is_int((int64_t)notices(LEFT(7)), 1, "after a long stop one mail, of where things stand");
    is_int((int64_t)notices(LEFT(7)), 0, "not one for each step that was missed");
    is_int(lifecycle_kit_count("SELECT COUNT(*) FROM shomei.mail WHERE subject REGEXP '7' AND "
                               "template = 'certificates/notice' AND (text_part LIKE '%hanako%' OR "
                               "subject LIKE '%hanako%')"),
           0, "no personal data in it (P1-51)");
    is_int((int64_t)notices(timestamp_add(last, DAY_US)), 0, "nothing after the end");
    id = lifecycle_kit_issue("crash", "smime", kit.hanako, kit.hanako);
    last = lifecycle_kit_look(id, clock_now()).not_after;
    tx = people_tx(&kit.p, kit.p.worker);
    uint64_t mails;
    bool more;
    is_err(certificates_work_notices(tx, LEFT(30), 10, &mails, &more), E_OK, "a worker tells");
    people_undo(tx); /* and dies before it commits */
    is_int((int64_t)mails, 1, "one mail");
    is_int((int64_t)notices(LEFT(30)), 1, "the next one tells again, and that is all");
    is_err(mute(kit.jiro, id, true), E_ABSENT, "others cannot mute it");
    is_err(mute(kit.hanako, id, true), E_OK, "the holder can");
    is_int((int64_t)notices(LEFT(7)), 0, "then there are none");
    is_err(mute(kit.hanako, id, false), E_OK, "and again");
    is_int((int64_t)notices(LEFT(6)), 1, "the step is told that stands");
    revoke_all();
    id = lifecycle_kit_issue("renewed", "smime", kit.hanako, kit.hanako);
    last = lifecycle_kit_look(id, clock_now()).not_after;
    struct str out;
    is_err(harness_sql(kit.p.h,
                       str_fmt(kit.a,
                               "UPDATE shomei.certificate SET replaced_by = id - 1 WHERE id = %llu",
                               (unsigned long long)id.v)
                           .p,
                       &out),
           E_OK, "one that has a successor");
    is_int((int64_t)notices(LEFT(60)), 0, "is told of no more: its chain of notices has ended");
    revoke_all();
    is_int((int64_t)notices(LEFT(1)), 0, "what is revoked ends no more");
}

static void for_administrators(void)
{
    revoke_all();
    for (int i = 0; i < 3; i++)
        (void)lifecycle_kit_issue(str_fmt(kit.a, "digest%d", i).p, "device", kit.admin,
                                  (struct account_id){ 0 });
    struct certificate_id id = lifecycle_kit_issue("digest", "smime", kit.hanako, kit.hanako);
    struct timestamp last = lifecycle_kit_look(id, clock_now()).not_after;

    (void)digests(LEFT(95)); /* from then on */
    is_int((int64_t)digests(LEFT(90)), 1,
           "one mail for four certificates, to the one administrator");
    is_int(lifecycle_kit_count("SELECT COUNT(*) FROM shomei.mail WHERE recipient = "
                               "'admin@example.test' AND text_part REGEXP '(4枚|end: 4)'"),
           1, "with their number");
    is_int(lifecycle_kit_count(
               str_fmt(kit.a,
                       "SELECT COUNT(*) FROM shomei.mail WHERE recipient = 'admin@example.test' "
                       "AND text_part LIKE '%%/certificates?state=valid&sort=end&to=%.10s%%'",
                       timestamp_rfc3339_jst(kit.a, timestamp_add(LEFT(90), 90 * DAY_US)).p)
                   .p),
           1, "and a link to the list of those that end until then");
    is_int((int64_t)digests(LEFT(90)), 0, "once");
    batch = 100;
    is_int((int64_t)notices(LEFT(90)), 2,
           "who asked for three devices gets one mail, the person another");
    is_int((int64_t)digests(LEFT(80)), 0, "nothing new, no mail");
    is_int((int64_t)digests(LEFT(20)), 1, "after a long stop one mail");
    is_err(mute(kit.admin, (struct certificate_id){ 0 }, true), E_OK,
           "the administrator mutes all");
    is_int((int64_t)digests(LEFT(6)), 0, "and gets none");
}

int main(void)
{
    log_open("test_certificates_open", LOG_LEVEL_ERROR);
    if (!lifecycle_kit_start()) {
        tap_skip("no SoftHSM");
        return tap_done();
    }
    signed_requests();
    rsa();
    access_lost();
    downloads();
    before_the_end();
    for_administrators();
    lifecycle_kit_stop();
    return tap_done();
}
