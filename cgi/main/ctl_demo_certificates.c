/* ctl_demo_certificates.c - the certificates of the demonstration as files, and in demo.json. */
#include "main/ctl_demo.h"

#include "base/json.h"
#include "features/authority/authority.h"
#include "pki/x509.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#define SOON_US (30 * DAY_US)

static const char *state_of(const struct authority_certificate *c, struct timestamp now)
{
    if (c->state == AUTHORITY_REVOKED)
        return "revoked";
    if (timestamp_cmp(now, c->not_after) > 0)
        return "expired";
    if (c->state == AUTHORITY_SUSPENDED)
        return "suspended";
    return timestamp_cmp(timestamp_add(now, SOON_US), c->not_after) > 0 ? "expiring" : "valid";
}

/* Files do not change once they are there: a repeated start writes none. */
static enum err write_once(struct str path, struct str text)
{
    return access(path.p, R_OK) == 0 ? E_OK : ctl_write(path.p, text, 0644);
}

static enum err write_files(struct tx *tx, const struct demo *d, const struct demo_case *c,
                            const struct authority_certificate *cert, struct str *file,
                            struct str *issuer)
{
    struct arena *a = d->c->arena;
    struct bytes *chain;
    size_t n;

    TRY(authority_chain(tx, cert->id, &chain, &n));
    if (n == 0)
        return FAIL(E_STATE, "", "certificate %llu has no issuer", (unsigned long long)cert->id.v);
    *file = ctl_demo_path(d, str_fmt(a, "certificates/%s.pem", c->name).p);
    *issuer = ctl_demo_path(
        d, str_fmt(a, "certificates/issuer-%llu.pem", (unsigned long long)cert->authority.v).p);
    TRY(write_once(*file, x509_pem(a, "CERTIFICATE", cert->der)));
    return write_once(*issuer, x509_pem(a, "CERTIFICATE", chain[0]));
}

static enum err certificate(struct tx *tx, struct demo *d, const struct demo_case *c,
                            struct json *certificates, struct json *operators)
{
    struct authority_certificate cert;
    struct accounts_info applicant;
    struct str file = STR(""), issuer = STR("");

    TRY(ctl_demo_certificate(tx, d, c, &cert));
    if (cert.id.v == 0 || !cert.der.p)
        return E_OK;
    TRY(write_files(tx, d, c, &cert, &file, &issuer));
    struct json *j = json_new_object();
    json_append(certificates, j);
    json_set_str(j, "file", file);
    json_set_str(j, "issuer", issuer);
    json_set_str(j, "state", str_z(state_of(&cert, clock_now())));
    if (!c->keep_key)
        return E_OK;
    TRY(accounts_find(tx, str_z(c->applicant), &applicant));
    j = json_new_object();
    json_append(operators, j);
    json_set_str(j, "cert", file);
    json_set_str(j, "key", ctl_demo_path(d, str_fmt(d->c->arena, "%s.key", c->name).p));
    json_set_str(j, "tenant", str_z(ctl_demo_tenant_of(c->applicant)));
    json_set_str(j, "login", applicant.login);
    return E_OK;
}

enum err ctl_demo_certificates(struct tx *tx, struct demo *d, struct json *root)
{
    struct json *certificates = json_new_array(), *operators = json_new_array();
    const char *folder = ctl_demo_path(d, "certificates").p;
    size_t n;
    const struct demo_case *c = ctl_demo_cases(&n);

    json_set(root, "certificates", certificates);
    json_set(root, "operators", operators);
    if (mkdir(folder, 0755) != 0 && errno != EEXIST)
        return FAIL(E_INTERNAL, "", "%s: %s", folder, strerror(errno));
    for (size_t i = 0; i < n; i++)
        TRY(certificate(tx, d, &c[i], certificates, operators));
    return E_OK;
}
