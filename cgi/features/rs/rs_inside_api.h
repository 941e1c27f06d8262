/* rs_inside_api.h - what the API files of this slice share. Not for anybody else. */
#pragma once

#include "features/rs/rs_api.h"
#include "features/rs/rs_job.h"
#include "http/req.h"
#include "http/resp.h"

#define RS_API_NOTE "the caller is a system with a client certificate; there are no cookies"

struct signing_owner rs_api_owner(const struct req *rq);
/* Count the request, of `size` bytes, against the client's own limits. */
enum err rs_api_admit(struct req *rq, struct resp *rs, uint64_t size) MUST_CHECK;
/* The Idempotency-Key, or absent. E_INPUT "idempotency-key". */
enum err rs_api_key(const struct req *rq, struct str *key) MUST_CHECK;

/*
 * Was a request with this key answered before? Then it is answered so again (header
 * Idempotent-Replayed) and *known is true. `digest` is of all that the request says but secrets.
 */
enum err rs_api_repeated(struct req *rq, struct resp *rs, struct str key,
                         const struct bytes32 *digest, bool *known) MUST_CHECK;
/*
 * For requests that answer nothing worth keeping: claims the Idempotency-Key for `what` of `about`.
 * *known: it was done before; the header is set, the caller answers without doing it again.
 */
enum err rs_api_once(struct req *rq, struct resp *rs, const char *what, struct str about,
                     bool *known) MUST_CHECK;
/* Answer with JSON (freed) and keep the answer for the key, which may be absent. */
enum err rs_api_answer(struct req *rq, struct resp *rs, struct str key, int status,
                       struct str location, struct json *json) MUST_CHECK;

/* Files are taken and sent as they come; what took one is its `sink`, a struct signing_intake. */
#define RS_API_FILE_MAX (INT64_C(2) << 30) /* the setting and the client's contract say less */
extern const struct route_intake rs_api_intake;
/* Answer with what signing made of it, or with a document that is kept. */
enum err rs_api_send_result(struct resp *rs, struct signing_intake *in, struct str filename);
enum err rs_api_send_document(struct req *rq, struct resp *rs, struct str public_id);

/* "/rs/v1/jobs/{id}" */
struct str rs_api_job_path(struct req *rq, struct str id);
