/* signing_reasons_pages.h - what the pages of this slice share: owner, reasons in words, badges. */
#pragma once

#include "features/signing/signing.h"
#include "http/page.h"
#include "http/req.h"
#include "http/resp.h"

/* The signed-in person as owner. */
struct signing_owner signing_reasons_owner(const struct req *rq);

/*
 * Show the current fault beside the field that it is about, when it is one that the person can do
 * something about (or try again later): then true. False: let it become an error page.
 */
bool signing_reasons_show(struct req *rq);
/* The words for a reason code; false when there are none. */
bool signing_reasons_text(const char *reason, struct msg *text);

/* contract-signed.pdf: what a signed document is called when it is downloaded. */
struct str signing_reasons_download(struct arena *a, const struct signing_document *d);
/* How much of an upload has come, 0 to 100. */
unsigned signing_reasons_percent(const struct signing_document *d);
/* A reason code, the field of the form that it is about ("" for none), its words. */
struct signing_reason {
    const char *code, *field;
    struct msg text;
};
/* Those of kinds of signature; ends with a NULL code. */
extern const struct signing_reason signing_reasons_kinds[];

/* Badges. */
struct page_badge signing_reasons_document(enum signing_document_state s);
struct page_badge signing_reasons_credential(const struct signing_credential *c,
                                             const struct signing_certificate *x);
/* Whether it can sign now. */
bool signing_reasons_usable(const struct signing_credential *c,
                            const struct signing_certificate *x);

/* A mail to the person who signed: receipt number, time, where to look. In the request's
 * transaction. */
enum err signing_notice_send(struct req *rq, const struct signing_receipt *receipt) MUST_CHECK;

/* The four screens of signing: choose file, look and options, PIN and code, download. */
#define SIGNING_STEPS 4
struct page_step *signing_reasons_steps(struct req *rq, size_t current);

/* A buffer that is wiped and released when the request has ended. */
struct buf *signing_reasons_buf(struct req *rq, size_t max);

extern const struct view signing_documents_view, signing_new_view, signing_look_view,
    signing_confirm_view, signing_renewals_view, signing_renewal_view, signing_delete_view,
    signing_records_view, signing_record_view, signing_credentials_view, signing_credential_view,
    signing_verify_view, signing_systems_view, signing_system_view, signing_lost_view,
    signing_together_view, signing_together_confirm_view, signing_batch_view;
