/* ctl_profile.c - `shomeictl profile load|check|list|show|retire`: certificate profiles. */
#include "main/ctl_profile.h"

#include "features/audit/audit.h"
#include "features/profiles/profiles.h"
#include "store/db.h"

#include <stdlib.h>

static const struct audit_by by = { .name = { "shomeictl", 9 } };
static const struct audit_by by_init = { .name = { "shomeictl init", 14 } };

struct work {
    const struct audit_by *by;
    struct str text, name;
    uint32_t version;
    bool ours;
};

static enum err load(struct tx *tx, void *arg)
{
    struct work *w = arg;

    return profiles_load(tx, w->by, bytes_of_str(w->text), &w->version);
}

static enum err load_file(struct ctl *c, struct db *db, const struct audit_by *who,
                          const char *file)
{
    struct work w = { .by = who };

    TRY(ctl_read(c, file, &w.text));
    enum err err = tx_run(db, c->arena, load, &w);
    if (err == E_OK)
        (void)printf("profile %s version %u\n", file, w.version);
    return err;
}

/* Is the profile as `init` left it, or not there? What somebody changed or retired stays. */
static enum err ours(struct tx *tx, void *arg)
{
    struct work *w = arg;
    struct profiles_version *versions;
    const struct profile *p;
    size_t n;
    enum err err = profiles_get(tx, w->name, 0, &p);

    w->ours = err == E_ABSENT;
    if (w->ours) {
        fault_clear();
        return E_OK;
    }
    TRY(err);
    TRY(profiles_versions(tx, w->name, &versions, &n));
    w->ours = p->active && n > 0 && str_eq(versions[0].loaded_by, by_init.name);
    return E_OK;
}

enum err ctl_profile_shipped(struct ctl *c, struct db *db)
{
    static const char *const names[] = { "user-auth", "smime",  "signing",    "lra-operator",
                                         "client",    "device", "tls-private" };
    struct str dir = settings_str(c->settings, "data_dir");

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct work w = { .by = &by_init, .name = str_z(names[i]) };
        TRY(tx_run(db, c->arena, ours, &w));
        if (w.ours)
            TRY(load_file(c, db, &by_init,
                          str_fmt(c->arena, "%s/sql/profiles/%s.json", dir.p, names[i]).p));
        else
            (void)printf("profile %s stays as it was changed here\n", names[i]);
    }
    return E_OK;
}

static enum err list(struct tx *tx, void *arg)
{
    const struct profile **all;
    size_t n;

    (void)arg;
    TRY(profiles_all(tx, &all, &n));
    for (size_t i = 0; i < n; i++)
        (void)printf("%s\t%u\t%s\t%s\t%s\t%s\n", all[i]->name.p, all[i]->version,
                     profiles_class_name(all[i]->class), all[i]->service.p,
                     all[i]->active ? "active" : "retired", all[i]->title_en.p);
    return E_OK;
}

static enum err show(struct tx *tx, void *arg)
{
    const struct work *w = arg;
    const struct profile *p;

    TRY(profiles_get(tx, w->name, 0, &p));
    (void)fputs(p->body.p, stdout);
    return E_OK;
}

static enum err retire(struct tx *tx, void *arg)
{
    const struct work *w = arg;

    return profiles_retire(tx, w->by, w->name);
}

/* Without the database: what `load` would say. */
static enum err check_file(struct ctl *c, const char *file)
{
    struct profile p;
    struct str text;

    TRY(ctl_read(c, file, &text));
    enum err err = profiles_check(c->arena, bytes_of_str(text), clock_now(), &p);
    if (err == E_OK)
        (void)printf("profile %s is good\n", p.name.p);
    return err;
}

static enum err with_database(struct ctl *c, struct str verb, const char *what)
{
    struct secret *master = NULL;
    struct db *db = NULL;
    struct work w = { .by = &by, .name = str_z(what) };
    enum err err;

    TRY(settings_secret(c->settings, "http.secret_file", &master));
    audit_init(master);
    secret_free(master);
    TRY(db_open_settings(c->settings, DB_CTL, &db));
    if (str_eq_z(verb, "load"))
        err = load_file(c, db, &by, what);
    else if (str_eq_z(verb, "show"))
        err = tx_run(db, c->arena, show, &w);
    else if (str_eq_z(verb, "retire"))
        err = tx_run(db, c->arena, retire, &w);
    else
        err = tx_run(db, c->arena, list, &w);
    db_close(db);
    return err;
}

enum err ctl_profile(struct ctl *c)
{
    static const char *const verbs[] = { "load", "check", "show", "retire" };
    struct str verb = c->argc > 0 ? str_z(c->argv[0]) : STR("");

    if (str_eq_z(verb, "list") && c->argc == 1)
        return with_database(c, verb, "");
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
        if (str_eq_z(verb, verbs[i]) && c->argc == 2)
            return i == 1 ? check_file(c, c->argv[1]) : with_database(c, verb, c->argv[1]);
    (void)fputs("usage: profile load FILE | check FILE | list | show NAME | retire NAME\n", stderr);
    return FAIL(E_INPUT, "", "unknown verb %s", verb.p);
}
