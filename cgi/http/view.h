/*
 * view.h - how a C struct is shown to a template: a table of typed, named members.
 *
 * Templates are compiled at start against these tables; a name that is in no table stops the start.
 * docs/templates.md is the guide for people who write pages.
 */
#pragma once

#include "base/clock.h"
#include "http/message.h"

/* Text that is already safe HTML. Only code that escapes its input may make one. */
struct html {
    struct str s;
};

enum view_kind {
    VIEW_KIND_END,
    VIEW_KIND_TEXT,   /* struct str, escaped */
    VIEW_KIND_WORD,   /* const char *, escaped */
    VIEW_KIND_URL,    /* struct str: may begin a href, src or action */
    VIEW_KIND_CODE,   /* struct str shown in groups of four; {{name.raw}} as it is */
    VIEW_KIND_INT,    /* any integer, plain digits */
    VIEW_KIND_COUNT,  /* any integer, 10,000 */
    VIEW_KIND_SIZE,   /* unsigned number of bytes, 1.2 MB */
    VIEW_KIND_FLAG,   /* bool */
    VIEW_KIND_TIME,   /* struct timestamp, date and time; {{name.iso}} RFC 3339, {{name.date}} */
    VIEW_KIND_DATE,   /* struct timestamp, date only; {{name.iso}} */
    VIEW_KIND_MSG,    /* struct msg, translated */
    VIEW_KIND_HTML,   /* struct html, as it is */
    VIEW_KIND_LIST,   /* pointer to items, and their number */
    VIEW_KIND_STRUCT, /* embedded struct: {{name.member}} or {{#name}}{{member}}{{/name}} */
    VIEW_KIND_OPTION, /* the same behind a pointer; NULL is false */
    VIEW_KIND_ERRORS  /* field errors of page.h: {{error.FIELD}} */
};

struct view_field {
    const char *name;
    enum view_kind kind;
    bool negative;                  /* integers: the type is signed */
    uint16_t size;                  /* integers: width; lists: width of count */
    uint32_t offset;                /* of the member */
    uint32_t count_offset;          /* lists: of the count */
    uint32_t item_size;             /* lists: distance of items */
    const struct view_field *items; /* lists, structs: the members */
};

/* How a page (or mail) is made. `title` is a catalogue text and may hold {{name}} of the view. */
struct view {
    const char *template;            /* below templates/: "signing/documents.html" */
    const char *title;               /* English; NULL for mails */
    const struct view_field *fields; /* ends with VIEW_END; NULL: no values of its own */
    uint32_t flags;                  /* VIEW_WIDE ... */
};

enum view_flags {
    VIEW_WIDE = 1u << 0,  /* lists and review pages: the whole width */
    VIEW_BARE = 1u << 1,  /* without layout and page context: mails, fragments */
    VIEW_BLANK = 1u << 2, /* layout without the rail: sign-in, errors */
};

/* --- the tables; a member of another type than said does not compile --- */

#define VIEW_AT_(s, m, type) ((uint32_t) _Generic(((s *)0)->m, type : offsetof(s, m)))
#define VIEW_NUMBER_(s, m, k)                                                                      \
    {                                                                                              \
        .name = #m, .kind = (k), .size = sizeof(((s *)0)->m), .offset = (uint32_t)offsetof(s, m),  \
        .negative = ((__typeof__(((s *)0)->m))-1) / 1 < 1,                                         \
    }

#define VIEW_TEXT(s, m)                                                                            \
    {                                                                                              \
        .name = #m, .kind = VIEW_KIND_TEXT, .offset = VIEW_AT_(s, m, struct str)                   \
    }
#define VIEW_WORD(s, m)                                                                            \
    {                                                                                              \
        .name = #m, .kind = VIEW_KIND_WORD, .offset = VIEW_AT_(s, m, const char *)                 \
    }
#define VIEW_URL(s, m)                                                                             \
    {                                                                                              \
        .name = #m, .kind = VIEW_KIND_URL, .offset = VIEW_AT_(s, m, struct str)                    \
    }
#define VIEW_CODE(s, m)                                                                            \
    {                                                                                              \
        .name = #m, .kind = VIEW_KIND_CODE, .offset = VIEW_AT_(s, m, struct str)                   \
    }
#define VIEW_INT(s, m) VIEW_NUMBER_(s, m, VIEW_KIND_INT)
#define VIEW_COUNT(s, m) VIEW_NUMBER_(s, m, VIEW_KIND_COUNT)
#define VIEW_SIZE(s, m) VIEW_NUMBER_(s, m, VIEW_KIND_SIZE)
/* struct x_id: its number. */
#define VIEW_ID(s, m)                                                                              \
    {                                                                                              \
        .name = #m, .kind = VIEW_KIND_INT, .size = sizeof(((s *)0)->m.v),                          \
        .offset = VIEW_AT_(s, m.v, uint64_t),                                                      \
    }
#define VIEW_FLAG(s, m)                                                                            \
    {                                                                                              \
        .name = #m, .kind = VIEW_KIND_FLAG, .offset = VIEW_AT_(s, m, bool)                         \
    }
#define VIEW_TIME(s, m)                                                                            \
    {                                                                                              \
        .name = #m, .kind = VIEW_KIND_TIME, .offset = VIEW_AT_(s, m, struct timestamp)             \
    }
#define VIEW_DATE(s, m)                                                                            \
    {                                                                                              \
        .name = #m, .kind = VIEW_KIND_DATE, .offset = VIEW_AT_(s, m, struct timestamp)             \
    }
#define VIEW_MSG(s, m)                                                                             \
    {                                                                                              \
        .name = #m, .kind = VIEW_KIND_MSG, .offset = VIEW_AT_(s, m, struct msg)                    \
    }
#define VIEW_HTML(s, m)                                                                            \
    {                                                                                              \
        .name = #m, .kind = VIEW_KIND_HTML, .offset = VIEW_AT_(s, m, struct html)                  \
    }
/* `m` points at the first of `n` items (n: size_t); `f` describes one item. */
#define VIEW_LIST(s, m, n, f)                                                                      \
    {                                                                                              \
        .name = #m, .kind = VIEW_KIND_LIST, .offset = (uint32_t)offsetof(s, m),                    \
        .count_offset = VIEW_AT_(s, n, size_t), .item_size = sizeof(*((s *)0)->m), .items = (f),   \
    }
#define VIEW_STRUCT(s, m, f)                                                                       \
    {                                                                                              \
        .name = #m, .kind = VIEW_KIND_STRUCT, .offset = (uint32_t)offsetof(s, m), .items = (f)     \
    }
#define VIEW_OPTION(s, m, f)                                                                       \
    {                                                                                              \
        .name = #m, .kind = VIEW_KIND_OPTION, .offset = (uint32_t)offsetof(s, m),                  \
        .item_size = sizeof(*((s *)0)->m), .items = (f),                                           \
    }
#define VIEW_END                                                                                   \
    {                                                                                              \
        .name = NULL, .kind = VIEW_KIND_END                                                        \
    }
