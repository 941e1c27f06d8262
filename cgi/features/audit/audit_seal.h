/*
 * audit_seal.h - sealing the audit log and judging it.
 *
 * A seal takes all rows that have none yet, in id order, and fixes them in a chain: its digest
 * covers each row's id and contents, its chain value covers the digest and the chain value before
 * it; that value is signed and timestamped. Rows commit concurrently, so a row with a smaller id
 * may appear after its neighbours were sealed: membership is therefore listed row by row, and each
 * seal states a floor, the id below which it promises that nothing is unsealed any more (the last
 * id of the newest seal that is older than any transaction may last). A row that turns up below the
 * floor was not written by a program.
 */
#pragma once

#include "features/audit/audit.h"

struct db;

/* Longest time between a row's id being given and its commit; longer ones are reported. */
#define AUDIT_GRACE_US (15 * MINUTE_US)
/* Rows in one seal at most; the rest is left to the next one. */
#define AUDIT_SEAL_ROWS 2000

/* How seals are signed and stamped; given by the program, which holds the keys. */
struct audit_sealer {
    struct str key_name; /* stored beside the signature, to find the certificate */
    /* Sign the 32 bytes `chain` (a SHA-256 digest). Required. */
    enum err (*sign)(void *arg, struct arena *a, const struct bytes32 *chain,
                     struct bytes *signature);
    /* RFC 3161 token whose message imprint is SHA-256 `chain`. NULL: seals without time stamp. */
    enum err (*stamp)(void *arg, struct arena *a, const struct bytes32 *chain, struct bytes *token);
    void *arg;
};

/* The newest seal, kept outside the database so that cutting off the end is noticed. */
struct audit_anchor {
    uint64_t number; /* 0: no seal yet */
    struct bytes32 chain;
};

/*
 * Make one seal in tx over at most AUDIT_SEAL_ROWS rows. *sealed is the number of rows; 0 and E_OK
 * when there is nothing to seal. When signing or stamping fails nothing is sealed and the error is
 * returned: the rows wait for the next interval. E_CONFLICT: another worker was first.
 */
enum err audit_seal_make(struct tx *tx, const struct audit_sealer *how, struct timestamp now,
                         uint64_t *sealed, struct audit_anchor *anchor) MUST_CHECK;

enum audit_finding_kind {
    AUDIT_FOUND_ROW_CHANGED,    /* contents do not fit the row's own hash */
    AUDIT_FOUND_ROW_MISSING,    /* a seal holds it, the log does not */
    AUDIT_FOUND_ROW_ADDED,      /* below the floor without a seal, or sealed after its time */
    AUDIT_FOUND_ROW_LATE,       /* not sealed although the worker should have: a warning */
    AUDIT_FOUND_SEAL_CHANGED,   /* rows or columns do not fit digest, chain or previous */
    AUDIT_FOUND_SEAL_MISSING,   /* a number is skipped, or the anchor names one that is gone */
    AUDIT_FOUND_SEAL_SIGNATURE, /* signature is absent or wrong */
    AUDIT_FOUND_SEAL_TOKEN,     /* time stamp is absent or wrong */
    AUDIT_FOUND__MAX
};

struct audit_finding {
    enum audit_finding_kind kind;
    uint64_t id;      /* of the event or the seal */
    const char *text; /* English, one line, for a terminal; valid during the call */
};

/* How audit_verify judges and reports. */
struct audit_verifier {
    /* E_OK or E_INPUT. NULL: signatures are not judged. */
    enum err (*check_signature)(void *arg, struct str key_name, const struct bytes32 *chain,
                                struct bytes signature);
    /* E_OK or E_INPUT, and the time in the token. NULL: tokens are not judged. */
    enum err (*check_token)(void *arg, const struct bytes32 *chain, struct bytes token,
                            struct timestamp *at);
    /* Called for each finding, in the order of discovery. Required. */
    void (*report)(void *arg, const struct audit_finding *f);
    void *arg;
    const struct audit_anchor *anchor; /* NULL: not known */
    struct timestamp now;
};

struct audit_verdict {
    uint64_t rows, seals; /* judged */
    uint64_t unsealed;    /* young rows that wait for the next seal */
    uint64_t findings;    /* without warnings */
    uint64_t warnings;
};

/*
 * Judge the whole log, page by page, in read-only transactions of its own on `db` (none may be
 * open). E_OK when it could be read, whatever was found: look at verdict->findings. audit_init()
 * must have been called.
 */
enum err audit_seal_verify(struct db *db, const struct audit_verifier *how,
                           struct audit_verdict *verdict) MUST_CHECK;
