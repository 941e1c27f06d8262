/*
 * test_registration_race.c - several reviewers in the same moment, each in a process and a
 * transaction of their own: one decision comes of it (P3-31, P3-44).
 */
#include "review_kit.h"

#include "base/log.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define K review_kit
#define CHILDREN 6

/* In a process of its own: exit status 1 when it was done, 0 when it was refused, 2 else. */
static pid_t act(enum registration_act what, const struct registration *r, struct account_id who,
                 int go)
{
    pid_t pid = fork();
    char c;

    if (pid != 0)
        return pid;
    K.p.portal = harness_db(K.p.h, DB_PORTAL);
    (void)!read(go, &c, 1); /* until the parent lets all go together */
    enum err err = review_kit_act(what, r, who, "at the same time");
    _exit(err == E_OK ? 1 : err == E_CONFLICT || err == E_STATE ? 0 : 2);
}

/* How many were done; -1 when one ended in another way. */
static int all_at_once(const struct registration *r, const enum registration_act *what,
                       const struct account_id *who, int n)
{
    pid_t pids[CHILDREN];
    int go[2], done = 0, bad = 0;

    if (pipe(go) != 0)
        return -1;
    for (int i = 0; i < n; i++)
        pids[i] = act(what[i], r, who[i], go[0]);
    usleep(500000);
    for (int i = 0; i < n; i++)
        (void)!write(go[1], "x", 1);
    for (int i = 0; i < n; i++) {
        int status = 0;
        (void)waitpid(pids[i], &status, 0);
        done += WIFEXITED(status) && WEXITSTATUS(status) == 1;
        bad += !WIFEXITED(status) || WEXITSTATUS(status) > 1;
    }
    (void)close(go[0]);
    (void)close(go[1]);
    return bad ? -1 : done;
}

static int64_t events(const struct registration *r, const char *kind)
{
    return harness_count(K.p.h, str_fmt(K.p.a,
                                        "SELECT COUNT(*) FROM shomei.application_event WHERE "
                                        "application_id = %llu AND kind = '%s'",
                                        (unsigned long long)r->id.v, kind)
                                    .p);
}

int main(void)
{
    const enum registration_act approve[CHILDREN] = { REGISTRATION_APPROVE };
    const enum registration_act mixed[CHILDREN] = { REGISTRATION_APPROVE, REGISTRATION_REJECT,
                                                    REGISTRATION_RETURN, REGISTRATION_HOLD };
    struct registration one, two, both, now;

    log_open("test_registration_race", LOG_LEVEL_ERROR);
    review_kit_start();
    const struct account_id who[CHILDREN] = { K.admin,  K.lra[0], K.lra[1],
                                              K.lra[2], K.admin,  K.lra[0] };
    one = review_kit_apply("smime", K.hanako, K.hanako, "page", PROFILES_CSR);
    two = review_kit_apply("user-auth", K.hanako, K.hanako, "page", PROFILES_BROWSER);
    both = review_kit_apply("smime", K.jiro, K.jiro, "page", PROFILES_BROWSER);

    is_int(all_at_once(&one, approve, who, CHILDREN), 1, "six approvals at once are one");
    is_int(events(&one, "approved"), 1, "with one event");
    is_int(
        harness_count(K.p.h, "SELECT COUNT(*) FROM shomei.job WHERE kind = 'registration.issue'"),
        1, "and one order for the worker");
    is_int(all_at_once(&two, approve, who, CHILDREN), 1,
           "where two are needed, six at once are the first one: the others had not seen it");
    now = review_kit_look(&two);
    ok(now.state == REGISTRATION_WAITING && now.first_approver.v != 0 && now.second_approver.v == 0,
       "it waits for another person");
    is_int(all_at_once(&both, mixed, who, 4), 1,
           "approve, reject, return and hold at once: one holds");
    is_int(events(&both, "approved") + events(&both, "rejected") + events(&both, "returned") +
               events(&both, "held"),
           1, "with one event");
    review_kit_stop();
    return tap_done();
}
