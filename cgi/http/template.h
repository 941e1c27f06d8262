/*
 * template.h - Mustache (the public specification: comments, delimiters, interpolation, inverted,
 * partials, sections): text to a tree, tree and data to text.
 *
 * What data looks like is behind struct template_ops. Pages use typed C structs (template_view.h),
 * which also fill `bound`, `up` and `how` of the nodes; the specification's tests use JSON.
 * For slices: template_set.h is what you want.
 */
#pragma once

#include "base/buf.h"

enum { TEMPLATE_DEPTH_MAX = 64, TEMPLATE_SOURCE_MAX = 256 * 1024 };

enum template_kind {
    TEMPLATE_TEXT,
    TEMPLATE_VALUE,
    TEMPLATE_SECTION,
    TEMPLATE_INVERTED,
    TEMPLATE_PARTIAL, /* with `child` once its body is known */
};

struct template_node {
    enum template_kind kind;
    bool raw;      /* {{{x}}} or {{&x}} */
    uint16_t how;  /* for the ops: how a value is written */
    uint32_t up;   /* for the ops: frames to go outward */
    uint32_t line; /* where it was written */
    const char *file;
    struct str text;   /* the literal text, or the name */
    struct str indent; /* of a partial alone on its line */
    const void *bound; /* for the ops: what the name means */
    struct template_node *child, *next;
};

struct template_source {
    const char *file; /* for messages; lives as long as the tree */
    struct str text;
    bool strict; /* refuse {{{x}}}, {{&x}} and {{=x x=}} */
    bool html;   /* catalogue texts are escaped on the way in */
    /* Translate the words of {{#_}}words{{/_}}; NULL: "_" is a name like any other. */
    enum err (*words)(void *arg, struct str id, struct str *text);
    void *words_arg;
};

/*
 * The tree of a template, in the arena; NULL for an empty one. E_INPUT with file:line in the detail
 * when tags are unclosed, unbalanced, nested deeper than TEMPLATE_DEPTH_MAX or refused.
 */
enum err template_parse(const struct template_source *s, struct arena *a,
                        struct template_node **out) MUST_CHECK;
/* The same for words that may hold {{name}} and no other tag. */
enum err template_parse_words(const struct template_source *s, struct arena *a, struct str words,
                              uint32_t line, struct template_node **out) MUST_CHECK;

/* A value: two words that mean something to the ops. */
struct template_value {
    const void *type;
    const void *data;
};

/* The data a name is looked up in, inside out. */
struct template_frame {
    struct template_value value;
    const struct template_frame *up;
};

struct template_ops {
    /* What the node's name means here; false when nothing does. */
    bool (*find)(const struct template_ops *ops, const struct template_frame *top,
                 const struct template_node *node, struct template_value *out);
    /* How often a section over the value runs: 0 is false. */
    size_t (*count)(const struct template_ops *ops, struct template_value v);
    /* The value of run i; true when names are looked up in it first. */
    bool (*item)(const struct template_ops *ops, struct template_value v, size_t i,
                 struct template_value *out);
    /* Append the value, escaped as the node says. */
    void (*write)(const struct template_ops *ops, const struct template_node *node,
                  struct template_value v, struct buf *out);
    /* The tree of a partial without child; NULL tree when there is none. */
    enum err (*partial)(const struct template_ops *ops, const struct template_node *node,
                        const struct template_node **out);
};

/* Append the tree to `out`. E_LIMIT when it nests too deep or the buffer is full. */
enum err template_render(const struct template_node *tree, const struct template_ops *ops,
                         const struct template_frame *top, struct buf *out) MUST_CHECK;

/* Append text with & < > " ' as character references. */
void template_render_escape(struct buf *out, struct str s);
