/*
 * log.h - one line of key=value text to standard error per event; the supervisor or systemd keeps
 * it. Never pass a secret, a document or personal data. Values are escaped, lines are capped.
 */
#pragma once

#include "base/err.h"

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* Program name for each line, and the least important level that is written. */
void log_open(const char *program, enum log_level least);
/* Added to each following line, e.g. the request id; "" for none. Copied. */
void log_context(const char *context);

void log_error(const char *format, ...) PRINTF_LIKE(1, 2);
void log_warning(const char *format, ...) PRINTF_LIKE(1, 2);
void log_info(const char *format, ...) PRINTF_LIKE(1, 2);
void log_debug(const char *format, ...) PRINTF_LIKE(1, 2);
/* The current fault, with where it was detected. */
void log_fault(const char *what);
