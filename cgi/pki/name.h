/*
 * name.h - distinguished names: build DER from typed attributes, read them, show them as text.
 *
 * Built names have one attribute per RDN, in the order given. Text is UTF8String except for
 * country, serialNumber (PrintableString) and e-mail (IA5String), as RFC 5280 appendix A wants.
 */
#pragma once

#include "pki/oid.h"

enum { NAME_MAX_ATTRIBUTES = 12 };

struct name_attribute {
    enum oid type; /* OID_CN, OID_O ...; OID__MAX when read and none that we write */
    struct str value;
};

struct name {
    struct name_attribute attribute[NAME_MAX_ATTRIBUTES];
    size_t n;
    bool may_be_empty; /* without attributes it is "30 00", not an error (RFC 5280 4.1.2.6) */
};

/* Append one attribute; absent or empty values are skipped. Too many aborts: our mistake. */
void name_add(struct name *n, enum oid type, struct str value);

/*
 * Encode. E_INPUT: "name-empty"; "name-too-long" (the upper bounds of RFC 5280 A.1, 64 characters
 * for most); "name-bad-character" (control characters, bidirectional controls, line separators,
 * private use, a leading or trailing space); "name-bad-country"; "name-bad-email".
 */
enum err name_build(const struct name *n, struct arena *a, struct bytes *der) MUST_CHECK;

/* Read a DER Name. Multi-valued RDNs are flattened; BMPString and T61String become UTF-8. */
enum err name_parse(struct bytes der, struct arena *a, struct name *out) MUST_CHECK;
/* First value of that type, absent when none. */
struct str name_get(const struct name *n, enum oid type);
/* RFC 4514 text, most specific first: "CN=山田 太郎,O=...,C=JP". "?" when it cannot be read. */
struct str name_text(struct arena *a, struct bytes der);
