/* rs_work.h - the signer's part of this slice: sending notices, jobs. Tables for signer_parts.c. */
#pragma once

#include "features/rs/rs.h"
#include "store/worker.h"

struct settings;

/* After rs_init(); reads gateway.socket and run_dir. */
enum err rs_work_init(const struct settings *c) MUST_CHECK;
void rs_work_end(void);

/* rs_deliver_work.c and rs_run_work.c */
extern const struct worker_job rs_work_jobs[];
extern const struct worker_job rs_run_jobs[];
extern const struct worker_task rs_work_tasks[];

/* --- inside: rs_run_work.c for rs_deliver_work.c --- */
enum err rs_run_open(const struct settings *c) MUST_CHECK;
void rs_run_close(void);
enum err rs_run_purge(struct work *w) MUST_CHECK;
