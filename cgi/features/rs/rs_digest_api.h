/* rs_digest_api.h - digests as requests say them. */
#pragma once

#include "features/rs/rs_form_api.h"

/* Hexadecimal of exactly `size` bytes. E_INPUT "digest-length". */
enum err rs_digest_read(struct arena *a, struct str hex, size_t size, struct bytes *out) MUST_CHECK;
