/* signing_report_work.c - see signing_report.h: the composer makes the PDF, the provider's seal
 * signs it. */
#include "features/signing/signing_report.h"

#include "base/random.h"
#include "features/signing/signing_provider.h"
#include "sign/pdf_compose.h"
#include "sign/pdf_sign.h"
#include "store/db.h"

#define TAIL_MAX (4u << 20)

struct signing_report {
    struct pdf_compose *compose;
    struct arena *arena;
};

struct signing_report *signing_report_new(struct arena *a, const char *lang, struct str title,
                                          struct str footer, struct timestamp now)
{
    struct signing_report *r = ARENA_NEW(a, struct signing_report);
    const struct pdf_compose_info info = {
        .title = title, .lang = str_z(lang), .footer = footer, .created = now
    };

    r->arena = a;
    r->compose = pdf_compose_new(a, &info);
    return r;
}

void signing_report_heading(struct signing_report *r, int level, struct str text)
{
    pdf_compose_heading(r->compose, level, text);
}

void signing_report_paragraph(struct signing_report *r, struct str text)
{
    pdf_compose_paragraph(r->compose, text);
}

void signing_report_item(struct signing_report *r, struct str text)
{
    pdf_compose_item(r->compose, text);
}

void signing_report_notice(struct signing_report *r, enum signing_report_tone tone, struct str text)
{
    static const enum pdf_compose_tone tones[] = {
        [SIGNING_REPORT_PLAIN] = PDF_COMPOSE_PLAIN,
        [SIGNING_REPORT_GOOD] = PDF_COMPOSE_GOOD,
        [SIGNING_REPORT_CAUTION] = PDF_COMPOSE_CAUTION,
        [SIGNING_REPORT_BAD] = PDF_COMPOSE_BAD,
    };
    pdf_compose_notice(r->compose, tones[tone], text);
}

void signing_report_table(struct signing_report *r, const struct signing_report_row *rows, size_t n)
{
    struct pdf_compose_row *full = ARENA_ARRAY(r->arena, n, struct pdf_compose_row);
    size_t k = 0;

    for (size_t i = 0; i < n; i++)
        if (!str_empty(rows[i].value))
            full[k++] = (struct pdf_compose_row){ rows[i].label, rows[i].value };
    pdf_compose_table(r->compose, full, k);
}

void signing_report_grid(struct signing_report *r, const struct str *cells, size_t rows,
                         size_t columns, const unsigned *widths)
{
    pdf_compose_grid(r->compose, cells, rows, columns, widths);
}

enum err signing_report_sign(struct tx *tx, struct signing_report *r, struct str reason,
                             const struct audit_by *by, struct timestamp now, struct buf *out)
{
    struct signing_provider_request ask = { .purpose = SIGNING_PROVIDER_REPORT,
                                            .tenant = by->tenant,
                                            .by = *by,
                                            .object = random_token(tx_arena(tx), 16),
                                            .level = SIGNING_ES_T,
                                            .reason = reason,
                                            .certify = 1,
                                            .now = now };
    struct buf tail = buf_init(TAIL_MAX);
    struct pdf_sign_result result;
    struct pdf_source source;
    enum err e = pdf_compose_finish(r->compose, out);

    if (e == E_OK) {
        source = pdf_source_memory(buf_bytes(out));
        e = signing_provider_sign(tx, &ask, &source, &tail, &result);
    }
    if (e == E_OK) {
        buf_add_bytes(out, buf_bytes(&tail));
        e = buf_ok(out) ? E_OK : FAIL(E_LIMIT, "document-too-large", "report");
    }
    buf_free(&tail);
    return e;
}
