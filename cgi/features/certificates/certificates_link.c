/* certificates_link.c - one-time links: for those who lost access, and to a certificate; see
 * certificates_open.h */
#include "features/certificates/certificates_open.h"

#include "base/crypto.h"
#include "base/encoding.h"
#include "base/random.h"
#include "features/certificates/certificates_inside.h"
#include "features/certificates/certificates_reason.h"
#include "store/db.h"
#include "store/gen/certificates.q.h"

enum { TOKEN_N = 24, SHOWN_MAX = 50, AN_HOUR = 3 };

static struct bytes32 hash_of(struct str token)
{
    return sha256(bytes_of_str(token));
}

static enum err note(struct tx *tx, const struct audit_by *by, struct tenant_id tenant,
                     const char *action, struct certificate_id id)
{
    const struct audit_entry e = { .by = *by,
                                   .tenant = tenant,
                                   .action = action,
                                   .object_kind = id.v ? "certificate" : NULL,
                                   .object = id.v ? audit_id(tx_arena(tx), id.v) : STR_ABSENT };
    return audit_write(tx, &e);
}

/* ------------------------------------------------------------------ access lost */

static enum err send_revoke_link(struct tx *tx, struct str email, struct tenant_id tenant,
                                 struct str lang, struct timestamp now)
{
    struct arena *a = tx_arena(tx);
    struct str token = random_token(a, TOKEN_N);
    struct certificates_values v = {
        .until = timestamp_add(now, CERTIFICATES_REVOKE_LINK_US),
        .link = str_fmt(a, "%.*s/revoke/link/%s", STR_ARG(certificates_inside_config()->portal_url),
                        token.p),
    };

    TRY(q_cert_link_add(tx, hash_of(token), STR("revoke"), (struct certificate_id){ 0 }, email, now,
                        v.until));
    return certificates_inside_mail(tx, tenant, email, lang, CERTIFICATES_MAIL_REVOKE_LINK, &v);
}

enum err certificates_lost(struct tx *tx, const struct audit_by *by, struct str email,
                           struct timestamp now)
{
    struct arena *a = tx_arena(tx);
    struct str address = str_lower(a, email), to, lang;
    struct certificates_certificate c;
    struct q_cert_of_address *owned;
    struct q_cert_link_recent sent;
    struct account_id account;
    size_t n;

    TRY(q_cert_of_address(tx, address, now, 1, &owned, &n));
    TRY(q_cert_link_recent(tx, address, timestamp_add(now, -HOUR_US), &sent));
    TRY(note(tx, by, n > 0 ? owned[0].tenant : (struct tenant_id){ 0 }, "certificates.lost.ask",
             (struct certificate_id){ 0 }));
    if (n == 0 || sent.n >= AN_HOUR)
        return E_OK;
    TRY(certificates_inside_get(tx, owned[0].tenant, owned[0].id, &c));
    TRY(certificates_inside_contact(tx, &c, &to, &lang, &account));
    return send_revoke_link(tx, address, c.tenant, lang, now);
}

static enum err link_find(struct tx *tx, struct str token, const char *purpose,
                          struct timestamp now, struct q_cert_link_find *out)
{
    enum err e = q_cert_link_find(tx, hash_of(token), str_z(purpose), now, out);

    return e == E_ABSENT ? FAIL(E_ABSENT, "link-over", "unknown, used or over") : e;
}

enum err certificates_lost_find(struct tx *tx, struct str token, struct timestamp now,
                                struct certificates_owned **out, size_t *n)
{
    struct arena *a = tx_arena(tx);
    struct q_cert_of_address *r;
    struct q_cert_link_find link;

    TRY(link_find(tx, token, "revoke", now, &link));
    TRY(q_cert_of_address(tx, link.email, now, SHOWN_MAX, &r, n));
    *out = ARENA_ARRAY(a, *n, struct certificates_owned);
    for (size_t i = 0; i < *n; i++)
        (*out)[i] = (struct certificates_owned){ .id = r[i].id,
                                                 .tenant = r[i].tenant,
                                                 .common_name = r[i].common_name,
                                                 .profile = r[i].profile,
                                                 .profile_version = r[i].profile_version,
                                                 .serial = hex_encode(a, r[i].serial),
                                                 .not_after = r[i].not_after,
                                                 .suspended = str_eq_z(r[i].state, "suspended") };
    return E_OK;
}

enum err certificates_lost_revoke(struct tx *tx, const struct audit_by *by, struct str token,
                                  struct certificate_id id, uint32_t reason, struct timestamp now,
                                  struct str *receipt)
{
    const struct certificates_act act = { "revoked", CERTIFICATES_LINK, reason, now };
    struct certificates_certificate c;
    struct certificates_owned *owned;
    uint64_t used;
    size_t n, i = 0;

    if (!certificates_reason_own(reason))
        return FAIL(E_INPUT, "bad-reason", "not for subscribers");
    TRY(certificates_lost_find(tx, token, now, &owned, &n));
    while (i < n && owned[i].id.v != id.v)
        i++;
    if (i == n)
        return FAIL(E_INPUT, "choose", "not of this address");
    TRY(q_cert_link_use(tx, hash_of(token), now, &used));
    if (used != 1)
        return FAIL(E_ABSENT, "link-over", "used a moment ago");
    TRY(certificates_inside_get(tx, owned[i].tenant, id, &c));
    return certificates_inside_act(tx, by, &c, &act, now, receipt);
}

/* ------------------------------------------------------------------ to a certificate */

enum err certificates_send(struct tx *tx, const struct audit_by *by,
                           const struct certificates_who *who, struct certificate_id id,
                           struct timestamp now)
{
    struct arena *a = tx_arena(tx);
    struct certificates_values v = { .until = timestamp_add(now, CERTIFICATES_DOWNLOAD_LINK_US) };
    struct certificates_certificate c;
    struct account_id account;
    struct str token = random_token(a, TOKEN_N), to, lang;

    TRY(certificates_get(tx, who, id, now, &c));
    if (certificates_inside_staff(who->roles) && !certificates_inside_acts(who->roles))
        return FAIL(E_DENIED, "not-yours-to-send", "a role that looks only");
    if (c.state != AUTHORITY_ISSUED)
        return FAIL(E_STATE, "not-issued", "state %s", authority_state_name(c.state));
    TRY(certificates_inside_contact(tx, &c, &to, &lang, &account));
    if (str_empty(to))
        return FAIL(E_STATE, "no-address", "no subscriber, no application");
    v.number = str_empty(c.receipt) ? c.serial : c.receipt;
    v.link = str_fmt(a, "%.*s/certificates/link/%s",
                     STR_ARG(certificates_inside_config()->portal_url), token.p);
    TRY(q_cert_link_add(tx, hash_of(token), STR("download"), id, str_lower(a, to), now, v.until));
    TRY(note(tx, by, c.tenant, "certificates.certificate.send", id));
    return certificates_inside_mail(tx, c.tenant, to, lang, CERTIFICATES_MAIL_DOWNLOAD, &v);
}

enum err certificates_send_find(struct tx *tx, struct str token, struct timestamp now,
                                struct certificates_certificate *out)
{
    struct q_cert_link_find link;

    TRY(link_find(tx, token, "download", now, &link));
    return certificates_inside_get(tx, (struct tenant_id){ 0 }, link.certificate, out);
}

enum err certificates_send_use(struct tx *tx, const struct audit_by *by, struct str token,
                               struct timestamp now, struct certificates_certificate *out)
{
    uint64_t used;

    TRY(certificates_send_find(tx, token, now, out));
    TRY(q_cert_link_use(tx, hash_of(token), now, &used));
    if (used != 1)
        return FAIL(E_ABSENT, "link-over", "used a moment ago");
    return note(tx, by, out->tenant, "certificates.certificate.collect", out->id);
}
