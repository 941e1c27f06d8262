/* sandbox_calls.h - private to http/: the list of system calls a worker may make. */
#pragma once

#include "http/sandbox.h"

/* Install the seccomp filter. */
enum err sandbox_calls_enter(const struct sandbox *s) MUST_CHECK;
