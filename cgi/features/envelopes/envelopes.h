/*
 * envelopes.h - contract envelopes: documents that several people sign in one go, by a link in a
 * mail, in order or side by side, until a deadline. Pages and API of this slice see only this.
 *
 * The rules of this header need a database; envelopes_service.h needs keys too; envelopes_party.h
 * is the signers' side. An envelope belongs to its sender: an account of the portal, or a client of
 * the API. Nothing of it can be reached by anybody else but its parties, each for itself.
 */
#pragma once

#include "features/signing/signing.h"

#define ENVELOPES_DOCUMENTS_MAX 20
#define ENVELOPES_PARTIES_MAX 50
#define ENVELOPES_FIELDS_MAX 20 /* of one party */
/* The sender may ask for at most so many days; a day is left for the completion. */
#define ENVELOPES_DAYS_MAX 89

enum envelopes_state {
    ENVELOPES_DRAFT,
    ENVELOPES_SENT,
    ENVELOPES_COMPLETING, /* all have signed; archive timestamps and report are being made */
    ENVELOPES_COMPLETED,
    ENVELOPES_DECLINED,
    ENVELOPES_VOIDED,
    ENVELOPES_EXPIRED,
    ENVELOPES_STATE__MAX
};
/* "draft" ...; parse gives E_INPUT "state-unknown". */
const char *envelopes_state_name(enum envelopes_state state);

struct envelopes_envelope {
    struct envelope_id id;
    struct str public_id;
    struct signing_owner owner;
    struct str sender, organisation; /* as shown to signers; mails name the organisation only */
    struct str title, message;       /* absent once erased */
    enum envelopes_state state;
    bool ordered;
    uint32_t remind_days; /* 0: no automatic reminders */
    struct timestamp deadline, agreed_until, created, sent, ended, erase_at, erased;
    struct str end_reason;
    struct document_id report;
    struct bytes32 report_digest;
};

/* "E-000042": stands in mails, on pages, in the report. */
struct str envelopes_number(struct arena *a, struct envelope_id id);

struct envelopes_document {
    struct paper_id id; /* of the row, not of the file */
    struct document_id document;
    struct str public_id, filename; /* the name is absent once erased */
    uint64_t size;
    uint32_t pages;        /* 0: not counted */
    struct bytes32 digest; /* of the file as it is now */
    bool held;
    struct timestamp delete_at;
    bool has_sent, has_done;
    struct bytes32 sent, done; /* as it was sent; as it was completed */
};

/* --- the sender's side --- */

/* A new draft. `name` is what signers see as the sender, beside its organisation. */
enum err envelopes_draft(struct tx *tx, struct signing_owner owner, struct str name,
                         const struct audit_by *by, struct timestamp now,
                         struct envelopes_envelope *out) MUST_CHECK;
/* E_ABSENT "envelope-unknown" when it is not the owner's. */
enum err envelopes_find(struct tx *tx, struct signing_owner owner, struct str public_id,
                        struct envelopes_envelope *out) MUST_CHECK;
enum err envelopes_documents(struct tx *tx, struct envelope_id id, struct envelopes_document **rows,
                             size_t *n) MUST_CHECK;

struct envelopes_filter {
    struct str title; /* part of it; empty: any */
    int state;        /* an envelopes_state, or -1 */
    struct str sort;  /* "title", "time", "deadline", with "-" the other way; empty: "-time" */
    uint32_t offset, limit; /* limit <= 50 */
};
struct envelopes_row {
    struct envelopes_envelope envelope;
    uint64_t signers, signed_by, documents;
};
enum err envelopes_list(struct tx *tx, struct signing_owner owner, const struct envelopes_filter *f,
                        struct envelopes_row **rows, size_t *n, uint64_t *total) MUST_CHECK;

struct envelopes_terms {
    struct str title, message;
    bool ordered;
    uint32_t remind_days;
    struct timestamp deadline;
};
/* Drafts only: E_STATE "envelope-sent". E_INPUT "deadline-past", "deadline-far". */
enum err envelopes_terms_set(struct tx *tx, const struct envelopes_envelope *e,
                             const struct envelopes_terms *t, const struct audit_by *by,
                             struct timestamp now) MUST_CHECK;
/* Drafts only. Also erases the file. E_ABSENT. */
enum err envelopes_document_drop(struct tx *tx, const struct envelopes_envelope *e,
                                 struct paper_id document, const struct audit_by *by,
                                 struct timestamp now) MUST_CHECK;
/* Forget a draft with all that is in it. */
enum err envelopes_draft_drop(struct tx *tx, const struct envelopes_envelope *e,
                              const struct audit_by *by, struct timestamp now) MUST_CHECK;

/*
 * What still keeps a draft from being sent, as a reason: "envelope-no-title",
 * "envelope-no-documents", "envelope-document-gone", "envelope-no-signers", "deadline-past"; NULL
 * when nothing does.
 */
enum err envelopes_obstacle(struct tx *tx, const struct envelopes_envelope *e, struct timestamp now,
                            const char **reason) MUST_CHECK;
/*
 * Send: the sender has agreed that the documents are held until the deadline. The first signers (or
 * all) get their mails. Twice is harmless. E_STATE with the reason of envelopes_obstacle().
 */
enum err envelopes_send(struct tx *tx, const struct envelopes_envelope *e,
                        const struct audit_by *by, struct timestamp now) MUST_CHECK;
/* E_STATE "envelope-ended"; `reason` 1 to 500 characters. */
enum err envelopes_void(struct tx *tx, const struct envelopes_envelope *e, struct str reason,
                        const struct audit_by *by, struct timestamp now) MUST_CHECK;

/* --- what happened --- */

struct envelopes_event {
    struct str what; /* "created" "sent" "invited" "opened" "code" "code-wrong" "viewed" "signed"
                        "declined" "reminded" "address" "voided" "expired" "completed" "erased" */
    struct timestamp at;
    struct str who; /* name of the party; absent: the sender or the system */
    struct str address;
};
enum err envelopes_events(struct tx *tx, struct envelope_id id, struct envelopes_event **rows,
                          size_t *n) MUST_CHECK;

#include "features/envelopes/envelopes_party.h"
#include "features/envelopes/envelopes_service.h"
