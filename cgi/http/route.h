/*
 * route.h - the route table: one row per method and path, with everything that must hold before the
 * handler runs. Each slice exports one `const struct route <slice>_routes[]`, ended by { 0 }.
 *
 * Deny by default: `who` 0 means unset and stops the program at start, and so do two rows with the
 * same method and shape of path, a bad pattern, or ROUTE_NO_CSRF without a reason in `note`.
 */
#pragma once

#include "http/param.h"
#include "http/who.h"

struct req;
struct resp;
struct rate;

enum method { METHOD_NONE, GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, METHOD__MAX };

enum {
    ROUTE_API = 1u << 0,            /* JSON and problem+json, never a redirect to the login page */
    ROUTE_NO_CSRF = 1u << 1,        /* no token asked; `note` must say why that is safe */
    ROUTE_SECOND_FACTOR = 1u << 2,  /* the session must have given a second factor */
    ROUTE_STREAM = 1u << 3,         /* the handler reads the body itself (req_read_body) */
    ROUTE_READ_ONLY_POST = 1u << 4, /* a POST that changes nothing: no audit row for a refusal */
    ROUTE_PENDING = 1u << 5,        /* also sees a session whose second factor is still due */
    ROUTE_PUBLIC_CACHE = 1u << 6,   /* the handler decides caching; otherwise always no-store */
    ROUTE_NO_TX = 1u << 7,          /* needs no transaction: req_tx() is NULL */
    ROUTE_COSTLY = 1u << 8          /* slow, perhaps by intent: half of the workers at most do it */
};

/* How a handler's parameters are filled: FORM(params, struct type). */
struct form {
    const struct param *params;
    size_t size;
};
#define FORM(params, type) (&(const struct form){ (params), sizeof(type) })

struct upload;

/*
 * Takes the files of PARAM_STREAM parameters while they arrive, outside of any transaction and
 * before the handler; `file->sink` is its own. What it keeps is released by req_defer(): the
 * request may end at any place.
 */
struct route_intake {
    enum err (*begin)(struct req *rq, struct upload *file); /* before the first byte */
    enum err (*piece)(struct req *rq, struct upload *file, struct bytes data);
    enum err (*end)(struct req *rq, struct upload *file);
};

struct route {
    enum method method;
    const char *path; /* "/documents/{id}": a segment in braces is a parameter, named in the form */
    enum err (*handle)(struct req *rq, struct resp *rs);
    uint32_t who;            /* WHO_* | ROLE_*: any one of them suffices */
    const struct form *form; /* NULL: no parameter at all is accepted */
    uint32_t flags;
    size_t body_max;                   /* bytes; 0: 64 kB */
    const char *note;                  /* reasons, for auditors (`PROGRAM --routes`) */
    const struct rate *rate;           /* own limits besides the app's; NULL: none */
    const struct route_intake *intake; /* for PARAM_STREAM; NULL: none */
};

/* One table as the program sees it: all slices' tables joined, checked and sorted. */
struct route_map;

/*
 * Join `tables` (NULL-terminated) into a map. E_INTERNAL with the offending row in the fault's
 * detail when a row breaks a rule above. Free with route_map_free (NULL is fine).
 */
enum err route_map_build(const struct route *const *tables, struct route_map **out) MUST_CHECK;
void route_map_free(struct route_map *map);

/* A path parameter found by matching; the value is still percent-encoded. */
struct route_param {
    const char *name;
    size_t name_n;
    struct str value; /* slice of the path: not NUL-terminated */
};
#define ROUTE_PARAMS_MAX 6

struct route_match {
    const struct route *route; /* NULL: no row of that method */
    size_t index;              /* of the row in the map, for metrics */
    uint32_t allow; /* bit (1 << method) for each method that the path has; 0: no such path */
    struct route_param params[ROUTE_PARAMS_MAX];
    size_t params_n;
};

/* Find the row. HEAD finds the GET row. A literal segment wins over a parameter. */
struct route_match route_find(const struct route_map *map, enum method method, struct str path);

/* Rows in order of path, for the access matrix and tests. */
size_t route_count(const struct route_map *map);
const struct route *route_at(const struct route_map *map, size_t i);

/* "GET" ...; and the other way round, METHOD_NONE when unknown. */
const char *route_method_name(enum method m);
enum method route_method_from(struct str name);
/* The access matrix as text lines: method, path, who, flags, note. */
void route_print(const struct route_map *map, struct buf *out);
/* `PROGRAM --routes`: the matrix of these tables on standard output. Exit code for main. */
int route_list(const struct route *const *tables);
