/* template_view.c - shows typed structs through the tables of view.h. */
#include "http/template_view.h"

#include "base/encoding.h"
#include "http/template_write.h"

struct context {
    struct template_ops ops; /* first: the ops are handed around */
    enum lang lang;
    struct arena *a;
    const struct template_view_shown *shown;
};

static const struct view_field view_root = { .name = "page", .kind = VIEW_KIND_STRUCT };
const struct view_field *const template_view_root[] = { &view_root, NULL };
const struct view_field *const template_view_page[] = { &view_root, NULL };
const struct view_field *const template_view_title[] = { &view_root, NULL };

/* The value behind {{error.FIELD}}. */
static const struct view_field error_text = VIEW_TEXT(struct page_error, text);

static const struct context *context_of(const struct template_ops *ops)
{
    return (const struct context *)(const void *)ops;
}

static const void *member(const struct view_field *f, const void *base)
{
    /* a view without values of its own is rendered without a struct */
    return base ? (const char *)base + f->offset : NULL;
}

static const void *pointer_at(const void *p)
{
    const void *q;

    memcpy(&q, p, sizeof(q));
    return q;
}

/* The struct behind a VIEW_STRUCT or VIEW_OPTION; NULL when there is none. */
static const void *inside(const struct view_field *f, const void *base)
{
    return f->kind == VIEW_KIND_OPTION ? pointer_at(member(f, base)) : member(f, base);
}

static bool find_error(const struct page_context *page, struct str name, struct template_value *out)
{
    struct str field = { name.p + strlen("error."), name.n - strlen("error.") };

    for (size_t i = 0; i < page->error_count; i++)
        if (str_eq(page->errors[i].field, field)) {
            *out = (struct template_value){ &error_text, &page->errors[i] };
            return true;
        }
    return false;
}

static bool find(const struct template_ops *ops, const struct template_frame *top,
                 const struct template_node *node, struct template_value *out)
{
    const struct view_field *const *path = node->bound;
    const void *base;

    if (path == template_view_root) {
        *out = (struct template_value){ &view_root, context_of(ops)->shown->data };
        return true;
    }
    for (uint32_t i = 0; i < node->up; i++)
        top = top->up;
    base = top->value.data;
    for (; path[1] != NULL; path++) {
        base = inside(path[0], base);
        if (base == NULL)
            return false;
    }
    if (path[0]->kind == VIEW_KIND_ERRORS)
        return find_error(base, node->text, out);
    *out = (struct template_value){ path[0], base };
    return true;
}

static uint64_t number(const struct view_field *f, const void *base, bool *negative)
{
    const void *p = member(f, base);
    uint64_t v = 0;
    uint8_t v8;
    uint16_t v16;
    uint32_t v32;

    if (f->size == 1) {
        memcpy(&v8, p, 1);
        v = f->negative ? (uint64_t)(int64_t)(int8_t)v8 : v8;
    } else if (f->size == 2) {
        memcpy(&v16, p, 2);
        v = f->negative ? (uint64_t)(int64_t)(int16_t)v16 : v16;
    } else if (f->size == 4) {
        memcpy(&v32, p, 4);
        v = f->negative ? (uint64_t)(int64_t)(int32_t)v32 : v32;
    } else {
        memcpy(&v, p, sizeof(v));
    }
    *negative = f->negative && (int64_t)v < 0;
    return *negative ? 0 - v : v;
}

static size_t count(const struct template_ops *ops, struct template_value v)
{
    const struct view_field *f = v.type;
    const void *p = member(f, v.data);
    bool negative;

    (void)ops;
    switch (f->kind) {
    case VIEW_KIND_TEXT:
    case VIEW_KIND_URL:
    case VIEW_KIND_CODE:
    case VIEW_KIND_HTML: /* struct html holds nothing but its text */
        return !str_empty(*(const struct str *)p);
    case VIEW_KIND_WORD:
        return pointer_at(p) != NULL && *(const char *)pointer_at(p) != '\0';
    case VIEW_KIND_INT:
    case VIEW_KIND_COUNT:
    case VIEW_KIND_SIZE:
        return number(f, v.data, &negative) != 0;
    case VIEW_KIND_FLAG:
        return *(const bool *)p;
    case VIEW_KIND_TIME:
    case VIEW_KIND_DATE:
        return !timestamp_is_none(*(const struct timestamp *)p);
    case VIEW_KIND_MSG:
    case VIEW_KIND_OPTION:
        return pointer_at(p) != NULL;
    case VIEW_KIND_LIST:
        return *(const size_t *)(const void *)((const char *)v.data + f->count_offset);
    case VIEW_KIND_STRUCT:
        return 1;
    case VIEW_KIND_ERRORS:
    case VIEW_KIND_END:
        break;
    }
    return 0;
}

static bool item(const struct template_ops *ops, struct template_value v, size_t i,
                 struct template_value *out)
{
    const struct view_field *f = v.type;

    (void)ops;
    *out = (struct template_value){ f->items, NULL };
    if (f->kind == VIEW_KIND_LIST)
        out->data = (const char *)pointer_at(member(f, v.data)) + i * f->item_size;
    else if (f->kind == VIEW_KIND_STRUCT || f->kind == VIEW_KIND_OPTION)
        out->data = inside(f, v.data);
    else
        return false;
    return true;
}

/* --- writing --- */

/* 10,000 */
static struct str grouped(struct arena *a, uint64_t n, bool negative)
{
    char digits[32];
    size_t at = sizeof(digits), k = 0;

    do {
        if (k > 0 && k % 3 == 0)
            digits[--at] = ',';
        digits[--at] = (char)('0' + n % 10);
        n /= 10;
        k++;
    } while (n > 0);
    if (negative)
        digits[--at] = '-';
    return str_of(a, digits + at, sizeof(digits) - at);
}

/* Decimal units, one digit behind the point below ten: 999 B, 1.2 kB, 34 MB. */
static struct str human_size(struct arena *a, uint64_t n)
{
    static const char *const units[] = { "kB", "MB", "GB", "TB" };
    uint64_t unit = 1000;
    size_t i = 0;

    if (n < 1000)
        return str_fmt(a, "%llu B", (unsigned long long)n);
    while (i + 1 < sizeof(units) / sizeof(units[0]) && n / unit >= 1000) {
        unit *= 1000;
        i++;
    }
    if (n / unit >= 10)
        return str_fmt(a, "%llu %s", (unsigned long long)(n / unit), units[i]);
    return str_fmt(a, "%llu.%llu %s", (unsigned long long)(n / unit),
                   (unsigned long long)(n % unit / (unit / 10)), units[i]);
}

/* 4A3F 11C0 ...: people compare serial numbers by eye. */
static struct str in_fours(struct arena *a, struct str s)
{
    char *out = arena_alloc(a, s.n + s.n / 4 + 1);
    size_t n = 0, characters = 0;

    for (size_t i = 0; i < s.n; i++) {
        bool starts = ((unsigned char)s.p[i] & 0xC0) != 0x80; /* a character, not its middle */

        if (starts && characters > 0 && characters % 4 == 0)
            out[n++] = ' ';
        characters += starts;
        out[n++] = s.p[i];
    }
    return (struct str){ out, n };
}

static struct str time_text(const struct context *c, struct timestamp t, bool date, unsigned part)
{
    if (timestamp_is_none(t))
        return STR("");
    if (part == TEMPLATE_WRITE_ISO && date)
        return str_sub(c->a, timestamp_rfc3339_jst(c->a, t), 0, strlen("2026-11-20"));
    if (part == TEMPLATE_WRITE_ISO)
        return timestamp_rfc3339_jst(c->a, t);
    if (date || part == TEMPLATE_WRITE_DATE)
        return timestamp_human_date(c->a, t, c->lang == LANG_JA);
    return timestamp_human(c->a, t, c->lang == LANG_JA);
}

static struct str text_of(const struct context *c, const struct view_field *f, const void *base,
                          unsigned part)
{
    const void *p = member(f, base);
    bool negative = false;
    uint64_t n;

    switch (f->kind) {
    case VIEW_KIND_TEXT:
    case VIEW_KIND_URL:
    case VIEW_KIND_HTML:
        return *(const struct str *)p;
    case VIEW_KIND_CODE:
        return part == TEMPLATE_WRITE_RAW ? *(const struct str *)p
                                          : in_fours(c->a, *(const struct str *)p);
    case VIEW_KIND_WORD:
        return str_z(pointer_at(p));
    case VIEW_KIND_INT:
        n = number(f, base, &negative);
        return str_fmt(c->a, "%s%llu", negative ? "-" : "", (unsigned long long)n);
    case VIEW_KIND_COUNT:
        n = number(f, base, &negative);
        return grouped(c->a, n, negative);
    case VIEW_KIND_SIZE:
        return human_size(c->a, number(f, base, &negative));
    case VIEW_KIND_TIME:
    case VIEW_KIND_DATE:
        return time_text(c, *(const struct timestamp *)p, f->kind == VIEW_KIND_DATE, part);
    case VIEW_KIND_MSG:
        return message_text(c->lang, *(const struct msg *)p);
    case VIEW_KIND_FLAG:
    case VIEW_KIND_LIST:
    case VIEW_KIND_STRUCT:
    case VIEW_KIND_OPTION:
    case VIEW_KIND_ERRORS:
    case VIEW_KIND_END:
        break;
    }
    return STR("");
}

/* Addresses of ours and plain web addresses; "javascript:" and "//host" are neither. */
static bool url_is_safe(struct str s)
{
    if (s.n == 0 || s.p[0] == '#' || s.p[0] == '?')
        return true;
    if (s.p[0] == '/')
        return s.n == 1 || (s.p[1] != '/' && s.p[1] != '\\');
    return str_starts(s, STR("https://")) || str_starts(s, STR("http://"));
}

static void write_value(const struct template_ops *ops, const struct template_node *node,
                        struct template_value v, struct buf *out)
{
    const struct context *c = context_of(ops);
    const struct view_field *f = v.type;
    unsigned escape = node->how & TEMPLATE_WRITE_ESCAPE_MASK;
    struct str s = text_of(c, f, v.data, node->how & TEMPLATE_WRITE_PART_MASK);

    if (escape == TEMPLATE_WRITE_URL && !url_is_safe(s))
        s = STR("#");
    if (escape == TEMPLATE_WRITE_PERCENT)
        buf_add_str(out, percent_encode(c->a, s));
    else if (escape == TEMPLATE_WRITE_PLAIN || f->kind == VIEW_KIND_HTML)
        buf_add_str(out, s);
    else
        template_render_escape(out, s);
}

/* Partials are in the tree already; what is left are the two that only the view can give. */
static enum err late(const struct template_ops *ops, const struct template_node *node,
                     const struct template_node **out)
{
    const struct template_view_shown *shown = context_of(ops)->shown;

    *out = NULL;
    if (node->bound == template_view_page)
        *out = shown->page;
    else if (node->bound == template_view_title)
        *out = shown->title;
    return E_OK;
}

struct template_node *template_view_section(struct arena *a, struct template_node *tree)
{
    struct template_node *node = ARENA_NEW(a, struct template_node);

    node->kind = TEMPLATE_SECTION;
    node->file = "";
    node->text = STR("page");
    node->bound = template_view_root;
    node->child = tree;
    return node;
}

enum err template_view_render(const struct template_view_shown *shown, enum lang lang,
                              struct arena *a, struct buf *out)
{
    struct context c = { { find, count, item, write_value, late }, lang, a, shown };
    struct template_frame top = { { NULL, shown->outer }, NULL };

    return template_render(shown->tree, &c.ops, &top, out);
}
