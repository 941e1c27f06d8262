/*
 * envelopes_sign_work.c - signing an envelope. One transaction: the envelope is locked, the party's
 * turn is taken, every document is signed, what happened is written down, the next signers are
 * asked or the completion is ordered. Whatever fails undoes all of it; what was answered with
 * "signed" is committed.
 */
#include "features/envelopes/envelopes_inside_work.h"

#include "base/encoding.h"
#include "sign/pdf_sign.h"
#include "sign/pdf_source.h"
#include "store/gen/envelopes.q.h"
#include "store/jobs.h"

#define TAIL_MAX (8u << 20)
#define WITNESSED "mail-link-code"

/* What is kept of one signature. */
struct done {
    struct str record, certificate, tsa_serial, identified;
    struct bytes32 before, after;
    struct timestamp tsa_time;
};

/* Why the turn was not to be had. */
static enum err refusal(struct tx *tx, const struct envelopes_sign_request *rq, bool ended)
{
    struct envelopes_party p;

    TRY(envelopes_inside_party(tx, rq->seat->party.id, &p)); /* as it is now: a double click */
    if (p.state != ENVELOPES_SIGNED && p.state != ENVELOPES_DECLINED_BY && ended)
        p.state = ENVELOPES_ENDED;
    else if (p.state == ENVELOPES_TURN && timestamp_cmp(rq->now, rq->seat->envelope->deadline) >= 0)
        return FAIL(E_STATE, "envelope-expired", "the deadline has passed");
    switch (p.state) {
    case ENVELOPES_SIGNED:
    case ENVELOPES_DECLINED_BY:
        return FAIL(E_STATE, "party-done", "signed or declined before");
    case ENVELOPES_ENDED:
        return FAIL(E_STATE, "envelope-ended", "nobody signs any more");
    case ENVELOPES_WAITING:
    case ENVELOPES_TURN:
    case ENVELOPES_TURN__MAX:
        break;
    }
    return FAIL(E_STATE, "not-your-turn", "others sign first, or it was never opened");
}

static enum err take_turn(struct tx *tx, const struct envelopes_sign_request *rq)
{
    uint64_t changed;

    TRY(q_envelope_lock(tx, rq->seat->envelope->id, STR("sent"), &changed));
    if (changed != 1)
        return refusal(tx, rq, true);
    TRY(q_party_sign(tx, rq->seat->party.id, rq->now, &changed));
    return changed == 1 ? E_OK : refusal(tx, rq, false);
}

/* With the own certificate: PIN for each document, the one-time code for the first. */
static enum err sign_own(struct tx *tx, const struct envelopes_sign_request *rq, bool first,
                         const struct signing_document *file, const struct pdf_seal_place *seals,
                         size_t seals_n, struct done *out)
{
    const struct envelopes_envelope *e = rq->seat->envelope;
    struct signing_receipt receipt;
    struct signing_record r;
    struct signing_request ask = {
        .owner = { .tenant = rq->by.tenant, .account = rq->seat->party.account },
        .holder = &e->owner,
        .by = rq->by,
        .credential = rq->credential,
        .pin = rq->pin,
        .level = SIGNING_ES_T,
        .reason = rq->reason,
        .assertion = { STR(SIGNING_PORTAL_METHOD), 2, rq->now },
        .ask_totp = first,
        .totp = rq->totp,
        .seals = seals,
        .seals_n = seals_n,
        .now = rq->now,
    };

    TRY(signing_sign_document(tx, &ask, file->public_id, &receipt));
    TRY(signing_record_find(tx, ask.owner, receipt.record, &r));
    *out = (struct done){ receipt.record, r.certificate_serial,
                          r.tsa_serial,   STR(SIGNING_PORTAL_METHOD),
                          r.digest_in,    r.digest_out,
                          r.tsa_time };
    return E_OK;
}

/* With the provider's witness seal, which says who was identified and how. */
static enum err sign_witness(struct tx *tx, const struct envelopes_sign_request *rq,
                             const struct signing_document *file,
                             const struct pdf_seal_place *seals, size_t seals_n, struct done *out)
{
    const struct envelopes_envelope *e = rq->seat->envelope;
    struct arena *a = tx_arena(tx);
    struct buf tail = buf_init(TAIL_MAX);
    struct pdf_sign_result result = { 0 };
    struct pdf_source source;
    struct str certificate = STR_ABSENT;
    struct signing_provider_request ask = {
        .purpose = SIGNING_PROVIDER_WITNESS,
        .tenant = e->owner.tenant,
        .by = rq->by,
        .object = e->public_id,
        .level = SIGNING_ES_T,
        .name = rq->seat->party.name,    /* the sender's word */
        .contact = rq->seat->party.mail, /* what was proven: who reads mail there */
        .reason = rq->reason,
        .seals = seals,
        .seals_n = seals_n,
        .now = rq->now,
        .certificate = &certificate,
    };
    enum err err = signing_document_source(tx, file, a, &source);

    if (err == E_OK)
        err = signing_provider_sign(tx, &ask, &source, &tail, &result);
    if (err == E_OK)
        err = signing_document_append(tx, file, buf_bytes(&tail), &result.digest_out);
    buf_free(&tail);
    if (err != E_OK)
        return err;
    *out = (struct done){ e->public_id,     certificate,       result.token.serial, STR(WITNESSED),
                          result.digest_in, result.digest_out, result.token.time };
    return E_OK;
}

static enum err sign_one(struct tx *tx, const struct envelopes_sign_request *rq, bool first,
                         const struct envelopes_document *d)
{
    const struct envelopes_seat *s = rq->seat;
    struct signing_document file;
    struct pdf_seal_place *seals;
    struct done done;
    size_t n;

    TRY(signing_document_find(tx, s->envelope->owner, d->public_id, &file));
    TRY(envelopes_place_seals(tx, &s->party, &file, d->id, &seals, &n));
    if (s->party.method == ENVELOPES_OWN)
        TRY(sign_own(tx, rq, first, &file, seals, n, &done));
    else
        TRY(sign_witness(tx, rq, &file, seals, n, &done));
    return q_envelope_signature_add(tx, s->party.id, d->id, done.record, done.before, done.after,
                                    done.certificate, done.tsa_serial, done.tsa_time, rq->now,
                                    str_absent(rq->by.address) ? STR("") : rq->by.address,
                                    done.identified);
}

/* The next ones are asked; after the last one the completion is ordered. */
static enum err go_on(struct tx *tx, const struct envelopes_sign_request *rq)
{
    const struct envelopes_envelope *e = rq->seat->envelope;
    struct str payload = str_fmt(tx_arena(tx), "{\"envelope\":%llu}", (unsigned long long)e->id.v);
    uint64_t changed;

    TRY(q_envelope_completing(tx, e->id, &changed));
    if (changed == 1)
        return jobs_add(tx, ENVELOPES_JOB_COMPLETE, payload, TIMESTAMP_NONE, NULL);
    return envelopes_inside_next(tx, e, &rq->by, rq->now);
}

enum err envelopes_sign(struct tx *tx, const struct envelopes_sign_request *rq)
{
    const struct envelopes_seat *s = rq->seat;
    struct envelopes_document *d;
    size_t n;

    if (s->party.method == ENVELOPES_OWN &&
        (s->party.account.v == 0 || rq->by.account.v != s->party.account.v))
        return FAIL(E_DENIED, "party-other-account", "the own certificate needs the own account");
    TRY(take_turn(tx, rq));
    TRY(envelopes_documents(tx, s->envelope->id, &d, &n));
    for (size_t i = 0; i < n; i++)
        TRY(sign_one(tx, rq, i == 0, &d[i]));
    TRY(envelopes_inside_event(tx, s->envelope->id, s->party.id, "signed", &rq->by, rq->now));
    TRY(envelopes_inside_notify(tx, s->envelope, "envelope.signed"));
    TRY(go_on(tx, rq));
    return envelopes_inside_audit(tx, s->envelope, &rq->by, "envelopes.envelope.sign");
}

/* --- documents --- */

enum err envelopes_document_add(struct tx *tx, const struct envelopes_envelope *e,
                                struct str filename, struct bytes pdf, const struct audit_by *by,
                                struct timestamp now)
{
    struct envelopes_document *there;
    struct signing_document file;
    struct signing_look look;
    struct paper_id row;
    size_t n;

    TRY(envelopes_inside_draft(tx, e));
    TRY(envelopes_documents(tx, e->id, &there, &n));
    if (n >= ENVELOPES_DOCUMENTS_MAX)
        return FAIL(E_LIMIT, "envelope-documents", "at most %d", ENVELOPES_DOCUMENTS_MAX);
    TRY(signing_document_store(tx, e->owner, filename, pdf, by, now, &file));
    TRY(signing_look_document(tx, &file, NULL, &look));
    if (!str_empty(look.refused) || look.encrypted)
        return FAIL(E_INPUT, look.encrypted ? "pdf-encrypted" : look.refused.p, "cannot be signed");
    TRY(q_paper_add(tx, e->id, file.id, (uint32_t)n + 1, look.pages, &row));
    return envelopes_inside_audit(tx, e, by, "envelopes.document.add");
}

enum err envelopes_document_open(struct tx *tx, const struct envelopes_envelope *e,
                                 struct paper_id id, struct envelopes_document *d,
                                 struct signing_document *file)
{
    struct envelopes_document *all;
    size_t n;

    TRY(envelopes_documents(tx, e->id, &all, &n));
    for (size_t i = 0; i < n; i++)
        if (all[i].id.v == id.v) {
            *d = all[i];
            return signing_document_find(tx, e->owner, d->public_id, file);
        }
    return FAIL(E_ABSENT, "document-unknown", "not in this envelope");
}

enum err envelopes_report_open(struct tx *tx, const struct envelopes_envelope *e,
                               struct signing_document *file)
{
    struct q_envelope_report_of row;
    enum err err = q_envelope_report_of(tx, e->id, &row);

    if (err == E_ABSENT)
        return FAIL(E_ABSENT, "report-none", "no report yet");
    TRY(err);
    return signing_document_find(tx, e->owner, row.public_id, file);
}
