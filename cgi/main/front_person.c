/* front_person.c - sessions of people. */
#include "main/front.h"

#include "features/accounts/accounts.h"

#define SIDE_ARENA (1u << 20)

struct lookup {
    const struct bytes32 *hash;
    struct timestamp now;
    struct accounts_session session;
    bool touch;
};

static enum err find_session(struct tx *tx, struct lookup *l)
{
    return accounts_session_find(tx, l->hash, l->now, &l->session, &l->touch);
}

enum err front_session_load(void *arg, struct arena *a, const struct bytes32 *token_hash,
                            struct timestamp now, struct session_state *out)
{
    struct front *f = arg;
    struct lookup l = { .hash = token_hash, .now = now };
    struct tx *tx;
    enum err e;

    TRY(tx_begin(f->db, a, &tx));
    e = find_session(tx, &l);
    tx_rollback(tx); /* nothing was written */
    if (e != E_OK)
        return e;
    const struct accounts_session *s = &l.session;
    *out = (struct session_state){ .who = { .account = s->account,
                                            .tenant = s->tenant,
                                            .session = s->id,
                                            /* work as an operator is done by certificate, on the
                                               operators' port */
                                            .roles = s->roles & ~(uint32_t)ROLE_LRA_OPERATOR,
                                            .held = s->roles,
                                            .second_factor = s->second_factor,
                                            .pending = s->pending,
                                            .login = s->login,
                                            .name = s->name,
                                            .lang = s->lang },
                                   .created = s->created_at,
                                   .seen = s->seen_at };
    return E_OK;
}

struct touching {
    struct session_id id;
    struct timestamp now;
};

static enum err touch(struct tx *tx, void *arg)
{
    const struct touching *t = arg;
    return accounts_session_touch(tx, t->id, t->now);
}

enum err front_session_seen(void *arg, struct session_id session, struct timestamp now)
{
    struct front *f = arg;
    struct touching t = { session, now };
    struct arena *a = arena_new(SIDE_ARENA);
    enum err e = tx_run(f->side, a, touch, &t);
    arena_free(a);
    return e;
}
