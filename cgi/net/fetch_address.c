/* fetch_address.c - what a URL and an address may be: the rules of the guard, without any network.
 */
#include "net/fetch.h"

#include <arpa/inet.h>
#include <stdlib.h>

#define URL_MAX 2048

/* Networks that are not globally reachable unicast (IANA special-purpose registries, RFC 6890). */
static const struct {
    uint8_t address[16];
    int bits;
} special[] = {
#define V4(a, b, c, d, n)                                                                          \
    {                                                                                              \
        { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, a, b, c, d }, 96 + (n)                           \
    }
    V4(0, 0, 0, 0, 8),       /* this network */
    V4(10, 0, 0, 0, 8),      /* private, RFC 1918 */
    V4(100, 64, 0, 0, 10),   /* shared, RFC 6598 */
    V4(127, 0, 0, 0, 8),     /* loopback */
    V4(169, 254, 0, 0, 16),  /* link-local: cloud metadata lives here */
    V4(172, 16, 0, 0, 12),   /* private */
    V4(192, 0, 0, 0, 24),    /* protocol assignments */
    V4(192, 0, 2, 0, 24),    /* documentation */
    V4(192, 88, 99, 0, 24),  /* 6to4 relay */
    V4(192, 168, 0, 0, 16),  /* private */
    V4(198, 18, 0, 0, 15),   /* benchmarking */
    V4(198, 51, 100, 0, 24), /* documentation */
    V4(203, 0, 113, 0, 24),  /* documentation */
    V4(224, 0, 0, 0, 4),     /* multicast */
    V4(240, 0, 0, 0, 4),     /* reserved, broadcast */
#undef V4
};

static bool in_network(const uint8_t *a, const uint8_t *net, int bits)
{
    int whole = bits / 8, rest = bits % 8;
    if (memcmp(a, net, (size_t)whole) != 0)
        return false;
    return rest == 0 || (a[whole] >> (8 - rest)) == (net[whole] >> (8 - rest));
}

bool fetch_address_public(const uint8_t address[16])
{
    static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255 };

    if (memcmp(address, mapped, sizeof mapped) == 0) {
        for (size_t i = 0; i < sizeof special / sizeof *special; i++)
            if (in_network(address, special[i].address, special[i].bits))
                return false;
        return true;
    }
    /* IPv6: only 2000::/3 is global unicast; of it not documentation, 6to4 and Teredo, which carry
     * an IPv4 address that was not checked, nor the protocol assignments around them */
    if ((address[0] & 0xE0) != 0x20)
        return false;
    if (address[0] == 0x20 && address[1] == 0x01 &&
        ((address[2] & 0xFE) == 0 || (address[2] == 0x0D && address[3] == 0xB8)))
        return false;
    if (address[0] == 0x20 && address[1] == 0x02)
        return false;
    return !(address[0] == 0x3F && address[1] == 0xFF);
}

/* host or [v6] at p..end, the port behind; false when malformed. */
static bool host_port(const char *p, size_t n, struct arena *a, uint16_t default_port,
                      struct fetch_url *out)
{
    struct str s = str_of(a, p, n), host, port = STR_ABSENT;
    uint64_t number = default_port;
    size_t at;

    if (n > 0 && p[0] == '[') {
        at = str_find(s, ']', 0);
        if (at == SIZE_MAX)
            return false;
        host = str_sub(a, s, 1, at);
        at++;
        if (at < s.n && s.p[at] != ':')
            return false;
    } else {
        at = str_find(s, ':', 0);
        if (at == SIZE_MAX)
            at = s.n;
        host = str_sub(a, s, 0, at);
    }
    if (at < s.n)
        port = str_sub(a, s, at + 1, s.n);
    if (!str_absent(port) && (str_to_u64(port, 65535, &number) != E_OK || number == 0))
        return false;
    if (number == 0 || host.n == 0 || host.n > 253)
        return false;
    out->host = str_lower(a, host);
    out->port = (uint16_t)number;
    return true;
}

/*
 * Names of letters, digits, dot and hyphen, or a literal address as inet_pton reads it. Everything
 * that other resolvers read as an address ("127.1", "0x7f000001", "2130706433") ends in a label
 * that starts with a digit and is refused.
 */
static bool host_form(struct fetch_url *u, bool bracketed)
{
    uint8_t address[16];
    size_t last = 0;

    if (bracketed) {
        u->literal = true;
        return inet_pton(AF_INET6, u->host.p, address) == 1;
    }
    u->literal = inet_pton(AF_INET, u->host.p, address) == 1;
    if (u->literal)
        return true;
    for (size_t i = 0; i < u->host.n; i++) {
        char c = u->host.p[i];
        if (c == '.')
            last = i + 1;
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.'))
            return false;
    }
    return last < u->host.n && !(u->host.p[last] >= '0' && u->host.p[last] <= '9');
}

enum err fetch_url_parse(struct str url, struct arena *a, struct fetch_url *out)
{
    struct fetch_url u = { 0 };
    size_t from, to;

    if (url.n > URL_MAX)
        goto malformed;
    for (size_t i = 0; i < url.n; i++)
        if ((unsigned char)url.p[i] <= 0x20 || (unsigned char)url.p[i] >= 0x7F ||
            url.p[i] == '\\' || url.p[i] == '@' || url.p[i] == '#')
            goto malformed;
    struct str low = str_lower(a, str_sub(a, url, 0, 8));
    if (str_starts(low, STR("http://"))) {
        from = 7;
    } else if (str_starts(low, STR("https://"))) {
        from = 8;
        u.https = true;
    } else {
        goto malformed;
    }
    for (to = from; to < url.n && url.p[to] != '/' && url.p[to] != '?';)
        to++;
    if (!host_port(url.p + from, to - from, a, u.https ? 443 : 80, &u) ||
        !host_form(&u, url.p[from] == '['))
        goto malformed;
    *out = u;
    return E_OK;
malformed:
    return FAIL(E_INPUT, "url-malformed", "not a plain http or https URL");
}
