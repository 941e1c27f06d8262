/* fuzz_csv_stream.c - first byte: where the file is cut into two pieces, and what separates; the
 * rest: a file of separated values, also as text of both encodings. */
#include "base/csv_stream.h"
#include "base/sjis.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t read_all(struct csv_stream *r, struct arena *a)
{
    struct csv_record rec;
    struct str text;
    size_t n = 0;

    while (csv_stream_next(r, a, &rec) == E_OK) {
        n++;
        for (size_t i = 0; i < rec.n; i++)
            if (sjis_decode(a, rec.cells[i], &text) == E_OK)
                (void)sjis_encode(a, csv_stream_plain(a, text));
    }
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    struct arena *a = arena_new(256u << 20);
    struct csv_stream whole = { .data = { data + 1, size - 1 }, .last = true, .line = 1 };
    whole.separator = data[0] & 1 ? '\t' : csv_stream_separator(whole.data);
    struct csv_stream cut = whole;
    size_t all = read_all(&whole, a), n;

    cut.data.n = (size - 1) * (data[0] >> 1) / 128;
    cut.last = false;
    n = read_all(&cut, a);
    cut.data.n = size - 1;
    cut.last = true;
    n += read_all(&cut, a);
    if (n != all || cut.line != whole.line)
        abort(); /* pieces must not matter */
    arena_free(a);
    return 0;
}
