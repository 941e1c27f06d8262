/* authority_ceremony_work.c - planning, approving, performing; see authority_ceremony_work.h */
#include "features/authority/authority_ceremony_inside_work.h"

#include "base/json.h"
#include "store/gen/authority.q.h"

enum { ISSUING_DAYS_MAX = 10, ROOT_DAYS_MAX = 365, PARTS_MAX = 256, PLAN_MAX = 4000 };

static bool name_good(struct str s)
{
    if (s.n < 2 || s.n > 40 || s.p[0] == '-')
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (!((s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= '0' && s.p[i] <= '9') ||
              s.p[i] == '-'))
            return false;
    return true;
}

/* A parent may have authorities below it, and is active. */
static enum err check_parent(struct tx *tx, struct str parent)
{
    struct q_authority_by_name row;
    struct x509 c = { .path_length = -1 };

    if (str_empty(parent) || str_eq_z(parent, AUTHORITY_EXTERNAL))
        return E_OK;
    enum err err = q_authority_by_name(tx, parent, &row);
    if (err == E_OK && str_eq_z(row.state, "active"))
        err = x509_parse(row.certificate, tx_arena(tx), &c);
    else if (err == E_OK || err == E_ABSENT)
        return FAIL(E_STATE, "authority-absent", "no active authority %s", parent.p);
    if (err == E_OK && c.path_length == 0)
        return FAIL(E_STATE, "authority-absent", "%s issues to subscribers only", parent.p);
    return err;
}

static enum err check_order(struct tx *tx, const struct authority_ceremony_order *o)
{
    struct name n = { .n = 0 };
    struct bytes der;
    uint32_t days = str_empty(o->parent) ? ROOT_DAYS_MAX : ISSUING_DAYS_MAX;

    if (!name_good(o->name) || str_eq_z(o->name, AUTHORITY_EXTERNAL))
        return FAIL(E_INPUT, "authority-name", "a name is 2 to 40 of a-z, 0-9 and -");
    if (o->crl_days < 1 || o->crl_days > days)
        return FAIL(E_INPUT, "crl-days", "BR 7.2: lists end after 1 to %u days", days);
    if (o->crl_parts > PARTS_MAX)
        return FAIL(E_INPUT, "crl-parts", "at most %d partitions", PARTS_MAX);
    name_add(&n, OID_CN, o->common_name);
    TRY(name_build(&n, tx_arena(tx), &der));
    return check_parent(tx, o->parent);
}

/* No other ceremony about it is on the way. */
static enum err none_open(struct tx *tx, struct str name)
{
    struct q_ceremony_newest row;

    enum err err = q_ceremony_newest(tx, name, &row);
    if (err == E_OK && (str_eq_z(row.state, "planned") || str_eq_z(row.state, "approved")))
        return FAIL(E_CONFLICT, "ceremony-open", "ceremony %llu of %s is %s",
                    (unsigned long long)row.id, name.p, row.state.p);
    return err == E_ABSENT ? E_OK : err;
}

static enum err write_plan(struct tx *tx, const struct authority_ceremony_order *o,
                           struct str *text)
{
    struct json *j = json_new_object();
    struct buf b = buf_init(PLAN_MAX);

    json_set_str(j, "parent", o->parent);
    json_set_str(j, "common_name", o->common_name);
    json_set_str(j, "key", str_z(keys_kind_name(o->key)));
    json_set_i64(j, "crl_days", o->crl_days);
    json_set_i64(j, "crl_parts", o->crl_parts);
    enum err err = json_write(j, false, &b);
    if (err == E_OK)
        err = buf_to_str(&b, tx_arena(tx), text);
    buf_free(&b);
    json_free(j);
    return err;
}

enum err authority_ceremony_read(struct arena *a, struct str name, struct str plan,
                                 struct authority_ceremony_order *out)
{
    struct json *j = NULL;
    int64_t days = 0, parts = 0;

    TRY(json_parse(bytes_of_str(plan), &j));
    *out = (struct authority_ceremony_order){ .name = name,
                                              .parent = str_dup(a, json_get_str(j, "parent")),
                                              .common_name =
                                                  str_dup(a, json_get_str(j, "common_name")) };
    bool good = json_get_i64(j, "crl_days", &days) && json_get_i64(j, "crl_parts", &parts);
    enum err err = keys_kind_from(json_get_str(j, "key"), &out->key);
    json_free(j);
    out->crl_days = (uint32_t)days;
    out->crl_parts = (uint32_t)parts;
    return good ? err : FAIL(E_INTERNAL, "", "a plan cannot be read");
}

enum err authority_ceremony_note(struct tx *tx, const struct audit_by *by, const char *action,
                                 struct str name, struct str detail)
{
    const struct audit_entry e = { .by = *by,
                                   .action = action,
                                   .object_kind = "authority",
                                   .object = name,
                                   .outcome = AUDIT_OK,
                                   .detail = detail };
    return audit_write(tx, &e);
}

enum err authority_ceremony_plan(struct tx *tx, const struct audit_by *by,
                                 struct account_id requester,
                                 const struct authority_ceremony_order *order)
{
    struct q_authority_by_name row;
    struct str plan;

    TRY(check_order(tx, order));
    enum err err = q_authority_by_name(tx, order->name, &row);
    if (err == E_OK)
        return FAIL(E_CONFLICT, "authority-exists", "authority %s", order->name.p);
    if (err != E_ABSENT)
        return err;
    TRY(none_open(tx, order->name));
    TRY(write_plan(tx, order, &plan));
    TRY(q_ceremony_add(tx, order->name, STR("create"), plan, requester, clock_now()));
    return authority_ceremony_note(tx, by, "authority.ceremony.plan", order->name, plan);
}

enum err authority_ceremony_plan_retire(struct tx *tx, const struct audit_by *by,
                                        struct account_id requester, struct str name)
{
    struct q_authority_by_name row;

    enum err err = q_authority_by_name(tx, name, &row);
    if (err == E_ABSENT || (err == E_OK && !str_eq_z(row.state, "active")))
        return FAIL(E_STATE, "authority-absent", "no active authority %s", name.p);
    TRY(err);
    TRY(none_open(tx, name));
    TRY(q_ceremony_add(tx, name, STR("retire"), STR("{}"), requester, clock_now()));
    return authority_ceremony_note(tx, by, "authority.ceremony.plan-retire", name, STR_ABSENT);
}

enum err authority_ceremony_approve(struct tx *tx, const struct audit_by *by,
                                    struct account_id approver, struct str name)
{
    struct q_ceremony_newest row;
    uint64_t changed;

    enum err err = q_ceremony_newest(tx, name, &row);
    if (err == E_ABSENT || (err == E_OK && !str_eq_z(row.state, "planned")))
        return FAIL(E_STATE, "ceremony-state", "nothing about %s waits for approval", name.p);
    TRY(err);
    if (approver.v == row.requested_by.v)
        return FAIL(E_DENIED, "seat-taken", "who asked for it does not approve it");
    TRY(q_ceremony_approve(tx, row.id, approver, clock_now(), &changed));
    return authority_ceremony_note(tx, by, "authority.ceremony.approve", name, STR_ABSENT);
}

enum err authority_ceremony_cancel(struct tx *tx, const struct audit_by *by, struct str name)
{
    struct q_ceremony_newest row;
    uint64_t changed = 0;

    enum err err = q_ceremony_newest(tx, name, &row);
    if (err == E_OK)
        err = q_ceremony_cancel(tx, row.id, &changed);
    if (err == E_ABSENT || (err == E_OK && changed != 1))
        return FAIL(E_STATE, "ceremony-state", "nothing about %s can be cancelled", name.p);
    TRY(err);
    return authority_ceremony_note(tx, by, "authority.ceremony.cancel", name, STR_ABSENT);
}

enum err authority_ceremony_seat(struct tx *tx, const struct audit_by *by, const char *action,
                                 const char *kind, struct str name,
                                 struct authority_ceremony_seats s, struct q_ceremony_newest *row)
{
    uint64_t changed;

    enum err err = q_ceremony_newest(tx, name, row);
    if (err == E_ABSENT ||
        (err == E_OK && (!str_eq_z(row->kind, kind) || (!str_eq_z(row->state, "approved") &&
                                                        !str_eq_z(row->state, "performed")))))
        return FAIL(E_STATE, "ceremony-state", "nothing about %s is approved", name.p);
    TRY(err);
    if (s.first.v == s.second.v || s.first.v == row->requested_by.v ||
        s.second.v == row->requested_by.v || s.first.v == row->approved_by.v ||
        s.second.v == row->approved_by.v)
        return FAIL(E_DENIED, "seat-taken", "nobody fills two seats of a ceremony");
    if (str_eq_z(row->state, "approved"))
        TRY(q_ceremony_perform(tx, row->id, s.first, s.second, clock_now(), &changed));
    return authority_ceremony_note(tx, by, action, name,
                                   str_fmt(tx_arena(tx), "{\"first\":%llu,\"second\":%llu}",
                                           (unsigned long long)s.first.v,
                                           (unsigned long long)s.second.v));
}

enum err authority_ceremony_retire(struct tx *tx, const struct audit_by *by, struct str name,
                                   struct authority_ceremony_seats seats)
{
    struct q_ceremony_newest row;
    struct q_authority_by_name authority;
    uint64_t changed;

    TRY(authority_ceremony_seat(tx, by, "authority.retire", "retire", name, seats, &row));
    TRY(q_authority_by_name(tx, name, &authority));
    TRY(q_authority_retire(tx, authority.id, clock_now(), &changed));
    if (changed != 1)
        return FAIL(E_STATE, "ceremony-state", "%s is retired", name.p);
    return q_ceremony_made(tx, row.id, authority.id, &changed);
}

enum err authority_ceremony_parts(struct tx *tx, const struct audit_by *by, struct str name,
                                  uint32_t parts)
{
    struct q_authority_by_name authority;
    uint64_t changed = 0;

    enum err err = q_authority_by_name(tx, name, &authority);
    if (err == E_ABSENT)
        return FAIL(E_STATE, "authority-absent", "no authority %s", name.p);
    TRY(err);
    if (parts <= PARTS_MAX)
        TRY(q_authority_part(tx, authority.id, parts, &changed));
    if (changed != 1)
        return FAIL(E_INPUT, "crl-parts", "certificates name their lists: it only grows, to %d",
                    PARTS_MAX);
    return authority_ceremony_note(tx, by, "authority.crl.parts", name,
                                   str_fmt(tx_arena(tx), "{\"parts\":%u}", parts));
}
