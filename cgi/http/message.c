/* message.c - the catalogue: Japanese texts by their English ids. */
#include "http/message.h"

#include "base/buf.h"
#include "http/message_po.h"

#include <dirent.h>
#include <errno.h>

enum { FILE_MAX = 4 * 1024 * 1024, MEMORY_MAX = 64 * 1024 * 1024, TEXTS_MAX = 1 << 15 };

struct entry {
    struct str id, text;
    const char *file;
    uint32_t line;
};

/* Constant once loaded; one per process. */
static struct catalogue {
    struct arena *a;
    struct entry **slots; /* open addressing, at most half full */
    size_t size, count;
} * catalogue;

static size_t slot_of(const struct catalogue *c, struct str id)
{
    uint32_t h = 2166136261u; /* FNV-1a */

    for (size_t i = 0; i < id.n; i++)
        h = (h ^ (unsigned char)id.p[i]) * 16777619u;
    h &= (uint32_t)c->size - 1;
    while (c->slots[h] != NULL && !str_eq(c->slots[h]->id, id))
        h = (h + 1) & ((uint32_t)c->size - 1);
    return h;
}

/* Twice the room; sizes are powers of two. */
static void grow(struct catalogue *c)
{
    struct catalogue old = *c;

    c->size = old.size * 2;
    c->slots = ARENA_ARRAY(c->a, c->size, struct entry *);
    for (size_t i = 0; i < old.size; i++)
        if (old.slots[i] != NULL)
            c->slots[slot_of(c, old.slots[i]->id)] = old.slots[i];
}

/* The n-th {name} or {{name}} of a text, or absent. */
static struct str placeholder(struct arena *a, struct str s, size_t n)
{
    for (size_t at = 0; (at = str_find(s, '{', at)) != SIZE_MAX; at++) {
        size_t end = str_find(s, '}', at);

        if (end == SIZE_MAX)
            break;
        if (at + 1 < s.n && s.p[at + 1] == '{')
            continue;
        if (n-- == 0)
            return str_sub(a, s, at, end + 1);
    }
    return STR_ABSENT;
}

/* Every value that one text shows is shown by the other. */
static bool covers(struct arena *a, struct str shown, struct str by)
{
    struct str want, have;

    for (size_t i = 0; want = placeholder(a, shown, i), !str_absent(want); i++) {
        bool found = false;

        for (size_t j = 0; have = placeholder(a, by, j), !str_absent(have); j++)
            found = found || str_eq(want, have);
        if (!found)
            return false;
    }
    return true;
}

static enum err take_entry(void *arg, const struct message_po_entry *p)
{
    struct catalogue *c = arg;
    struct entry *e = c->slots[slot_of(c, p->id)];

    if (str_empty(p->text))
        return E_OK;
    if (!covers(c->a, p->id, p->text) || !covers(c->a, p->text, p->id))
        return FAIL(E_INPUT, "message", "%s:%u: {values} differ from the English", p->file,
                    p->line);
    if (e != NULL && !str_eq(e->text, p->text))
        return FAIL(E_INPUT, "message", "%s:%u: translated otherwise at %s:%u", p->file, p->line,
                    e->file, e->line);
    if (e != NULL)
        return E_OK;
    if (++c->count > TEXTS_MAX)
        return FAIL(E_LIMIT, "message", "more than %d texts", TEXTS_MAX);
    if (c->count * 2 > c->size)
        grow(c);
    e = ARENA_NEW(c->a, struct entry);
    *e = (struct entry){ p->id, p->text, p->file, p->line };
    c->slots[slot_of(c, p->id)] = e;
    return E_OK;
}

static enum err read_po(struct catalogue *c, const char *path)
{
    struct buf b = buf_init(FILE_MAX);
    FILE *f = fopen(path, "rb");
    uint8_t block[4096];
    size_t n;
    enum err e;

    if (f == NULL)
        return FAIL(E_INPUT, "message", "%s: %s", path, strerror(errno));
    while ((n = fread(block, 1, sizeof(block), f)) > 0)
        buf_add(&b, block, n);
    if (ferror(f) || !buf_ok(&b))
        e = FAIL(E_INPUT, "message", "%s: cannot be read, or too long", path);
    else
        e = message_po_read(c->a, path, buf_str(&b), take_entry, c);
    fclose(f);
    buf_free(&b);
    return e;
}

static enum err read_folder(struct catalogue *c, const char *dir)
{
    struct str path = str_fmt(c->a, "%s/ja", dir);
    DIR *d = opendir(path.p);
    struct dirent *entry;
    enum err e = E_OK;

    if (d == NULL)
        return FAIL(E_INPUT, "message", "%s: %s", path.p, strerror(errno));
    while (e == E_OK && (entry = readdir(d)) != NULL)
        if (str_ends(str_z(entry->d_name), STR(".po")))
            e = read_po(c, str_fmt(c->a, "%s/%s", path.p, entry->d_name).p);
    closedir(d);
    return e;
}

enum err message_load(const char *dir)
{
    struct arena *a = arena_new(MEMORY_MAX);
    struct catalogue *c = ARENA_NEW(a, struct catalogue);
    enum err e;

    *c = (struct catalogue){ a, ARENA_ARRAY(a, 1024, struct entry *), 1024, 0 };
    e = read_folder(c, dir);
    if (e != E_OK) {
        arena_free(a);
        return e;
    }
    message_unload();
    catalogue = c;
    return E_OK;
}

void message_unload(void)
{
    if (catalogue != NULL)
        arena_free(catalogue->a);
    catalogue = NULL;
}

struct str message_lookup(enum lang lang, struct str id)
{
    size_t context = str_find(id, '\004', 0);

    if (lang == LANG_JA && catalogue != NULL) {
        const struct entry *e = catalogue->slots[slot_of(catalogue, id)];

        if (e != NULL)
            return e->text;
    }
    if (context == SIZE_MAX)
        return id;
    return (struct str){ id.p + context + 1, id.n - context - 1 };
}

struct str message_text(enum lang lang, struct msg m)
{
    return m.id == NULL ? STR("") : message_lookup(lang, str_z(m.id));
}

static const struct message_arg *arg_named(const struct message_arg *args, const char *name,
                                           size_t n)
{
    for (; args != NULL && args->name != NULL; args++)
        if (strlen(args->name) == n && memcmp(args->name, name, n) == 0)
            return args;
    return NULL;
}

struct str message_fmt(struct arena *a, enum lang lang, struct msg m,
                       const struct message_arg *args)
{
    struct str text = message_text(lang, m), out;
    struct buf b = buf_init(FILE_MAX);
    size_t from = 0, open, close;

    while ((open = str_find(text, '{', from)) != SIZE_MAX &&
           (close = str_find(text, '}', open)) != SIZE_MAX) {
        const struct message_arg *arg = arg_named(args, text.p + open + 1, close - open - 1);

        buf_add(&b, text.p + from, (arg != NULL ? open : close + 1) - from);
        if (arg != NULL)
            buf_add_str(&b, arg->value);
        from = close + 1;
    }
    buf_add(&b, text.p + from, text.n - from);
    if (!buf_ok(&b) || buf_to_str(&b, a, &out) != E_OK)
        out = text; /* values of megabytes: show the words without them */
    buf_free(&b);
    return out;
}

const char *message_lang_code(enum lang lang)
{
    return lang == LANG_JA ? "ja" : "en";
}

bool message_lang_from_code(struct str code, enum lang *out)
{
    if (!str_eq_z(code, "ja") && !str_eq_z(code, "en"))
        return false;
    *out = str_eq_z(code, "ja") ? LANG_JA : LANG_EN;
    return true;
}
