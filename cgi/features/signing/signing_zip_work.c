/* signing_zip_work.c - several stored documents as one ZIP, made while it is sent. */
#include "features/signing/signing_inside_work.h"

#include "archive/zip_write.h"

static enum err into_zip(void *zip, struct bytes piece)
{
    return zip_write_add(zip, piece);
}

static enum err fill(struct zip_write *zip, const struct signing_document *d,
                     const struct str *names, size_t n, struct timestamp now)
{
    for (size_t i = 0; i < n; i++) {
        TRY(zip_write_begin(zip, names[i], d[i].size, now));
        TRY(signing_document_send(&d[i], into_zip, zip));
    }
    return zip_write_end(zip);
}

enum err signing_document_send_zip(const struct signing_document *d, const struct str *names,
                                   size_t n, struct timestamp now,
                                   enum err (*write)(void *arg, struct bytes piece), void *arg)
{
    struct zip_write *zip = NULL;
    enum err e = zip_write_new(write, arg, &zip);
    if (e == E_OK)
        e = fill(zip, d, names, n, now);
    zip_write_free(zip);
    return e;
}
