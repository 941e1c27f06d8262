/*
 * pdf_verify_evidence.c - the certificates, OCSP answers and CRLs that a document carries (ISO
 * 32000-2 12.8.4.3, 12.8.3.3.2), each with the place that a time-stamp has to cover to prove it.
 */
#include "sign/pdf_verify_inside.h"

#include "sign/pdf_dss.h"

#define READ_MAX ((size_t)16 << 20) /* of one kind, all together; one CRL may be large */

static uint64_t place_of(const struct pdf_objects_place *places, size_t n, int id)
{
    return id > 0 && (size_t)id < n && places[id].where == PDF_OBJECTS_AT_OFFSET ? places[id].offset
                                                                                 : UINT64_MAX;
}

/* Streams of one array of the DSS; what is broken is left out. */
static void read_kind(struct pdf_verify_job *j, struct pdf_read_ref dss, const char *key,
                      enum pdf_fetch kind, const struct pdf_objects_place *places, size_t places_n)
{
    struct pdf_read *d = &j->doc;
    struct pdf_read_ref array = pdf_read_get(d, dss, key);
    int n = pdf_read_length(d, array);
    size_t left = READ_MAX;

    n = n > PDF_DSS_READ_MAX ? PDF_DSS_READ_MAX : n;
    for (int i = 0; i < n; i++) {
        struct pdf_read_ref one = pdf_read_item(d, array, i);
        struct bytes der = pdf_read_stream(d, one, left, j->a);
        left -= der.n;
        if (der.n && kind == PDF_FETCH_CERT)
            j->judge.certs[j->judge.certs_n++] = der;
        else if (der.n)
            pdf_judge_evidence_add(&j->judge, kind, der, place_of(places, places_n, one.id));
    }
}

void pdf_verify_evidence(struct pdf_verify_job *j)
{
    struct pdf_read *d = &j->doc;
    struct pdf_read_ref dss = pdf_read_get(d, pdf_read_root(d), "/DSS");
    size_t n = d->next_id;
    struct arena *a = arena_new(n * sizeof(struct pdf_objects_place) + 65536);
    struct pdf_objects_place *places = ARENA_ARRAY(a, n + 1, struct pdf_objects_place);

    pdf_objects_places(d->qpdf, places, n);
    j->judge.certs = ARENA_ARRAY(j->a, PDF_DSS_READ_MAX, struct bytes);
    read_kind(j, dss, "/Certs", PDF_FETCH_CERT, places, n);
    read_kind(j, dss, "/OCSPs", PDF_FETCH_OCSP, places, n);
    read_kind(j, dss, "/CRLs", PDF_FETCH_CRL, places, n);
    if (pdf_read_check(d) != E_OK) /* a broken entry is no entry */
        fault_clear();
    arena_free(a);
}

void pdf_verify_evidence_cms(struct pdf_verify_job *j, const struct pdf_verify_item *item)
{
    for (size_t i = 0; i < item->cms.ocsp_n; i++)
        pdf_judge_evidence_add(&j->judge, PDF_FETCH_OCSP, item->cms.ocsp[i], item->range.resume);
    for (size_t i = 0; i < item->cms.crl_n; i++)
        pdf_judge_evidence_add(&j->judge, PDF_FETCH_CRL, item->cms.crl[i], item->range.resume);
}
