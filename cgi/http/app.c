/* app.c - see app.h */
#include "http/app.h"

#include "http/gate.h"
#include "http/metrics.h"

#define KEY_MIN 32

/* What a table promises must be possible: a token needs a key, a role a way to sign in. */
static enum err check_possible(const struct app *app, const struct route *r)
{
    const char *method = route_method_name(r->method);
    if (!gate_safe(r->method) && !(r->flags & ROUTE_NO_CSRF) && app->csrf_key == NULL)
        return FAIL(E_INTERNAL, "", "%s %s needs a CSRF token, but %s has no key", method, r->path,
                    app->name);
    if ((r->who & (WHO_ACCOUNT | ROLE__ALL)) && !(r->who & (WHO_ANYONE | WHO_CLIENT)) &&
        app->hooks->session_load == NULL && app->hooks->client_load == NULL)
        return FAIL(E_INTERNAL, "", "%s %s admits roles, but nobody can sign in to %s", method,
                    r->path, app->name);
    if ((r->who & WHO_CLIENT) && app->hooks->client_load == NULL)
        return FAIL(E_INTERNAL, "", "%s %s admits client certificates, but %s knows none", method,
                    r->path, app->name);
    if (r->rate && app->hooks->rate_count == NULL)
        return FAIL(E_INTERNAL, "", "%s %s has a rate, but %s counts nothing", method, r->path,
                    app->name);
    return E_OK;
}

enum err app_start(struct app *app)
{
    const struct hooks *h = app->hooks;
    app->map = NULL;
    app->metrics = NULL;
    if ((h->begin == NULL) != (h->commit == NULL) || (h->begin == NULL) != (h->rollback == NULL))
        return FAIL(E_INTERNAL, "", "%s: begin, commit and rollback come together", app->name);
    if (app->csrf_key && secret_size(app->csrf_key) < KEY_MIN)
        return FAIL(E_INTERNAL, "", "%s: the CSRF key is shorter than %d bytes", app->name,
                    KEY_MIN);
    TRY(route_map_build(app->tables, &app->map));
    for (size_t i = 0; i < route_count(app->map); i++) {
        enum err e = check_possible(app, route_at(app->map, i));
        if (e != E_OK) {
            app_stop(app);
            return e;
        }
    }
    app->metrics = metrics_new(route_count(app->map));
    return E_OK;
}

void app_stop(struct app *app)
{
    route_map_free(app->map);
    metrics_free(app->metrics);
    app->map = NULL;
    app->metrics = NULL;
}
