/* template_render.c - a tree and data to text. */
#include "http/template.h"

void template_render_escape(struct buf *out, struct str s)
{
    size_t from = 0;

    for (size_t i = 0; i < s.n; i++) {
        const char *ref;

        switch (s.p[i]) {
        case '&':
            ref = "&amp;";
            break;
        case '<':
            ref = "&lt;";
            break;
        case '>':
            ref = "&gt;";
            break;
        case '"':
            ref = "&quot;";
            break;
        case '\'':
            ref = "&#39;";
            break;
        default:
            continue;
        }
        buf_add(out, s.p + from, i - from);
        buf_add_z(out, ref);
        from = i + 1;
    }
    if (s.n > from) /* an absent text has no address to count from */
        buf_add(out, s.p + from, s.n - from);
}

static enum err render(const struct template_node *node, const struct template_ops *ops,
                       const struct template_frame *top, unsigned depth, struct buf *out);

static enum err render_section(const struct template_node *node, const struct template_ops *ops,
                               const struct template_frame *top, unsigned depth, struct buf *out)
{
    struct template_value v;
    size_t n = ops->find(ops, top, node, &v) ? ops->count(ops, v) : 0;

    if (node->kind == TEMPLATE_INVERTED)
        return n == 0 ? render(node->child, ops, top, depth + 1, out) : E_OK;
    for (size_t i = 0; i < n; i++) {
        struct template_frame frame = { .up = top };
        bool push = ops->item(ops, v, i, &frame.value);
        enum err e = render(node->child, ops, push ? &frame : top, depth + 1, out);

        if (e != E_OK)
            return e;
    }
    return E_OK;
}

static enum err render_partial(const struct template_node *node, const struct template_ops *ops,
                               const struct template_frame *top, unsigned depth, struct buf *out)
{
    const struct template_node *tree = node->child;

    if (tree == NULL && ops->partial != NULL) {
        enum err e = ops->partial(ops, node, &tree);

        if (e != E_OK)
            return e;
    }
    return render(tree, ops, top, depth + 1, out);
}

static enum err render(const struct template_node *node, const struct template_ops *ops,
                       const struct template_frame *top, unsigned depth, struct buf *out)
{
    enum err e = E_OK;

    if (depth > TEMPLATE_DEPTH_MAX)
        return FAIL(E_LIMIT, "template", "sections and partials nest too deep");
    for (; node != NULL && e == E_OK; node = node->next) {
        struct template_value v;

        switch (node->kind) {
        case TEMPLATE_TEXT:
            buf_add_str(out, node->text);
            break;
        case TEMPLATE_VALUE:
            if (ops->find(ops, top, node, &v))
                ops->write(ops, node, v, out);
            break;
        case TEMPLATE_SECTION:
        case TEMPLATE_INVERTED:
            e = render_section(node, ops, top, depth, out);
            break;
        case TEMPLATE_PARTIAL:
            e = render_partial(node, ops, top, depth, out);
            break;
        }
        if (!buf_ok(out))
            return FAIL(E_LIMIT, "template", "the page is too large");
    }
    return e;
}

enum err template_render(const struct template_node *tree, const struct template_ops *ops,
                         const struct template_frame *top, struct buf *out)
{
    return render(tree, ops, top, 0, out);
}
