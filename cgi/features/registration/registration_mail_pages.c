/* registration_mail_pages.c - the words of mails about applications: a link, a number, no personal
 * data (P1-51). */
#include "features/registration/registration_pages.h"

#include "http/message.h"

static const struct {
    const char *name;
    struct msg subject, text;
} mails[] = {
    { "received", MSG_INIT("Your application has arrived"),
      MSG_INIT("We have received your application for a certificate.\n\nReceipt number: "
               "{number}\n\n{link}\n\nBehind the link (after signing in) you see how far it is. It "
               "is reviewed now; you get a mail with the result.\n\nYou did not apply? Please tell "
               "the administrator of your organisation.\n\nThis mail was sent by {provider}.\n") },
    { "returned", MSG_INIT("Please correct your application"),
      MSG_INIT("The reviewer asks you to correct your application for a certificate.\n\nReceipt "
               "number: {number}\n\n{link}\n\nBehind the link (after signing in) you read what to "
               "correct, and send it again under the same number.\n\nThis mail was sent by "
               "{provider}.\n") },
    { "held", MSG_INIT("The review of your application is on hold"),
      MSG_INIT("The review of your application for a certificate waits for something.\n\nReceipt "
               "number: {number}\n\n{link}\n\nBehind the link (after signing in) you read what it "
               "is. You need to do nothing unless it says so.\n\nThis mail was sent by "
               "{provider}.\n") },
    { "rejected", MSG_INIT("Your application was rejected"),
      MSG_INIT("Your application for a certificate was rejected.\n\nReceipt number: "
               "{number}\n\n{link}\n\nBehind the link (after signing in) you read the reason. You "
               "may apply anew.\n\nThis mail was sent by {provider}.\n") },
    { "collect", MSG_INIT("Your certificate can be collected"),
      MSG_INIT(
          "Your application for a certificate was approved. Collect key and certificate behind "
          "this link.\n\nReceipt number: {number}\nGood until: {until}\n\n{link}\n\nThe link "
          "works once. You sign in with your account. Do not pass it on.\n\nThis mail was sent "
          "by {provider}.\n") },
    { "collect-code", MSG_INIT("Your certificate can be collected"),
      MSG_INIT(
          "An application for a certificate was approved. Collect key and certificate behind "
          "this link.\n\nReceipt number: {number}\nGood until: {until}\n\n{link}\n\nThe link "
          "works once and asks for a code of eight digits: whoever applied sees it on the page "
          "of the application and tells it to you. Do not pass the link on.\n\nThis mail was "
          "sent by {provider}.\n") },
    { "issued", MSG_INIT("Your certificate is issued"),
      MSG_INIT("The certificate that you applied for is issued.\n\nReceipt number: "
               "{number}\n\n{link}\n\nBehind the link (after signing in) you find the certificate "
               "and how to install it.\n\nThis mail was sent by {provider}.\n") },
    { "refused", MSG_INIT("Your certificate could not be issued"),
      MSG_INIT("Your application was approved, but the certification authority could not issue the "
               "certificate.\n\nReceipt number: {number}\n\n{link}\n\nBehind the link (after "
               "signing in) you read the reason. Please apply anew, or ask your "
               "administrator.\n\nThis mail was sent by {provider}.\n") },
};

void registration_mail_pages(struct arena *a, struct str lang, const char *name,
                             const struct registration_mail_values *v, struct str *subject,
                             struct str *text)
{
    enum lang l = str_eq_z(lang, "en") ? LANG_EN : LANG_JA;
    const char *wanted = v->code && strcmp(name, "collect") == 0 ? "collect-code" : name;
    size_t i = 0;

    while (i + 1 < sizeof mails / sizeof *mails && strcmp(mails[i].name, wanted) != 0)
        i++;
    *subject = message_text(l, mails[i].subject);
    *text = message_fmt(a, l, mails[i].text,
                        MESSAGE_ARGS({ "number", v->number }, { "link", v->link },
                                     { "until", v->until }, { "provider", v->provider }));
}
