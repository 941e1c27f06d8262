/* front_operator.c - LRA operators, who come by certificate instead of a session. */
#include "main/front.h"

#include "base/log.h"
#include "features/operators/operators.h"

#define SIDE_ARENA (1u << 20)

/*
 * Asked anew for each request, on the side connection: who was revoked, suspended or lost the role
 * a moment ago is out, also on a connection that was open before. Of the roles only the operator's
 * counts here.
 */
enum err front_operator_load(void *arg, struct arena *a, struct str pem, struct timestamp now,
                             struct who *out)
{
    struct front *f = arg;
    struct operators_person *p = ARENA_NEW(a, struct operators_person);
    struct tx *tx;
    enum err e;

    f->operator_seen = NULL;
    TRY(tx_begin(f->side, a, &tx));
    e = operators_by_certificate(tx, pem, now, p);
    tx_rollback(tx); /* nothing was written */
    if ((e == E_OK || e == E_AUTH) && p->certificate.v)
        f->operator_seen = p;
    if (e != E_OK)
        return e;
    *out = (struct who){ .account = p->account,
                         .certificate = p->certificate,
                         .tenant = p->tenant,
                         .roles = ROLE_LRA_OPERATOR,
                         .held = p->held,
                         .second_factor = true,
                         .login = p->login,
                         .name = p->name,
                         .lang = p->lang };
    return E_OK;
}

struct seeing {
    const struct operators_person *person;
    const struct client_use *use;
};

static enum err write_use(struct tx *tx, void *arg)
{
    const struct seeing *s = arg;
    const struct audit_by by = { .tenant = s->person->tenant,
                                 .account = s->person->account,
                                 .name = s->person->name,
                                 .address = s->use->address,
                                 .request = s->use->request_id };
    if (s->use->refused != NULL)
        return operators_refused(tx, s->person, &by, s->use->refused, s->use->now);
    return operators_visit(tx, s->person, &by, s->use->now);
}

void front_operator_seen(void *arg, const struct client_use *use)
{
    struct front *f = arg;
    struct seeing s = { f->operator_seen, use };
    struct arena *a;

    f->operator_seen = NULL;
    if (s.person == NULL)
        return;
    a = arena_new(SIDE_ARENA);
    if (tx_run(f->side, a, write_use, &s) != E_OK) {
        log_fault("the use of a certificate could not be recorded");
        fault_clear();
    }
    arena_free(a);
}
