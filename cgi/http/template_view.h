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
    struct arena *a;
    enum lang lang;
    bool html;      /* false: mails in plain text, nothing is escaped */
    uint32_t flags; /* of the view */
    /* A fresh tree of a partial, in this language. "page" and "title" are shown in the view's own
     * table (view_fields) inside the layout's. */
    enum err (*partial)(void *arg, const struct template_node *node, struct template_node **tree);
    struct str (*asset)(void *arg, struct str name);
    void *arg;
    const struct view_field *view_fields; /* NULL: the view has no values */
};

/*
 * Resolve every name of the tree, put partials in, decide how each value is written. The tree is
 * changed. E_INPUT with file:line in the detail for anything that template_set.h lists.
 */
enum err template_bind(const struct template_view_binding *b, struct template_node *tree,
                       const struct template_view_scope *scope) MUST_CHECK;

/*
 * Render a bound tree: `outer` is the struct of the outermost table (the page context, or the
 * view's own struct for VIEW_BARE), `data` the view's struct that {{>page}} shows.
 */
enum err template_view_render(const struct template_node *tree, enum lang lang, const void *outer,
                              const void *data, struct arena *a, struct buf *out) MUST_CHECK;
