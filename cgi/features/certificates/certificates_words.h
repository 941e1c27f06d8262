/*
 * certificates_words.h - the words of mails. The catalogue belongs to http/, so the programs hand
 * over a function that knows it (certificates_words_pages.h).
 */
#pragma once

#include "base/clock.h"

enum certificates_mail {
    CERTIFICATES_MAIL_REVOKED,     /* to the subscriber: {number} {link} */
    CERTIFICATES_MAIL_SUSPENDED,   /* {number} {link} */
    CERTIFICATES_MAIL_RELEASED,    /* {number} {link} */
    CERTIFICATES_MAIL_NOTICE,      /* ends in {days}: {number} {until} {link} */
    CERTIFICATES_MAIL_DIGEST,      /* to administrators: {number} {count} {link} */
    CERTIFICATES_MAIL_REVOKE_LINK, /* {link} {until} */
    CERTIFICATES_MAIL_DOWNLOAD,    /* {number} {link} {until} */
    CERTIFICATES_MAIL__MAX
};

/* What {name}s in the texts stand for; absent ones stay out. */
struct certificates_values {
    struct str number, link, days, count;
    struct timestamp until; /* shown as a time in the mail's language */
};

/* Subject and text of a mail in "ja" or "en". */
typedef void (*certificates_words_fn)(struct arena *a, struct str lang,
                                      enum certificates_mail which,
                                      const struct certificates_values *v, struct str *subject,
                                      struct str *text);
