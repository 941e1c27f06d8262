/*
 * profiles_reasons_pages.h - findings about an application in words, for the pages and mails of
 * every slice that shows them.
 */
#pragma once

#include "http/message.h"

#include <stddef.h>

/*
 * What a code of struct profiles_finding, or a reason of profiles_compose(), means and what to do;
 * false when it is none of this slice's.
 */
bool profiles_reasons_text(const char *code, struct msg *text);
/* All codes, for tests: the i-th, NULL behind the last. */
const char *profiles_reasons_code(size_t i);
