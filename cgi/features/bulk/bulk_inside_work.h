/* bulk_inside_work.h - what the files of the worker's part share. */
#pragma once

#include "features/bulk/bulk_inside.h"
#include "features/bulk/bulk_words.h"
#include "store/worker.h"

/* The run of a job's payload, held for the transaction, with profile, columns and the person.
 * E_ABSENT: thrown away meanwhile. */
enum err bulk_work_load(struct work *w, struct bulk_inside *out) MUST_CHECK;
/* The text of a cell. E_INPUT "bulk-encoding". */
enum err bulk_work_text(struct arena *a, const struct bulk_inside *run, struct bytes cell,
                        struct str *out) MUST_CHECK;
/* Do one row; `order` is judged and refuses nothing. What became of it in the last four. */
struct bulk_done {
    enum bulk_row_state state;
    struct application_id application;
    struct certificate_id certificate;
    struct str receipt;
};
struct registration_new;
enum err bulk_work_do(struct tx *tx, const struct bulk_inside *run, uint32_t seq,
                      struct bulk_order *order, struct registration_new *n,
                      struct certificate_id certificate, struct timestamp now,
                      struct bulk_done *out) MUST_CHECK;
/* Handlers of the run's jobs, bulk_run_work.c. */
enum err bulk_work_run(struct work *w) MUST_CHECK;
enum err bulk_work_settle(struct work *w) MUST_CHECK;
/* The mail at the end, bulk_mail_work.c. */
void bulk_work_words(bulk_words_fn words, struct str portal, struct str provider);
enum err bulk_work_tell(struct tx *tx, const struct bulk_inside *run,
                        struct timestamp now) MUST_CHECK;
