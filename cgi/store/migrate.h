/*
 * migrate.h - the schema's way forward, and who may do what in it. For shomeictl only: it runs as
 * the owner user (or, for migrate_bootstrap, as the server's root), never inside a serving program.
 *
 * Migrations are sql/schema/NNNN_name.sql: forward only, applied in order, each statement by
 * itself, the file's SHA-256 recorded. A file that changed after it was applied is refused.
 */
#pragma once

#include "base/clock.h"
#include "base/secret.h"

/* Where, and as whom. */
struct migrate_params {
    const char *socket;
    const char *user; /* NULL: "shomei_owner"; for migrate_bootstrap: the server's root */
    const struct secret *password; /* NULL: unix_socket authentication */
    const char *name;              /* NULL: "shomei" */
    const char *schema_dir;        /* holds NNNN_*.sql */
};

/*
 * As the server's root: create the database and the owner user with this password (letters, digits,
 * '-', '_'; 16 to 128 of them). May be repeated; the password is then set anew.
 */
enum err migrate_bootstrap(const struct migrate_params *root,
                           const struct secret *owner_password) MUST_CHECK;

/* One migration file, or one that is recorded but whose file is gone. */
struct migrate_step {
    uint32_t number;
    struct str name;     /* "core" */
    bool applied;        /* recorded as complete */
    bool changed;        /* applied, and the file differs from what was applied, or is gone */
    bool broken;         /* began and did not finish: DDL cannot be rolled back */
    struct timestamp at; /* TIMESTAMP_NONE when not applied */
};

/* All steps in order. E_INPUT when the directory holds a malformed or doubled number. */
enum err migrate_status(const struct migrate_params *p, struct arena *a,
                        struct migrate_step **steps, size_t *n) MUST_CHECK;

/*
 * Apply what is missing, holding the advisory lock; `dry` only tells. `tell` (may be NULL) is
 * called before each step. E_STATE "migration-changed", "migration-broken" or "migration-order" (a
 * new file numbered below an applied one); E_BUSY when somebody else is migrating.
 */
enum err migrate_run(const struct migrate_params *p, bool dry,
                     void (*tell)(const struct migrate_step *step, void *arg),
                     void *arg) MUST_CHECK;

/*
 * Create the user of each program and give it exactly the rights of the generated grants file: what
 * is missing is granted, what is too much is revoked, running programs are not disturbed.
 * `password(program, arg)` returns the password (characters as above), owned by the caller; NULL
 * leaves that user's password as it is.
 */
enum err migrate_grants(const struct migrate_params *p, const char *grants_file,
                        const struct secret *(*password)(const char *program, void *arg),
                        void *arg) MUST_CHECK;
