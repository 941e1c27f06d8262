/* mail_bounce.c - see mail_bounce.h. */
#include "net/mail_bounce.h"

#define LINES_MAX 20000
#define BOUNDARY_MAX 70 /* RFC 2046 5.1.1 */

/* Lines of a message, or of a part of it: [at, end) of the text. */
struct lines {
    struct arena *a;
    struct str text;
    size_t at, end;
};

/* Pure ASCII, so that everything below is text: others' bytes become '?'. */
static struct str ascii(struct arena *a, struct bytes m)
{
    char *p = arena_alloc(a, m.n + 1);

    for (size_t i = 0; i < m.n; i++)
        p[i] = m.p[i] == 0 || m.p[i] >= 0x80 ? '?' : (char)m.p[i];
    p[m.n] = '\0';
    return (struct str){ p, m.n };
}

/* The next line without its end; false at the end. */
static bool next_line(struct lines *l, size_t *from, size_t *to)
{
    if (l->at >= l->end)
        return false;
    *from = l->at;
    while (l->at < l->end && l->text.p[l->at] != '\n')
        l->at++;
    *to = l->at > *from && l->text.p[l->at - 1] == '\r' ? l->at - 1 : l->at;
    if (l->at < l->end)
        l->at++;
    return true;
}

static bool blank(char c)
{
    return c == ' ' || c == '\t';
}

/*
 * The next header field, unfolded (RFC 5322 2.2.3); false at the empty line that ends the block,
 * which is consumed, or at the end. A line that is no field is passed over.
 */
static bool next_field(struct lines *l, struct str *name, struct str *value)
{
    size_t from, to;

    while (next_line(l, &from, &to)) {
        if (from == to)
            return false;
        while (l->at < l->end && blank(l->text.p[l->at])) {
            size_t more, more_end;
            if (!next_line(l, &more, &more_end) || more == more_end)
                break;
            to = more_end;
        }
        struct str whole = str_sub(l->a, l->text, from, to);
        size_t colon = str_find(whole, ':', 0);
        if (colon == SIZE_MAX || colon == 0)
            continue;
        *name = str_lower(l->a, str_trim(l->a, str_sub(l->a, whole, 0, colon)));
        *value = str_trim(l->a, str_sub(l->a, whole, colon + 1, whole.n));
        return true;
    }
    return false;
}

/* Parameter of a structured field: name=value or name="value". "" when it is not there. */
static struct str parameter(struct arena *a, struct str value, const char *name)
{
    struct str low = str_lower(a, value);
    size_t n = strlen(name);

    for (size_t at = str_find(low, ';', 0); at != SIZE_MAX; at = str_find(low, ';', at)) {
        for (at++; at < low.n && (blank(low.p[at]) || low.p[at] == '\r' || low.p[at] == '\n');)
            at++;
        if (at + n >= low.n || strncmp(low.p + at, name, n) != 0 || low.p[at + n] != '=')
            continue;
        at += n + 1;
        bool quoted = at < value.n && value.p[at] == '"';
        size_t from = quoted ? at + 1 : at, to = from;
        while (to < value.n &&
               (quoted ? value.p[to] != '"' : strchr("; \t\r\n", value.p[to]) == NULL))
            to++;
        return str_sub(a, value, from, to);
    }
    return STR("");
}

/* "text/plain" of a Content-Type. */
static struct str media_type(struct arena *a, struct str value)
{
    size_t end = str_find(value, ';', 0);
    return str_lower(a, str_trim(a, str_sub(a, value, 0, end == SIZE_MAX ? value.n : end)));
}

/* --- tokens --- */

static bool token_good(struct str s)
{
    if (s.n < 16 || s.n > 64)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '-' || c == '_'))
            return false;
    }
    return true;
}

static void add_token(struct mail_bounce *out, struct str s)
{
    if (!token_good(s) || out->tokens_n == MAIL_BOUNCE_TOKENS)
        return;
    for (size_t i = 0; i < out->tokens_n; i++)
        if (str_eq(out->tokens[i], s))
            return;
    out->tokens[out->tokens_n++] = s;
}

/* <TOKEN@domain> */
static void token_of_id(struct arena *a, struct str value, struct mail_bounce *out)
{
    size_t open = str_find(value, '<', 0), at = str_find(value, '@', 0);

    if (open != SIZE_MAX && at != SIZE_MAX && open < at)
        add_token(out, str_sub(a, value, open + 1, at));
}

/* local+TOKEN@domain (variable envelope return path) */
static void token_of_address(struct arena *a, struct str value, struct mail_bounce *out)
{
    size_t at = str_find(value, '@', 0), plus = SIZE_MAX;

    for (size_t i = 0; at != SIZE_MAX && i < at && plus == SIZE_MAX; i++)
        if (value.p[i] == '+')
            plus = i;
    if (plus != SIZE_MAX)
        add_token(out, str_sub(a, value, plus + 1, at));
}

/* --- parts --- */

/* "rfc822; name@example.jp" (RFC 3464 2.3.2), with or without angle brackets. */
static struct str typed_address(struct arena *a, struct str value)
{
    size_t semicolon = str_find(value, ';', 0);
    struct str s =
        str_trim(a, str_sub(a, value, semicolon == SIZE_MAX ? 0 : semicolon + 1, value.n));

    if (s.n >= 2 && s.p[0] == '<' && s.p[s.n - 1] == '>')
        s = str_sub(a, s, 1, s.n - 1);
    return s.n <= 254 ? str_lower(a, s) : STR("");
}

/* "5.1.1 (bad destination)": class, subject, detail (RFC 3463 2). "" when it is none. */
static struct str status_of(struct arena *a, struct str value)
{
    size_t n = 0, dots = 0;

    while (n < value.n && ((value.p[n] >= '0' && value.p[n] <= '9') || value.p[n] == '.'))
        dots += value.p[n++] == '.';
    if (n < 5 || n > 11 || dots != 2 || strchr("245", value.p[0]) == NULL || value.p[1] != '.')
        return STR("");
    return str_sub(a, value, 0, n);
}

/* Blocks of fields: the first about the message, each other about a recipient. */
static void read_status(struct lines *l, struct mail_bounce *out)
{
    struct str name, value;

    while (next_field(l, &name, &value))
        if (str_eq_z(name, "original-envelope-id"))
            add_token(out, value);
    while (l->at < l->end && out->recipients_n < MAIL_BOUNCE_RECIPIENTS) {
        struct mail_bounce_recipient r = { STR(""), STR(""), STR(""), STR("") };
        while (next_field(l, &name, &value)) {
            if (str_eq_z(name, "final-recipient"))
                r.final = typed_address(l->a, value);
            else if (str_eq_z(name, "original-recipient"))
                r.original = typed_address(l->a, value);
            else if (str_eq_z(name, "action"))
                r.action = str_lower(l->a, str_sub(l->a, value, 0, strcspn(value.p, " (;")));
            else if (str_eq_z(name, "status"))
                r.status = status_of(l->a, value);
        }
        if (r.action.n > 0 && r.action.n <= 20 && r.status.n > 0)
            out->recipients[out->recipients_n++] = r;
    }
}

static void read_part(struct arena *a, struct str text, size_t from, size_t to,
                      struct mail_bounce *out)
{
    struct lines l = { a, text, from, to };
    struct str name, value, type = STR("text/plain");

    while (next_field(&l, &name, &value))
        if (str_eq_z(name, "content-type"))
            type = media_type(a, value);
    if (str_eq_z(type, "message/delivery-status") ||
        str_eq_z(type, "message/global-delivery-status")) {
        read_status(&l, out);
    } else if (str_eq_z(type, "message/rfc822") || str_eq_z(type, "text/rfc822-headers") ||
               str_eq_z(type, "message/global") || str_eq_z(type, "message/global-headers")) {
        while (next_field(&l, &name, &value))
            if (str_eq_z(name, "message-id"))
                token_of_id(a, value, out);
    }
}

/* 1: "--boundary", 2: "--boundary--" (RFC 2046 5.1.1), 0: another line. */
static int delimiter(struct str text, size_t from, size_t to, struct str boundary)
{
    if (to - from < boundary.n + 2 || strncmp(text.p + from, "--", 2) != 0 ||
        strncmp(text.p + from + 2, boundary.p, boundary.n) != 0)
        return 0;
    from += boundary.n + 2;
    if (to - from >= 2 && strncmp(text.p + from, "--", 2) == 0)
        return 2;
    while (from < to && blank(text.p[from]))
        from++;
    return from == to;
}

static void read_parts(struct lines *l, struct str boundary, struct mail_bounce *out)
{
    size_t from, to, part = SIZE_MAX;
    int kind = 0;

    for (size_t n = 0; n < LINES_MAX && kind != 2 && next_line(l, &from, &to); n++) {
        kind = delimiter(l->text, from, to, boundary);
        if (kind == 0)
            continue;
        if (part != SIZE_MAX)
            read_part(l->a, l->text, part, from, out);
        part = l->at;
    }
    if (kind != 2 && part != SIZE_MAX) /* cut off: the last part goes to the end */
        read_part(l->a, l->text, part, l->end, out);
}

enum err mail_bounce_parse(struct arena *a, struct bytes message, struct mail_bounce *out)
{
    struct str name, value, type = STR(""), report = STR(""), boundary = STR("");
    struct mail_bounce to = { .tokens_n = 0 };
    struct lines l = { .a = a };

    *out = (struct mail_bounce){ .tokens_n = 0 };
    if (message.n > MAIL_BOUNCE_BYTES)
        return FAIL(E_LIMIT, "", "%zu bytes", message.n);
    l.text = ascii(a, message);
    l.end = l.text.n;
    while (next_field(&l, &name, &value)) {
        if (str_eq_z(name, "content-type")) {
            type = media_type(a, value);
            report = str_lower(a, parameter(a, value, "report-type"));
            boundary = parameter(a, value, "boundary");
        } else if (str_eq_z(name, "to") || str_eq_z(name, "delivered-to") ||
                   str_eq_z(name, "x-original-to")) {
            token_of_address(a, value, &to);
        }
    }
    if (!str_eq_z(type, "multipart/report") || !str_eq_z(report, "delivery-status") ||
        boundary.n == 0 || boundary.n > BOUNDARY_MAX)
        return FAIL(E_INPUT, "bounce-none", "no delivery status notification (RFC 6522 3)");
    read_parts(&l, boundary, out);
    for (size_t i = 0; i < to.tokens_n; i++)
        add_token(out, to.tokens[i]);
    if (out->recipients_n == 0 || out->tokens_n == 0)
        return FAIL(E_INPUT, "bounce-none", "%zu recipients, %zu tokens", out->recipients_n,
                    out->tokens_n);
    return E_OK;
}
