/*
 * pdf_verify.h - judges every signature and document time-stamp of a PDF: structure, cryptography,
 * signer, chain, revocation at the right time with proof of existence, level, and what was added
 * afterwards (ETSI EN 319 102-1, EN 319 142-1, ISO 32000-2 12.8). Hostile input is expected.
 */
#pragma once

#include "sign/pdf_sign.h"

enum pdf_verdict { PDF_TOTAL_PASSED, PDF_INDETERMINATE, PDF_TOTAL_FAILED };

enum pdf_signature_kind { PDF_KIND_SIGNATURE, PDF_KIND_DOCUMENT_TIMESTAMP };

/* What was appended after the revision that a signature covers; bits. */
enum pdf_later {
    PDF_LATER_NOTHING = 0,     /* the signature covers the whole file */
    PDF_LATER_DSS = 1,         /* validation material */
    PDF_LATER_TIMESTAMP = 2,   /* a document time-stamp */
    PDF_LATER_SIGNATURE = 4,   /* another signature */
    PDF_LATER_FORM = 8,        /* values of form fields, or their appearance */
    PDF_LATER_ANNOTATION = 16, /* annotations */
    PDF_LATER_OTHER = 32,      /* anything else, so possibly the content */
};

/* Why a verdict is as it is: a stable code and an English sentence for the message catalogue. */
struct pdf_reason {
    const char *code;
    const char *text;
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
    size_t revision_end;           /* length of the file that this signature covers */
    unsigned later;                /* enum pdf_later bits */
    bool intact;                   /* digest and signature fit */
    enum pdf_level level;          /* reached; meaningful when intact */
    bool baseline;                 /* the PAdES baseline rules hold */
    struct pdf_cert_report *chain; /* signer (or TSA) first */
    size_t chain_n;
    bool has_token; /* a signature time-stamp that fits */
    struct timestamp_token token;
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
    size_t size;
    struct timestamp at;      /* moment of validation */
    enum pdf_verdict verdict; /* the worst of all signatures; indeterminate if there are none */
    bool hybrid, encrypted;
    struct pdf_signature_report *signatures; /* by the end of what they cover */
    size_t signatures_n;
};

/*
 * Judge the file at `at` (TIMESTAMP_NONE: clock_now()). A readable PDF without any signature gives
 * a report with none. E_INPUT / E_UNSUPPORTED with the reasons of pdf_sign() when the file cannot
 * be read. The report lives in the arena; slices of it may point into `pdf`.
 */
enum err pdf_verify(struct bytes pdf, const struct pdf_trust *trust, struct timestamp at,
                    struct arena *a, struct pdf_report **out) MUST_CHECK;

/* "total-passed", "indeterminate", "total-failed". */
const char *pdf_verify_verdict_name(enum pdf_verdict verdict);

/* Every reason that can occur, for the message catalogue and its test; ends with a NULL code. */
extern const struct pdf_reason pdf_verify_reasons[];
