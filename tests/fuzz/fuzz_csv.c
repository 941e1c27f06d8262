/* fuzz_csv.c - a file of comma- or tab-separated values that somebody uploads. */
#include "base/csv_read.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new((size_t)64 << 20);
    struct csv_read_table t;
    struct str text;
    size_t line;

    if (size < 65536 && csv_read_decode(a, (struct bytes){ data, size }, &text) == E_OK) {
        if (!utf8_valid(text.p, text.n))
            abort();
        if (csv_read_parse(a, text, 1000, &t, &line) == E_OK)
            for (size_t i = 0; i < t.n; i++)
                if (t.rows[i].n == 0 || t.rows[i].n > CSV_CELLS_MAX || t.rows[i].line == 0 ||
                    (i > 0 && t.rows[i].line <= t.rows[i - 1].line))
                    abort();
    }
    arena_free(a);
    return 0;
}
