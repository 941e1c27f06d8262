/*
 * front.h - what the FastCGI programs in front of people and systems share: two database
 * connections, the signing token, and the hooks that http/ calls.
 */
#pragma once

#include "base/settings.h"
#include "http/app.h"
#include "store/db.h"

struct hsm;
struct operators_person;

struct front {
    const struct settings *settings;
    enum db_program program;
    struct secret *master; /* http.secret_file: other keys are derived from it */
    struct secret *csrf_key;
    struct app *app;
    /* per worker */
    struct db *db;   /* the request's transaction */
    struct db *side; /* what is committed whatever becomes of the request */
    struct hsm *hsm; /* NULL while it is not to be had */
    /* Behind the certificate of this request, in its arena; NULL: none of ours. */
    const struct operators_person *operator_seen;
};

/* Before the fork: secrets. E_INPUT when a file is missing. */
enum err front_prepare(struct front *f) MUST_CHECK;
void front_release(struct front *f);

/* After the fork, as serve_params.worker_init and worker_end; `arg` is the struct front. */
enum err front_open(void *arg) MUST_CHECK;
void front_close(void *arg);

/* Hooks that both programs have; `arg` is the struct front. */
enum err front_begin(void *arg, struct arena *a, struct tx **tx);
enum err front_commit(void *arg, struct tx *tx);
void front_rollback(void *arg, struct tx *tx);
enum err front_rate_count(void *arg, const struct rate_key *key, struct rate_counts *out);
void front_refused(void *arg, const struct refusal *r);
void front_metrics(void *arg, struct buf *out);
extern const struct ready_check front_ready[];

/* --- front_person.c: people in browsers --- */
enum err front_session_load(void *arg, struct arena *a, const struct bytes32 *token_hash,
                            struct timestamp now, struct session_state *out);
enum err front_session_seen(void *arg, struct session_id session, struct timestamp now);

/* --- front_operator.c: LRA operators by certificate --- */
enum err front_operator_load(void *arg, struct arena *a, struct str pem, struct timestamp now,
                             struct who *out);
void front_operator_seen(void *arg, const struct client_use *use);

/* Files that a worker of this program may still read after locking itself in; NULL-terminated,
 * lives as long as the process. */
const char *const *front_readable(const struct front *f);
