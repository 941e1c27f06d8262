/*
 * gateway.c - the only door to the outside. Listens on a unix socket, fetches what
 * net/gateway_client.h asks for as far as the allow-list and the guard of net/fetch.h let it. Knows
 * no database, no key and no document. A few processes take one request each at a time; a full
 * house queues in the socket.
 */
#include "main/program.h"

#include "base/log.h"
#include "http/sandbox.h"
#include "net/fetch.h"
#include "net/gateway_client.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORKERS 4
#define RECYCLE 10000
#define ARENA_LIMIT (40u << 20) /* a 16 MB list twice, and room */
#define READ_US (5 * SECOND_US)

static volatile sig_atomic_t stopping;

static void stop(int number)
{
    (void)number;
    stopping = 1;
}

static void on_signal(int number, void (*handler)(int))
{
    struct sigaction sa = { .sa_handler = handler }; /* no SA_RESTART: accept() must return */
    (void)sigemptyset(&sa.sa_mask);
    (void)sigaction(number, &sa, NULL);
}

/* What may be fetched, and where customers' systems may be told things: two lists, as what is
 * allowed for the one (an inner repository, say) must not be reached by a URL that a customer
 * chose. */
struct doors {
    struct fetch_allow *fetch, *webhook;
};

/* A notice begins with header lines of ours and an empty line. */
static enum err split_notice(struct arena *a, struct fetch_request *rq)
{
    struct str all = { (const char *)rq->body.p, rq->body.n };
    size_t at = 0;

    while (at < all.n && all.p[at] != '\n') {
        size_t end = str_find(all, '\n', at);
        if (end == SIZE_MAX || !str_starts(str_sub(a, all, at, end), STR("Shomei-")))
            return FAIL(E_INPUT, "gateway-refused", "header of a notice");
        for (size_t i = at; i < end; i++)
            if (all.p[i] < 0x20 || all.p[i] > 0x7E)
                return FAIL(E_INPUT, "gateway-refused", "header of a notice");
        at = end + 1;
    }
    if (at >= all.n)
        return FAIL(E_INPUT, "gateway-refused", "a notice without its body");
    rq->headers = str_sub(a, all, 0, at);
    rq->body = (struct bytes){ rq->body.p + at + 1, rq->body.n - at - 1 };
    rq->notice = rq->https_only = true;
    return E_OK;
}

/* Method and media types come from the purpose, never from the asker. */
static enum err serve(const struct doors *doors, const struct gateway_frame *ask, struct arena *a,
                      struct bytes *reply)
{
    enum gateway_purpose purpose = gateway_client_purpose(ask->words[0]);
    const struct gateway_rule *rule = gateway_client_rule(purpose);

    *reply = BYTES_ABSENT;
    if (rule == NULL)
        return FAIL(E_DENIED, "gateway-refused", "unknown purpose");
    if (purpose == GATEWAY_PING)
        return E_OK;
    if (ask->body.n > rule->request_max || (rule->sends == NULL && ask->body.n > 0))
        return FAIL(E_LIMIT, "gateway-too-large", "request body");
    struct fetch_request rq = { .url = ask->url,
                                .sends = str_z(rule->sends),
                                .body = ask->body,
                                .accepts = str_z(rule->accepts),
                                .reply_max = rule->reply_max,
                                .timeout_us = rule->seconds * SECOND_US };
    if (purpose != GATEWAY_WEBHOOK)
        return fetch_run(doors->fetch, &rq, a, reply);
    TRY(split_notice(a, &rq));
    return fetch_run(doors->webhook, &rq, a, reply);
}

static void answer(int fd, const struct doors *doors, struct arena *a)
{
    struct gateway_frame ask = { .url = STR_ABSENT }, reply = { .url = STR_ABSENT };
    int64_t began = clock_monotonic_us();
    enum err e = gateway_client_read(fd, GATEWAY_REQUEST_MAX, began + READ_US, a, &ask);

    if (e == E_OK)
        e = serve(doors, &ask, a, &reply.body);
    reply.words[0] = e == E_OK ? STR("ok") : STR("failed");
    reply.words[1] = str_z(e == E_OK ? "" : fault_current()->reason);
    if (e != E_OK)
        log_warning("refused or failed purpose=%.*s url=%.*s reason=%s detail=%s",
                    STR_ARG(ask.words[0]), STR_ARG(ask.url), fault_current()->reason,
                    fault_current()->detail);
    e = gateway_client_write(fd, &reply, clock_monotonic_us() + READ_US);
    if (e != E_OK)
        log_warning("the asker went away: %s", fault_current()->detail);
    log_debug("served purpose=%.*s us=%lld", STR_ARG(ask.words[0]),
              (long long)(clock_monotonic_us() - began));
}

static enum err lock_in(const struct settings *c)
{
    static const char *const read_paths[] = { "/etc",
                                              "/usr/share/ca-certificates",
                                              "/usr/local/share/ca-certificates",
                                              "/usr/lib",
                                              "/lib",
                                              "/run/systemd/resolve",
                                              NULL };
    static const struct sandbox box = { .read = read_paths,
                                        .allow_inet = true,
                                        .memory_max = 1ull << 30 };
    return settings_bool(c, "sandbox") ? sandbox_enter(&box) : E_OK;
}

static int work(const struct settings *c, int listener, const struct doors *doors)
{
    struct arena *a;

    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (lock_in(c) != E_OK) {
        log_fault("the sandbox could not be entered");
        return 1;
    }
    a = arena_new(ARENA_LIMIT);
    for (int i = 0; i < RECYCLE && !stopping; i++) {
        int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0)
            continue;
        fault_clear();
        answer(fd, doors, a);
        (void)close(fd);
        arena_reset(a);
    }
    arena_free(a);
    return 0;
}

static pid_t spawn(const struct settings *c, int listener, const struct doors *doors)
{
    pid_t pid = fork();
    if (pid == 0)
        exit(work(c, listener, doors));
    if (pid < 0)
        log_error("fork failed errno=%d", errno);
    return pid;
}

/* Keep WORKERS children until told to stop; one that ends at once is not replaced in a hurry. */
static void supervise(const struct settings *c, int listener, const struct doors *doors)
{
    pid_t children[WORKERS] = { 0 };

    while (!stopping) {
        for (int i = 0; i < WORKERS; i++)
            if (children[i] <= 0)
                children[i] = spawn(c, listener, doors);
        int status;
        pid_t gone = wait(&status);
        for (int i = 0; i < WORKERS && gone > 0; i++)
            if (children[i] == gone)
                children[i] = 0;
        if (gone > 0 && status != 0 && !stopping) {
            log_error("a worker ended status=%d", status);
            (void)sleep(1);
        }
    }
    for (int i = 0; i < WORKERS; i++)
        if (children[i] > 0)
            (void)kill(children[i], SIGTERM);
    while (wait(NULL) > 0)
        ;
}

int main(int argc, char **argv)
{
    struct settings *c = program_begin("gateway", argc, argv);
    struct doors doors = { NULL, NULL };
    int listener = -1;
    enum err e = fetch_allow_parse(settings_str(c, "gateway.allow"), &doors.fetch);

    if (e == E_OK)
        e = fetch_allow_parse(settings_str(c, "webhook.allow"), &doors.webhook);

    if (e == E_OK)
        e = program_listen(c, "gateway", &listener);
    if (e != E_OK) {
        log_fault("cannot start");
        return err_exit_code(e);
    }
    on_signal(SIGTERM, stop);
    on_signal(SIGINT, stop);
    on_signal(SIGPIPE, SIG_IGN);
    log_info("ready");
    supervise(c, listener, &doors);
    (void)close(listener);
    fetch_allow_free(doors.fetch);
    fetch_allow_free(doors.webhook);
    settings_free(c);
    return 0;
}
