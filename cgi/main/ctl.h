/*
 * ctl.h - what the commands of shomeictl share. Each command is one file ctl_<command>.c with one
 * function; it prints results to standard output and reports failures through its error class.
 */
#pragma once

#include "base/settings.h"

struct db;
struct hsm;

/* One invocation. Everything in `arena` lives until the program ends. */
struct ctl {
    const struct settings *settings;
    struct arena *arena;
    int argc;    /* words after the command's name */
    char **argv; /* checked against the command's option list before it runs */
};

/* Value of `--name VALUE`, or NULL. */
const char *ctl_option(const struct ctl *c, const char *name);
/* Is the flag `--name` there? */
bool ctl_flag(const struct ctl *c, const char *name);
/* Value of an option that the command cannot do without. E_INPUT, said on standard error. */
enum err ctl_required(const struct ctl *c, const char *name, const char **value) MUST_CHECK;

/* The directory of secret files: the one that http.secret_file is in. */
struct str ctl_secret_dir(const struct ctl *c);
/* Secret `name` of that directory, e.g. "db_owner". */
enum err ctl_secret(const struct ctl *c, const char *name, struct secret **out) MUST_CHECK;
/* Read or atomically write a small file. Written with `mode`. */
enum err ctl_read(const struct ctl *c, const char *path, struct str *out) MUST_CHECK;
enum err ctl_write(const char *path, struct str text, unsigned mode) MUST_CHECK;

/* Commands. */
enum err ctl_init(struct ctl *c) MUST_CHECK;
enum err ctl_migrate(struct ctl *c) MUST_CHECK;
enum err ctl_grants(struct ctl *c) MUST_CHECK;
enum err ctl_demo(struct ctl *c) MUST_CHECK;
enum err ctl_audit(struct ctl *c) MUST_CHECK;
enum err ctl_jobs(struct ctl *c) MUST_CHECK;
enum err ctl_certificate(struct ctl *c) MUST_CHECK;
enum err ctl_tenant(struct ctl *c) MUST_CHECK;
enum err ctl_account(struct ctl *c) MUST_CHECK;
enum err ctl_authority(struct ctl *c) MUST_CHECK;
enum err ctl_revoke(struct ctl *c) MUST_CHECK;
enum err ctl_mail(struct ctl *c) MUST_CHECK;
