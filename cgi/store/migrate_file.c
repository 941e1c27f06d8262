/* migrate_file.c - see migrate_file.h. */
#include "store/migrate_file.h"

#include "base/buf.h"
#include "base/crypto.h"
#include "base/encoding.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>

enum { FILES_MAX = 1000, FILE_BYTES_MAX = 4 * 1024 * 1024 };

static enum err read_text(const char *path, struct arena *a, struct str *out)
{
    enum err err = E_OK;
    char *text = arena_alloc(a, 1);
    size_t n = 0;
    FILE *f = fopen(path, "rbe");
    if (!f)
        return FAIL(E_INPUT, "", "%s: %s", path, strerror(errno));
    if (fseek(f, 0, SEEK_END) == 0) {
        long size = ftell(f);
        rewind(f);
        if (size < 0 || size > FILE_BYTES_MAX) {
            err = FAIL(E_INPUT, "", "%s: too large", path);
            goto out;
        }
        text = arena_alloc(a, (size_t)size + 1);
        n = fread(text, 1, (size_t)size, f);
    }
    if (ferror(f) || !utf8_valid(text, n))
        err = FAIL(E_INPUT, "", "%s: cannot be read, or is not UTF-8", path);
    text[n] = '\0';
    *out = (struct str){ text, n };
out:
    (void)fclose(f);
    return err;
}

/* NNNN_name.sql, name of [a-z0-9_] */
static bool parse_name(struct arena *a, const char *file, struct migrate_file *out)
{
    struct str s = str_z(file);
    uint64_t number = 0;
    if (s.n < 10 || !str_ends(s, STR(".sql")) || s.p[4] != '_' ||
        str_to_u64(str_sub(a, s, 0, 4), 9999, &number) != E_OK || number == 0)
        return false;
    out->number = (uint32_t)number;
    out->name = str_sub(a, s, 5, s.n - 4);
    for (size_t i = 0; i < out->name.n; i++) {
        char c = out->name.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'))
            return false;
    }
    return out->name.n <= 64;
}

static int by_number(const void *a, const void *b)
{
    const struct migrate_file *x = a, *y = b;
    return (x->number > y->number) - (x->number < y->number);
}

static enum err add_file(const char *dir, const char *file, struct arena *a,
                         struct migrate_file *out)
{
    if (!parse_name(a, file, out))
        return FAIL(E_INPUT, "", "%s/%s is not NNNN_name.sql", dir, file);
    enum err err = read_text(str_fmt(a, "%s/%s", dir, file).p, a, &out->text);
    if (err != E_OK)
        return err;
    struct bytes32 digest = sha256(bytes_of_str(out->text));
    out->sha256 = hex_encode(a, bytes_of_32(&digest));
    return E_OK;
}

enum err migrate_file_list(const char *dir, struct arena *a, struct migrate_file **out, size_t *n)
{
    enum err err = E_OK;
    struct dirent *e;
    struct migrate_file *files = ARENA_ARRAY(a, FILES_MAX, struct migrate_file);
    *n = 0;
    DIR *d = opendir(dir);
    if (!d)
        return FAIL(E_INPUT, "", "%s: %s", dir, strerror(errno));
    while (err == E_OK && (e = readdir(d)) != NULL) {
        if (!str_ends(str_z(e->d_name), STR(".sql")) || e->d_name[0] == '.')
            continue;
        if (*n == FILES_MAX)
            err = FAIL(E_LIMIT, "", "%s holds more than %d migrations", dir, FILES_MAX);
        else
            err = add_file(dir, e->d_name, a, &files[(*n)++]);
    }
    (void)closedir(d);
    if (err != E_OK)
        return err;
    qsort(files, *n, sizeof files[0], by_number);
    for (size_t i = 1; i < *n; i++)
        if (files[i].number == files[i - 1].number)
            return FAIL(E_INPUT, "", "%s: number %04u is used twice", dir,
                        (unsigned)files[i].number);
    *out = files;
    return E_OK;
}

/* Does the statement hold others, so that a ';' does not end it? */
static bool compound(struct arena *a, struct str s)
{
    struct str low = str_lower(a, str_sub(a, s, 0, 60));
    if (!str_starts(low, STR("create ")))
        return false;
    return strstr(low.p, " trigger ") || strstr(low.p, " procedure ") ||
           strstr(low.p, " function ");
}

static bool at_end(struct arena *a, const struct buf *so_far, struct str line)
{
    if (compound(a, buf_str(so_far)))
        return str_eq_ci(line, STR("END;"));
    return str_ends(line, STR(";"));
}

enum err migrate_file_split(struct arena *a, const struct migrate_file *f, struct str **out,
                            size_t *n)
{
    enum err err = E_OK;
    size_t lines = 1;
    struct buf statement = buf_init(FILE_BYTES_MAX);
    for (size_t i = 0; i < f->text.n; i++)
        lines += f->text.p[i] == '\n';
    *out = ARENA_ARRAY(a, lines, struct str);
    *n = 0;
    for (size_t at = 0; at < f->text.n && err == E_OK;) {
        size_t end = str_find(f->text, '\n', at);
        if (end == SIZE_MAX)
            end = f->text.n;
        struct str line = str_trim(a, str_sub(a, f->text, at, end));
        at = end + 1;
        if (line.n == 0 || str_starts(line, STR("--")))
            continue;
        if (statement.n)
            buf_add_char(&statement, '\n');
        buf_add_str(&statement, line);
        if (!at_end(a, &statement, line))
            continue;
        buf_cut(&statement, statement.n - 1);
        err = buf_to_str(&statement, a, &(*out)[(*n)++]);
        buf_reset(&statement);
    }
    if (err == E_OK && statement.n)
        err = FAIL(E_INPUT, "", "%04u_%s: the last statement has no ';'", (unsigned)f->number,
                   f->name.p);
    buf_free(&statement);
    return err;
}
