/* rs_openapi_api.c - GET /rs/v1/openapi.json: openapi.json of this folder, as it was built in. */
#include "features/rs/rs_api.h"
#include "http/req.h"
#include "http/resp.h"

#define CACHED_S 3600

static const uint8_t document[] = {
#include "features/rs/rs_openapi.inc"
};

static enum err show(struct req *rq, struct resp *rs)
{
    (void)rq;
    resp_cache(rs, CACHED_S);
    return resp_bytes(rs, "application/json", (struct bytes){ document, sizeof document });
}

const struct route rs_api_document_routes[] = {
    { GET, "/rs/v1/openapi.json", show, WHO_ANYONE, NULL,
      ROUTE_API | ROUTE_NO_TX | ROUTE_PUBLIC_CACHE, 0, "what the API is, is no secret" },
    { 0 },
};
