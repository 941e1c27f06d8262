/* authority_work.h - what uses the CA keys: for the worker and shomeictl only. */
#pragma once

#include "features/authority/authority.h"
#include "store/worker.h"

struct db;
struct hsm;

/* The ca token of this process, before worker_run(). Borrowed. */
void authority_work_open(struct hsm *ca);
/* Before hsm_close(). */
void authority_work_close(void);

/* Issuing and lists, as jobs; lists, renewal of services and a look for forgotten requests, as
 * tasks. */
extern const struct worker_job authority_work_jobs[];
extern const struct worker_task authority_work_tasks[];

/* What `shomeictl init` decides. */
struct authority_plan {
    struct str organisation;   /* O of all CA names, e.g. "Shomei Demo" */
    struct str country;        /* "JP" */
    struct str repository_url; /* "http://localhost:8446", no slash at the end */
};

/*
 * Make what is missing of: root CA (P-384) and the issuing CAs "signing" and "access" (P-256) with
 * keys in the ca token; an OCSP responder for each issuing CA and one timestamp certificate with
 * keys in the status token; a first CRL each. Each step commits on its own, so a broken run is
 * continued by the next one. Idempotent.
 */
enum err authority_work_init(struct db *db, struct hsm *ca, struct hsm *status,
                             const struct authority_plan *plan) MUST_CHECK;

/*
 * Issue one requested certificate: commit serial and to-be-signed bytes, sign, lint, release. Safe
 * to repeat after a crash at any point; E_OK when it is issued or refused already (see its state).
 */
enum err authority_work_issue(struct db *db, struct hsm *ca, struct certificate_id id) MUST_CHECK;

/* Make a new list for every authority that has unlisted changes or whose list is past half its
 * life. */
enum err authority_work_crls(struct db *db, struct hsm *ca) MUST_CHECK;
