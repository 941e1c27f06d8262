/* signing_notice_work.c - who gets the mail about a signature, and the outbox. */
#include "features/signing/signing_inside_work.h"

#include "features/accounts/accounts.h"
#include "store/mail_queue.h"

enum err signing_notice_reader(struct tx *tx, struct signing_notice *n)
{
    struct accounts_info info;
    struct signing_inside *in;

    TRY(signing_inside_get(&in));
    TRY(accounts_get(tx, n->tenant, n->account, &info));
    n->to = info.email;
    n->lang = info.lang;
    n->portal = in->portal;
    return E_OK;
}

enum err signing_notice_queue(struct tx *tx, const struct signing_notice *n)
{
    struct mail_queue_entry mail = { .tenant = n->tenant,
                                     .to = n->to,
                                     .template_name = "signing/notice",
                                     .lang = str_eq_z(n->lang, "en") ? "en" : "ja",
                                     .subject = n->subject,
                                     .text = n->text };
    struct mail_id id;
    mail.html = mail_queue_html(tx_arena(tx), mail.lang, mail.text);
    return mail_queue(tx, &mail, &id);
}
