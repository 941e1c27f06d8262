/*
 * render_client.h - the other programs' side of the renderer, the only program that draws pages.
 *
 * One exchange is one connection to the renderer's unix socket. The document travels as a sealed
 * memfd (SCM_RIGHTS), never as a file on a disk; a request is a fixed head and the password, an
 * answer a fixed head and its body. The renderer knows no database, no network and no key: what it
 * answers is a picture for people, and nothing that is signed depends on it.
 */
#pragma once

#include "base/buf.h"
#include "base/secret.h"

/* Bounds that both sides keep. */
enum {
    RENDER_CLIENT_WIDTH_MIN = 16,
    RENDER_CLIENT_WIDTH_MAX = 2400,    /* pixels */
    RENDER_CLIENT_PASSWORD_MAX = 1024, /* bytes */
    RENDER_CLIENT_LIST_MAX = 500,      /* pages of one list */
    RENDER_CLIENT_PNG_MAX = 24 << 20,  /* bytes of one answer */
};

/* The document: read in pieces, copied once into memory of its own. */
struct render_client_source {
    uint64_t size;
    enum err (*read)(void *arg, uint64_t offset, uint8_t *p, size_t n); /* exactly n bytes */
    void *arg;
};

/* As the renderer shows it, in points without UserUnit (poppler knows none): crop box, turned. */
struct render_client_size {
    double width, height;
};

struct render_client_list {
    uint32_t count;                   /* pages of the document */
    uint32_t first;                   /* page number of sizes[0], from 1 */
    struct render_client_size *sizes; /* at most RENDER_CLIENT_LIST_MAX */
    size_t sizes_n;
};

/*
 * Pages from number `first` (1 is the first). NULL password: none. E_BACKEND "render-unavailable"
 * (no renderer there), "render-timeout", "render-failed" (it gave up: too much time or memory, or a
 * crash); E_BUSY "render-busy"; E_INPUT "render-damaged"; E_INPUT "pdf-password-needed",
 * "pdf-password-wrong"; E_LIMIT "render-too-large"; E_ABSENT "render-no-page"; errors of `read`.
 */
enum err render_client_pages(struct str socket_path, const struct render_client_source *source,
                             const struct secret *password, uint32_t first, struct arena *a,
                             struct render_client_list *out) MUST_CHECK;

/* One page as PNG, `width` pixels wide, height as it comes; added to *png. Errors as above. */
enum err render_client_page(struct str socket_path, const struct render_client_source *source,
                            const struct secret *password, uint32_t page, uint32_t width,
                            struct buf *png) MUST_CHECK;

/* E_OK when the renderer answers; for readiness checks and metrics. */
enum err render_client_ping(struct str socket_path) MUST_CHECK;

/* --- the frame, for both sides --- */

enum render_client_op {
    RENDER_CLIENT_PING,
    RENDER_CLIENT_PAGES,
    RENDER_CLIENT_PAGE,
    RENDER_CLIENT_OP__MAX
};

#define RENDER_CLIENT_HEAD 24

struct render_client_request {
    enum render_client_op op;
    uint32_t page, width; /* page from 1; width only for RENDER_CLIENT_PAGE */
    uint32_t password;    /* bytes that follow the head */
    bool has_password;
};

/* Head of a request from its bytes. E_INPUT "render-frame" when anything in it is out of bounds. */
enum err render_client_parse(const uint8_t head[RENDER_CLIENT_HEAD],
                             struct render_client_request *out) MUST_CHECK;
void render_client_head(const struct render_client_request *rq, uint8_t head[RENDER_CLIENT_HEAD]);

/* Head of an answer: a reason ("" for success; unknown ones become "render-failed"), body length.
 */
#define RENDER_CLIENT_ANSWER 12
void render_client_answer_head(const char *reason, uint32_t body,
                               uint8_t head[RENDER_CLIENT_ANSWER]);
/* E_OK and the body's length, or the error that the renderer answered with. */
enum err render_client_answer_parse(const uint8_t head[RENDER_CLIENT_ANSWER],
                                    uint32_t *body) MUST_CHECK;
/* The body of a list. E_BACKEND "render-unavailable" when malformed. */
void render_client_put_list(struct buf *b, const struct render_client_list *l);
enum err render_client_get_list(struct bytes body, struct arena *a,
                                struct render_client_list *out) MUST_CHECK;
