/* multipart.c - see multipart.h */
#include "http/multipart.h"

#include "http/text.h"

#define HEADER_MAX 4096
#define HEADERS_MAX 10

static enum err malformed(const char *what)
{
    return FAIL(E_INPUT, "multipart-malformed", "RFC 7578: %s", what);
}

/* RFC 2046 5.1.1 bchars. */
static bool boundary_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("'()+_,-./:=? ", c) != NULL);
}

static size_t skip_space(struct str s, size_t at)
{
    while (at < s.n && (s.p[at] == ' ' || s.p[at] == '\t'))
        at++;
    return at;
}

/*
 * One `;name=value` of a header at *at (RFC 9110 5.6.6; quoted-string with \" and \\). False at the
 * end or when malformed (*bad).
 */
static bool next_parameter(struct arena *a, struct str s, size_t *at, struct str *name,
                           struct str *value, bool *bad)
{
    size_t i = skip_space(s, *at);
    if (i == s.n)
        return false;
    *bad = true;
    if (s.p[i++] != ';')
        return false;
    i = skip_space(s, i);
    size_t equals = str_find(s, '=', i);
    if (equals == SIZE_MAX || equals == i)
        return false;
    *name = str_lower(a, str_sub(a, s, i, equals));
    i = equals + 1;
    char *out = arena_alloc(a, s.n - i + 1);
    size_t n = 0;
    if (i < s.n && s.p[i] == '"') {
        for (i++; i < s.n && s.p[i] != '"'; i++) {
            /* Only \" and \\ are escapes: some browsers sent Windows paths raw. */
            if (s.p[i] == '\\' && i + 1 < s.n && (s.p[i + 1] == '"' || s.p[i + 1] == '\\'))
                i++;
            out[n++] = s.p[i];
        }
        if (i == s.n)
            return false;
        i++;
    } else {
        while (i < s.n && s.p[i] != ';' && s.p[i] != ' ' && s.p[i] != '\t')
            out[n++] = s.p[i++];
    }
    out[n] = '\0';
    *value = (struct str){ out, n };
    *at = i;
    *bad = false;
    return true;
}

struct str multipart_boundary(struct arena *a, struct str content_type)
{
    size_t at = str_find(content_type, ';', 0);
    struct str name, value, found = STR_ABSENT;
    bool bad = false;
    if (at == SIZE_MAX ||
        !str_eq_ci(str_trim(a, str_sub(a, content_type, 0, at)), STR("multipart/form-data")))
        return STR_ABSENT;
    while (next_parameter(a, content_type, &at, &name, &value, &bad))
        if (str_eq_z(name, "boundary")) {
            if (!str_absent(found))
                return STR_ABSENT;
            found = value;
        }
    if (bad || found.n == 0 || found.n > 70 || found.p[found.n - 1] == ' ')
        return STR_ABSENT;
    for (size_t i = 0; i < found.n; i++)
        if (!boundary_char(found.p[i]))
            return STR_ABSENT;
    return found;
}

void multipart_open(struct multipart *m, struct arena *a, struct str boundary,
                    enum err (*read)(void *, void *, size_t, size_t *), void *ctx)
{
    memset(m, 0, sizeof(*m));
    m->read = read;
    m->ctx = ctx;
    m->arena = a;
    m->delimiter_n =
        (size_t)snprintf(m->delimiter, sizeof(m->delimiter), "\r\n--%.*s", STR_ARG(boundary));
    /* The first delimiter has no CR LF before it: give it one, so that there is only one case. */
    memcpy(m->window, "\r\n", 2);
    m->end = 2;
    m->in_part = true; /* the (empty) preamble */
}

/* Have at least `want` unread bytes in the window, unless the input ends before. */
static enum err fill(struct multipart *m, size_t want)
{
    if (m->at > 0 && m->at + want > sizeof(m->window)) {
        memmove(m->window, m->window + m->at, m->end - m->at);
        m->end -= m->at;
        m->at = 0;
    }
    while (m->end - m->at < want && !m->input_ended) {
        size_t got = 0;
        enum err e = m->read(m->ctx, m->window + m->end, sizeof(m->window) - m->end, &got);
        if (e != E_OK)
            return e;
        m->end += got;
        m->input_ended = got == 0;
    }
    return E_OK;
}

/* After a delimiter: "--" closes the body, white space and CR LF begin a part (RFC 2046 5.1.1). */
static enum err after_delimiter(struct multipart *m)
{
    m->in_part = false;
    enum err e = fill(m, 2);
    if (e != E_OK)
        return e;
    if (m->end - m->at >= 2 && memcmp(m->window + m->at, "--", 2) == 0) {
        m->at += 2;
        m->ended = true;
        return E_OK;
    }
    for (size_t padding = 0; padding < 64; padding++) {
        e = fill(m, 2);
        if (e != E_OK)
            return e;
        if (m->end - m->at < 2)
            break;
        if (memcmp(m->window + m->at, "\r\n", 2) == 0) {
            m->at += 2;
            return E_OK;
        }
        if (m->window[m->at] != ' ' && m->window[m->at] != '\t')
            break;
        m->at++;
    }
    return malformed("no line end after a boundary");
}

enum err multipart_read(struct multipart *m, void *p, size_t n, size_t *got)
{
    *got = 0;
    if (!m->in_part)
        return E_OK;
    enum err e = fill(m, sizeof(m->window) / 2);
    if (e != E_OK)
        return e;
    const uint8_t *from = m->window + m->at;
    size_t have = m->end - m->at, clear;
    const uint8_t *hit = memmem(from, have, m->delimiter, m->delimiter_n);
    if (hit == from) {
        m->at += m->delimiter_n;
        return after_delimiter(m);
    }
    if (hit)
        clear = (size_t)(hit - from);
    else if (have < m->delimiter_n || m->input_ended)
        return malformed("the body ends inside a part");
    else
        clear = have - (m->delimiter_n - 1); /* the rest may be the beginning of a delimiter */
    *got = clear < n ? clear : n;
    memcpy(p, from, *got);
    m->at += *got;
    return E_OK;
}

/* One header line (unfolded, without its end) into *line; absent for the empty line. */
static enum err read_line(struct multipart *m, size_t *budget, struct str *line)
{
    enum err e = fill(m, HEADER_MAX);
    if (e != E_OK)
        return e;
    size_t have = m->end - m->at;
    const uint8_t *from = m->window + m->at;
    const uint8_t *end = memmem(from, have < *budget ? have : *budget, "\r\n", 2);
    if (end == NULL)
        return malformed("part headers are too long or cut off");
    size_t n = (size_t)(end - from);
    if (!utf8_valid((const char *)from, n))
        return malformed("a part header is not UTF-8");
    *budget -= n + 2;
    *line = n ? str_of(m->arena, (const char *)from, n) : STR_ABSENT;
    m->at += n + 2;
    return E_OK;
}

/* The name that a browser on any system gave, without directories and hidden characters. */
static struct str clean_filename(struct arena *a, struct str s)
{
    size_t from = 0;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == '/' || s.p[i] == '\\')
            from = i + 1;
    struct str name = str_trim(a, str_sub(a, s, from, s.n));
    if (str_eq_z(name, ".") || str_eq_z(name, "..") || !text_clean(name, false))
        return STR("file");
    return name;
}

/* WHATWG: browsers write %22 %0D %0A for quote and line ends in names. */
static struct str unescape_name(struct arena *a, struct str s)
{
    char *p = arena_alloc(a, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.n - i >= 3 && memcmp(s.p + i, "%22", 3) == 0) {
            p[n++] = '"';
            i += 2;
        } else {
            p[n++] = s.p[i];
        }
    }
    p[n] = '\0';
    return (struct str){ p, n };
}

static enum err read_disposition(struct multipart *m, struct str value, struct multipart_part *part)
{
    struct str name, v;
    bool bad = false;
    size_t at = str_find(value, ';', 0);
    if (!str_absent(part->name))
        return malformed("two Content-Disposition headers");
    if (at == SIZE_MAX ||
        !str_eq_ci(str_trim(m->arena, str_sub(m->arena, value, 0, at)), STR("form-data")))
        return malformed("a part is not form-data");
    while (next_parameter(m->arena, value, &at, &name, &v, &bad)) {
        if (str_eq_z(name, "name") && str_absent(part->name))
            part->name = unescape_name(m->arena, v);
        else if (str_eq_z(name, "filename") && str_absent(part->filename))
            part->filename = clean_filename(m->arena, unescape_name(m->arena, v));
        else if (str_eq_z(name, "name") || str_eq_z(name, "filename"))
            return malformed("a name was given twice");
        /* filename* must not be used (RFC 7578 4.2): ignored like all unknown parameters */
    }
    return bad ? malformed("malformed Content-Disposition") : E_OK;
}

static enum err read_header(struct multipart *m, struct str line, struct multipart_part *part)
{
    size_t colon = str_find(line, ':', 0);
    if (colon == SIZE_MAX || colon == 0)
        return malformed("a part header has no colon");
    struct str name = str_sub(m->arena, line, 0, colon);
    struct str value = str_trim(m->arena, str_sub(m->arena, line, colon + 1, line.n));
    if (str_eq_ci(name, STR("content-disposition")))
        return read_disposition(m, value, part);
    if (str_eq_ci(name, STR("content-type"))) {
        part->type = str_lower(m->arena, value);
    } else if (str_eq_ci(name, STR("content-transfer-encoding"))) {
        struct str how = str_lower(m->arena, value);
        if (!str_eq_z(how, "binary") && !str_eq_z(how, "8bit") && !str_eq_z(how, "7bit"))
            return malformed("a transfer encoding (RFC 7578 4.7: must not be sent)");
    }
    return E_OK;
}

enum err multipart_next(struct multipart *m, struct multipart_part *part, bool *more)
{
    uint8_t skipped[512];
    size_t got = 0, budget = HEADER_MAX;
    bool preamble = m->parts == 0;
    *part = (struct multipart_part){ .name = STR_ABSENT, .filename = STR_ABSENT };
    *more = false;
    while (m->in_part) {
        enum err e = multipart_read(m, skipped, sizeof(skipped), &got);
        if (e != E_OK)
            return e;
        if (preamble && got > 0)
            return malformed("the body does not begin with its boundary");
    }
    if (m->ended)
        return E_OK;
    if (++m->parts > MULTIPART_PARTS_MAX)
        return FAIL(E_LIMIT, "parameters-too-many", "more than %d parts", MULTIPART_PARTS_MAX);
    for (int i = 0;; i++) {
        struct str line = STR_ABSENT;
        enum err e = read_line(m, &budget, &line);
        if (e == E_OK && !str_absent(line))
            e = i < HEADERS_MAX ? read_header(m, line, part) : malformed("too many part headers");
        if (e != E_OK)
            return e;
        if (str_absent(line))
            break;
    }
    if (str_empty(part->name))
        return malformed("a part has no name");
    if (str_absent(part->type))
        part->type = STR("text/plain");
    m->in_part = true;
    *more = true;
    return E_OK;
}
