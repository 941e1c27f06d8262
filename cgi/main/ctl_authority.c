/*
 * ctl_authority.c - `shomeictl authority`: certification authorities, made and retired by several
 * people (features/authority/authority_ceremony_work.h). Each of them gives a one-time code of the
 * second factor on standard input, one a line in the order of --by.
 */
#include "main/ctl.h"

#include "features/accounts/accounts.h"
#include "features/authority/authority_ceremony_work.h"
#include "pki/x509.h"
#include "sign/hsm.h"
#include "store/db.h"
#include "store/wake.h"

#include <errno.h>
#include <stdlib.h>

enum { SEATS_MAX = 2, CHAIN_MAX = 8, CODE_MAX = 64 };

struct seat {
    struct str login, code;
    struct accounts_info who;
    bool right;
};

struct order {
    struct ctl *c;
    struct str name;
    struct db *db;
    struct seat seat[SEATS_MAX];
    size_t seats;
    uint32_t role; /* that everybody here must have */
    struct audit_by by;
};

/* --- who --- */

static enum err read_seats(struct order *o, size_t wanted)
{
    const char *text;
    char line[CODE_MAX];

    TRY(ctl_required(o->c, "--by", &text));
    struct str list = str_z(text);
    for (size_t from = 0; from <= list.n;) {
        size_t comma = str_find(list, ',', from), to = comma == SIZE_MAX ? list.n : comma;
        if (o->seats == wanted)
            return FAIL(E_INPUT, "", "--by names %zu, separated by commas", wanted);
        o->seat[o->seats++].login = str_sub(o->c->arena, list, from, to);
        from = to + 1;
    }
    if (o->seats != wanted)
        return FAIL(E_INPUT, "", "--by names %zu, separated by commas", wanted);
    for (size_t i = 0; i < o->seats; i++) {
        (void)fprintf(stderr, "one-time code of %s: ", o->seat[i].login.p);
        if (!fgets(line, sizeof line, stdin))
            return FAIL(E_INPUT, "", "a code for each is read from standard input");
        o->seat[i].code = str_trim(o->c->arena, str_z(line));
    }
    (void)fputc('\n', stderr);
    return E_OK;
}

/* Commits also when a code is wrong: that is counted against its account. */
static enum err prove_seats(struct tx *tx, void *arg)
{
    struct order *o = arg;

    for (size_t i = 0; i < o->seats; i++) {
        struct seat *s = &o->seat[i];
        s->right = false;
        TRY(accounts_find(tx, s->login, &s->who));
        if (s->who.state != ACCOUNTS_ACTIVE || !(s->who.roles & o->role))
            continue;
        const struct audit_by by = { .tenant = s->who.tenant,
                                     .account = s->who.id,
                                     .name = s->who.name };
        TRY(accounts_verify_totp(tx, &by, s->who.id, s->code, clock_now(), &s->right));
    }
    return E_OK;
}

static enum err seats(struct order *o, uint32_t role, size_t wanted)
{
    o->role = role;
    TRY(read_seats(o, wanted));
    TRY(tx_run(o->db, o->c->arena, prove_seats, o));
    for (size_t i = 0; i < o->seats; i++)
        if (!o->seat[i].right)
            return FAIL(E_DENIED, "seat-refused", "%s: not %s, not active, or a wrong code",
                        o->seat[i].login.p, role_name(role));
    o->by = (struct audit_by){ .tenant = o->seat[0].who.tenant,
                               .account = o->seat[0].who.id,
                               .name = o->seat[0].who.name };
    return E_OK;
}

static struct authority_ceremony_seats pair(const struct order *o)
{
    return (struct authority_ceremony_seats){ o->seat[0].who.id, o->seat[1].who.id };
}

/* --- planning --- */

static enum err number(const struct ctl *c, const char *option, uint32_t fallback, uint32_t *out)
{
    const char *text = ctl_option(c, option);
    char *end = NULL;

    *out = fallback;
    if (!text)
        return E_OK;
    errno = 0;
    unsigned long v = strtoul(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || v > UINT32_MAX)
        return FAIL(E_INPUT, "", "%s takes a number", option);
    *out = (uint32_t)v;
    return E_OK;
}

static enum err plan_tx(struct tx *tx, void *arg)
{
    struct order *o = arg;
    const char *cn, *parent, *key = ctl_option(o->c, "--key");
    struct authority_ceremony_order plan = { .name = o->name };

    if (ctl_flag(o->c, "--retire"))
        return authority_ceremony_plan_retire(tx, &o->by, o->seat[0].who.id, o->name);
    TRY(ctl_required(o->c, "--cn", &cn));
    TRY(ctl_required(o->c, "--parent", &parent));
    TRY(keys_kind_from(str_z(key ? key : "p256"), &plan.key));
    TRY(number(o->c, "--crl-days", 7, &plan.crl_days));
    TRY(number(o->c, "--parts", 0, &plan.crl_parts));
    plan.common_name = str_z(cn);
    plan.parent = strcmp(parent, "none") == 0 ? STR("") : str_z(parent);
    return authority_ceremony_plan(tx, &o->by, o->seat[0].who.id, &plan);
}

static enum err plan(struct order *o)
{
    TRY(seats(o, ROLE_SYSTEM_ADMIN, 1));
    return tx_run(o->db, o->c->arena, plan_tx, o);
}

static enum err approve_tx(struct tx *tx, void *arg)
{
    struct order *o = arg;

    return authority_ceremony_approve(tx, &o->by, o->seat[0].who.id, o->name);
}

static enum err approve(struct order *o)
{
    TRY(seats(o, ROLE_SYSTEM_MANAGER, 1));
    return tx_run(o->db, o->c->arena, approve_tx, o);
}

static enum err cancel_tx(struct tx *tx, void *arg)
{
    struct order *o = arg;

    return authority_ceremony_cancel(tx, &o->by, o->name);
}

static enum err cancel(struct order *o)
{
    TRY(seats(o, ROLE_SYSTEM_ADMIN, 1));
    return tx_run(o->db, o->c->arena, cancel_tx, o);
}

static enum err parts_tx(struct tx *tx, void *arg)
{
    struct order *o = arg;
    uint32_t parts;

    TRY(number(o->c, "--parts", 0, &parts));
    return authority_ceremony_parts(tx, &o->by, o->name, parts);
}

static enum err parts(struct order *o)
{
    TRY(seats(o, ROLE_SYSTEM_ADMIN, 1));
    return tx_run(o->db, o->c->arena, parts_tx, o);
}

static enum err retire_tx(struct tx *tx, void *arg)
{
    struct order *o = arg;

    return authority_ceremony_retire(tx, &o->by, o->name, pair(o));
}

static enum err retire(struct order *o)
{
    TRY(seats(o, ROLE_SYSTEM_ADMIN, 2));
    return tx_run(o->db, o->c->arena, retire_tx, o);
}

/* --- with keys --- */

static enum err with_tokens(struct order *o,
                            enum err (*run)(struct order *o, struct authority_ceremony_means *m))
{
    struct settings const *s = o->c->settings;
    struct str url = settings_str(s, "url.repository");
    struct authority_ceremony_means m = { .db = o->db, .arena = o->c->arena, .by = &o->by };

    TRY(seats(o, ROLE_SYSTEM_ADMIN, SEATS_MAX));
    m.plan = (struct authority_plan){
        .organisation = settings_str(s, "provider.name"),
        .country = STR("JP"),
        .repository_url = str_ends(url, STR("/")) ? str_sub(m.arena, url, 0, url.n - 1) : url,
    };
    enum err err = hsm_open_token(s, HSM_CA, true, &m.ca);
    if (err == E_OK)
        err = hsm_open_token(s, HSM_STATUS, true, &m.status);
    if (err == E_OK)
        err = run(o, &m);
    hsm_close(m.status);
    hsm_close(m.ca);
    return err;
}

static enum err make_key_with(struct order *o, struct authority_ceremony_means *m)
{
    return authority_ceremony_make_key(m, o->name, pair(o));
}

static enum err make_key(struct order *o)
{
    return with_tokens(o, make_key_with);
}

static enum err request_with(struct order *o, struct authority_ceremony_means *m)
{
    struct bytes csr = BYTES_ABSENT;
    const char *path;

    TRY(ctl_required(o->c, "--out", &path));
    TRY(authority_ceremony_request(m, o->name, pair(o), &csr));
    return ctl_write(path, x509_pem(m->arena, "CERTIFICATE REQUEST", csr), 0644);
}

static enum err request(struct order *o)
{
    return with_tokens(o, request_with);
}

/* Certificates of a PEM file, in its order. */
static enum err read_chain(struct order *o, struct bytes *chain, size_t *n)
{
    static const char end[] = "-----END CERTIFICATE-----";
    const char *path;
    struct str text;

    TRY(ctl_required(o->c, "--cert", &path));
    TRY(ctl_read(o->c, path, &text));
    const char *at = text.p;
    for (const char *stop; (stop = strstr(at, end)) != NULL; at = stop + strlen(end)) {
        if (*n == CHAIN_MAX)
            return FAIL(E_INPUT, "install-chain", "more than %d certificates", CHAIN_MAX);
        struct str one = str_of(o->c->arena, at, (size_t)(stop - at) + strlen(end));
        TRY(x509_from_pem(o->c->arena, "CERTIFICATE", one, &chain[*n]));
        ++*n;
    }
    return E_OK;
}

static enum err install_with(struct order *o, struct authority_ceremony_means *m)
{
    struct bytes chain[CHAIN_MAX];
    size_t n = 0;

    TRY(read_chain(o, chain, &n));
    return authority_ceremony_install(m, o->name, pair(o), chain, n);
}

static enum err install(struct order *o)
{
    return with_tokens(o, install_with);
}

/* --- looking --- */

static enum err list_tx(struct tx *tx, void *arg)
{
    struct order *o = arg;
    struct authority_ceremony_row *rows;
    size_t n;

    TRY(authority_ceremony_list(tx, o->name, &rows, &n));
    for (size_t i = 0; i < n; i++)
        (void)printf("%s\n", rows[i].text.p);
    if (n == 0 && !str_empty(o->name))
        return FAIL(E_ABSENT, "", "nothing is known of %s", o->name.p);
    return E_OK;
}

static enum err list(struct order *o)
{
    return tx_run(o->db, o->c->arena, list_tx, o);
}

static const struct {
    const char *verb;
    bool named;
    enum err (*run)(struct order *o);
} verbs[] = {
    { "list", false, list },      { "show", true, list },       { "plan", true, plan },
    { "approve", true, approve }, { "cancel", true, cancel },   { "make-key", true, make_key },
    { "request", true, request }, { "install", true, install }, { "retire", true, retire },
    { "parts", true, parts },
};

static enum err open_all(struct order *o)
{
    const struct settings *s = o->c->settings;
    struct secret *master = NULL;

    TRY(settings_secret(s, "http.secret_file", &master));
    audit_init(master);
    accounts_init(
        &(struct accounts_config){ .master = master, .portal_url = settings_str(s, "url.portal") });
    secret_free(master);
    TRY(wake_open_all(settings_str(s, "run_dir").p));
    return db_open_settings(s, DB_CTL, &o->db);
}

enum err ctl_authority(struct ctl *c)
{
    struct order o = { .c = c, .name = STR("") };
    enum err (*run)(struct order *) = NULL;

    for (size_t i = 0; c->argc > 0 && i < sizeof verbs / sizeof *verbs; i++)
        if (strcmp(c->argv[0], verbs[i].verb) == 0 &&
            verbs[i].named == (c->argc > 1 && c->argv[1][0] != '-'))
            run = verbs[i].run;
    if (!run)
        return FAIL(E_INPUT, "",
                    "say list, or show, plan, approve, cancel, make-key, request, "
                    "install, retire or parts, and NAME");
    if (c->argc > 1)
        o.name = str_z(c->argv[1]);
    TRY(open_all(&o));
    enum err err = run(&o);
    db_close(o.db);
    return err;
}
