/* bulk_steer_pages.c - buttons of a run. */
#include "features/bulk/bulk_inside_pages.h"

struct act_form {
    struct str id;
};
static const struct param act_params[] = {
    PARAM_TOKEN(struct act_form, id, 1, 64),
    PARAM_END,
};

struct row_form {
    struct str id;
    int64_t seq;
};
static const struct param row_params[] = {
    PARAM_TOKEN(struct row_form, id, 1, 64),
    PARAM_INT(struct row_form, seq, 1, BULK_ROWS_MAX),
    PARAM_END,
};

struct password_view {
    struct str public_id, password;
    struct timestamp erase;
};
static const struct view_field password_fields[] = {
    VIEW_TEXT(struct password_view, public_id),
    VIEW_TEXT(struct password_view, password),
    VIEW_DATE(struct password_view, erase),
    VIEW_END,
};
const struct view bulk_password_view = { "bulk/password.html", "Password of the keys",
                                         password_fields, 0 };

/* The run of the form; E_ABSENT also for what is no id. */
static enum err find(struct req *rq, struct bulk_run *run)
{
    const struct act_form *f = req_form(rq);
    struct bulk_who who = bulk_inside_who(rq);

    if (req_invalid(rq))
        return FAIL(E_ABSENT, "", "no such run");
    return bulk_find(req_tx(rq), &who, f->id, run);
}

/* Back to the page; what stands against it is said there. */
static enum err back(struct req *rq, struct resp *rs, const struct bulk_run *run, enum err e)
{
    struct msg text = { NULL };

    if (e != E_OK && e != E_STATE && e != E_INPUT && e != E_DENIED && e != E_LIMIT)
        return e;
    if (e != E_OK && !bulk_reasons_text(fault_current()->reason, &text))
        return e;
    if (e == E_DENIED)
        return e;
    if (e != E_OK) {
        (void)rq;
        resp_undo(rs);
        resp_flash(rs, "warning", text, STR(""));
    }
    return resp_seeother_text(rs, "/bulk/{id}", run->public_id);
}

static enum err show_password(struct req *rq, struct resp *rs, const struct bulk_run *run,
                              struct secret *password)
{
    struct bytes b = secret_bytes(password);
    struct password_view v = {
        .public_id = run->public_id,
        .password = str_of(req_arena(rq), (const char *)b.p, b.n),
        .erase = timestamp_add(req_now(rq), BULK_KEEP_DAYS * DAY_US),
    };

    secret_free(password);
    return resp_page(rs, &bulk_password_view, &v);
}

static enum err start(struct req *rq, struct resp *rs)
{
    struct bulk_who who = bulk_inside_who(rq);
    struct audit_by by = AUDIT_BY(rq);
    struct secret *password = NULL;
    struct bulk_run run = { .id = { 0 } };

    TRY(find(rq, &run));
    enum err e = bulk_start(req_tx(rq), &by, &who, &run, req_now(rq), &password);
    if (e == E_OK && password)
        return show_password(rq, rs, &run, password);
    secret_free(password);
    return back(rq, rs, &run, e);
}

static enum err pause_run(struct req *rq, struct resp *rs)
{
    struct audit_by by = AUDIT_BY(rq);
    struct bulk_run run = { .id = { 0 } };

    TRY(find(rq, &run));
    return back(rq, rs, &run, bulk_pause(req_tx(rq), &by, &run, req_now(rq)));
}

static enum err stop(struct req *rq, struct resp *rs)
{
    struct audit_by by = AUDIT_BY(rq);
    struct bulk_run run = { .id = { 0 } };

    TRY(find(rq, &run));
    return back(rq, rs, &run, bulk_stop(req_tx(rq), &by, &run, req_now(rq)));
}

static enum err resume(struct req *rq, struct resp *rs)
{
    struct bulk_who who = bulk_inside_who(rq);
    struct audit_by by = AUDIT_BY(rq);
    struct bulk_run run = { .id = { 0 } };

    TRY(find(rq, &run));
    return back(rq, rs, &run, bulk_resume(req_tx(rq), &by, &who, &run, req_now(rq)));
}

static enum err retry(struct req *rq, struct resp *rs)
{
    struct bulk_who who = bulk_inside_who(rq);
    struct audit_by by = AUDIT_BY(rq);
    struct bulk_run run = { .id = { 0 } };
    uint64_t n;

    TRY(find(rq, &run));
    return back(rq, rs, &run, bulk_retry(req_tx(rq), &by, &who, &run, 0, req_now(rq), &n));
}

static enum err retry_row(struct req *rq, struct resp *rs)
{
    const struct row_form *f = req_form(rq);
    struct bulk_who who = bulk_inside_who(rq);
    struct audit_by by = AUDIT_BY(rq);
    struct bulk_run run = { .id = { 0 } };
    uint64_t n;

    if (req_invalid(rq))
        return FAIL(E_ABSENT, "", "no such row");
    TRY(bulk_find(req_tx(rq), &who, f->id, &run));
    return back(rq, rs, &run,
                bulk_retry(req_tx(rq), &by, &who, &run, (uint32_t)f->seq, req_now(rq), &n));
}

static enum err recheck(struct req *rq, struct resp *rs)
{
    struct audit_by by = AUDIT_BY(rq);
    struct bulk_run run = { .id = { 0 } };

    TRY(find(rq, &run));
    return back(rq, rs, &run, bulk_recheck(req_tx(rq), &by, &run, req_now(rq)));
}

static enum err discard(struct req *rq, struct resp *rs)
{
    struct audit_by by = AUDIT_BY(rq);
    struct bulk_run run = { .id = { 0 } };

    TRY(find(rq, &run));
    enum err e = bulk_discard(req_tx(rq), &by, &run);
    if (e != E_OK)
        return back(rq, rs, &run, e);
    resp_flash(rs, "success", MSG("The file is thrown away. Nothing was done."), STR(""));
    return resp_seeother(rs, "/bulk", 0);
}

#define ACT(path, handler)                                                                         \
    {                                                                                              \
        POST, "/bulk/{id}/" path, handler, BULK_WHO, FORM(act_params, struct act_form), 0, 0,      \
            NULL, NULL, NULL                                                                       \
    }

const struct route bulk_steer_routes[] = {
    ACT("start", start),
    ACT("pause", pause_run),
    ACT("stop", stop),
    ACT("resume", resume),
    ACT("retry", retry),
    ACT("recheck", recheck),
    ACT("discard", discard),
    { POST, "/bulk/{id}/rows/{seq}/retry", retry_row, BULK_WHO, FORM(row_params, struct row_form),
      0, 0, NULL, NULL, NULL },
    { 0 },
};
