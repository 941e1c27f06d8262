/*
 * timestamp.h - the built-in time-stamping authority (RFC 3161 over HTTP), for repository.fcgi.
 */
#pragma once

#include "base/clock.h"

struct db;
struct tx;
struct hsm;
struct route;

/* POST /tsa. */
extern const struct route timestamp_routes[];

/* Give the process its token: after the fork. Borrowed. */
void timestamp_work_open(struct hsm *status);

/*
 * Answer a DER request with a DER response; a request that cannot be granted gets its rejection and
 * E_OK. Every granted token is recorded (serial, time, imprint digest).
 */
enum err timestamp_work_answer(struct tx *tx, struct bytes request, struct arena *a,
                               struct bytes *response) MUST_CHECK;
