/* pdf_compose_inside.h - what the parts of pdf_compose share. Not for anybody else. */
#pragma once

#include "sign/pdf_compose.h"
#include "sign/pdf_font_wrap.h"

/* A4 with margins, in points. */
#define COMPOSE_WIDTH 595.28
#define COMPOSE_HEIGHT 841.89
#define COMPOSE_LEFT 62.0
#define COMPOSE_RIGHT 62.0
#define COMPOSE_TOP 76.0
#define COMPOSE_BOTTOM 68.0
#define COMPOSE_LINE (COMPOSE_WIDTH - COMPOSE_LEFT - COMPOSE_RIGHT)

#define COMPOSE_INK "0.110 0.153 0.200"
#define COMPOSE_MUTED "0.333 0.376 0.431"

/* Text that grows in the arena. */
struct pdf_compose_text {
    char *p;
    size_t n, cap;
};

/* An element of the structure tree (ISO 32000-2 14.7.2). Kids in order: marks, or elements. */
struct pdf_compose_element {
    const char *type;  /* "P" */
    const char *extra; /* attributes; "" */
    uint32_t parent;   /* index; the first element is its own */
    struct pdf_compose_kid {
        bool mark;
        uint32_t value; /* element's index, or mark's number */
        uint32_t page;  /* of a mark */
    } * kids;
    size_t n, cap;
};

struct pdf_compose_page {
    struct bytes body; /* compressed */
    uint32_t *marks;   /* element by number */
    size_t marks_n, marks_cap;
};

struct pdf_compose {
    struct arena *arena;
    struct pdf_compose_info info;
    enum err err; /* the first failure */
    struct pdf_font_use use;
    struct pdf_compose_text text; /* of the page being written */
    struct pdf_compose_page *pages;
    size_t pages_n, pages_cap;
    double y; /* top of what is still free on the page */
    struct pdf_compose_element *elements;
    size_t elements_n, elements_cap;
    bool marked; /* a mark is open on the page, for: */
    uint32_t marked_for;
    uint32_t list; /* the list that items go on with; 0: none */
};

/* Append to the page's content. */
void pdf_compose_put(struct pdf_compose *c, const char *format, ...) PRINTF_LIKE(2, 3);

/* --- pdf_compose_tree.c --- */

/* A new element below `parent`. */
uint32_t pdf_compose_element(struct pdf_compose *c, uint32_t parent, const char *type,
                             const char *extra);
/* What follows on the page belongs to that element; or to none of them (an artifact). */
void pdf_compose_mark(struct pdf_compose *c, uint32_t element);
void pdf_compose_artifact(struct pdf_compose *c);
/* End of what was marked. */
void pdf_compose_unmark(struct pdf_compose *c);

/* --- pdf_compose_page.c --- */

/* At least so much room; a new page otherwise. */
void pdf_compose_room(struct pdf_compose *c, double height);
void pdf_compose_page_end(struct pdf_compose *c);
/* One line of text, its upper edge at y. */
struct pdf_compose_style {
    double size;
    const char *colour;
    bool bold;
};
void pdf_compose_show(struct pdf_compose *c, double x, double y,
                      const struct pdf_compose_style *style, struct str text, size_t from,
                      size_t to);
/* Its lines in that width. */
struct pdf_font_line *pdf_compose_wrap(struct pdf_compose *c, struct str text, double size,
                                       double width, size_t *n);
/* "1 / 3" and what stands at the edges of each page, as a content stream of its own. */
struct str pdf_compose_edges(struct pdf_compose *c, size_t page);

/* --- pdf_compose_file.c --- */

enum err pdf_compose_write(struct pdf_compose *c, struct buf *out) MUST_CHECK;
