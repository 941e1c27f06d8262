/*
 * audit_verify.c - judging the audit log. Rows and seals are read in pages; every finding goes to
 * the caller's report. Seals never change, so what was read first stays comparable with what is
 * read later, although each statement sees the database of its own moment.
 */
#include "features/audit/audit_seal.h"

#include "features/audit/audit_chain.h"
#include "store/db.h"
#include "store/gen/audit.q.h"

#define PAGE 500
#define SEALS 50

struct judge {
    struct db *db;
    struct tx *tx;       /* of the page at hand */
    struct arena *rows;  /* one page of rows */
    struct arena *seals; /* one page of seals */
    const struct audit_verifier *how;
    struct audit_verdict *verdict;
    struct bytes32 chain; /* of the seal before */
    uint64_t number;      /* of the seal before */
};

/* What one seal holds, as found. */
struct content {
    struct digest *digest;
    uint64_t count, first, last;
    bool explained; /* a finding about a row already says why the digest differs */
};

static void found(struct judge *j, enum audit_finding_kind kind, uint64_t id, struct str text)
{
    if (kind == AUDIT_FOUND_ROW_LATE)
        j->verdict->warnings++;
    else
        j->verdict->findings++;
    j->how->report(j->how->arg, &(struct audit_finding){ kind, id, text.p });
}

/* The text lives as long as the page at hand. */
#define FOUND(j, kind, id, ...) found((j), (kind), (id), str_fmt(tx_arena((j)->tx), __VA_ARGS__))
#define U(v) ((unsigned long long)(v))

/* A page is read in a transaction of its own, so that memory is bounded by the page. */
static enum err page_begin(struct judge *j, struct arena *a)
{
    tx_rollback(j->tx);
    j->tx = NULL;
    arena_reset(a);
    return tx_begin(j->db, a, &j->tx);
}

/* The row's own hash. */
static enum err judge_row(struct judge *j, uint64_t id, const struct audit_record *r,
                          struct bytes stored, struct bytes *row, bool *good)
{
    struct bytes32 hash;
    TRY(audit_row_bytes(r, tx_arena(j->tx), row));
    TRY(audit_row_hash(*row, &hash));
    j->verdict->rows++;
    *good = bytes_eq_secret(bytes_of_32(&hash), stored);
    if (!*good)
        FOUND(j, AUDIT_FOUND_ROW_CHANGED, id, "row %llu: changed, or not written by a program",
              U(id));
    return E_OK;
}

static enum err judge_member(struct judge *j, uint64_t number, uint64_t floor,
                             const struct q_audit_seal_members *m, struct content *c)
{
    struct audit_record r = AUDIT_RECORD(m);
    struct bytes row;
    bool good;

    c->count++;
    c->first = c->first ? c->first : m->member;
    c->last = m->member;
    if (m->id.v == 0) {
        c->explained = true;
        FOUND(j, AUDIT_FOUND_ROW_MISSING, m->member, "row %llu: missing, sealed in seal %llu",
              U(m->member), U(number));
        return E_OK;
    }
    TRY(judge_row(j, m->member, &r, m->row_hash, &row, &good));
    if (!good)
        c->explained = true;
    if (m->member <= floor) {
        c->explained = true;
        FOUND(j, AUDIT_FOUND_ROW_ADDED, m->member,
              "row %llu: added to seal %llu, which begins after row %llu", U(m->member), U(number),
              U(floor));
    }
    audit_chain_add(c->digest, m->member, row, m->row_hash);
    return E_OK;
}

/* All members of a seal, page by page. */
static enum err judge_members(struct judge *j, uint64_t number, uint64_t floor, struct content *c)
{
    uint64_t after = 0;
    size_t n;
    do {
        struct q_audit_seal_members *m;
        TRY(page_begin(j, j->rows));
        TRY(q_audit_seal_members(j->tx, number, after, PAGE, &m, &n));
        for (size_t i = 0; i < n; i++) {
            TRY(judge_member(j, number, floor, &m[i], c));
            after = m[i].member;
        }
    } while (n == PAGE);
    return E_OK;
}

/* The columns of the seal against its chain value and its neighbour. */
static enum err judge_chain(struct judge *j, const struct q_audit_seal_list *s)
{
    struct audit_chain c = { s->number,  s->sealed_at,   s->floor,  s->first_id,
                             s->last_id, s->event_count, s->digest, s->previous };
    struct bytes32 chain;

    for (uint64_t gone = j->number + 1; gone < s->number && gone < j->number + 100; gone++)
        FOUND(j, AUDIT_FOUND_SEAL_MISSING, gone, "seal %llu: missing", U(gone));
    TRY(audit_chain_value(&c, &chain));
    if (!bytes32_eq(&chain, &s->chain))
        FOUND(j, AUDIT_FOUND_SEAL_CHANGED, s->number, "seal %llu: its columns were changed",
              U(s->number));
    else if (s->number == j->number + 1 && !bytes32_eq(&s->previous, &j->chain))
        FOUND(j, AUDIT_FOUND_SEAL_CHANGED, s->number,
              "seal %llu: does not continue the seal before it", U(s->number));
    if (j->how->anchor && j->how->anchor->number == s->number &&
        !bytes32_eq(&j->how->anchor->chain, &s->chain))
        FOUND(j, AUDIT_FOUND_SEAL_CHANGED, s->number,
              "seal %llu: is not the one that was noted outside the database", U(s->number));
    return E_OK;
}

static void judge_signature(struct judge *j, const struct q_audit_seal_list *s)
{
    const struct audit_verifier *how = j->how;
    struct timestamp at = TIMESTAMP_NONE;

    if (how->check_signature &&
        (!s->signature.p ||
         how->check_signature(how->arg, s->key_name, &s->chain, s->signature) != E_OK))
        FOUND(j, AUDIT_FOUND_SEAL_SIGNATURE, s->number, "seal %llu: signature %s", U(s->number),
              s->signature.p ? "is not valid" : "is missing");
    if (how->check_token &&
        (!s->token.p || how->check_token(how->arg, &s->chain, s->token, &at) != E_OK))
        FOUND(j, AUDIT_FOUND_SEAL_TOKEN, s->number, "seal %llu: time stamp %s", U(s->number),
              s->token.p ? "is not valid" : "is missing");
    fault_clear(); /* a bad signature is a finding, not a failure of ours */
}

static enum err judge_seal(struct judge *j, const struct q_audit_seal_list *s)
{
    struct content c = { .digest = digest_new(DIGEST_SHA256) };
    uint8_t value[64];
    enum err err = judge_chain(j, s);

    if (err == E_OK)
        err = judge_members(j, s->number, s->floor, &c);
    (void)digest_end(c.digest, value);
    if (err != E_OK)
        return err;
    if (c.count != s->event_count)
        FOUND(j, AUDIT_FOUND_SEAL_CHANGED, s->number,
              "seal %llu: holds %llu rows, sealed were %llu", U(s->number), U(c.count),
              U(s->event_count));
    else if (!c.explained && memcmp(value, s->digest.b, 32) != 0)
        FOUND(j, AUDIT_FOUND_SEAL_CHANGED, s->number, "seal %llu: its rows were changed",
              U(s->number));
    judge_signature(j, s);
    j->verdict->seals++;
    j->number = s->number;
    j->chain = s->chain;
    return E_OK;
}

static enum err judge_seals(struct judge *j, uint64_t last)
{
    size_t n = 1;
    while (n > 0 && j->number < last) {
        struct q_audit_seal_list *s;
        TRY(page_begin(j, j->seals));
        TRY(q_audit_seal_list(j->tx, j->number, SEALS, &s, &n));
        for (size_t i = 0; i < n && s[i].number <= last; i++)
            TRY(judge_seal(j, &s[i]));
    }
    if (j->how->anchor && j->how->anchor->number > j->number)
        FOUND(j, AUDIT_FOUND_SEAL_MISSING, j->how->anchor->number,
              "seal %llu: noted outside the database, but the last one here is %llu",
              U(j->how->anchor->number), U(j->number));
    return E_OK;
}

/* Rows that no seal holds: young ones wait; below the floor none may be. */
static enum err judge_unsealed(struct judge *j, uint64_t floor)
{
    struct timestamp old = timestamp_add(j->how->now, -2 * AUDIT_GRACE_US);
    uint64_t after = 0;
    size_t n;
    do {
        struct q_audit_event_unsealed *e;
        TRY(page_begin(j, j->rows));
        TRY(q_audit_event_unsealed(j->tx, after, PAGE, &e, &n));
        for (size_t i = 0; i < n; i++) {
            struct audit_record r = AUDIT_RECORD(&e[i]);
            struct bytes row;
            bool good;
            after = e[i].id.v;
            TRY(judge_row(j, after, &r, bytes_of_32(&e[i].row_hash), &row, &good));
            if (after <= floor)
                FOUND(j, AUDIT_FOUND_ROW_ADDED, after, "row %llu: added after its time", U(after));
            else if (timestamp_cmp(e[i].at, old) < 0)
                FOUND(j, AUDIT_FOUND_ROW_LATE, after, "row %llu: not sealed yet", U(after));
            else
                j->verdict->unsealed++;
        }
    } while (n == PAGE);
    return E_OK;
}

/* Members that name a seal which is gone. */
static enum err judge_strangers(struct judge *j)
{
    struct q_audit_seal_strangers *s;
    size_t n;
    TRY(page_begin(j, j->rows));
    TRY(q_audit_seal_strangers(j->tx, PAGE, &s, &n));
    for (size_t i = 0; i < n; i++)
        FOUND(j, AUDIT_FOUND_SEAL_MISSING, s[i].number, "seal %llu: missing, row %llu names it",
              U(s[i].number), U(s[i].event));
    return E_OK;
}

static enum err judge_all(struct judge *j)
{
    struct q_audit_seal_last last = { .number = 0 };
    struct q_audit_seal_floor floor;
    enum err err;

    TRY(page_begin(j, j->rows));
    err = q_audit_seal_last(j->tx, &last);
    if (err != E_OK && err != E_ABSENT)
        return err;
    TRY(q_audit_seal_floor(j->tx, timestamp_add(j->how->now, -AUDIT_GRACE_US), &floor));
    TRY(judge_seals(j, last.number));
    TRY(judge_strangers(j));
    return judge_unsealed(j, floor.floor);
}

enum err audit_seal_verify(struct db *db, const struct audit_verifier *how,
                           struct audit_verdict *verdict)
{
    struct judge j = { .db = db,
                       .how = how,
                       .verdict = verdict,
                       .rows = arena_new(64 * 1024 * 1024),
                       .seals = arena_new(16 * 1024 * 1024) };
    enum err err;

    *verdict = (struct audit_verdict){ 0 };
    err = judge_all(&j);
    tx_rollback(j.tx);
    arena_free(j.rows);
    arena_free(j.seals);
    return err;
}
