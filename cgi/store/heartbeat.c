/* heartbeat.c - see heartbeat.h. */
#include "store/heartbeat.h"

#include "store/gen/core.q.h"

enum err heartbeat_beat(struct tx *tx, const char *program, const char *instance)
{
    return q_heartbeat_set(tx, str_z(program), str_z(instance), clock_now());
}

enum err heartbeat_latest(struct tx *tx, const char *program, struct timestamp *at)
{
    struct q_heartbeat_last row;
    enum err err = q_heartbeat_last(tx, str_z(program), &row);
    *at = err == E_OK ? row.beat_at : TIMESTAMP_NONE;
    return err;
}

enum err heartbeat_purge(struct tx *tx)
{
    uint64_t n;
    return q_heartbeat_purge_old(tx, timestamp_add(clock_now(), -DAY_US), &n);
}
