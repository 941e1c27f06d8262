/*
 * raw.h - private to http/: parameters as they came, decoded but not yet typed, with where they
 * came from. param_bind turns them into a handler's struct.
 */
#pragma once

#include "http/param.h"

enum raw_kind { RAW_TEXT, RAW_FILE, RAW_JSON };

struct raw {
    struct str name;
    enum raw_kind kind;
    struct str text; /* RAW_TEXT: decoded; valid UTF-8 without NUL */
    struct upload file;
    const struct json *json;
};

#define RAWS_MAX 1000

struct raws {
    struct raw *v;
    size_t n, cap;
};

/* Append; E_LIMIT "parameters-too-many" past RAWS_MAX. */
enum err raw_add(struct arena *a, struct raws *list, const struct raw *raw) MUST_CHECK;
/* The first of that name, or NULL. */
const struct raw *raw_find(const struct raws *list, const char *name);
