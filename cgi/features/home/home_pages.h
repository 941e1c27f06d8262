/*
 * home_pages.h - the home page (a worklist for people who are signed in, four doors for visitors),
 * the rail, and the pages that belong to no other slice. What waits for somebody is told by the
 * slices.
 */
#pragma once

#include "http/app.h"

struct home_list;

enum home_part {
    HOME_WAITING,  /* what waits for this person */
    HOME_EXPIRING, /* what ends soon */
    HOME_RECENT,   /* what this person did last */
    HOME__PARTS
};

/* One line, one click from its action. */
struct home_item {
    struct msg what;       /* "Sign the document" */
    struct str name;       /* of the object, as the person wrote it; may be empty */
    struct str url;        /* a path of ours */
    struct timestamp when; /* due, end, or time of the act; TIMESTAMP_NONE: none */
    uint64_t count;        /* of several things behind one line; 0 or 1: not shown */
};

/* Add a line; at most 10 a part are kept. The item is copied, its texts are borrowed. */
void home_add(struct home_list *list, enum home_part part, const struct home_item *item);

/* What a slice knows of the person asking: calls home_add. */
typedef enum err (*home_source)(struct req *rq, struct home_list *list);

/* How many things wait behind an entry of the rail. */
struct home_count {
    const char *path; /* of the entry */
    enum err (*count)(struct req *rq, uint64_t *n);
};

struct home_setup {
    const struct app *app; /* started: the rail shows only what has a route */
    struct page_site site;
    const home_source *sources;      /* NULL-terminated; NULL: none */
    const struct home_count *counts; /* ended by { NULL, NULL }; NULL: none */
};

/* Keep `setup` (borrowed for the life of the program). Before the first request. */
void home_start(const struct home_setup *setup);

/* The `page` hook of app.h: person, site and rail. */
enum err home_page(void *arg, struct req *rq, struct page_context *page);

extern const struct route home_routes[];       /* /, /contact, /my-data */
extern const struct route home_style_routes[]; /* /styleguide: add it in development only */
extern const struct view *const home_views[];  /* NULL-terminated; with http's error page */
