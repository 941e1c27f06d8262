/* certificates_renew_pages.c - an application for the successor, filled from the old certificate.
 */
#include "features/certificates/certificates_pages.h"
#include "features/certificates/certificates_shared_pages.h"
#include "features/profiles/profiles.h"
#include "features/registration/registration.h"
#include "http/ratelimit.h"

static const struct rate renew_rate = { "certificates.renew", RATE_ACCOUNT, 30, 10 * MINUTE_US };

enum key_choice { KEY_SAME, KEY_NEW };
static const struct choice keys[] = { { "same", KEY_SAME }, { "new", KEY_NEW }, { NULL, 0 } };

struct renew_form {
    struct certificate_id id;
    int key;
    struct str csr;
};
static const struct param renew_params[] = {
    PARAM_ID(struct renew_form, id),
    PARAM_CHOICE_OPT(struct renew_form, key, keys, KEY_NEW),
    PARAM_MULTILINE_OPT(struct renew_form, csr, 16000),
    PARAM_END,
};

struct value_row {
    struct str label, value;
};
static const struct view_field value_fields[] = { VIEW_TEXT(struct value_row, label),
                                                  VIEW_TEXT(struct value_row, value), VIEW_END };
struct finding_row {
    struct msg text;
    struct str detail;
    bool refuses;
};
static const struct view_field finding_fields[] = { VIEW_MSG(struct finding_row, text),
                                                    VIEW_TEXT(struct finding_row, detail),
                                                    VIEW_FLAG(struct finding_row, refuses),
                                                    VIEW_END };
struct renew_view {
    struct certificates_head head;
    struct certificate_id id;
    struct value_row *values;
    size_t values_count;
    struct finding_row *findings;
    size_t findings_count;
    struct str csr;
    bool may_keep, keep, may_change, by_csr, by_browser, by_server;
};
static const struct view_field renew_fields[] = {
    VIEW_STRUCT(struct renew_view, head, certificates_head_fields),
    VIEW_ID(struct renew_view, id),
    VIEW_LIST(struct renew_view, values, values_count, value_fields),
    VIEW_LIST(struct renew_view, findings, findings_count, finding_fields),
    VIEW_INT(struct renew_view, findings_count),
    VIEW_TEXT(struct renew_view, csr),
    VIEW_FLAG(struct renew_view, may_keep),
    VIEW_FLAG(struct renew_view, keep),
    VIEW_FLAG(struct renew_view, may_change),
    VIEW_FLAG(struct renew_view, by_csr),
    VIEW_FLAG(struct renew_view, by_browser),
    VIEW_FLAG(struct renew_view, by_server),
    VIEW_END,
};
const struct view certificates_renew_view = { "certificates/renew.html", "Renew the certificate",
                                              renew_fields, 0 };

/* The old key again: its request is at hand, and the profile allows it. */
static bool may_keep(const struct certificates_renewal *r)
{
    return r->same_key && r->csr.p != NULL;
}

static enum err fill_values(struct req *rq, const struct certificates_renewal *r,
                            struct renew_view *v)
{
    const struct profile *p;

    TRY(profiles_get(req_tx(rq), r->profile, r->profile_version, &p));
    v->values_count = r->values_n;
    v->values = ARENA_ARRAY(req_arena(rq), r->values_n, struct value_row);
    for (size_t i = 0; i < r->values_n; i++) {
        const struct profiles_field *f = profiles_field(p, r->values[i].name);
        v->values[i] = (struct value_row){ f == NULL                 ? r->values[i].name
                                           : req_lang(rq) == LANG_JA ? f->label_ja
                                                                     : f->label_en,
                                           r->values[i].value };
    }
    return E_OK;
}

static bool (*finding_words)(const char *code, struct msg *text);

void certificates_pages_findings(bool (*text)(const char *code, struct msg *text))
{
    finding_words = text;
}

static bool finding_text(const char *code, struct msg *text)
{
    return finding_words != NULL && finding_words(code, text);
}

/* What the checks of the application found, when it was tried. */
static void fill_findings(struct req *rq, const struct profiles_finding *f, size_t n,
                          struct renew_view *v)
{
    v->findings_count = n;
    v->findings = ARENA_ARRAY(req_arena(rq), n, struct finding_row);
    for (size_t i = 0; i < n; i++) {
        v->findings[i] = (struct finding_row){ .detail = f[i].detail, .refuses = f[i].refuses };
        if (!finding_text(f[i].code.p, &v->findings[i].text))
            v->findings[i].text = MSG("Something about this application is not as it must be.");
    }
}

static enum err show(struct req *rq, struct resp *rs, const struct certificates_certificate *c,
                     const struct certificates_renewal *r, const struct profiles_finding *findings,
                     size_t n)
{
    struct str chosen = req_raw(rq, "key"), csr = req_raw(rq, "csr");
    struct renew_view v = {
        .head = certificates_shared_head(rq, c),
        .id = c->id,
        .csr = str_absent(csr) ? STR("") : csr,
        .may_keep = may_keep(r),
        .keep = may_keep(r) && !str_eq_z(chosen, "new"),
        .may_change = !str_eq_z(r->key_source, "hsm"),
        .by_csr = str_eq_z(r->key_source, "csr"),
        .by_browser = str_eq_z(r->key_source, "browser"),
        .by_server = str_eq_z(r->key_source, "pkcs12"),
    };

    TRY(fill_values(rq, r, &v));
    fill_findings(rq, findings, n, &v);
    return resp_page(rs, &certificates_renew_view, &v);
}

static enum err load(struct req *rq, struct certificate_id id, struct certificates_certificate *c,
                     struct certificates_renewal *r)
{
    const struct certificates_who who = certificates_shared_who(rq);

    TRY(certificates_get(req_tx(rq), &who, id, req_now(rq), c));
    return certificates_renew_values(req_tx(rq), &who, id, req_now(rq), r);
}

static enum err ask(struct req *rq, struct resp *rs)
{
    const struct certificates_id_form *f = req_form(rq);
    struct certificates_certificate c;
    struct certificates_renewal r;

    TRY(load(rq, f->id, &c, &r));
    return show(rq, rs, &c, &r, NULL, 0);
}

static struct registration_new application(struct req *rq, const struct renew_form *f,
                                           const struct certificates_renewal *r)
{
    bool keep = f->key == KEY_SAME;
    enum profiles_key source = profiles_key_from_name(r->key_source);

    if (keep && source != PROFILES_HSM)
        source = PROFILES_CSR; /* the request that was signed with the old key stands again */
    return (struct registration_new){
        .tenant = r->tenant,
        .applicant = req_account(rq),
        .subscriber = r->subscriber,
        .via = STR("page"),
        .profile = r->profile,
        .key_source = source,
        .values = r->values,
        .values_n = r->values_n,
        .csr = keep ? r->csr : (str_empty(f->csr) ? BYTES_ABSENT : bytes_of_str(f->csr)),
        .credential = keep ? r->credential : STR_ABSENT,
        .renews = f->id,
        .contact = r->contact,
        .lang = r->lang,
    };
}

static enum err renew(struct req *rq, struct resp *rs)
{
    const struct renew_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);
    struct certificates_certificate c;
    struct certificates_renewal r;
    struct profiles_finding *findings;
    struct registration made;
    size_t n;

    TRY(load(rq, f->id, &c, &r));
    if (f->key == KEY_SAME && !may_keep(&r))
        req_field_error(rq, "key", MSG("This kind of certificate is renewed with a new key."));
    if (f->key == KEY_NEW && str_eq_z(r.key_source, "hsm"))
        req_field_error(rq, "key",
                        MSG("For a new key in the key store please apply for a new certificate."));
    if (f->key == KEY_NEW && str_eq_z(r.key_source, "csr") && str_empty(f->csr))
        req_field_error(rq, "csr", MSG("Paste a new certificate request (PEM)."));
    if (req_invalid(rq))
        return show(rq, rs, &c, &r, NULL, 0);
    const struct registration_new app = application(rq, f, &r);
    TRY(registration_check(req_tx(rq), &app, req_now(rq), &findings, &n));
    if (registration_refuses(findings, n)) {
        req_field_error(rq, "",
                        MSG("This cannot be applied for as it stands. The reasons are "
                            "below."));
        return show(rq, rs, &c, &r, findings, n);
    }
    TRY(registration_submit(req_tx(rq), &by, &app, req_now(rq), &made));
    return resp_seeother_text(rs, "/applications/{id}", made.receipt);
}

const struct route certificates_renew_routes[] = {
    { GET, "/certificates/{id}/renew", ask, WHO_ACCOUNT,
      FORM(certificates_id_params, struct certificates_id_form), 0, 0, NULL, NULL },
    { POST, "/certificates/{id}/renew", renew, WHO_ACCOUNT, FORM(renew_params, struct renew_form),
      0, 0, NULL, &renew_rate },
    { 0 },
};
