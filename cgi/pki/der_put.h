/* der_put.h - write ASN.1 DER (X.690) into a buffer; reading is der.h. */
#pragma once

#include "pki/der.h"

/*
 * Writes into a struct buf; failure is sticky there. der_put_begin..der_put_end nest; the length is
 * filled in at der_put_end. `mark` values must be ended in reverse order.
 */
size_t der_put_begin(struct buf *b, uint8_t tag);
void der_put_end(struct buf *b, size_t mark);
void der_put(struct buf *b, uint8_t tag, struct bytes contents);
void der_put_oid(struct buf *b, struct bytes oid_contents);
/* Unsigned big-endian number: leading zeros dropped, one added where the top bit is set. */
void der_put_unsigned(struct buf *b, struct bytes big_endian);
void der_put_u64(struct buf *b, uint64_t v);
void der_put_bool(struct buf *b, bool v);
void der_put_null(struct buf *b);
void der_put_octets(struct buf *b, struct bytes v);
/* BIT STRING without unused bits. */
void der_put_bits(struct buf *b, struct bytes v);
/* Named-bit list (X.680 22.7): bit i of `bits` is named bit i; trailing zero bits removed. */
void der_put_named_bits(struct buf *b, uint32_t bits);
void der_put_utf8(struct buf *b, struct str v);
/* RFC 5280 4.1.2.5: UTCTime through 2049, GeneralizedTime after. Seconds, rounded down. */
void der_put_time(struct buf *b, struct timestamp t);
/* GeneralizedTime, with milliseconds when `fraction` (trailing zeros removed, X.690 11.7). */
void der_put_generalized(struct buf *b, struct timestamp t, bool fraction);
/* AlgorithmIdentifier; NULL parameters written when `null_parameters`, else absent. */
void der_put_algorithm(struct buf *b, struct bytes oid, bool null_parameters);
