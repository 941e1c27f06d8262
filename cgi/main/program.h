/*
 * program.h - the beginning that all daemons share: `--config FILE`, settings, log, hardening.
 */
#pragma once

#include "base/settings.h"

/*
 * Read the command line and the settings, open the log, forbid core dumps. Says what is wrong on
 * standard error and ends the process with the right exit code when it cannot.
 */
struct settings *program_begin(const char *name, int argc, char **argv);

/*
 * The listening unix socket: the one that the service manager passes (LISTEN_FDS=1, descriptor 3),
 * else `listen`, else <run_dir>/<name>.sock, made with mode 0660. E_BACKEND when that fails.
 */
enum err program_listen(const struct settings *c, const char *name, int *fd) MUST_CHECK;

/* Path for the socket as above, for servers that open it themselves; in the arena. */
struct str program_socket(const struct settings *c, struct arena *a, const char *name);

/* Scheme, host and port of a URL setting, without its path: what a browser sends as Origin. */
const char *program_origin(const struct settings *c, struct arena *a, const char *key);
/* That setting with one slash at its end, "" when it is not set: for links to other ports. */
struct str program_url(const struct settings *c, struct arena *a, const char *key);
/* Memory for one request: a file that is held whole (verification), copies of it, and room. */
size_t program_arena_limit(const struct settings *c);
