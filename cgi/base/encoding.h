/*
 * encoding.h - hex (RFC 4648 8), base32 (6), base64 (4), base64url without padding (5), percent.
 * Decoders are strict: wrong length, wrong character or non-zero spare bits are E_INPUT.
 */
#pragma once

#include "base/str.h"

struct str hex_encode(struct arena *a, struct bytes b); /* lower case */
struct str hex_encode_upper(struct arena *a, struct bytes b);
enum err hex_decode(struct arena *a, struct str s, struct bytes *out) MUST_CHECK;

struct str base32_encode(struct arena *a, struct bytes b); /* upper case, no padding */
/* Case folded; spaces and padding ignored, as people type it. */
enum err base32_decode(struct arena *a, struct str s, struct bytes *out) MUST_CHECK;

struct str base64_encode(struct arena *a, struct bytes b); /* with padding */
enum err base64_decode(struct arena *a, struct str s, struct bytes *out) MUST_CHECK;
struct str base64url_encode(struct arena *a, struct bytes b); /* no padding */
enum err base64url_decode(struct arena *a, struct str s, struct bytes *out) MUST_CHECK;

/* RFC 3986 unreserved characters kept, all else %XX. */
struct str percent_encode(struct arena *a, struct str s);
/* %XX decoded, and '+' as space when `form`. E_INPUT on a bad escape, NUL or invalid UTF-8. */
enum err percent_decode(struct arena *a, struct str s, bool form, struct str *out) MUST_CHECK;
/* The same without the UTF-8 and NUL rules, for PEM in a header. */
enum err percent_decode_bytes(struct arena *a, struct str s, struct bytes *out) MUST_CHECK;
