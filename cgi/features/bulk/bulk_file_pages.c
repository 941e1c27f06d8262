/* bulk_file_pages.c - files that go out: templates, results, keys. */
#include "features/bulk/bulk_inside_pages.h"

#include "features/profiles/profiles.h"
#include "http/ratelimit.h"

static const struct rate keys_rate = { "bulk.keys", RATE_ACCOUNT, 30, 60 * MINUTE_US };

static const struct choice languages[] = { { "ja", LANG_JA }, { "en", LANG_EN }, { NULL, 0 } };
static const struct choice encodings[] = { { "utf-8", 0 }, { "windows-31j", 1 }, { NULL, 0 } };
static const struct choice formats[] = { { "csv", 0 }, { "tsv", 1 }, { NULL, 0 } };

struct template_form {
    struct str profile;
    int language, encoding, format;
};
static const struct param template_params[] = {
    PARAM_TOKEN(struct template_form, profile, 1, 40),
    PARAM_CHOICE_OPT(struct template_form, language, languages, LANG_JA),
    PARAM_CHOICE_OPT(struct template_form, encoding, encodings, 0),
    PARAM_CHOICE_OPT(struct template_form, format, formats, 0),
    PARAM_END,
};

static enum err template_file(struct req *rq, struct resp *rs)
{
    const struct template_form *f = req_form(rq);
    struct bulk_who who = bulk_inside_who(rq);
    const struct profile **list, *p = NULL;
    struct arena *a = req_arena(rq);
    struct bytes data;
    size_t n;

    if (req_invalid(rq))
        return FAIL(E_ABSENT, "", "no such template");
    TRY(bulk_profiles(req_tx(rq), &who, &list, &n));
    for (size_t i = 0; i < n; i++)
        if (str_eq(list[i]->name, f->profile))
            p = list[i];
    if (p == NULL)
        return FAIL(E_ABSENT, "profile-unknown", "not offered");
    TRY(bulk_template(a, p, f->language == LANG_JA, f->encoding == 1, f->format == 1, &data));
    return resp_file(rs, f->format ? "text/tab-separated-values" : "text/csv",
                     str_fmt(a, "%s-%s.%s", p->name.p, f->language == LANG_JA ? "ja" : "en",
                             formats[f->format].word),
                     data, DISPOSITION_ATTACHMENT);
}

struct result_form {
    struct str id;
    bool failed;
};
static const struct param result_params[] = {
    PARAM_TOKEN(struct result_form, id, 1, 64),
    PARAM_FLAG(struct result_form, failed),
    PARAM_END,
};

/* "users.csv" becomes "users-result.csv", whatever it ended in. */
static struct str result_name(struct arena *a, const struct bulk_run *run, bool failed)
{
    size_t dot = run->filename.n;

    for (size_t i = run->filename.n; i > 0 && dot == run->filename.n; i--)
        if (run->filename.p[i - 1] == '.')
            dot = i - 1;
    return str_fmt(a, "%.*s-%s.%s", (int)dot, run->filename.p, failed ? "failed" : "result",
                   run->format.p);
}

static enum err result(struct req *rq, struct resp *rs)
{
    const struct result_form *f = req_form(rq);
    struct bulk_who who = bulk_inside_who(rq);
    struct audit_by by = AUDIT_BY(rq);
    struct arena *a = req_arena(rq);
    struct bulk_run run;
    struct bytes data;

    if (req_invalid(rq))
        return FAIL(E_ABSENT, "", "no such run");
    TRY(bulk_find(req_tx(rq), &who, f->id, &run));
    TRY(bulk_result(req_tx(rq), &run, f->failed, &bulk_inside_words, &data));
    TRY(audit_note(req_tx(rq), &by, "bulk.result.download", "bulk", run.id.v, NULL));
    return resp_file(rs, str_eq_z(run.format, "tsv") ? "text/tab-separated-values" : "text/csv",
                     result_name(a, &run, f->failed), data, DISPOSITION_ATTACHMENT);
}

struct keys_form {
    struct str id;
    struct secret *password;
};
static const struct param keys_params[] = {
    PARAM_TOKEN(struct keys_form, id, 1, 64),
    PARAM_SECRET(struct keys_form, password, 1, 100),
    PARAM_END,
};

static enum err keys(struct req *rq, struct resp *rs)
{
    const struct keys_form *f = req_form(rq);
    struct bulk_who who = bulk_inside_who(rq);
    struct audit_by by = AUDIT_BY(rq);
    struct bulk_run run;
    struct bytes zip;
    enum err e;

    if (str_absent(f->id))
        return FAIL(E_ABSENT, "", "no such run");
    TRY(bulk_find(req_tx(rq), &who, f->id, &run));
    if (req_invalid(rq))
        return bulk_run_show(rq, rs, &run);
    e = bulk_keys_zip(req_tx(rq), &by, &who, &run, f->password, req_now(rq), &zip);
    if (e == E_INPUT && strcmp(fault_current()->reason, "password-wrong") == 0) {
        req_field_error(rq, "password",
                        MSG("This is not the password that was shown at the start."));
        return bulk_run_show(rq, rs, &run);
    }
    TRY(e);
    return resp_file(rs, "application/zip",
                     str_fmt(req_arena(rq), "keys-B-%06llu.zip", (unsigned long long)run.id.v), zip,
                     DISPOSITION_ATTACHMENT);
}

const struct route bulk_file_routes[] = {
    { GET, "/bulk/templates/{profile}", template_file, BULK_WHO,
      FORM(template_params, struct template_form), 0, 0, NULL, NULL, NULL },
    { GET, "/bulk/{id}/result", result, BULK_WHO, FORM(result_params, struct result_form),
      ROUTE_COSTLY, 0, NULL, NULL, NULL },
    { POST, "/bulk/{id}/keys", keys, BULK_WHO, FORM(keys_params, struct keys_form), ROUTE_COSTLY, 0,
      NULL, &keys_rate, NULL },
    { 0 },
};
