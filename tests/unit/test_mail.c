/* test_mail.c - composing a mail (RFC 5322, 2045, 2046, 2047) and writing it into a directory. */
#include "tap.h"

#include "base/encoding.h"
#include "net/mail.h"

#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

static struct arena *a;

static struct mail_message sample(void)
{
    return (struct mail_message){
        .from = STR("Shomei <noreply@shomei.example>"),
        .to = STR("hanako@example.jp"),
        .subject = STR("Hello"),
        .text = STR("Hello\nworld\n"),
        .lang = STR("en"),
        .message_id = STR("token-1"),
        .number = 7,
        .date = { INT64_C(1795147509) * SECOND_US },
    };
}

static struct str compose(const struct mail_message *m)
{
    struct str s = STR_ABSENT;
    struct buf out = buf_init(1024 * 1024);
    if (mail_compose(m, &out) == E_OK && buf_to_str(&out, a, &s) != E_OK)
        s = STR_ABSENT;
    buf_free(&out);
    return s;
}

static bool has(struct str text, const char *what)
{
    return text.p && strstr(text.p, what) != NULL;
}

static void test_addresses(void)
{
    static const char *const good[] = { "a@b", "first.last+tag@mail.example.co.jp",
                                        "x_y-z@1.example" };
    static const char *const bad[] = {
        "",        "a",     "@b",     "a@",      "a b@c",         "a@b c",     "a@b\r\nBcc: x@y",
        "a@b,c@d", "<a@b>", "a@b>",   "\"a\"@b", ".a@b",          "a.@b",      "a..b@c",
        "a@.b",    "a@b.",  "a@b..c", "a@b@c",   "あ@example.jp", "a@例え.jp", "a@-b"
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        ok(mail_address_ok(str_z(good[i])), "an address: %s", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ok(!mail_address_ok(str_z(bad[i])), "no address: number %zu", i);
    char local[300];
    memset(local, 'a', sizeof local);
    snprintf(local + 65, sizeof local - 65, "@b");
    ok(!mail_address_ok(str_z(local)), "a local part of 65 characters");
}

static void test_plain(void)
{
    struct mail_message m = sample();
    is_str(compose(&m),
           "Date: Fri, 20 Nov 2026 04:05:09 +0000\r\n"
           "From: \"Shomei\" <noreply@shomei.example>\r\n"
           "To: <hanako@example.jp>\r\n"
           "Subject: Hello\r\n"
           "Message-ID: <token-1@shomei.example>\r\n"
           "Content-Language: en\r\n"
           "Auto-Submitted: auto-generated\r\n"
           "MIME-Version: 1.0\r\n"
           "Content-Type: text/plain; charset=UTF-8\r\n"
           "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
           "Hello\r\nworld\r\n",
           "a plain mail");
    m.from = STR("noreply@shomei.example");
    ok(has(compose(&m), "From: <noreply@shomei.example>\r\n"), "a sender without a name");
    m.from = STR("電子証明 <noreply@shomei.example>");
    ok(has(compose(&m), "From: =?UTF-8?B?6Zu75a2Q6Ki85piO?= <noreply@shomei.example>\r\n"),
       "a sender's Japanese name");
    m.from = STR("A \"B\" <noreply@shomei.example>");
    ok(has(compose(&m), "From: \"A \\\"B\\\"\" <"), "quotes in a name");
}

/* The encoded words of the Subject, decoded and joined; each is checked on the way. */
static struct str decode_subject(struct str mail, bool *form)
{
    struct buf out = buf_init(4096);
    struct str text = STR_ABSENT;
    const char *p = strstr(mail.p, "Subject: ") + 9;
    *form = true;
    for (;;) {
        const char *end = strstr(p, "\r\n");
        size_t n = (size_t)(end - p);
        struct bytes b = BYTES_ABSENT;
        *form = *form && n <= 75 && strncmp(p, "=?UTF-8?B?", 10) == 0 &&
                strncmp(end - 2, "?=", 2) == 0 &&
                base64_decode(a, str_of(a, p + 10, n - 12), &b) == E_OK &&
                utf8_valid((const char *)b.p, b.n);
        buf_add_bytes(&out, b);
        if (end[2] != ' ')
            break;
        p = end + 3;
    }
    if (buf_to_str(&out, a, &text) != E_OK)
        text = STR_ABSENT;
    buf_free(&out);
    return text;
}

static size_t longest_line(struct str s)
{
    size_t longest = 0, from = 0;
    for (size_t i = 0; i + 1 < s.n; i++)
        if (s.p[i] == '\r' && s.p[i + 1] == '\n') {
            longest = i - from > longest ? i - from : longest;
            from = i + 2;
        }
    return longest;
}

static void test_subject(void)
{
    static const char *const subjects[] = {
        "電子署名が完了しました",
        "【重要】電子証明書の有効期限が近づいています。更新のお手続きをお願いいたします（署名サービ"
        "ス）",
        "𠮷野家の証明書 🖋 emoji and 漢字 mixed, long enough for several words",
        "An ASCII subject that is rather longer than what fits comfortably on one line of a mail",
        "looks =?UTF-8?B?like?= an encoded word",
    };
    for (size_t i = 0; i < sizeof subjects / sizeof subjects[0]; i++) {
        bool form = false;
        struct mail_message m = sample();
        m.subject = str_z(subjects[i]);
        is_str(decode_subject(compose(&m), &form), subjects[i], "a subject comes back");
        ok(longest_line(compose(&m)) <= 76, "on lines of at most 76 characters");
        ok(form, "in words of at most 75 characters, each whole UTF-8");
    }
}

static void test_injection(void)
{
    static const char *const lines[] = { "Hi\r\nBcc: victim@example.com", "Hi\nBcc: x@y",
                                         "Hi\rX: y", "tab\there" };
    struct mail_message m;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        m = sample();
        m.subject = str_z(lines[i]);
        ok(str_absent(compose(&m)), "no header through the subject");
        m = sample();
        m.to = str_fmt(a, "a@b%s", lines[i] + 2);
        ok(str_absent(compose(&m)), "no header through the recipient");
        m = sample();
        m.from = str_fmt(a, "%s <a@b>", lines[i]);
        ok(str_absent(compose(&m)), "no header through the sender");
    }
    m = sample();
    m.message_id = STR("a>\r\nX: y");
    ok(str_absent(compose(&m)), "no header through the identifier");
    m = sample();
    m.lang = STR("en\r\nX: y");
    ok(str_absent(compose(&m)), "no header through the language");
}

static void test_bodies(void)
{
    struct mail_message m = sample();
    m.text = STR("a=b \nline with a space at its end \ttab\t\n.\n..dots\nlast");
    struct str s = compose(&m);
    ok(has(s, "a=3Db=20\r\nline with a space at its end \ttab=09\r\n.\r\n..dots\r\nlast\r\n"),
       "quoted-printable: '=', spaces at line ends, a last line without an end");
    char line[3000];
    memset(line, 'x', sizeof line - 1);
    line[sizeof line - 1] = '\0';
    m.text = str_z(line);
    ok(longest_line(compose(&m)) <= 76, "a line of 3000 characters is folded");
    m.text = STR("日本語の本文です。\r\n改行\n");
    m.html = STR("<p>日本語の<b>本文</b>です。</p>");
    m.lang = STR("ja");
    s = compose(&m);
    ok(has(s,
           "Content-Type: multipart/alternative; boundary=\"=_token-1\"\r\n\r\n--=_token-1\r\n"
           "Content-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"),
       "two alternatives, the plain one first");
    ok(has(s, "\r\n--=_token-1\r\nContent-Type: text/html; charset=UTF-8\r\n"), "HTML second");
    ok(s.n > 16 && str_ends(s, STR("\r\n--=_token-1--\r\n")), "and an end");
    ok(longest_line(s) <= 76, "lines of at most 76 characters");
    ok(!has(s, "\n\n") && !has(s, "\r\r"), "every line ends with CRLF");
}

static size_t count_files(const char *dir)
{
    size_t n = 0;
    struct dirent *e;
    DIR *d = opendir(dir);
    while (d && (e = readdir(d)) != NULL)
        n += e->d_name[0] != '.' || strstr(e->d_name, ".part") != NULL;
    if (d)
        (void)closedir(d);
    return n;
}

static void test_directory(void)
{
    char dir[] = "/tmp/shomei-mail.XXXXXX";
    struct mail_message m = sample();
    struct mail_route r = { .dir = dir };
    if (!mkdtemp(dir))
        abort();
    is_err(mail_deliver(&r, &m), E_OK, "into a directory");
    const char *file = str_fmt(a, "%s/000007.eml", dir).p;
    ok(access(file, R_OK) == 0, "named by its number");
    is_err(mail_deliver(&r, &m), E_OK, "the same mail again");
    is_int((int64_t)count_files(dir), 1, "is the same file, nothing is left over");
    m.message_id = STR("token-2");
    m.text = STR("another installation's mail");
    is_err(mail_deliver(&r, &m), E_OK, "another mail of that number");
    is_int((int64_t)count_files(dir), 2, "gets a file of its own");
    const char *second = str_fmt(a, "%s/000007-token-2.eml", dir).p;
    ok(unlink(file) == 0 && unlink(second) == 0 && rmdir(dir) == 0, "both are there");
    is_err(mail_deliver(&r, &m), E_BACKEND, "no directory: later");
    r.dir = "";
    is_err(mail_deliver(&r, &m), E_BACKEND, "nothing configured: later");
    m.to = STR("nobody");
    is_err(mail_deliver(&r, &m), E_INPUT, "a malformed recipient: never");
}

int main(void)
{
    a = arena_new(16u * 1024 * 1024);
    test_addresses();
    test_plain();
    test_subject();
    test_injection();
    test_bodies();
    test_directory();
    arena_free(a);
    return tap_done();
}
