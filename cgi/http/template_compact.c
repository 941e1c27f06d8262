/* template_compact.c - a bound tree without what only compiling needed. */
#include "http/template_view.h"

struct builder {
    struct arena *a;
    struct buf text; /* literal text not yet in a node */
    struct template_node **tail;
};

static struct template_node *add(struct builder *b, enum template_kind kind)
{
    struct template_node *node = ARENA_NEW(b->a, struct template_node);

    node->kind = kind;
    node->file = "";
    node->text = STR("");
    node->indent = STR("");
    *b->tail = node;
    b->tail = &node->next;
    return node;
}

static void flush(struct builder *b)
{
    if (b->text.n > 0)
        add(b, TEMPLATE_TEXT)->text = str_of(b->a, (const char *)b->text.p, b->text.n);
    buf_reset(&b->text);
}

static void copy(struct builder *b, const struct template_node *node)
{
    struct template_node *kept;

    flush(b);
    kept = add(b, node->kind);
    kept->how = node->how;
    kept->up = node->up;
    kept->bound = node->bound;
    if (str_find(node->text, '.', 0) != SIZE_MAX) /* error.FIELD is looked up by its name */
        kept->text = str_dup(b->a, node->text);
    kept->child = template_compact(node->child, b->a);
}

static void walk(struct builder *b, const struct template_node *node)
{
    for (; node != NULL; node = node->next) {
        if (node->kind == TEMPLATE_TEXT)
            buf_add_str(&b->text, node->text);
        else if (node->kind == TEMPLATE_PARTIAL && node->bound == NULL)
            walk(b, node->child);
        else
            copy(b, node);
    }
}

struct template_node *template_compact(const struct template_node *tree, struct arena *a)
{
    struct template_node *root = NULL;
    struct builder b = { .a = a, .text = buf_init(16 * TEMPLATE_SOURCE_MAX), .tail = &root };

    walk(&b, tree);
    flush(&b);
    buf_free(&b.text);
    return root;
}
