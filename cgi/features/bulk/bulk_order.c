/* bulk_order.c - see bulk_order.h. */
#include "features/bulk/bulk_order.h"

#include "base/crypto.h"
#include "base/csv_stream.h"
#include "base/encoding.h"
#include "base/json.h"

void bulk_order_refuse(struct bulk_order *o, const char *code, struct str field, struct str detail)
{
    const struct profiles_finding f = {
        .code = str_z(code), .field = field, .detail = detail, .refuses = true
    };
    bulk_order_add(o, &f, 1);
}

void bulk_order_add(struct bulk_order *o, const struct profiles_finding *f, size_t n)
{
    for (size_t i = 0; i < n && o->findings_n < BULK_FINDINGS_MAX; i++)
        o->findings[o->findings_n++] = f[i];
}

bool bulk_order_refused(const struct bulk_order *o)
{
    for (size_t i = 0; i < o->findings_n; i++)
        if (o->findings[i].refuses)
            return true;
    return false;
}

/* --- single cells --- */

static bool hex_only(struct arena *a, struct str cell, struct str *out)
{
    char *made = arena_alloc(a, cell.n + 1);
    size_t n = 0;

    for (size_t i = 0; i < cell.n; i++) {
        char c = cell.p[i];
        if (c == ' ' || c == ':' || c == '-')
            continue;
        if (c >= 'A' && c <= 'F')
            c = (char)(c + 'a' - 'A');
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
            return false;
        made[n++] = c;
    }
    *out = (struct str){ made, n };
    return n > 0 && n <= 40;
}

/* PEM in one cell (spreadsheets may have made spaces of its lines), or base64 of the DER. */
static bool request(struct arena *a, struct str cell, struct bytes *out)
{
    static const struct str begin = { "-----BEGIN", 10 };
    struct str body = cell;
    char *made = arena_alloc(a, cell.n + 4);
    size_t n = 0, from = 0, to = cell.n;

    if (str_starts(cell, begin)) {
        const char *head = strstr(cell.p + begin.n, "-----");
        const char *tail = head ? strstr(head + 5, "-----END") : NULL;
        if (tail == NULL)
            return false;
        from = (size_t)(head + 5 - cell.p);
        to = (size_t)(tail - cell.p);
    }
    for (size_t i = from; i < to; i++)
        if (strchr(" \t\r\n", body.p[i]) == NULL)
            made[n++] = body.p[i];
    while (n % 4 != 0 && n < cell.n + 3)
        made[n++] = '=';
    made[n] = 0;
    return n > 0 && base64_decode(a, (struct str){ made, n }, out) == E_OK;
}

static void read_days(struct bulk_order *o, struct str cell)
{
    uint64_t days;

    if (str_to_u64(cell, BULK_DAYS_MAX, &days) != E_OK || days == 0)
        bulk_order_refuse(o, "bulk-days", bulk_columns_name(BULK_COLUMN_DAYS), cell);
    else
        o->days = (uint32_t)days;
}

static void read_named(struct arena *a, enum bulk_column c, struct str cell, struct bulk_order *o)
{
    if (c == BULK_COLUMN_OPERATION) {
        o->operation = bulk_columns_operation(a, cell);
        if (o->operation == BULK_NONE && cell.n)
            bulk_order_refuse(o, "bulk-operation-unknown", bulk_columns_name(c), cell);
    } else if (c == BULK_COLUMN_ID) {
        o->ref = cell;
        if (utf8_length(cell) > BULK_REF_MAX)
            bulk_order_refuse(o, "bulk-id-long", bulk_columns_name(c), STR(""));
    } else if (c == BULK_COLUMN_ACCOUNT) {
        o->account = str_lower(a, cell);
    } else if (c == BULK_COLUMN_KEY && cell.n) {
        o->key = bulk_columns_key(a, cell);
        if (o->key == 0)
            bulk_order_refuse(o, "bulk-key-unknown", bulk_columns_name(c), cell);
    } else if (c == BULK_COLUMN_CSR && cell.n) {
        if (!request(a, cell, &o->csr)) {
            o->key = o->key ? o->key : PROFILES_CSR;
            bulk_order_refuse(o, "csr-malformed", bulk_columns_name(c), STR(""));
        }
    } else if (c == BULK_COLUMN_SERIAL && cell.n) {
        if (!hex_only(a, cell, &o->serial))
            bulk_order_refuse(o, "bulk-serial", bulk_columns_name(c), cell);
    } else if (c == BULK_COLUMN_REASON) {
        if (!bulk_columns_reason(a, cell, &o->reason))
            bulk_order_refuse(o, "bulk-reason-unknown", bulk_columns_name(c), cell);
    } else if (c == BULK_COLUMN_DAYS && cell.n) {
        read_days(o, cell);
    }
}

/* Of a field that may repeat, one value a line, or separated by semicolons. */
static void read_field(struct arena *a, const struct profiles_field *f, struct str cell,
                       struct bulk_order *o)
{
    size_t from = 0;

    while (from <= cell.n) {
        size_t to = from;
        while (to < cell.n && !(f->many && (cell.p[to] == '\n' || cell.p[to] == ';')))
            to++;
        struct str one = str_trim(a, str_sub(a, cell, from, to));
        if (one.n && o->values_n < PROFILES_VALUES_MAX)
            o->values[o->values_n++] = (struct profiles_value){ f->name, one };
        else if (one.n)
            bulk_order_refuse(o, "bulk-values", f->name, STR(""));
        from = to + 1;
    }
}

/* --- the row --- */

static bool needs_serial(enum bulk_operation o)
{
    return o == BULK_RENEW || o == BULK_REVOKE || o == BULK_SUSPEND || o == BULK_RELEASE;
}

static bool about(const struct bulk_order *o, struct str field)
{
    for (size_t i = 0; i < o->findings_n; i++)
        if (str_eq(o->findings[i].field, field))
            return true;
    return false;
}

static void settle_key(const struct profile *p, struct bulk_order *o)
{
    const uint32_t offered = p->keys & ~(uint32_t)PROFILES_HSM;

    if (o->key == 0 && o->csr.n)
        o->key = PROFILES_CSR;
    else if (o->key == 0 && offered != 0 && (offered & (offered - 1)) == 0)
        o->key = offered;
    if (o->key == PROFILES_CSR && o->csr.n == 0 && !about(o, bulk_columns_name(BULK_COLUMN_CSR)))
        bulk_order_refuse(o, "bulk-csr-missing", bulk_columns_name(BULK_COLUMN_CSR), STR(""));
    else if (o->key != 0 && (offered & o->key) == 0)
        bulk_order_refuse(o, "bulk-key-not-offered", bulk_columns_name(BULK_COLUMN_KEY), STR(""));
    else if (o->key != 0 && o->key != PROFILES_CSR && o->csr.n)
        bulk_order_refuse(o, "bulk-csr-superfluous", bulk_columns_name(BULK_COLUMN_CSR), STR(""));
}

static struct str title_of(const struct profile *p, const struct bulk_order *o)
{
    for (size_t i = 0; i < p->subject_n; i++)
        for (size_t k = 0; k < o->values_n && p->subject[i].type == OID_CN; k++)
            if (str_eq(o->values[k].name, p->subject[i].field))
                return o->values[k].value;
    return o->values_n ? o->values[0].value : o->serial.n ? o->serial : o->account;
}

void bulk_order_name(struct arena *a, const struct profile *p, struct bulk_order *o)
{
    o->title = str_printable(a, title_of(p, o), 200);
}

static void judge_whole(const struct profile *p, struct bulk_order *o)
{
    if (o->operation == BULK_NONE && o->findings_n == 0)
        bulk_order_refuse(o, "bulk-operation-missing", bulk_columns_name(BULK_COLUMN_OPERATION),
                          STR(""));
    if (needs_serial(o->operation) && o->serial.n == 0)
        bulk_order_refuse(o, "bulk-serial-missing", bulk_columns_name(BULK_COLUMN_SERIAL), STR(""));
    if (o->operation == BULK_ISSUE) {
        settle_key(p, o);
        if (o->key == 0 && !about(o, bulk_columns_name(BULK_COLUMN_KEY)))
            bulk_order_refuse(o, "bulk-key-missing", bulk_columns_name(BULK_COLUMN_KEY), STR(""));
        if (p->person && o->account.n == 0)
            bulk_order_refuse(o, "bulk-account-missing", bulk_columns_name(BULK_COLUMN_ACCOUNT),
                              STR(""));
    }
    if (o->operation == BULK_RENEW && (o->key != 0 || o->csr.n))
        settle_key(p, o);
}

void bulk_order_read(struct arena *a, const struct profile *p, const struct bulk_columns *c,
                     const struct str *cells, size_t n, struct bulk_order *out)
{
    *out = (struct bulk_order){ .ref = STR(""), .account = STR(""), .serial = STR("") };
    out->values = ARENA_ARRAY(a, PROFILES_VALUES_MAX, struct profiles_value);
    out->findings = ARENA_ARRAY(a, BULK_FINDINGS_MAX, struct profiles_finding);
    if (n > c->n)
        bulk_order_refuse(out, "bulk-cells", STR(""), STR(""));
    for (size_t i = 0; i < c->n && i < n; i++) {
        struct str cell = csv_stream_plain(a, str_trim(a, cells[i]));
        if (c->at[i].kind == BULK_COLUMN_FIELD)
            read_field(a, c->at[i].field, cell, out);
        else
            read_named(a, c->at[i].kind, cell, out);
    }
    judge_whole(p, out);
    bulk_order_name(a, p, out);
}

/* --- what is stored --- */

static void mix(struct digest *d, struct str s)
{
    uint64_t n = s.n;

    digest_add(d, &n, sizeof n);
    digest_add(d, s.p ? s.p : "", s.n);
}

bool bulk_order_twin(struct arena *a, const struct bulk_order *o, struct bytes32 *out)
{
    struct digest *d = digest_new(DIGEST_SHA256);
    uint8_t made[64];

    (void)a;
    if (o->ref.n) {
        mix(d, STR("id"));
        mix(d, str_z(bulk_operation_name(o->operation)));
        mix(d, o->ref);
    } else if (o->serial.n) {
        mix(d, STR("serial"));
        mix(d, o->serial);
    } else {
        mix(d, o->account);
        digest_add(d, o->csr.p ? o->csr.p : made, o->csr.n);
        for (size_t i = 0; i < o->values_n; i++) {
            mix(d, o->values[i].name);
            mix(d, o->values[i].value);
        }
    }
    digest_end(d, made);
    memcpy(out->b, made, sizeof out->b);
    return o->operation != BULK_NONE;
}

struct str bulk_order_json(struct arena *a, struct json *j)
{
    struct buf b = buf_init(1 << 20);
    struct str out = STR_ABSENT;

    if (json_write(j, false, &b) != E_OK || buf_to_str(&b, a, &out) != E_OK)
        out = STR_ABSENT;
    buf_free(&b);
    json_free(j);
    return out;
}

struct str bulk_order_findings(struct arena *a, const struct profiles_finding *f, size_t n)
{
    struct json *all = json_new_array();

    for (size_t i = 0; i < n && i < BULK_FINDINGS_MAX; i++) {
        struct json *one = json_new_object();
        json_set_str(one, "code", str_empty(f[i].code) ? STR("") : f[i].code);
        json_set_str(one, "field", str_empty(f[i].field) ? STR("") : f[i].field);
        json_set_str(one, "detail",
                     str_empty(f[i].detail) ? STR("") : str_printable(a, f[i].detail, 100));
        json_set_bool(one, "refuses", f[i].refuses);
        json_append(all, one);
    }
    if (n == 0) {
        json_free(all);
        return STR_ABSENT;
    }
    return bulk_order_json(a, all);
}

struct str bulk_order_cells(struct arena *a, const struct str *cells, size_t n)
{
    struct json *all = json_new_array();

    for (size_t i = 0; i < n; i++)
        json_append(all, json_new_str(cells[i]));
    return bulk_order_json(a, all);
}

enum err bulk_order_texts(struct arena *a, struct str json, struct str **out, size_t *n)
{
    struct json *all = NULL;

    TRY(json_parse(bytes_of_str(json), &all));
    *n = json_length(all);
    *out = ARENA_ARRAY(a, *n + 1, struct str);
    for (size_t i = 0; i < *n; i++)
        (*out)[i] = str_dup(a, json_str(json_at(all, i)));
    json_free(all);
    return E_OK;
}

enum err bulk_order_found(struct arena *a, struct str json, struct profiles_finding **out,
                          size_t *n)
{
    struct json *all = NULL;

    *n = 0;
    *out = ARENA_ARRAY(a, BULK_FINDINGS_MAX, struct profiles_finding);
    if (str_empty(json))
        return E_OK;
    TRY(json_parse(bytes_of_str(json), &all));
    for (; *n < json_length(all) && *n < BULK_FINDINGS_MAX; ++*n) {
        const struct json *one = json_at(all, *n);
        struct profiles_finding *f = &(*out)[*n];
        f->code = str_dup(a, json_get_str(one, "code"));
        f->field = str_dup(a, json_get_str(one, "field"));
        f->detail = str_dup(a, json_get_str(one, "detail"));
        (void)json_get_bool(one, "refuses", &f->refuses);
    }
    json_free(all);
    return E_OK;
}
