/*
 * signing.h - remote signing: credentials, documents that are held for at most 8 hours, signatures
 * and the record of them, API clients. Pages and API of this slice, and other slices, see only
 * this.
 *
 * Rules (signing.c, signing_store.c) need a database; functions of the second part need keys or the
 * outside world too and live in signing_*work.c: they work after signing_setup().
 */
#pragma once

#include "base/buf.h"
#include "base/clock.h"
#include "base/ids.h"
#include "base/secret.h"
#include "features/audit/audit.h"

struct tx;
struct json;

/* A document is late, and the alarm goes off, when it is still there so long after its deadline. */
#define SIGNING_LATE_US (2 * MINUTE_US)
/* Consecutive wrong PINs that lock a credential (P3-141). */
#define SIGNING_PIN_TRIES 5

enum signing_level { SIGNING_ES, SIGNING_ES_T, SIGNING_ES_LT, SIGNING_ES_A, SIGNING_LEVEL__MAX };
/* "ES", "ES-T", "ES-LT", "ES-A"; parse gives E_INPUT "level-unknown". */
const char *signing_level_name(enum signing_level level);
enum err signing_level_parse(struct str name, enum signing_level *out) MUST_CHECK;

/* Whose documents and records: exactly one of account and client is set. */
struct signing_owner {
    struct tenant_id tenant;
    struct account_id account;
    struct client_id client;
};

/* --- documents --- */

enum signing_document_state {
    SIGNING_UPLOADED,
    SIGNING_SIGNED,
    SIGNING_DELETED,
    SIGNING_RECEIVING /* announced, and not all of it has come */
};

struct signing_document {
    struct document_id id;
    struct str public_id;
    struct str filename; /* absent once erased */
    uint64_t size;
    struct bytes32 digest;
    uint32_t version; /* 0: as uploaded, then the number of signatures made here */
    enum signing_document_state state;
    struct timestamp created, delete_at, deleted_at;
    struct bytes wrapped_key;
    uint32_t pieces;               /* 0: stored before pieces had positions */
    struct bytes manifest;         /* absent: receiving, or stored before */
    uint64_t expected;             /* announced size of an upload in several requests; or 0 */
    struct timestamp agreed_until; /* TIMESTAMP_NONE: 8 hours, no more */
};

struct signing_filter {
    struct str name;        /* part of the file name; empty: any */
    int state;              /* a signing_document_state, or -1 for what is still held */
    struct str sort;        /* "name", "time", "until", with "-" the other way; empty: "-time" */
    uint32_t offset, limit; /* limit <= 50 */
};

enum err signing_document_list(struct tx *tx, struct signing_owner owner,
                               const struct signing_filter *f, struct signing_document **rows,
                               size_t *n, uint64_t *total) MUST_CHECK;
/* E_ABSENT when it is not the owner's, or unknown. */
enum err signing_document_find(struct tx *tx, struct signing_owner owner, struct str public_id,
                               struct signing_document *out) MUST_CHECK;
/* Erase now: key, name and bytes. E_STATE "document-deleted" when that is done already. */
enum err signing_document_erase(struct tx *tx, struct signing_owner owner, struct str public_id,
                                const struct audit_by *by, struct timestamp now) MUST_CHECK;

/* --- signature records, kept 7 years --- */

struct signing_record {
    struct signature_id id;
    struct str public_id, level, outcome, reason_code;
    struct str kind;  /* "sign", "certify", "timestamp", "validation", "archive", "digest" */
    uint32_t certify; /* DocMDP permission of a certification */
    struct timestamp requested, finished, keep_until;
    uint64_t size_in, size_out;
    struct bytes32 digest_in, digest_out, key_id;
    struct str certificate_serial; /* hexadecimal */
    struct str credential;         /* public id; absent when none was found */
    struct str tsa, tsa_serial, archive_serial;
    struct timestamp tsa_time, archive_time;
    struct str auth_method, request_id;
    uint32_t auth_level;
    struct timestamp auth_at;
    struct document_id document;
    struct str document_public; /* absent when none */
    uint32_t document_version;
    bool document_held; /* its bytes are still there */
    struct timestamp delete_at;
};

/* Which records: empty texts and TIMESTAMP_NONE ask for all. */
struct signing_record_filter {
    struct str outcome;        /* "signed", "failed" */
    struct str level;          /* "ES" ... */
    struct timestamp from, to; /* when it was asked for; `to` is exclusive */
    uint32_t offset, limit;
};
/* Newest first; *total counts what the filter shows. */
enum err signing_record_list(struct tx *tx, struct signing_owner owner,
                             const struct signing_record_filter *f, struct signing_record **rows,
                             size_t *n, uint64_t *total) MUST_CHECK;
enum err signing_record_find(struct tx *tx, struct signing_owner owner, struct str public_id,
                             struct signing_record *out) MUST_CHECK;

/* --- readiness, metrics --- */

struct signing_gauge {
    uint64_t held, overdue, erased, erased_late;
};
enum err signing_gauges(struct tx *tx, struct timestamp now, struct signing_gauge *out) MUST_CHECK;

#include "features/signing/signing_credential.h"
#include "features/signing/signing_look.h"
#include "features/signing/signing_provider.h"
#include "features/signing/signing_seal.h"
#include "features/signing/signing_provider.h"
#include "features/signing/signing_report.h"
#include "features/signing/signing_service.h"
#include "features/signing/signing_storage.h"
#include "features/signing/signing_system.h"
#include "features/signing/signing_token.h"
#include "features/signing/signing_verify.h"
