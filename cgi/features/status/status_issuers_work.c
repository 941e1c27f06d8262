/* status_issuers_work.c - see status_issuers_work.h */
#include "features/status/status_issuers_work.h"

#include "base/log.h"
#include "sign/keys_signer.h"
#include "store/db.h"
#include "store/gen/status.q.h"

enum { ISSUERS_MAX = 100, ARENA_MAX = 16 << 20 };

void status_issuers_free(struct status_issuers *s)
{
    for (size_t i = 0; i < s->n; i++)
        keys_destroy(s->row[i].key);
    arena_free(s->arena);
    *s = (struct status_issuers){ .arena = NULL };
}

static bool known(const struct status_issuers *s, struct authority_id id)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->row[i].id.v == id.v)
            return true;
    return false;
}

/* One row, its key found in the token. */
static enum err add(struct status_issuers *s, struct hsm *hsm,
                    const struct q_status_responders *found)
{
    struct status_issuer *row = &s->row[s->n];
    struct x509 issuer;

    TRY(x509_parse(found->issuer, s->arena, &issuer));
    TRY(x509_parse(found->der, s->arena, &row->responder));
    TRY(keys_find(hsm, found->key_label, &row->key));
    row->id = found->authority;
    ocsp_issuer_of(&issuer, &row->hashes);
    row->signer = keys_signer(row->key);
    s->n++;
    return E_OK;
}

static enum err load(struct status_issuers *s, struct db *db, struct hsm *hsm, struct timestamp now)
{
    struct q_status_responders *rows;
    struct tx *tx;
    size_t n;

    TRY(tx_begin(db, s->arena, &tx));
    enum err err = q_status_responders(tx, STR("ocsp"), now, ISSUERS_MAX, &rows, &n);
    tx_rollback(tx);
    TRY(err);
    s->row = ARENA_ARRAY(s->arena, n, struct status_issuer);
    for (size_t i = 0; i < n; i++) /* newest key of each authority first */
        if (!known(s, rows[i].authority))
            TRY(add(s, hsm, &rows[i]));
    return E_OK;
}

enum err status_issuers_refresh(struct status_issuers *s, struct db *db, struct hsm *hsm,
                                struct timestamp now)
{
    struct status_issuers fresh = { .loaded = clock_monotonic_us() };

    if (s->n > 0 && fresh.loaded - s->loaded < MINUTE_US)
        return E_OK;
    fresh.arena = arena_new(ARENA_MAX);
    enum err err = load(&fresh, db, hsm, now);
    if (err == E_OK && fresh.n == 0)
        err = FAIL(E_BACKEND, "responder-absent", "no OCSP responder has a valid certificate");
    if (err != E_OK) {
        status_issuers_free(&fresh);
        return err;
    }
    status_issuers_free(s);
    *s = fresh;
    return E_OK;
}

const struct status_issuer *status_issuers_find(const struct status_issuers *s,
                                                const struct ocsp_certid *id)
{
    for (size_t i = 0; i < s->n; i++)
        if (ocsp_issuer_is(&s->row[i].hashes, id))
            return &s->row[i];
    return NULL;
}
