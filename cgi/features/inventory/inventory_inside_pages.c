/* inventory_inside_pages.c - the filter of the list: from the URL to the rules, and back. */
#include "features/inventory/inventory_inside_pages.h"

#include "base/encoding.h"
#include "features/accounts/accounts.h"
#include "features/profiles/profiles.h"

static const struct choice states[] = {
    { "valid", INVENTORY_VALID },         { "expiring", INVENTORY_EXPIRING },
    { "suspended", INVENTORY_SUSPENDED }, { "revoked", INVENTORY_REVOKED },
    { "expired", INVENTORY_EXPIRED },     { NULL, 0 },
};
static const struct choice sorts[] = {
    { "new", INVENTORY_NEWEST },         { "end", INVENTORY_BY_END },
    { "-end", INVENTORY_BY_END_DOWN },   { "name", INVENTORY_BY_NAME },
    { "-name", INVENTORY_BY_NAME_DOWN }, { NULL, 0 },
};

const struct param inventory_params[] = {
    PARAM_TEXT_OPT(struct inventory_form, name, 120),
    PARAM_TEXT_OPT(struct inventory_form, mail, 120),
    PARAM_TEXT_OPT(struct inventory_form, serial, 80),
    PARAM_TEXT_OPT(struct inventory_form, by, 64),
    PARAM_TEXT_OPT(struct inventory_form, profile, 40),
    PARAM_DATE_OPT(struct inventory_form, from),
    PARAM_DATE_OPT(struct inventory_form, to),
    PARAM_CHOICE_OPT(struct inventory_form, state, states, -1),
    PARAM_CHOICE_OPT(struct inventory_form, sort, sorts, INVENTORY_NEWEST),
    PARAM_INT_OPT(struct inventory_form, page, 1, 1000, 1),
    PARAM_ID_OPT(struct inventory_form, tenant),
    PARAM_END,
};

enum err inventory_inside_tenant(struct req *rq, struct tenant_id asked, struct tenant_id *tenant)
{
    *tenant = asked.v != 0 ? asked : req_tenant(rq);
    if (tenant->v == req_tenant(rq).v)
        return E_OK;
    return (req_who(rq)->roles & INVENTORY_STAFF) != 0
               ? E_OK
               : FAIL(E_ABSENT, "", "certificates of another customer");
}

/* Who asked for it, by login name. Somebody of another customer is nobody here. */
static enum err requester(struct req *rq, const struct inventory_form *f,
                          struct inventory_filter *out, bool *ok)
{
    struct accounts_info who;
    enum err e;

    if (str_empty(f->by))
        return E_OK;
    out->requested = true;
    e = accounts_find(req_tx(rq), str_lower(req_arena(rq), f->by), &who);
    if (e == E_ABSENT || (e == E_OK && who.tenant.v != out->tenant.v)) {
        req_field_error(rq, "by", MSG("Nobody here has this login name."));
        *ok = false;
        return E_OK;
    }
    out->requester = who.id;
    return e;
}

static bool one_search(struct req *rq, const struct inventory_form *f)
{
    int n = !str_empty(f->name) + !str_empty(f->mail) + !str_empty(f->serial) + !str_empty(f->by);

    if (n > 1)
        req_field_error(rq, "name",
                        MSG("Please search by one of name, mail address, serial number and "
                            "applicant at a time."));
    return n <= 1;
}

enum err inventory_inside_filter(struct req *rq, const struct inventory_form *f,
                                 struct inventory_filter *out, bool *ok)
{
    bool all = (req_who(rq)->roles & (INVENTORY_ADMINS | INVENTORY_STAFF)) != 0;

    *out =
        (struct inventory_filter){ .own = all ? (struct account_id){ 0 } : req_account(rq),
                                   .state = f->state,
                                   .profile = f->profile,
                                   .name = f->name,
                                   .mail = str_lower(req_arena(rq), f->mail),
                                   .from = f->from,
                                   .upto = timestamp_is_none(f->to) ? TIMESTAMP_NONE
                                                                    : timestamp_add(f->to, DAY_US),
                                   .sort = (enum inventory_sort)f->sort,
                                   .now = req_now(rq) };
    TRY(inventory_inside_tenant(rq, f->tenant, &out->tenant));
    *ok = !req_invalid(rq) && one_search(rq, f);
    if (*ok && !str_empty(f->serial) &&
        inventory_serial(req_arena(rq), f->serial, &out->serial) != E_OK) {
        req_field_error(rq, "serial",
                        MSG("Please give the beginning of a serial number: digits and the letters "
                            "a to f, at least two."));
        *ok = false;
    }
    return *ok ? requester(rq, f, out, ok) : E_OK;
}

static struct str with(struct arena *a, struct str q, const char *name, struct str value)
{
    if (str_empty(value))
        return q;
    return str_fmt(a, "%s%s%s=%s", q.p, q.n ? "&" : "", name, percent_encode(a, value).p);
}

static struct str day(struct arena *a, struct timestamp t)
{
    return timestamp_is_none(t) ? STR("") : str_sub(a, timestamp_rfc3339_jst(a, t), 0, 10);
}

struct str inventory_inside_query(struct req *rq, const struct inventory_form *f, bool with_sort)
{
    struct arena *a = req_arena(rq);
    struct str q = STR("");

    if (f->tenant.v != 0)
        q = str_fmt(a, "tenant=%llu", (unsigned long long)f->tenant.v);
    q = with(a, q, "name", f->name);
    q = with(a, q, "mail", f->mail);
    q = with(a, q, "serial", f->serial);
    q = with(a, q, "by", f->by);
    q = with(a, q, "profile", f->profile);
    q = with(a, q, "from", day(a, f->from));
    q = with(a, q, "to", day(a, f->to));
    if (f->state >= 0)
        q = with(a, q, "state", str_z(inventory_state_name((enum inventory_state)f->state)));
    if (with_sort && f->sort != INVENTORY_NEWEST)
        q = with(a, q, "sort", str_z(sorts[f->sort].word));
    return q;
}

struct str inventory_inside_sort(const struct inventory_form *f)
{
    return str_z(sorts[f->sort].word);
}

struct page_badge inventory_inside_badge(enum inventory_state s)
{
    static const struct page_badge badges[] = {
        [INVENTORY_VALID] = { "success", MSG_INIT("Valid") },
        [INVENTORY_EXPIRING] = { "caution", MSG_INIT("Expires soon") },
        [INVENTORY_SUSPENDED] = { "caution", MSG_INIT("Suspended") },
        [INVENTORY_REVOKED] = { "error", MSG_INIT("Revoked") },
        [INVENTORY_EXPIRED] = { "neutral", MSG_INIT("Expired") },
    };
    return badges[s];
}

struct str inventory_inside_title(struct req *rq, struct str profile)
{
    const struct profile *p;

    if (profiles_get(req_tx(rq), profile, 0, &p) != E_OK)
        return profile;
    return req_lang(rq) == LANG_JA ? p->title_ja : p->title_en;
}
