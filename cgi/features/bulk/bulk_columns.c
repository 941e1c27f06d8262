/* bulk_columns.c - see bulk_columns.h. */
#include "features/bulk/bulk_columns.h"

#include "pki/crl.h"

struct word {
    const char *ja, *en;
    int value;
};

static const struct word titles_of[] = {
    { "操作", "Operation", BULK_COLUMN_OPERATION },
    { "管理番号", "ID", BULK_COLUMN_ID },
    { "ログインID", "Account", BULK_COLUMN_ACCOUNT },
    { "鍵", "Key", BULK_COLUMN_KEY },
    { "CSR", "CSR", BULK_COLUMN_CSR },
    { "シリアル番号", "Serial", BULK_COLUMN_SERIAL },
    { "失効理由", "Reason", BULK_COLUMN_REASON },
    { "有効日数", "Days", BULK_COLUMN_DAYS },
    { "結果", "Outcome", BULK_COLUMN_OUTCOME },
    { "受付番号", "Receipt", BULK_COLUMN_RECEIPT },
    { "発行シリアル番号", "Issued serial", BULK_COLUMN_ISSUED },
    { "エラー", "Error", BULK_COLUMN_ERROR },
};

static const struct word operations[] = {
    { "発行", "ISSUE", BULK_ISSUE },         { "更新", "RENEW", BULK_RENEW },
    { "失効", "REVOKE", BULK_REVOKE },       { "一時停止", "SUSPEND", BULK_SUSPEND },
    { "停止解除", "RELEASE", BULK_RELEASE },
};

static const struct word keys[] = {
    { "CSR", "CSR", PROFILES_CSR },
    { "PKCS12", "PKCS12", PROFILES_PKCS12 },
    { "PKCS#12", "PKCS#12", PROFILES_PKCS12 },
    { "ブラウザ", "BROWSER", PROFILES_BROWSER },
    { "ブラウザー", "BROWSER", PROFILES_BROWSER },
};

static const struct word reasons[] = {
    { "指定なし", "unspecified", CRL_UNSPECIFIED },
    { "鍵の危殆化", "keyCompromise", CRL_KEY_COMPROMISE },
    { "所属の変更", "affiliationChanged", CRL_AFFILIATION_CHANGED },
    { "記載内容の変更", "affiliationChanged", CRL_AFFILIATION_CHANGED },
    { "更新による置き換え", "superseded", CRL_SUPERSEDED },
    { "利用の終了", "cessationOfOperation", CRL_CESSATION },
};

/* Lower case, no white space, full-width ASCII as ASCII: people's spreadsheets differ in these. */
static struct str plain(struct arena *a, struct str s)
{
    char *out = arena_alloc(a, s.n + 1);
    size_t n = 0, at = 0;

    while (at < s.n) {
        size_t from = at;
        uint32_t c = utf8_next(s, &at);
        if (c >= 0xff01 && c <= 0xff5e)
            c -= 0xff01 - 0x21;
        if (c == 0x3000 || c == ' ' || c == '\t' || c == '_')
            continue;
        if (c >= 'A' && c <= 'Z')
            c += 'a' - 'A';
        if (c < 0x80) {
            out[n++] = (char)c;
            continue;
        }
        memcpy(out + n, s.p + from, at - from);
        n += at - from;
    }
    out[n] = 0;
    return (struct str){ out, n };
}

static bool same(struct arena *a, struct str written, struct str known)
{
    return known.n > 0 && str_eq(written, plain(a, known));
}

static int find(struct arena *a, const struct word *words, size_t n, struct str cell, int none)
{
    struct str written = plain(a, cell);

    for (size_t i = 0; i < n; i++)
        if (same(a, written, str_z(words[i].ja)) || same(a, written, str_z(words[i].en)))
            return words[i].value;
    return none;
}

#define FIND(a, words, cell, none) find(a, words, sizeof(words) / sizeof *(words), cell, none)

struct str bulk_columns_title(enum bulk_column c, bool ja)
{
    for (size_t i = 0; i < sizeof titles_of / sizeof *titles_of; i++)
        if (titles_of[i].value == (int)c)
            return str_z(ja ? titles_of[i].ja : titles_of[i].en);
    return STR("");
}

static const char *const names_of[BULK_COLUMN__NAMED] = {
    [BULK_COLUMN_OPERATION] = "operation",
    [BULK_COLUMN_ID] = "id",
    [BULK_COLUMN_ACCOUNT] = "account",
    [BULK_COLUMN_KEY] = "key",
    [BULK_COLUMN_CSR] = "csr",
    [BULK_COLUMN_SERIAL] = "serial",
    [BULK_COLUMN_REASON] = "reason",
    [BULK_COLUMN_DAYS] = "days",
};

struct str bulk_columns_name(enum bulk_column c)
{
    return (unsigned)c < BULK_COLUMN__NAMED && names_of[c] ? str_z(names_of[c]) : STR("");
}

struct str bulk_columns_named(struct str name, bool ja)
{
    for (int c = 0; c < BULK_COLUMN__NAMED; c++)
        if (names_of[c] && str_eq_z(name, names_of[c]))
            return bulk_columns_title((enum bulk_column)c, ja);
    return STR("");
}

/* A field by its name or label; they win over ours but for the operation, which must be found. */
static const struct profiles_field *field_of(struct arena *a, const struct profile *p,
                                             struct str title)
{
    struct str written = plain(a, title);

    for (size_t i = 0; i < p->fields_n; i++)
        if (same(a, written, p->fields[i].name) || same(a, written, p->fields[i].label_ja) ||
            same(a, written, p->fields[i].label_en))
            return &p->fields[i];
    return NULL;
}

static enum err read_title(struct arena *a, const struct profile *p, struct str title,
                           struct bulk_columns *out)
{
    int kind = FIND(a, titles_of, title, -1);
    const struct profiles_field *f = kind == -1 ? field_of(a, p, title) : NULL;

    if (kind == -1 && f == NULL)
        return FAIL(E_INPUT, "bulk-column-unknown", "column %zu", out->n + 1);
    if (f)
        kind = BULK_COLUMN_FIELD;
    for (size_t i = 0; i < out->n; i++)
        if ((int)out->at[i].kind == kind && out->at[i].field == f)
            return FAIL(E_INPUT, "bulk-column-twice", "column %zu", out->n + 1);
    out->at[out->n].kind = (enum bulk_column)kind;
    out->at[out->n++].field = f;
    return E_OK;
}

enum err bulk_columns_read(const struct profile *p, const struct str *titles, size_t n,
                           struct bulk_columns *out, size_t *at)
{
    struct arena *a = arena_new(1 << 20);
    bool operation = false;
    enum err e = E_OK;

    *out = (struct bulk_columns){ .n = 0 };
    for (*at = 0; e == E_OK && *at < n && *at < BULK_COLUMNS_MAX; ++*at) {
        e = read_title(a, p, titles[*at], out);
        if (e != E_OK)
            break;
        operation = operation || out->at[*at].kind == BULK_COLUMN_OPERATION;
    }
    arena_free(a);
    if (e == E_OK && !operation)
        return FAIL(E_INPUT, "bulk-no-operation", "no column tells what to do");
    return e;
}

enum bulk_operation bulk_columns_operation(struct arena *a, struct str cell)
{
    return (enum bulk_operation)FIND(a, operations, cell, BULK_NONE);
}

struct str bulk_columns_operation_word(enum bulk_operation o, bool ja)
{
    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++)
        if (operations[i].value == (int)o)
            return str_z(ja ? operations[i].ja : operations[i].en);
    return STR("");
}

uint32_t bulk_columns_key(struct arena *a, struct str cell)
{
    return (uint32_t)FIND(a, keys, cell, 0);
}

bool bulk_columns_reason(struct arena *a, struct str cell, uint32_t *reason)
{
    int found = str_empty(cell) ? CRL_UNSPECIFIED : FIND(a, reasons, cell, -1);

    *reason = found < 0 ? 0 : (uint32_t)found;
    return found >= 0;
}
