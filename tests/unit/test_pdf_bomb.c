/*
 * test_pdf_bomb.c - a small file whose object stream inflates to more than the process may have is
 * refused with a reason, by the signer and by the verifier; the process lives on.
 */
#include "config.h"
#include "pdf_kit.h"
#include "tap.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define INFLATED ((size_t)700 << 20)
#define LIMIT ((rlim_t)400 << 20)

/* Deflate (RFC 1951), one block of fixed codes, least significant bit first. */
struct bits {
    struct buf *out;
    uint32_t held;
    int n;
};

static void put(struct bits *b, uint32_t code, int n)
{
    b->held |= code << b->n;
    for (b->n += n; b->n >= 8; b->n -= 8, b->held >>= 8)
        buf_add_char(b->out, (char)(uint8_t)b->held);
}

/* Huffman codes go most significant bit first. */
static void put_code(struct bits *b, uint32_t code, int n)
{
    for (int i = n - 1; i >= 0; i--)
        put(b, code >> i & 1, 1);
}

/* `text`, then spaces without end: each match of 258 bytes takes 13 bits. */
static void inflate_to(struct buf *out, const char *text, size_t total)
{
    struct bits b = { .out = out };
    buf_add(out, "\x78\x9c", 2);
    put(&b, 1, 1);
    put(&b, 1, 2);
    for (const char *p = text; *p; p++)
        put_code(&b, 0x30 + (uint8_t)*p, 8);
    for (size_t n = 0; n < total; n += 258) {
        put_code(&b, 0xc5, 8); /* length 258 */
        put_code(&b, 0, 5);    /* distance 1 */
    }
    put(&b, 0, 16);
}

static struct bytes bomb(struct arena *a)
{
    struct buf stream = buf_init(16 << 20), file = buf_init(16 << 20);
    size_t at[4];
    struct bytes out;

    inflate_to(&stream,
               "1 0 2 40 <</Type/Catalog/Pages 2 0 R>>           "
               "<</Type/Pages/Count 1/Kids[3 0 R]>> ",
               INFLATED);
    buf_add_z(&file, "%PDF-1.7\n");
    at[1] = file.n;
    buf_add_z(&file, "3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>\nendobj\n");
    at[2] = file.n;
    buf_fmt(&file, "4 0 obj\n<</Type/ObjStm/N 2/First 9/Filter/FlateDecode/Length %zu>>\nstream\n",
            stream.n);
    buf_add_bytes(&file, buf_bytes(&stream));
    buf_add_z(&file, "\nendstream\nendobj\n");
    at[3] = file.n;
    buf_add_z(&file, "5 0 obj\n<</Type/XRef/W[1 3 1]/Size 6/Root 1 0 R/Length 30>>\nstream\n");
    buf_add(&file, "\0\0\0\0\xff\2\0\0\4\0\2\0\0\4\1", 15);
    for (int i = 1; i < 4; i++) {
        char row[] = { 1, (char)(uint8_t)(at[i] >> 16), (char)(uint8_t)(at[i] >> 8),
                       (char)(uint8_t)at[i], 0 };
        buf_add(&file, row, sizeof row);
    }
    buf_fmt(&file, "\nendstream\nendobj\nstartxref\n%zu\n%%%%EOF\n", at[3]);
    if (buf_to_bytes(&file, a, &out) != E_OK)
        out = BYTES_ABSENT;
    buf_free(&stream);
    buf_free(&file);
    return out;
}

static int child(struct kit *kit, struct bytes file, struct arena *a)
{
    struct rlimit limit = { LIMIT, LIMIT };
    struct pdf_sign_params p = kit_params(kit, file, PDF_LEVEL_ES, KIT_P256);
    struct pdf_sign_result result;
    struct pdf_report *report;
    struct buf out = buf_init((size_t)64 << 20);

    if (setrlimit(RLIMIT_AS, &limit) != 0)
        return 2;
    if (pdf_sign(&p, a, &out, &result) != E_INPUT || out.n || !fault_current()->reason[0])
        return 3;
    if (kit_verify(file, kit->trust, TIMESTAMP_NONE, a, &report) != E_INPUT)
        return 4;
    p.source = pdf_source_memory(kit_pdf(a, KIT_OBJSTM, 1, 100, false));
    return pdf_sign(&p, a, &out, &result) == E_OK ? 0 : 5;
}

#ifdef SHOMEI_SANITIZED
static const bool sanitized = true;
#else
static const bool sanitized = false;
#endif

int main(void)
{
    if (sanitized) {
        tap_skip("sanitizers need more address space than the limit");
        return tap_done();
    }
    struct kit *kit = kit_new();
    struct arena *a = arena_new((size_t)64 << 20);
    struct bytes file = bomb(a);
    int status = -1;

    ok(file.n > 0 && file.n < (size_t)8 << 20, "%zu bytes that inflate to %zu", file.n, INFLATED);
    pid_t pid = fork();
    if (pid == 0)
        _exit(child(kit, file, a));
    waitpid(pid, &status, 0);
    ok(WIFEXITED(status) && WEXITSTATUS(status) == 0,
       "refused within the limit, and the next document is signed (status %d)", status);
    arena_free(a);
    kit_free(kit);
    return tap_done();
}
