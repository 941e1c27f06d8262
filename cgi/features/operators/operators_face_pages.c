/* operators_face_pages.c - the port of LRA operators: what is there, and its first page. */
#include "features/operators/operators_pages.h"

#include "features/operators/operators_inside_pages.h"
#include "http/req.h"
#include "http/resp.h"

#include <stdlib.h>

/* --- what is there --- */

/* With everything below. Rows that admit anybody are left out: strangers go to the portal. */
static const char *const below[] = { "/reviews", "/certificates", "/bulk" };
static const struct {
    enum method method;
    const char *path;
} exact[] = { { POST, "/language" } };

/* But not what begins or ends on pages that are on the portal alone, with what is below. */
static const char *const elsewhere[] = { "/certificates/apply", "/certificates/{id}/renew",
                                         "/certificates/notices" };

static bool is_below(const char *path, const char *top)
{
    size_t n = strlen(top);
    return strncmp(path, top, n) == 0 && (path[n] == '\0' || path[n] == '/' || path[n] == '.');
}

static bool is_there(const struct route *r)
{
    for (size_t i = 0; i < sizeof exact / sizeof *exact; i++)
        if (r->method == exact[i].method && strcmp(r->path, exact[i].path) == 0)
            return true;
    if ((r->who & WHO_ANYONE) || (r->who & (WHO_ACCOUNT | ROLE_LRA_OPERATOR)) == 0)
        return false;
    for (size_t i = 0; i < sizeof elsewhere / sizeof *elsewhere; i++)
        if (is_below(r->path, elsewhere[i]))
            return false;
    for (size_t i = 0; i < sizeof below / sizeof *below; i++)
        if (is_below(r->path, below[i]))
            return true;
    return false;
}

struct route *operators_face_select(const struct route *const *tables)
{
    size_t n = 0, at = 0;

    for (size_t t = 0; tables[t] != NULL; t++)
        for (const struct route *r = tables[t]; r->path != NULL; r++)
            n++;
    for (const struct route *r = operators_face_routes; r->path != NULL; r++)
        n++;
    struct route *rows = calloc(n + 1, sizeof *rows);
    if (rows == NULL)
        abort();
    for (size_t t = 0; tables[t] != NULL; t++)
        for (const struct route *r = tables[t]; r->path != NULL; r++)
            if (is_there(r))
                rows[at++] = *r;
    for (const struct route *r = operators_face_routes; r->path != NULL; r++)
        rows[at++] = *r;
    return rows;
}

/* --- its first page --- */

struct door {
    struct str url;
    struct msg name, what;
};
static const struct view_field door_fields[] = {
    VIEW_URL(struct door, url),
    VIEW_MSG(struct door, name),
    VIEW_MSG(struct door, what),
    VIEW_END,
};

static const struct {
    const char *url;
    struct msg name, what;
} all_doors[] = {
    { "/reviews", MSG_INIT("Review queue"),
      MSG_INIT("Applications that wait for you: read, check, approve, return or reject.") },
    { "/certificates", MSG_INIT("Certificates"),
      MSG_INIT("Certificates of your organisation: find, look at, suspend, revoke.") },
    { "/bulk", MSG_INIT("Bulk"),
      MSG_INIT("Issue, renew, revoke and suspend many at once from a file.") },
};
#define DOORS (sizeof all_doors / sizeof *all_doors)

struct face_view {
    struct door *doors;
    size_t doors_count;
    struct str name, tenant, serial, portal;
    struct timestamp not_after;
    bool ends_soon, known, refused;
};
static const struct view_field face_fields[] = {
    VIEW_LIST(struct face_view, doors, doors_count, door_fields),
    VIEW_TEXT(struct face_view, name),
    VIEW_TEXT(struct face_view, tenant),
    VIEW_CODE(struct face_view, serial),
    VIEW_URL(struct face_view, portal),
    VIEW_DATE(struct face_view, not_after),
    VIEW_FLAG(struct face_view, ends_soon),
    VIEW_FLAG(struct face_view, known),
    VIEW_FLAG(struct face_view, refused),
    VIEW_END,
};
const struct view operators_face_view = { "operators/face.html", "LRA operators", face_fields, 0 };
const struct view operators_nobody_view = { "operators/nobody.html", "A certificate is needed",
                                            face_fields, VIEW_BLANK };

static enum err first_page(struct req *rq, struct resp *rs)
{
    const struct who *who = req_who(rq);
    struct face_view v = { .portal = operators_inside_portal(),
                           .refused = !str_empty(req_client_cert_pem(rq)) };
    struct operators_person p;
    struct operators_one one;

    if (who->certificate.v == 0) {
        resp_status(rs, 401);
        return resp_page(rs, &operators_nobody_view, &v);
    }
    TRY(operators_one(req_tx(rq), who->tenant, who->certificate, req_now(rq), &one));
    TRY(operators_find(req_tx(rq), who->tenant, who->account, req_now(rq), &p, NULL));
    v.name = p.name;
    v.tenant = p.tenant_name;
    v.serial = one.c.serial;
    v.not_after = one.c.not_after;
    v.ends_soon = operators_inside_soon(&one.c, req_now(rq));
    v.doors = ARENA_ARRAY(req_arena(rq), DOORS, struct door);
    for (size_t i = 0; i < DOORS; i++)
        v.doors[v.doors_count++] =
            (struct door){ str_z(all_doors[i].url), all_doors[i].name, all_doors[i].what };
    return resp_page(rs, &operators_face_view, &v);
}

const struct route operators_face_routes[] = {
    { GET, "/", first_page, WHO_ANYONE },
    { 0 },
};

const struct problem_reason operators_face_reasons[] = {
    { "login-required",
      MSG_INIT("This page is for LRA operators, who come with their certificate."),
      MSG_INIT("Begin from the first page: it says how to get and use the certificate.") },
    { "client-certificate-unknown",
      MSG_INIT("Your certificate does not let you in: it is revoked, suspended, expired or not an "
               "operator's, or your account was stopped."),
      MSG_INIT("Ask the administrator of your organisation. If you have another certificate, close "
               "all windows of the browser and choose that one.") },
    { NULL, { NULL }, { NULL } },
};
