/* fuzz_bulk.c - a file of many applications: titles and cells as what they ask for, and what of it
 * is stored and read back. */
#include "base/csv_stream.h"
#include "base/sjis.h"
#include "features/bulk/bulk_order.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct profiles_field fields[] = {
    { .name = { "name", 4 },
      .label_ja = { "氏名", 6 },
      .label_en = { "Name", 4 },
      .required = true,
      .max = 64 },
    { .name = { "host", 4 },
      .label_ja = { "ホスト名", 12 },
      .label_en = { "Host", 4 },
      .kind = PROFILES_DNS,
      .many = true,
      .max = 253 },
};
static const struct profile profile = {
    .fields = fields, .fields_n = 2, .keys = PROFILES_CSR | PROFILES_PKCS12, .person = true
};

static bool texts(struct arena *a, const struct csv_record *r, struct str *out)
{
    for (size_t i = 0; i < r->n; i++) {
        if (utf8_valid((const char *)r->cells[i].p, r->cells[i].n))
            out[i] = str_of(a, (const char *)r->cells[i].p, r->cells[i].n);
        else if (sjis_decode(a, r->cells[i], &out[i]) != E_OK)
            return false;
    }
    return true;
}

static void order(struct arena *a, const struct bulk_columns *c, const struct str *cells, size_t n)
{
    struct bulk_order o;
    struct bytes32 twin;
    struct profiles_finding *f;
    struct str *back, json;
    size_t count;

    bulk_order_read(a, &profile, c, cells, n, &o);
    (void)bulk_order_twin(a, &o, &twin);
    json = bulk_order_cells(a, cells, n);
    if (json.p && (bulk_order_texts(a, json, &back, &count) != E_OK || count != n))
        abort(); /* what is stored is read back */
    json = bulk_order_findings(a, o.findings, o.findings_n);
    if (bulk_order_found(a, json, &f, &count) != E_OK || count != o.findings_n)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(512u << 20);
    struct csv_stream r = { .data = { data, size }, .last = true, .line = 1 };
    struct str cells[CSV_STREAM_CELLS];
    struct bulk_columns columns;
    struct csv_record rec;
    size_t at;

    r.separator = csv_stream_separator(r.data);
    if (csv_stream_next(&r, a, &rec) == E_OK && texts(a, &rec, cells) &&
        bulk_columns_read(&profile, cells, rec.n, &columns, &at) == E_OK)
        while (csv_stream_next(&r, a, &rec) == E_OK)
            if (texts(a, &rec, cells))
                order(a, &columns, cells, rec.n);
    arena_free(a);
    return 0;
}
