/* sample.h - tables and connections for the store's own tests. */
#pragma once

#include "harness.h"

/* A server with the real schema, the sample tables, and rights on them as their role lines say. */
struct harness *sample_start(void);
struct harness *sample_start_with(const char *const *options);
