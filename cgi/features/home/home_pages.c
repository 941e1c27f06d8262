/* home_pages.c - home for visitors and for people who are signed in, contact, my data. */
#include "features/home/home_inside_pages.h"
#include "http/problem.h"

enum { ITEMS_MAX = 10 };

static struct home_setup current; /* set once at start */

struct home_list {
    struct home_item items[HOME__PARTS][ITEMS_MAX];
    size_t count[HOME__PARTS];
};

void home_start(const struct home_setup *setup)
{
    current = *setup;
}

const struct home_setup *home_setup_current(void)
{
    return &current;
}

void home_add(struct home_list *list, enum home_part part, const struct home_item *item)
{
    if (list->count[part] < ITEMS_MAX)
        list->items[part][list->count[part]++] = *item;
}

/* --- home for people who are signed in --- */

struct work_view {
    const struct home_item *waiting, *expiring, *recent;
    size_t waiting_count, expiring_count, recent_count;
    bool may_sign;
};

static const struct view_field item_fields[] = {
    VIEW_MSG(struct home_item, what),    VIEW_TEXT(struct home_item, name),
    VIEW_URL(struct home_item, url),     VIEW_TIME(struct home_item, when),
    VIEW_COUNT(struct home_item, count), VIEW_END,
};

static const struct view_field work_fields[] = {
    VIEW_LIST(struct work_view, waiting, waiting_count, item_fields),
    VIEW_LIST(struct work_view, expiring, expiring_count, item_fields),
    VIEW_LIST(struct work_view, recent, recent_count, item_fields),
    VIEW_COUNT(struct work_view, waiting_count),
    VIEW_COUNT(struct work_view, expiring_count),
    VIEW_COUNT(struct work_view, recent_count),
    VIEW_FLAG(struct work_view, may_sign),
    VIEW_END,
};
static const struct view work_view = { "home/work.html", "Home", work_fields, 0 };

static enum err show_work(struct req *rq, struct resp *rs)
{
    struct home_list *list = ARENA_NEW(req_arena(rq), struct home_list);
    struct work_view v = { 0 };

    for (const home_source *s = current.sources; s != NULL && *s != NULL; s++)
        TRY((*s)(rq, list));
    v.waiting = list->items[HOME_WAITING];
    v.waiting_count = list->count[HOME_WAITING];
    v.expiring = list->items[HOME_EXPIRING];
    v.expiring_count = list->count[HOME_EXPIRING];
    v.recent = list->items[HOME_RECENT];
    v.recent_count = list->count[HOME_RECENT];
    v.may_sign = home_may_open(req_who(rq), "/documents/new");
    return resp_page(rs, &work_view, &v);
}

/* --- home for visitors --- */

struct doors_view {
    bool sign, verify, certificates;
    struct str certificates_url;
};

static const struct view_field doors_fields[] = {
    VIEW_FLAG(struct doors_view, sign),
    VIEW_FLAG(struct doors_view, verify),
    VIEW_FLAG(struct doors_view, certificates),
    VIEW_URL(struct doors_view, certificates_url),
    VIEW_END,
};
static const struct view doors_view = { "home/doors.html", "Sign, verify, certify", doors_fields,
                                        0 };

static enum err home(struct req *rq, struct resp *rs)
{
    const struct who *who = req_who(rq);
    struct doors_view v;

    if (who->account.v != 0 && !who->pending)
        return show_work(rq, rs);
    v = (struct doors_view){ .sign = home_has_route("/documents"),
                             .verify = home_has_route("/verify"),
                             .certificates_url = STR("/certificates") };
    if (!home_has_route("/certificates"))
        v.certificates_url = STR("/credentials");
    v.certificates = home_has_route(v.certificates_url.p);
    return resp_page(rs, &doors_view, &v);
}

/* --- contact, my data --- */

static const struct view contact_view = { "home/contact.html", "Contact", NULL, 0 };

struct data_view {
    bool security, documents;
};
static const struct view_field data_fields[] = {
    VIEW_FLAG(struct data_view, security),
    VIEW_FLAG(struct data_view, documents),
    VIEW_END,
};
static const struct view data_view = { "home/data.html", "My data", data_fields, 0 };

static enum err contact(struct req *rq, struct resp *rs)
{
    (void)rq;
    return resp_page(rs, &contact_view, NULL);
}

static enum err my_data(struct req *rq, struct resp *rs)
{
    struct data_view v = { .security = home_may_open(req_who(rq), "/security"),
                           .documents = home_may_open(req_who(rq), "/documents") };

    return resp_page(rs, &data_view, &v);
}

/* --- tables --- */

const struct route home_routes[] = {
    { GET, "/", home, WHO_ANYONE },
    { GET, "/contact", contact, WHO_ANYONE, NULL, ROUTE_NO_TX },
    { GET, "/my-data", my_data, WHO_ANYONE, NULL, ROUTE_NO_TX },
    { 0 },
};

const struct view *const home_views[] = { &work_view, &doors_view,   &contact_view,
                                          &data_view, &problem_view, &home_style_view,
                                          NULL };
