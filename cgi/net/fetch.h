/*
 * fetch.h - one HTTP exchange with the outside (libcurl), guarded against server-side request
 * forgery: http and https only, host and port on the allow-list, the name resolved here once, every
 * address checked, the connection pinned to the checked address, redirects never followed, size and
 * time limited. Only the gateway links this.
 */
#pragma once

#include "base/buf.h"
#include "base/clock.h"

/* The allow-list, from the setting gateway.allow. */
struct fetch_allow;

/*
 * Parse entries separated by comma or space: `host:port`, `[v6]:port`, or `*:port` (any public host
 * at that port). A host that is an address, and `localhost`, allow exactly that, private or not;
 * every other name is allowed only as far as it resolves to public addresses. E_INPUT
 * "allow-malformed".
 */
enum err fetch_allow_parse(struct str list, struct fetch_allow **out) MUST_CHECK;
void fetch_allow_free(struct fetch_allow *a); /* NULL is fine */

/* A URL taken apart: scheme http or https, host in lower case without brackets, port, the rest. */
struct fetch_url {
    bool https;
    struct str host;
    uint16_t port;
    bool literal; /* the host is an IP address */
};

/* E_INPUT "url-malformed": other schemes, user info, no host, control characters, over 2048 bytes.
 */
enum err fetch_url_parse(struct str url, struct arena *a, struct fetch_url *out) MUST_CHECK;

/* An address as 16 bytes (IPv4 as ::ffff:a.b.c.d). True when it is globally reachable unicast. */
bool fetch_address_public(const uint8_t address[16]);

struct fetch_request {
    struct str url;
    struct str sends; /* media type of the body; absent: GET */
    struct bytes body;
    struct str accepts; /* required media type of the reply; absent: any */
    struct str headers; /* further ones, "Name: value" each on a line; absent: none */
    bool notice;        /* every 2xx will do; another status is "http-<status>" */
    bool https_only;    /* unless the allow-list names exactly that host */
    size_t reply_max;
    int64_t timeout_us;
};

/*
 * Do it. The body of a reply with status 200 goes to the arena. E_DENIED "gateway-refused" for what
 * the allow-list or the address check refuses; E_LIMIT "gateway-too-large"; E_BACKEND
 * "fetch-failed", "gateway-timeout"; E_INPUT "url-malformed". Of a notice also E_BACKEND
 * "http-<status>".
 */
enum err fetch_run(const struct fetch_allow *allow, const struct fetch_request *rq, struct arena *a,
                   struct bytes *reply) MUST_CHECK;
