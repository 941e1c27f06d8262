/*
 * page.h - what every page gets besides its own view, and the structs behind the shared partials.
 *
 * http/ fills a struct page_context per request; templates see its members under the names of
 * page_context_fields. Slices embed the page_* structs in their views (docs/templates.md).
 */
#pragma once

#include "http/view.h"

/* --- filled by http --- */

/* One entry of the rail: shown when the person may open it. */
struct page_nav {
    struct str url;
    struct msg label;
    struct msg group; /* heading above the first entry of a group; id NULL: none */
    uint64_t count;   /* what waits there; 0 shows no badge */
    bool current;
};

/* A message left by the previous request, shown once. */
struct page_flash {
    const char *tone; /* "success" "info" "warning" "error" */
    struct msg heading;
    struct str text;
};

/* A field that was refused: shown in the summary and, by {{error.FIELD}}, under the field. */
struct page_error {
    struct str field; /* parameter name; the control's id is f-FIELD; "" for the whole form */
    struct str text;  /* translated, says what to write */
};

/* Who is looking, as the header shows it. */
struct page_person {
    struct str name, login, tenant;
    struct msg role;
    bool second_factor;
    bool certificate; /* here by certificate: leaves by closing the browser */
};

/* Constant for the installation. */
struct page_site {
    struct str provider, contact_mail, contact_phone, contact_hours;
    bool development;
    bool operators; /* the LRA operators' port: no sign-in, but a certificate */
};

struct page_context {
    struct str csrf;       /* value of the hidden field; see partials/csrf.html */
    struct str path;       /* of this request, for aria-current and the language switch */
    struct str request_id; /* the reference number */
    struct timestamp now;
    const struct page_person *who; /* NULL: not signed in */
    const struct page_site *site;  /* never NULL */
    const struct page_nav *nav;
    size_t nav_count;
    const struct page_flash *flashes;
    size_t flash_count;
    const struct page_error *errors;
    size_t error_count;
};
extern const struct view_field page_context_fields[];

/* --- embedded in views by slices --- */

/* State badge: <span class="badge badge-{{state.tone}}">{{state.word}}</span>. */
struct page_badge {
    const char *tone; /* "neutral" "progress" "success" "caution" "error" */
    struct msg word;
};
extern const struct view_field page_badge_fields[];

/* partials/steps.html over a list named `steps`. */
struct page_step {
    struct msg label;
    bool done, current;
};
extern const struct view_field page_step_fields[];
/* `n` labels, the one at index `current` being now (n: all done). */
struct page_step *page_steps(struct arena *a, const struct msg *labels, size_t n, size_t current);

/* partials/timeline.html over a list named `timeline`. */
struct page_event {
    struct timestamp at;
    struct msg what;
    struct str who, note;
};
extern const struct view_field page_event_fields[];

/* partials/pager.html over a struct named `pager`. Pages count from 1. */
struct page_pager {
    uint64_t total, page, pages, first, last;
    struct str previous_url, next_url; /* "" at the ends */
};
extern const struct view_field page_pager_fields[];
/* `query` is the list's filter and sort as "a=b&c=d" (encoded), without `page`. */
struct page_pager page_pager_make(struct arena *a, struct str path, struct str query, uint64_t page,
                                  uint64_t per_page, uint64_t total);

/* A sortable column: <th scope="col" aria-sort="{{by_name.aria}}"><a href="{{by_name.url}}">. */
struct page_sort {
    const char *aria; /* "ascending" "descending" "none" */
    struct str url;
};
extern const struct view_field page_sort_fields[];
/* `sort` is the request's sort parameter ("name" up, "-name" down); query without sort and page. */
struct page_sort page_sort_make(struct arena *a, struct str path, struct str query, struct str sort,
                                const char *column);

/* An option of a select or radio group. */
struct page_choice {
    struct str value;
    struct msg label;
    struct str text; /* used where the label is not a catalogue text */
    bool selected;
};
extern const struct view_field page_choice_fields[];
