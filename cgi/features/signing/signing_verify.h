/* signing_verify.h - what the verifier found, for pages, API and reports. Part of signing.h. */
#pragma once

#include "features/signing/signing.h"

struct pdf_source;

struct signing_verify_certificate {
    struct str subject, issuer, serial;
    struct timestamp not_before, not_after;
    struct str revocation; /* "good", "revoked", "unknown", "anchor" */
    struct str source;     /* of that word: "document", "fetched", or "" */
    struct timestamp revoked_at;
    struct timestamp asked_at; /* when the evidence was made; TIMESTAMP_NONE when none */
};

/* What a supervisor's list of services says. */
struct signing_verify_mark {
    struct str kind; /* "qualified-signature" ...; absent: nothing is said */
    struct str service, list;
    struct timestamp list_issued, since;
};

struct signing_verify_signature {
    struct str kind; /* "signature" or "document-timestamp" */
    struct str field, signer, reason, location, level, verdict, sub_indication, algorithm;
    struct str etsi_level; /* "PAdES-B-LTA" ..., "" where none is reached */
    struct timestamp claimed, timestamp, best_time, control_time;
    struct str tsa;
    bool intact, whole_file;
    bool past;            /* valid by what proofs of existence say about the past */
    bool content_changed; /* something that may be content came after it */
    bool later_allowed;   /* all that came later may come later */
    uint32_t later;
    int certification, permission;
    struct str locked; /* fields that it locks: "all", names, or absent */
    struct signing_verify_certificate *chain, *tsa_chain;
    size_t chain_n, tsa_chain_n;
    struct signing_verify_mark mark, tsa_mark;
    const char **reasons; /* English sentences for the catalogue */
    const char **reason_codes;
    size_t reasons_n;
};

/* One change after a signature. `text` and `rule_text` are of the catalogue; in `text` {page},
 * {field}, {object}, {what}, {old} and {new} stand for the members of that name. */
struct signing_verify_change {
    const char *code, *text, *rule, *rule_text;
    bool allowed;
    struct str page, field, object, what, old, new; /* "" where there is none */
    struct str path;
    struct str sentence; /* `text` in English, filled in */
};

/* A later version of the file: what was added between two signatures, or after the last. */
struct signing_verify_revision {
    uint64_t from, to;
    bool allowed;
    struct signing_verify_change *changes;
    size_t changes_n, left_out;
};

struct signing_verification {
    struct str verdict; /* "total-passed", "indeterminate", "total-failed", "no-signature" */
    struct bytes32 digest;
    uint64_t size;
    uint32_t pages;
    bool encrypted;
    struct timestamp at;
    struct signing_verify_signature *signatures;
    size_t signatures_n;
    struct signing_verify_revision *revisions;
    size_t revisions_n;
};

/* What is to be judged: `source` where it is set, else `pdf`. */
struct signing_verify_request {
    struct bytes pdf;
    const struct pdf_source *source;
    const struct secret *password; /* NULL: none, or the empty one */
    struct timestamp at;           /* the moment of validation */
};

/*
 * Judge a PDF. E_INPUT / E_UNSUPPORTED with a pdf-* reason when it cannot be read; E_LIMIT
 * "document-too-large". The findings live in the arena.
 */
enum err signing_verify(const struct signing_verify_request *rq, struct arena *a,
                        struct signing_verification *out) MUST_CHECK;
/* The same as a JSON report (caller frees). */
struct json *signing_verify_json(const struct signing_verification *v);
