/*
 * test_routes_walk.c - every route of every program, walked as all the wrong people
 * (tests/unit/walk.h).
 */
#include "walk.h"

#include "features/accounts/accounts_pages.h"
#include "features/audit/audit_pages.h"
#include "features/bulk/bulk_pages.h"
#include "features/certificates/certificates_pages.h"
#include "features/customers/customers_pages.h"
#include "features/envelopes/envelopes_pages.h"
#include "features/home/home_pages.h"
#include "features/inventory/inventory_pages.h"
#include "features/operators/operators_pages.h"
#include "features/mail/mail_pages.h"
#include "features/profiles/profiles_pages.h"
#include "features/registration/registration_pages.h"
#include "features/registration/registration_review_pages.h"
#include "features/rs/rs_api.h"
#include "features/signing/signing_pages.h"
#include "features/status/status_api.h"
#include "features/timestamp/timestamp_api.h"
#include "tap.h"

#include <stdlib.h>

static const struct route *const portal[] = {
    home_routes,
    operators_routes,
    home_style_routes,
    accounts_login_routes,
    accounts_security_routes,
    accounts_second_routes,
    accounts_users_routes,
    accounts_manage_routes,
    accounts_remove_routes,
    accounts_roster_routes,
    audit_pages_routes,
    profiles_pages_routes,
    customers_list_routes,
    mail_pages_routes,
    customers_new_routes,
    customers_change_routes,
    customers_names_routes,
    signing_document_routes,
    signing_seal_routes,
    signing_template_routes,
    signing_upload_routes,
    signing_look_routes,
    signing_picture_routes,
    signing_sign_routes,
    signing_extend_routes,
    signing_record_routes,
    signing_credential_routes,
    signing_system_routes,
    signing_verify_routes,
    envelopes_list_routes,
    envelopes_draft_routes,
    envelopes_people_routes,
    envelopes_review_routes,
    envelopes_detail_routes,
    envelopes_link_routes,
    envelopes_visit_routes,
    registration_apply_routes,
    registration_confirm_routes,
    registration_mine_routes,
    registration_correct_routes,
    registration_collect_routes,
    NULL,
};
/* What the operators' port is selected from. */
static const struct route *const registration[] = {
    home_routes,
    accounts_login_routes,
    accounts_users_routes,
    registration_review_routes,
    registration_chosen_routes,
    registration_decision_routes,
    registration_edit_routes,
    inventory_list_routes,
    certificates_detail_routes,
    certificates_change_routes,
    certificates_notices_routes,
    certificates_renew_routes,
    certificates_revoke_routes,
    certificates_download_routes,
    bulk_routes,
    bulk_file_routes,
    bulk_run_routes,
    bulk_steer_routes,
    operators_routes,
    NULL,
};
static const struct route *const signapi[] = {
    rs_api_sign_routes,     rs_api_digest_routes, rs_api_verify_routes,
    rs_api_job_routes,      rs_api_batch_routes,  rs_api_webhook_routes,
    rs_api_document_routes, envelopes_api_routes, NULL
};
static const struct route *const repository[] = { status_routes, timestamp_routes, NULL };

int main(void)
{
    ok(walk_routes("portal", portal) > 30, "the portal's pages");
    struct route *face = operators_face_select(registration);
    const struct route *const operators[] = { face, NULL };
    ok(walk_routes("operators", operators) > 20, "the operators' port");
    free(face);
    ok(walk_routes("signapi", signapi) > 3, "the signing API");
    ok(walk_routes("repository", repository) > 3, "the repository");
    return tap_done();
}
