/*
 * registration_keys.h - keys that this service makes for an application, and requests that people
 * bring. Part of the slice; implemented in registration_make_work.c and registration_request.c.
 */
#pragma once

#include "base/secret.h"
#include "features/registration/registration_draft.h"

/*
 * A key in the signing token for the draft, sealed with the PIN of the person whose it will be, and
 * the request that it signed. It becomes a credential when the certificate is issued and is erased
 * when the application ends otherwise. E_INPUT "pin-required", "pin-weak"; E_BACKEND
 * "hsm-unavailable".
 */
enum err registration_key_make(struct tx *tx, const struct registration_draft *d, struct str label,
                               const struct secret *pin, struct timestamp now, struct bytes *csr,
                               struct str *credential) MUST_CHECK;

/* What a request holds, for a person to look at before it is sent. */
struct registration_request {
    struct bytes der;
    struct str subject;      /* RFC 4514 text, "" when empty */
    const struct str *names; /* alternative names, "DNS:…" */
    size_t names_n;
    struct str key;         /* "RSA 3072", "P-256" */
    struct str fingerprint; /* SHA-256 of the public key (SPKI), hex */
};
/* Read a request, DER or PEM. E_INPUT "csr-malformed". */
enum err registration_request_read(struct arena *a, struct bytes data,
                                   struct registration_request *out) MUST_CHECK;
