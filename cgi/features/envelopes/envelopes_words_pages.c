/* envelopes_words_pages.c - words of mails and of the report; see envelopes_words.h. */
#include "features/envelopes/envelopes_words_pages.h"

static const struct msg words[] = {
    [ENVELOPES_SUBJECT_INVITE] = MSG_INIT("Documents wait for your signature"),
    [ENVELOPES_SUBJECT_REMIND] = MSG_INIT("Reminder: documents wait for your signature"),
    [ENVELOPES_SUBJECT_DECLINED] = MSG_INIT("A signer has declined"),
    [ENVELOPES_SUBJECT_VOIDED] = MSG_INIT("Signing was cancelled"),
    [ENVELOPES_SUBJECT_EXPIRED] = MSG_INIT("The time for signing is over"),
    [ENVELOPES_SUBJECT_COMPLETED] = MSG_INIT("All have signed: your documents are ready"),
    [ENVELOPES_TEXT_INVITE] = MSG_INIT(
        "{organisation} asks you to read documents and to sign them.\n\nReceipt number: "
        "{number}\nAnswer by: {until}\n\n{link}\n\nBehind the link you read the documents and then "
        "sign or decline. A code is sent to this address to make sure that it is you, or you sign "
        "in with your account.\n\nThe link is for you alone: do not pass it on.\n\nThis mail was "
        "sent by {provider} on behalf of {organisation}. Questions about the documents are "
        "answered by {organisation}.\n"),
    [ENVELOPES_TEXT_REMIND] = MSG_INIT(
        "{organisation} still waits for your answer to documents that are to be signed.\n\nReceipt "
        "number: {number}\nAnswer by: {until}\n\n{link}\n\nThe link is for you alone: do not pass "
        "it on. Links of earlier mails still work.\n\nThis mail was sent by {provider} on behalf "
        "of {organisation}. Questions about the documents are answered by {organisation}.\n"),
    [ENVELOPES_TEXT_DECLINED] = MSG_INIT(
        "One of the signers has declined to sign the documents of {organisation}. Nobody needs to "
        "do anything any more.\n\nReceipt number: {number}\n\n{link}\n\nThe documents can be "
        "looked at until {until} and are deleted then.\n\nThis mail was sent by {provider} on "
        "behalf of {organisation}. Questions about the documents are answered by "
        "{organisation}.\n"),
    [ENVELOPES_TEXT_VOIDED] = MSG_INIT(
        "{organisation} has cancelled the signing of documents. Nobody needs to do anything any "
        "more.\n\nReceipt number: {number}\n\n{link}\n\nThe documents can be looked at until "
        "{until} and are deleted then.\n\nThis mail was sent by {provider} on behalf of "
        "{organisation}. Questions about the documents are answered by {organisation}.\n"),
    [ENVELOPES_TEXT_EXPIRED] = MSG_INIT(
        "The time for signing documents of {organisation} is over, and not everybody has "
        "signed.\n\nReceipt number: {number}\n\n{link}\n\nThe documents can be looked at until "
        "{until} and are deleted then.\n\nThis mail was sent by {provider} on behalf of "
        "{organisation}. Questions about the documents are answered by {organisation}.\n"),
    [ENVELOPES_TEXT_COMPLETED] = MSG_INIT(
        "Everybody has signed the documents of {organisation}. Download the signed documents and "
        "the report now.\n\nReceipt number: {number}\nDownload until: {until}\n\n{link}\n\nThey "
        "are deleted here after that time. Keep your own copies.\n\nThe link is for you alone: do "
        "not pass it on.\n\nThis mail was sent by {provider} on behalf of {organisation}. "
        "Questions about the documents are answered by {organisation}.\n"),
    [ENVELOPES_REPORT_TITLE] = MSG_INIT("Evidence of a contract signed by several people"),
    [ENVELOPES_REPORT_WHAT] = MSG_INIT(
        "{provider} confirms with its electronic signature on this report what its service "
        "recorded while the documents named here were signed. A digest (SHA-256) tells whether a "
        "file is the one that is meant."),
    [ENVELOPES_REPORT_ENVELOPE] = MSG_INIT("Envelope"),
    [ENVELOPES_REPORT_NUMBER] = MSG_INIT("Receipt number"),
    [ENVELOPES_REPORT_SENDER] = MSG_INIT("Sender"),
    [ENVELOPES_REPORT_SENT] = MSG_INIT("Sent on"),
    [ENVELOPES_REPORT_COMPLETED] = MSG_INIT("Completed"),
    [ENVELOPES_REPORT_ORDER] = MSG_INIT("Order of signing"),
    [ENVELOPES_REPORT_IN_ORDER] = MSG_INIT("One after the other"),
    [ENVELOPES_REPORT_ANY_ORDER] = MSG_INIT("In any order"),
    [ENVELOPES_REPORT_DOCUMENTS] = MSG_INIT("Documents"),
    [ENVELOPES_REPORT_DOCUMENT] = MSG_INIT("Document {number}"),
    [ENVELOPES_REPORT_NAME] = MSG_INIT("File name"),
    [ENVELOPES_REPORT_DIGEST_SENT] = MSG_INIT("SHA-256 as sent"),
    [ENVELOPES_REPORT_DIGEST_DONE] = MSG_INIT("SHA-256 as completed"),
    [ENVELOPES_REPORT_PEOPLE] = MSG_INIT("Signers"),
    [ENVELOPES_REPORT_MAIL] = MSG_INIT("Mail address"),
    [ENVELOPES_REPORT_HOW] = MSG_INIT("How the person was identified"),
    [ENVELOPES_REPORT_OWN] = MSG_INIT(
        "Account with password and one-time code; signed with an own certificate whose key works "
        "with the person's PIN only"),
    [ENVELOPES_REPORT_WITNESS] = MSG_INIT(
        "Personal link and one-time code sent to the mail address; signed on the person's word "
        "with the certificate of the provider as witness"),
    [ENVELOPES_REPORT_INVITED] = MSG_INIT("Asked on"),
    [ENVELOPES_REPORT_OPENED] = MSG_INIT("Documents opened"),
    [ENVELOPES_REPORT_SIGNED] = MSG_INIT("Signed on"),
    [ENVELOPES_REPORT_ADDRESS] = MSG_INIT("Network address"),
    [ENVELOPES_REPORT_SIGNATURE] = MSG_INIT("Signature on document {number}"),
    [ENVELOPES_REPORT_RECORD] = MSG_INIT("Record"),
    [ENVELOPES_REPORT_BEFORE] = MSG_INIT("SHA-256 before"),
    [ENVELOPES_REPORT_AFTER] = MSG_INIT("SHA-256 after"),
    [ENVELOPES_REPORT_CERTIFICATE] = MSG_INIT("Serial number of the certificate"),
    [ENVELOPES_REPORT_STAMP] = MSG_INIT("Timestamp"),
    [ENVELOPES_REPORT_STAMP_SERIAL] = MSG_INIT("Serial number of the timestamp"),
    [ENVELOPES_REPORT_COPIES] = MSG_INIT("Copies went to"),
    [ENVELOPES_REPORT_EVENTS] = MSG_INIT("Course of events"),
    [ENVELOPES_REPORT_TIME] = MSG_INIT("Time (UTC)"),
    [ENVELOPES_REPORT_EVENT] = MSG_INIT("Event"),
    [ENVELOPES_REPORT_WHO] = MSG_INIT("Who"),
    [ENVELOPES_REPORT_KEPT] = MSG_INIT(
        "The service deletes documents and report eight hours after completion. Its own record of "
        "who signed, when, and of the digests is kept for seven years."),
    [ENVELOPES_REPORT_REASON] = MSG_INIT("Evidence report of the signing service"),
};
_Static_assert(sizeof words / sizeof *words == ENVELOPES_WORD__MAX, "a text for each");

static const struct {
    const char *what;
    struct msg text;
} events[] = {
    { "created", MSG_INIT("Draft begun") },
    { "sent", MSG_INIT("Envelope sent") },
    { "invited", MSG_INIT("Invitation mailed") },
    { "opened", MSG_INIT("Documents opened") },
    { "code", MSG_INIT("Code mailed") },
    { "code-wrong", MSG_INIT("Wrong code entered") },
    { "signed", MSG_INIT("Documents signed") },
    { "refused", MSG_INIT("Declined to sign") },
    { "reminded", MSG_INIT("Reminder mailed") },
    { "address", MSG_INIT("Name or address changed") },
    { "declined", MSG_INIT("Ended: a signer declined") },
    { "voided", MSG_INIT("Cancelled by the sender") },
    { "expired", MSG_INIT("Ended: the deadline passed") },
    { "completed", MSG_INIT("Completed") },
    { "erased", MSG_INIT("Documents, title and message deleted") },
};

struct msg envelopes_words_what(struct str what)
{
    for (size_t i = 0; i < sizeof events / sizeof *events; i++)
        if (str_eq_z(what, events[i].what))
            return events[i].text;
    return MSG("Event");
}

static enum lang lang_of(struct str code)
{
    return str_eq_z(code, "en") ? LANG_EN : LANG_JA;
}

static struct str or_empty(struct str s)
{
    return str_absent(s) ? STR("") : s;
}

struct str envelopes_words_pages(struct arena *a, struct str lang, enum envelopes_word word,
                                 const struct envelopes_values *v)
{
    const struct message_arg *args =
        MESSAGE_ARGS({ "organisation", or_empty(v->organisation) }, { "until", or_empty(v->until) },
                     { "link", or_empty(v->link) }, { "number", or_empty(v->number) },
                     { "provider", or_empty(v->provider) });
    return message_fmt(a, lang_of(lang), words[word], args);
}

struct str envelopes_words_event(struct str lang, struct str what)
{
    return message_text(lang_of(lang), envelopes_words_what(what));
}
