/*
 * template_write.h - how template_bind.c tells template_view.c to write a value: the bits of a
 * node's `how`, and what its `bound` points at (a path of fields, ended by NULL).
 */
#pragma once

#include "http/view.h"

enum template_write_escape {
    TEMPLATE_WRITE_PLAIN,   /* text mails */
    TEMPLATE_WRITE_HTML,    /* character references */
    TEMPLATE_WRITE_URL,     /* a whole address: checked, then character references */
    TEMPLATE_WRITE_PERCENT, /* a part of an address */
    TEMPLATE_WRITE_ESCAPE_MASK = 3
};

enum template_write_part {
    TEMPLATE_WRITE_WHOLE,
    TEMPLATE_WRITE_ISO = 1 << 2,
    TEMPLATE_WRITE_DATE = 2 << 2,
    TEMPLATE_WRITE_RAW = 3 << 2,
    TEMPLATE_WRITE_PART_MASK = 3 << 2
};

/* Marks of {{>page}} and {{>title}} in a layout, and of the sections that show the view's struct.
 */
extern const struct view_field *const template_view_page[];
extern const struct view_field *const template_view_title[];
extern const struct view_field *const template_view_root[];
