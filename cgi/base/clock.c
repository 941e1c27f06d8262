/* clock.c - see clock.h */
#include "base/clock.h"

#include <stdlib.h>

static int64_t read_clock(clockid_t id)
{
    struct timespec ts;

    if (clock_gettime(id, &ts) != 0)
        abort();
    return (int64_t)ts.tv_sec * SECOND_US + ts.tv_nsec / 1000;
}

struct timestamp clock_now(void)
{
    return (struct timestamp){ read_clock(CLOCK_REALTIME) };
}

int64_t clock_monotonic_us(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

bool timestamp_is_none(struct timestamp t)
{
    return t.us == INT64_MIN;
}

struct timestamp timestamp_add(struct timestamp t, int64_t us)
{
    return (struct timestamp){ t.us + us };
}

struct timestamp timestamp_from_unix(int64_t seconds)
{
    return (struct timestamp){ seconds * SECOND_US };
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

int64_t timestamp_to_unix(struct timestamp t)
{
    return floor_div(t.us, SECOND_US);
}

int timestamp_cmp(struct timestamp a, struct timestamp b)
{
    return (a.us > b.us) - (a.us < b.us);
}

/* Days since 1970-01-01 of a proleptic Gregorian date, and back; years start in March so that the
 * leap day is the last of its year. */
static int64_t days_from_date(int64_t year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = floor_div(y, 400);
    int64_t yoe = y - era * 400;
    int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

    return era * 146097 + doe - 719468;
}

static void date_from_days(int64_t days, struct calendar *c)
{
    int64_t z = days + 719468;
    int64_t era = floor_div(z, 146097);
    int64_t doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;

    c->day = (int)(doy - (153 * mp + 2) / 5 + 1);
    c->month = (int)(mp < 10 ? mp + 3 : mp - 9);
    c->year = (int)(yoe + era * 400 + (c->month <= 2));
}

struct calendar calendar_utc(struct timestamp t)
{
    struct calendar c = { 0 };
    int64_t seconds = timestamp_to_unix(t);
    int64_t days = floor_div(seconds, 86400);
    int64_t rest = seconds - days * 86400;

    date_from_days(days, &c);
    c.hour = (int)(rest / 3600);
    c.minute = (int)(rest / 60 % 60);
    c.second = (int)(rest % 60);
    return c;
}

struct calendar calendar_jst(struct timestamp t)
{
    return calendar_utc(timestamp_add(t, 9 * HOUR_US));
}

struct timestamp timestamp_from_calendar_utc(struct calendar c)
{
    int64_t days = days_from_date(c.year, c.month, c.day);

    return timestamp_from_unix(days * 86400 + c.hour * 3600 + c.minute * 60 + c.second);
}

struct str timestamp_rfc3339(struct arena *a, struct timestamp t, bool fraction)
{
    struct calendar c = calendar_utc(t);
    int64_t us = t.us - timestamp_to_unix(t) * SECOND_US;
    struct str tail = fraction ? str_fmt(a, ".%06lldZ", (long long)us) : STR("Z");

    return str_fmt(a, "%04d-%02d-%02dT%02d:%02d:%02d%s", c.year, c.month, c.day, c.hour, c.minute,
                   c.second, tail.p);
}

struct str timestamp_rfc3339_jst(struct arena *a, struct timestamp t)
{
    struct calendar c = calendar_jst(t);

    return str_fmt(a, "%04d-%02d-%02dT%02d:%02d:%02d+09:00", c.year, c.month, c.day, c.hour,
                   c.minute, c.second);
}

struct str timestamp_pdf(struct arena *a, struct timestamp t)
{
    struct calendar c = calendar_utc(t);

    return str_fmt(a, "D:%04d%02d%02d%02d%02d%02dZ", c.year, c.month, c.day, c.hour, c.minute,
                   c.second);
}

static const char *const month_names[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

struct str timestamp_http(struct arena *a, struct timestamp t)
{
    static const char *const day_names[] = { "Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed" };
    struct calendar c = calendar_utc(t);
    int64_t days = floor_div(timestamp_to_unix(t), 86400);

    return str_fmt(a, "%s, %02d %s %04d %02d:%02d:%02d GMT", day_names[(days % 7 + 7) % 7], c.day,
                   month_names[c.month - 1], c.year, c.hour, c.minute, c.second);
}

/* The Japanese era year, "令和8年"; eras by the first day of each (facts: government data models).
 */
static struct str wareki(struct arena *a, const struct calendar *c)
{
    static const struct {
        int year, month, day;
        const char *name;
    } eras[] = {
        { 2019, 5, 1, "令和" },  { 1989, 1, 8, "平成" }, { 1926, 12, 25, "昭和" },
        { 1912, 7, 30, "大正" }, { 1873, 1, 1, "明治" },
    };
    int64_t day = days_from_date(c->year, c->month, c->day);

    for (size_t i = 0; i < sizeof eras / sizeof eras[0]; i++) {
        if (day < days_from_date(eras[i].year, eras[i].month, eras[i].day))
            continue;
        /* Meiji 6 is the first year of the solar calendar */
        int first = eras[i].year == 1873 ? 1868 : eras[i].year;
        int n = c->year - first + 1;
        return n == 1 ? str_fmt(a, "(%s元年)", eras[i].name)
                      : str_fmt(a, "(%s%d年)", eras[i].name, n);
    }
    return STR("");
}

struct str timestamp_human_date(struct arena *a, struct timestamp t, bool japanese)
{
    struct calendar c = calendar_jst(t);

    if (japanese)
        return str_fmt(a, "%d年%d月%d日%s", c.year, c.month, c.day, wareki(a, &c).p);
    return str_fmt(a, "%d %s %d", c.day, month_names[c.month - 1], c.year);
}

struct str timestamp_human(struct arena *a, struct timestamp t, bool japanese)
{
    struct calendar c = calendar_jst(t);
    struct str date = timestamp_human_date(a, t, japanese);

    return str_fmt(a, japanese ? "%s %02d:%02d JST" : "%s, %02d:%02d JST", date.p, c.hour,
                   c.minute);
}

/* n digits at *at as a number in lo..hi. */
static bool digits(struct str s, size_t *at, size_t n, int lo, int hi, int *out)
{
    int v = 0;

    if (s.n - *at < n)
        return false;
    for (size_t i = 0; i < n; i++) {
        char ch = s.p[*at + i];
        if (ch < '0' || ch > '9')
            return false;
        v = v * 10 + (ch - '0');
    }
    *at += n;
    *out = v;
    return v >= lo && v <= hi;
}

static bool literal(struct str s, size_t *at, char c)
{
    if (*at >= s.n || s.p[*at] != c)
        return false;
    (*at)++;
    return true;
}

static bool parse_fraction(struct str s, size_t *at, int64_t *us)
{
    int64_t unit = SECOND_US / 10;

    *us = 0;
    if (!literal(s, at, '.'))
        return true;
    size_t from = *at;
    for (; *at < s.n && s.p[*at] >= '0' && s.p[*at] <= '9'; (*at)++, unit /= 10)
        *us += (s.p[*at] - '0') * unit;
    return *at > from;
}

static bool parse_zone(struct str s, size_t *at, int64_t *offset_us)
{
    int h, m;

    *offset_us = 0;
    if (literal(s, at, 'Z'))
        return true;
    bool west = *at < s.n && s.p[*at] == '-';
    if (!west && !(*at < s.n && s.p[*at] == '+'))
        return false;
    (*at)++;
    if (!digits(s, at, 2, 0, 23, &h) || !literal(s, at, ':') || !digits(s, at, 2, 0, 59, &m))
        return false;
    *offset_us = (west ? -1 : 1) * (h * HOUR_US + m * MINUTE_US);
    return true;
}

enum err timestamp_parse_rfc3339(struct str s, struct timestamp *out)
{
    struct calendar c, back;
    int64_t us, offset;
    size_t at = 0;

    if (str_empty(s) || !digits(s, &at, 4, 1, 9999, &c.year) || !literal(s, &at, '-') ||
        !digits(s, &at, 2, 1, 12, &c.month) || !literal(s, &at, '-') ||
        !digits(s, &at, 2, 1, 31, &c.day) || !literal(s, &at, 'T') ||
        !digits(s, &at, 2, 0, 23, &c.hour) || !literal(s, &at, ':') ||
        !digits(s, &at, 2, 0, 59, &c.minute) || !literal(s, &at, ':') ||
        !digits(s, &at, 2, 0, 59, &c.second) || !parse_fraction(s, &at, &us) ||
        !parse_zone(s, &at, &offset) || at != s.n)
        return FAIL(E_INPUT, "", "not an RFC 3339 time");
    struct timestamp t = timestamp_from_calendar_utc(c);
    back = calendar_utc(t);
    if (back.day != c.day)
        return FAIL(E_INPUT, "", "no such day");
    *out = timestamp_add(t, us - offset);
    return E_OK;
}
