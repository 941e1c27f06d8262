/*
 * authority_issue_work.c - issuing in two steps, each a transaction of its own:
 *
 *   prepare  serial number and to-be-signed bytes are made, linted under a throw-away key, stored
 *   sign     the stored bytes are signed with the CA key, linted again, released
 *
 * A crash before the end of prepare leaves a request as it was; a crash after it leaves bytes that
 * are signed by the repeated step: the same serial number, the same certificate but for the
 * signature, of which only one is ever stored.
 */
#include "features/authority/authority_inside.h"

#include "base/crypto.h"
#include "base/encoding.h"
#include "base/log.h"
#include "features/audit/audit.h"
#include "store/db.h"
#include "store/gen/authority.q.h"

enum { BACKDATE_US = 5 * 60 * 1000000 }; /* for clocks that are a little slow */

/* The issuing authority: its keys' algorithm and, unless self-signed, its certificate. */
struct issuer {
    struct q_authority_get row;
    enum signer_alg alg;
    bool self; /* the certificate to be made is the authority's own */
    struct x509 cert;
};

static enum err load_issuer(struct tx *tx, struct authority_id id, struct str profile,
                            struct issuer *out)
{
    TRY(q_authority_get(tx, id, &out->row));
    TRY(signer_alg_of_spki(out->row.spki, &out->alg));
    out->self = str_eq_z(profile, "root");
    if (out->self)
        return E_OK;
    if (!out->row.certificate.p)
        return FAIL(E_STATE, "authority-absent", "authority %s has no certificate",
                    out->row.name.p);
    return x509_parse(out->row.certificate, tx_arena(tx), &out->cert);
}

/* A key of that kind, made once per process and never stored (BR 4.3.1.2). */
static enum err throw_away(enum signer_alg alg, struct signer *out)
{
    static struct signer_key *keys[SIGNER__MAX];

    if (!keys[alg])
        TRY(signer_key_new(alg, &keys[alg]));
    *out = signer_key_signer(keys[alg]);
    return E_OK;
}

static enum err lint(struct arena *a, struct bytes der, const struct x509_profile *profile,
                     const struct issuer *issuer)
{
    struct x509 c;

    TRY(x509_parse(der, a, &c));
    return x509_lint(&c, profile, issuer->self ? NULL : &issuer->cert);
}

static struct timestamp whole_second(struct timestamp t)
{
    return timestamp_from_unix(timestamp_to_unix(t));
}

/*
 * Nothing outlives its issuer. A customer was promised a validity: what cannot have it is refused.
 * The programs' own services live on with what is left.
 */
static enum err within_issuer(const struct q_certificate_to_prepare *row,
                              const struct issuer *issuer, struct x509_request *r)
{
    if (issuer->self || timestamp_cmp(r->not_after, issuer->cert.not_after) <= 0)
        return E_OK;
    if (row->tenant.v != 0)
        return FAIL(E_INPUT, "authority-ends", "authority %s ends before", issuer->row.name.p);
    r->not_after = issuer->cert.not_after;
    return E_OK;
}

/* Which list will tell of it: of the serial number's random octets, so that all grow alike. */
static uint32_t partition_of(const uint8_t serial[20], uint32_t parts)
{
    uint32_t v = (uint32_t)serial[16] << 24 | (uint32_t)serial[17] << 16 |
                 (uint32_t)serial[18] << 8 | serial[19];

    return parts == 0 ? 0 : 1 + v % parts;
}

static enum err build(struct tx *tx, const struct q_certificate_to_prepare *row,
                      const struct issuer *issuer, uint32_t *part, struct x509_request *r,
                      struct bytes *tbs)
{
    struct arena *a = tx_arena(tx);
    struct authority_profile_found profile;
    struct x509_san *san;
    struct signer key;
    struct bytes der;

    TRY(authority_profile_of(tx, row->profile, row->profile_version, &profile));
    r->profile = profile.x509;
    TRY(authority_san_read(a, row->san, &san, &r->san_n));
    r->san = san;
    r->signature_alg = issuer->alg;
    r->issuer = issuer->row.subject;
    r->issuer_ski = issuer->self ? BYTES_ABSENT : issuer->cert.ski;
    r->subject = row->subject;
    r->spki = row->spki;
    r->not_before = whole_second(timestamp_add(clock_now(), -BACKDATE_US));
    r->not_after = timestamp_add(r->not_before, row->validity_us - SECOND_US);
    TRY(within_issuer(row, issuer, r));
    r->ocsp_url = str_fmt(a, "%s/ocsp", issuer->row.url.p);
    r->issuer_url = str_fmt(a, "%s/ca/%s.cer", issuer->row.url.p, issuer->row.name.p);
    if (!r->profile->cdp || r->profile->crl_url) /* no list of ours is named: the complete one */
        *part = 0;
    r->crl_url = authority_crl_url(a, issuer->row.url, issuer->row.name, *part);
    TRY(x509_build(r, a, tbs));
    TRY(throw_away(issuer->alg, &key));
    TRY(signer_wrap(&key, *tbs, a, &der));
    return lint(a, der, r->profile, issuer);
}

static enum err note(struct tx *tx, struct tenant_id tenant, const char *action,
                     enum audit_outcome outcome, struct certificate_id id, struct str detail)
{
    struct audit_entry e = { .by = { .name = STR("certification authority") },
                             .tenant = tenant,
                             .action = action,
                             .object_kind = "certificate",
                             .object = audit_id(tx_arena(tx), id.v),
                             .outcome = outcome,
                             .detail = detail };
    return audit_write(tx, &e);
}

/* The request cannot become a certificate: say so in its row, for good. */
static enum err refuse(struct tx *tx, struct certificate_id id)
{
    const struct fault *f = fault_current();
    struct str reason = str_dup(tx_arena(tx), str_z(f->reason[0] ? f->reason : "refused"));
    uint64_t changed;

    log_fault("certificate refused");
    TRY(q_certificate_refuse(tx, id, reason, &changed));
    TRY(note(tx, (struct tenant_id){ 0 }, "authority.certificate.refuse", AUDIT_FAILED, id,
             str_fmt(tx_arena(tx), "{\"reason\":\"%s\"}", reason.p)));
    return authority_tell_refused(tx, id);
}

/* A retired authority certifies nothing but its own responder, which tells of what it had. */
static enum err may_issue(const struct issuer *issuer, struct str profile)
{
    if (str_eq_z(issuer->row.state, "retired") && !str_eq_z(profile, "ocsp"))
        return FAIL(E_INPUT, "authority-absent", "authority %s is retired", issuer->row.name.p);
    return E_OK;
}

enum err authority_prepare(struct tx *tx, struct certificate_id id)
{
    struct q_certificate_to_prepare row;
    struct issuer issuer;
    struct x509_request r = { 0 };
    uint8_t serial[20];
    struct bytes tbs = BYTES_ABSENT;
    uint64_t changed;

    TRY(q_certificate_to_prepare(tx, id, &row));
    if (authority_state_from(row.state) != AUTHORITY_REQUESTED)
        return E_OK;
    TRY(load_issuer(tx, row.authority, row.profile, &issuer));
    x509_serial_new(serial);
    r.serial = (struct bytes){ serial, sizeof serial };
    uint32_t part = partition_of(serial, issuer.row.crl_parts);
    enum err err = may_issue(&issuer, row.profile);
    if (err == E_OK)
        err = build(tx, &row, &issuer, &part, &r, &tbs);
    if (err == E_INPUT || err == E_UNSUPPORTED || err == E_INTERNAL)
        return refuse(tx, id);
    TRY(err);
    TRY(q_certificate_prepared(tx, id, r.serial, tbs, r.not_before, r.not_after, part, &changed));
    if (changed != 1)
        return FAIL(E_BUSY, "", "another worker prepared certificate %llu",
                    (unsigned long long)id.v);
    return authority_job(tx, AUTHORITY_JOB_SIGN, id);
}

/* Sign the bytes and prove the result before anybody sees it. */
static enum err make(struct tx *tx, struct hsm *ca, const struct q_certificate_to_sign *row,
                     struct x509 *out)
{
    struct arena *a = tx_arena(tx);
    struct authority_profile_found profile;
    struct issuer issuer;
    struct signer signer;
    struct bytes der = BYTES_ABSENT;

    TRY(authority_profile_of(tx, row->profile, row->profile_version, &profile));
    TRY(load_issuer(tx, row->authority, row->profile, &issuer));
    TRY(authority_keys_signer(ca, issuer.row.key_label, &signer));
    enum err err = signer_wrap(&signer, row->tbs, a, &der);
    if (err == E_OK && signer_verify_wrapped(issuer.row.spki, der) != E_OK)
        err = FAIL(E_BACKEND, "ca-key", "the token's key is not that of authority %s",
                   issuer.row.name.p);
    if (err != E_OK)
        authority_keys_forget();
    TRY(err);
    TRY(lint(a, der, profile.x509, &issuer));
    return x509_parse(der, a, out);
}

enum err authority_sign(struct tx *tx, struct hsm *ca, struct certificate_id id)
{
    struct q_certificate_to_sign row;
    struct x509 c = { .path_length = -1 };
    uint64_t changed;

    TRY(q_certificate_to_sign(tx, id, &row));
    if (authority_state_from(row.state) != AUTHORITY_SIGNING)
        return E_OK;
    TRY(make(tx, ca, &row, &c));
    TRY(q_certificate_release(tx, id, c.der, c.fingerprint, clock_now(), &changed));
    if (changed != 1)
        return FAIL(E_BUSY, "", "another worker released certificate %llu",
                    (unsigned long long)id.v);
    if (c.ca)
        TRY(q_authority_made(tx, sha256(c.spki), c.der, c.not_before, c.not_after, &changed));
    if (row.renews.v != 0)
        TRY(q_certificate_replaced(tx, row.renews, id, row.tenant, &changed));
    TRY(note(
        tx, row.tenant, "authority.certificate.issue", AUDIT_OK, id,
        str_fmt(tx_arena(tx), "{\"serial\":\"%s\"}", hex_encode(tx_arena(tx), x509_serial(&c)).p)));
    return authority_tell_released(tx, id);
}
