/* timestamp_api.h - the route of the timestamp slice, for repository.fcgi. */
#pragma once

#include "http/route.h"

/* POST /tsa (RFC 3161 3.4). */
extern const struct route timestamp_routes[];
