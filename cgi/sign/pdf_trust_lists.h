/*
 * pdf_trust_lists.h - services that a supervisor's list calls qualified (ETSI TS 119 612) or
 * accredited (the ministry's list of time-stamping services), and what that says about one
 * certificate at one time. A mark only adds to a verdict; whom to believe at all is pdf_trust.h's.
 */
#pragma once

#include "base/buf.h"
#include "base/clock.h"

enum pdf_mark_kind {
    PDF_MARK_QUALIFIED_SIGNATURE,   /* qualified certificate, key in a qualified device (QESig) */
    PDF_MARK_QUALIFIED_SEAL,        /* the same for organisations (QESeal) */
    PDF_MARK_QUALIFIED_CERTIFICATE, /* qualified certificate, device unknown (AdES/QC) */
    PDF_MARK_QUALIFIED_TIMESTAMP,
    PDF_MARK_ACCREDITED_TIMESTAMP, /* 総務大臣認定 */
    PDF_MARK_ACCREDITED_CERTIFICATE,
};

/* What a list says about a signer or a TSA at the time in question. */
struct pdf_mark {
    enum pdf_mark_kind kind;
    struct str service;           /* name of the service */
    struct str list;              /* name of the list */
    struct timestamp list_issued; /* when the list was issued */
    struct timestamp since;       /* the status holds since then */
    struct str status;            /* the last part of the status URI: "granted" ..., or absent */
};

/* One service as a list gives it: a period in which certificates below `cert` have the mark. */
struct pdf_trust_service {
    struct bytes cert; /* DER; of the service's CA or of the TSA itself */
    enum pdf_mark_kind kind;
    struct str name, list, status;
    struct timestamp from, until, list_issued; /* TIMESTAMP_NONE: open */
    bool anchor;       /* believed as well: an anchor for signers, or for time-stamps */
    bool by_statement; /* only certificates with the EU's QC statements (ETSI EN 319 412-5) */
};

struct pdf_trust_lists;

/* Empty: no marks. Aborts when out of memory. */
struct pdf_trust_lists *pdf_trust_lists_new(void);
void pdf_trust_lists_free(struct pdf_trust_lists *l); /* NULL is fine */
/* Add one service; copied. E_INPUT "certificate-malformed". */
enum err pdf_trust_lists_add(struct pdf_trust_lists *l,
                             const struct pdf_trust_service *service) MUST_CHECK;
size_t pdf_trust_lists_count(const struct pdf_trust_lists *l);
/* i < count; borrowed. */
const struct pdf_trust_service *pdf_trust_lists_service(const struct pdf_trust_lists *l, size_t i);

/*
 * One list in the plain form (docs/operations.md): lines "key = value"; before the first
 * "[service]" list and issued, behind each name, kind, from, until, status, statement, anchor and
 * certificate (base64 of DER) or certificate_file (PEM or DER, below `dir`; refused when `dir` is
 * absent). Times are YYYY-MM-DD or RFC 3339. E_INPUT "trust-list" with the line in the detail.
 */
enum err pdf_trust_lists_read(struct pdf_trust_lists *l, struct str text,
                              struct str dir) MUST_CHECK;
/* Every *.list of a directory. E_INPUT, with the file in the detail. */
enum err pdf_trust_lists_load(struct pdf_trust_lists *l, struct str dir) MUST_CHECK;
/* The plain form of one service, as pdf_trust_lists_read() takes it. */
void pdf_trust_lists_write(struct buf *b, const struct pdf_trust_service *s);

/*
 * The mark of a chain (DER, leaf first) of a signer or of a TSA at that time; false when no list
 * says anything. *out points into the lists.
 */
bool pdf_trust_lists_mark(const struct pdf_trust_lists *l, bool timestamp,
                          const struct bytes *chain, size_t chain_n, struct timestamp at,
                          struct pdf_mark *out);

/* "qualified-signature" ... and back. */
const char *pdf_trust_lists_mark_name(enum pdf_mark_kind kind);
bool pdf_trust_lists_mark_parse(struct str name, enum pdf_mark_kind *out);
