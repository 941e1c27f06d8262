/*
 * shomeictl.c - the administrator's command line: initialising, migrating, grants, demo data, audit
 * verification, jobs, certificates. Run it as the user that owns the secret files.
 */
#include "main/ctl_profile.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define OPTIONS_MAX 12
#define FILE_MAX_BYTES (256u * 1024)

struct command {
    const char *name;
    enum err (*run)(struct ctl *c);
    const char *options[OPTIONS_MAX]; /* "--out=" takes a value, "--dry-run" does not, "WORD" */
    const char *does;
};

static const struct command commands[] = {
    { "init", ctl_init, { "--tls=" }, "make tokens, schema, database users and authorities" },
    { "migrate", ctl_migrate, { "--dry-run", "--status" }, "bring the schema up to date" },
    { "grants", ctl_grants, { NULL }, "give each program's database user its rights" },
    { "demo", ctl_demo, { "--out=" }, "load the demonstration data, write demo.json" },
    { "audit", ctl_audit, { "WORD", "--anchor=" }, "`audit verify`: judge the audit log" },
    { "jobs", ctl_jobs, { "WORD", "WORD" }, "`jobs dead`, `jobs requeue ID`, `jobs discard ID`" },
    { "key",
      ctl_key,
      { "WORD", "--list=", "--file=", "--reason=" },
      "`key block`: refuse a key, or all keys of a list, from now on" },
    { "profile",
      ctl_profile,
      { "WORD", "WORD" },
      "`profile load FILE|check FILE|list|show NAME|retire NAME`" },
    { "tenant",
      ctl_tenant,
      { "--code=", "--name=", "--provider", "--contract-end=", "--services=" },
      "add a customer, or set the end of its contract" },
    { "account",
      ctl_account,
      { "WORD", "WORD", "--tenant=", "--name=", "--email=", "--lang=", "--roles=" },
      "`account invite|show|unlock|roles|second-factor-reset LOGIN`" },
    { "mail", ctl_mail, { "WORD" }, "`mail bounce`: take in what a mail server hands back" },
    { "certificate",
      ctl_certificate,
      { "--profile=", "--csr=", "--out=", "--name=", "--dns=", "--tenant=", "--account=" },
      "issue a certificate for a request, e.g. of the web server" },
    { "authority",
      ctl_authority,
      { "WORD", "WORD", "--by=", "--cn=", "--parent=", "--key=", "--crl-days=", "--parts=",
        "--retire", "--cert=", "--out=" },
      "`authority list|show|plan|approve|cancel|make-key|request|install|retire|parts NAME`" },
    { "revoke",
      ctl_revoke,
      { "--cert=", "--reason=", "--release" },
      "revoke or suspend a certificate, or end its suspension" },
};
#define COMMAND_COUNT (sizeof commands / sizeof commands[0])

const char *ctl_option(const struct ctl *c, const char *name)
{
    for (int i = 0; i + 1 < c->argc; i++)
        if (strcmp(c->argv[i], name) == 0)
            return c->argv[i + 1];
    return NULL;
}

bool ctl_flag(const struct ctl *c, const char *name)
{
    for (int i = 0; i < c->argc; i++)
        if (strcmp(c->argv[i], name) == 0)
            return true;
    return false;
}

enum err ctl_required(const struct ctl *c, const char *name, const char **value)
{
    *value = ctl_option(c, name);
    if (*value)
        return E_OK;
    (void)fprintf(stderr, "shomeictl: %s is needed\n", name);
    return FAIL(E_INPUT, "", "option %s is missing", name);
}

struct str ctl_secret_dir(const struct ctl *c)
{
    struct str path = settings_str(c->settings, "http.secret_file");
    size_t end = path.n;

    while (end > 0 && path.p[end - 1] != '/')
        end--;
    return str_sub(c->arena, path, 0, end);
}

enum err ctl_secret(const struct ctl *c, const char *name, struct secret **out)
{
    struct str path = str_fmt(c->arena, "%s%s", ctl_secret_dir(c).p, name);

    return settings_secret_file(path.p, out);
}

enum err ctl_read(const struct ctl *c, const char *path, struct str *out)
{
    FILE *f = fopen(path, "rbe");

    if (!f)
        return FAIL(E_INPUT, "", "%s: %s", path, strerror(errno));
    char *p = arena_alloc(c->arena, FILE_MAX_BYTES);
    size_t n = fread(p, 1, FILE_MAX_BYTES, f);
    bool bad = ferror(f) || n == FILE_MAX_BYTES;
    (void)fclose(f);
    if (bad)
        return FAIL(E_INPUT, "", "%s: cannot be read, or too large", path);
    *out = str_of(c->arena, p, n);
    return E_OK;
}

enum err ctl_write(const char *path, struct str text, unsigned mode)
{
    char temporary[4096];
    int n = snprintf(temporary, sizeof temporary, "%s.new", path);

    if (n < 0 || (size_t)n >= sizeof temporary)
        return FAIL(E_INPUT, "", "path too long");
    int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    if (fd < 0)
        return FAIL(E_INPUT, "", "%s: %s", temporary, strerror(errno));
    bool good = write(fd, text.p, text.n) == (ssize_t)text.n && fsync(fd) == 0;
    good = close(fd) == 0 && good;
    if (!good || rename(temporary, path) != 0)
        return FAIL(E_INTERNAL, "", "%s: %s", path, strerror(errno));
    return E_OK;
}

static int usage(void)
{
    (void)fputs("usage: shomeictl --config FILE COMMAND [OPTION...]\n\n", stderr);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        (void)fprintf(stderr, "  %-12s %s\n", commands[i].name, commands[i].does);
    return err_exit_code(E_INPUT);
}

/* Is this word one that the command knows? Advances over an option's value. */
static bool known_word(const struct command *cmd, struct ctl *c, int *i, int *words)
{
    struct str word = str_z(c->argv[*i]);

    if (!str_starts(word, STR("--"))) {
        int allowed = 0;
        for (int k = 0; k < OPTIONS_MAX && cmd->options[k]; k++)
            allowed += strcmp(cmd->options[k], "WORD") == 0;
        return ++*words <= allowed;
    }
    for (int k = 0; k < OPTIONS_MAX && cmd->options[k]; k++) {
        struct str option = str_z(cmd->options[k]);
        if (str_eq(option, word))
            return true;
        if (str_ends(option, STR("=")) && option.n == word.n + 1 && str_starts(option, word))
            return ++*i < c->argc;
    }
    return false;
}

static int run(const struct command *cmd, struct ctl *c)
{
    int words = 0;

    for (int i = 0; i < c->argc; i++) {
        const char *word = c->argv[i];
        if (!known_word(cmd, c, &i, &words)) {
            (void)fprintf(stderr, "shomeictl %s: not understood: %s\n", cmd->name, word);
            return err_exit_code(E_INPUT);
        }
    }
    enum err err = cmd->run(c);
    if (err != E_OK) {
        const struct fault *f = fault_current();
        (void)fprintf(stderr, "shomeictl %s: %s%s%s: %s\n", cmd->name, err_name(err),
                      f->reason[0] ? " " : "", f->reason, f->detail);
        log_fault(cmd->name);
    }
    return err_exit_code(err);
}

int main(int argc, char **argv)
{
    struct settings *settings = NULL;

    secret_harden_process();
    log_open("shomeictl", LOG_LEVEL_INFO);
    if (argc < 4 || strcmp(argv[1], "--config") != 0)
        return usage();
    if (settings_load(argv[2], &settings) != E_OK) {
        (void)fprintf(stderr, "shomeictl: %s\n", fault_current()->detail);
        return err_exit_code(E_INPUT);
    }
    int status = -1;
    struct ctl c = { settings, arena_new((size_t)256 << 20), argc - 4, argv + 4 };
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(argv[3], commands[i].name) == 0)
            status = run(&commands[i], &c);
    arena_free(c.arena);
    settings_free(settings);
    return status < 0 ? usage() : status;
}
