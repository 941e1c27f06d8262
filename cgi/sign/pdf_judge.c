/* pdf_judge.c - see pdf_judge.h. */
#include "sign/pdf_judge.h"

#include "sign/pdf_x509.h"

#include <openssl/x509v3.h>

static const struct pdf_reason *find_reason(const char *code)
{
    const struct pdf_reason *one = pdf_verify_reasons;
    while (one->code && strcmp(one->code, code) != 0)
        one++;
    return one->code ? one : NULL;
}

void pdf_judge_note(struct pdf_judge *j, struct pdf_signature_report *r, const char *code)
{
    const struct pdf_reason *reason = find_reason(code);

    if (!r->reasons)
        r->reasons = ARENA_ARRAY(j->a, PDF_JUDGE_REASONS_MAX, struct pdf_reason);
    for (size_t i = 0; i < r->reasons_n; i++) {
        if (strcmp(r->reasons[i].code, code) == 0)
            return;
    }
    if (reason && r->reasons_n < PDF_JUDGE_REASONS_MAX)
        r->reasons[r->reasons_n++] = *reason;
}

void pdf_judge_worsen(struct pdf_judge *j, struct pdf_signature_report *r, enum pdf_verdict verdict,
                      const char *sub_indication, const char *code)
{
    if (verdict > r->verdict) {
        r->verdict = verdict;
        r->sub_indication = sub_indication;
    }
    pdf_judge_note(j, r, code);
}

/* ---- chains ---- */

static void describe(struct pdf_judge *j, struct bytes der, struct pdf_cert_report *c)
{
    X509 *x = pdf_x509_parse(der);

    *c = (struct pdf_cert_report){ .der = der };
    if (!x)
        return;
    c->subject = pdf_x509_name(X509_get_subject_name(x), j->a);
    c->issuer = pdf_x509_name(X509_get_issuer_name(x), j->a);
    c->common_name = pdf_x509_common_name(X509_get_subject_name(x), j->a);
    c->serial = pdf_x509_serial(X509_get0_serialNumber(x), j->a);
    c->not_before = pdf_x509_time(X509_get0_notBefore(x));
    c->not_after = pdf_x509_time(X509_get0_notAfter(x));
    X509_free(x);
}

static void take_chain(struct pdf_judge *j, const struct bytes *chain, size_t n, bool trusted,
                       struct pdf_cert_report **out, size_t *out_n)
{
    *out = ARENA_ARRAY(j->a, n ? n : 1, struct pdf_cert_report);
    *out_n = n;
    for (size_t i = 0; i < n; i++) {
        describe(j, chain[i], &(*out)[i]);
        (*out)[i].anchor = trusted && i + 1 == n;
        (*out)[i].evidence_proven = TIMESTAMP_NONE;
        if ((*out)[i].anchor || revocation_exempt(chain[i]))
            (*out)[i].source = PDF_EVIDENCE_EXEMPT;
    }
}

/* The certificates that came with the signature first, then those of the DSS. */
static enum err build(struct pdf_judge *j, enum pdf_trust_kind kind, const struct bytes *given,
                      size_t given_n, struct timestamp at, struct bytes **chain, size_t *n)
{
    struct bytes *all = ARENA_ARRAY(j->a, given_n + j->certs_n + 1, struct bytes);

    for (size_t i = 0; i < given_n; i++)
        all[i] = given[i];
    for (size_t i = 0; i < j->certs_n; i++)
        all[given_n + i] = j->certs[i];
    return pdf_trust_chain(j->trust, kind, all, given_n ? given_n + j->certs_n : 0, at, j->a, chain,
                           n);
}

/* ---- revocation ---- */

/* Revoked at `time`, or so that nothing the key did can be believed (RFC 3161 4, X.509 reasons). */
static bool void_at(const struct revocation_evidence *e, struct timestamp time, bool stamp)
{
    if (e->status != REVOCATION_REVOKED)
        return false;
    if (stamp && (e->reason == -1 || e->reason == 0 || e->reason == 1 || e->reason == 2))
        return true; /* unspecified, keyCompromise, cACompromise */
    return timestamp_is_none(e->revoked_at) || timestamp_cmp(e->revoked_at, time) <= 0;
}

/* ---- time-stamps ---- */

static const char *token_chain_reason(void)
{
    const char *reason = fault_current()->reason;
    return strcmp(reason, "chain-expired") == 0 ? "timestamp-expired" : "timestamp-untrusted";
}

bool pdf_judge_token(struct pdf_judge *j, struct pdf_signature_report *r,
                     const struct timestamp_token *token, struct timestamp existed,
                     struct pdf_cert_report **chain, size_t *chain_n)
{
    const struct pdf_trust_lists *lists = pdf_trust_get_lists(j->trust);
    struct bytes *ders;
    size_t n;
    bool good = true;
    enum err rc = build(j, PDF_TRUST_TSA, token->chain, token->chain_n, existed, &ders, &n);
    const char *reason = rc == E_OK ? NULL : token_chain_reason();

    fault_clear();
    take_chain(j, ders, n, rc == E_OK, chain, chain_n);
    if (reason) {
        pdf_judge_note(j, r, reason);
        return false; /* nothing is asked about certificates of strangers */
    }
    for (size_t i = 0; i + 1 < n; i++) {
        struct pdf_cert_report *c = &(*chain)[i];
        if (c->source == PDF_EVIDENCE_EXEMPT)
            continue;
        rc = pdf_judge_evidence(j, c, ders[i + 1], token->time);
        if (rc == E_OK && i == 0 && c->source == PDF_EVIDENCE_DOCUMENT && existed.us == j->at.us)
            pdf_judge_evidence_since(j, c, ders[i + 1]);
        c->revocation_known = rc == E_OK;
        if (rc != E_OK || void_at(&c->revocation, token->time, i == 0)) {
            pdf_judge_note(j, r, rc == E_OK ? "timestamp-revoked" : "timestamp-revocation-unknown");
            good = false;
        }
    }
    r->tsa_marked = lists && pdf_trust_lists_mark(lists, true, ders, n, token->time, &r->tsa_mark);
    return good;
}

/* ---- signers ---- */

static void worsen_by_chain(struct pdf_judge *j, struct pdf_signature_report *r)
{
    struct fault f = *fault_current();
    fault_clear();
    if (strcmp(f.reason, "chain-expired") == 0)
        pdf_judge_worsen(j, r, PDF_INDETERMINATE, "OUT_OF_BOUNDS_NO_POE", f.reason);
    else if (strcmp(f.reason, "chain-not-yet-valid") == 0)
        pdf_judge_worsen(j, r, PDF_TOTAL_FAILED, "NOT_YET_VALID", f.reason);
    else if (strcmp(f.reason, "chain-invalid") == 0)
        pdf_judge_worsen(j, r, PDF_INDETERMINATE, "CHAIN_CONSTRAINTS_FAILURE", f.reason);
    else
        pdf_judge_worsen(j, r, PDF_INDETERMINATE, "NO_CERTIFICATE_CHAIN_FOUND",
                         find_reason(f.reason) ? f.reason : "chain-invalid");
}

/* EN 319 102-1 5.2.6.4 and 5.6.2: revocation before the proven time fails, without proof is open.
 */
static void judge_revoked(struct pdf_judge *j, struct pdf_signature_report *r, size_t i,
                          const struct revocation_evidence *e, struct timestamp time, bool proven)
{
    if (i > 0 && proven && !void_at(e, time, false))
        pdf_judge_note(j, r, "issuer-revoked-later");
    else if (i > 0)
        pdf_judge_worsen(j, r, PDF_INDETERMINATE, "REVOKED_CA_NO_POE", "issuer-revoked");
    else if (!proven)
        pdf_judge_worsen(j, r, PDF_INDETERMINATE, "REVOKED_NO_POE", "revoked-no-proof");
    else if (void_at(e, time, false))
        pdf_judge_worsen(j, r, PDF_TOTAL_FAILED, "REVOKED", "revoked");
    else
        pdf_judge_note(j, r, "revoked-later");
    r->past = true;
}

static void judge_revocation(struct pdf_judge *j, struct pdf_signature_report *r,
                             const struct bytes *chain, size_t n, struct timestamp time,
                             bool proven)
{
    for (size_t i = 0; i + 1 < n; i++) {
        struct pdf_cert_report *c = &r->chain[i];
        if (c->source == PDF_EVIDENCE_EXEMPT)
            continue;
        enum err rc = pdf_judge_evidence(j, c, chain[i + 1], time);
        c->revocation_known = c->revocation.status != REVOCATION_UNKNOWN;
        if (rc == E_ABSENT)
            pdf_judge_worsen(j, r, PDF_INDETERMINATE, "TRY_LATER", "revocation-unknown");
        else if (rc != E_OK && timestamp_cmp(j->at, c->not_after) > 0)
            pdf_judge_worsen(j, r, PDF_INDETERMINATE, "REVOCATION_OUT_OF_BOUNDS_NO_POE",
                             "revocation-unproven");
        else if (rc != E_OK)
            pdf_judge_worsen(j, r, PDF_INDETERMINATE, "TRY_LATER", "revocation-stale");
        else if (c->revocation.status == REVOCATION_REVOKED)
            judge_revoked(j, r, i, &c->revocation, time, proven);
    }
}

void pdf_judge_signer(struct pdf_judge *j, struct pdf_signature_report *r,
                      const struct cms_check *cms)
{
    bool proven = !timestamp_is_none(r->best_time);
    struct timestamp time = proven ? r->best_time : j->at;
    const struct pdf_trust_lists *lists = pdf_trust_get_lists(j->trust);
    struct bytes *chain;
    size_t n;
    enum err rc =
        build(j, PDF_TRUST_SIGNER, cms->certs, cms->signer ? cms->certs_n : 0, time, &chain, &n);

    take_chain(j, chain, n, rc == E_OK, &r->chain, &r->chain_n);
    r->control_time = time;
    if (rc != E_OK)
        worsen_by_chain(j, r);
    for (size_t i = 0; rc == E_OK && proven && i < n; i++)
        r->past |= timestamp_cmp(j->at, r->chain[i].not_after) > 0;
    if (cms->signer) {
        uint32_t usage = X509_get_key_usage(cms->signer); /* all bits when there is none */
        if (!(usage & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)))
            pdf_judge_worsen(j, r, PDF_INDETERMINATE, "CHAIN_CONSTRAINTS_FAILURE", "key-usage");
    }
    if (rc == E_OK) { /* nothing is asked about certificates of strangers */
        judge_revocation(j, r, chain, n, time, proven);
        r->marked = lists && pdf_trust_lists_mark(lists, false, chain, n, time, &r->mark);
    }
}

bool pdf_judge_self_contained(struct pdf_judge *j, const struct pdf_cert_report *chain, size_t n,
                              struct timestamp time, uint64_t within)
{
    for (size_t i = 0; i + 1 < n; i++) {
        if (chain[i].source != PDF_EVIDENCE_EXEMPT &&
            !pdf_judge_evidence_inside(j, &chain[i], chain[i + 1].der, time, within))
            return false;
    }
    return n > 1;
}
