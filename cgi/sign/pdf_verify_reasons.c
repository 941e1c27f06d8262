/*
 * pdf_verify_reasons.c - the sentences that explain a verdict. English is the source text of the
 * message catalogue; codes are stable.
 */
#include "sign/pdf_verify.h"

const struct pdf_reason pdf_verify_reasons[] = {
    /* structure */
    { "byte-range-malformed", "The signature does not say properly which bytes it covers." },
    { "byte-range-gap", "The bytes that the signature leaves out are more than its own value." },
    { "byte-range-end", "The signature does not reach the end of a version of the document." },
    { "revision-unreadable", "The version of the document that was signed cannot be read." },
    { "signature-moved", "The signature does not belong to the version that it covers." },
    { "sub-filter-unsupported", "The kind of signature is not supported." },
    { "cms-malformed", "The signature's data are damaged or not of the expected form." },
    { "digest-unsupported", "The signature uses a digest algorithm that is not supported." },
    { "not-baseline", "The signature does not follow the PAdES baseline profile." },
    /* cryptography */
    { "digest-mismatch", "The document was changed: its digest is not the one that was signed." },
    { "signature-invalid", "The signature value does not fit the signer's certificate." },
    { "signer-missing", "The signature carries no certificate of its signer." },
    { "signing-certificate", "The signature was made for another certificate than the one given." },
    { "algorithm-weak", "The signature uses SHA-1, which is no longer safe." },
    /* chain */
    { "chain-incomplete", "The issuer of the signer's certificate is unknown." },
    { "chain-untrusted", "The signer's certificate does not lead to a trusted authority." },
    { "chain-expired", "A certificate had expired, and no timestamp proves an earlier time." },
    { "chain-not-yet-valid", "A certificate was not valid yet at the time of signing." },
    { "chain-invalid", "The signer's chain of certificates breaks a rule." },
    { "certificate-malformed", "A certificate is damaged." },
    { "key-usage", "The signer's certificate is not meant for signing documents." },
    /* revocation */
    { "revocation-unknown", "Whether a certificate was revoked could not be found out." },
    { "revocation-stale",
      "The revocation data are older than the signature; newer ones are needed." },
    { "revoked", "The signer's certificate had been revoked before the signature was made." },
    { "revoked-no-proof",
      "The signer's certificate is revoked, and no timestamp proves an earlier signature." },
    { "issuer-revoked", "The certificate of an issuing authority is revoked." },
    { "revoked-later",
      "The certificate was revoked later; a timestamp proves that the signature is older." },
    /* time */
    { "timestamp-malformed", "A timestamp is damaged." },
    { "timestamp-signature", "The signature of a timestamp does not fit." },
    { "timestamp-imprint", "A timestamp is over other data than this signature." },
    { "timestamp-certificate", "A timestamp was made with a certificate that is not for it." },
    { "timestamp-untrusted", "A timestamp does not come from a trusted authority." },
    { "timestamp-expired",
      "The certificate of a timestamp has expired and no later timestamp protects it." },
    { "timestamp-revoked", "The certificate of a timestamp is revoked: its time is void." },
    { "timestamp-revocation-unknown",
      "Whether the certificate of a timestamp was revoked could not be found out." },
    { "timestamp-order", "A timestamp says an earlier time than one that was there before it." },
    { "time-not-proven", "The time of signing is only what the signer claimed." },
    /* later changes */
    { "later-validation-data", "Validation data were added later." },
    { "later-timestamp", "A document timestamp was added later." },
    { "later-signature", "Another signature was added later." },
    { "later-form", "Values of form fields were changed after this signature." },
    { "later-annotation", "Annotations were added or changed after this signature." },
    { "later-other", "The document was changed after this signature." },
    { "later-forbidden", "The document was changed in a way that its certification forbids." },
    { NULL, NULL },
};
