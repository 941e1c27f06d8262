/*
 * signing_options_pages.h - private to the pages of this slice: how a document is to be signed, as
 * the form of the look page says it. The same values go through the page with the PIN as hidden
 * fields, so that nothing is kept anywhere and nothing typed is lost.
 */
#pragma once

#include "features/signing/signing_reasons_pages.h"

enum signing_options_pages { SIGNING_PAGE_THIS, SIGNING_PAGES_ALL };

struct signing_options {
    struct str id, credential, reason, location, field;
    struct str seal;                /* "none", "text", or the public id of a seal */
    struct str x, y, width, height; /* millimetres, "12.5"; empty: not said */
    struct str recurring;           /* public id of a template that is to be filled in */
    enum signing_level level;
    int kind; /* 0: approval; 1 to 3: certification with that permission */
    enum signing_anchor anchor;
    int pages;
    int64_t page;
    bool show_name, show_date, show_reason;
};

extern const struct choice signing_options_levels[], signing_options_kinds[],
    signing_options_anchors[], signing_options_page_rules[];

/* Parameters that all pages of one signature take; `s` begins with a struct signing_options. */
#define SIGNING_OPTIONS_PARAMS(s)                                                                  \
    PARAM_TEXT_OPT(s, reason, 120), PARAM_TEXT_OPT(s, location, 120),                              \
        PARAM_TEXT_OPT(s, field, 200), PARAM_TOKEN_OPT(s, seal, 64), PARAM_TEXT_OPT(s, x, 8),      \
        PARAM_TEXT_OPT(s, y, 8), PARAM_TEXT_OPT(s, width, 8), PARAM_TEXT_OPT(s, height, 8),        \
        PARAM_TOKEN_OPT(s, recurring, 64), PARAM_CHOICE_OPT(s, kind, signing_options_kinds, 0),    \
        PARAM_CHOICE_OPT(s, anchor, signing_options_anchors, SIGNING_AT_BOTTOM_RIGHT),             \
        PARAM_CHOICE_OPT(s, pages, signing_options_page_rules, SIGNING_PAGE_THIS),                 \
        PARAM_INT_OPT(s, page, 1, 1000000, 1), PARAM_FLAG(s, show_name), PARAM_FLAG(s, show_date), \
        PARAM_FLAG(s, show_reason)

/* One hidden field. */
struct signing_hidden {
    const char *name;
    struct str value;
};
extern const struct view_field signing_hidden_fields[];
/* The options as hidden fields; those that say nothing are left out. */
struct signing_hidden *signing_options_hidden(struct req *rq, const struct signing_options *o,
                                              size_t *n);

/*
 * The options as a placement in a document of so many pages; first 0 when nothing is to be seen. A
 * number that is none becomes an error beside its field, and false.
 */
bool signing_options_placement(struct req *rq, const struct signing_options *o, unsigned pages,
                               struct signing_placement *p);
/* Tenths of a millimetre as "12.5". */
struct str signing_options_mm(struct arena *a, uint32_t tenths);

/* Fill in what a template says. E_ABSENT "template-unknown". */
enum err signing_options_apply(struct req *rq, const struct signing_look *look,
                               struct signing_options *o) MUST_CHECK;

/* Everything of a request but PIN and code. */
struct signing_request signing_options_request(struct req *rq, const struct signing_options *o,
                                               const struct secret *password);

/* --- signing_picture_pages.c --- */

#define SIGNING_PICTURE_WIDTH 1000 /* pixels */

/* The document's password, as it was given before; NULL when there is none. Wiped at the end of the
 * request. */
enum err signing_picture_password(struct req *rq, const struct signing_document *d,
                                  const struct secret **out) MUST_CHECK;
/* No password of a document is remembered any more. */
void signing_picture_forget(struct resp *rs, struct req *rq);

/* --- signing_look_pages.c --- */

/* The look page with these options; errors that were added stand beside their fields. */
enum err signing_look_show(struct req *rq, struct resp *rs,
                           const struct signing_options *o) MUST_CHECK;
/* A sentence about the file, for the look page and the page with the PIN. */
struct signing_warning_row {
    struct msg text;
    struct str detail;
    unsigned page;
};
extern const struct view_field signing_warning_fields[];
struct signing_warning_row *signing_look_warnings(struct req *rq, const struct signing_look *look);

extern const struct msg signing_look_level_notes[SIGNING_LEVEL__MAX], signing_look_kind_words[4];
