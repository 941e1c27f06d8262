/*
 * lifecycle_kit.h - for tests of what happens to certificates after their issue: people of two
 * customers, tokens, authorities and worker, certificates that were applied for, approved and
 * issued; openssl(1) as judge in a folder of files.
 */
#pragma once

#include "people.h"

#include "features/certificates/certificates.h"
#include "sign/hsm.h"
#include "store/worker.h"

struct lifecycle_kit {
    struct people p;
    struct arena *a; /* = p.a */
    struct worker *worker;
    /* of sakura; midori's administrator; the provider's */
    struct account_id admin, lra, hanako, jiro, midori, sysadmin, support;
};
extern struct lifecycle_kit kit;

/* False when there is no SoftHSM. */
bool lifecycle_kit_start(void);
void lifecycle_kit_stop(void);
/* Let the worker do all that is due. */
void lifecycle_kit_work(void);

/* Profiles: "smime" (of a person, new key only), "device" (same key allowed), "tls-private" (cannot
 * be suspended here); with "+rsa" behind "device" the key is RSA. The key is made as NAME.key, the
 * certificate saved as NAME.pem. */
struct certificate_id lifecycle_kit_issue(const char *name, const char *profile,
                                          struct account_id applicant,
                                          struct account_id subscriber);
/* Approve an application by the LRA operator and let the worker issue it. */
struct certificate_id lifecycle_kit_approve(struct application_id id);

struct certificates_who lifecycle_kit_who(struct account_id id);
struct audit_by lifecycle_kit_by(struct account_id id);
/* As the administrator of the customer sees it, at that time. */
struct certificates_certificate lifecycle_kit_look(struct certificate_id id, struct timestamp now);

/* Files, and openssl(1) run beside them; the texts are the tests' own. */
void lifecycle_kit_save(const char *name, struct bytes data);
struct bytes lifecycle_kit_load(const char *name);
bool lifecycle_kit_openssl(const char *format, ...) PRINTF_LIKE(1, 2);
bool lifecycle_kit_printed(const char *word);
/* A file as text, without white space at its ends. */
struct str lifecycle_kit_text(const char *name);
/* A connection as the repository, which knows what is published. */
struct db *lifecycle_kit_repository(void);
int64_t lifecycle_kit_count(const char *sql);
