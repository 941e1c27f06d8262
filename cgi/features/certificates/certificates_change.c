/* certificates_change.c - revoking, suspending, releasing, and their history; see certificates.h */
#include "features/certificates/certificates_inside.h"
#include "features/certificates/certificates_reason.h"
#include "features/certificates/certificates_show.h"

#include "base/json.h"
#include "features/profiles/profiles.h"
#include "pki/crl.h"
#include "pki/x509.h"
#include "store/db.h"
#include "store/gen/certificates.q.h"
#include "store/mail_queue.h"

#define HISTORY_MAX 200

static const char *const ways[] = {
    [CERTIFICATES_PAGE] = "page", [CERTIFICATES_BULK] = "bulk", [CERTIFICATES_SIGNED] = "signed",
    [CERTIFICATES_LINK] = "link", [CERTIFICATES_API] = "api",   [CERTIFICATES_WORKER] = "worker",
};

struct str certificates_inside_receipt(struct arena *a, struct change_id id)
{
    return str_fmt(a, "C-%06llu", (unsigned long long)id.v);
}

enum err certificates_inside_spki(struct arena *a, struct bytes der, struct bytes *spki)
{
    struct x509 x;

    TRY(x509_parse(der, a, &x));
    *spki = x.spki;
    return E_OK;
}

/* ------------------------------------------------------------------ reasons */

_Static_assert((int)CERTIFICATES_KEY_COMPROMISE == (int)CRL_KEY_COMPROMISE &&
                   (int)CERTIFICATES_AFFILIATION == (int)CRL_AFFILIATION_CHANGED &&
                   (int)CERTIFICATES_SUPERSEDED == (int)CRL_SUPERSEDED &&
                   (int)CERTIFICATES_CESSATION == (int)CRL_CESSATION &&
                   (int)CERTIFICATES_HOLD == (int)CRL_HOLD &&
                   (int)CERTIFICATES_WITHDRAWN == (int)CRL_PRIVILEGE_WITHDRAWN,
               "the same numbers");

const char *certificates_reason_name(uint32_t reason)
{
    return crl_reason_name(reason);
}

bool certificates_reason_own(uint32_t reason)
{
    return reason == CRL_UNSPECIFIED || reason == CRL_KEY_COMPROMISE ||
           reason == CRL_AFFILIATION_CHANGED || reason == CRL_SUPERSEDED || reason == CRL_CESSATION;
}

bool certificates_reason_from(struct str name, uint32_t *out)
{
    for (uint32_t r = 0; r <= CRL_PRIVILEGE_WITHDRAWN; r++)
        if ((certificates_reason_own(r) || r == CRL_PRIVILEGE_WITHDRAWN) &&
            str_eq_z(name, crl_reason_name(r))) {
            *out = r;
            return true;
        }
    return false;
}

/* ------------------------------------------------------------------ telling */

enum err certificates_inside_contact(struct tx *tx, const struct certificates_certificate *c,
                                     struct str *to, struct str *lang, struct account_id *account)
{
    struct q_cert_contact r;

    TRY(q_cert_contact(tx, c->id, c->tenant, &r));
    *to = r.email;
    *lang = str_eq_z(r.lang, "en") ? STR("en") : STR("ja");
    *account = r.account;
    return E_OK;
}

enum err certificates_inside_mail(struct tx *tx, struct tenant_id tenant, struct str to,
                                  struct str lang, enum certificates_mail which,
                                  const struct certificates_values *v)
{
    struct mail_queue_entry mail = { .tenant = tenant,
                                     .to = to,
                                     .template_name = "certificates/notice",
                                     .lang = str_eq_z(lang, "en") ? "en" : "ja" };
    struct mail_id id;

    if (str_empty(to))
        return E_OK;
    certificates_inside_config()->words(tx_arena(tx), lang, which, v, &mail.subject, &mail.text);
    mail.html = mail_queue_html(tx_arena(tx), mail.lang, mail.text);
    return mail_queue(tx, &mail, &id);
}

static enum err tell(struct tx *tx, const struct certificates_certificate *c, const char *kind,
                     struct str receipt)
{
    struct arena *a = tx_arena(tx);
    struct certificates_values v = {
        .number = receipt,
        .link =
            str_fmt(a, "%.*s/certificates/%llu", STR_ARG(certificates_inside_config()->portal_url),
                    (unsigned long long)c->id.v),
        .until = TIMESTAMP_NONE,
    };
    enum certificates_mail which = CERTIFICATES_MAIL_REVOKED;
    struct account_id account;
    struct str to, lang;

    if (strcmp(kind, "suspended") == 0)
        which = CERTIFICATES_MAIL_SUSPENDED;
    if (strcmp(kind, "released") == 0)
        which = CERTIFICATES_MAIL_RELEASED;
    TRY(certificates_inside_contact(tx, c, &to, &lang, &account));
    return certificates_inside_mail(tx, c->tenant, to, lang, which, &v);
}

static enum err audit(struct tx *tx, const struct audit_by *by,
                      const struct certificates_certificate *c, const struct certificates_act *act)
{
    struct arena *a = tx_arena(tx);
    const struct audit_entry e = {
        .by = *by,
        .tenant = c->tenant,
        .action = str_fmt(a, "certificates.certificate.%s",
                          strcmp(act->kind, "released") == 0    ? "release"
                          : strcmp(act->kind, "suspended") == 0 ? "suspend"
                                                                : "revoke")
                      .p,
        .object_kind = "certificate",
        .object = audit_id(a, c->id.v),
        .detail = str_fmt(a, "{\"serial\":\"%s\",\"reason\":%u,\"how\":\"%s\"}", c->serial.p,
                          act->reason, ways[act->how]),
    };
    return audit_write(tx, &e);
}

/* ------------------------------------------------------------------ doing */

static enum err block(struct tx *tx, const struct certificates_certificate *c)
{
    struct bytes spki;

    TRY(certificates_inside_spki(tx_arena(tx), c->der, &spki));
    return profiles_block_key(tx, spki, "compromised");
}

enum err certificates_inside_act(struct tx *tx, const struct audit_by *by,
                                 const struct certificates_certificate *c,
                                 const struct certificates_act *act, struct timestamp now,
                                 struct str *receipt)
{
    bool release = strcmp(act->kind, "released") == 0;
    struct change_id change;
    struct str number;

    TRY(release ? authority_release(tx, c->tenant, c->id)
                : authority_revoke(tx, c->tenant, c->id, act->reason, act->when));
    if (!release && act->reason == CRL_KEY_COMPROMISE)
        TRY(block(tx, c));
    TRY(q_cert_change_add(tx, c->id, c->tenant, now, by->account, str_z(act->kind),
                          str_z(ways[act->how]), act->reason, release ? TIMESTAMP_NONE : act->when,
                          (struct certificate_id){ 0 }, &change));
    TRY(audit(tx, by, c, act));
    number = certificates_inside_receipt(tx_arena(tx), change);
    if (receipt != NULL)
        *receipt = number;
    return tell(tx, c, act->kind, number);
}

static enum err denied(const struct certificates_certificate *c, const char *state)
{
    return FAIL(E_STATE, state, "state %s", authority_state_name(c->state));
}

/* Whether this person may give this reason and date. */
static enum err reason_check(const struct certificates_who *who,
                             const struct certificates_certificate *c,
                             const struct certificates_change *ch, struct timestamp now)
{
    bool registration = (c->may & CERTIFICATES_MAY_WITHDRAW) != 0 ||
                        (who->roles & (ROLE_CUSTOMER_ADMIN | ROLE_LRA_OPERATOR)) != 0;

    if (ch->reason != CRL_PRIVILEGE_WITHDRAWN && !certificates_reason_own(ch->reason))
        return FAIL(E_INPUT, "bad-reason", "reason %u", ch->reason);
    if (ch->reason == CRL_PRIVILEGE_WITHDRAWN && (c->may & CERTIFICATES_MAY_WITHDRAW) == 0)
        return FAIL(E_INPUT, "bad-reason", "BR 7.2.2: not the subscriber's to give");
    if (timestamp_is_none(ch->when) || timestamp_cmp(ch->when, now) == 0)
        return E_OK;
    if (ch->reason != CRL_KEY_COMPROMISE || timestamp_cmp(ch->when, now) > 0 ||
        timestamp_cmp(ch->when, c->not_before) < 0)
        return FAIL(E_INPUT, "bad-date", "outside of the certificate's life, or another reason");
    if (!certificates_inside_acts(who->roles) &&
        (!registration || ch->when.us < now.us - CERTIFICATES_BACK_US))
        return FAIL(E_INPUT, "bad-date", "further back than this role may");
    return E_OK;
}

enum err certificates_revoke(struct tx *tx, const struct audit_by *by,
                             const struct certificates_who *who, struct certificate_id id,
                             const struct certificates_change *ch, struct timestamp now,
                             struct str *receipt)
{
    struct certificates_certificate c;
    struct certificates_act act = { .kind = "revoked",
                                    .how = ch->how,
                                    .reason = ch->reason,
                                    .when = timestamp_is_none(ch->when) ? now : ch->when };

    TRY(certificates_get(tx, who, id, now, &c));
    if (c.may == 0 && certificates_inside_staff(who->roles) &&
        !certificates_inside_acts(who->roles))
        return FAIL(E_DENIED, "not-yours-to-revoke", "a role that looks only");
    if ((c.may & CERTIFICATES_MAY_UPGRADE) != 0 && ch->reason == CRL_KEY_COMPROMISE) {
        act.kind = "compromised";
        if (timestamp_cmp(act.when, c.revoked_at) > 0)
            act.when = c.revoked_at; /* BR 7.2.2: the date moves back, never forward */
    } else if (c.state == AUTHORITY_REVOKED) {
        return denied(&c, "already-revoked");
    } else if ((c.may & CERTIFICATES_MAY_REVOKE) == 0) {
        return denied(&c, "not-issued");
    }
    TRY(reason_check(who, &c, ch, now));
    return certificates_inside_act(tx, by, &c, &act, now, receipt);
}

static enum err change_hold(struct tx *tx, const struct audit_by *by,
                            const struct certificates_who *who, struct certificate_id id,
                            const struct certificates_act *act, struct timestamp now,
                            struct str *receipt)
{
    bool release = strcmp(act->kind, "released") == 0;
    struct certificates_certificate c;

    TRY(certificates_get(tx, who, id, now, &c));
    if (certificates_inside_staff(who->roles) && !certificates_inside_acts(who->roles))
        return FAIL(E_DENIED, "not-yours-to-revoke", "a role that looks only");
    if (release && (c.may & CERTIFICATES_MAY_RELEASE) == 0)
        return denied(&c, c.state == AUTHORITY_SUSPENDED ? "held-by-others" : "not-suspended");
    if (!release && c.state != AUTHORITY_ISSUED)
        return denied(&c, c.state == AUTHORITY_REVOKED ? "already-revoked" : "not-issued");
    if (!release && (c.may & CERTIFICATES_MAY_SUSPEND) == 0)
        return denied(&c, "not-suspendable");
    return certificates_inside_act(tx, by, &c, act, now, receipt);
}

enum err certificates_suspend(struct tx *tx, const struct audit_by *by,
                              const struct certificates_who *who, struct certificate_id id,
                              enum certificates_how how, struct timestamp now, struct str *receipt)
{
    const struct certificates_act act = { "suspended", how, CRL_HOLD, now };
    return change_hold(tx, by, who, id, &act, now, receipt);
}

enum err certificates_release(struct tx *tx, const struct audit_by *by,
                              const struct certificates_who *who, struct certificate_id id,
                              enum certificates_how how, struct timestamp now, struct str *receipt)
{
    const struct certificates_act act = { "released", how, CRL_UNSPECIFIED, now };
    return change_hold(tx, by, who, id, &act, now, receipt);
}

/* ------------------------------------------------------------------ history */

enum err certificates_history(struct tx *tx, const struct certificates_certificate *c,
                              struct certificates_event **out, size_t *n)
{
    struct arena *a = tx_arena(tx);
    struct q_cert_changes *r;
    size_t changes, k = 0;

    TRY(q_cert_changes(tx, c->id, c->tenant, HISTORY_MAX, &r, &changes));
    *out = ARENA_ARRAY(a, changes + 2, struct certificates_event);
    (*out)[k++] = (struct certificates_event){ .at = c->requested_at,
                                               .dated = TIMESTAMP_NONE,
                                               .kind = STR("requested") };
    if (!timestamp_is_none(c->issued_at))
        (*out)[k++] = (struct certificates_event){ .at = c->issued_at,
                                                   .dated = TIMESTAMP_NONE,
                                                   .kind = STR("issued") };
    for (size_t i = 0; i < changes; i++)
        (*out)[k++] =
            (struct certificates_event){ .at = r[i].at,
                                         .dated = r[i].dated,
                                         .kind = r[i].kind,
                                         .how = r[i].how,
                                         .actor = r[i].actor,
                                         .reason = r[i].reason,
                                         .receipt = certificates_inside_receipt(a, r[i].id) };
    *n = k;
    return E_OK;
}
