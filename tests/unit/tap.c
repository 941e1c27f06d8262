/* tap.c - see tap.h */
#include "tap.h"

#include <stdarg.h>

static int count;
static int failed;

__attribute__((format(printf, 4, 0))) static bool report(bool pass, const char *file, int line,
                                                         const char *format, va_list ap)
{
    count++;
    printf("%sok %d - ", pass ? "" : "not ", count);
    vprintf(format, ap);
    putchar('\n');
    if (!pass) {
        failed++;
        printf("#   at %s:%d\n", file, line);
        const struct fault *f = fault_current();
        if (f->err != E_OK)
            printf("#   fault %s %s: %s (%s:%d)\n", err_name(f->err), f->reason, f->detail, f->file,
                   f->line);
    }
    fflush(stdout);
    return pass;
}

bool tap_ok(bool pass, const char *file, int line, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    report(pass, file, line, format, ap);
    va_end(ap);
    return pass;
}

void tap_skip(const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    printf("ok %d # SKIP ", ++count);
    vprintf(format, ap);
    putchar('\n');
    va_end(ap);
}

void tap_note(const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    printf("# ");
    vprintf(format, ap);
    putchar('\n');
    va_end(ap);
}

int tap_done(void)
{
    printf("1..%d\n", count);
    return failed == 0 && count > 0 ? 0 : 1;
}

bool tap_is_str(struct str got, const char *want, const char *file, int line, const char *name)
{
    bool pass = str_eq_z(got, want);
    tap_ok(pass, file, line, "%s", name);
    if (!pass)
        printf("#   got  \"%.*s\"\n#   want \"%s\"\n", STR_ARG(got), want ? want : "(absent)");
    return pass;
}

bool tap_is_int(int64_t got, int64_t want, const char *file, int line, const char *name)
{
    bool pass = got == want;
    tap_ok(pass, file, line, "%s", name);
    if (!pass)
        printf("#   got %lld, want %lld\n", (long long)got, (long long)want);
    return pass;
}

bool tap_is_err(enum err got, enum err want, const char *file, int line, const char *name)
{
    bool pass = got == want;
    tap_ok(pass, file, line, "%s", name);
    if (!pass)
        printf("#   got %s, want %s\n", err_name(got), err_name(want));
    return pass;
}
