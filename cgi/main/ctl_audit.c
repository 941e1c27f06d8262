/* ctl_audit.c - `shomeictl audit verify`: is every row of the audit log there and unchanged? */
#include "main/ctl.h"

#include "features/audit/audit_seal.h"
#include "features/authority/authority.h"
#include "main/seal_key.h"
#include "pki/signer.h"
#include "sign/hsm.h"
#include "sign/timestamp.h"
#include "store/db.h"

struct judge {
    struct ctl *c;
    struct bytes spki;       /* of the key that signs seals */
    struct pdf_trust *trust; /* whose timestamps are believed */
    struct audit_anchor anchor;
    bool has_anchor;
    struct audit_verdict verdict;
};

static enum err check_signature(void *arg, struct str key_name, const struct bytes32 *chain,
                                struct bytes signature)
{
    const struct judge *j = arg;
    struct buf alg = buf_init(64);

    if (!str_eq_z(key_name, SEAL_KEY_LABEL))
        return FAIL(E_INPUT, "", "seal signed with an unknown key %s", key_name.p);
    signer_put_algorithm(&alg, SIGNER_P256_SHA256);
    enum err err = signer_verify(j->spki, buf_bytes(&alg), bytes_of_32(chain), signature);
    buf_free(&alg);
    return err;
}

static enum err check_token(void *arg, const struct bytes32 *chain, struct bytes token,
                            struct timestamp *at)
{
    const struct judge *j = arg;
    struct timestamp_token t;

    TRY(timestamp_verify_digest(token, bytes_of_32(chain), j->trust, j->c->arena, &t));
    if (!t.trusted)
        return FAIL(E_INPUT, "", "timestamp's signer: %s", t.chain_reason.p);
    *at = t.time;
    return E_OK;
}

static void report(void *arg, const struct audit_finding *f)
{
    (void)arg;
    (void)printf("%s\n", f->text);
}

static enum err read_anchors(struct tx *tx, void *arg)
{
    struct judge *j = arg;
    struct bytes *anchors;
    size_t n;

    TRY(authority_anchors(tx, &anchors, &n));
    for (size_t i = 0; i < n; i++)
        TRY(pdf_trust_add_tsa_anchor(j->trust, anchors[i]));
    return E_OK;
}

static enum err judge_log(struct db *db, struct judge *j)
{
    struct audit_verifier how = {
        .check_signature = check_signature,
        .check_token = check_token,
        .report = report,
        .arg = j,
        .anchor = j->has_anchor ? &j->anchor : NULL,
        .now = clock_now(),
    };

    TRY(tx_run(db, j->c->arena, read_anchors, j));
    return audit_seal_verify(db, &how, &j->verdict);
}

/* The key's public half comes from the token, not from the database that is being judged. */
static enum err seal_spki(struct ctl *c, struct bytes *spki)
{
    struct hsm *h = NULL;

    TRY(hsm_open_token(c->settings, HSM_CA, false, &h));
    enum err err = seal_key_spki(h, c->arena, spki);
    hsm_close(h);
    return err;
}

static enum err verify(struct ctl *c)
{
    struct judge j = { .c = c, .trust = pdf_trust_new() };
    struct db *db = NULL;
    struct secret *master = NULL;

    TRY(seal_key_anchor_read(c->settings, c->arena, &j.anchor, &j.has_anchor));
    TRY(seal_spki(c, &j.spki));
    TRY(settings_secret(c->settings, "http.secret_file", &master));
    audit_init(master);
    secret_free(master);
    TRY(db_open_settings(c->settings, DB_CTL, &db));
    enum err err = judge_log(db, &j);
    db_close(db);
    pdf_trust_free(j.trust);
    if (err != E_OK)
        return err;
    (void)printf("%llu rows in %llu seals, %llu waiting for the next seal, %llu warnings: %s\n",
                 (unsigned long long)j.verdict.rows, (unsigned long long)j.verdict.seals,
                 (unsigned long long)j.verdict.unsealed, (unsigned long long)j.verdict.warnings,
                 j.verdict.findings == 0 ? "nothing changed, missing or added" : "NOT INTACT");
    if (j.verdict.findings > 0)
        return FAIL(E_STATE, "audit-not-intact", "%llu findings",
                    (unsigned long long)j.verdict.findings);
    return E_OK;
}

enum err ctl_audit(struct ctl *c)
{
    if (c->argc < 1 || strcmp(c->argv[0], "verify") != 0)
        return FAIL(E_INPUT, "", "say `audit verify`");
    return verify(c);
}
