/* signer_parts.c - see signer_parts.h */
#include "main/signer_parts.h"

#include "base/log.h"
#include "features/audit/audit.h"
#include "features/envelopes/envelopes_work.h"
#include "features/rs/rs_work.h"
#include "features/signing/signing.h"
#include "main/envelopes_parts.h"
#include "sign/hsm.h"

/* --- the signing token, and the second connection of signing --- */

static struct db *side;
static struct hsm *token;

static void signing_end(void)
{
    signing_teardown();
    hsm_close(token);
    db_close(side);
    token = NULL;
    side = NULL;
}

/* A token that is away is looked for again by signing; until then its jobs are tried later. */
static enum err signing_init(const struct settings *c)
{
    struct secret *master = NULL;
    enum err e = settings_secret(c, "http.secret_file", &master);

    if (e != E_OK)
        return e;
    audit_init(master);
    rs_init(master, settings_bool(c, "development"));
    secret_free(master);
    if (hsm_open_token(c, HSM_SIGNING, false, &token) != E_OK) {
        log_fault("the signing token cannot be opened");
        token = NULL;
    }
    e = db_open_settings(c, DB_SIGNER, &side);
    if (e == E_OK)
        e = signing_setup(c, side, token);
    if (e != E_OK)
        signing_end();
    return e;
}

static void notices_end(void)
{
    rs_work_end();
    rs_end();
}

const struct worker_part signer_parts[] = {
    { "signing", signing_init, signing_end },
    { "envelopes", envelopes_parts_signer, envelopes_parts_end },
    { "notices", rs_work_init, notices_end },
    { 0 },
};

const struct worker_job *const signer_parts_jobs[] = { envelopes_complete_jobs, rs_work_jobs,
                                                       rs_run_jobs, NULL };
const struct worker_task *const signer_parts_tasks[] = { rs_work_tasks, NULL };
