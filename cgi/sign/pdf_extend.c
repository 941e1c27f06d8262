/* pdf_extend.c - see pdf_extend.h. ETSI EN 319 142-1 5.4, 5.5. */
#include "sign/pdf_extend.h"

#include "sign/pdf_evidence.h"
#include "sign/pdf_field.h"

static const char *const names[] = { "timestamp", "validation", "archive" };
_Static_assert(sizeof names / sizeof *names == PDF_EXTEND__MAX, "a name for each kind");

const char *pdf_extend_name(enum pdf_extend_kind kind)
{
    return (unsigned)kind < PDF_EXTEND__MAX ? names[kind] : "";
}

enum err pdf_extend_parse(struct str name, enum pdf_extend_kind *out)
{
    for (int i = 0; i < PDF_EXTEND__MAX; i++) {
        if (str_eq_z(name, names[i])) {
            *out = (enum pdf_extend_kind)i;
            return E_OK;
        }
    }
    return FAIL(E_INPUT, "extension-unknown", "%.20s", str_absent(name) ? "" : name.p);
}

static enum err check_params(const struct pdf_extend_params *p)
{
    if ((unsigned)p->kind >= PDF_EXTEND__MAX || !p->trust)
        return FAIL(E_INTERNAL, "", "incomplete parameters");
    if (p->kind != PDF_EXTEND_VALIDATION && (!p->tsa || !p->tsa->send))
        return FAIL(E_BACKEND, "tsa-unavailable", "no time-stamping authority is configured");
    return E_OK;
}

/* All that is missing into the DSS. Nothing missing: no update, or nothing at all to do. */
static enum err add_evidence(struct pdf_update *u, const struct pdf_extend_params *p,
                             struct timestamp at)
{
    struct pdf_dss *dss = ARENA_NEW(u->a, struct pdf_dss);
    enum err rc = pdf_evidence_collect(u, at, p->kind == PDF_EXTEND_ARCHIVE, dss);

    if (rc != E_OK)
        return rc;
    if (pdf_dss_lacks(&u->doc, u->a, dss))
        return pdf_update_evidence(u, dss);
    if (p->kind == PDF_EXTEND_VALIDATION)
        return FAIL(E_STATE, "extend-nothing", "all evidence is in the document");
    return E_OK;
}

enum err pdf_extend(const struct pdf_extend_params *p, struct arena *a, struct buf *out,
                    struct pdf_sign_result *result)
{
    struct pdf_update u = {
        .source = p->source, .password = p->password, .tsa = p->tsa, .trust = p->trust, .a = a
    };
    enum err rc = check_params(p);

    *result = (struct pdf_sign_result){ .level = PDF_LEVEL_ES_A, .when = p->when };
    if (timestamp_is_none(result->when) || result->when.us == 0)
        result->when = clock_now();
    if (rc != E_OK || (rc = pdf_update_open(&u)) != E_OK ||
        (rc = pdf_form_kind_check(&u.doc)) != E_OK ||
        (rc = pdf_field_allowed(&u.doc, true, false)) != E_OK)
        goto out;
    if (p->kind != PDF_EXTEND_TIMESTAMP && (rc = add_evidence(&u, p, result->when)) != E_OK)
        goto out;
    if (p->kind != PDF_EXTEND_VALIDATION &&
        (rc = pdf_update_timestamp(&u, &result->archive)) != E_OK)
        goto out;
    result->level = p->kind == PDF_EXTEND_ARCHIVE      ? PDF_LEVEL_ES_A
                    : p->kind == PDF_EXTEND_VALIDATION ? PDF_LEVEL_ES_LT
                                                       : PDF_LEVEL_ES_T;
    rc = pdf_update_deliver(&u, p->tail_only, out, result);
out:
    if (rc != E_OK)
        buf_reset(out);
    pdf_update_close(&u);
    return rc;
}
