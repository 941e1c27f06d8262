/*
 * ctl_key.c - `shomeictl key block`: keys that nobody may have certified, one by one or by lists
 * (BR 6.1.1.3; P3-44). Debian's package openssl-blacklist is such a list.
 */
#include "main/ctl_profile.h"

#include "features/audit/audit.h"
#include "features/profiles/profiles.h"
#include "pki/csr.h"
#include "store/db.h"

#include <errno.h>

enum { LINES = 1000, LINE_MAX_BYTES = 256 };

struct order {
    struct ctl *c;
    const char *reason;
    struct bytes spki;                /* of one key */
    char line[LINES][LINE_MAX_BYTES]; /* or a piece of a list */
    size_t n;
    uint64_t taken;
};

static const struct audit_by by = { .name = { "shomeictl", 9 } };

static enum err note(struct tx *tx, const struct order *o, uint64_t n)
{
    const struct audit_entry e = { .by = by,
                                   .action = "profiles.key.block",
                                   .object_kind = "key",
                                   .detail =
                                       str_fmt(tx_arena(tx), "{\"reason\":\"%s\",\"keys\":%llu}",
                                               o->reason, (unsigned long long)n) };

    return audit_write(tx, &e);
}

static enum err block_one(struct tx *tx, void *arg)
{
    const struct order *o = arg;

    TRY(profiles_block_key(tx, o->spki, o->reason));
    return note(tx, o, 1);
}

static enum err block_lines(struct tx *tx, void *arg)
{
    struct order *o = arg;
    bool taken;

    o->taken = 0;
    for (size_t i = 0; i < o->n; i++) {
        TRY(profiles_block_line(tx, str_z(o->line[i]), o->reason, &taken));
        o->taken += taken;
    }
    return o->taken > 0 ? note(tx, o, o->taken) : E_OK;
}

/* A list of any length, a thousand lines a transaction. Read again it changes nothing. */
static enum err block_list(struct order *o, struct db *db, const char *path)
{
    struct arena *a = arena_new(8 << 20);
    FILE *f = fopen(path, "re");
    enum err err = f ? E_OK : FAIL(E_INPUT, "", "%s: %s", path, strerror(errno));
    uint64_t all = 0;

    while (err == E_OK && !feof(f)) {
        for (o->n = 0; o->n < LINES && fgets(o->line[o->n], LINE_MAX_BYTES, f);)
            o->n++;
        if (ferror(f))
            err = FAIL(E_INPUT, "", "%s: %s", path, strerror(errno));
        else
            err = tx_run(db, a, block_lines, o);
        all += o->taken;
        arena_reset(a);
    }
    if (f)
        (void)fclose(f);
    arena_free(a);
    if (err == E_OK)
        (void)printf("%llu keys\n", (unsigned long long)all);
    return err;
}

/* The key of a certificate, of a request, or alone: PEM. */
static enum err read_spki(struct ctl *c, const char *path, struct bytes *spki)
{
    struct str text;
    struct bytes der;
    struct x509 x;
    struct csr csr;

    TRY(ctl_read(c, path, &text));
    if (x509_from_pem(c->arena, "CERTIFICATE", text, &der) == E_OK) {
        TRY(x509_parse(der, c->arena, &x));
        *spki = x.spki;
        return E_OK;
    }
    if (x509_from_pem(c->arena, "PUBLIC KEY", text, spki) == E_OK)
        return E_OK;
    TRY(csr_parse(bytes_of_str(text), c->arena, &csr));
    *spki = csr.spki;
    return E_OK;
}

static enum err run(struct order *o, struct db *db)
{
    const char *list = ctl_option(o->c, "--list"), *file = ctl_option(o->c, "--file");

    if (list)
        return block_list(o, db, list);
    TRY(ctl_required(o->c, "--file", &file));
    TRY(read_spki(o->c, file, &o->spki));
    enum err err = tx_run(db, o->c->arena, block_one, o);
    if (err == E_OK)
        (void)printf("1 key\n");
    return err;
}

enum err ctl_key(struct ctl *c)
{
    struct order *o = ARENA_NEW(c->arena, struct order);
    struct secret *master = NULL;
    struct db *db = NULL;

    o->c = c;
    o->reason = ctl_option(c, "--reason") ? ctl_option(c, "--reason") : "weak";
    if (c->argc == 0 || strcmp(c->argv[0], "block") != 0 ||
        (strcmp(o->reason, "weak") != 0 && strcmp(o->reason, "compromised") != 0)) {
        (void)fputs("usage: key block --list FILE | --file PEM [--reason weak|compromised]\n",
                    stderr);
        return FAIL(E_INPUT, "", "usage of key block");
    }
    TRY(settings_secret(c->settings, "http.secret_file", &master));
    audit_init(master);
    secret_free(master);
    TRY(db_open_settings(c->settings, DB_CTL, &db));
    enum err err = run(o, db);
    db_close(db);
    return err;
}
