/*
 * timestamp.h - the built-in time-stamping authority (RFC 3161 over HTTP), for repository.fcgi.
 *
 * A serial number is 16 octets: the time in microseconds, then 8 random ones. It is unique without
 * asking anybody, and says where to look for its record.
 */
#pragma once

#include "base/clock.h"

struct db;
struct tx;
struct hsm;

enum { TIMESTAMP_SERIAL = 16, TIMESTAMP_RECORD = TIMESTAMP_SERIAL + 32 };

struct timestamp_settings {
    struct str policy;    /* dotted OID; borrowed */
    uint32_t accuracy_ms; /* 0: not stated in tokens */
};

/* Before the fork: what a killed worker has not recorded yet, its successor records. */
void timestamp_work_share(void);
/* Give the process its token and its database: after the fork, before the first request. Borrowed,
 * until timestamp_work_close(). */
void timestamp_work_open(struct hsm *status, struct db *db, const struct timestamp_settings *s);
/* Write what is not recorded yet, and release the key. Nothing when not open. */
void timestamp_work_close(void);
/* Readiness: there is a certificate that is valid now, its key is in the token, the clock is sane.
 */
enum err timestamp_work_check(void) MUST_CHECK;

/*
 * Answer a DER request with a DER response; a request that cannot be granted, for whatever reason,
 * gets its rejection and E_OK. Granted tokens are recorded in the database: at once when there are
 * few, else together, at the latest with the first request after a tenth of a second.
 */
enum err timestamp_work_answer(struct arena *a, struct bytes request,
                               struct bytes *response) MUST_CHECK;

/* The record of the token with this serial number: SHA-256 of its imprint and its time. E_ABSENT.
 */
enum err timestamp_find(struct tx *tx, struct bytes serial, struct bytes32 *imprint,
                        struct timestamp *when) MUST_CHECK;
