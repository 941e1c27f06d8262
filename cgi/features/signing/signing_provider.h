/*
 * signing_provider.h - the provider's own seals: keys without a PIN, made by `shomeictl init`,
 * whose certificate says what they are. "witness" signs beside a person who has no own certificate,
 * "report" signs what the system itself says. Part of signing.h; implemented in a work file.
 */
#pragma once

#include "features/signing/signing_service.h"

struct pdf_sign_result;
struct pdf_source;

enum signing_provider_purpose {
    SIGNING_PROVIDER_WITNESS,
    SIGNING_PROVIDER_REPORT,
    SIGNING_PROVIDER__MAX
};
/* "witness", "report". */
const char *signing_provider_name(enum signing_provider_purpose purpose);

/* What to sign and how; what is not set is left out. */
struct signing_provider_request {
    enum signing_provider_purpose purpose;
    struct tenant_id tenant; /* whose document: of the audit row */
    struct audit_by by;
    struct str object; /* what the audit row is about: public id of the envelope, the report ... */
    enum signing_level level;
    struct str name; /* /Name: who signs, where the certificate does not say it (witness) */
    struct str reason, location, contact;
    struct str field;
    const struct pdf_seal_place *seals;
    size_t seals_n;
    int certify;
    bool lock;
    const struct secret *password;
    struct timestamp now;
    struct str *certificate; /* gets the serial number of the seal's certificate; NULL: not asked */
};

/*
 * Sign with the newest usable seal for the purpose. `tail` gets what is to be appended to the
 * document. One audit row ("signing.provider.sign", with purpose, credential and digest) in this
 * transaction. E_BACKEND "provider-seal-missing" when `shomeictl init` has not made one, or none
 * can be used now; else as signing_sign_document().
 */
enum err signing_provider_sign(struct tx *tx, const struct signing_provider_request *rq,
                               const struct pdf_source *document, struct buf *tail,
                               struct pdf_sign_result *result) MUST_CHECK;

/*
 * For `shomeictl init`: make the seals that are missing, or that end within 60 days, in the tenant
 * of the provider, and ask for their certificates; *made are the certificates to be issued, at most
 * one for each purpose.
 */
enum err signing_provider_make(struct tx *tx, struct tenant_id provider, struct str organisation,
                               const struct audit_by *by, struct timestamp now,
                               struct certificate_id made[SIGNING_PROVIDER__MAX],
                               size_t *n) MUST_CHECK;
