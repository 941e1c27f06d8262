/* fcgi_client.c - see fcgi_client.h; the records are those of the FastCGI Specification 1.0,
 * section 3. */
#include "fcgi_client.h"

#include "base/buf.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { BEGIN = 1, END = 3, PARAMS = 4, STDIN = 5, STDOUT = 6 };

static void add_record(struct buf *b, int type, const void *p, size_t n)
{
    uint8_t head[8] = { 1, (uint8_t)type, 0, 1, (uint8_t)(n >> 8), (uint8_t)n, 0, 0 };
    buf_add(b, head, sizeof(head));
    if (n)
        buf_add(b, p, n);
}

static void add_pair(struct buf *b, const char *name, const char *value)
{
    buf_add_char(b, (char)strlen(name));
    buf_add_char(b, (char)strlen(value));
    buf_add_z(b, name);
    buf_add_z(b, value);
}

int fcgi_client_begin(const char *socket_path, const char *uri)
{
    static const uint8_t responder[8] = { 0, 1, 0, 0, 0, 0, 0, 0 };
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    struct buf b = buf_init(65536), pairs = buf_init(65536);
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", socket_path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    add_pair(&pairs, "REQUEST_METHOD", "GET");
    add_pair(&pairs, "REQUEST_URI", uri);
    add_pair(&pairs, "REMOTE_ADDR", "127.0.0.1");
    add_record(&b, BEGIN, responder, sizeof(responder));
    add_record(&b, PARAMS, pairs.p, pairs.n);
    add_record(&b, PARAMS, NULL, 0);
    add_record(&b, STDIN, NULL, 0);
    if (fd >= 0 && (connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
                    write(fd, b.p, b.n) != (ssize_t)b.n)) {
        close(fd);
        fd = -1;
    }
    buf_free(&b);
    buf_free(&pairs);
    return fd;
}

static bool read_all(int fd, void *p, size_t n)
{
    uint8_t *at = p;
    while (n > 0) {
        ssize_t got = read(fd, at, n);
        if (got <= 0)
            return false;
        at += got;
        n -= (size_t)got;
    }
    return true;
}

struct str fcgi_client_end(struct arena *a, int fd)
{
    struct buf out = buf_init(16u << 20);
    struct str text = STR_ABSENT;
    uint8_t head[8], content[65536 + 256];
    while (fd >= 0 && read_all(fd, head, sizeof(head))) {
        size_t n = (size_t)head[4] << 8 | head[5];
        if (!read_all(fd, content, n + head[6]))
            break;
        if (head[1] == STDOUT)
            buf_add(&out, content, n);
        if (head[1] != END)
            continue;
        if (buf_to_str(&out, a, &text) != E_OK)
            text = STR_ABSENT;
        break;
    }
    if (fd >= 0)
        close(fd);
    buf_free(&out);
    return text;
}

struct str fcgi_client_get(struct arena *a, const char *socket_path, const char *uri)
{
    return fcgi_client_end(a, fcgi_client_begin(socket_path, uri));
}
