/* test_mustache.c - the engine passes the required tests of the public Mustache specification. */
#include "tap.h"

#include "base/json.h"
#include "http/template.h"

#include <stdlib.h>

static const char *const parts[] = { "comments", "delimiters", "interpolation",
                                     "inverted", "partials",   "sections" };

/* JSON as a context: the specification's data is untyped. */
struct json_context {
    struct template_ops ops;
    struct arena *a;
    const struct json *partials;
};

static const struct json *node_of(struct template_value v)
{
    return v.data;
}

/* A scalar as JSON text: "null", "true", "1.21"; strings with their quotes. */
static struct str scalar(struct arena *a, const struct json *j)
{
    struct buf b = buf_init(1 << 16);
    struct str s = STR("");

    if (json_write(j, false, &b) != E_OK || buf_to_str(&b, a, &s) != E_OK)
        s = STR("?");
    buf_free(&b);
    if (str_find(s, '.', 0) != SIZE_MAX && !json_is_str(j)) /* jansson writes 17 digits */
        s = str_fmt(a, "%.15g", strtod(s.p, NULL));
    return s;
}

static bool find(const struct template_ops *ops, const struct template_frame *top,
                 const struct template_node *node, struct template_value *out)
{
    struct arena *a = ((const struct json_context *)(const void *)ops)->a;
    struct str name = node->text;
    size_t dot = str_find(name, '.', 0);
    struct str first = str_sub(a, name, 0, dot == SIZE_MAX ? name.n : dot);
    const struct json *j = NULL;

    if (str_eq_z(name, ".")) {
        *out = top->value;
        return true;
    }
    for (; top != NULL && j == NULL; top = top->up)
        j = json_is_object(node_of(top->value)) ? json_get(node_of(top->value), first.p) : NULL;
    while (j != NULL && dot != SIZE_MAX) {
        size_t from = dot + 1;

        dot = str_find(name, '.', from);
        first = str_sub(a, name, from, dot == SIZE_MAX ? name.n : dot);
        j = json_is_object(j) ? json_get(j, first.p) : NULL;
    }
    *out = (struct template_value){ NULL, j };
    return j != NULL;
}

static size_t count(const struct template_ops *ops, struct template_value v)
{
    struct arena *a = ((const struct json_context *)(const void *)ops)->a;
    const struct json *j = node_of(v);

    if (json_is_array(j))
        return json_length(j);
    if (json_is_object(j))
        return 1;
    if (json_is_str(j))
        return json_str(j).n > 0;
    return !str_eq_z(scalar(a, j), "false") && !str_eq_z(scalar(a, j), "null");
}

static bool item(const struct template_ops *ops, struct template_value v, size_t i,
                 struct template_value *out)
{
    (void)ops;
    *out = json_is_array(node_of(v)) ? (struct template_value){ NULL, json_at(node_of(v), i) } : v;
    return true;
}

static void write_value(const struct template_ops *ops, const struct template_node *node,
                        struct template_value v, struct buf *out)
{
    struct arena *a = ((const struct json_context *)(const void *)ops)->a;
    struct str s = json_is_str(node_of(v)) ? json_str(node_of(v)) : scalar(a, node_of(v));

    if (str_eq_z(s, "null") && !json_is_str(node_of(v)))
        return;
    if (node->raw)
        buf_add_str(out, s);
    else
        template_render_escape(out, s);
}

/* The specification indents every line of a partial that stands alone on its line. */
static struct str indented(struct arena *a, struct str s, struct str indent)
{
    struct buf b = buf_init(1 << 20);
    struct str out = STR("");

    for (size_t i = 0; i < s.n; i++) {
        if (i == 0 || s.p[i - 1] == '\n')
            buf_add_str(&b, indent);
        buf_add_char(&b, s.p[i]);
    }
    if (buf_to_str(&b, a, &out) != E_OK)
        out = s;
    buf_free(&b);
    return out;
}

static enum err partial(const struct template_ops *ops, const struct template_node *node,
                        const struct template_node **out)
{
    const struct json_context *c = (const struct json_context *)(const void *)ops;
    struct str name = str_dup(c->a, node->text);
    struct str text = c->partials != NULL ? json_get_str(c->partials, name.p) : STR_ABSENT;
    struct template_source s = { .file = name.p, .text = indented(c->a, text, node->indent) };
    struct template_node *tree;
    enum err e = template_parse(&s, c->a, &tree);

    *out = e == E_OK ? tree : NULL;
    return e;
}

static void run(struct arena *a, const char *part, const struct json *test)
{
    struct json_context c = { { find, count, item, write_value, partial },
                              a,
                              json_get(test, "partials") };
    struct template_frame top = { { NULL, json_get(test, "data") }, NULL };
    struct template_source s = { .file = part, .text = json_get_str(test, "template") };
    struct template_node *tree;
    struct buf out = buf_init(1 << 20);
    enum err e = template_parse(&s, a, &tree);

    if (e == E_OK)
        e = template_render(tree, &c.ops, &top, &out);
    ok(e == E_OK && str_eq(buf_str(&out), json_get_str(test, "expected")), "%s: %.*s", part,
       STR_ARG(json_get_str(test, "name")));
    if (e != E_OK || !str_eq(buf_str(&out), json_get_str(test, "expected")))
        tap_note("%s got [%.*s]", fault_current()->detail, STR_ARG(buf_str(&out)));
    buf_free(&out);
}

static void run_part(struct arena *a, const char *dir, const char *part)
{
    struct str path = str_fmt(a, "%s/vectors/mustache/%s.json", dir, part);
    struct buf b = buf_init(1 << 20);
    struct json *root;
    FILE *f = fopen(path.p, "rb");
    uint8_t block[4096];
    size_t n;

    if (f == NULL) {
        tap_skip("mustache specification: %s is not there", path.p);
        return;
    }
    while ((n = fread(block, 1, sizeof(block), f)) > 0)
        buf_add(&b, block, n);
    fclose(f);
    if (ok(json_parse(buf_bytes(&b), &root) == E_OK, "%s: the tests can be read", part)) {
        const struct json *tests = json_get(root, "tests");

        for (size_t i = 0; i < json_length(tests); i++)
            run(a, part, json_at(tests, i));
        json_free(root);
    }
    buf_free(&b);
}

int main(void)
{
    const char *shared = getenv("SHOMEI_SHARED"), *src = getenv("SHOMEI_SRCDIR");
    struct arena *a = arena_new(64 << 20);
    struct str dir =
        shared != NULL ? str_z(shared) : str_fmt(a, "%s/../shared", src != NULL ? src : ".");

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        run_part(a, dir.p, parts[i]);
    arena_free(a);
    return tap_done();
}
