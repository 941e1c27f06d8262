/* profiles.c - profiles in the database, and those that this process has read; see profiles.h */
#include "features/profiles/profiles_inside.h"

#include "base/crypto.h"
#include "features/audit/audit.h"
#include "store/db.h"
#include "store/gen/profiles.q.h"

#include <stdlib.h>

enum { LIST_MAX = 500, VERSIONS_MAX = 100, KEPT_MAX = 512, KEPT_BYTES = 32 << 20 };

/* Versions never change, so what was read once stays. `digest` guards against another database. */
static struct {
    struct arena *arena;
    struct {
        struct bytes32 digest;
        struct profile *profile;
    } entry[KEPT_MAX];
    size_t n;
} kept;

static struct profile *find_kept(struct str name, uint32_t version, const struct bytes32 *digest)
{
    for (size_t i = 0; i < kept.n; i++) {
        struct profile *p = kept.entry[i].profile;
        if (p->version == version && str_eq(p->name, name) &&
            bytes32_eq(&kept.entry[i].digest, digest))
            return p;
    }
    return NULL;
}

static enum err read_body(struct arena *a, struct bytes body, struct profile *out)
{
    struct json *doc = NULL;

    if (body.n > PROFILES_BODY_MAX)
        return FAIL(E_INPUT, "profile-malformed", "more than %d bytes", PROFILES_BODY_MAX);
    TRY(json_parse(body, &doc));
    enum err err = profiles_read(a, doc, out);
    json_free(doc);
    if (err == E_OK)
        out->body = str_of(a, (const char *)body.p, body.n);
    return err;
}

enum err profiles_check(struct arena *a, struct bytes json, struct timestamp now,
                        struct profile *out)
{
    TRY(read_body(a, json, out));
    return profiles_rules(out, now);
}

/* Read a stored version. When there is no room left to keep it, it lives in tx's arena. */
static enum err read_stored(struct tx *tx, struct str name, uint32_t version,
                            const struct bytes32 *digest, struct profile **out)
{
    struct q_profile_body row;
    bool room = kept.n < KEPT_MAX;

    if (!kept.arena)
        kept.arena = arena_new(KEPT_BYTES);
    room = room && arena_used(kept.arena) < KEPT_BYTES - 16 * PROFILES_BODY_MAX;
    struct arena *a = room ? kept.arena : tx_arena(tx);
    TRY(q_profile_body(tx, name, version, &row));
    *out = ARENA_NEW(a, struct profile);
    if (read_body(a, bytes_of_str(row.body), *out) != E_OK)
        return FAIL(E_INTERNAL, "", "profile %s version %u cannot be read", name.p, version);
    (*out)->version = version;
    if (room) {
        kept.entry[kept.n].digest = *digest;
        kept.entry[kept.n++].profile = *out;
    }
    return E_OK;
}

/* `current`: only the current version takes applications, while its class still allows it. */
static enum err fetch(struct tx *tx, struct str name, uint32_t version, bool current,
                      struct str state, const struct bytes32 *digest, const struct profile **out)
{
    struct profile *p = find_kept(name, version, digest);

    if (!p)
        TRY(read_stored(tx, name, version, digest, &p));
    p->active = current && str_eq_z(state, "active");
    if (p->active && profiles_rules(p, clock_now()) != E_OK) {
        p->active = false;
        fault_clear();
    }
    *out = p;
    return E_OK;
}

enum err profiles_get(struct tx *tx, struct str name, uint32_t version, const struct profile **out)
{
    struct q_profile_find row;
    enum err err = q_profile_find(tx, name, version, &row);

    if (err == E_ABSENT)
        return FAIL(E_ABSENT, "profile-unknown", "profile %.*s version %u", STR_ARG(name), version);
    TRY(err);
    return fetch(tx, name, row.version, row.newest, row.state, &row.digest, out);
}

enum err profiles_for(struct tx *tx, struct tenant_id tenant, uint32_t roles,
                      const struct profile ***out, size_t *n)
{
    struct q_profile_for_tenant *rows;
    size_t count;

    *n = 0;
    TRY(q_profile_for_tenant(tx, tenant, LIST_MAX, &rows, &count));
    *out = ARENA_ARRAY(tx_arena(tx), count, const struct profile *);
    for (size_t i = 0; i < count; i++) {
        const struct profile *p;
        TRY(fetch(tx, rows[i].name, rows[i].version, true, rows[i].state, &rows[i].digest, &p));
        if (p->active && (p->appliers & roles))
            (*out)[(*n)++] = p;
    }
    return E_OK;
}

enum err profiles_all(struct tx *tx, const struct profile ***out, size_t *n)
{
    struct q_profile_all *rows;

    TRY(q_profile_all(tx, LIST_MAX, &rows, n));
    *out = ARENA_ARRAY(tx_arena(tx), *n, const struct profile *);
    for (size_t i = 0; i < *n; i++)
        TRY(fetch(tx, rows[i].name, rows[i].version, true, rows[i].state, &rows[i].digest,
                  &(*out)[i]));
    return E_OK;
}

enum err profiles_contract(struct tx *tx, struct tenant_id tenant, const struct profile *p,
                           bool *yes)
{
    struct q_profile_contract row;

    TRY(q_profile_contract(tx, tenant, p->service, &row));
    *yes = row.found;
    return E_OK;
}

enum err profiles_versions(struct tx *tx, struct str name, struct profiles_version **out, size_t *n)
{
    struct q_profile_versions *rows;

    TRY(q_profile_versions(tx, name, VERSIONS_MAX, &rows, n));
    *out = ARENA_ARRAY(tx_arena(tx), *n, struct profiles_version);
    for (size_t i = 0; i < *n; i++)
        (*out)[i] =
            (struct profiles_version){ rows[i].version, rows[i].loaded_at, rows[i].loaded_by };
    return E_OK;
}

static enum err note(struct tx *tx, const struct audit_by *by, const char *action, struct str name,
                     uint32_t version)
{
    struct audit_entry e = { .by = *by,
                             .action = action,
                             .object_kind = "profile",
                             .object = name,
                             .detail = str_fmt(tx_arena(tx), "{\"version\":%u}", version) };

    return audit_write(tx, &e);
}

/* The current version holds this document: nothing to do, but to take a retired one back. */
static enum err same_again(struct tx *tx, const struct audit_by *by, struct str name,
                           const struct q_profile_find *row)
{
    uint64_t changed;

    if (str_eq_z(row->state, "active"))
        return E_OK;
    TRY(q_profile_set_state(tx, name, row->version, STR("active"), &changed));
    return note(tx, by, "profiles.profile.activate", name, row->version);
}

enum err profiles_load(struct tx *tx, const struct audit_by *by, struct bytes json,
                       uint32_t *version)
{
    struct bytes32 digest = sha256(json);
    struct timestamp now = clock_now();
    struct q_profile_find row = { .version = 0 };
    struct profile p = { .version = 0 };

    TRY(profiles_check(tx_arena(tx), json, now, &p));
    enum err err = q_profile_find(tx, p.name, 0, &row);
    if (err == E_OK && bytes32_eq(&row.digest, &digest)) {
        *version = row.version;
        return same_again(tx, by, p.name, &row);
    }
    if (err != E_OK && err != E_ABSENT)
        return err;
    fault_clear();
    *version = (err == E_OK ? row.version : 0) + 1;
    TRY(q_profile_add(tx, p.name, *version, str_z(profiles_class_name(p.class)), p.service, p.cps,
                      p.body, digest, now, by->name));
    return note(tx, by, "profiles.profile.load", p.name, *version);
}

enum err profiles_retire(struct tx *tx, const struct audit_by *by, struct str name)
{
    struct q_profile_find row;
    uint64_t changed;
    enum err err = q_profile_find(tx, name, 0, &row);

    if (err == E_ABSENT)
        return FAIL(E_ABSENT, "profile-unknown", "profile %.*s", STR_ARG(name));
    TRY(err);
    if (!str_eq_z(row.state, "active"))
        return FAIL(E_STATE, "profile-retired", "profile %s", name.p);
    TRY(q_profile_set_state(tx, name, row.version, STR("retired"), &changed));
    return note(tx, by, "profiles.profile.retire", name, row.version);
}
