/* render_client.c - see render_client.h */
#include "net/render_client.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define EXCHANGE_US                                                                                \
    (30 * SECOND_US) /* longer than the renderer's own limit: its word comes first */
#define PIECE 65536
#define SIZE_BYTES 8 /* of one page in a list */

static enum err broken(const char *what)
{
    return FAIL(E_BACKEND, "render-unavailable", "%s: errno %d", what, errno);
}

/* --- numbers --- */

static void put32(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)(v >> 24);
    p[1] = (uint8_t)(v >> 16);
    p[2] = (uint8_t)(v >> 8);
    p[3] = (uint8_t)v;
}

static uint32_t get32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Head: "SHR1", operation, page, width, password's length, 1 when there is one. */
void render_client_head(const struct render_client_request *rq, uint8_t head[RENDER_CLIENT_HEAD])
{
    put32(head, 0x53485231); /* "SHR1" */
    put32(head + 4, (uint32_t)rq->op);
    put32(head + 8, rq->page);
    put32(head + 12, rq->width);
    put32(head + 16, rq->password);
    put32(head + 20, rq->has_password);
}

enum err render_client_parse(const uint8_t head[RENDER_CLIENT_HEAD],
                             struct render_client_request *out)
{
    uint32_t op = get32(head + 4), has = get32(head + 20);
    struct render_client_request rq = { .page = get32(head + 8),
                                        .width = get32(head + 12),
                                        .password = get32(head + 16),
                                        .has_password = has == 1 };

    if (memcmp(head, "SHR1", 4) != 0 || op >= RENDER_CLIENT_OP__MAX || has > 1)
        return FAIL(E_INPUT, "render-frame", "malformed head");
    rq.op = (enum render_client_op)op;
    if (rq.password > RENDER_CLIENT_PASSWORD_MAX || (!rq.has_password && rq.password > 0))
        return FAIL(E_INPUT, "render-frame", "password of %u bytes", rq.password);
    if (rq.op != RENDER_CLIENT_PING && (rq.page < 1 || rq.page > INT32_MAX))
        return FAIL(E_INPUT, "render-frame", "page %u", rq.page);
    if (rq.op == RENDER_CLIENT_PAGE &&
        (rq.width < RENDER_CLIENT_WIDTH_MIN || rq.width > RENDER_CLIENT_WIDTH_MAX))
        return FAIL(E_INPUT, "render-frame", "width %u", rq.width);
    *out = rq;
    return E_OK;
}

/* --- answers --- */

static const struct {
    enum err err;
    const char *reason;
} outcomes[] = {
    { E_OK, "" },
    { E_BUSY, "render-busy" },
    { E_INPUT, "render-damaged" },
    { E_INPUT, "pdf-password-needed" },
    { E_INPUT, "pdf-password-wrong" },
    { E_LIMIT, "render-too-large" },
    { E_ABSENT, "render-no-page" },
    { E_INPUT, "render-frame" },
    { E_BACKEND, "render-failed" },
};
enum { OUTCOMES = sizeof outcomes / sizeof *outcomes };

void render_client_answer_head(const char *reason, uint32_t body,
                               uint8_t head[RENDER_CLIENT_ANSWER])
{
    uint32_t i = 0;
    while (i < OUTCOMES - 1 && strcmp(outcomes[i].reason, reason) != 0)
        i++;
    put32(head, 0x53485241); /* "SHRA" */
    put32(head + 4, i);
    put32(head + 8, i == 0 ? body : 0);
}

enum err render_client_answer_parse(const uint8_t head[RENDER_CLIENT_ANSWER], uint32_t *body)
{
    uint32_t i = get32(head + 4), n = get32(head + 8);

    if (memcmp(head, "SHRA", 4) != 0 || i >= OUTCOMES || n > RENDER_CLIENT_PNG_MAX)
        return FAIL(E_BACKEND, "render-unavailable", "malformed answer");
    if (i > 0)
        return FAIL(outcomes[i].err, outcomes[i].reason, "the renderer said so");
    *body = n;
    return E_OK;
}

void render_client_put_list(struct buf *b, const struct render_client_list *l)
{
    uint8_t n[SIZE_BYTES];

    put32(n, l->count);
    put32(n + 4, l->first);
    buf_add(b, n, sizeof n);
    for (size_t i = 0; i < l->sizes_n; i++) {
        put32(n, (uint32_t)(l->sizes[i].width * 1000));
        put32(n + 4, (uint32_t)(l->sizes[i].height * 1000));
        buf_add(b, n, sizeof n);
    }
}

enum err render_client_get_list(struct bytes body, struct arena *a, struct render_client_list *out)
{
    if (body.n < SIZE_BYTES || body.n % SIZE_BYTES != 0 ||
        body.n / SIZE_BYTES - 1 > RENDER_CLIENT_LIST_MAX)
        return FAIL(E_BACKEND, "render-unavailable", "malformed list of %zu bytes", body.n);
    *out = (struct render_client_list){ .count = get32(body.p),
                                        .first = get32(body.p + 4),
                                        .sizes_n = body.n / SIZE_BYTES - 1 };
    out->sizes = ARENA_ARRAY(a, out->sizes_n, struct render_client_size);
    for (size_t i = 0; i < out->sizes_n; i++) {
        const uint8_t *p = body.p + SIZE_BYTES * (i + 1);
        out->sizes[i] = (struct render_client_size){ get32(p) / 1000.0, get32(p + 4) / 1000.0 };
    }
    return E_OK;
}

/* --- the exchange --- */

static enum err write_all(int fd, const uint8_t *p, size_t n)
{
    while (n > 0) {
        ssize_t k = write(fd, p, n);
        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0)
            return broken("memfd");
        p += k;
        n -= (size_t)k;
    }
    return E_OK;
}

/* The document in memory that nobody can change any more: the child may trust its size. */
static enum err copy_document(const struct render_client_source *s, int *out)
{
    uint8_t piece[PIECE];
    enum err e = E_OK;
    int fd = memfd_create("document", MFD_CLOEXEC | MFD_ALLOW_SEALING);

    if (fd < 0)
        return broken("memfd_create");
    for (uint64_t at = 0; at < s->size && e == E_OK;) {
        size_t n = s->size - at < PIECE ? (size_t)(s->size - at) : PIECE;
        e = s->read(s->arg, at, piece, n);
        if (e == E_OK)
            e = write_all(fd, piece, n);
        at += n;
    }
    secret_wipe(piece, sizeof piece);
    if (e == E_OK &&
        fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
        e = broken("seal");
    if (e != E_OK) {
        (void)close(fd);
        return e;
    }
    *out = fd;
    return E_OK;
}

static enum err wait_for(int fd, short events, int64_t deadline)
{
    for (;;) {
        struct pollfd p = { .fd = fd, .events = events };
        int64_t left = deadline - clock_monotonic_us();
        if (left <= 0)
            return FAIL(E_BACKEND, "render-timeout", "no answer before the deadline");
        int n = poll(&p, 1, (int)(left / 1000 + 1));
        if (n > 0)
            return E_OK;
        if (n < 0 && errno != EINTR)
            return broken("poll");
    }
}

static enum err connect_to(struct str path, int *out)
{
    struct sockaddr_un sa = { .sun_family = AF_UNIX };
    int fd;

    if (path.n >= sizeof sa.sun_path)
        return FAIL(E_INTERNAL, "render-unavailable", "socket path too long");
    memcpy(sa.sun_path, path.p, path.n);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return broken("socket");
    if (connect(fd, (const struct sockaddr *)&sa, sizeof sa) != 0) {
        enum err e = broken("connect");
        (void)close(fd);
        return e;
    }
    *out = fd;
    return E_OK;
}

/* Head and descriptor in one message, then the password. */
static enum err send_request(int fd, const struct render_client_request *rq, int document,
                             const struct secret *password)
{
    uint8_t head[RENDER_CLIENT_HEAD];
    struct iovec part = { head, sizeof head };
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof(int))];
    } control = { .room = { 0 } };
    struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1 };

    render_client_head(rq, head);
    if (document >= 0) {
        m.msg_control = control.room;
        m.msg_controllen = sizeof control.room;
        struct cmsghdr *c = CMSG_FIRSTHDR(&m);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof document);
        memcpy(CMSG_DATA(c), &document, sizeof document);
    }
    /* both fit into an empty socket's buffer: no waiting */
    if (sendmsg(fd, &m, MSG_NOSIGNAL) != (ssize_t)sizeof head)
        return broken("sendmsg");
    if (rq->password > 0 &&
        send(fd, secret_bytes(password).p, rq->password, MSG_NOSIGNAL) != (ssize_t)rq->password)
        return broken("send");
    return E_OK;
}

static enum err receive_all(int fd, uint8_t *p, size_t n, int64_t deadline)
{
    while (n > 0) {
        enum err e = wait_for(fd, POLLIN, deadline);
        if (e != E_OK)
            return e;
        ssize_t k = recv(fd, p, n, MSG_DONTWAIT);
        if (k < 0 && (errno == EAGAIN || errno == EINTR))
            continue;
        if (k == 0 || (k < 0 && errno == ECONNRESET))
            return FAIL(E_BACKEND, "render-failed", "the child ended without an answer");
        if (k < 0)
            return broken("recv");
        p += k;
        n -= (size_t)k;
    }
    return E_OK;
}

static enum err exchange(struct str socket_path, struct render_client_request *rq, int document,
                         const struct secret *password, struct buf *body)
{
    int64_t deadline = clock_monotonic_us() + EXCHANGE_US;
    uint8_t head[RENDER_CLIENT_ANSWER], *p = NULL;
    uint32_t n = 0;
    int fd = -1;
    enum err e;

    rq->has_password = password != NULL;
    rq->password = password ? (uint32_t)secret_size(password) : 0;
    if (rq->password > RENDER_CLIENT_PASSWORD_MAX)
        return FAIL(E_INPUT, "pdf-password-wrong", "no password is that long");
    e = connect_to(socket_path, &fd);
    if (e != E_OK)
        return e;
    e = send_request(fd, rq, document, password);
    if (e == E_OK)
        e = receive_all(fd, head, sizeof head, deadline);
    if (e == E_OK)
        e = render_client_answer_parse(head, &n);
    if (e == E_OK && n > 0 && (p = buf_extend(body, n)) == NULL)
        e = FAIL(E_LIMIT, "render-too-large", "%u bytes do not fit", n);
    if (e == E_OK && n > 0)
        e = receive_all(fd, p, n, deadline);
    (void)close(fd);
    return e;
}

enum err render_client_pages(struct str socket_path, const struct render_client_source *source,
                             const struct secret *password, uint32_t first, struct arena *a,
                             struct render_client_list *out)
{
    struct render_client_request rq = { .op = RENDER_CLIENT_PAGES, .page = first };
    struct buf body = buf_init(SIZE_BYTES * (RENDER_CLIENT_LIST_MAX + 1));
    int fd = -1;
    enum err e = copy_document(source, &fd);

    if (e != E_OK)
        return e;
    e = exchange(socket_path, &rq, fd, password, &body);
    if (e == E_OK)
        e = render_client_get_list(buf_bytes(&body), a, out);
    (void)close(fd);
    buf_free(&body);
    return e;
}

enum err render_client_page(struct str socket_path, const struct render_client_source *source,
                            const struct secret *password, uint32_t page, uint32_t width,
                            struct buf *png)
{
    struct render_client_request rq = { .op = RENDER_CLIENT_PAGE, .page = page, .width = width };
    int fd = -1;
    enum err e = copy_document(source, &fd);

    if (e != E_OK)
        return e;
    e = exchange(socket_path, &rq, fd, password, png);
    (void)close(fd);
    return e;
}

enum err render_client_ping(struct str socket_path)
{
    struct render_client_request rq = { .op = RENDER_CLIENT_PING };
    struct buf nothing = buf_init(1);
    enum err e = exchange(socket_path, &rq, -1, NULL, &nothing);

    buf_free(&nothing);
    return e;
}
