/* rs_api.h - the routes of the remote signing API, /rs/v1 (docs/api.md; DESIGN section 7) */
#pragma once

#include "http/route.h"

extern const struct route rs_api_sign_routes[];   /* sign, extend */
extern const struct route rs_api_digest_routes[]; /* sign-hash, timestamp */
extern const struct route rs_api_verify_routes[]; /* verify, credentials */
extern const struct route rs_api_job_routes[];
extern const struct route rs_api_batch_routes[];
extern const struct route rs_api_webhook_routes[];
extern const struct route rs_api_document_routes[]; /* openapi.json */
