/* ratelimit.c - see ratelimit.h */
#include "http/ratelimit.h"

#include <arpa/inet.h>

struct timestamp ratelimit_window(const struct rate *rate, struct timestamp now)
{
    int64_t into = now.us % rate->window_us;
    if (into < 0)
        into += rate->window_us;
    return timestamp_add(now, -into);
}

/*
 * The window that slides: of the previous fixed window the share that still lies within the last
 * window_us counts. Its error is small against the doubling at the edge of plain fixed windows.
 */
struct rate_verdict ratelimit_judge(const struct rate *rate, struct rate_counts counts,
                                    struct timestamp now)
{
    struct timestamp start = ratelimit_window(rate, now);
    int64_t into = now.us - start.us, left = rate->window_us - into;
    double previous = (double)counts.previous * (double)left / (double)rate->window_us;
    if ((double)counts.current + previous <= (double)rate->limit)
        return (struct rate_verdict){ .allowed = true };
    int64_t wait = left;
    if (counts.current <= rate->limit && counts.previous > 0) {
        /* The previous window's share has to shrink to limit - current. */
        double room = (double)(rate->limit - counts.current) / (double)counts.previous;
        wait = left - (int64_t)(room * (double)rate->window_us);
    }
    if (wait < SECOND_US)
        wait = SECOND_US;
    return (struct rate_verdict){ .retry_after_s = (uint32_t)((wait + SECOND_US - 1) / SECOND_US) };
}

struct str ratelimit_subject(struct arena *a, struct str address)
{
    struct in6_addr six;
    char text[INET6_ADDRSTRLEN];
    if (str_empty(address) || inet_pton(AF_INET6, address.p, &six) != 1)
        return address;
    if (IN6_IS_ADDR_V4MAPPED(&six))
        return address;
    memset(six.s6_addr + 8, 0, 8); /* one customer has at least a /64 */
    if (inet_ntop(AF_INET6, &six, text, sizeof(text)) == NULL)
        return address;
    return str_fmt(a, "%s/64", text);
}
