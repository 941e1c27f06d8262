/*
 * rs_job.h - what a request to sign or extend asks for, whether it is done at once or later, and
 * the jobs that the signer does later. Part of the rs slice; other slices need none of it.
 */
#pragma once

#include "features/rs/rs.h"
#include "features/signing/signing.h"

#define RS_JOB_RUN "signer.rs.run"
#define RS_PLACES_MAX 20
#define RS_BATCH_MAX 50

/* "sign" needs a credential; the others are extensions of what is there. */
enum rs_kind { RS_SIGN, RS_TIMESTAMP, RS_VALIDATION, RS_ARCHIVE, RS_KIND__MAX };
const char *rs_kind_name(enum rs_kind kind);

/* Where a seal stands: points of the page as displayed, in thousandths. */
struct rs_place {
    uint32_t page; /* from 1 */
    int64_t x, y, width, height;
    struct str
        seal; /* id of the tenant's library, "drawn:round:山田", "drawn:square:…", or "text" */
};

struct rs_options {
    enum rs_kind kind;
    struct str credential;
    const struct secret *pin;
    enum signing_level level;
    struct str reason, location, contact, field;
    int certify;
    bool lock, repair;
    struct rs_place *places;
    size_t places_n;
    struct str caption_name; /* beside each seal; absent: none */
    bool caption_reason, caption_date;
    struct secret *password; /* of an encrypted file; NULL: none */
    struct signing_assertion assertion;
};

/*
 * Read "x,y,width,height" (points, at most three decimals), and a page number. E_INPUT
 * "seal-place".
 */
enum err rs_place_parse(struct str page, struct str rect, struct rs_place *out) MUST_CHECK;

/* The request for the signing slice; seals are looked up (E_ABSENT "seal-unknown") and drawn. */
enum err rs_request_make(struct tx *tx, const struct rs_options *o, struct signing_owner owner,
                         const struct audit_by *by, struct timestamp now,
                         struct signing_request *out) MUST_CHECK;
/* Keep what came for a job; with `repair` a damaged file becomes a sound one, as signing it at once
 * would do. Errors of signing_intake_store() and signing_look_repair(). */
enum err rs_request_store(struct tx *tx, const struct rs_options *o, struct signing_owner owner,
                          const struct audit_by *by, struct timestamp now,
                          struct signing_intake *in, struct signing_document *out) MUST_CHECK;

/* Everything but the PIN, encrypted for the job `id`; and back. */
enum err rs_options_seal(struct arena *a, struct str id, const struct rs_options *o,
                         struct bytes *sealed) MUST_CHECK;
enum err rs_options_open(struct arena *a, struct str id, struct bytes sealed,
                         struct rs_options *o) MUST_CHECK;

/* Judge a file that arrived, as of `at`. Nothing of it is kept. */
enum err rs_verify(struct tx *tx, struct signing_intake *in, const struct secret *password,
                   struct timestamp at, struct signing_verification *out) MUST_CHECK;

/* --- jobs --- */

struct rs_job {
    struct str public_id, kind;
    struct str state;  /* "queued", "running", "signed", "failed", "cancelled" */
    struct str reason; /* absent unless failed */
    struct str record; /* the signature record; absent unless signed */
    struct str document;
    uint32_t attempts;
    struct timestamp created, ended;
};

/*
 * Order a request for a document that is stored already. Only keys without a PIN: E_INPUT
 * "async-pin", as nobody is there to enter it later. `batch`: public id, or absent.
 */
enum err rs_job_add(struct tx *tx, const struct rs_options *o, struct signing_owner owner,
                    struct str document, struct str batch, const struct audit_by *by,
                    struct timestamp now, struct str *public_id) MUST_CHECK;
/* E_ABSENT "job-unknown" when it is not that client's. */
enum err rs_job_find(struct tx *tx, struct signing_owner owner, struct str public_id,
                     struct rs_job *out) MUST_CHECK;
/* Before it has begun: E_STATE "job-started", "job-ended". The document is erased. */
enum err rs_job_cancel(struct tx *tx, struct signing_owner owner, const struct rs_job *job,
                       const struct audit_by *by, struct timestamp now) MUST_CHECK;

/* A line of the list: jobs, and requests that were done at once, newest first. */
struct rs_job_line {
    struct str public_id, kind, state, level; /* level absent where it is not known */
    struct timestamp at;
};
/* Those before (`before`, `before_id`) in that order; TIMESTAMP_NONE: from the newest. `state`
 * empty: any. */
enum err rs_job_list(struct tx *tx, struct signing_owner owner, struct str state,
                     struct timestamp before, struct str before_id, uint32_t limit,
                     struct rs_job_line **rows, size_t *n) MUST_CHECK;

/* --- batches: what became of each item, as JSON --- */

/* Begin one; then its items, with its audit row. */
enum err rs_batch_add(struct tx *tx, struct signing_owner owner, struct timestamp now,
                      struct str *public_id) MUST_CHECK;
enum err rs_batch_keep(struct tx *tx, struct signing_owner owner, struct str public_id,
                       const struct json *items, const struct audit_by *by) MUST_CHECK;
/* The jobs of an asynchronous batch are asked by their ids. E_ABSENT "batch-unknown". */
enum err rs_batch_find(struct tx *tx, struct signing_owner owner, struct str public_id,
                       struct json **items, struct timestamp *created) MUST_CHECK;

/* --- Idempotency-Key of requests with a JSON answer --- */

struct rs_answer {
    uint32_t status;
    struct str location, body; /* absent: none */
};
/*
 * Claim the key for a request with this digest. *known: it was answered before, *out says how.
 * E_CONFLICT "idempotency-key-reused" for another request.
 */
enum err rs_repeat_claim(struct tx *tx, struct client_id client, struct str key,
                         const struct bytes32 *digest, struct timestamp now, struct rs_answer *out,
                         bool *known) MUST_CHECK;
enum err rs_repeat_keep(struct tx *tx, struct client_id client, struct str key,
                        const struct rs_answer *answer) MUST_CHECK;
