/*
 * envelopes_party.h - the people of an envelope: who signs, who gets a copy, their links, codes and
 * visits. Part of envelopes.h.
 */
#pragma once

#include "features/signing/signing.h"

struct envelopes_envelope;

#define ENVELOPES_CODE_TRIES 5
#define ENVELOPES_CODE_US (10 * MINUTE_US)
#define ENVELOPES_VISIT_US (2 * HOUR_US)
/* After so many wrong codes in all, only a new invitation by the sender helps. */
#define ENVELOPES_CODE_FAILURES 20

enum envelopes_kind { ENVELOPES_SIGNER, ENVELOPES_COPY };
/* With the own certificate (an account), or with the provider's after a code by mail. */
enum envelopes_method { ENVELOPES_OWN, ENVELOPES_WITNESS, ENVELOPES_NONE };
enum envelopes_turn {
    ENVELOPES_WAITING,
    ENVELOPES_TURN,
    ENVELOPES_SIGNED,
    ENVELOPES_DECLINED_BY,
    ENVELOPES_ENDED,
    ENVELOPES_TURN__MAX
};

struct envelopes_party {
    struct party_id id;
    struct envelope_id envelope;
    struct str public_id;
    uint32_t seq;
    enum envelopes_kind kind;
    struct str name, mail, lang;
    enum envelopes_method method;
    struct account_id account; /* 0: none bound */
    enum envelopes_turn state;
    struct timestamp invited, opened, signed_at, declined, reminded, reminded_by_hand;
    struct str decline_reason;
    uint32_t code_failures;
};

/* Where one seal of a party goes. */
struct envelopes_field {
    struct field_id id;
    struct paper_id document;
    uint32_t page;
    struct str place; /* "top-left" ... "bottom-right", or "mm" */
    uint32_t x, y;    /* "mm": hundredths of a millimetre from the lower left corner */
    uint32_t size;    /* width and height, hundredths of a millimetre: 8 to 60 mm */
};

struct envelopes_person {
    struct str name, mail, lang;
    enum envelopes_kind kind;
    enum envelopes_method method;
};

enum err envelopes_parties(struct tx *tx, struct envelope_id id, struct envelopes_party **rows,
                           size_t *n) MUST_CHECK;
/* E_ABSENT "party-unknown". */
enum err envelopes_party_find(struct tx *tx, struct envelope_id id, struct str public_id,
                              struct envelopes_party *out) MUST_CHECK;
/*
 * Drafts only. E_INPUT "name-bad", "mail-bad" (not one plain address; also anything that could end
 * a header); E_CONFLICT "mail-twice"; E_LIMIT "envelope-parties".
 */
enum err envelopes_party_add(struct tx *tx, const struct envelopes_envelope *e,
                             const struct envelopes_person *p, const struct audit_by *by,
                             struct envelopes_party *out) MUST_CHECK;
enum err envelopes_party_drop(struct tx *tx, const struct envelopes_envelope *e,
                              struct str public_id, const struct audit_by *by) MUST_CHECK;
/* One place earlier in the order. */
enum err envelopes_party_raise(struct tx *tx, const struct envelopes_envelope *e,
                               struct str public_id, const struct audit_by *by) MUST_CHECK;

enum err envelopes_fields(struct tx *tx, struct party_id party, struct envelopes_field **rows,
                          size_t *n) MUST_CHECK;
/* Drafts only. E_INPUT "place-bad", "place-page"; E_CONFLICT "place-twice": one seal of a person
 * in a document; E_LIMIT "envelope-fields". */
enum err envelopes_field_add(struct tx *tx, const struct envelopes_envelope *e, struct str party,
                             const struct envelopes_field *f, const struct audit_by *by) MUST_CHECK;
enum err envelopes_field_drop(struct tx *tx, const struct envelopes_envelope *e, struct str party,
                              struct field_id field, const struct audit_by *by) MUST_CHECK;

/* After sending. Remind by hand: once a day, E_LIMIT "remind-again". */
enum err envelopes_remind(struct tx *tx, const struct envelopes_envelope *e, struct str party,
                          const struct audit_by *by, struct timestamp now) MUST_CHECK;
/* Another address for a party that has not opened the envelope (E_STATE "party-opened"): old links
 * are void, a new invitation goes out in turn. */
enum err envelopes_readdress(struct tx *tx, const struct envelopes_envelope *e, struct str party,
                             const struct envelopes_person *to, const struct audit_by *by,
                             struct timestamp now) MUST_CHECK;

/* --- the party's side --- */

/* A party and its envelope. */
struct envelopes_seat {
    struct envelopes_party party;
    struct envelopes_envelope *envelope; /* in the transaction's arena */
};

/* Whose link this is. E_ABSENT "link-unknown": never given, or over. */
enum err envelopes_link_find(struct tx *tx, struct str token, struct timestamp now,
                             struct envelopes_seat *out) MUST_CHECK;
/* A new link for a party: for the worker's mails. Good until `until`. */
enum err envelopes_link_make(struct tx *tx, struct party_id party, struct timestamp now,
                             struct timestamp until, struct str *token) MUST_CHECK;

/* A new six-digit code, good for ten minutes and five tries, with this link only. E_LIMIT
 * "code-locked" after too many wrong ones, "code-again" within a minute of the last. */
enum err envelopes_code_make(struct tx *tx, const struct envelopes_seat *s, struct str token,
                             const struct audit_by *by, struct timestamp now,
                             struct str *code) MUST_CHECK;
/* The mail with it. */
enum err envelopes_code_mail(struct tx *tx, const struct envelopes_seat *s, struct str subject,
                             struct str text) MUST_CHECK;
enum envelopes_code_answer { ENVELOPES_CODE_RIGHT, ENVELOPES_CODE_WRONG, ENVELOPES_CODE_OVER };
/* Right: `cookie` is what the browser gets. A wrong one is counted and must be committed. */
enum err envelopes_code_check(struct tx *tx, const struct envelopes_seat *s, struct str token,
                              struct str code, const struct audit_by *by, struct timestamp now,
                              enum envelopes_code_answer *answer, struct str *cookie) MUST_CHECK;
/* The link of a party that signs with its own certificate was opened by this account, whose mail
 * address must be the invited one: E_DENIED "party-other-account". */
enum err envelopes_claim(struct tx *tx, const struct envelopes_seat *s, struct account_id account,
                         const struct audit_by *by, struct timestamp now) MUST_CHECK;

/* By the cookie of a visit, or by the account. E_ABSENT "visit-over". */
enum err envelopes_seat_by_cookie(struct tx *tx, struct str party, struct str cookie,
                                  struct timestamp now, struct envelopes_seat *out) MUST_CHECK;
enum err envelopes_seat_by_account(struct tx *tx, struct str party, struct account_id account,
                                   struct timestamp now, struct envelopes_seat *out) MUST_CHECK;
/* Note that the party has seen the documents (once). */
enum err envelopes_opened(struct tx *tx, const struct envelopes_seat *s, const struct audit_by *by,
                          struct timestamp now) MUST_CHECK;
/* E_STATE "party-done", "envelope-ended", "not-your-turn". `reason` 1 to 500 characters. */
enum err envelopes_decline(struct tx *tx, const struct envelopes_seat *s, struct str reason,
                           const struct audit_by *by, struct timestamp now) MUST_CHECK;

/* What waits for this account. */
struct envelopes_inbox_row {
    struct str party, title, sender, number;
    enum envelopes_turn turn;
    struct timestamp deadline, invited;
    bool over; /* the envelope has ended */
};
enum err envelopes_inbox(struct tx *tx, struct account_id account, uint32_t offset, uint32_t limit,
                         struct envelopes_inbox_row **rows, size_t *n, uint64_t *total) MUST_CHECK;
enum err envelopes_inbox_count(struct tx *tx, struct account_id account, uint64_t *n) MUST_CHECK;
