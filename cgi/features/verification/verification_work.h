/* verification_work.h - the worker's part of bulk verification: findings end after eight hours. */
#pragma once

#include "store/worker.h"

extern const struct worker_task verification_tasks[];
