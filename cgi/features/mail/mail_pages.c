/* mail_pages.c - what became of mails: /mails, without a word of what stood in them. */
#include "features/mail/mail_pages.h"

#include "base/encoding.h"
#include "features/mail/mail.h"
#include "http/page.h"
#include "http/req.h"
#include "http/resp.h"

#define PER_PAGE 50
#define STAFF (ROLE_SYSTEM_MANAGER | ROLE_SYSTEM_ADMIN | ROLE_SUPPORT)
/* Support looks; sending again is for those who look after people. */
#define SENDERS (ROLE_CUSTOMER_ADMIN | ROLE_SYSTEM_MANAGER | ROLE_SYSTEM_ADMIN)

/* The provider's staff see everybody's, a customer's administrator the own tenant's. */
static struct tenant_id scope(const struct req *rq)
{
    const struct tenant_id every = { 0 };
    return req_who(rq)->roles & STAFF ? every : req_tenant(rq);
}

enum err mail_pages_count(struct req *rq, uint64_t *n)
{
    *n = 0;
    if ((req_who(rq)->roles & SENDERS) == 0)
        return E_OK;
    return mail_admin_troubles(req_tx(rq), scope(rq), req_now(rq), n);
}

/* ------------------------------------------------------------------ words */

struct words {
    const char *code;
    struct msg word;
};

/* By the beginning of the template's name. */
static const struct words kinds[] = {
    { "locked", MSG_INIT("Account locked") },
    { "password", MSG_INIT("Password changed") },
    { "reset", MSG_INIT("Link for a new password") },
    { "invite", MSG_INIT("Invitation") },
    { "second", MSG_INIT("Second factor changed") },
    { "dormant", MSG_INIT("Warning before suspension") },
    { "suspended", MSG_INIT("Account suspended") },
    { "address", MSG_INIT("Mail address changed") },
    { "removed", MSG_INIT("Account removed") },
    { "envelopes/", MSG_INIT("Contract envelope") },
    { "signing/", MSG_INIT("Signing key or archive") },
    { "registration", MSG_INIT("Application for a certificate") },
    { "certificates", MSG_INIT("Certificate") },
    { "operators", MSG_INIT("LRA operator's certificate") },
    { "bulk", MSG_INIT("Bulk run") },
};

static struct msg kind_of(struct str template_name)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (str_starts(template_name, str_z(kinds[i].code)))
            return kinds[i].word;
    return MSG("Notice");
}

/* By the beginning of what delivery noted; the first that fits. */
static const struct words errors[] = {
    { "mail-refused SMTP 550", MSG_INIT("The mail server refused the address or the mail.") },
    { "mail-refused SMTP 552", MSG_INIT("The mailbox is full.") },
    { "mail-refused", MSG_INIT("The mail server refused the mail for good.") },
    { "mail-undeliverable",
      MSG_INIT("Not sent: an earlier mail came back because there is no such address.") },
    { "mail-bounced 5.1", MSG_INIT("Came back: there is no such address.") },
    { "mail-bounced 5.2.1", MSG_INIT("Came back: the mailbox is closed.") },
    { "mail-bounced 5.2.2", MSG_INIT("Came back: the mailbox is full.") },
    { "mail-bounced 4.2.2", MSG_INIT("Came back: the mailbox is full.") },
    { "mail-bounced 5.4", MSG_INIT("Came back: no mail server answers for this domain.") },
    { "mail-bounced 4.4", MSG_INIT("Came back: the mail server did not answer in time.") },
    { "mail-bounced 5.7", MSG_INIT("Came back: the other side does not take mails from us.") },
    { "mail-bounced", MSG_INIT("Came back.") },
    { "mail-deferred SMTP 4", MSG_INIT("The mail server asks to try later.") },
    { "mail-deferred", MSG_INIT("The mail server could not be reached, or does not let us in.") },
    { "mail-disk", MSG_INIT("The folder for mails cannot be written.") },
    { "mail-address", MSG_INIT("The address is malformed.") },
};

static struct msg error_of(struct str error)
{
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
        if (str_starts(error, str_z(errors[i].code)))
            return errors[i].word;
    return str_empty(error) ? (struct msg){ NULL } : MSG("It could not be delivered.");
}

static struct page_badge state_of(enum mail_state s)
{
    switch (s) {
    case MAIL_SENT:
        return (struct page_badge){ "success", MSG("Handed over") };
    case MAIL_FAILED:
        return (struct page_badge){ "error", MSG("Not sent") };
    case MAIL_BOUNCED:
        return (struct page_badge){ "error", MSG("Came back") };
    case MAIL_QUEUED:
    case MAIL_STATE__MAX:
        break;
    }
    return (struct page_badge){ "progress", MSG("On its way") };
}

/* ------------------------------------------------------------------ list */

static const struct choice states[] = { { "queued", MAIL_QUEUED },
                                        { "sent", MAIL_SENT },
                                        { "failed", MAIL_FAILED },
                                        { "bounced", MAIL_BOUNCED },
                                        { NULL, 0 } };
struct mails_form {
    struct str q;
    int state;
    struct tenant_id tenant;
    int64_t page;
};
static const struct param mails_params[] = {
    PARAM_TEXT_OPT(struct mails_form, q, 254),
    PARAM_CHOICE_OPT(struct mails_form, state, states, -1),
    PARAM_ID_OPT(struct mails_form, tenant),
    PARAM_INT_OPT(struct mails_form, page, 1, 100000, 1),
    PARAM_END,
};

struct mails_row {
    struct mail_id id;
    struct str recipient, tenant_name;
    struct msg kind, error;
    struct page_badge state;
    struct timestamp at;
    bool resend, allow;
};
static const struct view_field mails_row_fields[] = {
    VIEW_ID(struct mails_row, id),
    VIEW_TEXT(struct mails_row, recipient),
    VIEW_TEXT(struct mails_row, tenant_name),
    VIEW_MSG(struct mails_row, kind),
    VIEW_MSG(struct mails_row, error),
    VIEW_STRUCT(struct mails_row, state, page_badge_fields),
    VIEW_TIME(struct mails_row, at),
    VIEW_FLAG(struct mails_row, resend),
    VIEW_FLAG(struct mails_row, allow),
    VIEW_END,
};
struct mails_view {
    struct str q;
    struct tenant_id tenant;
    bool staff, filtered, more;
    struct page_choice *states;
    size_t states_n;
    struct mails_row *rows;
    size_t rows_n;
    uint64_t total;
    struct page_pager pager;
};
static const struct view_field mails_fields[] = {
    VIEW_TEXT(struct mails_view, q),
    VIEW_ID(struct mails_view, tenant),
    VIEW_FLAG(struct mails_view, staff),
    VIEW_FLAG(struct mails_view, filtered),
    VIEW_FLAG(struct mails_view, more),
    VIEW_LIST(struct mails_view, states, states_n, page_choice_fields),
    VIEW_LIST(struct mails_view, rows, rows_n, mails_row_fields),
    VIEW_COUNT(struct mails_view, total),
    VIEW_STRUCT(struct mails_view, pager, page_pager_fields),
    VIEW_END,
};
static const struct view mails_view = { "mails/list.html", "Mail delivery", mails_fields,
                                        VIEW_WIDE };
const struct view *const mail_pages_views[] = { &mails_view, NULL };

static struct str query_of(struct arena *a, const struct mails_form *f)
{
    struct str q = STR("");

    if (f->tenant.v)
        q = str_fmt(a, "tenant=%llu", (unsigned long long)f->tenant.v);
    if (!str_empty(f->q))
        q = str_fmt(a, "%s%sq=%s", q.p, q.n ? "&" : "", percent_encode(a, f->q).p);
    if (f->state >= 0)
        q = str_fmt(a, "%s%sstate=%s", q.p, q.n ? "&" : "", states[f->state].word);
    return q;
}

static void fill_states(struct arena *a, int chosen, struct mails_view *v)
{
    v->states = ARENA_ARRAY(a, MAIL_STATE__MAX, struct page_choice);
    for (; states[v->states_n].word; v->states_n++)
        v->states[v->states_n] =
            (struct page_choice){ str_z(states[v->states_n].word),
                                  state_of((enum mail_state)states[v->states_n].value).word,
                                  STR(""), states[v->states_n].value == chosen };
}

static void fill_rows(struct req *rq, const struct mail_row *rows, struct mails_view *v)
{
    bool may = (req_who(rq)->roles & SENDERS) != 0;

    v->rows = ARENA_ARRAY(req_arena(rq), v->rows_n, struct mails_row);
    for (size_t i = 0; i < v->rows_n; i++) {
        const struct mail_row *r = &rows[i];
        struct timestamp at = timestamp_is_none(r->sent_at) ? r->created : r->sent_at;
        v->rows[i] = (struct mails_row){
            .id = r->id,
            .recipient = r->recipient,
            .tenant_name = r->tenant_name,
            .kind = kind_of(r->template_name),
            .error = error_of(r->error),
            .state = state_of(r->state),
            .at = timestamp_is_none(r->bounced_at) ? at : r->bounced_at,
            .resend = may && r->state == MAIL_FAILED && r->body,
            .allow = may && r->stopped && r->state >= MAIL_FAILED,
        };
    }
}

static enum err mails(struct req *rq, struct resp *rs)
{
    const struct mails_form *f = req_form(rq);
    struct mail_filter filter = { .tenant = scope(rq) };
    struct arena *a = req_arena(rq);
    struct mails_view v = { .staff = filter.tenant.v == 0 };
    struct mail_row *rows;

    if (req_invalid(rq))
        return FAIL(E_INPUT, "", "bad filter");
    if (!v.staff && f->tenant.v && f->tenant.v != filter.tenant.v)
        return FAIL(E_ABSENT, "", "mails of another tenant"); /* P2-12 */
    if (f->tenant.v)
        filter.tenant = f->tenant;
    v.q = filter.q = f->q.p ? f->q : STR("");
    v.tenant = f->tenant;
    filter.state = f->state;
    v.filtered = v.q.n > 0 || f->state >= 0 || f->tenant.v;
    TRY(mail_admin_list(req_tx(rq), &filter, (uint32_t)f->page, PER_PAGE, &rows, &v.rows_n,
                        &v.total));
    v.more = v.total > MAIL_COUNT_MAX;
    v.total = v.more ? MAIL_COUNT_MAX : v.total;
    fill_rows(rq, rows, &v);
    fill_states(a, f->state, &v);
    v.pager =
        page_pager_make(a, STR("/mails"), query_of(a, f), (uint64_t)f->page, PER_PAGE, v.total);
    return resp_page(rs, &mails_view, &v);
}

/* ------------------------------------------------------------------ acts */

struct mail_form {
    struct mail_id id;
};
static const struct param mail_params[] = { PARAM_ID(struct mail_form, id), PARAM_END };

static enum err resend(struct req *rq, struct resp *rs)
{
    const struct mail_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);

    if (req_invalid(rq))
        return FAIL(E_ABSENT, "", "no such mail");
    TRY(mail_admin_resend(req_tx(rq), &by, scope(rq), f->id, req_now(rq)));
    resp_flash(rs, "success", MSG("The mail is on its way again."), STR(""));
    return resp_seeother(rs, "/mails", 0);
}

static enum err allow(struct req *rq, struct resp *rs)
{
    const struct mail_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);

    if (req_invalid(rq))
        return FAIL(E_ABSENT, "", "no such mail");
    TRY(mail_admin_allow(req_tx(rq), &by, scope(rq), f->id));
    resp_flash(rs, "success", MSG("Mails will be sent to this address again."), STR(""));
    return resp_seeother(rs, "/mails", 0);
}

const struct problem_reason mail_pages_reasons[] = {
    { "mail-not-failed", MSG_INIT("This mail has not failed, or is on its way again."), { NULL } },
    { "mail-erased", MSG_INIT("What stood in this mail was erased."),
      MSG_INIT("Please do again what caused it, for example send the invitation again.") },
    { "mail-not-stopped", MSG_INIT("Mails are sent to this address already."), { NULL } },
    { 0 },
};

const struct route mail_pages_routes[] = {
    { GET, "/mails", mails, SENDERS | ROLE_SUPPORT, FORM(mails_params, struct mails_form) },
    { POST, "/mails/{id}/resend", resend, SENDERS, FORM(mail_params, struct mail_form) },
    { POST, "/mails/{id}/allow", allow, SENDERS, FORM(mail_params, struct mail_form) },
    { 0 },
};
