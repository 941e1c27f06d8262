/* serve_worker.h - private to http/: the life of one FastCGI worker process. */
#pragma once

#include "http/serve.h"

enum { WORKER_DONE = 0, WORKER_WORN = 10, WORKER_FAILED = 11 };

/* Serve from the listening socket until told to stop, worn or recycled. Returns the exit code. */
int serve_worker_run(const struct serve_params *p, int listen_fd);
