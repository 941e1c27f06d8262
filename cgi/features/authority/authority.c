/* authority.c - requesting and reading certificates; see authority.h */
#include "features/authority/authority_inside.h"

#include "base/crypto.h"
#include "base/encoding.h"
#include "base/json.h"
#include "features/profiles/profiles.h"
#include "pki/csr.h"
#include "pki/der.h"
#include "store/db.h"
#include "store/gen/authority.q.h"
#include "store/jobs.h"

#include <stdlib.h>

enum {
    CHAIN_MAX = 6,
    AUTHORITIES_MAX = 100,
    SUBJECT_TEXT_MAX = 1000,
    COMMON_NAME_MAX = 200,
    EMAIL_MAX = 254,
    HOOKS_MAX = 8
};

static const struct authority_hooks *hooks[HOOKS_MAX];
static size_t hooks_n;

void authority_work_hooks(const struct authority_hooks *h)
{
    if (!h)
        hooks_n = 0;
    for (size_t i = 0; i < hooks_n; i++)
        if (hooks[i] == h)
            return;
    if (hooks_n == HOOKS_MAX)
        abort();
    if (h)
        hooks[hooks_n++] = h;
}

enum err authority_tell_released(struct tx *tx, struct certificate_id id)
{
    for (size_t i = 0; i < hooks_n; i++)
        if (hooks[i]->released)
            TRY(hooks[i]->released(tx, id));
    return E_OK;
}

enum err authority_tell_refused(struct tx *tx, struct certificate_id id)
{
    for (size_t i = 0; i < hooks_n; i++)
        if (hooks[i]->refused)
            TRY(hooks[i]->refused(tx, id));
    return E_OK;
}

enum err authority_tell_changed(struct tx *tx, struct certificate_id id, enum authority_state state)
{
    for (size_t i = 0; i < hooks_n; i++)
        if (hooks[i]->changed)
            TRY(hooks[i]->changed(tx, id, state));
    return E_OK;
}

static const char *const state_names[] = {
    "requested", "signing", "issued", "refused", "suspended", "revoked",
};
_Static_assert(sizeof state_names / sizeof state_names[0] == AUTHORITY__STATES, "a name per state");

const char *authority_state_name(enum authority_state state)
{
    return state_names[state];
}

enum authority_state authority_state_from(struct str name)
{
    for (size_t i = 0; i < AUTHORITY__STATES; i++)
        if (str_eq_z(name, state_names[i]))
            return (enum authority_state)i;
    return AUTHORITY_REFUSED;
}

struct str authority_san_text(struct arena *a, const struct x509_san *san, size_t n)
{
    struct buf b = buf_init(8000);
    struct json *list = json_new_array();
    struct str text = STR_ABSENT;

    for (size_t i = 0; i < n; i++) {
        struct json *one = json_new_object();
        json_set_i64(one, "kind", san[i].kind);
        json_set_str(one, "value", san[i].value);
        json_append(list, one);
    }
    if (n > 0 && (json_write(list, false, &b) != E_OK || buf_to_str(&b, a, &text) != E_OK))
        text = STR_ABSENT;
    json_free(list);
    buf_free(&b);
    return text;
}

enum err authority_san_read(struct arena *a, struct str text, struct x509_san **san, size_t *n)
{
    struct json *list = NULL;
    int64_t kind;

    *n = 0;
    *san = NULL;
    if (str_absent(text))
        return E_OK;
    TRY(json_parse(bytes_of_str(text), &list));
    *san = ARENA_ARRAY(a, json_length(list) + 1, struct x509_san);
    for (size_t i = 0; i < json_length(list); i++) {
        const struct json *one = json_at(list, i);
        if (json_get_i64(one, "kind", &kind))
            (*san)[(*n)++] = (struct x509_san){ (enum x509_san_kind)kind,
                                                str_dup(a, json_get_str(one, "value")) };
    }
    json_free(list);
    return E_OK;
}

struct str authority_crl_url(struct arena *a, struct str repository, struct str name, uint32_t part)
{
    if (part == 0)
        return str_fmt(a, "%.*s/crl/%.*s.crl", STR_ARG(repository), STR_ARG(name));
    return str_fmt(a, "%.*s/crl/%.*s/%u.crl", STR_ARG(repository), STR_ARG(name), part);
}

enum err authority_job(struct tx *tx, const char *kind, struct certificate_id id)
{
    struct str payload = str_fmt(tx_arena(tx), "{\"certificate\":%llu}", (unsigned long long)id.v);

    return jobs_add(tx, kind, payload, TIMESTAMP_NONE, NULL);
}

/* At most that many bytes, cut between characters. */
static struct str cut(struct arena *a, struct str s, size_t max)
{
    size_t n = s.n;

    if (n <= max)
        return s;
    for (n = max; n > 0 && ((unsigned char)s.p[n] & 0xc0) == 0x80;)
        n--;
    return str_of(a, s.p, n);
}

/* What lists search for: the order's own, or what the names hold. */
static enum err search_names(struct arena *a, const struct authority_order *o,
                             struct str *common_name, struct str *email)
{
    struct name subject;

    *common_name = o->common_name;
    *email = o->email;
    if (str_empty(*common_name)) {
        TRY(name_parse(o->subject, a, &subject));
        *common_name = name_get(&subject, OID_CN);
    }
    for (size_t i = 0; str_empty(*email) && i < o->san_n; i++)
        if (o->san[i].kind == X509_SAN_EMAIL)
            *email = o->san[i].value;
    *common_name = str_empty(*common_name) ? STR("") : cut(a, *common_name, COMMON_NAME_MAX);
    *email = str_empty(*email) ? STR("") : cut(a, str_lower(a, *email), EMAIL_MAX);
    return E_OK;
}

enum err authority_order(struct tx *tx, const struct authority_order *o, struct certificate_id *id)
{
    struct arena *a = tx_arena(tx);
    struct str text = cut(a, name_text(a, o->subject), SUBJECT_TEXT_MAX);
    struct str san = authority_san_text(a, o->san, o->san_n), common_name, email;
    int64_t validity = o->validity_us > 0 ? o->validity_us : o->profile->validity_us;

    if (validity > o->profile->validity_us)
        return FAIL(E_INPUT, "validity-too-long", "longer than profile %s", o->profile->name);
    if (o->san_n > 0 && str_absent(san))
        return FAIL(E_INPUT, "san-too-many", "alternative names do not fit");
    TRY(search_names(a, o, &common_name, &email));
    TRY(q_certificate_add(tx, o->tenant, o->account, o->application, o->requested_by, o->authority,
                          str_z(o->profile->name), o->version, o->cps.p ? o->cps : STR(""),
                          o->subject, text, common_name, email, san, o->spki, sha256(o->spki),
                          validity, o->renews, clock_now(), id));
    return authority_job(tx, AUTHORITY_JOB_ISSUE, *id);
}

enum err authority_profile_of(struct tx *tx, struct str name, uint32_t version,
                              struct authority_profile_found *out)
{
    const struct profile *p;

    *out = (struct authority_profile_found){ .x509 = version == 0 ? authority_profile(name) : NULL,
                                             .cps = STR("") };
    if (out->x509)
        return E_OK;
    enum err err = profiles_get(tx, name, version, &p);
    if (err == E_ABSENT)
        return FAIL(E_INPUT, "profile-unknown", "profile %.*s version %u", STR_ARG(name), version);
    TRY(err);
    *out = (struct authority_profile_found){ &p->x509, p->version, p->cps, p };
    return E_OK;
}

/* The authority that the profile names, while it is active and outlives what it is asked for. */
static enum err active_issuer(struct tx *tx, const struct x509_profile *profile,
                              int64_t validity_us, struct authority_id *id)
{
    struct q_authority_by_name issuer;
    struct timestamp end =
        timestamp_add(clock_now(), validity_us > 0 ? validity_us : profile->validity_us);

    enum err err = q_authority_by_name(tx, str_z(profile->authority), &issuer);
    if (err == E_ABSENT || (err == E_OK && !str_eq_z(issuer.state, "active")))
        return FAIL(E_STATE, "authority-absent", "no active authority %s", profile->authority);
    TRY(err);
    if (timestamp_cmp(end, issuer.not_after) > 0)
        return FAIL(E_STATE, "authority-ends", "authority %s ends before", profile->authority);
    *id = issuer.id;
    return E_OK;
}

/* Strong, of a kind that the profile takes, not reported compromised, in nobody else's certificate:
 * also when it was all that at the time of the application. */
static enum err key_taken(struct tx *tx, const struct authority_application *app,
                          const struct profile *profile, struct bytes spki)
{
    struct q_certificate_key_elsewhere elsewhere;
    struct profiles_finding *found = NULL;
    size_t n = 0;

    TRY(x509_key_check(spki));
    TRY(q_certificate_key_elsewhere(tx, sha256(spki), app->tenant, app->account, &elsewhere));
    if (elsewhere.found)
        return FAIL(E_INPUT, "key-used", "this key is in somebody else's certificate");
    if (profile)
        TRY(profiles_key(tx, profile, spki, app->tenant, app->account, &found, &n));
    for (size_t i = 0; i < n; i++)
        if (found[i].refuses)
            return FAIL(E_INPUT, found[i].code.p, "the key, under profile %s", app->profile);
    return E_OK;
}

/* What is to be renewed is the same customer's. */
static enum err renewable(struct tx *tx, const struct authority_application *app)
{
    struct q_certificate_renewable old;

    if (app->renews.v == 0)
        return E_OK;
    enum err err = q_certificate_renewable(tx, app->renews, app->tenant, &old);
    if (err == E_ABSENT)
        return FAIL(E_INPUT, "renews-unknown", "no certificate %llu of the tenant",
                    (unsigned long long)app->renews.v);
    return err;
}

enum err authority_request(struct tx *tx, const struct authority_application *app,
                           struct certificate_id *id)
{
    struct authority_order order = { .tenant = app->tenant,
                                     .account = app->account,
                                     .san = app->san,
                                     .san_n = app->san_n,
                                     .validity_us = app->validity_us,
                                     .application = app->application,
                                     .requested_by = app->requested_by,
                                     .renews = app->renews,
                                     .common_name = app->common_name,
                                     .email = app->email };
    struct authority_profile_found profile;
    struct csr csr;

    TRY(authority_profile_of(tx, str_z(app->profile), app->profile_version, &profile));
    order.profile = profile.x509;
    order.version = profile.version;
    order.cps = profile.cps;
    if (!order.profile || order.profile->ca)
        return FAIL(E_INPUT, "profile-unknown", "profile %s", app->profile);
    TRY(csr_parse(app->csr, tx_arena(tx), &csr));
    TRY(csr_verify(&csr));
    TRY(key_taken(tx, app, profile.data, csr.spki));
    TRY(renewable(tx, app));
    TRY(name_build(app->subject, tx_arena(tx), &order.subject));
    order.spki = csr.spki;
    TRY(active_issuer(tx, order.profile, app->validity_us, &order.authority));
    return authority_order(tx, &order, id);
}

struct str authority_hex(struct arena *a, struct bytes serial)
{
    return serial.p ? hex_encode(a, serial) : STR("");
}

enum err authority_certificate(struct tx *tx, struct tenant_id tenant, struct certificate_id id,
                               struct authority_certificate *out)
{
    struct q_certificate_get r;

    TRY(q_certificate_get(tx, id, tenant, &r));
    *out = AUTHORITY_ROW(tx_arena(tx), &r, id, tenant);
    return E_OK;
}

enum err authority_certificates(struct tx *tx, struct tenant_id tenant, uint32_t limit,
                                struct authority_certificate **out, size_t *n)
{
    struct q_certificate_list *r;

    TRY(q_certificate_list(tx, tenant, limit, &r, n));
    *out = ARENA_ARRAY(tx_arena(tx), *n, struct authority_certificate);
    for (size_t i = 0; i < *n; i++)
        (*out)[i] = AUTHORITY_ROW(tx_arena(tx), &r[i], r[i].id, tenant);
    return E_OK;
}

/* DER certificates one behind the other. */
static enum err add_above(struct tx *tx, struct bytes above, struct bytes **chain, size_t *n)
{
    struct der d = der_reader(above);
    struct der_item one;

    while (above.p && !der_at_end(&d) && *n < CHAIN_MAX) {
        if (!der_take(&d, DER_SEQUENCE, &one))
            return FAIL(E_INTERNAL, "", "certificates above an authority cannot be read");
        (*chain)[(*n)++] = bytes_dup(tx_arena(tx), one.whole);
    }
    return E_OK;
}

enum err authority_chain(struct tx *tx, struct certificate_id id, struct bytes **chain, size_t *n)
{
    struct q_certificate_issuer issuer;
    struct q_authority_get authority;

    *n = 0;
    *chain = ARENA_ARRAY(tx_arena(tx), CHAIN_MAX, struct bytes);
    TRY(q_certificate_issuer(tx, id, &issuer));
    for (struct authority_id at = issuer.authority; at.v != 0 && *n < CHAIN_MAX;) {
        TRY(q_authority_get(tx, at, &authority));
        if (!authority.certificate.p)
            return FAIL(E_STATE, "authority-absent", "an authority without certificate");
        (*chain)[(*n)++] = authority.certificate;
        TRY(add_above(tx, authority.above, chain, n));
        at = authority.parent;
    }
    return E_OK;
}

enum err authority_cas(struct tx *tx, struct bytes **cas, size_t *n)
{
    struct q_authority_all *all;
    size_t count;

    *n = 0;
    TRY(q_authority_all(tx, AUTHORITIES_MAX, &all, &count));
    *cas = ARENA_ARRAY(tx_arena(tx), count * CHAIN_MAX, struct bytes);
    for (size_t i = 0; i < count; i++) {
        struct bytes *at = *cas + *n;
        size_t here = 0;
        if (all[i].certificate.p)
            at[here++] = all[i].certificate;
        TRY(add_above(tx, all[i].above, &at, &here));
        *n += here;
    }
    return E_OK;
}

/* The last certificate above it, or its own when that is self-signed. */
static enum err anchor_of(struct tx *tx, const struct q_authority_all *row, struct bytes *anchor)
{
    struct bytes *above = ARENA_ARRAY(tx_arena(tx), CHAIN_MAX, struct bytes);
    size_t n = 0;

    TRY(add_above(tx, row->above, &above, &n));
    *anchor = n > 0 ? above[n - 1] : row->certificate;
    return E_OK;
}

enum err authority_anchors(struct tx *tx, struct bytes **anchors, size_t *n)
{
    struct q_authority_all *all;
    struct bytes anchor;
    size_t count;

    *n = 0;
    TRY(q_authority_all(tx, AUTHORITIES_MAX, &all, &count));
    *anchors = ARENA_ARRAY(tx_arena(tx), count, struct bytes);
    for (size_t i = 0; i < count; i++) {
        if (all[i].parent.v != 0)
            continue;
        TRY(anchor_of(tx, &all[i], &anchor));
        bool known = false;
        for (size_t k = 0; k < *n; k++)
            known = known || bytes_eq((*anchors)[k], anchor);
        if (!known)
            (*anchors)[(*n)++] = anchor;
    }
    return E_OK;
}
