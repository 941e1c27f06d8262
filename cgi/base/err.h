/*
 * err.h - the one error world of Shomei.
 *
 * Every function that can fail returns an enum err. The class decides the HTTP status, the problem
 * type and the exit code; what exactly went wrong is kept in the current fault (one per process,
 * programs are single-threaded), set where it is detected with FAIL() and logged once by whoever
 * ends the request or job. A user sees the fault's reason (a stable code with a catalogue text),
 * never its detail.
 */
#pragma once

#include "base/banned.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum err {
    E_OK,
    E_INPUT,       /* what was sent is not acceptable; the sender can correct it        422 */
    E_AUTH,        /* not (sufficiently) authenticated                                  401 */
    E_DENIED,      /* authenticated, but not allowed                                    403 */
    E_ABSENT,      /* no such thing, or not visible to this tenant                      404 */
    E_CONFLICT,    /* somebody else was first; a unique key or a concurrent change      409 */
    E_STATE,       /* the thing exists but is not in a state that allows this           409 */
    E_LIMIT,       /* too large, too many, too often                                413/429 */
    E_UNSUPPORTED, /* well-formed, but of a kind that we do not handle                  415 */
    E_BUSY,        /* may succeed when tried again: deadlock, a full pool               503 */
    E_BACKEND,     /* database, HSM, TSA or another peer failed                         503 */
    E_INTERNAL,    /* our own mistake                                                   500 */
    ERR__MAX
};

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))

/* What is known about the latest failure in this process. */
struct fault {
    enum err err;
    char reason[64];  /* stable code such as "pdf-encrypted"; "" where the class says it all */
    char detail[512]; /* for the log only: standard's clause, OpenSSL, MariaDB or CKR code */
    const char *file;
    int line;
};

/*
 * FAIL(err, reason, format, ...) - record the current fault and yield err, so that a failing
 * function ends with `return FAIL(E_INPUT, "pdf-encrypted", "...");`. `reason` is a literal of
 * [a-z0-9-] or "". A fault already recorded for the same failure is replaced.
 */
#define FAIL(err, reason, ...) fault_record((err), (reason), __FILE__, __LINE__, __VA_ARGS__)

/* Record a fault; use FAIL(). Returns err. */
enum err fault_record(enum err err, const char *reason, const char *file, int line,
                      const char *format, ...) PRINTF_LIKE(5, 6);

/* The current fault; never NULL. Its err is E_OK when nothing was recorded since fault_clear(). */
const struct fault *fault_current(void);

/* Forget the current fault: at the start of each request or job. */
void fault_clear(void);

/* Short stable name of the class ("input", "auth" ...), for logs and problem types. */
const char *err_name(enum err err);

/* HTTP status for the class (the table of STYLE: 422, 401, 403 ...; E_OK is 200). */
int err_http_status(enum err err);

/* sysexits-like exit code for command-line programs. */
int err_exit_code(enum err err);

/* Leave the calling function when `call` fails. Only where nothing is owned: features and handlers.
 */
#define TRY(call)                                                                                  \
    do {                                                                                           \
        enum err try_err_ = (call);                                                                \
        if (try_err_ != E_OK)                                                                      \
            return try_err_;                                                                       \
    } while (0)
