/*
 * test_signing_refusals.c - when signing is refused, and what is left then: PINs (P3-46, P3-141),
 * codes and assertions (P3-23, P3-45), certificates on hold, revoked, expired (P3-147, P3-148), a
 * TSA that is down (P3-29), files that are no PDF (P3-09), idempotency keys, API clients (P3-13,
 * P3-14, P3-47), issuers that are not listed (P3-07, P3-28).
 */
#include "signing_kit.h"

#include "base/log.h"
#include "base/settings.h"
#include "features/authority/authority.h"

static int64_t count(const char *sql)
{
    return harness_count(kit.p.h, sql);
}

static void refused(const struct signing_request *rq, struct str doc, enum err want,
                    const char *reason)
{
    struct signing_receipt r;
    enum err e = signing_kit_sign(rq, doc, &r);
    ok(e == want, "refused: %s", reason);
    is_str(str_z(fault_current()->reason), reason, "with the reason");
}

static void accepted(const struct signing_request *rq, struct str doc, const char *what)
{
    struct signing_receipt r;
    is_err(signing_kit_sign(rq, doc, &r), E_OK, what);
}

static int64_t failures(struct str credential)
{
    return count(str_fmt(kit.a, "SELECT pin_failures FROM shomei.credential WHERE public_id = '%s'",
                         credential.p)
                     .p);
}

static enum err change_pin(struct str credential, const char *old_pin, const char *new_pin)
{
    struct secret *o = people_secret(old_pin), *n = people_secret(new_pin);
    struct audit_by by = { .name = STR("test") };
    struct tx *tx = people_tx(&kit.p, kit.p.portal);
    enum err e = signing_pin_change(tx, kit.hanako, credential, o, n, &by, kit.p.now);
    if (e == E_OK)
        people_end(tx);
    else
        people_undo(tx);
    secret_free(o);
    secret_free(n);
    return e;
}

static void pins(void)
{
    struct str key = signing_kit_credential(kit.hanako, "PIN", "p256", KIT_PIN, "山田 花子");
    struct signing_request rq = signing_kit_request(kit.hanako, key, SIGNING_ES);
    const struct secret *right = rq.pin;
    struct secret *wrong = people_secret("Wrong-2187");
    struct str doc = signing_kit_upload(kit.hanako, kit.pdf);

    rq.pin = NULL;
    refused(&rq, doc, E_INPUT, "pin-required");
    is_int(failures(key), 0, "no PIN is no try");
    rq.pin = wrong;
    refused(&rq, doc, E_AUTH, "pin-wrong");
    refused(&rq, doc, E_AUTH, "pin-wrong");
    is_int(failures(key), 2, "wrong PINs count although the request failed");
    rq.pin = right;
    accepted(&rq, doc, "the right one signs");
    is_int(failures(key), 0, "and forgets the count");
    is_err(change_pin(key, "Wrong-2187", "Maple-7331"), E_AUTH, "a change needs the old PIN");
    is_int(failures(key), 1, "which is counted too");
    is_err(change_pin(key, KIT_PIN, "123456"), E_INPUT, "a weak PIN is refused");
    is_err(change_pin(key, KIT_PIN, "Maple-7331"), E_OK, "the PIN is changed");
    refused(&rq, doc, E_AUTH, "pin-wrong");
    rq.pin = wrong;
    for (int i = 2; i < SIGNING_PIN_TRIES; i++)
        refused(&rq, doc, E_AUTH, "pin-wrong");
    refused(&rq, doc, E_STATE, "credential-locked");
    struct secret *now_right = people_secret("Maple-7331");
    rq.pin = now_right;
    refused(&rq, doc, E_STATE, "credential-locked");
    is_int(
        count("SELECT COUNT(*) FROM shomei.audit_event WHERE action = 'signing.credential.lock'"),
        1, "the lock is audited");
    is_int(count("SELECT COUNT(*) FROM shomei.job WHERE kind = 'signing.locked'"), 1,
           "and a mail to the holder is ordered");
    ok(count("SELECT COUNT(*) FROM shomei.audit_event WHERE action = 'signing.pin.refuse'") >= 3,
       "and so is each refusal");
    ok(count("SELECT COUNT(*) FROM shomei.signature WHERE outcome = 'failed' AND reason_code = "
             "'pin-wrong'") >= 3,
       "failed attempts leave records");
    secret_free(now_right);
    secret_free(wrong);
}

static void codes(void)
{
    struct signing_request rq = signing_kit_request(kit.taro, kit.taro_key, SIGNING_ES);
    struct str doc = signing_kit_upload(kit.taro, kit.pdf), code = people_code(&kit.p, "taro");

    rq.ask_totp = true;
    rq.totp = STR("000000");
    if (str_eq(rq.totp, code))
        rq.totp = STR("000001");
    refused(&rq, doc, E_AUTH, "totp-wrong");
    is_int(count("SELECT failed FROM shomei.account WHERE login = 'taro'"), 1, "it is counted");
    rq.totp = code;
    accepted(&rq, doc, "PIN and code sign");
    refused(&rq, doc, E_AUTH, "totp-wrong");
}

static const struct audit_by by = { .name = { "test", 4 } };

static void hold(struct str key, bool on)
{
    struct tx *tx = people_tx(&kit.p, kit.p.ctl);
    is_err(signing_credential_hold(tx, kit.p.sakura, key, on, STR("doubt"), &by), E_OK,
           on ? "put on hold" : "released");
    people_end(tx);
}

static void revoke(struct str key, uint32_t reason)
{
    struct tx *tx = people_tx(&kit.p, kit.p.ctl);
    is_err(authority_revoke(tx, kit.p.sakura, signing_kit_certificate(key), reason, kit.p.now),
           E_OK, "its certificate is revoked or suspended");
    is_err(audit_note(tx, &by, "test.revoke", NULL, 0, NULL), E_OK, "audited");
    people_end(tx);
}

static void certificates(void)
{
    struct str key = signing_kit_credential(kit.hanako, "K", "p384", KIT_PIN, "山田 花子");
    struct signing_request rq = signing_kit_request(kit.hanako, key, SIGNING_ES);
    struct str doc = signing_kit_upload(kit.hanako, kit.pdf);

    accepted(&rq, doc, "P-384 signs");
    hold(key, true);
    refused(&rq, doc, E_STATE, "credential-hold");
    hold(key, false);
    accepted(&rq, doc, "after the release it signs again");
    revoke(key, 1);
    refused(&rq, doc, E_STATE, "certificate-revoked");
    rq = signing_kit_request(kit.hanako, kit.hanako_key, SIGNING_ES);
    rq.now = timestamp_add(kit.p.now, 20 * 365 * DAY_US);
    struct tx *tx = people_tx(&kit.p, kit.p.portal);
    struct signing_credential c;
    struct signing_certificate x;
    is_err(signing_credential_find(tx, kit.hanako, kit.hanako_key, &c), E_OK, "found");
    is_err(signing_credential_certificate(tx, &c, rq.now, &x), E_OK, "its certificate");
    is_str(x.state, "expired", "is over in twenty years");
    people_undo(tx);
    /* the document's eight hours are over long before */
    refused(&rq, doc, E_STATE, "document-deleted");
    struct signing_request seal = signing_kit_request(kit.client, kit.seal, SIGNING_ES);
    struct buf out = buf_init(1 << 20);
    struct signing_receipt r;
    seal.now = rq.now;
    signing_kit_as_api();
    tx = people_tx(&kit.p, kit.api);
    is_err(signing_sign_bytes(tx, &seal, STR("a.pdf"), kit.pdf, STR_ABSENT, &out, &r), E_STATE,
           "an expired certificate does not sign");
    is_str(str_z(fault_current()->reason), "certificate-expired", "with the reason");
    people_undo(tx);
    signing_kit_as_portal();
    buf_free(&out);
}

/* P3-07, P3-28: certificates of an issuer that is not listed do not sign, although they are valid.
 */
static void issuers(void)
{
    struct signing_request rq = signing_kit_request(kit.hanako, kit.hanako_key, SIGNING_ES);
    struct str doc = signing_kit_upload(kit.hanako, kit.pdf);
    struct str conf = str_fmt(kit.a, "%s/test.conf", harness_dir(kit.p.h));
    struct settings *others = NULL;

    accepted(&rq, doc, "an empty list means our own authorities");
    ok(setenv("SHOMEI_SIGNING_ISSUERS",
              "00000000000000000000000000000000000000000000000000000000000000ff", 1) == 0,
       "a list of somebody else");
    is_err(settings_load(conf.p, &others), E_OK, "settings");
    ok(unsetenv("SHOMEI_SIGNING_ISSUERS") == 0, "for this test only");
    is_err(signing_setup(others, kit.side, kit.signing), E_OK, "set up with it");
    refused(&rq, doc, E_STATE, "certificate-issuer");
    signing_kit_as_portal();
    settings_free(others);
    accepted(&rq, doc, "without the list it signs again");
}

/* ES-T fails whole, and may be tried again. */
static void tsa_down(void)
{
    struct signing_request rq = signing_kit_request(kit.hanako, kit.hanako_key, SIGNING_ES_T);
    struct str doc = signing_kit_upload(kit.hanako, kit.pdf);

    signing_kit_down("tsa", true);
    refused(&rq, doc, E_BACKEND, "tsa-unavailable");
    ok(bytes_eq(signing_kit_bytes(kit.hanako, doc), kit.pdf), "nothing half signed is stored");
    rq.level = SIGNING_ES;
    accepted(&rq, doc, "ES needs no TSA");
    signing_kit_down("tsa", false);
    rq.level = SIGNING_ES_T;
    accepted(&rq, doc, "and when it is back ES-T is signed");
    signing_kit_down("ocsp", true);
    signing_kit_down("crl", true);
    rq.level = SIGNING_ES_LT;
    refused(&rq, doc, E_BACKEND, "revocation-unavailable");
    signing_kit_down("crl", false);
    signing_kit_down("ocsp", false);
}

static void no_pdf(void)
{
    static const char *const texts[] = { "", "hello", "%PDF-1.7\n%%EOF\n" };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        ok(str_absent(signing_kit_upload(kit.hanako, bytes_of_str(str_z(texts[i])))),
           "no PDF: \"%.5s\" is refused", texts[i]);
        ok(strncmp(fault_current()->reason, "pdf-", 4) == 0, "because of %s",
           fault_current()->reason);
    }
    int good = 0;
    for (size_t i = 1; i < 10; i++) {
        struct bytes cut = { kit.pdf.p, kit.pdf.n * i / 10 };
        good += !str_absent(signing_kit_upload(kit.hanako, cut));
    }
    is_int(good, 0, "cut at every tenth byte it is refused");
}

static enum err api_sign(const struct signing_request *rq, const char *key, struct buf *out,
                         struct signing_receipt *r)
{
    struct tx *tx = people_tx(&kit.p, kit.api);
    enum err e = signing_sign_bytes(tx, rq, STR("a.pdf"), kit.pdf, str_z(key), out, r);
    if (e == E_OK)
        people_end(tx);
    else
        people_undo(tx);
    return e;
}

static void idempotency(void)
{
    struct signing_request rq = signing_kit_request(kit.client, kit.seal, SIGNING_ES);
    struct buf one = buf_init(1 << 20), two = buf_init(1 << 20);
    struct signing_receipt a, b;

    rq.pin = NULL;
    is_err(api_sign(&rq, "k-1", &one, &a), E_OK, "a seal signs without a PIN");
    is_str(signing_kit_verdict(buf_bytes(&one), NULL, NULL), "total-passed", "validly");
    is_err(api_sign(&rq, "k-1", &two, &b), E_OK, "the same key again");
    ok(b.replayed && str_eq(a.record, b.record), "is the same job");
    ok(bytes_eq(buf_bytes(&one), buf_bytes(&two)), "with the same bytes");
    rq.level = SIGNING_ES_T;
    buf_reset(&two);
    is_err(api_sign(&rq, "k-1", &two, &b), E_CONFLICT, "another request has no use of it");
    is_str(str_z(fault_current()->reason), "idempotency-key-reused", "and is told so");
    signing_kit_down("tsa", true);
    is_err(api_sign(&rq, "k-2", &two, &b), E_BACKEND, "a request that failed");
    signing_kit_down("tsa", false);
    buf_reset(&two);
    is_err(api_sign(&rq, "k-2", &two, &b), E_OK, "may use its key again");
    buf_free(&one);
    buf_free(&two);
}

static void state_of_hanako(const char *state)
{
    struct str none;
    struct str sql =
        str_fmt(kit.a, "UPDATE shomei.account SET state = '%s' WHERE login = 'hanako'", state);
    is_err(harness_sql(kit.p.h, sql.p, &none), E_OK, state);
}

/* P3-140, P3-141: what stops the account stops its key, also through a customer's system. */
static void assertions(void)
{
    struct signing_request rq = signing_kit_request(kit.client, kit.hanako_key, SIGNING_ES);
    struct buf out = buf_init(1 << 20);
    struct signing_receipt r;

    rq.assertion.level = 1;
    is_err(api_sign(&rq, NULL, &out, &r), E_DENIED, "one factor is not enough");
    is_str(str_z(fault_current()->reason), "assertion-level", "for a person's key");
    rq.assertion = (struct signing_assertion){ STR("x"), 2, timestamp_add(kit.p.now, -HOUR_US) };
    is_err(api_sign(&rq, NULL, &out, &r), E_DENIED, "an hour ago is too long");
    rq.assertion.at = TIMESTAMP_NONE;
    is_err(api_sign(&rq, NULL, &out, &r), E_DENIED, "no time is none");
    rq.assertion.at = kit.p.now;
    is_err(api_sign(&rq, NULL, &out, &r), E_OK, "two factors just now sign, with the PIN");
    static const char *const stopped[] = { "locked", "suspended", "closed" };
    for (size_t i = 0; i < sizeof stopped / sizeof *stopped; i++) {
        state_of_hanako(stopped[i]);
        is_err(api_sign(&rq, NULL, &out, &r), E_ABSENT, "a person who is stopped signs nowhere");
    }
    state_of_hanako("active");
    is_err(api_sign(&rq, NULL, &out, &r), E_OK, "and again after that is over");
    rq = signing_kit_request(kit.client, kit.alice_key, SIGNING_ES);
    is_err(api_sign(&rq, NULL, &out, &r), E_ABSENT, "another tenant's person is unknown");
    buf_free(&out);
}

static enum err who(struct signing_client *c)
{
    struct tx *tx = people_tx(&kit.p, kit.api);
    enum err e = signing_client_by_certificate(tx, kit.client_pem, kit.p.now, c);
    people_undo(tx);
    return e;
}

static void contract(int64_t in_us)
{
    struct tx *tx = people_tx(&kit.p, kit.p.ctl);
    is_err(accounts_tenant_contract(tx, &by, kit.p.sakura, timestamp_add(kit.p.now, in_us)), E_OK,
           "the contract ends");
    people_end(tx);
}

static void clients(void)
{
    struct signing_client c;
    uint32_t retry;
    struct tx *tx;
    struct str none;

    is_err(who(&c), E_OK, "a certificate names its client");
    ok(c.id.v == kit.client.client.v && c.tenant.v == kit.p.sakura.v, "and its tenant");
    is_err(harness_sql(kit.p.h, "UPDATE shomei.client SET per_minute = 3", &none), E_OK, "limit 3");
    tx = people_tx(&kit.p, kit.api);
    for (int i = 0; i < 3; i++)
        is_err(signing_client_admit(tx, c.id, 10, kit.p.now, &retry), E_OK, "within the limit");
    is_err(signing_client_admit(tx, c.id, 10, kit.p.now, &retry), E_LIMIT, "over it");
    ok(retry > 0 && retry <= 60, "with a time to wait");
    is_err(signing_client_admit(tx, c.id, UINT64_C(1) << 40, kit.p.now, &retry), E_LIMIT,
           "too big");
    people_undo(tx);
    is_err(harness_sql(kit.p.h, "UPDATE shomei.client SET state = 'suspended'", &none), E_OK, "");
    is_err(who(&c), E_AUTH, "a suspended client is refused");
    is_err(harness_sql(kit.p.h, "UPDATE shomei.client SET state = 'active'", &none), E_OK, "");
    contract(-DAY_US);
    is_err(who(&c), E_AUTH, "a client whose contract is over is refused (P3-145)");
    contract(DAY_US);
    is_err(who(&c), E_OK, "one whose contract runs is not");
    tx = people_tx(&kit.p, kit.p.ctl);
    is_err(authority_revoke(tx, kit.p.sakura, kit.client_certificate, 1, kit.p.now), E_OK,
           "its certificate is revoked");
    is_err(audit_note(tx, &by, "test.revoke", NULL, 0, NULL), E_OK, "audited");
    people_end(tx);
    is_err(who(&c), E_AUTH, "and refused at once");
}

int main(int argc, char **argv)
{
    log_open("test_signing_refusals", LOG_LEVEL_ERROR);
    if (!signing_kit_start(argc, argv)) {
        tap_skip("SoftHSM is not installed");
        return tap_done();
    }
    pins();
    codes();
    certificates();
    issuers();
    tsa_down();
    no_pdf();
    signing_kit_as_api();
    idempotency();
    assertions();
    clients();
    signing_kit_stop();
    return tap_done();
}
