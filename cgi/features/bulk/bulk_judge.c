/*
 * bulk_judge.c - what the database says about a row: at the check, to be shown, and again when it
 * is done, because things change in between.
 */
#include "features/bulk/bulk_inside.h"

#include "features/accounts/accounts.h"
#include "features/certificates/certificates.h"
#include "features/registration/registration.h"
#include "store/db.h"

static enum err find_account(struct tx *tx, const struct bulk_inside *run, struct bulk_order *o,
                             struct registration_new *n)
{
    struct accounts_info who;
    enum err e = accounts_find(tx, o->account, &who);

    if (e == E_ABSENT || (e == E_OK && who.tenant.v != run->who.tenant.v)) {
        fault_clear();
        bulk_order_refuse(o, "bulk-account-unknown", STR("account"), o->account);
        return E_OK;
    }
    TRY(e);
    if (who.id.v == run->who.account.v)
        bulk_order_refuse(o, "bulk-self", STR("account"), o->account);
    n->subscriber = who.id;
    n->contact = who.email;
    n->lang = who.lang;
    return E_OK;
}

/* Fields that are left empty are filled as the form fills them. */
static enum err prefill(struct tx *tx, const struct bulk_inside *run, struct bulk_order *o,
                        struct account_id subscriber)
{
    struct profiles_value *known;
    size_t n, given = o->values_n;

    TRY(profiles_prefill(tx, run->profile, run->who.tenant, subscriber, &known, &n));
    for (size_t i = 0; i < n; i++) {
        bool there = str_empty(known[i].value);
        for (size_t k = 0; k < given && !there; k++)
            there = str_eq(o->values[k].name, known[i].name);
        if (!there && o->values_n < PROFILES_VALUES_MAX)
            o->values[o->values_n++] = known[i];
    }
    bulk_order_name(tx_arena(tx), run->profile, o);
    return E_OK;
}

static enum err judge_application(struct tx *tx, const struct bulk_inside *run,
                                  struct bulk_order *o, struct timestamp now,
                                  const struct registration_new *n)
{
    struct profiles_finding *f;
    size_t count;

    if (run->doing)
        return E_OK; /* registration_submit() does it in a moment */
    TRY(registration_check(tx, n, now, &f, &count));
    bulk_order_add(o, f, count);
    return E_OK;
}

static enum err judge_issue(struct tx *tx, const struct bulk_inside *run, struct bulk_order *o,
                            struct timestamp now, struct registration_new *n)
{
    if (run->profile->person && o->account.n)
        TRY(find_account(tx, run, o, n));
    if (run->profile->person && n->subscriber.v == 0)
        return E_OK;
    TRY(prefill(tx, run, o, n->subscriber));
    n->values = o->values;
    n->values_n = o->values_n;
    n->key_source = (enum profiles_key)o->key;
    n->csr = o->csr;
    n->validity_days = o->days;
    if (o->key == 0)
        return E_OK;
    return judge_application(tx, run, o, now, n);
}

/* A refusal of the rules becomes a finding; other errors stay errors. */
static enum err as_finding(enum err e, struct bulk_order *o, struct arena *a)
{
    const char *reason = fault_current()->reason;

    if (e != E_INPUT && e != E_STATE && e != E_DENIED && e != E_ABSENT && e != E_CONFLICT &&
        e != E_UNSUPPORTED)
        return e;
    bulk_order_refuse(o, str_dup(a, str_z(reason[0] ? reason : "bulk-refused")).p, STR("serial"),
                      STR(""));
    fault_clear();
    return E_OK;
}

/* Values of the row over those of the old certificate. */
static void renewed_values(struct arena *a, const struct certificates_renewal *old,
                           struct bulk_order *o)
{
    struct profiles_value *all = ARENA_ARRAY(a, PROFILES_VALUES_MAX, struct profiles_value);
    size_t n = 0;

    for (size_t i = 0; i < old->values_n && n < PROFILES_VALUES_MAX; i++) {
        bool said = false;
        for (size_t k = 0; k < o->values_n && !said; k++)
            said = str_eq(o->values[k].name, old->values[i].name);
        if (!said)
            all[n++] = old->values[i];
    }
    for (size_t k = 0; k < o->values_n && n < PROFILES_VALUES_MAX; k++)
        all[n++] = o->values[k];
    o->values = all;
    o->values_n = n;
}

static void renewed_key(const struct certificates_renewal *old, struct bulk_order *o)
{
    if (o->key == 0)
        o->key = profiles_key_from_name(old->key_source);
    if (o->key == PROFILES_CSR && o->csr.n == 0 && old->same_key)
        o->csr = old->csr;
    if (o->key == PROFILES_CSR && o->csr.n == 0)
        bulk_order_refuse(o, "bulk-csr-missing", STR("csr"), STR(""));
    if (o->key == PROFILES_HSM)
        bulk_order_refuse(o, "bulk-key-hsm", STR("key"), STR(""));
}

static enum err judge_renewal(struct tx *tx, const struct bulk_inside *run, struct bulk_order *o,
                              const struct certificates_certificate *c, struct timestamp now,
                              struct registration_new *n)
{
    const struct certificates_who who = { run->who.tenant, run->who.account, run->who.roles };
    struct certificates_renewal old;
    enum err e = certificates_renew_values(tx, &who, c->id, now, &old);

    if (e != E_OK)
        return as_finding(e, o, tx_arena(tx));
    if (!str_eq(old.profile, run->profile->name)) {
        bulk_order_refuse(o, "bulk-other-profile", STR("serial"), old.profile);
        return E_OK;
    }
    if (old.subscriber.v == run->who.account.v)
        bulk_order_refuse(o, "bulk-self", STR("serial"), STR(""));
    renewed_values(tx_arena(tx), &old, o);
    renewed_key(&old, o);
    n->subscriber = old.subscriber;
    n->values = o->values;
    n->values_n = o->values_n;
    n->key_source = (enum profiles_key)o->key;
    n->csr = o->csr;
    n->validity_days = o->days;
    n->renews = c->id;
    n->contact = old.contact;
    n->lang = old.lang;
    return bulk_order_refused(o) ? E_OK : judge_application(tx, run, o, now, n);
}

static void judge_change(struct bulk_order *o, const struct certificates_certificate *c)
{
    const uint32_t revoke =
        CERTIFICATES_MAY_REVOKE | (o->reason == 1 ? (uint32_t)CERTIFICATES_MAY_UPGRADE : 0);
    const struct {
        enum bulk_operation operation;
        uint32_t may;
        const char *code;
    } needs[] = {
        { BULK_REVOKE, revoke, "bulk-not-revocable" },
        { BULK_SUSPEND, CERTIFICATES_MAY_SUSPEND, "bulk-not-suspendable" },
        { BULK_RELEASE, CERTIFICATES_MAY_RELEASE, "bulk-not-suspended" },
    };

    for (size_t i = 0; i < sizeof needs / sizeof *needs; i++)
        if (needs[i].operation == o->operation && (c->may & needs[i].may) == 0)
            bulk_order_refuse(o, needs[i].code, STR("serial"), STR(""));
}

static enum err judge_serial(struct tx *tx, const struct bulk_inside *run, struct bulk_order *o,
                             struct timestamp now, struct registration_new *n,
                             struct certificate_id *certificate)
{
    const struct certificates_who who = { run->who.tenant, run->who.account, run->who.roles };
    struct certificates_certificate c;
    enum err e = certificates_by_serial(tx, &who, o->serial, now, &c);

    if (e == E_ABSENT) {
        fault_clear();
        bulk_order_refuse(o, "bulk-serial-unknown", STR("serial"), o->serial);
        return E_OK;
    }
    TRY(e);
    *certificate = c.id;
    o->title = str_printable(tx_arena(tx), c.common_name.n ? c.common_name : c.serial, 200);
    if (o->operation == BULK_RENEW)
        return judge_renewal(tx, run, o, &c, now, n);
    judge_change(o, &c);
    return E_OK;
}

enum err bulk_judge(struct tx *tx, const struct bulk_inside *run, struct bulk_order *o,
                    struct timestamp now, struct registration_new *n,
                    struct certificate_id *certificate)
{
    *certificate = (struct certificate_id){ 0 };
    *n = (struct registration_new){ .tenant = run->who.tenant,
                                    .applicant = run->who.account,
                                    .via = STR("bulk"),
                                    .profile = run->profile->name,
                                    .credential = STR_ABSENT,
                                    .contact = run->email,
                                    .lang = run->lang };
    if (o->operation == BULK_ISSUE)
        return judge_issue(tx, run, o, now, n);
    if (o->operation == BULK_NONE || o->serial.n == 0)
        return E_OK;
    return judge_serial(tx, run, o, now, n, certificate);
}
