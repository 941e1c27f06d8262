/* settings.c - see settings.h */
#include "base/settings.h"

#include "base/log.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

#define FILE_MAX_BYTES (64u * 1024)
#define SECRET_MAX_BYTES 4096u

struct known {
    const char *key;
    const char *fallback;
};

/* Every setting there is, in alphabetical order. docs/operations.md explains each. */
static const struct known table[] = {
    { "accounts.dormant_days", "180" },
    { "accounts.lock_after", "5" },
    { "audit.anchor_file", "" },
    { "data_dir", SHOMEI_DATADIR },
    { "db.grants_file", "" },
    { "db.name", "shomei" },
    { "db.password_file", "" },
    { "db.socket", "/run/mysqld/mysqld.sock" },
    { "db.user", "" },
    { "development", "no" },
    { "font.gothic", "/usr/share/fonts/opentype/ipaexfont-gothic/ipaexg.ttf" },
    { "font.mincho", "/usr/share/fonts/opentype/ipaexfont-mincho/ipaexm.ttf" },
    { "gateway.allow", "" },
    { "gateway.socket", "" },
    { "hsm.ca_label", "ca" },
    { "hsm.ca_pin_file", "" },
    { "hsm.certificate_number", "" },
    { "hsm.kek", "kek-1" },
    { "hsm.module", "/usr/lib/softhsm/libsofthsm2.so" },
    { "hsm.signing_label", "signing" },
    { "hsm.signing_pin_file", "" },
    { "hsm.status_label", "status" },
    { "hsm.status_pin_file", "" },
    { "http.secret_file", "" },
    { "listen", "" },
    { "log.level", "info" },
    { "mail.ca_file", "" },
    { "mail.dir", "" },
    { "mail.failed_body_days", "14" },
    { "mail.from", "Shomei <noreply@localhost>" },
    { "mail.keep_days", "400" },
    { "mail.return_path", "" },
    { "mail.smtp_password_file", "" },
    { "mail.smtp_url", "" },
    { "mail.smtp_user", "" },
    { "mail.tls_required", "no" },
    { "provider.contact", "" },
    { "provider.name", "Shomei" },
    { "registration.collect_days", "14" },
    { "render.bytes", "1073741824" },
    { "render.children", "4" },
    { "render.memory", "1073741824" },
    { "render.seconds", "15" },
    { "render.socket", "" },
    { "quota.account_bytes", "8589934592" },
    { "quota.tenant_bytes", "274877906944" },
    { "retention.document_hours", "8" },
    { "run_dir", "/run/shomei" },
    { "sandbox", "yes" },
    { "signer.processes", "2" },
    { "signing.issuers", "" },
    { "timestamp.accuracy_ms", "1000" },
    { "timestamp.policy", "0.4.0.2023.1.1" },
    { "tokens_dir", "" },
    { "trust.lists", "" },
    { "tsa.accreditation", "" },
    { "tsa.accredited_until", "" },
    { "tsa.policy", "" },
    { "tsa.require_accredited", "no" },
    { "tsa.url", "" },
    { "upload.max_bytes", "1181745152" },
    { "url.api", "https://localhost:8444/" },
    { "url.operator", "https://localhost:8445/" },
    { "url.portal", "https://localhost:8443/" },
    { "url.repository", "http://localhost:8446/" },
    { "verify.anchors_file", "" },
    { "webhook.allow", "*:443" },
    { "worker.processes", "2" },
    { "workers", "8" },
};
#define KNOWN_COUNT (sizeof table / sizeof table[0])

struct settings {
    struct arena *arena;
    struct str values[KNOWN_COUNT];
};

static size_t find(struct str key)
{
    for (size_t i = 0; i < KNOWN_COUNT; i++)
        if (str_eq_z(key, table[i].key))
            return i;
    return SIZE_MAX;
}

/* SHOMEI_DB_USER for db.user. */
static const char *from_environment(const char *key)
{
    char name[80];
    size_t n = (size_t)snprintf(name, sizeof name, "SHOMEI_%s", key);

    for (size_t i = 0; i < n && i < sizeof name; i++)
        name[i] = name[i] == '.' ? '_' : (char)toupper((unsigned char)name[i]);
    return getenv(name);
}

static enum err set_line(struct settings *c, struct str line, int number)
{
    struct str s = str_trim(c->arena, line);

    if (s.n == 0 || s.p[0] == '#')
        return E_OK;
    size_t eq = str_find(s, '=', 0);
    if (eq == SIZE_MAX)
        return FAIL(E_INPUT, "", "line %d: not `key = value`", number);
    size_t i = find(str_trim(c->arena, str_sub(c->arena, s, 0, eq)));
    if (i == SIZE_MAX)
        return FAIL(E_INPUT, "", "line %d: unknown setting: %s", number, s.p);
    c->values[i] = str_trim(c->arena, str_sub(c->arena, s, eq + 1, s.n));
    return E_OK;
}

static enum err read_file(const char *path, uint8_t *p, size_t max, size_t *n)
{
    enum err err = E_OK;
    FILE *f = fopen(path, "rbe");

    if (!f)
        return FAIL(E_INPUT, "", "%s: %s", path, strerror(errno));
    (void)setvbuf(f, NULL, _IONBF, 0); /* no second copy of a secret in a stdio buffer */
    *n = fread(p, 1, max, f);
    if (ferror(f) || *n == max)
        err = FAIL(E_INPUT, "", "%s: cannot be read, or longer than %zu bytes", path, max - 1);
    (void)fclose(f);
    return err;
}

static enum err parse(struct settings *c, struct str text)
{
    int number = 0;

    for (size_t at = 0; at < text.n;) {
        size_t end = str_find(text, '\n', at);
        if (end == SIZE_MAX)
            end = text.n;
        TRY(set_line(c, str_sub(c->arena, text, at, end), ++number));
        at = end + 1;
    }
    return E_OK;
}

enum err settings_load(const char *path, struct settings **out)
{
    struct settings *c = calloc(1, sizeof *c);
    size_t n = 0;

    if (!c)
        abort();
    c->arena = arena_new(4u * FILE_MAX_BYTES + 64u * 1024);
    for (size_t i = 0; i < KNOWN_COUNT; i++)
        c->values[i] = str_z(table[i].fallback);
    uint8_t *text = arena_alloc(c->arena, FILE_MAX_BYTES);
    enum err err = read_file(path, text, FILE_MAX_BYTES, &n);
    if (err == E_OK)
        err = parse(c, str_of(c->arena, (char *)text, n));
    if (err != E_OK) {
        settings_free(c);
        return err;
    }
    for (size_t i = 0; i < KNOWN_COUNT; i++) {
        const char *value = from_environment(table[i].key);
        if (value)
            c->values[i] = str_dup(c->arena, str_z(value));
    }
    *out = c;
    return E_OK;
}

void settings_free(struct settings *c)
{
    if (!c)
        return;
    arena_free(c->arena);
    free(c);
}

struct str settings_str(const struct settings *c, const char *key)
{
    size_t i = find(str_z(key));

    if (i == SIZE_MAX) {
        log_error("settings: no such key %s", key);
        abort();
    }
    return c->values[i];
}

uint64_t settings_u64(const struct settings *c, const char *key)
{
    uint64_t v = 0;

    if (str_to_u64(settings_str(c, key), UINT64_MAX, &v) != E_OK) {
        log_error("settings: %s is not a number", key);
        exit(err_exit_code(E_INPUT));
    }
    return v;
}

bool settings_bool(const struct settings *c, const char *key)
{
    struct str v = settings_str(c, key);

    if (str_eq_z(v, "yes") || str_eq_z(v, "true") || str_eq_z(v, "1"))
        return true;
    if (str_eq_z(v, "no") || str_eq_z(v, "false") || str_eq_z(v, "0") || v.n == 0)
        return false;
    log_error("settings: %s is neither yes nor no", key);
    exit(err_exit_code(E_INPUT));
}

enum err settings_secret_file(const char *path, struct secret **out)
{
    struct secret *whole = secret_new(SECRET_MAX_BYTES);
    size_t n = 0;
    enum err err = read_file(path, secret_data(whole), SECRET_MAX_BYTES, &n);

    if (err == E_OK) {
        const uint8_t *p = secret_data(whole);
        while (n > 0 && (p[n - 1] == '\n' || p[n - 1] == '\r'))
            n--;
        if (n == 0)
            err = FAIL(E_INPUT, "", "%s: empty", path);
        else
            *out = secret_from(p, n);
    }
    secret_free(whole);
    return err;
}

enum err settings_secret(const struct settings *c, const char *key, struct secret **out)
{
    struct str path = settings_str(c, key);

    if (path.n == 0)
        return FAIL(E_INPUT, "", "setting %s names no file", key);
    return settings_secret_file(path.p, out);
}
