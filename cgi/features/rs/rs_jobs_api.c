/* rs_jobs_api.c - /rs/v1/jobs: what became of each request, its document while it is kept. */
#include "features/rs/rs_inside_api.h"

#include "base/encoding.h"

#define LINES 50

struct job_form {
    struct str id;
    bool content;
};

static const struct param job_params[] = {
    PARAM_TOKEN(struct job_form, id, 1, 64),
    PARAM_FLAG(struct job_form, content),
    PARAM_END,
};

static const struct param id_params[] = {
    PARAM_TOKEN(struct job_form, id, 1, 64),
    PARAM_END,
};

static struct str job_state(const struct signing_record *r)
{
    if (!str_eq_z(r->outcome, "signed"))
        return STR("failed");
    if (str_absent(r->document_public)) /* of a digest */
        return STR("signed");
    return r->document_held ? STR("signed") : STR("deleted");
}

static struct json *job_json(struct arena *a, const struct signing_record *r)
{
    struct json *j = json_new_object();

    json_set_str(j, "id", r->public_id);
    json_set_str(j, "kind", r->kind);
    json_set_str(j, "state", job_state(r));
    if (!str_absent(r->reason_code))
        json_set_str(j, "reason", r->reason_code);
    json_set_str(j, "level", r->level);
    json_set_time(j, "requested_at", r->requested);
    json_set_time(j, "finished_at", r->finished);
    json_set_time(j, "delete_at", r->delete_at);
    json_set_str(j, "credential", r->credential);
    json_set_str(j, "certificate_serial", r->certificate_serial);
    json_set_str(j, "sha256_in", hex_encode(a, bytes_of_32(&r->digest_in)));
    json_set_str(j, "sha256_out", hex_encode(a, bytes_of_32(&r->digest_out)));
    json_set_i64(j, "size_in", (int64_t)r->size_in);
    json_set_i64(j, "size_out", (int64_t)r->size_out);
    if (!str_absent(r->tsa)) {
        json_set_str(j, "tsa", r->tsa);
        json_set_str(j, "timestamp_serial", r->tsa_serial);
        json_set_time(j, "timestamp_at", r->tsa_time);
    }
    if (!str_absent(r->archive_serial)) {
        json_set_str(j, "archive_timestamp_serial", r->archive_serial);
        json_set_time(j, "archive_timestamp_at", r->archive_time);
    }
    json_set_str(j, "request_id", r->request_id);
    return j;
}

/* Of a job that has no record yet, or never will. */
static struct json *waiting_json(const struct rs_job *job)
{
    struct json *j = json_new_object();

    json_set_str(j, "id", job->public_id);
    json_set_str(j, "kind", job->kind);
    json_set_str(j, "state", job->state);
    if (!str_absent(job->reason))
        json_set_str(j, "reason", job->reason);
    json_set_i64(j, "attempts", job->attempts);
    json_set_time(j, "requested_at", job->created);
    json_set_time(j, "finished_at", job->ended);
    return j;
}

/* Either is what the id names: a job of the signer, or a request that was done at once. */
struct found {
    struct rs_job job;       /* public_id absent: none */
    struct signing_record r; /* public_id absent: none yet */
};

static enum err find(struct req *rq, struct str id, struct found *out)
{
    struct signing_owner owner = rs_api_owner(rq);
    enum err e = rs_job_find(req_tx(rq), owner, id, &out->job);

    out->r.public_id = STR_ABSENT;
    if (e == E_OK && str_absent(out->job.record))
        return E_OK;
    if (e == E_ABSENT) {
        fault_clear();
        out->job.public_id = STR_ABSENT;
        return signing_record_find(req_tx(rq), owner, id, &out->r);
    }
    return e == E_OK ? signing_record_find(req_tx(rq), owner, out->job.record, &out->r) : e;
}

static enum err send_content(struct req *rq, struct resp *rs, const struct found *f)
{
    if (str_absent(f->r.public_id))
        return FAIL(E_STATE, "job-not-ready", "it is %.*s", STR_ARG(f->job.state));
    if (!f->r.document_held)
        return FAIL(E_STATE, "document-deleted", "erased, or there never was one");
    return rs_api_send_document(rq, rs, f->r.document_public);
}

static enum err show(struct req *rq, struct resp *rs)
{
    const struct job_form *form = req_form(rq);
    struct found f;
    struct json *j;

    TRY(rs_api_admit(rq, rs, 0));
    TRY(find(rq, form->id, &f));
    if (form->content)
        return send_content(rq, rs, &f);
    if (str_absent(f.r.public_id))
        return resp_json(rs, 200, waiting_json(&f.job));
    j = job_json(req_arena(rq), &f.r);
    json_set_str(j, "id", form->id);
    return resp_json(rs, 200, j);
}

static enum err document(struct req *rq, struct resp *rs)
{
    const struct job_form *form = req_form(rq);
    struct found f;

    TRY(rs_api_admit(rq, rs, 0));
    TRY(find(rq, form->id, &f));
    return send_content(rq, rs, &f);
}

/* Before it has begun: cancelled. Afterwards: what it made is erased. */
static enum err withdraw(struct req *rq, struct resp *rs)
{
    const struct job_form *form = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);
    struct found f;

    TRY(rs_api_admit(rq, rs, 0));
    TRY(find(rq, form->id, &f));
    if (str_absent(f.r.public_id))
        TRY(rs_job_cancel(req_tx(rq), rs_api_owner(rq), &f.job, &by, req_now(rq)));
    else if (!f.r.document_held)
        return FAIL(E_STATE, "document-deleted", "nothing is kept");
    else
        TRY(signing_document_erase(req_tx(rq), rs_api_owner(rq), f.r.document_public, &by,
                                   req_now(rq)));
    return resp_empty(rs);
}

/* --- the list --- */

struct list_form {
    struct str before;
    int state;
    int64_t limit;
};

static const struct choice states[] = {
    { "queued", 1 }, { "running", 2 },   { "signed", 3 },
    { "failed", 4 }, { "cancelled", 5 }, { NULL, 0 },
};

static const struct param list_params[] = {
    PARAM_TOKEN_OPT(struct list_form, before, 100),
    PARAM_CHOICE_OPT(struct list_form, state, states, 0),
    PARAM_INT_OPT(struct list_form, limit, 1, 200, LINES),
    PARAM_END,
};

/* A cursor is "<microseconds>.<id>" of the last line seen. */
static enum err read_cursor(struct arena *a, struct str s, struct timestamp *at, struct str *id)
{
    size_t dot = str_empty(s) ? SIZE_MAX : str_find(s, '.', 0);

    *at = TIMESTAMP_NONE;
    *id = STR_ABSENT;
    if (str_empty(s))
        return E_OK;
    if (dot == SIZE_MAX || str_to_i64(str_sub(a, s, 0, dot), 0, INT64_C(1) << 60, &at->us) != E_OK)
        return FAIL(E_INPUT, "cursor", "not one of ours");
    *id = str_sub(a, s, dot + 1, s.n);
    return E_OK;
}

static struct str state_word(int state)
{
    for (const struct choice *c = states; c->word; c++)
        if (c->value == state)
            return str_z(c->word);
    return STR("");
}

static struct json *line_json(const struct rs_job_line *line)
{
    struct json *one = json_new_object();

    json_set_str(one, "id", line->public_id);
    json_set_str(one, "kind", line->kind);
    json_set_str(one, "state", line->state);
    if (!str_absent(line->level))
        json_set_str(one, "level", line->level);
    json_set_time(one, "requested_at", line->at);
    return one;
}

static enum err list(struct req *rq, struct resp *rs)
{
    const struct list_form *f = req_form(rq);
    uint32_t limit = (uint32_t)f->limit;
    struct rs_job_line *rows;
    struct timestamp before;
    struct json *j, *lines;
    struct str id;
    size_t n;

    TRY(rs_api_admit(rq, rs, 0));
    TRY(read_cursor(req_arena(rq), f->before, &before, &id));
    TRY(rs_job_list(req_tx(rq), rs_api_owner(rq), state_word(f->state), before, id, limit + 1,
                    &rows, &n));
    j = json_new_object();
    lines = json_new_array();
    for (size_t i = 0; i < n && i < limit; i++)
        json_append(lines, line_json(&rows[i]));
    json_set(j, "jobs", lines);
    if (n > limit)
        json_set_str(j, "next",
                     str_fmt(req_arena(rq), "%lld.%.*s", (long long)rows[limit - 1].at.us,
                             STR_ARG(rows[limit - 1].public_id)));
    return resp_json(rs, 200, j);
}

const struct route rs_api_job_routes[] = {
    { GET, "/rs/v1/jobs", list, WHO_CLIENT, FORM(list_params, struct list_form), ROUTE_API, 0,
      NULL },
    { GET, "/rs/v1/jobs/{id}", show, WHO_CLIENT, FORM(job_params, struct job_form), ROUTE_API, 0,
      NULL },
    { GET, "/rs/v1/jobs/{id}/document", document, WHO_CLIENT, FORM(id_params, struct job_form),
      ROUTE_API, 0, NULL },
    { DELETE, "/rs/v1/jobs/{id}", withdraw, WHO_CLIENT, FORM(id_params, struct job_form),
      ROUTE_API | ROUTE_NO_CSRF, 0, RS_API_NOTE },
    { 0 },
};
