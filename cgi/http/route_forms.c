/* route_forms.c - see route_forms.h */
#include "http/route_forms.h"

#include "base/buf.h"

static const char *const kinds[] = {
    [PARAM_KIND_TEXT] = "text",     [PARAM_KIND_MULTILINE] = "text", [PARAM_KIND_TEXTS] = "text",
    [PARAM_KIND_TOKEN] = "token",   [PARAM_KIND_EMAIL] = "email",    [PARAM_KIND_PATH] = "path",
    [PARAM_KIND_INT] = "int",       [PARAM_KIND_ID] = "id",          [PARAM_KIND_FLAG] = "flag",
    [PARAM_KIND_CHOICE] = "choice", [PARAM_KIND_DATE] = "date",      [PARAM_KIND_SECRET] = "secret",
    [PARAM_KIND_FILE] = "file",     [PARAM_KIND_FILES] = "file",     [PARAM_KIND_STREAM] = "file",
    [PARAM_KIND_STREAMS] = "file",  [PARAM_KIND_JSON] = "json",
};

static void print_param(const struct route *r, const struct param *p, struct buf *out)
{
    buf_fmt(out, "%s\t%s\t%s\t%s\t%s\t%s\t%lld\t%lld\t", route_method_name(r->method), r->path,
            p->name, kinds[p->kind], p->flags & PARAM_OPTIONAL ? "optional" : "required",
            p->many > 0 ? "many" : "one", (long long)p->lo, (long long)p->hi);
    for (const struct choice *c = p->choices; c && c->word; c++)
        buf_fmt(out, "%s%s", c == p->choices ? "" : ",", c->word);
    buf_add_char(out, '\n');
}

int route_forms_list(const struct route *const *tables)
{
    struct route_map *map = NULL;
    struct buf out = buf_init(1u << 20);
    enum err e = route_map_build(tables, &map);

    for (size_t i = 0; e == E_OK && i < route_count(map); i++) {
        const struct route *r = route_at(map, i);
        buf_fmt(&out, "%s\t%s\n", route_method_name(r->method), r->path);
        for (const struct param *p = r->form ? r->form->params : NULL; p && p->name; p++)
            print_param(r, p, &out);
    }
    if (e == E_OK && (fwrite(out.p, 1, out.n, stdout) != out.n || fflush(stdout) != 0))
        e = FAIL(E_INTERNAL, "", "standard output cannot be written");
    if (e != E_OK)
        (void)fprintf(stderr, "%s\n", fault_current()->detail);
    buf_free(&out);
    route_map_free(map);
    return err_exit_code(e);
}
