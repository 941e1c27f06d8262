/* registration_apply_pages.h - what the pages of a new application share. Private to the slice. */
#pragma once

#include "features/accounts/accounts.h"
#include "features/registration/registration_form_pages.h"
#include "features/registration/registration_pages.h"

/* A certificate request as it is shown. */
struct registration_name_row {
    struct str name;
};
struct registration_request_row {
    struct str subject, key, fingerprint;
    struct registration_name_row *names;
    size_t names_count;
};
extern const struct view_field registration_request_fields[];
/* NULL in *out when there is none. */
enum err registration_apply_request(struct req *rq, struct bytes csr,
                                    struct registration_request_row **out) MUST_CHECK;

/* The form, for a new application and for one to be corrected. */
struct registration_form_view {
    struct application_id id;
    struct str title, subscriber, action, receipt, note, typed_csr;
    int64_t generation;
    bool own, several, csr_possible, again;
    struct registration_field_row *fields;
    size_t fields_count;
    struct registration_way *ways;
    size_t ways_count;
    struct registration_request_row *request;
    struct page_step *steps;
    size_t steps_count;
};
extern const struct view registration_form_view;

/* What the draft would be as an application. */
struct registration_new registration_apply_new(struct req *rq, const struct registration_draft *d);

/* The application with that number, if the person applied for it or it is about them. E_ABSENT. */
enum err registration_mine_own(struct req *rq, struct str receipt,
                               struct registration *r) MUST_CHECK;

extern const struct view registration_kind_view, registration_person_view,
    registration_confirm_view, registration_done_view, registration_mine_view,
    registration_detail_view, registration_withdraw_view, registration_collect_view,
    registration_code_view, registration_password_view;
