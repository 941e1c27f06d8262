/* pdf_compose_tree.c - logical structure and marked content (ISO 32000-2 14.6, 14.7). */
#include "sign/pdf_compose_inside.h"

/* Room for one more of `size` bytes each. */
static void *grow(struct arena *a, void *p, size_t n, size_t *cap, size_t size)
{
    if (n < *cap)
        return p;
    size_t more = *cap ? *cap * 2 : 8;
    void *bigger = arena_array(a, more, size);
    if (n)
        memcpy(bigger, p, n * size);
    *cap = more;
    return bigger;
}

static void add_kid(struct pdf_compose *c, uint32_t element, struct pdf_compose_kid kid)
{
    struct pdf_compose_element *e = &c->elements[element];
    e->kids = grow(c->arena, e->kids, e->n, &e->cap, sizeof *e->kids);
    e->kids[e->n++] = kid;
}

uint32_t pdf_compose_element(struct pdf_compose *c, uint32_t parent, const char *type,
                             const char *extra)
{
    uint32_t id = (uint32_t)c->elements_n;
    c->elements = grow(c->arena, c->elements, c->elements_n, &c->elements_cap, sizeof *c->elements);
    c->elements[c->elements_n++] =
        (struct pdf_compose_element){ .type = type, .extra = extra, .parent = parent };
    if (id != parent)
        add_kid(c, parent, (struct pdf_compose_kid){ .value = id });
    return id;
}

void pdf_compose_unmark(struct pdf_compose *c)
{
    if (c->marked)
        pdf_compose_put(c, "EMC\n");
    c->marked = false;
}

void pdf_compose_mark(struct pdf_compose *c, uint32_t element)
{
    struct pdf_compose_page *page = &c->pages[c->pages_n - 1];
    if (c->marked && c->marked_for == element)
        return;
    pdf_compose_unmark(c);
    uint32_t id = (uint32_t)page->marks_n;
    page->marks = grow(c->arena, page->marks, page->marks_n, &page->marks_cap, sizeof(uint32_t));
    page->marks[page->marks_n++] = element;
    add_kid(c, element, (struct pdf_compose_kid){ true, id, (uint32_t)c->pages_n - 1 });
    pdf_compose_put(c, "/%s <</MCID %u>> BDC\n", c->elements[element].type, id);
    c->marked = true;
    c->marked_for = element;
}

void pdf_compose_artifact(struct pdf_compose *c)
{
    pdf_compose_unmark(c);
    pdf_compose_put(c, "/Artifact BMC\n");
    c->marked = true;
    c->marked_for = UINT32_MAX;
}
