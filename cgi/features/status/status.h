/*
 * status.h - what relying parties may know: CA certificates, CRLs and OCSP, for repository.fcgi.
 *
 * status.c reads the database, status_work.c signs OCSP answers with the status token, status_api.c
 * has the routes.
 */
#pragma once

#include "base/clock.h"

struct tx;
struct hsm;
struct route;

/* GET /ca/NAME.cer .pem, /crl/NAME.crl, /ocsp/{request}, POST /ocsp. */
extern const struct route status_routes[];

/* A published file and how long it may be cached. */
struct status_file {
    struct bytes data;
    struct timestamp changed, expires;
    struct bytes32 digest;
};
/* CA certificate by authority name. E_ABSENT. */
enum err status_ca(struct tx *tx, struct str name, struct status_file *out) MUST_CHECK;
/* Its newest complete CRL. E_ABSENT. */
enum err status_crl(struct tx *tx, struct str name, struct status_file *out) MUST_CHECK;

/* Give the process its token: after the fork, before the first request. Borrowed. */
void status_work_open(struct hsm *status);

/* An OCSP answer and until when it may be cached by others (NONE: not at all). */
struct status_ocsp {
    struct bytes response;
    struct timestamp produced, expires;
    bool cacheable;
};
/*
 * Answer a DER request. Bad requests get their OCSP error answer and E_OK; only E_BACKEND and the
 * like are errors. Answers without a nonce are kept in the process until their refresh time or
 * until any certificate's status changes (checked against the database at most every 50 ms).
 */
enum err status_work_ocsp(struct tx *tx, struct bytes request, struct timestamp now,
                          struct status_ocsp *out) MUST_CHECK;
