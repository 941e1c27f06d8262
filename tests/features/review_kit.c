/* review_kit.c - see review_kit.h */
#include "review_kit.h"

#include "pki/csr.h"

#include <stdlib.h>

struct review_kit review_kit;

const struct registration_vetting review_kit_vetting[REGISTRATION_ITEM__MAX] = {
    { REGISTRATION_IDENTITY, REGISTRATION_REGISTER, { "", 0 } },
    { REGISTRATION_AUTHORITY, REGISTRATION_REGISTER, { "", 0 } },
    { REGISTRATION_CONTENT, REGISTRATION_REGISTER, { "", 0 } },
};

void review_kit_sql(const char *text)
{
    struct str out;

    if (harness_sql(review_kit.p.h, text, &out) != E_OK)
        is_err(fault_current()->err, E_OK, text);
}

struct audit_by review_kit_by(struct account_id who)
{
    return (struct audit_by){ .tenant = review_kit.p.sakura, .account = who, .name = STR("test") };
}

static void load(const char *name, const char *from, const char *to)
{
    struct people *p = &review_kit.p;
    const struct audit_by by = { .name = STR("test") };
    FILE *f = fopen(harness_source(p->h, str_fmt(p->a, "sql/profiles/%s.json", name).p), "rb");
    char *room = arena_alloc(p->a, 65536);
    struct str json = { room, f ? fread(room, 1, 65535, f) : 0 };
    const char *at = strstr(room, from);
    uint32_t version;
    struct tx *tx = people_tx(p, p->ctl);

    if (f)
        (void)fclose(f);
    if (at)
        json = str_fmt(p->a, "%.*s%s%s", (int)(at - room), room, to, at + strlen(from));
    is_err(profiles_load(tx, &by, bytes_of_str(json), &version), E_OK, name);
    people_end(tx);
}

void review_kit_start(void)
{
    struct people *p = &review_kit.p;

    people_start(p);
    load("smime", "\"editable\": false", "\"editable\": false");
    load("user-auth", "\"approvals\": 1", "\"approvals\": 2");
    load("lra-operator", "\"editable\": false", "\"editable\": false");
    review_kit_sql(
        "INSERT INTO shomei.tenant_service SELECT id, 'mpki', NOW(6) FROM shomei.tenant");
    review_kit_sql("INSERT INTO shomei.tenant_namespace (tenant_id, kind, value, added_at) "
                   "SELECT id, 'mail', 'example.test', NOW(6) FROM shomei.tenant");
    review_kit_sql("INSERT INTO shomei.tenant_namespace (tenant_id, kind, value, added_at) "
                   "SELECT id, 'org', name, NOW(6) FROM shomei.tenant");
    review_kit_sql(
        "INSERT INTO shomei.authority (name, key_label, subject, spki, spki_sha256, ski, "
        "url, certificate, not_after, state, created_at) VALUES ('access', 'x', x'3000', x'30', "
        "REPEAT('a', 32), x'00', 'http://localhost:1', x'30', NOW(6) + INTERVAL 20 YEAR, 'active', "
        "NOW(6))");
    review_kit.admin = people_add(p, p->sakura, "admin", ROLE_CUSTOMER_ADMIN, true);
    review_kit.lra[0] = people_add(p, p->sakura, "lra0", ROLE_LRA_OPERATOR, true);
    review_kit.lra[1] = people_add(p, p->sakura, "lra1", ROLE_LRA_OPERATOR, true);
    review_kit.lra[2] = people_add(p, p->sakura, "lra2", ROLE_LRA_OPERATOR, true);
    review_kit.hanako = people_add(p, p->sakura, "hanako", ROLE_END_USER, false);
    review_kit.jiro = people_add(p, p->sakura, "jiro", ROLE_END_USER, false);
    review_kit.midori = people_add(p, p->midori, "midori", ROLE_CUSTOMER_ADMIN, true);
}

void review_kit_stop(void)
{
    people_stop(&review_kit.p);
}

/* A request with a new key. */
static struct bytes request(struct arena *a)
{
    struct signer_key *key = NULL;
    struct name name = { .n = 0 };
    struct bytes subject, csr = BYTES_ABSENT;

    if (signer_key_new(SIGNER_P256_SHA256, &key) != E_OK)
        abort();
    struct signer s = signer_key_signer(key);
    name_add(&name, OID_CN, STR("x"));
    is_err(name_build(&name, a, &subject), E_OK, "a name");
    is_err(csr_build(&s, signer_key_spki(key), subject, a, &csr), E_OK, "a request");
    csr = bytes_dup(a, csr);
    signer_key_free(key);
    return csr;
}

struct registration review_kit_apply(const char *profile, struct account_id applicant,
                                     struct account_id subscriber, const char *via,
                                     enum profiles_key source)
{
    struct people *p = &review_kit.p;
    struct tx *tx = people_tx(p, p->portal);
    struct audit_by by = review_kit_by(applicant);
    struct registration_new n = { .tenant = p->sakura,
                                  .applicant = applicant,
                                  .subscriber = subscriber,
                                  .via = str_z(via),
                                  .profile = str_z(profile),
                                  .key_source = source,
                                  .contact = STR("someone@example.test"),
                                  .lang = STR("en") };
    struct profiles_value *values;
    const struct profile *prof;
    struct registration r = { .id = { 0 } };

    is_err(profiles_get(tx, n.profile, 0, &prof), E_OK, "the profile");
    is_err(profiles_prefill(tx, prof, n.tenant, subscriber, &values, &n.values_n), E_OK, "values");
    n.values = values;
    if (source == PROFILES_CSR)
        n.csr = request(p->a);
    is_err(registration_submit(tx, &by, &n, clock_now(), &r), E_OK, "an application is sent");
    people_end(tx);
    return r;
}

struct registration review_kit_look(const struct registration *r)
{
    struct tx *tx = people_tx(&review_kit.p, review_kit.p.portal);
    struct registration now = { .id = { 0 } };

    is_err(registration_get(tx, r->tenant, r->id, &now), E_OK, "it is there");
    people_undo(tx);
    return now;
}

enum err review_kit_act(enum registration_act act, const struct registration *r,
                        struct account_id who, const char *reason)
{
    struct people *p = &review_kit.p;
    struct tx *tx = people_tx(p, p->portal);
    struct audit_by by = review_kit_by(who);
    struct timestamp now = clock_now();
    struct str why = str_z(reason);
    enum err err = E_INTERNAL;

    if (act == REGISTRATION_APPROVE)
        err = registration_approve(tx, &by, r->tenant, r->id, r->generation, review_kit_vetting,
                                   REGISTRATION_ITEM__MAX, now);
    else if (act == REGISTRATION_REJECT)
        err = registration_reject(tx, &by, r->tenant, r->id, r->generation, why, now);
    else if (act == REGISTRATION_RETURN)
        err = registration_return(tx, &by, r->tenant, r->id, r->generation, why, now);
    else if (act == REGISTRATION_HOLD)
        err = registration_hold(tx, &by, r->tenant, r->id, r->generation, why, now);
    else if (act == REGISTRATION_RESUME)
        err = registration_resume(tx, &by, r->tenant, r->id, r->generation, now);
    if (err == E_OK)
        return tx_commit(tx);
    people_undo(tx);
    return err;
}
