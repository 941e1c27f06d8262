/*
 * envelopes_work.h - what the slice does in the background: mails, reminders, ends of deadlines and
 * of holding periods in the worker; the completion in the signer, which holds the signing token.
 */
#pragma once

#include "base/settings.h"
#include "features/envelopes/envelopes_words.h"
#include "store/worker.h"

/* Before the first job. The functions and the settings must stay. */
void envelopes_work_init(const struct settings *c, envelopes_words_fn words,
                         envelopes_event_fn events);

extern const struct worker_job envelopes_work_jobs[];     /* worker */
extern const struct worker_task envelopes_work_tasks[];   /* worker */
extern const struct worker_job envelopes_complete_jobs[]; /* signer */

struct tx;

/* The tasks' work at another time than now, for tests. */
enum err envelopes_work_expire(struct tx *tx, struct timestamp now, size_t *n) MUST_CHECK;
enum err envelopes_work_remind(struct tx *tx, struct timestamp now, size_t *n) MUST_CHECK;
enum err envelopes_work_erase(struct tx *tx, struct timestamp now, size_t *n) MUST_CHECK;
/* Complete one envelope: extend, report, end. Twice is harmless. */
enum err envelopes_work_complete(struct tx *tx, struct envelope_id id,
                                 struct timestamp now) MUST_CHECK;
/* Write one mail: "invite" ...; party 0: to the sender. */
enum err envelopes_work_mail(struct tx *tx, struct str mail, struct envelope_id id,
                             struct party_id party, struct timestamp now) MUST_CHECK;
