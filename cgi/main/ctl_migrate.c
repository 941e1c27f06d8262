/* ctl_migrate.c - `shomeictl migrate` and `shomeictl grants`: the schema and who may do what. */
#include "main/ctl.h"

#include "store/migrate.h"

static enum err owner(struct ctl *c, struct secret **password, struct migrate_params *p)
{
    TRY(ctl_secret(c, "db_owner", password));
    *p = (struct migrate_params){
        .socket = settings_str(c->settings, "db.socket").p,
        .name = settings_str(c->settings, "db.name").p,
        .password = *password,
        .schema_dir = str_fmt(c->arena, "%s/sql/schema", settings_str(c->settings, "data_dir").p).p,
    };
    return E_OK;
}

static void tell(const struct migrate_step *step, void *arg)
{
    (void)arg;
    (void)printf("migration %04u %s\n", step->number, step->name.p);
}

static enum err print_status(struct ctl *c, const struct migrate_params *p)
{
    struct migrate_step *steps;
    size_t n;

    TRY(migrate_status(p, c->arena, &steps, &n));
    for (size_t i = 0; i < n; i++) {
        const struct migrate_step *s = &steps[i];
        const char *state = s->broken    ? "broken"
                            : s->changed ? "changed after it was applied"
                            : s->applied ? timestamp_rfc3339(c->arena, s->at, false).p
                                         : "to be applied";
        (void)printf("%04u %-16s %s\n", s->number, s->name.p, state);
    }
    return E_OK;
}

enum err ctl_migrate(struct ctl *c)
{
    struct secret *password = NULL;
    struct migrate_params p;
    enum err err;

    TRY(owner(c, &password, &p));
    if (ctl_flag(c, "--status"))
        err = print_status(c, &p);
    else
        err = migrate_run(&p, ctl_flag(c, "--dry-run"), tell, NULL);
    secret_free(password);
    return err;
}

/* Passwords asked for by migrate_grants; kept until it is done. */
struct passwords {
    struct ctl *c;
    struct secret *kept[16];
    size_t n;
};

static const struct secret *password_of(const char *program, void *arg)
{
    struct passwords *all = arg;
    struct secret *s = NULL;

    if (all->n == sizeof all->kept / sizeof all->kept[0])
        return NULL;
    /* a program that this installation does not run has no file: its user keeps what it has */
    if (ctl_secret(all->c, str_fmt(all->c->arena, "db_%s", program).p, &s) != E_OK)
        return NULL;
    all->kept[all->n++] = s;
    return s;
}

enum err ctl_grants(struct ctl *c)
{
    struct secret *password = NULL;
    struct migrate_params p;
    struct passwords all = { .c = c };

    TRY(owner(c, &password, &p));
    struct str file = settings_str(c->settings, "db.grants_file");
    if (file.n == 0)
        file = str_fmt(c->arena, "%s/sql/grants.txt", settings_str(c->settings, "data_dir").p);
    enum err err = migrate_grants(&p, file.p, password_of, &all);
    for (size_t i = 0; i < all.n; i++)
        secret_free(all.kept[i]);
    secret_free(password);
    return err;
}
