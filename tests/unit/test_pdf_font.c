/* test_pdf_font.c - without fonts nothing breaks but what needs one; lines end as they may. */
#include "sign/pdf_compose.h"
#include "sign/pdf_font_wrap.h"
#include "sign/pdf_seal.h"

#include "tap.h"

static void missing(struct arena *a)
{
    struct pdf_look drawn = { .kind = PDF_SEAL_ROUND, .text = STR("山田") };
    struct pdf_look text = { .kind = PDF_SEAL_TEXT, .name = STR("山田 太郎") };
    struct pdf_compose_info info = { .title = STR("報告書"),
                                     .lang = STR("ja"),
                                     .created = TIMESTAMP_NONE };
    struct pdf_compose_row row = { STR("a"), STR("b") };
    struct buf out = buf_init(1 << 20);

    pdf_font_setup(STR("/nowhere/mincho.ttf"), STR("/nowhere/gothic.ttf"));
    is_err(pdf_seal_check(&drawn), E_STATE, "a seal cannot be drawn");
    is_str(str_z(fault_current()->reason), "seal-font", "for want of a font");
    is_err(pdf_seal_check(&text), E_STATE, "nor captions written");
    struct pdf_compose *c = pdf_compose_new(a, &info);
    pdf_compose_heading(c, 1, STR("見出し"));
    pdf_compose_paragraph(c, STR("本文。"));
    pdf_compose_table(c, &row, 1);
    is_err(pdf_compose_finish(c, &out), E_STATE, "nor a report composed");
    buf_free(&out);
    pdf_font_setup(STR("/usr/share/fonts/opentype/ipaexfont-mincho/ipaexm.ttf"),
                   STR("/usr/share/fonts/opentype/ipaexfont-gothic/ipaexg.ttf"));
}

static struct str line(struct arena *a, struct str text, double width, size_t i)
{
    size_t n;
    struct pdf_font_line *l = pdf_font_wrap(PDF_FONT_GOTHIC, text, width, a, &n);
    return i < n ? str_sub(a, text, l[i].from, l[i].to) : STR("(none)");
}

static void lines(struct arena *a)
{
    is_str(line(a, STR("あいう。えお"), 3000, 0), "あい", "a full stop takes its letter along");
    is_str(line(a, STR("あいう。えお"), 3000, 1), "う。え", "to the next line");
    is_str(line(a, STR("あい「うえ」"), 3000, 0), "あい", "an opening bracket ends no line");
    is_str(line(a, STR("サーバー証明書"), 3000, 0), "サー", "the long vowel mark begins none");
    is_str(line(a, STR("one two three"), 4500, 0), "one two", "words stay whole");
    is_str(line(a, STR("one two three"), 4500, 1), "three", "without the space between");
    is_str(line(a, STR("一行\n二行"), 9000, 1), "二行", "a line end ends the line");
    is_str(line(a, STR("aaaaaaaaaaaaaaaaaaaaaaaa"), 2000, 7), "aaa", "what is too long is cut");
    is_str(line(a, STR(""), 2000, 0), "", "nothing is one line");
}

int main(void)
{
    struct arena *a = arena_new(16u << 20);

    missing(a);
    if (pdf_font_ready(PDF_FONT_GOTHIC) == E_OK && pdf_font_ready(PDF_FONT_MINCHO) == E_OK)
        lines(a);
    else
        tap_skip("the fonts are not installed");
    arena_free(a);
    return tap_done();
}
