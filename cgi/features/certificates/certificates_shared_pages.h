/* certificates_shared_pages.h - what the page files of the slice share. Private to them. */
#pragma once

#include "features/certificates/certificates.h"
#include "http/page.h"
#include "http/req.h"
#include "http/resp.h"
#include "http/view.h"

/* The person asking. */
struct certificates_who certificates_shared_who(const struct req *rq);

struct certificates_id_form {
    struct certificate_id id;
};
extern const struct param certificates_id_params[];

/* What every page about one certificate says of it at the top. */
struct certificates_head {
    struct certificate_id id;
    struct str name, serial, subject, profile;
    struct timestamp not_after;
    struct page_badge state;
};
extern const struct view_field certificates_head_fields[];
struct certificates_head certificates_shared_head(struct req *rq,
                                                  const struct certificates_certificate *c);
/* A profile's title in the person's language (version 0: as it is called now); its code when it is
 * not in the database. */
struct str certificates_shared_profile(struct req *rq, struct str name, uint32_t version);

/*
 * Show the current fault at the field that it is about, when the person can do something about it:
 * then true. False: let it become an error page.
 */
bool certificates_shared_explain(struct req *rq);

/* What is asked for again before something that cannot be undone: the one-time code; of people
 * without one their password; of people by certificate nothing more. */
struct certificates_proof {
    bool code, password;
};
enum err certificates_shared_proof(struct req *rq, struct certificates_proof *out) MUST_CHECK;
/* *right false: an error stands at the field, the failure is counted and must be committed. */
enum err certificates_shared_prove(struct req *rq, struct str code, const struct secret *password,
                                   bool *right) MUST_CHECK;

/* The file of one of the formats "pem", "der", "chain", "pkcs7" (0 to 3). */
enum err certificates_shared_file(struct req *rq, struct resp *rs,
                                  const struct certificates_certificate *c, int format) MUST_CHECK;
extern const struct choice certificates_shared_formats[];

extern const struct view certificates_detail_view, certificates_act_view, certificates_done_view,
    certificates_renew_view, certificates_revoke_view, certificates_request_view,
    certificates_revoked_view, certificates_lost_view, certificates_sent_view,
    certificates_choose_view, certificates_link_view, certificates_notices_view;
