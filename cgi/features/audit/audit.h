/*
 * audit.h - the audit log: who did what, when, to which object, from where, with which outcome.
 *
 * Rows are only ever added. Each carries a keyed hash of its contents, so a row written or changed
 * by somebody who holds the database but not the programs' secret is found; the worker seals the
 * rows in a hash chain (audit_work.h). A transaction that wrote anything and has no audit row
 * cannot commit (store/db.h); audit_write() is what satisfies that.
 *
 * Not for diagnosis: that is base/log.h. Never put a secret, a document or a mail address in
 * `detail`.
 */
#pragma once

#include "base/clock.h"
#include "base/ids.h"
#include "base/secret.h"

struct tx;
struct json;

/* Who acts, and from where. All members may be "none": before sign-in, in the worker, by hand. */
struct audit_by {
    struct tenant_id tenant; /* of the actor; the row is visible to this tenant's administrators */
    struct account_id account; /* 0: nobody signed in, or a program */
    struct client_id client;   /* API client by certificate, or 0 */
    struct str name;           /* name shown beside the id; the program's name for programs */
    struct str address;        /* network address; absent for programs */
    struct str request;        /* request id (the reference number), or job id */
};

/* For *_pages.c and *_api.c, which see http/: the actor of request `rq`. */
#define AUDIT_BY(rq)                                                                               \
    ((struct audit_by){ .tenant = req_tenant(rq),                                                  \
                        .account = req_account(rq),                                                \
                        .client = req_who(rq) ? req_who(rq)->client : (struct client_id){ 0 },     \
                        .name = req_who(rq) ? req_who(rq)->name : STR_ABSENT,                      \
                        .address = req_address(rq),                                                \
                        .request = req_id(rq) })

enum audit_outcome { AUDIT_OK, AUDIT_REFUSED, AUDIT_FAILED, AUDIT_OUTCOME__MAX };

/* The four categories of audit record (P3-75). 0 is the one that programs write. */
enum audit_category {
    AUDIT_SYSTEM,
    AUDIT_NETWORK,
    AUDIT_ACCESS,   /* entry to rooms */
    AUDIT_FACILITY, /* maintenance */
    AUDIT_CATEGORY__MAX
};

struct audit_entry {
    struct audit_by by;
    struct tenant_id tenant; /* whose object; 0 means by.tenant */
    const char *action; /* "slice.object.verb", [a-z0-9._-], at most 80: "signing.document.sign" */
    const char *object_kind; /* "document", "account" ...; NULL when there is none */
    struct str object;       /* its id as text; absent when there is none. See audit_id() */
    enum audit_outcome outcome;
    enum audit_category category;
    struct str detail; /* JSON object text, or absent */
};

/*
 * Derive the key of the rows' hashes from the installation's master secret (http.secret_file). Once
 * per process, before the first audit_write(), after the fork; the secret is not kept.
 */
void audit_init(const struct secret *master);

/*
 * Add a row in tx and mark tx as audited. Text longer than its column is cut, never refused.
 * E_INTERNAL when audit_init() was not called or the action is malformed.
 */
enum err audit_write(struct tx *tx, const struct audit_entry *e) MUST_CHECK;

/* Shorthand: outcome ok, object by number (0: none), detail a json tree that is freed here, or
 * NULL. */
enum err audit_note(struct tx *tx, const struct audit_by *by, const char *action,
                    const char *object_kind, uint64_t object, struct json *detail) MUST_CHECK;

/* An id as the text for audit_entry.object. */
struct str audit_id(struct arena *a, uint64_t id);

/* --- reading, for auditors --- */

struct audit_filter {
    struct tenant_id tenant;        /* 0: all tenants (provider's auditors only) */
    struct timestamp from, to;      /* TIMESTAMP_NONE: open; `to` is exclusive */
    struct str actor;               /* part of the name, or an account id; empty: any */
    struct str action;              /* prefix; empty: any */
    struct str object_kind, object; /* exact; empty: any */
    int outcome;                    /* an audit_outcome, or -1 for any */
};

struct audit_row {
    struct audit_id id;
    struct timestamp at;
    struct tenant_id tenant;
    struct account_id account;
    struct client_id client;
    struct str name, action, object_kind, object, address, request, detail;
    enum audit_outcome outcome;
    enum audit_category category;
    bool sealed;
};

/*
 * Up to `limit` (<= 1000) rows, newest first, with an id below `before` (0: from the newest).
 * Viewing is itself recorded by the caller (P3-78), with audit_note(..., "audit.log.view", ...).
 */
enum err audit_list(struct tx *tx, const struct audit_filter *f, struct audit_id before,
                    uint32_t limit, struct audit_row **rows, size_t *n) MUST_CHECK;

/* Stable names: "ok", "refused", "failed"; -1 when there is no such outcome. */
const char *audit_outcome_name(enum audit_outcome o);
int audit_outcome_from_name(struct str name);
