/* rs_form_api.h - the form of requests that sign, shared by one document, several, and digests. */
#pragma once

#include "features/rs/rs_inside_api.h"

struct rs_sign_form {
    struct upload document;
    struct upload *documents;
    struct str *digest;
    size_t documents_n, digest_n;
    struct str credential, reason, location, contact, auth_method, auth_time, field, caption_name;
    struct str algorithm;
    struct secret *pin, *password;
    enum signing_level level;
    enum rs_kind kind;
    int64_t auth_level, certify;
    struct str *page, *rect, *seal;
    size_t page_n, rect_n, seal_n;
    bool lock, caption_reason, caption_date, repair, async;
};

extern const struct param rs_form_batch_params[];

/* E_INPUT "auth-method", "auth-time", "seal-place". */
enum err rs_form_options(struct req *rq, const struct rs_sign_form *f,
                         struct rs_options *out) MUST_CHECK;
/* What makes two requests with one idempotency key the same. PIN and password are no part of it. */
struct bytes32 rs_form_digest(const struct rs_options *o, const char *what,
                              const struct bytes32 *documents, size_t n);
/* P3-23: how the client's system identified the person, as stated. E_INPUT "auth-method",
 * "auth-time". */
enum err rs_form_assertion(const struct rs_sign_form *f, struct signing_assertion *out) MUST_CHECK;
/* Extend the form's document, now or later. */
enum err rs_form_extend(struct req *rq, struct resp *rs, enum rs_kind kind,
                        const struct rs_sign_form *f) MUST_CHECK;
