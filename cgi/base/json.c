/* json.c - see json.h */
#include "base/json.h"

#include "base/secret.h"

#include <jansson.h>
#include <malloc.h>
#include <stdlib.h>

/* jansson has macros of these names; our functions take struct json */
#undef json_is_object
#undef json_is_array

#define DEPTH_MAX 64

/* struct json is jansson's json_t under another name; these two keep the casts in one place. */
static json_t *raw(const struct json *j)
{
    return (json_t *)(uintptr_t)j;
}

static struct json *wrapped(json_t *j)
{
    if (!j)
        abort(); /* building a document of ours can only fail for lack of memory or a bad literal */
    return (struct json *)j;
}

/* jansson's own limit is 2048 levels; ours is what any honest request needs. */
static bool too_deep(struct bytes text)
{
    int depth = 0;
    bool in_string = false;

    for (size_t i = 0; i < text.n; i++) {
        uint8_t c = text.p[i];
        if (in_string) {
            if (c == '\\')
                i++;
            else if (c == '"')
                in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            if (++depth > DEPTH_MAX)
                return true;
        } else if (c == '}' || c == ']') {
            depth--;
        }
    }
    return false;
}

/* Request bodies may hold PINs and passwords: nothing of a parsed tree is left in freed memory. */
static void free_wiped(void *p)
{
    if (p)
        secret_wipe(p, malloc_usable_size(p));
    free(p);
}

enum err json_parse(struct bytes text, struct json **out)
{
    json_error_t e;

    json_set_alloc_funcs(malloc, free_wiped);
    if (too_deep(text))
        return FAIL(E_INPUT, "json-malformed", "nested deeper than %d", DEPTH_MAX);
    json_t *j =
        json_loadb((const char *)text.p, text.n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &e);
    if (!j) {
        char *near = strstr(e.text, " near ");
        if (near)
            *near = '\0'; /* it quotes the input, which may hold a PIN, and details are logged */
        return FAIL(E_INPUT, "json-malformed", "line %d column %d: %s", e.line, e.column, e.text);
    }
    *out = (struct json *)j;
    return E_OK;
}

void json_free(struct json *root)
{
    if (root)
        json_decref(raw(root));
}

struct json *json_new_object(void)
{
    return wrapped(json_object());
}

struct json *json_new_array(void)
{
    return wrapped(json_array());
}

struct json *json_new_str(struct str s)
{
    return wrapped(s.p ? json_stringn(s.p, s.n) : json_null());
}

void json_set(struct json *object, const char *key, struct json *value)
{
    if (json_object_set_new(raw(object), key, raw(value)) != 0)
        abort();
}

void json_set_str(struct json *object, const char *key, struct str value)
{
    json_set(object, key, json_new_str(value));
}

void json_set_i64(struct json *object, const char *key, int64_t value)
{
    json_set(object, key, wrapped(json_integer(value)));
}

void json_set_bool(struct json *object, const char *key, bool value)
{
    json_set(object, key, wrapped(json_boolean(value)));
}

void json_set_time(struct json *object, const char *key, struct timestamp value)
{
    if (timestamp_is_none(value)) {
        json_set_str(object, key, STR_ABSENT);
        return;
    }
    struct arena *a = arena_new(4096);
    json_set_str(object, key, timestamp_rfc3339(a, value, false));
    arena_free(a);
}

void json_append(struct json *array, struct json *value)
{
    if (json_array_append_new(raw(array), raw(value)) != 0)
        abort();
}

bool json_is_object(const struct json *j)
{
    return j && json_typeof(raw(j)) == JSON_OBJECT;
}

bool json_is_array(const struct json *j)
{
    return j && json_typeof(raw(j)) == JSON_ARRAY;
}

bool json_is_str(const struct json *j)
{
    return j && json_typeof(raw(j)) == JSON_STRING;
}

const struct json *json_get(const struct json *object, const char *key)
{
    return (const struct json *)(object ? json_object_get(raw(object), key) : NULL);
}

struct str json_str(const struct json *j)
{
    if (!json_is_str(j))
        return STR_ABSENT;
    return (struct str){ json_string_value(raw(j)), json_string_length(raw(j)) };
}

bool json_to_i64(const struct json *j, int64_t *out)
{
    if (j == NULL || !json_is_integer(raw(j)))
        return false;
    *out = json_integer_value(raw(j));
    return true;
}

bool json_to_bool(const struct json *j, bool *out)
{
    if (j == NULL || !json_is_boolean(raw(j)))
        return false;
    *out = json_is_true(raw(j));
    return true;
}

bool json_is_nil(const struct json *j)
{
    return j && json_is_null(raw(j));
}

struct str json_get_str(const struct json *object, const char *key)
{
    return json_str(json_get(object, key));
}

bool json_get_i64(const struct json *object, const char *key, int64_t *out)
{
    const json_t *j = raw(json_get(object, key));

    if (!json_is_integer(j))
        return false;
    *out = json_integer_value(j);
    return true;
}

bool json_get_bool(const struct json *object, const char *key, bool *out)
{
    const json_t *j = raw(json_get(object, key));

    if (!json_is_boolean(j))
        return false;
    *out = json_is_true(j);
    return true;
}

size_t json_length(const struct json *array)
{
    return array ? json_array_size(raw(array)) : 0;
}

const struct json *json_at(const struct json *array, size_t i)
{
    return (const struct json *)(array ? json_array_get(raw(array), i) : NULL);
}

void json_each(const struct json *object,
               void (*visit)(const char *key, const struct json *value, void *arg), void *arg)
{
    const char *key;
    json_t *value;

    if (!json_is_object(object))
        return;
    json_object_foreach(raw(object), key, value) visit(key, (const struct json *)value, arg);
}

static int add_to_buf(const char *p, size_t n, void *arg)
{
    buf_add(arg, p, n);
    return 0;
}

enum err json_write(const struct json *j, bool indent, struct buf *out)
{
    size_t flags = JSON_ENCODE_ANY | (indent ? (size_t)JSON_INDENT(2) : (size_t)JSON_COMPACT);

    if (json_dump_callback(raw(j), add_to_buf, out, flags) != 0)
        return FAIL(E_INTERNAL, "", "json_write: jansson refused");
    if (!buf_ok(out))
        return FAIL(E_LIMIT, "", "json_write: longer than %zu bytes", out->max);
    return E_OK;
}
