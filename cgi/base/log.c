/* log.c - see log.h */
#include "base/log.h"

#include "base/clock.h"

#include <stdarg.h>
#include <unistd.h>

#define LINE_MAX_BYTES 2048

static char program_name[32] = "shomei";
static char context_text[80];
static enum log_level least_level = LOG_LEVEL_INFO;

void log_open(const char *program, enum log_level least)
{
    (void)snprintf(program_name, sizeof program_name, "%s", program);
    least_level = least;
}

void log_context(const char *context)
{
    (void)snprintf(context_text, sizeof context_text, "%s", context);
}

/* A message must stay one line and one message, whatever was sent to us. */
static void make_printable(char *p)
{
    for (; *p; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7F)
            *p = '?';
}

static void write_line(enum log_level level, const char *message)
{
    static const char *const names[] = { "error", "warning", "info", "debug" };
    char line[LINE_MAX_BYTES];
    struct timestamp now = clock_now();
    struct calendar c = calendar_utc(now);
    int ms = (int)((now.us % SECOND_US) / 1000);

    int n =
        snprintf(line, sizeof line - 1, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ %s[%ld] %s %s%s%s",
                 c.year, c.month, c.day, c.hour, c.minute, c.second, ms, program_name,
                 (long)getpid(), names[level], context_text, context_text[0] ? " " : "", message);
    if (n < 0)
        return;
    make_printable(line);
    size_t used = strlen(line);
    line[used++] = '\n';
    /* one write per line, so that lines of several workers do not mix; a lost line has no cure */
    ssize_t ignored = write(STDERR_FILENO, line, used);
    (void)ignored;
}

static void PRINTF_LIKE(2, 0) log_at(enum log_level level, const char *format, va_list ap)
{
    char message[LINE_MAX_BYTES - 256];

    if (level > least_level)
        return;
    (void)vsnprintf(message, sizeof message, format, ap);
    write_line(level, message);
}

#define LOG_BODY(level)                                                                            \
    va_list ap;                                                                                    \
    va_start(ap, format);                                                                          \
    log_at((level), format, ap);                                                                   \
    va_end(ap)

void log_error(const char *format, ...)
{
    LOG_BODY(LOG_LEVEL_ERROR);
}

void log_warning(const char *format, ...)
{
    LOG_BODY(LOG_LEVEL_WARNING);
}

void log_info(const char *format, ...)
{
    LOG_BODY(LOG_LEVEL_INFO);
}

void log_debug(const char *format, ...)
{
    LOG_BODY(LOG_LEVEL_DEBUG);
}

void log_fault(const char *what)
{
    const struct fault *f = fault_current();

    log_error("%s: err=%s reason=%s at=%s:%d %s", what, err_name(f->err),
              f->reason[0] ? f->reason : "-", f->file ? f->file : "-", f->line, f->detail);
}
