/* pdf_field.c - see pdf_field.h. */
#include "sign/pdf_field.h"

#include "sign/pdf_field_certificate.h"

enum {
    LIST_MAX = 256, /* items looked at of any list in a seed value dictionary */
    /* bits of /Ff: what is demanded, not only proposed (table 237) */
    DEMANDS_FILTER = 1 << 0,
    DEMANDS_SUBFILTER = 1 << 1,
    DEMANDS_VERSION = 1 << 2,
    DEMANDS_REASONS = 1 << 3,
    DEMANDS_ATTESTATION = 1 << 4,
    DEMANDS_REVOCATION = 1 << 5,
    DEMANDS_DIGEST = 1 << 6,
    DEMANDS_LOCK = 1 << 7,
    DEMANDS_APPEARANCE = 1 << 8,
    DEMANDS_ALL = (1 << 9) - 1
};
#define VERSION_KNOWN 3.0 /* of the seed value dictionary: PDF 2.0 */

static int demands(struct pdf_read *d, struct pdf_read_ref dict)
{
    int64_t ff = pdf_read_int(d, pdf_read_get(d, dict, "/Ff"), 0);
    return ff < 0 || ff > INT32_MAX ? INT32_MAX : (int)ff;
}

static int list_length(struct pdf_read *d, struct pdf_read_ref list)
{
    int n = pdf_read_length(d, list);
    return n < LIST_MAX ? n : LIST_MAX;
}

static bool names_hold(struct pdf_read *d, struct pdf_read_ref list, const char *name)
{
    for (int i = 0; i < list_length(d, list); i++) {
        if (pdf_read_name_is(d, pdf_read_item(d, list, i), name))
            return true;
    }
    return false;
}

/* Filter, SubFilter and DigestMethod: what we write is what it is. */
static enum err check_form(struct pdf_read *d, struct pdf_read_ref sv, int ff,
                           const struct pdf_field_intent *in)
{
    struct pdf_read_ref filter = pdf_read_get(d, sv, "/Filter");
    struct pdf_read_ref sub = pdf_read_get(d, sv, "/SubFilter");
    struct pdf_read_ref digest = pdf_read_get(d, sv, "/DigestMethod");
    const char *ours =
        in->signer && cms_signer_digest(in->signer) == DIGEST_SHA384 ? "/SHA384" : "/SHA256";

    if ((ff & DEMANDS_FILTER) && !pdf_read_is_null(d, filter) &&
        !pdf_read_name_is(d, filter, "/Adobe.PPKLite"))
        return FAIL(E_UNSUPPORTED, "seed-filter", "ISO 32000-2 table 237: /Filter");
    if ((ff & DEMANDS_SUBFILTER) && pdf_read_length(d, sub) > 0 &&
        !names_hold(d, sub, "/ETSI.CAdES.detached"))
        return FAIL(E_UNSUPPORTED, "seed-subfilter", "ISO 32000-2 table 237: /SubFilter");
    if ((ff & DEMANDS_DIGEST) && in->signer && pdf_read_length(d, digest) > 0 &&
        !names_hold(d, digest, ours))
        return FAIL(E_UNSUPPORTED, "seed-digest", "ISO 32000-2 table 237: /DigestMethod");
    if ((ff & DEMANDS_VERSION) && pdf_read_real(d, pdf_read_get(d, sv, "/V"), 1.0) > VERSION_KNOWN)
        return FAIL(E_UNSUPPORTED, "seed-version", "ISO 32000-2 table 237: /V");
    return E_OK;
}

/* The reasons that are left; a single "." or an empty list means that there shall be none. */
static enum err obey_reasons(struct pdf_read *d, struct pdf_read_ref sv, struct arena *a,
                             struct pdf_field_intent *in)
{
    struct pdf_read_ref list = pdf_read_get(d, sv, "/Reasons");
    int n = list_length(d, list);
    struct str first = pdf_read_text(d, pdf_read_item(d, list, 0), a);

    if (n == 0 || (n == 1 && str_eq_z(first, "."))) {
        if (!str_empty(in->reason))
            return FAIL(E_INPUT, "seed-reason", "the field allows no reason");
        return E_OK;
    }
    if (n == 1 && str_empty(in->reason)) {
        in->reason = first;
        return E_OK;
    }
    for (int i = 0; i < n; i++) {
        if (str_eq(pdf_read_text(d, pdf_read_item(d, list, i), a), in->reason))
            return E_OK;
    }
    return FAIL(E_INPUT, "seed-reason", "none of the %d that the field allows", n);
}

/* /MDP has no flag: it always counts (table 237). P 0: an approval signature. */
static enum err obey_certification(struct pdf_read *d, struct pdf_read_ref sv,
                                   struct pdf_field_intent *in)
{
    struct pdf_read_ref mdp = pdf_read_get(d, sv, "/MDP");
    int64_t p = pdf_read_int(d, pdf_read_get(d, mdp, "/P"), -1);

    if (!pdf_read_is_dict(d, mdp) || p < 0)
        return E_OK;
    if (p > 3 || (in->certify && in->certify != p))
        return FAIL(E_INPUT, "seed-certification", "the field asks for P=%lld", (long long)p);
    in->certify = (int)p;
    return E_OK;
}

static enum err obey_entries(struct pdf_read *d, struct pdf_read_ref sv, int ff, struct arena *a,
                             struct pdf_field_intent *in)
{
    struct pdf_read_ref stamp = pdf_read_get(d, sv, "/TimeStamp");
    enum err rc = E_OK;

    if ((ff & DEMANDS_REASONS) && (rc = obey_reasons(d, sv, a, in)) != E_OK)
        return rc;
    if ((rc = obey_certification(d, sv, in)) != E_OK)
        return rc;
    if ((ff & DEMANDS_ATTESTATION) && list_length(d, pdf_read_get(d, sv, "/LegalAttestation")) > 0)
        return FAIL(E_UNSUPPORTED, "seed-legal-attestation", "ISO 32000-2 table 237");
    if ((ff & DEMANDS_APPEARANCE) && !pdf_read_is_null(d, pdf_read_get(d, sv, "/AppearanceFilter")))
        return FAIL(E_UNSUPPORTED, "seed-appearance", "ISO 32000-2 table 237: a viewer's own look");
    if (in->preview)
        return E_OK;
    if (demands(d, stamp) & 1 && in->level < PDF_LEVEL_ES_T)
        return FAIL(E_INPUT, "seed-timestamp", "ISO 32000-2 table 237: /TimeStamp");
    if ((ff & DEMANDS_REVOCATION) && pdf_read_is_true(d, pdf_read_get(d, sv, "/AddRevInfo")) &&
        in->level < PDF_LEVEL_ES_LT)
        return FAIL(E_INPUT, "seed-revocation", "ISO 32000-2 table 237: /AddRevInfo");
    return E_OK;
}

enum err pdf_field_obey(struct pdf_read *d, struct pdf_read_ref field, struct arena *a,
                        struct pdf_field_intent *in)
{
    struct pdf_read_ref sv = pdf_read_get(d, field, "/SV");
    int ff = demands(d, sv);
    enum err rc;

    if (!pdf_read_is_dict(d, sv))
        return E_OK;
    if (ff & ~DEMANDS_ALL)
        return FAIL(E_UNSUPPORTED, "seed-unknown", "ISO 32000-2 table 237: /Ff %d", ff);
    if ((rc = check_form(d, sv, ff, in)) != E_OK || (rc = obey_entries(d, sv, ff, a, in)) != E_OK)
        return rc;
    if ((ff & DEMANDS_LOCK) && pdf_read_name_is(d, pdf_read_get(d, sv, "/LockDocument"), "/true"))
        in->lock = true;
    struct pdf_read_ref cert = pdf_read_get(d, sv, "/Cert");
    if (in->signer && pdf_read_is_dict(d, cert) &&
        (rc = pdf_field_certificate(d, cert, in->signer, a)) != E_OK)
        return rc;
    return pdf_read_check(d);
}

/* ---- earlier signatures ---- */

static bool any_filled(const struct pdf_form_field *fields, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (fields[i].filled)
            return true;
    }
    return false;
}

enum err pdf_field_certifiable(struct pdf_read *d, const struct pdf_form_field *fields, size_t n)
{
    struct pdf_read_ref perms = pdf_read_get(d, pdf_read_root(d), "/Perms");

    if (!pdf_read_is_null(d, pdf_read_get(d, perms, "/DocMDP")))
        return FAIL(E_INPUT, "certified-already", "ISO 32000-2 12.8.2.2: /Perms /DocMDP");
    if (any_filled(fields, n))
        return FAIL(E_INPUT, "certify-not-first", "ISO 32000-2 12.8.2.2: signed already");
    return E_OK;
}

/* Even P = 3 is no leave for stamps: verifiers rightly suspect what may cover certified content. */
enum err pdf_field_annotations(const struct pdf_form_field *fields, size_t n)
{
    if (any_filled(fields, n))
        return FAIL(E_INPUT, "certified-no-annotations", "signed already");
    return E_OK;
}

enum err pdf_field_sealable(struct pdf_read *d, const struct pdf_form_field *empty, size_t seals_n)
{
    struct pdf_read_ref perms = pdf_read_get(d, pdf_read_root(d), "/Perms");
    double rect[4];

    if (seals_n == 0 || pdf_read_is_null(d, pdf_read_get(d, perms, "/DocMDP")) ||
        (empty && pdf_form_rect(d, empty, rect)))
        return E_OK;
    return FAIL(E_INPUT, "certified-no-seal", "ISO 32000-2 12.8.2.2: a certified document");
}

enum err pdf_field_allowed(struct pdf_read *d, bool fill, bool stamps)
{
    uint32_t p = (uint32_t)d->encryption.permissions;
    bool modify = p & (1u << 3), annotate = p & (1u << 5);
    bool forms = annotate || (d->encryption.revision >= 3 && (p & (1u << 8)));

    if (!d->encrypted || d->encryption.owner)
        return E_OK;
    if (fill ? !forms : !(modify && annotate))
        return FAIL(E_INPUT, "pdf-permissions", "ISO 32000-2 table 22: /P %08x", p);
    if (stamps && !annotate)
        return FAIL(E_INPUT, "pdf-permissions", "ISO 32000-2 table 22: bit 6");
    return E_OK;
}

enum err pdf_field_choose(struct pdf_read *d, const struct pdf_form_field *fields, size_t n,
                          struct str wanted, struct arena *a, const struct pdf_form_field **empty,
                          struct str *name)
{
    const struct pdf_form_field *only = NULL;
    size_t found = 0;

    if (!str_empty(wanted)) {
        *name = str_dup(a, wanted);
        *empty = pdf_form_find(fields, n, *name);
        return E_OK;
    }
    for (size_t i = 0; i < n; i++) {
        if (!fields[i].filled && !str_empty(fields[i].name) &&
            !pdf_form_locked(d, fields, n, fields[i].name, a)) {
            only = &fields[i];
            found++;
        }
    }
    *empty = found == 1 ? only : NULL;
    if (*empty) {
        *name = only->name;
        return E_OK;
    }
    return pdf_form_fresh_name(d, "Signature", a, name);
}

/* ---- offers ---- */

static void offer_reasons(struct pdf_read *d, struct pdf_read_ref sv, struct arena *a,
                          struct pdf_field_offer *o)
{
    struct pdf_read_ref list = pdf_read_get(d, sv, "/Reasons");
    int n = list_length(d, list);

    if (!(demands(d, sv) & DEMANDS_REASONS))
        return;
    o->reasons = ARENA_ARRAY(a, n > 0 ? (size_t)n : 1, struct str);
    for (int i = 0; i < n; i++) {
        struct str one = pdf_read_text(d, pdf_read_item(d, list, i), a);
        if (!str_empty(one) && !str_eq_z(one, "."))
            o->reasons[o->reasons_n++] = one;
    }
}

static struct pdf_field_offer offer_of(struct pdf_read *d, struct arena *a,
                                       const struct pdf_form_field *f)
{
    struct pdf_read_ref sv = pdf_read_get(d, f->field, "/SV");
    struct pdf_field_offer o = { .name = f->name };
    double rect[4];

    o.certify = (int)pdf_read_int(d, pdf_read_get(d, pdf_read_get(d, sv, "/MDP"), "/P"), -1);
    o.locks = pdf_form_locks(d, f);
    offer_reasons(d, sv, a, &o);
    o.visible = pdf_form_rect(d, f, rect);
    return o;
}

enum err pdf_field_offers(struct pdf_read *d, struct arena *a, struct pdf_field_offer **out,
                          size_t *n)
{
    struct pdf_form_field *fields;
    size_t all;
    enum err rc = pdf_form_signatures(d, a, &fields, &all);

    *n = 0;
    *out = ARENA_ARRAY(a, PDF_FIELD_OFFERS_MAX, struct pdf_field_offer);
    if (rc != E_OK)
        return rc;
    for (size_t i = 0; i < all && *n < PDF_FIELD_OFFERS_MAX; i++) {
        if (fields[i].filled || str_empty(fields[i].name))
            continue;
        if (pdf_form_permit(d, fields, all, fields[i].name, a) == E_OK)
            (*out)[(*n)++] = offer_of(d, a, &fields[i]);
        else
            fault_clear();
    }
    return pdf_read_check(d);
}
