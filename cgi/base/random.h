/* random.h - unpredictable bytes from the operating system; never fails (aborts instead). */
#pragma once

#include "base/str.h"

void random_bytes(void *p, size_t n);
uint64_t random_u64(void);
/* 0 .. bound-1 without bias. */
uint64_t random_below(uint64_t bound);
/* n random bytes as base64url text, e.g. 16 bytes -> 22 characters: public ids and tokens. */
struct str random_token(struct arena *a, size_t n);
