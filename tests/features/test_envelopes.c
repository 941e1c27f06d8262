/*
 * test_envelopes.c - contract envelopes (issue 3): drafts, order, links and codes, signing in one
 * act, declining, voiding, deadlines, holding periods, the completion; and who may not do what
 * (P3-11, P3-25, P1-51).
 */
#include "signing_kit.h"
#include "tap.h"

#include "base/log.h"
#include "features/authority/authority.h"
#include "features/authority/authority_work.h"
#include "features/envelopes/envelopes.h"
#include "features/envelopes/envelopes_work.h"

static struct audit_by by = { .name = { "test", 4 }, .address = { "192.0.2.7", 9 } };
static struct db *signer;

/* --- short forms --- */

static void refused(enum err e, const char *code, const char *what)
{
    bool right = e != E_OK && strcmp(fault_current()->reason, code) == 0;
    ok(right, "%s", what);
    if (!right)
        tap_note("%s", e == E_OK ? "it was done" : fault_current()->reason);
}

#define IN(db, ...)                                                                                \
    do {                                                                                           \
        struct tx *tx = people_tx(&kit.p, (db));                                                   \
        __VA_ARGS__;                                                                               \
        people_end(tx);                                                                            \
    } while (0)
#define REFUSED(call, code, what)                                                                  \
    do {                                                                                           \
        struct tx *tx = people_tx(&kit.p, kit.p.portal);                                           \
        refused((call), (code), (what));                                                           \
        people_undo(tx);                                                                           \
    } while (0)

static struct str words(struct arena *a, struct str lang, enum envelopes_word word,
                        const struct envelopes_values *v)
{
    (void)lang;
    return str_fmt(a, "word %d %.*s", (int)word, STR_ARG(v->link));
}

static struct str event(struct str lang, struct str what)
{
    (void)lang;
    return what;
}

static struct envelopes_envelope get(struct str id)
{
    struct envelopes_envelope e = { .state = ENVELOPES_STATE__MAX };
    IN(kit.p.portal, is_err(envelopes_find(tx, kit.hanako, id, &e), E_OK, "found"));
    return e;
}

static struct envelopes_party party(const struct envelopes_envelope *e, size_t i)
{
    struct envelopes_party *p = NULL;
    size_t n = 0;
    IN(kit.p.portal, is_err(envelopes_parties(tx, e->id, &p, &n), E_OK, "parties"));
    return p[i];
}

static enum err add(struct tx *tx, const struct envelopes_envelope *e, const char *name,
                    const char *mail, enum envelopes_method method)
{
    struct envelopes_person p = { str_z(name), str_z(mail), STR("ja"),
                                  method == ENVELOPES_NONE ? ENVELOPES_COPY : ENVELOPES_SIGNER,
                                  method };
    struct envelopes_party made;
    return envelopes_party_add(tx, e, &p, &by, &made);
}

static struct envelopes_terms terms(bool ordered)
{
    return (struct envelopes_terms){ STR("業務委託契約"), STR("ご確認ください。"), ordered, 3,
                                     timestamp_add(kit.p.now, 7 * DAY_US) };
}

/* A draft of hanako's with two documents and these signers by mail, sent when `send`. */
static struct envelopes_envelope make(bool ordered, const char *const *mails, bool send)
{
    struct envelopes_envelope e;
    struct envelopes_terms t = terms(ordered);
    struct tx *draft = people_tx(&kit.p, kit.p.portal);

    is_err(envelopes_draft(draft, kit.hanako, STR("山田 花子"), &by, kit.p.now, &e), E_OK, "draft");
    is_err(envelopes_terms_set(draft, &e, &t, &by, kit.p.now), E_OK, "terms");
    for (int i = 0; i < 2; i++)
        is_err(envelopes_document_add(draft, &e, STR("契約書.pdf"), kit.pdf, &by, kit.p.now), E_OK,
               "document");
    for (size_t i = 0; mails[i] != NULL; i++)
        is_err(add(draft, &e, "佐藤 次郎", mails[i], ENVELOPES_WITNESS), E_OK, mails[i]);
    people_end(draft);
    if (send)
        IN(kit.p.portal, is_err(envelopes_find(tx, kit.hanako, e.public_id, &e), E_OK, "again");
           is_err(envelopes_send(tx, &e, &by, kit.p.now), E_OK, "sent"));
    return get(e.public_id);
}

static struct str link_of(const struct envelopes_party *p)
{
    struct str token = STR_ABSENT;
    IN(kit.p.worker,
       is_err(envelopes_link_make(tx, p->id, kit.p.now, timestamp_add(kit.p.now, DAY_US), &token),
              E_OK, "a link");
       is_err(audit_note(tx, &by, "test.link", NULL, 0, NULL), E_OK, "noted"));
    return token;
}

/* Code asked, given: the cookie of a visit. */
static struct str enter(struct str token)
{
    struct envelopes_seat s;
    enum envelopes_code_answer answer;
    struct str code = STR_ABSENT, cookie = STR_ABSENT;
    IN(kit.p.portal, is_err(envelopes_link_find(tx, token, kit.p.now, &s), E_OK, "the link");
       is_err(envelopes_code_make(tx, &s, token, &by, kit.p.now, &code), E_OK, "a code"));
    IN(kit.p.portal, is_err(envelopes_link_find(tx, token, kit.p.now, &s), E_OK, "the link");
       is_err(envelopes_code_check(tx, &s, token, code, &by, kit.p.now, &answer, &cookie), E_OK,
              "asked");
       is_int(answer, ENVELOPES_CODE_RIGHT, "the code is right"));
    return cookie;
}

/* The seat of a visit, in the transaction, opened. */
static struct envelopes_seat sit(struct tx *tx, const struct envelopes_party *p, struct str cookie)
{
    struct envelopes_seat s = { .envelope = NULL };
    is_err(envelopes_seat_by_cookie(tx, p->public_id, cookie, kit.p.now, &s), E_OK, "a seat");
    is_err(envelopes_opened(tx, &s, &by, kit.p.now), E_OK, "opened");
    return s;
}

static enum err sign_at(struct tx *tx, const struct envelopes_seat *s, struct timestamp now)
{
    struct envelopes_sign_request rq = { .seat = s, .by = by, .reason = STR("agreed"), .now = now };
    return envelopes_sign(tx, &rq);
}

static void sign_by_mail(const struct envelopes_party *p)
{
    struct str cookie = enter(link_of(p));
    struct envelopes_seat s;
    IN(kit.p.portal, s = sit(tx, p, cookie); is_err(sign_at(tx, &s, kit.p.now), E_OK, "signed"));
}

static int64_t count(const char *sql)
{
    return harness_count(kit.p.h, sql);
}

/* --- drafts --- */

static void test_draft(void)
{
    static const char *const bad_mails[] = { "a@b",
                                             "a b@example.jp",
                                             "a@example.jp\r\nBcc: x@y.jp",
                                             "a@example.jp,b@example.jp",
                                             "<a@example.jp>",
                                             "a@@example.jp",
                                             "a..b@example.jp",
                                             "@example.jp",
                                             "a@-",
                                             "山@example.jp",
                                             NULL };
    static const char *const bad_names[] = { "",
                                             "a\x01",
                                             "abc\xe2\x80\xae"
                                             "fdp.",
                                             "x\xe2\x81\xa6",
                                             "a\xe2\x81\xa0" /* word joiner */
                                             "b",
                                             "a\xf3\xa0\x81\x81", /* a tag */
                                             "line\nline",
                                             NULL };
    const char *const nobody[] = { NULL };
    struct envelopes_envelope e = make(true, nobody, false);
    struct envelopes_terms t = terms(true);
    const char *obstacle;

    IN(kit.p.portal, is_err(envelopes_obstacle(tx, &e, kit.p.now, &obstacle), E_OK, "asked"));
    ok(obstacle != NULL && strcmp(obstacle, "envelope-no-signers") == 0, "nobody signs yet");
    REFUSED(envelopes_send(tx, &e, &by, kit.p.now), "envelope-no-signers", "so it is not sent");
    for (size_t i = 0; bad_mails[i] != NULL; i++)
        REFUSED(add(tx, &e, "A", bad_mails[i], ENVELOPES_WITNESS), "mail-bad",
                str_fmt(kit.a, "mail address %zu is refused", i).p);
    for (size_t i = 0; bad_names[i] != NULL; i++)
        REFUSED(add(tx, &e, bad_names[i], "a@example.jp", ENVELOPES_WITNESS), "name-bad",
                "a name that is not what it looks like");
    IN(kit.p.portal, is_err(add(tx, &e, "A", "a@Example.jp", ENVELOPES_WITNESS), E_OK, "one"));
    REFUSED(add(tx, &e, "B", "A@example.jp", ENVELOPES_WITNESS), "mail-twice",
            "an address is there once, in whatever case");
    t.deadline = timestamp_add(kit.p.now, -SECOND_US);
    REFUSED(envelopes_terms_set(tx, &e, &t, &by, kit.p.now), "deadline-past", "past");
    t.deadline = timestamp_add(kit.p.now, 90 * DAY_US);
    REFUSED(envelopes_terms_set(tx, &e, &t, &by, kit.p.now), "deadline-far", "beyond 89 days");
    REFUSED(envelopes_document_add(tx, &e, STR("x"), bytes_of_str(STR("hello")), &by, kit.p.now),
            "pdf-not", "no PDF");
    for (int i = 2; i < ENVELOPES_DOCUMENTS_MAX; i++)
        IN(kit.p.portal,
           is_err(envelopes_document_add(tx, &e, STR("x.pdf"), kit.pdf, &by, kit.p.now), E_OK, ""));
    REFUSED(envelopes_document_add(tx, &e, STR("x"), kit.pdf, &by, kit.p.now), "envelope-documents",
            "twenty documents are enough");
    REFUSED(envelopes_find(tx, kit.taro, e.public_id, &e), "envelope-unknown", "another person's");
    REFUSED(envelopes_find(tx, kit.alice, e.public_id, &e), "envelope-unknown", "another tenant's");
    IN(kit.p.portal, is_err(envelopes_draft_drop(tx, &e, &by, kit.p.now), E_OK, "dropped"));
    REFUSED(envelopes_find(tx, kit.hanako, e.public_id, &e), "envelope-unknown", "it is gone");
    is_int(count("SELECT COUNT(*) FROM document WHERE state <> 'deleted'"), 0,
           "and its documents are erased");
}

/* --- links and codes --- */

static void test_codes(void)
{
    const char *const mails[] = { "one@example.jp", "two@example.jp", NULL };
    struct envelopes_envelope e = make(true, mails, true);
    struct envelopes_party first = party(&e, 0), second = party(&e, 1);
    struct str token = link_of(&first), other = link_of(&second), cookie;
    struct envelopes_seat s;
    enum envelopes_code_answer answer = ENVELOPES_CODE_RIGHT;
    struct str code;

    is_int(first.state, ENVELOPES_TURN, "the first one's turn");
    is_int(second.state, ENVELOPES_WAITING, "the second waits");
    is_int(count("SELECT COUNT(*) FROM job WHERE kind = 'envelopes.mail' AND state = 'ready'"), 1,
           "one invitation is ordered");
    REFUSED(envelopes_link_find(tx, STR("guessed"), kit.p.now, &s), "link-unknown", "a guess");
    REFUSED(envelopes_link_find(tx, token, timestamp_add(kit.p.now, 2 * DAY_US), &s),
            "link-unknown", "an expired link");
    IN(kit.p.portal, is_err(envelopes_link_find(tx, token, kit.p.now, &s), E_OK, "the link");
       is_err(envelopes_code_make(tx, &s, token, &by, kit.p.now, &code), E_OK, "a code"));
    is_int((int64_t)code.n, 6, "six digits");
    IN(kit.p.portal, is_err(envelopes_link_find(tx, token, kit.p.now, &s), E_OK, "the link");
       is_err(envelopes_code_make(tx, &s, token, &by, kit.p.now, &cookie), E_LIMIT, "not at once");
       is_err(envelopes_code_check(tx, &s, other, code, &by, kit.p.now, &answer, &cookie), E_OK,
              "with another link"));
    is_int(answer, ENVELOPES_CODE_WRONG, "a code is bound to the link it was asked with");
    for (int i = 0; i < 4; i++)
        IN(kit.p.portal, is_err(envelopes_link_find(tx, token, kit.p.now, &s), E_OK, "the link");
           is_err(envelopes_code_check(tx, &s, token, STR("abc"), &by, kit.p.now, &answer, &cookie),
                  E_OK, "wrong"));
    is_int(answer, ENVELOPES_CODE_OVER, "the fifth wrong one ends the code");
    IN(kit.p.portal,
       is_err(envelopes_code_check(tx, &s, token, code, &by, kit.p.now, &answer, &cookie), E_OK,
              "the right one"));
    is_int(answer, ENVELOPES_CODE_OVER, "then the right one helps no more");
    ok(count("SELECT COUNT(*) FROM envelope_link WHERE token_hash = UNHEX(SHA2('guessed', 256))") ==
               0 &&
           count("SELECT COUNT(*) FROM envelope_link") >= 2,
       "links are kept as digests");
    kit.p.now = timestamp_add(kit.p.now, 15 * MINUTE_US);
    cookie = enter(token);
    REFUSED(envelopes_seat_by_cookie(tx, second.public_id, cookie, kit.p.now, &s), "visit-over",
            "a cookie is good for its party only");
    REFUSED(envelopes_seat_by_cookie(tx, first.public_id, cookie,
                                     timestamp_add(kit.p.now, 3 * HOUR_US), &s),
            "visit-over", "for two hours");
    REFUSED(envelopes_seat_by_account(tx, first.public_id, kit.taro.account, kit.p.now, &s),
            "visit-over", "an account that was not invited");
}

/* --- order, declining, ends --- */

static void test_order(void)
{
    const char *const mails[] = { "one@example.jp", "two@example.jp", NULL };
    struct envelopes_envelope e = make(true, mails, true);
    struct envelopes_party first = party(&e, 0), second = party(&e, 1);
    struct str cookie = enter(link_of(&second)), mine = enter(link_of(&first));
    struct envelopes_seat s;

    IN(kit.p.portal, s = sit(tx, &second, cookie));
    REFUSED(sign_at(tx, &s, kit.p.now), "not-your-turn", "nobody signs before the turn");
    REFUSED(envelopes_decline(tx, &s, STR("no"), &by, kit.p.now), "not-your-turn", "nor declines");
    is_int(count("SELECT COUNT(*) FROM envelope_signature"), 0, "nothing was signed");
    IN(kit.p.portal, s = sit(tx, &first, mine));
    REFUSED(sign_at(tx, &s, timestamp_add(kit.p.now, 8 * DAY_US)), "envelope-expired", "too late");
    IN(kit.p.portal, is_err(sign_at(tx, &s, kit.p.now), E_OK, "the first one signs"));
    is_int(count("SELECT COUNT(*) FROM envelope_signature"), 2, "both documents in one act");
    REFUSED(sign_at(tx, &s, kit.p.now), "party-done", "once");
    is_int(party(&e, 1).state, ENVELOPES_TURN, "then it is the second one's turn");
    REFUSED(
        envelopes_readdress(tx, &e, second.public_id,
                            &(struct envelopes_person){ STR("X"), STR("x@example.jp"), STR("ja"),
                                                        ENVELOPES_SIGNER, ENVELOPES_WITNESS },
                            &by, kit.p.now),
        "party-opened", "an address stays once the documents were seen");
    IN(kit.p.portal, is_err(envelopes_remind(tx, &e, second.public_id, &by, kit.p.now), E_OK,
                            "a reminder by hand"));
    REFUSED(envelopes_remind(tx, &e, second.public_id, &by, kit.p.now), "remind-again",
            "once a day");
    IN(kit.p.portal, s = sit(tx, &second, cookie));
    REFUSED(envelopes_decline(tx, &s, STR(""), &by, kit.p.now), "reason-bad", "with a reason only");
    IN(kit.p.portal, is_err(envelopes_decline(tx, &s, STR("条件が違います。"), &by, kit.p.now),
                            E_OK, "declined"));
    e = get(e.public_id);
    is_int(e.state, ENVELOPES_DECLINED, "that ends it");
    REFUSED(sign_at(tx, &s, kit.p.now), "party-done", "nobody signs after that");
    REFUSED(envelopes_void(tx, &e, STR("x"), &by, kit.p.now), "envelope-ended", "nor voids it");
    is_int(count("SELECT COUNT(*) FROM document d JOIN envelope_document x ON x.document_id = d.id "
                 "JOIN envelope e ON e.id = x.envelope_id WHERE e.state = 'declined' AND "
                 "d.delete_at > e.ended_at + INTERVAL 8 HOUR"),
           0, "its documents go in 8 hours");
}

static void test_void_and_expiry(void)
{
    const char *const mails[] = { "one@example.jp", "two@example.jp", NULL };
    struct envelopes_envelope e = make(false, mails, true), late = make(true, mails, true);
    struct envelopes_party first = party(&e, 0), other = party(&e, 1);
    struct str token = link_of(&first), cookie = enter(token);
    struct envelopes_seat s;
    size_t n = 0;

    is_int(party(&e, 1).state, ENVELOPES_TURN, "in any order everybody is asked at once");
    IN(kit.p.portal,
       is_err(envelopes_readdress(tx, &e, other.public_id,
                                  &(struct envelopes_person){ STR("新しい人"),
                                                              STR("new@example.jp"), STR("en"),
                                                              ENVELOPES_SIGNER, ENVELOPES_WITNESS },
                                  &by, kit.p.now),
              E_OK, "another address"));
    is_str(party(&e, 1).mail, "new@example.jp", "is written");
    IN(kit.p.portal, s = sit(tx, &first, cookie));
    REFUSED(envelopes_void(tx, &e, STR(""), &by, kit.p.now), "reason-bad", "void with a reason");
    IN(kit.p.portal, is_err(envelopes_void(tx, &e, STR("誤り"), &by, kit.p.now), E_OK, "voided"));
    REFUSED(sign_at(tx, &s, kit.p.now), "envelope-ended", "nobody signs after that");
    IN(kit.p.worker, is_err(envelopes_work_remind(tx, timestamp_add(kit.p.now, 4 * DAY_US), &n),
                            E_OK, "reminders"));
    ok(n >= 1, "who has not answered for three days is reminded");
    IN(kit.p.worker, is_err(envelopes_work_expire(tx, timestamp_add(kit.p.now, 8 * DAY_US), &n),
                            E_OK, "deadlines"));
    ok(n >= 1, "deadlines pass");
    is_int(get(late.public_id).state, ENVELOPES_EXPIRED, "that ends it too");
    IN(kit.p.worker,
       is_err(envelopes_work_erase(tx, timestamp_add(kit.p.now, 9 * DAY_US), &n), E_OK, "erasure"));
    e = get(e.public_id);
    ok(str_absent(e.title) && str_absent(e.message), "title and message go with the documents");
    is_str(party(&e, 0).name, "佐藤 次郎", "who was asked stays on record");
}

/* --- the whole way --- */

static void test_own_certificate(const struct envelopes_party *p,
                                 const struct envelopes_envelope *e)
{
    struct secret *wrong = people_secret("wrong-pin"), *right = people_secret(KIT_PIN);
    struct envelopes_seat s;
    struct envelopes_sign_request rq = { .seat = &s,
                                         .by = by,
                                         .reason = STR("Contract"),
                                         .now = kit.p.now,
                                         .credential = kit.taro_key,
                                         .pin = wrong };

    rq.by.tenant = kit.taro.tenant;
    rq.by.account = kit.taro.account;
    rq.totp = people_code(&kit.p, "taro");
    IN(kit.p.portal,
       is_err(envelopes_seat_by_account(tx, p->public_id, kit.taro.account, kit.p.now, &s), E_OK,
              "taro's seat");
       is_err(envelopes_opened(tx, &s, &by, kit.p.now), E_OK, "opened"));
    REFUSED(envelopes_sign(tx, &rq), "pin-wrong", "a wrong PIN");
    is_int(party(e, 0).state, ENVELOPES_TURN, "leaves everything as it was");
    rq.by.account = kit.hanako.account;
    REFUSED(envelopes_sign(tx, &rq), "party-other-account", "somebody else's session");
    rq.by.account = kit.taro.account;
    rq.pin = right;
    rq.totp = STR("000000");
    REFUSED(envelopes_sign(tx, &rq), "totp-wrong", "a wrong one-time code");
    rq.totp = people_code(&kit.p, "taro");
    IN(kit.p.portal, is_err(envelopes_sign(tx, &rq), E_OK, "taro signs"));
    secret_free(wrong);
    secret_free(right);
}

static void judge(const struct envelopes_envelope *e)
{
    struct envelopes_document *d;
    struct signing_document file;
    struct buf pdf = buf_init(8u << 20);
    struct str level;
    size_t n, signatures;

    IN(kit.p.portal, is_err(envelopes_documents(tx, e->id, &d, &n), E_OK, "documents");
       is_err(envelopes_document_open(tx, e, d[0].id, &d[0], &file), E_OK, "the first");
       is_err(signing_document_bytes(tx, &file, &pdf), E_OK, "its bytes"));
    is_str(signing_kit_verdict(buf_bytes(&pdf), &level, &signatures), "total-passed",
           "the contract verifies");
    is_int((int64_t)signatures, 3, "two signatures and the archive timestamp");
    ok(memmem(pdf.p, pdf.n, "/ContactInfo", 12) != NULL &&
           memmem(pdf.p, pdf.n, "one@example.jp", 14) != NULL,
       "the witness signature says which address was proven, not the name alone");
    buf_reset(&pdf);
    IN(kit.p.portal, is_err(envelopes_report_open(tx, e, &file), E_OK, "the report");
       is_err(signing_document_bytes(tx, &file, &pdf), E_OK, "its bytes"));
    is_str(signing_kit_verdict(buf_bytes(&pdf), &level, &signatures), "total-passed",
           "the report verifies");
    buf_free(&pdf);
}

static void test_completion(void)
{
    const char *const nobody[] = { NULL };
    struct envelopes_envelope e = make(true, nobody, false);
    struct envelopes_field f = { .page = 1, .place = STR("bottom-right"), .size = 1800 };
    struct envelopes_document *d;
    size_t n;

    IN(kit.p.portal,
       is_err(add(tx, &e, "佐藤 太郎", "taro@example.test", ENVELOPES_OWN), E_OK, "own");
       is_err(add(tx, &e, "鈴木 一", "one@example.jp", ENVELOPES_WITNESS), E_OK, "by mail");
       is_err(add(tx, &e, "経理", "copy@example.jp", ENVELOPES_NONE), E_OK, "a reader"));
    struct envelopes_party taro = party(&e, 0), one = party(&e, 1);
    IN(kit.p.portal, is_err(envelopes_documents(tx, e.id, &d, &n), E_OK, "documents");
       f.document = d[0].id; f.page = 3;
       ok(envelopes_field_add(tx, &e, one.public_id, &f, &by) != E_OK, "no such page"));
    f.page = 1;
    IN(kit.p.portal, is_err(envelopes_field_add(tx, &e, taro.public_id, &f, &by), E_OK, "a seal");
       f.place = STR("mm"); f.x = f.y = 3000;
       is_err(envelopes_field_add(tx, &e, one.public_id, &f, &by), E_OK, "another"));
    REFUSED(envelopes_field_add(tx, &e, one.public_id, &f, &by), "place-twice",
            "one seal of a person in a document");
    IN(kit.p.portal, is_err(envelopes_send(tx, &e, &by, kit.p.now), E_OK, "sent"));
    e = get(e.public_id);
    taro = party(&e, 0);
    is_int((int64_t)taro.account.v, (int64_t)kit.taro.account.v, "bound to the account");
    REFUSED(add(tx, &e, "X", "x@example.jp", ENVELOPES_WITNESS), "envelope-sent", "it is closed");
    test_own_certificate(&taro, &e);
    sign_by_mail(&one);
    is_int(get(e.public_id).state, ENVELOPES_COMPLETING, "all have signed");
    is_int(count("SELECT COUNT(*) FROM job WHERE kind = 'signer.envelope'"), 1, "one job for it");
    IN(signer, is_err(envelopes_work_complete(tx, e.id, clock_now()), E_OK, "completed"));
    IN(signer, is_err(envelopes_work_complete(tx, e.id, clock_now()), E_OK, "twice is harmless");
       is_err(audit_note(tx, &by, "test.twice", NULL, 0, NULL), E_OK, "noted"));
    e = get(e.public_id);
    is_int(e.state, ENVELOPES_COMPLETED, "it is completed");
    ok(count("SELECT COUNT(*) FROM job WHERE kind = 'envelopes.mail' AND payload LIKE "
             "'%completed%'") == 4,
       "everybody gets a mail, once");
    ok(count("SELECT COUNT(*) FROM envelope_document WHERE digest_done IS NOT NULL AND digest_sent "
             "<> digest_done") == 2,
       "digests before and after are on record");
    judge(&e);
}

static void test_seals(void)
{
    struct certificate_id made[SIGNING_PROVIDER__MAX];
    struct tenant_id provider = { 0 };
    struct db *ctl = harness_db(kit.p.h, DB_CTL);
    size_t n = 0;

    IN(ctl, enum err e = accounts_tenant_find(tx, STR("provider"), &provider);
       if (e == E_ABSENT) e =
           accounts_tenant_create(tx, &by, STR("provider"), STR("Provider"), ACCOUNTS_PROVIDER,
                                  TIMESTAMP_NONE, kit.p.now, &provider);
       is_err(e, E_OK, "the provider");
       is_err(signing_provider_make(tx, provider, STR("Shomei"), &by, kit.p.now, made, &n), E_OK,
              "witness and report seals"));
    for (size_t i = 0; i < n; i++)
        is_err(authority_work_issue(ctl, kit.ca, made[i]), E_OK, "issued");
    db_close(ctl);
}

int main(int argc, char **argv)
{
    log_open("test_envelopes", LOG_LEVEL_ERROR);
    if (!signing_kit_start(argc, argv)) {
        tap_skip("SoftHSM is not installed");
        return tap_done();
    }
    signer = harness_db(kit.p.h, DB_SIGNER);
    envelopes_work_init(kit.settings, words, event);
    kit.p.now = clock_now();
    test_seals();
    kit.p.now = clock_now();
    test_draft();
    test_codes();
    kit.p.now = clock_now();
    test_order();
    test_void_and_expiry();
    test_completion();
    db_close(signer);
    signing_kit_stop();
    return tap_done();
}
