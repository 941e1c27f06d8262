/* csr.h - certification requests (PKCS#10, RFC 2986): build, read, proof of possession. */
#pragma once

#include "pki/x509.h"

struct csr {
    struct bytes der;
    struct bytes subject; /* DER name */
    struct bytes spki;
    struct bytes san; /* whole GeneralNames from the extensionRequest, absent when none */
};

/* Build and sign a request. */
enum err csr_build(const struct signer *key, struct bytes spki, struct bytes subject,
                   struct arena *a, struct bytes *der) MUST_CHECK;
/* Parse DER, or PEM when it starts with "-----". At most 16 kB. E_INPUT "csr-malformed". */
enum err csr_parse(struct bytes data, struct arena *a, struct csr *out) MUST_CHECK;
/* Proof of possession. E_INPUT "csr-signature". */
enum err csr_verify(const struct csr *c) MUST_CHECK;
/*
 * What it asks for as alternative names, as text for people: "DNS:example.jp", "email:…", "URI:…",
 * "IP:…"; kinds that we do not know are left out. At most `max`; deceptive characters replaced.
 */
size_t csr_names(const struct csr *c, struct arena *a, struct str *names, size_t max);
/* "RSA 3072", "P-256", "P-384"; "?" for another key. */
struct str csr_key_text(struct arena *a, struct bytes spki);
