/* timestamp_work.c - tokens signed with the TSA key of the status token; see timestamp.h */
#include "features/timestamp/timestamp_pending_work.h"

#include "base/crypto.h"
#include "base/log.h"
#include "base/random.h"
#include "pki/tsp.h"
#include "sign/keys_signer.h"
#include "store/db.h"
#include "store/gen/timestamp.q.h"

static const int64_t reload_us = MINUTE_US, together_us = SECOND_US / 10;

static struct {
    struct hsm *hsm;
    struct db *db;
    struct arena *arena; /* for transactions */
    struct str policy;
    uint32_t accuracy_ms;
    struct tsp_authority *tsa;
    struct signing_key *key;
    int64_t loaded;        /* monotonic */
    struct timestamp last; /* of the newest token that is known, NONE before the first load */
    int64_t flushed;       /* monotonic */
} self;

void timestamp_work_share(void)
{
    timestamp_pending_share();
}

void timestamp_work_open(struct hsm *status, struct db *db, const struct timestamp_settings *s)
{
    self.hsm = status;
    self.db = db;
    self.arena = arena_new(4 << 20);
    self.policy = s->policy;
    self.accuracy_ms = s->accuracy_ms;
    self.last = TIMESTAMP_NONE;
    self.flushed = 0;
    timestamp_pending_open(db, self.arena);
}

static void unload(void)
{
    tsp_authority_free(self.tsa);
    keys_destroy(self.key);
    self.tsa = NULL;
    self.key = NULL;
}

static enum err load_row(struct tx *tx, struct q_timestamp_key *row)
{
    struct q_timestamp_latest latest;
    struct timestamp now = clock_now();

    TRY(q_timestamp_latest(tx, &latest));
    /* a clock that was set back while nobody was looking */
    if (timestamp_is_none(self.last) && !timestamp_is_none(latest.last_at))
        self.last = latest.last_at;
    enum err err = q_timestamp_key(tx, now, row);
    if (err == E_ABSENT)
        return FAIL(E_BACKEND, "tsa-absent", "no TSA certificate is valid now");
    return err;
}

/* The newest key and certificate; looked for once a minute. What is there stays when that fails. */
static enum err load(void)
{
    struct q_timestamp_key row;
    struct signing_key *key = NULL;
    struct tsp_authority *tsa = NULL;
    struct tx *tx;
    int64_t now = clock_monotonic_us();

    if (self.tsa && now - self.loaded < reload_us)
        return E_OK;
    arena_reset(self.arena);
    TRY(tx_begin(self.db, self.arena, &tx));
    enum err err = load_row(tx, &row);
    tx_rollback(tx);
    TRY(err);
    TRY(keys_find(self.hsm, row.key_label, &key));
    const struct tsp_params p = { .signer = keys_signer(key),
                                  .cert = row.der,
                                  .chain = &row.issuer,
                                  .chain_n = 1,
                                  .policy = self.policy,
                                  .accuracy_ms = self.accuracy_ms };
    err = tsp_authority_new(&p, &tsa);
    if (err != E_OK) {
        keys_destroy(key);
        return err;
    }
    unload();
    self.tsa = tsa;
    self.key = key;
    self.loaded = now;
    return E_OK;
}

/* The time of the next token: later than that of any token known. */
static enum err next_time(struct timestamp *out)
{
    struct timestamp now = clock_now();

    if (!timestamp_is_none(self.last) && timestamp_cmp(now, self.last) <= 0) {
        if (self.last.us - now.us > SECOND_US)
            return FAIL(E_BACKEND, "clock-backwards", "the clock is %lld us behind the last token",
                        (long long)(self.last.us - now.us));
        now = timestamp_add(self.last, 1);
    }
    *out = now;
    return E_OK;
}

static enum err flush(void)
{
    if (timestamp_pending_count() == 0)
        return E_OK;
    self.flushed = clock_monotonic_us();
    arena_reset(self.arena);
    return timestamp_pending_write(self.db, self.arena);
}

enum err timestamp_work_check(void)
{
    struct timestamp t;

    TRY(load());
    TRY(next_time(&t));
    return flush();
}

/* Room for one more record; a full buffer that cannot be written stops the authority. */
static enum err make_room(void)
{
    return timestamp_pending_count() < TIMESTAMP_PENDING_MAX ? E_OK : flush();
}

static enum err record(const uint8_t *serial, struct timestamp when, struct bytes imprint)
{
    struct bytes32 hash = sha256(imprint);

    timestamp_pending_add(serial, &hash);
    self.last = when;
    return clock_monotonic_us() - self.flushed >= together_us ? flush() : E_OK;
}

void timestamp_work_close(void)
{
    if (!self.arena)
        return;
    if (flush() != E_OK)
        log_fault("timestamp records wait for a successor");
    timestamp_pending_close();
    unload();
    arena_free(self.arena);
    self.arena = NULL;
}

static enum err grant(struct arena *a, const struct tsp_request *rq, struct bytes *response,
                      enum tsp_failure *failure)
{
    uint8_t serial[TIMESTAMP_SERIAL];
    struct timestamp when = TIMESTAMP_NONE;

    *failure = TSP_SYSTEM_FAILURE;
    TRY(load());
    *failure = TSP_TIME_NOT_AVAILABLE;
    TRY(next_time(&when));
    *failure = TSP_SYSTEM_FAILURE;
    TRY(make_room());
    for (int i = 0; i < 8; i++)
        serial[i] = (uint8_t)((uint64_t)when.us >> (56 - 8 * i));
    random_bytes(serial + 8, sizeof serial - 8);
    TRY(tsp_grant(self.tsa, rq, (struct bytes){ serial, sizeof serial }, when, a, response,
                  failure));
    return record(serial, when, rq->imprint);
}

enum err timestamp_work_answer(struct arena *a, struct bytes request, struct bytes *response)
{
    enum tsp_failure failure;
    struct tsp_request rq;
    enum err err = tsp_request_parse(request, &rq, &failure);

    if (err == E_OK) {
        err = grant(a, &rq, response, &failure);
        if (err == E_OK)
            return E_OK;
        if (err != E_INPUT)
            log_fault("a timestamp");
    }
    *response = tsp_reject(failure, a);
    return E_OK;
}
