/*
 * metrics.h - counters of one program in a page of memory that all its workers share, and their
 * Prometheus text form.
 */
#pragma once

#include "base/buf.h"

struct app;
struct metrics;

/* Make the shared page for `routes` routes: before the fork. Aborts when there is no memory. */
struct metrics *metrics_new(size_t routes);
void metrics_free(struct metrics *m);

/* One answered request. `route` is SIZE_MAX when none matched. */
void metrics_request(struct metrics *m, size_t route, int status, int64_t us);

enum metrics_event {
    METRICS_WORKER_STARTED,
    METRICS_WORKER_CRASHED,
    METRICS_WORKER_WORN,
    METRICS_EVENT__MAX
};
void metrics_count(struct metrics *m, enum metrics_event event);
/* Requests being served now: +1, -1. */
void metrics_in_flight(struct metrics *m, int change);

/* Prometheus text exposition format 0.0.4. */
void metrics_write(const struct app *app, struct buf *out);
