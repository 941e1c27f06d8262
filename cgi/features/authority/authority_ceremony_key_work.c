/*
 * authority_ceremony_key_work.c - the steps of a ceremony that use keys: making one, asking
 * somebody else to certify it, installing what came back; see authority_ceremony_work.h
 */
#include "features/authority/authority_ceremony_inside_work.h"

#include "base/crypto.h"
#include "pki/csr.h"
#include "store/gen/authority.q.h"

enum { CHAIN_MAX = 6 };

/* One step on its way. */
struct step {
    const struct authority_ceremony_means *m;
    struct str name;
    struct authority_ceremony_seats seats;
    const char *action;
    bool waits; /* for the certificate of an external authority */
    struct q_ceremony_newest row;
    struct authority_ceremony_order order;
    struct q_authority_details *authority; /* NULL before the key is made */
    struct q_authority_get key;            /* with it */
    const struct x509 *certificate;        /* to install */
    struct bytes above;
};

static enum err find(struct tx *tx, struct step *s)
{
    struct q_authority_details *rows;
    size_t n;

    TRY(q_authority_details(tx, s->name, 1, &rows, &n));
    s->authority = n == 1 ? &rows[0] : NULL;
    return s->authority ? q_authority_get(tx, s->authority->id, &s->key) : E_OK;
}

/* An external authority that waits for its certificate. */
static enum err waiting(const struct step *s)
{
    if (!s->authority || !str_eq_z(s->authority->state, "making") ||
        !str_eq_z(s->order.parent, AUTHORITY_EXTERNAL))
        return FAIL(E_STATE, "ceremony-state", "%s waits for no certificate", s->name.p);
    return E_OK;
}

/* One whose key is to be made, or was made by a run that broke. */
static enum err unmade(const struct step *s)
{
    if (s->authority && !str_eq_z(s->authority->state, "making"))
        return FAIL(E_STATE, "ceremony-state", "%s is made", s->name.p);
    return E_OK;
}

static enum err sit_down(struct tx *tx, void *arg)
{
    struct step *s = arg;

    TRY(authority_ceremony_seat(tx, s->m->by, s->action, "create", s->name, s->seats, &s->row));
    TRY(authority_ceremony_read(tx_arena(tx), s->name, s->row.plan, &s->order));
    TRY(find(tx, s));
    return s->waits ? waiting(s) : unmade(s);
}

static enum err remember(struct tx *tx, void *arg)
{
    struct step *s = arg;
    uint64_t changed;

    TRY(find(tx, s));
    if (!s->authority)
        return FAIL(E_INTERNAL, "", "authority %s was not made", s->name.p);
    TRY(q_ceremony_made(tx, s->row.id, s->authority->id, &changed));
    return authority_ceremony_note(tx, s->m->by, "authority.key.make", s->name, STR_ABSENT);
}

static struct authority_maker maker(const struct authority_ceremony_means *m)
{
    return (struct authority_maker){ m->db, m->ca, m->status, m->arena, m->plan, *m->by };
}

/* Responder and first lists of an authority that is active now. */
static enum err complete(const struct authority_ceremony_means *m,
                         const struct authority_ceremony_order *o)
{
    struct authority_maker in = maker(m);

    if (!str_empty(o->parent)) /* a root answers by its list alone */
        TRY(authority_make_service(
            &in,
            (struct authority_making){ .parent = o->name.p,
                                       .label = str_fmt(m->arena, "ocsp-%s", o->name.p).p,
                                       .cn = str_fmt(m->arena, "OCSP responder (%s)", o->name.p).p,
                                       .profile = "ocsp",
                                       .kind = KEY_P256 }));
    return authority_work_crls(m->db, m->ca);
}

enum err authority_ceremony_make_key(const struct authority_ceremony_means *m, struct str name,
                                     struct authority_ceremony_seats seats)
{
    struct step s = {
        .m = m, .name = name, .seats = seats, .action = "authority.ceremony.perform"
    };
    struct authority_maker in = maker(m);

    TRY(tx_run(m->db, m->arena, sit_down, &s));
    const struct authority_ceremony_order *o = &s.order;
    bool external = str_eq_z(o->parent, AUTHORITY_EXTERNAL), root = str_empty(o->parent);
    TRY(authority_make(&in,
                       (struct authority_making){ .name = name.p,
                                                  .parent = external || root ? NULL : o->parent.p,
                                                  .label = str_fmt(m->arena, "ca-%s", name.p).p,
                                                  .cn = o->common_name.p,
                                                  .profile = root ? "root" : "issuing",
                                                  .kind = o->key,
                                                  .crl_days = o->crl_days,
                                                  .crl_parts = o->crl_parts,
                                                  .external = external }));
    TRY(tx_run(m->db, m->arena, remember, &s));
    return external ? E_OK : complete(m, o);
}

enum err authority_ceremony_request(const struct authority_ceremony_means *m, struct str name,
                                    struct authority_ceremony_seats seats, struct bytes *csr)
{
    struct step s = {
        .m = m, .name = name, .seats = seats, .action = "authority.ceremony.request", .waits = true
    };
    struct signer signer;

    TRY(tx_run(m->db, m->arena, sit_down, &s));
    TRY(authority_keys_signer(m->ca, s.key.key_label, &signer));
    enum err err = csr_build(&signer, s.key.spki, s.key.subject, m->arena, csr);
    authority_keys_forget();
    return err;
}

enum err authority_ceremony_chain(struct arena *a, const struct bytes *chain, size_t n,
                                  struct timestamp now)
{
    struct x509 c, issuer;

    if (n < 2 || n > CHAIN_MAX)
        return FAIL(E_INPUT, "install-chain", "its own certificate up to the self-signed one");
    for (size_t i = 0; i < n; i++) {
        TRY(x509_parse(chain[i], a, &c));
        TRY(x509_parse(chain[i + 1 < n ? i + 1 : i], a, &issuer));
        if (!c.ca || !c.has_basic_constraints || !(c.key_usage & X509_KEY_CERT_SIGN) ||
            !(c.key_usage & X509_CRL_SIGN) || c.unknown_critical || !x509_valid_at(&c, now))
            return FAIL(E_INPUT, "install-not-authority",
                        "RFC 5280 4.2.1.9: certificate %zu is not of a valid authority", i + 1);
        if (!bytes_eq(c.issuer, issuer.subject) ||
            signer_verify_wrapped(issuer.spki, c.der) != E_OK)
            return FAIL(E_INPUT, "install-chain", "certificate %zu is not issued by the next",
                        i + 1);
        if (i + 1 < n && issuer.path_length >= 0 && (size_t)issuer.path_length < i)
            return FAIL(E_INPUT, "install-chain", "path length of certificate %zu", i + 2);
    }
    return E_OK;
}

static enum err install(struct tx *tx, void *arg)
{
    struct step *s = arg;
    const struct x509 *c = s->certificate;
    uint64_t changed;

    TRY(q_authority_install(tx, s->authority->id, c->der, s->above, c->not_before, c->not_after,
                            &changed));
    if (changed != 1)
        return FAIL(E_STATE, "ceremony-state", "%s waits for no certificate", s->name.p);
    return authority_ceremony_note(tx, s->m->by, "authority.certificate.install", s->name,
                                   str_fmt(tx_arena(tx), "{\"serial\":\"%s\"}",
                                           authority_hex(tx_arena(tx), x509_serial(c)).p));
}

static struct bytes joined(struct arena *a, const struct bytes *list, size_t n)
{
    size_t all = 0, at = 0;

    for (size_t i = 0; i < n; i++)
        all += list[i].n;
    uint8_t *p = arena_alloc(a, all + 1);
    for (size_t i = 0; i < n; at += list[i].n, i++)
        memcpy(p + at, list[i].p, list[i].n);
    return (struct bytes){ p, all };
}

enum err authority_ceremony_install(const struct authority_ceremony_means *m, struct str name,
                                    struct authority_ceremony_seats seats,
                                    const struct bytes *chain, size_t n)
{
    struct step s = {
        .m = m, .name = name, .seats = seats, .action = "authority.ceremony.install", .waits = true
    };
    struct x509 c;

    TRY(authority_ceremony_chain(m->arena, chain, n, clock_now()));
    TRY(x509_parse(chain[0], m->arena, &c));
    TRY(tx_run(m->db, m->arena, sit_down, &s));
    if (!bytes_eq(c.spki, s.key.spki))
        return FAIL(E_INPUT, "install-key", "the certificate is of another key");
    if (!bytes_eq(c.subject, s.key.subject))
        return FAIL(E_INPUT, "install-name", "the certificate is of another name");
    s.certificate = &c;
    s.above = joined(m->arena, chain + 1, n - 1);
    TRY(tx_run(m->db, m->arena, install, &s));
    return complete(m, &s.order);
}
