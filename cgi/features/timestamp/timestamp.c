/* timestamp.c - finding the record of a token; see timestamp.h */
#include "features/timestamp/timestamp.h"

#include "store/db.h"
#include "store/gen/timestamp.q.h"

enum { AROUND_MAX = 1000 };

/* The time in the first half of a serial number. */
static struct timestamp time_of(struct bytes serial)
{
    uint64_t us = 0;

    for (size_t i = 0; i < 8; i++)
        us = us << 8 | serial.p[i];
    return (struct timestamp){ (int64_t)us };
}

enum err timestamp_find(struct tx *tx, struct bytes serial, struct bytes32 *imprint,
                        struct timestamp *when)
{
    uint8_t full[TIMESTAMP_SERIAL] = { 0 };
    struct q_timestamp_around *rows;
    size_t n;

    if (serial.n > sizeof full)
        return E_ABSENT;
    memcpy(full + sizeof full - serial.n, serial.p, serial.n); /* INTEGERs drop leading zeros */
    *when = time_of((struct bytes){ full, sizeof full });
    TRY(q_timestamp_around(tx, *when, AROUND_MAX, &rows, &n));
    for (size_t i = 0; i < n; i++) {
        const struct bytes record = rows[i].record;
        for (size_t at = 0; at + TIMESTAMP_RECORD <= record.n; at += TIMESTAMP_RECORD) {
            if (memcmp(record.p + at, full, sizeof full) != 0)
                continue;
            memcpy(imprint->b, record.p + at + TIMESTAMP_SERIAL, sizeof imprint->b);
            return E_OK;
        }
    }
    return E_ABSENT;
}
