/* headers.c - see headers.h */
#include "http/headers.h"

const char *headers_reason(int status)
{
    static const struct {
        int status;
        const char *reason;
    } table[] = {
        { 200, "OK" },
        { 201, "Created" },
        { 202, "Accepted" },
        { 204, "No Content" },
        { 206, "Partial Content" },
        { 303, "See Other" },
        { 304, "Not Modified" },
        { 400, "Bad Request" },
        { 401, "Unauthorized" },
        { 403, "Forbidden" },
        { 404, "Not Found" },
        { 405, "Method Not Allowed" },
        { 409, "Conflict" },
        { 410, "Gone" },
        { 413, "Content Too Large" },
        { 415, "Unsupported Media Type" },
        { 422, "Unprocessable Content" },
        { 429, "Too Many Requests" },
        { 500, "Internal Server Error" },
        { 503, "Service Unavailable" },
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
        if (table[i].status == status)
            return table[i].reason;
    return "Status";
}

/*
 * Pages may load only from our own origin, run no inline script or style, be framed by nobody, and
 * send forms only to us. Everything else that we answer may do nothing at all when a browser shows
 * it.
 */
static const char page_policy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'";
static const char other_policy[] = "default-src 'none'; frame-ancestors 'none'; sandbox";

static const char permissions[] =
    "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), "
    "magnetometer=(), microphone=(), midi=(), payment=(), usb=()";

static void write_security(const struct req *rq, struct buf *out)
{
    const char *type = rq->rs->type;
    bool html = type && strncmp(type, "text/html", 9) == 0;
    buf_fmt(out, "Content-Security-Policy: %s\r\n", html ? page_policy : other_policy);
    if (!rq->app->plain_http)
        buf_add_z(out, "Strict-Transport-Security: max-age=63072000\r\n");
    buf_add_z(out, "X-Content-Type-Options: nosniff\r\n");
    if (html) {
        /* same-origin, not no-referrer: with the latter browsers send `Origin: null`. */
        buf_add_z(out, "Referrer-Policy: same-origin\r\n"
                       "X-Frame-Options: DENY\r\n"
                       "Cross-Origin-Opener-Policy: same-origin\r\n");
        buf_fmt(out, "Permissions-Policy: %s\r\n", permissions);
    }
    if (!rq->app->plain_http)
        buf_add_z(out, "Cross-Origin-Resource-Policy: same-origin\r\n");
}

static void write_caching(const struct resp *rs, struct buf *out)
{
    if (!rs->cacheable)
        buf_add_z(out, "Cache-Control: no-store\r\n");
    else if (rs->cache_s >= 31536000)
        buf_fmt(out, "Cache-Control: public, max-age=%u, immutable\r\n", rs->cache_s);
    else
        buf_fmt(out, "Cache-Control: public, max-age=%u\r\n", rs->cache_s);
}

void headers_write(const struct req *rq, uint64_t length, struct buf *out)
{
    const struct resp *rs = rq->rs;
    static const char *const languages[] = { "ja", "en" };
    buf_fmt(out, "Status: %d %s\r\n", rs->status, headers_reason(rs->status));
    if (rs->type)
        buf_fmt(out, "Content-Type: %s\r\n", rs->type);
    if (rs->status != 204 && rs->status != 304 && length != UINT64_MAX)
        buf_fmt(out, "Content-Length: %llu\r\n", (unsigned long long)length);
    if (rs->type && strncmp(rs->type, "text/html", 9) == 0)
        buf_fmt(out, "Content-Language: %s\r\nVary: Accept-Language, Cookie\r\n",
                languages[rq->lang == LANG_EN]);
    write_caching(rs, out);
    write_security(rq, out);
    if (rs->retry_after)
        buf_fmt(out, "Retry-After: %u\r\n", rs->retry_after);
    buf_fmt(out, "X-Request-Id: %.*s\r\n", STR_ARG(rq->id));
    for (const struct header *h = rs->headers; h; h = h->next)
        buf_fmt(out, "%s: %.*s\r\n", h->name, STR_ARG(h->value));
    buf_add_z(out, "\r\n");
}
