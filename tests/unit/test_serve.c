/*
 * test_serve.c - the supervisor and its workers over a real FastCGI socket: graceful stop and
 * restart, crashed and worn workers, socket activation, and the sandbox seen from inside a worker.
 */
#include "base/log.h"
#include "fcgi_client.h"
#include "http/req.h"
#include "http/resp.h"
#include "http/serve.h"
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static struct arena *arena;
static char directory[] = "/tmp/shomei-serve-XXXXXX";
static char path[64];

static enum err text(struct req *rq, struct resp *rs, struct str s)
{
    (void)rq;
    return resp_bytes(rs, "text/plain", bytes_of_str(s));
}

static enum err give_pid(struct req *rq, struct resp *rs)
{
    return text(rq, rs, str_fmt(req_arena(rq), "pid=%ld;", (long)getpid()));
}

static enum err slow(struct req *rq, struct resp *rs)
{
    struct timespec t = { .tv_nsec = 700 * 1000 * 1000 };
    nanosleep(&t, NULL);
    return text(rq, rs, STR("slow but whole"));
}

static _Atomic int *at_once; /* shared by all workers: in a large document now, and at most */

static enum err large(struct req *rq, struct resp *rs)
{
    struct timespec t = { .tv_nsec = 200 * 1000 * 1000 };
    TRY(req_alone(rq));
    int n = ++at_once[0];
    if (n > at_once[1])
        at_once[1] = n;
    nanosleep(&t, NULL);
    at_once[0]--;
    return text(rq, rs, STR("large but whole"));
}

static enum err crash(struct req *rq, struct resp *rs)
{
    (void)rq;
    (void)rs;
    raise(SIGKILL);
    return E_INTERNAL;
}

static enum err wear(struct req *rq, struct resp *rs)
{
    req_worn(rq);
    return give_pid(rq, rs);
}

static enum err eat(struct req *rq, struct resp *rs)
{
    for (;;)
        (void)arena_alloc(req_arena(rq), 1u << 20);
    return text(rq, rs, STR("never"));
}

static enum err spin(struct req *rq, struct resp *rs)
{
    for (volatile unsigned long n = 0;; n++)
        if (n == ULONG_MAX)
            return text(rq, rs, STR("never"));
}

/* What a worker can reach; each word is followed by errno, 0 meaning that it worked. */
static enum err reach(struct req *rq, struct resp *rs)
{
    char *const argv[] = { (char[]){ "true" }, NULL };
    errno = 0;
    int inet = socket(AF_INET, SOCK_STREAM, 0) < 0 ? errno : 0;
    errno = 0;
    int file = open("/etc/hostname", O_RDONLY) < 0 ? errno : 0;
    errno = 0;
    int write = open(path, O_WRONLY) < 0 ? errno : 0;
    errno = 0;
    pid_t child = fork();
    if (child == 0)
        _exit(0);
    int forked = child < 0 ? errno : 0;
    int executed = execv("/bin/true", argv) < 0 ? errno : 0;
    int unix_socket = socket(AF_UNIX, SOCK_STREAM, 0) < 0 ? errno : 0;
    int granted = open("/usr/bin/env", O_RDONLY) < 0 ? errno : 0;
    return text(rq, rs,
                str_fmt(req_arena(rq),
                        "inet=%d; file=%d; write=%d; fork=%d; exec=%d; unix=%d; usr=%d;", inet,
                        file, write, forked, executed, unix_socket, granted));
}

static const struct route routes[] = {
    { GET, "/pid", give_pid, WHO_ANYONE }, { GET, "/slow", slow, WHO_ANYONE },
    { GET, "/crash", crash, WHO_ANYONE },  { GET, "/wear", wear, WHO_ANYONE },
    { GET, "/reach", reach, WHO_ANYONE },  { GET, "/eat", eat, WHO_ANYONE },
    { GET, "/spin", spin, WHO_ANYONE },    { GET, "/costly", slow, WHO_ANYONE, NULL, ROUTE_COSTLY },
    { GET, "/large", large, WHO_ANYONE },  { 0 },
};

static int run_server(const char *socket_path, char **argv, unsigned workers, bool sandboxed)
{
    static const struct route *const tables[] = { routes, NULL };
    static const struct hooks hooks = { 0 };
    static const struct sandbox sandbox = { 0 };
    static struct app app = { .name = "test", .tables = tables, .hooks = &hooks };
    struct serve_params p = { .app = &app,
                              .socket_path = socket_path,
                              .workers = workers,
                              .cpu_s = 1,
                              .sandbox = sandboxed ? &sandbox : NULL,
                              .argv = argv };
    log_open("test", LOG_LEVEL_ERROR);
    if (app_start(&app) != E_OK)
        return 99;
    int rc = serve_run(&p);
    app_stop(&app);
    return rc;
}

static pid_t start_server(unsigned workers, bool sandboxed)
{
    struct timespec t = { .tv_nsec = 20 * 1000 * 1000 };
    pid_t pid = fork();
    if (pid == 0)
        exit(run_server(path, NULL, workers, sandboxed));
    for (int i = 0; i < 250; i++) {
        if (!str_absent(fcgi_client_get(arena, path, "/healthz")))
            break;
        nanosleep(&t, NULL);
    }
    return pid;
}

static int end_of(pid_t pid)
{
    int status = -1;
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int stop_server(pid_t pid)
{
    kill(pid, SIGTERM);
    return end_of(pid);
}

static bool has(struct str answer, const char *what)
{
    return !str_absent(answer) && strstr(answer.p, what) != NULL;
}

/* The part from `what` up to the next ';'. */
static struct str find(struct str answer, const char *what)
{
    const char *from = str_absent(answer) ? NULL : strstr(answer.p, what);
    const char *end = from ? strchr(from, ';') : NULL;
    return end ? str_of(arena, from, (size_t)(end - from)) : STR_ABSENT;
}

static void wait_ms(long ms)
{
    struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };
    nanosleep(&t, NULL);
}

static void test_stop(void)
{
    pid_t pid = start_server(2, false);
    struct stat st;
    ok(has(fcgi_client_get(arena, path, "/pid"), "Status: 200 OK\r\n"), "a worker answers");
    ok(stat(path, &st) == 0 && (st.st_mode & 0777) == 0660, "the socket has mode 0660");
    int fd = fcgi_client_begin(path, "/slow");
    wait_ms(200);
    kill(pid, SIGTERM);
    ok(has(fcgi_client_end(arena, fd), "slow but whole"),
       "SIGTERM: the request in flight is finished");
    is_int(end_of(pid), 0, "the supervisor ends with 0");
    ok(stat(path, &st) != 0, "its socket is removed");
}

static void test_workers(void)
{
    pid_t pid = start_server(1, false);
    struct str first = find(fcgi_client_get(arena, path, "/pid"), "pid=");
    ok(str_absent(fcgi_client_get(arena, path, "/crash")),
       "a worker that is killed answers nothing");
    struct str second = find(fcgi_client_get(arena, path, "/pid"), "pid=");
    ok(!str_absent(second) && !str_eq(first, second), "a crashed worker is replaced");
    struct str worn = find(fcgi_client_get(arena, path, "/wear"), "pid=");
    ok(str_eq(worn, second), "a worker that is worn finishes its request");
    struct str third = find(fcgi_client_get(arena, path, "/pid"), "pid=");
    ok(!str_absent(third) && !str_eq(third, second), "a worn worker is replaced");
    ok(has(fcgi_client_get(arena, path, "/eat"), "Status: 503"),
       "a request that wants too much memory gets 503");
    struct str fourth = find(fcgi_client_get(arena, path, "/pid"), "pid=");
    ok(!str_absent(fourth) && !str_eq(fourth, third), "and its worker is replaced");
    ok(str_absent(fcgi_client_get(arena, path, "/spin")), "a request without end is ended");
    ok(has(fcgi_client_get(arena, path, "/pid"), "pid="), "and its worker is replaced");
    struct str metrics = fcgi_client_get(arena, path, "/metrics");
    ok(has(metrics, "shomei_workers_total{event=\"crashed\"} 2\n"), "metrics count both crashes");
    ok(has(metrics, "shomei_workers_total{event=\"worn\"} 2\n"), "and two worn workers");
    ok(has(metrics, "shomei_http_requests_total{route=\"GET /pid\",status=\"2xx\"} 5\n"),
       "requests are counted over all workers");
    ok(has(metrics, "shomei_http_in_flight 1\n"), "only this request is in flight");
    is_int(stop_server(pid), 0, "stopped");
}

/* Strangers' costly requests never have more than half of the workers. */
static void test_costly(void)
{
    pid_t pid = start_server(4, false);
    int one = fcgi_client_begin(path, "/costly"), two = fcgi_client_begin(path, "/costly");
    wait_ms(200);
    struct str third = fcgi_client_get(arena, path, "/costly");
    ok(has(third, "Status: 429"), "four workers: the third costly request is refused");
    ok(has(third, "Retry-After: "), "and told when to come again");
    ok(has(fcgi_client_get(arena, path, "/pid"), "pid="), "others are answered");
    bool three = false;
    for (int i = 0; i < 50 && !three; i++) {
        three = has(fcgi_client_get(arena, path, "/metrics"), "shomei_http_in_flight 3\n");
        wait_ms(three ? 0 : 20);
    }
    ok(three, "costly or not, a request is one request");
    ok(has(fcgi_client_end(arena, one), "slow but whole"), "the first is answered");
    ok(has(fcgi_client_end(arena, two), "slow but whole"), "and the second");
    ok(has(fcgi_client_get(arena, path, "/costly"), "slow but whole"), "then the next may begin");
    is_int(stop_server(pid), 0, "stopped");
}

/* What takes the memory of a document is done by one worker after the other. */
static void test_alone(void)
{
    pid_t pid;
    int fd[4];

    at_once = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid = start_server(4, false);
    for (int i = 0; i < 4; i++)
        fd[i] = fcgi_client_begin(path, "/large");
    for (int i = 0; i < 4; i++)
        ok(has(fcgi_client_end(arena, fd[i]), "large but whole"), "each of four is answered");
    is_int(at_once[1], 1, "one at a time");
    is_int(stop_server(pid), 0, "stopped");
}

static void test_restart(void)
{
    pid_t pid = start_server(1, false);
    struct str old = find(fcgi_client_get(arena, path, "/pid"), "pid=");
    int fd = fcgi_client_begin(path, "/slow");
    wait_ms(200);
    kill(pid, SIGHUP);
    struct str fresh = find(fcgi_client_get(arena, path, "/pid"), "pid=");
    ok(!str_absent(fresh) && !str_eq(fresh, old), "SIGHUP: new workers answer at once");
    ok(has(fcgi_client_end(arena, fd), "slow but whole"), "while the old one finishes its request");
    is_int(stop_server(pid), 0, "stopped");
}

/* The program executes itself anew on the same socket; the process id stays. */
static void test_exec_restart(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        char *argv[] = { (char[]){ "test_serve" }, (char[]){ "serve" }, path, NULL };
        execv("/proc/self/exe", argv);
        _exit(98);
    }
    for (int i = 0; i < 250 && str_absent(fcgi_client_get(arena, path, "/healthz")); i++)
        wait_ms(20);
    struct str old = find(fcgi_client_get(arena, path, "/pid"), "pid=");
    int fd = fcgi_client_begin(path, "/slow");
    wait_ms(200);
    kill(pid, SIGHUP);
    struct str fresh = find(fcgi_client_get(arena, path, "/pid"), "pid=");
    ok(!str_absent(fresh) && !str_eq(fresh, old), "SIGHUP with exec: the new program answers");
    ok(has(fcgi_client_end(arena, fd), "slow but whole"), "no request is lost on the way");
    ok(has(fcgi_client_get(arena, path, "/metrics"), "status=\"2xx\"} 1\n"),
       "the counters begin anew: it is a fresh program");
    is_int(stop_server(pid), 0, "it stops like any other");
    struct stat st;
    ok(stat(path, &st) != 0, "and still removes the socket that its first image made");
}

static void test_sandbox(void)
{
    pid_t pid = start_server(1, true);
    struct str r = fcgi_client_get(arena, path, "/reach");
    ok(has(r, "inet=1;"), "a worker opens no inet socket (EPERM)");
    ok(has(r, "file=13;"), "a worker opens no foreign file (EACCES)");
    ok(has(r, "write=13;") || has(r, "write=6;"), "nor the listening socket's file");
    ok(has(r, "fork=1;"), "it cannot fork");
    ok(has(r, "exec=1;"), "it executes nothing");
    ok(has(r, "unix=0;"), "it may use unix sockets");
    ok(has(r, "usr=0;"), "and read the system's libraries");
    tap_note("%.*s", STR_ARG(find(r, "inet=")));
    is_int(stop_server(pid), 0, "stopped");
}

static void test_busy_path(void)
{
    pid_t pid = start_server(1, false);
    pid_t second = fork();
    if (second == 0)
        exit(run_server(path, NULL, 1, false));
    int status = 0;
    waitpid(second, &status, 0);
    ok(WIFEXITED(status) && WEXITSTATUS(status) != 0, "a second server on a live socket gives up");
    ok(has(fcgi_client_get(arena, path, "/pid"), "pid="), "and the first one still answers");
    is_int(stop_server(pid), 0, "stopped");
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "serve") == 0)
        return run_server(argv[2], argv, 1, false);
    arena = arena_new(64u << 20);
    if (mkdtemp(directory) == NULL)
        return 1;
    snprintf(path, sizeof(path), "%s/s", directory);
    test_stop();
    test_workers();
    test_costly();
    test_alone();
    test_restart();
    test_exec_restart();
    test_sandbox();
    test_busy_path();
    rmdir(directory);
    arena_free(arena);
    return tap_done();
}
