/* profiles_inside.h - shared by the files of this slice */
#pragma once

#include "features/profiles/profiles.h"

#include "base/json.h"

enum { PROFILES_BODY_MAX = 65536 };

/*
 * Read the document into the struct: members, types, lengths, references between parts. E_INPUT
 * "profile-malformed" (or a reason of its own) with the JSON path in the detail. Rules of the class
 * are profiles_rules()'s.
 */
enum err profiles_read(struct arena *a, const struct json *doc, struct profile *out) MUST_CHECK;
/* The rules of every profile and of its class, as they are on the day. */
enum err profiles_rules(const struct profile *p, struct timestamp now) MUST_CHECK;

/* Its parts about names and policies. `server`: for serverAuth. */
enum err profiles_rules_policies(const struct profile *p) MUST_CHECK;
enum err profiles_rules_names(const struct profile *p, bool server) MUST_CHECK;

/* --- reading JSON: `path` is the place of the object, "" for the document --- */

struct profiles_at {
    struct arena *a;
    const struct json *j;
    struct str path;
};
/* E_INPUT "profile-malformed": what is wrong at path/key. */
enum err profiles_wrong(const struct profiles_at *at, const char *key, const char *what);
/* A member that is an object; with `optional` E_OK and j NULL when it is not there. */
enum err profiles_object(const struct profiles_at *at, const char *key, bool optional,
                         struct profiles_at *out) MUST_CHECK;
/* A list of at most `max`; with `optional` may be missing. `each` gets every item in order. */
enum err profiles_list(const struct profiles_at *at, const char *key, bool optional, size_t max,
                       enum err (*each)(const struct profiles_at *item, size_t i, void *arg),
                       void *arg) MUST_CHECK;
/* A text of 1..max characters without deceptive ones; missing: `otherwise`, or wrong when absent.
 */
enum err profiles_text(const struct profiles_at *at, const char *key, size_t max,
                       struct str otherwise, struct str *out) MUST_CHECK;
enum err profiles_number(const struct profiles_at *at, const char *key, int64_t min, int64_t max,
                         int64_t *inout) MUST_CHECK; /* missing: stays */
enum err profiles_flag(const struct profiles_at *at, const char *key, bool *inout) MUST_CHECK;
/* A text that is one of `words`: its index. Missing: wrong. */
enum err profiles_word(const struct profiles_at *at, const char *key, const char *const *words,
                       size_t n, size_t *out) MUST_CHECK;
/* Members other than these (NULL-terminated) are wrong: a misspelt rule must not pass unseen. */
enum err profiles_only(const struct profiles_at *at, const char *const *keys) MUST_CHECK;
/* The string of a list's item; absent when it is none. */
struct str profiles_item(const struct profiles_at *item);
/* Fields, subject, alternative names: part of profiles_read(). */
enum err profiles_read_fields(const struct profiles_at *doc, struct profile *p) MUST_CHECK;

/* "CN", "O" ...; "email", "dns" ...: as in the document. */
const char *profiles_attribute_name(enum oid type);
const char *profiles_alternative_name(enum x509_san_kind kind);

/* --- names --- */

/* Is the value what a field of this kind holds? E_INPUT with a reason of profiles_reasons.h. */
enum err profiles_value_check(const struct profile *p, const struct profiles_field *f,
                              struct str value) MUST_CHECK;
enum err profiles_text_check(struct str v) MUST_CHECK;
/* What stands behind "xn--". */
enum err profiles_punycode_check(const char *p, size_t n) MUST_CHECK;
enum err profiles_email_check(struct str v) MUST_CHECK;
enum err profiles_dns_check(struct str v, bool wildcard) MUST_CHECK;
enum err profiles_ip_check(struct str v) MUST_CHECK;
enum err profiles_uri_check(struct str v) MUST_CHECK;
/* The host of an absolute URI, in lower case; "" when it has none. */
struct str profiles_uri_host(struct arena *a, struct str uri);

/* Append a finding; the list holds at most `max`. */
void profiles_add(struct profiles_finding *list, size_t *n, size_t max, const char *code,
                  struct str field, struct str detail, bool refuses);
