/*
 * test_pdf_structure.c - how files hang together: hybrid files, generations, PDF 2.0, comments;
 * what readers would read differently is refused; what is damaged is named, and repaired when
 * unsigned.
 * With a folder as argument: writes such files there, for foreign judges of what is signed.
 */
#include "pdf_kit.h"
#include "sign/pdf_repair.h"
#include "tap.h"

static struct arena *a;
static struct kit *kit;

static enum err sign(struct bytes pdf, struct bytes *out)
{
    struct pdf_sign_params p = kit_params(kit, pdf, PDF_LEVEL_ES_LT, KIT_P256);
    struct pdf_sign_result result;
    struct buf b = buf_init((size_t)4 << 20);
    enum err rc = pdf_sign(&p, a, &b, &result);

    *out = bytes_dup(a, buf_bytes(&b));
    buf_free(&b);
    return rc;
}

static const char *text_of(struct bytes b)
{
    return str_of(a, (const char *)b.p, strlen((const char *)b.p)).p;
}

/* Signed; the result passes and its tail holds `holds`, but not `lacks`. */
static void signs(struct bytes pdf, const char *holds, const char *lacks, const char *name)
{
    struct bytes out;
    struct pdf_report *r = NULL;
    struct buf z = buf_init((size_t)4 << 20);

    if (!is_err(sign(pdf, &out), E_OK, name)) {
        tap_note("%s: %s", fault_current()->reason, fault_current()->detail);
        return;
    }
    ok(kit_verify(out, kit->trust, TIMESTAMP_NONE, a, &r) == E_OK && r->signatures_n == 1 &&
           r->verdict == PDF_TOTAL_PASSED && r->signatures[0].level == PDF_LEVEL_ES_LT,
       "%s: it passes", name);
    buf_add(&z, out.p + pdf.n, out.n - pdf.n);
    for (size_t i = 0; i < z.n; i++)
        z.p[i] = z.p[i] ? z.p[i] : ' ';
    const char *tail = text_of(buf_bytes(&z));
    ok(!holds || strstr(tail, holds), "%s: what must be there is written", name);
    ok(!lacks || !strstr(tail, lacks), "%s: what must not be is not", name);
    buf_free(&z);
}

static void refused(struct bytes pdf, const char *reason, const char *name)
{
    struct bytes out;
    ok(sign(pdf, &out) != E_OK && out.n == 0, "%s is refused", name);
    is_str(str_z(fault_current()->reason), reason, name);
}

/* ---- files by hand ---- */

struct made {
    struct buf b;
    size_t at[16];
};

static struct made begin(const char *header)
{
    struct made m = { .b = buf_init(1 << 20) };
    buf_add_z(&m.b, header);
    return m;
}

static void object(struct made *m, int id, int gen, const char *body)
{
    m->at[id] = m->b.n;
    buf_fmt(&m->b, "%d %d obj\n%s\nendobj\n", id, gen, body);
}

static struct bytes end(struct made *m)
{
    struct bytes out = bytes_dup(a, buf_bytes(&m->b));
    buf_free(&m->b);
    return out;
}

#define CATALOG "<</Type/Catalog/Pages 2 0 R>>"
#define PAGES "<</Type/Pages/Count 1/Kids[3 0 R]>>"
#define PAGE "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"

/* Three objects and a table; `between` stands between trailer and startxref, `behind` after %%EOF.
 */
static struct bytes simple(const char *header, const char *between, const char *behind)
{
    struct made m = begin(header);
    object(&m, 1, 0, CATALOG);
    object(&m, 2, 0, PAGES);
    object(&m, 3, 0, PAGE);
    size_t xref = m.b.n;
    buf_add_z(&m.b, "xref\n0 4\n0000000000 65535 f \n");
    for (int i = 1; i < 4; i++)
        buf_fmt(&m.b, "%010zu 00000 n \n", m.at[i]);
    buf_fmt(&m.b, "trailer\n<</Size 4/Root 1 0 R>>\n%sstartxref\n%zu\n%%%%EOF\n%s", between, xref,
            behind);
    return end(&m);
}

/* 7.5.8.4: pages and page can only be reached through /XRefStm; the table says that they are free.
 */
static struct bytes hybrid(void)
{
    struct made m = begin("%PDF-1.5\n");
    const char *first = PAGES, *second = PAGE;
    char head[40];

    object(&m, 1, 0, CATALOG);
    int n = snprintf(head, sizeof head, "2 0 3 %zu ", strlen(first) + 1);
    m.at[4] = m.b.n;
    buf_fmt(
        &m.b,
        "4 0 obj\n<</Type/ObjStm/N 2/First %d/Length %zu>>\nstream\n%s%s %s\nendstream\nendobj\n",
        n, (size_t)n + strlen(first) + 1 + strlen(second), head, first, second);
    m.at[5] = m.b.n;
    buf_add_z(&m.b,
              "5 0 obj\n<</Type/XRef/W[1 2 1]/Size 6/Index[2 2]/Root 1 0 R/Length 8>>\nstream\n");
    buf_add(&m.b, "\2\0\4\0\2\0\4\1", 8);
    buf_add_z(&m.b, "\nendstream\nendobj\n");
    size_t xref = m.b.n;
    buf_fmt(&m.b,
            "xref\n0 6\n0000000002 65535 f \n%010zu 00000 n \n0000000003 65535 f \n"
            "0000000000 65535 f \n%010zu 00000 n \n%010zu 00000 n \n",
            m.at[1], m.at[4], m.at[5]);
    buf_fmt(&m.b, "trailer\n<</Size 6/Root 1 0 R/XRefStm %zu>>\nstartxref\n%zu\n%%%%EOF\n", m.at[5],
            xref);
    return end(&m);
}

static struct bytes generations(void)
{
    struct made m = begin("%PDF-1.4\n");
    object(&m, 1, 3, "<</Type/Catalog/Pages 2 1 R>>");
    object(&m, 2, 1, "<</Type/Pages/Count 1/Kids[3 7 R]>>");
    object(&m, 3, 7, "<</Type/Page/Parent 2 1 R/MediaBox[0 0 9 9]/Annots[]>>");
    size_t xref = m.b.n;
    buf_fmt(&m.b,
            "xref\n0 4\n0000000000 65535 f \n%010zu 00003 n \n%010zu 00001 n \n%010zu 00007 n \n",
            m.at[1], m.at[2], m.at[3]);
    buf_fmt(&m.b, "trailer\n<</Size 4/Root 1 3 R>>\nstartxref\n%zu\n%%%%EOF\n", xref);
    return end(&m);
}

/* An update behind `pdf` that replaces the page, with a startxref of our choice (0: the right one).
 */
static struct bytes updated(struct bytes pdf, size_t prev, size_t startxref, const char *more)
{
    struct made m = begin("");
    buf_add_bytes(&m.b, pdf);
    object(&m, 3, 0, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 8 8]>>");
    size_t xref = m.b.n;
    buf_fmt(&m.b, "xref\n3 1\n%010zu 00000 n \ntrailer\n<</Size 4/Root 1 0 R/Prev %zu>>\n", m.at[3],
            prev ? prev : xref);
    buf_fmt(&m.b, "startxref\n%zu\n%%%%EOF\n%s", startxref ? startxref : xref, more);
    return end(&m);
}

static size_t find(struct bytes b, const char *what)
{
    size_t n = strlen(what);
    for (size_t i = b.n - n; i > 0; i--) {
        if (memcmp(b.p + i, what, n) == 0)
            return i;
    }
    return 0;
}

/* ---- tests ---- */

static void test_forms(void)
{
    struct bytes plain = simple("%PDF-1.7\n", "", "");
    size_t xref = find(plain, "xref\n0 4");

    signs(hybrid(), "\nxref\n", "XRefStm", "a hybrid file");
    signs(generations(), "\n1 3 obj", "\n1 0 obj", "generations above 0");
    signs(generations(), "\n3 7 obj", NULL, "a page of generation 7");
    signs(simple("%PDF-2.0\n", "", ""), NULL, "ESIC", "PDF 2.0");
    signs(plain, "/ESIC", "XRefStm", "PDF 1.7");
    signs(simple("%PDF-1.7\n", "%maker 5.5\n", ""), NULL, NULL, "a comment before startxref");
    signs(simple("%PDF-1.7\n", "", "\r\n \n"), NULL, NULL, "white space at the end");
    signs(updated(plain, xref, 0, ""), "/Prev", NULL, "an update");
}

static void test_differentials(void)
{
    struct bytes plain = simple("%PDF-1.7\n", "", "");
    size_t xref = find(plain, "xref\n0 4");

    refused(updated(plain, xref, xref, ""), "pdf-ambiguous-startxref",
            "startxref to an older section");
    refused(simple("%PDF-1.7\n", "", str_fmt(a, "startxref\n%zu\n%%%%EOF\n", xref).p),
            "pdf-ambiguous-startxref", "two startxref behind one section");
    refused(simple("%PDF-1.7\n", "%%EOF\n", ""), "pdf-ambiguous-startxref",
            "%%EOF before startxref");
    refused(simple("%PDF-1.7\n", "% ", ""), "pdf-ambiguous-startxref", "startxref in a comment");
    refused(updated(plain, 0, 0, ""), "pdf-damaged-xref", "/Prev in a circle");
    refused(updated(plain, 12, 0, ""), "pdf-damaged-xref", "/Prev into an object");
    refused(updated(plain, 99999, 0, ""), "pdf-damaged-xref", "/Prev beyond the end");
    refused(simple("junk\n%PDF-1.7\n", "", ""), "pdf-offset-header", "something before the header");
}

static enum err repair(struct bytes pdf, struct buf *out)
{
    struct pdf_source source = pdf_source_memory(pdf);
    return pdf_repair(&source, NULL, a, out);
}

static void repairs(struct bytes pdf, const char *name)
{
    struct buf out = buf_init((size_t)4 << 20);
    if (is_err(repair(pdf, &out), E_OK, name))
        signs(bytes_dup(a, buf_bytes(&out)), NULL, NULL, name);
    else
        tap_note("%s: %s", fault_current()->reason, fault_current()->detail);
    buf_free(&out);
}

static void not_repaired(struct bytes pdf, enum err rc, const char *reason, const char *name)
{
    struct buf out = buf_init((size_t)4 << 20);
    is_err(repair(pdf, &out), rc, name);
    is_str(str_z(fault_current()->reason), reason, name);
    ok(out.n == 0, "%s: nothing is written", name);
    buf_free(&out);
}

static struct bytes changed(struct bytes pdf, const char *from, const char *to)
{
    uint8_t *p = arena_alloc(a, pdf.n);
    memcpy(p, pdf.p, pdf.n);
    memcpy(p + find(pdf, from), to, strlen(to));
    return (struct bytes){ p, pdf.n };
}

static void test_repair(void)
{
    struct bytes plain = simple("%PDF-1.7\n", "", ""), out;
    size_t xref = find(plain, "xref\n0 4");

    repairs(simple("junk\n%PDF-1.7\n", "", ""), "something before the header");
    repairs(changed(plain, "startxref\n", "startxref\n9"), "a wrong startxref");
    repairs(changed(plain, "0000000009", "0000000042"), "a wrong offset");
    not_repaired((struct bytes){ plain.p, find(plain, "startxref") }, E_INPUT, "pdf-truncated",
                 "a cut-off end");
    repairs(updated(plain, xref, xref, ""), "a hidden update");
    not_repaired(plain, E_STATE, "repair-needless", "what is not damaged");
    not_repaired(bytes_of_str(STR("%PDF-1.7\nnothing at all here\nstartxref\n1\n%%EOF\n")), E_INPUT,
                 "repair-failed", "what holds no document");
    not_repaired(bytes_of_str(STR("hello")), E_INPUT, "pdf-not", "what is no PDF");
    is_err(sign(plain, &out), E_OK, "signed");
    not_repaired(changed(out, "startxref\n", "startxref\n9"), E_STATE, "repair-signed",
                 "a signed file");
    struct made m = begin("junk%PDF-1.7\n");
    buf_add_z(&m.b, "7 0 obj\n<</Byte#52ange[0 1 2 3]/Contents<00>>>\nendobj\n");
    not_repaired(end(&m), E_STATE, "repair-signed", "a signature under an escaped name");
}

static bool save(const char *dir, const char *name, struct bytes data)
{
    FILE *f = fopen(str_fmt(a, "%s/%s.pdf", dir, name).p, "wb");
    return f && fwrite(data.p, 1, data.n, f) == data.n && fclose(f) == 0;
}

static bool save_repaired(const char *dir, const char *name, struct bytes damaged)
{
    struct buf out = buf_init((size_t)4 << 20);
    bool good = repair(damaged, &out) == E_OK && save(dir, name, buf_bytes(&out));
    buf_free(&out);
    return good;
}

static int write_all(const char *dir)
{
    struct bytes plain = simple("%PDF-1.7\n", "", "");
    bool good = save(dir, "hybrid", hybrid()) && save(dir, "generations", generations()) &&
                save(dir, "pdf20", simple("%PDF-2.0\n", "", "")) &&
                save(dir, "comment", simple("%PDF-1.7\n", "%maker 5.5\n", "")) &&
                save(dir, "updated", updated(plain, find(plain, "xref\n0 4"), 0, "")) &&
                save_repaired(dir, "repaired-front", simple("junk\n%PDF-1.7\n", "", "")) &&
                save_repaired(dir, "repaired-xref", changed(plain, "0000000009", "0000000042"));
    return good ? 0 : 1;
}

int main(int argc, char **argv)
{
    kit = kit_new();
    a = arena_new((size_t)256 << 20);
    if (argc == 2)
        return write_all(argv[1]);
    test_forms();
    test_differentials();
    test_repair();
    arena_free(a);
    kit_free(kit);
    return tap_done();
}
