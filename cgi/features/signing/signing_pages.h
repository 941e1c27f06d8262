/* signing_pages.h - pages and API of the signing slice, for the wiring in main/. */
#pragma once

#include "http/route.h"
#include "http/view.h"

extern const struct route signing_document_routes[];   /* portal: list, upload, download, delete */
extern const struct route signing_upload_routes[];     /* portal: uploads, also in pieces */
extern const struct route signing_look_routes[];       /* portal: a document, how to sign it */
extern const struct route signing_picture_routes[];    /* portal: its pages, its password */
extern const struct route signing_extend_routes[];     /* portal: evidence for signatures */
extern const struct route signing_sign_routes[];       /* portal: PIN and code */
extern const struct route signing_zip_routes[];        /* portal: chosen ones as one ZIP */
extern const struct route signing_renewal_routes[];    /* portal: archives to be renewed */
extern const struct route signing_together_routes[];   /* portal: several documents at once */
extern const struct route signing_batch_routes[];      /* portal: their progress and outcome */
extern const struct route signing_record_routes[];     /* portal: receipts */
extern const struct route signing_credential_routes[]; /* portal: own credentials and their PINs */
extern const struct route signing_seal_routes[];       /* portal: seals */
extern const struct route signing_template_routes[];   /* portal: placements that recur */
extern const struct route signing_system_routes[];     /* portal: the customer's systems */
extern const struct route signing_verify_routes[];     /* portal: judge a signed PDF, open to all */
extern const struct view *const signing_views[];       /* of those, NULL-terminated */
extern const struct view *const signing_seal_views[];  /* of seals and placements */
