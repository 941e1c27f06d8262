/* lang.h - private to http/: which language an answer has. */
#pragma once

#include "http/message.h"

/* From Accept-Language (RFC 9110 12.5.4): the better of ja and en; Japanese when neither is said.
 */
enum lang lang_accept(struct str header);
