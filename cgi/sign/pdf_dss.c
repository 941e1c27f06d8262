/* pdf_dss.c - see pdf_dss.h. */
#include "sign/pdf_dss.h"

#define READ_MAX ((size_t)16 << 20) /* of one kind, all together; one CRL may be large */

static bool holds(const struct bytes *set, size_t n, struct bytes der)
{
    for (size_t i = 0; i < n; i++) {
        if (bytes_eq(set[i], der))
            return true;
    }
    return false;
}

static void add(struct pdf_dss *s, struct bytes *set, size_t *n, struct bytes der)
{
    if (holds(set, *n, der))
        return;
    if (*n == PDF_DSS_MAX)
        s->overflow = true;
    else if (der.n)
        set[(*n)++] = der;
}

void pdf_dss_cert(struct pdf_dss *s, struct bytes der)
{
    add(s, s->certs, &s->certs_n, der);
}

bool pdf_dss_has_cert(const struct pdf_dss *s, struct bytes der)
{
    return holds(s->certs, s->certs_n, der);
}

void pdf_dss_evidence(struct pdf_dss *s, const struct revocation_evidence *e)
{
    if (e->kind == PDF_FETCH_OCSP)
        add(s, s->ocsps, &s->ocsps_n, e->der);
    else
        add(s, s->crls, &s->crls_n, e->der);
    add(s, s->certs, &s->certs_n, e->responder);
}

/* All streams of an array of the DSS. */
static size_t streams(struct pdf_read *d, struct pdf_read_ref dss, const char *key, struct arena *a,
                      struct bytes **out)
{
    struct pdf_read_ref array = pdf_read_get(d, dss, key);
    int n = pdf_read_length(d, array);
    size_t taken = 0, left = READ_MAX;

    n = n > PDF_DSS_READ_MAX ? PDF_DSS_READ_MAX : n;
    *out = ARENA_ARRAY(a, n > 0 ? (size_t)n : 1, struct bytes);
    for (int i = 0; i < n; i++) {
        struct bytes one = pdf_read_stream(d, pdf_read_item(d, array, i), left, a);
        left -= one.n;
        if (one.n)
            (*out)[taken++] = one;
    }
    return taken;
}

void pdf_dss_read(struct pdf_read *d, struct arena *a, struct revocation_pool *pool,
                  struct bytes **certs, size_t *certs_n)
{
    struct pdf_read_ref dss = pdf_read_get(d, pdf_read_root(d), "/DSS");
    *certs_n = streams(d, dss, "/Certs", a, certs);
    pool->ocsp_n = streams(d, dss, "/OCSPs", a, &pool->ocsp);
    pool->crl_n = streams(d, dss, "/CRLs", a, &pool->crl);
    if (pdf_read_check(d) != E_OK) /* a broken entry is no entry */
        fault_clear();
}

bool pdf_dss_lacks(struct pdf_read *d, struct arena *a, const struct pdf_dss *s)
{
    struct pdf_read_ref dss = pdf_read_get(d, pdf_read_root(d), "/DSS");
    const struct {
        const char *key;
        const struct bytes *set;
        size_t n;
    } kinds[] = { { "/Certs", s->certs, s->certs_n },
                  { "/OCSPs", s->ocsps, s->ocsps_n },
                  { "/CRLs", s->crls, s->crls_n } };

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct bytes *old;
        size_t old_n = streams(d, dss, kinds[i].key, a, &old);
        for (size_t k = 0; k < kinds[i].n; k++) {
            if (!holds(old, old_n, kinds[i].set[k]))
                return true;
        }
    }
    return false;
}

/* Append what is missing to the array under `key`, each an indirect stream. */
static enum err merge(struct pdf_append *w, struct pdf_read_ref dss, const char *key,
                      const struct bytes *set, size_t n)
{
    struct pdf_read *d = w->doc;
    struct bytes *old;
    size_t old_n = streams(d, dss, key, w->arena, &old);
    struct pdf_read_ref array = pdf_read_get(d, dss, key);

    for (size_t i = 0; i < n; i++) {
        if (holds(old, old_n, set[i]))
            continue;
        if (!pdf_read_is_array(d, array)) {
            pdf_objects_set(d->qpdf, dss.oh, key, pdf_objects_new_array(d->qpdf));
            array = pdf_read_get(d, dss, key);
            array.id = dss.id;
            array.gen = dss.gen;
        }
        uint32_t id = pdf_append_new_id(w);
        pdf_append_stream(w, id, set[i]);
        pdf_objects_append(d->qpdf, array.oh, pdf_append_reference(w, id));
        pdf_append_touch(w, array);
    }
    return pdf_read_check(d);
}

enum err pdf_dss_write(struct pdf_append *w, const struct pdf_dss *s)
{
    struct pdf_read *d = w->doc;
    struct pdf_read_ref dss = pdf_read_get(d, pdf_read_root(d), "/DSS");
    enum err rc;

    if (s->overflow)
        return FAIL(E_LIMIT, "pdf-too-complex", "more than %d pieces of evidence", PDF_DSS_MAX);
    if (!pdf_read_is_dict(d, dss)) {
        uint32_t id = pdf_append_new_id(w);
        pdf_object made = pdf_objects_new_dictionary(d->qpdf);
        pdf_objects_set(d->qpdf, made, "/Type", pdf_objects_new_name(d->qpdf, "/DSS"));
        pdf_objects_replace(d->qpdf, (int)id, 0, made);
        dss = pdf_read_object(d, (int)id, 0);
        pdf_objects_set(d->qpdf, d->root, "/DSS", dss.oh);
        pdf_append_touch(w, pdf_read_root(d));
        pdf_append_touch(w, dss);
    }
    if ((rc = merge(w, dss, "/Certs", s->certs, s->certs_n)) != E_OK ||
        (rc = merge(w, dss, "/OCSPs", s->ocsps, s->ocsps_n)) != E_OK)
        return rc;
    return merge(w, dss, "/CRLs", s->crls, s->crls_n);
}
