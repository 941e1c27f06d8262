/* envelopes_reasons_pages.h - what the pages of this slice share. Not for anybody else. */
#pragma once

#include "features/envelopes/envelopes.h"
#include "http/page.h"
#include "http/req.h"
#include "http/resp.h"

#define ENVELOPES_STEPS 4

/* The signed-in person as owner. */
struct signing_owner envelopes_reasons_owner(const struct req *rq);
/* The owner's envelope of that public id. */
enum err envelopes_reasons_find(struct req *rq, struct str id,
                                struct envelopes_envelope *out) MUST_CHECK;
/* The same; one that is no draft any more: E_STATE "envelope-sent". */
enum err envelopes_reasons_draft(struct req *rq, struct str id,
                                 struct envelopes_envelope *out) MUST_CHECK;
/*
 * Show the current fault beside its field when the person can do something about it: then true, and
 * what the rules had begun to write is rolled back.
 */
bool envelopes_reasons_show(struct req *rq, struct resp *rs);
/* The words for a reason code; false when there are none. */
bool envelopes_reasons_text(const char *reason, struct msg *text);

struct page_badge envelopes_reasons_state(enum envelopes_state s);
struct page_badge envelopes_reasons_turn(const struct envelopes_party *p);
struct msg envelopes_reasons_method(enum envelopes_method m);
/* Contents, people, places, review. */
struct page_step *envelopes_reasons_steps(struct req *rq, size_t current);

/* A row of a list of documents, for several views. */
struct envelopes_paper {
    struct paper_id id;
    struct str filename;
    uint64_t size;
    uint64_t pages;
    bool held;
};
extern const struct view_field envelopes_paper_fields[];
enum err envelopes_reasons_papers(struct req *rq, const struct envelopes_envelope *e,
                                  struct envelopes_paper **rows, size_t *n) MUST_CHECK;

/* Send a document's bytes, a page of it as a picture, or the report. */
enum err envelopes_reasons_file(struct req *rq, struct resp *rs, const struct envelopes_envelope *e,
                                struct paper_id id, bool look) MUST_CHECK;
enum err envelopes_reasons_picture(struct req *rq, struct resp *rs,
                                   const struct envelopes_envelope *e, struct paper_id id,
                                   uint32_t page) MUST_CHECK;
enum err envelopes_reasons_report(struct req *rq, struct resp *rs,
                                  const struct envelopes_envelope *e) MUST_CHECK;

extern const struct view envelopes_list_view, envelopes_inbox_view, envelopes_edit_view,
    envelopes_people_view, envelopes_places_view, envelopes_review_view, envelopes_sent_view,
    envelopes_detail_view, envelopes_address_view, envelopes_void_view, envelopes_link_view,
    envelopes_visit_view, envelopes_decline_view;
