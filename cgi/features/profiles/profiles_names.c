/* profiles_names.c - is a value what its field holds? Forms of the values; see profiles_inside.h */
#include "features/profiles/profiles_inside.h"

#include <arpa/inet.h>

#define BAD(reason, ...) FAIL(E_INPUT, "value-" reason, __VA_ARGS__)

enum { EMAIL_MAX = 254, LOCAL_MAX = 64, DNS_MAX = 253, LABEL_MAX = 63 };

/* ISO 3166-1 alpha-2, as assigned in 2026. */
static const char countries[] =
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR "
    "BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ "
    "EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW "
    "GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY "
    "KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV "
    "MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY "
    "QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG "
    "TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM "
    "ZW ";

static bool alnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool all_digits(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i] < '0' || p[i] > '9')
            return false;
    return n > 0;
}

/* One label (RFC 5890 2.3.1); "??--" is for A-labels, whose rest is Punycode (BR 1.6.1 P-label). */
static enum err check_label(const char *p, size_t n)
{
    if (n == 0)
        return BAD("dns-dot", "an empty label, or a dot at an end");
    if (n > LABEL_MAX)
        return BAD("dns", "a label of %zu octets", n);
    for (size_t i = 0; i < n; i++) {
        if (p[i] == '_')
            return BAD("dns-underscore", "BR 7.1.4.2.1: underscore");
        if (p[i] == '*')
            return BAD("wildcard", "an asterisk inside a name");
        if (!alnum(p[i]) && p[i] != '-')
            return BAD("dns", "a character that no host name has");
    }
    if (p[0] == '-' || p[n - 1] == '-')
        return BAD("dns", "a hyphen at an end of a label");
    if (n >= 4 && p[2] == '-' && p[3] == '-') {
        if ((p[0] != 'x' && p[0] != 'X') || (p[1] != 'n' && p[1] != 'N'))
            return BAD("dns-label", "RFC 5890 2.3.1: a reserved label that is not xn--");
        return profiles_punycode_check(p + 4, n - 4);
    }
    return E_OK;
}

enum err profiles_dns_check(struct str v, bool wildcard)
{
    size_t start = 0, labels = 0, last = 0;

    if (str_starts(v, STR("*."))) {
        if (!wildcard)
            return BAD("wildcard", "no wildcards here");
        start = 2;
    }
    if (v.n == 0 || v.n > DNS_MAX)
        return BAD("dns", "%zu octets", v.n);
    for (size_t at = start; at <= v.n; labels++) {
        size_t end = str_find(v, '.', at);
        if (end == SIZE_MAX)
            end = v.n;
        enum err err = check_label(v.p + at, end - at);
        if (err != E_OK)
            return err;
        last = at;
        at = end + 1;
    }
    if (labels < 2)
        return BAD("dns", "a name of one label");
    if (all_digits(v.p + last, v.n - last))
        return BAD("dns", "RFC 1123 2.1: the last label is a number");
    return E_OK;
}

/* Mailbox of RFC 5321 4.1.2, without quoted strings and address literals. */
enum err profiles_email_check(struct str v)
{
    size_t at = str_find(v, '@', 0);

    if (v.n > EMAIL_MAX || at == SIZE_MAX || at == 0 || at > LOCAL_MAX)
        return BAD("email", "not name@host");
    for (size_t i = 0; i < at; i++) {
        char c = v.p[i];
        bool dot = c == '.' && i > 0 && i + 1 < at && v.p[i - 1] != '.';
        if (!alnum(c) && !dot && (c == '\0' || !strchr("!#$%&'*+-/=?^_`{|}~", c)))
            return BAD("email", "local part");
    }
    const struct str host = { v.p + at + 1, v.n - at - 1 };
    return profiles_dns_check(host, false) == E_OK ? E_OK : BAD("email", "host of the address");
}

enum err profiles_ip_check(struct str v)
{
    uint8_t ip[16];

    if (v.n < 2 || v.n > 45 ||
        (inet_pton(AF_INET, v.p, ip) != 1 && inet_pton(AF_INET6, v.p, ip) != 1))
        return BAD("ip", "neither IPv4 nor IPv6");
    return E_OK;
}

/* Where the authority of a URI lies (RFC 3986 3.2); false when it has none. */
static bool authority_of(struct str uri, size_t *start, size_t *end)
{
    size_t at = str_find(uri, ':', 0);

    if (at == SIZE_MAX || at + 3 > uri.n || uri.p[at + 1] != '/' || uri.p[at + 2] != '/')
        return false;
    *start = *end = at + 3;
    while (*end < uri.n && !strchr("/?#", uri.p[*end]))
        (*end)++;
    return true;
}

/* Digits behind a colon, or nothing: then the host before it is all that there is. */
static bool port_good(struct str uri, size_t at, size_t end)
{
    if (at == end)
        return true;
    if (uri.p[at] != ':' || end - at > 6)
        return false;
    return at + 1 == end || all_digits(uri.p + at + 1, end - at - 1);
}

/* A name and password before the host ("https://ours.example:x@theirs.example/") leave no host. */
struct str profiles_uri_host(struct arena *a, struct str uri)
{
    size_t start, end, stop;

    if (!authority_of(uri, &start, &end))
        return STR("");
    if (start < end && uri.p[start] == '[') {
        size_t close = str_find(uri, ']', start);
        if (close >= end || !port_good(uri, close + 1, end))
            return STR("");
        return str_lower(a, str_of(a, uri.p + start + 1, close - start - 1));
    }
    stop = str_find(uri, ':', start);
    if (stop > end)
        stop = end;
    return port_good(uri, stop, end) ? str_lower(a, str_of(a, uri.p + start, stop - start))
                                     : STR("");
}

/* RFC 5280 4.2.1.6: absolute; with an authority it names a host, and nobody's password. */
enum err profiles_uri_check(struct str v)
{
    size_t colon = str_find(v, ':', 0);
    bool scheme =
        colon != SIZE_MAX && colon > 0 && colon + 1 < v.n && !(alnum(v.p[0]) && v.p[0] <= '9');

    for (size_t i = 0; scheme && i < colon; i++)
        scheme = alnum(v.p[i]) || strchr("+-.", v.p[i]);
    if (!scheme || v.n > 255)
        return BAD("uri", "RFC 3986 3: no scheme");
    for (size_t i = 0; i < v.n; i++)
        if (v.p[i] <= 0x20 || v.p[i] >= 0x7f || strchr("\"<>\\^`{|}", v.p[i]))
            return BAD("uri", "RFC 3986 2: a character that must be escaped");
    if (colon + 2 >= v.n || v.p[colon + 1] != '/' || v.p[colon + 2] != '/')
        return E_OK;
    struct arena *a = arena_new(4096);
    struct str host = profiles_uri_host(a, v);
    bool good = str_find(host, '@', 0) == SIZE_MAX &&
                (profiles_dns_check(host, false) == E_OK || profiles_ip_check(host) == E_OK);
    arena_free(a);
    return good ? E_OK : BAD("uri", "RFC 5280 4.2.1.6: the host of the URI");
}

static enum err check_choice(const struct profiles_field *f, struct str v)
{
    for (size_t i = 0; i < f->choices_n; i++)
        if (str_eq(f->choices[i], v))
            return E_OK;
    return BAD("choice", "none of the choices");
}

static enum err check_country(struct str v)
{
    for (const char *c = countries; *c; c += 3)
        if (v.n == 2 && c[0] == v.p[0] && c[1] == v.p[1])
            return E_OK;
    return BAD("country", "not a country of ISO 3166-1");
}

enum err profiles_value_check(const struct profile *p, const struct profiles_field *f, struct str v)
{
    if (!utf8_valid(v.p, v.n))
        return BAD("characters", "not UTF-8");
    if (utf8_length(v) > f->max)
        return BAD("too-long", "%zu characters, at most %u", utf8_length(v), f->max);
    enum err err = profiles_text_check(v);
    if (err != E_OK)
        return err;
    switch (f->kind) {
    case PROFILES_EMAIL:
        return profiles_email_check(v);
    case PROFILES_DNS:
        return profiles_dns_check(v, p->wildcard);
    case PROFILES_IP:
        return profiles_ip_check(v);
    case PROFILES_URI:
        return profiles_uri_check(v);
    case PROFILES_CHOICE:
        return check_choice(f, v);
    case PROFILES_COUNTRY:
        return check_country(v);
    case PROFILES_TEXT:
    case PROFILES_KIND__MAX:
        break;
    }
    return E_OK;
}
