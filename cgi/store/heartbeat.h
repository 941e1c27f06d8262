/* heartbeat.h - which programs are alive: one row per process, for /readyz and metrics. */
#pragma once

#include "base/clock.h"
#include "store/db.h"

/* This instance of `program` is alive now. Inside a transaction. */
enum err heartbeat_beat(struct tx *tx, const char *program, const char *instance) MUST_CHECK;
/* The latest beat of any instance; E_ABSENT when there was none ever. */
enum err heartbeat_latest(struct tx *tx, const char *program, struct timestamp *at) MUST_CHECK;
/* Forget instances that have not been heard of for a day. */
enum err heartbeat_purge(struct tx *tx) MUST_CHECK;
