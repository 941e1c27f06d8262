/* bulk_mail_work.c - the mail at the end of a run: numbers and a link, nobody's name. */
#include "features/bulk/bulk_inside_work.h"

#include "store/db.h"
#include "store/gen/bulk.q.h"
#include "store/mail_queue.h"

static struct {
    bulk_words_fn words;
    struct str portal, provider;
} inside;

void bulk_work_words(bulk_words_fn words, struct str portal, struct str provider)
{
    inside.words = words;
    inside.provider = provider;
    inside.portal = portal;
    while (inside.portal.n > 0 && inside.portal.p[inside.portal.n - 1] == '/')
        inside.portal.n--;
}

static struct str number(struct arena *a, uint64_t n)
{
    return str_fmt(a, "%llu", (unsigned long long)n);
}

enum err bulk_work_tell(struct tx *tx, const struct bulk_inside *run, struct timestamp now)
{
    const struct audit_by by = { .tenant = run->who.tenant, .name = STR("worker") };
    const struct bulk_run asked = { .id = run->id, .tenant = run->who.tenant };
    struct arena *a = tx_arena(tx);
    struct mail_queue_entry mail = { .tenant = run->who.tenant,
                                     .to = run->email,
                                     .template_name = "bulk/done",
                                     .lang = str_eq_z(run->lang, "en") ? "en" : "ja" };
    struct bulk_counts c;
    struct mail_id id;

    if (inside.words == NULL || !timestamp_is_none(run->told))
        return E_OK;
    TRY(bulk_count(tx, &asked, &c));
    const struct bulk_values v = {
        .provider = inside.provider,
        .done = number(a, c.rows[BULK_ROW_DONE] + c.rows[BULK_ROW_SAME]),
        .failed = number(a, c.rows[BULK_ROW_FAILED] + c.rows[BULK_ROW_BAD]),
        .waiting = number(a, c.rows[BULK_ROW_REVIEW]),
        .link = str_fmt(a, "%.*s/bulk/%.*s", STR_ARG(inside.portal), STR_ARG(run->public_id)),
    };
    struct str lang = str_z(mail.lang);
    mail.subject = str_fmt(a, "[Shomei] B-%06llu %s", (unsigned long long)run->id.v,
                           inside.words(a, lang, BULK_WORD_SUBJECT, &v).p);
    mail.text = inside.words(a, lang, BULK_WORD_TEXT, &v);
    mail.html = mail_queue_html(a, mail.lang, mail.text);
    TRY(mail_queue(tx, &mail, &id));
    TRY(q_bulk_run_told(tx, run->id, now));
    return audit_note(tx, &by, "bulk.run.done", "bulk", run->id.v, NULL);
}
