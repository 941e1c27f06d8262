/* signing_verify.h - what the verifier found, for pages and API. Part of signing.h. */
#pragma once

#include "features/signing/signing.h"

struct signing_verify_certificate {
    struct str subject, issuer, serial;
    struct timestamp not_before, not_after;
    struct str revocation; /* "good", "revoked", "unknown", "anchor" */
    struct timestamp revoked_at;
};

struct signing_verify_signature {
    struct str kind; /* "signature" or "document-timestamp" */
    struct str field, signer, reason, location, level, verdict, sub_indication, algorithm;
    struct timestamp claimed, timestamp, best_time;
    struct str tsa;
    bool intact, whole_file;
    bool content_changed; /* something that may be content came after it */
    uint32_t later;
    int certification;
    struct signing_verify_certificate *chain;
    size_t chain_n;
    const char **reasons; /* English sentences for the catalogue */
    const char **reason_codes;
    size_t reasons_n;
};

struct signing_verification {
    struct str verdict; /* "total-passed", "indeterminate", "total-failed", "no-signature" */
    struct bytes32 digest;
    uint64_t size;
    struct timestamp at;
    struct signing_verify_signature *signatures;
    size_t signatures_n;
};

/* Judge a PDF. E_INPUT / E_UNSUPPORTED with a pdf-* reason when it cannot be read. */
enum err signing_verify(struct bytes pdf, struct arena *a, struct timestamp now,
                        struct signing_verification *out) MUST_CHECK;
/* The same as a JSON report (caller frees). */
struct json *signing_verify_json(const struct signing_verification *v);
