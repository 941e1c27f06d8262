/*
 * envelopes_words.h - the words of mails and of the report. The catalogue belongs to http/, so the
 * programs hand over a function that knows it (envelopes_words_pages.h); the work files ask it.
 */
#pragma once

#include "base/str.h"

enum envelopes_word {
    /* subjects of mails */
    ENVELOPES_SUBJECT_INVITE,
    ENVELOPES_SUBJECT_REMIND,
    ENVELOPES_SUBJECT_DECLINED,
    ENVELOPES_SUBJECT_VOIDED,
    ENVELOPES_SUBJECT_EXPIRED,
    ENVELOPES_SUBJECT_COMPLETED,
    /* their texts: {organisation} {until} {link} {number} */
    ENVELOPES_TEXT_INVITE,
    ENVELOPES_TEXT_REMIND,
    ENVELOPES_TEXT_DECLINED,
    ENVELOPES_TEXT_VOIDED,
    ENVELOPES_TEXT_EXPIRED,
    ENVELOPES_TEXT_COMPLETED,
    /* the report */
    ENVELOPES_REPORT_TITLE,
    ENVELOPES_REPORT_WHAT, /* {provider} */
    ENVELOPES_REPORT_ENVELOPE,
    ENVELOPES_REPORT_NUMBER,
    ENVELOPES_REPORT_SENDER,
    ENVELOPES_REPORT_SENT,
    ENVELOPES_REPORT_COMPLETED,
    ENVELOPES_REPORT_ORDER,
    ENVELOPES_REPORT_IN_ORDER,
    ENVELOPES_REPORT_ANY_ORDER,
    ENVELOPES_REPORT_DOCUMENTS,
    ENVELOPES_REPORT_DOCUMENT, /* {number} */
    ENVELOPES_REPORT_NAME,
    ENVELOPES_REPORT_DIGEST_SENT,
    ENVELOPES_REPORT_DIGEST_DONE,
    ENVELOPES_REPORT_PEOPLE,
    ENVELOPES_REPORT_MAIL,
    ENVELOPES_REPORT_HOW,
    ENVELOPES_REPORT_OWN,
    ENVELOPES_REPORT_WITNESS,
    ENVELOPES_REPORT_INVITED,
    ENVELOPES_REPORT_OPENED,
    ENVELOPES_REPORT_SIGNED,
    ENVELOPES_REPORT_ADDRESS,
    ENVELOPES_REPORT_SIGNATURE, /* {number} */
    ENVELOPES_REPORT_RECORD,
    ENVELOPES_REPORT_BEFORE,
    ENVELOPES_REPORT_AFTER,
    ENVELOPES_REPORT_CERTIFICATE,
    ENVELOPES_REPORT_STAMP,
    ENVELOPES_REPORT_STAMP_SERIAL,
    ENVELOPES_REPORT_COPIES,
    ENVELOPES_REPORT_EVENTS,
    ENVELOPES_REPORT_TIME,
    ENVELOPES_REPORT_EVENT,
    ENVELOPES_REPORT_WHO,
    ENVELOPES_REPORT_KEPT,
    ENVELOPES_REPORT_REASON, /* of the report's own signature */
    ENVELOPES_WORD__MAX
};

/* What {name}s in the texts stand for; absent ones stay out. */
struct envelopes_values {
    struct str organisation, until, link, number, provider;
};

typedef struct str (*envelopes_words_fn)(struct arena *a, struct str lang, enum envelopes_word word,
                                         const struct envelopes_values *v);
/* The words of an event ("sent", "signed" ...). */
typedef struct str (*envelopes_event_fn)(struct str lang, struct str what);
