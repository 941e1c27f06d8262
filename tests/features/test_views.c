/* test_views.c - every view of every slice compiles, in both languages, against the real files. */
#include "tap.h"

#include "features/accounts/accounts_pages.h"
#include "features/audit/audit_pages.h"
#include "features/envelopes/envelopes_pages.h"
#include "features/home/home_pages.h"
#include "features/profiles/profiles_pages.h"
#include "features/rs/rs_pages.h"
#include "features/signing/signing_pages.h"
#include "http/static.h"
#include "http/template_set.h"

#include <stdlib.h>

static const struct view *const *const lists[] = { home_views,        accounts_pages_views,
                                                   audit_pages_views, signing_views,
                                                   rs_views,          signing_seal_views,
                                                   envelopes_views,   profiles_pages_views };

static struct str asset(void *arg, struct str name)
{
    return static_url(arg, name);
}

int main(void)
{
    const char *src = getenv("SHOMEI_SRCDIR") != NULL ? getenv("SHOMEI_SRCDIR") : ".";
    struct arena *a = arena_new(1 << 20);
    struct static_files *files = NULL;
    struct template_set_params params = { str_fmt(a, "%s/templates", src).p, asset, NULL };
    struct template_set *set = NULL;

    is_err(message_load(str_fmt(a, "%s/po", src).p), E_OK, "the catalogue is sound");
    is_err(static_open(str_fmt(a, "%s/static", src).p, &files), E_OK, "the static files are read");
    params.asset_arg = files;
    is_err(template_set_new(&params, &set), E_OK, "a template set");
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
        for (const struct view *const *v = lists[i]; *v != NULL; v++) {
            const struct view *const one[] = { *v, NULL };

            if (!ok(template_set_add(set, one) == E_OK, "%s compiles", (*v)->template))
                tap_note("%s", fault_current()->detail);
        }
    template_set_free(set);
    static_close(files);
    message_unload();
    arena_free(a);
    return tap_done();
}
