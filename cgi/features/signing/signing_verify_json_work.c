/* signing_verify_json_work.c - the verifier's findings as JSON (docs/api.md). */
#include "features/signing/signing_inside_work.h"

#include "base/encoding.h"
#include "base/json.h"
#include "sign/pdf_verify_change.h"

static struct json *certificate_json(const struct signing_verify_certificate *c)
{
    struct json *j = json_new_object();
    json_set_str(j, "subject", c->subject);
    json_set_str(j, "issuer", c->issuer);
    json_set_str(j, "serial", c->serial);
    json_set_time(j, "not_before", c->not_before);
    json_set_time(j, "not_after", c->not_after);
    json_set_str(j, "revocation", c->revocation);
    json_set_str(j, "revocation_source", c->source);
    json_set_time(j, "revocation_asked_at", c->asked_at);
    if (!timestamp_is_none(c->revoked_at))
        json_set_time(j, "revoked_at", c->revoked_at);
    return j;
}

/* What came after the signed revision, as words. */
static struct json *later_json(uint32_t later)
{
    static const struct {
        uint32_t bit;
        const char *word;
    } words[] = { { PDF_LATER_DSS, "validation-data" },
                  { PDF_LATER_TIMESTAMP, "timestamp" },
                  { PDF_LATER_SIGNATURE, "signature" },
                  { PDF_LATER_FORM, "form" },
                  { PDF_LATER_ANNOTATION, "annotation" },
                  { PDF_LATER_METADATA, "metadata" },
                  { PDF_LATER_OTHER, "other" } };
    struct json *j = json_new_array();
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if ((later & words[i].bit) != 0)
            json_append(j, json_new_str(str_z(words[i].word)));
    return j;
}

static struct json *chain_json(const struct signing_verify_certificate *chain, size_t n)
{
    struct json *list = json_new_array();
    for (size_t i = 0; i < n; i++)
        json_append(list, certificate_json(&chain[i]));
    return list;
}

static void add_mark(struct json *j, const char *key, const struct signing_verify_mark *m)
{
    struct json *mark;

    if (str_absent(m->kind))
        return;
    mark = json_new_object();
    json_set_str(mark, "kind", m->kind);
    json_set_str(mark, "service", m->service);
    json_set_str(mark, "list", m->list);
    json_set_time(mark, "list_issued_at", m->list_issued);
    json_set_time(mark, "since", m->since);
    json_set(j, key, mark);
}

static struct json *reasons_json(const struct signing_verify_signature *s)
{
    struct json *list = json_new_array();
    for (size_t i = 0; i < s->reasons_n; i++) {
        struct json *r = json_new_object();
        json_set_str(r, "code", str_z(s->reason_codes[i]));
        json_set_str(r, "text", str_z(s->reasons[i]));
        json_append(list, r);
    }
    return list;
}

static void add_times(struct json *j, const struct signing_verify_signature *s)
{
    json_set_time(j, "claimed_at", s->claimed);
    json_set_time(j, "timestamp_at", s->timestamp);
    json_set_str(j, "tsa", s->tsa);
    json_set_time(j, "proven_at", s->best_time);
    json_set_time(j, "control_at", s->control_time);
}

static struct json *signature_json(const struct signing_verify_signature *s)
{
    struct json *j = json_new_object();

    json_set_str(j, "kind", s->kind);
    json_set_str(j, "field", s->field);
    json_set_str(j, "verdict", s->verdict);
    json_set_str(j, "sub_indication", s->sub_indication);
    json_set_str(j, "signer", s->signer);
    json_set_str(j, "level", s->level);
    json_set_str(j, "etsi_level", s->etsi_level);
    json_set_str(j, "reason", s->reason);
    json_set_str(j, "location", s->location);
    json_set_str(j, "algorithm", s->algorithm);
    json_set_bool(j, "intact", s->intact);
    json_set_bool(j, "covers_whole_file", s->whole_file);
    json_set_bool(j, "judged_in_the_past", s->past);
    json_set(j, "added_later", later_json(s->later));
    json_set_bool(j, "added_later_allowed", s->later_allowed);
    json_set_i64(j, "certification", s->certification);
    json_set_i64(j, "permission", s->permission);
    json_set_str(j, "locked_fields", s->locked);
    add_times(j, s);
    add_mark(j, "mark", &s->mark);
    add_mark(j, "tsa_mark", &s->tsa_mark);
    json_set(j, "chain", chain_json(s->chain, s->chain_n));
    json_set(j, "tsa_chain", chain_json(s->tsa_chain, s->tsa_chain_n));
    json_set(j, "reasons", reasons_json(s));
    return j;
}

static struct json *change_json(const struct signing_verify_change *c)
{
    struct json *j = json_new_object();

    json_set_str(j, "code", str_z(c->code));
    json_set_str(j, "text", c->sentence);
    json_set_str(j, "rule", str_z(c->rule));
    json_set_str(j, "rule_text", str_z(c->rule_text));
    json_set_bool(j, "allowed", c->allowed);
    json_set_str(j, "object", c->object);
    json_set_str(j, "page", c->page);
    json_set_str(j, "field", c->field);
    json_set_str(j, "path", c->path);
    return j;
}

static struct json *revisions_json(const struct signing_verification *v)
{
    struct json *list = json_new_array();

    for (size_t i = 0; i < v->revisions_n; i++) {
        const struct signing_verify_revision *r = &v->revisions[i];
        struct json *j = json_new_object(), *changes = json_new_array();
        json_set_i64(j, "from", (int64_t)r->from);
        json_set_i64(j, "to", (int64_t)r->to);
        json_set_bool(j, "allowed", r->allowed);
        json_set_i64(j, "left_out", (int64_t)r->left_out);
        for (size_t k = 0; k < r->changes_n; k++)
            json_append(changes, change_json(&r->changes[k]));
        json_set(j, "changes", changes);
        json_append(list, j);
    }
    return list;
}

struct json *signing_verify_json(const struct signing_verification *v)
{
    struct json *j = json_new_object(), *list = json_new_array();
    struct arena *a = arena_new(64 * 1024);

    json_set_str(j, "verdict", v->verdict);
    json_set_str(j, "sha256", hex_encode(a, bytes_of_32(&v->digest)));
    json_set_i64(j, "size", (int64_t)v->size);
    json_set_i64(j, "pages", v->pages);
    json_set_bool(j, "encrypted", v->encrypted);
    json_set_time(j, "validated_at", v->at);
    for (size_t i = 0; i < v->signatures_n; i++)
        json_append(list, signature_json(&v->signatures[i]));
    json_set(j, "signatures", list);
    json_set(j, "revisions", revisions_json(v));
    arena_free(a);
    return j;
}
