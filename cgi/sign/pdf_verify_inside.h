/* pdf_verify_inside.h - shared by the files of the verifier, and by nobody else. */
#pragma once

#include "sign/pdf_changes.h"
#include "sign/pdf_judge.h"
#include "sign/pdf_range.h"

/* Objects compared in all revisions together: more count as changes that are not known. */
enum { PDF_VERIFY_SIGNATURES_MAX = 100, PDF_VERIFY_COMPARED_MAX = 4000000 };

/* One signature while it is judged. */
struct pdf_verify_item {
    struct pdf_signature_report r;
    struct pdf_form_field field;
    struct pdf_range range;
    bool ranged;          /* range is valid */
    struct cms_check cms; /* open when cms.cms is not NULL */
    bool believed;        /* its time-stamp's time holds */
    bool locks;           /* `lock` is set */
    struct pdf_changes_lock lock;
};

struct pdf_verify_job {
    struct pdf_source source;
    const struct secret *password;
    struct pdf_read doc;
    struct arena *a;
    struct pdf_judge judge;
    struct pdf_verify_item *items; /* by the end of what they cover */
    size_t n;
    struct pdf_revision *revisions; /* what follows the first signature */
    size_t revisions_n;
    uint64_t compared;
};

/*
 * Fill j->revisions: what lies between what each signature covers and the end of the file; make
 * sure that each signature belongs to the revision that it covers.
 */
void pdf_verify_later(struct pdf_verify_job *j);
/* Fill the judge's pool from the document's security store. */
void pdf_verify_evidence(struct pdf_verify_job *j);
/* And from the signature itself. */
void pdf_verify_evidence_cms(struct pdf_verify_job *j, const struct pdf_verify_item *item);
/* Is every object between two ends one that the cross-reference of the newer revision lists? */
bool pdf_verify_bytes(struct pdf_verify_job *j, struct pdf_read *after, uint64_t from, uint64_t to);
/* What the signature locks and permits: fills item->lock, r.permission and r.locked. */
void pdf_verify_locks(struct pdf_verify_job *j, struct pdf_verify_item *item);
/* Fill r.later of every item and weigh it against what is permitted (ISO 32000-2 12.8.2.2). */
void pdf_verify_later_weigh(struct pdf_verify_job *j);
