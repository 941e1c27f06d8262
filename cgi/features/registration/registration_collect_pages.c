/*
 * registration_collect_pages.c - /collect/{token}: where an approved application becomes key and
 * certificate. With script the key is made on the person's computer; without it the service makes
 * it, or takes a request, as far as the profile allows. Whoever needs a code sends it with each
 * form: there is no session for people without an account.
 */
#include "features/registration/registration_apply_pages.h"

#include "base/encoding.h"
#include "features/registration/registration_collect.h"
#include "http/ratelimit.h"

static const struct rate open_rate = { "registration.collect", RATE_ADDRESS, 60, 10 * MINUTE_US };
static const struct rate state_rate = { "registration.state", RATE_ADDRESS, 600, 10 * MINUTE_US };

struct collect_form {
    struct str token, code, csr;
    struct upload csr_file;
    struct secret *password;
};
static const struct param open_params[] = { PARAM_TOKEN(struct collect_form, token, 20, 64),
                                            PARAM_TOKEN_OPT(struct collect_form, code, 12),
                                            PARAM_END };
static const struct param csr_params[] = { PARAM_TOKEN(struct collect_form, token, 20, 64),
                                           PARAM_TOKEN_OPT(struct collect_form, code, 12),
                                           PARAM_MULTILINE_OPT(struct collect_form, csr, 16384),
                                           PARAM_FILE_OPT(struct collect_form, csr_file, 16384),
                                           PARAM_END };
static const struct param file_params[] = { PARAM_TOKEN(struct collect_form, token, 20, 64),
                                            PARAM_TOKEN_OPT(struct collect_form, code, 12),
                                            PARAM_SECRET_OPT(struct collect_form, password, 0, 64),
                                            PARAM_END };

/* --- opening --- */

struct code_view {
    struct str token;
};
static const struct view_field code_fields[] = { VIEW_TEXT(struct code_view, token), VIEW_END };
const struct view registration_code_view = { "registration/code.html", "Collect your certificate",
                                             code_fields, 0 };

static enum err to_login(struct req *rq, struct resp *rs, struct str token)
{
    struct str back = str_fmt(req_arena(rq), "/collect/%s", token.p);

    return resp_seeother_path(
        rs, str_fmt(req_arena(rq), "/login?next=%s", percent_encode(req_arena(rq), back).p));
}

static bool reason_is(const char *reason)
{
    return strcmp(fault_current()->reason, reason) == 0;
}

/* *stop: the answer is given already (the code is asked for, or the way to sign in). */
static enum err open_link(struct req *rq, struct resp *rs, const struct collect_form *f,
                          struct registration_link *link, bool *stop)
{
    enum err e =
        registration_link_open(req_tx(rq), f->token, req_account(rq), f->code, req_now(rq), link);
    const struct code_view v = { f->token };
    struct msg words;

    *stop = e == E_AUTH;
    if (e != E_AUTH)
        return e;
    if (reason_is("link-sign-in"))
        return to_login(rq, rs, f->token);
    if (reason_is("link-code-wrong") && registration_words_text("link-code-wrong", &words))
        req_field_error(rq, "code", words);
    return resp_page(rs, &registration_code_view, &v);
}

/* --- the page --- */

struct collect_view {
    struct str token, code, receipt, title, profile;
    struct timestamp expires, sealed_until;
    struct certificate_id certificate;
    bool open, browser, server, csr, first_browser, first_server, first_csr, sealed, made, issued,
        refused, account;
    bool ec, rsa; /* kinds of key for the browser */
};
static const struct view_field collect_fields[] = {
    VIEW_TEXT(struct collect_view, token),
    VIEW_TEXT(struct collect_view, code),
    VIEW_TEXT(struct collect_view, receipt),
    VIEW_TEXT(struct collect_view, title),
    VIEW_TEXT(struct collect_view, profile),
    VIEW_TIME(struct collect_view, expires),
    VIEW_TIME(struct collect_view, sealed_until),
    VIEW_ID(struct collect_view, certificate),
    VIEW_FLAG(struct collect_view, open),
    VIEW_FLAG(struct collect_view, browser),
    VIEW_FLAG(struct collect_view, server),
    VIEW_FLAG(struct collect_view, csr),
    VIEW_FLAG(struct collect_view, first_browser),
    VIEW_FLAG(struct collect_view, first_server),
    VIEW_FLAG(struct collect_view, first_csr),
    VIEW_FLAG(struct collect_view, sealed),
    VIEW_FLAG(struct collect_view, made),
    VIEW_FLAG(struct collect_view, issued),
    VIEW_FLAG(struct collect_view, refused),
    VIEW_FLAG(struct collect_view, account),
    VIEW_FLAG(struct collect_view, ec),
    VIEW_FLAG(struct collect_view, rsa),
    VIEW_END,
};
const struct view registration_collect_view = { "registration/collect.html",
                                                "Collect your certificate", collect_fields, 0 };

static void fill_ways(const struct registration_link *link, const struct profile *p,
                      struct collect_view *v)
{
    enum { P256 = 1 /* bits of x509.algs by enum signer_alg */, RSA = 0 };
    enum profiles_key chosen = link->r.key_source;

    v->browser = (p->keys & (uint32_t)PROFILES_BROWSER) != 0;
    v->server = (p->keys & (uint32_t)PROFILES_PKCS12) != 0;
    v->csr = (p->keys & (uint32_t)PROFILES_CSR) != 0;
    v->first_browser = chosen == PROFILES_BROWSER && v->browser;
    v->first_server = !v->first_browser && v->server;
    v->first_csr = !v->first_browser && !v->first_server;
    v->ec = (p->x509.algs & (1u << P256)) != 0;
    v->rsa = (p->x509.algs & (1u << RSA)) != 0;
}

static enum err show(struct req *rq, struct resp *rs, const struct registration_link *link,
                     struct str code)
{
    const struct profile *p;
    struct bytes *chain;
    size_t n = 0;
    enum err e;

    TRY(profiles_get(req_tx(rq), link->r.profile, link->r.profile_version, &p));
    e = registration_collect_chain(req_tx(rq), &link->r, &chain, &n);
    bool refused = e == E_STATE;
    if (refused)
        fault_clear();
    else
        TRY(e);
    struct collect_view v = { .token = link->token,
                              .code = str_absent(code) ? STR("") : code,
                              .receipt = link->r.receipt,
                              .title = link->r.title,
                              .profile = registration_form_title(rq, p),
                              .expires = link->expires,
                              .sealed_until = link->sealed_until,
                              .certificate =
                                  n > 0 ? link->r.certificate : (struct certificate_id){ 0 },
                              .open = link->state == REGISTRATION_LINK_OPEN && link->r.csr.n == 0,
                              .sealed = link->sealed,
                              .issued = n > 0,
                              .refused = refused,
                              .account = req_account(rq).v != 0 };
    v.made = !v.open;
    fill_ways(link, p, &v);
    return resp_page(rs, &registration_collect_view, &v);
}

static enum err collect(struct req *rq, struct resp *rs)
{
    const struct collect_form *f = req_form(rq);
    struct registration_link link;
    bool stop;

    if (req_invalid(rq))
        return FAIL(E_ABSENT, "link-unknown", "malformed token");
    TRY(open_link(rq, rs, f, &link, &stop));
    return stop ? E_OK : show(rq, rs, &link, f->code);
}

/* --- a request --- */

/* What the person can mend is told on the page; everything else is an error page. */
static enum err explain(struct req *rq, struct resp *rs, enum err e, const char *field,
                        const struct registration_link *link, struct str code)
{
    struct msg words;

    if ((e != E_INPUT && e != E_BUSY && e != E_AUTH) ||
        !registration_form_reason(rq, fault_current()->reason, &words))
        return e;
    req_field_error(rq, field, words);
    if (e != E_AUTH) /* wrong passwords are counted */
        resp_undo(rs);
    return show(rq, rs, link, code);
}

static struct bytes given(const struct collect_form *f)
{
    return f->csr_file.data.n > 0 ? f->csr_file.data : bytes_of_str(f->csr);
}

static enum err post_csr(struct req *rq, struct resp *rs)
{
    const struct collect_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);
    struct registration_link link, before;
    bool stop;

    bool invalid = req_invalid(rq);
    TRY(open_link(rq, rs, f, &link, &stop));
    if (stop)
        return E_OK;
    before = link;
    if (!invalid && given(f).n == 0)
        req_field_error(rq, "csr", MSG("Paste the certificate request, or choose its file."));
    if (req_invalid(rq))
        return show(rq, rs, &link, f->code);
    enum err e = registration_collect_request(req_tx(rq), &by, &link, given(f), req_now(rq));
    if (e != E_OK)
        return explain(rq, rs, e, "csr", &before, f->code);
    return show(rq, rs, &link, f->code);
}

/* --- by script --- */

static enum err open_for_script(struct req *rq, const struct collect_form *f,
                                struct registration_link *link)
{
    return registration_link_open(req_tx(rq), f->token, req_account(rq), f->code, req_now(rq),
                                  link);
}

static enum err post_request(struct req *rq, struct resp *rs)
{
    const struct collect_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);
    struct registration_link link;
    struct json *j;

    enum err e = open_for_script(rq, f, &link);
    if (e == E_AUTH)
        return resp_fail(rs, e); /* a wrong code is counted */
    TRY(e);
    TRY(registration_collect_request(req_tx(rq), &by, &link, given(f), req_now(rq)));
    j = json_new_object();
    json_set_str(j, "state", STR("pending"));
    return resp_json(rs, 202, j);
}

static enum err post_state(struct req *rq, struct resp *rs)
{
    const struct collect_form *f = req_form(rq);
    struct json *j = json_new_object(), *list = json_new_array();
    struct registration_link link;
    struct bytes *chain;
    size_t n = 0;
    enum err e;

    e = open_for_script(rq, f, &link);
    if (e == E_OK)
        e = registration_collect_chain(req_tx(rq), &link.r, &chain, &n);
    bool refused = e == E_STATE && reason_is("certificate-refused");
    if (e != E_OK && !refused) {
        json_free(j);
        json_free(list);
        return e == E_AUTH ? resp_fail(rs, e) : e;
    }
    fault_clear();
    for (size_t i = 0; i < n; i++)
        json_append(list, json_new_str(base64_encode(req_arena(rq), chain[i])));
    json_set_str(j, "state", refused ? STR("refused") : n > 0 ? STR("issued") : STR("pending"));
    json_set(j, "certificates", list);
    return resp_json(rs, 200, j);
}

/* --- a key that the service makes --- */

struct password_view {
    struct str token, code, password, receipt, title;
    struct timestamp until;
};
static const struct view_field password_fields[] = {
    VIEW_TEXT(struct password_view, token),
    VIEW_TEXT(struct password_view, code),
    VIEW_TEXT(struct password_view, password),
    VIEW_TEXT(struct password_view, receipt),
    VIEW_TEXT(struct password_view, title),
    VIEW_TIME(struct password_view, until),
    VIEW_END,
};
const struct view registration_password_view = { "registration/password.html",
                                                 "Your password, once", password_fields, 0 };

static void free_secret(void *s)
{
    secret_free(s);
}

static enum err make(struct req *rq, struct resp *rs)
{
    const struct collect_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);
    struct registration_link link;
    struct secret *password = NULL;
    bool stop;

    if (req_invalid(rq))
        return FAIL(E_ABSENT, "link-unknown", "malformed token");
    TRY(open_link(rq, rs, f, &link, &stop));
    if (stop)
        return E_OK;
    TRY(registration_collect_make(req_tx(rq), &by, &link, req_now(rq), &password));
    req_defer(rq, free_secret, password);
    struct bytes p = secret_bytes(password);
    struct password_view v = { .token = link.token,
                               .code = str_absent(f->code) ? STR("") : f->code,
                               .password = str_of(req_arena(rq), (const char *)p.p, p.n),
                               .receipt = link.r.receipt,
                               .title = link.r.title,
                               .until = timestamp_add(req_now(rq), 30 * MINUTE_US) };
    return resp_page(rs, &registration_password_view, &v);
}

static enum err file(struct req *rq, struct resp *rs)
{
    const struct collect_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);
    struct registration_link link;
    struct bytes p12;
    bool stop;

    bool invalid = req_invalid(rq);
    TRY(open_link(rq, rs, f, &link, &stop));
    if (stop)
        return E_OK;
    if (!invalid && f->password == NULL)
        req_field_error(rq, "password", MSG("Enter the password that was shown."));
    if (req_invalid(rq))
        return show(rq, rs, &link, f->code);
    enum err e = registration_collect_file(req_tx(rq), &by, &link, f->password, &p12);
    if (e != E_OK)
        return explain(rq, rs, e, "password", &link, f->code);
    return resp_file(rs, "application/x-pkcs12", str_fmt(req_arena(rq), "%s.p12", link.r.receipt.p),
                     p12, DISPOSITION_ATTACHMENT);
}

/* --- the certificate alone, for people without an account --- */

static struct str pem_of(struct arena *a, struct bytes der)
{
    enum { LINE = 64 };
    struct str b64 = base64_encode(a, der), out = STR("-----BEGIN CERTIFICATE-----\n");

    for (size_t i = 0; i < b64.n; i += LINE)
        out = str_fmt(a, "%s%s\n", out.p, str_sub(a, b64, i, i + LINE).p);
    return str_fmt(a, "%s-----END CERTIFICATE-----\n", out.p);
}

static enum err certificate(struct req *rq, struct resp *rs)
{
    const struct collect_form *f = req_form(rq);
    struct str pem = STR("");
    struct registration_link link;
    struct bytes *chain;
    bool stop;
    size_t n;

    if (req_invalid(rq))
        return FAIL(E_ABSENT, "link-unknown", "malformed token");
    TRY(open_link(rq, rs, f, &link, &stop));
    if (stop)
        return E_OK;
    TRY(registration_collect_chain(req_tx(rq), &link.r, &chain, &n));
    if (n == 0)
        return FAIL(E_BUSY, "certificate-pending", "not issued yet");
    for (size_t i = 0; i < n; i++)
        pem = str_fmt(req_arena(rq), "%s%s", pem.p, pem_of(req_arena(rq), chain[i]).p);
    return resp_file(rs, "application/x-pem-file",
                     str_fmt(req_arena(rq), "%s.pem", link.r.receipt.p), bytes_of_str(pem),
                     DISPOSITION_ATTACHMENT);
}

const struct route registration_collect_routes[] = {
    { GET, "/collect/{token}", collect, WHO_ANYONE, FORM(open_params, struct collect_form), 0, 0,
      NULL, &open_rate },
    { POST, "/collect/{token}", collect, WHO_ANYONE, FORM(open_params, struct collect_form), 0, 0,
      NULL, &open_rate },
    { POST, "/collect/{token}/csr", post_csr, WHO_ANYONE, FORM(csr_params, struct collect_form), 0,
      0, NULL, &open_rate },
    { POST, "/collect/{token}/request", post_request, WHO_ANYONE,
      FORM(csr_params, struct collect_form), ROUTE_API, 0, NULL, &open_rate },
    { POST, "/collect/{token}/state", post_state, WHO_ANYONE,
      FORM(open_params, struct collect_form), ROUTE_API, 0, NULL, &state_rate },
    { POST, "/collect/{token}/make", make, WHO_ANYONE, FORM(open_params, struct collect_form),
      ROUTE_COSTLY, 0, NULL, &open_rate },
    { POST, "/collect/{token}/file", file, WHO_ANYONE, FORM(file_params, struct collect_form),
      ROUTE_COSTLY, 0, NULL, &open_rate },
    { POST, "/collect/{token}/certificate", certificate, WHO_ANYONE,
      FORM(open_params, struct collect_form), 0, 0, NULL, &open_rate },
    { 0 },
};

const struct view *const registration_views[] = {
    &registration_kind_view,    &registration_person_view,   &registration_form_view,
    &registration_confirm_view, &registration_done_view,     &registration_mine_view,
    &registration_detail_view,  &registration_withdraw_view, &registration_collect_view,
    &registration_code_view,    &registration_password_view, NULL,
};
