/* pdf_changes_note.c - findings become lines of the report. */
#include "sign/pdf_changes_inside.h"

static const char *text_of(const struct pdf_verify_text *list, const char *code)
{
    while (list->code && strcmp(list->code, code) != 0)
        list++;
    return list->text ? list->text : "";
}

static struct str path_of(const struct pdf_changes_finding *f, struct arena *a)
{
    struct str path = f->id ? str_fmt(a, "object %d", f->id) : STR("file");
    if (f->page)
        path = str_fmt(a, "page %u / %s", f->page, path.p);
    if (!str_empty(f->field))
        path = str_fmt(a, "%s / field %s", path.p, f->field.p);
    if (!str_empty(f->what))
        path = str_fmt(a, "%s / %s", path.p, f->what.p);
    return path;
}

static struct str kept(struct str s, struct arena *a)
{
    return str_absent(s) ? STR_ABSENT : str_of(a, s.p, s.n);
}

static void add(struct pdf_revision *out, struct arena *keep, const struct pdf_changes_finding *f)
{
    out->later |= f->later;
    if (!f->allowed)
        out->forbidden |= f->later ? f->later : PDF_LATER_OTHER;
    out->allowed = !out->forbidden;
    if (!out->changes)
        out->changes = ARENA_ARRAY(keep, PDF_VERIFY_CHANGES_MAX, struct pdf_change);
    if (out->changes_n == PDF_VERIFY_CHANGES_MAX) {
        out->left_out++;
        return;
    }
    out->changes[out->changes_n++] = (struct pdf_change){
        .code = f->code,
        .text = text_of(pdf_verify_changes, f->code),
        .rule = f->rule,
        .rule_text = text_of(pdf_verify_change_rules, f->rule),
        .allowed = f->allowed,
        .later = f->later,
        .object = f->id,
        .generation = f->gen,
        .page = f->page,
        .field = kept(f->field, keep),
        .what = kept(f->what, keep),
        .path = path_of(f, keep),
        .old = kept(f->old, keep),
        .new = kept(f->new, keep),
    };
}

void pdf_changes_note(struct pdf_changes_compare *c, const struct pdf_changes_finding *f)
{
    if (!f->allowed && strcmp(f->rule, "locked") == 0)
        c->out->locked = true;
    if (!f->allowed &&
        (strcmp(f->rule, "covers") == 0 || strcmp(f->rule, "visible-certified") == 0))
        c->out->covers = true;
    else if (!f->allowed)
        c->out->breaks = true;
    add(c->out, c->keep, f);
}

void pdf_changes_whole(struct pdf_revision *out, struct arena *keep, const char *code)
{
    out->breaks = true;
    add(out, keep,
        &(struct pdf_changes_finding){
            .code = code, .rule = "harmless-only", .later = PDF_LATER_OTHER });
}

void pdf_changes_note_other(struct pdf_changes_compare *c, const char *code, struct pdf_read_ref r,
                            unsigned page, const char *what)
{
    pdf_changes_note(c, &(struct pdf_changes_finding){
                            .code = code,
                            .rule = "harmless-only",
                            .later = PDF_LATER_OTHER,
                            .id = r.id,
                            .gen = r.gen,
                            .page = page,
                            .what = what ? str_z(what) : STR_ABSENT,
                        });
}

void pdf_changes_note_permit(struct pdf_changes_compare *c, struct pdf_changes_finding *f,
                             enum pdf_changes_act act)
{
    static const char *const rules[] = { "not-certified", "certified-1", "certified-2",
                                         "certified-3" };
    /* by P: none said, 1, 2, 3 */
    static const bool permitted[][4] = {
        [ACT_SIGN] = { true, false, true, true },
        [ACT_FILL] = { true, false, true, true },
        [ACT_CHANGE] = { false, false, true, true },
        [ACT_ANNOTATE] = { false, false, false, true },
    };
    int p = c->rules->permission >= 1 && c->rules->permission <= 3 ? c->rules->permission : 0;

    f->rule = rules[p];
    f->allowed = permitted[act][p];
    for (size_t i = 0; act != ACT_ANNOTATE && i < c->rules->locks_n; i++) {
        if (pdf_changes_locked(&c->rules->locks[i], f->field)) {
            f->rule = "locked";
            f->allowed = false;
        }
    }
}

bool pdf_changes_locked(const struct pdf_changes_lock *lock, struct str field)
{
    bool listed = false;

    for (size_t i = 0; i < lock->names_n && !listed; i++) {
        struct str name = lock->names[i];
        listed = str_eq(name, field) ||
                 (field.n > name.n && str_starts(field, name) && field.p[name.n] == '.');
    }
    return lock->action == PDF_CHANGES_LOCK_ALL ||
           (lock->action == PDF_CHANGES_LOCK_INCLUDE ? listed : !listed);
}

void pdf_changes_note_keys(struct pdf_changes_compare *c, struct pdf_read_ref o,
                           struct pdf_read_ref n, pdf_changes_key_fn *judge, void *arg)
{
    size_t on, nn;
    struct str *old = pdf_read_keys(c->o, o, c->a, &on), *new = pdf_read_keys(c->n, n, c->a, &nn);

    if (on > PDF_READ_KEYS_MAX || nn > PDF_READ_KEYS_MAX) {
        pdf_changes_note_other(c, "revision-too-large", n, 0, NULL);
        return;
    }
    for (size_t i = 0; i < nn; i++) {
        struct pdf_read_ref l = pdf_read_get(c->o, o, new[i].p),
                            r = pdf_read_get(c->n, n, new[i].p);
        if (!pdf_read_same_value(c->o, l, c->n, r))
            judge(c, new[i].p, l, r, arg);
    }
    for (size_t i = 0; i < on; i++) {
        struct pdf_read_ref l = pdf_read_get(c->o, o, old[i].p),
                            r = pdf_read_get(c->n, n, old[i].p);
        if (pdf_read_is_null(c->n, r) && !pdf_read_is_null(c->o, l))
            judge(c, old[i].p, l, r, arg);
    }
}
