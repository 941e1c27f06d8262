/*
 * fuzz_template.c - any text as a template: parsed, bound, rendered with hostile values. Whatever
 * compiles must keep those values where they cannot become markup.
 */
#include "http/template_view.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct item {
    struct str name;
    int32_t n;
};
struct values {
    struct str text, url;
    const char *word;
    struct item *rows;
    size_t rows_count;
    struct item one;
    struct timestamp time;
    bool flag;
};
static const struct view_field item_fields[] = {
    VIEW_TEXT(struct item, name),
    VIEW_INT(struct item, n),
    VIEW_END,
};
static const struct view_field fields[] = {
    VIEW_TEXT(struct values, text),
    VIEW_URL(struct values, url),
    VIEW_WORD(struct values, word),
    VIEW_LIST(struct values, rows, rows_count, item_fields),
    VIEW_STRUCT(struct values, one, item_fields),
    VIEW_TIME(struct values, time),
    VIEW_FLAG(struct values, flag),
    VIEW_END,
};

#define HOSTILE "\">'MARK<b onx=1>{{text}}"

static enum err words(void *arg, struct str id, struct str *text)
{
    (void)arg;
    *text = id;
    return E_OK;
}

static enum err no_partial(void *arg, const struct template_node *node, struct template_node **tree)
{
    (void)arg;
    (void)node;
    *tree = NULL;
    return E_OK;
}

static void render(struct arena *a, struct str source, const struct template_node *tree)
{
    struct item rows[] = { { STR(HOSTILE), -1 }, { STR(""), 2 } };
    struct values v = { .text = STR(HOSTILE),
                        .url = STR("javascript:x()"),
                        .word = HOSTILE,
                        .rows = rows,
                        .rows_count = 2,
                        .one = { STR(HOSTILE), 7 },
                        .time = { 0 },
                        .flag = true };
    struct buf out = buf_init(4u << 20);
    struct template_view_shown shown = { .tree = tree, .outer = &v };
    enum err e = template_view_render(&shown, LANG_EN, a, &out);
    struct str s = buf_str(&out);

    if (e == E_OK && s.n > 0 && strstr(source.p, "MARK") == NULL &&
        strstr(source.p, "javascript") == NULL &&
        (strstr(s.p, "'MARK") != NULL || strstr(s.p, "MARK<") != NULL ||
         strstr(s.p, "<a href=\"javascript:x()") != NULL))
        abort();
    buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(256u << 20);
    struct template_view_scope scope = { fields, NULL };
    struct template_view_binding b = {
        .a = a, .scratch = a, .lang = LANG_EN, .html = true, .partial = no_partial
    };
    struct template_source s = { .file = "fuzz", .strict = true, .html = true, .words = words };
    struct template_node *tree;

    if (size > 4096 || memchr(data, 0, size) != NULL || !utf8_valid((const char *)data, size)) {
        arena_free(a);
        return 0;
    }
    s.text = str_of(a, size > 0 ? (const char *)data : "", size);
    if (template_parse(&s, a, &tree) == E_OK && template_bind(&b, tree, &scope) == E_OK)
        render(a, s.text, template_compact(tree, a));
    s.strict = false;
    s.words = NULL;
    if (template_parse(&s, a, &tree) == E_OK && tree != NULL && tree->text.n > size)
        abort();
    arena_free(a);
    return 0;
}
