/*
 * envelopes_mail_work.c - mails of the slice, written by the worker: it makes the links, so that no
 * job and no front program holds one. No names, no titles: organisation, number, date and one link.
 */
#include "features/envelopes/envelopes_inside_work.h"

#include "features/accounts/accounts.h"
#include "store/mail_queue.h"

static const struct {
    const char *name;
    enum envelopes_word subject, text;
} mails[] = {
    { "invite", ENVELOPES_SUBJECT_INVITE, ENVELOPES_TEXT_INVITE },
    { "remind", ENVELOPES_SUBJECT_REMIND, ENVELOPES_TEXT_REMIND },
    { "declined", ENVELOPES_SUBJECT_DECLINED, ENVELOPES_TEXT_DECLINED },
    { "voided", ENVELOPES_SUBJECT_VOIDED, ENVELOPES_TEXT_VOIDED },
    { "expired", ENVELOPES_SUBJECT_EXPIRED, ENVELOPES_TEXT_EXPIRED },
    { "completed", ENVELOPES_SUBJECT_COMPLETED, ENVELOPES_TEXT_COMPLETED },
};

static struct {
    struct str portal;
    envelopes_words_fn words;
    envelopes_event_fn events;
    struct str provider;
} inside;

void envelopes_work_init(const struct settings *c, envelopes_words_fn words,
                         envelopes_event_fn events)
{
    inside.words = words;
    inside.events = events;
    inside.provider = settings_str(c, "provider.name");
    inside.portal = settings_str(c, "url.portal");
    while (inside.portal.n > 0 && inside.portal.p[inside.portal.n - 1] == '/')
        inside.portal.n--;
}

struct str envelopes_work_word(struct arena *a, struct str lang, enum envelopes_word word,
                               const struct envelopes_values *v)
{
    struct envelopes_values values = v ? *v : (struct envelopes_values){ .number = STR_ABSENT };
    values.provider = inside.provider;
    return inside.words == NULL ? STR("") : inside.words(a, lang, word, &values);
}

struct str envelopes_work_event(struct str lang, struct str what)
{
    return inside.events == NULL ? what : inside.events(lang, what);
}

/* A mail that is out of date by now is not sent. */
static bool still_wanted(const struct envelopes_envelope *e, const struct envelopes_party *p,
                         struct str mail)
{
    if (str_eq_z(mail, "invite") || str_eq_z(mail, "remind"))
        return e->state == ENVELOPES_SENT && p != NULL && p->state == ENVELOPES_TURN;
    return timestamp_is_none(e->erased);
}

static enum err link_for(struct tx *tx, const struct envelopes_envelope *e,
                         const struct envelopes_party *p, struct timestamp now, struct str *link)
{
    struct timestamp until = e->erase_at;
    struct str token;

    if (p == NULL) {
        *link = str_fmt(tx_arena(tx), "%.*s/envelopes/%.*s", STR_ARG(inside.portal),
                        STR_ARG(e->public_id));
        return E_OK;
    }
    if (timestamp_is_none(until))
        until = timestamp_add(e->deadline, ENVELOPES_HOLD_US);
    TRY(envelopes_link_make(tx, p->id, now, until, &token));
    *link = str_fmt(tx_arena(tx), "%.*s/e/%.*s", STR_ARG(inside.portal), STR_ARG(token));
    return E_OK;
}

static enum err addressee(struct tx *tx, const struct envelopes_envelope *e,
                          const struct envelopes_party *p, struct mail_queue_entry *mail)
{
    struct accounts_info who;

    if (p != NULL) {
        mail->to = p->mail;
        mail->lang = str_eq_z(p->lang, "en") ? "en" : "ja";
        return E_OK;
    }
    TRY(accounts_get(tx, e->owner.tenant, e->owner.account, &who));
    mail->to = who.email;
    mail->lang = str_eq_z(who.lang, "en") ? "en" : "ja";
    return E_OK;
}

static enum err write_mail(struct tx *tx, const struct envelopes_envelope *e,
                           const struct envelopes_party *p, size_t kind, struct timestamp now)
{
    struct arena *a = tx_arena(tx);
    struct mail_queue_entry mail = { .tenant = e->owner.tenant };
    struct envelopes_values v = { .organisation = e->organisation,
                                  .number = envelopes_number(a, e->id) };
    struct audit_by by = { .tenant = e->owner.tenant, .name = STR("worker") };
    struct mail_id id;

    TRY(addressee(tx, e, p, &mail));
    TRY(link_for(tx, e, p, now, &v.link));
    struct str lang = str_z(mail.lang);
    struct timestamp until = timestamp_is_none(e->erase_at) ? e->deadline : e->erase_at;
    v.until = timestamp_human(a, until, str_eq_z(lang, "ja"));
    mail.template_name = str_fmt(a, "envelopes/%s", mails[kind].name).p;
    mail.subject = str_fmt(a, "[Shomei] %.*s %.*s", STR_ARG(v.number),
                           STR_ARG(envelopes_work_word(a, lang, mails[kind].subject, &v)));
    mail.text = envelopes_work_word(a, lang, mails[kind].text, &v);
    mail.html = mail_queue_html(a, mail.lang, mail.text);
    TRY(mail_queue(tx, &mail, &id));
    return envelopes_inside_audit(tx, e, &by, "envelopes.mail.queue");
}

enum err envelopes_work_mail(struct tx *tx, struct str mail, struct envelope_id id,
                             struct party_id party, struct timestamp now)
{
    struct envelopes_envelope e;
    struct envelopes_party p;
    size_t kind = 0;
    enum err err = envelopes_inside_get(tx, id, &e);

    while (kind < sizeof mails / sizeof *mails && !str_eq_z(mail, mails[kind].name))
        kind++;
    if (kind == sizeof mails / sizeof *mails)
        return FAIL(E_INPUT, "", "no such mail");
    if (err == E_OK && party.v != 0)
        err = envelopes_inside_party(tx, party, &p);
    if (err == E_ABSENT) {
        fault_clear(); /* forgotten meanwhile */
        return E_OK;
    }
    TRY(err);
    if (!still_wanted(&e, party.v ? &p : NULL, mail))
        return E_OK;
    return write_mail(tx, &e, party.v ? &p : NULL, kind, now);
}

static enum err mail(struct work *w)
{
    int64_t envelope = 0, party = 0;

    if (!json_get_i64(w->payload, "envelope", &envelope) || envelope <= 0 ||
        !json_get_i64(w->payload, "party", &party) || party < 0)
        return FAIL(E_INPUT, "", "malformed job");
    return envelopes_work_mail(w->tx, json_get_str(w->payload, "mail"),
                               (struct envelope_id){ (uint64_t)envelope },
                               (struct party_id){ (uint64_t)party }, clock_now());
}

const struct worker_job envelopes_work_jobs[] = {
    { .kind = ENVELOPES_JOB_MAIL, .run = mail },
    { .kind = NULL },
};
