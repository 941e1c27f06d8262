/*
 * registration_inside.h - what the rules of this slice share: events, mails, the texts of the
 * schema, and what follows the last approval. Other slices use registration.h.
 */
#pragma once

#include "features/registration/registration.h"

/* The names of the certificate that values make. */
struct registration_names {
    struct name subject;
    struct bytes der; /* of subject */
    struct x509_san *san;
    size_t san_n;
    struct str title, common_name, email; /* title: for lists; the others "" when there is none */
};
/* E_INPUT as profiles_compose(). */
enum err registration_names_of(struct tx *tx, const struct profile *p,
                               const struct profiles_value *values, size_t n,
                               struct registration_names *out) MUST_CHECK;

/* registration_check() with a profile at hand, and the names, empty when they are refused. */
enum err registration_check_all(struct tx *tx, const struct registration_new *n,
                                const struct profile *p, struct timestamp now,
                                struct registration_names *names, struct profiles_finding **f,
                                size_t *count) MUST_CHECK;

/* Write one; `actor` 0: the system. */
enum err registration_event_add(struct tx *tx, const struct registration *r,
                                struct account_id actor, const char *kind, struct str note,
                                struct timestamp now) MUST_CHECK;

/* Values and findings as the schema keeps them: a JSON object, a JSON array. */
struct str registration_values_text(struct arena *a, const struct profiles_value *values, size_t n);
enum err registration_values_read(struct arena *a, struct str text, struct profiles_value **values,
                                  size_t *n) MUST_CHECK;
struct str registration_findings_text(struct arena *a, const struct profiles_finding *f, size_t n);
enum err registration_findings_read(struct arena *a, struct str text, struct profiles_finding **f,
                                    size_t *n) MUST_CHECK;

/* A new receipt number; it is unique by its key in the table. */
struct str registration_receipt_new(struct arena *a);

/* --- after the last approval (registration_issue.c) --- */

/*
 * For registration_approve() once nothing is missing; the row is approved in this transaction
 * already. Sources csr and hsm: registration_ask(); otherwise orders the mail with the one-time
 * link. E_INPUT when names or key are refused now: nothing may be approved then.
 */
enum err registration_proceed(struct tx *tx, const struct audit_by *by,
                              const struct registration *r, struct timestamp now) MUST_CHECK;

/* Order a mail about the application to its contact; the worker writes it. */
enum registration_mail {
    REGISTRATION_MAIL_RECEIVED,
    REGISTRATION_MAIL_RETURNED,
    REGISTRATION_MAIL_HELD,
    REGISTRATION_MAIL_REJECTED,
    REGISTRATION_MAIL_COLLECT, /* approved: the key can be made, with the one-time link */
    REGISTRATION_MAIL_ISSUED,
    REGISTRATION_MAIL_REFUSED,
    REGISTRATION_MAIL__MAX
};
/* "received" ...: in the job and in the names of templates. */
const char *registration_mail_name(enum registration_mail mail);
#define REGISTRATION_JOB_MAIL "registration.mail"
enum err registration_mail_order(struct tx *tx, struct application_id id,
                                 enum registration_mail mail) MUST_CHECK;

/*
 * Keep the request (DER or PEM) of an approved application and have the worker ask the authority.
 * From then on r->csr is set, whatever the source of the key. E_STATE "application-state" when it
 * is not approved or has another request already.
 */
enum err registration_ask(struct tx *tx, const struct audit_by *by, const struct registration *r,
                          struct bytes request, struct timestamp now) MUST_CHECK;
#define REGISTRATION_JOB_ISSUE "registration.issue"
/*
 * The worker's part, and no front program's (P3-32): look at the application anew, check all of it
 * once more and ask for its certificate when it is approved. What is refused, by the checks or by
 * the authority, ends the application. E_OK as well when there is nothing to do.
 */
enum err registration_ask_authority(struct tx *tx, struct tenant_id tenant,
                                    struct application_id id) MUST_CHECK;
/* The certificate is out: the key that waits for it becomes a credential. No effect without one. */
enum err registration_key_adopt(struct tx *tx, struct certificate_id certificate) MUST_CHECK;

/* May that account apply for the profile at all? E_DENIED "profile-not-offered". */
enum err registration_may(struct tx *tx, struct tenant_id tenant, struct account_id account,
                          const struct profile *p) MUST_CHECK;

/* The key of a request whose proof of possession holds. E_INPUT "csr-malformed", "csr-signature".
 */
enum err registration_request_key(struct tx *tx, struct bytes csr, struct bytes *spki) MUST_CHECK;

/* --- registration_collect.c, for registration_make_work.c --- */

struct registration_link;
/* Ask for the certificate and note that the link is used; `sealed` absent when the key is not here.
 */
enum err registration_collect_take(struct tx *tx, const struct audit_by *by,
                                   struct registration_link *link, struct bytes csr,
                                   struct bytes salt, struct bytes sealed, struct timestamp until,
                                   struct timestamp now) MUST_CHECK;
/* Count a wrong password; the last one erases the sealed key. */
enum err registration_collect_wrong(struct tx *tx, const struct registration_link *link,
                                    uint32_t failures) MUST_CHECK;
/* The file is handed over: erase the sealed key. */
enum err registration_collect_finish(struct tx *tx, const struct audit_by *by,
                                     struct registration_link *link) MUST_CHECK;
