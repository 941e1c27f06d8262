/* registration_review_many.c - see registration_review_many.h */
#include "features/registration/registration_review_many.h"

#include "store/db.h"

struct one {
    const struct audit_by *by;
    struct tenant_id tenant;
    struct application_id id;
    const struct registration_many *what;
    struct registration_chosen *chosen;
    struct timestamp now;
};

static enum err decide(struct tx *tx, void *arg)
{
    struct one *o = arg;
    const struct registration_many *w = o->what;
    uint32_t generation = o->chosen->generation;

    switch (w->act) {
    case REGISTRATION_APPROVE:
        return registration_approve(tx, o->by, o->tenant, o->id, generation, w->vetting,
                                    w->vetting_n, o->now);
    case REGISTRATION_RETURN:
        return registration_return(tx, o->by, o->tenant, o->id, generation, w->reason, o->now);
    case REGISTRATION_HOLD:
        return registration_hold(tx, o->by, o->tenant, o->id, generation, w->reason, o->now);
    case REGISTRATION_RESUME:
        return registration_resume(tx, o->by, o->tenant, o->id, generation, o->now);
    case REGISTRATION_REJECT:
        break;
    }
    return registration_reject(tx, o->by, o->tenant, o->id, generation, w->reason, o->now);
}

/* Who tried what they may not (P3-31). */
static enum err note_refusal(struct tx *tx, const struct one *o)
{
    static const char *const actions[] = {
        [REGISTRATION_APPROVE] = "registration.application.approve",
        [REGISTRATION_REJECT] = "registration.application.reject",
        [REGISTRATION_RETURN] = "registration.application.return",
        [REGISTRATION_HOLD] = "registration.application.hold",
        [REGISTRATION_RESUME] = "registration.application.resume",
    };
    struct audit_entry e = { .by = *o->by,
                             .tenant = o->tenant,
                             .action = actions[o->what->act],
                             .object_kind = "application",
                             .object = audit_id(tx_arena(tx), o->id.v),
                             .outcome = AUDIT_REFUSED };

    e.detail = str_fmt(tx_arena(tx), "{\"reason\":\"%.*s\"}", STR_ARG(o->chosen->reason));
    return audit_write(tx, &e);
}

/* What one application can cause; everything else ends the request. */
static bool is_outcome(enum err err)
{
    return err == E_INPUT || err == E_DENIED || err == E_ABSENT || err == E_CONFLICT ||
           err == E_STATE || err == E_UNSUPPORTED || err == E_LIMIT;
}

static enum err keep(struct tx *tx, struct registration_chosen *c, enum err err)
{
    c->err = err;
    c->reason = STR("");
    if (err == E_OK)
        return E_OK;
    if (!is_outcome(err))
        return err;
    c->reason = str_dup(tx_arena(tx), str_z(fault_current()->reason));
    fault_clear();
    return E_OK;
}

static int by_id(const struct one *a, const struct one *b)
{
    return a->id.v < b->id.v ? -1 : a->id.v > b->id.v;
}

static void sort(struct one *list, size_t n)
{
    for (size_t i = 1; i < n; i++)
        for (size_t k = i; k > 0 && by_id(&list[k - 1], &list[k]) > 0; k--) {
            struct one swap = list[k];
            list[k] = list[k - 1];
            list[k - 1] = swap;
        }
}

enum err registration_review_many(struct tx *tx, const struct audit_by *by, struct tenant_id tenant,
                                  const struct registration_many *what,
                                  struct registration_chosen *chosen, size_t n,
                                  struct timestamp now)
{
    struct one *list = ARENA_ARRAY(tx_arena(tx), n, struct one);
    struct registration r;
    size_t found = 0;

    for (size_t i = 0; i < n; i++) {
        enum err err = registration_by_receipt(tx, tenant, chosen[i].receipt, &r);
        chosen[i].title = err == E_OK ? r.title : STR("");
        TRY(keep(tx, &chosen[i], err));
        if (err == E_OK)
            list[found++] = (struct one){ by, tenant, r.id, what, &chosen[i], now };
    }
    sort(list, found);
    for (size_t i = 0; i < found; i++) {
        TRY(keep(tx, list[i].chosen, tx_part(tx, decide, &list[i])));
        if (list[i].chosen->err == E_DENIED)
            TRY(note_refusal(tx, &list[i]));
    }
    return E_OK;
}
