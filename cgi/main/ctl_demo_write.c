/* ctl_demo_write.c - demo.json (DESIGN section 7) and the files that it names. */
#include "main/ctl_demo.h"

#include "base/encoding.h"
#include "base/json.h"
#include "features/authority/authority.h"
#include "pki/x509.h"

#define JSON_MAX (256u * 1024)

static const struct audit_by demo_by = { .name = { "shomeictl demo", 14 } };

struct str ctl_demo_path(const struct demo *d, const char *name)
{
    return str_fmt(d->c->arena, "%s/%s", d->out, name);
}

enum err ctl_demo_make_client(struct tx *tx, void *arg)
{
    struct demo *d = arg;
    struct authority_certificate cert;
    struct signing_credential *rows;
    struct signing_client client;
    struct tenant_id tenant;
    struct client_id id;
    size_t n;

    TRY(accounts_tenant_find(tx, STR("sakura"), &tenant));
    TRY(authority_certificate(tx, tenant, d->client_certificate, &cert));
    enum err err = signing_client_by_certificate(tx, x509_pem(d->c->arena, "CERTIFICATE", cert.der),
                                                 d->now, &client);
    if (err != E_AUTH)
        return err;
    TRY(signing_client_make(tx, tenant, STR("Sakura document system"), cert.id, true, 0, &demo_by,
                            d->now, &id));
    TRY(signing_credential_list(tx, (struct signing_owner){ .tenant = tenant }, &rows, &n));
    for (size_t i = 0; i < n; i++)
        TRY(signing_client_allow(tx, id, rows[i].public_id, &demo_by));
    return E_OK;
}

static enum err write_client(struct tx *tx, struct demo *d, struct tenant_id tenant)
{
    struct authority_certificate cert;
    struct bytes *chain;
    size_t n;

    TRY(authority_certificate(tx, tenant, d->client_certificate, &cert));
    struct str pem = x509_pem(d->c->arena, "CERTIFICATE", cert.der);
    TRY(authority_chain(tx, d->client_certificate, &chain, &n));
    for (size_t i = 0; i + 1 < n; i++)
        pem = str_fmt(d->c->arena, "%s%s", pem.p, x509_pem(d->c->arena, "CERTIFICATE", chain[i]).p);
    return ctl_write(ctl_demo_path(d, "api-client.pem").p, pem, 0644);
}

static enum err write_root(struct tx *tx, struct demo *d)
{
    struct bytes *anchors;
    size_t n;

    TRY(authority_anchors(tx, &anchors, &n));
    if (n == 0)
        return FAIL(E_STATE, "", "no authority: run `shomeictl init` first");
    return ctl_write(ctl_demo_path(d, "trust-root.pem").p,
                     x509_pem(d->c->arena, "CERTIFICATE", anchors[0]), 0644);
}

/* Public id of the first credential of the owner, or of the seal with that label. */
static enum err credential_of(struct tx *tx, struct signing_owner owner, const char *label,
                              struct str *public_id)
{
    struct signing_credential *rows;
    size_t n;

    *public_id = STR_ABSENT;
    TRY(signing_credential_list(tx, owner, &rows, &n));
    for (size_t i = 0; i < n && str_absent(*public_id); i++)
        if (!label || str_eq_z(rows[i].label, label))
            *public_id = rows[i].public_id;
    return E_OK;
}

static struct json *role_names(uint32_t roles)
{
    struct json *all = json_new_array();

    for (uint32_t bit = 1; bit & ROLE__ALL; bit <<= 1)
        if (roles & bit)
            json_append(all, json_new_str(str_z(role_name(bit))));
    return all;
}

static enum err account(struct tx *tx, struct demo *d, const struct demo_person *p,
                        struct json *accounts)
{
    struct accounts_info info;
    struct str credential = STR_ABSENT;

    TRY(accounts_find(tx, str_z(p->login), &info));
    if (p->key_kind)
        TRY(credential_of(tx, (struct signing_owner){ info.tenant, info.id, { 0 } }, NULL,
                          &credential));
    struct json *j = json_new_object();
    json_set_str(j, "login", info.login);
    json_set_str(j, "name", info.name);
    json_set_str(j, "password", ctl_demo_password(d, p->login));
    json_set_str(j, "totp_secret", base32_encode(d->c->arena, ctl_demo_totp(d, p->login)));
    json_set_str(j, "pin", p->key_kind ? ctl_demo_pin(d, p->login) : STR_ABSENT);
    /* the main role: the lowest bit but the end user's when there is another */
    uint32_t main_role =
        p->roles & ~(uint32_t)ROLE_END_USER ? p->roles & ~(uint32_t)ROLE_END_USER : p->roles;
    json_set_str(j, "role", str_z(role_name(main_role & -main_role)));
    json_set(j, "roles", role_names(p->roles));
    json_set_str(j, "tenant", str_z(p->tenant));
    json_set_str(j, "credential", credential);
    json_append(accounts, j);
    return E_OK;
}

static enum err api_client(struct tx *tx, struct demo *d, struct json *root)
{
    struct tenant_id tenant;
    struct json *j = json_new_object(), *all = json_new_array();

    json_set(root, "api_client", j);
    json_set_str(j, "cert", ctl_demo_path(d, "api-client.pem"));
    json_set_str(j, "key", ctl_demo_path(d, "api-client.key"));
    json_set_str(j, "tenant", STR("sakura"));
    for (size_t i = 0; i < d->seals_n; i++) {
        struct str id;
        TRY(accounts_tenant_find(tx, str_z(d->seals[i].tenant), &tenant));
        TRY(credential_of(tx, (struct signing_owner){ .tenant = tenant }, d->seals[i].label, &id));
        if (i == 0)
            json_set_str(j, "credential", id);
        struct json *seal = json_new_object();
        json_set_str(seal, "credential", id);
        json_set_str(seal, "key_kind", str_z(d->seals[i].key_kind));
        json_append(all, seal);
    }
    json_set(j, "seals", all);
    TRY(accounts_tenant_find(tx, STR("sakura"), &tenant));
    return write_client(tx, d, tenant);
}

/* Settings' URLs end in a slash; scripts append paths that begin with one. */
struct str ctl_demo_url(const struct demo *d, const char *key)
{
    struct str u = settings_str(d->c->settings, key);

    return str_ends(u, STR("/")) ? str_sub(d->c->arena, u, 0, u.n - 1) : u;
}

static enum err fill(struct tx *tx, struct demo *d, struct json *root)
{
    struct json *accounts = json_new_array();

    json_set_str(root, "portal", ctl_demo_url(d, "url.portal"));
    json_set_str(root, "api", ctl_demo_url(d, "url.api"));
    json_set_str(root, "operator", ctl_demo_url(d, "url.operator"));
    json_set_str(root, "repository", ctl_demo_url(d, "url.repository"));
    json_set_str(root, "trust_root", ctl_demo_path(d, "trust-root.pem"));
    json_set(root, "accounts", accounts);
    for (size_t i = 0; i < d->people_n; i++)
        TRY(account(tx, d, &d->people[i], accounts));
    TRY(ctl_demo_certificates(tx, d, root));
    return api_client(tx, d, root);
}

enum err ctl_demo_write(struct tx *tx, void *arg)
{
    struct demo *d = arg;
    struct json *root = json_new_object();
    struct buf text = buf_init(JSON_MAX);

    enum err err = write_root(tx, d);
    if (err == E_OK)
        err = fill(tx, d, root);
    if (err == E_OK)
        err = json_write(root, true, &text);
    if (err == E_OK)
        err = ctl_write(ctl_demo_path(d, "demo.json").p, buf_str(&text), 0600);
    buf_free(&text);
    json_free(root);
    return err;
}
