/* gateway_client.c - frames over the gateway's unix socket. */
#include "net/gateway_client.h"
#include "base/clock.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define FRAME_HEAD 16
#define WORDS_MAX 256
#define URL_MAX 2048

static const struct gateway_rule rules[GATEWAY__MAX] = {
    [GATEWAY_TSA] = { "tsa", "application/timestamp-query", "application/timestamp-reply", 4096,
                      64 * 1024, 10 },
    [GATEWAY_OCSP] = { "ocsp", "application/ocsp-request", "application/ocsp-response", 4096,
                       64 * 1024, 10 },
    [GATEWAY_CRL] = { "crl", NULL, NULL, 0, 16 * 1024 * 1024, 20 },
    [GATEWAY_CA] = { "ca", NULL, NULL, 0, 64 * 1024, 10 },
    [GATEWAY_WEBHOOK] = { "webhook", "application/json", NULL, GATEWAY_REQUEST_MAX, 64 * 1024, 5 },
    [GATEWAY_PING] = { "ping", NULL, NULL, 0, 0, 2 },
};

const struct gateway_rule *gateway_client_rule(enum gateway_purpose purpose)
{
    return (unsigned)purpose < GATEWAY__MAX ? &rules[purpose] : NULL;
}

enum gateway_purpose gateway_client_purpose(struct str name)
{
    unsigned i = 0;
    while (i < GATEWAY__MAX && !str_eq_z(name, rules[i].name))
        i++;
    return (enum gateway_purpose)i;
}

static enum err broken(const char *what)
{
    return FAIL(E_BACKEND, "gateway-unavailable", "%s: errno %d", what, errno);
}

/* Wait until fd is ready for `events` or the deadline passes. */
static enum err wait_for(int fd, short events, int64_t deadline)
{
    for (;;) {
        struct pollfd p = { .fd = fd, .events = events };
        int64_t left = deadline - clock_monotonic_us();
        if (left <= 0)
            return FAIL(E_BACKEND, "gateway-timeout", "no progress before the deadline");
        int n = poll(&p, 1, (int)(left / 1000 + 1));
        if (n > 0)
            return E_OK;
        if (n < 0 && errno != EINTR)
            return broken("poll");
    }
}

static enum err send_all(int fd, const void *data, size_t n, int64_t deadline)
{
    const uint8_t *p = data;
    while (n > 0) {
        ssize_t k = send(fd, p, n, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (k > 0) {
            p += k;
            n -= (size_t)k;
        } else if (k < 0 && (errno == EAGAIN || errno == EINTR)) {
            enum err e = wait_for(fd, POLLOUT, deadline);
            if (e != E_OK)
                return e;
        } else {
            return broken("send");
        }
    }
    return E_OK;
}

static enum err receive_all(int fd, void *data, size_t n, int64_t deadline)
{
    uint8_t *p = data;
    while (n > 0) {
        ssize_t k = recv(fd, p, n, MSG_DONTWAIT);
        if (k > 0) {
            p += k;
            n -= (size_t)k;
        } else if (k < 0 && (errno == EAGAIN || errno == EINTR)) {
            enum err e = wait_for(fd, POLLIN, deadline);
            if (e != E_OK)
                return e;
        } else {
            return broken(k == 0 ? "closed early" : "recv");
        }
    }
    return E_OK;
}

static void put32(uint8_t *p, size_t v)
{
    p[0] = (uint8_t)(v >> 24);
    p[1] = (uint8_t)(v >> 16);
    p[2] = (uint8_t)(v >> 8);
    p[3] = (uint8_t)v;
}

static size_t get32(const uint8_t *p)
{
    return (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
}

enum err gateway_client_write(int fd, const struct gateway_frame *f, int64_t deadline)
{
    uint8_t head[FRAME_HEAD] = { 'S', 'G', 'W', '1' };
    size_t words = f->words[0].n + 1 + f->words[1].n;
    struct buf b = buf_init(FRAME_HEAD + WORDS_MAX + URL_MAX);
    enum err e;

    put32(head + 4, words);
    put32(head + 8, f->url.n);
    put32(head + 12, f->body.n);
    buf_add(&b, head, sizeof head);
    buf_add_str(&b, f->words[0]);
    buf_add_char(&b, '\n');
    buf_add_str(&b, f->words[1]);
    buf_add_str(&b, f->url);
    if (!buf_ok(&b) || words > WORDS_MAX || f->url.n > URL_MAX || f->body.n > UINT32_MAX) {
        e = FAIL(E_INPUT, "url-malformed", "the frame's parts are too long");
        goto out;
    }
    e = send_all(fd, b.p, b.n, deadline);
    if (e == E_OK)
        e = send_all(fd, f->body.p, f->body.n, deadline);
out:
    buf_free(&b);
    return e;
}

/* "word\nword" into two. */
static enum err split_words(struct arena *a, const uint8_t *p, size_t n, struct str out[2])
{
    const uint8_t *line = memchr(p, '\n', n);
    if (line == NULL || !utf8_valid((const char *)p, n))
        return FAIL(E_INPUT, "gateway-frame", "malformed words");
    out[0] = str_of(a, (const char *)p, (size_t)(line - p));
    out[1] = str_of(a, (const char *)line + 1, n - (size_t)(line - p) - 1);
    return E_OK;
}

enum err gateway_client_read(int fd, size_t body_max, int64_t deadline, struct arena *a,
                             struct gateway_frame *f)
{
    uint8_t head[FRAME_HEAD], text[WORDS_MAX + URL_MAX];
    size_t words, url, body;
    uint8_t *p;
    enum err e = receive_all(fd, head, sizeof head, deadline);

    if (e != E_OK)
        return e;
    words = get32(head + 4);
    url = get32(head + 8);
    body = get32(head + 12);
    if (memcmp(head, "SGW1", 4) != 0 || words > WORDS_MAX || url > URL_MAX)
        return FAIL(E_INPUT, "gateway-frame", "malformed head");
    if (body > body_max)
        return FAIL(E_LIMIT, "gateway-too-large", "%zu bytes, %zu allowed", body, body_max);
    e = receive_all(fd, text, words + url, deadline);
    if (e == E_OK)
        e = split_words(a, text, words, f->words);
    if (e == E_OK && !utf8_valid((const char *)text + words, url))
        e = FAIL(E_INPUT, "gateway-frame", "malformed URL");
    if (e != E_OK)
        return e;
    f->url = str_of(a, (const char *)text + words, url);
    p = arena_alloc(a, body);
    e = receive_all(fd, p, body, deadline);
    f->body = (struct bytes){ p, body };
    return e;
}

static enum err connect_to(struct str path, int *out)
{
    struct sockaddr_un sa = { .sun_family = AF_UNIX };
    int fd;

    if (path.n == 0 || path.n >= sizeof sa.sun_path)
        return FAIL(E_BACKEND, "gateway-unavailable", "socket path of %zu bytes", path.n);
    memcpy(sa.sun_path, path.p, path.n);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return broken("socket");
    if (connect(fd, (const struct sockaddr *)&sa, sizeof sa) != 0) {
        enum err e = broken("connect");
        close(fd);
        return e;
    }
    *out = fd;
    return E_OK;
}

/* The gateway's word for what went wrong, back to an error of ours. */
static enum err outcome(const struct gateway_frame *f)
{
    static const struct {
        const char *reason;
        enum err err;
    } known[] = {
        { "gateway-refused", E_DENIED },  { "gateway-too-large", E_LIMIT },
        { "gateway-timeout", E_BACKEND }, { "fetch-failed", E_BACKEND },
        { "url-malformed", E_INPUT },
    };
    if (str_eq_z(f->words[0], "ok"))
        return E_OK;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (str_eq_z(f->words[1], known[i].reason))
            return FAIL(known[i].err, known[i].reason, "the gateway said so");
    if (f->words[1].n == 8 && str_starts(f->words[1], STR("http-")))
        return FAIL(E_BACKEND, f->words[1].p, "the gateway said so");
    return FAIL(E_BACKEND, "gateway-unavailable", "unknown outcome %.*s", STR_ARG(f->words[1]));
}

enum err gateway_client_fetch(struct str socket_path, enum gateway_purpose purpose, struct str url,
                              struct bytes body, struct arena *a, struct bytes *reply)
{
    const struct gateway_rule *r = gateway_client_rule(purpose);
    struct gateway_frame f = { .url = url, .body = body };
    int64_t deadline;
    enum err e;
    int fd = -1;

    if (r == NULL || body.n > r->request_max)
        return FAIL(E_INPUT, "url-malformed", "purpose or body out of range");
    /* the gateway's own limit comes first, so that its reason arrives */
    deadline = clock_monotonic_us() + (r->seconds + 2) * SECOND_US;
    f.words[0] = str_z(r->name);
    f.words[1] = r->sends ? str_z(r->sends) : STR("");
    e = connect_to(socket_path, &fd);
    if (e != E_OK)
        return e;
    e = gateway_client_write(fd, &f, deadline);
    if (e == E_OK)
        e = gateway_client_read(fd, r->reply_max, deadline, a, &f);
    if (e == E_OK)
        e = outcome(&f);
    if (e == E_OK)
        *reply = f.body;
    close(fd);
    return e;
}

enum err gateway_client_ping(struct str socket_path, struct arena *a)
{
    struct bytes nothing;
    return gateway_client_fetch(socket_path, GATEWAY_PING, STR(""), BYTES_ABSENT, a, &nothing);
}
