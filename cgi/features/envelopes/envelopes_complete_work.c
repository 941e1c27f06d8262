/*
 * envelopes_complete_work.c - when all have signed: every file is extended to ES-A, the report is
 * made and signed, everybody gets a link, and eight hours later all of it is gone. One transaction:
 * a crash leaves the envelope as it was, and the job runs again.
 */
#include "features/envelopes/envelopes_inside_work.h"

#include "base/crypto.h"
#include "base/log.h"
#include "features/accounts/accounts.h"
#include "sign/pdf_sign.h"
#include "sign/pdf_source.h"
#include "store/gen/envelopes.q.h"

#define REPORT_MAX (16u << 20)
/* Timestamps of several files over slow lines. */
#define LEASE_US (15 * MINUTE_US)
#define ATTEMPTS 40

static struct audit_by the_signer(const struct envelopes_envelope *e)
{
    return (struct audit_by){ .tenant = e->owner.tenant, .name = STR("signer") };
}

/* The archive timestamp over everything that was signed (ES-A). */
static enum err extend_all(struct tx *tx, const struct envelopes_envelope *e, struct timestamp now)
{
    struct signing_request rq = { .owner = e->owner,
                                  .by = the_signer(e),
                                  .level = SIGNING_ES_A,
                                  .assertion = { .method = STR("envelope") },
                                  .now = now };
    struct envelopes_document *d;
    struct signing_receipt receipt;
    size_t n;

    TRY(envelopes_documents(tx, e->id, &d, &n));
    for (size_t i = 0; i < n; i++)
        TRY(signing_extend_document(tx, &rq, d[i].public_id, SIGNING_EXTEND_ARCHIVE, &receipt));
    TRY(envelopes_documents(tx, e->id, &d, &n));
    for (size_t i = 0; i < n; i++)
        TRY(q_paper_done(tx, d[i].id, d[i].digest));
    return E_OK;
}

static enum err sender_lang(struct tx *tx, const struct envelopes_envelope *e, struct str *lang)
{
    struct accounts_info who;

    *lang = STR("ja");
    if (e->owner.account.v == 0)
        return E_OK;
    TRY(accounts_get(tx, e->owner.tenant, e->owner.account, &who));
    *lang = who.lang;
    return E_OK;
}

/* The report with the provider's signature on it. */
static enum err signed_report(struct tx *tx, const struct envelopes_envelope *e,
                              struct timestamp now, struct buf *pdf)
{
    struct pdf_sign_result result;
    struct buf tail = buf_init(REPORT_MAX);
    struct str lang = STR_ABSENT;
    struct signing_provider_request ask = { .purpose = SIGNING_PROVIDER_REPORT,
                                            .tenant = e->owner.tenant,
                                            .by = the_signer(e),
                                            .object = e->public_id,
                                            .level = SIGNING_ES_A,
                                            .certify = 1,
                                            .now = now };
    enum err err = sender_lang(tx, e, &lang);

    if (err == E_OK)
        err = envelopes_report_make(tx, e, now, lang, pdf);
    if (err == E_OK) {
        struct pdf_source source = pdf_source_memory(buf_bytes(pdf));
        ask.reason = envelopes_work_word(tx_arena(tx), lang, ENVELOPES_REPORT_REASON, NULL);
        err = signing_provider_sign(tx, &ask, &source, &tail, &result);
    }
    if (err == E_OK)
        buf_add_bytes(pdf, buf_bytes(&tail));
    buf_free(&tail);
    return err;
}

static enum err tell_everybody(struct tx *tx, const struct envelopes_envelope *e)
{
    struct envelopes_party *p;
    size_t n;

    TRY(envelopes_parties(tx, e->id, &p, &n));
    for (size_t i = 0; i < n; i++)
        TRY(envelopes_inside_mail(tx, "completed", e->id, p[i].id));
    if (e->owner.account.v != 0)
        TRY(envelopes_inside_mail(tx, "completed", e->id, (struct party_id){ 0 }));
    return E_OK;
}

static enum err end(struct tx *tx, const struct envelopes_envelope *e,
                    const struct signing_document *report, struct timestamp now)
{
    struct timestamp erase = timestamp_add(now, ENVELOPES_HOLD_US);
    struct audit_by by = the_signer(e);
    uint64_t changed;

    TRY(q_envelope_completed(tx, e->id, report->id, report->digest, now, erase, &changed));
    if (changed != 1)
        return FAIL(E_BUSY, "", "completed by another process");
    TRY(q_paper_release(tx, e->id, erase, &changed));
    TRY(q_link_end(tx, e->id, erase, &changed));
    TRY(envelopes_inside_event(tx, e->id, (struct party_id){ 0 }, "completed", &by, now));
    TRY(envelopes_inside_notify(tx, e, "envelope.completed"));
    TRY(tell_everybody(tx, e));
    return envelopes_inside_audit(tx, e, &by, "envelopes.envelope.complete");
}

enum err envelopes_work_complete(struct tx *tx, struct envelope_id id, struct timestamp now)
{
    struct buf pdf = buf_init(REPORT_MAX);
    struct envelopes_envelope e;
    struct signing_document report;
    struct audit_by by;
    uint64_t changed;
    enum err err;

    TRY(q_envelope_lock(tx, id, STR("completing"), &changed));
    if (changed != 1)
        return E_OK; /* done before */
    TRY(envelopes_inside_get(tx, id, &e));
    by = the_signer(&e);
    TRY(extend_all(tx, &e, now));
    err = signed_report(tx, &e, now, &pdf);
    if (err == E_OK)
        err = signing_document_store(
            tx, e.owner, str_fmt(tx_arena(tx), "%s.pdf", envelopes_number(tx_arena(tx), id).p),
            buf_bytes(&pdf), &by, now, &report);
    buf_free(&pdf);
    TRY(err);
    return end(tx, &e, &report, now);
}

static enum err complete(struct work *w)
{
    int64_t id = 0;

    if (!json_get_i64(w->payload, "envelope", &id) || id <= 0)
        return FAIL(E_INPUT, "", "malformed job");
    return envelopes_work_complete(w->tx, (struct envelope_id){ (uint64_t)id }, clock_now());
}

/* What is signed must not be lost: it goes on until it succeeds or an operator looks at it. */
static enum err failed(struct work *w, bool dead)
{
    int64_t id = 0;
    (void)json_get_i64(w->payload, "envelope", &id);
    if (dead)
        log_error("ALARM envelope not completed envelope=%lld: %s", (long long)id,
                  w->fault->reason);
    return E_OK;
}

const struct worker_job envelopes_complete_jobs[] = {
    { .kind = ENVELOPES_JOB_COMPLETE,
      .run = complete,
      .attempts = ATTEMPTS,
      .lease_us = LEASE_US,
      .failed = failed },
    { .kind = NULL },
};
