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
#define METRICS_SLOTS 256
/* This process is the worker in that slot (0 when never said). */
void metrics_be_worker(unsigned slot);
/* This worker is serving a request, or not any more. */
void metrics_in_flight(struct metrics *m, bool serving);
/*
 * This worker's request is a costly one, until it is not serving any more. False, and nothing
 * changed, when half of the `workers` (0: nobody counts them) have such a request already.
 */
bool metrics_costly(struct metrics *m, unsigned workers);
/*
 * This worker's request is alone with what takes much memory, until it is not serving any more.
 * False, and nothing changed, when another one is.
 */
bool metrics_alone(struct metrics *m);
/* The worker of that slot has died, perhaps in the middle. */
void metrics_worker_gone(struct metrics *m, unsigned slot);

/* Prometheus text exposition format 0.0.4. */
void metrics_write(const struct app *app, struct buf *out);
