/* certificates.c - who may see a certificate and do what with it; see certificates.h */
#include "features/certificates/certificates_inside.h"
#include "features/certificates/certificates_show.h"

#include "base/crypto.h"
#include "base/encoding.h"
#include "features/profiles/profiles.h"
#include "pki/crl.h"
#include "store/db.h"
#include "store/gen/certificates.q.h"

#include <stdlib.h>

#define STAFF_LOOKS                                                                                \
    (ROLE_SUPPORT | ROLE_SERVICE_MANAGER | ROLE_SYSTEM_MANAGER | ROLE_SYSTEM_ADMIN | ROLE_AUDITOR)
#define STAFF_ACTS (ROLE_SYSTEM_MANAGER | ROLE_SYSTEM_ADMIN)
#define REGISTRATION (ROLE_CUSTOMER_ADMIN | ROLE_LRA_OPERATOR)

static struct certificates_config config;
static struct secret *key;

void certificates_init(const struct certificates_config *c)
{
    certificates_end();
    config = *c;
    key = hkdf_sha256(secret_bytes(c->master), STR("shomei revocation challenge"), 32);
    config.master = NULL;
}

void certificates_end(void)
{
    secret_free(key);
    key = NULL;
}

const struct certificates_config *certificates_inside_config(void)
{
    if (key == NULL)
        abort();
    return &config;
}

const struct secret *certificates_inside_key(void)
{
    (void)certificates_inside_config();
    return key;
}

/* ------------------------------------------------------------------ who */

bool certificates_inside_staff(uint32_t roles)
{
    return (roles & STAFF_LOOKS) != 0;
}

bool certificates_inside_acts(uint32_t roles)
{
    return (roles & STAFF_ACTS) != 0;
}

struct certificates_scope certificates_inside_scope(const struct certificates_who *who)
{
    if (certificates_inside_staff(who->roles))
        return (struct certificates_scope){ { 0 }, { 0 } };
    if (who->roles & REGISTRATION)
        return (struct certificates_scope){ who->tenant, { 0 } };
    return (struct certificates_scope){ who->tenant, who->account };
}

/* The profile that it was issued under: of customers, or of the programs themselves. */
static enum err suspendable(struct tx *tx, const struct certificates_certificate *c, bool *out)
{
    const struct x509_profile *built_in = authority_profile(c->profile);
    const struct profile *p;

    *out = built_in != NULL && built_in->suspendable;
    if (c->profile_version == 0)
        return E_OK;
    TRY(profiles_get(tx, c->profile, c->profile_version, &p));
    *out = p->x509.suspendable;
    return E_OK;
}

static bool acts(const struct certificates_who *who, const struct certificates_certificate *c)
{
    if (certificates_inside_staff(who->roles))
        return certificates_inside_acts(who->roles);
    return who->tenant.v == c->tenant.v && who->account.v != 0;
}

/* What somebody else stopped, a subscriber does not start again: it may be for his own sake, or
 * because of him. */
static enum err releasable(struct tx *tx, const struct certificates_who *who,
                           const struct certificates_certificate *c, bool *out)
{
    struct q_cert_held_by by;
    enum err e;

    *out = (who->roles & REGISTRATION) != 0 || certificates_inside_acts(who->roles);
    if (*out && c->account.v != who->account.v)
        return E_OK;
    e = q_cert_held_by(tx, c->id, c->tenant, &by);
    *out = e == E_OK && by.actor.v == who->account.v;
    if (e != E_ABSENT)
        return e;
    fault_clear();
    return E_OK;
}

static enum err judge(struct tx *tx, const struct certificates_who *who, struct timestamp now,
                      struct certificates_certificate *c)
{
    bool valid = !timestamp_is_none(c->not_after) && now.us < c->not_after.us + SECOND_US;
    bool holds = false, own = false;

    c->may = 0;
    if (!acts(who, c))
        return E_OK;
    TRY(suspendable(tx, c, &holds));
    if (c->state == AUTHORITY_ISSUED || c->state == AUTHORITY_SUSPENDED) {
        c->may |= CERTIFICATES_MAY_REVOKE;
        if ((who->roles & REGISTRATION) != 0 || certificates_inside_acts(who->roles))
            c->may |= CERTIFICATES_MAY_WITHDRAW;
    }
    if (c->state == AUTHORITY_ISSUED && valid && holds)
        c->may |= CERTIFICATES_MAY_SUSPEND;
    if (c->state == AUTHORITY_SUSPENDED)
        TRY(releasable(tx, who, c, &own));
    if (own)
        c->may |= CERTIFICATES_MAY_RELEASE;
    if (c->state == AUTHORITY_REVOKED && c->reason != CRL_KEY_COMPROMISE)
        c->may |= CERTIFICATES_MAY_UPGRADE;
    if (c->state == AUTHORITY_ISSUED && valid && c->replaced_by.v == 0) {
        c->may |= CERTIFICATES_MAY_MUTE;
        if (c->application.v != 0 && !certificates_inside_staff(who->roles))
            c->may |= CERTIFICATES_MAY_RENEW;
    }
    return E_OK;
}

/* ------------------------------------------------------------------ reading */

static enum authority_state state_from(struct str name)
{
    for (int s = 0; s < AUTHORITY__STATES; s++)
        if (str_eq_z(name, authority_state_name((enum authority_state)s)))
            return (enum authority_state)s;
    return AUTHORITY_REFUSED;
}

static enum err read(struct tx *tx, struct certificates_scope scope, struct certificate_id id,
                     struct certificates_certificate *out)
{
    struct q_cert_get r;

    TRY(q_cert_get(tx, id, scope.tenant, scope.account, &r));
    *out = (struct certificates_certificate){ .id = r.id,
                                              .replaced_by = r.replaced_by,
                                              .replaces = r.renews,
                                              .tenant = r.tenant,
                                              .account = r.account,
                                              .requested_by = r.requested_by,
                                              .application = r.application,
                                              .tenant_name = r.tenant_name,
                                              .account_name = r.account_name,
                                              .receipt = r.receipt,
                                              .key_source = r.key_source,
                                              .state = state_from(r.state),
                                              .profile = r.profile,
                                              .cps = r.cps,
                                              .profile_version = r.profile_version,
                                              .subject = r.subject_text,
                                              .common_name = r.common_name,
                                              .serial = hex_encode(tx_arena(tx), r.serial),
                                              .requested_at = r.requested_at,
                                              .issued_at = r.issued_at,
                                              .not_before = r.not_before,
                                              .not_after = r.not_after,
                                              .revoked_at = r.revoked_at,
                                              .reason = r.reason,
                                              .refused = r.refused,
                                              .der = r.der };
    return E_OK;
}

enum err certificates_get(struct tx *tx, const struct certificates_who *who,
                          struct certificate_id id, struct timestamp now,
                          struct certificates_certificate *out)
{
    enum err e = read(tx, certificates_inside_scope(who), id, out);

    if (e == E_ABSENT)
        return FAIL(E_ABSENT, "certificate-unknown", "certificate %llu", (unsigned long long)id.v);
    TRY(e);
    return judge(tx, who, now, out);
}

enum err certificates_inside_get(struct tx *tx, struct tenant_id tenant, struct certificate_id id,
                                 struct certificates_certificate *out)
{
    return read(tx, (struct certificates_scope){ tenant, { 0 } }, id, out);
}

/* "01:AB 02" as people copy it. */
static enum err serial_read(struct arena *a, struct str typed, struct bytes *out)
{
    char *clean = ARENA_ARRAY(a, typed.n + 2, char);
    struct bytes b;
    size_t n = 0, zeros = 0;

    for (size_t i = 0; i < typed.n; i++)
        if (typed.p[i] != ' ' && typed.p[i] != ':' && typed.p[i] != '-')
            clean[n++] = typed.p[i];
    if (n % 2 != 0) { /* bc(1) and some viewers leave the first zero away */
        memmove(clean + 1, clean, n++);
        clean[0] = '0';
    }
    TRY(hex_decode(a, str_of(a, clean, n), &b));
    while (zeros < b.n && b.p[zeros] == 0)
        zeros++;
    *out = (struct bytes){ b.p + zeros, b.n - zeros };
    if (out->n == 0 || out->n > 20)
        return FAIL(E_INPUT, "serial-malformed", "%zu octets", out->n);
    return E_OK;
}

enum err certificates_by_serial(struct tx *tx, const struct certificates_who *who,
                                struct str serial, struct timestamp now,
                                struct certificates_certificate *out)
{
    struct certificates_scope scope = certificates_inside_scope(who);
    struct q_cert_by_serial *rows;
    struct bytes number;
    size_t n;

    if (serial_read(tx_arena(tx), serial, &number) != E_OK)
        return FAIL(E_INPUT, "serial-malformed", "not hexadecimal");
    TRY(q_cert_by_serial(tx, number, scope.tenant, scope.account, 2, &rows, &n));
    if (n != 1)
        return FAIL(E_ABSENT, "certificate-unknown", "%zu certificates", n);
    return certificates_get(tx, who, rows[0].id, now, out);
}
