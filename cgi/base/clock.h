/*
 * clock.h - times are UTC microseconds since 1970 in a type of their own.
 */
#pragma once

#include "base/str.h"

struct timestamp {
    int64_t us;
};

#define TIMESTAMP_NONE ((struct timestamp){ INT64_MIN })
#define SECOND_US INT64_C(1000000)
#define MINUTE_US (60 * SECOND_US)
#define HOUR_US (60 * MINUTE_US)
#define DAY_US (24 * HOUR_US)

/* Broken-down UTC (or JST when asked for) calendar time. */
struct calendar {
    int year, month, day, hour, minute, second; /* month and day from 1 */
};

struct timestamp clock_now(void);
/* Monotonic microseconds, for durations only. */
int64_t clock_monotonic_us(void);

bool timestamp_is_none(struct timestamp t);
struct timestamp timestamp_add(struct timestamp t, int64_t us);
struct timestamp timestamp_from_unix(int64_t seconds);
int64_t timestamp_to_unix(struct timestamp t); /* rounds down */
int timestamp_cmp(struct timestamp a, struct timestamp b);

struct calendar calendar_utc(struct timestamp t);
struct calendar calendar_jst(struct timestamp t); /* UTC+09:00, no daylight saving */
struct timestamp timestamp_from_calendar_utc(struct calendar c);

/* 2026-11-20T05:05:09Z (RFC 3339), 2026-11-20T14:05:09+09:00, and with .123456 when `fraction`. */
struct str timestamp_rfc3339(struct arena *a, struct timestamp t, bool fraction);
struct str timestamp_rfc3339_jst(struct arena *a, struct timestamp t);
/* D:20261120050509Z (ISO 32000-2 7.9.4). */
struct str timestamp_pdf(struct arena *a, struct timestamp t);
/* Fri, 20 Nov 2026 05:05:09 GMT (RFC 9110 5.6.7). */
struct str timestamp_http(struct arena *a, struct timestamp t);
/* For people: ja "2026年11月20日(令和8年) 14:05 JST", en "20 Nov 2026, 14:05 JST". */
struct str timestamp_human(struct arena *a, struct timestamp t, bool japanese);
struct str timestamp_human_date(struct arena *a, struct timestamp t, bool japanese);
/* RFC 3339 text to a time; E_INPUT when malformed. */
enum err timestamp_parse_rfc3339(struct str s, struct timestamp *out) MUST_CHECK;
