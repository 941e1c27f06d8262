/*
 * wake.h - the worker's alarm bell: a unix datagram socket. A lost ring is harmless, the worker
 * also looks for work every few seconds.
 */
#pragma once

#include "base/err.h"

/*
 * Remember where to ring; at start, before the sandbox closes. The file need not exist yet. Without
 * it wake_ring() does nothing. E_INPUT when the path is too long for a socket.
 */
enum err wake_open(const char *path) MUST_CHECK;
/* Ring: never blocks, never fails. */
void wake_ring(void);

/* The worker's side: bind the socket (a stale file is replaced). */
enum err wake_listen(const char *path, int *fd) MUST_CHECK;
/* Wait until it rings, a signal comes, or the time is over; all rings so far count as one. */
void wake_wait(int fd, int64_t us);
