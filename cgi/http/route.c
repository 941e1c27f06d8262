/* route.c - see route.h */
#include "http/route.h"

#include <stdlib.h>

#include "http/ratelimit.h"

#define SEGMENTS_MAX 12

/* One piece of a pattern between slashes: "users", "{id}", "{name}.cer", or "{rest*}" at the end.
 */
struct segment {
    const char *prefix, *name, *suffix; /* into the pattern; name_n 0: literal, all in prefix */
    size_t prefix_n, name_n, suffix_n;
    bool rest;
};

struct row {
    const struct route *route;
    struct segment segments[SEGMENTS_MAX];
    size_t segments_n;
};

struct route_map {
    struct row *rows;
    size_t n;
};

static const char *const method_names[] = { "NONE", "GET",   "HEAD",   "POST",
                                            "PUT",  "PATCH", "DELETE", "OPTIONS" };
_Static_assert(sizeof(method_names) / sizeof(*method_names) == METHOD__MAX, "one name per method");

const char *route_method_name(enum method m)
{
    return m < METHOD__MAX ? method_names[m] : method_names[0];
}

enum method route_method_from(struct str name)
{
    for (int m = GET; m < METHOD__MAX; m++)
        if (str_eq_z(name, method_names[m]))
            return (enum method)m;
    return METHOD_NONE;
}

static bool name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/* RFC 3986 pchar, without escapes: a pattern is written in its normal form. */
static bool literal_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("-._~!$&'()*+,;=:@", c) != NULL);
}

/* Parse one segment at p..p+n; false when malformed. */
static bool parse_segment(const char *p, size_t n, struct segment *s)
{
    *s = (struct segment){ .prefix = p };
    size_t i = 0;
    while (i < n && p[i] != '{' && literal_char(p[i]))
        i++;
    s->prefix_n = i;
    if (i == n)
        return n > 0;
    if (p[i] != '{')
        return false;
    s->name = p + ++i;
    while (i < n && name_char(p[i]))
        i++;
    s->name_n = (size_t)(p + i - s->name);
    if (s->name_n == 0)
        return false;
    if (i < n && p[i] == '*') {
        s->rest = true;
        i++;
    }
    if (i == n || p[i++] != '}')
        return false;
    s->suffix = p + i;
    s->suffix_n = n - i;
    while (i < n && literal_char(p[i]))
        i++;
    return i == n && !(s->rest && (s->prefix_n > 0 || s->suffix_n > 0));
}

static bool parse_pattern(const char *path, struct row *row)
{
    if (path == NULL || path[0] != '/')
        return false;
    size_t params = 0;
    const char *p = path + 1;
    if (*p == '\0')
        return true; /* "/" has no segment */
    for (;;) {
        const char *slash = strchr(p, '/');
        size_t n = slash ? (size_t)(slash - p) : strlen(p);
        if (row->segments_n == SEGMENTS_MAX)
            return false;
        struct segment *s = &row->segments[row->segments_n++];
        if (!parse_segment(p, n, s) || (s->rest && slash))
            return false;
        params += s->name_n > 0;
        if (!slash)
            return params <= ROUTE_PARAMS_MAX;
        p = slash + 1;
    }
}

static int compare_piece(const char *a, size_t an, const char *b, size_t bn)
{
    return str_cmp((struct str){ a ? a : "", an }, (struct str){ b ? b : "", bn });
}

/* Literals before parameters, longer fixed parts first: the first row that fits is the best. */
static int compare_segment(const struct segment *a, const struct segment *b)
{
    int class_a = a->name_n == 0 ? 0 : a->rest ? 2 : 1;
    int class_b = b->name_n == 0 ? 0 : b->rest ? 2 : 1;
    if (class_a != class_b)
        return class_a - class_b;
    size_t fixed_a = a->prefix_n + a->suffix_n, fixed_b = b->prefix_n + b->suffix_n;
    if (class_a == 1 && fixed_a != fixed_b)
        return fixed_a > fixed_b ? -1 : 1;
    int c = compare_piece(a->prefix, a->prefix_n, b->prefix, b->prefix_n);
    return c ? c : compare_piece(a->suffix, a->suffix_n, b->suffix, b->suffix_n);
}

static int compare_shape(const struct row *a, const struct row *b)
{
    for (size_t i = 0; i < a->segments_n && i < b->segments_n; i++) {
        int c = compare_segment(&a->segments[i], &b->segments[i]);
        if (c)
            return c;
    }
    return (a->segments_n > b->segments_n) - (a->segments_n < b->segments_n);
}

static int compare_rows(const void *pa, const void *pb)
{
    const struct row *a = pa, *b = pb;
    int c = compare_shape(a, b);
    return c ? c : (int)a->route->method - (int)b->route->method;
}

static bool has_param(const struct form *form, const char *name, size_t n)
{
    for (const struct param *p = form ? form->params : NULL; p && p->name; p++)
        if (strlen(p->name) == n && memcmp(p->name, name, n) == 0)
            return true;
    return false;
}

/* Everything about one row that must stop the start. */
static enum err check_row(struct row *row)
{
    const struct route *r = row->route;
    const char *method = route_method_name(r->method), *path = r->path ? r->path : "(null)";
    if (r->method == METHOD_NONE || r->method >= METHOD__MAX || r->method == HEAD ||
        r->method == OPTIONS)
        return FAIL(E_INTERNAL, "", "route %s %s: method is GET POST PUT PATCH or DELETE", method,
                    path);
    if (!parse_pattern(r->path, row))
        return FAIL(E_INTERNAL, "", "route %s %s: malformed pattern", method, path);
    if (r->handle == NULL)
        return FAIL(E_INTERNAL, "", "route %s %s: no handler", method, path);
    if (r->who == 0)
        return FAIL(E_INTERNAL, "", "route %s %s: `who` is unset", method, path);
    if ((r->flags & ROUTE_NO_CSRF) && (r->note == NULL || r->note[0] == '\0'))
        return FAIL(E_INTERNAL, "", "route %s %s: ROUTE_NO_CSRF without a reason", method, path);
    if (r->rate && (r->rate->limit == 0 || r->rate->window_us <= 0 || r->rate->scopes == 0))
        return FAIL(E_INTERNAL, "", "route %s %s: rate without limit, window or scope", method,
                    path);
    for (size_t i = 0; i < row->segments_n; i++) {
        const struct segment *s = &row->segments[i];
        if (s->name_n && !has_param(r->form, s->name, s->name_n))
            return FAIL(E_INTERNAL, "", "route %s %s: {%.*s} is not in its form", method, path,
                        (int)s->name_n, s->name);
    }
    return E_OK;
}

static enum err check_duplicates(const struct route_map *map)
{
    for (size_t i = 1; i < map->n; i++)
        if (compare_rows(&map->rows[i - 1], &map->rows[i]) == 0)
            return FAIL(E_INTERNAL, "", "route %s %s: the same as %s",
                        route_method_name(map->rows[i].route->method), map->rows[i].route->path,
                        map->rows[i - 1].route->path);
    return E_OK;
}

enum err route_map_build(const struct route *const *tables, struct route_map **out)
{
    struct route_map *map = calloc(1, sizeof(*map));
    size_t total = 0;
    for (size_t t = 0; tables[t]; t++)
        for (const struct route *r = tables[t]; r->path; r++)
            total++;
    if (map)
        map->rows = calloc(total + 1, sizeof(*map->rows));
    if (map == NULL || map->rows == NULL) {
        route_map_free(map);
        return FAIL(E_INTERNAL, "", "out of memory");
    }
    enum err e = E_OK;
    for (size_t t = 0; tables[t] && e == E_OK; t++)
        for (const struct route *r = tables[t]; r->path && e == E_OK; r++) {
            map->rows[map->n].route = r;
            e = check_row(&map->rows[map->n++]);
        }
    if (e == E_OK) {
        qsort(map->rows, map->n, sizeof(*map->rows), compare_rows);
        e = check_duplicates(map);
    }
    if (e != E_OK) {
        route_map_free(map);
        return e;
    }
    *out = map;
    return E_OK;
}

void route_map_free(struct route_map *map)
{
    if (map == NULL)
        return;
    free(map->rows);
    free(map);
}

static bool segment_fits(const struct segment *s, const char *p, size_t n)
{
    if (s->name_n == 0)
        return n == s->prefix_n && memcmp(p, s->prefix, n) == 0;
    return n > s->prefix_n + s->suffix_n && memcmp(p, s->prefix, s->prefix_n) == 0 &&
           (s->suffix_n == 0 || memcmp(p + n - s->suffix_n, s->suffix, s->suffix_n) == 0);
}

/* Whether the path fits the row; its parameters into m when `m` is not NULL. */
static bool row_fits(const struct row *row, struct str path, struct route_match *m)
{
    size_t at = 1;
    m->params_n = 0;
    for (size_t i = 0; i < row->segments_n; i++) {
        const struct segment *s = &row->segments[i];
        if (at > path.n)
            return false;
        size_t slash = s->rest ? SIZE_MAX : str_find(path, '/', at);
        size_t end = slash == SIZE_MAX ? path.n : slash;
        if (!segment_fits(s, path.p + at, end - at))
            return false;
        if (s->name_n)
            m->params[m->params_n++] =
                (struct route_param){ s->name,
                                      s->name_n,
                                      { path.p + at + s->prefix_n,
                                        end - at - s->prefix_n - s->suffix_n } };
        at = end + 1;
    }
    return row->segments_n == 0 ? path.n == 1 : at == path.n + 1;
}

struct route_match route_find(const struct route_map *map, enum method method, struct str path)
{
    struct route_match found = { 0 };
    enum method wanted = method == HEAD ? GET : method;
    if (path.n == 0 || path.p[0] != '/')
        return found;
    const struct row *best = NULL; /* its shape shadows all later shapes */
    for (size_t i = 0; i < map->n; i++) {
        const struct row *row = &map->rows[i];
        struct route_match m = { 0 };
        if (best && compare_shape(best, row) != 0)
            break;
        if (!best && !row_fits(row, path, &m))
            continue;
        if (best)
            row_fits(row, path, &m);
        best = row;
        found.allow |= 1u << row->route->method;
        if (row->route->method != wanted)
            continue;
        uint32_t allow = found.allow;
        found = m;
        found.allow = allow;
        found.route = row->route;
        found.index = i;
    }
    if (found.allow & (1u << GET))
        found.allow |= 1u << HEAD;
    if (found.allow)
        found.allow |= 1u << OPTIONS;
    return found;
}

size_t route_count(const struct route_map *map)
{
    return map ? map->n : 0;
}

const struct route *route_at(const struct route_map *map, size_t i)
{
    return i < map->n ? map->rows[i].route : NULL;
}

static void print_who(uint32_t who, struct buf *out)
{
    const char *comma = "";
    static const struct {
        uint32_t bit;
        const char *name;
    } words[] = { { WHO_ANYONE, "anyone" }, { WHO_ACCOUNT, "account" }, { WHO_CLIENT, "client" } };
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        if (who & words[i].bit) {
            buf_fmt(out, "%s%s", comma, words[i].name);
            comma = ",";
        }
    for (uint32_t bit = 1; bit <= ROLE__ALL; bit <<= 1)
        if (who & bit & ROLE__ALL) {
            buf_fmt(out, "%s%s", comma, role_name(bit));
            comma = ",";
        }
}

void route_print(const struct route_map *map, struct buf *out)
{
    static const char *const flags[] = { "api",       "no-csrf", "second-factor", "stream",
                                         "read-only", "pending", "public-cache",  "no-tx" };
    for (size_t i = 0; i < route_count(map); i++) {
        const struct route *r = route_at(map, i);
        buf_fmt(out, "%-6s %-44s ", route_method_name(r->method), r->path);
        print_who(r->who, out);
        for (size_t f = 0; f < sizeof(flags) / sizeof(*flags); f++)
            if (r->flags & (1u << f))
                buf_fmt(out, " %s", flags[f]);
        if (r->note)
            buf_fmt(out, "  # %s", r->note);
        buf_add_char(out, '\n');
    }
}

int route_list(const struct route *const *tables)
{
    struct route_map *map = NULL;
    struct buf out = buf_init(1u << 20);
    enum err e = route_map_build(tables, &map);
    if (e == E_OK) {
        route_print(map, &out);
        if (fwrite(out.p, 1, out.n, stdout) != out.n || fflush(stdout) != 0)
            e = FAIL(E_INTERNAL, "", "standard output cannot be written");
    } else {
        (void)fprintf(stderr, "%s\n", fault_current()->detail);
    }
    buf_free(&out);
    route_map_free(map);
    return err_exit_code(e);
}
