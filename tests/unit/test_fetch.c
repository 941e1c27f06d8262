/*
 * test_fetch.c - the gateway's guard: which addresses, URLs and replies are let through
 * (server-side request forgery), against a small HTTP server of its own on 127.0.0.1.
 */
#include "net/fetch.h"
#include "tap.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static bool public_address(const char *text)
{
    uint8_t a[16];
    memset(a, 0, 10);
    memset(a + 10, 0xFF, 2);
    if (inet_pton(AF_INET, text, a + 12) != 1 && inet_pton(AF_INET6, text, a) != 1)
        abort();
    return fetch_address_public(a);
}

static void test_addresses(void)
{
    static const char *const closed[] = {
        "0.0.0.0",
        "10.0.0.1",
        "10.255.255.255",
        "100.64.0.1",
        "127.0.0.1",
        "127.9.9.9",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.8",
        "192.168.1.1",
        "198.18.0.1",
        "203.0.113.9",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fc00::1",
        "fd12:3456::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::1",
        "::127.0.0.1",
        "3fff::1",
    };
    static const char *const open[] = { "8.8.8.8",     "172.32.0.1",   "100.128.0.1",
                                        "192.169.0.1", "2400:4000::1", "2001:4860:4860::8888" };
    for (size_t i = 0; i < sizeof closed / sizeof *closed; i++)
        ok(!public_address(closed[i]), "%s is not public", closed[i]);
    for (size_t i = 0; i < sizeof open / sizeof *open; i++)
        ok(public_address(open[i]), "%s is public", open[i]);
}

static void test_urls(struct arena *a)
{
    static const char *const bad[] = {
        "",
        "file:///etc/passwd",
        "gopher://localhost:70/",
        "ftp://host/",
        "http://",
        "http:///path",
        "http://user@host/",
        "http://host@127.0.0.1/",
        "http://host\\@evil/",
        "http://host#@evil/",
        "http://ho st/",
        "http://host/\r\nHeader: x",
        "http://host:0/",
        "http://host:65536/",
        "http://host:80x/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0177.0.0.1/",
        "http://[::1/",
        "http://[::1]x/",
        "http://[fe80::1%25eth0]/",
        "http://h\xc3\xb6st/",
        "//host/",
    };
    struct fetch_url u;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ok(fetch_url_parse(str_z(bad[i]), a, &u) == E_INPUT, "refused: URL %zu", i);
    is_err(fetch_url_parse(STR("HTTP://CA.Example.JP/a.crl?x=1"), a, &u), E_OK, "a plain URL");
    is_str(u.host, "ca.example.jp", "host in lower case");
    is_int(u.port, 80, "default port");
    is_err(fetch_url_parse(STR("https://[2400:4000::1]:8443/"), a, &u), E_OK, "IPv6 literal");
    ok(u.literal && u.https && u.port == 8443, "literal, https, port");
}

static void test_allow(void)
{
    static const char *const bad[] = { "host", "host:",  "host:0",         "host:99999", "*",
                                       "*:",   "a/b:80", "http://host:80", "[::1]" };
    struct fetch_allow *w;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ok(fetch_allow_parse(str_z(bad[i]), &w) == E_INPUT, "refused: allow-list \"%s\"", bad[i]);
    is_err(fetch_allow_parse(STR(""), &w), E_OK, "an empty list");
    fetch_allow_free(w);
    is_err(fetch_allow_parse(STR("localhost:8446, *:80 [::1]:9 10.0.0.1:80"), &w), E_OK, "a list");
    fetch_allow_free(w);
}

/* --- a server that answers by path --- */

static void respond(int fd)
{
    char rq[4096], reply[9000] = "";
    ssize_t n = recv(fd, rq, sizeof rq - 1, 0);
    size_t len;
    if (n <= 0)
        return;
    rq[n] = '\0';
    if (strstr(rq, "GET /ok"))
        (void)snprintf(reply, sizeof reply,
                       "HTTP/1.1 200 OK\r\nContent-Type: application/x; a=b\r\n"
                       "Content-Length: 5\r\nConnection: close\r\n\r\nhello");
    else if (strstr(rq, "POST /post") && strstr(rq, "Content-Type: application/q"))
        (void)snprintf(reply, sizeof reply,
                       "HTTP/1.1 200 OK\r\nContent-Type: application/x\r\n"
                       "Content-Length: 6\r\nConnection: close\r\n\r\nposted");
    else if (strstr(rq, "GET /away"))
        (void)snprintf(reply, sizeof reply,
                       "HTTP/1.1 302 Found\r\nLocation: /ok\r\nContent-Length: 0\r\n\r\n");
    else if (strstr(rq, "GET /big"))
        (void)snprintf(reply, sizeof reply,
                       "HTTP/1.1 200 OK\r\nContent-Type: application/x\r\n"
                       "Connection: close\r\n\r\n%04000d",
                       7);
    else if (strstr(rq, "GET /slow"))
        (void)sleep(3);
    else
        (void)snprintf(reply, sizeof reply, "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n");
    len = strlen(reply);
    (void)send(fd, reply, len, MSG_NOSIGNAL);
}

static pid_t start_server(uint16_t *port)
{
    struct sockaddr_in sa = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
    socklen_t n = sizeof sa;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&sa, sizeof sa) != 0 || listen(fd, 8) != 0 ||
        getsockname(fd, (struct sockaddr *)&sa, &n) != 0)
        abort();
    *port = ntohs(sa.sin_port);
    pid_t pid = fork();
    if (pid == 0)
        for (;;) {
            int c = accept(fd, NULL, NULL);
            if (c < 0)
                continue;
            if (fork() == 0) {
                respond(c);
                _exit(0);
            }
            (void)close(c);
        }
    (void)close(fd);
    return pid;
}

static enum err get(struct arena *a, const char *list, const char *url, size_t most,
                    struct bytes *reply)
{
    struct fetch_allow *w = NULL;
    struct fetch_request rq = { .url = str_z(url),
                                .accepts = STR("application/x"),
                                .reply_max = most,
                                .timeout_us = SECOND_US };
    if (fetch_allow_parse(str_z(list), &w) != E_OK)
        abort();
    enum err e = fetch_run(w, &rq, a, reply);
    fetch_allow_free(w);
    return e;
}

static const char *local(struct arena *a, uint16_t port, const char *rest)
{
    return str_fmt(a, "%s:%u%s", "localhost", port, rest).p;
}

static void test_run(struct arena *a, uint16_t port)
{
    const char *list = local(a, port, "");
    const char *ip = str_fmt(a, "127.0.0.1:%u", port).p;
    struct bytes reply = BYTES_ABSENT;
#define URL(rest) str_fmt(a, "http://%s", local(a, port, rest)).p
    is_err(get(a, list, URL("/ok"), 100, &reply), E_OK, "a listed loopback host is fetched");
    ok(bytes_eq(reply, bytes_of_str(STR("hello"))), "with its body");
    is_err(get(a, ip, str_fmt(a, "http://%s/ok", ip).p, 100, &reply), E_OK, "a listed literal");
    is_err(get(a, "", URL("/ok"), 100, &reply), E_DENIED, "nothing without a list");
    is_str(str_z(fault_current()->reason), "gateway-refused", "and it says so");
    is_err(get(a, "localhost:1", URL("/ok"), 100, &reply), E_DENIED, "another port");
    is_err(get(a, ip, URL("/ok"), 100, &reply), E_DENIED, "another name of the same address");
    is_err(get(a, str_fmt(a, "*:%u", port).p, URL("/ok"), 100, &reply), E_DENIED,
           "the wildcard is for public addresses only");
    is_err(get(a, str_fmt(a, "*:%u", port).p, str_fmt(a, "http://%s/ok", ip).p, 100, &reply),
           E_DENIED, "also as a literal");
    is_err(get(a, "*:80", "http://169.254.169.254/latest/", 100, &reply), E_DENIED,
           "the metadata service is out of reach");
    is_err(get(a, list, URL("/away"), 100, &reply), E_DENIED, "a redirect is not followed");
    is_err(get(a, list, URL("/big"), 1000, &reply), E_LIMIT, "too much is cut off");
    is_err(get(a, list, URL("/slow"), 100, &reply), E_BACKEND, "a slow peer is left");
    is_str(str_z(fault_current()->reason), "gateway-timeout", "with the reason");
    is_err(get(a, list, URL("/error"), 100, &reply), E_BACKEND, "another status");
    struct fetch_allow *w = NULL;
    if (fetch_allow_parse(str_z(list), &w) != E_OK)
        abort();
    struct fetch_request rq = { .url = str_z(URL("/post")),
                                .sends = STR("application/q"),
                                .body = bytes_of_str(STR("abc")),
                                .accepts = STR("application/x"),
                                .reply_max = 10,
                                .timeout_us = SECOND_US };
    is_err(fetch_run(w, &rq, a, &reply), E_OK, "a body is posted with its media type");
    rq.accepts = STR("application/y");
    is_err(fetch_run(w, &rq, a, &reply), E_BACKEND, "a reply of another media type is refused");
    fetch_allow_free(w);
#undef URL
}

int main(void)
{
    struct arena *a = arena_new(4 << 20);
    uint16_t port;
    pid_t server = start_server(&port);

    (void)signal(SIGPIPE, SIG_IGN);
    (void)setenv("http_proxy", "http://127.0.0.1:1/", 1); /* must not be used */
    test_addresses();
    test_urls(a);
    test_allow();
    test_run(a, port);
    (void)kill(server, SIGKILL);
    (void)waitpid(server, NULL, 0);
    arena_free(a);
    return tap_done();
}
