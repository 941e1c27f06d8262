/*
 * req.h - a request as a handler sees it: values that are already checked. Everything returned
 * lives in the request's arena and dies with the request.
 */
#pragma once

#include "base/clock.h"
#include "http/message.h"
#include "http/param.h"
#include "http/who.h"

struct req;
struct tx;

/* The transaction that dispatch opened; it commits only if the handler returns E_OK. */
struct tx *req_tx(struct req *rq);
struct arena *req_arena(struct req *rq);
/* Never NULL; all zero for nobody. */
const struct who *req_who(const struct req *rq);
struct account_id req_account(const struct req *rq);
struct tenant_id req_tenant(const struct req *rq);
/* From the account, else the `lang` cookie, else Accept-Language, else Japanese. */
enum lang req_lang(const struct req *rq);
/* One time for the whole request. */
struct timestamp req_now(const struct req *rq);
/* Remote address as text, for limits, the session list and the audit log. */
struct str req_address(const struct req *rq);
/* Request id = the reference number shown on error pages. */
struct str req_id(const struct req *rq);
/* "/documents/7", decoded, without query. */
struct str req_path(const struct req *rq);
/* A request header by its name ("User-Agent"); absent when not sent. Untrusted bytes: may be no
 * UTF-8. */
struct str req_header(const struct req *rq, const char *name);
/* The verified client certificate in PEM, absent when there is none. */
struct str req_client_cert_pem(const struct req *rq);
/* The value `arg` of the app's hooks: program-wide things that main hands to its handlers. */
void *req_app_arg(const struct req *rq);

/* The struct that the route's FORM names, filled; `const T *f = req_form(rq);`. */
const void *req_form(const struct req *rq);
/*
 * Whether a parameter is wrong or a required one missing. A page handler asks this first and shows
 * its form again (resp_page then answers 422 and fills the field errors). A handler of an unsafe
 * method that never asks is not trusted: its transaction is rolled back and the answer is 422. API
 * routes never see an invalid form.
 */
bool req_invalid(struct req *rq);
/* Add an error found by the handler or the rules: req_field_error(rq, "pin", MSG("The PIN is
 * wrong.")). The field "" is the whole form. Makes req_invalid true. */
void req_field_error(struct req *rq, const char *field, struct msg text);
/* What was typed into a (non-secret) field, for showing it again; absent when nothing or no valid
 * text. */
struct str req_raw(const struct req *rq, const char *field);

/* The body as received: only for routes without FORM, or where the type is not a form (OCSP, CSR,
 * TSQ). */
struct bytes req_body(const struct req *rq);
struct str req_content_type(const struct req *rq); /* lower case, without parameters */
/* ROUTE_STREAM only: read at most n bytes of the body; *got = 0 at its end. E_LIMIT past body_max.
 */
enum err req_read_body(struct req *rq, void *p, size_t n, size_t *got) MUST_CHECK;

/* Run undo(arg) when the request ends in whatever way: for objects outside the arena. Last in,
 * first out. */
void req_defer(struct req *rq, void (*undo)(void *arg), void *arg);
/*
 * Wait, half a minute at most, until no other worker of the program is alone, and be so until the
 * request ends: for what takes as much memory as a large document. E_LIMIT "rate-limited".
 */
enum err req_alone(struct req *rq) MUST_CHECK;
/* This worker should be replaced after this request (HSM session lost, memory grown ...). */
void req_worn(struct req *rq);
