/* signing_record_work.c - writes the records of signatures, good and failed (P3-25, P3-26, P3-87).
 */
#include "features/signing/signing_inside_work.h"

#include "base/encoding.h"
#include "base/json.h"
#include "base/log.h"
#include "features/signing/signing_renewal.h"
#include "store/gen/signing.q.h"

#define TSA_CHARS 255
/* Seven years; leap days on the safe side (P3-11 and the records' clause). */
#define KEEP_US (INT64_C(2558) * DAY_US)

static struct bytes serial_of(struct arena *a, const struct authority_certificate *c)
{
    struct bytes serial = BYTES_ABSENT;
    if (!str_empty(c->serial) && hex_decode(a, c->serial, &serial) != E_OK)
        return BYTES_ABSENT;
    return serial;
}

static struct str token_serial(const struct timestamp_token *t)
{
    return t->der.p ? t->serial : STR_ABSENT;
}

static struct timestamp token_time(const struct timestamp_token *t)
{
    return t->der.p ? t->time : TIMESTAMP_NONE;
}

/* Which one, and by what it is accredited (P3-15). */
static struct str tsa_name(struct arena *a, const struct signing_tsa *tsa)
{
    struct str s;
    if (tsa == NULL)
        return STR_ABSENT;
    if (str_empty(tsa->accreditation))
        return tsa->url;
    s = str_fmt(a, "%s (%s)", tsa->url.p, tsa->accreditation.p);
    return utf8_length(s) <= TSA_CHARS ? s : tsa->url;
}

/* As asked, or as the field demanded. */
static uint32_t certify_of(const struct signing_job *j)
{
    return (uint32_t)(j->result.certify ? j->result.certify : j->rq->certify);
}

static enum err add_row(struct tx *tx, const struct signing_job *j, struct str outcome,
                        struct str reason)
{
    const struct signing_request *rq = j->rq;
    const struct pdf_sign_result *r = &j->result;
    bool done = str_absent(reason), keyed = j->credential.id.v != 0;
    struct signature_id id;

    return q_signature_add(
        tx, j->public_id, str_z(j->kind), str_eq_z(str_z(j->kind), "certify") ? certify_of(j) : 0,
        rq->owner.tenant, rq->owner.account, rq->owner.client, j->document, j->credential.id,
        j->certificate.id, serial_of(tx_arena(tx), &j->certificate),
        keyed ? bytes_of_32(&j->credential.key_id) : BYTES_ABSENT,
        str_z(signing_level_name(j->level)), outcome, reason, rq->now, clock_now(), j->size_in,
        done ? r->size_out : 0, done ? bytes_of_32(&r->digest_in) : BYTES_ABSENT,
        done ? bytes_of_32(&r->digest_out) : BYTES_ABSENT, tsa_name(tx_arena(tx), j->tsa),
        token_serial(&r->token), token_time(&r->token), token_serial(&r->archive),
        token_time(&r->archive), rq->assertion.method, rq->assertion.level, rq->assertion.at,
        str_absent(rq->by.request) ? STR("") : rq->by.request, timestamp_add(rq->now, KEEP_US),
        &id);
}

static enum err add_audit(struct tx *tx, const struct signing_job *j, enum audit_outcome outcome,
                          struct str reason)
{
    struct buf b = buf_init(2048);
    struct json *detail = json_new_object();
    struct str text = STR_ABSENT;
    enum err e;

    json_set_str(detail, "kind", str_z(j->kind));
    if (j->credential.id.v != 0)
        json_set_str(detail, "credential", j->credential.public_id);
    json_set_str(detail, "level", str_z(signing_level_name(j->level)));
    if (!str_absent(j->document_public))
        json_set_str(detail, "document", j->document_public);
    if (!str_absent(reason))
        json_set_str(detail, "reason", reason);
    else
        json_set_str(detail, "digest_out",
                     hex_encode(tx_arena(tx), bytes_of_32(&j->result.digest_out)));
    e = json_write(detail, false, &b);
    if (e == E_OK)
        e = buf_to_str(&b, tx_arena(tx), &text);
    json_free(detail);
    buf_free(&b);
    if (e != E_OK)
        return e;
    struct audit_entry entry = { .by = j->rq->by,
                                 .tenant = j->rq->owner.tenant,
                                 .action = j->credential.id.v != 0 ? "signing.document.sign"
                                                                   : "signing.document.extend",
                                 .object_kind = "signature",
                                 .object = j->public_id,
                                 .outcome = outcome,
                                 .detail = text };
    return audit_write(tx, &entry);
}

/* A person's file at ES-A is remembered, so that its archive can be renewed in time. */
static enum err remember(struct tx *tx, const struct signing_job *j)
{
    const struct pdf_sign_result *r = &j->result;

    if (j->rq->owner.account.v == 0 || j->rq->holder || j->level != SIGNING_ES_A ||
        r->archive.der.p == NULL || timestamp_is_none(r->archive.until))
        return E_OK;
    return signing_renewal_keep(tx, j->rq->owner, &r->digest_in, &r->digest_out, r->archive.time,
                                r->archive.until, j->rq->now);
}

enum err signing_record_done(struct tx *tx, const struct signing_job *j)
{
    TRY(add_row(tx, j, STR("signed"), STR_ABSENT));
    TRY(remember(tx, j));
    return add_audit(tx, j, AUDIT_OK, STR_ABSENT);
}

struct failure {
    const struct signing_job *job;
    struct str reason;
};

static enum err write_failure(struct tx *tx, void *arg)
{
    const struct failure *f = arg;
    TRY(add_row(tx, f->job, STR("failed"), f->reason));
    return add_audit(tx, f->job, AUDIT_FAILED, f->reason);
}

enum err signing_record_failed(struct signing_inside *in, const struct signing_job *j, enum err err)
{
    struct fault was = *fault_current();
    struct arena *a = arena_new(1 << 20);
    struct failure f = { j, str_z(was.reason[0] ? was.reason : err_name(err)) };
    enum err e = tx_run(in->side, a, write_failure, &f);

    if (e != E_OK)
        log_fault("a failed signature could not be recorded");
    arena_free(a);
    return fault_record(err, was.reason, was.file, was.line, "%s", was.detail);
}
