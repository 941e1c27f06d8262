/*
 * wake.h - the alarm bells of worker and signer: unix datagram sockets. A lost ring is harmless,
 * both also look for work every few seconds; so is one too many.
 */
#pragma once

#include "base/err.h"

/*
 * Remember where to ring, up to WAKE_BELLS places; at start, before the sandbox closes. The file
 * need not exist yet. Without it wake_ring() does nothing. E_INPUT when the path is too long for a
 * socket.
 */
enum { WAKE_BELLS = 2 };
enum err wake_open(const char *path) MUST_CHECK;
/* The bells of all programs that do jobs, in this run directory. */
enum err wake_open_all(const char *run_dir) MUST_CHECK;
/* Ring all: never blocks, never fails. */
void wake_ring(void);

/* The worker's side: bind the socket (a stale file is replaced). */
enum err wake_listen(const char *path, int *fd) MUST_CHECK;
/* Wait until it rings, a signal comes, or the time is over; all rings so far count as one. */
void wake_wait(int fd, int64_t us);
