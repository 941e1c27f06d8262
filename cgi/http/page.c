/* page.c - the tables of what every page shows, and helpers behind the shared partials. */
#include "http/page.h"

#include "base/encoding.h"

#include <inttypes.h>

/* --- filled by http --- */

static const struct view_field nav_fields[] = {
    VIEW_URL(struct page_nav, url),      VIEW_MSG(struct page_nav, label),
    VIEW_MSG(struct page_nav, group),    VIEW_COUNT(struct page_nav, count),
    VIEW_FLAG(struct page_nav, current), VIEW_END,
};

static const struct view_field flash_fields[] = {
    VIEW_WORD(struct page_flash, tone),
    VIEW_MSG(struct page_flash, heading),
    VIEW_TEXT(struct page_flash, text),
    VIEW_END,
};

static const struct view_field error_fields[] = {
    VIEW_TEXT(struct page_error, field),
    VIEW_TEXT(struct page_error, text),
    VIEW_END,
};

static const struct view_field person_fields[] = {
    VIEW_TEXT(struct page_person, name),
    VIEW_TEXT(struct page_person, login),
    VIEW_TEXT(struct page_person, tenant),
    VIEW_MSG(struct page_person, role),
    VIEW_FLAG(struct page_person, second_factor),
    VIEW_FLAG(struct page_person, certificate),
    VIEW_END,
};

static const struct view_field site_fields[] = {
    VIEW_TEXT(struct page_site, provider),
    VIEW_TEXT(struct page_site, contact_mail),
    VIEW_TEXT(struct page_site, contact_phone),
    VIEW_TEXT(struct page_site, contact_hours),
    VIEW_FLAG(struct page_site, development),
    VIEW_FLAG(struct page_site, operators),
    VIEW_END,
};

const struct view_field page_context_fields[] = {
    VIEW_TEXT(struct page_context, csrf),
    VIEW_TEXT(struct page_context, path),
    VIEW_TEXT(struct page_context, request_id),
    VIEW_TIME(struct page_context, now),
    VIEW_OPTION(struct page_context, who, person_fields),
    VIEW_OPTION(struct page_context, site, site_fields),
    VIEW_LIST(struct page_context, nav, nav_count, nav_fields),
    VIEW_LIST(struct page_context, flashes, flash_count, flash_fields),
    VIEW_LIST(struct page_context, errors, error_count, error_fields),
    { .name = "error", .kind = VIEW_KIND_ERRORS },
    { .name = "invalid", /* a section for the whole summary */
      .kind = VIEW_KIND_INT,
      .size = sizeof(size_t),
      .offset = offsetof(struct page_context, error_count) },
    VIEW_END,
};

/* --- embedded in views --- */

const struct view_field page_badge_fields[] = {
    VIEW_WORD(struct page_badge, tone),
    VIEW_MSG(struct page_badge, word),
    VIEW_END,
};

const struct view_field page_step_fields[] = {
    VIEW_MSG(struct page_step, label),
    VIEW_FLAG(struct page_step, done),
    VIEW_FLAG(struct page_step, current),
    VIEW_END,
};

const struct view_field page_event_fields[] = {
    VIEW_TIME(struct page_event, at),
    VIEW_MSG(struct page_event, what),
    VIEW_TEXT(struct page_event, who),
    VIEW_TEXT(struct page_event, note),
    VIEW_END,
};

const struct view_field page_pager_fields[] = {
    VIEW_COUNT(struct page_pager, total),  VIEW_COUNT(struct page_pager, page),
    VIEW_COUNT(struct page_pager, pages),  VIEW_COUNT(struct page_pager, first),
    VIEW_COUNT(struct page_pager, last),   VIEW_URL(struct page_pager, previous_url),
    VIEW_URL(struct page_pager, next_url), VIEW_END,
};

const struct view_field page_sort_fields[] = {
    VIEW_WORD(struct page_sort, aria),
    VIEW_URL(struct page_sort, url),
    VIEW_END,
};

const struct view_field page_choice_fields[] = {
    VIEW_TEXT(struct page_choice, value),
    VIEW_MSG(struct page_choice, label),
    VIEW_TEXT(struct page_choice, text),
    VIEW_FLAG(struct page_choice, selected),
    VIEW_END,
};

struct page_step *page_steps(struct arena *a, const struct msg *labels, size_t n, size_t current)
{
    struct page_step *steps = ARENA_ARRAY(a, n, struct page_step);

    for (size_t i = 0; i < n; i++)
        steps[i] = (struct page_step){ labels[i], i < current, i == current };
    return steps;
}

/* path?query&name=value, with what is empty left out. */
static struct str url_with(struct arena *a, struct str path, struct str query, const char *name,
                           struct str value)
{
    return str_fmt(a, "%.*s?%.*s%s%s=%.*s", STR_ARG(path), STR_ARG(query),
                   str_empty(query) ? "" : "&", name, STR_ARG(percent_encode(a, value)));
}

struct page_pager page_pager_make(struct arena *a, struct str path, struct str query, uint64_t page,
                                  uint64_t per_page, uint64_t total)
{
    struct page_pager p = { .total = total, .page = page < 1 ? 1 : page };

    p.pages = total == 0 ? 1 : (total - 1) / per_page + 1;
    if (p.page > p.pages)
        p.page = p.pages;
    p.first = total == 0 ? 0 : (p.page - 1) * per_page + 1;
    p.last = p.page < p.pages ? p.page * per_page : total;
    p.previous_url = STR("");
    p.next_url = STR("");
    if (p.page > 1)
        p.previous_url = url_with(a, path, query, "page", str_fmt(a, "%" PRIu64, p.page - 1));
    if (p.page < p.pages)
        p.next_url = url_with(a, path, query, "page", str_fmt(a, "%" PRIu64, p.page + 1));
    return p;
}

struct page_sort page_sort_make(struct arena *a, struct str path, struct str query, struct str sort,
                                const char *column)
{
    bool up = str_eq_z(sort, column);
    struct str down = str_fmt(a, "-%s", column);

    return (struct page_sort){
        .aria = up                   ? "ascending"
                : str_eq(sort, down) ? "descending"
                                     : "none",
        .url = url_with(a, path, query, "sort", up ? down : str_z(column)),
    };
}
