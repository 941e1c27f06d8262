/*
 * pki_kit.h - what tests of the private PKI share: database, tokens, worker, and openssl(1) as
 * judge in a folder of files.
 */
#pragma once

#include "harness.h"

#include "sign/hsm.h"
#include "store/worker.h"

struct pki_kit {
    struct harness *h;
    struct arena *arena;
    struct db *portal, *ctl, *repository; /* connections as these programs */
    struct hsm *ca, *status;              /* writable */
    struct worker *worker;                /* with the authority slice's jobs and tasks */
};
extern struct pki_kit pki_kit;

/* Start all; two tenants (1, 2) and two accounts of the first (1, 2). False when there is no
 * SoftHSM. */
bool pki_kit_start(void);
/* Make the authorities, with http://localhost:1 as repository. */
enum err pki_kit_init(void) MUST_CHECK;
void pki_kit_stop(void);
/* Let the worker do all that is due. */
void pki_kit_work(void);

/* Files in a folder of their own. */
void pki_kit_save(const char *name, struct bytes data);
struct bytes pki_kit_load(const char *name);
/* Run openssl with these arguments in that folder; true when it succeeds. */
bool pki_kit_openssl(const char *format, ...) PRINTF_LIKE(1, 2);
/* Whether the last run's output holds the word. */
bool pki_kit_printed(const char *word);
