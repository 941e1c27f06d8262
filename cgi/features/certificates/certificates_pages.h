/* certificates_pages.h - routes and views of the slice, for main. */
#pragma once

#include "features/certificates/certificates_words.h"
#include "http/message.h"
#include "http/route.h"
#include "http/view.h"

extern const struct route certificates_detail_routes[];   /* one certificate, its files, notices */
extern const struct route certificates_change_routes[];   /* revoke, suspend, release */
extern const struct route certificates_notices_routes[];  /* /certificates/notices */
extern const struct route certificates_renew_routes[];    /* renewal */
extern const struct route certificates_revoke_routes[];   /* /revoke: without an account */
extern const struct route certificates_download_routes[]; /* one-time links */
extern const struct view *const certificates_views[];

/* The words for a reason code; false when there are none. */
bool certificates_reason_text(const char *code, struct msg *text);
/* Who knows the words for findings about an application: the slices that make them, told by main.
 */
void certificates_pages_findings(bool (*text)(const char *code, struct msg *text));
/* The words of mails, for certificates_init(). */
extern const certificates_words_fn certificates_pages_words;
