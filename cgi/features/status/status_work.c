/* status_work.c - OCSP answers, signed by the delegated responders of the status token; status.h */
#include "features/status/status_issuers_work.h"
#include "features/status/status_kept.h"

#include "base/log.h"
#include "store/db.h"
#include "store/gen/status.q.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>

/* An answer is valid for half a day (a client that cannot reach us meanwhile goes on), but made
 * anew after ten minutes: RFC 6960 2.4, RFC 5019 2.2.4. */
static const int64_t validity_us = 12 * HOUR_US, renewal_us = 10 * MINUTE_US;
/* How old our knowledge of "nothing has changed" may be. */
static const int64_t trust_us = SECOND_US / 100;

/* The latest look at the database, of all processes that were forked from the one that shared it.
 */
struct seen {
    _Atomic uint64_t changes;
    _Atomic int64_t at; /* monotonic, before the query was sent; 0: never */
};
static struct seen *seen;

static struct {
    struct hsm *hsm;
    struct db *db;
    struct status_issuers issuers;
    struct status_kept *kept;
    uint64_t changes; /* that the kept answers know of */
} self;

void status_work_share(void)
{
    if (seen)
        return;
    void *p = mmap(NULL, sizeof *seen, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        abort();
    seen = p;
}

void status_work_open(struct hsm *status, struct db *db)
{
    self.hsm = status;
    self.db = db;
    self.kept = status_kept_new();
    self.changes = 0;
    status_work_share();
}

void status_work_close(void)
{
    status_issuers_free(&self.issuers);
    status_kept_free(self.kept);
    self.kept = NULL;
}

enum err status_work_check(void)
{
    return status_issuers_refresh(&self.issuers, self.db, self.hsm, clock_now());
}

/* Ask the database, unless this or another process has just done so. */
static enum err refresh_seen(struct arena *a)
{
    struct q_status_changes row;
    struct tx *tx;
    int64_t now = clock_monotonic_us(), at = atomic_load(&seen->at);

    if (at != 0 && now - at < trust_us)
        return E_OK;
    TRY(tx_begin(self.db, a, &tx));
    enum err err = q_status_changes(tx, &row);
    tx_rollback(tx);
    TRY(err);
    /* a slower process may overwrite this with what it read before: its older time goes with it */
    atomic_store(&seen->changes, row.changes + 1);
    atomic_store(&seen->at, now);
    return E_OK;
}

/* Forget what is kept when any certificate's status has changed since it was made. */
static enum err look(struct arena *a)
{
    TRY(refresh_seen(a));
    uint64_t changes = atomic_load(&seen->changes);
    if (changes != self.changes)
        status_kept_clear(self.kept);
    self.changes = changes;
    return E_OK;
}

/*
 * What is known about one serial number. It is assigned (BR 4.9.9) from the moment that it is
 * stored with the bytes to be signed: the signature may exist from then on, and the certificate
 * will.
 */
static enum err judge(struct tx *tx, struct authority_id authority, const struct ocsp_certid *id,
                      struct ocsp_single *out)
{
    struct q_status_certificate row;

    *out = (struct ocsp_single){ .certid = id->whole, .status = OCSP_UNKNOWN };
    if (id->serial.n > 20)
        return E_OK;
    enum err err = q_status_certificate(tx, authority, id->serial, &row);
    if (err == E_ABSENT)
        return E_OK;
    TRY(err);
    if (str_eq_z(row.state, "issued") || str_eq_z(row.state, "signing"))
        out->status = OCSP_GOOD;
    if (str_eq_z(row.state, "revoked") || str_eq_z(row.state, "suspended")) {
        out->status = OCSP_REVOKED;
        out->revoked_at = row.revoked_at;
        out->reason = row.reason;
    }
    return E_OK;
}

/* All CertIDs of the request; those of other issuers than the first one's are unknown to it. */
static enum err judge_all(struct arena *a, const struct ocsp_request *rq,
                          const struct status_issuer *issuer, struct ocsp_single *single,
                          bool *unknown)
{
    struct tx *tx;
    enum err err = E_OK;

    *unknown = false;
    TRY(tx_begin(self.db, a, &tx));
    for (size_t i = 0; i < rq->n && err == E_OK; i++) {
        const struct ocsp_certid *id = &rq->certid[i];
        single[i] = (struct ocsp_single){ .certid = id->whole, .status = OCSP_UNKNOWN };
        if (ocsp_issuer_is(&issuer->hashes, id))
            err = judge(tx, issuer->id, id, &single[i]);
        *unknown |= single[i].status == OCSP_UNKNOWN;
    }
    tx_rollback(tx);
    return err;
}

static enum err sign_answer(struct arena *a, const struct ocsp_request *rq,
                            const struct status_issuer *issuer, struct timestamp now,
                            struct status_ocsp *out)
{
    struct ocsp_single single[OCSP_MAX_CERTIDS];
    bool unknown;

    TRY(judge_all(a, rq, issuer, single, &unknown));
    out->produced = timestamp_from_unix(timestamp_to_unix(now));
    out->expires = timestamp_add(out->produced, validity_us);
    out->cacheable = !rq->nonce.p && !unknown;
    const struct ocsp_response r = { .signer = &issuer->signer,
                                     .responder_key_id = issuer->responder.ski,
                                     .cert = issuer->responder.der,
                                     .single = single,
                                     .n = rq->n,
                                     .produced_at = out->produced,
                                     .this_update = out->produced,
                                     .next_update = out->expires,
                                     .nonce = rq->nonce };
    return ocsp_response_build(&r, a, &out->response);
}

static enum err answer(struct arena *a, struct bytes request, struct timestamp now,
                       struct status_ocsp *out)
{
    const struct status_issuer *issuer = NULL;
    struct ocsp_request rq;

    TRY(look(a));
    const struct status_ocsp *kept = status_kept_find(self.kept, request, now);
    if (kept) {
        *out = *kept;
        return E_OK;
    }
    if (ocsp_request_parse(request, &rq) != E_OK) {
        out->response = ocsp_response_error(OCSP_MALFORMED, a);
        return E_OK;
    }
    TRY(status_issuers_refresh(&self.issuers, self.db, self.hsm, now));
    for (size_t i = 0; i < rq.n && !issuer; i++)
        issuer = status_issuers_find(&self.issuers, &rq.certid[i]);
    if (!issuer) {
        out->response = ocsp_response_error(OCSP_UNAUTHORIZED, a); /* RFC 5019 2.2.3 */
        return E_OK;
    }
    TRY(sign_answer(a, &rq, issuer, now, out));
    if (out->cacheable)
        status_kept_add(self.kept, request, out, timestamp_add(now, renewal_us));
    return E_OK;
}

enum err status_work_ocsp(struct arena *a, struct bytes request, struct timestamp now,
                          struct status_ocsp *out)
{
    *out = (struct status_ocsp){ .produced = now, .expires = now };
    if (answer(a, request, now, out) == E_OK)
        return E_OK;
    log_fault("an OCSP answer");
    *out = (struct status_ocsp){ .produced = now, .expires = now };
    out->response = ocsp_response_error(OCSP_TRY_LATER, a);
    return E_OK;
}
