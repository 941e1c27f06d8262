/* registration_text.c - values and findings as the JSON that the schema keeps. */
#include "features/registration/registration_inside.h"

#include "base/json.h"

enum { TEXT_MAX = 60000, FINDINGS_MAX = 200 };

static struct str write_json(struct arena *a, struct json *j)
{
    struct buf b = buf_init(TEXT_MAX);
    struct str text = STR_ABSENT;

    if (json_write(j, false, &b) != E_OK || buf_to_str(&b, a, &text) != E_OK)
        text = STR_ABSENT;
    json_free(j);
    buf_free(&b);
    return text;
}

/* Whether an earlier value has that name already. */
static bool seen(const struct profiles_value *values, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (str_eq(values[k].name, values[i].name))
            return true;
    return false;
}

/* {"name": ["value", …]}: always a list, whether the field may repeat or not. */
struct str registration_values_text(struct arena *a, const struct profiles_value *values, size_t n)
{
    struct json *all = json_new_object();

    for (size_t i = 0; i < n; i++) {
        struct json *list;
        if (seen(values, i))
            continue;
        list = json_new_array();
        for (size_t k = i; k < n; k++)
            if (str_eq(values[k].name, values[i].name))
                json_append(list, json_new_str(values[k].value));
        json_set(all, values[i].name.p, list);
    }
    return write_json(a, all);
}

struct values_reader {
    struct arena *a;
    struct profiles_value *values;
    size_t n;
};

static void read_value(const char *name, const struct json *value, void *arg)
{
    struct values_reader *r = arg;

    for (size_t i = 0; i < json_length(value) && r->n < PROFILES_VALUES_MAX; i++)
        r->values[r->n++] = (struct profiles_value){ str_dup(r->a, str_z(name)),
                                                     str_dup(r->a, json_str(json_at(value, i))) };
}

enum err registration_values_read(struct arena *a, struct str text, struct profiles_value **values,
                                  size_t *n)
{
    struct values_reader r = { a, ARENA_ARRAY(a, PROFILES_VALUES_MAX, struct profiles_value), 0 };
    struct json *all = NULL;

    TRY(json_parse(bytes_of_str(text), &all));
    json_each(all, read_value, &r);
    json_free(all);
    *values = r.values;
    *n = r.n;
    return E_OK;
}

struct str registration_findings_text(struct arena *a, const struct profiles_finding *f, size_t n)
{
    struct json *list = json_new_array();

    for (size_t i = 0; i < n && i < FINDINGS_MAX; i++) {
        struct json *one = json_new_object();
        json_set_str(one, "code", f[i].code);
        json_set_str(one, "field", f[i].field);
        json_set_str(one, "detail", f[i].detail);
        json_set_bool(one, "refuses", f[i].refuses);
        json_append(list, one);
    }
    return write_json(a, list);
}

static struct str text_of(struct arena *a, const struct json *one, const char *key)
{
    struct str s = json_get_str(one, key);

    return str_absent(s) ? STR("") : str_dup(a, s);
}

enum err registration_findings_read(struct arena *a, struct str text, struct profiles_finding **f,
                                    size_t *n)
{
    struct json *list = NULL;

    *n = 0;
    *f = NULL;
    if (str_absent(text))
        return E_OK;
    TRY(json_parse(bytes_of_str(text), &list));
    *f = ARENA_ARRAY(a, json_length(list), struct profiles_finding);
    for (size_t i = 0; i < json_length(list); i++) {
        const struct json *one = json_at(list, i);
        bool refuses = false;
        (void)json_get_bool(one, "refuses", &refuses);
        (*f)[(*n)++] = (struct profiles_finding){ .code = text_of(a, one, "code"),
                                                  .field = text_of(a, one, "field"),
                                                  .detail = text_of(a, one, "detail"),
                                                  .refuses = refuses };
    }
    json_free(list);
    return E_OK;
}
