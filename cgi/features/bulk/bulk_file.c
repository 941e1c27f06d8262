/*
 * bulk_file.c - a file as it arrives: encoding, separator, header and structure are found out at
 * once, so that what is wrong with all of it is said at once; its lines are the worker's.
 */
#include "features/bulk/bulk_inside.h"

#include "base/crypto.h"
#include "base/csv.h"
#include "base/csv_stream.h"
#include "base/json.h"
#include "base/random.h"
#include "base/sjis.h"
#include "store/db.h"
#include "store/gen/bulk.q.h"

/* What was found out about a file. */
struct sight {
    struct bytes data;
    size_t begin; /* behind the mark */
    const char *encoding;
    char separator;
    struct csv_stream reader; /* behind the header */
    struct str *titles;
    size_t titles_n;
    uint32_t rows;
};

static bool begins(struct bytes b, const char *with, size_t n)
{
    return b.n >= n && memcmp(b.p, with, n) == 0;
}

static enum err see_encoding(struct bytes data, struct sight *s)
{
    s->data = data;
    if (data.n == 0)
        return FAIL(E_INPUT, "bulk-empty", "no octets");
    if (data.n > BULK_SIZE_MAX)
        return FAIL(E_LIMIT, "bulk-size", "%zu octets", data.n);
    if (begins(data, "\xff\xfe", 2) || begins(data, "\xfe\xff", 2))
        return FAIL(E_INPUT, "bulk-utf16", "UTF-16");
    if (begins(data, "PK\x03\x04", 4) || begins(data, "\xd0\xcf\x11\xe0", 4) ||
        begins(data, "%PDF", 4))
        return FAIL(E_INPUT, "bulk-binary", "a workbook, not a text file");
    s->begin = begins(data, CSV_MARK, 3) ? 3 : 0;
    s->encoding = s->begin ? "utf-8-bom" : "utf-8";
    if (utf8_valid((const char *)data.p + s->begin, data.n - s->begin))
        return E_OK;
    if (memchr(data.p, 0, data.n))
        return FAIL(E_INPUT, "csv-nul", "NUL");
    if (s->begin)
        return FAIL(E_INPUT, "bulk-encoding", "marked as UTF-8 but is not");
    s->encoding = "windows-31j";
    return E_OK;
}

/* One cell as text; false: not in that encoding. */
static bool decode(struct arena *a, const char *encoding, struct bytes cell, struct str *out)
{
    if (strcmp(encoding, "windows-31j") == 0) {
        if (sjis_decode(a, cell, out) == E_OK)
            return true;
        fault_clear();
        return false;
    }
    *out = str_of(a, (const char *)cell.p, cell.n);
    return true;
}

static enum err see_header(struct arena *a, struct sight *s, struct bulk_fault *fault)
{
    struct csv_record r;
    enum err e = csv_stream_next(&s->reader, a, &r);

    fault->line = s->reader.line;
    if (e == E_ABSENT)
        return FAIL(E_INPUT, "bulk-empty", "no line");
    TRY(e);
    s->titles_n = r.n;
    s->titles = ARENA_ARRAY(a, r.n, struct str);
    for (size_t i = 0; i < r.n; i++) {
        if (!decode(a, s->encoding, r.cells[i], &s->titles[i]))
            return FAIL(E_INPUT, "bulk-encoding", "header");
        s->titles[i] = csv_stream_plain(a, str_trim(a, s->titles[i]));
    }
    while (s->titles_n > 0 && s->titles[s->titles_n - 1].n == 0)
        s->titles_n--; /* spreadsheets leave empty columns behind */
    fault->line = 0;
    return E_OK;
}

/* All lines once, in memory that does not grow with the file. */
static enum err count_rows(struct sight *s, struct bulk_fault *fault)
{
    struct arena *a = arena_new(4 << 20);
    struct csv_stream r = s->reader;
    struct csv_record record;
    struct str text;
    enum err e = E_OK;

    while (e == E_OK) {
        e = csv_stream_next(&r, a, &record);
        fault->line = e == E_OK ? record.line : r.line;
        if (e == E_OK && ++s->rows > BULK_ROWS_MAX)
            e = FAIL(E_LIMIT, "bulk-rows", "more than %d", BULK_ROWS_MAX);
        for (size_t i = 0; e == E_OK && i < record.n; i++)
            if (!decode(a, s->encoding, record.cells[i], &text))
                e = FAIL(E_INPUT, "bulk-encoding", "line %llu", (unsigned long long)record.line);
        arena_reset(a);
    }
    arena_free(a);
    if (e != E_ABSENT)
        return e;
    fault->line = 0;
    return s->rows ? E_OK : FAIL(E_INPUT, "bulk-no-rows", "a header alone");
}

static enum err look(struct arena *a, const struct profile *p, struct bytes data, struct sight *s,
                     struct bulk_fault *fault)
{
    struct bulk_columns columns;
    size_t at;

    TRY(see_encoding(data, s));
    s->reader = (struct csv_stream){ .data = data, .last = true, .at = s->begin, .line = 1 };
    s->separator = csv_stream_separator((struct bytes){ data.p + s->begin, data.n - s->begin });
    s->reader.separator = s->separator;
    TRY(see_header(a, s, fault));
    enum err e = bulk_columns_read(p, s->titles, s->titles_n, &columns, &at);
    if (e != E_OK && at < s->titles_n)
        fault->what = str_printable(a, s->titles[at], 60);
    TRY(e);
    return count_rows(s, fault);
}

/* --- keeping it --- */

static struct bytes32 digest_of(struct str profile, struct bytes data)
{
    struct digest *d = digest_new(DIGEST_SHA256);
    uint8_t made[64];
    struct bytes32 out;

    digest_add(d, profile.p, profile.n + 1); /* its NUL ends it */
    digest_add(d, data.p, data.n);
    digest_end(d, made);
    memcpy(out.b, made, sizeof out.b);
    return out;
}

static enum err keep_pieces(struct tx *tx, struct bulk_id run, struct bytes data)
{
    for (uint32_t i = 0; (size_t)i * BULK_PIECE < data.n; i++) {
        size_t from = (size_t)i * BULK_PIECE;
        size_t n = data.n - from < BULK_PIECE ? data.n - from : BULK_PIECE;
        TRY(q_bulk_piece_add(tx, run, i, (struct bytes){ data.p + from, n }));
    }
    return E_OK;
}

static enum err keep(struct tx *tx, const struct audit_by *by, const struct bulk_who *who,
                     struct str profile, struct str filename, const struct sight *s,
                     struct str lang, struct timestamp now, struct str *public_id)
{
    struct arena *a = tx_arena(tx);
    struct json *detail = json_new_object();
    struct bulk_id id;

    *public_id = random_token(a, 16);
    json_set_str(detail, "profile", profile);
    json_set_i64(detail, "rows", s->rows);
    json_set_i64(detail, "octets", (int64_t)s->data.n);
    struct audit_entry entry = { .by = *by,
                                 .action = "bulk.run.upload",
                                 .object_kind = "bulk",
                                 .object = *public_id,
                                 .detail = bulk_order_json(a, detail) };
    TRY(q_bulk_run_add(
        tx, *public_id, who->tenant, who->account, profile, str_printable(a, filename, 255),
        digest_of(profile, s->data), (uint32_t)s->data.n, str_z(s->encoding),
        s->separator == '\t' ? STR("tsv") : STR("csv"), lang,
        bulk_order_cells(a, s->titles, s->titles_n), s->rows, (uint32_t)s->reader.at,
        (uint32_t)s->reader.line, now, timestamp_add(now, BULK_KEEP_DAYS * DAY_US), &id));
    TRY(keep_pieces(tx, id, s->data));
    TRY(bulk_job(tx, BULK_JOB_CHECK, id, TIMESTAMP_NONE));
    return audit_write(tx, &entry);
}

enum err bulk_profiles(struct tx *tx, const struct bulk_who *who, const struct profile ***out,
                       size_t *n)
{
    uint32_t roles = who->roles & (ROLE_CUSTOMER_ADMIN | ROLE_LRA_OPERATOR);
    const struct profile **list;
    size_t all, kept = 0;

    if (roles & ROLE_LRA_OPERATOR)
        roles |= ROLE_CUSTOMER_ADMIN;
    TRY(profiles_for(tx, who->tenant, roles, &list, &all));
    for (size_t i = 0; i < all; i++) /* keys in the HSM are their owners' own matter */
        if ((list[i]->keys & ~(uint32_t)PROFILES_HSM) &&
            !str_eq_z(list[i]->name, PROFILES_OPERATOR))
            list[kept++] = list[i];
    *out = list;
    *n = kept;
    return E_OK;
}

static enum err offered(struct tx *tx, const struct bulk_who *who, struct str name,
                        const struct profile **out)
{
    const struct profile **list;
    size_t n;

    TRY(bulk_profiles(tx, who, &list, &n));
    for (size_t i = 0; i < n; i++)
        if (str_eq(list[i]->name, name)) {
            *out = list[i];
            return E_OK;
        }
    return FAIL(E_ABSENT, "profile-unknown", "not offered to this person");
}

enum err bulk_upload(struct tx *tx, const struct audit_by *by, const struct bulk_who *who,
                     struct str profile, struct str filename, struct bytes data, struct str lang,
                     struct timestamp now, struct bulk_run *out, struct bulk_fault *fault)
{
    struct sight s = { .rows = 0 };
    struct q_bulk_run_same same;
    struct str public_id;
    const struct profile *p = NULL;
    enum err e;

    *fault = (struct bulk_fault){ .what = STR("") };
    TRY(offered(tx, who, profile, &p));
    if (!p)
        return FAIL(E_INTERNAL, "", "a profile that is offered is there");
    if (data.n && data.n <= BULK_SIZE_MAX) {
        e = q_bulk_run_same(tx, who->tenant, digest_of(p->name, data), &same);
        if (e == E_OK) {
            TRY(bulk_find(tx, who, same.public_id, out));
            return FAIL(E_CONFLICT, "bulk-same", "run %llu", (unsigned long long)out->id.v);
        }
        if (e != E_ABSENT)
            return e;
        fault_clear();
    }
    TRY(look(tx_arena(tx), p, data, &s, fault));
    TRY(keep(tx, by, who, p->name, filename, &s, lang, now, &public_id));
    return bulk_find(tx, who, public_id, out);
}
