/* pdf_verify_later.c - what was appended after each signature. */
#include "sign/pdf_verify_inside.h"

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

/* What the signatures that end at `from` or before permit, all together. */
static struct pdf_changes_rules rules_at(struct pdf_verify_job *j, uint64_t from)
{
    struct pdf_changes_lock *locks = ARENA_ARRAY(j->a, j->n + 1, struct pdf_changes_lock);
    struct pdf_changes_rules rules = { .locks = locks };

    for (size_t i = 0; i < j->n; i++) {
        const struct pdf_verify_item *item = &j->items[i];
        int p = item->r.permission;
        if (!item->ranged || item->range.end > from)
            continue;
        if (p && (!rules.permission || p < rules.permission))
            rules.permission = p;
        rules.certified |= item->r.certification != 0;
        if (item->locks)
            locks[rules.locks_n++] = item->lock;
    }
    return rules;
}

/* From one end to the next; a reader that is NULL could not be opened. */
static void between(struct pdf_verify_job *j, struct pdf_read *before, struct pdf_read *after,
                    struct pdf_revision *out)
{
    struct pdf_changes_rules rules = rules_at(j, out->from);

    if (!before || !after)
        pdf_changes_whole(out, j->a, "revision-unreadable");
    else if ((j->compared += after->next_id) > PDF_VERIFY_COMPARED_MAX)
        pdf_changes_whole(out, j->a, "revision-too-large");
    else if (pdf_changes_between(before, after, &rules, j->a, out) != E_OK)
        fault_clear(); /* told in *out */
    /* bytes that no cross-reference reaches: a reader that repairs files may show them */
    if ((!out->later && !blank(&j->source, out->from, out->to)) ||
        (after && !pdf_verify_bytes(j, after, out->from, out->to)))
        pdf_changes_whole(out, j->a, "bytes-unreachable");
    fault_clear();
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

void pdf_verify_later(struct pdf_verify_job *j)
{
    uint64_t *ends = ARENA_ARRAY(j->a, j->n + 2, uint64_t);
    size_t n = ends_of(j, ends);
    struct pdf_read before = { 0 }, after = { 0 };
    bool before_open = false;

    j->revisions = ARENA_ARRAY(j->a, n + 1, struct pdf_revision);
    for (size_t i = 0; i < n; i++) {
        bool whole = ends[i] == j->source.size;
        struct pdf_source cut = pdf_source_cut(&j->source, ends[i]);
        bool open = whole || pdf_read_open(&cut, j->password, &after) == E_OK;
        struct pdf_read *now = !open ? NULL : whole ? &j->doc : &after;
        fault_clear();
        if (i > 0) {
            struct pdf_revision *r = &j->revisions[j->revisions_n++];
            *r = (struct pdf_revision){ .from = ends[i - 1], .to = ends[i], .allowed = true };
            between(j, before_open ? &before : NULL, now, r);
        }
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
    { PDF_LATER_ANNOTATION, "later-annotation" }, { PDF_LATER_METADATA, "later-metadata" },
    { PDF_LATER_OTHER, "later-other" },
};

/* Everything that follows what `item` covers, put together. */
static struct pdf_revision follows(const struct pdf_verify_job *j,
                                   const struct pdf_verify_item *item)
{
    struct pdf_revision all = { .allowed = true };

    for (size_t i = 0; item->ranged && i < j->revisions_n; i++) {
        const struct pdf_revision *r = &j->revisions[i];
        if (r->from < item->range.end)
            continue;
        all.later |= r->later;
        all.forbidden |= r->forbidden;
        all.locked |= r->locked;
        all.covers |= r->covers;
        all.breaks |= r->breaks;
        all.allowed &= r->allowed;
    }
    return all;
}

/* ISO 32000-2 12.8.2.2: what a certification forbids breaks it; else it is open what was meant. */
static void weigh(struct pdf_verify_job *j, struct pdf_verify_item *item, bool certified,
                  const struct pdf_revision *after)
{
    struct pdf_signature_report *r = &item->r;
    unsigned over = after->forbidden;

    if (item->locks && after->locked)
        pdf_judge_worsen(&j->judge, r, PDF_TOTAL_FAILED, "FORMAT_FAILURE", "later-locked");
    if (certified && after->breaks)
        pdf_judge_worsen(&j->judge, r, PDF_TOTAL_FAILED, "FORMAT_FAILURE", "later-forbidden");
    else if (after->covers)
        pdf_judge_worsen(&j->judge, r, PDF_INDETERMINATE, "SIG_CONSTRAINTS_FAILURE",
                         "later-covers");
    if (!certified && over)
        pdf_judge_worsen(&j->judge, r, PDF_INDETERMINATE, "SIG_CONSTRAINTS_FAILURE",
                         over & PDF_LATER_OTHER        ? "later-other"
                         : over & PDF_LATER_ANNOTATION ? "later-annotation"
                         : over & PDF_LATER_FORM       ? "later-form"
                                                       : "later-signature");
}

void pdf_verify_later_weigh(struct pdf_verify_job *j)
{
    bool certified = false;

    for (size_t i = 0; i < j->n; i++) {
        struct pdf_verify_item *item = &j->items[i];
        struct pdf_revision after = follows(j, item);
        certified |= item->r.permission != 0;
        item->r.later = after.later;
        item->r.later_allowed = after.allowed;
        for (size_t k = 0; k < sizeof notes / sizeof *notes; k++) {
            if (after.later & notes[k].bit)
                pdf_judge_note(&j->judge, &item->r, notes[k].code);
        }
        /* a time-stamp proves a time, whatever comes later */
        if (item->r.kind != PDF_KIND_DOCUMENT_TIMESTAMP)
            weigh(j, item, certified, &after);
    }
}
