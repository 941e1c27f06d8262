/*
 * pdf_verify_reasons.c - the sentences that explain a verdict. English is the source text of the
 * message catalogue; codes are stable.
 */
#include "sign/pdf_verify.h"

/* Marks a text for the catalogue (tools/check-messages); sign/ itself translates nothing. */
#define MSG_INIT(text) text

const struct pdf_reason pdf_verify_reasons[] = {
    /* structure */
    { "byte-range-malformed",
      MSG_INIT("The signature does not say properly which bytes it covers.") },
    { "byte-range-gap",
      MSG_INIT("The bytes that the signature leaves out are more than its own value.") },
    { "byte-range-end",
      MSG_INIT("The signature does not reach the end of a version of the document.") },
    { "revision-unreadable",
      MSG_INIT("The version of the document that was signed cannot be read.") },
    { "signature-moved", MSG_INIT("The signature does not belong to the version that it covers.") },
    { "signature-shared", MSG_INIT("Two signature fields share one signature.") },
    { "signature-doubled",
      MSG_INIT("The signature is written in a way that programs understand differently.") },
    { "sub-filter-unsupported", MSG_INIT("The kind of signature is not supported.") },
    { "cms-malformed", MSG_INIT("The signature's data are damaged or not of the expected form.") },
    { "digest-unsupported",
      MSG_INIT("The signature uses a digest algorithm that is not supported.") },
    { "not-baseline", MSG_INIT("The signature does not follow the PAdES baseline profile.") },
    /* cryptography */
    { "digest-mismatch",
      MSG_INIT("The document was changed: its digest is not the one that was signed.") },
    { "signature-invalid", MSG_INIT("The signature value does not fit the signer's certificate.") },
    { "signer-missing", MSG_INIT("The signature carries no certificate of its signer.") },
    { "signing-certificate",
      MSG_INIT("The signature was made for another certificate than the one given.") },
    { "algorithm-weak",
      MSG_INIT("The signature uses an algorithm or a key that is no longer safe.") },
    { "algorithm-weak-later",
      MSG_INIT("The algorithm is no longer safe today; it was at the proven time.") },
    /* chain */
    { "chain-incomplete", MSG_INIT("The issuer of the signer's certificate is unknown.") },
    { "chain-untrusted",
      MSG_INIT("The signer's certificate does not lead to a trusted authority.") },
    { "chain-expired",
      MSG_INIT("A certificate had expired, and no timestamp proves an earlier time.") },
    { "chain-not-yet-valid", MSG_INIT("A certificate was not valid yet at the time of signing.") },
    { "chain-invalid", MSG_INIT("The signer's chain of certificates breaks a rule.") },
    { "certificate-malformed", MSG_INIT("A certificate is damaged.") },
    { "key-usage", MSG_INIT("The signer's certificate is not meant for signing documents.") },
    /* revocation */
    { "revocation-unknown", MSG_INIT("Whether a certificate was revoked could not be found out.") },
    { "revocation-stale",
      MSG_INIT("The revocation data are older than the signature; newer ones are needed.") },
    { "revocation-unproven",
      MSG_INIT("The certificate has ended, and nothing proves what was known about its revocation "
               "until then.") },
    { "revoked",
      MSG_INIT("The signer's certificate had been revoked before the signature was made.") },
    { "revoked-no-proof",
      MSG_INIT(
          "The signer's certificate is revoked, and no timestamp proves an earlier signature.") },
    { "issuer-revoked", MSG_INIT("The certificate of an issuing authority is revoked.") },
    { "issuer-revoked-later",
      MSG_INIT("The certificate of an issuing authority was revoked after the proven time.") },
    { "revoked-later",
      MSG_INIT(
          "The certificate was revoked later; a timestamp proves that the signature is older.") },
    /* time */
    { "timestamp-malformed", MSG_INIT("A timestamp is damaged.") },
    { "timestamp-signature", MSG_INIT("The signature of a timestamp does not fit.") },
    { "timestamp-imprint", MSG_INIT("A timestamp is over other data than this signature.") },
    { "timestamp-certificate",
      MSG_INIT("A timestamp was made with a certificate that is not for it.") },
    { "timestamp-untrusted", MSG_INIT("A timestamp does not come from a trusted authority.") },
    { "timestamp-expired",
      MSG_INIT("The certificate of a timestamp has expired and no later timestamp protects it.") },
    { "timestamp-revoked",
      MSG_INIT("The certificate of a timestamp is revoked: its time is void.") },
    { "timestamp-revocation-unknown",
      MSG_INIT("Whether the certificate of a timestamp was revoked could not be found out.") },
    { "timestamp-order",
      MSG_INIT("A timestamp says an earlier time than one that was there before it.") },
    { "time-not-proven", MSG_INIT("The time of signing is only what the signer claimed.") },
    /* later changes */
    { "later-validation-data", MSG_INIT("Validation data were added later.") },
    { "later-timestamp", MSG_INIT("A document timestamp was added later.") },
    { "later-signature", MSG_INIT("Another signature was added later.") },
    { "later-form", MSG_INIT("Values of form fields were changed after this signature.") },
    { "later-annotation", MSG_INIT("Annotations were added or changed after this signature.") },
    { "later-metadata", MSG_INIT("The description of the document was changed later.") },
    { "later-other", MSG_INIT("The document was changed after this signature.") },
    { "later-locked", MSG_INIT("A form field that this signature locks was changed.") },
    { "later-covers", MSG_INIT("Something was added later that can cover or imitate content.") },
    { "later-forbidden",
      MSG_INIT("The document was changed in a way that its certification forbids.") },
    { NULL, NULL },
};
