/* timestamp_api.c - RFC 3161 3.4: the time-stamp protocol via HTTP */
#include "features/timestamp/timestamp_api.h"

#include "features/timestamp/timestamp.h"
#include "http/req.h"
#include "http/resp.h"

enum { BODY_MAX = 4096 };

static enum err stamp(struct req *rq, struct resp *rs)
{
    struct bytes response;

    if (!str_eq_z(req_content_type(rq), "application/timestamp-query"))
        return FAIL(E_UNSUPPORTED, "content-type", "RFC 3161 3.4: application/timestamp-query");
    TRY(timestamp_work_answer(req_arena(rq), req_body(rq), &response));
    return resp_bytes(rs, "application/timestamp-reply", response);
}

const struct route timestamp_routes[] = {
    { POST, "/tsa", stamp, WHO_ANYONE, NULL,
      ROUTE_API | ROUTE_NO_TX | ROUTE_NO_CSRF | ROUTE_READ_ONLY_POST, BODY_MAX,
      "public, changes nothing, no session" },
    { .path = NULL },
};
