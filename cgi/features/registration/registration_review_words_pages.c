/* registration_review_words_pages.c - states, events, methods and reasons in words; the filter in
 * URLs. */
#include "features/registration/registration_review_inside_pages.h"

#include "base/encoding.h"

const struct choice registration_review_states[] = {
    { "mine", REGISTRATION_REVIEW_MINE },
    { "waiting", REGISTRATION_WAITING },
    { "held", REGISTRATION_HELD },
    { "returned", REGISTRATION_RETURNED },
    { "approved", REGISTRATION_APPROVED },
    { "issued", REGISTRATION_ISSUED },
    { "rejected", REGISTRATION_REJECTED },
    { "withdrawn", REGISTRATION_WITHDRAWN },
    { "refused", REGISTRATION_REFUSED },
    { "all", REGISTRATION_REVIEW_ANY },
    { NULL, 0 },
};

const struct choice registration_review_methods[] = {
    { "register", REGISTRATION_REGISTER },
    { "meeting", REGISTRATION_MEETING },
    { "document", REGISTRATION_DOCUMENT },
    { "superior", REGISTRATION_SUPERIOR },
    { "known", REGISTRATION_KNOWN },
    { "batch", REGISTRATION_BATCH },
    { NULL, 0 },
};

/* ------------------------------------------------------------------ the filter */

static enum registration_sort sort_of(struct str sort)
{
    if (str_eq_z(sort, "-time"))
        return REGISTRATION_BY_TIME_DOWN;
    if (str_eq_z(sort, "title"))
        return REGISTRATION_BY_TITLE;
    return str_eq_z(sort, "-title") ? REGISTRATION_BY_TITLE_DOWN : REGISTRATION_BY_TIME;
}

struct registration_filter registration_review_filter(const struct req *rq,
                                                      const struct registration_review_form *f)
{
    bool mine = f->state == REGISTRATION_REVIEW_MINE;

    return (struct registration_filter){
        .tenant = req_tenant(rq),
        .me = req_account(rq),
        .mine = mine,
        .state = mine ? (int)REGISTRATION_WAITING : f->state,
        .profile = f->profile,
        .q = f->q,
        .since = f->from,
        .before =
            timestamp_is_none(f->to) ? f->to : timestamp_add(f->to, DAY_US), /* day included */
        .sort = sort_of(f->sort),
    };
}

static struct str query_of(struct req *rq, const char *const *names, struct str query)
{
    struct arena *a = req_arena(rq);

    for (; *names != NULL; names++) {
        struct str value = req_raw(rq, *names);
        if (!str_empty(value))
            query = str_fmt(a, "%s%s%s=%s", query.p, query.n ? "&" : "", *names,
                            percent_encode(a, value).p);
    }
    return query;
}

struct str registration_review_query(struct req *rq)
{
    static const char *const names[] = { "state", "q", "profile", "from", "to", "sort", NULL };

    return query_of(rq, names, STR(""));
}

struct str registration_review_filter_query(struct req *rq)
{
    static const char *const names[] = { "state", "q", "profile", "from", "to", NULL };

    return query_of(rq, names, STR(""));
}

struct str registration_review_url(struct req *rq, struct str path)
{
    struct str query = registration_review_query(rq);

    return query.n ? str_fmt(req_arena(rq), "%s?%s", path.p, query.p) : path;
}

struct str registration_review_below(struct req *rq, struct str receipt, const char *what)
{
    static const char *const names[] = { "identity", "authority", "content", NULL };
    struct str query = query_of(rq, names, registration_review_query(rq));

    return str_fmt(req_arena(rq), "/reviews/%s%s%s%s", receipt.p, what, query.n ? "?" : "",
                   query.p);
}

/* ------------------------------------------------------------------ words */

struct page_badge registration_review_state(enum registration_state s)
{
    static const struct page_badge badges[] = {
        [REGISTRATION_DRAFT] = { "neutral", MSG_INIT("being written") },
        [REGISTRATION_WAITING] = { "progress", MSG_INIT("waits for review") },
        [REGISTRATION_RETURNED] = { "caution", MSG_INIT("returned for correction") },
        [REGISTRATION_HELD] = { "caution", MSG_INIT("held for now") },
        [REGISTRATION_APPROVED] = { "progress", MSG_INIT("approved") },
        [REGISTRATION_ISSUED] = { "success", MSG_INIT("issued") },
        [REGISTRATION_REJECTED] = { "error", MSG_INIT("rejected") },
        [REGISTRATION_WITHDRAWN] = { "neutral", MSG_INIT("withdrawn") },
        [REGISTRATION_REFUSED] = { "error", MSG_INIT("refused by the authority") },
    };

    return s < REGISTRATION__STATES ? badges[s] : badges[REGISTRATION_DRAFT];
}

struct msg registration_review_event(struct str kind)
{
    static const struct {
        const char *kind;
        struct msg what;
    } events[] = {
        { "submitted", MSG_INIT("Application sent") },
        { "returned", MSG_INIT("Returned for correction") },
        { "resubmitted", MSG_INIT("Sent again, corrected") },
        { "held", MSG_INIT("Held") },
        { "resumed", MSG_INIT("Review goes on") },
        { "edited", MSG_INIT("Fields changed by the reviewer") },
        { "approved", MSG_INIT("Approved") },
        { "rejected", MSG_INIT("Rejected") },
        { "withdrawn", MSG_INIT("Withdrawn") },
        { "issued", MSG_INIT("Certificate issued") },
        { "refused", MSG_INIT("Refused by the authority") },
    };

    for (size_t i = 0; i < sizeof events / sizeof *events; i++)
        if (str_eq_z(kind, events[i].kind))
            return events[i].what;
    return MSG("Changed");
}

struct msg registration_review_item(enum registration_item item)
{
    static const struct msg words[] = {
        [REGISTRATION_IDENTITY] = MSG_INIT("The subscriber is who they say they are"),
        [REGISTRATION_AUTHORITY] = MSG_INIT("The applicant may ask for this certificate"),
        [REGISTRATION_CONTENT] = MSG_INIT("The names to be certified are right"),
    };

    return words[item];
}

struct msg registration_review_method(enum registration_method method)
{
    static const struct msg words[] = {
        [REGISTRATION_REGISTER] = MSG_INIT("compared with the organisation's register"),
        [REGISTRATION_MEETING] = MSG_INIT("in person"),
        [REGISTRATION_DOCUMENT] = MSG_INIT("by a document (say which in the note)"),
        [REGISTRATION_SUPERIOR] = MSG_INIT("asked somebody in charge"),
        [REGISTRATION_KNOWN] = MSG_INIT("confirmed before, nothing has changed since"),
        [REGISTRATION_BATCH] = MSG_INIT("confirmed before the file was uploaded"),
    };

    return words[method];
}

struct msg registration_review_source(uint32_t key)
{
    switch (key) {
    case PROFILES_CSR:
        return MSG("Certificate request (CSR)");
    case PROFILES_HSM:
        return MSG("Key in the signing token");
    case PROFILES_PKCS12:
        return MSG("PKCS#12 made by the portal, shown once");
    default:
        return MSG("Key made in the applicant's browser");
    }
}

struct msg registration_review_bar(enum registration_bar bar)
{
    static const struct msg words[] = {
        [REGISTRATION_FREE] = { "" },
        [REGISTRATION_NOT_OPEN] = MSG_INIT("This application is not open for decisions."),
        [REGISTRATION_ABOUT] =
            MSG_INIT("This certificate would be your own: another reviewer decides."),
        [REGISTRATION_OWN] = MSG_INIT("You applied for this yourself: another reviewer decides."),
        [REGISTRATION_FIRST] =
            MSG_INIT("You gave the first approval: the second one is another person's."),
    };

    return words[bar];
}

struct msg registration_review_done(enum registration_act act)
{
    static const struct msg words[] = {
        [REGISTRATION_APPROVE] = MSG_INIT("Approved."),
        [REGISTRATION_REJECT] = MSG_INIT("Rejected; the applicant gets a mail."),
        [REGISTRATION_RETURN] = MSG_INIT("Returned for correction; the applicant gets a mail."),
        [REGISTRATION_HOLD] = MSG_INIT("Held; the applicant gets a mail."),
        [REGISTRATION_RESUME] = MSG_INIT("The review goes on."),
    };

    return words[act];
}

static const struct {
    const char *code;
    struct msg text;
} reasons[] = {
    { "changed-meanwhile",
      MSG_INIT("Somebody changed or decided this application while you were looking at it. This is "
               "how it is now; nothing of what you sent was done.") },
    { "application-state", MSG_INIT("This application is not in a state for this decision.") },
    { "application-unknown", MSG_INIT("There is no such application.") },
    { "not-a-reviewer", MSG_INIT("Your account may not review applications now.") },
    { "operator-by-admin",
      MSG_INIT("Certificates of LRA operators are approved by an administrator.") },
    { "own-application", MSG_INIT("You applied for this yourself: another reviewer decides.") },
    { "about-oneself", MSG_INIT("This certificate would be your own: another reviewer decides.") },
    { "approved-already",
      MSG_INIT("You gave the first approval: the second one is another person's.") },
    { "not-yours", MSG_INIT("Only the applicant or the subscriber can withdraw it.") },
    { "vetting-missing", MSG_INIT("Say for each point how it was confirmed.") },
    { "vetting-twice", MSG_INIT("Say for each point how it was confirmed.") },
    { "vetting-note", MSG_INIT("Write in the note which document was seen.") },
    { "vetting-method",
      MSG_INIT("Only applications that came in bulk can be confirmed that way.") },
    { "reason-missing", MSG_INIT("Write the reason: the applicant reads it.") },
    { "reason-bad", MSG_INIT("Write the reason in at most 2000 characters.") },
    { "nothing-changed", MSG_INIT("Nothing was changed.") },
    { "field-fixed", MSG_INIT("This field cannot be changed by reviewers.") },
    { "values-too-many", MSG_INIT("There are too many values.") },
};

bool registration_review_reason(const char *code, struct msg *text)
{
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (strcmp(reasons[i].code, code) == 0) {
            *text = reasons[i].text;
            return true;
        }
    return false;
}

struct str registration_review_words(struct req *rq, struct str code)
{
    struct msg text;

    if (str_empty(code) ||
        !(registration_review_reason(code.p, &text) || problem_reason_words(rq, code.p, &text)))
        return code;
    return message_text(req_lang(rq), text);
}

struct str registration_review_profile(struct req *rq, struct str name)
{
    const struct profile *p;

    if (profiles_get(req_tx(rq), name, 0, &p) != E_OK) {
        fault_clear();
        return name;
    }
    return req_lang(rq) == LANG_JA ? p->title_ja : p->title_en;
}
