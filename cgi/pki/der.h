/*
 * der.h - read ASN.1 DER (X.690): what certificates, OCSP, CMS and timestamps are made
 * of.
 *
 * The reader is strict: definite minimal lengths, low tag numbers, everything bounded by its
 * parent. It borrows: every slice points into the input. Both sides are for structures that we
 * know; there is no schema compiler here.
 */
#pragma once

#include "base/buf.h"
#include "base/clock.h"

enum der_tag {
    DER_BOOLEAN = 0x01,
    DER_INTEGER = 0x02,
    DER_BIT_STRING = 0x03,
    DER_OCTET_STRING = 0x04,
    DER_NULL = 0x05,
    DER_OID = 0x06,
    DER_ENUMERATED = 0x0a,
    DER_UTF8_STRING = 0x0c,
    DER_PRINTABLE_STRING = 0x13,
    DER_IA5_STRING = 0x16,
    DER_UTC_TIME = 0x17,
    DER_GENERALIZED_TIME = 0x18,
    DER_SEQUENCE = 0x30,
    DER_SET = 0x31,
};
/* [n] constructed and [n] primitive context tags, n <= 30. */
#define DER_CONTEXT(n) (0xa0 | (n))
#define DER_CONTEXT_PRIMITIVE(n) (0x80 | (n))

/* A cursor over the contents of one constructed value. */
struct der {
    struct bytes rest;
};

/* One element: its tag octet, its contents, and the whole element with header. */
struct der_item {
    uint8_t tag;
    struct bytes value;
    struct bytes whole;
};

struct der der_reader(struct bytes data);
bool der_at_end(const struct der *d);
/* Tag of the next element, 0 at the end or when the header is malformed. */
uint8_t der_peek(const struct der *d);
/* Next element, whatever it is. false when malformed or absent: the cursor does not move. */
bool der_any(struct der *d, struct der_item *out) MUST_CHECK;
/* Next element, which must carry this tag. */
bool der_take(struct der *d, uint8_t tag, struct der_item *out) MUST_CHECK;
/* The same for a constructed element: a cursor over its contents. */
bool der_enter(struct der *d, uint8_t tag, struct der *inside) MUST_CHECK;
/* Next INTEGER as its minimal two's complement contents (1..max octets). */
bool der_integer(struct der *d, size_t max, struct bytes *out) MUST_CHECK;
/* Next non-negative INTEGER that fits. */
bool der_u64(struct der *d, uint64_t *out) MUST_CHECK;
/* Next BOOLEAN: 0x00 or 0xff only (X.690 11.1). */
bool der_bool(struct der *d, bool *out) MUST_CHECK;
/* Next OBJECT IDENTIFIER: its contents octets, well-formed. */
bool der_oid(struct der *d, struct bytes *out) MUST_CHECK;
/* Next BIT STRING with no unused bits. */
bool der_bits(struct der *d, struct bytes *out) MUST_CHECK;
/* Next UTCTime or GeneralizedTime as RFC 5280 4.1.2.5 allows them (Z, seconds); fraction accepted.
 */
bool der_time(struct der *d, struct timestamp *out) MUST_CHECK;
/* Next AlgorithmIdentifier: OID contents, and the parameters' whole element (absent when none). */
bool der_algorithm(struct der *d, struct bytes *oid, struct bytes *parameters) MUST_CHECK;
/* True when data is exactly one well-formed element (headers are checked to depth 32). */
bool der_well_formed(struct bytes data);
