/*
 * test_accounts_race.c - many at once: one code opens once, and parallel guesses do not get past
 * the limit (P3-45, P3-141).
 */
#include "people.h"

#include "base/log.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHILDREN 8

static struct people p;

/* In a process of its own: give this code; exit status 1 when it was right. */
static pid_t give(struct account_id id, struct str code, int go)
{
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    struct accounts_from from = people_from(&p);
    struct accounts_login l = { 0 };
    struct db *db = harness_db(p.h, DB_PORTAL);
    struct tx *tx = people_tx(&p, db);
    char c;
    (void)!read(go, &c, 1); /* until the parent closes its end: all together */
    enum err err = accounts_login_code(tx, &from, id, code, &l);
    if (err == E_OK)
        err = tx_commit(tx);
    _exit(err == E_OK ? l.step == ACCOUNTS_IN : 2);
}

/* Start all, let them go, count those that were right; -1 when one could not answer. */
static int all_at_once(struct account_id id, const struct str *codes)
{
    pid_t pids[CHILDREN];
    int go[2], right = 0, bad = 0;

    if (pipe(go) != 0)
        return -1;
    for (int i = 0; i < CHILDREN; i++) {
        pids[i] = give(id, codes[i], go[0]);
        if (i == CHILDREN - 1)
            usleep(300000);
    }
    for (int i = 0; i < CHILDREN; i++)
        (void)!write(go[1], "x", 1);
    (void)close(go[0]);
    (void)close(go[1]);
    for (int i = 0; i < CHILDREN; i++) {
        int status = 0;
        (void)waitpid(pids[i], &status, 0);
        right += WIFEXITED(status) && WEXITSTATUS(status) == 1;
        bad += !WIFEXITED(status) || WEXITSTATUS(status) > 1;
    }
    return bad ? -1 : right;
}

int main(void)
{
    struct str codes[CHILDREN];
    struct account_id one, two;
    struct str code;

    log_open("test_accounts_race", LOG_LEVEL_WARNING);
    people_start(&p);
    one = people_add(&p, p.sakura, "once", ROLE_END_USER, true);
    two = people_add(&p, p.sakura, "guessed", ROLE_END_USER, true);
    code = people_code(&p, "once");
    for (int i = 0; i < CHILDREN; i++)
        codes[i] = code;
    is_int(all_at_once(one, codes), 1, "one of eight equal codes at the same moment opens");

    code = people_code(&p, "guessed");
    for (int i = 0; i < CHILDREN; i++)
        codes[i] = str_fmt(p.a, "%06d", (i * 111111 + 7) % 1000000);
    ok(!str_eq(codes[0], code), "guesses");
    is_int(all_at_once(two, codes), 0, "eight wrong codes at the same moment open nothing");
    is_str(people_state(&p, two), "locked", "and lock the account");
    is_int(harness_count(p.h,
                         "SELECT COUNT(*) FROM shomei.login_event e JOIN shomei.account a ON "
                         "a.id = e.account_id WHERE e.kind = 'locked' AND a.login = 'guessed'"),
           1, "once");
    is_int(people_mails(&p, "locked", two), 1, "with one mail");
    for (int i = 0; i < CHILDREN; i++)
        codes[i] = code;
    is_int(all_at_once(two, codes), 0, "then the right one opens nothing either");
    people_stop(&p);
    return tap_done();
}
