/* customers_inside_pages.h - what the page files of the slice share. */
#pragma once

#include "features/customers/customers_inside.h"
#include "features/customers/customers_pages.h"
#include "http/page.h"
#include "http/req.h"
#include "http/resp.h"

/* A row of choices: the bit or number, the word of the form, and the words. */
struct customers_choice {
    int value;
    const char *word;
    struct msg label;
};
extern const struct customers_choice customers_inside_pages_services[]; /* ended by word NULL */
extern const struct customers_choice customers_inside_pages_hostings[];
extern const struct customers_choice customers_inside_pages_authorities[];
extern const struct customers_choice customers_inside_pages_kinds[];
/* The same for PARAM_CHOICE. */
extern const struct choice customers_inside_pages_hosting_words[];
extern const struct choice customers_inside_pages_authority_words[];
extern const struct choice customers_inside_pages_kind_words[];

/* For a select or radio group; `chosen` is a value, or for services the bits. */
struct page_choice *customers_inside_pages_list(struct arena *a, const struct customers_choice *c,
                                                int chosen, bool bits, size_t *n);
struct msg customers_inside_pages_label(const struct customers_choice *c, int value);
/* Bits of the ticked services; 0 when one is unknown. */
uint32_t customers_inside_pages_bits(const struct str *names, size_t n);
/* The services in words, one after the other. */
struct str customers_inside_pages_services_text(struct req *rq, uint32_t services);

struct page_badge customers_inside_pages_state(struct timestamp start, struct timestamp end,
                                               struct timestamp now);
/* The last day of a contract, and back: "until 31 March" ends at midnight after it, in Japan. */
struct timestamp customers_inside_pages_last_day(struct timestamp end);
struct timestamp customers_inside_pages_end(struct timestamp last_day);
/* "2027-03-31", or "". */
struct str customers_inside_pages_day(struct arena *a, struct timestamp t);
/* Digits, letters and signs of full width, and the dashes of Japanese keyboards, as ASCII. */
struct str customers_inside_pages_half(struct arena *a, struct str s);
/* Show what the rules refuse beside its field; true when it was for the form. */
bool customers_inside_pages_explain(struct req *rq, struct resp *rs, enum err err);
/* What was typed into a field; `fallback` before anything was. */
struct str customers_inside_pages_raw(struct req *rq, const char *field, struct str fallback);

/* The page that asks once more; posts to `path`/`item`/delete. */
enum err customers_inside_pages_drop(struct req *rq, struct resp *rs, struct tenant_id id,
                                     struct str object, int authority, struct msg consequence,
                                     struct str path, uint64_t item) MUST_CHECK;

extern const struct view customers_list_view, customers_detail_view, customers_new_view,
    customers_confirm_view, customers_done_view, customers_edit_view, customers_contacts_view,
    customers_admin_view, customers_names_view, customers_drop_view;
