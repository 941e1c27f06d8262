/* registration_mail.h - what mails about applications say: between worker and words. */
#pragma once

#include "base/str.h"

/* What a mail about an application may say: never a name, an address or what is to be certified
 * (P1-51). */
struct registration_mail_values {
    struct str number;   /* receipt number */
    struct str link;     /* where to look, or the one-time link */
    struct str until;    /* how long the link is good; "" for other mails */
    struct str provider; /* who sends it */
    bool code;           /* the link asks for a code, which the applicant has */
};
/* Subject (without the receipt number) and text of the mail `name` in that language; from
 * registration_mail_pages.c, which has the catalogue. */
typedef void (*registration_mail_fn)(struct arena *a, struct str lang, const char *name,
                                     const struct registration_mail_values *v, struct str *subject,
                                     struct str *text);
