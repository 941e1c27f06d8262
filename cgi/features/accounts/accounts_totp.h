/*
 * accounts_totp.h - the second factor: time-based one-time codes (RFC 6238) and recovery codes. For
 * the slice's pages, sign-in and tests; other slices call accounts_verify_totp().
 */
#pragma once

#include "features/accounts/accounts_self.h"

#define ACCOUNTS_RECOVERY_CODES 10

/* HOTP value (RFC 4226 5.3) of a counter, `digits` <= 8: the code of a 30-second step. */
uint32_t accounts_totp_value(struct bytes key, uint64_t step, unsigned digits);

/* A code read as people type it (spaces, full-width digits): 6 ASCII digits, or absent. */
struct str accounts_totp_clean(struct arena *a, struct str code);

/* What the enrolment page shows. */
struct accounts_totp_offer {
    struct str secret; /* base32 */
    struct str uri;    /* otpauth:// */
    struct str svg;    /* the same as a QR code: an SVG element */
};

/* Make a new secret, not yet valid; it replaces one that was not confirmed. */
enum err accounts_totp_begin(struct tx *tx, const struct accounts_from *from,
                             struct account_id account) MUST_CHECK;
/* Show what is waiting to be confirmed. E_ABSENT when nothing is, or for longer than an hour. */
enum err accounts_totp_offer(struct tx *tx, struct account_id account, struct timestamp now,
                             struct str title, struct accounts_totp_offer *out) MUST_CHECK;
/*
 * Confirm by a first code: the secret becomes valid, other sessions end (but `keep`), new recovery
 * codes are made. *codes is NULL when the code was wrong (not counted: nothing can be guessed by
 * it).
 */
enum err accounts_totp_confirm(struct tx *tx, const struct accounts_from *from,
                               struct account_id account, struct session_id keep, struct str code,
                               struct str **codes, size_t *n) MUST_CHECK;
/* New recovery codes against a one-time code; *codes NULL when it was wrong. */
enum err accounts_totp_recodes(struct tx *tx, const struct accounts_from *from,
                               struct account_id account, struct str code, struct str **codes,
                               size_t *n) MUST_CHECK;
enum err accounts_totp_codes_left(struct tx *tx, struct account_id account, uint64_t *n) MUST_CHECK;
/*
 * Remove the second factor against password and code. *right false: one of them is wrong (counted).
 * E_DENIED "totp-mandatory" for staff.
 */
enum err accounts_totp_remove(struct tx *tx, const struct accounts_from *from,
                              struct account_id account, struct session_id keep,
                              const struct secret *password, struct str code,
                              bool *right) MUST_CHECK;
/* Store a confirmed secret for a new account (accounts_create). */
enum err accounts_totp_store(struct tx *tx, struct account_id account, struct bytes secret,
                             struct timestamp now) MUST_CHECK;

/* An SVG picture of the text as a QR code, for putting into a page. E_LIMIT when it is too long. */
enum err accounts_qr_svg(struct arena *a, struct str text, struct str title,
                         struct str *out) MUST_CHECK;
