/* profiles_rules_names.c - rules about the subject, alternative names and policies of a class */
#include "features/profiles/profiles_inside.h"

#define RULE(reason, ...) FAIL(E_INPUT, "profile-" reason, __VA_ARGS__)

static bool has_part(const struct profile *p, enum oid type)
{
    for (size_t i = 0; i < p->subject_n; i++)
        if (p->subject[i].type == type)
            return true;
    return false;
}

/* Will every certificate have an attribute of that type? */
static bool always_part(const struct profile *p, enum oid type)
{
    for (size_t i = 0; i < p->subject_n; i++) {
        const struct profiles_part *part = &p->subject[i];
        if (part->type == type && (part->value.p || profiles_field(p, part->field)->required))
            return true;
    }
    return false;
}

/* Is there an alternative name of that kind that every application must fill? */
static bool always_name(const struct profile *p, enum x509_san_kind kind)
{
    for (size_t i = 0; i < p->names_n; i++)
        if (p->names[i].kind == kind && profiles_field(p, p->names[i].field)->required)
            return true;
    return false;
}

static bool any_always(const struct profile *p)
{
    return always_name(p, X509_SAN_EMAIL) || always_name(p, X509_SAN_DNS) ||
           always_name(p, X509_SAN_URI) || always_name(p, X509_SAN_IP);
}

/* BR and SBR: which validation stands behind the certificate. 0: not reserved. */
static int reserved(struct str oid)
{
    if (str_starts(oid, STR("2.23.140.1.5.")))
        return 2;
    return str_starts(oid, STR("2.23.140.1.")) ? 1 : 0;
}

static enum err tls_subject(const struct profile *p, struct str policy)
{
    bool dv = str_eq_z(policy, "2.23.140.1.2.1");
    static const enum oid dv_only[] = { OID_C, OID_CN };

    if (has_part(p, OID_OU) || has_part(p, OID_EMAIL) || has_part(p, OID_TITLE))
        return RULE("subject", "/subject: BR 7.1.4.2: no OU, title or emailAddress");
    for (size_t i = 0; dv && i < p->subject_n; i++)
        if (p->subject[i].type != dv_only[0] && p->subject[i].type != dv_only[1])
            return RULE("subject", "/subject/%zu: BR 7.1.2.7.2: domain validated: C and CN only",
                        i);
    if (str_eq_z(policy, "2.23.140.1.2.2") && (!always_part(p, OID_O) || !always_part(p, OID_C)))
        return RULE("subject", "/subject: BR 7.1.2.7.4: organization validated: O and C");
    if (str_eq_z(policy, "2.23.140.1.2.3") && (!always_part(p, OID_SN) || !always_part(p, OID_C)))
        return RULE("subject", "/subject: BR 7.1.2.7.3: individual validated: SN and C");
    return E_OK;
}

/* SBR 7.1.4.2.3 to 7.1.4.2.6: what was validated decides which attributes there are. */
static enum err mail_subject(const struct profile *p, struct str policy)
{
    static const enum oid mailbox_only[] = { OID_CN, OID_SERIAL_NUMBER, OID_EMAIL };
    char kind = policy.p[sizeof "2.23.140.1.5." - 1];
    bool person = has_part(p, OID_GIVEN_NAME) || has_part(p, OID_SN);
    bool organization = always_part(p, OID_O) && always_part(p, OID_ORGANIZATION_IDENTIFIER);
    bool always_person = always_part(p, OID_GIVEN_NAME) || always_part(p, OID_SN);

    for (size_t i = 0; kind == '1' && i < p->subject_n; i++)
        if (p->subject[i].type != mailbox_only[0] && p->subject[i].type != mailbox_only[1] &&
            p->subject[i].type != mailbox_only[2])
            return RULE("subject",
                        "/subject/%zu: SBR 7.1.4.2.3: mailbox validated: CN, serialNumber and "
                        "emailAddress only",
                        i);
    if (kind == '2' && (!organization || person || has_part(p, OID_TITLE)))
        return RULE("subject", "/subject: SBR 7.1.4.2.4: organization validated: O and "
                               "organizationIdentifier, nobody's name");
    if (kind == '3' && (!organization || !always_person))
        return RULE("subject", "/subject: SBR 7.1.4.2.5: sponsor validated: O, "
                               "organizationIdentifier and GN or SN");
    if (kind == '4' && (!always_person || has_part(p, OID_O) || has_part(p, OID_OU) ||
                        has_part(p, OID_ORGANIZATION_IDENTIFIER)))
        return RULE("subject", "/subject: SBR 7.1.4.2.6: individual validated: GN or SN, no "
                               "organization");
    return E_OK;
}

enum err profiles_rules_policies(const struct profile *p)
{
    int count[3] = { 0, 0, 0 };
    struct str own = STR("");

    for (size_t i = 0; i < p->x509.policies_n; i++) {
        const struct x509_policy *policy = &p->x509.policies[i];
        struct str oid = str_z(policy->oid);
        for (size_t k = 0; k < i; k++)
            if (str_eq_z(oid, p->x509.policies[k].oid))
                return RULE("policies", "/certificate/policies/%zu: RFC 5280 4.2.1.4: twice", i);
        if (str_eq_z(oid, "2.5.29.32.0"))
            return RULE("policies", "/certificate/policies/%zu: BR 7.1.2.7.9: anyPolicy", i);
        if (policy->cps && profiles_uri_check(str_z(policy->cps)) != E_OK)
            return RULE("policies", "/certificate/policies/%zu/cps: RFC 5280 4.2.1.4: no URI", i);
        count[reserved(oid)]++;
        if (reserved(oid))
            own = oid;
    }
    if (p->class == PROFILES_PRIVATE && count[1] + count[2] > 0)
        return RULE("policies", "/certificate/policies: a reserved policy of the CA/Browser Forum "
                                "in a private certificate");
    if (p->class == PROFILES_PUBLIC_TLS && (count[1] != 1 || count[2] != 0))
        return RULE("policies", "/certificate/policies: BR 7.1.2.7.9: exactly one reserved policy");
    if (p->class == PROFILES_SMIME && (count[2] != 1 || count[1] != 0))
        return RULE("policies", "/certificate/policies: SBR 7.1.6.1: exactly one reserved policy");
    if (p->class == PROFILES_SMIME && str_ends(own, STR(".1")))
        return RULE("policies", "/certificate/policies: SBR 7.1.6.1: Legacy ended on 2025-07-15");
    if (p->class == PROFILES_SMIME)
        return mail_subject(p, own);
    return p->class == PROFILES_PUBLIC_TLS ? tls_subject(p, own) : E_OK;
}

/* Does the value of this part stand among the alternative names too? */
static bool repeated(const struct profile *p, const struct profiles_part *part)
{
    for (size_t i = 0; i < p->names_n; i++)
        if (part->field.p && str_eq(p->names[i].field, part->field))
            return true;
    return false;
}

static enum err subject(const struct profile *p)
{
    for (size_t i = 0; i < p->subject_n; i++) {
        const struct profiles_part *part = &p->subject[i];
        for (size_t k = 0; k < i; k++)
            if (p->subject[k].type == part->type &&
                (p->class != PROFILES_PRIVATE || part->type != OID_OU))
                return RULE("subject", "/subject/%zu: BR 7.1.4.1: %s twice", i,
                            profiles_attribute_name(part->type));
        if (part->type == OID_EMAIL && !repeated(p, part))
            return RULE("subject",
                        "/subject/%zu: RFC 5280 4.1.2.6: emailAddress stands among the "
                        "alternative names too",
                        i);
        if (part->type == OID_CN && p->class == PROFILES_PUBLIC_TLS && !repeated(p, part))
            return RULE("subject", "/subject/%zu: BR 7.1.4.3: CN is one of the alternative names",
                        i);
        if (part->value.p && profiles_text_check(part->value) != E_OK)
            return RULE("subject", "/subject/%zu/value: characters", i);
        bool country = part->field.p ? profiles_field(p, part->field)->kind == PROFILES_COUNTRY
                                     : part->value.n == 2;
        if (part->type == OID_C && !country)
            return RULE("subject", "/subject/%zu: RFC 5280 A.1: C is a country of two letters", i);
    }
    return E_OK;
}

enum err profiles_rules_names(const struct profile *p, bool server)
{
    bool host = always_name(p, X509_SAN_DNS) || always_name(p, X509_SAN_IP);

    TRY(subject(p));
    if (server && !host)
        return RULE("names", "/names: BR 7.1.2.7.12: a DNS name or an address, required");
    if (p->class == PROFILES_SMIME && !always_name(p, X509_SAN_EMAIL))
        return RULE("names", "/names: SBR 7.1.4.2.1: a mail address, required");
    for (size_t i = 0; i < p->names_n; i++) {
        enum x509_san_kind kind = p->names[i].kind;
        if (p->class == PROFILES_PUBLIC_TLS && kind != X509_SAN_DNS && kind != X509_SAN_IP)
            return RULE("names", "/names/%zu: BR 7.1.2.7.12: DNS names and addresses only", i);
        if (p->class == PROFILES_SMIME && kind != X509_SAN_EMAIL)
            return RULE("names", "/names/%zu: SBR 7.1.4.2.1: mail addresses only", i);
    }
    if (p->class == PROFILES_SMIME && p->wildcard)
        return RULE("names", "/wildcard: SBR 7.1.4.2.1: mail addresses only");
    if (!always_part(p, OID_CN) && !any_always(p))
        return RULE("names", "/subject: RFC 5280 4.1.2.6: CN or an alternative name, required");
    return E_OK;
}
