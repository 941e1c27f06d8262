/*
 * template_set.h - every page and mail of a program, compiled at start, one program per language.
 *
 * Loading fails (E_INPUT, the fault's detail says file:line) on a syntax error, a name that no view
 * has, a partial that is missing or includes itself, a value in an unsafe place (script, style,
 * event handler, tag name, unquoted attribute), or an asset that does not exist.
 */
#pragma once

#include "base/buf.h"
#include "http/page.h"

struct template_set;

struct template_set_params {
    const char *dir; /* templates/ */
    /* Public URL of a file below static/ ("shomei.css" -> "/static/shomei.3f9a....css"); absent
     * when there is no such file. The text must live as long as the set. */
    struct str (*asset)(void *arg, struct str name);
    void *asset_arg;
};

/* An empty set; the catalogue must be loaded before. */
enum err template_set_new(const struct template_set_params *p,
                          struct template_set **out) MUST_CHECK;
/* NULL is fine. */
void template_set_free(struct template_set *set);
/* Compile the views of a NULL-terminated list, in every language. */
enum err template_set_add(struct template_set *set, const struct view *const *views) MUST_CHECK;

/*
 * Render. `data` points at the struct that the view describes. `page` is NULL exactly for
 * VIEW_BARE. E_INTERNAL when the view was not added; E_LIMIT when `out` is full.
 */
enum err template_set_render(const struct template_set *set, const struct view *view,
                             enum lang lang, const struct page_context *page, const void *data,
                             struct arena *a, struct buf *out) MUST_CHECK;
