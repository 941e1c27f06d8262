/* certificates_shared_pages.c - see certificates_shared_pages.h */
#include "features/certificates/certificates_shared_pages.h"

#include "features/accounts/accounts.h"
#include "features/certificates/certificates_pages.h"
#include "features/certificates/certificates_words_pages.h"
#include "features/profiles/profiles.h"

const struct param certificates_id_params[] = { PARAM_ID(struct certificates_id_form, id),
                                                PARAM_END };

const struct view_field certificates_head_fields[] = {
    VIEW_ID(struct certificates_head, id),
    VIEW_TEXT(struct certificates_head, name),
    VIEW_CODE(struct certificates_head, serial),
    VIEW_TEXT(struct certificates_head, subject),
    VIEW_TEXT(struct certificates_head, profile),
    VIEW_TIME(struct certificates_head, not_after),
    VIEW_STRUCT(struct certificates_head, state, page_badge_fields),
    VIEW_END,
};

const certificates_words_fn certificates_pages_words = certificates_words_pages;

bool certificates_reason_text(const char *code, struct msg *text)
{
    return certificates_words_code(code, text);
}

struct certificates_who certificates_shared_who(const struct req *rq)
{
    return (struct certificates_who){ .tenant = req_tenant(rq),
                                      .account = req_account(rq),
                                      .roles = req_who(rq)->roles };
}

struct str certificates_shared_profile(struct req *rq, struct str name, uint32_t version)
{
    const struct profile *p;

    if (profiles_get(req_tx(rq), name, version, &p) != E_OK) {
        fault_clear();
        return name;
    }
    return req_lang(rq) == LANG_JA ? p->title_ja : p->title_en;
}

struct certificates_head certificates_shared_head(struct req *rq,
                                                  const struct certificates_certificate *c)
{
    return (struct certificates_head){
        .id = c->id,
        .name = str_empty(c->common_name) ? c->subject : c->common_name,
        .serial = c->serial,
        .subject = c->subject,
        .profile = certificates_shared_profile(rq, c->profile, c->profile_version),
        .not_after = c->not_after,
        .state =
            certificates_words_state(c->state, c->not_after, c->replaced_by.v != 0, req_now(rq)),
    };
}

static const char *field_of(const char *code)
{
    static const struct {
        const char *code, *field;
    } fields[] = {
        { "bad-reason", "reason" }, { "bad-date", "since" },
        { "choose", "id" },         { "signature-refused", "signature" },
        { "csr-malformed", "csr" }, { "csr-signature", "csr" },
        { "key-weak", "csr" },      { "key-unsupported", "csr" },
    };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (strcmp(code, fields[i].code) == 0)
            return fields[i].field;
    return "";
}

bool certificates_shared_explain(struct req *rq)
{
    const char *code = fault_current()->reason;
    struct msg text;

    if (fault_current()->err == E_ABSENT || fault_current()->err == E_DENIED ||
        !certificates_words_code(code, &text))
        return false;
    req_field_error(rq, field_of(code), text);
    fault_clear();
    return true;
}

/* ------------------------------------------------------------------ proof */

enum err certificates_shared_proof(struct req *rq, struct certificates_proof *out)
{
    struct accounts_info info;

    *out = (struct certificates_proof){ .code = false };
    if (req_who(rq)->certificate.v != 0)
        return E_OK; /* the certificate was presented with this very request */
    TRY(accounts_get(req_tx(rq), req_tenant(rq), req_account(rq), &info));
    out->code = info.totp;
    out->password = !info.totp;
    return E_OK;
}

static enum err check_code(struct req *rq, struct str code, bool *right)
{
    struct audit_by by = AUDIT_BY(rq);

    TRY(accounts_verify_totp(req_tx(rq), &by, req_account(rq), str_absent(code) ? STR("") : code,
                             req_now(rq), right));
    if (!*right)
        req_field_error(rq, "code",
                        MSG("The one-time code is wrong or was used before. Wait for the next "
                            "one."));
    return E_OK;
}

static enum err check_password(struct req *rq, const struct secret *password, bool *right)
{
    const struct accounts_from from = { .address = req_address(rq),
                                        .user_agent = req_header(rq, "User-Agent"),
                                        .request = req_id(rq),
                                        .now = req_now(rq) };

    *right = false;
    if (password != NULL)
        TRY(accounts_password_check(req_tx(rq), &from, req_account(rq), password, right));
    if (!*right)
        req_field_error(rq, "password", MSG("The password is wrong. Wrong ones are counted."));
    return E_OK;
}

enum err certificates_shared_prove(struct req *rq, struct str code, const struct secret *password,
                                   bool *right)
{
    struct certificates_proof need;

    *right = true;
    TRY(certificates_shared_proof(rq, &need));
    if (need.code)
        return check_code(rq, code, right);
    if (need.password)
        return check_password(rq, password, right);
    return E_OK;
}
