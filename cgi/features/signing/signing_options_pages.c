/* signing_options_pages.c - see signing_options_pages.h */
#include "features/signing/signing_options_pages.h"

#include "features/signing/signing_pages.h"

#define LENGTH_MAX 20000 /* tenths of a millimetre */
#define HIDDEN_MAX 24

const struct choice signing_options_levels[] = {
    { "ES", SIGNING_ES },
    { "ES-T", SIGNING_ES_T },
    { "ES-LT", SIGNING_ES_LT },
    { "ES-A", SIGNING_ES_A },
    { NULL, 0 },
};

const struct choice signing_options_kinds[] = {
    { "approval", 0 }, { "certify-nothing", 1 }, { "certify-forms", 2 }, { "certify-notes", 3 },
    { NULL, 0 },
};

const struct choice signing_options_anchors[] = {
    { "top-left", SIGNING_AT_TOP_LEFT },
    { "top", SIGNING_AT_TOP },
    { "top-right", SIGNING_AT_TOP_RIGHT },
    { "left", SIGNING_AT_LEFT },
    { "middle", SIGNING_AT_MIDDLE },
    { "right", SIGNING_AT_RIGHT },
    { "bottom-left", SIGNING_AT_BOTTOM_LEFT },
    { "bottom", SIGNING_AT_BOTTOM },
    { "bottom-right", SIGNING_AT_BOTTOM_RIGHT },
    { "place", SIGNING_AT_PLACE },
    { NULL, 0 },
};

const struct choice signing_options_page_rules[] = {
    { "this", SIGNING_PAGE_THIS },
    { "all", SIGNING_PAGES_ALL },
    { NULL, 0 },
};

/* --- through the page with the PIN --- */

const struct view_field signing_hidden_fields[] = {
    VIEW_WORD(struct signing_hidden, name),
    VIEW_TEXT(struct signing_hidden, value),
    VIEW_END,
};

static const char *name_of(const struct choice *c, int value)
{
    while (c->word && c->value != value)
        c++;
    return c->word;
}

struct signing_hidden *signing_options_hidden(struct req *rq, const struct signing_options *o,
                                              size_t *n)
{
    struct arena *a = req_arena(rq);
    const struct signing_hidden all[] = {
        { "credential", o->credential },
        { "level", str_z(signing_level_name(o->level)) },
        { "reason", o->reason },
        { "location", o->location },
        { "kind", str_z(name_of(signing_options_kinds, o->kind)) },
        { "field", o->field },
        { "seal", o->seal },
        { "anchor", str_z(name_of(signing_options_anchors, (int)o->anchor)) },
        { "pages", str_z(name_of(signing_options_page_rules, o->pages)) },
        { "page", str_fmt(a, "%lld", (long long)o->page) },
        { "x", o->x },
        { "y", o->y },
        { "width", o->width },
        { "height", o->height },
        { "show_name", o->show_name ? STR("1") : STR_ABSENT },
        { "show_date", o->show_date ? STR("1") : STR_ABSENT },
        { "show_reason", o->show_reason ? STR("1") : STR_ABSENT },
    };
    struct signing_hidden *out = ARENA_ARRAY(a, HIDDEN_MAX, struct signing_hidden);

    *n = 0;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (!str_empty(all[i].value))
            out[(*n)++] = all[i];
    return out;
}

/* --- lengths --- */

/* "12", "12.5", also with a full-width or decimal comma as people type it. */
static bool tenths(struct str s, uint32_t *out)
{
    uint32_t v = 0;
    size_t at = 0;

    while (at < s.n && s.p[at] >= '0' && s.p[at] <= '9' && v <= LENGTH_MAX)
        v = v * 10 + (uint32_t)(s.p[at++] - '0');
    if (at == 0)
        return false;
    v *= 10;
    if (at < s.n && (s.p[at] == '.' || s.p[at] == ',')) {
        at++;
        if (at >= s.n || s.p[at] < '0' || s.p[at] > '9')
            return false;
        v += (uint32_t)(s.p[at++] - '0');
        while (at < s.n && s.p[at] >= '0' && s.p[at] <= '9')
            at++; /* less than a tenth of a millimetre */
    }
    *out = v;
    return at == s.n && v <= LENGTH_MAX;
}

static bool length(struct req *rq, const char *field, struct str s, uint32_t *out)
{
    *out = 0;
    if (str_empty(s) || tenths(s, out))
        return true;
    req_field_error(rq, field, MSG("Write a number of millimetres, for example 12.5."));
    return false;
}

struct str signing_options_mm(struct arena *a, uint32_t v)
{
    return v % 10 ? str_fmt(a, "%u.%u", v / 10, v % 10) : str_fmt(a, "%u", v / 10);
}

bool signing_options_placement(struct req *rq, const struct signing_options *o, unsigned pages,
                               struct signing_placement *p)
{
    bool picture = !str_eq_z(o->seal, "text"), fine;

    *p = (struct signing_placement){ .anchor = o->anchor,
                                     .show_name = o->show_name,
                                     .show_date = o->show_date,
                                     .show_reason = o->show_reason,
                                     .japanese = req_lang(rq) == LANG_JA };
    if (str_empty(o->seal) || str_eq_z(o->seal, "none"))
        return true;
    p->seal = picture ? o->seal : STR_ABSENT;
    p->first = o->pages == SIGNING_PAGES_ALL ? 1 : (unsigned)o->page;
    p->last = o->pages == SIGNING_PAGES_ALL ? pages : (unsigned)o->page;
    fine = length(rq, "x", o->x, &p->x);
    fine = length(rq, "y", o->y, &p->y) && fine;
    fine = length(rq, "width", o->width, &p->width) && fine;
    return length(rq, "height", o->height, &p->height) && fine;
}

/* --- templates --- */

enum err signing_options_apply(struct req *rq, const struct signing_look *look,
                               struct signing_options *o)
{
    struct arena *a = req_arena(rq);
    struct signing_template t;
    unsigned first = 1, last = 1;

    TRY(signing_template_find(req_tx(rq), signing_reasons_owner(rq), o->recurring, &t));
    if (signing_template_pages(&t, look->pages, &first, &last) != E_OK)
        req_field_error(rq, "page", MSG("This document has no such page."));
    if (!str_empty(t.seal))
        o->seal = t.seal;
    else if (t.show_name || t.show_date || t.show_reason)
        o->seal = STR("text");
    else if (str_eq_z(o->seal, "none")) /* its seal is gone: the main one is proposed */
        o->seal = STR_ABSENT;
    o->pages = last > first ? SIGNING_PAGES_ALL : SIGNING_PAGE_THIS;
    o->page = first;
    o->anchor = SIGNING_AT_PLACE;
    o->show_name = t.show_name;
    o->show_date = t.show_date;
    o->show_reason = t.show_reason;
    o->level = t.level;
    o->kind = (int)t.certify;
    if (!str_empty(t.reason))
        o->reason = t.reason;
    /* it counts from the lower left, pages from the upper left */
    if (first <= look->page_n) {
        uint32_t height = (uint32_t)(look->page[first - 1].height * 254 / 72);
        o->y = signing_options_mm(a, height > t.y + t.height ? height - t.y - t.height : 0);
    }
    o->x = signing_options_mm(a, t.x);
    o->width = signing_options_mm(a, t.width);
    o->height = signing_options_mm(a, t.height);
    return E_OK;
}

struct signing_request signing_options_request(struct req *rq, const struct signing_options *o,
                                               const struct secret *password)
{
    return (struct signing_request){ .owner = signing_reasons_owner(rq),
                                     .by = AUDIT_BY(rq),
                                     .credential = o->credential,
                                     .level = o->level,
                                     .reason = o->reason,
                                     .location = o->location,
                                     .assertion = { STR(SIGNING_PORTAL_METHOD), 2, req_now(rq) },
                                     .now = req_now(rq),
                                     .certify = o->kind,
                                     .field = str_empty(o->field) ? STR_ABSENT : o->field,
                                     .password = password };
}
