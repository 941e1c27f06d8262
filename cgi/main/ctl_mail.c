/* ctl_mail.c - `shomeictl mail bounce`: takes in what a mail server hands back, on standard input.
 */
#include "main/ctl.h"

#include "features/mail/mail.h"
#include "net/mail_bounce.h"
#include "store/db.h"

struct order {
    const struct mail_bounce *bounce;
    enum mail_verdict best;
};

/* Each recipient with each candidate token: of one mail there is one recipient, so few of both. */
static enum err work(struct tx *tx, void *arg)
{
    const struct audit_by by = { .name = STR("shomeictl") };
    struct order *o = arg;

    o->best = MAIL_UNKNOWN;
    for (size_t t = 0; t < o->bounce->tokens_n && o->best == MAIL_UNKNOWN; t++)
        for (size_t i = 0; i < o->bounce->recipients_n; i++) {
            const struct mail_bounce_recipient *r = &o->bounce->recipients[i];
            const struct mail_report report = { o->bounce->tokens[t], r->final, r->original,
                                                r->action, r->status };
            enum mail_verdict v;
            TRY(mail_admin_report(tx, &by, &report, clock_now(), &v));
            o->best = v > o->best ? v : o->best;
        }
    return E_OK;
}

static enum err read_input(struct ctl *c, struct bytes *out)
{
    uint8_t *p = arena_alloc(c->arena, MAIL_BOUNCE_BYTES + 1);
    size_t n = fread(p, 1, MAIL_BOUNCE_BYTES + 1, stdin);

    if (ferror(stdin))
        return FAIL(E_BACKEND, "", "standard input cannot be read");
    *out = (struct bytes){ p, n };
    return E_OK;
}

enum err ctl_mail(struct ctl *c)
{
    static const char *const words[] = {
        [MAIL_UNKNOWN] = "no mail of ours\n",
        [MAIL_NOTED] = "nothing to be done\n",
        [MAIL_CAME_BACK] = "the mail came back\n",
        [MAIL_STOPPED] = "the mail came back; nothing more is sent to the address\n",
    };
    struct mail_bounce bounce;
    struct order o = { .bounce = &bounce };
    struct secret *master = NULL;
    struct db *db = NULL;
    struct bytes message = BYTES_ABSENT;

    if (c->argc < 1 || strcmp(c->argv[0], "bounce") != 0)
        return FAIL(E_INPUT, "", "say bounce, with the message on standard input");
    TRY(read_input(c, &message));
    TRY(mail_bounce_parse(c->arena, message, &bounce));
    TRY(settings_secret(c->settings, "http.secret_file", &master));
    audit_init(master);
    secret_free(master);
    TRY(db_open_settings(c->settings, DB_CTL, &db));
    enum err err = tx_run(db, c->arena, work, &o);
    db_close(db);
    if (err == E_OK)
        (void)fputs(words[o.best], stdout);
    return err;
}
