/*
 * test_registration_review.c - decisions on applications (P1-10, P3-31, P3-32, P3-44): who may, in
 * which state, on which version, what is recorded; and that the schema refuses the same by itself.
 */
#include "review_kit.h"

#include "base/crypto.h"
#include "base/log.h"
#include "pki/csr.h"

#define K review_kit

/* The number that a query yields; {id} in it is the application's. */
static int64_t count(const char *sql, const struct registration *r)
{
    struct str text = STR("");

    for (const char *at; (at = strstr(sql, "{id}")) != NULL; sql = at + 4)
        text =
            str_fmt(K.p.a, "%s%.*s%llu", text.p, (int)(at - sql), sql, (unsigned long long)r->id.v);
    return harness_count(K.p.h, str_fmt(K.p.a, "%s%s", text.p, sql).p);
}

static bool because(const char *reason)
{
    if (strcmp(fault_current()->reason, reason) == 0)
        return true;
    (void)printf("# reason is %s\n", fault_current()->reason);
    return false;
}

static void one_approval(void)
{
    struct registration r = review_kit_apply("smime", K.hanako, K.hanako, "page", PROFILES_CSR);
    struct registration old = r, now;

    is_int(r.state, REGISTRATION_WAITING, "it waits");
    is_err(review_kit_act(REGISTRATION_APPROVE, &r, K.lra[0], NULL), E_OK,
           "an LRA operator approves");
    now = review_kit_look(&r);
    is_int(now.state, REGISTRATION_APPROVED, "one approval is enough for this profile");
    is_int((int64_t)now.first_approver.v, (int64_t)K.lra[0].v, "and says whose it is");
    is_int(now.certificate.v == 0 ? count("SELECT COUNT(*) FROM shomei.job WHERE kind = "
                                          "'registration.issue' AND payload LIKE '%:{id}}'",
                                          &r)
                                  : -1,
           1, "the worker is told; the pages ask no authority themselves (P3-32)");
    is_int(count("SELECT COUNT(*) FROM shomei.application_vetting WHERE application_id = {id} AND "
                 "method = 'register'",
                 &r),
           3, "what was confirmed is kept (P1-10)");
    is_int(
        count("SELECT COUNT(*) FROM shomei.application_event WHERE application_id = {id} AND kind "
              "= 'approved' AND actor_id IS NOT NULL",
              &r),
        1, "in the history");
    is_int(count("SELECT COUNT(*) FROM shomei.audit_event WHERE action = "
                 "'registration.application.approve' AND object_id = '{id}'",
                 &r),
           1, "and in the audit log");
    is_err(review_kit_act(REGISTRATION_APPROVE, &old, K.lra[0], NULL), E_CONFLICT,
           "the same approval again is refused");
    ok(because("changed-meanwhile"), "because it is another version by now");
    is_err(review_kit_act(REGISTRATION_REJECT, &now, K.admin, "too late"), E_STATE,
           "what is approved is not rejected any more");
    is_int(count("SELECT COUNT(*) FROM shomei.job WHERE kind = 'registration.issue' AND payload "
                 "LIKE '%:{id}}'",
                 &r),
           1, "one order came of it");
}

static void who_may(void)
{
    struct registration mine =
        review_kit_apply("smime", K.admin, K.hanako, "page", PROFILES_BROWSER);
    struct registration me = review_kit_apply("smime", K.admin, K.admin, "page", PROFILES_BROWSER);
    struct audit_by by = review_kit_by(K.midori);
    struct tx *tx;

    for (int act = REGISTRATION_APPROVE; act <= REGISTRATION_HOLD; act++) {
        is_err(review_kit_act((enum registration_act)act, &mine, K.admin, "x"), E_DENIED,
               "nobody decides on what they applied for");
        ok(because("own-application"), "and is told so");
        is_err(review_kit_act((enum registration_act)act, &me, K.admin, "x"), E_DENIED,
               "nor on a certificate of their own");
        ok(because("about-oneself"), "and is told so");
        is_err(review_kit_act((enum registration_act)act, &mine, K.jiro, "x"), E_DENIED,
               "an end user decides nothing");
        ok(because("not-a-reviewer"), "and is told so");
        is_err(review_kit_act((enum registration_act)act, &mine, K.midori, "x"), E_DENIED,
               "nor does another customer's administrator");
    }
    tx = people_tx(&K.p, K.p.portal);
    by.tenant = K.p.midori;
    is_err(registration_approve(tx, &by, K.p.midori, mine.id, mine.generation, review_kit_vetting,
                                3, clock_now()),
           E_ABSENT, "in their own tenant there is no such application");
    people_undo(tx);
    review_kit_sql("UPDATE shomei.account SET state = 'suspended', state_reason = 'administrator' "
                   "WHERE login = 'lra2'");
    is_err(review_kit_act(REGISTRATION_APPROVE, &mine, K.lra[2], NULL), E_DENIED,
           "a suspended reviewer decides nothing");
    review_kit_sql("UPDATE shomei.account SET state = 'active', state_reason = '' WHERE login = "
                   "'lra2'");
    is_err(review_kit_act(REGISTRATION_APPROVE, &mine, K.lra[2], NULL), E_OK, "an active one does");
    is_int(count("SELECT COUNT(*) FROM shomei.job WHERE kind = 'registration.mail' AND payload = "
                 "'{\"application\":{id},\"mail\":\"collect\"}'",
                 &mine),
           1, "the applicant is sent the link to make the key");
    ok(review_kit_look(&mine).certificate.v == 0,
       "no certificate is asked for before there is a key");
}

static void two_people(void)
{
    struct registration r =
        review_kit_apply("user-auth", K.hanako, K.hanako, "page", PROFILES_BROWSER);
    struct registration first, now;

    is_int(r.approvals_needed, 2, "this profile asks for two people");
    is_err(review_kit_act(REGISTRATION_APPROVE, &r, K.lra[0], NULL), E_OK, "the first approval");
    first = review_kit_look(&r);
    is_int(first.state, REGISTRATION_WAITING, "is not enough");
    is_err(review_kit_act(REGISTRATION_APPROVE, &first, K.lra[0], NULL), E_DENIED,
           "the same person does not give the second");
    ok(because("approved-already"), "and is told so");
    is_err(review_kit_act(REGISTRATION_APPROVE, &r, K.admin, NULL), E_CONFLICT,
           "another one who looked before the first approval looks again");
    is_err(review_kit_act(REGISTRATION_APPROVE, &first, K.admin, NULL), E_OK, "then approves");
    now = review_kit_look(&r);
    is_int(now.state, REGISTRATION_APPROVED, "two different people have");
    ok(now.first_approver.v == K.lra[0].v && now.second_approver.v == K.admin.v,
       "and both stand there");
    is_int(count("SELECT COUNT(*) FROM shomei.application_vetting WHERE application_id = {id}", &r),
           6, "each with what they confirmed");
}

static void not_approved(void)
{
    struct registration r =
        review_kit_apply("user-auth", K.hanako, K.hanako, "page", PROFILES_BROWSER);
    struct registration now;
    char *longest = arena_alloc(K.p.a, 2002);

    memset(longest, 'x', 2001);
    is_err(review_kit_act(REGISTRATION_REJECT, &r, K.admin, ""), E_INPUT,
           "no rejection without reason");
    ok(because("reason-missing"), "and says so");
    is_err(review_kit_act(REGISTRATION_RETURN, &r, K.admin, ""), E_INPUT,
           "no return without reason");
    is_err(review_kit_act(REGISTRATION_REJECT, &r, K.admin, longest), E_INPUT, "nor with a novel");
    is_err(review_kit_act(REGISTRATION_HOLD, &r, K.admin, ""), E_OK, "holding needs none");
    now = review_kit_look(&r);
    is_err(review_kit_act(REGISTRATION_APPROVE, &now, K.admin, NULL), E_STATE,
           "what is held is not approved");
    is_err(review_kit_act(REGISTRATION_HOLD, &now, K.admin, "again"), E_STATE, "nor held twice");
    is_err(review_kit_act(REGISTRATION_RESUME, &now, K.lra[1], NULL), E_OK, "the review goes on");
    now = review_kit_look(&r);
    is_err(review_kit_act(REGISTRATION_RESUME, &now, K.lra[1], NULL), E_STATE, "once");
    is_err(review_kit_act(REGISTRATION_APPROVE, &now, K.lra[1], NULL), E_OK, "a first approval");
    now = review_kit_look(&r);
    is_err(review_kit_act(REGISTRATION_RETURN, &now, K.admin, "部署名が違います"), E_OK,
           "is returned");
    now = review_kit_look(&r);
    ok(now.state == REGISTRATION_RETURNED && now.first_approver.v == 0, "and its approval is void");
    is_str(now.decision_note, "部署名が違います", "the applicant reads why");
    is_int(count("SELECT COUNT(*) FROM shomei.audit_event WHERE object_id = '{id}' AND detail LIKE "
                 "'%部署%'",
                 &r),
           0, "the audit log does not repeat it");
    is_err(review_kit_act(REGISTRATION_APPROVE, &now, K.admin, NULL), E_STATE,
           "what is with the applicant is not approved");
    r = review_kit_apply("smime", K.hanako, K.hanako, "page", PROFILES_BROWSER);
    is_err(review_kit_act(REGISTRATION_REJECT, &r, K.admin, "not needed"), E_OK, "a rejection");
    now = review_kit_look(&r);
    is_int(now.state, REGISTRATION_REJECTED, "is for good");
    is_err(review_kit_act(REGISTRATION_RESUME, &now, K.admin, NULL), E_STATE,
           "and cannot be resumed");
    is_int(count("SELECT COUNT(*) FROM shomei.job WHERE kind = 'registration.mail' AND payload = "
                 "'{\"application\":{id},\"mail\":\"rejected\"}'",
                 &r),
           1, "the applicant gets a mail");
}

static enum err vet(const struct registration *r, const struct registration_vetting *v, size_t n)
{
    struct audit_by by = review_kit_by(K.admin);
    struct tx *tx = people_tx(&K.p, K.p.portal);
    enum err err =
        registration_approve(tx, &by, r->tenant, r->id, r->generation, v, n, clock_now());

    people_undo(tx);
    return err;
}

static void checklist(void)
{
    struct registration r = review_kit_apply("smime", K.jiro, K.jiro, "page", PROFILES_BROWSER);
    struct registration_vetting v[4];

    memcpy(v, review_kit_vetting, sizeof review_kit_vetting);
    is_err(vet(&r, v, 0), E_INPUT, "nothing confirmed, nothing approved");
    is_err(vet(&r, v, 2), E_INPUT, "one point missing");
    ok(because("vetting-missing"), "is named");
    v[3] = v[0];
    is_err(vet(&r, v, 4), E_INPUT, "a point twice");
    v[0].method = REGISTRATION_DOCUMENT;
    is_err(vet(&r, v, 3), E_INPUT, "a document without saying which");
    ok(because("vetting-note"), "is asked for");
    v[0].note = STR("社員証 12345");
    is_err(vet(&r, v, 3), E_OK, "with it, it is enough");
    v[0].method = REGISTRATION_BATCH;
    is_err(vet(&r, v, 3), E_INPUT, "only what came in bulk was confirmed before");
    is_int(count("SELECT COUNT(*) FROM shomei.application_vetting WHERE application_id = {id}", &r),
           0, "what failed leaves nothing");
}

static void in_bulk(void)
{
    struct registration r =
        review_kit_apply("user-auth", K.admin, K.hanako, "bulk", PROFILES_BROWSER);
    struct registration own = review_kit_apply("smime", K.admin, K.admin, "bulk", PROFILES_BROWSER);
    struct registration now;

    is_err(review_kit_act(REGISTRATION_APPROVE, &own, K.admin, NULL), E_DENIED,
           "who uploads does not approve for himself");
    is_err(review_kit_act(REGISTRATION_APPROVE, &r, K.admin, NULL), E_OK,
           "who uploads for others gives the first approval");
    now = review_kit_look(&r);
    is_err(review_kit_act(REGISTRATION_APPROVE, &now, K.admin, NULL), E_DENIED, "never the second");
    is_err(review_kit_act(REGISTRATION_APPROVE, &now, K.lra[0], NULL), E_OK, "another person does");
}

static enum err edit(const struct registration *r, const char *field, const char *value)
{
    struct audit_by by = review_kit_by(K.admin);
    struct tx *tx = people_tx(&K.p, K.p.portal);
    struct profiles_value v[3] = { { STR("name"), r->values[0].value },
                                   { str_z(field), str_z(value) } };
    struct profiles_finding *f;
    size_t n, values = 2;

    for (size_t i = 0; i < r->values_n; i++)
        if (str_eq_z(r->values[i].name, "name"))
            v[0].value = r->values[i].value;
    if (strcmp(field, "name") == 0)
        v[0] = v[1], values = 1;
    enum err err =
        registration_edit(tx, &by, r->tenant, r->id, r->generation, v, values, clock_now(), &f, &n);
    if (err == E_OK)
        return tx_commit(tx);
    people_undo(tx);
    return err;
}

static void editing(void)
{
    struct registration r =
        review_kit_apply("user-auth", K.hanako, K.hanako, "page", PROFILES_BROWSER);
    struct registration now, again;

    is_err(review_kit_act(REGISTRATION_APPROVE, &r, K.lra[0], NULL), E_OK, "one has approved");
    now = review_kit_look(&r);
    is_err(edit(&now, "email", "boss@example.test"), E_DENIED, "an address is the account's");
    ok(because("field-fixed"), "not the reviewer's to change");
    is_err(edit(&now, "nonsense", "x"), E_DENIED, "nor is a field that there is not");
    is_err(edit(&now, "unit", ""), E_INPUT, "no change");
    ok(because("nothing-changed"), "is told");
    is_err(edit(&now, "name", "\xe2\x80\xaehanako"), E_INPUT,
           "a name that reads backwards is refused");
    is_err(edit(&now, "unit", "開発部"), E_OK, "a department");
    again = review_kit_look(&r);
    ok(again.edited && again.values_n == now.values_n + 1, "is in what will be certified");
    is_int((int64_t)again.original_n, (int64_t)r.values_n, "what was applied for is kept");
    ok(again.first_approver.v == 0 && again.state == REGISTRATION_WAITING,
       "the approval given before is void");
    is_err(review_kit_act(REGISTRATION_APPROVE, &now, K.lra[1], NULL), E_CONFLICT,
           "an approval of the old text is refused");
    is_int(
        count("SELECT COUNT(*) FROM shomei.application_event WHERE application_id = {id} AND kind "
              "= 'edited' AND note = 'unit'",
              &r),
        1, "the history names the field");
    is_err(edit(&again, "unit", ""), E_OK, "taken back");
    ok(!review_kit_look(&r).edited, "it is what was applied for");
}

static void withdrawing(void)
{
    struct registration r = review_kit_apply("smime", K.admin, K.hanako, "page", PROFILES_BROWSER);
    struct account_id who[] = { K.lra[0], K.jiro, K.hanako };
    static const enum err want[] = { E_DENIED, E_DENIED, E_OK };

    for (size_t i = 0; i < 3; i++) {
        struct tx *tx = people_tx(&K.p, K.p.portal);
        struct audit_by by = review_kit_by(who[i]);
        enum err err = registration_withdraw(tx, &by, r.tenant, r.id, r.generation, clock_now());
        is_err(err, want[i], "withdrawing is the applicant's and the subscriber's");
        if (err == E_OK)
            people_end(tx);
        else
            people_undo(tx);
    }
    is_int(review_kit_look(&r).state, REGISTRATION_WITHDRAWN, "withdrawn");
    is_err(review_kit_act(REGISTRATION_APPROVE, &r, K.lra[0], NULL), E_CONFLICT, "is not approved");
}

/* P3-44: what was right on the day it was sent may be wrong on the day it is approved. */
static void changed_world(void)
{
    struct registration r = review_kit_apply("smime", K.jiro, K.jiro, "page", PROFILES_CSR);
    struct profiles_finding *f;
    struct csr csr;
    size_t n;
    struct tx *tx = people_tx(&K.p, K.p.ctl);

    is_err(csr_parse(r.csr, K.p.a, &csr), E_OK, "the request");
    review_kit_sql(
        str_fmt(K.p.a,
                "INSERT INTO shomei.blocked_key SELECT spki_sha256, 'compromised', NOW(6) "
                "FROM shomei.application WHERE id = %llu",
                (unsigned long long)r.id.v)
            .p);
    people_undo(tx);
    tx = people_tx(&K.p, K.p.portal);
    is_err(registration_review_recheck(tx, &r, clock_now(), &f, &n), E_OK, "the checks again");
    ok(n > r.checks_n, "find the key that was reported meanwhile");
    people_undo(tx);
    is_err(review_kit_act(REGISTRATION_APPROVE, &r, K.admin, NULL), E_INPUT, "it is not approved");
    is_int(review_kit_look(&r).state, REGISTRATION_WAITING, "and waits");
    is_err(review_kit_act(REGISTRATION_REJECT, &r, K.admin, "the key is known to others"), E_OK,
           "it can be rejected");
}

static void several(void)
{
    struct registration a = review_kit_apply("smime", K.jiro, K.jiro, "page", PROFILES_BROWSER);
    struct registration b = review_kit_apply("smime", K.admin, K.jiro, "page", PROFILES_BROWSER);
    struct registration c = review_kit_apply("smime", K.jiro, K.jiro, "page", PROFILES_BROWSER);
    struct registration_chosen list[] = {
        { .receipt = c.receipt, .generation = c.generation + 1 },
        { .receipt = b.receipt, .generation = b.generation },
        { .receipt = STR("AAAA-BBBB-CCCC"), .generation = 0 },
        { .receipt = a.receipt, .generation = a.generation },
    };
    const struct registration_many what = { .act = REGISTRATION_APPROVE,
                                            .vetting = review_kit_vetting,
                                            .vetting_n = REGISTRATION_ITEM__MAX };
    struct audit_by by = review_kit_by(K.admin);
    struct tx *tx = people_tx(&K.p, K.p.portal);

    is_err(registration_review_many(tx, &by, K.p.sakura, &what, list, 4, clock_now()), E_OK,
           "four decisions in one request");
    people_end(tx);
    is_err(list[0].err, E_CONFLICT, "one was changed meanwhile");
    is_err(list[1].err, E_DENIED, "one is the reviewer's own");
    is_str(list[1].reason, "own-application", "with its reason");
    is_err(list[2].err, E_ABSENT, "one does not exist");
    is_err(list[3].err, E_OK, "and one is approved");
    ok(review_kit_look(&a).state == REGISTRATION_APPROVED &&
           review_kit_look(&b).state == REGISTRATION_WAITING &&
           review_kit_look(&c).state == REGISTRATION_WAITING,
       "each for itself");
    is_int(count("SELECT COUNT(*) FROM shomei.audit_event WHERE object_id = '{id}' AND action = "
                 "'registration.application.approve' AND outcome = 1",
                 &b),
           1, "who tried what they may not is in the audit log");
}

/* As the portal's own user: what the code refuses, the database refuses too. */
static void refused_by_sql(const char *rule, const char *what, const char *set,
                           const struct registration *r)
{
    struct str out;
    struct str sql = str_fmt(K.p.a, "UPDATE shomei.application SET %s WHERE id = %llu", set,
                             (unsigned long long)r->id.v);

    is_err(harness_sql_as(K.p.h, DB_PORTAL, sql.p, &out), E_BACKEND, what);
    ok(strstr(fault_current()->detail, rule) != NULL, "by the rule %s", rule);
}

static void schema(void)
{
    struct registration r =
        review_kit_apply("user-auth", K.admin, K.hanako, "page", PROFILES_BROWSER);
    struct registration b =
        review_kit_apply("user-auth", K.admin, K.hanako, "bulk", PROFILES_BROWSER);
    struct str out;
    const char *lra =
        str_fmt(K.p.a, "first_approver = %llu, first_at = NOW(6)", (unsigned long long)K.lra[0].v)
            .p;

    refused_by_sql("application_first_other", "SQL: the applicant is no approver",
                   "first_approver = applicant_id, first_at = NOW(6)", &r);
    refused_by_sql("application_first_other", "SQL: nor is the subscriber",
                   "first_approver = subscriber_id, first_at = NOW(6)", &r);
    refused_by_sql("application_first_other", "SQL: in bulk the subscriber neither",
                   "first_approver = subscriber_id, first_at = NOW(6)", &b);
    refused_by_sql(
        "application_second_other", "SQL: no second approver without a first",
        str_fmt(K.p.a, "second_approver = %llu, second_at = NOW(6)", (unsigned long long)K.lra[0].v)
            .p,
        &r);
    refused_by_sql(
        "application_second_other", "SQL: the second approver is another person",
        str_fmt(K.p.a, "%s, second_approver = first_approver, second_at = NOW(6)", lra).p, &r);
    refused_by_sql("application_second_other", "SQL: and not the applicant, in bulk neither",
                   str_fmt(K.p.a, "%s, second_approver = applicant_id, second_at = NOW(6)", lra).p,
                   &b);
    refused_by_sql("application_approved", "SQL: two approvals are two",
                   str_fmt(K.p.a, "%s, state = 'approved'", lra).p, &r);
    refused_by_sql("application_approved", "SQL: nothing is approved without approver",
                   "state = 'approved'", &r);
    refused_by_sql("application_made", "SQL: nothing is issued without certificate",
                   str_fmt(K.p.a,
                           "%s, second_approver = %llu, second_at = NOW(6), state = 'issued'", lra,
                           (unsigned long long)K.lra[1].v)
                       .p,
                   &r);
    refused_by_sql("application_reason", "SQL: no rejection without reason", "state = 'rejected'",
                   &r);
    refused_by_sql("application_reason", "SQL: no return without reason", "state = 'returned'", &r);
    is_err(harness_sql_as(K.p.h, DB_PORTAL, "UPDATE shomei.application_event SET note = 'x'", &out),
           E_BACKEND, "SQL: the history is only added to");
    is_err(harness_sql_as(K.p.h, DB_PORTAL, "DELETE FROM shomei.application_vetting", &out),
           E_BACKEND, "SQL: and so is what was confirmed");
    is_err(harness_sql_as(
               K.p.h, DB_PORTAL,
               str_fmt(K.p.a,
                       "INSERT INTO shomei.application_vetting (application_id, tenant_id, "
                       "account_id, generation, at, item, method) VALUES (%llu, 2, %llu, 0, "
                       "NOW(6), 'identity', 'document')",
                       (unsigned long long)r.id.v, (unsigned long long)K.lra[0].v)
                   .p,
               &out),
           E_BACKEND, "SQL: a document is named");
}

int main(void)
{
    log_open("test_registration_review", LOG_LEVEL_ERROR);
    review_kit_start();
    one_approval();
    who_may();
    two_people();
    not_approved();
    checklist();
    in_bulk();
    editing();
    withdrawing();
    changed_world();
    several();
    schema();
    review_kit_stop();
    return tap_done();
}
