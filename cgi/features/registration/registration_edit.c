/*
 * registration_edit.c - a reviewer corrects what will be certified, where the profile allows it
 * (decision 0158). What was applied for stays beside it.
 */
#include "features/registration/registration_decision.h"

#include "features/registration/registration_inside.h"
#include "store/db.h"

static bool same(const struct profiles_value *a, size_t n, const struct profiles_value *b, size_t m)
{
    if (n != m)
        return false;
    for (size_t i = 0; i < n; i++)
        if (!str_eq(a[i].name, b[i].name) || !str_eq(a[i].value, b[i].value))
            return false;
    return true;
}

/* In the order of the profile's fields: the reviewer's where they may change it, otherwise as it
 * is. */
static void merge(const struct profile *p, const struct registration *r,
                  const struct profiles_value *values, size_t n, struct profiles_value *out,
                  size_t *out_n)
{
    *out_n = 0;
    for (size_t f = 0; f < p->fields_n; f++) {
        const struct profiles_field *field = &p->fields[f];
        const struct profiles_value *from = field->editable ? values : r->values;
        size_t from_n = field->editable ? n : r->values_n;

        for (size_t i = 0; i < from_n; i++)
            if (str_eq(from[i].name, field->name) && !str_empty(from[i].value))
                out[(*out_n)++] = from[i];
    }
}

static enum err check_fields(const struct profile *p, const struct profiles_value *values, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct profiles_field *f = profiles_field(p, values[i].name);
        if (f == NULL || !f->editable || f->fixed)
            return FAIL(E_DENIED, "field-fixed", "field %.*s", STR_ARG(values[i].name));
    }
    return n <= PROFILES_VALUES_MAX ? E_OK : FAIL(E_INPUT, "values-too-many", "%zu values", n);
}

/* Form and namespace of what it would be now; the key and the rest are judged when it is approved.
 */
static enum err check_values(struct tx *tx, const struct profile *p, const struct registration *r,
                             const struct profiles_value *values, size_t n,
                             struct profiles_finding **findings, size_t *findings_n)
{
    struct profiles_finding *form, *space;
    size_t form_n, space_n;

    TRY(profiles_judge(tx, p, values, n, &form, &form_n));
    TRY(profiles_namespace(tx, r->tenant, p, values, n, &space, &space_n));
    *findings = ARENA_ARRAY(tx_arena(tx), form_n + space_n + 1, struct profiles_finding);
    *findings_n = 0;
    for (size_t i = 0; i < form_n; i++)
        (*findings)[(*findings_n)++] = form[i];
    for (size_t i = 0; i < space_n; i++)
        (*findings)[(*findings_n)++] = space[i];
    for (size_t i = 0; i < *findings_n; i++)
        if ((*findings)[i].refuses)
            return FAIL(E_INPUT, (*findings)[i].code.p, "field %.*s",
                        STR_ARG((*findings)[i].field));
    return E_OK;
}

/* Names of the fields that differ, for the history: never their values. */
static struct str changed_fields(struct arena *a, const struct profile *p,
                                 const struct registration *r, const struct profiles_value *now,
                                 size_t n)
{
    struct str list = STR("");

    for (size_t f = 0; f < p->fields_n; f++) {
        struct str name = p->fields[f].name;
        struct profiles_value before[PROFILES_VALUES_MAX], after[PROFILES_VALUES_MAX];
        size_t before_n = 0, after_n = 0;

        for (size_t i = 0; i < r->values_n && before_n < PROFILES_VALUES_MAX; i++)
            if (str_eq(r->values[i].name, name))
                before[before_n++] = r->values[i];
        for (size_t i = 0; i < n && after_n < PROFILES_VALUES_MAX; i++)
            if (str_eq(now[i].name, name))
                after[after_n++] = now[i];
        if (!same(before, before_n, after, after_n))
            list = str_empty(list) ? name : str_fmt(a, "%.*s, %.*s", STR_ARG(list), STR_ARG(name));
    }
    return list;
}

enum err registration_edit(struct tx *tx, const struct audit_by *by, struct tenant_id tenant,
                           struct application_id id, uint32_t generation,
                           const struct profiles_value *values, size_t n, struct timestamp now,
                           struct profiles_finding **findings, size_t *findings_n)
{
    struct registration_decision d = { .tx = tx, .by = by, .now = now };
    struct arena *a = tx_arena(tx);
    const struct profile *p;
    struct registration_names names;
    struct profiles_value *merged;
    size_t merged_n;
    uint64_t changed;

    *findings_n = 0;
    TRY(registration_decision_begin(&d, tenant, id, generation, false));
    TRY(profiles_get(tx, d.r.profile, d.r.profile_version, &p));
    TRY(check_fields(p, values, n));
    merged = ARENA_ARRAY(a, d.r.values_n + n + 1, struct profiles_value);
    merge(p, &d.r, values, n, merged, &merged_n);
    struct str fields = changed_fields(a, p, &d.r, merged, merged_n);
    if (str_empty(fields))
        return FAIL(E_INPUT, "nothing-changed", "the values are the same");
    TRY(check_values(tx, p, &d.r, merged, merged_n, findings, findings_n));
    TRY(registration_names_of(tx, p, merged, merged_n, &names));
    bool original = same(merged, merged_n, d.r.original, d.r.original_n);
    TRY(q_review_edit(tx, id, tenant, generation, d.row.state,
                      original ? STR_ABSENT : registration_values_text(a, merged, merged_n),
                      names.title, now, &changed));
    if (changed != 1)
        return FAIL(E_CONFLICT, "changed-meanwhile", "nothing to edit");
    return registration_decision_record(&d, "edited", fields);
}
