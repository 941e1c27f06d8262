/*
 * accounts_mail_pages.c - the words of the slice's mails. One text and one HTML template say the
 * same (LOOK section 3); which sentences stand in them depends on the kind. No personal data.
 */
#include "features/accounts/accounts_pages.h"

#include "http/template_set.h"

struct mail_view {
    struct msg what, todo;
    struct str link, number;
    struct timestamp at;
    bool dated, until;
};
static const struct view_field mail_fields[] = {
    VIEW_MSG(struct mail_view, what),   VIEW_MSG(struct mail_view, todo),
    VIEW_URL(struct mail_view, link),   VIEW_TEXT(struct mail_view, number),
    VIEW_TIME(struct mail_view, at),    VIEW_FLAG(struct mail_view, dated),
    VIEW_FLAG(struct mail_view, until), VIEW_END,
};
const struct view accounts_mail_html_view = { "mail/accounts.html", NULL, mail_fields, VIEW_BARE };
const struct view accounts_mail_text_view = { "mail/accounts.txt", NULL, mail_fields, VIEW_BARE };

const struct view *const accounts_pages_mail_views[] = { &accounts_mail_html_view,
                                                         &accounts_mail_text_view, NULL };

static const struct {
    struct msg subject, what, todo;
    bool dated, until;
} words[ACCOUNTS_MAIL__MAX] = {
    [ACCOUNTS_MAIL_LOCKED] = { MSG_INIT("Your account was locked"),
                               MSG_INIT("Your account was locked because a wrong password or code "
                                        "was given several times in a row."),
                               MSG_INIT(
                                   "Please ask the administrator of your organisation to unlock "
                                   "it. If it was not you, please tell them so."),
                               true, false },
    [ACCOUNTS_MAIL_PASSWORD] = { MSG_INIT("Your password was changed"),
                                 MSG_INIT("The password of your account was changed. All other "
                                          "sessions have ended."),
                                 MSG_INIT(
                                     "If it was not you, please set a new password at once and "
                                     "tell the administrator of your organisation."),
                                 true, false },
    [ACCOUNTS_MAIL_RESET] = { MSG_INIT("Set a new password"),
                              MSG_INIT(
                                  "A new password was asked for on the sign-in page. With this "
                                  "link you can set it, once."),
                              MSG_INIT("If you did not ask for it, you need not do anything. Your "
                                       "password stays as it is."),
                              false, true },
    [ACCOUNTS_MAIL_INVITE] = { MSG_INIT("You are invited to the signature portal"),
                               MSG_INIT(
                                   "The administrator of your organisation has made an account "
                                   "for you. With this link you can choose your password, once."),
                               MSG_INIT(
                                   "If you did not expect this, please ask the administrator of "
                                   "your organisation."),
                               false, true },
    [ACCOUNTS_MAIL_SECOND] = { MSG_INIT(
                                   "Your second factor was changed or a recovery code was used"),
                               MSG_INIT("The second factor of your account was set up, changed or "
                                        "removed, or a recovery code was used or made."),
                               MSG_INIT("If it was not you, please tell the administrator of your "
                                        "organisation at once. The page Security shows what "
                                        "happened."),
                               true, false },
    [ACCOUNTS_MAIL_DORMANT] = { MSG_INIT("Your account will be suspended if it is not used"),
                                MSG_INIT("Your account was not used for a long time and will be "
                                         "suspended."),
                                MSG_INIT("If you still need it, please sign in before that time."),
                                false, true },
    [ACCOUNTS_MAIL_SUSPENDED] = { MSG_INIT("Your account was suspended"),
                                  MSG_INIT("Your account was suspended. It cannot be used until an "
                                           "administrator lifts the suspension."),
                                  MSG_INIT("If you have questions, please ask the administrator of "
                                           "your organisation."),
                                  true, false },
    [ACCOUNTS_MAIL_ADDRESS] = { MSG_INIT("The mail address of your account was changed"),
                                MSG_INIT("The mail address of your account was changed by an "
                                         "administrator. "
                                         "Mails come here no more."),
                                MSG_INIT(
                                    "If that is not right, please tell the administrator of your "
                                    "organisation at once."),
                                true, false },
    [ACCOUNTS_MAIL_REMOVED] = { MSG_INIT("Your account was removed"),
                                MSG_INIT("Your account was removed by an administrator. It cannot "
                                         "be used any more. Certificates that were issued to you "
                                         "are not revoked by that."),
                                MSG_INIT("If you have questions, please ask the administrator of "
                                         "your organisation."),
                                true, false },
};

static enum err render(const struct template_set *set, const struct view *view, enum lang lang,
                       const struct mail_view *v, struct arena *a, struct str *out)
{
    struct buf b = buf_init(64 * 1024);
    enum err err = template_set_render(set, view, lang, NULL, v, a, &b);
    if (err == E_OK)
        err = buf_to_str(&b, a, out);
    buf_free(&b);
    return err;
}

enum err accounts_pages_mail(void *arg, struct arena *a, const struct accounts_mail *m,
                             struct str *subject, struct str *text, struct str *html)
{
    enum lang lang = LANG_JA;
    struct mail_view v = { .what = words[m->kind].what,
                           .todo = words[m->kind].todo,
                           .link = m->link,
                           .at = m->at,
                           .dated = words[m->kind].dated,
                           .until = words[m->kind].until };

    (void)message_lang_from_code(m->lang, &lang);
    v.number = str_fmt(a, "A-%06llu", (unsigned long long)m->number);
    *subject = str_fmt(a, "[Shomei] %.*s %.*s", STR_ARG(v.number),
                       STR_ARG(message_text(lang, words[m->kind].subject)));
    TRY(render(arg, &accounts_mail_text_view, lang, &v, a, text));
    return render(arg, &accounts_mail_html_view, lang, &v, a, html);
}
