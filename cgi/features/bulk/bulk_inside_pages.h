/* bulk_inside_pages.h - what the pages of the slice share. */
#pragma once

#include "features/bulk/bulk.h"
#include "features/bulk/bulk_pages.h"
#include "http/page.h"
#include "http/param.h"
#include "http/req.h"
#include "http/resp.h"
#include "http/template.h"

#define BULK_WHO (ROLE_CUSTOMER_ADMIN | ROLE_LRA_OPERATOR)

struct bulk_who bulk_inside_who(const struct req *rq);
struct page_badge bulk_inside_state(const struct bulk_run *run);
struct page_badge bulk_inside_row_state(const struct bulk_row *row);
struct msg bulk_inside_operation(enum bulk_operation o);
/* In one line, as in a result file. */
extern const struct bulk_result_words bulk_inside_words;
/* A finding as people read it: what is wrong with which column, and what to write. */
struct str bulk_inside_finding(struct arena *a, enum lang lang, struct str code, struct str detail);
/* What stands against a file or an act, under the field `file` or on top; false: not known. */
bool bulk_inside_refused(struct req *rq, const struct bulk_fault *fault);

/* A run's page, by the routes that come back to it. */
struct bulk_run_form {
    struct str id;
    int show;
    int64_t page;
    bool again; /* the same file was uploaded again */
};
extern const struct view bulk_run_view, bulk_preview_view, bulk_password_view;
/* The first page of it. */
enum err bulk_run_show(struct req *rq, struct resp *rs, const struct bulk_run *run) MUST_CHECK;
