/*
 * signing_kit.h - everything that signing needs, real: database, three tokens, authorities, people
 * with issued certificates, an API client with a seal, and a gateway process that reaches this
 * installation's own OCSP responder and TSA instead of the network.
 */
#pragma once

#include "people.h"

#include "features/signing/signing.h"
#include "sign/hsm.h"

#define KIT_PIN "Wisteria-42"

struct signing_kit {
    struct people p;
    struct arena *a; /* the test's; = p.a */
    struct db *side, *api, *api_side;
    struct hsm *ca, *signing;
    struct settings *settings;
    pid_t gateway;
    struct signing_owner hanako, taro, alice; /* alice is of another tenant */
    struct str hanako_key, taro_key, alice_key, seal;
    struct signing_owner client;
    struct str client_pem;
    struct certificate_id client_certificate;
    struct bytes pdf;
};
extern struct signing_kit kit;

/* False when there is no SoftHSM. `argv` of main: the gateway is this program once more. */
bool signing_kit_start(int argc, char **argv);
void signing_kit_stop(void);
/* Use the portal's side connection, or the API's, from now on. */
void signing_kit_as_portal(void);
void signing_kit_as_api(void);

/* Let the gateway fail for this purpose ("tsa", "ocsp", "crl") or work again. */
void signing_kit_down(const char *purpose, bool down);
/* A new certificate request of the seal or person, issued. */
struct str signing_kit_credential(struct signing_owner owner, const char *label, const char *kind,
                                  const char *pin, const char *cn);
/* Certificate id of a credential. */
struct certificate_id signing_kit_certificate(struct str credential);

/* Store `pdf` for the owner, committed; absent when it was refused. */
struct str signing_kit_upload(struct signing_owner owner, struct bytes pdf);
/* A request to sign by a person at kit.p.now with the right PIN and no code asked. */
struct signing_request signing_kit_request(struct signing_owner owner, struct str credential,
                                           enum signing_level level);
/* Sign a stored document in a transaction of its own; committed when it succeeds. */
enum err signing_kit_sign(const struct signing_request *rq, struct str document,
                          struct signing_receipt *out);
/* Its current bytes. */
struct bytes signing_kit_bytes(struct signing_owner owner, struct str document);
/* A verification of the bytes: verdict. `level`, may be NULL: of the first signature. */
struct str signing_kit_verdict(struct bytes pdf, struct str *level, size_t *signatures);
