/* customers_pages.c - words, choices and dates that the page files of the slice share. */
#include "features/customers/customers_inside_pages.h"

#include "base/buf.h"

const struct customers_choice customers_inside_pages_services[] = {
    { CUSTOMERS_MPKI, "mpki", MSG_INIT("Managed PKI") },
    { CUSTOMERS_RS, "rs", MSG_INIT("Remote signing (API)") },
    { CUSTOMERS_IDV, "idv", MSG_INIT("Identity verification") },
    { CUSTOMERS_ESIGN_CERT, "esign-cert", MSG_INIT("Certificates for electronic signatures") },
    { CUSTOMERS_JPRS_TLS, "jprs-tls", MSG_INIT("Server certificates (JPRS)") },
    { CUSTOMERS_JCERT, "jcert", MSG_INIT("Certificates of J-Cert") },
    { 0, NULL, { NULL } },
};
const struct customers_choice customers_inside_pages_hostings[] = {
    { CUSTOMERS_PROVIDER, "provider", MSG_INIT("In the provider's own data centre") },
    { CUSTOMERS_CLOUD, "cloud", MSG_INIT("Partly on a commercial cloud") },
    { CUSTOMERS_DEDICATED, "dedicated", MSG_INIT("On machines for this customer alone") },
    { 0, NULL, { NULL } },
};
const struct customers_choice customers_inside_pages_authorities[] = {
    { CUSTOMERS_BY_CONTRACT, "contract",
      MSG_INIT("The signed contract or order names the person") },
    { CUSTOMERS_BY_CALLBACK, "callback", MSG_INIT("Called back on a number known before") },
    { CUSTOMERS_BY_SIGNED_MAIL, "signed-mail", MSG_INIT("A mail signed with a certificate") },
    { CUSTOMERS_BY_MEETING, "meeting", MSG_INIT("Met, with proof of identity and office") },
    { 0, NULL, { NULL } },
};
const struct customers_choice customers_inside_pages_kinds[] = {
    { CUSTOMERS_MAIL, "mail", MSG_INIT("Domain of mail addresses") },
    { CUSTOMERS_DNS, "dns", MSG_INIT("Domain of hosts, with all below it") },
    { CUSTOMERS_IP, "ip", MSG_INIT("IP address or network") },
    { CUSTOMERS_ORG, "org", MSG_INIT("Name of the organisation") },
    { 0, NULL, { NULL } },
};
const struct choice customers_inside_pages_hosting_words[] = { { "provider", CUSTOMERS_PROVIDER },
                                                               { "cloud", CUSTOMERS_CLOUD },
                                                               { "dedicated", CUSTOMERS_DEDICATED },
                                                               { NULL, 0 } };
const struct choice customers_inside_pages_authority_words[] = {
    { "contract", CUSTOMERS_BY_CONTRACT },
    { "callback", CUSTOMERS_BY_CALLBACK },
    { "signed-mail", CUSTOMERS_BY_SIGNED_MAIL },
    { "meeting", CUSTOMERS_BY_MEETING },
    { NULL, 0 }
};
const struct choice customers_inside_pages_kind_words[] = { { "mail", CUSTOMERS_MAIL },
                                                            { "dns", CUSTOMERS_DNS },
                                                            { "ip", CUSTOMERS_IP },
                                                            { "org", CUSTOMERS_ORG },
                                                            { NULL, 0 } };

struct page_choice *customers_inside_pages_list(struct arena *a, const struct customers_choice *c,
                                                int chosen, bool bits, size_t *n)
{
    struct page_choice *out;

    for (*n = 0; c[*n].word != NULL;)
        (*n)++;
    out = ARENA_ARRAY(a, *n, struct page_choice);
    for (size_t i = 0; i < *n; i++)
        out[i] = (struct page_choice){ str_z(c[i].word), c[i].label, STR(""),
                                       bits ? (chosen & c[i].value) != 0 : chosen == c[i].value };
    return out;
}

struct msg customers_inside_pages_label(const struct customers_choice *c, int value)
{
    for (; c->word != NULL; c++)
        if (c->value == value)
            return c->label;
    return (struct msg){ NULL };
}

uint32_t customers_inside_pages_bits(const struct str *names, size_t n)
{
    uint32_t bits = 0;

    for (size_t i = 0; i < n; i++) {
        uint32_t bit = customers_service_from(names[i]);
        if (bit == 0)
            return 0;
        bits |= bit;
    }
    return bits;
}

struct str customers_inside_pages_services_text(struct req *rq, uint32_t services)
{
    const char *between = req_lang(rq) == LANG_JA ? "、" : ", ";
    struct str out = STR("");

    for (const struct customers_choice *c = customers_inside_pages_services; c->word; c++)
        if (services & (uint32_t)c->value)
            out = str_fmt(req_arena(rq), "%s%s%s", out.p, out.n ? between : "",
                          message_text(req_lang(rq), c->label).p);
    return out;
}

struct page_badge customers_inside_pages_state(struct timestamp start, struct timestamp end,
                                               struct timestamp now)
{
    if (!timestamp_is_none(end) && timestamp_cmp(end, now) <= 0)
        return (struct page_badge){ "neutral", MSG("Ended") };
    if (!timestamp_is_none(start) && timestamp_cmp(start, now) > 0)
        return (struct page_badge){ "progress", MSG("Begins later") };
    if (!timestamp_is_none(end) && timestamp_cmp(end, timestamp_add(now, CUSTOMERS_SOON_US)) <= 0)
        return (struct page_badge){ "caution", MSG("Ending soon") };
    return (struct page_badge){ "success", MSG("In force") };
}

struct timestamp customers_inside_pages_last_day(struct timestamp end)
{
    return timestamp_is_none(end) ? end : timestamp_add(end, -SECOND_US);
}

struct timestamp customers_inside_pages_end(struct timestamp last_day)
{
    return timestamp_is_none(last_day) ? last_day : timestamp_add(last_day, DAY_US);
}

struct str customers_inside_pages_day(struct arena *a, struct timestamp t)
{
    if (timestamp_is_none(t))
        return STR("");
    struct calendar c = calendar_jst(t);
    return str_fmt(a, "%04d-%02d-%02d", c.year, c.month, c.day);
}

struct str customers_inside_pages_half(struct arena *a, struct str s)
{
    static const uint32_t dashes[] = { 0x2010, 0x2011, 0x2012, 0x2013, 0x2014,
                                       0x2015, 0x2212, 0x30fc, 0xff70 };
    struct buf b = buf_init(4096);
    struct str out = STR("");

    for (size_t at = 0; at < s.n;) {
        size_t from = at;
        uint32_t c = utf8_next(s, &at);
        bool dash = false;
        for (size_t i = 0; i < sizeof dashes / sizeof *dashes; i++)
            dash = dash || c == dashes[i];
        if (dash)
            buf_add_char(&b, '-');
        else if (c >= 0xff01 && c <= 0xff5e)
            buf_add_char(&b, (char)(c - 0xff01 + '!'));
        else if (c == 0x3000)
            buf_add_char(&b, ' ');
        else
            buf_add(&b, s.p + from, at - from);
    }
    if (buf_to_str(&b, a, &out) != E_OK)
        out = s;
    buf_free(&b);
    return out;
}

struct str customers_inside_pages_raw(struct req *rq, const char *field, struct str fallback)
{
    struct str s = req_raw(rq, field);
    return str_absent(s) ? (str_absent(fallback) ? STR("") : fallback) : s;
}

/* --- what the rules refuse --- */

static const struct {
    const char *reason, *field;
    struct msg words;
} refusals[] = {
    { "tenant-code", "code",
      MSG_INIT("This code is taken, or holds other characters than a-z, 0-9 and the hyphen.") },
    { "tenant-name", "name",
      MSG_INIT("Please write the customer's name, at most 120 characters.") },
    { "tenant-services", "services", MSG_INIT("Please choose at least one service.") },
    { "tenant-term", "last_day", MSG_INIT("The contract would end before it begins.") },
    { "authority-missing", "note",
      MSG_INIT("Please write by what it was confirmed: nothing is done before (P1-10).") },
    { "contact-name", "contact_name", MSG_INIT("Please write the contact person's name.") },
    { "contact-phone", "contact_phone",
      MSG_INIT("Please write a phone number in digits, such as 03-1234-5678.") },
    { "contact-email", "contact_email",
      MSG_INIT("Please write a mail address such as name@example.jp") },
    { "account-taken", "admin_login",
      MSG_INIT("This login name or mail address is in use already. One person has one account.") },
    { "login-malformed", "admin_login",
      MSG_INIT("Please use 3 to 64 letters, digits and . _ @ + -") },
    { "email-malformed", "admin_email",
      MSG_INIT("Please write a mail address such as name@example.jp") },
    { "name-malformed", "admin_name", MSG_INIT("Please write the person's name.") },
    { "name-domain", "value",
      MSG_INIT("Please write a domain such as example.jp; a domain in "
               "Japanese in its form that begins with xn--.") },
    { "name-wildcard", "value",
      MSG_INIT("Please leave out the asterisk: a domain stands for all below it.") },
    { "name-address", "value",
      MSG_INIT("Please write an address or a network, such as 192.0.2.0/24 or 2001:db8::/32.") },
    { "name-network", "value",
      MSG_INIT("This network has bits behind its prefix. Please write its first address.") },
    { "name-wide", "value", MSG_INIT("This network is too wide for one customer.") },
    { "name-org", "value", MSG_INIT("Please write a name of at most 64 characters.") },
    { "name-evidence", "evidence",
      MSG_INIT("Please write by what the name was shown to be the customer's.") },
    { "contacts-many", "contact_name", MSG_INIT("There are 20 contact persons already.") },
    { "names-many", "value", MSG_INIT("There are 500 names already.") },
};

bool customers_inside_pages_explain(struct req *rq, struct resp *rs, enum err err)
{
    const char *reason = fault_current()->reason;

    if (err != E_INPUT && err != E_CONFLICT && err != E_LIMIT)
        return false;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
        if (strcmp(reason, refusals[i].reason) == 0) {
            req_field_error(rq, refusals[i].field, refusals[i].words);
            resp_undo(rs);
            fault_clear();
            return true;
        }
    return false;
}

const struct view *const customers_views[] = {
    &customers_list_view,
    &customers_detail_view,
    &customers_new_view,
    &customers_confirm_view,
    &customers_done_view,
    &customers_edit_view,
    &customers_contacts_view,
    &customers_admin_view,
    &customers_names_view,
    &customers_drop_view,
    NULL,
};
