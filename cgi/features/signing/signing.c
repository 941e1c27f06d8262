/* signing.c - rules of documents: who sees which, and their erasure. */
#include "features/signing/signing.h"

#include "base/json.h"
#include "store/gen/signing.q.h"

#define LIST_MAX 50

static const char *const level_names[] = { "ES", "ES-T", "ES-LT", "ES-A" };
_Static_assert(sizeof level_names / sizeof *level_names == SIGNING_LEVEL__MAX, "a name for each");

const char *signing_level_name(enum signing_level level)
{
    return (unsigned)level < SIGNING_LEVEL__MAX ? level_names[level] : NULL;
}

enum err signing_level_parse(struct str name, enum signing_level *out)
{
    for (unsigned i = 0; i < SIGNING_LEVEL__MAX; i++)
        if (str_eq_z(name, level_names[i])) {
            *out = (enum signing_level)i;
            return E_OK;
        }
    return FAIL(E_INPUT, "level-unknown", "level %.*s", STR_ARG(name));
}

static const char *const state_names[] = { "uploaded", "signed", "deleted", "receiving" };

static enum signing_document_state state_of(struct str name)
{
    for (unsigned i = 0; i < sizeof state_names / sizeof *state_names; i++)
        if (str_eq_z(name, state_names[i]))
            return (enum signing_document_state)i;
    return SIGNING_DELETED;
}

/* The generated row structs have the same members; C cannot tell. */
#define DOCUMENT_OF(r)                                                                             \
    ((struct signing_document){ .id = (r)->id,                                                     \
                                .public_id = (r)->public_id,                                       \
                                .filename = (r)->filename,                                         \
                                .size = (r)->size,                                                 \
                                .digest = (r)->digest,                                             \
                                .version = (r)->version,                                           \
                                .state = state_of((r)->state),                                     \
                                .created = (r)->created_at,                                        \
                                .delete_at = (r)->delete_at,                                       \
                                .deleted_at = (r)->deleted_at,                                     \
                                .wrapped_key = (r)->wrapped_key,                                   \
                                .pieces = (r)->pieces,                                             \
                                .manifest = (r)->manifest,                                         \
                                .expected = (r)->expected,                                         \
                                .agreed_until = (r)->agreed_until })

enum err signing_document_list(struct tx *tx, struct signing_owner owner,
                               const struct signing_filter *f, struct signing_document **rows,
                               size_t *n, uint64_t *total)
{
    struct str state = f->state < 0 ? STR("") : str_z(state_names[f->state]);
    struct str name = str_absent(f->name) ? STR("") : f->name;
    struct str sort = str_absent(f->sort) ? STR("") : f->sort;
    uint32_t limit = f->limit > LIST_MAX ? LIST_MAX : f->limit;
    struct q_document_count count;
    struct q_document_list *got;

    TRY(q_document_count(tx, owner.tenant, owner.account, name, state, f->state < 0, &count));
    TRY(q_document_list(tx, owner.tenant, owner.account, name, state, f->state < 0, sort, f->offset,
                        limit, &got, n));
    *rows = ARENA_ARRAY(tx_arena(tx), *n, struct signing_document);
    for (size_t i = 0; i < *n; i++)
        (*rows)[i] = DOCUMENT_OF(&got[i]);
    *total = count.n;
    return E_OK;
}

enum err signing_document_find(struct tx *tx, struct signing_owner owner, struct str public_id,
                               struct signing_document *out)
{
    struct q_document_of row;
    enum err e = q_document_of(tx, owner.tenant, owner.account, owner.client, public_id, &row);
    if (e == E_ABSENT)
        return FAIL(E_ABSENT, "document-unknown", "not one of the owner's documents");
    if (e == E_OK)
        *out = DOCUMENT_OF(&row);
    return e;
}

enum err signing_document_erase(struct tx *tx, struct signing_owner owner, struct str public_id,
                                const struct audit_by *by, struct timestamp now)
{
    struct signing_document d = { .state = SIGNING_DELETED };
    uint64_t changed = 0, chunks;

    TRY(signing_document_find(tx, owner, public_id, &d));
    if (d.state != SIGNING_DELETED)
        TRY(q_document_erase(tx, d.id, STR("requested"), now, TIMESTAMP_NONE, &changed));
    if (changed == 0)
        return FAIL(E_STATE, "document-deleted", "erased before");
    TRY(q_document_chunk_drop(tx, d.id, &chunks));
    TRY(q_document_piece_drop(tx, d.id, &chunks));
    struct audit_entry e = { .by = *by,
                             .action = "signing.document.erase",
                             .object_kind = "document",
                             .object = d.public_id };
    return audit_write(tx, &e);
}

enum err signing_gauges(struct tx *tx, struct timestamp now, struct signing_gauge *out)
{
    struct q_document_gauge g;
    struct q_counter_get erased, late;
    TRY(q_document_gauge(tx, timestamp_add(now, -SIGNING_LATE_US), &g));
    TRY(q_counter_get(tx, STR("erased"), &erased));
    TRY(q_counter_get(tx, STR("erased_late"), &late));
    *out = (struct signing_gauge){ g.held, g.overdue, erased.value, late.value };
    return E_OK;
}
