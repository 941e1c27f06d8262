/*
 * registration_work.c - mails of the slice and what is erased in time; see registration_work.h. The
 * worker alone makes one-time links, so that no job and no front program holds one.
 */
#include "features/registration/registration_work.h"

#include "base/settings.h"
#include "features/registration/registration_collect.h"
#include "features/registration/registration_draft.h"
#include "features/registration/registration_inside.h"
#include "store/db.h"
#include "store/gen/registration.q.h"
#include "store/gen/registration_collect.q.h"
#include "store/gen/registration_draft.q.h"
#include "store/mail_queue.h"

#define FORGET_LINKS_US (90 * DAY_US)

static struct {
    registration_mail_fn words;
    struct str portal, provider;
} inside;

void registration_work_init(const struct settings *c, registration_mail_fn words)
{
    inside.words = words;
    inside.provider = settings_str(c, "provider.name");
    inside.portal = settings_str(c, "url.portal");
    while (inside.portal.n > 0 && inside.portal.p[inside.portal.n - 1] == '/')
        inside.portal.n--;
    registration_collect_init((uint32_t)settings_u64(c, "registration.collect_days"));
}

void registration_work_end(void)
{
    inside.words = NULL;
}

/* --- mails --- */

/* A mail that is out of date by now is not sent. */
static bool still_wanted(const struct registration *r, enum registration_mail mail)
{
    switch (mail) {
    case REGISTRATION_MAIL_RECEIVED:
        return r->state != REGISTRATION_WITHDRAWN && !str_eq_z(r->via, "bulk");
    case REGISTRATION_MAIL_RETURNED:
        return r->state == REGISTRATION_RETURNED;
    case REGISTRATION_MAIL_HELD:
        return r->state == REGISTRATION_HELD;
    case REGISTRATION_MAIL_COLLECT:
        return r->state == REGISTRATION_APPROVED && r->csr.n == 0;
    case REGISTRATION_MAIL_REJECTED:
    case REGISTRATION_MAIL_ISSUED:
    case REGISTRATION_MAIL_REFUSED:
    case REGISTRATION_MAIL__MAX:
        break;
    }
    return true;
}

static enum err link_of(struct tx *tx, const struct registration *r, enum registration_mail mail,
                        struct timestamp now, struct registration_mail_values *v)
{
    struct arena *a = tx_arena(tx);
    struct timestamp expires;
    struct str token;

    v->link = str_fmt(a, "%.*s/applications/%s", STR_ARG(inside.portal), r->receipt.p);
    v->until = STR("");
    if (mail != REGISTRATION_MAIL_COLLECT)
        return E_OK;
    TRY(registration_link_make(tx, r, now, &token, &expires));
    v->link = str_fmt(a, "%.*s/collect/%s", STR_ARG(inside.portal), token.p);
    v->until = timestamp_human(a, expires, str_eq_z(r->lang, "ja"));
    v->code = r->subscriber.v == 0;
    return E_OK;
}

static enum err write_mail(struct tx *tx, const struct registration *r, enum registration_mail mail,
                           struct timestamp now)
{
    const struct audit_by by = { .tenant = r->tenant, .name = STR("worker") };
    struct arena *a = tx_arena(tx);
    struct registration_mail_values v = { .number = r->receipt, .provider = inside.provider };
    struct mail_queue_entry entry = { .tenant = r->tenant,
                                      .to = r->contact,
                                      .lang = str_eq_z(r->lang, "en") ? "en" : "ja" };
    const char *name = registration_mail_name(mail);
    struct str subject;
    struct mail_id id;

    TRY(link_of(tx, r, mail, now, &v));
    inside.words(a, r->lang, name, &v, &subject, &entry.text);
    entry.template_name = str_fmt(a, "registration/%s", name).p;
    entry.subject = str_fmt(a, "[Shomei] %s %s", r->receipt.p, subject.p);
    entry.html = mail_queue_html(a, entry.lang, entry.text);
    TRY(mail_queue(tx, &entry, &id));
    return audit_note(tx, &by, "registration.mail.queue", "application", r->id.v, NULL);
}

static bool mail_from(struct str name, enum registration_mail *out)
{
    for (unsigned i = 0; i < REGISTRATION_MAIL__MAX; i++)
        if (str_eq_z(name, registration_mail_name((enum registration_mail)i))) {
            *out = (enum registration_mail)i;
            return true;
        }
    return false;
}

static enum err mail(struct work *w)
{
    struct q_application_tenant row;
    enum registration_mail kind;
    struct registration r;
    int64_t id;

    if (!json_get_i64(w->payload, "application", &id) || id <= 0 ||
        !mail_from(json_get_str(w->payload, "mail"), &kind))
        return FAIL(E_INPUT, "", "malformed registration.mail job");
    struct application_id application = { (uint64_t)id };
    TRY(q_application_tenant(w->tx, application, &row));
    TRY(registration_get(w->tx, row.tenant, application, &r));
    return still_wanted(&r, kind) ? write_mail(w->tx, &r, kind, clock_now()) : E_OK;
}

/* --- asking for certificates --- */

static enum err issue(struct work *w)
{
    struct q_application_tenant row;
    int64_t id;

    if (!json_get_i64(w->payload, "application", &id) || id <= 0)
        return FAIL(E_INPUT, "", "malformed registration.issue job");
    TRY(q_application_tenant(w->tx, (struct application_id){ (uint64_t)id }, &row));
    return registration_ask_authority(w->tx, row.tenant, (struct application_id){ (uint64_t)id });
}

const struct worker_job registration_work_jobs[] = {
    { .kind = REGISTRATION_JOB_MAIL, .run = mail },
    { .kind = REGISTRATION_JOB_ISSUE, .run = issue, .group = 50 },
    { .kind = NULL },
};

/* --- erasing --- */

static enum err erase(struct work *w)
{
    struct timestamp now = clock_now();
    uint64_t gone;

    TRY(q_collect_erase(w->tx, now, &gone));
    TRY(q_registration_key_purge(w->tx, &gone));
    TRY(q_collect_purge(w->tx, timestamp_add(now, -FORGET_LINKS_US), &gone));
    return q_draft_purge(w->tx, timestamp_add(now, -REGISTRATION_DRAFT_KEEP_US), &gone);
}

const struct worker_task registration_work_tasks[] = {
    { .name = "registration.erase", .every_us = MINUTE_US, .run = erase },
    { .name = NULL },
};
