/* test_mail_bounce.c - delivery status notifications as servers write them, and forged ones. */
#include "tap.h"

#include "net/mail_bounce.h"

static struct arena *a;

#define TOKEN "AbCdEfGhIjKlMnOpQrStUv"
#define HEAD                                                                                       \
    "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example (Mail Delivery System)\r\n"                 \
    "To: bounces+ZyXwVuTsRqPoNmLkJiHgFe@shomei.example\r\nSubject: Undelivered\r\n"                \
    "MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status;\r\n"        \
    "\tboundary=\"AB12.34/mx.example\"\r\n\r\nThis is a MIME-encapsulated message.\r\n\r\n"
#define PART "--AB12.34/mx.example\r\n"
#define STATUS                                                                                     \
    PART                                                                                           \
        "Content-Description: Delivery report\r\nContent-Type: message/delivery-status\r\n\r\n"    \
        "Reporting-MTA: dns; mx.example\r\nArrival-Date: Fri, 20 Nov 2026 05:05:09 +0000\r\n\r\n"  \
        "Final-Recipient: rfc822; Gone@Sakura.example\r\nOriginal-Recipient: rfc822;gone@sakura."  \
        "example\r\nAction: failed\r\nStatus: 5.1.1\r\nRemote-MTA: dns; mx.sakura.example\r\n"     \
        "Diagnostic-Code: smtp; 550 5.1.1 <gone@sakura.example>: no such\r\n    user here\r\n\r\n"
#define BACK                                                                                       \
    PART "Content-Type: text/rfc822-headers\r\n\r\nFrom: Shomei <noreply@shomei.example>\r\n"      \
         "Message-ID:\r\n <" TOKEN "@shomei.example>\r\nSubject: x\r\n\r\n"                        \
         "--AB12.34/mx.example--\r\n"
#define TEXT PART "Content-Type: text/plain; charset=us-ascii\r\n\r\nI'm sorry.\r\n\r\n"

static enum err parse(const char *text, struct mail_bounce *b)
{
    return mail_bounce_parse(a, bytes_of_str(str_z(text)), b);
}

static void test_postfix(void)
{
    struct mail_bounce b;

    is_err(parse(HEAD TEXT STATUS BACK, &b), E_OK, "a report as Postfix writes it");
    is_int((int64_t)b.tokens_n, 2, "two candidates");
    is_str(b.tokens[0], TOKEN, "the Message-ID of what came back first");
    is_str(b.tokens[1], "ZyXwVuTsRqPoNmLkJiHgFe", "then the address that it came to");
    is_int((int64_t)b.recipients_n, 1, "one recipient");
    is_str(b.recipients[0].final, "gone@sakura.example", "final");
    is_str(b.recipients[0].original, "gone@sakura.example", "original");
    is_str(b.recipients[0].action, "failed", "action");
    is_str(b.recipients[0].status, "5.1.1", "status");
}

static void test_others(void)
{
    struct mail_bounce b;

    is_err(parse("To: x@y.example\nContent-Type: Multipart/Report; boundary=b1; "
                 "REPORT-TYPE=Delivery-Status\n\n--b1\nContent-Type: message/delivery-status\n\n"
                 "Reporting-MTA: dns;x\nOriginal-Envelope-Id: " TOKEN "\n\n"
                 "Final-Recipient: RFC822; <a@b.example>\nAction: Delayed (will retry)\n"
                 "Status: 4.4.1 (no answer)\n\nFinal-Recipient: rfc822;c@d.example\n"
                 "Action: relayed\nStatus: 2.0.0\n--b1--\n",
                 &b),
           E_OK, "line feeds, other letters, an envelope id, two recipients");
    is_str(b.tokens[0], TOKEN, "the envelope id");
    is_int((int64_t)b.recipients_n, 2, "both");
    is_str(b.recipients[0].action, "delayed", "without comment");
    is_str(b.recipients[0].status, "4.4.1", "without comment");
    is_str(b.recipients[1].final, "c@d.example", "the other");
    is_err(parse(HEAD TEXT STATUS PART "Content-Type: message/rfc822\r\n\r\nMessage-ID: <" TOKEN
                                       "@shomei.example>\r\n"
                                       "\r\nMessage-ID: <forged-forged-forged-forged@x>\r\n",
                 &b),
           E_OK, "the whole message, and cut off");
    is_str(b.tokens[0], TOKEN, "only its headers count");
}

static void test_refused(void)
{
    static const char *const bad[] = {
        "",
        "Subject: hello\r\n\r\nI am on holiday.\r\n",
        "Content-Type: multipart/report\r\n\r\n",
        "Content-Type: multipart/report; report-type=disposition-notification; boundary=x\r\n\r\n"
        "--x\r\n",
        "Content-Type: multipart/report; report-type=delivery-status\r\n\r\n",
        "Content-Type: multipart/report; report-type=delivery-status; boundary=\"\"\r\n\r\n--\r\n",
        HEAD TEXT BACK, /* nobody's status */
        HEAD PART "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns;x\r\n\r\n"
                  "Final-Recipient: rfc822; a@b\r\nAction: failed\r\nStatus: broken\r\n\r\n" BACK,
    };
    struct mail_bounce b;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        is_err(parse(bad[i], &b), E_INPUT, "no report");
    is_err(mail_bounce_parse(a, (struct bytes){ (const uint8_t *)"", MAIL_BOUNCE_BYTES + 1 }, &b),
           E_LIMIT, "too large");
    is_err(parse("Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
                 "--b\r\nContent-Type: message/delivery-status\r\n\r\nX: y\r\n\r\n"
                 "Final-Recipient: rfc822; a@b\r\nAction: failed\r\nStatus: 5.0.0\r\n\r\n--b\r\n"
                 "Content-Type: message/rfc822\r\n\r\nMessage-ID: <short@x>\r\n\r\n",
                 &b),
           E_INPUT, "no token that could be ours");
}

int main(void)
{
    a = arena_new((size_t)64 << 20);
    test_postfix();
    test_others();
    test_refused();
    arena_free(a);
    return tap_done();
}
