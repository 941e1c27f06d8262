/* envelopes_parts.h - the envelopes slice in worker and signer: its words, which belong to http/,
 * are given to it from here. */
#pragma once

#include "base/settings.h"

/* worker: the catalogue is there already (worker_accounts.c). */
enum err envelopes_parts_worker(const struct settings *c) MUST_CHECK;
/* signer: loads the catalogue. */
enum err envelopes_parts_signer(const struct settings *c) MUST_CHECK;
void envelopes_parts_end(void);
