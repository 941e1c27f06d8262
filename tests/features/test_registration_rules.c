/*
 * test_registration_rules.c - who stands in for whom, and what changed between sending and deciding
 * (P1-08, P3-31, P3-44): certificates of LRA operators, stopped applicants, stricter profiles.
 */
#include "review_kit.h"

#include "base/log.h"

#define K review_kit

static bool because(const char *reason)
{
    if (strcmp(fault_current()->reason, reason) == 0)
        return true;
    tap_note("reason is %s", fault_current()->reason);
    return false;
}

/* A certificate that lets in here: whoever has its key acts, and approves, in its owner's name. */
static void operators(void)
{
    struct registration own =
        review_kit_apply("lra-operator", K.lra[0], K.lra[0], "page", PROFILES_CSR);
    struct registration bulk =
        review_kit_apply("lra-operator", K.lra[1], K.lra[2], "bulk", PROFILES_BROWSER);
    struct registration_new n = { .tenant = K.p.sakura,
                                  .applicant = K.admin,
                                  .subscriber = K.lra[2],
                                  .via = STR("page"),
                                  .profile = STR("lra-operator"),
                                  .key_source = PROFILES_CSR,
                                  .csr = own.csr,
                                  .contact = STR("someone@example.test"),
                                  .lang = STR("en") };
    struct tx *tx = people_tx(&K.p, K.p.portal);
    struct profiles_finding *f;
    size_t count_f, mine = 0;

    is_err(registration_check(tx, &n, clock_now(), &f, &count_f), E_OK, "a key for an operator");
    for (size_t i = 0; i < count_f; i++)
        mine += f[i].refuses && str_eq_z(f[i].code, "not-for-others");
    is_int((int64_t)mine, 1, "is not made by an administrator");
    people_undo(tx);
    is_err(review_kit_act(REGISTRATION_APPROVE, &own, K.lra[1], NULL), E_DENIED,
           "operators do not make operators");
    ok(because("operator-by-admin"), "and are told so");
    is_err(review_kit_act(REGISTRATION_APPROVE, &bulk, K.lra[1], NULL), E_DENIED,
           "nor themselves another one's certificate in bulk");
    is_err(review_kit_act(REGISTRATION_APPROVE, &own, K.admin, NULL), E_OK,
           "the administrator approves");
    bulk = review_kit_apply("lra-operator", K.admin, K.lra[2], "bulk", PROFILES_BROWSER);
    is_err(review_kit_act(REGISTRATION_APPROVE, &bulk, K.admin, NULL), E_DENIED,
           "also an administrator does not do both, in bulk");
    ok(because("own-application"), "as with every other application of one's own");
}

/* Between sending and deciding: the applicant is stopped, the profile asks for two people. */
static void meanwhile(void)
{
    struct registration r = review_kit_apply("smime", K.admin, K.jiro, "page", PROFILES_BROWSER);

    review_kit_sql("UPDATE shomei.account SET state = 'suspended', state_reason = 'administrator' "
                   "WHERE login = 'admin'");
    is_err(review_kit_act(REGISTRATION_APPROVE, &r, K.lra[0], NULL), E_INPUT,
           "what somebody applied for who was stopped since");
    ok(because("applicant-stopped"), "is not approved");
    review_kit_sql("UPDATE shomei.account SET state = 'active', state_reason = '' WHERE login = "
                   "'admin'");
    review_kit_sql("INSERT INTO shomei.profile SELECT name, version + 1, class, service, state, "
                   "cps, REPLACE(body, '\"approvals\": 1', '\"approvals\": 2'), "
                   "UNHEX(SHA2(CONCAT(body, '2'), 256)), NOW(6), loaded_by FROM shomei.profile "
                   "WHERE name = 'smime'");
    is_err(review_kit_act(REGISTRATION_APPROVE, &r, K.lra[0], NULL), E_INPUT,
           "one approval does not do where two are asked for by now");
    ok(because("profile-stricter"), "and it says so");
    is_int(review_kit_look(&r).state, REGISTRATION_WAITING, "it waits");
    review_kit_sql("DELETE FROM shomei.profile WHERE name = 'smime' AND version = 2");
    is_err(review_kit_act(REGISTRATION_APPROVE, &r, K.lra[0], NULL), E_OK, "otherwise it does");
}

int main(void)
{
    log_open("test_registration_rules", LOG_LEVEL_ERROR);
    review_kit_start();
    operators();
    meanwhile();
    review_kit_stop();
    return tap_done();
}
