/*
 * pdf_verify.h - judges every signature and document time-stamp of a PDF: structure, cryptography,
 * signer, chain, revocation at the right time with proof of existence, level, and what was added
 * afterwards (ETSI EN 319 102-1, EN 319 142-1, ISO 32000-2 12.8). Hostile input is expected.
 */
#pragma once

#include "sign/pdf_sign.h"
#include "sign/pdf_trust_lists.h"
#include "sign/pdf_verify_change.h"

enum pdf_verdict { PDF_TOTAL_PASSED, PDF_INDETERMINATE, PDF_TOTAL_FAILED };

enum pdf_signature_kind { PDF_KIND_SIGNATURE, PDF_KIND_DOCUMENT_TIMESTAMP };

/* Why a verdict is as it is: a stable code and an English sentence for the message catalogue. */
struct pdf_reason {
    const char *code;
    const char *text;
};

/* Where the evidence about a certificate's revocation came from. */
enum pdf_evidence_source {
    PDF_EVIDENCE_NONE,     /* none was found */
    PDF_EVIDENCE_EXEMPT,   /* none is needed: an anchor, self-signed, or id-pkix-ocsp-nocheck */
    PDF_EVIDENCE_DOCUMENT, /* the document security store, or the signature itself */
    PDF_EVIDENCE_FETCHED,  /* asked for now */
};

/* One certificate of a chain, as people want to read it. */
struct pdf_cert_report {
    struct bytes der;
    struct str subject, issuer; /* RFC 4514 */
    struct str common_name;
    struct str serial; /* hexadecimal, lower case */
    struct timestamp not_before, not_after;
    bool anchor;
    bool revocation_known; /* evidence below is filled */
    enum pdf_evidence_source source;
    struct timestamp evidence_proven; /* by then the evidence existed (a later time-stamp covers
                                         it); TIMESTAMP_NONE: not proven */
    struct revocation_evidence revocation;
};

struct pdf_signature_report {
    enum pdf_signature_kind kind;
    struct str field;      /* full name of the form field */
    struct str sub_filter; /* "ETSI.CAdES.detached" ... */
    struct str name, reason, location,
        contact;                   /* claimed in the dictionary; absent when not there */
    struct timestamp claimed;      /* /M; TIMESTAMP_NONE when absent or malformed */
    int certification;             /* DocMDP permission 1..3, 0: an approval signature */
    uint64_t revision_end;         /* length of the file that this signature covers */
    unsigned later;                /* enum pdf_later bits */
    bool later_allowed;            /* all that came later may come later */
    int permission;                /* P that holds for what follows: of the certification, or of a
                                      lock; 0: none was said */
    struct str locked;             /* fields that this signature locks, as words: "all", names ...
                                      or absent */
    bool intact;                   /* digest and signature fit */
    enum pdf_level level;          /* reached; meaningful when intact */
    bool baseline;                 /* the PAdES baseline rules hold */
    struct pdf_cert_report *chain; /* signer (or TSA) first */
    size_t chain_n;
    bool has_token; /* a signature time-stamp that fits */
    struct timestamp_token token;
    struct pdf_cert_report *tsa_chain; /* of the token of a signature, TSA first */
    size_t tsa_chain_n;
    bool token_believed;           /* the token's time holds */
    const char *etsi_level;        /* "PAdES-B-LTA" ..., "" where no level is reached */
    bool past;                     /* valid only by what proofs of existence say about the past */
    struct timestamp control_time; /* the chain was judged at that time */
    bool marked, tsa_marked;       /* a list of services says something */
    struct pdf_mark mark, tsa_mark;
    struct timestamp best_time; /* earliest proven existence; TIMESTAMP_NONE: none proven */
    struct str digest_algorithm,
        signature_algorithm; /* "SHA-256", "RSA", "RSA-PSS", "ECDSA P-256" */
    enum pdf_verdict verdict;
    const char *sub_indication; /* ETSI name such as "REVOKED"; "" when passed */
    struct pdf_reason *reasons;
    size_t reasons_n;
};

struct pdf_report {
    struct bytes32 digest; /* SHA-256 of the file */
    uint64_t size;
    struct timestamp at;      /* moment of validation */
    enum pdf_verdict verdict; /* the worst of all signatures; indeterminate if there are none */
    bool hybrid, encrypted;
    struct pdf_signature_report *signatures; /* by the end of what they cover */
    size_t signatures_n;
    struct pdf_revision *revisions; /* what follows the first signature, oldest first */
    size_t revisions_n;
    unsigned pages;
};

/*
 * Judge the file at `at` (TIMESTAMP_NONE: clock_now()). A readable PDF without any signature gives
 * a report with none. E_INPUT / E_UNSUPPORTED with the reasons of pdf_sign() when the file cannot
 * be read; `password` is that of an encrypted file, NULL the empty one. The report lives in the
 * arena.
 */
enum err pdf_verify(const struct pdf_source *source, const struct secret *password,
                    const struct pdf_trust *trust, struct timestamp at, struct arena *a,
                    struct pdf_report **out) MUST_CHECK;

/* "total-passed", "indeterminate", "total-failed". */
const char *pdf_verify_verdict_name(enum pdf_verdict verdict);

/* Every reason that can occur, for the message catalogue and its test; ends with a NULL code. */
extern const struct pdf_reason pdf_verify_reasons[];
