/* token.c - see token.h */
#include "token.h"

#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char home[64], tokens[80], conf[96];
static struct secret *pin, *so_pin;

static void die(const char *what)
{
    (void)fprintf(stderr, "token: %s: %s %s\n", what, fault_current()->reason,
                  fault_current()->detail);
    abort();
}

const struct secret *token_pin(void)
{
    if (!pin)
        pin = secret_from("user-8642", 9);
    return pin;
}

const struct secret *token_so_pin(void)
{
    if (!so_pin)
        so_pin = secret_from("officer-9753", 12);
    return so_pin;
}

const char *token_module(void)
{
    static const char *const paths[] = { "/usr/lib/softhsm/libsofthsm2.so",
                                         "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
                                         "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
                                         "/usr/lib64/pkcs11/libsofthsm2.so" };
    size_t i;

    for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        if (access(paths[i], R_OK) == 0)
            return paths[i];
    }
    return NULL;
}

void token_start(void)
{
    const char *tmp = getenv("TMPDIR");
    FILE *f;

    (void)snprintf(home, sizeof(home), "%s/shomei-token-XXXXXX",
                   tmp && strlen(tmp) < 30 ? tmp : "/tmp");
    if (!mkdtemp(home))
        die("mkdtemp");
    (void)snprintf(tokens, sizeof(tokens), "%s/tokens", home);
    (void)snprintf(conf, sizeof(conf), "%s/softhsm2.conf", home);
    f = fopen(conf, "w");
    if (mkdir(tokens, 0750) != 0 || !f)
        die("token directory");
    (void)fprintf(f, "directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n",
                  tokens);
    if (fclose(f) != 0 || setenv("SOFTHSM2_CONF", conf, 1) != 0)
        die("configuration");
}

const char *token_dir(void)
{
    return tokens;
}

const char *token_conf(void)
{
    return conf;
}

void token_make(const char *label, bool kek)
{
    struct hsm_admin_token t = { token_module(), label, token_so_pin(), token_pin() };
    struct hsm *h;

    if (hsm_admin_init_token(&t) != E_OK)
        die("init");
    if (!kek)
        return;
    h = token_open(label, true);
    if (hsm_admin_create_kek(h, STR(TOKEN_KEK)) != E_OK)
        die("wrapping key");
    hsm_close(h);
}

void token_make_all(void)
{
    token_make("ca", false);
    token_make("signing", true);
    token_make("status", false);
}

struct hsm *token_open(const char *label, bool writable)
{
    struct hsm_params p = { .module = token_module(),
                            .token_label = label,
                            .pin = token_pin(),
                            .kek_id = TOKEN_KEK,
                            .writable = writable };
    struct hsm *h = NULL;

    if (strcmp(label, "signing") != 0)
        p.kek_id = NULL;
    if (hsm_open(&p, &h) != E_OK)
        die("open");
    return h;
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

void token_stop(void)
{
    if (home[0])
        (void)nftw(home, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    secret_free(pin);
    secret_free(so_pin);
    pin = so_pin = NULL;
}
