/*
 * status.h - what relying parties may know: CA certificates, CRLs and OCSP, for repository.fcgi.
 *
 * status.c reads the database, status_work.c signs OCSP answers with the status token, status_api.c
 * has the routes.
 */
#pragma once

#include "base/clock.h"

struct db;
struct tx;
struct hsm;

/* A published file. */
struct status_file {
    struct bytes data;        /* DER */
    struct timestamp changed; /* since when it says what it says */
    struct timestamp expires; /* when there will be another one; NONE: not known */
};
/* CA certificate by authority name. E_ABSENT. */
enum err status_ca(struct tx *tx, struct str name, struct status_file *out) MUST_CHECK;
/* The same as PEM text. */
struct str status_pem(struct arena *a, const struct status_file *ca);
/* Its newest CRL: of a partition, from 1, or (0) the complete one. E_ABSENT. */
enum err status_crl(struct tx *tx, struct str name, uint32_t part,
                    struct status_file *out) MUST_CHECK;

/* Before the fork: what one worker has seen of the database, all know. */
void status_work_share(void);
/* Give the process its token and its database: after the fork, before the first request. Borrowed,
 * until status_work_close(). */
void status_work_open(struct hsm *status, struct db *db);
/* Release keys and kept answers. Nothing when not open. */
void status_work_close(void);

/* An OCSP answer. */
struct status_ocsp {
    struct bytes response;
    struct timestamp produced, expires; /* thisUpdate, nextUpdate */
    bool cacheable;                     /* no nonce, and nothing unknown in it */
};
/*
 * Answer a DER request. A request that cannot be answered gets an OCSP error as its answer and
 * E_OK, also when database or token are away (tryLater). Answers without a nonce are kept in the
 * process for ten minutes, or until any certificate's status changes: that is looked up at most
 * every 10 ms. Opens transactions of its own.
 */
enum err status_work_ocsp(struct arena *a, struct bytes request, struct timestamp now,
                          struct status_ocsp *out) MUST_CHECK;
/* Readiness: every issuing authority has a responder that can sign. */
enum err status_work_check(void) MUST_CHECK;
