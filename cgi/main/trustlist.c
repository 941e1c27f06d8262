/*
 * trustlist.c - shomei-trustlist: checks the signature of a European trusted list (ETSI TS 119 612)
 * and writes it in the plain form that trust.lists holds. Run by hand or by a timer; needs no
 * database, no network and no key.
 */
#include "base/buf.h"
#include "sign/pdf_trust_xml.h"

#include <stdlib.h>

enum { SCHEME_MAX = 32 };

static int fail(const char *what)
{
    fprintf(stderr, "shomei-trustlist: %s: %s (%s)\n", what, fault_current()->reason,
            fault_current()->detail);
    return 1;
}

static bool read_file(const char *path, struct buf *b)
{
    char piece[65536];
    FILE *f = fopen(path, "rbe");
    size_t n;

    while (f && (n = fread(piece, 1, sizeof piece, f)) > 0)
        buf_add(b, piece, n);
    bool done = f && !ferror(f) && !b->failed;
    if (f)
        (void)fclose(f);
    return done;
}

static int run(const char *list, char **schemes, int n)
{
    struct arena *a = arena_new(1 << 20);
    struct buf xml = buf_init(PDF_TRUST_XML_MAX), out = buf_init((size_t)4 * PDF_TRUST_XML_MAX);
    struct bytes scheme[SCHEME_MAX];
    size_t scheme_n = 0, count = 0;
    int status = 0;

    for (int i = 0; i < n && status == 0; i++) {
        struct buf pem = buf_init(1 << 20);
        if (!read_file(schemes[i], &pem) ||
            pdf_trust_xml_scheme(buf_bytes(&pem), a, scheme, SCHEME_MAX, &scheme_n) != E_OK) {
            fprintf(stderr, "shomei-trustlist: %s cannot be read\n", schemes[i]);
            status = 1;
        }
        buf_free(&pem);
    }
    if (status == 0 && !read_file(list, &xml)) {
        fprintf(stderr, "shomei-trustlist: %s cannot be read\n", list);
        status = 1;
    }
    if (status == 0 &&
        (pdf_trust_xml_init() != E_OK ||
         pdf_trust_xml_convert(buf_bytes(&xml), scheme, scheme_n, &out, &count) != E_OK))
        status = fail(list);
    if (status == 0 && (fwrite(out.p, 1, out.n, stdout) != out.n || fflush(stdout) != 0))
        status = 1;
    if (status == 0)
        fprintf(stderr, "%zu services\n", count);
    pdf_trust_xml_close();
    buf_free(&xml);
    buf_free(&out);
    arena_free(a);
    return status;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: shomei-trustlist LIST.xml SCHEME.pem ... > NAME.list\n");
        return 2;
    }
    return run(argv[1], argv + 2, argc - 2);
}
