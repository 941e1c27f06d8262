/* profiles_reasons_pages.c - see profiles_reasons_pages.h */
#include "features/profiles/profiles_reasons_pages.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static const struct {
    const char *code;
    struct msg text;
} reasons[] = {
    { "value-missing", MSG_INIT("Fill in this field.") },
    { "value-unknown", MSG_INIT("This profile has no such field.") },
    { "value-repeated", MSG_INIT("Give one value only.") },
    { "value-too-many", MSG_INIT("There are too many names. Apply for several certificates.") },
    { "value-too-long", MSG_INIT("This is too long. Shorten it.") },
    { "value-characters", MSG_INIT("There is a character here that cannot be seen or that changes "
                                   "how the name reads. Type it again by hand.") },
    { "value-spaces",
      MSG_INIT(
          "Take out spaces at the beginning and at the end, and where there are two together.") },
    { "value-scripts", MSG_INIT("Letters that look alike but belong to different scripts are mixed "
                                "in one word. Type it again in one script.") },
    { "value-email", MSG_INIT("Write one mail address such as name@example.jp.") },
    { "value-dns",
      MSG_INIT("Write a full host name such as www.example.jp, in letters, digits and hyphens.") },
    { "value-dns-underscore", MSG_INIT("A host name in a certificate has no underscore.") },
    { "value-dns-dot", MSG_INIT("Take out the dot at an end, or the one too many.") },
    { "value-dns-label",
      MSG_INIT("A part of this host name is not a valid international name (xn--…).") },
    { "value-wildcard", MSG_INIT("An asterisk may stand only at the beginning (*.example.jp), and "
                                 "only where this profile allows it.") },
    { "value-ip", MSG_INIT("Write an address such as 192.0.2.1 or 2001:db8::1.") },
    { "value-ip-reserved", MSG_INIT("This address is reserved and is nobody's on the Internet.") },
    { "value-uri", MSG_INIT("Write a whole URI such as https://example.jp/id or urn:uuid:….") },
    { "value-choice", MSG_INIT("Choose one from the list.") },
    { "value-country", MSG_INIT("Write the two letters of the country, such as JP.") },
    { "value-not-own",
      MSG_INIT("This must be what is registered for the person or the organization.") },
    { "name-empty", MSG_INIT("Fill in at least one name.") },
    { "name-too-long", MSG_INIT("This is too long for a certificate. Shorten it.") },
    { "name-bad-character", MSG_INIT("There is a character here that a certificate cannot hold.") },
    { "name-bad-country", MSG_INIT("Write the two letters of the country, such as JP.") },
    { "name-bad-email", MSG_INIT("Write one mail address such as name@example.jp.") },
    { "namespace-mail",
      MSG_INIT("The domain of this mail address is not registered for your organization.") },
    { "namespace-dns",
      MSG_INIT("This host name is not in a domain that is registered for your organization.") },
    { "namespace-ip",
      MSG_INIT("This address is not in a network that is registered for your organization.") },
    { "namespace-org",
      MSG_INIT("This is not the name of your organization as registered in the contract.") },
    { "key-weak",
      MSG_INIT(
          "This key is too weak. Make a new one: RSA with 2048 to 4096 bits, or P-256 or P-384.") },
    { "key-unsupported", MSG_INIT("Keys of this kind are not accepted by this profile.") },
    { "key-malformed", MSG_INIT("The public key cannot be read. Make the request again.") },
    { "key-compromised", MSG_INIT("This key was reported compromised. Make a new one.") },
    { "key-known-weak",
      MSG_INIT("This key is on a list of weak keys that everybody can know. Make a new one.") },
    { "key-used", MSG_INIT("This key is in use already by somebody else. Make a new one.") },
    { "key-used-before", MSG_INIT("This key was in an earlier certificate of the same holder.") },
};

bool profiles_reasons_text(const char *code, struct msg *text)
{
    for (size_t i = 0; i < COUNT(reasons); i++)
        if (strcmp(reasons[i].code, code) == 0) {
            *text = reasons[i].text;
            return true;
        }
    return false;
}

const char *profiles_reasons_code(size_t i)
{
    return i < COUNT(reasons) ? reasons[i].code : NULL;
}
