/*
 * registration_decide.h - decisions on applications (P3-31, P3-32, P1-10). The schema refuses the
 * same things once more: nobody approves what they applied for or what is about themselves, and a
 * second approval is another person's.
 *
 * Each function takes the generation that the person looked at: E_CONFLICT "changed-meanwhile" when
 * the application is another one by now, so an old form that is sent again decides nothing. All
 * take an active reviewer of that customer as by->account (E_DENIED "not-a-reviewer",
 * "own-application", "about-oneself") but registration_withdraw(). E_ABSENT "application-unknown":
 * none, or another customer's. E_STATE "application-state": not in a state for this. Each writes
 * its event and its audit row, and orders the mail to the applicant.
 */
#pragma once

#include "features/registration/registration.h"

/* What a reviewer confirms before an approval: all three, each once. */
enum registration_item {
    REGISTRATION_IDENTITY,  /* the subscriber (or the device) is who it says */
    REGISTRATION_AUTHORITY, /* the applicant may ask for this */
    REGISTRATION_CONTENT,   /* the names to be certified are right */
    REGISTRATION_ITEM__MAX
};
/* And how. */
enum registration_method {
    REGISTRATION_REGISTER, /* compared with the organisation's own register */
    REGISTRATION_MEETING,  /* in person */
    REGISTRATION_DOCUMENT, /* a paper; `note` says which */
    REGISTRATION_SUPERIOR, /* somebody in charge of the person was asked */
    REGISTRATION_KNOWN,    /* confirmed for an earlier certificate, nothing changed since */
    REGISTRATION_BATCH,    /* before the file was uploaded; applications that came in bulk only */
    REGISTRATION_METHOD__MAX
};
/* Names in the schema; and back, false for an unknown one. */
const char *registration_item_name(enum registration_item item);
const char *registration_method_name(enum registration_method method);
bool registration_item_from(struct str name, enum registration_item *out);
bool registration_method_from(struct str name, enum registration_method *out);

struct registration_vetting {
    enum registration_item item;
    enum registration_method method;
    struct str note; /* where it can be looked up again; may be empty but for a document */
};

/* Why this person may not decide on it, in the order in which it is told. */
enum registration_bar {
    REGISTRATION_FREE,     /* may decide */
    REGISTRATION_NOT_OPEN, /* decided, or with the applicant */
    REGISTRATION_ABOUT,    /* it is about them */
    REGISTRATION_OWN,      /* they applied for it */
    REGISTRATION_FIRST,    /* gave the first approval: another person gives the second */
};
/*
 * What stands against `who` approving it, or deciding otherwise. Who uploaded a file in bulk acts
 * as registration authority and may give the first approval, but does not decide otherwise: they
 * can withdraw. What is held is resumed before it is approved.
 */
enum registration_bar registration_bar_of(const struct registration *r, struct account_id who,
                                          bool approving);

/*
 * Approve. The last approval that the profile asks for starts what follows: the certificate is
 * asked for, or the applicant is sent the link to make the key. E_DENIED "approved-already",
 * "operator-by-admin" (certificates of LRA operators are the administrators' to approve);
 * E_INPUT "vetting-missing", "vetting-twice", "vetting-note", "vetting-method", or why names or key
 * are refused by now: nothing is approved then.
 */
enum err registration_approve(struct tx *tx, const struct audit_by *by, struct tenant_id tenant,
                              struct application_id id, uint32_t generation,
                              const struct registration_vetting *vetting, size_t n,
                              struct timestamp now) MUST_CHECK;
/* For good, from waiting or held. E_INPUT "reason-missing", "reason-bad" (2000 characters). */
enum err registration_reject(struct tx *tx, const struct audit_by *by, struct tenant_id tenant,
                             struct application_id id, uint32_t generation, struct str reason,
                             struct timestamp now) MUST_CHECK;
/* To the applicant for correction, from waiting or held; an approval given before is void. */
enum err registration_return(struct tx *tx, const struct audit_by *by, struct tenant_id tenant,
                             struct application_id id, uint32_t generation, struct str note,
                             struct timestamp now) MUST_CHECK;
/* Keep waiting for something that `note` (may be empty) tells; and go on. */
enum err registration_hold(struct tx *tx, const struct audit_by *by, struct tenant_id tenant,
                           struct application_id id, uint32_t generation, struct str note,
                           struct timestamp now) MUST_CHECK;
enum err registration_resume(struct tx *tx, const struct audit_by *by, struct tenant_id tenant,
                             struct application_id id, uint32_t generation,
                             struct timestamp now) MUST_CHECK;
/*
 * Change fields that the profile lets reviewers change: `values` are all values of those fields.
 * What was applied for is kept. Namespace and form are checked again: E_INPUT with the code of the
 * first finding that refuses, and all of them in *findings. An approval given before is void.
 * E_DENIED "field-fixed", E_INPUT "nothing-changed".
 */
enum err registration_edit(struct tx *tx, const struct audit_by *by, struct tenant_id tenant,
                           struct application_id id, uint32_t generation,
                           const struct profiles_value *values, size_t n, struct timestamp now,
                           struct profiles_finding **findings, size_t *findings_n) MUST_CHECK;
/* By the applicant or the subscriber, while nothing is approved for good. E_DENIED "not-yours". */
enum err registration_withdraw(struct tx *tx, const struct audit_by *by, struct tenant_id tenant,
                               struct application_id id, uint32_t generation,
                               struct timestamp now) MUST_CHECK;
