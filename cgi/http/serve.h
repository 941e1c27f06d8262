/*
 * serve.h - the FastCGI server: a supervisor that owns the listening socket and forked workers that
 * take one request at a time.
 *
 * SIGTERM or SIGINT: requests in flight are finished, then all ends. SIGHUP: the supervisor
 * executes its program anew on the same socket (new code, new settings), old workers finish what
 * they have. A crashed worker is replaced, with a growing delay when they crash at once; a worker
 * is replaced after `recycle` requests or when worn. The supervisor holds no database and no HSM:
 * worker_init opens them after the fork, then the sandbox closes.
 */
#pragma once

#include "http/app.h"
#include "http/sandbox.h"

struct serve_params {
    struct app *app;
    const char *socket_path; /* made with mode 0660; not used when LISTEN_FDS passes a socket */
    unsigned workers;        /* 0: 8 */
    uint64_t recycle;        /* requests a worker serves; 0: 20 000 */
    unsigned stop_s;         /* patience with requests in flight; 0: 30 */
    unsigned cpu_s; /* processor seconds of one request, then its worker is killed; 0: 60 */
    /* After the fork, before the sandbox. A failure is logged and tried again with back-off. */
    enum err (*worker_init)(void *arg);
    void (*worker_end)(void *arg);
    void *arg;
    const struct sandbox *sandbox; /* NULL: none (development, tests) */
    char **argv;                   /* for SIGHUP; NULL: SIGHUP only replaces the workers */
};

/* Serve until stopped. Exit code for main: 0 after a graceful stop. */
int serve_run(const struct serve_params *p);
