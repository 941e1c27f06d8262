/* x509_lint.c - is a finished certificate what its profile and RFC 5280 ask for? See x509.h */
#include "pki/der.h"
#include "pki/x509.h"

#define BROKEN(...) FAIL(E_INTERNAL, "lint", __VA_ARGS__)

/* RFC 5280 4.1.2.2: positive, at most 20 octets; at least 128 bits are ours. */
static enum err serial(const struct x509 *c)
{
    if (c->serial.n > 20 || c->serial.n < 17 || c->serial.p[0] >= 0x80)
        return BROKEN("4.1.2.2: serial of %zu octets", c->serial.n);
    return E_OK;
}

/* 4.1.2.5; the limit counts the last second (BR 6.3.2). */
static enum err validity(const struct x509 *c, const struct x509_profile *p,
                         const struct x509 *issuer)
{
    int64_t length = c->not_after.us - c->not_before.us + SECOND_US;

    if (length <= 0 || length > p->validity_us)
        return BROKEN("4.1.2.5: validity of %lld s", (long long)(length / SECOND_US));
    if (issuer && timestamp_cmp(c->not_after, issuer->not_after) > 0)
        return BROKEN("outlives its issuer");
    return E_OK;
}

static enum err names(const struct x509 *c, const struct x509 *issuer)
{
    const struct bytes want = issuer ? issuer->subject : c->subject;

    if (!bytes_eq(c->issuer, want))
        return BROKEN("4.1.2.4: issuer is not the authority's subject, byte for byte");
    if (c->subject.n <= 2 && !c->san.p)
        return BROKEN("4.1.2.6: nobody is named");
    if (c->san.p && c->san_critical != (c->subject.n <= 2))
        return BROKEN(
            "4.2.1.6: alternative names are critical when the subject is empty, else not");
    return E_OK;
}

/* 4.2.1.1, 4.2.1.2 */
static enum err key_ids(const struct x509 *c, const struct x509_profile *p,
                        const struct x509 *issuer)
{
    uint8_t id[20];
    enum err err = x509_key_id(c->spki, id);

    if (err != E_OK)
        return err;
    if (p->no_ski ? c->ski.p != NULL : !bytes_eq(c->ski, (struct bytes){ id, sizeof id }))
        return BROKEN("4.2.1.2: subjectKeyIdentifier is not the key's");
    if (issuer ? !bytes_eq(c->aki, issuer->ski) : c->aki.p != NULL)
        return BROKEN("4.2.1.1: authorityKeyIdentifier");
    if (issuer && !issuer->ca)
        return BROKEN("4.2.1.9: issuer is not an authority");
    return E_OK;
}

/* 4.2.1.4: those of the profile, in its order, each once. */
static enum err policies(const struct x509 *c, const struct x509_profile *p)
{
    struct der d = der_reader(c->policies), one;
    struct bytes oid;
    char text[80];
    struct arena *a;
    size_t n = 0;

    for (; !der_at_end(&d); n++) {
        if (n == p->policies_n || !der_enter(&d, DER_SEQUENCE, &one) || !der_oid(&one, &oid))
            return BROKEN("4.2.1.4: certificate policies");
        a = arena_new(4096);
        (void)snprintf(text, sizeof text, "%s", oid_text(a, oid).p);
        arena_free(a);
        if (strcmp(text, p->policies[n].oid) != 0)
            return BROKEN("4.2.1.4: policy %s", text);
    }
    return n == p->policies_n ? E_OK : BROKEN("4.2.1.4: %zu certificate policies", n);
}

/* 4.2.1.3, 4.2.1.9, 4.2.1.12 */
static enum err usage(const struct x509 *c, const struct x509_profile *p, enum signer_alg alg)
{
    struct der d = der_reader(c->eku);
    struct bytes oid;
    size_t n = 0;

    if (!c->has_key_usage || !c->key_usage_critical || c->key_usage != x509_key_usage(p, alg))
        return BROKEN("4.2.1.3: key usage %x", c->key_usage);
    if (c->ca != p->ca || (p->ca && !c->basic_constraints_critical) ||
        c->path_length != (p->ca ? p->path_length : -1))
        return BROKEN("4.2.1.9: basic constraints");
    while (der_oid(&d, &oid))
        n++;
    if (n != p->eku_n || c->eku_critical != p->eku_critical)
        return BROKEN("4.2.1.12: extended key usage");
    for (size_t i = 0; i < p->eku_n; i++)
        if (!x509_has_eku(c, p->eku[i]))
            return BROKEN("4.2.1.12: extended key usage");
    if (c->unknown_critical)
        return BROKEN("4.2: an unknown critical extension");
    return E_OK;
}

/* 4.2.1.13, 4.2.2.1: plain http only, so that a checker needs no certificate to check one. */
static enum err pointers(const struct x509 *c, const struct x509_profile *p)
{
    const struct {
        bool wanted;
        struct str url;
    } rows[] = { { p->aia_ocsp, c->ocsp_url },
                 { p->aia_issuer, c->issuer_url },
                 { p->cdp, c->crl_url } };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].wanted ? !str_starts(rows[i].url, STR("http://")) : !str_absent(rows[i].url))
            return BROKEN("4.2.1.13, 4.2.2.1: pointer %zu", i);
    if (c->ocsp_nocheck != p->ocsp_nocheck)
        return BROKEN("RFC 6960 4.2.2.2.1: ocsp-nocheck");
    return E_OK;
}

enum err x509_lint(const struct x509 *c, const struct x509_profile *p, const struct x509 *issuer)
{
    enum signer_alg alg;
    enum err err = serial(c);

    if (err == E_OK)
        err = validity(c, p, issuer);
    if (err == E_OK)
        err = names(c, issuer);
    if (err == E_OK)
        err = key_ids(c, p, issuer);
    if (err == E_OK)
        err = signer_alg_of_spki(c->spki, &alg);
    if (err == E_OK && (p->algs & 1u << alg) == 0)
        err = BROKEN("key of a kind that the profile does not take");
    if (err == E_OK)
        err = usage(c, p, alg);
    if (err == E_OK)
        err = policies(c, p);
    if (err == E_OK)
        err = pointers(c, p);
    return err;
}
