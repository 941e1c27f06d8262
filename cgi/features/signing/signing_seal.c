/* signing_seal.c - rules of seals and of placements: whose they are, how many, which is the main
 * one. */
#include "features/signing/signing_seal.h"

#include "base/random.h"
#include "store/gen/signing.q.h"

static const char *const kind_names[] = { "image", "round", "square" };
static const char *const rule_names[] = { "first", "last", "number", "all" };

static enum signing_seal_kind kind_of(struct str name)
{
    return str_eq_z(name, "image")   ? SIGNING_SEAL_IMAGE
           : str_eq_z(name, "round") ? SIGNING_SEAL_ROUND
                                     : SIGNING_SEAL_SQUARE;
}

const char *signing_seal_kind_name(enum signing_seal_kind kind)
{
    return kind_names[(unsigned)kind % 3];
}

/* The generated row structs have the same members; C cannot tell. */
#define SEAL_OF(r)                                                                                 \
    ((struct signing_seal){ .id = (r)->id,                                                         \
                            .public_id = (r)->public_id,                                           \
                            .label = (r)->label,                                                   \
                            .kind = kind_of((r)->kind),                                            \
                            .main = (r)->main,                                                     \
                            .created = (r)->created_at })

enum err signing_seal_list(struct tx *tx, struct signing_owner owner, struct signing_seal **rows,
                           size_t *n)
{
    struct q_seal_list *got;

    TRY(q_seal_list(tx, owner.tenant, owner.account, &got, n));
    *rows = ARENA_ARRAY(tx_arena(tx), *n, struct signing_seal);
    for (size_t i = 0; i < *n; i++)
        (*rows)[i] = SEAL_OF(&got[i]);
    return E_OK;
}

enum err signing_seal_find(struct tx *tx, struct signing_owner owner, struct str public_id,
                           struct signing_seal *out)
{
    struct q_seal_get row;
    enum err e = q_seal_get(tx, owner.tenant, owner.account, public_id, &row);

    if (e == E_ABSENT)
        return FAIL(E_ABSENT, "seal-unknown", "not one of the owner's seals");
    if (e == E_OK)
        *out = SEAL_OF(&row);
    return e;
}

static enum err note(struct tx *tx, const struct audit_by *by, const char *action, const char *kind,
                     struct str object)
{
    struct audit_entry e = { .by = *by, .action = action, .object_kind = kind, .object = object };
    return audit_write(tx, &e);
}

enum err signing_seal_set_main(struct tx *tx, struct signing_owner owner, struct str public_id,
                               const struct audit_by *by)
{
    struct signing_seal s;
    uint64_t changed;

    TRY(signing_seal_find(tx, owner, public_id, &s));
    TRY(q_seal_main_set(tx, owner.tenant, owner.account, public_id, &changed));
    return note(tx, by, "signing.seal.main", "seal", public_id);
}

enum err signing_seal_erase(struct tx *tx, struct signing_owner owner, struct str public_id,
                            const struct audit_by *by)
{
    struct signing_seal s = { .main = false }, *rest;
    uint64_t changed;
    size_t n;

    TRY(signing_seal_find(tx, owner, public_id, &s));
    TRY(q_seal_erase(tx, owner.tenant, owner.account, public_id, &changed));
    TRY(signing_seal_list(tx, owner, &rest, &n));
    if (s.main && n > 0) /* the oldest follows */
        TRY(q_seal_main_set(tx, owner.tenant, owner.account, rest[0].public_id, &changed));
    return note(tx, by, "signing.seal.erase", "seal", public_id);
}

/* --- placements --- */

static enum signing_page_rule rule_of(struct str name)
{
    unsigned i = 0;
    while (i < SIGNING_PAGE_ALL && !str_eq_z(name, rule_names[i]))
        i++;
    return (enum signing_page_rule)i;
}

static enum signing_level level_of(struct str name)
{
    enum signing_level level = SIGNING_ES;
    if (signing_level_parse(name, &level) != E_OK)
        fault_clear(); /* the column's CHECK knows the same names */
    return level;
}

#define TEMPLATE_OF(r)                                                                             \
    ((struct signing_template){ .public_id = (r)->public_id,                                       \
                                .name = (r)->name,                                                 \
                                .seal = (r)->seal,                                                 \
                                .rule = rule_of((r)->page_rule),                                   \
                                .page = (r)->page_number,                                          \
                                .x = (r)->x,                                                       \
                                .y = (r)->y,                                                       \
                                .width = (r)->width,                                               \
                                .height = (r)->height,                                             \
                                .show_name = (r)->show_name,                                       \
                                .show_date = (r)->show_date,                                       \
                                .show_reason = (r)->show_reason,                                   \
                                .reason = (r)->reason,                                             \
                                .level = level_of((r)->level),                                     \
                                .certify = (r)->certify })

enum err signing_template_list(struct tx *tx, struct signing_owner owner,
                               struct signing_template **rows, size_t *n)
{
    struct q_seal_template_list *got;

    TRY(q_seal_template_list(tx, owner.tenant, owner.account, &got, n));
    *rows = ARENA_ARRAY(tx_arena(tx), *n, struct signing_template);
    for (size_t i = 0; i < *n; i++)
        (*rows)[i] = TEMPLATE_OF(&got[i]);
    return E_OK;
}

enum err signing_template_find(struct tx *tx, struct signing_owner owner, struct str public_id,
                               struct signing_template *out)
{
    struct q_seal_template_get row;
    enum err e = q_seal_template_get(tx, owner.tenant, owner.account, public_id, &row);

    if (e == E_ABSENT)
        return FAIL(E_ABSENT, "template-unknown", "not one of the owner's placements");
    if (e == E_OK)
        *out = TEMPLATE_OF(&row);
    return e;
}

static enum err check_template(struct tx *tx, struct signing_owner owner,
                               const struct signing_template *t)
{
    struct signing_seal s;

    if (t->width < 30 || t->width > 3000 || t->height < 30 || t->height > 3000 || t->x > 10000 ||
        t->y > 10000)
        return FAIL(E_INPUT, "template-size", "%u %u %u %u", t->x, t->y, t->width, t->height);
    if ((t->rule == SIGNING_PAGE_NUMBER) != (t->page > 0))
        return FAIL(E_INPUT, "template-page", "page %u", t->page);
    if (t->certify > 3)
        return FAIL(E_INPUT, "template-certify", "%u", t->certify);
    if (!str_absent(t->seal) && signing_seal_find(tx, owner, t->seal, &s) != E_OK)
        return FAIL(E_INPUT, "template-seal", "not one of the owner's seals");
    return E_OK;
}

static enum err add_template(struct tx *tx, struct signing_owner owner,
                             const struct signing_template *t, struct str id, struct timestamp now)
{
    struct q_seal_template_count held;

    TRY(q_seal_template_count(tx, owner.tenant, owner.account, &held));
    if (held.n >= SIGNING_TEMPLATES_MAX)
        return FAIL(E_LIMIT, "templates-too-many", "%llu", (unsigned long long)held.n);
    return q_seal_template_add(tx, id, owner.tenant, owner.account, t->name, t->seal,
                               str_z(rule_names[t->rule]), t->page, t->x, t->y, t->width, t->height,
                               t->show_name, t->show_date, t->show_reason, t->reason,
                               str_z(signing_level_name(t->level)), t->certify, now);
}

enum err signing_template_store(struct tx *tx, struct signing_owner owner,
                                const struct signing_template *t, const struct audit_by *by,
                                struct timestamp now, struct str *public_id)
{
    bool fresh = str_absent(t->public_id);
    uint64_t changed;

    TRY(check_template(tx, owner, t));
    *public_id = fresh ? random_token(tx_arena(tx), 16) : t->public_id;
    if (fresh) {
        TRY(add_template(tx, owner, t, *public_id, now));
    } else {
        TRY(q_seal_template_set(tx, owner.tenant, owner.account, t->public_id, t->name, t->seal,
                                str_z(rule_names[t->rule]), t->page, t->x, t->y, t->width,
                                t->height, t->show_name, t->show_date, t->show_reason, t->reason,
                                str_z(signing_level_name(t->level)), t->certify, &changed));
        if (changed == 0)
            return FAIL(E_ABSENT, "template-unknown", "not one of the owner's placements");
    }
    return note(tx, by, "signing.template.store", "template", *public_id);
}

enum err signing_template_erase(struct tx *tx, struct signing_owner owner, struct str public_id,
                                const struct audit_by *by)
{
    uint64_t changed;

    TRY(q_seal_template_erase(tx, owner.tenant, owner.account, public_id, &changed));
    if (changed == 0)
        return FAIL(E_ABSENT, "template-unknown", "not one of the owner's placements");
    return note(tx, by, "signing.template.erase", "template", public_id);
}

double signing_template_points(uint32_t tenths)
{
    return tenths * 72.0 / 254.0;
}

enum err signing_template_pages(const struct signing_template *t, unsigned pages, unsigned *first,
                                unsigned *last)
{
    *first = t->rule == SIGNING_PAGE_LAST ? pages : t->rule == SIGNING_PAGE_NUMBER ? t->page : 1;
    *last = t->rule == SIGNING_PAGE_ALL ? pages : *first;
    if (*first < 1 || *last > pages)
        return FAIL(E_INPUT, "template-page", "page %u of %u", *first, pages);
    return E_OK;
}

struct str signing_seal_date(struct arena *a, struct timestamp t, bool japanese)
{
    static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    struct calendar c = calendar_jst(t);
    return japanese ? str_fmt(a, "%d年%d月%d日", c.year, c.month, c.day)
                    : str_fmt(a, "%d %s %d", c.day, months[(c.month - 1) % 12], c.year);
}
