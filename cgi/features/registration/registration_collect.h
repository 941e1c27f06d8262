/*
 * registration_collect.h - one-time links by which an approved application becomes a key and a
 * certificate (P1-51). The token is in the mail alone, its hash in the database. Whose certificate
 * it is signs in; for a device without account the applicant signs in, or whoever has the link
 * gives the code that the applicant sees. For the pages of this slice.
 */
#pragma once

#include "base/secret.h"
#include "features/registration/registration.h"

enum { REGISTRATION_COLLECT_TRIES = 5 };

/* Once per process: how long a link is good, 0: 14 days. */
void registration_collect_init(uint32_t days);

enum registration_link_state {
    REGISTRATION_LINK_OPEN, /* nothing is done yet */
    REGISTRATION_LINK_MADE, /* the key is made, the certificate asked for */
    REGISTRATION_LINK_DONE, /* nothing is left to fetch but the certificate */
};

struct registration_link {
    uint64_t id;
    struct str token;
    struct registration r;
    enum registration_link_state state;
    uint32_t failures;
    bool sealed; /* a key of the server's making waits for its password */
    struct bytes salt, sealed_key;
    struct timestamp sealed_until, expires;
};

/* The worker's: void earlier ones, make one; the token goes into the mail and nowhere else. */
enum err registration_link_make(struct tx *tx, const struct registration *r, struct timestamp now,
                                struct str *token, struct timestamp *expires) MUST_CHECK;

/*
 * Open the link for `account` (0: not signed in) with `code` (may be absent), locked until the
 * transaction ends. E_ABSENT "link-unknown"; E_STATE "link-ended"; E_AUTH "link-sign-in",
 * "link-code"; E_DENIED "link-not-yours". A wrong code is E_AUTH "link-code-wrong", counted:
 * commit it.
 */
enum err registration_link_open(struct tx *tx, struct str token, struct account_id account,
                                struct str code, struct timestamp now,
                                struct registration_link *out) MUST_CHECK;

/* For the page of an application: E_ABSENT when no link was made. */
struct registration_link_note {
    struct str code; /* for people without an account */
    struct timestamp created, expires;
    bool open;
};
enum err registration_link_newest(struct tx *tx, const struct registration *r, struct timestamp now,
                                  struct registration_link_note *out) MUST_CHECK;
/* Order a new mail with a new link. E_STATE "application-state" unless a key is still to be made.
 */
enum err registration_link_again(struct tx *tx, const struct audit_by *by,
                                 const struct registration *r) MUST_CHECK;

/* Ask for the certificate with a request whose key the subscriber made; once. E_STATE "link-used".
 */
enum err registration_collect_request(struct tx *tx, const struct audit_by *by,
                                      struct registration_link *link, struct bytes csr,
                                      struct timestamp now) MUST_CHECK;
/*
 * Make key and request here (registration_make_work.c): the key is kept for half an hour, sealed
 * under a key derived from *password and the token; the database has neither. The caller frees
 * *password, which opens the PKCS#12 later. E_DENIED "key-source" when the profile does not allow
 * it.
 */
enum err registration_collect_make(struct tx *tx, const struct audit_by *by,
                                   struct registration_link *link, struct timestamp now,
                                   struct secret **password) MUST_CHECK;
/*
 * The PKCS#12, once, when the certificate is there: the sealed key is erased. E_BUSY
 * "certificate-pending"; E_AUTH "password-wrong", counted: commit it; E_STATE "link-ended" when
 * nothing is left.
 */
enum err registration_collect_file(struct tx *tx, const struct audit_by *by,
                                   struct registration_link *link, const struct secret *password,
                                   struct bytes *p12) MUST_CHECK;

/* The certificate and those above it, leaf first; n 0: not issued yet. E_STATE
 * "certificate-refused". */
enum err registration_collect_chain(struct tx *tx, const struct registration *r,
                                    struct bytes **chain, size_t *n) MUST_CHECK;
