/*
 * pdf_changes_walk.c - everything that the newer revision uses for something that is shown or done.
 * An object that is passed off as validation data or metadata, and is used here as well, shows
 * itself.
 */
#include "sign/pdf_changes_inside.h"

#include <stdlib.h>

#define DIRECT_DEPTH 100 /* dictionaries and arrays directly inside each other */
#define WALK_BUDGET 4000000

struct walk {
    struct pdf_changes_compare *c;
    uint32_t *stack;
    size_t n, cap;
    long budget;
    unsigned page;
    bool structure; /* below /StructTreeRoot, whose references to annotations show nothing */
};

static void push(struct walk *w, uint32_t id)
{
    struct pdf_changes_place *p = &w->c->places[id];

    if (p->content)
        return;
    p->content = true;
    p->page = p->page ? p->page : w->page;
    if (w->n == w->cap) {
        size_t cap = w->cap ? w->cap * 2 : 1024;
        uint32_t *grown = realloc(w->stack, cap * sizeof *grown);
        if (!grown)
            abort();
        w->stack = grown;
        w->cap = cap;
    }
    w->stack[w->n++] = id;
}

/* Entries of the catalogue and of pages that lead to the parts with rules of their own. */
static bool own_rules(const struct walk *w, uint32_t holder, const char *key)
{
    static const char *const apart[] = { "/DSS",      "/Metadata", "/Extensions",
                                         "/AcroForm", "/Perms",    "/StructTreeRoot" };
    enum pdf_changes_role role = (enum pdf_changes_role)w->c->places[holder].role;

    if (role == ROLE_PAGE)
        return strcmp(key, "/Annots") == 0;
    for (size_t i = 0; role == ROLE_ROOT && i < sizeof apart / sizeof *apart; i++) {
        if (strcmp(key, apart[i]) == 0)
            return true;
    }
    return false;
}

/* What a structure element says an annotation is: shows nothing (14.7.5.3). */
static bool only_names(const struct walk *w, const char *key, struct pdf_read_ref value)
{
    const struct pdf_changes_place *p = pdf_changes_roles_place(w->c, value);
    return w->structure && p && strcmp(key, "/Obj") == 0 &&
           (p->role == ROLE_ANNOT || p->role == ROLE_FIELD || p->role == ROLE_SIGFIELD);
}

static void visit(struct walk *w, struct pdf_read_ref r, uint32_t holder, int depth)
{
    struct pdf_read *d = w->c->n;
    size_t items = (size_t)pdf_read_length(d, r), count = 0;
    struct str *keys = NULL;

    if (depth > DIRECT_DEPTH || w->budget-- <= 0) {
        w->budget = 0;
        return;
    }
    if (pdf_read_is_dict(d, r))
        keys = pdf_read_keys(d, r, w->c->a, &count);
    for (size_t i = 0; i < items + count && w->budget > 0; i++) {
        const char *key = i < items ? "" : keys[i - items].p;
        struct pdf_read_ref one = i < items ? pdf_read_item(d, r, (int)i) : pdf_read_get(d, r, key);
        w->budget--;
        if ((depth == 0 && own_rules(w, holder, key)) || only_names(w, key, one))
            continue;
        if (!pdf_changes_indirect(d, one))
            visit(w, one, holder, depth + 1);
        else if (one.id > 0 && (uint32_t)one.id < w->c->places_n)
            push(w, (uint32_t)one.id);
    }
}

static void drain(struct walk *w)
{
    while (w->n && w->budget > 0) {
        uint32_t id = w->stack[--w->n];
        visit(w, pdf_read_object_newest(w->c->n, (int)id), id, 0);
        arena_reset(w->c->a);
    }
}

/* Pages know each other through the tree: each is visited in its turn, and the tree after them. */
static void walk_pages(struct walk *w)
{
    struct pdf_changes_compare *c = w->c;

    for (uint32_t id = 0; id < c->places_n; id++)
        c->places[id].content = c->places[id].role == ROLE_PAGE || c->places[id].role == ROLE_PAGES;
    for (unsigned i = 0; i < c->pages_n; i++) {
        w->page = i + 1;
        visit(w, pdf_read_object_newest(c->n, (int)c->pages[i]), c->pages[i], 0);
        drain(w);
    }
    w->page = 0;
    for (uint32_t id = 0; id < c->places_n; id++) {
        if (c->places[id].role == ROLE_PAGES)
            visit(w, pdf_read_object_newest(c->n, (int)id), id, 0);
        drain(w);
    }
}

enum err pdf_changes_walk(struct pdf_changes_compare *c)
{
    struct walk w = { .c = c, .budget = WALK_BUDGET };
    struct pdf_read_ref root = pdf_read_root(c->n);

    walk_pages(&w);
    push(&w, (uint32_t)c->n->root_id);
    drain(&w);
    w.structure = true;
    struct pdf_read_ref tree = pdf_read_get(c->n, root, "/StructTreeRoot");
    if (pdf_changes_roles_place(c, tree))
        push(&w, (uint32_t)tree.id);
    else
        visit(&w, tree, 0, 1);
    drain(&w);
    free(w.stack);
    if (w.budget <= 0)
        return FAIL(E_LIMIT, "pdf-too-complex", "objects that pages use");
    return pdf_read_check(c->n);
}
