/*
 * client.c - a client of Shomei's remote signing API, in C with libcurl and OpenSSL.
 *
 *     cc -o client client.c -lcurl -lcrypto
 *     client sign  CREDENTIAL IN.pdf OUT.pdf    sign at once
 *     client later CREDENTIAL IN.pdf OUT.pdf    sign later: order, wait for the notice, fetch
 *     client hash  CREDENTIAL FILE OUT.cms      sign the file's SHA-256, the file stays here
 *
 * From the environment: SHOMEI_API (https://localhost:8444), SHOMEI_CERT, SHOMEI_KEY, SHOMEI_ROOT
 * (PEM files); for `later` also SHOMEI_LISTEN (a port of this machine: the notice is posted there)
 * and SHOMEI_SECRET (what the registration of the webhook answered).
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <curl/curl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define NOTICE_MAX 65536
#define NOTICE_AGE 300 /* seconds; an older one is a replay */

static void die(const char *what, const char *why)
{
    fprintf(stderr, "client: %s: %s\n", what, why);
    exit(1);
}

static const char *need(const char *name)
{
    const char *value = getenv(name);
    if (value == NULL)
        die(name, "not set");
    return value;
}

/* --- requests --- */

/* What a request answered, besides what it wrote to a file. */
struct answer {
    long status;
    char location[300];
};

static size_t take_header(char *line, size_t size, size_t n, void *arg)
{
    struct answer *a = arg;
    static const char name[] = "location: ";
    size_t all = size * n, skip = sizeof name - 1;

    if (all > skip && curl_strnequal(line, name, skip)) {
        size_t length = strcspn(line + skip, "\r\n");
        if (length < sizeof a->location) {
            memcpy(a->location, line + skip, length);
            a->location[length] = '\0';
        }
    }
    return all;
}

static void add_text(curl_mime *form, const char *name, const char *value)
{
    curl_mimepart *part = curl_mime_addpart(form);
    curl_mime_name(part, name);
    curl_mime_data(part, value, CURL_ZERO_TERMINATED);
}

static void add_file(curl_mime *form, const char *name, const char *path)
{
    curl_mimepart *part = curl_mime_addpart(form);
    curl_mime_name(part, name);
    curl_mime_filedata(part, path); /* read while it is sent: memory stays flat */
    curl_mime_type(part, "application/pdf");
}

/* A new key for each thing that must not happen twice; the same one when it is tried again. */
static struct curl_slist *idempotency(void)
{
    unsigned char raw[16];
    char line[64] = "Idempotency-Key: ";

    if (RAND_bytes(raw, sizeof raw) != 1)
        die("random", "none");
    for (size_t i = 0; i < sizeof raw; i++)
        snprintf(line + strlen(line), sizeof line - strlen(line), "%02x", raw[i]);
    return curl_slist_append(NULL, line);
}

/* POST `form` (NULL: GET) and write the answer to `out`. Tries again what may be tried again. */
static struct answer call(CURL *c, const char *path, curl_mime *form, const char *out)
{
    struct answer a = { 0, "" };
    struct curl_slist *headers = form ? idempotency() : NULL;
    char url[600];

    snprintf(url, sizeof url, "%s%s", need("SHOMEI_API"), path);
    for (int i = 0; i < 4; i++) {
        FILE *f = fopen(out, "wb");
        if (f == NULL)
            die(out, "cannot be written");
        curl_easy_reset(c);
        curl_easy_setopt(c, CURLOPT_URL, url);
        curl_easy_setopt(c, CURLOPT_SSLCERT, need("SHOMEI_CERT"));
        curl_easy_setopt(c, CURLOPT_SSLKEY, need("SHOMEI_KEY"));
        curl_easy_setopt(c, CURLOPT_CAINFO, need("SHOMEI_ROOT"));
        curl_easy_setopt(c, CURLOPT_TIMEOUT, 300L);
        curl_easy_setopt(c, CURLOPT_WRITEDATA, f);
        curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, take_header);
        curl_easy_setopt(c, CURLOPT_HEADERDATA, &a);
        curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
        if (form)
            curl_easy_setopt(c, CURLOPT_MIMEPOST, form);
        CURLcode rc = curl_easy_perform(c);
        if (fclose(f) != 0)
            die(out, "cannot be written");
        curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &a.status);
        if (rc == CURLE_OK && a.status != 429 && a.status != 503)
            break;
        if (i == 3)
            die(path, rc == CURLE_OK ? "busy for too long" : curl_easy_strerror(rc));
        sleep(1u << i);
    }
    curl_slist_free_all(headers);
    if (a.status >= 400)
        die(path, "refused; the answer in the output file says why");
    return a;
}

static struct answer sign(CURL *c, const char *credential, const char *in, const char *out,
                          int later)
{
    curl_mime *form = curl_mime_init(c);

    add_file(form, "document", in);
    add_text(form, "credential", credential);
    add_text(form, "level", "ES-T");
    if (later)
        add_text(form, "async", "1");
    struct answer a = call(c, "/rs/v1/sign", form, out);
    curl_mime_free(form);
    return a;
}

/* --- the notice --- */

static int listen_on(const char *port)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port)) };
    int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;

    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&at, sizeof at) != 0 || listen(fd, 8) != 0)
        die("listening", "the port is not free");
    return fd;
}

/* One whole request with its Content-Length; the body's place, or NULL. */
static char *read_request(int fd, char *text, size_t room)
{
    size_t n = 0;

    for (;;) {
        ssize_t k = recv(fd, text + n, room - 1 - n, 0);
        if (k <= 0)
            return NULL;
        n += (size_t)k;
        text[n] = '\0';
        char *body = strstr(text, "\r\n\r\n");
        char *length = strcasestr(text, "\r\ncontent-length:");
        if (body && length && n >= (size_t)(body + 4 - text) + strtoul(length + 17, NULL, 10))
            return body + 4;
        if (n + 1 >= room)
            return NULL;
    }
}

/* Shomei-Signature: t=<seconds>,v1=<hex of HMAC-SHA256(secret, "t.body")> */
static int genuine(const char *request, const char *body, const char *secret)
{
    const char *header = strcasestr(request, "\r\nshomei-signature: t=");
    unsigned char mac[EVP_MAX_MD_SIZE];
    char signed_text[NOTICE_MAX], hex[65];
    unsigned size = 0;

    if (header == NULL || header > body)
        return 0;
    char *end;
    long long t = strtoll(header + 22, &end, 10);
    if (strncmp(end, ",v1=", 4) != 0 || strlen(end + 4) < 64 || llabs(time(NULL) - t) > NOTICE_AGE)
        return 0;
    int n = snprintf(signed_text, sizeof signed_text, "%lld.%s", t, body);
    HMAC(EVP_sha256(), secret, (int)strlen(secret), (unsigned char *)signed_text, (size_t)n, mac,
         &size);
    for (unsigned i = 0; i < 32; i++)
        snprintf(hex + 2 * i, 3, "%02x", mac[i]);
    return CRYPTO_memcmp(hex, end + 4, 64) == 0;
}

/* Wait for a genuine notice that names the job; true when it was signed. */
static int wait_for(int listener, const char *job)
{
    static char request[NOTICE_MAX];
    static const char taken[] = "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
    static const char refused[] = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n"
                                  "Connection: close\r\n\r\n";
    const char *secret = need("SHOMEI_SECRET");

    for (;;) {
        int fd = accept(listener, NULL, NULL), ok = 0, done = 0;
        char *body = fd < 0 ? NULL : read_request(fd, request, sizeof request);
        if (body) {
            ok = genuine(request, body, secret);
            done = ok && strstr(body, job) != NULL;
            (void)!send(fd, ok ? taken : refused, strlen(ok ? taken : refused), MSG_NOSIGNAL);
        }
        if (fd >= 0)
            close(fd);
        if (!ok && body)
            fprintf(stderr, "client: a notice that is not genuine was refused\n");
        if (done)
            return strstr(body, "\"job.signed\"") != NULL;
    }
}

static void later(CURL *c, const char *credential, const char *in, const char *out)
{
    int listener = listen_on(need("SHOMEI_LISTEN"));
    struct answer a = sign(c, credential, in, out, 1);
    const char *job = strrchr(a.location, '/');
    char path[400];

    if (a.status != 202 || job == NULL)
        die("later", "no job was ordered");
    if (!wait_for(listener, job + 1))
        die("later", "the job failed");
    snprintf(path, sizeof path, "%s/document", a.location);
    call(c, path, NULL, out);
}

/* --- a digest --- */

static void digest_of(const char *path, char hex[65])
{
    unsigned char part[65536], sum[32];
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    FILE *f = fopen(path, "rb");
    size_t n;

    if (f == NULL || EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) != 1)
        die(path, "cannot be read");
    while ((n = fread(part, 1, sizeof part, f)) > 0)
        EVP_DigestUpdate(ctx, part, n);
    EVP_DigestFinal_ex(ctx, sum, NULL);
    EVP_MD_CTX_free(ctx);
    fclose(f);
    for (int i = 0; i < 32; i++)
        snprintf(hex + (size_t)2 * i, 3, "%02x", sum[i]);
}

static void hash(CURL *c, const char *credential, const char *in, const char *out)
{
    curl_mime *form = curl_mime_init(c);
    char hex[65];

    digest_of(in, hex);
    add_text(form, "digest", hex);
    add_text(form, "algorithm", "sha256");
    add_text(form, "credential", credential);
    add_text(form, "level", "ES-T");
    call(c, "/rs/v1/sign-hash", form, out);
    curl_mime_free(form);
}

int main(int argc, char **argv)
{
    CURL *c;

    if (argc != 5) {
        fprintf(stderr, "usage: client sign|later|hash CREDENTIAL IN OUT\n");
        return 2;
    }
    curl_global_init(CURL_GLOBAL_DEFAULT);
    c = curl_easy_init();
    if (strcmp(argv[1], "sign") == 0)
        sign(c, argv[2], argv[3], argv[4], 0);
    else if (strcmp(argv[1], "later") == 0)
        later(c, argv[2], argv[3], argv[4]);
    else if (strcmp(argv[1], "hash") == 0)
        hash(c, argv[2], argv[3], argv[4]);
    else
        die(argv[1], "unknown");
    curl_easy_cleanup(c);
    curl_global_cleanup();
    return 0;
}
