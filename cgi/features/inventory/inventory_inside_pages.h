/* inventory_inside_pages.h - what the page files of the slice share. */
#pragma once

#include "features/inventory/inventory.h"
#include "http/page.h"
#include "http/req.h"
#include "http/resp.h"

extern const struct view inventory_list_view, inventory_overview_view;

/* The filter of the list as it stands in its URL. */
struct inventory_form {
    struct str name, mail, serial, by, profile;
    struct timestamp from, to; /* of the end: both days belong to it */
    int state, sort;
    int64_t page;
    struct tenant_id tenant; /* provider staff: whose list */
};
extern const struct param inventory_params[];

/* Who may see all of a customer's certificates. Others see their own. */
#define INVENTORY_ADMINS (ROLE_CUSTOMER_ADMIN | ROLE_LRA_OPERATOR)
#define INVENTORY_STAFF (ROLE_SYSTEM_ADMIN | ROLE_SYSTEM_MANAGER | ROLE_SUPPORT)

/* Whose certificates this request is about. E_ABSENT for the list of somebody else's customer. */
enum err inventory_inside_tenant(struct req *rq, struct tenant_id asked,
                                 struct tenant_id *tenant) MUST_CHECK;

/*
 * The rules' filter. What cannot be is told at its field: then *ok is false and the filter finds
 * nothing.
 */
enum err inventory_inside_filter(struct req *rq, const struct inventory_form *f,
                                 struct inventory_filter *out, bool *ok) MUST_CHECK;
/* The filter as a query string, without page; with or without the sort. */
struct str inventory_inside_query(struct req *rq, const struct inventory_form *f, bool with_sort);

/* The word of the chosen order. */
struct str inventory_inside_sort(const struct inventory_form *f);

/* Handler: what the filter finds, as CSV. */
enum err inventory_export(struct req *rq, struct resp *rs);

struct page_badge inventory_inside_badge(enum inventory_state s);
/* A profile's title in the person's language; the code when it is not in the database. */
struct str inventory_inside_title(struct req *rq, struct str profile);
