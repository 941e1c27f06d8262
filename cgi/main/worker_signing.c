/* worker_signing.c - the mail to a person whose key was locked by wrong PINs (P3-141). */
#include "main/worker_parts.h"

#include "features/accounts/accounts.h"
#include "features/signing/signing.h"
#include "features/signing/signing_work.h"
#include "http/message.h"
#include "store/mail_queue.h"

static struct str portal; /* "https://host:port/" */

enum err worker_signing_init(const struct settings *c)
{
    portal = settings_str(c, "url.portal");
    return E_OK;
}

void worker_signing_end(void)
{
    portal = STR_ABSENT;
}

static void compose(struct arena *a, enum lang lang, struct str credential,
                    struct mail_queue_entry *mail)
{
    const char *slash = str_ends(portal, STR("/")) ? "" : "/";
    const struct message_arg *args =
        MESSAGE_ARGS({ "receipt", credential },
                     { "url", str_fmt(a, "%s%scertificates/%s", portal.p, slash, credential.p) });

    mail->subject =
        message_fmt(a, lang, MSG("[Shomei] {receipt} Your signing key is locked"), args);
    mail->text = message_fmt(
        a, lang,
        MSG("Five wrong PINs in a row were entered for your signing key. It is locked and cannot "
            "sign any more.\n\nCertificate: {receipt}\n{url}\n\nAsk your administrator for a new "
            "certificate with a new PIN. If it was not you who entered the PINs, say so.\n"),
        args);
}

static enum err locked(struct work *w)
{
    struct str credential = json_get_str(w->payload, "credential");
    struct mail_queue_entry mail = { .template_name = "signing/locked" };
    struct signing_owner holder;
    struct accounts_info who;
    struct mail_id id;

    TRY(signing_credential_holder(w->tx, credential, &holder));
    TRY(accounts_get(w->tx, holder.tenant, holder.account, &who));
    bool english = str_eq_z(who.lang, "en");
    compose(w->arena, english ? LANG_EN : LANG_JA, str_dup(w->arena, credential), &mail);
    mail.lang = english ? "en" : "ja";
    mail.html = mail_queue_html(w->arena, mail.lang, mail.text);
    mail.tenant = holder.tenant;
    mail.to = who.email;
    return mail_queue(w->tx, &mail, &id);
}

const struct worker_job worker_signing_jobs[] = {
    { .kind = SIGNING_JOB_LOCKED, .run = locked },
    { .kind = NULL },
};
