/*
 * bench_sign.c - signatures per second of one process: raw C_Sign of the token, keys_sign_digest
 * with the key held, keys_sign_digest with an unwrap each, and raw C_UnwrapKey + C_Sign for
 * comparison.
 *
 *   bench_sign [--json] [seconds per row]
 */
#include "base/clock.h"
#include "sign/keys_internal.h"
#include "token.h"

#include <stdlib.h>

static struct arena *a;

struct run {
    struct hsm *h;
    struct signing_key *k;
    struct bytes wrapped, spki;
    enum key_kind kind;
    struct keys_wrap_parts parts;
    CK_OBJECT_HANDLE kek;
};

static const uint8_t digest[32] = { 0x5a };

static void need(bool good, const char *what)
{
    if (good)
        return;
    (void)fprintf(stderr, "bench_sign: %s: %s\n", what, fault_current()->detail);
    exit(1);
}

static bool raw_sign(struct run *r, CK_OBJECT_HANDLE key)
{
    CK_FUNCTION_LIST *f = r->h->module->f;
    CK_MECHANISM m = { r->kind < KEY_P256 ? CKM_RSA_PKCS : CKM_ECDSA, NULL, 0 };
    uint8_t in[51] = { 0 }, out[KEYS_SIGNATURE_MAX];
    CK_ULONG n = sizeof(out);

    return f->C_SignInit(r->h->session, &m, key) == CKR_OK &&
           f->C_Sign(r->h->session, in, r->kind < KEY_P256 ? 51 : 32, out, &n) == CKR_OK;
}

static bool raw_held(struct run *r)
{
    return raw_sign(r, r->k->handle);
}

static bool raw_each(struct run *r)
{
    CK_OBJECT_HANDLE key;
    bool good = hsm_object_unwrap(r->h, r->kek, r->kind, r->parts.cipher, false, &key) == CKR_OK &&
                raw_sign(r, key);

    hsm_object_destroy(r->h, key);
    return good;
}

static bool ours_held(struct run *r)
{
    struct bytes sig;
    bool good = keys_sign_digest(r->k, digest, sizeof(digest), a, &sig) == E_OK;

    arena_reset(a);
    return good;
}

static bool ours_each(struct run *r)
{
    struct signing_key *k = NULL;
    struct bytes sig;
    bool good = keys_unwrap(r->h, r->wrapped, r->kind, r->spki, &k) == E_OK &&
                keys_sign_digest(k, digest, sizeof(digest), a, &sig) == E_OK;

    keys_destroy(k);
    arena_reset(a);
    return good;
}

static bool ours_cached(struct run *r)
{
    struct signing_key *k = NULL;
    struct bytes sig;
    bool good = keys_cached_unwrap(r->h, r->wrapped, r->kind, r->spki, &k) == E_OK &&
                keys_sign_digest(k, digest, sizeof(digest), a, &sig) == E_OK;

    keys_destroy(k);
    arena_reset(a);
    return good;
}

static double measure(struct run *r, bool (*work)(struct run *), double seconds)
{
    int64_t start, now;
    uint64_t n = 0;

    need(work(r), "warming up");
    start = clock_monotonic_us();
    do {
        need(work(r), "measuring");
        n++;
        now = clock_monotonic_us();
    } while ((double)(now - start) < seconds * 1e6);
    return (double)n * 1e6 / (double)(now - start);
}

static void report(bool json, bool first, const char *kind, const char *name, double ours,
                   double raw)
{
    if (json)
        (void)printf("%s{\"name\":\"%s %s\",\"unit\":\"signatures/s\",\"ours\":%.1f,"
                     "\"against\":%.1f,\"ratio\":%.3f}",
                     first ? "[" : ",\n", kind, name, ours, raw, ours / raw);
    else
        (void)printf("%-8s %-12s %9.1f /s   raw %9.1f /s   ratio %.2f\n", kind, name, ours, raw,
                     ours / raw);
}

static void one_kind(struct hsm *h, enum key_kind kind, double seconds, bool json)
{
    struct arena *keep = arena_new(1024 * 1024);
    struct run r = { .h = h, .kind = kind };
    struct hsm_object_uid uid;
    double held, each;

    need(keys_generate(h, keep, kind, &r.wrapped, &r.spki) == E_OK, "generate");
    need(keys_unwrap(h, r.wrapped, kind, r.spki, &r.k) == E_OK, "unwrap");
    need(keys_wrap_parse(r.wrapped, &r.parts) == E_OK, "parse");
    need(hsm_object_kek(h, TOKEN_KEK, NULL, &r.kek, &uid) == CKR_OK, "wrapping key");
    held = measure(&r, raw_held, seconds);
    each = measure(&r, raw_each, seconds);
    report(json, kind == 0, keys_kind_name(kind), "held", measure(&r, ours_held, seconds), held);
    report(json, false, keys_kind_name(kind), "cached", measure(&r, ours_cached, seconds), held);
    report(json, false, keys_kind_name(kind), "unwrap each", measure(&r, ours_each, seconds), each);
    keys_destroy(r.k);
    arena_free(keep);
}

int main(int argc, char **argv)
{
    bool json = argc > 1 && strcmp(argv[1], "--json") == 0;
    double seconds = argc > 1 + json ? strtod(argv[1 + json], NULL) : 1.0;
    struct hsm *h;
    int kind;

    if (!token_module()) {
        (void)fprintf(stderr, "bench_sign: SoftHSM is not installed\n");
        return 1;
    }
    a = arena_new(1024 * 1024);
    token_start();
    token_make("signing", true);
    h = token_open("signing", false);
    for (kind = 0; kind < KEY_KIND__MAX; kind++)
        one_kind(h, (enum key_kind)kind, seconds, json);
    if (json)
        (void)printf("]\n");
    hsm_close(h);
    token_stop();
    arena_free(a);
    return 0;
}
