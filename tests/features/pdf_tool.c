/*
 * pdf_tool.c - signs files for foreign judges: pdf_tool DIR LEVEL IN OUT [LEVEL IN OUT ...]. DIR
 * receives root.pem; LEVEL is ES, ES-T, ES-LT or ES-A, with ":p256", ":p384" or ":rsa3072" for
 * another key than RSA-2048, and ":pw=WORD" behind that for a file with that password. Between
 * them: ":certify=P", ":lock", ":seal" (visible on the first page), ":seals" (on the first three).
 * Instead of a level: "timestamp", "validation" or "archive" extends. Prints
 * "signed" and what our own verifier says, or the reason of a refusal, for each file. pdf_tool DIR
 * make: writes PDFs of each cross-reference form into DIR.
 */
#include "pdf_kit.h"

#include "sign/pdf_extend.h"
#include "sign/pdf_seal.h"

#include <stdlib.h>

static bool load(const char *path, struct arena *a, struct bytes *out)
{
    FILE *f = fopen(path, "rb");
    if (!f || fseek(f, 0, SEEK_END))
        return false;
    long n = ftell(f);
    rewind(f);
    uint8_t *p = arena_alloc(a, (size_t)n);
    bool done = fread(p, 1, (size_t)n, f) == (size_t)n;
    fclose(f);
    *out = (struct bytes){ p, (size_t)n };
    return done;
}

static bool save(const char *path, struct bytes data)
{
    FILE *f = fopen(path, "wb");
    return f && fwrite(data.p, 1, data.n, f) == data.n && fclose(f) == 0;
}

static enum kit_key key_of(const char *level)
{
    return strstr(level, ":p256")      ? KIT_P256
           : strstr(level, ":p384")    ? KIT_P384
           : strstr(level, ":rsa3072") ? KIT_RSA3072
                                       : KIT_RSA2048;
}

/* What our own verifier says of a result; the new signature is the last that is none of a TSA. */
static const char *verdict(struct kit *k, const struct pdf_sign_params *p, struct arena *a,
                           struct bytes file)
{
    struct pdf_source source = pdf_source_memory(file);
    struct pdf_report *r;
    const struct pdf_signature_report *ours = NULL;

    if (pdf_verify(&source, p->password, k->trust, TIMESTAMP_NONE, a, &r) != E_OK)
        return fault_current()->reason;
    for (size_t i = 0; i < r->signatures_n; i++) {
        if (r->signatures[i].kind == PDF_KIND_SIGNATURE)
            ours = &r->signatures[i];
    }
    return ours ? pdf_verify_verdict_name(ours->verdict) : "none";
}

/* What the words behind the level ask for. */
static void add_options(struct pdf_sign_params *p, const char *level)
{
    static const struct pdf_look look = { .kind = PDF_SEAL_ROUND, .text = { "山田", 6 } };
    static struct pdf_seal_place places[3];
    const char *certify = strstr(level, ":certify=");

    for (unsigned i = 0; i < 3; i++)
        places[i] = (struct pdf_seal_place){ i + 1, 20, 20, 40, 40, &look };
    p->certify = certify ? certify[9] - '0' : 0;
    p->lock = strstr(level, ":lock") != NULL;
    if (strstr(level, ":seal")) {
        p->seals = places;
        p->seals_n = strstr(level, ":seals") ? 3 : 1;
    }
    p->name = STR("山田 太郎");
    p->reason = STR("承認 (approved)");
    p->location = STR("Tokyo");
}

static enum err extend(struct kit *k, enum pdf_extend_kind kind, struct bytes pdf,
                       const struct secret *password, struct arena *a, struct buf *out)
{
    struct pdf_extend_params p = { .source = pdf_source_memory(pdf),
                                   .password = password,
                                   .kind = kind,
                                   .tsa = &k->authority,
                                   .trust = k->trust };
    struct pdf_sign_result result;
    return pdf_extend(&p, a, out, &result);
}

static enum err run(struct kit *k, const char *level, struct bytes pdf,
                    const struct secret *password, struct arena *a, struct buf *out)
{
    struct str name = str_sub(a, str_z(level), 0, strcspn(level, ":"));
    struct pdf_sign_result result;
    enum pdf_extend_kind kind;
    enum pdf_level l;

    if (pdf_extend_parse(name, &kind) == E_OK)
        return extend(k, kind, pdf, password, a, out);
    if (pdf_sign_level_parse(name, &l) != E_OK)
        return E_INPUT;
    struct pdf_sign_params p = kit_params(k, pdf, l, key_of(level));
    p.password = password;
    add_options(&p, level);
    return pdf_sign(&p, a, out, &result);
}

static bool sign_one(struct kit *k, const char *level, const char *in, const char *to)
{
    struct arena *a = arena_new((size_t)512 << 20);
    struct buf out = buf_init((size_t)256 << 20);
    struct bytes pdf;
    const char *word = strstr(level, ":pw=");
    struct secret *password = word ? secret_from(word + 4, strlen(word + 4)) : NULL;
    bool good = load(in, a, &pdf);

    if (!good) {
        printf("%s %s unreadable\n", level, in);
    } else if (run(k, level, pdf, password, a, &out) == E_OK) {
        struct pdf_sign_params p = { .password = password };
        good = save(to, buf_bytes(&out));
        printf("%s %s signed +%zu %s\n", level, in, out.n - pdf.n,
               verdict(k, &p, a, buf_bytes(&out)));
    } else {
        printf("%s %s %s (%s)\n", level, in, fault_current()->reason, fault_current()->detail);
        remove(to);
    }
    buf_free(&out);
    secret_free(password);
    arena_free(a);
    return good;
}

static int make(const char *dir)
{
    static const char *const names[] = { "table", "stream", "objects" };
    struct arena *a = arena_new((size_t)64 << 20);
    bool good = true;
    for (int form = 0; form < KIT_FORM__MAX; form++)
        good = good && save(str_fmt(a, "%s/%s.pdf", dir, names[form]).p,
                            kit_pdf(a, (enum kit_form)form, 3, 5000, false));
    good = good && save(str_fmt(a, "%s/form.pdf", dir).p, kit_pdf(a, KIT_TABLE, 2, 500, true));
    arena_free(a);
    return good ? 0 : 1;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[2], "make") == 0)
        return make(argv[1]);
    if (argc < 5 || (argc - 2) % 3)
        return 2;
    struct kit *k = kit_new();
    struct str pem = str_fmt(k->arena, "%s/root.pem", argv[1]);
    bool good = save(pem.p, bytes_of_str(kit_root_pem(k)));
    for (int i = 2; good && i + 2 < argc; i += 3)
        good = sign_one(k, argv[i], argv[i + 1], argv[i + 2]);
    kit_free(k);
    return good ? 0 : 1;
}
