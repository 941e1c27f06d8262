/*
 * authority_init_work.c - making the authorities and their services; see authority.h. Each step
 * looks at what is there, so that a broken run is continued by the next.
 */
#include "features/authority/authority_make_work.h"

#include "base/crypto.h"
#include "sign/hsm_admin.h"
#include "store/db.h"
#include "store/gen/authority.q.h"

enum { ARENA_MAX = 256 << 20 };

/* Make the key, or find the one that an earlier run has made. */
static enum err make_key(struct hsm *h, struct authority_making *m)
{
    struct arena *a = m->maker->arena;
    struct signing_key *key = NULL;
    enum err err = hsm_admin_create_key(h, a, str_z(m->label), m->kind, &m->spki);

    if (err != E_CONFLICT)
        return err;
    TRY(keys_find(h, str_z(m->label), &key));
    m->spki = bytes_dup(a, keys_spki(key));
    keys_destroy(key);
    return E_OK;
}

static enum err make_subject(struct authority_making *m)
{
    const struct authority_plan *plan = &m->maker->plan;
    struct name n = { .n = 0 };

    name_add(&n, OID_C, plan->country);
    name_add(&n, OID_O, plan->organisation);
    name_add(&n, OID_CN, str_z(m->cn));
    return name_build(&n, m->maker->arena, &m->subject);
}

/* Row of the authority and the request for its certificate, together. */
static enum err enter_authority(struct tx *tx, void *arg)
{
    struct authority_making *m = arg;
    struct q_authority_by_name parent = { .id = { 0 } };
    struct q_certificate_by_key request;
    struct authority_order order = { .profile = authority_profile(str_z(m->profile)),
                                     .subject = m->subject,
                                     .spki = m->spki };
    struct authority_id id;
    uint8_t ski[20];

    enum err err = m->external ? q_authority_by_name(tx, str_z(m->name), &parent)
                               : q_certificate_by_key(tx, sha256(m->spki), &request);
    if (err == E_OK && !m->external)
        m->certificate = request.id;
    if (err != E_ABSENT)
        return err;
    parent.id = (struct authority_id){ 0 };
    if (m->parent)
        TRY(q_authority_by_name(tx, str_z(m->parent), &parent));
    TRY(x509_key_id(m->spki, ski));
    TRY(q_authority_add(tx, str_z(m->name), parent.id, str_z(m->label), m->subject, m->spki,
                        sha256(m->spki), (struct bytes){ ski, sizeof ski },
                        m->maker->plan.repository_url, m->crl_days, m->crl_parts, clock_now(),
                        &id));
    order.authority = m->parent ? parent.id : id;
    if (!m->external)
        TRY(authority_order(tx, &order, &m->certificate));
    return audit_note(tx, &m->maker->by, "authority.create", "authority", id.v, NULL);
}

enum err authority_make(const struct authority_maker *in, struct authority_making m)
{
    m.maker = in;
    TRY(make_key(in->ca, &m));
    TRY(make_subject(&m));
    TRY(tx_run(in->db, in->arena, enter_authority, &m));
    return m.external ? E_OK : authority_work_issue(in->db, in->ca, m.certificate);
}

static enum err enter_service(struct tx *tx, void *arg)
{
    struct authority_making *m = arg;
    struct q_service_key_by_label known;
    struct q_certificate_by_key request;
    struct q_authority_by_name issuer;
    struct authority_order order = { .profile = authority_profile(str_z(m->profile)),
                                     .subject = m->subject,
                                     .spki = m->spki };

    enum err err = q_service_key_by_label(tx, str_z(m->label), &known);
    if (err == E_OK) {
        TRY(q_certificate_by_key(tx, sha256(m->spki), &request));
        m->certificate = request.id;
    }
    if (err != E_ABSENT)
        return err;
    TRY(q_authority_by_name(tx, str_z(m->parent), &issuer));
    TRY(q_service_key_add(tx, str_z(m->profile), issuer.id, str_z(m->label), m->subject, m->spki,
                          sha256(m->spki), clock_now()));
    order.authority = issuer.id;
    TRY(authority_order(tx, &order, &m->certificate));
    return audit_note(tx, &m->maker->by, "authority.service.create", "certificate",
                      m->certificate.v, NULL);
}

enum err authority_make_service(const struct authority_maker *in, struct authority_making m)
{
    m.maker = in;
    TRY(make_key(in->status, &m));
    TRY(make_subject(&m));
    TRY(tx_run(in->db, in->arena, enter_service, &m));
    return authority_work_issue(in->db, in->ca, m.certificate);
}

static const char *cn(const struct authority_maker *in, const char *what)
{
    return str_fmt(in->arena, "%.*s %s", STR_ARG(in->plan.organisation), what).p;
}

static enum err make_all(const struct authority_maker *in)
{
    TRY(authority_make(in, (struct authority_making){ .name = "root",
                                                      .label = "ca-root",
                                                      .cn = cn(in, "Root CA"),
                                                      .profile = "root",
                                                      .kind = KEY_P384,
                                                      .crl_days = 30 }));
    TRY(authority_make(in, (struct authority_making){ .name = "signing",
                                                      .parent = "root",
                                                      .label = "ca-signing",
                                                      .cn = cn(in, "Signing CA"),
                                                      .profile = "issuing",
                                                      .kind = KEY_P256,
                                                      .crl_days = 7 }));
    TRY(authority_make(in, (struct authority_making){ .name = "access",
                                                      .parent = "root",
                                                      .label = "ca-access",
                                                      .cn = cn(in, "Access CA"),
                                                      .profile = "issuing",
                                                      .kind = KEY_P256,
                                                      .crl_days = 7 }));
    TRY(authority_make_service(
        in, (struct authority_making){ .parent = "signing",
                                       .label = "ocsp-signing",
                                       .cn = cn(in, "OCSP responder (Signing CA)"),
                                       .profile = "ocsp",
                                       .kind = KEY_P256 }));
    TRY(authority_make_service(
        in, (struct authority_making){ .parent = "access",
                                       .label = "ocsp-access",
                                       .cn = cn(in, "OCSP responder (Access CA)"),
                                       .profile = "ocsp",
                                       .kind = KEY_P256 }));
    TRY(authority_make_service(in,
                               (struct authority_making){ .parent = "signing",
                                                          .label = "tsa-1",
                                                          .cn = cn(in, "Time-stamping authority"),
                                                          .profile = "tsa",
                                                          .kind = KEY_P256 }));
    return authority_work_crls(in->db, in->ca);
}

enum err authority_work_init(struct db *db, struct hsm *ca, struct hsm *status,
                             const struct authority_plan *plan)
{
    struct authority_maker in = { db,     ca,
                                  status, arena_new(ARENA_MAX),
                                  *plan,  { .name = STR("shomeictl init") } };
    enum err err = make_all(&in);

    arena_free(in.arena);
    return err;
}

/* ---- the worker's steps in transactions of their own, for programs without a job queue ---- */

struct step {
    struct hsm *ca;
    struct certificate_id id;
};

static enum err prepare(struct tx *tx, void *arg)
{
    const struct step *s = arg;

    return authority_prepare(tx, s->id);
}

static enum err sign(struct tx *tx, void *arg)
{
    const struct step *s = arg;

    return authority_sign(tx, s->ca, s->id);
}

static enum err crls(struct tx *tx, void *arg)
{
    const struct step *s = arg;

    return authority_make_crls(tx, s->ca);
}

static enum err run(struct db *db, enum err (*first)(struct tx *, void *),
                    enum err (*second)(struct tx *, void *), struct step *s)
{
    struct arena *a = arena_new(ARENA_MAX);
    enum err err = tx_run(db, a, first, s);

    if (err == E_OK && second)
        err = tx_run(db, a, second, s);
    authority_keys_forget(); /* the caller may close the token */
    arena_free(a);
    return err;
}

enum err authority_work_issue(struct db *db, struct hsm *ca, struct certificate_id id)
{
    struct step s = { ca, id };

    return run(db, prepare, sign, &s);
}

enum err authority_work_crls(struct db *db, struct hsm *ca)
{
    struct step s = { ca, { 0 } };

    return run(db, crls, NULL, &s);
}
