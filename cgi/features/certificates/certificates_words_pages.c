/* certificates_words_pages.c - see certificates_words_pages.h */
#include "features/certificates/certificates_words_pages.h"
#include "features/certificates/certificates_reason.h"

#include "http/message.h"

static const struct {
    struct msg subject, text;
} mails[] = {
    [CERTIFICATES_MAIL_REVOKED] = { MSG_INIT("[Shomei] {number} A certificate was revoked"),
                                    MSG_INIT(
                                        "A certificate of yours was revoked. From now on it is not "
                                        "valid any more.\n\nWhich one, by whom and "
                                        "why:\n\n{link}\n\n"
                                        "Receipt number: {number}\n\nIf you did not expect this, "
                                        "please ask the administrator of your organisation.\n") },
    [CERTIFICATES_MAIL_SUSPENDED] = { MSG_INIT("[Shomei] {number} A certificate was suspended"),
                                      MSG_INIT(
                                          "A certificate of yours was suspended. Until it is "
                                          "released it is not valid.\n\nWhich one, and by whom:\n\n"
                                          "{link}\n\nReceipt number: {number}\n\nIf you did not "
                                          "expect this, please ask the administrator of your "
                                          "organisation.\n") },
    [CERTIFICATES_MAIL_RELEASED] = { MSG_INIT("[Shomei] {number} A certificate was released"),
                                     MSG_INIT(
                                         "The suspension of a certificate of yours has ended. It "
                                         "is valid again.\n\nWhich one, and by whom:\n\n{link}\n\n"
                                         "Receipt number: {number}\n\nIf you did not expect this, "
                                         "please ask the administrator of your organisation.\n") },
    [CERTIFICATES_MAIL_NOTICE] = { MSG_INIT(
                                       "[Shomei] {number} Certificates end within {days} days"),
                                   MSG_INIT(
                                       "Certificates of yours end within {days} days: {count}. The "
                                       "first one ends at {until}.\n\nLook at it, renew it, or "
                                       "have no more of these notices:\n\n{link}\n\nWhen it is "
                                       "renewed or revoked, the notices stop by themselves.\n") },
    [CERTIFICATES_MAIL_DIGEST] = { MSG_INIT("[Shomei] Certificates of your organisation end soon"),
                                   MSG_INIT(
                                       "Certificates of your organisation that come close to their "
                                       "end: {count}. Those who hold them were told.\n\nThe "
                                       "list:\n\n{link}\n\nThis mail comes once a day at most. In "
                                       "the list you can choose to have no more of them.\n") },
    [CERTIFICATES_MAIL_REVOKE_LINK] = { MSG_INIT("[Shomei] Link for revoking a certificate"),
                                        MSG_INIT(
                                            "Somebody, probably you, asked to revoke a certificate "
                                            "that is registered with this address. With this link "
                                            "you can do so without signing in, once, until "
                                            "{until}:\n\n{link}\n\nIf you did not ask for it, you "
                                            "need not do anything. Nothing is revoked by "
                                            "itself.\n") },
    [CERTIFICATES_MAIL_DOWNLOAD] = { MSG_INIT("[Shomei] {number} Your certificate"),
                                     MSG_INIT(
                                         "Here you can download your certificate without signing "
                                         "in, once, until {until}:\n\n{link}\n\nNumber: "
                                         "{number}\n\n"
                                         "It holds no secret: the key is where you made it.\n") },
};
_Static_assert(sizeof mails / sizeof *mails == CERTIFICATES_MAIL__MAX, "a text for each");

static struct str or_empty(struct str s)
{
    return str_absent(s) ? STR("") : s;
}

void certificates_words_pages(struct arena *a, struct str lang, enum certificates_mail which,
                              const struct certificates_values *v, struct str *subject,
                              struct str *text)
{
    bool ja = !str_eq_z(lang, "en");
    enum lang l = ja ? LANG_JA : LANG_EN;
    struct str until = timestamp_is_none(v->until) ? STR("") : timestamp_human(a, v->until, ja);
    const struct message_arg *args = MESSAGE_ARGS(
        { "number", or_empty(v->number) }, { "link", or_empty(v->link) },
        { "days", or_empty(v->days) }, { "count", or_empty(v->count) }, { "until", until });

    *subject = str_trim(a, message_fmt(a, l, mails[which].subject, args));
    *text = message_fmt(a, l, mails[which].text, args);
}

struct page_badge certificates_words_state(enum authority_state state, struct timestamp not_after,
                                           bool replaced, struct timestamp now)
{
    bool over = !timestamp_is_none(not_after) && now.us >= not_after.us + SECOND_US;

    switch (state) {
    case AUTHORITY_REQUESTED:
    case AUTHORITY_SIGNING:
        return (struct page_badge){ "progress", MSG("being issued") };
    case AUTHORITY_REFUSED:
        return (struct page_badge){ "error", MSG("not issued") };
    case AUTHORITY_REVOKED:
        return (struct page_badge){ "error", MSG("revoked") };
    case AUTHORITY_SUSPENDED:
        return over ? (struct page_badge){ "neutral", MSG("expired") }
                    : (struct page_badge){ "caution", MSG("suspended") };
    case AUTHORITY_ISSUED:
    case AUTHORITY__STATES:
        break;
    }
    if (over)
        return (struct page_badge){ "neutral", MSG("expired") };
    if (replaced)
        return (struct page_badge){ "neutral", MSG("valid, replaced by a newer one") };
    return (struct page_badge){ "success", MSG("valid") };
}

static const struct {
    uint32_t reason;
    struct msg word, meaning;
} reasons[] = {
    { CERTIFICATES_UNSPECIFIED, MSG_INIT("No reason given"),
      MSG_INIT("The usual choice when none of the others fits.") },
    { CERTIFICATES_KEY_COMPROMISE, MSG_INIT("Key compromised"),
      MSG_INIT("Somebody else has, or may have, the private key. The key can never be certified "
               "again.") },
    { CERTIFICATES_AFFILIATION, MSG_INIT("Name or organisation changed"),
      MSG_INIT("What the certificate says is no longer right; the key is safe.") },
    { CERTIFICATES_SUPERSEDED, MSG_INIT("Replaced"),
      MSG_INIT("There is a new certificate in its place.") },
    { CERTIFICATES_CESSATION, MSG_INIT("No longer needed"),
      MSG_INIT("The device, service or work it was for has ended.") },
    { CERTIFICATES_WITHDRAWN, MSG_INIT("Right withdrawn"),
      MSG_INIT("The holder broke the terms, or has no right to it any more.") },
    { CERTIFICATES_HOLD, MSG_INIT("Suspended"),
      MSG_INIT("Not valid for a time; it can be released.") },
};

struct msg certificates_words_reason(uint32_t reason)
{
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (reasons[i].reason == reason)
            return reasons[i].word;
    return MSG("Another reason");
}

struct msg certificates_words_meaning(uint32_t reason)
{
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (reasons[i].reason == reason)
            return reasons[i].meaning;
    return (struct msg){ NULL };
}

struct pair {
    const char *code;
    struct msg text;
};

static struct msg look_up(const struct pair *list, size_t n, struct str code, struct msg other)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq_z(code, list[i].code))
            return list[i].text;
    return other;
}
#define LOOK_UP(list, code, other) look_up(list, sizeof(list) / sizeof *(list), code, other)

static const struct pair kinds[] = {
    { "requested", MSG_INIT("Requested from the certification authority") },
    { "issued", MSG_INIT("Issued") },
    { "revoked", MSG_INIT("Revoked") },
    { "compromised", MSG_INIT("Reason changed: key compromised") },
    { "suspended", MSG_INIT("Suspended") },
    { "released", MSG_INIT("Released") },
    { "replaced", MSG_INIT("A renewed certificate was issued") },
};

struct msg certificates_words_kind(struct str kind)
{
    return LOOK_UP(kinds, kind, MSG("State changed"));
}

static const struct pair ways[] = {
    { "page", MSG_INIT("on the page") },
    { "bulk", MSG_INIT("by a file of many") },
    { "signed", MSG_INIT("by a request signed with its key") },
    { "link", MSG_INIT("by a link sent to the registered address") },
    { "api", MSG_INIT("by a connected system") },
    { "worker", MSG_INIT("by the system") },
};

struct msg certificates_words_how(struct str how)
{
    return LOOK_UP(ways, how, ((struct msg){ NULL }));
}

static const struct pair ekus[] = {
    { "1.3.6.1.5.5.7.3.1", MSG_INIT("Server authentication") },
    { "1.3.6.1.5.5.7.3.2", MSG_INIT("Client authentication") },
    { "1.3.6.1.5.5.7.3.4", MSG_INIT("E-mail protection") },
    { "1.3.6.1.5.5.7.3.8", MSG_INIT("Timestamping") },
    { "1.3.6.1.5.5.7.3.9", MSG_INIT("OCSP signing") },
    { "1.3.6.1.5.5.7.3.36", MSG_INIT("Document signing") },
    { "1.2.840.113583.1.1.5", MSG_INIT("Document signing (Adobe)") },
};

struct msg certificates_words_eku(struct str oid)
{
    return LOOK_UP(ekus, oid, ((struct msg){ NULL }));
}

static const struct pair codes[] = {
    { "already-revoked", MSG_INIT("This certificate was revoked already.") },
    { "not-issued",
      MSG_INIT("This certificate is not in a state that allows this. Look at it again.") },
    { "not-suspendable", MSG_INIT("Certificates of this kind cannot be suspended, only revoked.") },
    { "not-suspended", MSG_INIT("This certificate is not suspended.") },
    { "held-by-others",
      MSG_INIT("Somebody else suspended this certificate. Ask the administrator.") },
    { "not-yours-to-revoke", MSG_INIT("Your role may look at certificates, but not change them.") },
    { "not-yours-to-renew", MSG_INIT("The customer's people renew their certificates.") },
    { "not-yours-to-send", MSG_INIT("Your role may look at certificates, but not send them.") },
    { "bad-reason", MSG_INIT("This reason cannot be given here. Choose another one.") },
    { "bad-date", MSG_INIT("Choose a day within the certificate's life that your role may name.") },
    { "renewed-already",
      MSG_INIT("This certificate has a successor, or an application for one is open.") },
    { "too-early", MSG_INIT("It is too early to renew this certificate.") },
    { "not-renewable",
      MSG_INIT("This certificate cannot be renewed here. Apply for a new one instead.") },
    { "no-address", MSG_INIT("No mail address is registered for this certificate.") },
    { "link-over",
      MSG_INIT("This link is not valid: it was used, or its time is over. Ask for a new one.") },
    { "choose", MSG_INIT("Choose one of the certificates.") },
    { "challenge-over", MSG_INIT("The time for this request is over. Begin again.") },
    { "challenge-used", MSG_INIT("This request was used before. Begin again.") },
    { "signature-refused",
      MSG_INIT("The signature does not belong to this text and certificate. Sign exactly the text "
               "shown, with the certificate's own key.") },
    { "certificate-unknown", MSG_INIT("There is no such certificate.") },
};

bool certificates_words_code(const char *code, struct msg *text)
{
    *text = LOOK_UP(codes, str_z(code), ((struct msg){ NULL }));
    return text->id != NULL;
}
