/*
 * test_pdf_source.c - documents that are not in memory: a source that generates a gigabyte is
 * signed and judged with flat memory; joined and cut sources; a source that fails half way.
 */
#include "pdf_kit.h"
#include "tap.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef SHOMEI_SANITIZED
enum { WEIGHT = 48 << 20, GROWTH = 1 << 20 /* kB: shadow memory is not ours */ };
#else
enum { WEIGHT = 1 << 30, GROWTH = 8 << 10 };
#endif

static struct arena *a;
static struct kit *kit;

/* Head, WEIGHT bytes of a content stream that are made when they are read, tail. */
struct generated {
    struct bytes head, tail;
    uint64_t fails_at; /* a read that reaches it fails; 0: none does */
};

static enum err generate(void *arg, uint64_t offset, uint8_t *p, size_t n)
{
    const struct generated *g = arg;

    if (g->fails_at && offset + n > g->fails_at)
        return FAIL(E_BACKEND, "test-source", "at %llu", (unsigned long long)offset);
    for (size_t i = 0; i < n; i++) {
        uint64_t at = offset + i;
        if (at < g->head.n) {
            p[i] = g->head.p[at];
        } else if (at < g->head.n + WEIGHT) {
            uint64_t left = g->head.n + WEIGHT - at;
            size_t step = n - i < left ? n - i : (size_t)left;
            memset(p + i, "0123456789abcdef"[at >> 16 & 15], step);
            i += step - 1;
        } else {
            p[i] = g->tail.p[at - g->head.n - WEIGHT];
        }
    }
    return E_OK;
}

static struct pdf_source large(struct generated *g)
{
    struct buf head = buf_init(4096), tail = buf_init(4096);
    size_t at[5];

    buf_add_z(&head, "%PDF-1.7\n");
    at[1] = head.n;
    buf_add_z(&head, "1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n");
    at[2] = head.n;
    buf_add_z(&head, "2 0 obj\n<</Type/Pages/Count 1/Kids[3 0 R]>>\nendobj\n");
    at[3] = head.n;
    buf_add_z(&head, "3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>\n"
                     "endobj\n");
    at[4] = head.n;
    buf_fmt(&head, "4 0 obj\n<</Length %d>>\nstream\n", WEIGHT);
    buf_add_z(&tail, "\nendstream\nendobj\n");
    size_t xref = head.n + WEIGHT + tail.n;
    buf_add_z(&tail, "xref\n0 5\n0000000000 65535 f\r\n");
    for (int i = 1; i < 5; i++)
        buf_fmt(&tail, "%010zu 00000 n\r\n", at[i]);
    buf_fmt(&tail, "trailer\n<</Size 5/Root 1 0 R>>\nstartxref\n%zu\n%%%%EOF\n", xref);
    *g = (struct generated){ bytes_dup(a, buf_bytes(&head)), bytes_dup(a, buf_bytes(&tail)), 0 };
    buf_free(&head);
    buf_free(&tail);
    return (
        struct pdf_source){ .size = g->head.n + WEIGHT + g->tail.n, .read = generate, .arg = g };
}

/* Sign and judge; the result is how far it got, in thousands, and what memory grew by. */
static int sign_and_judge(struct pdf_source source)
{
    struct pdf_sign_params p = kit_params(kit, BYTES_ABSENT, PDF_LEVEL_ES_T, KIT_P384);
    struct pdf_sign_result result;
    struct pdf_report *report;
    struct buf out = buf_init((size_t)1 << 20);
    struct rusage before, after;

    p.source = source;
    p.tail_only = true;
    getrusage(RUSAGE_SELF, &before);
    if (pdf_sign(&p, a, &out, &result) != E_OK || result.size_out != source.size + out.n)
        return 1;
    struct pdf_source signed_file = pdf_source_joined(a, &source, buf_bytes(&out));
    if (pdf_verify(&signed_file, NULL, kit->trust, TIMESTAMP_NONE, a, &report) != E_OK)
        return 2;
    if (report->signatures_n != 1 || report->verdict != PDF_TOTAL_PASSED ||
        !bytes32_eq(&report->digest, &result.digest_out))
        return 3;
    getrusage(RUSAGE_SELF, &after);
    tap_note("%ld kB more", after.ru_maxrss - before.ru_maxrss);
    return after.ru_maxrss - before.ru_maxrss > GROWTH ? 4 : 0;
}

static void test_large(void)
{
    struct generated g;
    struct pdf_source source = large(&g);
    int status = -1;

    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        int rc = sign_and_judge(source);
        fflush(stdout);
        _exit(rc);
    }
    waitpid(pid, &status, 0);
    ok(WIFEXITED(status) && WEXITSTATUS(status) == 0,
       "a file of %d MB is signed and judged with less than %d MB of memory (status %d)",
       WEIGHT >> 20, GROWTH >> 10, status);
}

static void test_failing(void)
{
    struct generated g;
    struct pdf_source source = large(&g);
    struct pdf_sign_params p = kit_params(kit, BYTES_ABSENT, PDF_LEVEL_ES, KIT_P256);
    struct pdf_sign_result result;
    struct buf out = buf_init((size_t)1 << 20);

    p.source = source;
    p.tail_only = true;
    g.fails_at = g.head.n + WEIGHT / 2;
    is_err(pdf_sign(&p, a, &out, &result), E_BACKEND, "a source that fails is not a bad PDF");
    is_str(str_z(fault_current()->reason), "test-source", "its reason is passed on");
    ok(out.n == 0, "and nothing is written");
    source.size = (uint64_t)1 << 31;
    p.source = source;
    is_err(pdf_sign(&p, a, &out, &result), E_LIMIT, "2 GiB are too large");
    is_str(str_z(fault_current()->reason), "pdf-too-large", "as the reason says");
    buf_free(&out);
}

static void test_joined(void)
{
    struct pdf_source base = pdf_source_memory(bytes_of_str(STR("abcdef")));
    struct pdf_source both = pdf_source_joined(a, &base, bytes_of_str(STR("ghij")));
    struct pdf_source cut = pdf_source_cut(&both, 8);
    struct bytes32 left, right = sha256(bytes_of_str(STR("abcdefgh")));
    char text[11] = "";

    is_int((int64_t)both.size, 10, "lengths add up");
    is_err(pdf_source_read(&both, 4, (uint8_t *)text, 4), E_OK, "read over the seam");
    is_str(str_z(text), "efgh", "both sides are right");
    is_err(pdf_source_read(&cut, 4, (uint8_t *)text, 5), E_INPUT, "a cut source ends early");
    is_err(pdf_source_sha256(&cut, &left), E_OK, "its digest");
    ok(bytes32_eq(&left, &right), "is that of what is left");
}

/* The same file, in memory and not, gives the same report. */
static void test_same(void)
{
    struct bytes pdf = kit_pdf(a, KIT_OBJSTM, 3, 50000, true);
    struct buf out = buf_init((size_t)8 << 20);
    struct pdf_sign_params p = kit_params(kit, pdf, PDF_LEVEL_ES_A, KIT_P256);
    struct pdf_sign_result result;
    struct pdf_report *r;

    p.source = pdf_source_memory((struct bytes){ pdf.p, pdf.n / 2 });
    p.source =
        pdf_source_joined(a, &p.source, (struct bytes){ pdf.p + pdf.n / 2, pdf.n - pdf.n / 2 });
    is_err(pdf_sign(&p, a, &out, &result), E_OK, "a joined source is signed at ES-A");
    ok(memcmp(out.p, pdf.p, pdf.n) == 0, "what was there stays");
    is_err(kit_verify(buf_bytes(&out), kit->trust, TIMESTAMP_NONE, a, &r), E_OK, "it is judged");
    ok(r && r->verdict == PDF_TOTAL_PASSED && r->signatures_n == 2, "and passes");
    buf_free(&out);
}

int main(void)
{
    kit = kit_new();
    a = arena_new((size_t)256 << 20);
    test_joined();
    test_same();
    test_failing();
    test_large();
    arena_free(a);
    kit_free(kit);
    return tap_done();
}
