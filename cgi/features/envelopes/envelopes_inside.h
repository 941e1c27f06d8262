/*
 * envelopes_inside.h - what the files of this slice share. Not for anybody else.
 */
#pragma once

#include "features/envelopes/envelopes.h"
#include "store/db.h"

/* Mails that the worker writes; see envelopes_mail.h. */
#define ENVELOPES_JOB_MAIL "envelopes.mail"
/* The completion, run by the program that holds the signing token. */
#define ENVELOPES_JOB_COMPLETE "signer.envelope"

/* Seven years; leap days on the safe side. */
#define ENVELOPES_KEEP_US (INT64_C(2558) * DAY_US)
#define ENVELOPES_DRAFT_US (INT64_C(30) * DAY_US)
#define ENVELOPES_HOLD_US (8 * HOUR_US)

/* By the number that a party, link or job led to. E_ABSENT. */
enum err envelopes_inside_get(struct tx *tx, struct envelope_id id,
                              struct envelopes_envelope *out) MUST_CHECK;
/* E_STATE "envelope-sent" unless it is a draft, and stays one until the transaction ends. */
enum err envelopes_inside_draft(struct tx *tx, const struct envelopes_envelope *e) MUST_CHECK;
/* 1 to `most` characters, no control or bidirectional characters. E_INPUT `reason`. */
enum err envelopes_inside_text(struct str s, size_t most, const char *reason) MUST_CHECK;

enum err envelopes_inside_event(struct tx *tx, struct envelope_id id, struct party_id party,
                                const char *what, const struct audit_by *by,
                                struct timestamp now) MUST_CHECK;
/* An audit row about this envelope, in the name of its tenant. */
enum err envelopes_inside_audit(struct tx *tx, const struct envelopes_envelope *e,
                                const struct audit_by *by, const char *action) MUST_CHECK;
/* Order a mail to a party, or (party 0) to the sender. */
enum err envelopes_inside_mail(struct tx *tx, const char *mail, struct envelope_id id,
                               struct party_id party) MUST_CHECK;
/* Give the turn to the next signers and order their invitations. */
enum err envelopes_inside_next(struct tx *tx, const struct envelopes_envelope *e,
                               const struct audit_by *by, struct timestamp now) MUST_CHECK;
/*
 * End an envelope that is being signed: nobody signs any more, its documents go 8 hours from now,
 * everybody who was asked hears of it by `mail`. E_STATE "envelope-ended" when it has ended before.
 */
enum err envelopes_inside_end(struct tx *tx, const struct envelopes_envelope *e,
                              enum envelopes_state state, struct str reason, const char *mail,
                              const struct audit_by *by, struct timestamp now) MUST_CHECK;
/* Tell the sender's system, when the sender is one: "envelope.signed" ... */
enum err envelopes_inside_notify(struct tx *tx, const struct envelopes_envelope *e,
                                 const char *event) MUST_CHECK;
/* A party by its number. */
enum err envelopes_inside_party(struct tx *tx, struct party_id id,
                                struct envelopes_party *out) MUST_CHECK;
