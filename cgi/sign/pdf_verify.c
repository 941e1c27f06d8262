/* pdf_verify.c - see pdf_verify.h. ETSI EN 319 102-1 5, ISO 32000-2 12.8. */
#include "sign/pdf_verify_inside.h"

#include <openssl/objects.h>
#include <stdlib.h>

static const char *const verdict_names[] = { "total-passed", "indeterminate", "total-failed" };

const char *pdf_verify_verdict_name(enum pdf_verdict verdict)
{
    return (unsigned)verdict <= PDF_TOTAL_FAILED ? verdict_names[verdict] : "";
}

static void fail(struct pdf_verify_job *j, struct pdf_verify_item *item, const char *sub)
{
    struct fault f = *fault_current();
    pdf_judge_worsen(&j->judge, &item->r, PDF_TOTAL_FAILED, sub, f.reason);
    fault_clear();
}

/* ---- reading ---- */

static bool digits(struct str s, size_t at, size_t n, int *out)
{
    *out = 0;
    if (at + n > s.n)
        return false;
    for (size_t i = at; i < at + n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
        *out = *out * 10 + (s.p[i] - '0');
    }
    return true;
}

/* D:YYYYMMDDHHmmSSOHH'mm' with everything behind the year optional (ISO 32000-2 7.9.4). */
static struct timestamp pdf_date(struct str s)
{
    static const size_t at[] = { 6, 8, 10, 12, 14 };
    struct calendar c = { .month = 1, .day = 1 };
    int *const part[] = { &c.month, &c.day, &c.hour, &c.minute, &c.second };
    int hours = 0, minutes = 0;
    size_t i = 0;

    if (!str_starts(s, STR("D:")) || !digits(s, 2, 4, &c.year) || c.year < 1970)
        return TIMESTAMP_NONE;
    while (i < 5 && digits(s, at[i], 2, part[i]))
        i++;
    if (c.month < 1 || c.month > 12 || c.day < 1 || c.day > 31 || c.hour > 23 || c.minute > 59 ||
        c.second > 60)
        return TIMESTAMP_NONE;
    struct timestamp t = timestamp_from_calendar_utc(c);
    if (s.n > 16 && (s.p[16] == '+' || s.p[16] == '-') && digits(s, 17, 2, &hours)) {
        int64_t offset = hours * HOUR_US;
        if (digits(s, 20, 2, &minutes))
            offset += minutes * MINUTE_US;
        t = timestamp_add(t, s.p[16] == '+' ? -offset : offset);
    }
    return t;
}

static void read_claims(struct pdf_verify_job *j, struct pdf_verify_item *item)
{
    struct pdf_read *d = &j->doc;
    struct pdf_read_ref v = item->field.value;
    struct pdf_signature_report *r = &item->r;

    r->field = item->field.name;
    r->sub_filter = pdf_read_name(d, pdf_read_get(d, v, "/SubFilter"), j->a);
    r->name = pdf_read_text(d, pdf_read_get(d, v, "/Name"), j->a);
    r->reason = pdf_read_text(d, pdf_read_get(d, v, "/Reason"), j->a);
    r->location = pdf_read_text(d, pdf_read_get(d, v, "/Location"), j->a);
    r->contact = pdf_read_text(d, pdf_read_get(d, v, "/ContactInfo"), j->a);
    r->claimed = pdf_date(pdf_read_text(d, pdf_read_get(d, v, "/M"), j->a));
    r->certification = pdf_form_certification(d, v);
    pdf_verify_locks(j, item);
    r->kind =
        str_eq_z(r->sub_filter, "ETSI.RFC3161") ? PDF_KIND_DOCUMENT_TIMESTAMP : PDF_KIND_SIGNATURE;
    r->best_time = TIMESTAMP_NONE;
    r->control_time = TIMESTAMP_NONE;
    r->sub_indication = r->etsi_level = "";
    r->digest_algorithm = r->signature_algorithm = STR("");
}

/* EN 319 142-1 table 1, as far as the document shows it. */
static bool is_baseline(struct pdf_verify_job *j, const struct pdf_verify_item *item)
{
    if (item->r.kind == PDF_KIND_DOCUMENT_TIMESTAMP)
        return true;
    return str_eq_z(item->r.sub_filter, "ETSI.CAdES.detached") && item->cms.signing_cert_v2 &&
           !item->cms.signing_time && !timestamp_is_none(item->r.claimed) &&
           pdf_read_is_null(&j->doc, pdf_read_get(&j->doc, item->field.value, "/Cert"));
}

/* ---- cryptography ---- */

static void check_signature(struct pdf_verify_job *j, struct pdf_verify_item *item)
{
    struct pdf_signature_report *r = &item->r;
    struct bytes digest;

    if (!str_eq_z(r->sub_filter, "ETSI.CAdES.detached") &&
        !str_eq_z(r->sub_filter, "adbe.pkcs7.detached")) {
        pdf_judge_worsen(&j->judge, r, PDF_INDETERMINATE, "SIG_CONSTRAINTS_FAILURE",
                         "sub-filter-unsupported");
        return;
    }
    enum err rc = cms_check_open(item->range.contents, NID_pkcs7_data, j->a, &item->cms);
    if (rc == E_UNSUPPORTED) {
        pdf_judge_worsen(&j->judge, r, PDF_INDETERMINATE, "CRYPTO_CONSTRAINTS_FAILURE",
                         "digest-unsupported");
        return;
    }
    if (rc != E_OK ||
        pdf_range_digest(&j->source, &item->range, item->cms.md, j->a, &digest) != E_OK) {
        fail(j, item, "FORMAT_FAILURE");
        return;
    }
    r->digest_algorithm = cms_check_digest_name(&item->cms, j->a);
    r->signature_algorithm = cms_check_algorithm_name(&item->cms, j->a);
    pdf_verify_evidence_cms(j, item);
    if (cms_check_verify(&item->cms, digest) != E_OK) {
        if (strcmp(fault_current()->reason, "signer-missing") == 0) { /* EN 319 102-1 5.2.3 */
            fault_clear();
            pdf_judge_worsen(&j->judge, r, PDF_INDETERMINATE, "NO_SIGNING_CERTIFICATE_FOUND",
                             "signer-missing");
            return;
        }
        bool hash = strcmp(fault_current()->reason, "digest-mismatch") == 0;
        fail(j, item, hash ? "HASH_FAILURE" : "SIG_CRYPTO_FAILURE");
        return;
    }
    r->intact = true;
    r->baseline = is_baseline(j, item);
    if (!r->baseline)
        pdf_judge_note(&j->judge, r, "not-baseline");
}

static const struct str digest_names[] = { [DIGEST_SHA256] = { "SHA-256", 7 },
                                           [DIGEST_SHA384] = { "SHA-384", 7 },
                                           [DIGEST_SHA512] = { "SHA-512", 7 } };

/* A document time-stamp is over the same ranges; which digest, the token says. */
static void check_stamp(struct pdf_verify_job *j, struct pdf_verify_item *item)
{
    static const EVP_MD *(*const kinds[])(void) = { EVP_sha256, EVP_sha384, EVP_sha512 };
    struct bytes digest;

    for (size_t i = 0; i < 3 && !item->r.has_token; i++) {
        if (pdf_range_digest(&j->source, &item->range, kinds[i](), j->a, &digest) == E_OK)
            item->r.has_token =
                timestamp_verify_digest(item->range.contents, digest, j->judge.trust, j->a,
                                        &item->r.token) == E_OK;
        if (strcmp(fault_current()->reason, "timestamp-imprint") != 0)
            break;
    }
    if (!item->r.has_token) {
        bool hash = strcmp(fault_current()->reason, "timestamp-imprint") == 0;
        bool crypto = strcmp(fault_current()->reason, "timestamp-malformed") != 0;
        fail(j, item, hash ? "HASH_FAILURE" : crypto ? "SIG_CRYPTO_FAILURE" : "FORMAT_FAILURE");
        return;
    }
    item->r.intact = item->r.baseline = true;
    item->r.digest_algorithm = digest_names[item->r.token.digest];
}

static void check_item(struct pdf_verify_job *j, struct pdf_verify_item *item)
{
    read_claims(j, item);
    if (pdf_range_read(&j->doc, item->field.value, j->a, &item->range) != E_OK) {
        fail(j, item, "FORMAT_FAILURE");
        return;
    }
    item->ranged = true;
    if (pdf_objects_doubled(j->doc.qpdf, item->field.value.id) ||
        pdf_objects_doubled(j->doc.qpdf, item->field.field.id))
        pdf_judge_worsen(&j->judge, &item->r, PDF_TOTAL_FAILED, "FORMAT_FAILURE",
                         "signature-doubled");
    item->r.revision_end = item->range.end;
    if (item->r.kind == PDF_KIND_DOCUMENT_TIMESTAMP)
        check_stamp(j, item);
    else
        check_signature(j, item);
}

/* ---- time ---- */

/* Document time-stamps from the last to the first: each lives on under the proof of the next. */
static void judge_stamps(struct pdf_verify_job *j)
{
    struct timestamp existed = j->judge.at;

    for (size_t i = j->n; i-- > 0;) {
        struct pdf_verify_item *item = &j->items[i];
        if (item->r.kind != PDF_KIND_DOCUMENT_TIMESTAMP || !item->r.intact)
            continue;
        item->believed = pdf_judge_token(&j->judge, &item->r, &item->r.token, existed,
                                         &item->r.chain, &item->r.chain_n);
        if (!item->believed) {
            if (item->r.verdict < PDF_INDETERMINATE) {
                item->r.verdict = PDF_INDETERMINATE;
                item->r.sub_indication = "NO_CERTIFICATE_CHAIN_FOUND";
            }
            continue;
        }
        item->r.best_time = item->r.token.time;
        item->r.token_believed = true;
        pdf_judge_evidence_prove(&j->judge, item->range.end, item->r.token.time);
        if (timestamp_cmp(item->r.token.time, existed) < 0)
            existed = item->r.token.time;
    }
}

/* The earliest believed document time-stamp over the whole of what `item` covers. */
static struct timestamp stamped_at(const struct pdf_verify_job *j,
                                   const struct pdf_verify_item *item)
{
    struct timestamp t = TIMESTAMP_NONE;
    for (size_t i = 0; i < j->n; i++) {
        const struct pdf_verify_item *s = &j->items[i];
        if (s->r.kind == PDF_KIND_DOCUMENT_TIMESTAMP && s->believed &&
            s->range.end > item->range.end &&
            (timestamp_is_none(t) || timestamp_cmp(s->r.token.time, t) < 0))
            t = s->r.token.time;
    }
    return t;
}

static void judge_time(struct pdf_verify_job *j, struct pdf_verify_item *item)
{
    struct pdf_signature_report *r = &item->r;
    struct timestamp stamped = stamped_at(j, item);

    r->best_time = stamped;
    if (!item->cms.token.n)
        return;
    r->has_token = timestamp_verify(item->cms.token, item->cms.signature, j->judge.trust, j->a,
                                    &r->token) == E_OK;
    if (!r->has_token) {
        struct fault f = *fault_current();
        fault_clear();
        pdf_judge_note(&j->judge, r, f.reason);
        return;
    }
    struct timestamp existed = timestamp_is_none(stamped) ? j->judge.at : stamped;
    if (!timestamp_is_none(stamped) && timestamp_cmp(r->token.time, stamped) > 0)
        pdf_judge_worsen(&j->judge, r, PDF_INDETERMINATE, "TIMESTAMP_ORDER_FAILURE",
                         "timestamp-order");
    item->believed =
        pdf_judge_token(&j->judge, r, &r->token, existed, &r->tsa_chain, &r->tsa_chain_n);
    r->token_believed = item->believed;
    if (item->believed && (timestamp_is_none(stamped) || timestamp_cmp(r->token.time, stamped) < 0))
        r->best_time = r->token.time;
}

/* Is all evidence about signer and time-stamp in the file, up to `within`? */
static bool carries_evidence(struct pdf_verify_job *j, const struct pdf_verify_item *item,
                             uint64_t within)
{
    const struct pdf_signature_report *r = &item->r;
    struct timestamp time = timestamp_is_none(r->best_time) ? j->judge.at : r->best_time;

    return pdf_judge_self_contained(&j->judge, r->chain, r->chain_n, time, within) &&
           (!r->has_token || pdf_judge_self_contained(&j->judge, r->tsa_chain, r->tsa_chain_n,
                                                      r->token.time, within));
}

/* An archive time-stamp covers the evidence too (EN 319 142-1 5.5): one that came before the
 * evidence proves a time and no more. */
static enum pdf_level level_of(struct pdf_verify_job *j, const struct pdf_verify_item *item)
{
    uint64_t stamped = 0; /* up to here */

    for (size_t i = 0; i < j->n; i++) {
        const struct pdf_verify_item *s = &j->items[i];
        if (s->r.kind == PDF_KIND_DOCUMENT_TIMESTAMP && s->r.intact &&
            s->range.end > item->range.end && s->range.end > stamped)
            stamped = s->range.end;
    }
    if (!item->r.has_token && !stamped)
        return PDF_LEVEL_ES;
    if (!carries_evidence(j, item, UINT64_MAX))
        return PDF_LEVEL_ES_T;
    return stamped && carries_evidence(j, item, stamped) ? PDF_LEVEL_ES_A : PDF_LEVEL_ES_LT;
}

/* Two fields with one dictionary: which of them was signed is open. */
static void check_shared(struct pdf_verify_job *j)
{
    for (size_t i = 0; i < j->n; i++) {
        for (size_t k = 0; k < j->n; k++) {
            if (i != k && j->items[i].field.value.id == j->items[k].field.value.id)
                pdf_judge_worsen(&j->judge, &j->items[i].r, PDF_TOTAL_FAILED, "FORMAT_FAILURE",
                                 "signature-shared");
        }
    }
}

/* EN 319 102-1 5.2.8: an algorithm that was still safe when the signature is proven to have been.
 */
static void judge_algorithms(struct pdf_verify_job *j, struct pdf_verify_item *item)
{
    struct timestamp since = item->cms.weak_since, proven = item->r.best_time;

    if (timestamp_is_none(since))
        return;
    if (!timestamp_is_none(proven) && timestamp_cmp(proven, since) < 0)
        pdf_judge_note(&j->judge, &item->r, "algorithm-weak-later");
    else
        pdf_judge_worsen(&j->judge, &item->r, PDF_INDETERMINATE,
                         timestamp_is_none(proven) ? "CRYPTO_CONSTRAINTS_FAILURE_NO_POE"
                                                   : "CRYPTO_CONSTRAINTS_FAILURE",
                         "algorithm-weak");
}

static const char *const etsi_levels[] = { [PDF_LEVEL_ES] = "PAdES-B-B",
                                           [PDF_LEVEL_ES_T] = "PAdES-B-T",
                                           [PDF_LEVEL_ES_LT] = "PAdES-B-LT",
                                           [PDF_LEVEL_ES_A] = "PAdES-B-LTA" };

static void judge_signatures(struct pdf_verify_job *j)
{
    for (size_t i = 0; i < j->n; i++) {
        struct pdf_verify_item *item = &j->items[i];
        if (item->r.kind != PDF_KIND_SIGNATURE || !item->r.intact)
            continue;
        judge_time(j, item);
        judge_algorithms(j, item);
        pdf_judge_signer(&j->judge, &item->r, &item->cms);
        item->r.level = level_of(j, item);
        if (item->r.baseline)
            item->r.etsi_level = etsi_levels[item->r.level];
        if (timestamp_is_none(item->r.best_time))
            pdf_judge_note(&j->judge, &item->r, "time-not-proven");
    }
}

/* ---- the whole ---- */

static int by_end(const void *left, const void *right)
{
    const struct pdf_verify_item *l = left, *r = right;
    return l->range.end < r->range.end ? -1 : l->range.end > r->range.end;
}

static enum err collect(struct pdf_verify_job *j)
{
    struct pdf_form_field *fields;
    size_t n, filled = 0;
    enum err rc = pdf_form_signatures(&j->doc, j->a, &fields, &n);

    if (rc != E_OK)
        return rc;
    for (size_t i = 0; i < n; i++)
        filled += fields[i].filled;
    if (filled > PDF_VERIFY_SIGNATURES_MAX)
        return FAIL(E_LIMIT, "pdf-too-complex", "%zu signatures", filled);
    j->items = ARENA_ARRAY(j->a, filled ? filled : 1, struct pdf_verify_item);
    for (size_t i = 0; i < n; i++) {
        if (fields[i].filled)
            j->items[j->n++].field = fields[i];
    }
    pdf_verify_evidence(j);
    for (size_t i = 0; i < j->n; i++)
        check_item(j, &j->items[i]);
    check_shared(j);
    if (j->n)
        qsort(j->items, j->n, sizeof *j->items, by_end);
    return pdf_read_check(&j->doc);
}

/* As the document says. */
static unsigned page_count(struct pdf_read *d)
{
    struct pdf_read_ref pages = pdf_read_get(d, pdf_read_root(d), "/Pages");
    int64_t n = pdf_read_int(d, pdf_read_get(d, pages, "/Count"), 0);
    return n > 0 && n <= PDF_READ_OBJECTS_MAX ? (unsigned)n : 0;
}

static void report(struct pdf_verify_job *j, struct pdf_report *out)
{
    out->hybrid = j->doc.xref.hybrid;
    out->encrypted = j->doc.encrypted;
    out->signatures = ARENA_ARRAY(j->a, j->n ? j->n : 1, struct pdf_signature_report);
    out->signatures_n = j->n;
    out->revisions = j->revisions;
    out->revisions_n = j->revisions_n;
    out->pages = page_count(&j->doc);
    out->verdict = j->n ? PDF_TOTAL_PASSED : PDF_INDETERMINATE;
    for (size_t i = 0; i < j->n; i++) {
        out->signatures[i] = j->items[i].r;
        if (j->items[i].r.verdict > out->verdict)
            out->verdict = j->items[i].r.verdict;
    }
}

enum err pdf_verify(const struct pdf_source *source, const struct secret *password,
                    const struct pdf_trust *trust, struct timestamp at, struct arena *a,
                    struct pdf_report **out)
{
    struct pdf_verify_job j = { .source = *source, .password = password, .a = a };
    enum err rc;

    *out = NULL;
    if (!trust)
        return FAIL(E_INTERNAL, "", "no trust given");
    rc = pdf_read_open(source, password, &j.doc);
    if (rc != E_OK)
        return rc;
    j.judge = (struct pdf_judge){ .trust = trust, .a = a, .at = at };
    if (timestamp_is_none(at) || at.us == 0)
        j.judge.at = clock_now();
    if ((rc = collect(&j)) != E_OK)
        goto out;
    pdf_verify_later(&j);
    judge_stamps(&j);
    judge_signatures(&j);
    pdf_verify_later_weigh(&j);
    struct pdf_report *r = ARENA_NEW(a, struct pdf_report);
    if ((rc = pdf_source_sha256(source, &r->digest)) != E_OK)
        goto out;
    r->size = source->size;
    r->at = j.judge.at;
    report(&j, r);
    *out = r;
    fault_clear();
out:
    for (size_t i = 0; i < j.n; i++)
        cms_check_close(&j.items[i].cms);
    pdf_read_close(&j.doc);
    return rc;
}
