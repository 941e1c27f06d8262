/*
 * registration.h - applications for certificates (P1-30, P3-20, P3-31): filed, checked, reviewed,
 * and what came of them. Who applies never decides (registration_decide.c and the schema), and no
 * certificate is asked for without approval (P3-32).
 *
 * A life: draft -> waiting -> approved -> issued; on the way returned, held, rejected, withdrawn,
 * and refused when the authority could not make the certificate. Every function writes its event,
 * its audit row and orders its mail; mails hold a link and no personal data (P1-51).
 */
#pragma once

#include "features/audit/audit.h"
#include "features/profiles/profiles.h"

struct tx;

enum registration_state {
    REGISTRATION_DRAFT,
    REGISTRATION_WAITING,
    REGISTRATION_RETURNED,
    REGISTRATION_HELD,
    REGISTRATION_APPROVED,
    REGISTRATION_ISSUED,
    REGISTRATION_REJECTED,
    REGISTRATION_WITHDRAWN,
    REGISTRATION_REFUSED,
    REGISTRATION__STATES
};
/* The name in the schema; and back, REGISTRATION__STATES for an unknown one. */
const char *registration_state_name(enum registration_state state);
enum registration_state registration_state_from(struct str name);

/* What is applied for. Borrowed. */
struct registration_new {
    struct application_id draft; /* what it was kept as so far; 0: nothing */
    struct tenant_id tenant;
    struct account_id applicant;  /* who files it */
    struct account_id subscriber; /* whose it will be; 0: a device or system */
    struct str via;               /* "page", "bulk", "api" */
    struct str profile;           /* its current version is applied for */
    enum profiles_key key_source;
    const struct profiles_value *values;
    size_t values_n;
    struct bytes csr;             /* DER or PEM; sources csr and hsm, pkcs12 when the key is made */
    struct str credential;        /* public id of a key that registration_key_make() made */
    uint32_t validity_days;       /* 0: the profile's */
    struct certificate_id renews; /* 0: new */
    struct str contact;           /* where news go: a mail address */
    struct str lang;              /* "ja" or "en" */
};

/* One application as its row tells. Everything lives in the transaction's arena. */
struct registration {
    struct application_id id;
    struct str receipt; /* absent: draft */
    struct tenant_id tenant;
    struct account_id applicant, subscriber;
    struct str applicant_name, subscriber_name; /* absent: none */
    struct str via, kind;                       /* kind: "new" or "renew" */
    struct str profile;
    uint32_t profile_version;
    enum profiles_key key_source; /* 0 in a draft without choice */
    enum registration_state state;
    struct str title;              /* the name to be certified */
    struct profiles_value *values; /* what counts: as edited, otherwise as applied for */
    size_t values_n;
    struct profiles_value *original; /* as applied for */
    size_t original_n;
    bool edited;
    struct bytes csr; /* DER, absent before there is one */
    struct str credential;
    uint32_t validity_days;
    struct profiles_finding *checks; /* of the day it was sent */
    size_t checks_n;
    struct str contact, lang;
    uint32_t approvals_needed;
    struct account_id first_approver, second_approver;
    struct str first_name, second_name;
    struct timestamp first_at, second_at;
    struct str decision_note; /* why rejected, returned or held */
    struct certificate_id renews, certificate;
    struct str refused; /* reason code of the authority, "" when none */
    uint32_t generation;
    struct timestamp created, submitted, changed, decided;
};

/* --- checking and sending (registration_check.c, registration_submit.c) --- */

/*
 * Everything that is checked, at once (P3-44): fields, names in the tenant's namespace, request and
 * its proof of possession (RFC 2986 4.2), key, name already certified, contract and roles. E_OK
 * also when findings refuse: see registration_refuses(). E_ABSENT "profile-unknown".
 */
enum err registration_check(struct tx *tx, const struct registration_new *n, struct timestamp now,
                            struct profiles_finding **findings, size_t *findings_n) MUST_CHECK;
bool registration_refuses(const struct profiles_finding *findings, size_t n);

/*
 * Check and file: receipt number, event, audit row, mail of acknowledgement. E_INPUT with the code
 * of the first finding that refuses; E_CONFLICT "application-renewing" when the certificate is
 * being renewed already.
 */
enum err registration_submit(struct tx *tx, const struct audit_by *by,
                             const struct registration_new *n, struct timestamp now,
                             struct registration *out) MUST_CHECK;
/*
 * Send a returned one again, corrected: same receipt, next generation, checked anew. E_STATE
 * "application-state" when it is not returned, E_CONFLICT "changed-meanwhile".
 */
enum err registration_resubmit(struct tx *tx, const struct audit_by *by, struct application_id id,
                               uint32_t generation, const struct registration_new *n,
                               struct timestamp now, struct registration *out) MUST_CHECK;

/*
 * Begin a draft that its applicant goes on with at /certificates/apply/{id}: `values` (for a
 * renewal), or what is known of subscriber and tenant. E_LIMIT "drafts"; E_DENIED
 * "profile-not-offered" when the applicant may not apply for it.
 */
enum err registration_draft_new(struct tx *tx, const struct registration_new *n,
                                struct timestamp now, struct application_id *id) MUST_CHECK;

/* --- reading (registration.c) --- */

/* E_ABSENT "application-unknown": none, or another tenant's. Drafts are never found here. */
enum err registration_get(struct tx *tx, struct tenant_id tenant, struct application_id id,
                          struct registration *out) MUST_CHECK;
/* By the receipt number as a person types it: case, hyphens and spaces do not matter. */
enum err registration_by_receipt(struct tx *tx, struct tenant_id tenant, struct str receipt,
                                 struct registration *out) MUST_CHECK;

/* What happened, oldest first. `kind` as in the schema ("submitted", "approved" ...). */
struct registration_event {
    struct timestamp at;
    struct account_id actor; /* 0: the system */
    struct str actor_name;   /* absent: the system */
    struct str kind, note;   /* note may be absent */
};
enum err registration_events(struct tx *tx, struct tenant_id tenant, struct application_id id,
                             struct registration_event **rows, size_t *n) MUST_CHECK;
/* A receipt number has 11 random signs and a check sign, K4TX-9PWQ-7M2F. False: not one. */
bool registration_receipt_read(struct arena *a, struct str typed, struct str *receipt);

/* Hooks of the authority (authority_hooks): the certificate is out, or will never be. No effect on
 * certificates that no application asked for. */
enum err registration_released(struct tx *tx, struct certificate_id certificate) MUST_CHECK;
enum err registration_refused(struct tx *tx, struct certificate_id certificate) MUST_CHECK;

/* Decisions. */
#include "features/registration/registration_decide.h"
