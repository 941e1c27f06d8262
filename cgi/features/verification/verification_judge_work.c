/*
 * verification_judge_work.c - judges what was uploaded, file by file, in a memory of its own for
 * each, and keeps the findings. The files are gone when the request is.
 */
#include "features/verification/verification.h"

#include "archive/zip_read.h"
#include "base/crypto.h"
#include "features/signing/signing.h"
#include "store/db.h"

#define FILE_ARENA ((size_t)256 << 20)

/* Findings are collected first: an archive that turns out to be broken leaves nothing behind. */
struct judging {
    struct arena *arena;
    struct timestamp now;
    struct verification_item items[VERIFICATION_ZIP_MAX];
    size_t n;
};

static bool is_zip(struct bytes b)
{
    return b.n >= 4 && (memcmp(b.p, "PK\3\4", 4) == 0 || memcmp(b.p, "PK\5\6", 4) == 0);
}

/* Names come from certificates and files. */
static struct str clipped(struct arena *a, struct str s)
{
    return str_absent(s) ? s : str_printable(a, s, 255);
}

/* The last signature speaks for the document; the earliest proof of existence dates it. */
static void take_signatures(struct arena *a, const struct signing_verification *v,
                            struct verification_item *out)
{
    out->signatures = (uint32_t)v->signatures_n;
    for (size_t i = 0; i < v->signatures_n; i++) {
        const struct signing_verify_signature *s = &v->signatures[i];
        if (str_eq_z(s->kind, "signature")) {
            out->signer = clipped(a, s->signer);
            out->level = s->level;
            if (!str_absent(s->tsa_mark.kind))
                out->accredited = clipped(a, s->tsa_mark.service);
        }
        if (!str_absent(s->tsa) && str_absent(out->tsa))
            out->tsa = clipped(a, s->tsa);
        if (!str_eq_z(s->verdict, "total-passed") && str_empty(out->sub_indication))
            out->sub_indication = s->sub_indication;
        if (!timestamp_is_none(s->best_time) &&
            (timestamp_is_none(out->proven_at) || timestamp_cmp(s->best_time, out->proven_at) < 0))
            out->proven_at = s->best_time;
    }
}

static enum err judge_pdf(struct arena *a, struct bytes pdf, struct timestamp now,
                          struct verification_item *out)
{
    struct signing_verification v;
    struct signing_verify_request ask = { .pdf = pdf, .at = now };
    enum err e = signing_verify(&ask, a, &v);

    if (e == E_INPUT || e == E_UNSUPPORTED || e == E_LIMIT) { /* the file's fault: a finding */
        out->outcome = STR("unreadable");
        out->reason_code = str_dup(a, str_z(fault_current()->reason));
        return E_OK;
    }
    if (e != E_OK)
        return e;
    out->outcome = v.verdict;
    take_signatures(a, &v, out);
    return E_OK;
}

/* What outlives the memory in which the file was judged. */
static void keep(struct judging *j, const struct verification_item *i)
{
    struct verification_item *to = &j->items[j->n++];

    *to = *i;
    to->filename = str_dup(j->arena, i->filename);
    to->outcome = str_dup(j->arena, i->outcome);
    to->reason_code = str_dup(j->arena, i->reason_code);
    to->sub_indication = str_dup(j->arena, i->sub_indication);
    to->signer = str_dup(j->arena, i->signer);
    to->level = str_dup(j->arena, i->level);
    to->tsa = str_dup(j->arena, i->tsa);
    to->accredited = str_dup(j->arena, i->accredited);
}

/* `why`: a reason that the file cannot even be looked at, else absent. */
static enum err judge_file(struct judging *j, struct str filename, struct bytes data,
                           struct str why)
{
    struct arena *a = arena_new(FILE_ARENA);
    struct verification_item item = { .filename = str_printable(a, filename, 255),
                                      .size = data.n,
                                      .digest = sha256(data),
                                      .outcome = STR("unreadable"),
                                      .reason_code = why,
                                      .proven_at = TIMESTAMP_NONE,
                                      .judged = j->now };
    enum err e = str_absent(why) ? judge_pdf(a, data, j->now, &item) : E_OK;

    if (e == E_OK)
        keep(j, &item);
    arena_free(a);
    return e;
}

/* Sizes are summed over all files: a bomb of many is one, too. */
static enum err judge_entry(struct judging *j, struct zip_read *z, struct buf *file,
                            uint64_t *total)
{
    struct arena *a = arena_new(1 << 20);
    struct str name = STR("");
    enum err e = zip_read_next(z, a, &name, file);

    *total += file->n;
    if ((e == E_OK || e == E_LIMIT) && j->n == VERIFICATION_ZIP_MAX)
        e = FAIL(E_LIMIT, "zip-files", "more than %zu files", j->n);
    else if ((e == E_OK || e == E_LIMIT) && *total > VERIFICATION_ZIP_TOTAL)
        e = FAIL(E_LIMIT, "zip-total", "%llu bytes", (unsigned long long)*total);
    else if (e == E_LIMIT)
        e = judge_file(j, name, BYTES_ABSENT, STR("zip-size"));
    else if (e == E_OK)
        e = judge_file(j, name, buf_bytes(file), STR_ABSENT);
    arena_free(a);
    return e;
}

static enum err judge_zip(struct judging *j, struct bytes zip)
{
    struct buf file = buf_init(VERIFICATION_FILE_MAX);
    struct zip_read *z = NULL;
    uint64_t total = 0;
    /* an archive of nothing is its end alone, which the library does not take for an archive */
    enum err e = zip.p[2] == 5 ? FAIL(E_ABSENT, "", "empty") : zip_read_open(zip, &z);

    while (e == E_OK)
        e = judge_entry(j, z, &file, &total);
    if (e == E_ABSENT)
        e = j->n > 0 ? E_OK : FAIL(E_INPUT, "zip-empty", "no file in it");
    zip_read_close(z);
    buf_free(&file);
    return e;
}

enum err verification_judge(struct tx *tx, const struct verification_set *set, struct str filename,
                            struct bytes data, struct timestamp now, size_t *judged)
{
    struct judging *j = ARENA_NEW(tx_arena(tx), struct judging);
    uint64_t room;

    j->arena = tx_arena(tx);
    j->now = now;
    TRY(verification_set_room(tx, set, &room));
    TRY(is_zip(data) ? judge_zip(j, data) : judge_file(j, filename, data, STR_ABSENT));
    if (j->n > room)
        return FAIL(E_LIMIT, "verification-items", "room for %llu", (unsigned long long)room);
    for (size_t i = 0; i < j->n; i++)
        TRY(verification_item_put(tx, set, &j->items[i]));
    *judged = j->n;
    return E_OK;
}
