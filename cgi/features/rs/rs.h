/*
 * rs.h - what the remote signing API needs beyond signing itself: notices to customers' systems
 * (webhooks), jobs that the signer does later, batches, and requests that are repeated. Works after
 * rs_init(). rs_job.h has the jobs.
 */
#pragma once

#include "base/clock.h"
#include "base/ids.h"
#include "base/json.h"
#include "base/secret.h"
#include "features/audit/audit.h"

struct tx;

/* Once per process, before any other call. Keys are derived from `master`, which is not kept.
 * `development`: http://localhost may be told things. */
void rs_init(const struct secret *master, bool development);
void rs_end(void);

/* What is kept encrypted: bound to what it is for. E_INTERNAL before rs_init(). */
enum err rs_seal(struct arena *a, struct str context, struct bytes plain,
                 struct bytes *sealed) MUST_CHECK;
enum err rs_open(struct str context, struct bytes sealed, struct secret **plain) MUST_CHECK;

/* --- webhooks: one place for each client --- */

#define RS_URL_MAX 1000
/* A notice that nobody took after so many attempts is given up. */
#define RS_DELIVERY_ATTEMPTS 12
#define RS_DELIVERY_KEPT_US (30 * DAY_US)
#define RS_JOB_DELIVER "signer.rs.deliver"

struct rs_webhook {
    struct str url;
    struct timestamp created, secret_at;
    uint32_t failures;           /* in a row */
    struct timestamp hold_until; /* nothing is sent before; TIMESTAMP_NONE: at once */
};

/* E_ABSENT "webhook-unknown". */
enum err rs_webhook_get(struct tx *tx, struct tenant_id tenant, struct client_id client,
                        struct rs_webhook *out) MUST_CHECK;
/*
 * Register the place, or change it. *secret is the new secret, to be shown now and never again;
 * absent when there was one already. E_INPUT "webhook-url": https with a host name, no user, no
 * fragment. Whether the name leads outside is seen when something is sent.
 */
enum err rs_webhook_set(struct tx *tx, struct tenant_id tenant, struct client_id client,
                        struct str url, const struct audit_by *by, struct timestamp now,
                        struct str *secret) MUST_CHECK;
/* A new secret in place of the old one, to be shown once. */
enum err rs_webhook_renew(struct tx *tx, struct tenant_id tenant, struct client_id client,
                          const struct audit_by *by, struct timestamp now,
                          struct str *secret) MUST_CHECK;
enum err rs_webhook_erase(struct tx *tx, struct tenant_id tenant, struct client_id client,
                          const struct audit_by *by) MUST_CHECK;

/*
 * Tell the client, if it wants to be told; otherwise nothing happens. `event` is "thing.what".
 * `data` is freed: identifiers and states only, never what a document says, its name or a person's.
 * The notice goes out after the commit of `tx`. May be called by other slices; portal, signapi,
 * signer and worker.
 */
enum err rs_webhook_queue(struct tx *tx, struct client_id client, const char *event,
                          struct json *data) MUST_CHECK;

struct rs_delivery {
    struct str public_id, event, body;
    struct str state; /* "queued", "delivered", "failed" */
    uint32_t attempts;
    struct str reason; /* of the last attempt that failed; absent */
    struct timestamp created, last;
};
/* The client's notices, newest first. */
enum err rs_delivery_list(struct tx *tx, struct tenant_id tenant, struct client_id client,
                          uint32_t offset, uint32_t limit, struct rs_delivery **rows,
                          size_t *n) MUST_CHECK;
/* Send one that was given up once more. E_ABSENT "delivery-unknown" when there is none. */
enum err rs_delivery_again(struct tx *tx, struct tenant_id tenant, struct client_id client,
                           struct str public_id, const struct audit_by *by) MUST_CHECK;

/* The value of the header Shomei-Signature: "t=<seconds>,v1=<hex HMAC-SHA256(secret, t.body)>". */
struct str rs_webhook_signature(struct arena *a, struct bytes secret, int64_t seconds,
                                struct str body);
