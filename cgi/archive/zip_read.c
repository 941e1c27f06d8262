/* zip_read.c - see zip_read.h. libarchive reads; only its ZIP format is switched on. */
#include "archive/zip_read.h"

#include "base/sjis.h"

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>

#define NAME_CHARS 255
#define NAME_BYTES 4096  /* of what an archive calls a name */
#define PASSED_MAX 10000 /* folders and the like, between two files */

struct zip_read {
    struct archive *archive;
};

/* The library gives names in the character set of the thread's locale: ours is always UTF-8. */
static locale_t utf8;

enum err zip_read_start(void)
{
    if (!utf8)
        utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    return utf8 ? sjis_start() : FAIL(E_INTERNAL, "", "no locale C.UTF-8");
}

void zip_read_close(struct zip_read *z)
{
    if (z == NULL)
        return;
    (void)archive_read_free(z->archive);
    free(z);
}

static enum err damaged(struct archive *a)
{
    const char *why = archive_error_string(a);
    return FAIL(E_INPUT, "zip-damaged", "%.80s", why ? why : "no archive");
}

enum err zip_read_open(struct bytes zip, struct zip_read **out)
{
    struct zip_read *z;

    *out = NULL;
    if (zip_read_start() != E_OK)
        return E_INTERNAL;
    z = calloc(1, sizeof *z);
    if (z == NULL || (z->archive = archive_read_new()) == NULL) {
        free(z);
        return FAIL(E_INTERNAL, "", "out of memory");
    }
    if (archive_read_support_format_zip_seekable(z->archive) != ARCHIVE_OK ||
        archive_read_open_memory(z->archive, zip.p, zip.n) != ARCHIVE_OK) {
        enum err e = damaged(z->archive);
        zip_read_close(z);
        return e;
    }
    *out = z;
    return E_OK;
}

/* UTF-8 where the archive says so, or where it is; else what Windows in Japan writes. */
static struct str name_of(struct archive_entry *e, struct arena *a)
{
    const char *z = archive_entry_pathname(e);
    struct str name = STR_ABSENT;

    if (z == NULL || *z == 0 || strlen(z) > NAME_BYTES)
        return STR("?");
    if (utf8_valid(z, strlen(z)))
        name = str_of(a, z, strlen(z));
    else if (sjis_decode(a, (struct bytes){ (const uint8_t *)z, strlen(z) }, &name) != E_OK)
        return STR("?");
    return str_printable(a, name, NAME_CHARS);
}

/* Folders, and the shadow files that macOS puts beside the real ones. Nothing is kept of them. */
static bool passed_over(struct archive_entry *e)
{
    const char *z = archive_entry_pathname(e);
    struct str name = z ? str_z(z) : STR("");

    return archive_entry_filetype(e) != AE_IFREG || str_starts(name, STR("__MACOSX/")) ||
           str_ends(name, STR(".DS_Store"));
}

static enum err read_data(struct archive *archive, struct buf *out)
{
    uint8_t piece[65536];
    la_ssize_t n;

    while ((n = archive_read_data(archive, piece, sizeof piece)) > 0) {
        buf_add(out, piece, (size_t)n);
        if (!buf_ok(out))
            return FAIL(E_LIMIT, "zip-size", "a file of more than %zu bytes", out->max);
    }
    return n < 0 ? damaged(archive) : E_OK;
}

static enum err next(struct zip_read *z, struct arena *a, struct str *name, struct buf *out)
{
    struct archive_entry *entry;

    buf_reset(out);
    for (unsigned n = 0;; n++) {
        int rc = archive_read_next_header(z->archive, &entry);
        if (rc == ARCHIVE_EOF)
            return FAIL(E_ABSENT, "", "no other file");
        if (rc != ARCHIVE_OK && rc != ARCHIVE_WARN)
            return damaged(z->archive);
        if (!passed_over(entry))
            break;
        if (n == PASSED_MAX)
            return FAIL(E_INPUT, "zip-files", "more than %d folders", PASSED_MAX);
    }
    *name = name_of(entry, a);
    if (archive_entry_is_encrypted(entry))
        return FAIL(E_UNSUPPORTED, "zip-encrypted", "needs a password");
    return read_data(z->archive, out);
}

enum err zip_read_next(struct zip_read *z, struct arena *a, struct str *name, struct buf *out)
{
    locale_t before = uselocale(utf8);
    enum err e = next(z, a, name, out);

    (void)uselocale(before);
    return e;
}
