/* authority_inside.h - what the files of the authority slice share. For this slice only. */
#pragma once

#include "features/authority/authority.h"
#include "pki/x509.h"

struct hsm;
struct profile;

/* A checked order for a certificate. */
struct authority_order {
    struct tenant_id tenant;
    struct account_id account;
    struct authority_id authority;
    const struct x509_profile *profile;
    uint32_t version;     /* of the profile; 0: the programs' own */
    struct str cps;       /* absent: none */
    struct bytes subject; /* DER name */
    struct bytes spki;
    const struct x509_san *san;
    size_t san_n;
    int64_t validity_us; /* 0: the profile's */
    struct application_id application;
    struct account_id requested_by;
    struct certificate_id renews;
    struct str common_name, email; /* absent: from subject and san */
};

/* A profile as authority_request() names it: of the programs (version 0), or of the database. */
struct authority_profile_found {
    const struct x509_profile *x509; /* lives as long as the process */
    uint32_t version;                /* 0: the programs' own */
    struct str cps;                  /* "" for none */
    const struct profile *data;      /* NULL: the programs' own */
};
/* With version 0 one of the programs, else the current one. E_INPUT "profile-unknown". */
enum err authority_profile_of(struct tx *tx, struct str name, uint32_t version,
                              struct authority_profile_found *out) MUST_CHECK;

/* Call the hooks that are set. */
enum err authority_tell_released(struct tx *tx, struct certificate_id id) MUST_CHECK;
enum err authority_tell_refused(struct tx *tx, struct certificate_id id) MUST_CHECK;
enum err authority_tell_changed(struct tx *tx, struct certificate_id id,
                                enum authority_state state) MUST_CHECK;

/* A serial number as text; "" for none. */
struct str authority_hex(struct arena *a, struct bytes serial);

/* struct authority_certificate of a row; the statements that read one have the same columns. */
#define AUTHORITY_ROW(a, r, id_, tenant_)                                                          \
    ((struct authority_certificate){ .id = (id_),                                                  \
                                     .authority = (r)->authority,                                  \
                                     .tenant = (tenant_),                                          \
                                     .account = (r)->account,                                      \
                                     .state = authority_state_from((r)->state),                    \
                                     .profile = (r)->profile,                                      \
                                     .profile_version = (r)->profile_version,                      \
                                     .cps = (r)->cps,                                              \
                                     .application = (r)->application,                              \
                                     .requested_by = (r)->requested_by,                            \
                                     .subject = (r)->subject_text,                                 \
                                     .common_name = (r)->common_name,                              \
                                     .email = (r)->email,                                          \
                                     .serial = authority_hex((a), (r)->serial),                    \
                                     .requested_at = (r)->requested_at,                            \
                                     .not_before = (r)->not_before,                                \
                                     .not_after = (r)->not_after,                                  \
                                     .issued_at = (r)->issued_at,                                  \
                                     .revoked_at = (r)->revoked_at,                                \
                                     .reason = (r)->reason,                                        \
                                     .refused = (r)->refused,                                      \
                                     .der = (r)->der,                                              \
                                     .crl_part = (r)->crl_part,                                    \
                                     .renews = (r)->renews,                                        \
                                     .replaced_by = (r)->replaced_by })

/* Store the request and add its issuing job. The caller audits. */
enum err authority_order(struct tx *tx, const struct authority_order *o,
                         struct certificate_id *id) MUST_CHECK;

/* Alternative names to JSON and back; absent for none. */
struct str authority_san_text(struct arena *a, const struct x509_san *san, size_t n);
enum err authority_san_read(struct arena *a, struct str text, struct x509_san **san,
                            size_t *n) MUST_CHECK;

/* Where the list of a partition is, or (0) the complete one: in certificates, and in the list. */
struct str authority_crl_url(struct arena *a, struct str repository, struct str name,
                             uint32_t part);

/* An issuing job, or the next step of it. */
enum err authority_job(struct tx *tx, const char *kind, struct certificate_id id) MUST_CHECK;

/* Count a change under the authority and order a new list. */
enum err authority_changed(struct tx *tx, struct authority_id id) MUST_CHECK;

/* The state of that name; AUTHORITY_REFUSED for an unknown one. */
enum authority_state authority_state_from(struct str name);

/* A CA key by its label. Borrowed until authority_keys_forget(), which comes before hsm_close(). */
enum err authority_keys_signer(struct hsm *ca, struct str label, struct signer *out) MUST_CHECK;
void authority_keys_forget(void);

/* First step: serial number and to-be-signed bytes, or refusal. E_OK as well when it is done. */
enum err authority_prepare(struct tx *tx, struct certificate_id id) MUST_CHECK;
/* Second step: signature, lint, release. E_OK as well when it is done. */
enum err authority_sign(struct tx *tx, struct hsm *ca, struct certificate_id id) MUST_CHECK;
/* New lists where they are due. */
enum err authority_make_crls(struct tx *tx, struct hsm *ca) MUST_CHECK;
/* Order certificates (same key) for OCSP responders and TSAs past two thirds of their life. */
enum err authority_renew_services(struct tx *tx) MUST_CHECK;

/* Job kinds: the two steps of issuing, {"certificate": id}, and new lists, {}. */
#define AUTHORITY_JOB_ISSUE "authority.issue"
#define AUTHORITY_JOB_SIGN "authority.sign"
#define AUTHORITY_JOB_CRL "authority.crl"
