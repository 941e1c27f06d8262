/*
 * gateway_client.h - the other programs' side of the gateway, the only door to the outside.
 *
 * One exchange is one connection to the gateway's unix socket: a request frame there, a reply frame
 * back. A frame is a header of 16 bytes (magic "SGW1", then three 32-bit big-endian lengths) and
 * three parts: words (purpose or outcome, media type, separated by a newline), URL (empty in a
 * reply), body. The gateway decides what may be fetched; this side only bounds what it sends and
 * accepts.
 */
#pragma once

#include "base/buf.h"

/* Why something is fetched: decides method, media types and size (see gateway_client_rules). */
enum gateway_purpose {
    GATEWAY_TSA,     /* POST application/timestamp-query, RFC 3161 3.4 */
    GATEWAY_OCSP,    /* POST application/ocsp-request, RFC 6960 appendix A */
    GATEWAY_CRL,     /* GET a CRL, RFC 5280 4.2.1.13 */
    GATEWAY_CA,      /* GET a CA certificate, RFC 5280 4.2.2.1 */
    GATEWAY_WEBHOOK, /* POST a notice to a customer's system: header lines, an empty line, JSON */
    GATEWAY_PING,    /* is the gateway there? nothing is fetched */
    GATEWAY__MAX
};

/* No purpose sends more than this. */
#define GATEWAY_REQUEST_MAX 16384

/* What both sides know about a purpose. */
struct gateway_rule {
    const char *name;    /* "tsa" ... */
    const char *sends;   /* media type of the body that is posted; NULL: GET */
    const char *accepts; /* media type of the reply; NULL: several are in use, content is checked */
    size_t request_max;  /* bytes */
    size_t reply_max;    /* bytes */
    int seconds;         /* for the whole exchange */
};

/* The rule of a purpose; NULL when out of range. */
const struct gateway_rule *gateway_client_rule(enum gateway_purpose purpose);
/* The purpose of that name; GATEWAY__MAX when there is none. */
enum gateway_purpose gateway_client_purpose(struct str name);

/*
 * Fetch `url` for `purpose` through the gateway at `socket_path`; `body` is absent for a GET. The
 * reply's body is copied to the arena. E_BACKEND "gateway-unavailable" (no gateway, or it broke
 * off), "gateway-timeout"; E_DENIED "gateway-refused" (not on the allow-list, a forbidden address,
 * a redirect); E_LIMIT "gateway-too-large"; E_BACKEND "fetch-failed" (peer unreachable, wrong
 * status or media type).
 */
enum err gateway_client_fetch(struct str socket_path, enum gateway_purpose purpose, struct str url,
                              struct bytes body, struct arena *a, struct bytes *reply) MUST_CHECK;

/* E_OK when the gateway answers; for readiness checks. */
enum err gateway_client_ping(struct str socket_path, struct arena *a) MUST_CHECK;

/* The frame, for both sides. */
struct gateway_frame {
    struct str words[2]; /* purpose and media type; or outcome and reason */
    struct str url;
    struct bytes body;
};

/* Write a frame to fd within the deadline (monotonic microseconds). E_BACKEND
 * "gateway-unavailable". */
enum err gateway_client_write(int fd, const struct gateway_frame *f, int64_t deadline) MUST_CHECK;
/* Read one; its body at most body_max, all in the arena. E_BACKEND, E_LIMIT, E_INPUT (malformed).
 */
enum err gateway_client_read(int fd, size_t body_max, int64_t deadline, struct arena *a,
                             struct gateway_frame *f) MUST_CHECK;
