/* template_set.c - all templates of a program, compiled per view and language. */
#include "http/template_set.h"

#include "base/log.h"
#include "http/template_view.h"

#include <errno.h>

enum { SET_MEMORY_MAX = 256 * 1024 * 1024, VIEWS_MAX = 1024, SLOTS = 2 * VIEWS_MAX };

struct compiled {
    const struct view *view;
    struct template_node *page[LANG__MAX], *title[LANG__MAX]; /* bare views: page only */
};

/* Layouts differ by language and by these flags of the views. */
enum { LAYOUT_FLAGS = VIEW_WIDE | VIEW_BLANK, LAYOUTS = 8 };

struct template_set {
    struct arena *a, *scratch; /* scratch: emptied after each view */
    struct template_set_params params;
    size_t count;
    struct template_node *layouts[LANG__MAX][LAYOUTS];
    struct compiled slots[SLOTS]; /* open addressing by the view's address */
};

/* One compilation: a view in a language. */
struct job {
    struct template_set *set;
    const struct view *view;
    enum lang lang;
};

enum err template_set_new(const struct template_set_params *p, struct template_set **out)
{
    struct arena *a = arena_new(SET_MEMORY_MAX);
    struct template_set *set = ARENA_NEW(a, struct template_set);

    set->a = a;
    set->scratch = arena_new(SET_MEMORY_MAX);
    set->params = *p;
    set->params.dir = str_dup(a, str_z(p->dir)).p;
    *out = set;
    return E_OK;
}

void template_set_free(struct template_set *set)
{
    if (set == NULL)
        return;
    arena_free(set->scratch);
    arena_free(set->a);
}

static size_t slot_of(const struct template_set *set, const struct view *view)
{
    size_t i = ((uintptr_t)view >> 3) * 2654435761u % SLOTS;

    while (set->slots[i].view != NULL && set->slots[i].view != view)
        i = (i + 1) % SLOTS;
    return i;
}

/* Lower-case letters, digits, '_', '-', '/' and one extension: nothing that leaves the folder. */
static bool name_is_plain(struct str name)
{
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];

        if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && strchr("_-/.", c) == NULL)
            return false;
        if (c == '.' && (i == 0 || name.p[i - 1] == '.' || name.p[i - 1] == '/'))
            return false;
    }
    return name.n > 0 && name.p[0] != '/';
}

static enum err read_file(struct template_set *set, struct str name, struct buf *b)
{
    struct str path = str_fmt(set->scratch, "%s/%.*s", set->params.dir, STR_ARG(name));
    enum err e = E_OK;
    uint8_t block[4096];
    size_t n;
    FILE *f;

    if (!name_is_plain(name))
        return FAIL(E_INPUT, "template", "not a template's name: %.*s", STR_ARG(name));
    f = fopen(path.p, "rb");
    if (f == NULL)
        return FAIL(E_INPUT, "template", "%s: %s", path.p, strerror(errno));
    while ((n = fread(block, 1, sizeof(block), f)) > 0)
        buf_add(b, block, n);
    if (ferror(f))
        e = FAIL(E_INPUT, "template", "%s: cannot be read", path.p);
    else if (!buf_ok(b) || (b->n > 0 && !utf8_valid((const char *)b->p, b->n)))
        e = FAIL(E_INPUT, "template", "%s: too long, or not UTF-8", path.p);
    fclose(f);
    return e;
}

static enum err translate(void *arg, struct str id, struct str *text)
{
    const struct job *job = arg;

    *text = message_lookup(job->lang, id);
    return E_OK;
}

static struct str asset(void *arg, struct str name)
{
    const struct template_set_params *p = &((const struct job *)arg)->set->params;

    return p->asset != NULL ? p->asset(p->asset_arg, name) : STR_ABSENT;
}

static bool is_html(const struct view *view)
{
    return !str_ends(str_z(view->template), STR(".txt"));
}

static struct template_source source(struct job *job, struct str name)
{
    return (struct template_source){ .file = name.p,
                                     .strict = true,
                                     .html = is_html(job->view),
                                     .words = translate,
                                     .words_arg = job };
}

static enum err parse_file(struct job *job, struct str name, struct template_node **tree)
{
    struct buf b = buf_init(TEMPLATE_SOURCE_MAX);
    struct template_source s = source(job, name);
    enum err e = read_file(job->set, name, &b);

    s.text = buf_str(&b);
    if (e == E_OK)
        e = template_parse(&s, job->set->scratch, tree);
    buf_free(&b);
    return e;
}

/* The tree of a partial below templates/, of the same kind as the view's own. */
static enum err partial(void *arg, const struct template_node *node, struct template_node **tree)
{
    struct job *job = arg;
    const char *ending = is_html(job->view) ? "html" : "txt";

    return parse_file(job, str_fmt(job->set->scratch, "%.*s.%s", STR_ARG(node->text), ending),
                      tree);
}

static struct template_view_binding binding(struct job *job)
{
    return (struct template_view_binding){ .a = job->set->a,
                                           .scratch = job->set->scratch,
                                           .lang = job->lang,
                                           .html = is_html(job->view),
                                           .flags = job->view->flags,
                                           .partial = partial,
                                           .asset = asset,
                                           .arg = job };
}

/* The layout of the view's kind, compiled when the first such view comes. */
static enum err need_layout(struct job *job)
{
    struct template_view_scope scope = { page_context_fields, NULL };
    struct template_view_binding b = binding(job);
    struct template_node **kept = &job->set->layouts[job->lang][job->view->flags & LAYOUT_FLAGS];
    struct template_node *tree;
    enum err e;

    if (*kept != NULL)
        return E_OK;
    b.layout = true;
    e = parse_file(job, STR("layout.html"), &tree);
    if (e == E_OK)
        e = template_bind(&b, tree, &scope);
    if (e == E_OK)
        *kept = template_compact(tree, job->set->a);
    return e;
}

static enum err compile_title(struct job *job, const struct template_view_scope *scope,
                              struct template_node **title)
{
    struct template_source s = source(job, str_z(job->view->template));
    struct template_view_binding b = binding(job);
    struct template_node *tree;
    enum err e;

    if (job->view->title == NULL)
        return FAIL(E_INPUT, "template", "%s: the view has no title", job->view->template);
    e = template_parse_words(&s, job->set->scratch,
                             message_lookup(job->lang, str_z(job->view->title)), 0, &tree);
    if (e == E_OK)
        e = template_bind(&b, tree, scope);
    if (e == E_OK)
        *title = template_view_section(job->set->a, template_compact(tree, job->set->a));
    return e;
}

static enum err compile(struct job *job, struct compiled *slot)
{
    struct template_view_scope outer = { page_context_fields, NULL };
    bool bare = (job->view->flags & VIEW_BARE) != 0;
    struct template_view_scope scope = { job->view->fields, bare ? NULL : &outer };
    struct template_view_binding b = binding(job);
    struct template_node *tree;
    enum err e = parse_file(job, str_z(job->view->template), &tree);

    if (e == E_OK)
        e = template_bind(&b, tree, &scope);
    if (e != E_OK)
        return e;
    tree = template_compact(tree, job->set->a);
    slot->page[job->lang] = bare ? tree : template_view_section(job->set->a, tree);
    if (bare)
        return E_OK;
    e = compile_title(job, &scope, &slot->title[job->lang]);
    return e == E_OK ? need_layout(job) : e;
}

enum err template_set_add(struct template_set *set, const struct view *const *views)
{
    for (; *views != NULL; views++) {
        struct compiled *slot = &set->slots[slot_of(set, *views)];

        if (slot->view == NULL && ++set->count > VIEWS_MAX)
            return FAIL(E_LIMIT, "template", "more than %d views", VIEWS_MAX);
        slot->view = *views;
        for (int lang = 0; lang < LANG__MAX; lang++) {
            struct job job = { set, *views, (enum lang)lang };
            enum err e = compile(&job, slot);

            arena_reset(set->scratch);
            if (e != E_OK)
                return e;
        }
    }
    return E_OK;
}

enum err template_set_render(const struct template_set *set, const struct view *view,
                             enum lang lang, const struct page_context *page, const void *data,
                             struct arena *a, struct buf *out)
{
    const struct compiled *c = &set->slots[slot_of(set, view)];
    bool bare = (view->flags & VIEW_BARE) != 0;

    struct template_view_shown shown = { .tree = c->page[lang], .outer = data, .data = data };

    if (c->view == NULL)
        return FAIL(E_INTERNAL, "", "view of %s was not added", view->template);
    if (bare != (page == NULL))
        return FAIL(E_INTERNAL, "", "%s: bare views have no page, others have one", view->template);
    if (!bare) {
        shown.tree = set->layouts[lang][view->flags & LAYOUT_FLAGS];
        shown.outer = page;
        shown.page = c->page[lang];
        shown.title = c->title[lang];
    }
    return template_view_render(&shown, lang, a, out);
}
