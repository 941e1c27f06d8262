/* rs_options.c - a request's own data, kept encrypted until its job has ended; see rs_job.h */
#include "features/rs/rs_job.h"

#define TEXT_MAX 16384

static const char *const kinds[] = { "sign", "timestamp", "validation", "archive" };
_Static_assert(sizeof kinds / sizeof *kinds == RS_KIND__MAX, "a name for each");

const char *rs_kind_name(enum rs_kind kind)
{
    return (unsigned)kind < RS_KIND__MAX ? kinds[kind] : NULL;
}

static struct str context(struct arena *a, struct str id)
{
    return str_fmt(a, "job %.*s", STR_ARG(id));
}

static struct json *places_json(const struct rs_options *o)
{
    struct json *list = json_new_array();

    for (size_t i = 0; i < o->places_n; i++) {
        const struct rs_place *p = &o->places[i];
        struct json *one = json_new_object();
        json_set_i64(one, "page", p->page);
        json_set_i64(one, "x", p->x);
        json_set_i64(one, "y", p->y);
        json_set_i64(one, "width", p->width);
        json_set_i64(one, "height", p->height);
        json_set_str(one, "seal", p->seal);
        json_append(list, one);
    }
    return list;
}

static struct json *to_json(const struct rs_options *o)
{
    struct json *j = json_new_object();

    json_set_i64(j, "kind", o->kind);
    json_set_str(j, "credential", o->credential);
    json_set_i64(j, "level", o->level);
    json_set_str(j, "reason", o->reason);
    json_set_str(j, "location", o->location);
    json_set_str(j, "contact", o->contact);
    json_set_str(j, "field", o->field);
    json_set_i64(j, "certify", o->certify);
    json_set_bool(j, "lock", o->lock);
    json_set_bool(j, "repair", o->repair);
    json_set_str(j, "caption_name", o->caption_name);
    json_set_bool(j, "caption_reason", o->caption_reason);
    json_set_bool(j, "caption_date", o->caption_date);
    json_set_str(j, "method", o->assertion.method);
    json_set_i64(j, "assured", o->assertion.level);
    json_set_time(j, "identified_at", o->assertion.at);
    json_set(j, "places", places_json(o));
    if (o->password) {
        struct bytes p = secret_bytes(o->password);
        json_set_str(j, "password", (struct str){ (const char *)p.p, p.n });
    }
    return j;
}

enum err rs_options_seal(struct arena *a, struct str id, const struct rs_options *o,
                         struct bytes *sealed)
{
    struct json *j = to_json(o);
    struct buf b = buf_init(TEXT_MAX);
    enum err e = json_write(j, false, &b);

    if (e == E_OK)
        e = rs_seal(a, context(a, id), buf_bytes(&b), sealed);
    buf_free(&b);
    json_free(j);
    return e;
}

static int64_t number(const struct json *j, const char *key)
{
    int64_t v = 0;
    return json_get_i64(j, key, &v) ? v : 0;
}

static bool flag(const struct json *j, const char *key)
{
    bool v = false;
    return json_get_bool(j, key, &v) && v;
}

static struct str text(struct arena *a, const struct json *j, const char *key)
{
    return str_dup(a, json_get_str(j, key));
}

static void read_places(struct arena *a, const struct json *list, struct rs_options *o)
{
    o->places_n = json_length(list);
    if (o->places_n > RS_PLACES_MAX)
        o->places_n = RS_PLACES_MAX;
    o->places = ARENA_ARRAY(a, o->places_n, struct rs_place);
    for (size_t i = 0; i < o->places_n; i++) {
        const struct json *p = json_at(list, i);
        o->places[i] = (struct rs_place){ .page = (uint32_t)number(p, "page"),
                                          .x = number(p, "x"),
                                          .y = number(p, "y"),
                                          .width = number(p, "width"),
                                          .height = number(p, "height"),
                                          .seal = text(a, p, "seal") };
    }
}

static void from_json(struct arena *a, const struct json *j, struct rs_options *o)
{
    struct str password = json_get_str(j, "password");

    *o = (struct rs_options){ .kind = (enum rs_kind)number(j, "kind"),
                              .credential = text(a, j, "credential"),
                              .level = (enum signing_level)number(j, "level"),
                              .reason = text(a, j, "reason"),
                              .location = text(a, j, "location"),
                              .contact = text(a, j, "contact"),
                              .field = text(a, j, "field"),
                              .certify = (int)number(j, "certify"),
                              .lock = flag(j, "lock"),
                              .repair = flag(j, "repair"),
                              .caption_name = text(a, j, "caption_name"),
                              .caption_reason = flag(j, "caption_reason"),
                              .caption_date = flag(j, "caption_date"),
                              .assertion = { .method = text(a, j, "method"),
                                             .level = (uint32_t)number(j, "assured"),
                                             .at = TIMESTAMP_NONE } };
    if (!str_empty(json_get_str(j, "identified_at")))
        (void)!timestamp_parse_rfc3339(json_get_str(j, "identified_at"), &o->assertion.at);
    read_places(a, json_get(j, "places"), o);
    if (!str_absent(password))
        o->password = secret_from(password.p, password.n);
}

enum err rs_options_open(struct arena *a, struct str id, struct bytes sealed, struct rs_options *o)
{
    struct secret *plain = NULL;
    struct json *j = NULL;
    enum err e = rs_open(context(a, id), sealed, &plain);

    if (e == E_OK)
        e = json_parse(secret_bytes(plain), &j);
    if (e == E_OK)
        from_json(a, j, o);
    json_free(j);
    secret_free(plain);
    return e == E_INPUT ? FAIL(E_INTERNAL, "", "options of a job cannot be opened") : e;
}
