/*
 * certificates_change_pages.c - revoking, suspending and releasing: a page that says what will
 * happen to which certificate, and asks for the second factor where it cannot be undone.
 */
#include "features/certificates/certificates_pages.h"
#include "features/certificates/certificates_reason.h"
#include "features/certificates/certificates_shared_pages.h"
#include "features/certificates/certificates_show.h"
#include "features/certificates/certificates_words_pages.h"
#include "http/ratelimit.h"

static const struct rate change_rate = { "certificates.change", RATE_ACCOUNT, 30, 10 * MINUTE_US };

enum act { ACT_REVOKE, ACT_SUSPEND, ACT_RELEASE };

static const struct choice reason_words[] = {
    { "unspecified", CERTIFICATES_UNSPECIFIED },
    { "keyCompromise", CERTIFICATES_KEY_COMPROMISE },
    { "affiliationChanged", CERTIFICATES_AFFILIATION },
    { "superseded", CERTIFICATES_SUPERSEDED },
    { "cessationOfOperation", CERTIFICATES_CESSATION },
    { "privilegeWithdrawn", CERTIFICATES_WITHDRAWN },
    { NULL, 0 },
};

struct act_form {
    struct certificate_id id;
    int reason;
    struct timestamp since;
    struct str code;
    struct secret *password;
};
static const struct param act_params[] = {
    PARAM_ID(struct act_form, id),
    PARAM_CHOICE_OPT(struct act_form, reason, reason_words, CERTIFICATES_UNSPECIFIED),
    PARAM_DATE_OPT(struct act_form, since),
    PARAM_TEXT_OPT(struct act_form, code, 16),
    PARAM_SECRET_OPT(struct act_form, password, 1, 256),
    PARAM_END,
};

struct reason_row {
    const char *value;
    struct msg label, meaning;
    bool selected;
};
static const struct view_field reason_fields[] = {
    VIEW_WORD(struct reason_row, value),
    VIEW_MSG(struct reason_row, label),
    VIEW_MSG(struct reason_row, meaning),
    VIEW_FLAG(struct reason_row, selected),
    VIEW_END,
};

struct act_view {
    struct certificates_head head;
    struct certificate_id id;
    struct reason_row *reasons;
    size_t reasons_count;
    struct str since;
    bool revoke, upgrade, suspend, release, dated, code, password;
};
static const struct view_field act_fields[] = {
    VIEW_STRUCT(struct act_view, head, certificates_head_fields),
    VIEW_ID(struct act_view, id),
    VIEW_LIST(struct act_view, reasons, reasons_count, reason_fields),
    VIEW_TEXT(struct act_view, since),
    VIEW_FLAG(struct act_view, revoke),
    VIEW_FLAG(struct act_view, upgrade),
    VIEW_FLAG(struct act_view, suspend),
    VIEW_FLAG(struct act_view, release),
    VIEW_FLAG(struct act_view, dated),
    VIEW_FLAG(struct act_view, code),
    VIEW_FLAG(struct act_view, password),
    VIEW_END,
};
const struct view certificates_act_view = { "certificates/act.html", "Change a certificate",
                                            act_fields, 0 };

static void fill_reasons(struct req *rq, const struct certificates_certificate *c,
                         struct act_view *v)
{
    struct str chosen = req_raw(rq, "reason");

    v->reasons =
        ARENA_ARRAY(req_arena(rq), sizeof reason_words / sizeof *reason_words, struct reason_row);
    for (size_t i = 0; reason_words[i].word != NULL; i++) {
        uint32_t reason = (uint32_t)reason_words[i].value;

        if (reason == CERTIFICATES_WITHDRAWN && (c->may & CERTIFICATES_MAY_WITHDRAW) == 0)
            continue;
        v->reasons[v->reasons_count++] =
            (struct reason_row){ reason_words[i].word, certificates_words_reason(reason),
                                 certificates_words_meaning(reason),
                                 str_empty(chosen) ? reason == CERTIFICATES_UNSPECIFIED
                                                   : str_eq_z(chosen, reason_words[i].word) };
    }
}

static enum err may(const struct certificates_certificate *c, enum act act)
{
    static const uint32_t bits[] = { [ACT_REVOKE] =
                                         CERTIFICATES_MAY_REVOKE | CERTIFICATES_MAY_UPGRADE,
                                     [ACT_SUSPEND] = CERTIFICATES_MAY_SUSPEND,
                                     [ACT_RELEASE] = CERTIFICATES_MAY_RELEASE };
    if ((c->may & bits[act]) != 0)
        return E_OK;
    if (act == ACT_REVOKE && c->state == AUTHORITY_REVOKED)
        return FAIL(E_STATE, "already-revoked", "nothing to do");
    if (act == ACT_RELEASE && c->state == AUTHORITY_SUSPENDED)
        return FAIL(E_STATE, "held-by-others", "suspended by somebody else");
    return FAIL(E_STATE,
                act == ACT_RELEASE   ? "not-suspended"
                : act == ACT_SUSPEND ? "not-suspendable"
                                     : "not-issued",
                "state %s", authority_state_name(c->state));
}

static enum err show_act(struct req *rq, struct resp *rs, const struct certificates_certificate *c,
                         enum act act)
{
    struct certificates_proof proof;
    struct act_view v = { .head = certificates_shared_head(rq, c),
                          .id = c->id,
                          .since = req_raw(rq, "since"),
                          .revoke = act == ACT_REVOKE,
                          .suspend = act == ACT_SUSPEND,
                          .release = act == ACT_RELEASE };

    v.upgrade = act == ACT_REVOKE && (c->may & CERTIFICATES_MAY_UPGRADE) != 0;
    v.dated = act == ACT_REVOKE && (req_who(rq)->roles & ~(uint32_t)ROLE_END_USER) != 0;
    TRY(certificates_shared_proof(rq, &proof));
    v.code = proof.code && act != ACT_SUSPEND;
    v.password = proof.password && act != ACT_SUSPEND;
    fill_reasons(rq, c, &v);
    return resp_page(rs, &certificates_act_view, &v);
}

static enum err ask(struct req *rq, struct resp *rs, enum act act)
{
    const struct certificates_id_form *f = req_form(rq);
    const struct certificates_who who = certificates_shared_who(rq);
    struct certificates_certificate c;

    TRY(certificates_get(req_tx(rq), &who, f->id, req_now(rq), &c));
    TRY(may(&c, act));
    return show_act(rq, rs, &c, act);
}

/* What the form says, through the rules. */
static enum err carry_out(struct req *rq, enum act act, const struct act_form *f,
                          const struct certificates_certificate *c, struct str *receipt)
{
    const struct certificates_who who = certificates_shared_who(rq);
    const struct certificates_change change = {
        .how = CERTIFICATES_PAGE,
        .reason = c->state == AUTHORITY_REVOKED ? CERTIFICATES_KEY_COMPROMISE : (uint32_t)f->reason,
        .when = f->since,
    };
    struct audit_by by = AUDIT_BY(rq);

    if (act == ACT_SUSPEND)
        return certificates_suspend(req_tx(rq), &by, &who, c->id, CERTIFICATES_PAGE, req_now(rq),
                                    receipt);
    if (act == ACT_RELEASE)
        return certificates_release(req_tx(rq), &by, &who, c->id, CERTIFICATES_PAGE, req_now(rq),
                                    receipt);
    return certificates_revoke(req_tx(rq), &by, &who, c->id, &change, req_now(rq), receipt);
}

static enum err act(struct req *rq, struct resp *rs, enum act what)
{
    const struct act_form *f = req_form(rq);
    const struct certificates_who who = certificates_shared_who(rq);
    struct certificates_certificate c;
    struct str receipt;
    bool right = true;
    enum err e;

    TRY(certificates_get(req_tx(rq), &who, f->id, req_now(rq), &c));
    TRY(may(&c, what));
    if (req_invalid(rq))
        return show_act(rq, rs, &c, what);
    if (what != ACT_SUSPEND)
        TRY(certificates_shared_prove(rq, f->code, f->password, &right));
    if (!right)
        return show_act(rq, rs, &c, what);
    e = carry_out(rq, what, f, &c, &receipt);
    if (e != E_OK) {
        if (!certificates_shared_explain(rq))
            return e;
        resp_undo(rs);
        return show_act(rq, rs, &c, what);
    }
    return resp_seeother_text(
        rs, str_fmt(req_arena(rq), "/certificates/%llu/done/{id}", (unsigned long long)c.id.v).p,
        receipt);
}

static enum err ask_revoke(struct req *rq, struct resp *rs)
{
    return ask(rq, rs, ACT_REVOKE);
}
static enum err ask_suspend(struct req *rq, struct resp *rs)
{
    return ask(rq, rs, ACT_SUSPEND);
}
static enum err ask_release(struct req *rq, struct resp *rs)
{
    return ask(rq, rs, ACT_RELEASE);
}
static enum err revoke(struct req *rq, struct resp *rs)
{
    return act(rq, rs, ACT_REVOKE);
}
static enum err suspend(struct req *rq, struct resp *rs)
{
    return act(rq, rs, ACT_SUSPEND);
}
static enum err release(struct req *rq, struct resp *rs)
{
    return act(rq, rs, ACT_RELEASE);
}

/* ------------------------------------------------------------------ done */

struct done_form {
    struct certificate_id id;
    struct str receipt;
};
static const struct param done_params[] = { PARAM_ID(struct done_form, id),
                                            PARAM_TOKEN(struct done_form, receipt, 3, 20),
                                            PARAM_END };
struct done_view {
    struct certificates_head head;
    struct certificate_id id;
    struct str receipt;
    struct timestamp at;
    struct msg what;
    bool revoked, suspended, released;
};
static const struct view_field done_fields[] = {
    VIEW_STRUCT(struct done_view, head, certificates_head_fields),
    VIEW_ID(struct done_view, id),
    VIEW_TEXT(struct done_view, receipt),
    VIEW_TIME(struct done_view, at),
    VIEW_MSG(struct done_view, what),
    VIEW_FLAG(struct done_view, revoked),
    VIEW_FLAG(struct done_view, suspended),
    VIEW_FLAG(struct done_view, released),
    VIEW_END,
};
const struct view certificates_done_view = { "certificates/done.html", "Receipt {{receipt}}",
                                             done_fields, 0 };

static enum err done(struct req *rq, struct resp *rs)
{
    const struct done_form *f = req_form(rq);
    const struct certificates_who who = certificates_shared_who(rq);
    struct certificates_certificate c;
    struct certificates_event *e;
    size_t n, i = 0;

    TRY(certificates_get(req_tx(rq), &who, f->id, req_now(rq), &c));
    TRY(certificates_history(req_tx(rq), &c, &e, &n));
    while (i < n && (str_empty(e[i].receipt) || !str_eq(e[i].receipt, f->receipt)))
        i++;
    if (i == n)
        return FAIL(E_ABSENT, "certificate-unknown", "no such change");
    const struct done_view v = {
        .head = certificates_shared_head(rq, &c),
        .id = c.id,
        .receipt = e[i].receipt,
        .at = e[i].at,
        .what = certificates_words_kind(e[i].kind),
        .revoked = str_eq_z(e[i].kind, "revoked") || str_eq_z(e[i].kind, "compromised"),
        .suspended = str_eq_z(e[i].kind, "suspended"),
        .released = str_eq_z(e[i].kind, "released"),
    };
    return resp_page(rs, &certificates_done_view, &v);
}

#define ID_FORM FORM(certificates_id_params, struct certificates_id_form)
#define ACT_FORM FORM(act_params, struct act_form)

const struct route certificates_change_routes[] = {
    { GET, "/certificates/{id}/revoke", ask_revoke, WHO_ACCOUNT, ID_FORM, 0, 0, NULL, NULL },
    { POST, "/certificates/{id}/revoke", revoke, WHO_ACCOUNT, ACT_FORM, 0, 0, NULL, &change_rate },
    { GET, "/certificates/{id}/suspend", ask_suspend, WHO_ACCOUNT, ID_FORM, 0, 0, NULL, NULL },
    { POST, "/certificates/{id}/suspend", suspend, WHO_ACCOUNT, ACT_FORM, 0, 0, NULL,
      &change_rate },
    { GET, "/certificates/{id}/release", ask_release, WHO_ACCOUNT, ID_FORM, 0, 0, NULL, NULL },
    { POST, "/certificates/{id}/release", release, WHO_ACCOUNT, ACT_FORM, 0, 0, NULL,
      &change_rate },
    { GET, "/certificates/{id}/done/{receipt}", done, WHO_ACCOUNT,
      FORM(done_params, struct done_form), 0, 0, NULL, NULL },
    { 0 },
};
