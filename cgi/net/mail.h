/*
 * mail.h - one mail, composed by RFC 5322 and MIME (RFC 2045, 2046, 2047), and its delivery by SMTP
 * or into a directory. Knows no database: the outbox is store/mail_queue.h.
 */
#pragma once

#include "base/buf.h"
#include "base/clock.h"
#include "base/secret.h"

/* What to send. All text is UTF-8; nothing in it can add a header or a recipient. */
struct mail_message {
    struct str from;    /* address, or "Name <address>" */
    struct str to;      /* one address */
    struct str subject; /* one line */
    struct str text;    /* plain text part */
    struct str html;    /* HTML part; absent: text only */
    struct str lang;    /* Content-Language; absent: none */
    struct str
        message_id;  /* left part of the Message-ID; stable over retries, so doubles are seen */
    uint64_t number; /* names the .eml file; stable as well */
    struct timestamp date; /* when it was written, not when it is sent */
};

/* How to deliver. */
struct mail_route {
    const char *smtp_url; /* smtp://host:25, smtps://host:465; NULL or "": into `dir` */
    const char *user;     /* NULL: no authentication */
    const struct secret *password;
    const char *ca_file;     /* trust anchors for TLS; NULL: the system's */
    bool tls_required;       /* STARTTLS or smtps, else no mail */
    const char *dir;         /* for .eml files */
    const char *return_path; /* "bounces@host": the envelope's sender is bounces+MESSAGE_ID@host, so
                                that what comes back names its mail; NULL: the From address */
    const char *hello;       /* name for EHLO; NULL: libcurl's choice */
};

/* A plausible single address: local@domain, no white space, no control, <= 254 (RFC 5321 4.5.3.1).
 */
bool mail_address_ok(struct str address);

/* The message as it goes over the wire (CRLF). E_INPUT when a header field would be malformed. */
enum err mail_compose(const struct mail_message *m, struct buf *out) MUST_CHECK;

/*
 * Deliver. E_INPUT: refused for good (5xx for the recipient or the content, malformed). E_BACKEND:
 * may work later (4xx, no connection, no TLS, log-in refused). The fault's detail holds the
 * server's code. Into a directory: NNNNNN.eml, complete or not at all, synced.
 */
enum err mail_deliver(const struct mail_route *r, const struct mail_message *m) MUST_CHECK;
