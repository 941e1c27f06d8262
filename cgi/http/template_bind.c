/* template_bind.c - resolves the names of a template against the tables of typed structs. */
#include "http/template_html.h"
#include "http/template_view.h"
#include "http/template_write.h"

enum { PARTIAL_DEPTH_MAX = 16, PATH_MAX_FIELDS = 8 };

struct binder {
    const struct template_view_binding *b;
    struct template_html html;
    unsigned partials; /* how deep in partials */
};

static enum err bind_list(struct binder *bi, struct template_node *node,
                          const struct template_view_scope *scope);

static enum err refuse(const struct template_node *node, const char *why)
{
    return FAIL(E_INPUT, "template", "%s:%u: %s: %.*s", node->file, node->line, why,
                STR_ARG(node->text));
}

/* Literal text takes the node's place: language, addresses of assets. */
static enum err become_text(struct binder *bi, struct template_node *node, struct str text)
{
    const char *wrong = NULL;

    node->kind = TEMPLATE_TEXT;
    node->text = text;
    node->child = NULL;
    if (bi->b->html)
        wrong = template_html_feed(&bi->html, text);
    return wrong == NULL ? E_OK : refuse(node, wrong);
}

static const struct view_field *field_named(const struct view_field *fields, const char *name,
                                            size_t n)
{
    for (; fields != NULL && fields->kind != VIEW_KIND_END; fields++)
        if (strlen(fields->name) == n && memcmp(fields->name, name, n) == 0)
            return fields;
    return NULL;
}

static bool has_members(const struct view_field *f)
{
    return f->kind == VIEW_KIND_STRUCT || f->kind == VIEW_KIND_OPTION;
}

/* The last word of a.b may be a way of writing instead of a member. */
static bool part_named(const struct view_field *f, const char *name, size_t n, uint16_t *how)
{
    static const struct {
        const char *name;
        enum template_write_part part;
    } parts[] = { { "iso", TEMPLATE_WRITE_ISO },
                  { "date", TEMPLATE_WRITE_DATE },
                  { "raw", TEMPLATE_WRITE_RAW } };
    bool time = f->kind == VIEW_KIND_TIME || f->kind == VIEW_KIND_DATE;

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (strlen(parts[i].name) != n || memcmp(parts[i].name, name, n) != 0)
            continue;
        *how = (uint16_t)parts[i].part;
        return parts[i].part == TEMPLATE_WRITE_RAW ? f->kind == VIEW_KIND_CODE : time;
    }
    return false;
}

/* Follow the rest of a dotted name through the members; false when a word means nothing. */
static bool follow(struct str name, size_t from, const struct view_field **path, size_t *n,
                   uint16_t *how)
{
    while (from <= name.n) {
        size_t dot = str_find(name, '.', from), end = dot == SIZE_MAX ? name.n : dot;
        const struct view_field *f = path[*n - 1], *next = NULL;

        if (f->kind == VIEW_KIND_ERRORS)
            return end > from;
        if (has_members(f))
            next = field_named(f->items, name.p + from, end - from);
        if (next == NULL)
            return end == name.n && part_named(f, name.p + from, end - from, how);
        if (*n + 1 >= PATH_MAX_FIELDS)
            return false;
        path[(*n)++] = next;
        from = end + 1;
    }
    return true;
}

/* Find what a name means; notes it in the node and gives the last field, only on success. */
static enum err resolve(struct binder *bi, struct template_node *node,
                        const struct template_view_scope *scope, const struct view_field **out)
{
    size_t dot = str_find(node->text, '.', 0), n = 1;
    size_t first = dot == SIZE_MAX ? node->text.n : dot;
    const struct view_field *path[PATH_MAX_FIELDS] = { NULL };
    const struct view_field **kept;

    for (node->up = 0; scope != NULL && path[0] == NULL; scope = scope->up) {
        path[0] = field_named(scope->fields, node->text.p, first);
        if (path[0] == NULL)
            node->up++;
    }
    if (path[0] == NULL)
        return refuse(node, "no view has this name");
    if (path[0]->kind == VIEW_KIND_ERRORS && dot == SIZE_MAX)
        return refuse(node, "write error.FIELD");
    if (!follow(node->text, first + 1, path, &n, &node->how))
        return refuse(node, "no view has this name");
    kept = ARENA_ARRAY(bi->b->a, n + 1, const struct view_field *);
    for (size_t i = 0; i < n; i++)
        kept[i] = path[i];
    node->bound = kept;
    *out = path[n - 1];
    return E_OK;
}

/* Decide how the value is written where it stands. */
static enum err place(struct binder *bi, struct template_node *node, const struct view_field *f)
{
    enum template_write_escape escape = TEMPLATE_WRITE_PLAIN;

    if (f->kind == VIEW_KIND_LIST || f->kind == VIEW_KIND_FLAG || has_members(f))
        return refuse(node, "is for sections, it has no text");
    if (!bi->b->html)
        return E_OK;
    switch (template_html_value(&bi->html)) {
    case TEMPLATE_HTML_PLACE_TEXT:
        escape = TEMPLATE_WRITE_HTML;
        break;
    case TEMPLATE_HTML_PLACE_ATTRIBUTE:
        escape = TEMPLATE_WRITE_HTML;
        if (f->kind == VIEW_KIND_HTML)
            return refuse(node, "HTML cannot stand in an attribute");
        break;
    case TEMPLATE_HTML_PLACE_URL_START:
        escape = TEMPLATE_WRITE_URL;
        if (f->kind != VIEW_KIND_URL)
            return refuse(node, "only a VIEW_URL may begin an address");
        break;
    case TEMPLATE_HTML_PLACE_URL_PART:
        escape = TEMPLATE_WRITE_PERCENT;
        if (f->kind == VIEW_KIND_HTML)
            return refuse(node, "HTML cannot stand in an address");
        break;
    case TEMPLATE_HTML_PLACE_NONE:
        return refuse(node, "a value cannot stand here");
    }
    node->how = (uint16_t)(node->how | escape);
    return E_OK;
}

static enum err bind_value(struct binder *bi, struct template_node *node,
                           const struct template_view_scope *scope)
{
    const struct view_field *f = NULL;
    enum err e;

    if (str_eq_z(node->text, "lang"))
        return become_text(bi, node, str_z(message_lang_code(bi->b->lang)));
    if (str_starts(node->text, STR("asset."))) {
        struct str name = str_sub(bi->b->scratch, node->text, strlen("asset."), node->text.n);
        struct str url = bi->b->asset != NULL ? bi->b->asset(bi->b->arg, name) : STR_ABSENT;

        return str_absent(url) ? refuse(node, "no such file in static/")
                               : become_text(bi, node, url);
    }
    e = resolve(bi, node, scope, &f);
    return f != NULL ? place(bi, node, f) : e;
}

/* Sections decided now: {{#ja}} {{#en}} {{#wide}} {{#blank}}. False when the name is no such. */
static bool constant(const struct binder *bi, struct str name, bool *value)
{
    if (str_eq_z(name, "ja") || str_eq_z(name, "en"))
        *value = str_eq_z(name, message_lang_code(bi->b->lang));
    else if (str_eq_z(name, "wide"))
        *value = (bi->b->flags & VIEW_WIDE) != 0;
    else if (str_eq_z(name, "blank"))
        *value = (bi->b->flags & VIEW_BLANK) != 0;
    else
        return false;
    return true;
}

/* The body of a section; what it leaves out or repeats must not change where the text stands. */
static enum err bind_body(struct binder *bi, struct template_node *node,
                          const struct template_view_scope *scope)
{
    struct template_html before;
    const char *wrong = bi->b->html ? template_html_settle(&bi->html) : NULL;
    enum err e;

    if (wrong != NULL)
        return refuse(node, wrong);
    before = bi->html;
    e = bind_list(bi, node->child, scope);
    if (e != E_OK || !bi->b->html)
        return e;
    wrong = template_html_settle(&bi->html);
    if (wrong == NULL && !template_html_same(&before, &bi->html))
        wrong = "a section must not end inside another tag or value than it began";
    bi->html.begun = before.begun && bi->html.begun;
    bi->html.glued = before.glued || bi->html.glued;
    return wrong == NULL ? E_OK : refuse(node, wrong);
}

static enum err bind_section(struct binder *bi, struct template_node *node,
                             const struct template_view_scope *scope)
{
    const struct view_field *f = NULL;
    bool value;
    enum err e;

    if (constant(bi, node->text, &value)) {
        if (value != (node->kind == TEMPLATE_SECTION))
            return become_text(bi, node, STR(""));
        node->kind = TEMPLATE_PARTIAL;
        return bind_body(bi, node, scope);
    }
    e = resolve(bi, node, scope, &f);
    if (f == NULL)
        return e;
    if (node->how != 0)
        return refuse(node, "this is no section");
    if (node->kind == TEMPLATE_SECTION && (f->kind == VIEW_KIND_LIST || has_members(f))) {
        struct template_view_scope inner = { f->items, scope };
        return bind_body(bi, node, &inner);
    }
    return bind_body(bi, node, scope);
}

/* {{>page}} and {{>title}} of the layout: the trees of the view, known when it is shown. */
static enum err bind_late(struct binder *bi, struct template_node *node,
                          const struct template_view_scope *scope, const void *path)
{
    if (!bi->b->layout || scope->up != NULL || bi->partials > 0)
        return refuse(node, "stands in the layout only, outside of lists and structs");
    if (template_html_value(&bi->html) != TEMPLATE_HTML_PLACE_TEXT)
        return refuse(node, "cannot stand here");
    node->bound = path;
    return E_OK;
}

static enum err bind_partial(struct binder *bi, struct template_node *node,
                             const struct template_view_scope *scope)
{
    enum err e;

    if (str_eq_z(node->text, "page"))
        return bind_late(bi, node, scope, template_view_page);
    if (str_eq_z(node->text, "title"))
        return bind_late(bi, node, scope, template_view_title);
    if (bi->partials >= PARTIAL_DEPTH_MAX)
        return refuse(node, "partials include each other");
    e = bi->b->partial(bi->b->arg, node, &node->child);
    if (e != E_OK)
        return e;
    bi->partials++;
    e = bind_list(bi, node->child, scope);
    bi->partials--;
    return e;
}

static enum err bind_list(struct binder *bi, struct template_node *node,
                          const struct template_view_scope *scope)
{
    enum err e = E_OK;

    for (; node != NULL && e == E_OK; node = node->next) {
        switch (node->kind) {
        case TEMPLATE_TEXT:
            e = become_text(bi, node, node->text);
            break;
        case TEMPLATE_VALUE:
            e = bind_value(bi, node, scope);
            break;
        case TEMPLATE_SECTION:
        case TEMPLATE_INVERTED:
            e = bind_section(bi, node, scope);
            break;
        case TEMPLATE_PARTIAL:
            e = bind_partial(bi, node, scope);
            break;
        }
    }
    return e;
}

enum err template_bind(const struct template_view_binding *b, struct template_node *tree,
                       const struct template_view_scope *scope)
{
    struct binder bi = { .b = b };
    enum err e = bind_list(&bi, tree, scope);

    if (e == E_OK && b->html && bi.html.state != TEMPLATE_HTML_TEXT)
        return FAIL(E_INPUT, "template", "%s: ends inside a tag", tree != NULL ? tree->file : "");
    return e;
}
