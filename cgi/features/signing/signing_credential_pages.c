/* signing_credential_pages.c - a person's own certificates and keys: state, details, PIN. */
#include "features/signing/signing_pages.h"

#include "base/encoding.h"
#include "features/signing/signing_reasons_pages.h"
#include "http/ratelimit.h"

static const struct rate pin_rate = { "signing.pin", RATE_ACCOUNT, 10, 10 * MINUTE_US };

struct credential_row {
    struct str public_id, label, key_kind, subject, serial, key_id;
    struct timestamp not_before, not_after, created, pin_changed;
    struct page_badge state;
    uint32_t pin_left;
    bool usable, locked, few_left, active, on_hold;
};

static const struct view_field row_fields[] = {
    VIEW_TEXT(struct credential_row, public_id),
    VIEW_TEXT(struct credential_row, label),
    VIEW_TEXT(struct credential_row, key_kind),
    VIEW_TEXT(struct credential_row, subject),
    VIEW_CODE(struct credential_row, serial),
    VIEW_CODE(struct credential_row, key_id),
    VIEW_DATE(struct credential_row, not_before),
    VIEW_DATE(struct credential_row, not_after),
    VIEW_TIME(struct credential_row, created),
    VIEW_TIME(struct credential_row, pin_changed),
    VIEW_STRUCT(struct credential_row, state, page_badge_fields),
    VIEW_INT(struct credential_row, pin_left),
    VIEW_FLAG(struct credential_row, usable),
    VIEW_FLAG(struct credential_row, locked),
    VIEW_FLAG(struct credential_row, few_left),
    VIEW_FLAG(struct credential_row, active),
    VIEW_FLAG(struct credential_row, on_hold),
    VIEW_END,
};

struct credentials_view {
    struct credential_row *rows;
    size_t rows_count;
};

static const struct view_field credentials_fields[] = {
    VIEW_LIST(struct credentials_view, rows, rows_count, row_fields),
    VIEW_INT(struct credentials_view, rows_count),
    VIEW_END,
};

const struct view signing_credentials_view = { "signing/credentials.html", "Signing keys",
                                               credentials_fields, VIEW_WIDE };

struct credential_view {
    struct credential_row c;
};

static const struct view_field credential_fields[] = {
    VIEW_STRUCT(struct credential_view, c, row_fields),
    VIEW_END,
};

const struct view signing_credential_view = { "signing/credential.html", "Certificate",
                                              credential_fields, 0 };

static const char *key_name(struct str kind)
{
    static const struct {
        const char *code, *name;
    } names[] = { { "rsa2048", "RSA 2048" },
                  { "rsa3072", "RSA 3072" },
                  { "p256", "ECDSA P-256" },
                  { "p384", "ECDSA P-384" } };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_eq_z(kind, names[i].code))
            return names[i].name;
    return "?";
}

static enum err fill_row(struct req *rq, const struct signing_credential *c,
                         struct credential_row *row)
{
    struct signing_certificate x;

    TRY(signing_credential_certificate(req_tx(rq), c, req_now(rq), &x));
    *row = (struct credential_row){
        .public_id = c->public_id,
        .label = c->label,
        .key_kind = str_z(key_name(c->key_kind)),
        .subject = x.subject,
        .serial = x.serial,
        .key_id = hex_encode(req_arena(rq), bytes_of_32(&c->key_id)),
        .not_before = x.not_before,
        .not_after = x.not_after,
        .created = c->created,
        .pin_changed = c->pin_changed,
        .state = signing_reasons_credential(c, &x),
        .pin_left = c->pin_left,
        .usable = signing_reasons_usable(c, &x),
        .locked = c->state == SIGNING_CREDENTIAL_LOCKED,
        .active = c->state == SIGNING_CREDENTIAL_ACTIVE,
        .on_hold = c->state == SIGNING_CREDENTIAL_HOLD,
        .few_left = c->state == SIGNING_CREDENTIAL_ACTIVE && c->pin_failures > 0,
    };
    return E_OK;
}

static enum err list(struct req *rq, struct resp *rs)
{
    struct credentials_view v = { 0 };
    struct signing_credential *c;

    TRY(signing_credential_list(req_tx(rq), signing_reasons_owner(rq), &c, &v.rows_count));
    v.rows = ARENA_ARRAY(req_arena(rq), v.rows_count, struct credential_row);
    for (size_t i = 0; i < v.rows_count; i++)
        TRY(fill_row(rq, &c[i], &v.rows[i]));
    return resp_page(rs, &signing_credentials_view, &v);
}

struct pin_form {
    struct str id;
    struct secret *old_pin, *new_pin, *new_pin_again;
};

static const struct param show_params[] = {
    PARAM_TOKEN(struct pin_form, id, 1, 64),
    PARAM_END,
};

static const struct param pin_params[] = {
    PARAM_TOKEN(struct pin_form, id, 1, 64),
    PARAM_SECRET(struct pin_form, old_pin, 1, 64),
    PARAM_SECRET(struct pin_form, new_pin, 1, 64),
    PARAM_SECRET(struct pin_form, new_pin_again, 1, 64),
    PARAM_END,
};

static enum err show(struct req *rq, struct resp *rs)
{
    const struct pin_form *f = req_form(rq);
    struct signing_credential c;
    struct credential_view v;

    TRY(signing_credential_find(req_tx(rq), signing_reasons_owner(rq), f->id, &c));
    TRY(fill_row(rq, &c, &v.c));
    return resp_page(rs, &signing_credential_view, &v);
}

/* On this page "pin-wrong" is about the old one. */
static bool explain(struct req *rq)
{
    if (strcmp(fault_current()->reason, "pin-wrong") != 0)
        return signing_reasons_show(rq);
    req_field_error(rq, "old_pin", MSG("This is not your PIN. Wrong PINs are counted."));
    return true;
}

static enum err change_pin(struct req *rq, struct resp *rs)
{
    const struct pin_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);
    enum err e;

    if (!req_invalid(rq) &&
        !bytes_eq_secret(secret_bytes(f->new_pin), secret_bytes(f->new_pin_again)))
        req_field_error(rq, "new_pin_again", MSG("The two new PINs differ."));
    if (req_invalid(rq))
        return show(rq, rs);
    e = signing_pin_change(req_tx(rq), signing_reasons_owner(rq), f->id, f->old_pin, f->new_pin,
                           &by, req_now(rq));
    if (e != E_OK)
        return explain(rq) ? show(rq, rs) : e;
    resp_flash(rs, "success", MSG("The PIN is changed."), STR_ABSENT);
    return resp_seeother_text(rs, "/credentials/{id}", f->id);
}

/* P3-147: a person who doubts the data of the certificate stops its use at once, and only undoes it
 * with the second factor given in this session. */
static enum err set_hold(struct req *rq, struct resp *rs, bool hold)
{
    const struct pin_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);
    struct signing_credential c;

    if (req_invalid(rq))
        return FAIL(E_ABSENT, "credential-unknown", "malformed id");
    TRY(signing_credential_find(req_tx(rq), signing_reasons_owner(rq), f->id, &c));
    TRY(signing_credential_hold(req_tx(rq), req_tenant(rq), c.public_id, hold, STR("holder"), &by));
    resp_flash(rs, "success",
               hold ? MSG("The certificate is on hold. It cannot sign now.")
                    : MSG("The certificate can sign again."),
               STR_ABSENT);
    return resp_seeother_text(rs, "/credentials/{id}", c.public_id);
}

static enum err hold(struct req *rq, struct resp *rs)
{
    return set_hold(rq, rs, true);
}

static enum err release(struct req *rq, struct resp *rs)
{
    return set_hold(rq, rs, false);
}

const struct route signing_credential_routes[] = {
    { GET, "/credentials", list, WHO_ACCOUNT, NULL, 0, 0, NULL, NULL },
    { GET, "/credentials/{id}", show, WHO_ACCOUNT, FORM(show_params, struct pin_form), 0, 0, NULL,
      NULL },
    { POST, "/credentials/{id}/pin", change_pin, WHO_ACCOUNT, FORM(pin_params, struct pin_form),
      ROUTE_SECOND_FACTOR, 0, NULL, &pin_rate },
    { POST, "/credentials/{id}/hold", hold, WHO_ACCOUNT, FORM(show_params, struct pin_form), 0, 0,
      NULL, &pin_rate },
    { POST, "/credentials/{id}/release", release, WHO_ACCOUNT, FORM(show_params, struct pin_form),
      ROUTE_SECOND_FACTOR, 0, NULL, &pin_rate },
    { 0 },
};
