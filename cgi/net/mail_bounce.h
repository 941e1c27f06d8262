/*
 * mail_bounce.h - a delivery status notification (RFC 3464, in multipart/report of RFC 6522) as
 * mail servers send it back: which mail of ours it speaks of, and what became of each recipient.
 * The message comes from anybody: nothing of it is believed but that it was said.
 */
#pragma once

#include "base/str.h"

#define MAIL_BOUNCE_BYTES (1u << 20)
#define MAIL_BOUNCE_RECIPIENTS 20
#define MAIL_BOUNCE_TOKENS 4

struct mail_bounce_recipient {
    struct str final, original; /* addresses, "" when not given */
    struct str action;          /* lower case: "failed", "delayed", "delivered" ... */
    struct str status;          /* "5.1.1" (RFC 3463), at most 11 characters */
};
struct mail_bounce {
    /* Out of the Message-ID of the returned message or headers, of the address that the report went
     * to (local+TOKEN@domain), and of Original-Envelope-Id: candidates, best first. */
    struct str tokens[MAIL_BOUNCE_TOKENS];
    size_t tokens_n;
    struct mail_bounce_recipient recipients[MAIL_BOUNCE_RECIPIENTS];
    size_t recipients_n;
};

/*
 * Read one. E_INPUT "bounce-none" when it is no such report, or says of nobody what became of them;
 * E_LIMIT when it is too large. Recipients beyond the limit are left out.
 */
enum err mail_bounce_parse(struct arena *a, struct bytes message,
                           struct mail_bounce *out) MUST_CHECK;
