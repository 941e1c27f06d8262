/* home_style_pages.c - /styleguide: every component of docs/templates.md with sample data. */
#include "features/home/home_inside_pages.h"

struct style_row {
    uint64_t id, size;
    struct str name;
    struct timestamp at;
    struct page_badge state;
};

struct style_view {
    struct str serial, reason;
    struct timestamp until;
    const struct page_badge *badges;
    size_t badges_count;
    struct page_step *steps;
    size_t steps_count;
    const struct style_row *rows;
    size_t rows_count;
    struct page_sort by_name;
    struct page_pager pager;
    const struct page_event *timeline;
    size_t timeline_count;
};

static const struct view_field row_fields[] = {
    VIEW_INT(struct style_row, id),
    VIEW_TEXT(struct style_row, name),
    VIEW_SIZE(struct style_row, size),
    VIEW_TIME(struct style_row, at),
    VIEW_STRUCT(struct style_row, state, page_badge_fields),
    VIEW_END,
};

static const struct view_field style_fields[] = {
    VIEW_CODE(struct style_view, serial),
    VIEW_TEXT(struct style_view, reason),
    VIEW_TIME(struct style_view, until),
    VIEW_LIST(struct style_view, badges, badges_count, page_badge_fields),
    VIEW_LIST(struct style_view, steps, steps_count, page_step_fields),
    VIEW_LIST(struct style_view, rows, rows_count, row_fields),
    VIEW_STRUCT(struct style_view, by_name, page_sort_fields),
    VIEW_STRUCT(struct style_view, pager, page_pager_fields),
    VIEW_LIST(struct style_view, timeline, timeline_count, page_event_fields),
    VIEW_END,
};
const struct view home_style_view = { "styleguide/styleguide.html", "Style guide", style_fields,
                                      VIEW_WIDE };

static const struct page_badge badges[] = {
    { "neutral", MSG_INIT("Draft") },  { "progress", MSG_INIT("Under review") },
    { "success", MSG_INIT("Issued") }, { "caution", MSG_INIT("Expiring") },
    { "error", MSG_INIT("Revoked") },
};

static const struct msg step_labels[] = {
    MSG_INIT("Choose a file"),
    MSG_INIT("Look at it"),
    MSG_INIT("PIN and code"),
    MSG_INIT("Download"),
};

static struct style_row *sample_rows(struct arena *a, struct timestamp now, size_t n)
{
    static const char *const names[] = { "業務委託契約書(山田商事).pdf",
                                         "Purchase order 2026-118.pdf", "見積書 第3版.pdf",
                                         "取締役会議事録.pdf" };
    struct style_row *rows = ARENA_ARRAY(a, n, struct style_row);

    for (size_t i = 0; i < n; i++)
        rows[i] =
            (struct style_row){ i + 1, 48000 + i * i * 730000, str_z(names[i % 4]),
                                timestamp_add(now, -(int64_t)i * 7 * HOUR_US), badges[i % 5] };
    return rows;
}

static struct page_event *sample_events(struct arena *a, struct timestamp now)
{
    static const struct msg what[] = { MSG_INIT("Issued"), MSG_INIT("Approved"),
                                       MSG_INIT("Application received") };
    struct page_event *events = ARENA_ARRAY(a, 3, struct page_event);

    for (size_t i = 0; i < 3; i++)
        events[i] = (struct page_event){ timestamp_add(now, -(int64_t)i * DAY_US), what[i],
                                         i == 1 ? STR("佐藤 一郎") : STR(""), STR("") };
    return events;
}

static enum err show(struct req *rq, struct resp *rs)
{
    struct arena *a = req_arena(rq);
    struct timestamp now = req_now(rq);
    struct style_view v = {
        .serial = STR("4A3F11C09B27E8D45C6601F2"),
        .reason = STR(""),
        .until = timestamp_add(now, 5 * HOUR_US + 20 * MINUTE_US),
        .badges = badges,
        .badges_count = sizeof(badges) / sizeof(badges[0]),
        .steps = page_steps(a, step_labels, 4, 1),
        .steps_count = 4,
        .rows = sample_rows(a, now, 4),
        .rows_count = 4,
        .by_name = page_sort_make(a, STR("/styleguide"), STR(""), STR("name"), "name"),
        .pager = page_pager_make(a, STR("/styleguide"), STR(""), 2, 50, 1284),
        .timeline = sample_events(a, now),
        .timeline_count = 3,
    };

    return resp_page(rs, &home_style_view, &v);
}

/* The sample lists link to themselves with these. */
struct style_form {
    struct str sort;
    int64_t page;
};
static const struct param style_params[] = {
    PARAM_TEXT_OPT(struct style_form, sort, 20),
    PARAM_INT_OPT(struct style_form, page, 1, 1000, 1),
    PARAM_END,
};

const struct route home_style_routes[] = {
    { GET, "/styleguide", show, WHO_ANYONE, FORM(style_params, struct style_form), ROUTE_NO_TX },
    { 0 },
};
