/* fuzz_zip.c - ZIP archives that strangers upload: no name, size or structure may hurt. */
#include "archive/zip_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(4 << 20);
    struct buf out = buf_init(1 << 20);
    struct zip_read *z;
    enum err e = zip_read_open((struct bytes){ data, size }, &z);

    for (int i = 0; i < 64 && (e == E_OK || e == E_LIMIT); i++) {
        struct str name = STR("");
        e = zip_read_next(z, a, &name, &out);
        if (e == E_OK && (!utf8_valid(name.p, name.n) || name.n == 0))
            abort();
    }
    zip_read_close(z);
    buf_free(&out);
    arena_free(a);
    return 0;
}
