/*
 * registration_form_pages.h - the form that a profile's fields make: drawn, read, and its faults
 * shown. What the pages of this slice share.
 */
#pragma once

#include "features/registration/registration_draft.h"
#include "features/registration/registration_keys.h"
#include "http/page.h"
#include "http/req.h"
#include "http/resp.h"

/* What is typed, field by field in the order of the profile, and the way the key comes. */
struct registration_input {
    struct application_id id;
    struct str receipt;
    union {
        struct {
            struct str v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15;
        };
        struct str v[PROFILES_FIELDS_MAX];
    };
    int key; /* enum profiles_key, 0: not said */
    struct str csr;
    struct upload csr_file;
    int64_t generation;
};
extern const struct choice registration_form_keys[];

#define REGISTRATION_FORM_TEXT_(m) PARAM_MULTILINE_OPT(struct registration_input, m, 4000)
#define REGISTRATION_FORM_PARAMS                                                                   \
    REGISTRATION_FORM_TEXT_(v0), REGISTRATION_FORM_TEXT_(v1), REGISTRATION_FORM_TEXT_(v2),         \
        REGISTRATION_FORM_TEXT_(v3), REGISTRATION_FORM_TEXT_(v4), REGISTRATION_FORM_TEXT_(v5),     \
        REGISTRATION_FORM_TEXT_(v6), REGISTRATION_FORM_TEXT_(v7), REGISTRATION_FORM_TEXT_(v8),     \
        REGISTRATION_FORM_TEXT_(v9), REGISTRATION_FORM_TEXT_(v10), REGISTRATION_FORM_TEXT_(v11),   \
        REGISTRATION_FORM_TEXT_(v12), REGISTRATION_FORM_TEXT_(v13), REGISTRATION_FORM_TEXT_(v14),  \
        REGISTRATION_FORM_TEXT_(v15),                                                              \
        PARAM_CHOICE_OPT(struct registration_input, key, registration_form_keys, 0),               \
        PARAM_MULTILINE_OPT(struct registration_input, csr, 16384),                                \
        PARAM_FILE_OPT(struct registration_input, csr_file, 16384)
#define REGISTRATION_FORM_BODY (256u << 10)

/* A field as it is drawn. */
struct registration_field_row {
    struct str id; /* "v0": its parameter */
    struct str label, hint, value, error;
    uint32_t max;
    bool required, fixed, many, choice, email;
    struct page_choice *choices;
    size_t choices_count;
};
extern const struct view_field registration_field_row_fields[];

/* A way in which the key may come. */
struct registration_way {
    struct str value;
    struct msg label, note;
    bool selected, csr;
};
extern const struct view_field registration_way_fields[];

/* The values of the form; of fields that are fixed, or that could not be read, those kept so far.
 * *values is in the request's arena. */
void registration_form_read(struct req *rq, const struct registration_input *in,
                            const struct profile *p, const struct profiles_value *kept,
                            size_t kept_n, struct profiles_value **values, size_t *n);
/* The request pasted or uploaded into *csr as DER; absent when there is none. Faults become errors
 * of the field "csr". */
void registration_form_request(struct req *rq, const struct registration_input *in,
                               struct bytes *csr);
/* Put findings that refuse beside their fields; true when there was one that has a field. */
bool registration_form_faults(struct req *rq, const struct profile *p,
                              const struct profiles_finding *f, size_t n);
struct registration_field_row *registration_form_rows(struct req *rq, const struct profile *p,
                                                      const struct profiles_value *values, size_t n,
                                                      const struct profiles_finding *found,
                                                      size_t found_n);
struct registration_way *registration_form_ways(struct req *rq, const struct profile *p,
                                                enum profiles_key chosen, size_t *n);

/* --- words --- */

/* What a code means, of this slice or of those below; false when nobody has words for it. */
bool registration_form_reason(struct req *rq, const char *code, struct msg *text);
/* A finding or reason in the reader's language; its code when there are no words. */
struct str registration_form_words(struct req *rq, struct str code);
struct str registration_form_title(struct req *rq, const struct profile *p);
struct str registration_form_label(struct req *rq, const struct profiles_field *f);
struct msg registration_form_source(enum profiles_key key);
/* The four screens: kind, form, confirmation, number. */
struct page_step *registration_form_steps(struct req *rq, size_t current);
enum { REGISTRATION_STEPS = 4 };

/* Facts of an application: label and value. */
struct registration_fact {
    struct str label, value;
};
extern const struct view_field registration_fact_fields[];
struct registration_fact *registration_form_facts(struct req *rq, const struct profile *p,
                                                  const struct profiles_value *values, size_t n,
                                                  size_t *count);

/* What was checked, with its result. */
struct registration_check_row {
    struct page_badge result;
    struct msg what;
    struct str text, field, detail;
};
extern const struct view_field registration_check_fields[];
/* One row for each finding, and one "in order" for each group without any; a key that is made after
 * the approval is told to be checked then. */
struct registration_check_row *registration_form_checks(struct req *rq, const struct profile *p,
                                                        enum profiles_key source,
                                                        const struct profiles_finding *f, size_t n,
                                                        size_t *count);
