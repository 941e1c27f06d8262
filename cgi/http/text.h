/* text.h - private to http/: which characters a parameter may hold. */
#pragma once

#include "base/str.h"

/*
 * Whether the (valid UTF-8) text holds only characters that a person can have meant: no control
 * characters, no bidirectional overrides or isolates (they can make a text read as another one), no
 * line separators, no non-characters. Tab and line feed pass when `lines`.
 */
bool text_clean(struct str s, bool lines);
/* [A-Za-z0-9._~-] only. */
bool text_token(struct str s);
/* An address as people have them (a subset of RFC 5321 4.1.2: no quoted local parts, no literals).
 */
bool text_email(struct str s);
/* A path of our own: "/..." without scheme, host, backslash, control or non-ASCII characters. */
bool text_local_path(struct str s);
