/*
 * settings.h - settings: a file of `key = value` lines, overridden by environment variables
 * SHOMEI_<KEY> in upper case with '.' as '_'. Unknown keys in the file stop the start.
 *
 * Known keys, their defaults and meanings are the table in settings.c; docs/operations.md lists
 * them.
 */
#pragma once

#include "base/secret.h"

struct settings;

/* Read the file; E_INPUT with the line in the fault's detail. Lives until settings_free. */
enum err settings_load(const char *path, struct settings **out) MUST_CHECK;
void settings_free(struct settings *c);

/* Value of a known key, its default when not set. Asking for an unknown key aborts: our mistake. */
struct str settings_str(const struct settings *c, const char *key);
uint64_t settings_u64(const struct settings *c, const char *key);
bool settings_bool(const struct settings *c, const char *key);
/* Contents of the file that `key` names, without the trailing line end: PINs, passwords, secrets.
 */
enum err settings_secret(const struct settings *c, const char *key, struct secret **out) MUST_CHECK;
/* The same for a file given by its path. */
enum err settings_secret_file(const char *path, struct secret **out) MUST_CHECK;
