/* ctl_profile.h - certificate profiles and refused keys, from the command line. */
#pragma once

#include "main/ctl.h"

struct db;

/* `shomeictl profile`. */
enum err ctl_profile(struct ctl *c) MUST_CHECK;
/* Load the profiles that are shipped, from data_dir/sql/profiles. */
enum err ctl_profile_shipped(struct ctl *c, struct db *db) MUST_CHECK;
/* `shomeictl key`. */
enum err ctl_key(struct ctl *c) MUST_CHECK;
