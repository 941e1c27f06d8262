/* migrate_file.h - migration files on disk: which there are, their digests, their statements. */
#pragma once

#include "base/str.h"

struct migrate_file {
    uint32_t number;
    struct str name; /* "core" of 0001_core.sql */
    struct str text;
    struct str sha256; /* of the file, hex */
};

/* All NNNN_name.sql of a folder in order. E_INPUT on a malformed name or a number used twice. */
enum err migrate_file_list(const char *dir, struct arena *a, struct migrate_file **out,
                           size_t *n) MUST_CHECK;

/*
 * The statements: each ends with ';' at the end of a line; CREATE TRIGGER, PROCEDURE and FUNCTION
 * end with a line "END;". Lines that begin with "--" are left out. E_INPUT when the last one has no
 * end.
 */
enum err migrate_file_split(struct arena *a, const struct migrate_file *f, struct str **out,
                            size_t *n) MUST_CHECK;
