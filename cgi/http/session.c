/* session.c - see session.h */
#include "http/session.h"

#include "base/crypto.h"
#include "base/random.h"
#include "http/cookie.h"
#include "http/exchange.h"
#include "http/session_cookie.h"

#define IDLE_US (30 * MINUTE_US)
#define ABSOLUTE_US (12 * HOUR_US)
#define LANG_AGE_S (365 * 24 * 3600)

void session_start(struct req *rq, struct resp *rs, struct bytes32 *token_hash)
{
    rq->token = random_token(rq->arena, 32);
    *token_hash = sha256(bytes_of_str(rq->token));
    rq->token_hash = *token_hash;
    rq->token_known = true;
    rq->csrf = STR_ABSENT; /* the next page's token is bound to the new session */
    /*
     * Lax, not Strict: people arrive from links in mails ("your document is signed") and must find
     * themselves signed in. Changes are guarded by the CSRF token and Origin.
     */
    resp_header(rs, "Set-Cookie",
                cookie_make(rq->arena, SESSION_COOKIE, rq->token, -1, COOKIE_LAX));
}

void session_end(struct req *rq, struct resp *rs)
{
    rq->token = STR_ABSENT;
    rq->token_known = false;
    rq->csrf = STR_ABSENT;
    resp_header(rs, "Set-Cookie", cookie_make(rq->arena, SESSION_COOKIE, STR(""), 0, COOKIE_LAX));
}

bool session_hash(const struct req *rq, struct bytes32 *token_hash)
{
    if (rq->token_known)
        *token_hash = rq->token_hash;
    return rq->token_known;
}

void session_set_lang(struct resp *rs, enum lang lang)
{
    struct str code = str_z(message_lang_code(lang));
    resp_header(rs, "Set-Cookie",
                cookie_make(rs->rq->arena, LANG_COOKIE, code, LANG_AGE_S, COOKIE_LAX));
}

enum err session_judge(const struct session_state *s, const struct session_limits *l,
                       struct timestamp now)
{
    int64_t idle = l->idle_us ? l->idle_us : IDLE_US;
    int64_t absolute = l->absolute_us ? l->absolute_us : ABSOLUTE_US;
    if (now.us - s->created.us >= absolute || now.us - s->seen.us >= idle)
        return FAIL(E_AUTH, "session-expired", "session %llu is too old or was idle",
                    (unsigned long long)s->who.session.v);
    return E_OK;
}
