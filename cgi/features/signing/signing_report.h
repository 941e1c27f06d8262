/*
 * signing_report.h - a signed PDF for people to keep: what the verifier found. Pages write it in
 * the reader's language, block by block; signing_report_sign() makes the file and signs it with
 * the provider's report seal at ES-T. Part of signing.h; implemented in signing_report_work.c.
 */
#pragma once

#include "features/signing/signing.h"

struct signing_report;

enum signing_report_tone {
    SIGNING_REPORT_PLAIN,
    SIGNING_REPORT_GOOD,
    SIGNING_REPORT_CAUTION,
    SIGNING_REPORT_BAD
};

/* A line of label and value; an absent or empty value leaves it out. */
struct signing_report_row {
    struct str label, value;
};

/* Begin; everything lives in the arena. `lang` is "ja" or "en", `footer` the small print. */
struct signing_report *signing_report_new(struct arena *a, const char *lang, struct str title,
                                          struct str footer, struct timestamp now);
void signing_report_heading(struct signing_report *r, int level, struct str text);
void signing_report_paragraph(struct signing_report *r, struct str text);
void signing_report_item(struct signing_report *r, struct str text);
/* A paragraph in a frame: the verdict. */
void signing_report_notice(struct signing_report *r, enum signing_report_tone tone,
                           struct str text);
void signing_report_table(struct signing_report *r, const struct signing_report_row *rows,
                          size_t n);
/* A table with a head row: `cells` row after row; `widths` are shares of the line. */
void signing_report_grid(struct signing_report *r, const struct str *cells, size_t rows,
                         size_t columns, const unsigned *widths);
/*
 * Make the file and sign it. E_BACKEND "hsm-unavailable", "tsa-unavailable": may be tried again.
 * `reason` stands in the signature. Writes its own audit row.
 */
enum err signing_report_sign(struct tx *tx, struct signing_report *r, struct str reason,
                             const struct audit_by *by, struct timestamp now,
                             struct buf *out) MUST_CHECK;
