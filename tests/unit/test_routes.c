/*
 * test_routes.c - the walk over route tables (walk.h), tried on the small program of the other
 * tests.
 */
#include "http_app.h"
#include "walk.h"

int main(void)
{
    size_t n = walk_routes("test", tables);
    ok(n >= 20, "%zu routes were walked", n);
    return tap_done();
}
