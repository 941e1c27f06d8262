/*
 * fuzz_pdf_read.c - any file, read piece by piece from a source, is refused or read just as from
 * memory; each object can be written again, encrypted where the file is; what is repaired can be
 * read.
 */
#include "sign/pdf_crypt.h"
#include "sign/pdf_repair.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good)
{
    if (!good)
        abort();
}

static enum err piece(void *arg, uint64_t offset, uint8_t *p, size_t n)
{
    const struct bytes *all = arg;
    must(offset <= all->n && n <= all->n - offset);
    memcpy(p, all->p + offset, n);
    return E_OK;
}

static void write_all(struct pdf_read *d, struct arena *a)
{
    struct buf out = buf_init((size_t)8 << 20);
    uint32_t n = d->next_id < 200 ? d->next_id : 200;

    for (uint32_t id = 1; id < n; id++) {
        struct pdf_read_ref r = pdf_read_object_newest(d, (int)id);
        struct pdf_crypt crypt = { .file = d->encrypted ? &d->encryption : NULL, .id = id };
        buf_reset(&out);
        if (pdf_objects_is_stream(d->qpdf, r.oh)) {
            (void)pdf_read_stream(d, r, (size_t)1 << 20, a);
            r.oh = pdf_objects_dictionary(d->qpdf, r.oh);
        }
        pdf_objects_write(d->qpdf, r.oh, pdf_crypt_string, &crypt, &out);
        must(crypt.rc == E_OK);
        if (pdf_read_check(d) == E_OK && buf_ok(&out) && out.n)
            (void)pdf_objects_parse(d->qpdf, buf_str(&out));
        (void)!pdf_read_check(d);
    }
    buf_free(&out);
}

static void repair(const struct pdf_source *source, struct arena *a)
{
    struct buf out = buf_init((size_t)8 << 20);
    struct pdf_read d;
    enum err rc = pdf_repair(source, NULL, a, &out);

    must(rc == E_OK ? out.n > 0 : out.n == 0 && rc != E_INTERNAL && fault_current()->reason[0]);
    if (rc == E_OK) {
        struct pdf_source again = pdf_source_memory(buf_bytes(&out));
        must(pdf_read_open(&again, NULL, &d) == E_OK && pdf_read_continuable(&d) == E_OK);
        pdf_read_close(&d);
    }
    buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena *a;
    struct bytes all = { data, size };
    struct pdf_source memory = pdf_source_memory(all);
    struct pdf_source source = { .size = size, .read = piece, .arg = &all };
    struct pdf_read left, right;

    if (!a)
        a = arena_new((size_t)256 << 20);
    fault_clear();
    enum err rc = pdf_read_open(&memory, NULL, &left);
    struct fault f = *fault_current();
    must(pdf_read_open(&source, NULL, &right) == rc);
    must(rc != E_INTERNAL && (rc == E_OK || f.reason[0]));
    must(rc == E_OK || strcmp(f.reason, fault_current()->reason) == 0);
    if (rc == E_OK) {
        must(left.next_id == right.next_id && left.xref.sections == right.xref.sections);
        write_all(&right, a);
        pdf_read_close(&left);
        pdf_read_close(&right);
    }
    repair(&source, a);
    arena_reset(a);
    return 0;
}
