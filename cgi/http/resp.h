/*
 * resp.h - what a handler answers. It names a view, a redirect, a JSON document or bytes and
 * returns E_OK; or returns an error class and http/ makes the error page or problem document.
 * Nothing is sent before the transaction is committed.
 */
#pragma once

#include "base/json.h"
#include "base/str.h"
#include "http/message.h"

struct req;
struct resp;
struct view;

/*
 * Render the page now, with the layout's values (csrf, lang, who, field errors) added. Status 200,
 * or 422 when the form has errors. `v` points to the view's struct; it need not outlive the call.
 */
enum err resp_page(struct resp *rs, const struct view *view, const void *v) MUST_CHECK;
/* Override the status that the others choose. */
void resp_status(struct resp *rs, int status);

/* 303 to a path of our own; "{id}" in it is replaced. Without "{id}" give 0. */
enum err resp_seeother(struct resp *rs, const char *path, uint64_t id) MUST_CHECK;
/* The same with a text (percent-encoded into its segment). */
enum err resp_seeother_text(struct resp *rs, const char *path, struct str id) MUST_CHECK;
/* 303 to a path that came from a PARAM_PATH; anything that is not a path of ours is E_INTERNAL. */
enum err resp_seeother_path(struct resp *rs, struct str path) MUST_CHECK;

/* application/json; frees `json`. */
enum err resp_json(struct resp *rs, int status, struct json *json) MUST_CHECK;

enum disposition { DISPOSITION_INLINE, DISPOSITION_ATTACHMENT };
/* A file under a name (RFC 6266, UTF-8). `data` is borrowed until the request has ended. */
enum err resp_file(struct resp *rs, const char *type, struct str filename, struct bytes data,
                   enum disposition disposition) MUST_CHECK;
/* Where a streamed answer goes. */
struct resp_sink;
/* The next bytes. E_BACKEND "client-gone": stop. */
enum err resp_sink_write(struct resp_sink *sink, struct bytes piece) MUST_CHECK;
/*
 * A file that `produce` writes piece by piece, after the commit and outside the transaction;
 * `length` in bytes, UINT64_MAX when nobody knows. When it fails, or writes another length, the
 * connection is cut: nobody can take a beginning for the whole. `arg` lives until the request has
 * ended. E_LIMIT "rate-limited" when half of the workers are at large transfers already.
 */
enum err resp_stream(struct resp *rs, const char *type, struct str filename, uint64_t length,
                     enum err (*produce)(void *arg, struct resp_sink *sink), void *arg,
                     enum disposition disposition) MUST_CHECK;
/* Plain bytes of a type, 200: DER, text. Borrowed. */
enum err resp_bytes(struct resp *rs, const char *type, struct bytes data) MUST_CHECK;
/* 204. */
enum err resp_empty(struct resp *rs) MUST_CHECK;

/* A header; value is checked for line ends. The security headers cannot be replaced. */
void resp_header(struct resp *rs, const char *name, struct str value);
/* ROUTE_PUBLIC_CACHE routes: may be kept by anyone for so long; adds a strong ETag of the body. */
void resp_cache(struct resp *rs, uint32_t seconds);

/*
 * Answer with the error class `err` (as the current fault says) but commit the transaction: for a
 * wrong PIN whose count must stay. Returns E_OK.
 */
enum err resp_fail(struct resp *rs, enum err err) MUST_CHECK;
/* Answer as the handler says, but roll the transaction back: for a form that is shown again after
 * rules had begun to write. */
void resp_undo(struct resp *rs);
/* Show a message on the next page: tone "success" "info" "warning" "error". Goes with a redirect.
 */
void resp_flash(struct resp *rs, const char *tone, struct msg heading, struct str text);
/* Seconds for Retry-After on E_BUSY, E_LIMIT and E_BACKEND answers. */
void resp_retry_after(struct resp *rs, uint32_t seconds);
