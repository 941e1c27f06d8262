/* raw.c - see raw.h */
#include "http/raw.h"

enum err raw_add(struct arena *a, struct raws *list, const struct raw *raw)
{
    if (list->n == RAWS_MAX)
        return FAIL(E_LIMIT, "parameters-too-many", "more than %d parameters", RAWS_MAX);
    if (list->n == list->cap) {
        size_t cap = list->cap ? list->cap * 2 : 16;
        struct raw *v = ARENA_ARRAY(a, cap, struct raw);
        if (list->n)
            memcpy(v, list->v, list->n * sizeof(*v));
        list->v = v;
        list->cap = cap;
    }
    list->v[list->n++] = *raw;
    return E_OK;
}

const struct raw *raw_find(const struct raws *list, const char *name)
{
    for (size_t i = 0; i < list->n; i++)
        if (str_eq_z(list->v[i].name, name))
            return &list->v[i];
    return NULL;
}
