/*
 * bulk.h - many certificates from one file (issue item 8, P1-09): CSV or TSV, UTF-8 or Windows-31J.
 *
 * An upload is a run. The worker checks the whole file first; then a person looks at what was found
 * and starts it; then the worker does row by row, each with an outcome of its own. The same file
 * under the same profile is the same run, for ever; a row with an `id` is done once in whatever
 * file. Rows go the way of every application: features/registration, with the uploader as applicant
 * and first approver, and features/certificates.
 */
#pragma once

#include "base/buf.h"
#include "features/audit/audit.h"
#include "features/bulk/bulk_data.h"

struct tx;
struct profile;

/* --- the file (bulk_file.c) --- */

/* What is wrong with a file as a whole, for the message: reason in the fault. */
struct bulk_fault {
    uint64_t line;   /* 0: none */
    struct str what; /* the column's title at fault, or "" */
};

/*
 * Take a file: encoding and separator are found out, header and structure checked, the rows
 * counted; the rest is the worker's. E_INPUT: "bulk-empty", "bulk-encoding", "bulk-utf16",
 * "bulk-binary", "bulk-no-rows", "bulk-no-operation", "bulk-column-unknown", "bulk-column-twice",
 * "csv-…"; E_LIMIT "bulk-size", "bulk-rows", "csv-…"; E_CONFLICT "bulk-same": this file is here
 * already, *out is that run. E_ABSENT "profile-unknown": not one that this person may apply for.
 */
enum err bulk_upload(struct tx *tx, const struct audit_by *by, const struct bulk_who *who,
                     struct str profile, struct str filename, struct bytes data, struct str lang,
                     struct timestamp now, struct bulk_run *out,
                     struct bulk_fault *fault) MUST_CHECK;

/* Profiles that this person may upload files for: an LRA operator as registration authority, so
 * those that an administrator may apply for; not PROFILES_OPERATOR, for whoever uploads applies and
 * approves. */
enum err bulk_profiles(struct tx *tx, const struct bulk_who *who, const struct profile ***out,
                       size_t *n) MUST_CHECK;
/* A file to begin with: header and one example row, in this language and encoding. */
enum err bulk_template(struct arena *a, const struct profile *p, bool ja, bool windows31j,
                       bool tabs, struct bytes *out) MUST_CHECK;

/* --- runs (bulk.c) --- */

/* E_ABSENT "bulk-unknown": none, or another tenant's. */
enum err bulk_find(struct tx *tx, const struct bulk_who *who, struct str public_id,
                   struct bulk_run *out) MUST_CHECK;
/* Of the tenant, newest first, at most `limit`. */
enum err bulk_list(struct tx *tx, const struct bulk_who *who, uint32_t offset, uint32_t limit,
                   struct bulk_run **rows, size_t *n, uint64_t *total) MUST_CHECK;
enum err bulk_count(struct tx *tx, const struct bulk_run *run, struct bulk_counts *out) MUST_CHECK;
/* Those in `states` (bits 1 << enum bulk_row_state; 0: all), bad and failed ones first if `worst`.
 */
enum err bulk_rows(struct tx *tx, const struct bulk_run *run, uint32_t states, bool worst,
                   uint32_t offset, uint32_t limit, struct bulk_row **rows, size_t *n) MUST_CHECK;

/*
 * Begin. By the one who uploaded it alone (E_DENIED "bulk-not-yours"): his name stands under the
 * applications. When keys are to be made, *password (arena) is what their files open with; it is
 * nowhere else. E_STATE "bulk-state"; E_INPUT "bulk-nothing" when no row is ready.
 */
enum err bulk_start(struct tx *tx, const struct audit_by *by, const struct bulk_who *who,
                    const struct bulk_run *run, struct timestamp now,
                    struct secret **password) MUST_CHECK;
/* Stop for a while, or for good; what is done stays done. E_STATE "bulk-state". */
enum err bulk_pause(struct tx *tx, const struct audit_by *by, const struct bulk_run *run,
                    struct timestamp now) MUST_CHECK;
enum err bulk_stop(struct tx *tx, const struct audit_by *by, const struct bulk_run *run,
                   struct timestamp now) MUST_CHECK;
enum err bulk_resume(struct tx *tx, const struct audit_by *by, const struct bulk_who *who,
                     const struct bulk_run *run, struct timestamp now) MUST_CHECK;
/*
 * Again: a row that was refused or failed (seq), or all of them (0); in a run that has begun, by
 * the one who uploaded it. *n tells how many.
 */
enum err bulk_retry(struct tx *tx, const struct audit_by *by, const struct bulk_who *who,
                    const struct bulk_run *run, uint32_t seq, struct timestamp now,
                    uint64_t *n) MUST_CHECK;
/* Check once more what was not started, after something was put right; or throw it away. */
enum err bulk_recheck(struct tx *tx, const struct audit_by *by, const struct bulk_run *run,
                      struct timestamp now) MUST_CHECK;
enum err bulk_discard(struct tx *tx, const struct audit_by *by,
                      const struct bulk_run *run) MUST_CHECK;

/* --- what comes out --- */

/* Words of a result file: of an outcome, and of a finding; in the run's language. */
struct bulk_result_words {
    struct str (*outcome)(struct arena *a, bool ja, const struct bulk_row *row);
    struct str (*findings)(struct arena *a, bool ja, struct str findings_json);
};
/*
 * The uploaded columns and what came of each row, in the encoding and with the separator of the
 * upload. `failed`: rows that were not done alone, to be put right and uploaded again. E_STATE
 * "bulk-erased".
 */
enum err bulk_result(struct tx *tx, const struct bulk_run *run, bool failed,
                     const struct bulk_result_words *words, struct bytes *out) MUST_CHECK;
/* Keys of the run whose certificates are out. */
enum err bulk_keys_count(struct tx *tx, const struct bulk_run *run, uint64_t *n) MUST_CHECK;
/*
 * All of them as a ZIP of PKCS#12 files that open with the same password (bulk_zip_work.c). For the
 * uploader alone: E_DENIED "bulk-not-yours". E_INPUT "password-wrong"; E_STATE "bulk-no-keys".
 */
enum err bulk_keys_zip(struct tx *tx, const struct audit_by *by, const struct bulk_who *who,
                       const struct bulk_run *run, const struct secret *password,
                       struct timestamp now, struct bytes *zip) MUST_CHECK;
