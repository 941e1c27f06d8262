/* gate.c - see gate.h */
#include "http/gate.h"

#include "base/crypto.h"
#include "base/encoding.h"
#include "base/log.h"
#include "base/random.h"
#include "http/cookie.h"
#include "http/csrf.h"
#include "http/lease.h"
#include "http/ratelimit.h"
#include "http/session_cookie.h"

#define TOKEN_TEXT 43 /* 32 bytes in base64url */
#define SEEN_EVERY_US MINUTE_US

bool gate_safe(enum method m)
{
    return m == GET || m == HEAD || m == OPTIONS;
}

static enum err load_session(struct req *rq)
{
    const struct hooks *h = rq->app->hooks;
    struct session_state state = { 0 };
    struct str token = cookie_get(rq->arena, req_header(rq, "Cookie"), SESSION_COOKIE);
    if (h->session_load == NULL || token.n != TOKEN_TEXT)
        return E_OK;
    struct bytes32 hash = sha256(bytes_of_str(token));
    enum err e = h->session_load(h->arg, rq->arena, &hash, rq->now, &state);
    if (e == E_OK)
        e = session_judge(&state, &rq->app->session, rq->now);
    if (e == E_ABSENT || e == E_AUTH) {
        fault_clear();
        return E_OK;
    }
    if (e != E_OK)
        return e;
    if (h->session_seen && rq->now.us - state.seen.us >= SEEN_EVERY_US)
        TRY(h->session_seen(h->arg, state.who.session, rq->now));
    rq->who = state.who;
    rq->token = token;
    rq->token_hash = hash;
    rq->token_known = true;
    return E_OK;
}

/* A person by certificate is that person and no other, whatever cookies came along: the browser
 * sends those of the portal to all ports of its host. */
static void become_person(struct req *rq, const struct who *who, struct str pem)
{
    rq->who = *who;
    rq->token = STR_ABSENT;
    rq->token_known = false;
    rq->certificate_hash = sha256(bytes_of_str(pem));
    rq->certificate_known = true;
}

static void client_seen(struct req *rq, const char *refused)
{
    const struct hooks *h = rq->app->hooks;
    struct client_use use = { rq->address, rq->id, rq->now, refused };
    if (h->client_seen)
        h->client_seen(h->arg, &use);
}

/* A certificate that nginx verified but we do not know, or have revoked, makes nobody. */
static enum err load_client(struct req *rq)
{
    const struct hooks *h = rq->app->hooks;
    struct str pem = req_client_cert_pem(rq);
    struct who who = { 0 };
    if (h->client_load == NULL || str_empty(pem))
        return E_OK;
    enum err e = h->client_load(h->arg, rq->arena, pem, rq->now, &who);
    if (e == E_AUTH || e == E_ABSENT || e == E_INPUT || e == E_DENIED) {
        const struct fault refused = *fault_current();
        log_warning("event=client-certificate-refused reason=%s", refused.reason);
        fault_clear();
        client_seen(rq, refused.reason);
        return E_OK;
    }
    if (e != E_OK)
        return e;
    client_seen(rq, NULL);
    if (who.account.v) {
        become_person(rq, &who, pem);
    } else if (rq->who.account.v) {
        rq->who.client = who.client;
    } else {
        rq->who = who;
    }
    return E_OK;
}

enum err gate_identify(struct req *rq)
{
    TRY(load_session(rq));
    TRY(load_client(rq));
    if (!str_empty(rq->who.lang))
        (void)message_lang_from_code(rq->who.lang, &rq->lang);
    return E_OK;
}

/* A row for staff roles alone asks for a second factor by itself. */
static bool needs_second_factor(const struct route *r, const struct who *w)
{
    uint32_t matched = w->roles & r->who & ROLE__ALL;
    if (r->flags & ROUTE_SECOND_FACTOR)
        return true;
    return !(r->who & (WHO_ANYONE | WHO_ACCOUNT)) && matched && !(matched & ~(uint32_t)ROLES_STAFF);
}

enum err gate_who(struct req *rq)
{
    const struct route *r = rq->route;
    const struct who *w = &rq->who;
    bool signed_in = w->account.v && (!w->pending || (r->flags & ROUTE_PENDING));
    bool client = w->client.v != 0;
    if (w->pending && w->account.v && !signed_in && !(r->who & WHO_ANYONE))
        return FAIL(E_AUTH, "second-factor-required", "the second factor is due");
    bool admitted = (r->who & WHO_ANYONE) || ((r->who & WHO_ACCOUNT) && signed_in) ||
                    ((r->who & WHO_CLIENT) && client) ||
                    ((signed_in || client) && (r->who & w->roles & ROLE__ALL));
    if (!admitted && !signed_in && !client) {
        bool refused = !str_empty(req_client_cert_pem(rq));
        return refused ? FAIL(E_AUTH, "client-certificate-unknown",
                              "the client certificate is unknown or revoked")
                       : FAIL(E_AUTH, "login-required", "nobody is signed in");
    }
    if (!admitted)
        return FAIL(E_DENIED, "role-required", "account %llu client %llu roles %x, route admits %x",
                    (unsigned long long)w->account.v, (unsigned long long)w->client.v, w->roles,
                    r->who);
    if (w->pending && !signed_in) /* half a sign-in is nobody to the handler of an open page */
        rq->who = (struct who){ .session = w->session, .client = w->client, .lang = w->lang };
    bool by_certificate = client && (r->who & WHO_CLIENT);
    if (signed_in && !w->second_factor && !by_certificate && !(r->flags & ROUTE_PENDING) &&
        needs_second_factor(r, w))
        return FAIL(E_DENIED, "second-factor-required", "the session has one factor only");
    return E_OK;
}

static enum err count(struct req *rq, const struct rate *rate, enum rate_scope scope,
                      struct str subject)
{
    const struct hooks *h = rq->app->hooks;
    struct rate_counts counts = { 0 };
    struct leases *leases = dispatch_leases(rq->dispatcher);
    struct rate_key key = { rate->name,      scope, subject, ratelimit_window(rate, rq->now),
                            rate->window_us, 0 };
    key.add = lease_size(rate);
    if (key.add > 1 && lease_spend(leases, &key))
        return E_OK;
    TRY(h->rate_count(h->arg, &key, &counts));
    struct rate_verdict v = ratelimit_judge(rate, counts, rq->now);
    if (v.allowed && key.add > 1)
        lease_keep(leases, &key, key.add - 1);
    if (v.allowed)
        return E_OK;
    resp_retry_after(rq->rs, v.retry_after_s);
    return FAIL(E_LIMIT, "rate-limited", "%s: %llu now, %llu before, limit %u", rate->name,
                (unsigned long long)counts.current, (unsigned long long)counts.previous,
                rate->limit);
}

static enum err count_all(struct req *rq, const struct rate *rate)
{
    const struct who *w = &rq->who;
    if (rate == NULL || rq->app->hooks->rate_count == NULL)
        return E_OK;
    if (rate->scopes & RATE_ADDRESS)
        TRY(count(rq, rate, RATE_ADDRESS, ratelimit_subject(rq->arena, rq->address)));
    if ((rate->scopes & RATE_ACCOUNT) && w->account.v)
        TRY(count(rq, rate, RATE_ACCOUNT,
                  str_fmt(rq->arena, "%llu", (unsigned long long)w->account.v)));
    if ((rate->scopes & RATE_CLIENT) && w->client.v)
        TRY(count(rq, rate, RATE_CLIENT,
                  str_fmt(rq->arena, "%llu", (unsigned long long)w->client.v)));
    return E_OK;
}

enum err gate_rate(struct req *rq)
{
    TRY(count_all(rq, rq->route->rate));
    return gate_safe(rq->method) ? E_OK : count_all(rq, rq->app->rate_unsafe);
}

/*
 * Rows of the audit log are never deleted, and strangers are refused before their requests are
 * counted: without a limit anybody could fill the disk. What is left out is still in our own log.
 */
static const struct rate recorded_rate = { "refused", RATE_ADDRESS, 60, MINUTE_US };

const char *gate_recorded(struct req *rq, const char *reason)
{
    const struct hooks *h = rq->app->hooks;
    const struct who *w = &rq->who;
    struct rate_counts counts = { 0 };
    struct rate_key key = { recorded_rate.name,
                            RATE_ADDRESS,
                            ratelimit_subject(rq->arena, rq->address),
                            ratelimit_window(&recorded_rate, rq->now),
                            recorded_rate.window_us,
                            1 };
    if (w->account.v || w->client.v) {
        key.scope = w->account.v ? RATE_ACCOUNT : RATE_CLIENT;
        key.subject = str_fmt(rq->arena, "%llu",
                              (unsigned long long)(w->account.v ? w->account.v : w->client.v));
    }
    if (h->rate_count == NULL || h->rate_count(h->arg, &key, &counts) != E_OK)
        fault_clear();
    if (counts.current == recorded_rate.limit)
        return "refusals-go-on"; /* the last row of this minute says that more may follow */
    return counts.current < recorded_rate.limit ? reason : NULL;
}

/* What the token is bound to; absent: nothing yet. */
static struct bytes binding(const struct req *rq)
{
    if (rq->certificate_known)
        return bytes_of_32(&rq->certificate_hash);
    if (rq->token_known)
        return bytes_of_32(&rq->token_hash);
    return str_empty(rq->anonymous) ? BYTES_ABSENT : bytes_of_str(rq->anonymous);
}

void gate_token(struct req *rq, struct str token)
{
    struct bytes b = binding(rq);
    rq->csrf_passed = rq->app->csrf_key && b.p && !str_empty(token) &&
                      csrf_check(rq->arena, rq->app->csrf_key, b, token);
}

static bool ours(struct req *rq)
{
    struct str site = req_header(rq, "Sec-Fetch-Site"), origin = req_header(rq, "Origin");
    struct str host = req_header(rq, "Host");
    if (rq->app->origin && str_eq_z(origin, rq->app->origin))
        return csrf_origin_ours(site, origin, origin);
    struct str own = str_fmt(rq->arena, "https://%.*s", STR_ARG(host));
    return csrf_origin_ours(site, origin, own);
}

enum err gate_csrf(struct req *rq)
{
    if (gate_safe(rq->method))
        return E_OK;
    if (!ours(rq))
        return FAIL(E_DENIED, "csrf", "Origin or Sec-Fetch-Site is not ours");
    if (rq->route->flags & ROUTE_NO_CSRF)
        return E_OK;
    if (!rq->csrf_passed)
        gate_token(rq, req_header(rq, "X-CSRF-Token"));
    return rq->csrf_passed ? E_OK : FAIL(E_DENIED, "csrf", "no token, or one of another session");
}

struct str gate_make_token(struct req *rq)
{
    if (rq->app->csrf_key == NULL || (rq->route && (rq->route->flags & ROUTE_PUBLIC_CACHE)))
        return STR_ABSENT;
    if (!str_absent(rq->csrf))
        return rq->csrf;
    if (binding(rq).p == NULL) {
        rq->anonymous = random_token(rq->arena, 32);
        /* Lax: the form may be reached from a link in a mail. */
        resp_header(rq->rs, "Set-Cookie",
                    cookie_make(rq->arena, ANONYMOUS_COOKIE, rq->anonymous, -1, COOKIE_LAX));
    }
    rq->csrf = csrf_token(rq->arena, rq->app->csrf_key, binding(rq));
    return rq->csrf;
}
