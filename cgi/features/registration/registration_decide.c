/*
 * registration_decide.c - decisions on applications. The row is locked first and everything is
 * judged on what the lock shows; two people who decide in the same moment come one after the other,
 * and the second one finds another generation.
 */
#include "features/registration/registration_decision.h"

#include "base/json.h"
#include "features/registration/registration_inside.h"
#include "features/registration/registration_review.h"
#include "store/db.h"

enum { NOTE_MAX = 2000, VETTING_NOTE_MAX = 500 };

static const char *const items[] = { "identity", "authority", "content" };
_Static_assert(sizeof items / sizeof items[0] == REGISTRATION_ITEM__MAX, "a name per item");
static const char *const methods[] = { "register", "meeting", "document",
                                       "superior", "known",   "batch" };
_Static_assert(sizeof methods / sizeof methods[0] == REGISTRATION_METHOD__MAX, "a name per method");

const char *registration_item_name(enum registration_item item)
{
    return items[item];
}

const char *registration_method_name(enum registration_method method)
{
    return methods[method];
}

bool registration_item_from(struct str name, enum registration_item *out)
{
    for (unsigned i = 0; i < REGISTRATION_ITEM__MAX; i++)
        if (str_eq_z(name, items[i])) {
            *out = (enum registration_item)i;
            return true;
        }
    return false;
}

bool registration_method_from(struct str name, enum registration_method *out)
{
    for (unsigned i = 0; i < REGISTRATION_METHOD__MAX; i++)
        if (str_eq_z(name, methods[i])) {
            *out = (enum registration_method)i;
            return true;
        }
    return false;
}

enum registration_bar registration_bar_of(const struct registration *r, struct account_id who,
                                          bool approving)
{
    bool first = r->first_approver.v == 0;
    bool bulk =
        approving && first && str_eq_z(r->via, "bulk") && !str_eq_z(r->profile, PROFILES_OPERATOR);

    if (r->state != REGISTRATION_WAITING && r->state != REGISTRATION_HELD)
        return REGISTRATION_NOT_OPEN;
    if (r->subscriber.v != 0 && r->subscriber.v == who.v)
        return REGISTRATION_ABOUT;
    if (r->applicant.v == who.v && !bulk)
        return REGISTRATION_OWN;
    if (approving && !first && r->first_approver.v == who.v)
        return REGISTRATION_FIRST;
    return REGISTRATION_FREE;
}

static enum err wrong_state(const struct registration_decision *d)
{
    return FAIL(E_STATE, "application-state", "application %llu is %s",
                (unsigned long long)d->r.id.v, registration_state_name(d->r.state));
}

/* Lock it and compare with what the person saw. */
static enum err lock(struct registration_decision *d, struct tenant_id tenant,
                     struct application_id id, uint32_t generation)
{
    enum err err = q_review_lock(d->tx, tenant, id, &d->row);

    if (err == E_ABSENT)
        return FAIL(E_ABSENT, "application-unknown", "no such application");
    TRY(err);
    if (d->row.generation != generation)
        return FAIL(E_CONFLICT, "changed-meanwhile", "generation %u, not %u", d->row.generation,
                    generation);
    return registration_get(d->tx, tenant, id, &d->r);
}

static enum err check_reviewer(struct registration_decision *d, struct tenant_id tenant,
                               bool *admin)
{
    struct q_review_actor who = { .active = false };
    enum err err = q_review_actor(d->tx, tenant, d->by->account, &who);

    *admin = who.admin;
    if (err == E_ABSENT || (err == E_OK && !(who.active && who.reviewer)))
        return FAIL(E_DENIED, "not-a-reviewer", "account %llu does not review for this customer",
                    (unsigned long long)d->by->account.v);
    return err;
}

enum err registration_decision_begin(struct registration_decision *d, struct tenant_id tenant,
                                     struct application_id id, uint32_t generation, bool approving)
{
    bool admin;

    TRY(check_reviewer(d, tenant, &admin));
    TRY(lock(d, tenant, id, generation));
    if (approving && !admin && str_eq_z(d->r.profile, PROFILES_OPERATOR))
        return FAIL(E_DENIED, "operator-by-admin", "operators do not make operators");
    switch (registration_bar_of(&d->r, d->by->account, approving)) {
    case REGISTRATION_OWN:
        return FAIL(E_DENIED, "own-application", "nobody decides on what they applied for");
    case REGISTRATION_ABOUT:
        return FAIL(E_DENIED, "about-oneself", "nobody decides on a certificate of their own");
    case REGISTRATION_FIRST:
        return FAIL(E_DENIED, "approved-already", "the second approval is another person's");
    case REGISTRATION_NOT_OPEN:
        return wrong_state(d);
    case REGISTRATION_FREE:
        break;
    }
    return E_OK;
}

/* "approved" is what happened, "approve" what was done. */
static const char *act_of(const char *kind)
{
    static const char *const acts[][2] = {
        { "approved", "registration.application.approve" },
        { "rejected", "registration.application.reject" },
        { "returned", "registration.application.return" },
        { "held", "registration.application.hold" },
        { "resumed", "registration.application.resume" },
        { "edited", "registration.application.edit" },
    };

    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++)
        if (strcmp(kind, acts[i][0]) == 0)
            return acts[i][1];
    return "registration.application.withdraw";
}

enum err registration_decision_record(struct registration_decision *d, const char *kind,
                                      struct str note)
{
    struct json *detail = json_new_object();

    json_set_i64(detail, "generation", d->row.generation);
    if (strcmp(kind, "approved") == 0)
        json_set_i64(detail, "approval", d->r.first_approver.v == 0 ? 1 : 2);
    enum err err = registration_event_add(d->tx, &d->r, d->by->account, kind, note, d->now);
    if (err != E_OK) {
        json_free(detail);
        return err;
    }
    return audit_note(d->tx, d->by, act_of(kind), "application", d->r.id.v, detail);
}

/* ------------------------------------------------------------------ approving */

/* Each item once, with a method that fits (P1-10). */
static enum err check_vetting(const struct registration_decision *d,
                              const struct registration_vetting *v, size_t n)
{
    bool seen[REGISTRATION_ITEM__MAX] = { false };

    for (size_t i = 0; i < n; i++) {
        if (seen[v[i].item])
            return FAIL(E_INPUT, "vetting-twice", "item %s twice", items[v[i].item]);
        seen[v[i].item] = true;
        if (v[i].method == REGISTRATION_DOCUMENT && str_empty(v[i].note))
            return FAIL(E_INPUT, "vetting-note", "which document?");
        if (v[i].method == REGISTRATION_BATCH && !str_eq_z(d->r.via, "bulk"))
            return FAIL(E_INPUT, "vetting-method", "not of an application in bulk");
        if (!str_empty(v[i].note) && utf8_length(v[i].note) > VETTING_NOTE_MAX)
            return FAIL(E_INPUT, "vetting-note", "longer than %d characters", VETTING_NOTE_MAX);
    }
    for (size_t i = 0; i < REGISTRATION_ITEM__MAX; i++)
        if (!seen[i])
            return FAIL(E_INPUT, "vetting-missing", "item %s", items[i]);
    return E_OK;
}

static enum err write_vetting(struct registration_decision *d, const struct registration_vetting *v,
                              size_t n)
{
    for (size_t i = 0; i < n; i++)
        TRY(q_review_vetting_add(d->tx, d->r.id, d->r.tenant, d->by->account, d->row.generation,
                                 d->now, str_z(items[v[i].item]), str_z(methods[v[i].method]),
                                 str_empty(v[i].note) ? STR_ABSENT : v[i].note));
    return E_OK;
}

/* What was checked when it was sent may have changed: a key reported, a contract ended (P3-44). */
static enum err still_right(struct registration_decision *d)
{
    struct profiles_finding *f;
    size_t n;

    TRY(registration_review_recheck(d->tx, &d->r, d->now, &f, &n));
    for (size_t i = 0; i < n; i++)
        if (f[i].refuses)
            return FAIL(E_INPUT, f[i].code.p, "refused when approved");
    return E_OK;
}

/* The row says approved; then, as the last approval, what follows. */
static enum err write_approval(struct registration_decision *d)
{
    bool first = d->r.first_approver.v == 0;
    bool last = !first || d->r.approvals_needed == 1;
    struct str state = str_z(last ? "approved" : "waiting");
    struct timestamp decided = last ? d->now : TIMESTAMP_NONE;
    uint64_t changed;

    if (first)
        TRY(q_review_approve_first(d->tx, d->r.id, d->r.tenant, d->row.generation, d->by->account,
                                   state, d->now, decided, &changed));
    else
        TRY(q_review_approve_second(d->tx, d->r.id, d->r.tenant, d->row.generation, d->by->account,
                                    state, d->now, decided, &changed));
    if (changed != 1)
        return FAIL(E_CONFLICT, "changed-meanwhile", "nothing to approve");
    if (!last)
        return E_OK;
    TRY(registration_get(d->tx, d->r.tenant, d->r.id, &d->r));
    TRY(still_right(d));
    return registration_proceed(d->tx, d->by, &d->r, d->now);
}

enum err registration_approve(struct tx *tx, const struct audit_by *by, struct tenant_id tenant,
                              struct application_id id, uint32_t generation,
                              const struct registration_vetting *vetting, size_t n,
                              struct timestamp now)
{
    struct registration_decision d = { .tx = tx, .by = by, .now = now };

    TRY(registration_decision_begin(&d, tenant, id, generation, true));
    if (d.r.state != REGISTRATION_WAITING)
        return wrong_state(&d);
    TRY(check_vetting(&d, vetting, n));
    TRY(write_vetting(&d, vetting, n));
    TRY(registration_decision_record(&d, "approved", STR_ABSENT));
    return write_approval(&d);
}

/* ------------------------------------------------------------------ not approving */

static enum err check_note(struct str note, bool needed)
{
    if (str_empty(note))
        return needed ? FAIL(E_INPUT, "reason-missing", "no reason given") : E_OK;
    if (utf8_length(note) > NOTE_MAX)
        return FAIL(E_INPUT, "reason-bad", "longer than %d characters", NOTE_MAX);
    return E_OK;
}

static enum err move(struct registration_decision *d, enum registration_state state,
                     struct str note, struct timestamp decided)
{
    uint64_t changed;

    TRY(q_review_move(d->tx, d->r.id, d->r.tenant, d->row.generation, d->row.state,
                      str_z(registration_state_name(state)), str_empty(note) ? STR_ABSENT : note,
                      d->now, decided, &changed));
    return changed == 1 ? E_OK : FAIL(E_CONFLICT, "changed-meanwhile", "nothing to change");
}

enum err registration_reject(struct tx *tx, const struct audit_by *by, struct tenant_id tenant,
                             struct application_id id, uint32_t generation, struct str reason,
                             struct timestamp now)
{
    struct registration_decision d = { .tx = tx, .by = by, .now = now };

    TRY(registration_decision_begin(&d, tenant, id, generation, false));
    TRY(check_note(reason, true));
    TRY(move(&d, REGISTRATION_REJECTED, reason, now));
    TRY(registration_decision_record(&d, "rejected", reason));
    return registration_mail_order(tx, id, REGISTRATION_MAIL_REJECTED);
}

enum err registration_return(struct tx *tx, const struct audit_by *by, struct tenant_id tenant,
                             struct application_id id, uint32_t generation, struct str note,
                             struct timestamp now)
{
    struct registration_decision d = { .tx = tx, .by = by, .now = now };
    uint64_t changed;

    TRY(registration_decision_begin(&d, tenant, id, generation, false));
    TRY(check_note(note, true));
    TRY(q_review_return(tx, id, tenant, generation, d.row.state, note, now, &changed));
    if (changed != 1)
        return FAIL(E_CONFLICT, "changed-meanwhile", "nothing to return");
    TRY(registration_decision_record(&d, "returned", note));
    return registration_mail_order(tx, id, REGISTRATION_MAIL_RETURNED);
}

enum err registration_hold(struct tx *tx, const struct audit_by *by, struct tenant_id tenant,
                           struct application_id id, uint32_t generation, struct str note,
                           struct timestamp now)
{
    struct registration_decision d = { .tx = tx, .by = by, .now = now };

    TRY(registration_decision_begin(&d, tenant, id, generation, false));
    if (d.r.state != REGISTRATION_WAITING)
        return wrong_state(&d);
    TRY(check_note(note, false));
    TRY(move(&d, REGISTRATION_HELD, note, TIMESTAMP_NONE));
    TRY(registration_decision_record(&d, "held", str_empty(note) ? STR_ABSENT : note));
    return registration_mail_order(tx, id, REGISTRATION_MAIL_HELD);
}

enum err registration_resume(struct tx *tx, const struct audit_by *by, struct tenant_id tenant,
                             struct application_id id, uint32_t generation, struct timestamp now)
{
    struct registration_decision d = { .tx = tx, .by = by, .now = now };

    TRY(registration_decision_begin(&d, tenant, id, generation, false));
    if (d.r.state != REGISTRATION_HELD)
        return wrong_state(&d);
    TRY(move(&d, REGISTRATION_WAITING, STR_ABSENT, TIMESTAMP_NONE));
    return registration_decision_record(&d, "resumed", STR_ABSENT);
}

enum err registration_withdraw(struct tx *tx, const struct audit_by *by, struct tenant_id tenant,
                               struct application_id id, uint32_t generation, struct timestamp now)
{
    struct registration_decision d = { .tx = tx, .by = by, .now = now };

    TRY(lock(&d, tenant, id, generation));
    if (by->account.v == 0 ||
        (by->account.v != d.r.applicant.v && by->account.v != d.r.subscriber.v))
        return FAIL(E_DENIED, "not-yours", "neither applicant nor subscriber");
    if (d.r.state != REGISTRATION_WAITING && d.r.state != REGISTRATION_HELD &&
        d.r.state != REGISTRATION_RETURNED)
        return wrong_state(&d);
    TRY(move(&d, REGISTRATION_WITHDRAWN, STR_ABSENT, now));
    return registration_decision_record(&d, "withdrawn", STR_ABSENT);
}
