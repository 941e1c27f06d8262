/*
 * test_pdf_encrypted.c - encrypted documents of each revision are signed inside their encryption:
 * what is added is encrypted as the rest, but never the value of a signature; passwords.
 */
#include "pdf_kit.h"
#include "sign/pdf_form.h"
#include "tap.h"

#include <stdlib.h>

static struct arena *a;
static struct kit *kit;

static const struct fixture {
    const char *name, *password;
    int revision;
    enum pdf_objects_cipher strings, streams;
} fixtures[] = {
    { "r2", NULL, 2, PDF_OBJECTS_RC4, PDF_OBJECTS_RC4 },
    { "r3", "user", 3, PDF_OBJECTS_RC4, PDF_OBJECTS_RC4 },
    { "r4rc4", "owner", 4, PDF_OBJECTS_RC4, PDF_OBJECTS_RC4 },
    { "r4aes", "user", 4, PDF_OBJECTS_AES128, PDF_OBJECTS_AES128 },
    { "r5", "user", 5, PDF_OBJECTS_AES256, PDF_OBJECTS_AES256 },
    { "r6", NULL, 6, PDF_OBJECTS_AES256, PDF_OBJECTS_AES256 },
};

static struct bytes load(const char *name)
{
    const char *dir = getenv("SHOMEI_SRCDIR");
    struct str path = str_fmt(a, "%s/tests/data/encrypted/%s.pdf", dir ? dir : ".", name);
    uint8_t *p = arena_alloc(a, 4096);
    FILE *f = fopen(path.p, "rb");
    size_t n = f ? fread(p, 1, 4096, f) : 0;
    if (f)
        (void)fclose(f);
    return (struct bytes){ p, n };
}

static struct secret *word(const char *password)
{
    return password ? secret_from(password, strlen(password)) : NULL;
}

static bool contains(struct bytes in, struct bytes what)
{
    for (size_t i = 0; what.n <= in.n && i <= in.n - what.n; i++) {
        if (memcmp(in.p + i, what.p, what.n) == 0)
            return true;
    }
    return false;
}

/* In hexadecimal, as strings are written. */
static bool contains_text(struct bytes in, const char *text)
{
    struct buf hex = buf_init(1024);
    for (const char *c = text; *c; c++)
        buf_fmt(&hex, "%02x", (unsigned)*c);
    bool found = contains(in, bytes_of_str(str_z(text))) || contains(in, buf_bytes(&hex));
    buf_free(&hex);
    return found;
}

static enum err sign(struct bytes pdf, const struct secret *password, enum pdf_level level,
                     struct bytes *out)
{
    struct pdf_sign_params p = kit_params(kit, pdf, level, KIT_P256);
    struct pdf_sign_result result;
    struct buf b = buf_init((size_t)4 << 20);

    p.password = password;
    p.reason = STR("agreed (in secret)");
    enum err rc = pdf_sign(&p, a, &b, &result);
    *out = bytes_dup(a, buf_bytes(&b));
    buf_free(&b);
    return rc;
}

static void test_one(const struct fixture *x)
{
    struct bytes pdf = load(x->name), out;
    struct secret *password = word(x->password);
    struct pdf_report *r = NULL;
    struct pdf_read d;

    is_err(sign(pdf, password, PDF_LEVEL_ES_A, &out), E_OK, x->name);
    struct bytes tail = { out.p + pdf.n, out.n - pdf.n };
    ok(out.n > pdf.n && !contains_text(tail, "agreed") && !contains_text(tail, "Signature1"),
       "its strings are hidden");
    ok(!contains(tail, kit->root.der), "its streams are hidden");
    struct pdf_source source = pdf_source_memory(out);
    is_err(pdf_verify(&source, password, kit->trust, TIMESTAMP_NONE, a, &r), E_OK, "it is judged");
    ok(r && r->encrypted && r->signatures_n == 2 && r->verdict == PDF_TOTAL_PASSED, "and passes");
    ok(r && str_eq_z(r->signatures[0].reason, "agreed (in secret)"), "the reason can be read");
    ok(r && r->signatures[0].level == PDF_LEVEL_ES_A, "the evidence can be read");
    is_err(pdf_read_open(&source, password, &d), E_OK, "opened");
    is_int(d.encryption.revision, x->revision, "as revision");
    ok(d.encryption.strings == x->strings && d.encryption.streams == x->streams, "the methods");
    ok(d.encryption.owner == (x->password && strcmp(x->password, "owner") == 0), "whose password");
    is_int(d.encryption.permissions, -4, "the permissions");
    struct pdf_read_ref trailer = { d.trailer, 0, 0 };
    struct pdf_read_ref first = pdf_read_item(&d, pdf_read_get(&d, trailer, "/ID"), 0);
    is_int(pdf_read_get(&d, trailer, "/Encrypt").id > 0, 1, "the same /Encrypt");
    ok(pdf_read_string(&d, first, a).n == 16, "and /ID");
    pdf_read_close(&d);
    secret_free(password);
}

/* The crypt filter Identity for one kind (7.6.6): same length, so that all stays in place. */
static void test_identity(bool strings)
{
    static const char old[] = "/StmF /StdCF /StrF /StdCF";
    struct bytes pdf = load("r4aes"), out;
    uint8_t *p = arena_alloc(a, pdf.n);
    struct secret *password = word("user");

    memcpy(p, pdf.p, pdf.n);
    for (size_t i = 0; i + sizeof old < pdf.n; i++) {
        if (memcmp(p + i, old, sizeof old - 1) == 0)
            memcpy(p + i, strings ? "/StmF/StdCF/StrF/Identity" : "/StmF/Identity/StrF/StdCF", 25);
    }
    is_err(sign((struct bytes){ p, pdf.n }, password, PDF_LEVEL_ES_LT, &out), E_OK,
           strings ? "strings that are not encrypted" : "streams that are not encrypted");
    struct bytes tail = { out.p + pdf.n, out.n - pdf.n };
    ok(contains_text(tail, "agreed") == strings, "strings are as the file has them");
    ok(contains(tail, kit->root.der) == !strings, "streams are as the file has them");
    secret_free(password);
}

static void test_passwords(void)
{
    struct secret *wrong = word("wrong"), *owner = word("owner");
    struct bytes out;

    for (size_t i = 0; i < sizeof fixtures / sizeof *fixtures; i++) {
        struct bytes pdf = load(fixtures[i].name);
        bool needed = fixtures[i].password != NULL;
        fault_clear();
        is_err(sign(pdf, NULL, PDF_LEVEL_ES, &out), needed ? E_INPUT : E_OK, fixtures[i].name);
        is_str(str_z(fault_current()->reason), needed ? "pdf-password-needed" : "",
               "a password is asked for where one is needed");
        is_err(sign(pdf, wrong, PDF_LEVEL_ES, &out), E_INPUT, "a wrong one opens nothing");
        is_str(str_z(fault_current()->reason), "pdf-password-wrong", "and is told");
        is_err(sign(pdf, owner, PDF_LEVEL_ES, &out), E_OK, "the owner's does");
    }
    secret_free(wrong);
    secret_free(owner);
}

/* A second signature and a document time-stamp of an encrypted file, whose values stay as they
 * were.
 */
static void test_twice(void)
{
    struct bytes pdf = load("r6"), one, two;
    struct pdf_report *r = NULL;

    is_err(sign(pdf, NULL, PDF_LEVEL_ES_A, &one), E_OK, "signed once");
    is_err(sign(one, NULL, PDF_LEVEL_ES_A, &two), E_OK, "and again");
    is_err(kit_verify(two, kit->trust, TIMESTAMP_NONE, a, &r), E_OK, "judged");
    ok(r && r->signatures_n == 4 && r->verdict == PDF_TOTAL_PASSED, "all four pass");
    for (size_t i = pdf.n; i < one.n; i += 97) {
        uint8_t *p = arena_alloc(a, one.n);
        memcpy(p, one.p, one.n);
        p[i] ^= 0x40;
        if (kit_verify((struct bytes){ p, one.n }, kit->trust, TIMESTAMP_NONE, a, &r) == E_OK &&
            r->signatures_n == 2 && r->verdict == PDF_TOTAL_PASSED && one.p[i] != '0') {
            ok(false, "a flipped bit at %zu passes", i);
            return;
        }
    }
    ok(true, "no flipped bit passes");
}

int main(void)
{
    kit = kit_new();
    a = arena_new((size_t)512 << 20);
    for (size_t i = 0; i < sizeof fixtures / sizeof *fixtures; i++)
        test_one(&fixtures[i]);
    test_identity(true);
    test_identity(false);
    test_passwords();
    test_twice();
    arena_free(a);
    kit_free(kit);
    return tap_done();
}
