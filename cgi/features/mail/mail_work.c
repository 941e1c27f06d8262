/* mail_work.c - see mail_work.h. */
#include "features/mail/mail_work.h"

#include "base/log.h"
#include "features/mail/mail.h"
#include "net/mail.h"
#include "store/mail_queue.h"

static struct {
    struct arena *arena;
    struct str from;
    struct secret *password;
    struct mail_route route;
    uint32_t body_days, keep_days;
} mail;

enum err mail_work_init(const struct settings *c)
{
    mail_work_end();
    mail.arena = arena_new(64u * 1024);
    mail.from = str_dup(mail.arena, settings_str(c, "mail.from"));
    if (!str_empty(settings_str(c, "mail.smtp_password_file")))
        TRY(settings_secret(c, "mail.smtp_password_file", &mail.password));
    struct str ca = settings_str(c, "mail.ca_file");
    struct str back = settings_str(c, "mail.return_path");
    if (!str_empty(back) && !mail_address_ok(back))
        return FAIL(E_INPUT, "", "mail.return_path is no address");
    mail.body_days = (uint32_t)settings_u64(c, "mail.failed_body_days");
    mail.keep_days = (uint32_t)settings_u64(c, "mail.keep_days");
    mail.route = (struct mail_route){
        .smtp_url = str_dup(mail.arena, settings_str(c, "mail.smtp_url")).p,
        .user = str_dup(mail.arena, settings_str(c, "mail.smtp_user")).p,
        .password = mail.password,
        .ca_file = str_empty(ca) ? NULL : str_dup(mail.arena, ca).p,
        .return_path = str_empty(back) ? NULL : str_dup(mail.arena, back).p,
        .tls_required = settings_bool(c, "mail.tls_required"),
        .dir = str_dup(mail.arena, settings_str(c, "mail.dir")).p,
    };
    return E_OK;
}

void mail_work_end(void)
{
    secret_free(mail.password);
    arena_free(mail.arena);
    mail.password = NULL;
    mail.arena = NULL;
}

static enum err mail_of(const struct work *w, struct mail_id *id)
{
    int64_t v = 0;
    if (!json_get_i64(w->payload, "mail", &v) || v <= 0)
        return FAIL(E_INPUT, "", "mail.deliver without its mail");
    id->v = (uint64_t)v;
    return E_OK;
}

static enum err deliver(struct work *w)
{
    struct mail_id id = { 0 };
    struct mail_queue_item item;
    struct str status;
    TRY(mail_of(w, &id));
    TRY(mail_queue_get(w->tx, id, &item));
    if (str_eq_z(item.state, "sent") || str_eq_z(item.state, "bounced") || str_absent(item.text))
        return E_OK; /* an earlier attempt got that far, or its body was erased meanwhile */
    TRY(mail_admin_stopped(w->tx, item.tenant, item.to, &status));
    if (!str_empty(status))
        return FAIL(E_INPUT, "mail-undeliverable", "%s", status.p);
    const struct mail_message m = {
        .from = mail.from,
        .to = item.to,
        .subject = item.subject,
        .text = item.text,
        .html = item.html,
        .lang = item.lang,
        .message_id = item.token,
        .number = id.v,
        .date = item.created,
    };
    TRY(mail_deliver(&mail.route, &m));
    return mail_queue_sent(w->tx, id);
}

static enum err failed(struct work *w, bool dead)
{
    struct mail_id id = { 0 };
    TRY(mail_of(w, &id));
    return mail_queue_failed(w->tx, id,
                             str_fmt(w->arena, "%s %s", w->fault->reason, w->fault->detail), dead);
}

/* 12 attempts with the queue's back-off: about seven hours. */
const struct worker_job mail_work_jobs[] = {
    { .kind = "mail.deliver",
      .run = deliver,
      .attempts = 12,
      .lease_us = 2 * MINUTE_US,
      .failed = failed },
    { 0 },
};

static enum err purge(struct work *w)
{
    uint64_t gone;

    TRY(mail_admin_purge(w->tx, mail.body_days, mail.keep_days, clock_now(), &gone));
    if (gone)
        log_info("outbox: %llu old mails forgotten", (unsigned long long)gone);
    return E_OK;
}

const struct worker_task mail_work_tasks[] = {
    { "mail.purge", 10 * MINUTE_US, purge },
    { 0 },
};
