/* worker_parts.c - see worker_parts.h */
#include "main/worker_parts.h"

#include "features/accounts/accounts_work.h"
#include "features/audit/audit_work.h"
#include "features/authority/authority.h"
#include "features/authority/authority_work.h"
#include "features/bulk/bulk_pages.h"
#include "features/bulk/bulk_work.h"
#include "features/certificates/certificates_work.h"
#include "features/envelopes/envelopes_work.h"
#include "features/mail/mail_work.h"
#include "features/registration/registration.h"
#include "features/registration/registration_pages.h"
#include "features/registration/registration_work.h"
#include "features/signing/signing_work.h"
#include "features/verification/verification_work.h"
#include "main/envelopes_parts.h"
#include "main/seal_key.h"
#include "net/gateway_client.h"
#include "sign/hsm.h"
#include "sign/timestamp.h"

/* --- the ca token: issuing, lists, and the key of the audit seals --- */

static struct hsm *ca;

/* What becomes of certificates is told to those who asked for them. */
static const struct authority_hooks hooks = { .released = registration_released,
                                              .refused = registration_refused };

static enum err ca_init(const struct settings *c)
{
    enum err err = hsm_open_token(c, HSM_CA, false, &ca);

    if (err == E_OK)
        authority_work_open(ca);
    authority_work_hooks(&hooks);
    return err;
}

static void ca_end(void)
{
    authority_work_close();
    hsm_close(ca);
    ca = NULL;
}

/* --- the audit log --- */

static const struct settings *settings;
static struct audit_work audit;
static struct pdf_trust *trust; /* whose timestamps are taken */

static enum err add_anchors(struct tx *tx, void *arg)
{
    struct bytes *anchors;
    size_t n;

    (void)arg;
    TRY(authority_anchors(tx, &anchors, &n));
    for (size_t i = 0; i < n; i++)
        TRY(pdf_trust_add_tsa_anchor(trust, anchors[i]));
    return E_OK;
}

static enum err load_trust(const struct settings *c)
{
    struct db *db = NULL;
    struct arena *a = arena_new((size_t)4 << 20);

    trust = pdf_trust_new();
    enum err err = db_open_settings(c, DB_WORKER, &db);
    if (err == E_OK)
        err = tx_run(db, a, add_anchors, NULL);
    db_close(db);
    arena_free(a);
    return err;
}

static enum err ask_tsa(void *arg, struct bytes request, struct arena *a, struct bytes *reply)
{
    struct str urls = settings_str(settings, "tsa.url"), first;
    struct str gateway = settings_str(settings, "gateway.socket");

    (void)arg;
    if (str_empty(gateway))
        gateway = str_fmt(a, "%.*s/gateway.sock", STR_ARG(settings_str(settings, "run_dir")));
    first = str_sub(a, urls, 0, str_find(urls, ' ', 0)); /* of several, as signing has them */
    return gateway_client_fetch(gateway, GATEWAY_TSA, first, request, a, reply);
}

static enum err stamp(void *arg, struct arena *a, const struct bytes32 *chain, struct bytes *token)
{
    const struct timestamp_authority tsa = {
        .send = ask_tsa,
        .policy = settings_str(settings, "tsa.policy"),
    };
    struct timestamp_token t;

    TRY(timestamp_obtain(&tsa, trust, DIGEST_SHA256, bytes_of_32(chain), a, &t));
    *token = t.der;
    (void)arg;
    return E_OK;
}

static enum err note(void *arg, const struct audit_anchor *anchor)
{
    (void)arg;
    return seal_key_anchor_write(settings, anchor);
}

static enum err audit_part_init(const struct settings *c)
{
    struct secret *master = NULL;

    TRY(settings_secret(c, "http.secret_file", &master));
    audit_init(master);
    secret_free(master);
    settings = c;
    audit = (struct audit_work){
        .sealer = { .key_name = STR(SEAL_KEY_LABEL), .sign = seal_key_sign, .arg = ca },
        .note = note,
    };
    TRY(load_trust(c));
    if (!str_empty(settings_str(c, "tsa.url")))
        audit.sealer.stamp = stamp;
    audit_work_init(&audit);
    return E_OK;
}

static void audit_part_end(void)
{
    pdf_trust_free(trust);
    trust = NULL;
}

static enum err registration_init(const struct settings *c)
{
    registration_work_init(c, registration_mail_pages);
    return E_OK;
}

static enum err bulk_init(const struct settings *c)
{
    return bulk_work_init(c, bulk_pages_words);
}

static void bulk_end(void)
{
}

const struct worker_part worker_parts[] = {
    { "mail", mail_work_init, mail_work_end },
    { "ca token", ca_init, ca_end },
    { "audit", audit_part_init, audit_part_end },
    { "accounts", worker_accounts_init, worker_accounts_end },
    { "certificates", worker_certificates_init, worker_certificates_end },
    { "signing", worker_signing_init, worker_signing_end },
    { "envelopes", envelopes_parts_worker, envelopes_parts_end },
    { "registration", registration_init, registration_work_end },
    { "bulk", bulk_init, bulk_end },
    { 0 },
};

const struct worker_job *const worker_parts_jobs[] = {
    mail_work_jobs,         authority_work_jobs, accounts_work_jobs,
    worker_signing_jobs,    envelopes_work_jobs, certificates_work_jobs,
    registration_work_jobs, bulk_work_jobs,      NULL
};
const struct worker_task *const worker_parts_tasks[] = {
    authority_work_tasks,    audit_work_tasks,   accounts_work_tasks,  signing_tasks,
    worker_signing_tasks,    verification_tasks, envelopes_work_tasks, certificates_work_tasks,
    registration_work_tasks, mail_work_tasks,    bulk_work_tasks,      NULL
};
