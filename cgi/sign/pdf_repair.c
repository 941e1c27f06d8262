/* pdf_repair.c - see pdf_repair.h. */
#include "sign/pdf_repair.h"

#include "sign/pdf_form.h"

#define CHUNK ((size_t)16 << 10)

bool pdf_repair_helps(const char *reason)
{
    return strncmp(reason, "pdf-damaged", 11) == 0 || strncmp(reason, "pdf-ambiguous", 13) == 0 ||
           strcmp(reason, "pdf-offset-header") == 0 || strcmp(reason, "pdf-no-pages") == 0;
}

/* It may be that the file is fine: then it stays as it is. */
static enum err needed(const struct pdf_source *s, const struct secret *password)
{
    struct pdf_read d;
    struct pdf_read_ref page;
    enum err rc = pdf_read_open(s, password, &d);

    if (rc == E_OK) {
        rc = pdf_read_continuable(&d);
        if (rc == E_OK)
            rc = pdf_read_first_page(&d, &page);
        if (rc == E_OK && pdf_read_misplaced(&d))
            rc = FAIL(E_INPUT, "pdf-damaged-object", "an object is not where it is listed");
        pdf_read_close(&d);
    }
    if (rc == E_OK)
        return FAIL(E_STATE, "repair-needless", "nothing is wrong with it");
    return pdf_repair_helps(fault_current()->reason) ? E_OK : rc;
}

/*
 * Every signature has its ranges in the file in clear, whatever else is broken; so one that nothing
 * leads to any more is found as well. A name may be written with escapes: those are undone.
 */
static enum err unsigned_bytes(const struct pdf_source *s)
{
    static const char word[] = "/ByteRange";
    uint8_t piece[CHUNK];
    size_t met = 0, escape = 0;
    unsigned value = 0;

    for (uint64_t at = 0; at < s->size; at += CHUNK) {
        size_t n = s->size - at < CHUNK ? (size_t)(s->size - at) : CHUNK;
        enum err rc = pdf_source_read(s, at, piece, n);
        if (rc != E_OK)
            return rc;
        for (size_t i = 0; i < n; i++) {
            unsigned c = piece[i];
            if (met > 0 && c == '#' && !escape) {
                escape = 2;
                value = 0;
                continue;
            }
            if (escape) {
                unsigned low = c | 0x20;
                value = value * 16 + (c >= '0' && c <= '9' ? c - '0' : (low - 'a' + 10) & 15);
                if (--escape)
                    continue;
                c = value;
            }
            met = c == (unsigned char)word[met] ? met + 1 : c == '/' ? 1 : 0;
            if (met == sizeof word - 1)
                return FAIL(E_STATE, "repair-signed", "/ByteRange near %llu",
                            (unsigned long long)(at + i));
        }
    }
    return E_OK;
}

/* What was written must be what pdf_sign() takes, and still unsigned. */
static enum err sound(struct bytes file, const struct secret *password, struct arena *a)
{
    struct pdf_source s = pdf_source_memory(file);
    struct pdf_form_field *fields;
    struct pdf_read_ref page;
    struct pdf_read d;
    size_t n = 0;
    enum err rc = pdf_read_open(&s, password, &d);

    if (rc != E_OK)
        return FAIL(E_INPUT, "repair-failed", "the result cannot be read");
    if ((rc = pdf_read_continuable(&d)) == E_OK && (rc = pdf_read_first_page(&d, &page)) == E_OK)
        rc = pdf_form_signatures(&d, a, &fields, &n);
    for (size_t i = 0; rc == E_OK && i < n; i++) {
        if (fields[i].filled)
            rc = FAIL(E_STATE, "repair-signed", "a field holds a signature");
    }
    pdf_read_close(&d);
    return rc == E_OK || rc == E_STATE ? rc : FAIL(E_INPUT, "repair-failed", "no page is left");
}

enum err pdf_repair(const struct pdf_source *source, const struct secret *password, struct arena *a,
                    struct buf *out)
{
    struct pdf_objects *o = NULL;
    enum err rc;

    buf_reset(out);
    if ((rc = needed(source, password)) != E_OK || (rc = unsigned_bytes(source)) != E_OK)
        return rc;
    rc = pdf_objects_open(source, password, true, &o);
    if (rc == E_OK)
        rc = pdf_objects_rewrite(o, out);
    pdf_objects_close(o);
    if (rc == E_INPUT && strncmp(fault_current()->reason, "pdf-damaged", 11) == 0)
        rc = FAIL(E_INPUT, "repair-failed", "qpdf finds no document in it");
    if (rc == E_OK)
        rc = sound(buf_bytes(out), password, a);
    if (rc != E_OK)
        buf_reset(out);
    else
        fault_clear();
    return rc;
}
