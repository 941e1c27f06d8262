/* status_issuers_work.h - the issuing authorities and their responders, as this process knows them.
 */
#pragma once

#include "base/ids.h"
#include "pki/ocsp.h"

struct db;
struct hsm;
struct signing_key;

/* One issuing authority with its responder. */
struct status_issuer {
    struct authority_id id;
    struct ocsp_issuer hashes;
    struct x509 responder;
    struct signing_key *key;
    struct signer signer;
};

struct status_issuers {
    struct arena *arena; /* owns the rows and what they point to; NULL before the first load */
    struct status_issuer *row;
    size_t n;
    int64_t loaded; /* monotonic */
};

/* Load anew when nothing is loaded or a minute has passed. What is there stays when that fails. */
enum err status_issuers_refresh(struct status_issuers *s, struct db *db, struct hsm *hsm,
                                struct timestamp now) MUST_CHECK;
void status_issuers_free(struct status_issuers *s);
/* Who issued the certificate of this CertID; NULL when it is none of us. */
const struct status_issuer *status_issuers_find(const struct status_issuers *s,
                                                const struct ocsp_certid *id);
