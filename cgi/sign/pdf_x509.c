/* pdf_x509.c - see pdf_x509.h. */
#include "sign/pdf_x509.h"

#include <openssl/err.h>

#define CERT_MAX 65536

X509 *pdf_x509_parse(struct bytes der)
{
    const uint8_t *p = der.p;
    X509 *x = der.n && der.n <= CERT_MAX ? d2i_X509(NULL, &p, (long)der.n) : NULL;
    if (x && p != der.p + der.n) { /* trailing garbage */
        X509_free(x);
        x = NULL;
    }
    ERR_clear_error();
    return x;
}

struct bytes pdf_x509_der(const X509 *x, struct arena *a)
{
    int n = i2d_X509(x, NULL);
    if (n <= 0)
        return BYTES_ABSENT;
    uint8_t *out = arena_alloc(a, (size_t)n), *p = out;
    i2d_X509(x, &p);
    return (struct bytes){ out, (size_t)n };
}

/* Microseconds of ".123..." in a GeneralizedTime; OpenSSL's own conversion drops them. */
static int64_t fraction_us(const ASN1_TIME *t)
{
    const uint8_t *p = ASN1_STRING_get0_data(t);
    int n = ASN1_STRING_length(t), i = 0;
    int64_t us = 0, unit = SECOND_US / 10;
    while (i < n && p[i] != '.')
        i++;
    for (i++; i < n && p[i] >= '0' && p[i] <= '9'; i++, unit /= 10)
        us += (p[i] - '0') * unit;
    return us;
}

struct timestamp pdf_x509_time(const ASN1_TIME *t)
{
    struct tm tm;
    if (!t || !ASN1_TIME_to_tm(t, &tm)) {
        ERR_clear_error();
        return TIMESTAMP_NONE;
    }
    return timestamp_add(timestamp_from_unix(timegm(&tm)), fraction_us(t));
}

/* UTF-8 of an OpenSSL string; bytes that are none become '?'. */
static struct str clean(struct arena *a, const char *p, size_t n)
{
    if (utf8_valid(p, n))
        return str_of(a, p, n);
    char *out = arena_alloc(a, n + 1);
    for (size_t i = 0; i < n; i++)
        out[i] = p[i] >= 0x20 && p[i] < 0x7f ? p[i] : '?';
    return (struct str){ out, n };
}

struct str pdf_x509_name(const X509_NAME *name, struct arena *a)
{
    char *p = NULL;
    struct str out = STR("");
    BIO *bio = BIO_new(BIO_s_mem());
    /* RFC 2253 = 4514 form, but UTF-8 as it is instead of escaped */
    if (bio && X509_NAME_print_ex(bio, name, 0,
                                  XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB) > 0) {
        long n = BIO_get_mem_data(bio, &p);
        out = clean(a, p, n > 0 ? (size_t)n : 0);
    }
    BIO_free(bio);
    ERR_clear_error();
    return out;
}

struct str pdf_x509_common_name(const X509_NAME *name, struct arena *a)
{
    struct str out = STR_ABSENT;
    uint8_t *text = NULL;
    int last = -1, i;

    while ((i = X509_NAME_get_index_by_NID(name, NID_commonName, last)) >= 0)
        last = i;
    if (last < 0)
        return out;
    X509_NAME_ENTRY *entry = X509_NAME_get_entry(name, last);
    int n = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(entry));
    if (n >= 0)
        out = clean(a, (const char *)text, (size_t)n);
    OPENSSL_free(text);
    ERR_clear_error();
    return out;
}

struct str pdf_x509_serial(const ASN1_INTEGER *serial, struct arena *a)
{
    struct str out = STR("0");
    const uint8_t *p = ASN1_STRING_get0_data(serial);
    int n = ASN1_STRING_length(serial);
    char *text = arena_alloc(a, (size_t)(n > 0 ? n : 0) * 2 + 1);
    size_t at = 0;

    for (int i = 0; i < n; i++)
        at += (size_t)snprintf(text + at, 3, "%02x", p[i]);
    size_t zeros = 0;
    while (zeros + 1 < at && text[zeros] == '0')
        zeros++;
    return at ? (struct str){ text + zeros, at - zeros } : out;
}

struct str pdf_x509_oid(const ASN1_OBJECT *oid, struct arena *a)
{
    char text[128];
    int n = OBJ_obj2txt(text, sizeof text, oid, 1);
    return n > 0 && (size_t)n < sizeof text ? str_of(a, text, (size_t)n) : STR("");
}
