/*
 * test_pdf_token.c - keys that never leave the token sign PDFs at every level, and the verifier
 * accepts them (P3-08, P3-25).
 */
#include "pdf_kit.h"
#include "tap.h"
#include "token.h"

#include "sign/keys.h"

static enum err sign(void *arg, struct bytes digest, struct arena *a, struct bytes *signature)
{
    return keys_sign_digest(arg, digest.p, digest.n, a, signature);
}

static bool passes(struct kit *kit, struct bytes file, enum pdf_level level, struct arena *a)
{
    struct pdf_report *r;
    return kit_verify(file, kit->trust, TIMESTAMP_NONE, a, &r) == E_OK &&
           r->verdict == PDF_TOTAL_PASSED && r->signatures_n > 0 && r->signatures[0].level == level;
}

static void test_kind(struct kit *kit, struct hsm *h, enum key_kind kind)
{
    struct arena *a = arena_new((size_t)256 << 20);
    struct buf out = buf_init((size_t)64 << 20);
    struct bytes wrapped, spki, pdf = kit_pdf(a, KIT_STREAM, 1, 1000, true);
    struct signing_key *key = NULL;
    struct pdf_sign_result result;

    if (!ok(keys_generate(h, a, kind, &wrapped, &spki) == E_OK &&
                keys_unwrap(h, wrapped, kind, spki, &key) == E_OK,
            "%s: a key in the token", keys_kind_name(kind)))
        return;
    struct cms_signer *signer = kit_signer_for(kit, spki);
    for (int level = 0; level < PDF_LEVEL__MAX; level++) {
        struct pdf_sign_params p = kit_params(kit, pdf, (enum pdf_level)level, KIT_P256);
        p.signer = signer;
        p.sign = sign;
        p.sign_arg = key;
        bool good = pdf_sign(&p, a, &out, &result) == E_OK &&
                    passes(kit, buf_bytes(&out), (enum pdf_level)level, a);
        if (!ok(good, "%s signs at %s", keys_kind_name(kind),
                pdf_sign_level_name((enum pdf_level)level)))
            tap_note("%s %s", fault_current()->reason, fault_current()->detail);
    }
    keys_destroy(key);
    cms_signer_free(signer);
    buf_free(&out);
    arena_free(a);
}

int main(void)
{
    if (!token_module()) {
        tap_skip("SoftHSM is not installed");
        return tap_done();
    }
    struct kit *kit = kit_new();
    token_start();
    token_make("signing", true);
    struct hsm *h = token_open("signing", false);
    for (int kind = 0; kind < KEY_KIND__MAX; kind++)
        test_kind(kit, h, (enum key_kind)kind);
    hsm_close(h);
    token_stop();
    kit_free(kit);
    return tap_done();
}
