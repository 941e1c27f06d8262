/*
 * signing_seal.h - the library of seals (印影) and of placements that recur. Part of signing.h. A
 * person sees and uses only own seals; the organisation's belong to its administrators and its
 * systems. What a seal shows is encrypted at rest under a key of its own and erased with it.
 */
#pragma once

#include "features/signing/signing.h"

struct pdf_look;

enum {
    SIGNING_SEALS_MAX = 20,     /* of one owner */
    SIGNING_TEMPLATES_MAX = 50, /* of one owner */
    SIGNING_SEAL_UPLOAD = 4 * 1024 * 1024,
};

/* The organisation itself as owner of seals; API clients are mapped to it by themselves. */
#define SIGNING_SEAL_ORGANISATION(t) ((struct signing_owner){ .tenant = (t) })

enum signing_seal_kind { SIGNING_SEAL_IMAGE, SIGNING_SEAL_ROUND, SIGNING_SEAL_SQUARE };

struct signing_seal {
    uint64_t id;
    struct str public_id, label;
    enum signing_seal_kind kind;
    bool main; /* proposed when a document is signed */
    struct timestamp created;
};

/* What a new seal is made of: the picture, or the characters. */
struct signing_seal_new {
    enum signing_seal_kind kind;
    struct str label;
    struct bytes image; /* PNG or JPEG, of at most SIGNING_SEAL_UPLOAD bytes */
    bool clear_paper;   /* the white of a picture becomes transparent */
    struct str text;
};

/* "image", "round", "square". */
const char *signing_seal_kind_name(enum signing_seal_kind kind);

/* Own seals, the main one first, then by age. */
enum err signing_seal_list(struct tx *tx, struct signing_owner owner, struct signing_seal **rows,
                           size_t *n) MUST_CHECK;
/* E_ABSENT "seal-unknown" when it is not the owner's. */
enum err signing_seal_find(struct tx *tx, struct signing_owner owner, struct str public_id,
                           struct signing_seal *out) MUST_CHECK;
/*
 * Check, encrypt, keep. E_INPUT and E_LIMIT with the seal-* reasons of sign/pdf_seal.h, E_LIMIT
 * "seals-too-many". The first one becomes the main one.
 */
enum err signing_seal_store(struct tx *tx, struct signing_owner owner,
                            const struct signing_seal_new *seal, const struct audit_by *by,
                            struct timestamp now, struct str *public_id) MUST_CHECK;
/* Proposed from now on when a document is signed. */
enum err signing_seal_set_main(struct tx *tx, struct signing_owner owner, struct str public_id,
                               const struct audit_by *by) MUST_CHECK;
/* Key and contents go. Placements that used it stay, without a seal. */
enum err signing_seal_erase(struct tx *tx, struct signing_owner owner, struct str public_id,
                            const struct audit_by *by) MUST_CHECK;

/* What stands beside a seal; each is left out when absent. */
struct signing_seal_captions {
    struct str name, reason, date;
};

/*
 * The look of a seal, decrypted, in the transaction's arena. Absent `public_id`: captions alone.
 * E_BACKEND "seal-damaged" when the bytes do not fit their key.
 */
enum err signing_seal_look(struct tx *tx, struct signing_owner owner, struct str public_id,
                           const struct signing_seal_captions *captions,
                           struct pdf_look *out) MUST_CHECK;
/* "2026年11月20日" or "20 Nov 2026", in Japan: the date as a caption. */
struct str signing_seal_date(struct arena *a, struct timestamp t, bool japanese);
/* The seal as PNG, at most `side` pixels wide and high. */
enum err signing_seal_picture(struct tx *tx, struct signing_owner owner, struct str public_id,
                              unsigned side, struct buf *png) MUST_CHECK;
/* The same of one that is not stored yet. */
enum err signing_seal_try(const struct signing_seal_new *seal, unsigned side,
                          struct buf *png) MUST_CHECK;

/* --- placements that recur --- */

enum signing_page_rule {
    SIGNING_PAGE_FIRST,
    SIGNING_PAGE_LAST,
    SIGNING_PAGE_NUMBER,
    SIGNING_PAGE_ALL
};

struct signing_template {
    struct str public_id; /* absent: a new one */
    struct str name;
    struct str seal; /* public id; absent: none, or erased meanwhile */
    enum signing_page_rule rule;
    uint32_t page;                /* of SIGNING_PAGE_NUMBER, from 1 */
    uint32_t x, y, width, height; /* tenths of a millimetre, from the lower left as displayed */
    bool show_name, show_date, show_reason;
    struct str reason; /* may be empty */
    enum signing_level level;
    uint32_t certify; /* 0: approval; 1 to 3: certification with that permission */
};

enum err signing_template_list(struct tx *tx, struct signing_owner owner,
                               struct signing_template **rows, size_t *n) MUST_CHECK;
/* E_ABSENT "template-unknown". */
enum err signing_template_find(struct tx *tx, struct signing_owner owner, struct str public_id,
                               struct signing_template *out) MUST_CHECK;
/* Add, or replace the one of that public id. E_INPUT "template-size", "template-page",
 * "template-seal"; E_LIMIT "templates-too-many". */
enum err signing_template_store(struct tx *tx, struct signing_owner owner,
                                const struct signing_template *t, const struct audit_by *by,
                                struct timestamp now, struct str *public_id) MUST_CHECK;
enum err signing_template_erase(struct tx *tx, struct signing_owner owner, struct str public_id,
                                const struct audit_by *by) MUST_CHECK;
/* Points (1/72 inch) of tenths of a millimetre. */
double signing_template_points(uint32_t tenths);
/* First and last page, from 1, that the rule means in a document of `pages` pages. E_INPUT
 * "template-page" when it has no such page. */
enum err signing_template_pages(const struct signing_template *t, unsigned pages, unsigned *first,
                                unsigned *last) MUST_CHECK;
