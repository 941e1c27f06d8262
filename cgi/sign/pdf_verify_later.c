/* pdf_verify_later.c - what was appended after each signature. */
#include "sign/pdf_verify_inside.h"

#include "sign/pdf_changes.h"

/* Only white space between two ends: the newline that some programs add. */
static bool blank(const struct pdf_source *s, uint64_t from, uint64_t to)
{
    for (; from < to; from++) {
        uint8_t c;
        if (pdf_source_read(s, from, &c, 1) != E_OK || (c != '\n' && c != '\r' && c != ' ' && c))
            return false;
    }
    return true;
}

/*
 * The signature must be in the revision that it covers, in its place (wrapping, moved ranges), and
 * its dictionary must not have been replaced since: what it claims is read from the newest
 * revision.
 */
static bool at_home(struct pdf_verify_job *j, struct pdf_read *revision,
                    const struct pdf_verify_item *item)
{
    struct pdf_form_field *fields;
    size_t n;

    if (pdf_form_signatures(revision, j->a, &fields, &n) != E_OK)
        return false;
    for (size_t i = 0; i < n; i++) {
        struct pdf_range r;
        if (fields[i].filled && str_eq(fields[i].name, item->field.name) &&
            pdf_range_read(revision, fields[i].value, j->a, &r) == E_OK &&
            r.gap == item->range.gap && r.resume == item->range.resume && r.end == item->range.end)
            return pdf_read_same_object(revision, fields[i].value, &j->doc, item->field.value);
    }
    return false;
}

/* Kinds of change from one end to the next; `after` NULL means the whole file's reader. */
static unsigned between(struct pdf_verify_job *j, struct pdf_read *before, struct pdf_read *after,
                        uint64_t from, uint64_t to)
{
    unsigned kinds;

    if (!before || !after || (j->compared += after->next_id) > PDF_VERIFY_COMPARED_MAX ||
        pdf_changes_between(before, after, &kinds) != E_OK)
        kinds = PDF_LATER_OTHER;
    /* bytes that no cross-reference reaches: a reader that repairs files may show them */
    if (kinds == PDF_LATER_NOTHING && !blank(&j->source, from, to))
        kinds = PDF_LATER_OTHER;
    fault_clear();
    return kinds;
}

static void check_home(struct pdf_verify_job *j, struct pdf_read *revision, uint64_t end)
{
    for (size_t i = 0; i < j->n; i++) {
        struct pdf_verify_item *item = &j->items[i];
        if (!item->ranged || item->range.end != end)
            continue;
        if (!revision)
            pdf_judge_worsen(&j->judge, &item->r, PDF_TOTAL_FAILED, "FORMAT_FAILURE",
                             "revision-unreadable");
        else if (!at_home(j, revision, item))
            pdf_judge_worsen(&j->judge, &item->r, PDF_TOTAL_FAILED, "FORMAT_FAILURE",
                             "signature-moved");
        fault_clear();
    }
}

/* Distinct ends of what is covered, ascending, the whole file last. */
static size_t ends_of(const struct pdf_verify_job *j, uint64_t *ends)
{
    size_t n = 0;
    for (size_t i = 0; i < j->n; i++) {
        if (j->items[i].ranged && (n == 0 || ends[n - 1] < j->items[i].range.end))
            ends[n++] = j->items[i].range.end;
    }
    if (n && ends[n - 1] < j->source.size)
        ends[n++] = j->source.size;
    return n;
}

static void spread_kinds(struct pdf_verify_job *j, uint64_t from, unsigned kinds)
{
    for (size_t i = 0; i < j->n; i++) {
        if (j->items[i].ranged && j->items[i].range.end <= from)
            j->items[i].r.later |= kinds;
    }
}

void pdf_verify_later(struct pdf_verify_job *j)
{
    uint64_t *ends = ARENA_ARRAY(j->a, j->n + 2, uint64_t);
    size_t n = ends_of(j, ends);
    struct pdf_read before = { 0 }, after = { 0 };
    bool before_open = false;

    for (size_t i = 0; i < n; i++) {
        bool whole = ends[i] == j->source.size;
        struct pdf_source cut = pdf_source_cut(&j->source, ends[i]);
        bool open = whole || pdf_read_open(&cut, j->password, &after) == E_OK;
        struct pdf_read *now = !open ? NULL : whole ? &j->doc : &after;
        fault_clear();
        if (i > 0)
            spread_kinds(j, ends[i - 1],
                         between(j, before_open ? &before : NULL, now, ends[i - 1], ends[i]));
        check_home(j, now, ends[i]);
        pdf_read_close(&before);
        before = after;
        before_open = open && !whole;
        after = (struct pdf_read){ 0 };
    }
    pdf_read_close(&before);
}

static const struct {
    unsigned bit;
    const char *code;
} notes[] = {
    { PDF_LATER_DSS, "later-validation-data" },   { PDF_LATER_TIMESTAMP, "later-timestamp" },
    { PDF_LATER_SIGNATURE, "later-signature" },   { PDF_LATER_FORM, "later-form" },
    { PDF_LATER_ANNOTATION, "later-annotation" }, { PDF_LATER_OTHER, "later-other" },
};

/* What may follow under DocMDP permission P; without certification, what cannot change the content.
 */
static unsigned permitted(int certification)
{
    unsigned always = PDF_LATER_DSS | PDF_LATER_TIMESTAMP; /* EN 319 142-1 5.4 */
    switch (certification) {
    case 1:
        return always;
    case 3:
        return always | PDF_LATER_SIGNATURE | PDF_LATER_FORM | PDF_LATER_ANNOTATION;
    case 2:
        return always | PDF_LATER_SIGNATURE | PDF_LATER_FORM;
    default:
        return always | PDF_LATER_SIGNATURE;
    }
}

void pdf_verify_later_weigh(struct pdf_verify_job *j)
{
    int certification = 0;

    for (size_t i = 0; i < j->n && !certification; i++)
        certification = j->items[i].r.certification;
    for (size_t i = 0; i < j->n; i++) {
        struct pdf_signature_report *r = &j->items[i].r;
        unsigned over = r->later & ~permitted(certification);
        /* which fields are locked is not weighed: a locking signature stands for all of them */
        if (pdf_form_locks(&j->doc, &j->items[i].field))
            over |= r->later & PDF_LATER_FORM;
        for (size_t k = 0; k < sizeof notes / sizeof *notes; k++) {
            if (r->later & notes[k].bit)
                pdf_judge_note(&j->judge, r, notes[k].code);
        }
        if (!over || r->kind == PDF_KIND_DOCUMENT_TIMESTAMP)
            continue;
        if (certification)
            pdf_judge_worsen(&j->judge, r, PDF_TOTAL_FAILED, "SIG_CONSTRAINTS_FAILURE",
                             "later-forbidden");
        else
            pdf_judge_worsen(&j->judge, r, PDF_INDETERMINATE, "SIG_CONSTRAINTS_FAILURE",
                             over & PDF_LATER_OTHER        ? "later-other"
                             : over & PDF_LATER_ANNOTATION ? "later-annotation"
                                                           : "later-form");
    }
}
