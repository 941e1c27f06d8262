/* pdf_verify_locks.c - what a signature permits and locks (ISO 32000-2 12.7.5.5, 12.8.2.4). */
#include "sign/pdf_verify_inside.h"

#define NAMES_MAX 1000 /* more: everything counts as locked */

/* The parameters of FieldMDP in the signature, else the field's own lock; null when there is none.
 */
static struct pdf_read_ref lock_of(struct pdf_read *d, const struct pdf_form_field *field)
{
    struct pdf_read_ref list = pdf_read_get(d, field->value, "/Reference");
    int n = pdf_read_length(d, list);

    for (int i = 0; i < n && i < 16; i++) {
        struct pdf_read_ref one = pdf_read_item(d, list, i);
        if (pdf_read_name_is(d, pdf_read_get(d, one, "/TransformMethod"), "/FieldMDP"))
            return pdf_read_get(d, one, "/TransformParams");
    }
    return pdf_read_get(d, field->field, "/Lock");
}

static void read_names(struct pdf_read *d, struct pdf_read_ref list, struct arena *a,
                       struct pdf_changes_lock *lock)
{
    int n = pdf_read_length(d, list);

    if (n > NAMES_MAX) {
        lock->action = PDF_CHANGES_LOCK_ALL;
        return;
    }
    lock->names = ARENA_ARRAY(a, n > 0 ? (size_t)n : 1, struct str);
    for (int i = 0; i < n; i++) {
        struct str name = pdf_read_text(d, pdf_read_item(d, list, i), a);
        if (!str_absent(name))
            lock->names[lock->names_n++] = name;
    }
}

/* For people: "all", or the names; those of an exclusion behind "all but". */
static struct str in_words(const struct pdf_changes_lock *lock, struct arena *a)
{
    struct str out = lock->action == PDF_CHANGES_LOCK_INCLUDE ? STR("") : STR("all");

    for (size_t i = 0; lock->action != PDF_CHANGES_LOCK_ALL && i < lock->names_n && i < 20; i++)
        out = str_fmt(a, "%s%s%s", out.p,
                      i > 0           ? ", "
                      : out.p[0] != 0 ? " but "
                                      : "",
                      lock->names[i].p);
    return out;
}

void pdf_verify_locks(struct pdf_verify_job *j, struct pdf_verify_item *item)
{
    struct pdf_read *d = &j->doc;
    struct pdf_read_ref lock = lock_of(d, &item->field);
    struct pdf_read_ref own = pdf_read_get(d, item->field.field, "/Lock");
    struct pdf_read_ref action = pdf_read_get(d, lock, "/Action");
    int64_t p = pdf_read_int(d, pdf_read_get(d, own, "/P"), 0);

    item->r.permission = item->r.certification;
    if (p >= 1 && p <= 3 && (!item->r.permission || p < item->r.permission))
        item->r.permission = (int)p;
    if (!pdf_read_is_dict(d, lock))
        return;
    item->locks = true;
    item->lock.action = pdf_read_name_is(d, action, "/Include")   ? PDF_CHANGES_LOCK_INCLUDE
                        : pdf_read_name_is(d, action, "/Exclude") ? PDF_CHANGES_LOCK_EXCLUDE
                                                                  : PDF_CHANGES_LOCK_ALL;
    read_names(d, pdf_read_get(d, lock, "/Fields"), j->a, &item->lock);
    item->r.locked = in_words(&item->lock, j->a);
}
