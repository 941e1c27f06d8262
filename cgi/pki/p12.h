/*
 * p12.h - PKCS#12 (RFC 7292) for keys that the service makes for somebody else: built in memory,
 * handed over, forgotten. The same parameters as static/js/p12.js, for the same key stores.
 */
#pragma once

#include "base/secret.h"

/*
 * The file: PBES2 with AES-256-CBC and PBKDF2 over HMAC-SHA256, MAC HMAC-SHA256. `pkcs8` is what
 * signer_key_private() gives; chain[0] is the certificate of the key, the others those above it.
 * E_INPUT "p12-mismatch" when the key is not the certificate's. `name` is what key stores show.
 */
enum err p12_build(const struct secret *pkcs8, const struct bytes *chain, size_t n,
                   const struct secret *password, struct str name, struct arena *a,
                   struct bytes *der) MUST_CHECK;

/* The same with so many rounds of PBKDF2 for key and MAC: fewer do behind a random password. */
enum err p12_build_rounds(const struct secret *pkcs8, const struct bytes *chain, size_t n,
                          const struct secret *password, struct str name, unsigned rounds,
                          struct arena *a, struct bytes *der) MUST_CHECK;

/* 20 random characters in groups of five (100 bits), none easily taken for another. */
struct secret *p12_password(void);
