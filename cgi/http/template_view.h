/*
 * template_view.h - ties a template's tree to the tables of typed structs, and shows such structs.
 */
#pragma once

#include "http/page.h"
#include "http/template.h"

/* The tables a name is looked up in, inside out. */
struct template_view_scope {
    const struct view_field *fields;
    const struct template_view_scope *up;
};

struct template_view_binding {
    struct arena *a;       /* for what the tree will point at */
    struct arena *scratch; /* for the time of compiling */
    enum lang lang;
    bool html;      /* false: mails in plain text, nothing is escaped */
    uint32_t flags; /* of the view */
    bool layout;    /* holds {{>page}} and {{>title}} */
    /* A fresh tree of a partial, in this language. */
    enum err (*partial)(void *arg, const struct template_node *node, struct template_node **tree);
    struct str (*asset)(void *arg, struct str name);
    void *arg;
};

/*
 * Resolve every name of the tree, put partials in, decide how each value is written. The tree is
 * changed. E_INPUT with file:line in the detail for anything that template_set.h lists.
 */
enum err template_bind(const struct template_view_binding *b, struct template_node *tree,
                       const struct template_view_scope *scope) MUST_CHECK;

/*
 * A copy of a bound tree in `a`: partials put in place, literal texts joined, source positions
 * dropped. NULL for an empty one.
 */
struct template_node *template_compact(const struct template_node *tree, struct arena *a);

/* A bound tree of the view's own table as the layout shows it: names are looked up in its struct.
 */
struct template_node *template_view_section(struct arena *a, struct template_node *tree);

/* What is shown: the layout (or, without one, the tree of a bare view), and the view inside it. */
struct template_view_shown {
    const struct template_node *tree;
    const void *outer;                        /* the struct of the tree's table */
    const struct template_node *page, *title; /* of template_view_section; NULL without layout */
    const void *data;                         /* the view's struct */
};

enum err template_view_render(const struct template_view_shown *shown, enum lang lang,
                              struct arena *a, struct buf *out) MUST_CHECK;
