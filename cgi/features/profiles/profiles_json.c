/* profiles_json.c - reading JSON strictly, with the place of what is wrong; see profiles_inside.h
 */
#include "features/profiles/profiles_inside.h"

enum err profiles_wrong(const struct profiles_at *at, const char *key, const char *what)
{
    return FAIL(E_INPUT, "profile-malformed", "%s/%s: %s", at->path.p, key, what);
}

enum err profiles_object(const struct profiles_at *at, const char *key, bool optional,
                         struct profiles_at *out)
{
    const struct json *j = json_get(at->j, key);

    *out = (struct profiles_at){ at->a, j, str_fmt(at->a, "%s/%s", at->path.p, key) };
    if (!j)
        return optional ? E_OK : profiles_wrong(at, key, "is missing");
    return json_is_object(j) ? E_OK : profiles_wrong(at, key, "is not an object");
}

enum err profiles_list(const struct profiles_at *at, const char *key, bool optional, size_t max,
                       enum err (*each)(const struct profiles_at *item, size_t i, void *arg),
                       void *arg)
{
    const struct json *j = json_get(at->j, key);

    if (!j)
        return optional ? E_OK : profiles_wrong(at, key, "is missing");
    if (!json_is_array(j) || json_length(j) > max)
        return profiles_wrong(at, key, "is not a list, or too long");
    for (size_t i = 0; i < json_length(j); i++) {
        const struct profiles_at item = { at->a, json_at(j, i),
                                          str_fmt(at->a, "%s/%s/%zu", at->path.p, key, i) };
        TRY(each(&item, i, arg));
    }
    return E_OK;
}

enum err profiles_text(const struct profiles_at *at, const char *key, size_t max,
                       struct str otherwise, struct str *out)
{
    const struct json *j = json_get(at->j, key);

    if (!j && !str_absent(otherwise)) {
        *out = otherwise;
        return E_OK;
    }
    if (!j)
        return profiles_wrong(at, key, "is missing");
    struct str v = json_str(j);
    if (!json_is_str(j) || str_empty(v) || utf8_length(v) > max)
        return profiles_wrong(at, key, "is not a text, empty or too long");
    for (size_t i = 0; i < v.n;)
        if (utf8_deceptive(utf8_next(v, &i)))
            return profiles_wrong(at, key, "has a control character");
    *out = str_dup(at->a, v);
    return E_OK;
}

enum err profiles_number(const struct profiles_at *at, const char *key, int64_t min, int64_t max,
                         int64_t *inout)
{
    const struct json *j = json_get(at->j, key);
    int64_t v;

    if (!j)
        return E_OK;
    if (!json_to_i64(j, &v) || v < min || v > max)
        return profiles_wrong(at, key, "is not a number, or out of range");
    *inout = v;
    return E_OK;
}

enum err profiles_flag(const struct profiles_at *at, const char *key, bool *inout)
{
    const struct json *j = json_get(at->j, key);

    if (!j || json_to_bool(j, inout))
        return E_OK;
    return profiles_wrong(at, key, "is neither true nor false");
}

enum err profiles_word(const struct profiles_at *at, const char *key, const char *const *words,
                       size_t n, size_t *out)
{
    struct str v = json_get_str(at->j, key);

    for (size_t i = 0; i < n; i++)
        if (str_eq_z(v, words[i])) {
            *out = i;
            return E_OK;
        }
    return profiles_wrong(at, key, "is none of the words that belong here");
}

struct only {
    const struct profiles_at *at;
    const char *const *keys;
    enum err err;
};

static void look(const char *key, const struct json *value, void *arg)
{
    struct only *o = arg;

    (void)value;
    for (size_t i = 0; o->keys[i]; i++)
        if (strcmp(key, o->keys[i]) == 0)
            return;
    o->err = profiles_wrong(o->at, key, "is not known");
}

enum err profiles_only(const struct profiles_at *at, const char *const *keys)
{
    struct only o = { at, keys, E_OK };

    if (!json_is_object(at->j))
        return FAIL(E_INPUT, "profile-malformed", "%s: is not an object", at->path.p);
    json_each(at->j, look, &o);
    return o.err;
}

struct str profiles_item(const struct profiles_at *item)
{
    return json_is_str(item->j) ? str_dup(item->a, json_str(item->j)) : STR_ABSENT;
}
