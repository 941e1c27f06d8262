/*
 * tap.h - Test Anything Protocol for C tests. A test is named after what it proves.
 */
#pragma once

#include "base/err.h"
#include "base/str.h"

/* Report one result; returns `pass`. The name says what is proved. */
bool tap_ok(bool pass, const char *file, int line, const char *format, ...) PRINTF_LIKE(4, 5);
/* Skip with a reason: counts as passed by TAP, shown as skipped. */
void tap_skip(const char *format, ...) PRINTF_LIKE(1, 2);
/* A comment line. */
void tap_note(const char *format, ...) PRINTF_LIKE(1, 2);
/* Print the plan; exit status for main: 0 when all passed and at least one ran. */
int tap_done(void);

bool tap_is_str(struct str got, const char *want, const char *file, int line, const char *name);
bool tap_is_int(int64_t got, int64_t want, const char *file, int line, const char *name);
bool tap_is_err(enum err got, enum err want, const char *file, int line, const char *name);

#define ok(cond, ...) tap_ok((cond), __FILE__, __LINE__, __VA_ARGS__)
#define is_str(got, want, name) tap_is_str((got), (want), __FILE__, __LINE__, (name))
#define is_int(got, want, name) tap_is_int((got), (want), __FILE__, __LINE__, (name))
#define is_err(got, want, name) tap_is_err((got), (want), __FILE__, __LINE__, (name))
