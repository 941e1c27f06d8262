/* certificates_detail_pages.c - one certificate: what it says, its history, its files. */
#include "features/certificates/certificates_decode.h"
#include "features/certificates/certificates_notice.h"
#include "features/certificates/certificates_open.h"
#include "features/certificates/certificates_pages.h"
#include "features/certificates/certificates_shared_pages.h"
#include "features/certificates/certificates_show.h"
#include "features/certificates/certificates_words_pages.h"
#include "http/ratelimit.h"

#define STAFF                                                                                      \
    (ROLE_SUPPORT | ROLE_SERVICE_MANAGER | ROLE_SYSTEM_MANAGER | ROLE_SYSTEM_ADMIN | ROLE_AUDITOR)

static const struct rate send_rate = { "certificates.send", RATE_ACCOUNT, 20, HOUR_US };

struct name_row {
    const char *kind;
    struct str value;
};
static const struct view_field name_fields[] = { VIEW_WORD(struct name_row, kind),
                                                 VIEW_TEXT(struct name_row, value), VIEW_END };
struct word_row {
    struct msg word;
    struct str text;
};
static const struct view_field word_fields[] = { VIEW_MSG(struct word_row, word),
                                                 VIEW_TEXT(struct word_row, text), VIEW_END };

struct detail_view {
    struct certificates_head head;
    struct certificate_id id, replaced_by, replaces;
    struct name_row *subject, *names;
    size_t subject_count, names_count;
    struct word_row *usages, *purposes, *policies, *chain;
    size_t usages_count, purposes_count, policies_count, chain_count;
    struct page_event *timeline;
    size_t timeline_count;
    struct str issuer, key, signature, fingerprint, cps, tenant, holder, receipt, ocsp_url, crl_url;
    struct str application_url;
    struct timestamp not_before, not_after, revoked_at;
    struct msg reason, refused;
    bool linked, issued, revoked, suspended, staff, muted, own;
    bool may_revoke, may_suspend, may_release, may_renew, may_upgrade, may_send, may_mute;
};
static const struct view_field detail_fields[] = {
    VIEW_STRUCT(struct detail_view, head, certificates_head_fields),
    VIEW_ID(struct detail_view, id),
    VIEW_ID(struct detail_view, replaced_by),
    VIEW_ID(struct detail_view, replaces),
    VIEW_LIST(struct detail_view, subject, subject_count, name_fields),
    VIEW_LIST(struct detail_view, names, names_count, name_fields),
    VIEW_INT(struct detail_view, names_count),
    VIEW_LIST(struct detail_view, usages, usages_count, word_fields),
    VIEW_LIST(struct detail_view, purposes, purposes_count, word_fields),
    VIEW_INT(struct detail_view, purposes_count),
    VIEW_LIST(struct detail_view, policies, policies_count, word_fields),
    VIEW_INT(struct detail_view, policies_count),
    VIEW_LIST(struct detail_view, chain, chain_count, word_fields),
    VIEW_LIST(struct detail_view, timeline, timeline_count, page_event_fields),
    VIEW_TEXT(struct detail_view, issuer),
    VIEW_TEXT(struct detail_view, key),
    VIEW_TEXT(struct detail_view, signature),
    VIEW_CODE(struct detail_view, fingerprint),
    VIEW_TEXT(struct detail_view, cps),
    VIEW_TEXT(struct detail_view, tenant),
    VIEW_TEXT(struct detail_view, holder),
    VIEW_TEXT(struct detail_view, receipt),
    VIEW_TEXT(struct detail_view, ocsp_url),
    VIEW_TEXT(struct detail_view, crl_url),
    VIEW_URL(struct detail_view, application_url),
    VIEW_TIME(struct detail_view, not_before),
    VIEW_TIME(struct detail_view, not_after),
    VIEW_TIME(struct detail_view, revoked_at),
    VIEW_MSG(struct detail_view, reason),
    VIEW_MSG(struct detail_view, refused),
    VIEW_FLAG(struct detail_view, linked),
    VIEW_FLAG(struct detail_view, issued),
    VIEW_FLAG(struct detail_view, revoked),
    VIEW_FLAG(struct detail_view, suspended),
    VIEW_FLAG(struct detail_view, staff),
    VIEW_FLAG(struct detail_view, muted),
    VIEW_FLAG(struct detail_view, own),
    VIEW_FLAG(struct detail_view, may_revoke),
    VIEW_FLAG(struct detail_view, may_suspend),
    VIEW_FLAG(struct detail_view, may_release),
    VIEW_FLAG(struct detail_view, may_renew),
    VIEW_FLAG(struct detail_view, may_upgrade),
    VIEW_FLAG(struct detail_view, may_send),
    VIEW_FLAG(struct detail_view, may_mute),
    VIEW_END,
};
const struct view certificates_detail_view = { "certificates/detail.html", "Certificate {{holder}}",
                                               detail_fields, VIEW_WIDE };

/* ------------------------------------------------------------------ what it says */

static struct name_row *names_of(struct arena *a, const struct certificates_name *from, size_t n)
{
    struct name_row *out = ARENA_ARRAY(a, n, struct name_row);

    for (size_t i = 0; i < n; i++)
        out[i] = (struct name_row){ from[i].kind, from[i].value };
    return out;
}

static void fill_usages(struct arena *a, uint32_t bits, struct detail_view *v)
{
    static const struct {
        uint32_t bit;
        struct msg word;
    } words[] = {
        { X509_DIGITAL_SIGNATURE, MSG_INIT("Digital signature") },
        { X509_NON_REPUDIATION, MSG_INIT("Non-repudiation") },
        { X509_KEY_ENCIPHERMENT, MSG_INIT("Key encipherment") },
        { X509_KEY_CERT_SIGN, MSG_INIT("Certificate signing") },
        { X509_CRL_SIGN, MSG_INIT("CRL signing") },
    };

    v->usages = ARENA_ARRAY(a, sizeof words / sizeof *words, struct word_row);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (bits & words[i].bit)
            v->usages[v->usages_count++] = (struct word_row){ .word = words[i].word };
}

static void fill_oids(struct arena *a, const struct certificates_decoded *d, struct detail_view *v)
{
    v->purposes_count = d->ekus_n;
    v->purposes = ARENA_ARRAY(a, d->ekus_n, struct word_row);
    for (size_t i = 0; i < d->ekus_n; i++)
        v->purposes[i] = (struct word_row){ certificates_words_eku(d->ekus[i]), d->ekus[i] };
    v->policies_count = d->policies_n;
    v->policies = ARENA_ARRAY(a, d->policies_n, struct word_row);
    for (size_t i = 0; i < d->policies_n; i++)
        v->policies[i] = (struct word_row){ .text = d->policies[i] };
}

static enum err fill_chain(struct req *rq, struct certificate_id id, struct detail_view *v)
{
    struct arena *a = req_arena(rq);
    struct bytes *chain;
    struct x509 x;

    TRY(authority_chain(req_tx(rq), id, &chain, &v->chain_count));
    v->chain = ARENA_ARRAY(a, v->chain_count, struct word_row);
    for (size_t i = 0; i < v->chain_count; i++) {
        TRY(x509_parse(chain[i], a, &x));
        v->chain[i] = (struct word_row){ .text = name_text(a, x.subject) };
    }
    return E_OK;
}

static enum err fill_decoded(struct req *rq, const struct certificates_certificate *c,
                             struct detail_view *v)
{
    struct arena *a = req_arena(rq);
    struct certificates_decoded d;

    v->issued = c->der.p != NULL;
    if (!v->issued)
        return E_OK;
    TRY(certificates_decode(a, c->der, &d));
    v->subject = names_of(a, d.subject, d.subject_n);
    v->subject_count = d.subject_n;
    v->names = names_of(a, d.names, d.names_n);
    v->names_count = d.names_n;
    v->issuer = d.issuer;
    v->key = d.key;
    v->signature = d.signature;
    v->fingerprint = d.fingerprint;
    v->ocsp_url = d.x.ocsp_url;
    v->crl_url = d.x.crl_url;
    fill_usages(a, d.x.key_usage, v);
    fill_oids(a, &d, v);
    return fill_chain(rq, c->id, v);
}

/* ------------------------------------------------------------------ history */

static struct str note_of(struct req *rq, const struct certificates_event *e)
{
    struct arena *a = req_arena(rq);
    enum lang lang = req_lang(rq);
    struct msg how = certificates_words_how(e->how);
    struct str words = how.id == NULL ? STR("") : message_text(lang, how);
    struct str reason = message_text(lang, certificates_words_reason(e->reason));

    if (str_empty(e->receipt) || str_eq_z(e->kind, "replaced"))
        return words;
    if (str_eq_z(e->kind, "revoked") || str_eq_z(e->kind, "compromised"))
        return str_fmt(a, "%s · %s · %s", e->receipt.p, words.p, reason.p);
    return str_fmt(a, "%s · %s", e->receipt.p, words.p);
}

static enum err fill_history(struct req *rq, const struct certificates_certificate *c,
                             struct detail_view *v)
{
    struct certificates_event *e;

    TRY(certificates_history(req_tx(rq), c, &e, &v->timeline_count));
    v->timeline = ARENA_ARRAY(req_arena(rq), v->timeline_count, struct page_event);
    for (size_t i = 0; i < v->timeline_count; i++)
        v->timeline[i] = (struct page_event){ .at = e[i].at,
                                              .what = certificates_words_kind(e[i].kind),
                                              .who = e[i].actor,
                                              .note = note_of(rq, &e[i]) };
    return E_OK;
}

/* ------------------------------------------------------------------ the page */

static void fill_may(const struct certificates_who *who, const struct certificates_certificate *c,
                     struct detail_view *v)
{
    v->may_revoke = (c->may & CERTIFICATES_MAY_REVOKE) != 0;
    v->may_suspend = (c->may & CERTIFICATES_MAY_SUSPEND) != 0;
    v->may_release = (c->may & CERTIFICATES_MAY_RELEASE) != 0;
    v->may_upgrade = (c->may & CERTIFICATES_MAY_UPGRADE) != 0;
    v->may_mute = (c->may & CERTIFICATES_MAY_MUTE) != 0;
    v->may_send = v->may_revoke && c->state == AUTHORITY_ISSUED &&
                  (who->roles & (ROLE_CUSTOMER_ADMIN | ROLE_LRA_OPERATOR)) != 0;
}

/* Renewal is offered when it could be applied for now. */
static bool renewable(struct req *rq, const struct certificates_who *who,
                      const struct certificates_certificate *c)
{
    struct certificates_renewal r;
    bool ok = (c->may & CERTIFICATES_MAY_RENEW) != 0 &&
              certificates_renew_values(req_tx(rq), who, c->id, req_now(rq), &r) == E_OK;

    fault_clear();
    return ok;
}

/* Where this person may read the application: in the queue, or among one's own. */
static struct str application_url(struct req *rq, const struct certificates_who *who,
                                  const struct certificates_certificate *c)
{
    if (str_empty(c->receipt))
        return STR("");
    if ((who->roles & (ROLE_CUSTOMER_ADMIN | ROLE_LRA_OPERATOR)) != 0)
        return str_fmt(req_arena(rq), "/reviews/%s", c->receipt.p);
    if (who->account.v == c->account.v || who->account.v == c->requested_by.v)
        return str_fmt(req_arena(rq), "/applications/%s", c->receipt.p);
    return STR("");
}

static enum err fill(struct req *rq, const struct certificates_who *who,
                     const struct certificates_certificate *c, struct detail_view *v)
{
    bool all;

    *v = (struct detail_view){
        .head = certificates_shared_head(rq, c),
        .id = c->id,
        .replaced_by = c->replaced_by,
        .replaces = c->replaces,
        .receipt = c->receipt,
        .cps = c->cps,
        .tenant = c->tenant_name,
        .holder = str_empty(c->common_name) ? c->subject : c->common_name,
        .not_before = c->not_before,
        .not_after = c->not_after,
        .revoked_at = c->revoked_at,
        .reason = certificates_words_reason(c->reason),
        .revoked = c->state == AUTHORITY_REVOKED,
        .suspended = c->state == AUTHORITY_SUSPENDED,
        .staff = (who->roles & STAFF) != 0,
        .own = c->account.v == who->account.v,
    };
    v->linked = v->staff || c->application.v != 0 || c->replaced_by.v != 0 || c->replaces.v != 0;
    v->application_url = application_url(rq, who, c);
    fill_may(who, c, v);
    v->may_renew = renewable(rq, who, c);
    TRY(certificates_muted(req_tx(rq), who->account, c->id, &v->muted, &all));
    TRY(fill_decoded(rq, c, v));
    return fill_history(rq, c, v);
}

static enum err show(struct req *rq, struct resp *rs)
{
    const struct certificates_id_form *f = req_form(rq);
    const struct certificates_who who = certificates_shared_who(rq);
    struct audit_by by = AUDIT_BY(rq);
    struct certificates_certificate c;
    struct detail_view v;

    TRY(certificates_get(req_tx(rq), &who, f->id, req_now(rq), &c));
    TRY(fill(rq, &who, &c, &v));
    if (v.staff) /* a customer's data was looked at (P1-31) */
        TRY(audit_note(req_tx(rq), &by, "certificates.certificate.view", "certificate", c.id.v,
                       NULL));
    return resp_page(rs, &certificates_detail_view, &v);
}

/* ------------------------------------------------------------------ files */

enum format { FORMAT_PEM, FORMAT_DER, FORMAT_CHAIN, FORMAT_PKCS7 };
const struct choice certificates_shared_formats[] = { { "pem", FORMAT_PEM },
                                                      { "der", FORMAT_DER },
                                                      { "chain", FORMAT_CHAIN },
                                                      { "pkcs7", FORMAT_PKCS7 },
                                                      { NULL, 0 } };
struct file_form {
    struct certificate_id id;
    int format;
};
static const struct param file_params[] = {
    PARAM_ID(struct file_form, id),
    PARAM_CHOICE(struct file_form, format, certificates_shared_formats), PARAM_END
};

enum err certificates_shared_file(struct req *rq, struct resp *rs,
                                  const struct certificates_certificate *c, int format)
{
    struct arena *a = req_arena(rq);
    struct str name = certificates_filename(a, c->common_name, c->serial);
    struct bytes *chain, file;
    size_t n;

    if (c->der.p == NULL)
        return FAIL(E_STATE, "not-issued", "no certificate yet");
    TRY(authority_chain(req_tx(rq), c->id, &chain, &n));
    switch (format) {
    case FORMAT_DER:
        return resp_file(rs, "application/pkix-cert", str_fmt(a, "%s.cer", name.p), c->der,
                         DISPOSITION_ATTACHMENT);
    case FORMAT_PKCS7:
        TRY(certificates_pkcs7(a, c->der, chain, n, &file));
        return resp_file(rs, "application/pkcs7-mime; smime-type=certs-only",
                         str_fmt(a, "%s.p7b", name.p), file, DISPOSITION_ATTACHMENT);
    case FORMAT_CHAIN:
        return resp_file(
            rs, "application/pem-certificate-chain", str_fmt(a, "%s-chain.pem", name.p),
            bytes_of_str(certificates_pem(a, c->der, chain, n)), DISPOSITION_ATTACHMENT);
    default:
        return resp_file(rs, "application/x-pem-file", str_fmt(a, "%s.pem", name.p),
                         bytes_of_str(certificates_pem(a, c->der, NULL, 0)),
                         DISPOSITION_ATTACHMENT);
    }
}

static enum err download(struct req *rq, struct resp *rs)
{
    const struct file_form *f = req_form(rq);
    const struct certificates_who who = certificates_shared_who(rq);
    struct certificates_certificate c;

    if (req_invalid(rq))
        return FAIL(E_ABSENT, "certificate-unknown", "no such file");
    TRY(certificates_get(req_tx(rq), &who, f->id, req_now(rq), &c));
    return certificates_shared_file(rq, rs, &c, f->format);
}

/* ------------------------------------------------------------------ notices, link by mail */

struct mute_form {
    struct certificate_id id;
    bool off;
};
static const struct param mute_params[] = { PARAM_ID(struct mute_form, id),
                                            PARAM_FLAG(struct mute_form, off), PARAM_END };

static enum err mute(struct req *rq, struct resp *rs)
{
    const struct mute_form *f = req_form(rq);
    const struct certificates_who who = certificates_shared_who(rq);
    struct audit_by by = AUDIT_BY(rq);

    if (req_invalid(rq))
        return FAIL(E_INPUT, "", "malformed");
    TRY(certificates_mute(req_tx(rq), &by, &who, f->id, f->off, req_now(rq)));
    resp_flash(rs, "success",
               f->off ? MSG("You get no more notices about this certificate's end.")
                      : MSG("You get notices about this certificate's end again."),
               STR_ABSENT);
    return resp_seeother(rs, "/certificates/{id}", f->id.v);
}

static enum err send_link(struct req *rq, struct resp *rs)
{
    const struct certificates_id_form *f = req_form(rq);
    const struct certificates_who who = certificates_shared_who(rq);
    struct audit_by by = AUDIT_BY(rq);

    if (req_invalid(rq))
        return FAIL(E_INPUT, "", "malformed");
    TRY(certificates_send(req_tx(rq), &by, &who, f->id, req_now(rq)));
    resp_flash(rs, "success",
               MSG("A one-time link for downloading is on its way to the registered address."),
               STR_ABSENT);
    return resp_seeother(rs, "/certificates/{id}", f->id.v);
}

const struct route certificates_detail_routes[] = {
    { GET, "/certificates/{id}", show, WHO_ACCOUNT,
      FORM(certificates_id_params, struct certificates_id_form), 0, 0, NULL, NULL },
    { GET, "/certificates/{id}/file/{format}", download, WHO_ACCOUNT,
      FORM(file_params, struct file_form), 0, 0, NULL, NULL },
    { POST, "/certificates/{id}/notices", mute, WHO_ACCOUNT, FORM(mute_params, struct mute_form), 0,
      0, NULL, NULL },
    { POST, "/certificates/{id}/send", send_link,
      ROLE_CUSTOMER_ADMIN | ROLE_LRA_OPERATOR | ROLE_SYSTEM_ADMIN | ROLE_SYSTEM_MANAGER,
      FORM(certificates_id_params, struct certificates_id_form), 0, 0, NULL, &send_rate },
    { 0 },
};
