/* profiles_key.c - is this key good enough, and nobody else's? See profiles.h */
#include "features/profiles/profiles_inside.h"

#include "base/crypto.h"
#include "base/encoding.h"
#include "store/db.h"
#include "store/gen/profiles.q.h"

enum { FINDINGS = 4 };

/* Strength and kind. */
static enum err quality(struct tx *tx, const struct profile *p, struct bytes spki,
                        struct profiles_finding *list, size_t *n)
{
    enum signer_alg alg;
    enum err err = x509_key_check(spki);

    if (err == E_OK)
        err = signer_alg_of_spki(spki, &alg);
    if (err == E_INPUT || err == E_UNSUPPORTED) {
        struct str code = str_dup(tx_arena(tx), str_z(fault_current()->reason));
        struct str why = str_dup(tx_arena(tx), str_z(fault_current()->detail));
        profiles_add(list, n, FINDINGS, code.p, STR(""), why, true);
        fault_clear();
        return E_OK;
    }
    if (err == E_OK && !(p->x509.algs & 1u << alg))
        profiles_add(list, n, FINDINGS, "key-unsupported", STR(""), STR(""), true);
    return err;
}

/* On a list: reported, or known to everybody. */
static enum err listed(struct tx *tx, struct bytes spki, const struct bytes32 *digest,
                       struct profiles_finding *list, size_t *n)
{
    struct q_profile_key_blocked blocked;
    struct q_profile_key_weak weak;
    uint8_t print[10];
    enum err err = q_profile_key_blocked(tx, *digest, &blocked);

    if (err != E_OK && err != E_ABSENT)
        return err;
    if (err == E_OK) {
        bool known = str_eq_z(blocked.reason, "weak");
        profiles_add(list, n, FINDINGS, known ? "key-known-weak" : "key-compromised", STR(""),
                     STR(""), true);
        return E_OK;
    }
    fault_clear();
    if (!x509_key_modulus_print(spki, print))
        return E_OK;
    TRY(q_profile_key_weak(tx, (struct bytes){ print, sizeof print }, &weak));
    if (weak.found)
        profiles_add(list, n, FINDINGS, "key-known-weak", STR(""), STR(""), true);
    return E_OK;
}

enum err profiles_key(struct tx *tx, const struct profile *p, struct bytes spki,
                      struct tenant_id tenant, struct account_id account,
                      struct profiles_finding **out, size_t *found)
{
    struct bytes32 digest = sha256(spki);
    struct q_profile_key_uses use;

    *found = 0;
    *out = ARENA_ARRAY(tx_arena(tx), FINDINGS, struct profiles_finding);
    TRY(quality(tx, p, spki, *out, found));
    TRY(listed(tx, spki, &digest, *out, found));
    TRY(q_profile_key_uses(tx, digest, tenant, account, &use));
    if (use.elsewhere)
        profiles_add(*out, found, FINDINGS, "key-used", STR(""), STR(""), true);
    else if (use.here)
        profiles_add(*out, found, FINDINGS, "key-used-before", STR(""), STR(""),
                     !p->renew_same_key);
    return E_OK;
}

enum err profiles_block_key(struct tx *tx, struct bytes spki, const char *reason)
{
    return q_profile_key_block(tx, sha256(spki), str_z(reason), clock_now());
}

enum err profiles_block_line(struct tx *tx, struct str line, const char *reason, bool *taken)
{
    struct timestamp now = clock_now();
    struct bytes print;
    struct bytes32 digest;
    struct str hex = str_lower(tx_arena(tx), str_trim(tx_arena(tx), line));

    *taken = false;
    if (hex.n == 0 || hex.p[0] == '#')
        return E_OK;
    if ((hex.n != 20 && hex.n != 64) || hex_decode(tx_arena(tx), hex, &print) != E_OK)
        return FAIL(E_INPUT, "key-list", "neither 20 nor 64 hexadecimal digits: %.80s", hex.p);
    *taken = true;
    if (hex.n == 20)
        return q_profile_key_weak_add(tx, print, now);
    memcpy(digest.b, print.p, sizeof digest.b);
    return q_profile_key_block(tx, digest, str_z(reason), now);
}
