/* compose_tool.c - composed reports for foreign judges: compose_tool ja|en OUT [rows]. */
#include "sign/pdf_compose.h"

#include <stdlib.h>

static void blocks(struct pdf_compose *c)
{
    pdf_compose_notice(c, PDF_COMPOSE_GOOD,
                       STR("有効: 2件の署名はすべて有効です。署名後の変更はありません。"));
    pdf_compose_heading(c, 1, STR("文書"));
    const struct pdf_compose_row rows[] = {
        { STR("ファイル名"), STR("業務委託契約書(2026年度・改訂第3版).pdf") },
        { STR("SHA-256"), STR("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08") },
        { STR("大きさ"), STR("1,234,567 バイト") },
        { STR("left out"), STR_ABSENT },
        { STR("備考"),
          STR("この文書は、電子署名及び認証業務に関する法律(平成十二年法律第百二号)第二条"
              "第一項に規定する電子署名が付されています。「括弧」や句読点、(例えば)長音ー"
              "記号が行頭に来ないことを、この長い文章で確かめます。😀は字形がありません。") },
    };
    pdf_compose_table(c, rows, sizeof rows / sizeof *rows);
    pdf_compose_heading(c, 2, STR("判定の根拠"));
    pdf_compose_item(c, STR("署名者の電子証明書は、設定された信頼点まで検証できました。"));
    pdf_compose_item(c, STR("A long English item that has to be broken between words, followed by "
                            "https://portal.example.jp/verify?id=0123456789abcdef0123456789 and "
                            "more words."));
    pdf_compose_paragraph(
        c,
        STR("段落の最初の行。\n改行のあとの行。葛󠄀城市、髙橋、𠮷野家"
            "。"));
    pdf_compose_notice(c, PDF_COMPOSE_BAD, STR("無効: 署名の後に内容が変更されました。"));
    pdf_compose_notice(c, PDF_COMPOSE_CAUTION, STR("判定できません: 失効情報を取得できません。"));
}

static void grid(struct pdf_compose *c, size_t rows)
{
    static const unsigned widths[] = { 1, 5, 3, 3 };
    struct arena *a = arena_new(64u << 20);
    struct str *cells = ARENA_ARRAY(a, (rows + 1) * 4, struct str);

    cells[0] = STR("番号");
    cells[1] = STR("ファイル");
    cells[2] = STR("判定");
    cells[3] = STR("時刻");
    for (size_t i = 1; i <= rows; i++) {
        cells[4 * i] = str_fmt(a, "%zu", i);
        cells[4 * i + 1] = str_fmt(a, "請求書-%04zu-とても長い名前のファイルです.pdf", i);
        cells[4 * i + 2] = i % 7 ? STR("有効") : STR("判定できません");
        cells[4 * i + 3] = STR("2026年11月20日 14:05 JST");
    }
    pdf_compose_heading(c, 1, STR("一覧"));
    pdf_compose_grid(c, cells, rows + 1, 4, widths);
    arena_free(a);
}

int main(int argc, char **argv)
{
    struct arena *a = arena_new((size_t)512 << 20);
    struct buf out = buf_init(64u << 20);
    struct calendar when = { 2026, 11, 20, 5, 5, 9 };
    struct pdf_compose_info info = { .title = STR("電子署名 検証報告書"),
                                     .lang = str_z(argc > 1 ? argv[1] : "ja"),
                                     .author = STR("Shomei 署名・証明ポータル"),
                                     .footer = STR("受付番号 V-2026-000123 <&>"),
                                     .created = timestamp_from_calendar_utc(when) };
    size_t rows = argc > 3 ? strtoul(argv[3], NULL, 10) : 0;
    struct pdf_compose *c = pdf_compose_new(a, &info);
    FILE *f;

    blocks(c);
    if (rows)
        grid(c, rows);
    enum err e = pdf_compose_finish(c, &out);
    if (e != E_OK)
        fprintf(stderr, "%s (%s)\n", fault_current()->reason, fault_current()->detail);
    bool good = e == E_OK && argc > 2 && (f = fopen(argv[2], "wb")) != NULL;
    good = good && fwrite(out.p, 1, out.n, f) == out.n && fclose(f) == 0;
    buf_free(&out);
    arena_free(a);
    return good ? 0 : 1;
}
