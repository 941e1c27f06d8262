/* portal_home.c - what the slices tell on the home page: here, because no slice may know another's
 * pages. */
#include "main/portal_home.h"

#include "features/accounts/accounts.h"
#include "features/envelopes/envelopes.h"
#include "features/registration/registration_pages.h"
#include "features/mail/mail.h"
#include "features/mail/mail_pages.h"
#include "features/registration/registration_review_pages.h"
#include "features/inventory/inventory.h"
#include "features/signing/signing.h"
#include "http/req.h"

#define SHOWN 5

static struct signing_owner owner_of(const struct req *rq)
{
    return (struct signing_owner){ .tenant = req_tenant(rq), .account = req_account(rq) };
}

static enum err documents(struct req *rq, struct home_list *list)
{
    struct signing_filter f = { .state = -1, .sort = STR("until"), .limit = 50 };
    struct signing_document *d;
    uint64_t total;
    size_t n, waiting = 0, expiring = 0;

    TRY(signing_document_list(req_tx(rq), owner_of(rq), &f, &d, &n, &total));
    for (size_t i = 0; i < n; i++) {
        bool is_signed = d[i].state == SIGNING_SIGNED;
        if ((is_signed ? expiring : waiting) >= SHOWN)
            continue;
        struct home_item item = {
            .what = is_signed ? MSG("Download before it is deleted:") : MSG("Sign:"),
            .name = d[i].filename,
            .url = str_fmt(req_arena(rq), "/documents/%.*s", STR_ARG(d[i].public_id)),
            .when = d[i].delete_at,
        };
        home_add(list, is_signed ? HOME_EXPIRING : HOME_WAITING, &item);
        *(is_signed ? &expiring : &waiting) += 1;
    }
    return E_OK;
}

static enum err records(struct req *rq, struct home_list *list)
{
    struct signing_record *r;
    uint64_t total;
    size_t n;

    const struct signing_record_filter newest = { .from = TIMESTAMP_NONE,
                                                  .to = TIMESTAMP_NONE,
                                                  .limit = SHOWN };

    TRY(signing_record_list(req_tx(rq), owner_of(rq), &newest, &r, &n, &total));
    for (size_t i = 0; i < n; i++) {
        bool done = str_eq_z(r[i].outcome, "signed");
        struct home_item item = {
            .what = done ? MSG("Signed a document") : MSG("A signature was not made"),
            .url = str_fmt(req_arena(rq), "/signatures/%.*s", STR_ARG(r[i].public_id)),
            .when = r[i].requested,
        };
        home_add(list, HOME_RECENT, &item);
    }
    return E_OK;
}

/* P3-47: the administrator hears of a connection certificate's end in time. */
static enum err systems(struct req *rq, struct home_list *list)
{
    struct signing_system *s;
    size_t n;

    if ((req_who(rq)->roles & ROLE_CUSTOMER_ADMIN) == 0)
        return E_OK;
    TRY(signing_system_list(req_tx(rq), req_tenant(rq), req_now(rq), &s, &n));
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < s[i].certificates_n; k++) {
            struct home_item item = {
                .what = MSG("The connection certificate of a system ends:"),
                .name = s[i].name,
                .url = str_fmt(req_arena(rq), "/systems/%llu", (unsigned long long)s[i].id.v),
                .when = s[i].certificates[k].not_after,
            };
            if (s[i].certificates[k].ends_soon)
                home_add(list, HOME_EXPIRING, &item);
        }
    return E_OK;
}

static enum err signing(struct req *rq, struct home_list *list)
{
    TRY(systems(rq, list));
    TRY(documents(rq, list));
    return records(rq, list);
}

/* What others ask this person to sign. */
static enum err envelopes(struct req *rq, struct home_list *list)
{
    struct envelopes_inbox_row *r;
    uint64_t total;
    size_t n;

    TRY(envelopes_inbox(req_tx(rq), req_account(rq), 0, SHOWN, &r, &n, &total));
    for (size_t i = 0; i < n; i++) {
        struct home_item item = {
            .what = MSG("Sign the contract:"),
            .name = r[i].title,
            .url = str_fmt(req_arena(rq), "/visit/%.*s", STR_ARG(r[i].party)),
            .when = r[i].deadline,
        };
        if (r[i].turn == ENVELOPES_TURN && !r[i].over)
            home_add(list, HOME_WAITING, &item);
    }
    return E_OK;
}

static enum err count_envelopes(struct req *rq, uint64_t *n)
{
    return envelopes_inbox_count(req_tx(rq), req_account(rq), n);
}

/* Applications that wait for this person's decision. */
static enum err reviews(struct req *rq, struct home_list *list)
{
    struct home_item item = { .what = MSG("Review applications for certificates"),
                              .url = STR("/reviews"),
                              .when = TIMESTAMP_NONE };

    TRY(registration_review_rail(rq, &item.count));
    if (item.count > 0)
        home_add(list, HOME_WAITING, &item);
    return E_OK;
}

/* Mails that did not arrive: the administrator's matter, and the person's own. */
static enum err mails(struct req *rq, struct home_list *list)
{
    struct home_item item = { .what = MSG("Mails did not arrive: look after their addresses"),
                              .url = STR("/mails"),
                              .when = TIMESTAMP_NONE };
    struct home_item own = { .what = MSG("Mails to your address do not arrive: please have it "
                                         "corrected by your administrator"),
                             .url = STR("/security"),
                             .when = TIMESTAMP_NONE };
    struct accounts_info who;
    struct str error;
    bool trouble;

    TRY(mail_pages_count(rq, &item.count));
    if (item.count > 0)
        home_add(list, HOME_WAITING, &item);
    TRY(accounts_get(req_tx(rq), req_tenant(rq), req_account(rq), &who));
    TRY(mail_admin_trouble(req_tx(rq), who.tenant, who.email, &trouble, &error));
    if (trouble)
        home_add(list, HOME_WAITING, &own);
    return E_OK;
}

/* P3-144: what ends soon, to its holder one by one, to administrators as a number. */
static enum err ending(struct req *rq, struct home_list *list)
{
    struct inventory_filter soon = { .tenant = req_tenant(rq),
                                     .state = INVENTORY_EXPIRING,
                                     .from = TIMESTAMP_NONE,
                                     .upto = TIMESTAMP_NONE,
                                     .now = req_now(rq) };
    struct home_item all = { .what = MSG("Certificates of your organisation end within 30 days"),
                             .url = STR("/certificates?state=expiring&sort=end"),
                             .when = TIMESTAMP_NONE };
    struct inventory_soon *own;
    size_t n;

    TRY(inventory_own_soon(req_tx(rq), req_tenant(rq), req_account(rq), req_now(rq), &own, &n));
    for (size_t i = 0; i < n; i++) {
        struct home_item item = {
            .what = MSG("Renew your certificate:"),
            .name = own[i].name,
            .url = str_fmt(req_arena(rq), "/certificates/%llu", (unsigned long long)own[i].id.v),
            .when = own[i].not_after,
        };
        home_add(list, HOME_EXPIRING, &item);
    }
    if ((req_who(rq)->roles & ROLE_CUSTOMER_ADMIN) == 0)
        return E_OK;
    TRY(inventory_count(req_tx(rq), &soon, INVENTORY_COUNT_MAX, &all.count));
    if (all.count > 0)
        home_add(list, HOME_EXPIRING, &all);
    return E_OK;
}

const home_source portal_home_sources[] = { ending, reviews, envelopes, mails, signing, NULL };
const struct home_count portal_home_counts[] = { { "/envelopes", count_envelopes },
                                                 { "/reviews", registration_review_rail },
                                                 { "/applications", registration_mine_rail },
                                                 { "/mails", mail_pages_count },
                                                 { NULL, NULL } };
