/*
 * test_http_parts.c - the pieces of http/ by themselves: cookies (with the public http-state
 * cases), multipart, parameters, languages, rates, static files.
 */
#include "base/json.h"
#include "http/bind.h"
#include "http/cookie.h"
#include "http/csrf.h"
#include "http/form.h"
#include "http/lang.h"
#include "http/lease.h"
#include "http/multipart.h"
#include "http/ratelimit.h"
#include "http/static.h"
#include "http/text.h"
#include "tap.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static struct arena *arena;

/* --- cookies ---------------------------------------------------------------------------------- */

/* RFC 6265 5.4: what a user agent sends for these cookies; then read it back. */
static bool reads_back(const struct json *sent)
{
    struct str header = STR("");
    struct cookie c;
    size_t at = 0, n = 0;
    for (size_t i = 0; i < json_length(sent); i++) {
        const struct json *one = json_at(sent, i);
        header = str_fmt(arena, "%.*s%s%.*s=%.*s", STR_ARG(header), i ? "; " : "",
                         STR_ARG(json_get_str(one, "name")), STR_ARG(json_get_str(one, "value")));
    }
    for (; cookie_next(arena, header, &at, &c); n++) {
        const struct json *one = json_at(sent, n);
        if (!str_eq(c.name, json_get_str(one, "name")) ||
            !str_eq(c.value, json_get_str(one, "value")))
            return false;
    }
    return n == json_length(sent);
}

static struct bytes read_file(const char *path)
{
    FILE *file = fopen(path, "rbe");
    struct stat st;
    if (file == NULL || fstat(fileno(file), &st) != 0)
        return BYTES_ABSENT;
    uint8_t *p = arena_alloc(arena, (size_t)st.st_size + 1);
    size_t n = fread(p, 1, (size_t)st.st_size, file);
    fclose(file);
    /* Our JSON reader refuses NUL; one `received` value (not used here) holds it. */
    for (size_t i = 0; i + 6 <= n; i++)
        if (memcmp(p + i, "\\u0000", 6) == 0)
            p[i + 5] = '1';
    return (struct bytes){ p, n };
}

static void test_vectors(void)
{
    const char *source = getenv("SHOMEI_SRCDIR");
    char path[500];
    struct json *cases = NULL;
    size_t passed = 0;
    snprintf(path, sizeof(path), "%s/../shared/vectors/http-state/parser.json",
             source ? source : ".");
    struct bytes text = read_file(path);
    if (text.p == NULL) {
        tap_skip("http-state: ../shared/vectors/http-state is not here");
        return;
    }
    if (!ok(json_parse(text, &cases) == E_OK, "http-state: parser.json is read"))
        return;
    for (size_t i = 0; i < json_length(cases); i++) {
        const struct json *one = json_at(cases, i);
        if (reads_back(json_get(one, "sent")))
            passed++;
        else
            ok(false, "http-state %.*s", STR_ARG(json_get_str(one, "test")));
    }
    is_int((int64_t)passed, (int64_t)json_length(cases),
           "http-state: the `sent` pairs of all cases are read as they were sent");
    json_free(cases);
}

static void test_cookies(void)
{
    struct str h = STR("a=1; __Host-session=abc;b=2;; =x; c ; a=3");
    is_str(cookie_get(arena, h, "__Host-session"), "abc", "a cookie is found by its exact name");
    ok(str_absent(cookie_get(arena, h, "session")), "not by a part of it");
    ok(str_absent(cookie_get(arena, h, "a")), "one that was sent twice is not believed");
    is_str(cookie_make(arena, "__Host-x", STR("v"), 60, COOKIE_STRICT),
           "__Host-x=v; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=60", "Set-Cookie");
}

/* --- multipart -------------------------------------------------------------------------------- */

struct source {
    const char *p;
    size_t n, piece;
};

static enum err pull(void *ctx, void *p, size_t n, size_t *got)
{
    struct source *s = ctx;
    n = n < s->piece ? n : s->piece;
    *got = n < s->n ? n : s->n;
    memcpy(p, s->p, *got);
    s->p += *got;
    s->n -= *got;
    return E_OK;
}

/* All parts as "name:filename:data|". */
static enum err parse(const char *body, size_t piece, struct str *out)
{
    static struct multipart m;
    struct source s = { body, strlen(body), piece };
    struct multipart_part part;
    bool more = false;
    char data[100];
    *out = STR("");
    multipart_open(&m, arena, STR("XX"), pull, &s);
    for (;;) {
        size_t got = 1;
        TRY(multipart_next(&m, &part, &more));
        if (!more)
            return E_OK;
        *out = str_fmt(arena, "%.*s%.*s:%.*s:", STR_ARG(*out), STR_ARG(part.name),
                       STR_ARG(part.filename));
        while (got) {
            TRY(multipart_read(&m, data, sizeof(data), &got));
            *out = str_fmt(arena, "%.*s%.*s", STR_ARG(*out), (int)got, data);
        }
        *out = str_fmt(arena, "%.*s|", STR_ARG(*out));
    }
}

#define DISPOSITION "Content-Disposition: form-data; name="

static void test_multipart(void)
{
    static const char good[] =
        "--XX\r\n" DISPOSITION "a\r\n\r\none\r\n--XX  \r\n" DISPOSITION
        "\"b\"; filename=\"C:\\d\\f.pdf\"\r\nContent-Type: text/x\r\n\r\n"
        "x\r\n--X\r\n-- XX\r\n\r\n--XX\r\n" DISPOSITION "\"e\"\r\n\r\n\r\n--XX--\r\nepilogue";
    static const char *const bad[] = {
        "",
        "--XX",
        "--XX\r\n",
        "--XX\r\n" DISPOSITION "a\r\n\r\none",
        "--XX\r\n" DISPOSITION "a\r\n\r\none\r\n--X",
        "--XX\r\n" DISPOSITION "a\r\n\r\none\r\n--XXtra\r\n",
        "--XX\r\nContent-Type: text/plain\r\n\r\nx\r\n--XX--",
        "--XX\r\n" DISPOSITION "a; name=b\r\n\r\nx\r\n--XX--",
        "--XX\r\n" DISPOSITION "\"a\r\n\r\nx\r\n--XX--",
        "--XX\r\n" DISPOSITION "a\r\nContent-Transfer-Encoding: base64\r\n\r\nx\r\n--XX--",
        "--XX\r\nContent-Disposition: attachment; name=a\r\n\r\nx\r\n--XX--",
        "preamble\r\n--XX\r\n" DISPOSITION "a\r\n\r\none\r\n--XX--",
        "--XX\r\nno colon\r\n\r\nx\r\n--XX--",
    };
    struct str out;
    for (size_t piece = 1; piece < 200; piece += 33) {
        is_err(parse(good, piece, &out), E_OK, "a body in small pieces is read");
        is_str(out, "a::one|b:f.pdf:x\r\n--X\r\n-- XX\r\n|e::|", "with all its parts");
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        is_err(parse(bad[i], 1000, &out), E_INPUT, bad[i]);
    is_str(multipart_boundary(arena, STR("Multipart/Form-Data; charset=x; boundary=\"a b\"")),
           "a b", "a quoted boundary");
    ok(str_absent(multipart_boundary(arena, STR("multipart/form-data; boundary="))) &&
           str_absent(
               multipart_boundary(arena, STR("multipart/form-data; boundary=a; boundary=b"))) &&
           str_absent(multipart_boundary(arena, STR("multipart/mixed; boundary=a"))),
       "boundaries that are none");
}

/* --- parameters ------------------------------------------------------------------------------- */

enum colour { RED = 1, GREEN };
static const struct choice colours[] = { { "red", RED }, { "green", GREEN }, { NULL, 0 } };
struct all {
    struct str text, lines, token, mail, next;
    struct str *names;
    size_t names_n;
    int64_t number;
    struct account_id id;
    bool flag;
    enum colour colour;
    struct timestamp day;
    struct secret *pin;
};
static const struct param all_params[] = {
    PARAM_TEXT_OPT(struct all, text, 5),
    PARAM_MULTILINE_OPT(struct all, lines, 20),
    PARAM_TOKEN_OPT(struct all, token, 9),
    PARAM_EMAIL_OPT(struct all, mail),
    PARAM_PATH_OPT(struct all, next),
    PARAM_TEXTS(struct all, names, names_n, 1, 3, 2),
    PARAM_INT_OPT(struct all, number, -5, 5, 4),
    PARAM_ID_OPT(struct all, id),
    PARAM_FLAG(struct all, flag),
    PARAM_CHOICE_OPT(struct all, colour, colours, GREEN),
    PARAM_DATE_OPT(struct all, day),
    PARAM_SECRET_OPT(struct all, pin, 4, 8),
    PARAM_END,
};

/* Bind a form; the number of wrong fields, or -1 when it was refused whole. */
static int bind(const char *form, struct all *v)
{
    struct raws raws = { 0 };
    struct bind_result result = { 0 };
    char *text = arena_alloc(arena, strlen(form) + 1);
    memcpy(text, form, strlen(form));
    memset(v, 0, sizeof(*v));
    if (form_parse(arena, text, strlen(form), &raws) != E_OK ||
        bind_form(arena, all_params, &raws, false, v, &result) != E_OK)
        return -1;
    for (size_t i = 0; i < result.secrets_n; i++)
        secret_free(result.secrets[i]);
    return (int)result.errors_n;
}

static void test_params(void)
{
    static const char *const good[] = {
        "text=%E5%B1%B1%E7%94%B0%E5%A4%AA%E9%83%8E",
        "text=+a+",
        "lines=a%0D%0Ab%09c",
        "token=A.z_~-9",
        "mail=a.b%2Bc@x-y.example.jp",
        "next=/documents%3Fpage=2",
        "names=a&names=b",
        "number=-5",
        "id=9223372036854775807",
        "flag=on&colour=red",
        "day=2024-02-29",
        "pin=12345678",
        "number=&mail=&id=&day=",
    };
    static const char *const wrong[] = {
        "text=abcdef",
        "text=a%0Ab",
        "text=a%E2%80%AEb",
        "text=a%C2%85b",
        "text=a%EF%BF%BEb",
        "token=a/b",
        "mail=a@b@c",
        "mail=.a@b.jp",
        "mail=a@-b.jp",
        "next=//evil.test",
        "next=https://evil.test",
        "next=/%5Cevil.test",
        "names=a&names=b&names=c",
        "names=abcd",
        "number=6",
        "number=1.0",
        "number=+1",
        "number=99999999999999999999",
        "id=0",
        "id=-1",
        "id=1x",
        "flag=maybe",
        "colour=blue",
        "day=2023-02-29",
        "day=2024-13-01",
        "day=24-01-01",
        "pin=123",
        "pin=123456789",
    };
    static const char *const refused[] = {
        "text=%",   "text=%4",       "text=%zz", "text=%00",
        "text=%ff", "text=a&text=b", "other=1",  "text=%ED%A0%80"
    };
    struct all v;
    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
        is_int(bind(good[i], &v), 0, good[i]);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
        is_int(bind(wrong[i], &v), 1, wrong[i]);
    for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++)
        is_int(bind(refused[i], &v), -1, refused[i]);
    bind("text=+%E3%80%80a+&lines=a%0D%0Ab&names=x&names=y&number=-3&id=7&day=2026-11-20", &v);
    is_str(v.text, "a", "texts are trimmed, also of U+3000");
    is_str(v.lines, "a\nb", "line ends become LF");
    ok(v.names_n == 2 && str_eq_z(v.names[1], "y") && v.number == -3 && v.id.v == 7,
       "values arrive");
    is_int(v.colour, GREEN, "an absent choice has its fallback");
    is_int(timestamp_to_unix(v.day), 1795100400, "a date is midnight in Japan");
    ok(!v.flag && v.pin == NULL && str_absent(v.mail), "absent values are none");
}

/* --- the rest --------------------------------------------------------------------------------- */

static void test_csrf(void)
{
    struct secret *key = secret_random(32), *other = secret_random(32);
    struct bytes me = bytes_of_str(STR("session one")), you = bytes_of_str(STR("session two"));
    struct str t = csrf_token(arena, key, me);
    ok(csrf_check(arena, key, me, t), "a token fits its session");
    ok(!csrf_check(arena, key, you, t), "not another");
    ok(!csrf_check(arena, other, me, t), "not under another key");
    ok(!csrf_check(arena, key, me, str_sub(arena, t, 0, t.n - 4)), "not cut");
    ok(!csrf_check(arena, key, me, STR("")), "not empty");
    ok(csrf_origin_ours(STR("same-origin"), STR("https://a"), STR("https://a")) &&
           csrf_origin_ours(STR_ABSENT, STR_ABSENT, STR("https://a")) &&
           !csrf_origin_ours(STR("same-site"), STR_ABSENT, STR("https://a")) &&
           !csrf_origin_ours(STR_ABSENT, STR("null"), STR("https://a")) &&
           !csrf_origin_ours(STR_ABSENT, STR("http://a"), STR("https://a")),
       "Origin and Sec-Fetch-Site");
    secret_free(key);
    secret_free(other);
}

static void test_lang(void)
{
    static const struct {
        const char *header;
        enum lang lang;
    } cases[] = {
        { "", LANG_JA },
        { "ja", LANG_JA },
        { "en", LANG_EN },
        { "en-GB,ja;q=0.5", LANG_EN },
        { "ja-JP, en;q=0.9", LANG_JA },
        { "fr", LANG_JA },
        { "en;q=0", LANG_JA },
        { "en;q=0.5,ja;q=0.501", LANG_JA },
        { "eng", LANG_JA },
        { "EN", LANG_EN },
        { ",,;q=1,en", LANG_EN },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        ok(lang_accept(str_z(cases[i].header)) == cases[i].lang, "Accept-Language: %s",
           cases[i].header);
}

static void test_rates(void)
{
    static const struct rate rate = { "x", RATE_ADDRESS, 10, 60 * SECOND_US };
    struct timestamp half = { 90 * SECOND_US };
    is_int(ratelimit_window(&rate, half).us, 60 * SECOND_US, "windows begin at full multiples");
    ok(ratelimit_judge(&rate, (struct rate_counts){ 10, 0 }, half).allowed, "ten of ten");
    struct rate_verdict v = ratelimit_judge(&rate, (struct rate_counts){ 11, 0 }, half);
    ok(!v.allowed && v.retry_after_s == 30, "the eleventh waits for the next window");
    ok(ratelimit_judge(&rate, (struct rate_counts){ 5, 10 }, half).allowed &&
           !ratelimit_judge(&rate, (struct rate_counts){ 6, 10 }, half).allowed,
       "half of the window before counts at half time: no double burst at the edge");
    static const struct rate wide = { "y", RATE_ADDRESS, 600, 60 * SECOND_US };
    struct leases *t = lease_table_new();
    struct rate_key key = { "y", RATE_ADDRESS, STR("192.0.2.1"), { 0 }, 60 * SECOND_US, 6 };
    ok(lease_size(&rate) == 1 && lease_size(&wide) == 6, "only generous limits are leased");
    lease_keep(t, &key, 1);
    struct rate_key other = key, later = key;
    other.subject = STR("192.0.2.2");
    later.window.us = 60 * SECOND_US;
    ok(!lease_spend(t, &other) && !lease_spend(t, &later), "a lease is for one subject and window");
    ok(lease_spend(t, &key) && !lease_spend(t, &key), "and is spent once");
    lease_table_free(t);
    is_str(ratelimit_subject(arena, STR("2001:db8:1:2:3:4:5:6")), "2001:db8:1:2::/64",
           "IPv6 is counted by its /64");
    is_str(ratelimit_subject(arena, STR("192.0.2.1")), "192.0.2.1", "IPv4 as it is");
}

static void test_json(void)
{
    struct json *root = NULL;
    is_err(json_parse(bytes_of_str(STR("{\"pin\":\"135791")), &root), E_INPUT, "malformed JSON");
    ok(strstr(fault_current()->detail, "135791") == NULL, "is not quoted in what is logged");
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "wbe");
    if (file) {
        fputs(text, file);
        fclose(file);
    }
}

static void test_static(void)
{
    char dir[] = "/tmp/shomei-static-XXXXXX", path[100];
    struct static_files *s = NULL;
    struct static_file file;
    if (!ok(mkdtemp(dir) != NULL, "a folder"))
        return;
    snprintf(path, sizeof(path), "%s/a.css", dir);
    write_file(path, "body {}");
    if (!ok(static_open(dir, &s) == E_OK, "static files are read"))
        return;
    struct str url = static_url(s, STR("a.css"));
    is_str(url, "/static/a.62368a1a2925.css", "a name holds the hash of the contents");
    ok(static_find(s, url, &file) && file.hashed && file.data.n == 7 &&
           str_eq_z(file.type, "text/css; charset=utf-8"),
       "found by it");
    ok(static_find(s, STR("/static/a.css"), &file) && !file.hashed, "and by its plain name");
    ok(!static_find(s, STR("/static/../etc/passwd"), &file) &&
           !static_find(s, STR("/static/a.000000000000.css"), &file) &&
           str_absent(static_url(s, STR("b.css"))),
       "nothing else");
    static_close(s);
    unlink(path);
    rmdir(dir);
}

int main(void)
{
    arena = arena_new(64u << 20);
    test_vectors();
    test_cookies();
    test_multipart();
    test_params();
    test_csrf();
    test_lang();
    test_rates();
    test_json();
    test_static();
    arena_free(arena);
    return tap_done();
}
