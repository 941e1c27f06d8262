/*
 * bind.h - private to http/: raw parameters to the typed struct of a handler.
 */
#pragma once

#include "http/raw.h"

struct bind_error {
    const char *field;
    const char *msgid; /* {n} in it is `n` */
    int64_t n;
};

struct bind_result {
    struct bind_error *errors;
    size_t errors_n;
    /* Secrets made so far, also when binding failed: the caller frees them with secret_free. */
    struct secret **secrets;
    size_t secrets_n;
};

/*
 * Fill `out` (zeroed, of the form's size). E_INPUT "parameter-unknown" / "parameter-repeated" for
 * what no person can have caused; wrong values are collected in the result instead. `lenient`: a
 * required parameter that is missing is no error (first display of a page).
 */
enum err bind_form(struct arena *a, const struct param *params, const struct raws *raws,
                   bool lenient, void *out, struct bind_result *result) MUST_CHECK;
