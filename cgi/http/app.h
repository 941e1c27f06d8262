/*
 * app.h - what main/ gives to http/: the route tables, the hooks that reach the database, and how
 * pages look. http/ itself knows no database and no template.
 */
#pragma once

#include "base/secret.h"
#include "http/page.h"
#include "http/problem.h"
#include "http/ratelimit.h"
#include "http/route.h"
#include "http/session.h"

struct tx;
struct template_set;
struct static_files;
struct metrics;

/* A request refused for E_AUTH, E_DENIED or E_LIMIT on an unsafe method, for the audit log. */
struct refusal {
    const struct who *who;
    struct str address, request_id;
    const char *method, *route; /* the route's pattern */
    enum err err;
    const char *reason;
};

/* A certificate was shown: from where, in which request, and why it was refused (NULL: it was not).
 */
struct client_use {
    struct str address, request_id;
    struct timestamp now;
    const char *refused;
};

/*
 * The program's hooks; `arg` is handed to each. All are called inside the worker. A NULL hook means
 * that the program has no such thing (no sessions, no limits), not that the check passes.
 */
struct hooks {
    void *arg;
    enum err (*begin)(void *arg, struct arena *a, struct tx **tx);
    enum err (*commit)(void *arg, struct tx *tx);
    void (*rollback)(void *arg, struct tx *tx);

    /* The live session of that token hash, or E_ABSENT. */
    enum err (*session_load)(void *arg, struct arena *a, const struct bytes32 *token_hash,
                             struct timestamp now, struct session_state *out);
    /* The session was used; called at most once a minute for each. */
    enum err (*session_seen)(void *arg, struct session_id session, struct timestamp now);
    /* Who owns this (by nginx verified) certificate: fills client, tenant, roles ... of a system,
     * or account, certificate ... of a person. E_AUTH: unknown or revoked. `serial_dn` texts are
     * not trusted, parse the PEM. */
    enum err (*client_load)(void *arg, struct arena *a, struct str pem, struct timestamp now,
                            struct who *out);
    /* client_load named this person, or refused for that reason (NULL: did not): note it, in a
     * transaction of its own. */
    void (*client_seen)(void *arg, const struct client_use *use);
    /* Add key->add to the counter, in a transaction of its own. */
    enum err (*rate_count)(void *arg, const struct rate_key *key, struct rate_counts *out);
    /* Record a refusal, in a transaction of its own. */
    void (*refused)(void *arg, const struct refusal *r);
    /* Append extra lines in Prometheus text format. */
    void (*metrics)(void *arg, struct buf *out);

    /* Complete what the layout shows: person, site, rail. csrf, path, errors ... are filled
     * already. Called for each page, also outside a transaction (req_tx NULL) for error pages. */
    enum err (*page)(void *arg, struct req *rq, struct page_context *page);
};

/* One condition of /readyz: "database", "hsm", "worker". */
struct ready_check {
    const char *name;
    enum err (*check)(void *arg); /* the hooks' arg */
};

struct app {
    const char *name;                  /* "portal": log and metrics */
    const struct route *const *tables; /* NULL-terminated */
    const struct hooks *hooks;
    const struct ready_check *ready; /* ended by { NULL, NULL }; NULL: always ready */
    const struct secret *csrf_key;   /* 32 bytes or more, the same on all machines */
    const char *origin;     /* "https://localhost:8443": what Origin must be; NULL: from Host */
    const char *login_path; /* where to send a visitor: "/login"; NULL: answer 401 */
    const char *second_factor_path; /* "/login/code"; NULL: answer 403 */
    /* template_set_render (template_set.h), or a test's own. */
    enum err (*render)(const struct template_set *set, const struct view *view, enum lang lang,
                       const struct page_context *page, const void *data, struct arena *a,
                       struct buf *out);
    const struct template_set *templates; /* NULL (with render NULL): plain error pages */
    /* Words for reason codes: NULL-terminated tables of the slices; NULL: none. */
    const struct problem_reason *const *reasons;
    /* More of them, from a slice that has them in its own form; NULL: none. */
    bool (*reason_text)(const char *code, struct msg *what);
    const struct rate *rate_unsafe; /* counted for every unsafe request; NULL: none */
    struct session_limits session;
    const struct static_files *files; /* served under /static/; NULL: none */
    bool plain_http;                  /* repository: no HSTS, no upgrade, cookies never */
    size_t arena_limit;               /* per request; 0: 64 MB */

    /* Filled by app_start. */
    struct route_map *map;
    struct metrics *metrics;
    unsigned workers; /* filled by serve_run; 0: without workers */
};

/* Check everything that must stop the start, build the route map and the shared metrics page. */
enum err app_start(struct app *app) MUST_CHECK;
/* Release what app_start made. */
void app_stop(struct app *app);
