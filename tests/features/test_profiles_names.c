/*
 * test_profiles_names.c - values of an application become names, or are refused with a reason and
 * the field: hygiene of names (P3-44; UTS #39, RFC 5890, RFC 5321, BR 7.1.4), the order of the
 * subject, each finding in both languages.
 */
#include "tap.h"

#include "features/profiles/profiles.h"
#include "features/profiles/profiles_reasons_pages.h"

#include <stdlib.h>

static struct arena *a;
static struct profile user, server, device;

#define V(name, value)                                                                             \
    {                                                                                              \
        { name, sizeof(name) - 1 },                                                                \
        {                                                                                          \
            value, sizeof(value) - 1                                                               \
        }                                                                                          \
    }

static void load(const char *name, struct profile *p)
{
    const char *src = getenv("SHOMEI_SRCDIR");
    FILE *f = fopen(str_fmt(a, "%s/sql/profiles/%s.json", src ? src : ".", name).p, "rb");
    uint8_t *room = arena_alloc(a, 65536);

    if (!f)
        abort();
    size_t n = fread(room, 1, 65536, f);
    (void)fclose(f);
    is_err(profiles_check(a, (struct bytes){ room, n }, clock_now(), p), E_OK, name);
}

/* A profile, a field, a value, and the reason; "" when it is good. */
static const struct {
    const struct profile *profile;
    const char *field, *value, *reason;
} rows[] = {
    { &user, "name", "山田 太郎", "" },
    { &user, "name", "山田　太郎", "" },
    { &user, "name", "高橋 ヴィクトル", "" },
    { &user, "name", "John O'Neill-Müller", "" },
    { &user, "name", "ＡＢＣ 株式会社", "" },
    { &user, "name", "ABC商事カンパニー", "" },
    { &user, "name", "Иван Петров", "" },
    { &user, "name", "홍길동", "" },
    { &user, "name", "Ιωάννης", "" },
    { &user, "name", "サーバー・管理", "" },
    /* BR: hygiene; UTR #36: what cannot be seen or turns the text around */
    { &user, "name", "yamada\xe2\x80\xaeoratˇ", "value-characters" }, /* right-to-left override */
    { &user, "name", "山田\xe2\x80\x8b太郎", "value-characters" },    /* zero width space */
    { &user, "name", "山田\xe2\x81\xa6太郎", "value-characters" },    /* isolate */
    { &user, "name",
      "yama\xc2\xad"
      "da",
      "value-characters" }, /* soft hyphen */
    { &user, "name",
      "yama\x01"
      "da",
      "value-characters" },
    { &user, "name",
      "yama\x7f"
      "da",
      "value-characters" },
    { &user, "name", "yama\nda", "value-characters" },
    { &user, "name",
      "yama\xc2\xa0"
      "da",
      "value-characters" }, /* no-break space */
    { &user, "name",
      "yama\xe3\x85\xa4"
      "da",
      "value-characters" }, /* Hangul filler */
    { &user, "name",
      "yama\xee\x80\x80"
      "da",
      "value-characters" }, /* private use */
    { &user, "name",
      "yama\xff"
      "da",
      "value-characters" },                                    /* not UTF-8 */
    { &user, "name", "カ\xe3\x82\x99ス", "value-characters" }, /* ガ in two pieces */
    { &user, "name", "Andre\xcc\x81", "value-characters" },    /* é in two pieces */
    { &user, "name", "ガス André", "" },
    { &user, "name", " yamada", "value-spaces" },
    { &user, "name", "yamada ", "value-spaces" },
    { &user, "name", "　山田", "value-spaces" },
    { &user, "name", "yamada  taro", "value-spaces" },
    /* UTS #39 5.2: homographs */
    { &user, "name", "Yаmada", "value-scripts" },  /* Cyrillic a */
    { &user, "name", "Αpple", "value-scripts" },   /* Greek alpha */
    { &user, "name", "ΑРPLE", "value-scripts" },   /* Greek and Cyrillic */
    { &user, "name", "Ｙamada", "value-scripts" }, /* full width beside ASCII */
    { &user, "name", "𝐘amada", "value-scripts" },  /* a letter of formulas */
    { &user, "name", "山田Иван", "value-scripts" },
    { &user, "name", "1234567890123456789012345678901234567890123456789012345678901234", "" },
    { &user, "name", "12345678901234567890123456789012345678901234567890123456789012345",
      "value-too-long" },
    { &user, "name", "", "value-missing" },
    /* RFC 5321 4.1.2 */
    { &user, "email", "taro@example.jp", "" },
    { &user, "email", "taro+x.y_z@sub.example.co.jp", "" },
    { &user, "email", "taro", "value-email" },
    { &user, "email", "@example.jp", "value-email" },
    { &user, "email", "taro@", "value-email" },
    { &user, "email", "taro@localhost", "value-email" },
    { &user, "email", "ta..ro@example.jp", "value-email" },
    { &user, "email", ".taro@example.jp", "value-email" },
    { &user, "email", "taro.@example.jp", "value-email" },
    { &user, "email", "taro@ex ample.jp", "value-email" },
    { &user, "email", "taro@a@example.jp", "value-email" },
    { &user, "email", "taro@-example.jp", "value-email" },
    { &user, "email", "taro@example.jp.", "value-email" },
    { &user, "email", "太郎@example.jp", "value-email" },
    { &user, "email", "a,b@example.jp", "value-email" },
    { &user, "email", "\"a b\"@example.jp", "value-email" },
    /* RFC 5890, BR 7.1.4.2.1 */
    { &server, "host", "www.example.jp", "" },
    { &server, "host", "WWW.Example.JP", "" },
    { &server, "host", "*.example.jp", "" },
    { &server, "host", "xn--wgv71a119e.jp", "" }, /* 日本語.jp */
    { &server, "host", "a.1x.example", "" },
    { &server, "host", "w_w.example.jp", "value-dns-underscore" },
    { &server, "host", "www.example.jp.", "value-dns-dot" },
    { &server, "host", ".example.jp", "value-dns-dot" },
    { &server, "host", "www..example.jp", "value-dns-dot" },
    { &server, "host", "localhost", "value-dns" },
    { &server, "host", "-a.example.jp", "value-dns" },
    { &server, "host", "a-.example.jp", "value-dns" },
    { &server, "host", "a b.example.jp", "value-dns" },
    { &server, "host", "192.0.2.1", "value-dns" },
    { &server, "host", "例え.jp", "value-dns" },
    { &server, "host", "a.*.example.jp", "value-wildcard" },
    { &server, "host", "w*.example.jp", "value-wildcard" },
    { &server, "host", "ab--c.example.jp", "value-dns-label" },
    { &server, "host", "xn--a.example.jp", "value-dns-label" },
    { &server, "host", "xn--abc-.example.jp", "value-dns" },
    { &server, "host", "xn--99999999.jp", "value-dns-label" },
    { &server, "host", "xn--pple-43d.com", "value-scripts" }, /* аpple with a Cyrillic а */
    { &device, "host", "*.example.jp", "value-wildcard" },
    { &server, "more",
      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example.jp", "value-dns" },
    { &server, "address", "192.0.2.1", "" },
    { &server, "address", "2001:db8::1", "" },
    { &server, "address", "192.0.2.256", "value-ip" },
    { &server, "address", "192.0.2.0/24", "value-ip" },
    { &server, "address", "::g", "value-ip" },
    { &device, "uri", "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "" },
    { &device, "uri", "https://example.jp:8443/id", "" },
    { &device, "uri", "https://[2001:db8::1]/id", "" },
    { &device, "uri", "example.jp/id", "value-uri" },
    { &device, "uri", "https:///id", "value-uri" },
    { &device, "uri", "https://user:x@example.jp/", "value-uri" },
    { &device, "uri", "https://example.jp:x@evil.example/", "value-uri" },
    { &device, "uri", "https://example.jp:443@evil.example/", "value-uri" },
    { &device, "uri", "https://[2001:db8::1]@evil.example/", "value-uri" },
    { &device, "uri", "https://[2001:db8::1].evil.example/", "value-uri" },
    { &device, "uri", "https://example.jp:443443/", "value-uri" },
    { &device, "uri", "https://localhost/", "value-uri" },
    { &device, "uri", "https://example.jp/a b", "value-uri" },
    { &device, "uri", "1http://example.jp/", "value-uri" },
    { &device, "serial", "AB-12345", "" },
    { &device, "serial", "製造 1", "name-bad-character" }, /* PrintableString */
    { &device, "unknown", "x", "value-unknown" },
};

static enum err compose(const struct profile *p, const struct profiles_value *v, size_t n,
                        struct name *subject, struct x509_san **san, size_t *san_n,
                        struct str *field)
{
    return profiles_compose(p, v, n, a, subject, san, san_n, field);
}

static void each_value(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct profile *p = rows[i].profile;
        struct profiles_value v[8];
        struct name subject;
        struct x509_san *san;
        struct str field;
        size_t n = 0, san_n;

        for (size_t k = 0; k < p->fields_n; k++)
            if (p->fields[k].required && !str_eq_z(p->fields[k].name, rows[i].field))
                v[n++] = (struct profiles_value){
                    p->fields[k].name, p->fields[k].kind == PROFILES_EMAIL ? STR("a@b.example")
                                       : p->fields[k].kind == PROFILES_DNS ? STR("b.example")
                                                                           : STR("x")
                };
        v[n++] = (struct profiles_value){ str_z(rows[i].field), str_z(rows[i].value) };
        enum err err = compose(p, v, n, &subject, &san, &san_n, &field);
        const char *reason = err == E_OK ? "" : fault_current()->reason;
        bool good =
            strcmp(reason, rows[i].reason) == 0 && (err == E_OK || str_eq_z(field, rows[i].field));
        ok(good, "%s \"%s\": %s", rows[i].field, str_printable(a, str_z(rows[i].value), 80).p,
           rows[i].reason);
        if (!good)
            tap_note("%s (%s) at %s", reason, fault_current()->detail, field.p);
        fault_clear();
    }
}

static void names_of_a_server(void)
{
    static const struct profiles_value v[] = {
        V("host", "WWW.Example.JP"),   V("organization", "株式会社さくら"),
        V("more", "www.example.jp"),   V("more", "Mail.example.jp"),
        V("address", "2001:DB8:0::1"), V("more", "")
    };
    struct name subject;
    struct x509_san *san;
    struct str field;
    struct bytes der;
    size_t n;

    is_err(compose(&server, v, 6, &subject, &san, &n, &field), E_OK, "names of a server");
    is_err(name_build(&subject, a, &der), E_OK, "its subject");
    is_str(name_text(a, der), "CN=www.example.jp,O=株式会社さくら,C=JP",
           "in the order of the profile; CN has the very bytes of the first name (BR 7.1.4.3)");
    is_int((int64_t)n, 3, "a name that stands there already is not repeated");
    is_str(san[0].value, "www.example.jp", "host in lower case");
    is_str(san[1].value, "mail.example.jp", "another one");
    ok(san[2].kind == X509_SAN_IP && str_eq_z(san[2].value, "2001:db8::1"),
       "an address in its form");
}

static void repeated(void)
{
    static const struct profiles_value twice[] = { V("name", "A"), V("name", "B"),
                                                   V("email", "a@b.example"),
                                                   V("organization", "x") };
    struct profiles_value many[PROFILES_VALUES_MAX];
    struct name subject;
    struct x509_san *san;
    struct str field;
    size_t n;

    is_err(compose(&user, twice, 4, &subject, &san, &n, &field), E_INPUT, "one name, not two");
    ok(strcmp(fault_current()->reason, "value-repeated") == 0 && str_eq_z(field, "name"),
       "and why");
    many[0] = (struct profiles_value){ STR("host"), STR("a.example") };
    many[1] = (struct profiles_value){ STR("organization"), STR("x") };
    for (size_t i = 2; i < PROFILES_VALUES_MAX; i++)
        many[i] = (struct profiles_value){ STR("more"), str_fmt(a, "h%zu.example", i) };
    is_err(compose(&server, many, 33, &subject, &san, &n, &field), E_OK, "32 names");
    is_err(compose(&server, many, 34, &subject, &san, &n, &field), E_INPUT, "33 are too many");
    is_str(str_z(fault_current()->reason), "value-too-many", "and why");
    fault_clear();
}

/* Every code has words, in Japanese too. */
static void words(void)
{
    struct msg text;

    is_err(message_load(
               str_fmt(a, "%s/po", getenv("SHOMEI_SRCDIR") ? getenv("SHOMEI_SRCDIR") : ".").p),
           E_OK, "catalogue");
    for (size_t i = 0; profiles_reasons_code(i); i++) {
        bool found = profiles_reasons_text(profiles_reasons_code(i), &text);
        ok(found && !str_eq(message_text(LANG_JA, text), message_text(LANG_EN, text)),
           "%s in both languages", profiles_reasons_code(i));
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].reason[0] && !profiles_reasons_text(rows[i].reason, &text))
            ok(false, "%s has words", rows[i].reason);
    ok(!profiles_reasons_text("nonsense", &text), "and nothing else has");
    message_unload();
}

int main(void)
{
    a = arena_new(64u << 20);
    load("user-auth", &user);
    load("tls-private", &server);
    load("device", &device);
    each_value();
    names_of_a_server();
    repeated();
    words();
    arena_free(a);
    return tap_done();
}
