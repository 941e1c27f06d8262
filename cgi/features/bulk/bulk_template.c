/* bulk_template.c - files to begin with: the columns of a profile and one example, which nobody can
 * have issued by mistake: its account and its request do not exist. */
#include "features/bulk/bulk_inside.h"

#include "base/csv.h"
#include "base/sjis.h"

static bool from_tenant(const struct profiles_field *f)
{
    return f->fixed || str_starts(f->from, STR("tenant."));
}

static struct str example(const struct profiles_field *f, bool ja)
{
    if (from_tenant(f))
        return STR("");
    switch (f->kind) {
    case PROFILES_EMAIL:
        return STR("taro.yamada@example.co.jp");
    case PROFILES_DNS:
        return STR("device-001.example.co.jp");
    case PROFILES_IP:
        return STR("192.0.2.10");
    case PROFILES_URI:
        return STR("https://www.example.co.jp/");
    case PROFILES_COUNTRY:
        return STR("JP");
    case PROFILES_CHOICE:
        return f->choices_n ? f->choices[0] : STR("");
    case PROFILES_TEXT:
    case PROFILES_KIND__MAX:
        break;
    }
    if (str_starts(f->from, STR("account.")))
        return ja ? STR("山田 太郎") : STR("Taro Yamada");
    return f->required ? ja ? STR("例") : STR("Example") : STR("");
}

/* A file being written. */
struct sheet {
    struct arena *a;
    struct buf out;
    bool ja;
    char separator;
    const struct profile *p;
};

static void named(struct sheet *s, enum bulk_column c, struct str value, bool header, bool last)
{
    csv_cell_with(&s->out, header ? bulk_columns_title(c, s->ja) : value, s->separator, last);
}

static void line(struct sheet *s, bool header)
{
    const uint32_t keys = s->p->keys & ~(uint32_t)PROFILES_HSM;
    const bool csr = keys & PROFILES_CSR, made = keys & ~(uint32_t)PROFILES_CSR;
    struct str key = keys & PROFILES_PKCS12    ? STR("PKCS12")
                     : keys & PROFILES_BROWSER ? STR("BROWSER")
                                               : STR("CSR");

    named(s, BULK_COLUMN_OPERATION, bulk_columns_operation_word(BULK_ISSUE, s->ja), header, false);
    named(s, BULK_COLUMN_ID, STR("A-0001"), header, false);
    if (s->p->person)
        named(s, BULK_COLUMN_ACCOUNT, STR("taro.yamada"), header, false);
    if (made)
        named(s, BULK_COLUMN_KEY, key, header, false);
    if (csr)
        named(s, BULK_COLUMN_CSR,
              made ? STR("")
                   : STR("-----BEGIN CERTIFICATE REQUEST-----...-----END CERTIFICATE REQUEST-----"),
              header, false);
    for (size_t i = 0; i < s->p->fields_n; i++) {
        const struct profiles_field *f = &s->p->fields[i];
        struct str title = s->ja ? f->label_ja : f->label_en;
        csv_cell_with(&s->out, header ? title : example(f, s->ja), s->separator, false);
    }
    named(s, BULK_COLUMN_DAYS, STR(""), header, false);
    named(s, BULK_COLUMN_SERIAL, STR(""), header, false);
    named(s, BULK_COLUMN_REASON, STR(""), header, true);
}

enum err bulk_template(struct arena *a, const struct profile *p, bool ja, bool windows31j,
                       bool tabs, struct bytes *out)
{
    struct sheet s = { .a = a, .out = buf_init(64 * 1024), .ja = ja, .p = p };
    struct str text;
    enum err e;

    s.separator = tabs ? '\t' : ',';
    if (!windows31j)
        buf_add_z(&s.out, CSV_MARK);
    line(&s, true);
    line(&s, false);
    e = buf_to_str(&s.out, a, &text);
    buf_free(&s.out);
    if (e == E_OK)
        *out = windows31j ? sjis_encode(a, text) : bytes_of_str(text);
    return e;
}
