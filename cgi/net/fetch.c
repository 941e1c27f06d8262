/* fetch.c - one guarded HTTP exchange over libcurl. */
#include "net/fetch.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <sys/socket.h>

#define ADDRESSES_MAX 16

struct entry {
    struct str host; /* "*": any public host */
    uint16_t port;
    bool exact; /* an address or localhost: allowed although it is not public */
};

struct fetch_allow {
    struct arena *arena;
    struct entry *entries;
    size_t n;
};

static bool separator(char c)
{
    return c == ' ' || c == ',' || c == '\t' || c == '\n';
}

/* One entry of the list: a URL without its scheme, or "*:port". */
static enum err parse_entry(struct arena *a, struct str s, struct entry *out)
{
    struct fetch_url u;
    uint64_t port;
    size_t colon = str_find(s, ':', 0);

    if (s.n > 2 && s.p[0] == '*' && colon == 1) {
        if (str_to_u64(str_sub(a, s, 2, s.n), 65535, &port) != E_OK || port == 0)
            return FAIL(E_INPUT, "allow-malformed", "port of %.*s", STR_ARG(s));
        *out = (struct entry){ STR("*"), (uint16_t)port, false };
        return E_OK;
    }
    /* the port must be told: an entry without one is more likely a slip than a wish for port 80 */
    if (colon == SIZE_MAX || str_find(s, '/', 0) != SIZE_MAX || s.p[s.n - 1] == ']' ||
        fetch_url_parse(str_fmt(a, "http://%.*s/", STR_ARG(s)), a, &u) != E_OK)
        return FAIL(E_INPUT, "allow-malformed", "host:port expected, not %.*s", STR_ARG(s));
    *out = (struct entry){ u.host, u.port, u.literal || str_eq_z(u.host, "localhost") };
    return E_OK;
}

enum err fetch_allow_parse(struct str list, struct fetch_allow **out)
{
    struct fetch_allow *w = calloc(1, sizeof *w);
    enum err e = E_OK;
    size_t i = 0;

    if (w == NULL)
        return FAIL(E_INTERNAL, "", "out of memory");
    w->arena = arena_new(1 << 20);
    w->entries = ARENA_ARRAY(w->arena, list.n / 2 + 1, struct entry);
    while (e == E_OK && i < list.n) {
        size_t from;
        while (i < list.n && separator(list.p[i]))
            i++;
        from = i;
        while (i < list.n && !separator(list.p[i]))
            i++;
        if (i > from) {
            e = parse_entry(w->arena, str_sub(w->arena, list, from, i), &w->entries[w->n]);
            w->n++;
        }
    }
    if (e == E_OK)
        *out = w;
    else
        fetch_allow_free(w);
    return e;
}

void fetch_allow_free(struct fetch_allow *a)
{
    if (a == NULL)
        return;
    arena_free(a->arena);
    free(a);
}

/* The entry that lets u through, an exact host before the wildcard; NULL: none. */
static const struct entry *allowed(const struct fetch_allow *w, const struct fetch_url *u)
{
    const struct entry *wild = NULL;
    for (size_t i = 0; i < w->n; i++) {
        const struct entry *x = &w->entries[i];
        if (x->port != u->port)
            continue;
        if (str_eq(x->host, u->host))
            return x;
        if (str_eq_z(x->host, "*"))
            wild = x;
    }
    return wild;
}

/* The addresses that were checked; libcurl may connect to nothing else. */
struct pinned {
    uint8_t address[ADDRESSES_MAX][16];
    size_t n;
};

static bool address_of(const struct sockaddr *sa, uint8_t out[16])
{
    if (sa->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, sa, sizeof in);
        memset(out, 0, 10);
        memset(out + 10, 0xFF, 2);
        memcpy(out + 12, &in.sin_addr, 4);
        return true;
    }
    if (sa->sa_family == AF_INET6) {
        struct sockaddr_in6 in;
        memcpy(&in, sa, sizeof in);
        memcpy(out, &in.sin6_addr, 16);
        return true;
    }
    return false;
}

static bool loopback(const uint8_t a[16])
{
    static const uint8_t v4[13] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 127 };
    static const uint8_t v6[16] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 };
    return memcmp(a, v4, sizeof v4) == 0 || memcmp(a, v6, sizeof v6) == 0;
}

static enum err check_address(const struct entry *x, const struct fetch_url *u, const uint8_t a[16])
{
    if (fetch_address_public(a) || (x->exact && u->literal))
        return E_OK;
    if (x->exact && loopback(a)) /* localhost, and only to where that name points */
        return E_OK;
    return FAIL(E_DENIED, "gateway-refused", "%.*s resolves to a special address",
                STR_ARG(u->host));
}

/* Resolve once; every address must be allowed, so that no order of answers can slip one in. */
static enum err resolve(const struct entry *x, const struct fetch_url *u, struct pinned *pins)
{
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG };
    struct addrinfo *list = NULL;
    enum err e = E_OK;
    int rc;

    if (u->literal)
        hints.ai_flags = AI_NUMERICHOST;
    rc = getaddrinfo(u->host.p, NULL, &hints, &list);
    if (rc != 0)
        return FAIL(E_BACKEND, "fetch-failed", "resolving %.*s: %s", STR_ARG(u->host),
                    gai_strerror(rc));
    for (struct addrinfo *i = list; i != NULL && e == E_OK && pins->n < ADDRESSES_MAX;
         i = i->ai_next) {
        if (!address_of(i->ai_addr, pins->address[pins->n]))
            continue;
        e = check_address(x, u, pins->address[pins->n]);
        pins->n++;
    }
    freeaddrinfo(list);
    if (e == E_OK && pins->n == 0)
        e = FAIL(E_BACKEND, "fetch-failed", "%.*s has no address", STR_ARG(u->host));
    return e;
}

/* CURLOPT_RESOLVE's form: host:port:address[,address]. */
static struct str pin_line(struct arena *a, const struct fetch_url *u, const struct pinned *pins)
{
    struct str s = str_fmt(a, "%.*s:%u:", STR_ARG(u->host), u->port);
    for (size_t i = 0; i < pins->n; i++) {
        char text[INET6_ADDRSTRLEN];
        bool v4 = pins->address[i][10] == 0xFF && pins->address[i][11] == 0xFF &&
                  pins->address[i][0] == 0;
        if (v4)
            inet_ntop(AF_INET, pins->address[i] + 12, text, sizeof text);
        else
            inet_ntop(AF_INET6, pins->address[i], text, sizeof text);
        s = str_fmt(a, v4 ? "%.*s%s%s" : "%.*s%s[%s]", STR_ARG(s), i > 0 ? "," : "", text);
    }
    return s;
}

/* Last gate, behind whatever libcurl decided: the socket's peer must be one that was checked. */
static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
    const struct pinned *pins = arg;
    uint8_t a[16];
    (void)purpose;
    if (!address_of(&address->addr, a))
        return CURL_SOCKET_BAD;
    for (size_t i = 0; i < pins->n; i++)
        if (memcmp(a, pins->address[i], sizeof a) == 0)
            return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    return CURL_SOCKET_BAD;
}

static size_t take_body(char *p, size_t size, size_t n, void *arg)
{
    struct buf *b = arg;
    buf_add(b, p, size * n);
    return buf_ok(b) ? size * n : 0;
}

static enum err curl_failure(CURLcode rc, const struct buf *body)
{
    if (!buf_ok(body) || rc == CURLE_FILESIZE_EXCEEDED)
        return FAIL(E_LIMIT, "gateway-too-large", "reply over %zu bytes", body->max);
    if (rc == CURLE_OPERATION_TIMEDOUT)
        return FAIL(E_BACKEND, "gateway-timeout", "%s", curl_easy_strerror(rc));
    return FAIL(E_BACKEND, "fetch-failed", "%s", curl_easy_strerror(rc));
}

/* Media type without parameters equals what is accepted. */
static bool media_type_is(const char *type, struct str accepts)
{
    size_t n = type ? strcspn(type, "; \t") : 0;
    return n == accepts.n &&
           str_eq_ci((struct str){ type, n }, accepts); /* compared by length, no NUL needed */
}

static enum err judge(CURL *c, const struct fetch_request *rq)
{
    long status = 0;
    char *type = NULL;
    curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(c, CURLINFO_CONTENT_TYPE, &type);
    if (status >= 300 && status < 400)
        return FAIL(E_DENIED, "gateway-refused", "a redirect (%ld) is not followed", status);
    if (rq->notice && (status < 200 || status > 299)) {
        char reason[16];
        (void)snprintf(reason, sizeof reason, "http-%03ld", status % 1000);
        return FAIL(E_BACKEND, reason, "status %ld", status);
    }
    if (!rq->notice && status != 200)
        return FAIL(E_BACKEND, "fetch-failed", "status %ld", status);
    if (!str_absent(rq->accepts) && !media_type_is(type, rq->accepts))
        return FAIL(E_BACKEND, "fetch-failed", "media type %s", type ? type : "none");
    return E_OK;
}

static void set_limits(CURL *c, const struct fetch_request *rq)
{
    long ms = (long)(rq->timeout_us / 1000);
    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(c, CURLOPT_PROXY, ""); /* no proxy from the environment */
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, ms > 0 ? ms : 1L);
    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, ms > 4000 ? 4000L : ms);
    curl_easy_setopt(c, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)rq->reply_max);
    curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(c, CURLOPT_USERAGENT, "Shomei-gateway");
    curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 2L);
}

static struct curl_slist *set_request(CURL *c, const struct fetch_request *rq, struct arena *a)
{
    struct curl_slist *h = curl_slist_append(NULL, "Expect:");
    curl_easy_setopt(c, CURLOPT_URL, rq->url.p);
    if (!str_absent(rq->sends)) {
        h = curl_slist_append(h, str_fmt(a, "Content-Type: %.*s", STR_ARG(rq->sends)).p);
        curl_easy_setopt(c, CURLOPT_POST, 1L);
        curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)rq->body.n);
        curl_easy_setopt(c, CURLOPT_POSTFIELDS, (const char *)rq->body.p);
    }
    for (size_t at = 0; at < rq->headers.n;) {
        size_t end = str_find(rq->headers, '\n', at);
        if (end == SIZE_MAX)
            end = rq->headers.n;
        h = curl_slist_append(h, str_sub(a, rq->headers, at, end).p);
        at = end + 1;
    }
    if (!str_absent(rq->accepts))
        h = curl_slist_append(h, str_fmt(a, "Accept: %.*s", STR_ARG(rq->accepts)).p);
    curl_easy_setopt(c, CURLOPT_HTTPHEADER, h);
    return h;
}

static enum err perform(const struct fetch_url *u, struct pinned *pins,
                        const struct fetch_request *rq, struct arena *a, struct bytes *reply)
{
    struct buf body = buf_init(rq->reply_max);
    struct curl_slist *headers = NULL, *pin = NULL;
    CURL *c = curl_easy_init();
    CURLcode rc;
    enum err e;

    if (c == NULL)
        return FAIL(E_INTERNAL, "", "curl_easy_init");
    set_limits(c, rq);
    headers = set_request(c, rq, a);
    if (!u->literal)
        pin = curl_slist_append(NULL, pin_line(a, u, pins).p);
    curl_easy_setopt(c, CURLOPT_RESOLVE, pin);
    curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, pins);
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(c, CURLOPT_WRITEDATA, &body);
    rc = curl_easy_perform(c);
    e = rc == CURLE_OK ? judge(c, rq) : curl_failure(rc, &body);
    if (e == E_OK)
        e = buf_to_bytes(&body, a, reply);
    curl_easy_cleanup(c);
    curl_slist_free_all(headers);
    curl_slist_free_all(pin);
    buf_free(&body);
    return e;
}

enum err fetch_run(const struct fetch_allow *allow, const struct fetch_request *rq, struct arena *a,
                   struct bytes *reply)
{
    struct pinned pins = { .n = 0 };
    const struct entry *x;
    struct fetch_url u;
    enum err e = fetch_url_parse(rq->url, a, &u);

    if (e != E_OK)
        return e;
    x = allowed(allow, &u);
    if (x == NULL)
        return FAIL(E_DENIED, "gateway-refused", "%.*s:%u is not on the allow-list",
                    STR_ARG(u.host), u.port);
    if (rq->https_only && !u.https && !x->exact)
        return FAIL(E_DENIED, "gateway-refused", "not https");
    e = resolve(x, &u, &pins);
    if (e != E_OK)
        return e;
    return perform(&u, &pins, rq, a, reply);
}
