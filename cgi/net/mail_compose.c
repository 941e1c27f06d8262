/* mail_compose.c - the message format: RFC 5322, MIME (RFC 2045, 2046, 2047). See mail.h. */
#include "net/mail.h"

#include "base/encoding.h"

enum { LINE_MAX_CHARS = 76, WORD_BYTES = 39, PLAIN_SUBJECT_MAX = 60 };

static const char *const day_names[] = { "Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed" };
static const char *const month_names[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

static bool printable_ascii(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < 0x20 || s.p[i] > 0x7e)
            return false;
    return true;
}

/* No control character: a header value that holds none cannot begin another header. */
static bool header_text(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
            return false;
    return !str_absent(s);
}

static void add_date(struct buf *out, struct timestamp t)
{
    struct calendar c = calendar_utc(t);
    int64_t days = timestamp_to_unix(t) / 86400; /* 1970-01-01 was a Thursday */
    buf_fmt(out, "Date: %s, %d %s %04d %02d:%02d:%02d +0000\r\n", day_names[days % 7], c.day,
            month_names[c.month - 1], c.year, c.hour, c.minute, c.second);
}

/*
 * Encoded words (RFC 2047 2): each at most 75 characters, whole characters in each (section 5),
 * folded one to a line.
 */
static void add_encoded_words(struct buf *out, struct arena *a, struct str s)
{
    const char *between = "";
    for (size_t from = 0; from < s.n;) {
        size_t to = from, next = from;
        while (next < s.n) {
            (void)utf8_next(s, &next);
            if (next - from > WORD_BYTES)
                break;
            to = next;
        }
        struct bytes part = { (const uint8_t *)s.p + from, to - from };
        buf_fmt(out, "%s=?UTF-8?B?%s?=", between, base64_encode(a, part).p);
        between = "\r\n ";
        from = to;
    }
}

static void add_subject(struct buf *out, struct arena *a, struct str s)
{
    buf_add_z(out, "Subject: ");
    if (printable_ascii(s) && s.n <= PLAIN_SUBJECT_MAX && !strstr(s.p, "=?"))
        buf_add_str(out, s);
    else
        add_encoded_words(out, a, s);
    buf_add_z(out, "\r\n");
}

/* "Name <address>" or "address" into its two parts. */
static enum err split_from(struct arena *a, struct str from, struct str *name, struct str *address)
{
    size_t open = str_find(from, '<', 0);
    *name = STR("");
    *address = from;
    if (open != SIZE_MAX) {
        if (!str_ends(from, STR(">")))
            return FAIL(E_INPUT, "mail-address", "malformed From");
        *name = str_trim(a, str_sub(a, from, 0, open));
        *address = str_sub(a, from, open + 1, from.n - 1);
    }
    if (!header_text(*name) || !mail_address_ok(*address))
        return FAIL(E_INPUT, "mail-address", "malformed From");
    return E_OK;
}

static void add_from(struct buf *out, struct arena *a, struct str name, struct str address)
{
    buf_add_z(out, "From: ");
    if (name.n && printable_ascii(name)) {
        buf_add_char(out, '"');
        for (size_t i = 0; i < name.n; i++) {
            if (name.p[i] == '"' || name.p[i] == '\\')
                buf_add_char(out, '\\');
            buf_add_char(out, name.p[i]);
        }
        buf_add_z(out, "\" ");
    } else if (name.n) {
        add_encoded_words(out, a, name);
        buf_add_char(out, ' ');
    }
    buf_fmt(out, "<%s>\r\n", address.p);
}

/* Line ends as CRLF, whatever they were: the canonical form of text (RFC 2046 4.1.1). */
static void canonical(struct buf *out, struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\r' && s.p[i + 1] == '\n')
            continue;
        if (s.p[i] == '\n' || s.p[i] == '\r')
            buf_add_z(out, "\r\n");
        else
            buf_add_char(out, s.p[i]);
    }
}

static void add_base64(struct buf *out, struct arena *a, const struct buf *text)
{
    const size_t step = LINE_MAX_CHARS / 4 * 3;
    for (size_t at = 0; at < text->n; at += step) {
        size_t n = text->n - at < step ? text->n - at : step;
        buf_add_str(out, base64_encode(a, (struct bytes){ text->p + at, n }));
        buf_add_z(out, "\r\n");
    }
}

/* RFC 2045 6.7; white space before a line's end is encoded, and lines are cut softly. */
static void add_quoted(struct buf *out, const struct buf *text)
{
    size_t column = 0;
    for (size_t i = 0; i < text->n; i++) {
        uint8_t c = text->p[i];
        if (c == '\r' && i + 1 < text->n && text->p[i + 1] == '\n') {
            buf_add_z(out, "\r\n");
            column = 0;
            i++;
            continue;
        }
        bool last = i + 1 == text->n || text->p[i + 1] == '\r';
        bool plain = (c > 0x20 && c < 0x7f && c != '=') || ((c == ' ' || c == '\t') && !last);
        if (column + (plain ? 1 : 3) > LINE_MAX_CHARS - 1) {
            buf_add_z(out, "=\r\n");
            column = 0;
        }
        if (plain)
            buf_add_char(out, (char)c);
        else
            buf_fmt(out, "=%02X", c);
        column += plain ? 1 : 3;
    }
    if (column)
        buf_add_z(out, "\r\n");
}

static void add_part(struct buf *out, struct arena *a, const char *type, struct str body)
{
    size_t high = 0;
    struct buf text = buf_init(out->max);
    canonical(&text, body);
    for (size_t i = 0; i < text.n; i++)
        high += text.p[i] >= 0x80;
    bool base64 = high * 6 > text.n;
    buf_fmt(out, "Content-Type: %s; charset=UTF-8\r\nContent-Transfer-Encoding: %s\r\n\r\n", type,
            base64 ? "base64" : "quoted-printable");
    if (base64)
        add_base64(out, a, &text);
    else
        add_quoted(out, &text);
    if (!buf_ok(&text))
        out->failed = true;
    buf_free(&text);
}

static bool token_ok(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '-' || c == '_'))
            return false;
    }
    return s.n > 0 && s.n <= 64;
}

static void add_body(struct buf *out, struct arena *a, const struct mail_message *m)
{
    if (str_absent(m->html)) {
        add_part(out, a, "text/plain", m->text);
        return;
    }
    /* "=_" can stand neither in base64 nor in quoted-printable: no part can hold the boundary */
    struct str boundary = str_fmt(a, "=_%s", m->message_id.p);
    buf_fmt(out, "Content-Type: multipart/alternative; boundary=\"%s\"\r\n\r\n", boundary.p);
    buf_fmt(out, "--%s\r\n", boundary.p);
    add_part(out, a, "text/plain", m->text);
    buf_fmt(out, "--%s\r\n", boundary.p);
    add_part(out, a, "text/html", m->html);
    buf_fmt(out, "--%s--\r\n", boundary.p);
}

enum err mail_compose(const struct mail_message *m, struct buf *out)
{
    struct str name, address;
    struct arena *a = arena_new(16u * 1024 * 1024);
    enum err err = split_from(a, m->from, &name, &address);
    if (err != E_OK)
        goto out;
    if (!mail_address_ok(m->to))
        err = FAIL(E_INPUT, "mail-address", "malformed recipient");
    else if (!header_text(m->subject) || !token_ok(m->message_id) || str_absent(m->text) ||
             (!str_absent(m->lang) && !token_ok(m->lang)))
        err = FAIL(E_INPUT, "mail-subject", "malformed subject, identifier, language or text");
    if (err != E_OK)
        goto out;
    add_date(out, m->date);
    add_from(out, a, name, address);
    buf_fmt(out, "To: <%s>\r\n", m->to.p);
    add_subject(out, a, m->subject);
    buf_fmt(out, "Message-ID: <%s%s>\r\n", m->message_id.p, strchr(address.p, '@'));
    if (!str_absent(m->lang))
        buf_fmt(out, "Content-Language: %s\r\n", m->lang.p);
    /* RFC 3834 5: nobody's absence notice should answer */
    buf_add_z(out, "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n");
    add_body(out, a, m);
    if (!buf_ok(out))
        err = FAIL(E_LIMIT, "", "mail too large");
out:
    arena_free(a);
    return err;
}
