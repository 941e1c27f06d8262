/*
 * verification.h - bulk verification: a person's sets of judged files, for a look at many documents
 * at once and for the check of a chosen period that the books-preservation law asks for
 * (電子帳簿保存法 施行規則 2条6項2号ロ). The files are judged as they arrive and never stored; what
 * was found goes after eight hours, or when its owner says so.
 *
 * Rules need a database; verification_judge_*() needs signing_setup() (it asks for revocation
 * data).
 */
#pragma once

#include "base/buf.h"
#include "features/audit/audit.h"

struct tx;
struct json;

enum {
    VERIFICATION_SETS_MAX = 20,         /* of one person at a time */
    VERIFICATION_ITEMS_MAX = 5000,      /* files of one set */
    VERIFICATION_ZIP_MAX = 300,         /* files of one ZIP */
    VERIFICATION_FILE_MAX = 100 << 20,  /* bytes of one file inside a ZIP */
    VERIFICATION_ZIP_TOTAL = 512 << 20, /* bytes of all of them, unpacked */
};

/* A signed-in person. */
struct verification_owner {
    struct tenant_id tenant;
    struct account_id account;
};

struct verification_set {
    uint64_t id;
    struct str public_id, title;
    struct timestamp created, delete_at;
    uint64_t files, passed, failed; /* in lists only */
};

/* What is shown of a set: all members optional. */
struct verification_filter {
    struct str name;           /* part of the file name */
    struct str outcome;        /* one of the words below, or empty */
    struct timestamp from, to; /* when the document was proven to exist; `to` is exclusive */
    struct str sort; /* "name", "time", "outcome", with "-" the other way; else as judged */
    uint32_t offset, limit;
};

/* One judged file. `outcome`: "total-passed" "indeterminate" "total-failed" (ETSI EN 319 102-1),
 * "no-signature", "unreadable" (then reason_code says why). */
struct verification_item {
    uint64_t id;
    struct str filename;
    uint64_t size;
    struct bytes32 digest;
    struct str outcome, reason_code, sub_indication;
    uint32_t signatures;
    struct str signer, level;   /* of the last signature, "" when none */
    struct timestamp proven_at; /* earliest proven existence; TIMESTAMP_NONE when none */
    struct str tsa, accredited;
    struct timestamp judged;
};

struct verification_counts {
    uint64_t n, passed, indeterminate, failed, none, unreadable;
};

/* Begin a set. E_LIMIT "verification-sets" when the person has VERIFICATION_SETS_MAX. */
enum err verification_set_new(struct tx *tx, struct verification_owner owner, struct str title,
                              const struct audit_by *by, struct timestamp now,
                              struct str *public_id) MUST_CHECK;
/* E_ABSENT "verification-unknown" when it is not the owner's, or over. */
enum err verification_set_find(struct tx *tx, struct verification_owner owner, struct str public_id,
                               struct timestamp now, struct verification_set *out) MUST_CHECK;
/* At most 50, newest first. */
enum err verification_set_list(struct tx *tx, struct verification_owner owner, struct timestamp now,
                               struct verification_set **rows, size_t *n) MUST_CHECK;
/* Delete it with all findings. E_ABSENT as above. */
enum err verification_set_erase(struct tx *tx, struct verification_owner owner,
                                struct str public_id, const struct audit_by *by) MUST_CHECK;

/* How many files the set may still get. */
enum err verification_set_room(struct tx *tx, const struct verification_set *set,
                               uint64_t *room) MUST_CHECK;
/* Keep a finding; the same file under the same name replaces the earlier one. */
enum err verification_item_put(struct tx *tx, const struct verification_set *set,
                               const struct verification_item *item) MUST_CHECK;
enum err verification_item_list(struct tx *tx, const struct verification_set *set,
                                const struct verification_filter *f,
                                struct verification_item **rows, size_t *n,
                                struct verification_counts *counts) MUST_CHECK;
/* --- verification_judge_work.c --- */

/*
 * Judge what arrived, a PDF or a ZIP of PDFs (other files in it are counted as unreadable), and
 * keep the findings in the set. *judged tells how many files. E_INPUT "zip-damaged",
 * "zip-encrypted", "zip-empty"; E_LIMIT "zip-files", "zip-total", "verification-items": then
 * nothing is kept.
 */
enum err verification_judge(struct tx *tx, const struct verification_set *set, struct str filename,
                            struct bytes data, struct timestamp now, size_t *judged) MUST_CHECK;
