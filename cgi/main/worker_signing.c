/*
 * worker_signing.c - mails of the signing slice: to a person whose key was locked by wrong PINs
 * (P3-141), and to one whose archived file is to be renewed.
 */
#include "main/worker_parts.h"

#include "features/accounts/accounts.h"
#include "features/signing/signing.h"
#include "features/signing/signing_renewal.h"
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
                     { "url", str_fmt(a, "%s%scredentials/%s", portal.p, slash, credential.p) });

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

/* --- archives to be renewed: the mail names no file, the list in the portal has the notes --- */

static void compose_renewal(struct arena *a, enum lang lang, const struct signing_renewal *r,
                            struct mail_queue_entry *mail)
{
    const char *slash = str_ends(portal, STR("/")) ? "" : "/";
    const struct message_arg *args =
        MESSAGE_ARGS({ "receipt", r->public_id },
                     { "archived", timestamp_human(a, r->archived, lang == LANG_JA) },
                     { "ends", timestamp_human(a, r->ends, lang == LANG_JA) },
                     { "url", str_fmt(a, "%s%srenewals/%s", portal.p, slash, r->public_id.p) });

    mail->subject =
        message_fmt(a, lang, MSG("[Shomei] {receipt} Renew the archive timestamp of a file"), args);
    mail->text = message_fmt(
        a, lang,
        MSG("The archive timestamp of a file that you keep ends soon. Upload the file, renew its "
            "timestamp, and keep the new file.\n\nArchived: {archived}\nRenew before: {ends}\n\n"
            "Which file it is, and how to switch these mails off:\n{url}\n"),
        args);
}

static enum err send_renewal(struct work *w, const struct signing_renewal_due *due)
{
    struct mail_queue_entry mail = { .template_name = "signing/renewal" };
    struct accounts_info who;
    struct mail_id id;

    TRY(accounts_get(w->tx, due->tenant, due->account, &who));
    if (who.state != ACCOUNTS_ACTIVE)
        return E_OK;
    bool english = str_eq_z(who.lang, "en");
    compose_renewal(w->arena, english ? LANG_EN : LANG_JA, &due->renewal, &mail);
    mail.lang = english ? "en" : "ja";
    mail.html = mail_queue_html(w->arena, mail.lang, mail.text);
    mail.tenant = due->tenant;
    mail.to = who.email;
    return mail_queue(w->tx, &mail, &id);
}

static enum err remind(struct work *w)
{
    struct signing_renewal_due *due;
    size_t n;

    TRY(signing_renewal_purge(w->tx, clock_now()));
    TRY(signing_renewal_take(w->tx, clock_now(), &due, &n));
    for (size_t i = 0; i < n; i++)
        TRY(send_renewal(w, &due[i]));
    return E_OK;
}

const struct worker_task worker_signing_tasks[] = {
    { "signing.renewals", HOUR_US, remind },
    { NULL, 0, NULL },
};
