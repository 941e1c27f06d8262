/* static.c - see static.h */
#include "http/static.h"

#include "base/buf.h"
#include "base/crypto.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#define TOTAL_MAX (32u << 20)
#define FILES_MAX 500
#define DEPTH_MAX 8
#define HASH_TEXT 12
#define URL_PREFIX "/static/"

struct entry {
    char *name, *url;
    uint8_t *data;
    size_t n;
    char etag[HASH_TEXT + 3];
    const char *type;
};

struct static_files {
    struct entry v[FILES_MAX];
    size_t n, total;
};

static const struct {
    const char *suffix, *type;
} types[] = {
    { ".css", "text/css; charset=utf-8" },
    { ".js", "text/javascript; charset=utf-8" },
    { ".mjs", "text/javascript; charset=utf-8" },
    { ".svg", "image/svg+xml" },
    { ".png", "image/png" },
    { ".ico", "image/x-icon" },
    { ".webp", "image/webp" },
    { ".woff2", "font/woff2" },
    { ".json", "application/json" },
    { ".webmanifest", "application/manifest+json" },
    { ".txt", "text/plain; charset=utf-8" },
};

static const char *type_of(const char *name)
{
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot && i < sizeof(types) / sizeof(*types); i++)
        if (strcmp(dot, types[i].suffix) == 0)
            return types[i].type;
    return NULL;
}

static char *format(const char *f, ...) PRINTF_LIKE(1, 2);
static char *format(const char *f, ...)
{
    char *out = NULL;
    va_list ap;
    va_start(ap, f);
    int n = vasprintf(&out, f, ap);
    va_end(ap);
    return n < 0 ? NULL : out;
}

static enum err read_all(struct static_files *s, const char *path, size_t size, struct entry *e)
{
    enum err rc = FAIL(E_INTERNAL, "", "%s cannot be read", path);
    FILE *f = fopen(path, "rbe");
    e->data = malloc(size + 1);
    if (s->total + size > TOTAL_MAX)
        rc = FAIL(E_INTERNAL, "", "static files are larger than %u bytes", TOTAL_MAX);
    else if (f && e->data && fread(e->data, 1, size, f) == size)
        rc = E_OK;
    if (f)
        fclose(f);
    e->n = size;
    s->total += size;
    return rc;
}

/* "css/site.css" and its hash -> "/static/css/site.0123456789ab.css" */
static enum err add_file(struct static_files *s, const char *path, const char *name, size_t size)
{
    const char *type = type_of(name);
    if (type == NULL)
        return E_OK; /* sources, notes */
    if (s->n == FILES_MAX)
        return FAIL(E_INTERNAL, "", "more than %d static files", FILES_MAX);
    struct entry *e = &s->v[s->n++];
    enum err rc = read_all(s, path, size, e);
    if (rc != E_OK)
        return rc;
    struct bytes32 hash = sha256((struct bytes){ e->data, e->n });
    char hex[HASH_TEXT + 1];
    for (size_t i = 0; i < HASH_TEXT / 2; i++)
        snprintf(hex + 2 * i, 3, "%02x", hash.b[i]);
    const char *dot = strrchr(name, '.');
    e->type = type;
    e->name = format("%s", name);
    e->url = format(URL_PREFIX "%.*s.%s%s", (int)(dot - name), name, hex, dot);
    snprintf(e->etag, sizeof(e->etag), "\"%s\"", hex);
    return e->name && e->url ? E_OK : FAIL(E_INTERNAL, "", "out of memory");
}

static enum err walk(struct static_files *s, const char *dir, const char *prefix, int depth)
{
    enum err rc = E_OK;
    DIR *d = opendir(dir);
    if (d == NULL)
        return FAIL(E_INTERNAL, "", "%s: %s", dir, strerror(errno));
    for (struct dirent *item; rc == E_OK && (item = readdir(d)) != NULL;) {
        struct stat st;
        if (item->d_name[0] == '.')
            continue;
        char *path = format("%s/%s", dir, item->d_name);
        char *name = format("%s%s", prefix, item->d_name);
        char *inner = format("%s%s/", prefix, item->d_name);
        if (!path || !name || !inner || stat(path, &st) != 0)
            rc = FAIL(E_INTERNAL, "", "%s/%s: %s", dir, item->d_name, strerror(errno));
        else if (S_ISDIR(st.st_mode) && depth < DEPTH_MAX)
            rc = walk(s, path, inner, depth + 1);
        else if (S_ISREG(st.st_mode))
            rc = add_file(s, path, name, (size_t)st.st_size);
        free(path);
        free(name);
        free(inner);
    }
    closedir(d);
    return rc;
}

enum err static_open(const char *dir, struct static_files **out)
{
    struct static_files *s = calloc(1, sizeof(*s));
    if (s == NULL)
        return FAIL(E_INTERNAL, "", "out of memory");
    enum err e = walk(s, dir, "", 0);
    if (e != E_OK) {
        static_close(s);
        return e;
    }
    *out = s;
    return E_OK;
}

void static_close(struct static_files *s)
{
    for (size_t i = 0; s && i < s->n; i++) {
        free(s->v[i].name);
        free(s->v[i].url);
        free(s->v[i].data);
    }
    free(s);
}

struct str static_url(const struct static_files *s, struct str name)
{
    for (size_t i = 0; s && i < s->n; i++)
        if (str_eq_z(name, s->v[i].name))
            return str_z(s->v[i].url);
    return STR_ABSENT;
}

bool static_find(const struct static_files *s, struct str path, struct static_file *out)
{
    if (s == NULL || !str_starts(path, STR(URL_PREFIX)))
        return false;
    const char *rest = path.p + sizeof(URL_PREFIX) - 1;
    for (size_t i = 0; i < s->n; i++) {
        const struct entry *e = &s->v[i];
        bool hashed = str_eq_z(path, e->url);
        if (!hashed && strcmp(rest, e->name) != 0)
            continue;
        *out = (struct static_file){ str_z(e->name), str_z(e->url),     str_z(e->type),
                                     str_z(e->etag), { e->data, e->n }, hashed };
        return true;
    }
    return false;
}
