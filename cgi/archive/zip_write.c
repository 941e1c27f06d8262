/* zip_write.c - see zip_write.h; libarchive writes the format. */
#include "archive/zip_write.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>

#define BLOCK 65536

struct zip_write {
    struct archive *a;
    enum err (*write)(void *arg, struct bytes piece);
    void *arg;
    enum err failed; /* of `write`, with its fault */
};

static la_ssize_t hand_over(struct archive *a, void *ctx, const void *p, size_t n)
{
    struct zip_write *z = ctx;
    if (z->failed == E_OK)
        z->failed = z->write(z->arg, (struct bytes){ p, n });
    if (z->failed == E_OK)
        return (la_ssize_t)n;
    archive_set_error(a, EPIPE, "the reader has gone");
    return -1;
}

static enum err failure(const struct zip_write *z, const char *what)
{
    if (z->failed != E_OK)
        return z->failed;
    const char *why = archive_error_string(z->a);
    return FAIL(E_INTERNAL, "", "%s: %s", what, why ? why : "no reason given");
}

enum err zip_write_new(enum err (*write)(void *arg, struct bytes piece), void *arg,
                       struct zip_write **out)
{
    struct zip_write *z = calloc(1, sizeof(*z));
    if (z == NULL)
        abort();
    *z = (struct zip_write){ archive_write_new(), write, arg, E_OK };
    if (z->a == NULL)
        abort();
    if (archive_write_set_format_zip(z->a) != ARCHIVE_OK ||
        archive_write_set_options(z->a, "zip:compression=store,zip:hdrcharset=UTF-8") !=
            ARCHIVE_OK ||
        archive_write_set_bytes_per_block(z->a, BLOCK) != ARCHIVE_OK ||
        archive_write_set_bytes_in_last_block(z->a, 1) != ARCHIVE_OK ||
        archive_write_open(z->a, z, NULL, hand_over, NULL) != ARCHIVE_OK) {
        enum err e = failure(z, "zip");
        zip_write_free(z);
        return e;
    }
    *out = z;
    return E_OK;
}

enum err zip_write_begin(struct zip_write *z, struct str name, uint64_t size,
                         struct timestamp modified)
{
    struct archive_entry *entry = archive_entry_new2(z->a);
    if (entry == NULL)
        abort();
    archive_entry_set_pathname_utf8(entry, name.p);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, (la_int64_t)size);
    archive_entry_set_mtime(entry, modified.us / SECOND_US, 0);
    int rc = archive_write_header(z->a, entry);
    archive_entry_free(entry);
    return rc == ARCHIVE_OK ? E_OK : failure(z, "zip entry");
}

enum err zip_write_add(struct zip_write *z, struct bytes data)
{
    la_ssize_t n = archive_write_data(z->a, data.p, data.n);
    return n == (la_ssize_t)data.n ? E_OK : failure(z, "zip data");
}

enum err zip_write_end(struct zip_write *z)
{
    return archive_write_close(z->a) == ARCHIVE_OK ? E_OK : failure(z, "zip directory");
}

void zip_write_free(struct zip_write *z)
{
    if (z == NULL)
        return;
    if (z->failed == E_OK)
        z->failed = E_INTERNAL; /* what closing would still write is not wanted */
    (void)archive_write_free(z->a);
    free(z);
}
