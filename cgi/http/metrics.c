/* metrics.c - see metrics.h */
#include "http/metrics.h"

#include "http/app.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>

#define CLASSES 5 /* 1xx .. 5xx */

static const int64_t bounds_us[] = { 500,    1000,   2500,    5000,    10000,   25000,
                                     100000, 500000, 1000000, 5000000, 30000000 };
#define BUCKETS (sizeof(bounds_us) / sizeof(*bounds_us) + 1)

struct counter {
    _Atomic uint64_t status[CLASSES];
    _Atomic uint64_t us;
};

struct metrics {
    size_t size, routes;
    _Atomic uint64_t events[METRICS_EVENT__MAX];
    _Atomic uint8_t serving[METRICS_SLOTS];
    _Atomic uint64_t buckets[BUCKETS];
    struct counter counters[]; /* one for each route, and one for what matched none */
};

struct metrics *metrics_new(size_t routes)
{
    size_t size = sizeof(struct metrics) + (routes + 1) * sizeof(struct counter);
    struct metrics *m = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (m == MAP_FAILED)
        abort();
    m->size = size;
    m->routes = routes;
    return m;
}

void metrics_free(struct metrics *m)
{
    if (m)
        munmap(m, m->size);
}

void metrics_request(struct metrics *m, size_t route, int status, int64_t us)
{
    int class = status / 100 - 1;
    struct counter *c = &m->counters[route < m->routes ? route : m->routes];
    size_t b = 0;
    if (class < 0 || class >= CLASSES)
        class = CLASSES - 1;
    while (b < BUCKETS - 1 && us > bounds_us[b])
        b++;
    atomic_fetch_add_explicit(&c->status[class], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&c->us, us > 0 ? (uint64_t)us : 0, memory_order_relaxed);
    atomic_fetch_add_explicit(&m->buckets[b], 1, memory_order_relaxed);
}

void metrics_count(struct metrics *m, enum metrics_event event)
{
    atomic_fetch_add_explicit(&m->events[event], 1, memory_order_relaxed);
}

static unsigned own_slot;

void metrics_be_worker(unsigned slot)
{
    own_slot = slot % METRICS_SLOTS;
}

void metrics_in_flight(struct metrics *m, bool serving)
{
    atomic_store_explicit(&m->serving[own_slot], serving, memory_order_relaxed);
}

void metrics_worker_gone(struct metrics *m, unsigned slot)
{
    atomic_store_explicit(&m->serving[slot % METRICS_SLOTS], 0, memory_order_relaxed);
}

enum { SERVING = 1, COSTLY = 2, ALONE = 3 };

bool metrics_costly(struct metrics *m, unsigned workers)
{
    unsigned n = 0, most = workers > 1 ? workers / 2 : 1;
    if (workers == 0)
        return true;
    /* First say so, then count: of two at once at least one sees the other. */
    atomic_store(&m->serving[own_slot], COSTLY);
    for (size_t i = 0; i < METRICS_SLOTS; i++)
        n += atomic_load(&m->serving[i]) == COSTLY;
    if (n > most)
        atomic_store(&m->serving[own_slot], SERVING);
    return n <= most;
}

bool metrics_alone(struct metrics *m)
{
    unsigned n = 0;
    atomic_store(&m->serving[own_slot], ALONE);
    for (size_t i = 0; i < METRICS_SLOTS; i++)
        n += atomic_load(&m->serving[i]) == ALONE;
    if (n > 1)
        atomic_store(&m->serving[own_slot], SERVING);
    return n == 1;
}

static unsigned long long load(const _Atomic uint64_t *v)
{
    return (unsigned long long)atomic_load_explicit(v, memory_order_relaxed);
}

static void write_counter(const struct app *app, size_t i, uint64_t *total_us, struct buf *out)
{
    const struct metrics *m = app->metrics;
    const struct counter *c = &m->counters[i];
    const struct route *r = i < m->routes ? route_at(app->map, i) : NULL;
    const char *method = r ? route_method_name(r->method) : "";
    const char *path = r ? r->path : "none";
    *total_us += load(&c->us);
    for (int s = 0; s < CLASSES; s++)
        if (load(&c->status[s]))
            buf_fmt(out, "shomei_http_requests_total{route=\"%s%s%s\",status=\"%dxx\"} %llu\n",
                    method, r ? " " : "", path, s + 1, load(&c->status[s]));
    if (load(&c->us))
        buf_fmt(out, "shomei_http_route_seconds_total{route=\"%s%s%s\"} %.6f\n", method,
                r ? " " : "", path, (double)load(&c->us) / 1e6);
}

static void write_histogram(const struct metrics *m, uint64_t total_us, struct buf *out)
{
    unsigned long long sum = 0;
    buf_add_z(out, "# TYPE shomei_http_request_seconds histogram\n");
    for (size_t b = 0; b < BUCKETS; b++) {
        sum += load(&m->buckets[b]);
        if (b < BUCKETS - 1)
            buf_fmt(out, "shomei_http_request_seconds_bucket{le=\"%g\"} %llu\n",
                    (double)bounds_us[b] / 1e6, sum);
        else
            buf_fmt(out, "shomei_http_request_seconds_bucket{le=\"+Inf\"} %llu\n", sum);
    }
    buf_fmt(out, "shomei_http_request_seconds_sum %.6f\nshomei_http_request_seconds_count %llu\n",
            (double)total_us / 1e6, sum);
}

void metrics_write(const struct app *app, struct buf *out)
{
    static const char *const events[] = { "started", "crashed", "worn" };
    _Static_assert(sizeof(events) / sizeof(*events) == METRICS_EVENT__MAX, "one name per event");
    const struct metrics *m = app->metrics;
    uint64_t total_us = 0;
    buf_add_z(out, "# TYPE shomei_http_requests_total counter\n"
                   "# TYPE shomei_http_route_seconds_total counter\n");
    for (size_t i = 0; i <= m->routes; i++)
        write_counter(app, i, &total_us, out);
    write_histogram(m, total_us, out);
    buf_add_z(out, "# TYPE shomei_workers_total counter\n");
    for (size_t i = 0; i < METRICS_EVENT__MAX; i++)
        buf_fmt(out, "shomei_workers_total{event=\"%s\"} %llu\n", events[i], load(&m->events[i]));
    unsigned serving = 0;
    for (size_t i = 0; i < METRICS_SLOTS; i++)
        serving += atomic_load_explicit(&m->serving[i], memory_order_relaxed) != 0;
    buf_fmt(out, "# TYPE shomei_http_in_flight gauge\nshomei_http_in_flight %u\n", serving);
    if (app->hooks->metrics)
        app->hooks->metrics(app->hooks->arg, out);
}
