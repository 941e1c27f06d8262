/* flash.c - see flash.h */
#include "http/flash.h"

#include "base/crypto.h"
#include "base/encoding.h"
#include "http/cookie.h"
#include "http/session_cookie.h"

#define FLASH_MAX 1500
#define FLASH_AGE_S 60

static const char *const tones[] = { "success", "info", "warning", "error" };

/* The signature covers the session, so that a message cannot be carried to another person. */
static struct bytes32 sign(const struct req *rq, struct bytes payload)
{
    struct bytes session = rq->token_known ? bytes_of_32(&rq->token_hash) : BYTES_ABSENT;
    uint8_t *p = arena_alloc(rq->arena, payload.n + session.n + 6);
    memcpy(p, "flash", 6);
    if (session.n)
        memcpy(p + 6, session.p, session.n);
    memcpy(p + 6 + session.n, payload.p, payload.n);
    return hmac_sha256(secret_bytes(rq->app->csrf_key),
                       (struct bytes){ p, payload.n + session.n + 6 });
}

/* payload: tone digit, heading, NUL, text */
void flash_leave(struct resp *rs, const char *tone, struct msg heading, struct str text)
{
    struct req *rq = rs->rq;
    size_t t = 0, heading_n = heading.id ? strlen(heading.id) : 0;
    while (t < 3 && strcmp(tones[t], tone) != 0)
        t++;
    if (rq->app->csrf_key == NULL || heading_n + text.n > FLASH_MAX)
        return;
    uint8_t *p = arena_alloc(rq->arena, heading_n + text.n + 2 + 32);
    p[32] = (uint8_t)('0' + t);
    if (heading_n)
        memcpy(p + 33, heading.id, heading_n);
    p[33 + heading_n] = 0;
    if (text.n)
        memcpy(p + 34 + heading_n, text.p, text.n);
    struct bytes payload = { p + 32, heading_n + text.n + 2 };
    struct bytes32 mac = sign(rq, payload);
    memcpy(p, mac.b, 32);
    struct str value = base64url_encode(rq->arena, (struct bytes){ p, payload.n + 32 });
    resp_header(rs, "Set-Cookie",
                cookie_make(rq->arena, FLASH_COOKIE, value, FLASH_AGE_S, COOKIE_STRICT));
}

void flash_take(struct req *rq, struct page_context *page)
{
    struct bytes b;
    struct str cookie = cookie_get(rq->arena, req_header(rq, "Cookie"), FLASH_COOKIE);
    if (str_empty(cookie) || rq->app->csrf_key == NULL)
        return;
    resp_header(rq->rs, "Set-Cookie",
                cookie_make(rq->arena, FLASH_COOKIE, STR(""), 0, COOKIE_STRICT));
    if (base64url_decode(rq->arena, cookie, &b) != E_OK || b.n < 34) {
        fault_clear();
        return;
    }
    struct bytes payload = { b.p + 32, b.n - 32 };
    struct bytes32 want = sign(rq, payload);
    const uint8_t *zero = memchr(payload.p + 1, 0, payload.n - 1);
    if (!bytes_eq_secret((struct bytes){ b.p, 32 }, bytes_of_32(&want)) || zero == NULL ||
        payload.p[0] < '0' || payload.p[0] > '3')
        return;
    size_t heading_n = (size_t)(zero - payload.p) - 1;
    struct page_flash *f = ARENA_NEW(rq->arena, struct page_flash);
    f->tone = tones[payload.p[0] - '0'];
    if (heading_n)
        f->heading.id = str_of(rq->arena, (const char *)payload.p + 1, heading_n).p;
    f->text = str_of(rq->arena, (const char *)zero + 1, payload.n - heading_n - 2);
    page->flashes = f;
    page->flash_count = 1;
}
