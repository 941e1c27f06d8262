/*
 * mail_queue.h - the mail outbox. A mail is a row, written in the transaction that causes it; the
 * worker delivers it (features/mail). Nothing here talks to a mail server.
 */
#pragma once

#include "base/clock.h"
#include "base/ids.h"
#include "store/db.h"

/* A rendered mail. Bodies hold no secrets but one-time links. */
struct mail_queue_entry {
    struct tenant_id tenant;   /* v = 0: of the provider itself */
    struct str to;             /* one address */
    const char *template_name; /* which template made it: "accounts/reset" */
    const char *lang;          /* "ja" or "en" */
    struct str subject;        /* one line */
    struct str text;           /* the plain text part */
    struct str html;           /* the HTML part; absent: text only */
};

/* Put it into the outbox and order its delivery. E_INPUT when an address or the subject is
 * malformed. */
enum err mail_queue(struct tx *tx, const struct mail_queue_entry *m, struct mail_id *id) MUST_CHECK;

/* The HTML part that says the same as `text`: paragraphs at empty lines, a line that is an address
 * of the web becomes a link, everything is escaped. `lang` is "ja" or "en". */
struct str mail_queue_html(struct arena *a, const char *lang, struct str text);

/* A mail as the delivery job sees it. */
struct mail_queue_item {
    struct mail_id id;
    struct tenant_id tenant;
    struct str to, template_name, lang, subject, text, html;
    struct str state; /* queued, sent, failed */
    struct str token; /* random, part of the Message-ID: the same at every attempt */
    struct timestamp created;
};
enum err mail_queue_get(struct tx *tx, struct mail_id id, struct mail_queue_item *out) MUST_CHECK;
/* Sent: the bodies are erased, the fact stays. */
enum err mail_queue_sent(struct tx *tx, struct mail_id id) MUST_CHECK;
/* An attempt failed; `dead`: for good, state "failed". */
enum err mail_queue_failed(struct tx *tx, struct mail_id id, struct str error,
                           bool dead) MUST_CHECK;
