/*
 * test_registration.c - applying for certificates (P1-30, P1-51, P3-20, P3-31, P3-32, P3-44): the
 * receipt number, the checks, the four screens, double sending, what others must not see, mails
 * without personal data, correction, withdrawal, and keys of the token.
 */
#include "apply_kit.h"

#include "base/log.h"
#include "features/authority/authority.h"
#include "features/certificates/certificates.h"

static struct fake_reply reply;

static bool has(const char *text)
{
    return fake_reply_has(&reply, text);
}

static int get(struct fake *who, const char *path)
{
    reply = fake_get(who, path);
    return reply.status;
}

static int post(struct fake *who, const char *path, const char *form)
{
    reply = fake_post(who, path, form);
    return reply.status;
}

#define path(format, what) (str_fmt(kit.a, format, (what).p).p)

/* --- receipt numbers --- */

struct str registration_receipt_new(struct arena *a);

static void numbers(void)
{
    struct str number = registration_receipt_new(kit.a), read;
    char wrong[16];
    size_t bad = 0;

    is_int((int64_t)number.n, 14, "a receipt number has twelve signs in three groups");
    ok(registration_receipt_read(kit.a, str_lower(kit.a, number), &read) && str_eq(read, number),
       "read in small letters");
    ok(registration_receipt_read(
           kit.a, str_fmt(kit.a, " %.4s%.4s %.4s", number.p, number.p + 5, number.p + 10), &read) &&
           str_eq(read, number),
       "and with other gaps");
    for (size_t i = 0; i < number.n; i++) {
        if (number.p[i] == '-')
            continue;
        (void)snprintf(wrong, sizeof wrong, "%s", number.p);
        wrong[i] = wrong[i] == '7' ? '8' : '7';
        bad += registration_receipt_read(kit.a, str_z(wrong), &read);
    }
    is_int((int64_t)bad, 0, "no single wrong sign passes");
    ok(!registration_receipt_read(kit.a, STR("K4TX-9PWQ-7M2"), &read) &&
           !registration_receipt_read(kit.a, STR(""), &read) &&
           !registration_receipt_read(kit.a, STR("K4TX-9PWQ-7M2F-7M2F"), &read),
       "too short, empty, too long");
}

/* --- checks --- */

static struct profiles_finding *found;
static size_t found_n;

static bool finds(const char *code, bool refuses)
{
    for (size_t i = 0; i < found_n; i++)
        if (str_eq_z(found[i].code, code))
            return found[i].refuses == refuses;
    for (size_t i = 0; i < found_n; i++)
        tap_note("found %s", found[i].code.p);
    return false;
}

static struct profiles_value values[8];

static struct registration_new application(const char *name, struct bytes csr)
{
    values[0] = (struct profiles_value){ STR("name"), str_z(name) };
    values[1] = (struct profiles_value){ STR("email"), STR("hanako@example.test") };
    values[2] = (struct profiles_value){
        STR("organization"),
        apply_kit_text(str_fmt(kit.a, "SELECT name FROM shomei.tenant WHERE id = %llu",
                               (unsigned long long)kit.p.sakura.v)
                           .p)
    };
    return (struct registration_new){ .tenant = kit.p.sakura,
                                      .applicant = kit.hanako.account,
                                      .subscriber = kit.hanako.account,
                                      .via = STR("page"),
                                      .profile = STR("user-auth"),
                                      .key_source = PROFILES_CSR,
                                      .values = values,
                                      .values_n = 3,
                                      .csr = csr,
                                      .contact = STR("hanako@example.test"),
                                      .lang = STR("en") };
}

static void check(const struct registration_new *n)
{
    struct tx *tx = people_tx(&kit.p, kit.p.portal);

    is_err(registration_check(tx, n, clock_now(), &found, &found_n), E_OK, "checked");
    people_undo(tx);
}

static void checks(void)
{
    struct bytes csr = apply_kit_request("hanako", false), broken = bytes_dup(kit.a, csr);
    struct registration_new n = application("hanako", csr);

    check(&n);
    ok(!registration_refuses(found, found_n), "a right application is not refused");
    ok(finds("csr-names-ignored", false), "other names in the request are noted");
    n = application("hanako", apply_kit_request(NULL, true));
    check(&n);
    is_int((int64_t)found_n, 0, "PEM without names: nothing is found");
    ((uint8_t *)(uintptr_t)broken.p)[broken.n - 2] ^= 1;
    n.csr = broken;
    check(&n);
    ok(finds("csr-signature", true), "a wrong proof of possession refuses");
    n.csr = bytes_of_str(STR("hello"));
    check(&n);
    ok(finds("csr-malformed", true), "no request");
    n.csr = BYTES_ABSENT;
    check(&n);
    ok(finds("csr-missing", true), "none at all");
    n = application("hana\xe2\x80\xaeko", csr);
    check(&n);
    ok(registration_refuses(found, found_n), "a name that reads another way is refused");
    n = application("hanako", csr);
    values[1].value = STR("hanako@elsewhere.test");
    check(&n);
    ok(finds("namespace-mail", true) && finds("value-not-own", true),
       "an address outside of the namespace, and not one's own: both are told");
}

static void who_may(void)
{
    struct bytes csr = apply_kit_request(NULL, false);
    struct registration_new n = application("taro", csr);

    n.subscriber = kit.taro.account;
    check(&n);
    ok(finds("not-for-others", true), "an end user applies for himself only");
    n.subscriber = kit.alice.account;
    n.applicant = apply_kit.admin;
    check(&n);
    ok(finds("subscriber-unknown", true), "nobody for people of another customer");
    n = application("hanako", csr);
    n.profile = STR("tls-private");
    check(&n);
    ok(finds("profile-not-offered", true), "a kind that is not for this role");
    n = application("hanako", csr);
    n.profile = STR("signing");
    check(&n);
    ok(finds("key-source", true), "a way of the key that the profile does not have");
    n = application("hanako", csr);
    n.validity_days = 4000;
    check(&n);
    ok(finds("validity-too-long", true), "a validity beyond the profile's");
}

/* --- four screens --- */

#define FIELDS "v0=%E5%B1%B1%E7%94%B0%20%E8%8A%B1%E5%AD%90&v3=Sales"

static struct str draft, receipt;

static void begin(void)
{
    is_int(get(apply_kit.hanako, "/certificates/apply"), 200, "the kinds");
    ok(has("User authentication") && has("Document signing") && !has("TLS server"),
       "those for an end user, in words");
    is_int(post(apply_kit.hanako, "/certificates/apply", "profile=tls-private"), 403,
           "another kind is refused");
    is_int(post(apply_kit.hanako, "/certificates/apply", "profile=user-auth&person=1"), 404,
           "and so is another person");
    is_int(post(apply_kit.hanako, "/certificates/apply", "profile=user-auth"), 303, "begun");
    draft = str_dup(kit.a, portal_kit_location(apply_kit.hanako, &reply));
    is_int(get(apply_kit.hanako, draft.p), 200, "the form");
    ok(has("hanako@example.test") && has("not registered") == false,
       "filled with what is known already");
    is_int(get(apply_kit.taro, draft.p), 404, "nobody else's draft");
    is_int(get(apply_kit.alice, draft.p), 404, "least of all another customer's");
    is_int(post(apply_kit.taro, path("%s/delete", draft), ""), 404, "nor may they throw it away");
    is_int(fake_post_bare(apply_kit.hanako, draft.p, FIELDS).status, 403, "no token, no change");
}

static void fill_in(void)
{
    struct bytes big = { arena_alloc(kit.a, 20000), 20000 };

    is_int(post(apply_kit.hanako, draft.p, "v0=a%E2%80%AEb&key=csr"), 422,
           "a name with a bidirectional override");
    is_int(post(apply_kit.hanako, draft.p, "v0=&v3=Sales&key=csr"), 422, "no name");
    is_int(get(apply_kit.hanako, draft.p), 200, "but what was written");
    ok(has("Sales"), "is kept");
    is_int(post(apply_kit.hanako, draft.p, FIELDS "&key=csr&csr=hello"), 422, "no request");
    ok(has("no certificate request"), "in words");
    reply = fake_upload(apply_kit.hanako, draft.p, FIELDS "&key=csr", "csr_file", "x", big);
    ok(reply.status == 422 || reply.status == 413, "a file that is too large");
    reply = fake_upload(apply_kit.hanako, draft.p, FIELDS "&key=csr", "csr_file", "x",
                        apply_kit_request("somebody", false));
    is_int(reply.status, 303, "all is well");
}

static void confirm(void)
{
    struct str confirm = str_fmt(kit.a, "%s/confirm", draft.p);

    is_int(get(apply_kit.hanako, confirm.p), 200, "everything once more");
    ok(has("P-256") && has("CN=somebody") && has("in order") && has("\xe5\xb1\xb1\xe7\x94\xb0"),
       "names, key, what is ignored, what was checked");
    is_int(get(apply_kit.taro, confirm.p), 404, "for one person alone");
    is_int(post(apply_kit.hanako, confirm.p, ""), 303, "sent");
    struct str first = str_dup(kit.a, portal_kit_location(apply_kit.hanako, &reply));
    is_int(post(apply_kit.hanako, confirm.p, ""), 303, "pressed twice");
    ok(str_eq(first, portal_kit_location(apply_kit.hanako, &reply)), "is one application");
    is_int(apply_kit_count("SELECT COUNT(*) FROM shomei.application WHERE receipt IS NOT NULL"), 1,
           "in the table as well");
    is_int(get(apply_kit.hanako, first.p), 200, "the number");
    receipt = apply_kit_text("SELECT receipt FROM shomei.application WHERE receipt IS NOT NULL");
    ok(has(receipt.p) && has("What happens next"), "and what happens next");
}

static void follow(void)
{
    is_int(get(apply_kit.hanako, "/applications"), 200, "the list");
    ok(has(receipt.p) && has("waits for review"), "with its state");
    is_int(get(apply_kit.hanako, "/applications?state=issued"), 200, "another state");
    ok(!has(receipt.p), "without it");
    is_int(get(apply_kit.hanako, path("/applications/%s", receipt)), 200, "the application");
    is_int(get(apply_kit.taro, path("/applications/%s", receipt)), 404, "not for a colleague");
    is_int(get(apply_kit.alice, path("/applications/%s", receipt)), 404,
           "nor for another customer");
    is_int(get(apply_kit.hanako, path("/applications/%s/correct", receipt)), 409,
           "nothing to correct yet");
    is_int(post(apply_kit.taro, path("/applications/%s/withdraw", receipt), "generation=0"), 404,
           "nobody else withdraws it");
}

static void mails(void)
{
    apply_kit_work();
    struct str mail = apply_kit_text("SELECT CONCAT(subject, ' | ', text_part, html_part) FROM "
                                     "shomei.mail WHERE template = 'registration/received'");
    ok(strstr(mail.p, "[Shomei]") && strstr(mail.p, receipt.p) &&
           strstr(mail.p, "https://portal.test/applications/"),
       "the acknowledgement has the number and one link");
    ok(!strstr(mail.p, "\xe5\xb1\xb1\xe7\x94\xb0") && !strstr(mail.p, "hanako") &&
           !strstr(mail.p, "Sales"),
       "and no personal data (P1-51)");
}

static void issue(void)
{
    apply_kit_sql(
        "INSERT INTO shomei.job (kind, payload, due, created) SELECT 'registration.issue', "
        "CONCAT('{\"application\":', id, '}'), NOW(6), NOW(6) FROM shomei.application");
    apply_kit_work();
    is_int(apply_kit_count("SELECT COUNT(*) FROM shomei.certificate WHERE application_id IS NOT "
                           "NULL"),
           0, "nothing is asked for before the approval, whoever orders it (P3-32)");
    apply_kit_approve(receipt);
    apply_kit_work();
    struct registration r = apply_kit_look(receipt);
    is_int(r.state, REGISTRATION_ISSUED, "approved, issued");
    ok(r.certificate.v != 0, "with its certificate");
    is_int(apply_kit_count("SELECT COUNT(*) FROM shomei.mail WHERE template = "
                           "'registration/issued'"),
           1, "and told");
    is_int(get(apply_kit.hanako, path("/applications/%s", receipt)), 200, "the page");
    ok(has("Certificate issued") && has("/certificates/"), "leads to it");
    struct registration_new n =
        application("\xe5\xb1\xb1\xe7\x94\xb0 \xe8\x8a\xb1\xe5\xad\x90", r.csr);
    values[3] = (struct profiles_value){ STR("unit"), STR("Sales") };
    n.values_n = 4;
    check(&n);
    ok(finds("name-certified", false), "the same name again is noted");
    ok(found_n >= 2, "and so is the same key");
    n.applicant = n.subscriber = kit.taro.account;
    check(&n);
    ok(finds("key-used", true), "which is refused to somebody else");
}

/* --- returned, corrected, withdrawn --- */

static void hand_back(struct str number)
{
    const struct audit_by by = { .tenant = kit.p.sakura,
                                 .account = apply_kit.lra,
                                 .name = STR("lra") };
    struct registration r = apply_kit_look(number);
    struct tx *tx = people_tx(&kit.p, kit.p.portal);

    is_err(registration_return(tx, &by, kit.p.sakura, r.id, r.generation,
                               STR("The department, please."), clock_now()),
           E_OK, "returned");
    people_end(tx);
}

static void correct(void)
{
    struct str number = apply_kit_apply(apply_kit.taro, "user-auth", "v0=Taro&key=csr",
                                        apply_kit_request(NULL, true));
    struct registration before;
    const char *form;

    hand_back(number);
    before = apply_kit_look(number);
    is_int(get(apply_kit.taro, path("/applications/%s/correct", number)), 200, "to be corrected");
    ok(has("The department, please."), "with what the reviewer writes");
    is_int(get(apply_kit.hanako, path("/applications/%s/correct", number)), 404,
           "by the applicant alone");
    is_int(post(apply_kit.taro, path("/applications/%s/correct", number),
                "v0=Taro&v3=Sales&generation=0"),
           409, "not over what changed meanwhile");
    form = str_fmt(kit.a, "v0=Taro&v3=Sales&generation=%u", before.generation).p;
    is_int(post(apply_kit.taro, path("/applications/%s/correct", number), form), 303, "sent again");
    struct registration r = apply_kit_look(number);
    ok(r.state == REGISTRATION_WAITING && r.generation > before.generation && r.values_n == 4,
       "same number, next generation, as corrected");
    is_int(post(apply_kit.taro, path("/applications/%s/correct", number), form), 409,
           "the old form once more does nothing");
    is_int(get(apply_kit.taro, path("/applications/%s/withdraw", number)), 200, "withdrawn?");
    form = str_fmt(kit.a, "generation=%u", r.generation).p;
    is_int(post(apply_kit.taro, path("/applications/%s/withdraw", number), form), 303, "withdrawn");
    is_int(apply_kit_look(number).state, REGISTRATION_WITHDRAWN, "for good");
}

/* --- keys of the token --- */

/* The key goes on: a new certificate takes the place of the old one, nothing is made anew. */
static void renewed_in_token(struct str number, struct str credential)
{
    static const struct authority_hooks hooks = { .released = certificates_released };
    const struct audit_by by = { .tenant = kit.p.sakura, .account = kit.hanako.account };
    struct registration old = apply_kit_look(number), made = { .receipt = STR("") };
    const struct registration_new n = { .tenant = old.tenant,
                                        .applicant = old.applicant,
                                        .subscriber = old.subscriber,
                                        .via = STR("page"),
                                        .profile = old.profile,
                                        .key_source = PROFILES_HSM,
                                        .values = old.values,
                                        .values_n = old.values_n,
                                        .csr = old.csr,
                                        .credential = old.credential,
                                        .renews = old.certificate,
                                        .contact = old.contact,
                                        .lang = old.lang };
    struct tx *tx = people_tx(&kit.p, kit.p.portal);

    authority_work_hooks(&hooks);
    is_err(registration_submit(tx, &by, &n, clock_now(), &made), E_OK, "the same key, renewed");
    people_end(tx);
    made.receipt = str_dup(kit.a, made.receipt);
    apply_kit_approve(made.receipt);
    apply_kit_work();
    struct registration new = apply_kit_look(made.receipt);
    is_int(new.state, REGISTRATION_ISSUED, "issued");
    is_int(apply_kit_count(
               str_fmt(kit.a,
                       "SELECT COUNT(*) FROM shomei.credential k JOIN shomei.certificate c ON "
                       "c.id = k.certificate_id JOIN shomei.certificate o ON o.replaced_by = c.id "
                       "WHERE k.public_id = '%s' AND c.id = %llu AND o.id = %llu AND o.spki_sha256 "
                       "= c.spki_sha256",
                       credential.p, (unsigned long long)new.certificate.v,
                       (unsigned long long)old.certificate.v)
                   .p),
           1, "registered with the signing service in place of the old one (P3-21, P3-22)");
    struct signing_request rq = signing_kit_request(kit.hanako, credential, SIGNING_ES);
    struct signing_receipt done;
    is_err(signing_kit_sign(&rq, signing_kit_upload(kit.hanako, kit.pdf), &done), E_OK,
           "and the same PIN signs");
}

static void token(void)
{
    struct str number =
        apply_kit_apply(apply_kit.hanako, "signing", "v0=Hanako&key=hsm", BYTES_ABSENT);
    int64_t before = apply_kit_count("SELECT COUNT(*) FROM shomei.credential");

    is_int(apply_kit_count("SELECT COUNT(*) FROM shomei.registration_key"), 1,
           "the key is made, and waits");
    apply_kit_approve(number);
    apply_kit_work();
    is_int(apply_kit_look(number).state, REGISTRATION_ISSUED, "issued");
    is_int(apply_kit_count("SELECT COUNT(*) FROM shomei.credential") - before, 1,
           "now it is a credential");
    is_int(apply_kit_count("SELECT COUNT(*) FROM shomei.registration_key"), 0, "and waits no more");
    struct str id = apply_kit_text("SELECT public_id FROM shomei.credential ORDER BY id DESC LIMIT "
                                   "1");
    struct signing_request rq = signing_kit_request(kit.hanako, id, SIGNING_ES);
    struct signing_receipt done;
    is_err(signing_kit_sign(&rq, signing_kit_upload(kit.hanako, kit.pdf), &done), E_OK,
           "which signs, with the PIN that was chosen");
    renewed_in_token(number, str_dup(kit.a, id));
    number = apply_kit_apply(apply_kit.taro, "signing", "v0=Taro&key=hsm", BYTES_ABSENT);
    (void)post(apply_kit.taro, path("/applications/%s/withdraw", number),
               str_fmt(kit.a, "generation=%u", apply_kit_look(number).generation).p);
    apply_kit_work();
    is_int(apply_kit_count("SELECT COUNT(*) FROM shomei.registration_key"), 0,
           "a key without application is erased");
}

/* --- for somebody else --- */

static void for_others(void)
{
    is_int(get(apply_kit.hanako, "/certificates/apply/person"), 403, "not by end users");
    is_int(get(apply_kit.chief, "/certificates/apply/person?q=ta"), 200, "found by name");
    ok(has("taro@example.test") && !has("alice"), "among one's own people");
    struct str person = str_fmt(kit.a, "%llu", (unsigned long long)kit.taro.account.v);
    is_int(
        post(apply_kit.chief, "/certificates/apply", path("profile=user-auth&person=%s", person)),
        303, "begun for somebody else");
    struct str other = str_fmt(kit.a, "%llu", (unsigned long long)kit.alice.account.v);
    is_int(post(apply_kit.chief, "/certificates/apply", path("profile=user-auth&person=%s", other)),
           404, "but not for another customer's people");
}

static void in_japanese(void)
{
    fake_header(apply_kit.hanako, "Accept-Language", "ja");
    apply_kit_sql("UPDATE shomei.account SET lang = 'ja' WHERE login = 'hanako'");
    is_int(get(apply_kit.hanako, "/certificates/apply"), 200, "in Japanese");
    ok(has("\xe7\x94\xb3\xe8\xab\x8b") && has("lang=\"ja\""), "the words are Japanese");
    is_int(get(apply_kit.hanako, path("/applications/%s", receipt)), 200, "as is the application");
}

/* What is kept of people who apply: nothing but what these columns hold (P1-32), each application
 * being the customer's instruction (P1-05, P1-29). */
static void inventory(void)
{
    is_str(apply_kit_text("SELECT GROUP_CONCAT(column_name ORDER BY ordinal_position) FROM "
                          "information_schema.columns WHERE table_schema = 'shomei' AND "
                          "table_name = 'application'"),
           "id,receipt,tenant_id,applicant_id,subscriber_id,via,kind,profile,profile_version,"
           "key_source,state,title,fields,edited,csr,spki_sha256,credential,validity_days,checks,"
           "contact,lang,approvals_needed,first_approver,first_at,second_approver,second_at,"
           "decision_note,renews,certificate_id,refused,generation,created_at,submitted_at,"
           "changed_at,decided_at",
           "the inventory of fields is what the README says");
    is_int(apply_kit_count(
               "SELECT COUNT(*) FROM shomei.certificate c LEFT JOIN shomei.application p ON p.id = "
               "c.application_id AND p.tenant_id = c.tenant_id AND p.first_approver IS NOT NULL "
               "WHERE c.application_id IS NOT NULL AND p.id IS NULL"),
           0, "no certificate without an application that the customer approved");
}

int main(int argc, char **argv)
{
    log_open("test_registration", LOG_LEVEL_ERROR);
    if (!apply_kit_start(argc, argv)) {
        tap_skip("SoftHSM is not installed");
        return tap_done();
    }
    numbers();
    checks();
    who_may();
    begin();
    fill_in();
    confirm();
    follow();
    mails();
    issue();
    correct();
    token();
    for_others();
    in_japanese();
    inventory();
    apply_kit_stop();
    return tap_done();
}
