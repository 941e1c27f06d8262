/*
 * bulk_zip_work.c - the keys that the worker made, with their certificates, as PKCS#12 files in one
 * ZIP. They are opened here, in the memory of one request, by the password that is typed in.
 */
#include "features/bulk/bulk_box.h"
#include "features/bulk/bulk_inside.h"

#include "archive/zip_write.h"
#include "features/authority/authority.h"
#include "pki/box.h"
#include "pki/p12.h"
#include "store/db.h"
#include "store/gen/bulk.q.h"

enum { ZIP_MAX = 96 << 20, NAME_MAX_CHARACTERS = 60 };

/*
 * Rounds of PBKDF2 against guessing: few, because the password is not a person's choice but 100
 * random bits, and thousands of files are made while somebody waits.
 */
enum { ROUNDS = 2048 };

struct making {
    const struct bulk_run *run;
    const struct secret *password, *private;
    struct zip_write *zip;
    struct timestamp now;
    uint64_t n;
};

static enum err add(void *arg, struct bytes piece)
{
    struct buf *b = arg;

    buf_add_bytes(b, piece);
    return buf_ok(b) ? E_OK : FAIL(E_LIMIT, "bulk-keys", "more than %d octets", ZIP_MAX);
}

/* The line of the file and whose it is; nothing that a file system or shell could mistake. */
static struct str name_of(struct arena *a, uint32_t line, struct str title)
{
    struct str clean = str_printable(a, title, NAME_MAX_CHARACTERS);
    char *p = arena_alloc(a, clean.n + 1);

    for (size_t i = 0; i < clean.n; i++)
        p[i] = strchr("/\\:*?\"<>|'$`&;", clean.p[i]) ? '_' : clean.p[i];
    return str_fmt(a, "%05u_%.*s.p12", line, (int)clean.n, p);
}

static enum err one(struct tx *tx, struct making *m, const struct q_bulk_key_after *k)
{
    struct arena *a = tx_arena(tx);
    struct secret *pkcs8 = NULL;
    struct bytes *above, p12 = BYTES_ABSENT;
    size_t n;
    enum err e = authority_chain(tx, k->certificate, &above, &n);

    TRY(e);
    struct bytes *chain = ARENA_ARRAY(a, n + 1, struct bytes);
    chain[0] = k->der;
    for (size_t i = 0; i < n; i++)
        chain[i + 1] = above[i];
    e = box_open(m->private, bulk_box_context(a, m->run->public_id, k->seq), k->sealed, &pkcs8);
    if (e == E_OK)
        e = p12_build_rounds(pkcs8, chain, n + 1, m->password, k->title, ROUNDS, a, &p12);
    secret_free(pkcs8);
    if (e == E_OK)
        e = zip_write_begin(m->zip, name_of(a, k->line, k->title), p12.n, m->now);
    if (e == E_OK)
        e = zip_write_add(m->zip, p12);
    m->n += e == E_OK;
    return e;
}

/* 50 at a time, in memory that is given back. */
static enum err some(struct tx *tx, struct making *m, uint32_t *after, bool *more)
{
    struct arena *a = arena_new(32 << 20), *before = tx_swap_arena(tx, a);
    struct q_bulk_key_after *keys;
    size_t n = 0;
    enum err e = q_bulk_key_after(tx, m->run->tenant, m->run->id, *after, &keys, &n);

    for (size_t i = 0; i < n && e == E_OK; i++) {
        e = one(tx, m, &keys[i]);
        *after = keys[i].seq;
    }
    *more = n > 0;
    (void)tx_swap_arena(tx, before);
    arena_free(a);
    return e;
}

static enum err all(struct tx *tx, struct making *m, struct bytes *zip)
{
    struct buf out = buf_init(ZIP_MAX);
    uint32_t after = 0;
    bool more = true;
    enum err e = zip_write_new(add, &out, &m->zip);

    while (e == E_OK && more)
        e = some(tx, m, &after, &more);
    if (e == E_OK)
        e = zip_write_end(m->zip);
    zip_write_free(m->zip);
    if (e == E_OK && m->n == 0)
        e = FAIL(E_STATE, "bulk-no-keys", "run %llu", (unsigned long long)m->run->id.v);
    if (e == E_OK)
        e = buf_to_bytes(&out, tx_arena(tx), zip);
    buf_free(&out);
    return e;
}

static enum err note(struct tx *tx, const struct audit_by *by, const struct bulk_run *run,
                     enum audit_outcome outcome)
{
    const struct audit_entry e = { .by = *by,
                                   .tenant = run->tenant,
                                   .action = "bulk.keys.download",
                                   .object_kind = "bulk",
                                   .object = run->public_id,
                                   .outcome = outcome };
    return audit_write(tx, &e);
}

enum err bulk_keys_zip(struct tx *tx, const struct audit_by *by, const struct bulk_who *who,
                       const struct bulk_run *run, const struct secret *password,
                       struct timestamp now, struct bytes *zip)
{
    struct making m = { .run = run, .password = password, .now = now };
    struct secret *private = NULL;
    struct q_bulk_run_box q;
    enum err e;

    if (who->account.v != run->account.v || who->account.v == 0)
        return FAIL(E_DENIED, "bulk-not-yours", "uploaded by another person");
    TRY(q_bulk_run_box(tx, run->tenant, run->id, &q));
    if (q.box_sealed.p == NULL)
        return FAIL(E_STATE, "bulk-no-keys", "run %llu", (unsigned long long)run->id.v);
    const struct bulk_box box = { BYTES_ABSENT, q.box_salt, q.box_sealed };
    e = bulk_box_unlock(run->public_id, &box, password, &private);
    if (e == E_INPUT) {
        TRY(note(tx, by, run, AUDIT_REFUSED));
        return FAIL(E_INPUT, "password-wrong", "run %llu", (unsigned long long)run->id.v);
    }
    TRY(e);
    m.private = private;
    e = all(tx, &m, zip);
    secret_free(private);
    return e == E_OK ? note(tx, by, run, AUDIT_OK) : e;
}
