/* mail_queue.c - see mail_queue.h. */
#include "store/mail_queue.h"

#include "base/buf.h"
#include "base/random.h"
#include "store/gen/core.q.h"
#include "store/jobs.h"

enum { ERROR_MAX = 512, HTML_MAX = 256 * 1024 };

/* One line, no control characters: nothing that could become a header of its own. */
static bool one_line(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
            return false;
    return s.n > 0;
}

static bool address_like(struct str s)
{
    size_t at = str_find(s, '@', 0);
    return one_line(s) && at != SIZE_MAX && at > 0 && at + 1 < s.n &&
           str_find(s, ' ', 0) == SIZE_MAX && str_find(s, '<', 0) == SIZE_MAX &&
           str_find(s, '>', 0) == SIZE_MAX && str_find(s, ',', 0) == SIZE_MAX;
}

enum err mail_queue(struct tx *tx, const struct mail_queue_entry *m, struct mail_id *id)
{
    struct arena *a = tx_arena(tx);
    struct mail_id mail = { 0 };
    if (!address_like(m->to))
        return FAIL(E_INPUT, "mail-address", "mail to a malformed address");
    if (!one_line(m->subject))
        return FAIL(E_INPUT, "mail-subject", "mail with a malformed subject");
    enum err err =
        q_mail_add(tx, m->tenant, m->to, str_z(m->template_name), str_z(m->lang), m->subject,
                   m->text, m->html, random_token(a, 16), clock_now(), &mail);
    if (err != E_OK)
        return err;
    if (id)
        *id = mail;
    return jobs_add(tx, "mail.deliver", str_fmt(a, "{\"mail\":%llu}", (unsigned long long)mail.v),
                    TIMESTAMP_NONE, NULL);
}

static void add_escaped(struct buf *b, struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        switch (s.p[i]) {
        case '&':
            buf_add_z(b, "&amp;");
            break;
        case '<':
            buf_add_z(b, "&lt;");
            break;
        case '>':
            buf_add_z(b, "&gt;");
            break;
        case '"':
            buf_add_z(b, "&quot;");
            break;
        default:
            buf_add_char(b, s.p[i]);
        }
}

static void add_line(struct buf *b, struct str line)
{
    bool link = str_starts(line, STR("https://")) || str_starts(line, STR("http://"));

    if (link) {
        buf_add_z(b, "<a href=\"");
        add_escaped(b, line);
        buf_add_z(b, "\">");
    }
    add_escaped(b, line);
    if (link)
        buf_add_z(b, "</a>");
}

struct str mail_queue_html(struct arena *a, const char *lang, struct str text)
{
    struct buf b = buf_init(HTML_MAX);
    struct str out = STR_ABSENT;
    bool open = false;

    buf_fmt(&b,
            "<!doctype html>\n<html lang=\"%s\">\n<head><meta charset=\"utf-8\">"
            "<title>Shomei</title></head>\n<body>\n",
            lang);
    for (size_t at = 0; at < text.n;) {
        size_t end = str_find(text, '\n', at);
        struct str line = str_sub(a, text, at, end == SIZE_MAX ? text.n : end);
        at = end == SIZE_MAX ? text.n : end + 1;
        if (line.n > 0) {
            buf_add_z(&b, open ? "<br>\n" : "<p>");
            add_line(&b, line);
        } else if (open) {
            buf_add_z(&b, "</p>\n");
        }
        open = line.n > 0;
    }
    buf_add_z(&b, open ? "</p>\n</body>\n</html>\n" : "</body>\n</html>\n");
    if (buf_to_str(&b, a, &out) != E_OK) /* larger than any mail of ours: the text alone will do */
        out = STR_ABSENT;
    buf_free(&b);
    return out;
}

enum err mail_queue_get(struct tx *tx, struct mail_id id, struct mail_queue_item *out)
{
    struct q_mail_get row;
    enum err err = q_mail_get(tx, id, &row);
    if (err != E_OK)
        return err;
    *out = (struct mail_queue_item){
        .id = id,
        .tenant = row.tenant,
        .to = row.recipient,
        .template_name = row.template,
        .lang = row.lang,
        .subject = row.subject,
        .text = row.body,
        .html = row.html,
        .state = row.state,
        .token = row.token,
        .created = row.created,
    };
    return E_OK;
}

enum err mail_queue_sent(struct tx *tx, struct mail_id id)
{
    uint64_t changed;
    return q_mail_mark_sent(tx, id, clock_now(), &changed);
}

enum err mail_queue_failed(struct tx *tx, struct mail_id id, struct str error, bool dead)
{
    uint64_t changed;
    size_t at = 0;
    for (size_t n = 0; n < ERROR_MAX && at < error.n; n++)
        (void)utf8_next(error, &at);
    return q_mail_mark_failed(tx, id, dead, str_sub(tx_arena(tx), error, 0, at), &changed);
}
