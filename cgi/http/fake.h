/*
 * fake.h - requests without a server, for tests: an in-memory request through the whole of
 * dispatch.
 *
 *     struct fake *f = fake_new(&app);
 *     fake_sign_in(f, token);
 *     struct fake_reply r = fake_post(f, "/consents", "signer=%E5%B1%B1&policy=3");  // adds the
 * CSRF token is_int(r.status, 303, "a consent is recorded"); fake_free(f);
 *
 * Cookies that answers set are kept and sent again, like a browser's.
 */
#pragma once

#include "http/app.h"

struct fake;

struct fake_reply {
    int status;
    struct str headers; /* all of them, one per line */
    struct str body;    /* as text; NUL bytes possible, `n` is right */
};

/* `app` must have been started (app_start). Replies live until fake_free or fake_forget. */
struct fake *fake_new(const struct app *app);
void fake_free(struct fake *f);
/* Drop cookies, extra headers and old replies. */
void fake_forget(struct fake *f);

/* Use this session token (base64url text) as the session cookie. */
void fake_sign_in(struct fake *f, struct str token);
/* A token for a session to be stored by the test: text for fake_sign_in, hash for the store. */
struct str fake_token(struct fake *f, struct bytes32 *hash);
/* A header of all following requests; NULL value removes it. */
void fake_header(struct fake *f, const char *name, const char *value);
/* A verified client certificate (PEM) for all following requests; NULL: none. */
void fake_client_cert(struct fake *f, const char *pem);
void fake_address(struct fake *f, const char *address);

struct fake_reply fake_get(struct fake *f, const char *path_and_query);
/* application/x-www-form-urlencoded with the right CSRF token in front, Origin set. */
struct fake_reply fake_post(struct fake *f, const char *path, const char *form);
/* The same without any CSRF token. */
struct fake_reply fake_post_bare(struct fake *f, const char *path, const char *form);
struct fake_reply fake_json(struct fake *f, const char *method, const char *path, const char *json);
/* multipart/form-data: the token, `fields` (urlencoded text), then one file when `name` is not
 * NULL. */
struct fake_reply fake_upload(struct fake *f, const char *path, const char *fields,
                              const char *name, const char *filename, struct bytes data);
/* Anything. `type` may be NULL. */
struct fake_reply fake_send(struct fake *f, const char *method, const char *path_and_query,
                            const char *type, struct bytes body);

/* Value of a reply header; absent when not there. */
struct str fake_reply_header(struct fake *f, const struct fake_reply *r, const char *name);
/* Whether the body contains the text. */
bool fake_reply_has(const struct fake_reply *r, const char *text);
/* The CSRF token that this browser would send. */
struct str fake_csrf(struct fake *f);
