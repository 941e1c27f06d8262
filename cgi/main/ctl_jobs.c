/* ctl_jobs.c - `shomeictl jobs`: the dead-letter list, and what to do about it. */
#include "main/ctl.h"

#include "features/audit/audit.h"
#include "store/db.h"
#include "store/jobs.h"

#define LIST_MAX 200u

struct order {
    struct ctl *c;
    struct job_id id;
    bool discard;
};

static enum err list(struct tx *tx, void *arg)
{
    struct ctl *c = arg;
    struct job_dead *rows;
    size_t n;

    TRY(jobs_dead(tx, (struct job_id){ 0 }, LIST_MAX, &rows, &n));
    for (size_t i = 0; i < n; i++)
        (void)printf("%llu\t%s\t%s\t%u attempts\t%s\n", (unsigned long long)rows[i].id.v,
                     rows[i].kind.p, timestamp_rfc3339(c->arena, rows[i].failed, false).p,
                     rows[i].attempts, rows[i].error.p ? rows[i].error.p : "");
    (void)printf("%zu dead jobs\n", n);
    return E_OK;
}

static enum err change(struct tx *tx, void *arg)
{
    const struct order *o = arg;
    const struct audit_by by = { .name = STR("shomeictl") };

    TRY(o->discard ? jobs_discard(tx, o->id) : jobs_requeue(tx, o->id));
    return audit_note(tx, &by, o->discard ? "operations.job.discard" : "operations.job.requeue",
                      "job", o->id.v, NULL);
}

enum err ctl_jobs(struct ctl *c)
{
    struct db *db = NULL;
    struct secret *master = NULL;
    struct order o = { .c = c };
    const char *verb = c->argc > 0 ? c->argv[0] : "";
    bool dead = strcmp(verb, "dead") == 0;

    o.discard = strcmp(verb, "discard") == 0;
    if (!dead && !o.discard && strcmp(verb, "requeue") != 0)
        return FAIL(E_INPUT, "", "say dead, requeue ID or discard ID");
    if (!dead)
        TRY(str_to_u64(str_z(c->argc > 1 ? c->argv[1] : ""), UINT64_MAX, &o.id.v));
    TRY(settings_secret(c->settings, "http.secret_file", &master));
    audit_init(master);
    secret_free(master);
    TRY(db_open_settings(c->settings, DB_CTL, &db));
    enum err err = dead ? tx_run(db, c->arena, list, c) : tx_run(db, c->arena, change, &o);
    db_close(db);
    return err;
}
