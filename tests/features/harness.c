/* harness.c - see harness.h. */
#include "harness.h"

#include "base/buf.h"
#include "base/clock.h"
#include "harness_guard.h"
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* A throw-away server that only this machine's socket leads to. */
#define PASSWORD "test-database-password"

struct harness {
    struct arena *arena;
    char dir[64];
    char socket[96];
    const char *const *options; /* more of them for the server */
    pid_t server;
    pid_t node;  /* of a cluster, or 0 */
    int guard;   /* pipe to the guard */
    pid_t owner; /* who cleans up: not a child that the test forked */
    struct secret *password;
};

static struct harness *current;

static void bail(const char *what)
{
    const struct fault *f = fault_current();
    printf("Bail out! %s: %s %s\n", what, err_name(f->err), f->detail);
    fflush(stdout);
    exit(1);
}

static const char *fmt(struct harness *h, const char *format, const char *a, const char *b)
{
    struct buf text = buf_init(4096);
    struct str out;
    for (const char *p = format; *p; p++) {
        if (*p == '1')
            buf_add_z(&text, a);
        else if (*p == '2')
            buf_add_z(&text, b);
        else
            buf_add_char(&text, *p);
    }
    if (buf_to_str(&text, h->arena, &out) != E_OK)
        bail("path too long");
    buf_free(&text);
    return out.p;
}

/* Run a program with its output in a file; its pid. */
static pid_t spawn(const char *const *argv, const char *input, const char *output)
{
    fflush(stdout);
    pid_t pid = fork();
    if (pid < 0)
        bail("fork");
    if (pid == 0) {
        int in = open(input ? input : "/dev/null", O_RDONLY | O_CLOEXEC);
        int out = open(output, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        dup2(in, 0);
        dup2(out, 1);
        dup2(out, 2);
        char *args[48] = { NULL };
        for (size_t i = 0; argv[i] && i < 47; i++)
            args[i] = strdup(argv[i]);
        execvp(args[0], args);
        _exit(127);
    }
    return pid;
}

static int wait_for(pid_t pid)
{
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

/* The account that the server runs as: "mysql" is there only with Debian's full server package. */
static const char *server_user(void)
{
    if (geteuid() == 0 && getpwnam("mysql"))
        return "mysql";
    const struct passwd *pw = getpwuid(geteuid());
    return pw ? pw->pw_name : "nobody";
}

static const char *own_user(void)
{
    return geteuid() == 0 ? "root" : server_user();
}

static enum err read_output(struct harness *h, const char *path, struct str *out)
{
    char chunk[4096];
    size_t n;
    struct buf text = buf_init(64u * 1024 * 1024);
    FILE *f = fopen(path, "re");
    if (!f)
        return FAIL(E_BACKEND, "", "%s", path);
    while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
        buf_add(&text, chunk, n);
    (void)fclose(f);
    while (text.n && text.p[text.n - 1] == '\n')
        buf_cut(&text, text.n - 1);
    enum err err = buf_to_str(&text, h->arena, out);
    buf_free(&text);
    return err;
}

/* As TAP comments. */
static void show_log(struct harness *h, const char *path)
{
    struct str log = STR_ABSENT;
    (void)!read_output(h, path, &log);
    printf("# ");
    for (size_t i = 0; i < log.n; i++) {
        putchar(log.p[i]);
        if (log.p[i] == '\n')
            printf("# ");
    }
    putchar('\n');
}

static void install(struct harness *h)
{
    const char *data = fmt(h, "--datadir=1/data", h->dir, "");
    const char *as = fmt(h, "--user=1", server_user(), "");
    const char *root = fmt(h, "--auth-root-socket-user=1", own_user(), "");
    setenv("TMPDIR", fmt(h, "1/tmp", h->dir, ""), 1);
    const char *const argv[] = { "mariadb-install-db",
                                 "--no-defaults",
                                 data,
                                 as,
                                 "--auth-root-authentication-method=socket",
                                 root,
                                 "--skip-test-db",
                                 "--innodb-log-file-size=8M",
                                 NULL };
    if (wait_for(spawn(argv, NULL, fmt(h, "1/install.log", h->dir, ""))) != 0) {
        show_log(h, fmt(h, "1/install.log", h->dir, ""));
        bail("mariadb-install-db");
    }
}

static bool server_answers(struct harness *h)
{
    struct db *db = NULL;
    struct db_params p = {
        .socket = h->socket, .user = own_user(), .name = "mysql", .program = DB_CTL
    };
    enum err err = db_open(&p, &db);
    db_close(db);
    return err == E_OK;
}

static void server_failed(struct harness *h)
{
    show_log(h, fmt(h, "1/server.log", h->dir, ""));
    bail("mariadbd does not come up");
}

static void tell_guard(struct harness *h, bool over)
{
    harness_guard_tell(h->guard, h->server, h->node, over);
}

static pid_t run_server(struct harness *h, const char *dir, const char *const *options)
{
    const char *const common[] = {
        "mariadbd",
        "--no-defaults",
        fmt(h, "--datadir=1/data", dir, ""),
        fmt(h, "--socket=1/data/s", dir, ""),
        fmt(h, "--pid-file=1/data/pid", dir, ""),
        fmt(h, "--tmpdir=1/tmp", dir, ""),
        fmt(h, "--user=1", server_user(), ""),
        "--skip-networking",
        "--skip-name-resolve",
        "--performance-schema=0",
        "--innodb-buffer-pool-size=32M",
        "--innodb-log-file-size=8M",
        "--innodb-flush-log-at-trx-commit=1",
        "--innodb-fast-shutdown=2",
        "--max-connections=60",
        "--max-allowed-packet=256M",
        "--character-set-server=utf8mb4",
    };
    const char *argv[40] = { NULL };
    size_t n = sizeof common / sizeof common[0];
    memcpy(argv, common, sizeof common);
    for (size_t i = 0; options && options[i] && n < 39; i++)
        argv[n++] = options[i];
    return spawn(argv, NULL, fmt(h, "1/server.log", dir, ""));
}

static void start_server(struct harness *h)
{
    h->server = run_server(h, h->dir, h->options);
    tell_guard(h, false);
    int64_t until = clock_monotonic_us() + 60 * SECOND_US;
    while (!server_answers(h)) {
        if (clock_monotonic_us() > until || waitpid(h->server, NULL, WNOHANG) == h->server)
            server_failed(h);
        usleep(20000);
    }
    fault_clear();
}

/* Folders that the server may write. */
static void make_folders(struct harness *h, const char *dir)
{
    /* tmp: a server that starts removes what it takes for leftovers, other servers' tables too */
    static const char *const names[] = { "1/data", "1/tmp" };
    const struct passwd *pw = getpwnam(server_user());
    if (chmod(dir, 0711) != 0)
        bail("chmod");
    for (size_t i = 0; i < 2; i++) {
        const char *folder = fmt(h, names[i], dir, "");
        if (mkdir(folder, 0755) != 0)
            bail("mkdir");
        if (geteuid() == 0 && (!pw || chown(folder, pw->pw_uid, pw->pw_gid) != 0))
            bail("chown to the server's user");
    }
}

/* A clean stop, which leaves the position in the cluster's history (grastate.dat). */
static void stop_server(struct harness *h)
{
    (void)kill(h->server, SIGTERM);
    (void)wait_for(h->server);
    h->server = 0;
    tell_guard(h, false);
}

void harness_add_node(struct harness *h, const char *name, const char *const *options)
{
    const char *dir = fmt(h, "1/2", h->dir, name);
    const char *from = fmt(h, "1/data", h->dir, "");
    const char *const copy[] = { "cp", "-aT", from, fmt(h, "1/data", dir, ""), NULL };
    if (mkdir(dir, 0711) != 0)
        bail("mkdir");
    make_folders(h, dir);
    stop_server(h);
    if (wait_for(spawn(copy, NULL, "/dev/null")) != 0)
        bail("copy");
    start_server(h);
    h->node = run_server(h, dir, options);
    tell_guard(h, false);
}

void harness_kill(struct harness *h)
{
    if (h->server <= 0)
        return;
    kill(h->server, SIGKILL);
    (void)wait_for(h->server);
    h->server = 0;
    tell_guard(h, false);
}

void harness_restart(struct harness *h)
{
    harness_kill(h);
    start_server(h);
}

void harness_stop(struct harness *h)
{
    if (!h || h != current || getpid() != h->owner)
        return;
    current = NULL;
    if (h->node > 0) {
        kill(h->node, SIGKILL);
        (void)wait_for(h->node);
    }
    harness_kill(h); /* nothing in it is worth a clean shutdown */
    harness_guard_remove(h->dir);
    tell_guard(h, true);
    (void)close(h->guard);
    secret_free(h->password);
    arena_free(h->arena);
    free(h);
}

static void stop_at_exit(void)
{
    harness_stop(current);
}

static void stop_at_signal(int sig)
{
    (void)sig;
    exit(1); /* runs stop_at_exit: a test that is ended leaves no server behind */
}

static void make_dir(struct harness *h)
{
    snprintf(h->dir, sizeof h->dir,
             "/tmp/shomei-t.XXXXXX"); /* short: a socket path has 107 bytes */
    if (!mkdtemp(h->dir))
        bail("mkdtemp");
    snprintf(h->socket, sizeof h->socket, "%s/data/s", h->dir);
    make_folders(h, h->dir);
}

static struct harness *start_empty(const char *const *options)
{
    struct harness *h = calloc(1, sizeof *h);
    if (!h || current)
        bail("one harness at a time");
    setenv("PATH", "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin", 1);
    h->arena = arena_new(256u * 1024 * 1024);
    h->owner = getpid();
    h->options = options;
    current = h;
    atexit(stop_at_exit);
    signal(SIGTERM, stop_at_signal);
    signal(SIGINT, stop_at_signal);
    signal(SIGPIPE, SIG_IGN);
    make_dir(h);
    h->guard = harness_guard_start(h->owner, h->dir);
    if (h->guard < 0)
        bail("guard");
    install(h);
    start_server(h);
    h->password = secret_from(PASSWORD, sizeof PASSWORD - 1);
    struct migrate_params root = { .socket = h->socket, .user = own_user() };
    int64_t until = clock_monotonic_us() + 10 * SECOND_US;
    while (migrate_bootstrap(&root, h->password) != E_OK) {
        /* a cluster's first node refuses (1047) until it is synced with itself */
        if (!options || clock_monotonic_us() > until)
            bail("bootstrap");
        usleep(50000);
    }
    fault_clear();
    return h;
}

static const struct secret *password_of(const char *program, void *arg)
{
    (void)program;
    return ((struct harness *)arg)->password;
}

struct harness *harness_start_empty(void)
{
    return start_empty(NULL);
}

struct harness *harness_start_with(const char *const *options)
{
    struct harness *h = start_empty(options);
    struct migrate_params owner = harness_owner(h);
    if (migrate_run(&owner, false, NULL, NULL) != E_OK)
        bail("migrate");
    if (migrate_grants(&owner, harness_build(h, "cgi/store/gen/grants.txt"), password_of, h) !=
        E_OK)
        bail("grants");
    return h;
}

struct harness *harness_start(void)
{
    return harness_start_with(NULL);
}

struct migrate_params harness_owner(struct harness *h)
{
    return (struct migrate_params){ .socket = h->socket,
                                    .password = h->password,
                                    .schema_dir = harness_source(h, "sql/schema") };
}

struct db_params harness_db_params(struct harness *h, enum db_program program)
{
    return (struct db_params){ .socket = h->socket, .password = h->password, .program = program };
}

struct db *harness_db(struct harness *h, enum db_program program)
{
    struct db *db = NULL;
    struct db_params p = harness_db_params(h, program);
    if (db_open(&p, &db) != E_OK)
        bail("connect");
    return db;
}

struct arena *harness_arena(struct harness *h)
{
    return h->arena;
}

const char *harness_dir(struct harness *h)
{
    return h->dir;
}

static const char *below(struct harness *h, const char *variable, const char *fallback,
                         const char *path)
{
    const char *top = getenv(variable);
    return fmt(h, "1/2", top ? top : fallback, path);
}

const char *harness_source(struct harness *h, const char *path)
{
    return below(h, "SHOMEI_SRCDIR", "..", path);
}

const char *harness_build(struct harness *h, const char *path)
{
    return below(h, "SHOMEI_BUILDDIR", ".", path);
}

static enum err run_sql(struct harness *h, const char *user, const char *password, const char *sql,
                        struct str *out)
{
    const char *path = fmt(h, "1/sql.out", h->dir, "");
    const char *const argv[] = { "mariadb",
                                 "--no-defaults",
                                 fmt(h, "--socket=1", h->socket, ""),
                                 fmt(h, "--user=1", user, ""),
                                 fmt(h, "--password=1", password, ""),
                                 "--batch",
                                 "--skip-column-names",
                                 "--default-character-set=utf8mb4",
                                 "--execute",
                                 sql,
                                 "shomei",
                                 NULL };
    (void)unlink(path);
    int status = wait_for(spawn(argv, NULL, path));
    enum err err = read_output(h, path, out);
    if (err == E_OK && status != 0)
        err = FAIL(E_BACKEND, "", "mariadb: %.*s", STR_ARG(*out));
    return err;
}

enum err harness_sql(struct harness *h, const char *sql, struct str *out)
{
    return run_sql(h, own_user(), "", sql, out);
}

enum err harness_sql_as(struct harness *h, enum db_program program, const char *sql,
                        struct str *out)
{
    return run_sql(h, fmt(h, "shomei_1", db_program_name(program), ""), PASSWORD, sql, out);
}

int64_t harness_count(struct harness *h, const char *sql)
{
    struct str text;
    int64_t n = -1;
    if (harness_sql(h, sql, &text) != E_OK || str_to_i64(text, INT64_MIN, INT64_MAX, &n) != E_OK)
        return -1;
    return n;
}
