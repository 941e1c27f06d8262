/* test_template.c - typed views: what compiles, what stops the start, and how values are shown. */
#include "tap.h"

#include "base/ids.h"
#include "http/template_set.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct row {
    struct document_id id;
    struct str name;
    struct page_badge state;
};
static const struct view_field row_fields[] = {
    VIEW_ID(struct row, id),
    VIEW_TEXT(struct row, name),
    VIEW_STRUCT(struct row, state, page_badge_fields),
    VIEW_END,
};
struct all {
    struct str text, url, code;
    const char *word;
    int64_t number;
    uint32_t small;
    int8_t tiny;
    uint64_t size;
    bool flag;
    struct timestamp time, never;
    struct msg msg;
    struct html html;
    struct row *rows;
    size_t rows_count;
    const struct row *one;
};
static const struct view_field all_fields[] = {
    VIEW_TEXT(struct all, text),
    VIEW_URL(struct all, url),
    VIEW_CODE(struct all, code),
    VIEW_WORD(struct all, word),
    VIEW_INT(struct all, number),
    VIEW_COUNT(struct all, small),
    VIEW_INT(struct all, tiny),
    VIEW_SIZE(struct all, size),
    VIEW_FLAG(struct all, flag),
    VIEW_TIME(struct all, time),
    VIEW_TIME(struct all, never),
    VIEW_MSG(struct all, msg),
    VIEW_HTML(struct all, html),
    VIEW_LIST(struct all, rows, rows_count, row_fields),
    VIEW_OPTION(struct all, one, row_fields),
    VIEW_END,
};

static char dir[] = "/tmp/shomei-template-XXXXXX";

static void write_file(const char *name, const char *text)
{
    char path[256];
    FILE *f;

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    f = fopen(path, "wb");
    if (f != NULL) {
        fputs(text, f);
        fclose(f);
    }
}

static struct str asset(void *arg, struct str name)
{
    (void)arg;
    return str_eq_z(name, "css/a.css") ? STR("/static/css/a.12ab.css") : STR_ABSENT;
}

static const struct view page_view = { "page.html", "Title of {{text}}", all_fields, VIEW_WIDE };
static const struct view bare_view = { "page.html", NULL, all_fields, VIEW_BARE };
static const struct view text_view = { "mail.txt", NULL, all_fields, VIEW_BARE };
static const struct template_set_params params = { dir, asset, NULL };

static struct all values(void)
{
    static struct row rows[] = { { { 7 }, { "<a>", 3 }, { "success", { "valid" } } },
                                 { { 8 }, { "b", 1 }, { "error", { "invalid" } } } };

    return (struct all){
        .text = STR("<b>&\"'</b> 名"),
        .url = STR("/x?a=1&b=2"),
        .code = STR("4a3f11c0ab"),
        .word = "ok",
        .number = INT64_MIN,
        .small = 1234567,
        .tiny = -5,
        .size = 1250000,
        .flag = true,
        .time = timestamp_from_unix(1795151100),
        .never = TIMESTAMP_NONE,
        .msg = MSG("valid"),
        .html = { STR("<i>x</i>") },
        .rows = rows,
        .rows_count = 2,
        .one = &rows[1],
    };
}

/* Compile one template as page.html without layout and show `v`; the text is what came out. */
static void shows(struct arena *a, const char *source, const char *want, const char *name)
{
    const struct view *views[] = { &bare_view, NULL };
    struct all v = values();
    struct template_set *set;
    struct buf out = buf_init(1 << 20);

    write_file("page.html", source);
    if (template_set_new(&params, &set) != E_OK)
        return;
    fault_clear();
    if (template_set_add(set, views) != E_OK ||
        template_set_render(set, &bare_view, LANG_EN, NULL, &v, a, &out) != E_OK)
        tap_note("%s", fault_current()->detail);
    is_str(buf_str(&out), want, name);
    buf_free(&out);
    template_set_free(set);
}

static void refused(const char *source, const char *name)
{
    const struct view *views[] = { &bare_view, NULL };
    struct template_set *set;

    write_file("page.html", source);
    if (template_set_new(&params, &set) != E_OK)
        return;
    fault_clear();
    ok(template_set_add(set, views) == E_INPUT && strstr(fault_current()->detail, ".html") != NULL,
       "refused: %s (%s)", name, fault_current()->detail);
    template_set_free(set);
}

static void test_values(struct arena *a)
{
    shows(a, "{{text}}", "&lt;b&gt;&amp;&quot;&#39;&lt;/b&gt; 名", "text is escaped");
    shows(a, "<p title=\"{{text}}\">", "<p title=\"&lt;b&gt;&amp;&quot;&#39;&lt;/b&gt; 名\">",
          "and so in an attribute");
    shows(a, "{{html}}", "<i>x</i>", "safe HTML stays");
    shows(a, "{{number}} {{tiny}} {{small}}", "-9223372036854775808 -5 1,234,567", "integers");
    shows(a, "{{size}}", "1.2 MB", "sizes");
    shows(a, "{{code}} {{code.raw}}", "4a3f 11c0 ab 4a3f11c0ab", "codes in fours");
    shows(a, "{{time}}|{{time.date}}|{{time.iso}}|{{never}}",
          "20 Nov 2026, 14:05 JST|20 Nov 2026|2026-11-20T14:05:00+09:00|", "times");
    shows(a, "{{^never}}none{{/never}}{{#time}}some{{/time}}", "nonesome", "no time is false");
    shows(a, "<a href=\"{{url}}\">", "<a href=\"/x?a=1&amp;b=2\">", "an address as a whole");
    shows(a, "<a href=\"/d/{{number}}?q={{text}}\">",
          "<a href=\"/d/-9223372036854775808?q=%3Cb%3E%26%22%27%3C%2Fb%3E%20%E5%90%8D\">",
          "a value inside an address is percent-encoded");
    shows(a,
          "{{#rows}}{{id}}:{{name}}:{{state.tone}}:{{#state}}{{word}}{{/state}}:{{word}};{{/rows}}",
          "7:&lt;a&gt;:success:valid:ok;8:b:error:invalid:ok;", "lists, inside out");
    shows(a, "{{#one}}{{id}}{{/one}}{{one.name}}", "8b", "an optional struct");
    shows(a, "{{#flag}}y{{/flag}}{{^flag}}n{{/flag}}{{lang}}{{#en}}E{{/en}}{{#ja}}J{{/ja}}", "yenE",
          "flags and language");
    shows(a, "<link href=\"{{asset.css/a.css}}\">", "<link href=\"/static/css/a.12ab.css\">",
          "assets by their hashed name");
    shows(a, "{{#_}}A & B\n  {{text}}{{/_}}", "A &amp; B &lt;b&gt;&amp;&quot;&#39;&lt;/b&gt; 名",
          "words are text, values among them");
    shows(a, "<input{{#flag}} checked{{/flag}} title=\"a{{#flag}} b{{/flag}}\">",
          "<input checked title=\"a b\">", "sections inside a tag");
}

static void test_refusals(void)
{
    refused("{{nonesuch}}", "a name of no view");
    refused("{{one.nonesuch}}", "a member of no view");
    refused("{{text.iso}}", "a time's form of a text");
    refused("{{#rows}}{{other}}{{/rows}}", "a name of no view in a list");
    refused("{{rows}}", "a list as text");
    refused("{{{text}}}", "triple braces");
    refused("{{&text}}", "an ampersand");
    refused("{{=<% %>=}}", "new delimiters");
    refused("{{#text}}", "an open section");
    refused("{{text", "an open tag");
    refused("{{/text}}", "a section closed only");
    refused("{{>missing}}", "a missing partial");
    refused("{{>page}}", "a partial that includes itself");
    refused("{{>../secret}}", "a partial outside the folder");
    refused("{{asset.css/b.css}}", "a missing asset");
    refused("{{#_}}a <b>c</b>{{/_}}", "tags among words");
    refused("{{#_}}a {{#flag}}b{{/flag}}{{/_}}", "sections among words");
    refused("<a href=\"{{text}}\">", "an address of ordinary text");
    refused("<a href={{url}}>", "an unquoted value");
    refused("<a href='{{url}}'>", "single quotes");
    refused("<{{word}}>", "a tag's name");
    refused("<p {{word}}=\"x\">", "an attribute's name");
    refused("<p {{#flag}}tit{{/flag}}le=\"x\">", "a name glued together");
    refused("<p x{{#flag}}{{/flag}}y=\"x\">", "a name glued over a section");
    refused("<script>{{text}}</script>", "a value in a script");
    refused("<script>let a = 1;</script>", "a script's body");
    refused("<style>p {}</style>", "a style's body");
    refused("<p onclick=\"x()\">", "an event handler");
    refused("<p style=\"color:red\">", "a style attribute");
    refused("<!-- {{text}} -->", "a value in a comment");
    refused("{{#flag}}<p title=\"{{/flag}}x\">", "a section that ends inside a value");
    refused("<p title=\"x", "an open tag at the end");
    refused("a < b", "a bare less-than sign");
    refused("<p title=\"{{html}}\">", "HTML in an attribute");
}

static void test_layout(struct arena *a)
{
    const struct view *views[] = { &page_view, &text_view, NULL };
    struct page_error errors[] = { { STR("pin"), STR("<wrong>") } };
    struct page_site site = { .provider = STR("CA") };
    struct page_context page = {
        .csrf = STR("tok"), .site = &site, .errors = errors, .error_count = 1
    };
    struct all v = values();
    struct template_set *set;
    struct buf out = buf_init(1 << 20), small = buf_init(8);

    write_file("layout.html",
               "<title>{{>title}}</title>{{csrf}}{{^who}}-{{/who}}{{#wide}}W{{/wide}}"
               "{{>page}}{{site.provider}}");
    write_file("page.html", "{{csrf}}{{#error.pin}}[{{error.pin}}]{{/error.pin}}"
                            "{{^error.x}}fine{{/error.x}}{{>part}}");
    write_file("part.html", "({{number}})");
    write_file("mail.txt", "{{text}} {{#_}}A & B{{/_}}\n");
    if (template_set_new(&params, &set) != E_OK)
        return;
    is_err(template_set_add(set, views), E_OK, "a layout and a text mail compile");
    v.text = STR("<T>");
    is_err(template_set_render(set, &page_view, LANG_JA, &page, &v, a, &out), E_OK, "a page");
    is_str(buf_str(&out),
           "<title>Title of &lt;T&gt;</title>tok-Wtok[&lt;wrong&gt;]fine(-9223372036854775808)CA",
           "the layout has the page's values, the page has both");
    buf_reset(&out);
    is_err(template_set_render(set, &text_view, LANG_EN, NULL, &v, a, &out), E_OK, "a mail");
    is_str(buf_str(&out), "<T> A & B\n", "text mails are not escaped");
    is_err(template_set_render(set, &page_view, LANG_JA, &page, &v, a, &small), E_LIMIT,
           "a full buffer is noticed");
    is_err(template_set_render(set, &page_view, LANG_JA, NULL, &v, a, &out), E_INTERNAL,
           "a page needs its context");
    is_err(template_set_render(set, &bare_view, LANG_JA, NULL, &v, a, &out), E_INTERNAL,
           "a view that was not added is not shown");
    buf_free(&out);
    buf_free(&small);
    template_set_free(set);
}

static void test_helpers(struct arena *a)
{
    struct page_pager p = page_pager_make(a, STR("/d"), STR("q=x"), 2, 50, 120);
    struct page_sort s = page_sort_make(a, STR("/d"), STR(""), STR("name"), "name");

    ok(p.first == 51 && p.last == 100 && p.pages == 3, "a pager counts");
    is_str(p.next_url, "/d?q=x&page=3", "a pager links to the next page");
    p = page_pager_make(a, STR("/d"), STR(""), 9, 50, 0);
    ok(p.page == 1 && p.first == 0 && p.last == 0 && p.next_url.n == 0, "an empty list has a page");
    is_str(s.url, "/d?sort=-name", "a sorted column turns round");
    ok(strcmp(s.aria, "ascending") == 0, "and says how it is sorted");
}

static void hostile_url(struct arena *a, struct str url, const char *want, const char *name)
{
    const struct view *views[] = { &bare_view, NULL };
    struct all v = values();
    struct template_set *set;
    struct buf out = buf_init(1 << 16);

    v.url = url;
    write_file("page.html", "<a href=\"{{url}}\">");
    if (template_set_new(&params, &set) == E_OK && template_set_add(set, views) == E_OK)
        is_err(template_set_render(set, &bare_view, LANG_EN, NULL, &v, a, &out), E_OK, name);
    is_str(buf_str(&out), want, name);
    buf_free(&out);
    template_set_free(set);
}

int main(void)
{
    static const char *const files[] = { "layout.html", "page.html", "part.html", "mail.txt" };
    struct arena *a = arena_new(1 << 24);
    char path[256];

    if (mkdtemp(dir) == NULL)
        return 1;
    test_values(a);
    test_refusals();
    test_layout(a);
    test_helpers(a);
    hostile_url(a, STR("javascript:alert(1)"), "<a href=\"#\">", "a script address becomes #");
    hostile_url(a, STR("//evil.example"), "<a href=\"#\">", "a host-relative address becomes #");
    hostile_url(a, STR("/\\evil.example"), "<a href=\"#\">", "and with a backslash");
    hostile_url(a, STR("https://ok.example/\"x"), "<a href=\"https://ok.example/&quot;x\">",
                "a web address stays, escaped");
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s", dir, files[i]);
        unlink(path);
    }
    rmdir(dir);
    arena_free(a);
    return tap_done();
}
