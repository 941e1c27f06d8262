/*
 * envelopes_api.c - envelopes for customers' systems: create and send in one request, look, cancel,
 * fetch. The sender is the client; its people are asked by mail as for any sender.
 */
#include "features/envelopes/envelopes.h"
#include "features/envelopes/envelopes_pages.h"

#include "base/encoding.h"
#include "base/json.h"
#include "features/rs/rs.h"
#include "http/req.h"
#include "http/resp.h"

#define UPLOAD_MAX (110u << 20) /* of one request: it is in memory as a whole */
#define FILE_ROOM (1024u << 20)
#define PEOPLE_CHARS 60000
#define DAY_END_US (DAY_US - SECOND_US)
#define NOTE "the caller is a system with a client certificate; there are no cookies"

struct create_form {
    struct str title, message, sender, people;
    struct timestamp deadline;
    int order;
    int64_t remind;
    bool agree;
    struct upload *documents;
    size_t documents_n;
};
enum { ORDER_ANY, ORDER_IN_TURN };
static const struct choice orders[] = { { "any", ORDER_ANY },
                                        { "turn", ORDER_IN_TURN },
                                        { NULL, 0 } };

static const struct param create_params[] = {
    PARAM_TEXT(struct create_form, title, 1, 120),
    PARAM_MULTILINE_OPT(struct create_form, message, 2000),
    PARAM_TEXT_OPT(struct create_form, sender, 120),
    PARAM_MULTILINE(struct create_form, people, 2, PEOPLE_CHARS),
    PARAM_DATE(struct create_form, deadline),
    PARAM_CHOICE_OPT(struct create_form, order, orders, ORDER_IN_TURN),
    PARAM_INT_OPT(struct create_form, remind, 0, 30, 3),
    PARAM_FLAG(struct create_form, agree),
    PARAM_FILES(struct create_form, documents, documents_n, UPLOAD_MAX, ENVELOPES_DOCUMENTS_MAX),
    PARAM_END,
};

static struct signing_owner owner_of(const struct req *rq)
{
    return (struct signing_owner){ .tenant = req_tenant(rq), .client = req_who(rq)->client };
}

static enum err admit(struct req *rq, struct resp *rs, uint64_t size)
{
    uint32_t retry_s = 0;
    enum err e = signing_client_admit(req_tx(rq), req_who(rq)->client, size, req_now(rq), &retry_s);

    if (e == E_LIMIT && retry_s > 0)
        resp_retry_after(rs, retry_s);
    return e;
}

/* --- what is told --- */

static const char *turn_word(const struct envelopes_party *p)
{
    static const char *const words[] = { "waiting", "asked", "signed", "declined", "ended" };
    return p->kind == ENVELOPES_COPY ? "copy" : words[p->state];
}

static enum err people_json(struct tx *tx, const struct envelopes_envelope *e, struct json *out)
{
    struct json *list = json_new_array();
    struct envelopes_party *p;
    size_t n;
    enum err err = envelopes_parties(tx, e->id, &p, &n);

    for (size_t i = 0; err == E_OK && i < n; i++) {
        struct json *j = json_new_object();
        json_set_str(j, "name", p[i].name);
        json_set_str(j, "mail", p[i].mail);
        json_set_str(j, "state", str_z(turn_word(&p[i])));
        json_set_time(j, "invited_at", p[i].invited);
        json_set_time(j, "opened_at", p[i].opened);
        json_set_time(j, "signed_at", p[i].signed_at);
        if (!str_absent(p[i].decline_reason))
            json_set_str(j, "decline_reason", p[i].decline_reason);
        json_append(list, j);
    }
    json_set(out, "people", list);
    return err;
}

static enum err documents_json(struct req *rq, const struct envelopes_envelope *e, struct json *out)
{
    struct json *list = json_new_array();
    struct envelopes_document *d;
    size_t n;
    enum err err = envelopes_documents(req_tx(rq), e->id, &d, &n);

    for (size_t i = 0; err == E_OK && i < n; i++) {
        struct json *j = json_new_object();
        json_set_i64(j, "id", (int64_t)d[i].id.v);
        json_set_i64(j, "size", (int64_t)d[i].size);
        json_set_str(j, "sha256", hex_encode(req_arena(rq), bytes_of_32(&d[i].digest)));
        json_set_bool(j, "held", d[i].held);
        json_append(list, j);
    }
    json_set(out, "documents", list);
    return err;
}

static void envelope_json(struct req *rq, const struct envelopes_envelope *e, struct json *j)
{
    json_set_str(j, "id", e->public_id);
    json_set_str(j, "number", envelopes_number(req_arena(rq), e->id));
    json_set_str(j, "state", str_z(envelopes_state_name(e->state)));
    json_set_time(j, "created_at", e->created);
    json_set_time(j, "deadline", e->deadline);
    json_set_time(j, "ended_at", e->ended);
    json_set_time(j, "erase_at", e->erase_at);
}

static enum err answer(struct req *rq, struct resp *rs, const struct envelopes_envelope *e,
                       int status)
{
    struct json *j = json_new_object();
    enum err err;

    envelope_json(rq, e, j);
    err = people_json(req_tx(rq), e, j);
    if (err == E_OK)
        err = documents_json(rq, e, j);
    if (err == E_OK)
        return resp_json(rs, status, j);
    json_free(j);
    return err;
}

/* --- creating --- */

static bool known_role(struct str role, struct envelopes_person *p)
{
    p->kind = str_eq_z(role, "copy") ? ENVELOPES_COPY : ENVELOPES_SIGNER;
    p->method = str_eq_z(role, "own") ? ENVELOPES_OWN : ENVELOPES_WITNESS;
    if (p->kind == ENVELOPES_COPY)
        p->method = ENVELOPES_NONE;
    return str_empty(role) || str_eq_z(role, "own") || str_eq_z(role, "witness") ||
           str_eq_z(role, "copy");
}

static bool number(const struct json *j, const char *key, int64_t otherwise, uint32_t *out)
{
    int64_t v = otherwise;

    if (json_get(j, key) != NULL && !json_get_i64(j, key, &v))
        return false;
    *out = v >= 0 && v <= 5000 ? (uint32_t)v : 0;
    return v >= 0 && v <= 5000;
}

static enum err add_seal(struct req *rq, const struct envelopes_envelope *e,
                         const struct envelopes_document *d, size_t n, struct str party,
                         const struct json *j, const struct audit_by *by)
{
    struct envelopes_field f = { .place = json_get_str(j, "place") };
    uint32_t document, size;

    if (!json_is_object(j) || !number(j, "document", 1, &document) ||
        !number(j, "page", 1, &f.page) || !number(j, "x", 0, &f.x) || !number(j, "y", 0, &f.y) ||
        !number(j, "size", 18, &size) || document < 1 || document > n)
        return FAIL(E_INPUT, "place-bad", "document, page, place, size");
    if (str_absent(f.place))
        f.place = STR("bottom-right");
    f.document = d[document - 1].id;
    f.x *= 100;
    f.y *= 100;
    f.size = size * 100;
    return envelopes_field_add(req_tx(rq), e, party, &f, by);
}

static enum err add_person(struct req *rq, const struct envelopes_envelope *e, const struct json *j,
                           const struct audit_by *by)
{
    struct envelopes_person p = { .name = json_get_str(j, "name"),
                                  .mail = json_get_str(j, "mail"),
                                  .lang = json_get_str(j, "lang") };
    const struct json *seals = json_get(j, "seals");
    struct envelopes_document *d;
    struct envelopes_party made;
    size_t n;

    if (!json_is_object(j) || !known_role(json_get_str(j, "role"), &p))
        return FAIL(E_INPUT, "people-bad", "name, mail, role, lang");
    if (str_absent(p.lang))
        p.lang = STR("ja");
    TRY(envelopes_party_add(req_tx(rq), e, &p, by, &made));
    TRY(envelopes_documents(req_tx(rq), e->id, &d, &n));
    for (size_t i = 0; i < (json_is_array(seals) ? json_length(seals) : 0); i++)
        TRY(add_seal(rq, e, d, n, made.public_id, json_at(seals, i), by));
    return E_OK;
}

static void free_json(void *arg)
{
    json_free(arg);
}

static enum err add_people(struct req *rq, const struct envelopes_envelope *e, struct str text,
                           const struct audit_by *by)
{
    struct json *list = NULL;

    if (json_parse(bytes_of_str(text), &list) != E_OK)
        return FAIL(E_INPUT, "people-bad", "no JSON");
    req_defer(rq, free_json, list);
    if (!json_is_array(list))
        return FAIL(E_INPUT, "people-bad", "no array");
    for (size_t i = 0; i < json_length(list); i++)
        TRY(add_person(rq, e, json_at(list, i), by));
    return E_OK;
}

static enum err fill(struct req *rq, const struct create_form *f,
                     const struct envelopes_envelope *e, const struct audit_by *by)
{
    struct envelopes_terms t = { f->title, f->message, f->order == ORDER_IN_TURN,
                                 (uint32_t)f->remind, timestamp_add(f->deadline, DAY_END_US) };

    TRY(envelopes_terms_set(req_tx(rq), e, &t, by, req_now(rq)));
    for (size_t i = 0; i < f->documents_n; i++)
        TRY(envelopes_document_add(req_tx(rq), e, f->documents[i].filename, f->documents[i].data,
                                   by, req_now(rq)));
    return add_people(rq, e, f->people, by);
}

static enum err create(struct req *rq, struct resp *rs)
{
    const struct create_form *f = req_form(rq);
    struct str sender = str_empty(f->sender) ? req_who(rq)->name : f->sender;
    struct audit_by by = AUDIT_BY(rq);
    struct envelopes_envelope e;
    uint64_t size = 0;

    if (!f->agree)
        return FAIL(E_INPUT, "agree-missing", "the holding period must be agreed to");
    for (size_t i = 0; i < f->documents_n; i++)
        size += f->documents[i].data.n;
    TRY(admit(rq, rs, size));
    TRY(envelopes_draft(req_tx(rq), owner_of(rq), sender, &by, req_now(rq), &e));
    TRY(fill(rq, f, &e, &by));
    TRY(envelopes_find(req_tx(rq), owner_of(rq), e.public_id, &e));
    TRY(envelopes_send(req_tx(rq), &e, &by, req_now(rq)));
    TRY(envelopes_find(req_tx(rq), owner_of(rq), e.public_id, &e));
    resp_header(rs, "Location",
                str_fmt(req_arena(rq), "/rs/v1/envelopes/%.*s", STR_ARG(e.public_id)));
    return answer(rq, rs, &e, 201);
}

/* --- looking, cancelling, fetching --- */

struct look_form {
    struct str id, reason;
    struct paper_id document;
    int64_t page;
};
static const struct param list_params[] = { PARAM_INT_OPT(struct look_form, page, 1, 100000, 1),
                                            PARAM_END };
static const struct param id_params[] = { PARAM_TOKEN(struct look_form, id, 1, 64), PARAM_END };
static const struct param void_params[] = { PARAM_TOKEN(struct look_form, id, 1, 64),
                                            PARAM_MULTILINE(struct look_form, reason, 1, 500),
                                            PARAM_END };
static const struct param file_params[] = { PARAM_TOKEN(struct look_form, id, 1, 64),
                                            PARAM_ID(struct look_form, document), PARAM_END };

static enum err find(struct req *rq, struct resp *rs, struct envelopes_envelope *e)
{
    const struct look_form *f = req_form(rq);
    TRY(admit(rq, rs, 0));
    return envelopes_find(req_tx(rq), owner_of(rq), f->id, e);
}

static enum err show(struct req *rq, struct resp *rs)
{
    struct envelopes_envelope e;
    TRY(find(rq, rs, &e));
    return answer(rq, rs, &e, 200);
}

static enum err list(struct req *rq, struct resp *rs)
{
    const struct look_form *f = req_form(rq);
    struct envelopes_filter filter = { .state = -1,
                                       .offset = (uint32_t)(f->page - 1) * 50,
                                       .limit = 50 };
    struct json *j, *rows;
    struct envelopes_row *r;
    uint64_t total;
    size_t n;

    TRY(admit(rq, rs, 0));
    TRY(envelopes_list(req_tx(rq), owner_of(rq), &filter, &r, &n, &total));
    rows = json_new_array();
    for (size_t i = 0; i < n; i++) {
        struct json *row = json_new_object();
        envelope_json(rq, &r[i].envelope, row);
        json_append(rows, row);
    }
    j = json_new_object();
    json_set(j, "envelopes", rows);
    json_set_i64(j, "total", (int64_t)total);
    return resp_json(rs, 200, j);
}

static enum err do_void(struct req *rq, struct resp *rs)
{
    const struct look_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);
    struct envelopes_envelope e;

    TRY(find(rq, rs, &e));
    TRY(envelopes_void(req_tx(rq), &e, f->reason, &by, req_now(rq)));
    TRY(envelopes_find(req_tx(rq), owner_of(rq), f->id, &e));
    return answer(rq, rs, &e, 200);
}

static void free_buf(void *arg)
{
    buf_free(arg);
}

static enum err send(struct req *rq, struct resp *rs, const struct signing_document *file)
{
    struct buf *b = ARENA_NEW(req_arena(rq), struct buf);
    *b = buf_init(FILE_ROOM);
    req_defer(rq, free_buf, b);
    TRY(signing_document_bytes(req_tx(rq), file, b));
    return resp_file(rs, "application/pdf", file->filename, buf_bytes(b), DISPOSITION_ATTACHMENT);
}

static enum err file(struct req *rq, struct resp *rs)
{
    const struct look_form *f = req_form(rq);
    struct envelopes_document d;
    struct signing_document document;
    struct envelopes_envelope e;

    TRY(find(rq, rs, &e));
    TRY(envelopes_document_open(req_tx(rq), &e, f->document, &d, &document));
    return send(rq, rs, &document);
}

static enum err report(struct req *rq, struct resp *rs)
{
    struct signing_document document;
    struct envelopes_envelope e;

    TRY(find(rq, rs, &e));
    TRY(envelopes_report_open(req_tx(rq), &e, &document));
    return send(rq, rs, &document);
}

#define LOOK(params) FORM(params, struct look_form)

const struct route envelopes_api_routes[] = {
    { POST, "/rs/v1/envelopes", create, WHO_CLIENT, FORM(create_params, struct create_form),
      ROUTE_API | ROUTE_NO_CSRF, UPLOAD_MAX, NOTE },
    { GET, "/rs/v1/envelopes", list, WHO_CLIENT, LOOK(list_params), ROUTE_API, 0, NULL },
    { GET, "/rs/v1/envelopes/{id}", show, WHO_CLIENT, LOOK(id_params), ROUTE_API, 0, NULL },
    { POST, "/rs/v1/envelopes/{id}/void", do_void, WHO_CLIENT, LOOK(void_params),
      ROUTE_API | ROUTE_NO_CSRF, 0, NOTE },
    { GET, "/rs/v1/envelopes/{id}/documents/{document}", file, WHO_CLIENT, LOOK(file_params),
      ROUTE_API, 0, NULL },
    { GET, "/rs/v1/envelopes/{id}/report", report, WHO_CLIENT, LOOK(id_params), ROUTE_API, 0,
      NULL },
    { 0 },
};
