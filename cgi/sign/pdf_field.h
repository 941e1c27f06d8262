/*
 * pdf_field.h - what may be signed and how, before anything is written: the permissions of earlier
 * signatures and of the encryption, and what the author of an empty signature field demands by its
 * seed values (ISO 32000-2 12.7.5.5, tables 237 and 238). What can be obeyed is; what cannot is
 * refused with its reason.
 */
#pragma once

#include "sign/pdf_form.h"
#include "sign/pdf_sign.h"

/* What is going to be done, and what the field makes of it. Filled by the caller, then adapted. */
struct pdf_field_intent {
    int certify;       /* 0 or P; the field may ask for a certification */
    bool lock;         /* the field may ask for a locked document */
    struct str reason; /* the field may leave only one */
    enum pdf_level level;
    const struct cms_signer *signer;
    bool preview;
};

/*
 * Obey the seed values (/SV) of `field`. E_INPUT "seed-reason", "seed-timestamp" (needs ES-T),
 * "seed-revocation" (needs ES-LT), "seed-certification", "seed-certificate" (not this one);
 * E_UNSUPPORTED "seed-filter", "seed-subfilter", "seed-digest", "seed-version",
 * "seed-legal-attestation", "seed-appearance", "seed-service", "seed-unknown".
 */
enum err pdf_field_obey(struct pdf_read *d, struct pdf_read_ref field, struct arena *a,
                        struct pdf_field_intent *intent) MUST_CHECK;

/* May a certification be made? E_INPUT "certified-already", "certify-not-first". */
enum err pdf_field_certifiable(struct pdf_read *d, const struct pdf_form_field *fields,
                               size_t n) MUST_CHECK;

/* May annotations be added beside the signature? E_INPUT "certified-no-annotations". */
enum err pdf_field_annotations(const struct pdf_form_field *fields, size_t n) MUST_CHECK;

/*
 * May the signature be seen? In a certified document only where its author made a field for it: a
 * new one could cover or imitate what was certified. E_INPUT "certified-no-seal".
 */
enum err pdf_field_sealable(struct pdf_read *d, const struct pdf_form_field *empty,
                            size_t seals_n) MUST_CHECK;

/*
 * Do the permissions of an encrypted document (table 22) allow to fill an empty signature field, or
 * to make one, and to add stamps? Its owner may do anything. E_INPUT "pdf-permissions".
 */
enum err pdf_field_allowed(struct pdf_read *d, bool fill, bool stamps) MUST_CHECK;

/*
 * Which field a request means: the empty one of that name; without a name the only empty one there
 * is that no signature locks; else NULL and a fresh name. *name is the name in any case.
 */
enum err pdf_field_choose(struct pdf_read *d, const struct pdf_form_field *fields, size_t n,
                          struct str wanted, struct arena *a, const struct pdf_form_field **empty,
                          struct str *name) MUST_CHECK;

/* An empty field, as it is offered to the person who signs. */
struct pdf_field_offer {
    struct str name;
    bool visible;        /* its rectangle has an area */
    int certify;         /* what its seed values ask for; -1: nothing */
    struct str *reasons; /* those allowed, when required */
    size_t reasons_n;
    bool locks; /* signing it locks fields or the document */
};

/* Empty fields that can be filled, at most PDF_FIELD_OFFERS_MAX; none when signing is forbidden. */
enum { PDF_FIELD_OFFERS_MAX = 50 };
enum err pdf_field_offers(struct pdf_read *d, struct arena *a, struct pdf_field_offer **out,
                          size_t *n) MUST_CHECK;
