/*
 * param.h - typed, bounded parameters. A handler declares the struct that it wants; the wire text
 * of path, query, form, multipart or JSON body never reaches it. The member's type is checked when
 * the table is compiled.
 *
 *     struct grant_form { struct policy_id policy; struct str signer; bool agree; };
 *     static const struct param grant_params[] = {
 *         PARAM_ID(struct grant_form, policy),
 *         PARAM_TEXT(struct grant_form, signer, 1, 120),
 *         PARAM_FLAG(struct grant_form, agree),
 *         PARAM_END,
 *     };
 *
 * Unknown names and repetitions are refused (422) before the handler. Texts are valid UTF-8 without
 * control or bidirectional-override characters, trimmed; lengths are in characters. A required
 * parameter that is missing is an error, but not on a safe method's page route (its first display).
 */
#pragma once

#include "http/param_spec.h"

/* Offset of a member that must have exactly this type. */
#define PARAM_AT_(s, m, type) (offsetof(s, m) + 0 * sizeof(char[_Generic(((s *)0)->m, type : 1)]))
#define PARAM_ANY_(s, m, k, at, l, h, fb, ch, fl)                                                  \
    {                                                                                              \
        .name = #m, .kind = (k), .offset = (at), .lo = (l), .hi = (h), .fallback = (fb),           \
        .choices = (ch), .flags = (fl)                                                             \
    }
#define PARAM_STR_(s, m, k, l, h, fl)                                                              \
    PARAM_ANY_(s, m, k, PARAM_AT_(s, m, struct str), l, h, 0, NULL, fl)
#define PARAM_ID_AT_(s, m)                                                                         \
    (offsetof(s, m) + 0 * sizeof(char[_Generic(((s *)0)->m.v, uint64_t : 1)]) +                    \
     0 * sizeof(char[sizeof(((s *)0)->m) == sizeof(uint64_t) ? 1 : -1]))
#define PARAM_INT_AT_(s, m)                                                                        \
    (offsetof(s, m) + 0 * sizeof(char[sizeof(((s *)0)->m) == sizeof(int) ? 1 : -1]))

/* struct str */
#define PARAM_TEXT(s, m, lo, hi) PARAM_STR_(s, m, PARAM_KIND_TEXT, lo, hi, 0)
#define PARAM_TEXT_OPT(s, m, hi) PARAM_STR_(s, m, PARAM_KIND_TEXT, 0, hi, PARAM_OPTIONAL)
#define PARAM_MULTILINE(s, m, lo, hi) PARAM_STR_(s, m, PARAM_KIND_MULTILINE, lo, hi, 0)
#define PARAM_MULTILINE_OPT(s, m, hi) PARAM_STR_(s, m, PARAM_KIND_MULTILINE, 0, hi, PARAM_OPTIONAL)
#define PARAM_TOKEN(s, m, lo, hi) PARAM_STR_(s, m, PARAM_KIND_TOKEN, lo, hi, 0)
#define PARAM_TOKEN_OPT(s, m, hi) PARAM_STR_(s, m, PARAM_KIND_TOKEN, 0, hi, PARAM_OPTIONAL)
#define PARAM_EMAIL(s, m) PARAM_STR_(s, m, PARAM_KIND_EMAIL, 3, 254, 0)
#define PARAM_EMAIL_OPT(s, m) PARAM_STR_(s, m, PARAM_KIND_EMAIL, 3, 254, PARAM_OPTIONAL)
#define PARAM_PATH_OPT(s, m) PARAM_STR_(s, m, PARAM_KIND_PATH, 1, 1000, PARAM_OPTIONAL)

/* int64_t */
#define PARAM_INT(s, m, lo, hi)                                                                    \
    PARAM_ANY_(s, m, PARAM_KIND_INT, PARAM_AT_(s, m, int64_t), lo, hi, 0, NULL, 0)
#define PARAM_INT_OPT(s, m, lo, hi, fallback)                                                      \
    PARAM_ANY_(s, m, PARAM_KIND_INT, PARAM_AT_(s, m, int64_t), lo, hi, fallback, NULL,             \
               PARAM_OPTIONAL)

/* Any struct <kind>_id; absent is v = 0 */
#define PARAM_ID(s, m) PARAM_ANY_(s, m, PARAM_KIND_ID, PARAM_ID_AT_(s, m), 1, INT64_MAX, 0, NULL, 0)
#define PARAM_ID_OPT(s, m)                                                                         \
    PARAM_ANY_(s, m, PARAM_KIND_ID, PARAM_ID_AT_(s, m), 1, INT64_MAX, 0, NULL, PARAM_OPTIONAL)

/* bool; absent is false ("1", "on", "true" are true) */
#define PARAM_FLAG(s, m)                                                                           \
    PARAM_ANY_(s, m, PARAM_KIND_FLAG, PARAM_AT_(s, m, bool), 0, 1, 0, NULL, PARAM_OPTIONAL)

/* int or an enum; `table` is a static const struct choice[] */
#define PARAM_CHOICE(s, m, table)                                                                  \
    PARAM_ANY_(s, m, PARAM_KIND_CHOICE, PARAM_INT_AT_(s, m), 0, 0, 0, table, 0)
#define PARAM_CHOICE_OPT(s, m, table, fallback)                                                    \
    PARAM_ANY_(s, m, PARAM_KIND_CHOICE, PARAM_INT_AT_(s, m), 0, 0, fallback, table, PARAM_OPTIONAL)

/* struct timestamp; absent is TIMESTAMP_NONE */
#define PARAM_DATE(s, m)                                                                           \
    PARAM_ANY_(s, m, PARAM_KIND_DATE, PARAM_AT_(s, m, struct timestamp), 0, 0, 0, NULL, 0)
#define PARAM_DATE_OPT(s, m)                                                                       \
    PARAM_ANY_(s, m, PARAM_KIND_DATE, PARAM_AT_(s, m, struct timestamp), 0, 0, 0, NULL,            \
               PARAM_OPTIONAL)

/* struct secret *, owned by the request and wiped with it; lengths in bytes; absent is NULL */
#define PARAM_SECRET(s, m, lo, hi)                                                                 \
    PARAM_ANY_(s, m, PARAM_KIND_SECRET, PARAM_AT_(s, m, struct secret *), lo, hi, 0, NULL, 0)
#define PARAM_SECRET_OPT(s, m, lo, hi)                                                             \
    PARAM_ANY_(s, m, PARAM_KIND_SECRET, PARAM_AT_(s, m, struct secret *), lo, hi, 0, NULL,         \
               PARAM_OPTIONAL)

/* struct upload; absent has data.p == NULL */
#define PARAM_FILE(s, m, max)                                                                      \
    PARAM_ANY_(s, m, PARAM_KIND_FILE, PARAM_AT_(s, m, struct upload), 1, max, 0, NULL, 0)
#define PARAM_FILE_OPT(s, m, max)                                                                  \
    PARAM_ANY_(s, m, PARAM_KIND_FILE, PARAM_AT_(s, m, struct upload), 1, max, 0, NULL,             \
               PARAM_OPTIONAL)

/* struct upload, handed to the route's intake while it arrives; `sink` is what became of it */
#define PARAM_STREAM(s, m, max)                                                                    \
    PARAM_ANY_(s, m, PARAM_KIND_STREAM, PARAM_AT_(s, m, struct upload), 1, max, 0, NULL, 0)

/* const struct json * */
#define PARAM_JSON(s, m)                                                                           \
    PARAM_ANY_(s, m, PARAM_KIND_JSON, PARAM_AT_(s, m, const struct json *), 0, 0, 0, NULL, 0)
#define PARAM_JSON_OPT(s, m)                                                                       \
    PARAM_ANY_(s, m, PARAM_KIND_JSON, PARAM_AT_(s, m, const struct json *), 0, 0, 0, NULL,         \
               PARAM_OPTIONAL)

#define PARAM_MANY_(s, m, c, k, at, l, h, mx)                                                      \
    {                                                                                              \
        .name = #m, .kind = (k), .offset = (at), .count_offset = PARAM_AT_(s, c, size_t),          \
        .lo = (l), .hi = (h), .many = (mx), .flags = PARAM_OPTIONAL                                \
    }
/* struct str * and a size_t: 0 .. many values, each lo .. hi characters */
#define PARAM_TEXTS(s, m, count, lo, hi, many)                                                     \
    PARAM_MANY_(s, m, count, PARAM_KIND_TEXTS, PARAM_AT_(s, m, struct str *), lo, hi, many)
/* struct upload * and a size_t: 0 .. many files of at most max bytes each */
#define PARAM_FILES(s, m, count, max, many)                                                        \
    PARAM_MANY_(s, m, count, PARAM_KIND_FILES, PARAM_AT_(s, m, struct upload *), 1, max, many)

/* The same, streamed. */
#define PARAM_STREAMS(s, m, count, max, many)                                                      \
    PARAM_MANY_(s, m, count, PARAM_KIND_STREAMS, PARAM_AT_(s, m, struct upload *), 1, max, many)

#define PARAM_END                                                                                  \
    {                                                                                              \
        .name = NULL                                                                               \
    }
