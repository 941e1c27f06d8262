/* audit.c - writing audit rows, and reading them for auditors. */
#include "features/audit/audit.h"

#include "base/json.h"
#include "base/random.h"
#include "features/audit/audit_row.h"
#include "store/db.h"
#include "store/gen/audit.q.h"

#define DETAIL_MAX 16000 /* characters; TEXT holds 65 535 bytes */

static const char *const outcome_names[AUDIT_OUTCOME__MAX] = { "ok", "refused", "failed" };
_Static_assert(sizeof(outcome_names) / sizeof(outcome_names[0]) == AUDIT_OUTCOME__MAX, "names");

const char *audit_outcome_name(enum audit_outcome o)
{
    return (unsigned)o < AUDIT_OUTCOME__MAX ? outcome_names[o] : "failed";
}

int audit_outcome_from_name(struct str name)
{
    for (int i = 0; i < AUDIT_OUTCOME__MAX; i++)
        if (str_eq_z(name, outcome_names[i]))
            return i;
    return -1;
}

struct str audit_id(struct arena *a, uint64_t id)
{
    return id ? str_fmt(a, "%llu", (unsigned long long)id) : STR_ABSENT;
}

/* At most n characters. */
static struct str cut(struct arena *a, struct str s, size_t n)
{
    size_t at = 0;
    if (!s.p || s.n <= n || utf8_length(s) <= n)
        return s;
    for (size_t i = 0; i < n; i++)
        (void)utf8_next(s, &at);
    return str_sub(a, s, 0, at);
}

/* Columns in ASCII: anything else becomes '?', so that no name can make the insert fail. */
static struct str ascii(struct arena *a, struct str s, size_t n)
{
    char *p;
    if (!s.p)
        return s;
    n = s.n < n ? s.n : n;
    p = arena_alloc(a, n + 1);
    for (size_t i = 0; i < n; i++)
        p[i] = s.p[i] >= 0x20 && s.p[i] < 0x7f ? s.p[i] : '?';
    return (struct str){ p, n };
}

static bool action_good(const char *action)
{
    size_t n = action ? strlen(action) : 0;
    if (n == 0 || n > 80)
        return false;
    return strspn(action, "abcdefghijklmnopqrstuvwxyz0123456789._-") == n;
}

static struct str detail_of(struct arena *a, struct str detail)
{
    if (str_empty(detail))
        return STR_ABSENT;
    return utf8_length(detail) <= DETAIL_MAX ? detail : str_dup(a, STR("{\"cut\":true}"));
}

enum err audit_write(struct tx *tx, const struct audit_entry *e)
{
    struct arena *a = tx_arena(tx);
    struct audit_record r = { .at = clock_now() };
    uint8_t nonce[16];
    struct bytes row;
    struct bytes32 hash;
    struct audit_id id;

    if (!action_good(e->action))
        return FAIL(E_INTERNAL, "", "bad audit action '%s'", e->action ? e->action : "(null)");
    random_bytes(nonce, sizeof(nonce));
    r.nonce = (struct bytes){ nonce, sizeof(nonce) };
    r.category = e->category;
    r.outcome = e->outcome;
    r.tenant = e->tenant.v ? e->tenant.v : e->by.tenant.v;
    r.account = e->by.account.v;
    r.client = e->by.client.v;
    r.actor_name = cut(a, e->by.name, 200);
    r.action = str_z(e->action);
    r.object_kind = ascii(a, str_z(e->object_kind), 40);
    r.object = cut(a, e->object, 80);
    r.address = ascii(a, e->by.address, 45);
    r.request = ascii(a, e->by.request, 64);
    r.detail = detail_of(a, e->detail);
    TRY(audit_row_bytes(&r, a, &row));
    TRY(audit_row_hash(row, &hash));
    TRY(q_audit_event_add(tx, r.nonce, r.at, r.category, (struct tenant_id){ r.tenant },
                          (struct account_id){ r.account }, (struct client_id){ r.client },
                          r.actor_name, r.action, r.object_kind, r.object, r.outcome, r.address,
                          r.request, r.detail, hash, &id));
    tx_mark_audited(tx);
    return E_OK;
}

enum err audit_note(struct tx *tx, const struct audit_by *by, const char *action,
                    const char *object_kind, uint64_t object, struct json *detail)
{
    struct arena *a = tx_arena(tx);
    struct audit_entry e = { .by = *by,
                             .action = action,
                             .object_kind = object_kind,
                             .object = audit_id(a, object),
                             .outcome = AUDIT_OK };
    if (detail) {
        struct buf text = buf_init(64 * 1024);
        enum err err = json_write(detail, false, &text);
        if (err == E_OK)
            err = buf_to_str(&text, a, &e.detail);
        buf_free(&text);
        json_free(detail);
        TRY(err);
    }
    return audit_write(tx, &e);
}

/* LIKE with ESCAPE '|': what was typed means itself. */
static struct str like(struct arena *a, struct str s)
{
    struct buf b = buf_init(1024);
    struct str out = STR("");
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '|' || s.p[i] == '%' || s.p[i] == '_')
            buf_add_char(&b, '|');
        buf_add_char(&b, s.p[i]);
    }
    if (!buf_ok(&b) || buf_to_str(&b, a, &out) != E_OK)
        out = STR("");
    buf_free(&b);
    return out;
}

static struct str or_empty(struct str s)
{
    return s.p ? s : STR("");
}

enum err audit_list(struct tx *tx, const struct audit_filter *f, struct audit_id before,
                    uint32_t limit, struct audit_row **rows, size_t *n)
{
    struct arena *a = tx_arena(tx);
    struct timestamp from = timestamp_is_none(f->from) ? timestamp_from_unix(0) : f->from;
    struct timestamp to =
        timestamp_is_none(f->to) ? timestamp_from_unix(INT64_C(253402300799)) : f->to;
    uint64_t actor = 0, top = before.v ? before.v : (uint64_t)INT64_MAX;
    struct q_audit_event_list *q;

    if (str_to_u64(or_empty(f->actor), UINT64_MAX >> 1, &actor) != E_OK)
        actor = 0;
    fault_clear();
    TRY(q_audit_event_list(tx, f->tenant.v, from, to, cut(a, like(a, or_empty(f->actor)), 200),
                           actor, cut(a, like(a, or_empty(f->action)), 80),
                           cut(a, or_empty(f->object_kind), 40), cut(a, or_empty(f->object), 80),
                           f->outcome < 0, f->outcome < 0 ? 0 : (uint32_t)f->outcome, top,
                           limit > 1000 ? 1000 : limit, &q, n));
    *rows = ARENA_ARRAY(a, *n, struct audit_row);
    for (size_t i = 0; i < *n; i++)
        (*rows)[i] = (struct audit_row){ .id = q[i].id,
                                         .at = q[i].at,
                                         .tenant = q[i].tenant,
                                         .account = q[i].account,
                                         .client = q[i].client,
                                         .name = q[i].actor_name,
                                         .action = q[i].action,
                                         .object_kind = q[i].object_kind,
                                         .object = q[i].object,
                                         .address = q[i].address,
                                         .request = q[i].request,
                                         .detail = q[i].detail,
                                         .outcome = (enum audit_outcome)q[i].outcome,
                                         .category = (enum audit_category)q[i].category,
                                         .sealed = q[i].sealed };
    return E_OK;
}
