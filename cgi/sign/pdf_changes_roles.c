/* pdf_changes_roles.c - how the newer revision uses its objects. */
#include "sign/pdf_changes_inside.h"

#include <stdlib.h>

#define SPREAD_DEPTH 40 /* appearance, resources, form inside form, font, descriptor, font file */

struct pdf_changes_place *pdf_changes_roles_place(struct pdf_changes_compare *c,
                                                  struct pdf_read_ref r)
{
    return pdf_changes_indirect(c->n, r) && r.id > 0 && (uint32_t)r.id < c->places_n
               ? &c->places[r.id]
               : NULL;
}

static bool is_look(unsigned role)
{
    return role == ROLE_FIELD_LOOK || role == ROLE_LOOK || role == ROLE_ANNOT_LOOK ||
           role == ROLE_LOOKS;
}

static void set_role(struct pdf_changes_compare *c, struct pdf_read_ref r,
                     enum pdf_changes_role role, unsigned page, uint32_t owner)
{
    struct pdf_changes_place *p = pdf_changes_roles_place(c, r);

    if (!p)
        return;
    if (p->role == ROLE_NONE) {
        *p = (struct pdf_changes_place){ (uint8_t)role, false, page, owner };
    } else if (p->role != role || p->owner != owner) {
        bool looks = is_look(p->role) && is_look(role);
        p->role = looks ? ROLE_LOOKS : p->role == role ? p->role : ROLE_MIXED;
        p->owner = 0;
    }
}

/* Everything reachable from `r`. */
static void spread(struct pdf_changes_compare *c, struct pdf_read_ref r, enum pdf_changes_role role,
                   unsigned page, uint32_t owner, int depth)
{
    struct pdf_read *d = c->n;
    struct pdf_changes_place *p = pdf_changes_roles_place(c, r);

    if (depth > SPREAD_DEPTH || c->budget-- <= 0) {
        c->budget = 0; /* what is not seen must not pass */
        return;
    }
    if (p) {
        if (p->role == role && p->owner == owner)
            return;
        bool known = p->role == ROLE_MIXED || (p->role == ROLE_LOOKS && is_look(role));
        set_role(c, r, role, page, owner);
        if (known)
            return;
    }
    int n = pdf_read_length(d, r);
    for (int i = 0; i < n; i++)
        spread(c, pdf_read_item(d, r, i), role, page, owner, depth + 1);
    if (!pdf_read_is_dict(d, r))
        return;
    size_t count;
    struct str *keys = pdf_read_keys(d, r, c->a, &count);
    for (size_t i = 0; i < count && i < PDF_READ_KEYS_MAX; i++) {
        struct pdf_read_ref value = pdf_read_get(d, r, keys[i].p);
        struct pdf_changes_place *to = pdf_changes_roles_place(c, value);
        if (!to || (to->role != ROLE_PAGE && to->role != ROLE_PAGES && to->role != ROLE_ROOT))
            spread(c, value, role, page, owner, depth + 1);
    }
}

/* ---- the form ---- */

/* A time-stamp may stand where a signature may not, so it has to be one in both respects. */
static bool is_stamp(struct pdf_read *d, struct pdf_read_ref value)
{
    struct pdf_read_ref type = pdf_read_get(d, value, "/Type");
    return pdf_read_name_is(d, pdf_read_get(d, value, "/SubFilter"), "/ETSI.RFC3161") &&
           (pdf_read_is_null(d, type) || pdf_read_name_is(d, type, "/DocTimeStamp"));
}

/* A field, its widgets and what is below it (12.7.4). */
static void field_roles(struct pdf_changes_compare *c, struct pdf_read_ref node, bool signature,
                        int depth)
{
    struct pdf_read *d = c->n;
    struct pdf_read_ref type = pdf_read_get(d, node, "/FT"), value = pdf_read_get(d, node, "/V");
    struct pdf_read_ref kids = pdf_read_get(d, node, "/Kids");
    uint32_t id = node.id > 0 ? (uint32_t)node.id : 0;
    int n = pdf_read_length(d, kids);

    if (depth > PDF_READ_DEPTH_MAX || c->budget-- <= 0) {
        c->budget = 0;
        return;
    }
    if (!pdf_read_is_null(d, type))
        signature = pdf_read_name_is(d, type, "/Sig");
    set_role(c, node, signature ? ROLE_SIGFIELD : ROLE_FIELD, 0, 0);
    if (signature)
        set_role(c, value, is_stamp(d, value) ? ROLE_STAMP : ROLE_SIGVALUE, 0, id);
    else
        set_role(c, value, ROLE_FIELD, 0, id);
    spread(c, pdf_read_get(d, node, "/AP"), signature ? ROLE_LOOK : ROLE_FIELD_LOOK, 0, id, 1);
    for (int i = 0; i < n; i++)
        field_roles(c, pdf_read_item(d, kids, i), signature, depth + 1);
}

static void form_roles(struct pdf_changes_compare *c)
{
    struct pdf_read *d = c->n;
    struct pdf_read_ref form = pdf_read_get(d, pdf_read_root(d), "/AcroForm");
    struct pdf_read_ref fields = pdf_read_get(d, form, "/Fields");
    int n = pdf_read_length(d, fields);

    set_role(c, form, ROLE_FORM, 0, 0);
    set_role(c, fields, ROLE_FIELDS, 0, 0);
    spread(c, pdf_read_get(d, form, "/DR"), ROLE_LOOKS, 0, 0, 1);
    for (int i = 0; i < n; i++)
        field_roles(c, pdf_read_item(d, fields, i), false, 0);
}

/* ---- pages ---- */

static void annot_roles(struct pdf_changes_compare *c, struct pdf_read_ref one, unsigned page)
{
    struct pdf_changes_place *p = pdf_changes_roles_place(c, one);
    uint32_t id = one.id > 0 ? (uint32_t)one.id : 0;

    if (p && (p->role == ROLE_SIGFIELD || p->role == ROLE_FIELD)) {
        p->page = p->page ? p->page : page;
        return;
    }
    set_role(c, one, ROLE_ANNOT, page, 0);
    spread(c, pdf_read_get(c->n, one, "/AP"), ROLE_ANNOT_LOOK, page, id, 1);
}

static void page_roles(struct pdf_changes_compare *c, struct pdf_read_ref page)
{
    struct pdf_read *d = c->n;
    struct pdf_read_ref annots = pdf_read_get(d, page, "/Annots");
    int n = pdf_read_length(d, annots);

    if (c->pages_n == c->pages_cap) {
        unsigned cap = c->pages_cap ? c->pages_cap * 2 : 64;
        uint32_t *grown = realloc(c->pages, cap * sizeof *grown);
        if (!grown)
            abort();
        c->pages = grown;
        c->pages_cap = cap;
    }
    c->pages[c->pages_n++] = page.id > 0 ? (uint32_t)page.id : 0;
    unsigned number = c->pages_n;
    set_role(c, page, ROLE_PAGE, number, 0);
    spread(c, pdf_read_get(d, page, "/Contents"), ROLE_CONTENT, number, 0, 0);
    set_role(c, pdf_read_get(d, page, "/Resources"), ROLE_CONTENT, number, 0);
    set_role(c, annots, ROLE_ANNOTS, number, 0);
    for (int i = 0; i < n && c->budget-- > 0; i++)
        annot_roles(c, pdf_read_item(d, annots, i), number);
}

static void tree_roles(struct pdf_changes_compare *c, struct pdf_read_ref node, int depth)
{
    struct pdf_read_ref kids = pdf_read_get(c->n, node, "/Kids");
    int n = pdf_read_length(c->n, kids);

    if (depth > PDF_READ_DEPTH_MAX || c->budget-- <= 0) {
        c->budget = 0;
        return;
    }
    if (pdf_read_is_null(c->n, kids)) {
        page_roles(c, node);
        arena_reset(c->a);
        return;
    }
    set_role(c, node, ROLE_PAGES, 0, 0);
    set_role(c, kids, ROLE_PAGES, 0, 0);
    for (int i = 0; i < n; i++)
        tree_roles(c, pdf_read_item(c->n, kids, i), depth + 1);
}

enum err pdf_changes_roles(struct pdf_changes_compare *c)
{
    struct pdf_read *d = c->n;
    struct pdf_read_ref root = pdf_read_root(d), trailer = { d->trailer, 0, 0 };

    form_roles(c);
    c->places[d->root_id].role = c->places[d->root_id].role ? ROLE_MIXED : ROLE_ROOT;
    set_role(c, pdf_read_get(d, trailer, "/Info"), ROLE_META, 0, 0);
    set_role(c, pdf_read_get(d, root, "/Metadata"), ROLE_META, 0, 0);
    spread(c, pdf_read_get(d, root, "/Extensions"), ROLE_META, 0, 0, 0);
    spread(c, pdf_read_get(d, root, "/DSS"), ROLE_DSS, 0, 0, 0);
    tree_roles(c, pdf_read_get(d, root, "/Pages"), 0);
    if (c->budget <= 0)
        return FAIL(E_LIMIT, "pdf-too-complex", "roles of objects");
    return pdf_read_check(d);
}
