/*
 * json.h - JSON (RFC 8259) over jansson: bounded, duplicate keys refused, strings without NUL.
 *
 * A parsed or built document is a tree owned by its root: json_free the root once. Nodes and
 * strings obtained from it are borrowed and die with it.
 */
#pragma once

#include "base/buf.h"
#include "base/clock.h"

struct json; /* opaque: jansson's json_t */

/* Parse; depth <= 64. E_INPUT with position in the detail. */
enum err json_parse(struct bytes text, struct json **out) MUST_CHECK;
void json_free(struct json *root);

/* Building: the parent takes the child. Failure to allocate aborts. */
struct json *json_new_object(void);
struct json *json_new_array(void);
struct json *json_new_str(struct str s); /* absent -> null */
void json_set(struct json *object, const char *key, struct json *value);
void json_set_str(struct json *object, const char *key, struct str value);
void json_set_i64(struct json *object, const char *key, int64_t value);
void json_set_bool(struct json *object, const char *key, bool value);
void json_set_time(struct json *object, const char *key,
                   struct timestamp value); /* RFC 3339 Z; null */
void json_append(struct json *array, struct json *value);

/* Reading, borrowed. The _get_ functions give absent / false / NULL when missing or of another
 * type. */
bool json_is_object(const struct json *j);
bool json_is_array(const struct json *j);
bool json_is_str(const struct json *j);
const struct json *json_get(const struct json *object, const char *key);
struct str json_get_str(const struct json *object, const char *key);
bool json_get_i64(const struct json *object, const char *key, int64_t *out);
bool json_get_bool(const struct json *object, const char *key, bool *out);
size_t json_length(const struct json *array);
const struct json *json_at(const struct json *array, size_t i);
struct str json_str(const struct json *j);
/* The value itself; false when it is of another type. */
bool json_to_i64(const struct json *j, int64_t *out);
bool json_to_bool(const struct json *j, bool *out);
bool json_is_nil(const struct json *j);
/* Visit an object's members in order. */
void json_each(const struct json *object,
               void (*visit)(const char *key, const struct json *value, void *arg), void *arg);

/* Compact, or indented by 2. */
enum err json_write(const struct json *j, bool indent, struct buf *out) MUST_CHECK;
