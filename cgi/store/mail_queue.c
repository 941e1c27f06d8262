/* mail_queue.c - see mail_queue.h. */
#include "store/mail_queue.h"

#include "base/random.h"
#include "store/gen/core.q.h"
#include "store/jobs.h"

enum { ERROR_MAX = 512 };

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
