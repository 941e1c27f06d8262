/*
 * str.h - text and bytes that carry their length.
 *
 * A struct str is a borrowed slice of UTF-8 text: `p` always points at `n` bytes followed by a NUL
 * (so it can be handed to C functions), holds no inner NUL, and is NULL only for "absent" (SQL
 * NULL, a parameter not sent). struct bytes is binary and has no NUL behind it.
 */
#pragma once

#include "base/arena.h"

#include <stdarg.h>

struct str {
    const char *p;
    size_t n;
};

struct bytes {
    const uint8_t *p;
    size_t n;
};

/* Exactly 32 bytes: SHA-256 digests, token hashes, AES-256 keys that are not secret any more. */
struct bytes32 {
    uint8_t b[32];
};

#define STR(literal) ((struct str){ "" literal, sizeof(literal) - 1 })
#define STR_ABSENT ((struct str){ NULL, 0 })
#define BYTES_ABSENT ((struct bytes){ NULL, 0 })
/* printf("%.*s", STR_ARG(s)) */
#define STR_ARG(s) (int)(s).n, ((s).p ? (s).p : "")

/* Borrow a C string (NULL gives STR_ABSENT). */
struct str str_z(const char *z);

/* Copies in the arena, NUL added. str_of copies n bytes that must hold no NUL. */
struct str str_dup(struct arena *a, struct str s);
struct str str_of(struct arena *a, const char *p, size_t n);
struct str str_fmt(struct arena *a, const char *format, ...) PRINTF_LIKE(2, 3);
struct str str_vfmt(struct arena *a, const char *format, va_list ap) PRINTF_LIKE(2, 0);
struct bytes bytes_dup(struct arena *a, struct bytes b);

/* The slice from..to (clamped), copied into the arena so that the NUL holds. */
struct str str_sub(struct arena *a, struct str s, size_t from, size_t to);
/* Without leading and trailing ASCII white space and U+3000. Copied. */
struct str str_trim(struct arena *a, struct str s);
/* ASCII letters in lower case. Copied. */
struct str str_lower(struct arena *a, struct str s);

bool str_absent(struct str s);           /* p == NULL */
bool str_empty(struct str s);            /* absent or length 0 */
bool str_eq(struct str a, struct str b); /* absent equals only absent */
bool str_eq_z(struct str a, const char *z);
bool str_eq_ci(struct str a, struct str b); /* ASCII case folded */
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
/* Order by bytes, as memcmp; a prefix comes first. */
int str_cmp(struct str a, struct str b);
/* Offset of the first `c` at or after `from`, or SIZE_MAX. */
size_t str_find(struct str s, char c, size_t from);

bool bytes_eq(struct bytes a, struct bytes b);
/* Equal, in time that depends on the lengths alone: for tokens, MACs, codes. */
bool bytes_eq_secret(struct bytes a, struct bytes b);
bool bytes32_eq(const struct bytes32 *a, const struct bytes32 *b); /* constant time */
struct bytes bytes_of_str(struct str s);
struct bytes bytes_of_32(const struct bytes32 *b);

/* Valid UTF-8: shortest form, no surrogates, <= U+10FFFF, no NUL (RFC 3629). */
bool utf8_valid(const char *p, size_t n);
/* Number of characters (code points) of valid UTF-8. */
size_t utf8_length(struct str s);
/* Decode one code point at *at and advance; 0 at the end. Text must be valid. */
uint32_t utf8_next(struct str s, size_t *at);
/*
 * A character that nobody means in a name or a line of text, or that makes it read as another one:
 * controls, line separators, bidirectional marks, overrides and isolates, non-characters, tags.
 */
bool utf8_deceptive(uint32_t c);
/* Valid UTF-8 with U+FFFD for each deceptive character, cut to `max` characters. Copied. */
struct str str_printable(struct arena *a, struct str s, size_t max);

/* Whole-string numbers; E_INPUT when not a number of that range. No sign, no space, no leading '+'.
 */
enum err str_to_u64(struct str s, uint64_t max, uint64_t *out) MUST_CHECK;
enum err str_to_i64(struct str s, int64_t min, int64_t max, int64_t *out) MUST_CHECK;
