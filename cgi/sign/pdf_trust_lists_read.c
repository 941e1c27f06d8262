/* pdf_trust_lists_read.c - the plain form of lists of services: lines of a text file. */
#include "sign/pdf_trust_lists.h"

#include "base/encoding.h"

#include <dirent.h>
#include <errno.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>

#define FILE_MAX ((size_t)64 << 20)
#define LIST_FILES_MAX 200
#define LINE_MAX_BYTES (128 * 1024)
#define SERVICE_LINES_MAX 20 /* of a service, or of the head */

struct reader {
    struct pdf_trust_lists *l;
    struct arena *a; /* emptied for each service */
    struct str dir;
    struct arena *list_arena;
    struct str list;
    struct timestamp issued;
    struct pdf_trust_service s;
    bool in_service, has_kind;
    size_t line, first_line;
};

/* "2026-03-31" or a whole RFC 3339 time. */
static bool parse_time(struct reader *r, struct str v, struct timestamp *out)
{
    if (v.n == 10)
        v = str_fmt(r->a, "%sT00:00:00Z", v.p);
    return timestamp_parse_rfc3339(v, out) == E_OK;
}

static bool parse_bool(struct str v, bool *out)
{
    *out = str_eq_z(v, "yes");
    return *out || str_eq_z(v, "no");
}

static bool read_all(const char *path, struct arena *a, size_t max, struct bytes *out)
{
    FILE *f = fopen(path, "rbe");
    bool done = f && fseek(f, 0, SEEK_END) == 0;
    long n = done ? ftell(f) : -1;

    if (n >= 0 && (size_t)n <= max) {
        uint8_t *p = arena_alloc(a, (size_t)n + 1);
        rewind(f);
        done = fread(p, 1, (size_t)n, f) == (size_t)n;
        *out = (struct bytes){ p, (size_t)n };
    } else {
        done = false;
    }
    if (f)
        (void)fclose(f);
    return done;
}

/* PEM or DER, beside the list: the name may not lead elsewhere. */
static bool read_certificate(struct reader *r, struct str name, struct bytes *der)
{
    struct bytes file;

    if (str_empty(r->dir) || str_find(name, '/', 0) != SIZE_MAX || name.p[0] == '.' ||
        !read_all(str_fmt(r->a, "%s/%s", r->dir.p, name.p).p, r->a, 65536, &file))
        return false;
    BIO *bio = BIO_new_mem_buf(file.p, (int)file.n);
    X509 *x = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
    *der = file;
    if (x) {
        int n = i2d_X509(x, NULL);
        uint8_t *out = arena_alloc(r->a, n > 0 ? (size_t)n : 1), *p = out;
        i2d_X509(x, &p);
        *der = (struct bytes){ out, n > 0 ? (size_t)n : 0 };
    }
    X509_free(x);
    BIO_free(bio);
    return true;
}

static bool head_key(struct reader *r, struct str key, struct str value)
{
    if (str_eq_z(key, "list")) {
        r->list = str_dup(r->list_arena, value);
        return true;
    }
    return str_eq_z(key, "issued") && parse_time(r, value, &r->issued);
}

static bool service_key(struct reader *r, struct str key, struct str value)
{
    if (str_eq_z(key, "name"))
        r->s.name = value;
    else if (str_eq_z(key, "status"))
        r->s.status = value;
    else if (str_eq_z(key, "kind"))
        return r->has_kind = pdf_trust_lists_mark_parse(value, &r->s.kind);
    else if (str_eq_z(key, "from"))
        return parse_time(r, value, &r->s.from);
    else if (str_eq_z(key, "until"))
        return parse_time(r, value, &r->s.until);
    else if (str_eq_z(key, "statement"))
        return parse_bool(value, &r->s.by_statement);
    else if (str_eq_z(key, "anchor"))
        return parse_bool(value, &r->s.anchor);
    else if (str_eq_z(key, "certificate"))
        return base64_decode(r->a, value, &r->s.cert) == E_OK;
    else if (str_eq_z(key, "certificate_file"))
        return read_certificate(r, value, &r->s.cert);
    else
        return false;
    return true;
}

static enum err end_service(struct reader *r)
{
    if (!r->in_service)
        return E_OK;
    if (!r->has_kind || !r->s.cert.n || str_empty(r->s.name) || str_empty(r->list))
        return FAIL(E_INPUT, "trust-list", "service before line %zu: name, kind or certificate",
                    r->line);
    r->s.list = r->list;
    r->s.list_issued = r->issued;
    enum err rc = pdf_trust_lists_add(r->l, &r->s);
    arena_reset(r->a);
    return rc == E_OK
               ? E_OK
               : FAIL(E_INPUT, "trust-list", "service before line %zu: certificate", r->line);
}

static enum err take_line(struct reader *r, struct str line)
{
    size_t equals = str_find(line, '=', 0);

    for (size_t i = 0; i < line.n; i++) {
        if ((uint8_t)line.p[i] < 32 && line.p[i] != '\t')
            return FAIL(E_INPUT, "trust-list", "line %zu: a control character", r->line);
    }
    if (line.n == 0 || line.p[0] == '#')
        return E_OK;
    if (str_eq_z(line, "[service]")) {
        enum err rc = end_service(r);
        r->s = (struct pdf_trust_service){ .from = TIMESTAMP_NONE, .until = TIMESTAMP_NONE };
        r->in_service = true;
        r->first_line = r->line;
        r->has_kind = false;
        return rc;
    }
    if (equals != SIZE_MAX && r->line - r->first_line <= SERVICE_LINES_MAX) {
        struct str key = str_trim(r->a, str_sub(r->a, line, 0, equals));
        struct str value = str_trim(r->a, str_sub(r->a, line, equals + 1, line.n));
        if (r->in_service ? service_key(r, key, value) : head_key(r, key, value))
            return E_OK;
    }
    return FAIL(E_INPUT, "trust-list", "line %zu", r->line);
}

enum err pdf_trust_lists_read(struct pdf_trust_lists *l, struct str text, struct str dir)
{
    struct reader r = { .l = l,
                        .a = arena_new((size_t)4 << 20),
                        .list_arena = arena_new(65536),
                        .dir = dir,
                        .issued = TIMESTAMP_NONE };
    enum err rc = E_OK;

    if (!utf8_valid(text.p ? text.p : "", text.n))
        rc = FAIL(E_INPUT, "trust-list", "not UTF-8");
    for (size_t at = 0; rc == E_OK && at < text.n;) {
        size_t end = str_find(text, '\n', at);
        end = end == SIZE_MAX ? text.n : end;
        r.line++;
        if (end - at > (r.in_service ? LINE_MAX_BYTES : 4096))
            rc = FAIL(E_INPUT, "trust-list", "line %zu is too long", r.line);
        else
            rc = take_line(&r, str_trim(r.a, str_sub(r.a, text, at, end)));
        at = end + 1;
        if (!r.in_service)
            arena_reset(r.a);
    }
    if (rc == E_OK)
        rc = end_service(&r);
    arena_free(r.a);
    arena_free(r.list_arena);
    return rc;
}

static enum err load_file(struct pdf_trust_lists *l, struct str dir, const char *name)
{
    struct arena *a = arena_new(2 * FILE_MAX);
    struct str path = str_fmt(a, "%s/%s", dir.p, name);
    struct bytes file;
    enum err rc;

    if (!read_all(path.p, a, FILE_MAX, &file))
        rc = FAIL(E_INPUT, "trust-list", "%s cannot be read", path.p);
    else
        rc = pdf_trust_lists_read(l, (struct str){ (const char *)file.p, file.n }, dir);
    if (rc != E_OK) {
        struct fault f = *fault_current();
        rc = FAIL(rc, "trust-list", "%s: %s", name, f.detail);
    }
    arena_free(a);
    return rc;
}

enum err pdf_trust_lists_load(struct pdf_trust_lists *l, struct str dir)
{
    struct dirent **names = NULL;
    enum err rc = E_OK;
    int n = scandir(dir.p, &names, NULL, alphasort), taken = 0;

    if (n < 0)
        return FAIL(E_INPUT, "trust-list", "%s: errno %d", dir.p, errno);
    for (int i = 0; i < n; i++) {
        const char *name = names[i]->d_name;
        bool list = name[0] != '.' && str_ends(str_z(name), STR(".list"));
        if (rc == E_OK && list)
            rc = taken++ < LIST_FILES_MAX ? load_file(l, dir, name)
                                          : FAIL(E_LIMIT, "trust-list", "too many lists");
        free(names[i]);
    }
    free(names);
    return rc;
}

static void write_time(struct buf *b, struct arena *a, const char *key, struct timestamp t)
{
    if (!timestamp_is_none(t))
        buf_fmt(b, "%s = %s\n", key, timestamp_rfc3339(a, t, false).p);
}

/* A value stays on its line. */
static void write_text(struct buf *b, const char *key, struct str value)
{
    if (str_empty(value))
        return;
    buf_fmt(b, "%s = ", key);
    for (size_t i = 0; i < value.n; i++)
        buf_add_char(b, (uint8_t)value.p[i] < 32 ? '_' : value.p[i]);
    buf_add_char(b, '\n');
}

void pdf_trust_lists_write(struct buf *b, const struct pdf_trust_service *s)
{
    struct arena *a = arena_new(1 << 20);

    buf_add_z(b, "[service]\n");
    write_text(b, "name", s->name);
    buf_fmt(b, "kind = %s\n", pdf_trust_lists_mark_name(s->kind));
    write_text(b, "status", s->status);
    write_time(b, a, "from", s->from);
    write_time(b, a, "until", s->until);
    if (s->by_statement)
        buf_add_z(b, "statement = yes\n");
    if (s->anchor)
        buf_add_z(b, "anchor = yes\n");
    write_text(b, "certificate", base64_encode(a, s->cert));
    arena_free(a);
}
