/*
 * pdf_changes.h - compares two revisions of a document object by object and says what lies between
 * them, and whether that is allowed. What it does not know to be harmless is not.
 */
#pragma once

#include "sign/pdf_form.h"
#include "sign/pdf_verify_change.h"

/* More objects than this are not compared: "revision-too-large". */
enum { PDF_CHANGES_OBJECTS_MAX = 400000 };

/* Fields that an earlier signature locks (ISO 32000-2 12.7.5.5, 12.8.2.4). */
struct pdf_changes_lock {
    enum { PDF_CHANGES_LOCK_ALL, PDF_CHANGES_LOCK_INCLUDE, PDF_CHANGES_LOCK_EXCLUDE } action;
    struct str *names; /* full names; what is below them is meant as well */
    size_t names_n;
};

/* What the signatures before the change permit. */
struct pdf_changes_rules {
    int permission; /* P of a certification or of a lock; 0: none was said */
    bool certified;
    const struct pdf_changes_lock *locks;
    size_t locks_n;
};

/*
 * `before` and `after` are readers of the same file, cut at the end of the older revision and of
 * the newer. Fills all of *out but its range; slices go to `keep`. E_INPUT pdf-damaged when an
 * object cannot be read; then *out says "revision-unreadable".
 */
enum err pdf_changes_between(struct pdf_read *before, struct pdf_read *after,
                             const struct pdf_changes_rules *rules, struct arena *keep,
                             struct pdf_revision *out) MUST_CHECK;

/* One change that is not allowed and about no object: a code of pdf_verify_changes[]. */
void pdf_changes_whole(struct pdf_revision *out, struct arena *keep, const char *code);

bool pdf_changes_locked(const struct pdf_changes_lock *lock, struct str field);
