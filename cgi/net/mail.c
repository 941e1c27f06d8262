/* mail.c - delivery, see mail.h. */
#include "net/mail.h"

#include "base/log.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAIL_MAX = 4 * 1024 * 1024, CONNECT_SECONDS = 15, TOTAL_SECONDS = 50, PASSWORD_MAX = 512 };

static bool atom_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~.", c) != NULL);
}

static bool domain_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.';
}

/* dot-atom "@" domain (RFC 5322 3.4.1): quoted local parts and comments are not worth their risk */
bool mail_address_ok(struct str s)
{
    size_t at = str_find(s, '@', 0);
    if (str_absent(s) || at == SIZE_MAX || at == 0 || at > 64 || s.n > 254 || at + 1 >= s.n)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        bool dot = s.p[i] == '.';
        bool edge = i == 0 || i + 1 == at || i == at + 1 || i + 1 == s.n || s.p[i + 1] == '.';
        if (i != at && !(i < at ? atom_char(s.p[i]) : domain_char(s.p[i])))
            return false;
        if (dot && edge)
            return false;
    }
    return s.p[at + 1] != '-';
}

/* --- into a directory --- */

static enum err write_all(int fd, struct bytes b, const char *path)
{
    while (b.n > 0) {
        ssize_t n = write(fd, b.p, b.n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return FAIL(E_BACKEND, "mail-disk", "%s: %s", path, strerror(errno));
        b.p += n;
        b.n -= (size_t)n;
    }
    if (fsync(fd) != 0)
        return FAIL(E_BACKEND, "mail-disk", "%s: %s", path, strerror(errno));
    return E_OK;
}

static enum err write_new(const char *path, struct bytes content)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return FAIL(E_BACKEND, "mail-disk", "%s: %s", path, strerror(errno));
    enum err err = write_all(fd, content, path);
    if (close(fd) != 0 && err == E_OK)
        err = FAIL(E_BACKEND, "mail-disk", "%s: %s", path, strerror(errno));
    return err;
}

/* Is this mail there already: written by an attempt that died before it could say so? */
static bool same_content(const char *path, struct bytes content)
{
    bool same = true;
    FILE *f = fopen(path, "rbe");
    if (!f)
        return false;
    for (size_t i = 0; i < content.n && same; i++)
        same = getc(f) == content.p[i];
    same = same && getc(f) == EOF;
    (void)fclose(f);
    return same;
}

static enum err sync_dir(const char *dir)
{
    enum err err = E_OK;
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fsync(fd) != 0)
        err = FAIL(E_BACKEND, "mail-disk", "%s: %s", dir, strerror(errno));
    if (fd >= 0)
        (void)close(fd);
    return err;
}

static enum err into_dir(struct arena *a, const char *dir, const struct mail_message *m,
                         struct bytes content)
{
    unsigned long long number = m->number;
    struct str part = str_fmt(a, "%s/.%s.part", dir, m->message_id.p);
    struct str file = str_fmt(a, "%s/%06llu.eml", dir, number);
    if (same_content(file.p, content))
        return sync_dir(dir);
    /* the lease of its job sees to it that nobody else writes this number now */
    if (access(file.p, F_OK) == 0) /* another installation's */
        file = str_fmt(a, "%s/%06llu-%s.eml", dir, number, m->message_id.p);
    enum err err = write_new(part.p, content);
    if (err == E_OK && rename(part.p, file.p) != 0)
        err = FAIL(E_BACKEND, "mail-disk", "%s: %s", file.p, strerror(errno));
    if (err == E_OK)
        return sync_dir(dir);
    (void)unlink(part.p);
    return err;
}

/* --- over SMTP --- */

struct source {
    struct bytes rest;
};

static size_t feed(char *to, size_t size, size_t count, void *arg)
{
    struct source *s = arg;
    size_t n = size * count < s->rest.n ? size * count : s->rest.n;
    memcpy(to, s->rest.p, n);
    s->rest.p += n;
    s->rest.n -= n;
    return n;
}

/*
 * 5yz is final (RFC 5321 4.2.1) when it judges this mail; when it judges us (not logged in, no TLS,
 * no service, syntax) it is the operator's matter, and the mail waits.
 */
static bool final_refusal(CURLcode code, long smtp)
{
    if (code == CURLE_LOGIN_DENIED || code == CURLE_USE_SSL_FAILED || smtp < 550 || smtp > 599)
        return false;
    return code == CURLE_SEND_ERROR || code == CURLE_WEIRD_SERVER_REPLY || code == CURLE_RECV_ERROR;
}

static enum err judge(CURL *curl, CURLcode code, const char *text)
{
    long smtp = 0;
    if (code == CURLE_OK)
        return E_OK;
    (void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &smtp);
    if (final_refusal(code, smtp))
        return FAIL(E_INPUT, "mail-refused", "SMTP %ld", smtp);
    return FAIL(E_BACKEND, "mail-deferred", "SMTP %ld, curl %d %s", smtp, (int)code,
                text[0] ? text : curl_easy_strerror(code));
}

static CURLcode set_login(CURL *curl, const struct mail_route *r)
{
    char word[PASSWORD_MAX] = "";
    if (!r->user || r->user[0] == '\0')
        return CURLE_OK;
    CURLcode code = curl_easy_setopt(curl, CURLOPT_USERNAME, r->user);
    if (r->password && secret_size(r->password) < sizeof word)
        memcpy(word, secret_bytes(r->password).p, secret_size(r->password));
    if (code == CURLE_OK)
        code = curl_easy_setopt(curl, CURLOPT_PASSWORD, word);
    secret_wipe(word, sizeof word);
    return code;
}

static CURLcode set_peer(CURL *curl, const struct mail_route *r, struct arena *a)
{
    CURLcode code;
    struct str url = str_z(r->smtp_url);
    if (r->hello)
        url = str_fmt(a, "%s%s%s", r->smtp_url, str_ends(url, STR("/")) ? "" : "/", r->hello);
    if ((code = curl_easy_setopt(curl, CURLOPT_URL, url.p)) != CURLE_OK ||
#if LIBCURL_VERSION_NUM >= 0x075500
        (code = curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps")) != CURLE_OK ||
#else
        (code = curl_easy_setopt(curl, CURLOPT_PROTOCOLS, CURLPROTO_SMTP | CURLPROTO_SMTPS)) !=
            CURLE_OK ||
#endif
        (code = curl_easy_setopt(curl, CURLOPT_USE_SSL,
                                 (long)(r->tls_required ? CURLUSESSL_ALL : CURLUSESSL_TRY))) !=
            CURLE_OK ||
        (code = curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2)) !=
            CURLE_OK ||
        (code = curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L)) != CURLE_OK ||
        (code = curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS)) !=
            CURLE_OK ||
        (code = curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)TOTAL_SECONDS)) != CURLE_OK)
        return code;
    if (r->ca_file && (code = curl_easy_setopt(curl, CURLOPT_CAINFO, r->ca_file)) != CURLE_OK)
        return code;
    return set_login(curl, r);
}

/* The bare address of "Name <address>". */
static struct str bare(struct arena *a, struct str from)
{
    size_t open = str_find(from, '<', 0);
    return open == SIZE_MAX ? from : str_sub(a, from, open + 1, from.n - 1);
}

/* The envelope's sender (RFC 5321 4.4): who hears of it when the mail cannot be delivered. */
static struct str sender(struct arena *a, const struct mail_route *r, const struct mail_message *m)
{
    const char *at = r->return_path ? strchr(r->return_path, '@') : NULL;

    if (at == NULL)
        return bare(a, m->from);
    return str_fmt(a, "%.*s+%s%s", (int)(at - r->return_path), r->return_path, m->message_id.p, at);
}

static enum err over_smtp(struct arena *a, const struct mail_route *r, const struct mail_message *m,
                          struct bytes content)
{
    char text[CURL_ERROR_SIZE] = "";
    struct source source = { content };
    struct curl_slist *to = NULL;
    CURLcode code;
    enum err err;

    CURL *curl = curl_easy_init();
    to = curl_slist_append(NULL, str_fmt(a, "<%s>", m->to.p).p);
    if (!curl || !to) {
        err = FAIL(E_BACKEND, "mail-deferred", "curl_easy_init");
        goto out;
    }
    if ((code = curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, text)) != CURLE_OK ||
        (code = set_peer(curl, r, a)) != CURLE_OK ||
        (code = curl_easy_setopt(curl, CURLOPT_MAIL_FROM,
                                 str_fmt(a, "<%s>", sender(a, r, m).p).p)) != CURLE_OK ||
        (code = curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, to)) != CURLE_OK ||
        (code = curl_easy_setopt(curl, CURLOPT_READFUNCTION, feed)) != CURLE_OK ||
        (code = curl_easy_setopt(curl, CURLOPT_READDATA, &source)) != CURLE_OK ||
        (code = curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L)) != CURLE_OK) {
        err = FAIL(E_BACKEND, "mail-deferred", "curl %d", (int)code);
        goto out;
    }
    err = judge(curl, curl_easy_perform(curl), text);
out:
    curl_slist_free_all(to);
    curl_easy_cleanup(curl);
    return err;
}

enum err mail_deliver(const struct mail_route *r, const struct mail_message *m)
{
    struct buf content = buf_init(MAIL_MAX);
    struct arena *a = arena_new(64u * 1024);
    enum err err = mail_compose(m, &content);
    if (err != E_OK)
        goto out;
    if (r->smtp_url && r->smtp_url[0])
        err = over_smtp(a, r, m, buf_bytes(&content));
    else if (r->dir && r->dir[0])
        err = into_dir(a, r->dir, m, buf_bytes(&content));
    else
        err = FAIL(E_BACKEND, "mail-deferred", "neither mail.smtp_url nor mail.dir is set");
out:
    arena_free(a);
    buf_free(&content);
    return err;
}
