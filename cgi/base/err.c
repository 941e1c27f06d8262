/* err.c - see err.h */
#include "base/err.h"

#include <stdarg.h>

struct err_class {
    const char *name;
    int http_status;
    int exit_code; /* sysexits(3) */
};

static const struct err_class classes[] = {
    { "ok", 200, 0 },           /* E_OK */
    { "input", 422, 65 },       /* E_INPUT */
    { "auth", 401, 77 },        /* E_AUTH */
    { "denied", 403, 77 },      /* E_DENIED */
    { "absent", 404, 66 },      /* E_ABSENT */
    { "conflict", 409, 73 },    /* E_CONFLICT */
    { "state", 409, 73 },       /* E_STATE */
    { "limit", 413, 75 },       /* E_LIMIT */
    { "unsupported", 415, 65 }, /* E_UNSUPPORTED */
    { "busy", 503, 75 },        /* E_BUSY */
    { "backend", 503, 69 },     /* E_BACKEND */
    { "internal", 500, 70 },    /* E_INTERNAL */
};
_Static_assert(sizeof classes / sizeof classes[0] == ERR__MAX, "one row per error class");

static struct fault current;

static const struct err_class *class_of(enum err err)
{
    return (unsigned)err < ERR__MAX ? &classes[err] : &classes[E_INTERNAL];
}

enum err fault_record(enum err err, const char *reason, const char *file, int line,
                      const char *format, ...)
{
    va_list ap;

    current.err = err;
    current.file = file;
    current.line = line;
    (void)snprintf(current.reason, sizeof current.reason, "%s", reason);
    va_start(ap, format);
    (void)vsnprintf(current.detail, sizeof current.detail, format, ap);
    va_end(ap);
    return err;
}

const struct fault *fault_current(void)
{
    return &current;
}

void fault_clear(void)
{
    current = (struct fault){ .err = E_OK };
}

const char *err_name(enum err err)
{
    return class_of(err)->name;
}

int err_http_status(enum err err)
{
    return class_of(err)->http_status;
}

int err_exit_code(enum err err)
{
    return class_of(err)->exit_code;
}
