/*
 * certificates_revoke_pages.c - /revoke: for those who hold the key, or lost their access. Nobody
 * learns here which certificates or addresses exist.
 */
#include "features/certificates/certificates_decode.h"
#include "features/certificates/certificates_open.h"
#include "features/certificates/certificates_pages.h"
#include "features/certificates/certificates_reason.h"
#include "features/certificates/certificates_shared_pages.h"
#include "features/certificates/certificates_words_pages.h"
#include "base/encoding.h"
#include "http/ratelimit.h"

static const struct rate sign_rate = { "certificates.sign", RATE_ADDRESS, 20, 10 * MINUTE_US };
static const struct rate lost_rate = { "certificates.lost", RATE_ADDRESS, 5, 10 * MINUTE_US };
static const struct rate link_rate = { "certificates.link", RATE_ADDRESS, 30, 10 * MINUTE_US };

static const struct choice reason_words[] = { { "unspecified", CERTIFICATES_UNSPECIFIED },
                                              { "keyCompromise", CERTIFICATES_KEY_COMPROMISE },
                                              { "affiliationChanged", CERTIFICATES_AFFILIATION },
                                              { "superseded", CERTIFICATES_SUPERSEDED },
                                              { "cessationOfOperation", CERTIFICATES_CESSATION },
                                              { NULL, 0 } };

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
enum { REASONS = sizeof reason_words / sizeof *reason_words - 1 };

static struct reason_row *reasons_of(struct req *rq)
{
    struct reason_row *rows = ARENA_ARRAY(req_arena(rq), REASONS, struct reason_row);
    struct str chosen = req_raw(rq, "reason");

    for (size_t i = 0; i < REASONS; i++) {
        uint32_t reason = (uint32_t)reason_words[i].value;
        rows[i] = (struct reason_row){ reason_words[i].word, certificates_words_reason(reason),
                                       certificates_words_meaning(reason),
                                       str_empty(chosen) ? i == 0
                                                         : str_eq_z(chosen, reason_words[i].word) };
    }
    return rows;
}

static struct str or_empty(struct str s)
{
    return str_absent(s) ? STR("") : s;
}

/* ------------------------------------------------------------------ first page */

struct revoke_view {
    struct reason_row *reasons;
    size_t reasons_count;
    struct str certificate;
    bool signed_in;
};
static const struct view_field revoke_fields[] = {
    VIEW_LIST(struct revoke_view, reasons, reasons_count, reason_fields),
    VIEW_TEXT(struct revoke_view, certificate),
    VIEW_FLAG(struct revoke_view, signed_in),
    VIEW_END,
};
const struct view certificates_revoke_view = { "certificates/revoke.html", "Revoke a certificate",
                                               revoke_fields, 0 };

static enum err show_revoke(struct req *rq, struct resp *rs)
{
    const struct revoke_view v = { .reasons = reasons_of(rq),
                                   .reasons_count = REASONS,
                                   .certificate = or_empty(req_raw(rq, "certificate")),
                                   .signed_in = req_account(rq).v != 0 };
    return resp_page(rs, &certificates_revoke_view, &v);
}

/* ------------------------------------------------------------------ the text to sign */

struct prepare_form {
    struct str certificate;
    int reason;
};
static const struct param prepare_params[] = {
    PARAM_MULTILINE(struct prepare_form, certificate, 1, 20000),
    PARAM_CHOICE_OPT(struct prepare_form, reason, reason_words, CERTIFICATES_UNSPECIFIED),
    PARAM_END,
};

struct request_view {
    struct str issuer, serial, reason, challenge, text, signature;
    struct msg reason_word;
    struct timestamp until;
};
static const struct view_field request_fields[] = {
    VIEW_TEXT(struct request_view, issuer),
    VIEW_TEXT(struct request_view, serial),
    VIEW_TEXT(struct request_view, reason),
    VIEW_TEXT(struct request_view, challenge),
    VIEW_TEXT(struct request_view, text),
    VIEW_TEXT(struct request_view, signature),
    VIEW_MSG(struct request_view, reason_word),
    VIEW_TIME(struct request_view, until),
    VIEW_END,
};
const struct view certificates_request_view = { "certificates/request.html",
                                                "Sign the revocation request", request_fields, 0 };

static enum err show_request(struct req *rq, struct resp *rs, const struct certificates_request *r,
                             struct timestamp until)
{
    uint32_t reason = CERTIFICATES_UNSPECIFIED;

    for (size_t i = 0; i < REASONS; i++)
        if (str_eq_z(r->reason, reason_words[i].word))
            reason = (uint32_t)reason_words[i].value;
    const struct request_view v = { .issuer = r->issuer,
                                    .serial = r->serial,
                                    .reason = r->reason,
                                    .challenge = r->challenge,
                                    .text = certificates_request_text(req_arena(rq), r),
                                    .signature = or_empty(r->signature),
                                    .reason_word = certificates_words_reason(reason),
                                    .until = until };
    return resp_page(rs, &certificates_request_view, &v);
}

static enum err prepare(struct req *rq, struct resp *rs)
{
    const struct prepare_form *f = req_form(rq);
    struct arena *a = req_arena(rq);
    struct certificates_decoded d;
    struct bytes der;

    if (req_invalid(rq))
        return show_revoke(rq, rs);
    if (x509_from_pem(a, "CERTIFICATE", f->certificate, &der) != E_OK ||
        certificates_decode(a, der, &d) != E_OK) {
        fault_clear();
        req_field_error(rq, "certificate",
                        MSG("Paste the certificate in PEM form, from -----BEGIN CERTIFICATE----- "
                            "to -----END CERTIFICATE-----."));
        return show_revoke(rq, rs);
    }
    const struct certificates_request r = {
        .issuer = d.issuer,
        .serial = hex_encode(a, x509_serial(&d.x)),
        .reason = str_z(certificates_reason_name((uint32_t)f->reason)),
        .challenge = certificates_challenge(a, req_now(rq)),
    };
    return show_request(rq, rs, &r, timestamp_add(req_now(rq), CERTIFICATES_CHALLENGE_US));
}

/* ------------------------------------------------------------------ the signed request */

struct request_form {
    struct str issuer, serial, reason, challenge, signature;
};
static const struct param request_params[] = {
    PARAM_TEXT(struct request_form, issuer, 1, 1000),
    PARAM_TOKEN(struct request_form, serial, 1, 64),
    PARAM_TOKEN(struct request_form, reason, 1, 32),
    PARAM_TOKEN(struct request_form, challenge, 1, 128),
    PARAM_MULTILINE(struct request_form, signature, 1, 2000),
    PARAM_END,
};

/* Base64 as openssl wraps it. */
static struct str without_space(struct arena *a, struct str s)
{
    char *out = ARENA_ARRAY(a, s.n + 1, char);
    size_t n = 0;

    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] != '\n' && s.p[i] != ' ' && s.p[i] != '\t')
            out[n++] = s.p[i];
    return str_of(a, out, n);
}

static struct certificates_request request_of(struct req *rq, const struct request_form *f)
{
    return (struct certificates_request){ .issuer = f->issuer,
                                          .serial = str_lower(req_arena(rq), f->serial),
                                          .reason = f->reason,
                                          .challenge = f->challenge,
                                          .signature = without_space(req_arena(rq), f->signature) };
}

struct revoked_view {
    struct str receipt;
    struct timestamp at;
};
static const struct view_field revoked_fields[] = { VIEW_TEXT(struct revoked_view, receipt),
                                                    VIEW_TIME(struct revoked_view, at), VIEW_END };
const struct view certificates_revoked_view = { "certificates/revoked.html",
                                                "The certificate is revoked", revoked_fields, 0 };

static enum err show_revoked(struct req *rq, struct resp *rs, struct str receipt)
{
    const struct revoked_view v = { receipt, req_now(rq) };
    return resp_page(rs, &certificates_revoked_view, &v);
}

/* A person may do something about these on this page. */
static bool explain_request(struct req *rq)
{
    struct msg text;

    if (!certificates_words_code(fault_current()->reason, &text))
        return false;
    req_field_error(rq, "signature", text);
    fault_clear();
    return true;
}

static enum err revoke(struct req *rq, struct resp *rs)
{
    const struct request_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);
    struct certificates_request r;
    struct str receipt;
    enum err e;

    r = request_of(rq, f);
    if (req_invalid(rq)) {
        if (str_absent(f->issuer) || str_absent(f->serial) || str_absent(f->challenge) ||
            str_absent(f->reason))
            return show_revoke(rq, rs);
        return show_request(rq, rs, &r, TIMESTAMP_NONE);
    }
    e = certificates_request_revoke(req_tx(rq), &by, &r, req_now(rq), &receipt);
    if (e == E_OK)
        return show_revoked(rq, rs, receipt);
    if (!explain_request(rq))
        return e;
    resp_undo(rs);
    return show_request(rq, rs, &r, TIMESTAMP_NONE);
}

/* ------------------------------------------------------------------ the same for programs */

static enum err challenge(struct req *rq, struct resp *rs)
{
    struct str text = certificates_challenge(req_arena(rq), req_now(rq));

    return resp_bytes(rs, "text/plain; charset=utf-8",
                      bytes_of_str(str_fmt(req_arena(rq), "%s\n", text.p)));
}

static enum err revoke_json(struct req *rq, struct resp *rs)
{
    const struct certificates_request r = request_of(rq, req_form(rq));
    struct audit_by by = AUDIT_BY(rq);
    struct json *answer;
    struct str receipt;

    TRY(certificates_request_revoke(req_tx(rq), &by, &r, req_now(rq), &receipt));
    answer = json_new_object();
    json_set_str(answer, "receipt", receipt);
    json_set_time(answer, "revoked_at", req_now(rq));
    return resp_json(rs, 200, answer);
}

/* ------------------------------------------------------------------ access lost */

struct lost_form {
    struct str email;
};
static const struct param lost_params[] = { PARAM_EMAIL(struct lost_form, email), PARAM_END };
struct lost_view {
    struct str email;
};
static const struct view_field lost_fields[] = { VIEW_TEXT(struct lost_view, email), VIEW_END };
const struct view certificates_lost_view = { "certificates/lost.html", "Access lost", lost_fields,
                                             0 };
const struct view certificates_sent_view = { "certificates/sent.html", "Look into your mailbox",
                                             lost_fields, 0 };

static enum err show_lost(struct req *rq, struct resp *rs)
{
    const struct lost_view v = { or_empty(req_raw(rq, "email")) };
    return resp_page(rs, &certificates_lost_view, &v);
}

static enum err lost(struct req *rq, struct resp *rs)
{
    const struct lost_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);
    const struct lost_view v = { STR("") };

    if (req_invalid(rq))
        return show_lost(rq, rs);
    TRY(certificates_lost(req_tx(rq), &by, f->email, req_now(rq)));
    return resp_page(rs, &certificates_sent_view, &v);
}

struct choose_form {
    struct str token;
    struct certificate_id id;
    int reason;
};
static const struct param link_params[] = { PARAM_TOKEN(struct choose_form, token, 1, 64),
                                            PARAM_END };
static const struct param choose_params[] = {
    PARAM_TOKEN(struct choose_form, token, 1, 64),
    PARAM_ID_OPT(struct choose_form, id),
    PARAM_CHOICE_OPT(struct choose_form, reason, reason_words, CERTIFICATES_UNSPECIFIED),
    PARAM_END,
};

struct owned_row {
    struct certificate_id id;
    struct str name, profile, serial;
    struct timestamp not_after;
    bool selected;
};
static const struct view_field owned_fields[] = {
    VIEW_ID(struct owned_row, id),
    VIEW_TEXT(struct owned_row, name),
    VIEW_TEXT(struct owned_row, profile),
    VIEW_CODE(struct owned_row, serial),
    VIEW_DATE(struct owned_row, not_after),
    VIEW_FLAG(struct owned_row, selected),
    VIEW_END,
};
struct choose_view {
    struct str token;
    struct owned_row *rows;
    size_t rows_count;
    struct reason_row *reasons;
    size_t reasons_count;
};
static const struct view_field choose_fields[] = {
    VIEW_TEXT(struct choose_view, token),
    VIEW_LIST(struct choose_view, rows, rows_count, owned_fields),
    VIEW_INT(struct choose_view, rows_count),
    VIEW_LIST(struct choose_view, reasons, reasons_count, reason_fields),
    VIEW_END,
};
const struct view certificates_choose_view = { "certificates/choose.html", "Revoke a certificate",
                                               choose_fields, VIEW_BLANK };

static enum err show_choose(struct req *rq, struct resp *rs, struct str token, uint64_t chosen)
{
    struct choose_view v = { .token = token, .reasons = reasons_of(rq), .reasons_count = REASONS };
    struct certificates_owned *o;

    TRY(certificates_lost_find(req_tx(rq), token, req_now(rq), &o, &v.rows_count));
    v.rows = ARENA_ARRAY(req_arena(rq), v.rows_count, struct owned_row);
    for (size_t i = 0; i < v.rows_count; i++)
        v.rows[i] = (struct owned_row){ .id = o[i].id,
                                        .name = o[i].common_name,
                                        .profile = certificates_shared_profile(
                                            rq, o[i].profile, o[i].profile_version),
                                        .serial = o[i].serial,
                                        .not_after = o[i].not_after,
                                        .selected = v.rows_count == 1 || o[i].id.v == chosen };
    return resp_page(rs, &certificates_choose_view, &v);
}

static enum err look(struct req *rq, struct resp *rs)
{
    const struct choose_form *f = req_form(rq);
    return show_choose(rq, rs, f->token, 0);
}

static enum err choose(struct req *rq, struct resp *rs)
{
    const struct choose_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);
    struct str receipt;
    enum err e;

    if (req_invalid(rq))
        return str_absent(f->token) ? FAIL(E_ABSENT, "link-over", "malformed")
                                    : show_choose(rq, rs, f->token, f->id.v);
    e = certificates_lost_revoke(req_tx(rq), &by, f->token, f->id, (uint32_t)f->reason, req_now(rq),
                                 &receipt);
    if (e == E_OK)
        return show_revoked(rq, rs, receipt);
    if (!certificates_shared_explain(rq))
        return e;
    resp_undo(rs);
    return show_choose(rq, rs, f->token, f->id.v);
}

const struct route certificates_revoke_routes[] = {
    { GET, "/revoke", show_revoke, WHO_ANYONE, NULL, 0, 0, NULL, NULL },
    { POST, "/revoke/prepare", prepare, WHO_ANYONE, FORM(prepare_params, struct prepare_form),
      ROUTE_READ_ONLY_POST, 0, NULL, &sign_rate },
    { POST, "/revoke", revoke, WHO_ANYONE, FORM(request_params, struct request_form), 0, 0, NULL,
      &sign_rate },
    { GET, "/revoke/challenge", challenge, WHO_ANYONE, NULL, ROUTE_API, 0, NULL, &sign_rate },
    { POST, "/revoke/request", revoke_json, WHO_ANYONE, FORM(request_params, struct request_form),
      ROUTE_API | ROUTE_NO_CSRF, 0, "the request is signed with the certificate's own key",
      &sign_rate },
    { GET, "/revoke/lost", show_lost, WHO_ANYONE, NULL, 0, 0, NULL, NULL },
    { POST, "/revoke/lost", lost, WHO_ANYONE, FORM(lost_params, struct lost_form), 0, 0, NULL,
      &lost_rate },
    { GET, "/revoke/link/{token}", look, WHO_ANYONE, FORM(link_params, struct choose_form), 0, 0,
      NULL, &link_rate },
    { POST, "/revoke/link/{token}", choose, WHO_ANYONE, FORM(choose_params, struct choose_form), 0,
      0, NULL, &link_rate },
    { 0 },
};
