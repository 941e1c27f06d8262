/* test_hsm.c - a token that fails, and comes back: clear reasons, recovery without a restart. */
#include "sign/keys_internal.h"
#include "tap.h"
#include "token.h"

#include <openssl/err.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAUSE_US (200 * 1000)
#define NOBODY 65534

static struct arena *a;
static struct bytes wrapped, spki; /* a P-256 key under TOKEN_KEK */

static struct hsm_params params(const char *label)
{
    return (struct hsm_params){ .module = token_module(),
                                .token_label = label,
                                .pin = token_pin(),
                                .kek_id = TOKEN_KEK,
                                .pin_pause_us = PAUSE_US };
}

static enum err sign(struct signing_key *k)
{
    uint8_t digest[32] = { 1 };
    struct bytes sig;

    return keys_sign_digest(k, digest, sizeof(digest), a, &sig);
}

/* The whole way of a cold signature. */
static enum err cold(struct hsm *h)
{
    struct signing_key *k = NULL;
    enum err err = keys_unwrap(h, wrapped, KEY_P256, spki, &k);

    if (err == E_OK)
        err = sign(k);
    keys_destroy(k);
    return err;
}

static void is_reason(const char *reason)
{
    is_str(str_z(fault_current()->reason), reason, reason);
}

static void refused(void)
{
    struct hsm_params p = params("nowhere");
    struct secret *wrong = secret_from("wrong-1234", 10);
    struct hsm *h = NULL;

    is_err(hsm_open(&p, &h), E_BACKEND, "no such token");
    is_reason("hsm-token-absent");
    p = params("signing");
    p.module = "/nonexistent/module.so";
    is_err(hsm_open(&p, &h), E_BACKEND, "no such module");
    is_reason("hsm-module");
    p = params("signing");
    p.pin = wrong;
    is_err(hsm_open(&p, &h), E_BACKEND, "wrong PIN");
    is_reason("hsm-pin-wrong");
    p = params("a label that is longer than thirty-two bytes");
    is_err(hsm_open(&p, &h), E_INPUT, "label too long");
    p = params("signing");
    p.kek_id = "kek-9";
    is_err(hsm_open(&p, &h), E_OK, "opens without its wrapping key");
    is_err(hsm_check(h), E_BACKEND, "but is not ready");
    is_reason("hsm-kek-absent");
    hsm_close(h);
    secret_free(wrong);
}

static void sessions(void)
{
    struct hsm *h = token_open("signing", false), *other;
    CK_FUNCTION_LIST *f = h->module->f;
    struct signing_key *k = NULL;

    is_err(keys_unwrap(h, wrapped, KEY_P256, spki, &k), E_OK, "unwrap");
    is_err(sign(k), E_OK, "sign");
    f->C_CloseAllSessions(h->slot);
    is_err(sign(k), E_OK, "signs after all sessions were closed");
    f->C_Logout(h->session);
    is_err(sign(k), E_OK, "signs after a logout");
    f->C_Finalize(NULL);
    is_err(sign(k), E_OK, "signs after C_Finalize");
    f->C_DestroyObject(h->session, k->handle);
    is_err(sign(k), E_OK, "signs after its object was destroyed");
    is_err(hsm_check(h), E_OK, "ready");
    other = token_open("ca", false);
    is_err(hsm_session_restart(h->module) == CKR_OK ? E_OK : E_BACKEND, E_OK, "restart");
    is_err(hsm_check(other), E_OK, "the other handle of the module recovers");
    is_err(sign(k), E_OK, "and so does this one");
    hsm_close(other);
    is_err(sign(k), E_OK, "closing the other handle does no harm");
    keys_destroy(k);
    hsm_close(h);
}

static void away_and_back(struct hsm *h, const char *path, const char *reason)
{
    const char *away = str_fmt(a, "%s.away", token_conf()).p;

    is_err(cold(h), E_OK, "before");
    ok(rename(path, away) == 0, "taken away");
    is_err(hsm_check(h), E_BACKEND, "not ready");
    is_reason(reason);
    is_err(cold(h), E_BACKEND, "cannot sign");
    is_reason(reason);
    ok(rename(away, path) == 0, "put back");
    is_err(cold(h), E_OK, "signs again without a restart");
    is_err(hsm_check(h), E_OK, "ready");
}

/* Directory of the token labelled "signing": its name is random, so look into token.object. */
static const char *signing_dir(void)
{
    DIR *d = opendir(token_dir());
    const char *found = NULL;
    struct dirent *e;

    while (d && !found && (e = readdir(d))) {
        const char *dir = str_fmt(a, "%s/%s", token_dir(), e->d_name).p;
        FILE *f = fopen(str_fmt(a, "%s/token.object", dir).p, "rb");
        char text[2048];
        size_t n = f ? fread(text, 1, sizeof(text), f) : 0;
        if (f)
            (void)fclose(f);
        if (memmem(text, n, "signing ", 8))
            found = dir;
    }
    if (d)
        (void)closedir(d);
    return found;
}

static void removed(void)
{
    struct hsm *h = token_open("signing", false);
    const char *dir = signing_dir();

    away_and_back(h, token_dir(), "hsm-module");
    ok(dir, "found the token's directory");
    if (dir)
        away_and_back(h, dir, "hsm-token-absent");
    hsm_close(h);
}

static void child_result(pid_t pid, const char *what)
{
    int status = -1;
    bool good = pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;

    ok(good, "%s (%x)", what, (unsigned)status);
}

/* In a process of its own, as a token with open sessions refuses: C_InitToken on the label's slot.
 */
static void reinitialise(const char *label, const char *user_pin, bool kek)
{
    pid_t pid = fork();

    if (pid == 0) {
        struct hsm_module *m = NULL;
        struct secret *so =
            secret_from(secret_bytes(token_so_pin()).p, secret_size(token_so_pin()));
        CK_UTF8CHAR padded[HSM_LABEL_MAX];
        char user[32];
        CK_SESSION_HANDLE s;
        CK_SLOT_ID slot;

        memset(padded, ' ', sizeof(padded));
        memcpy(padded, label, strlen(label));
        (void)snprintf(user, sizeof(user), "%s", user_pin);
        if (hsm_session_module(token_module(), &m) != E_OK ||
            hsm_session_find_slot(m, label, &slot) != CKR_OK ||
            m->f->C_InitToken(slot, secret_data(so), secret_size(so), padded) != CKR_OK ||
            m->f->C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &s) !=
                CKR_OK ||
            m->f->C_Login(s, CKU_SO, secret_data(so), secret_size(so)) != CKR_OK ||
            m->f->C_InitPIN(s, (CK_UTF8CHAR *)user, strlen(user)) != CKR_OK)
            _exit(1);
        m->f->C_CloseSession(s);
        if (kek) {
            struct hsm *h = token_open(label, true);
            _exit(hsm_admin_create_kek(h, STR(TOKEN_KEK)) == E_OK ? 0 : 2);
        }
        _exit(0);
    }
    child_result(pid, "slot re-initialised");
}

static void slot_reinitialised(void)
{
    struct hsm_params p = params("signing");
    struct hsm *h = NULL;
    struct bytes fresh, fresh_spki;

    is_err(hsm_open(&p, &h), E_OK, "open");
    is_err(cold(h), E_OK, "before");
    reinitialise("signing", "other-pin-77", false);
    is_err(cold(h), E_BACKEND, "another PIN: cannot sign");
    is_reason("hsm-pin-wrong");
    is_err(hsm_check(h), E_BACKEND, "not ready");
    is_reason("hsm-pin-wrong");
    reinitialise("signing", "user-8642", false);
    is_err(cold(h), E_BACKEND, "the PIN is not tried again at once: tokens lock themselves");
    is_reason("hsm-pin-wrong");
    (void)usleep(PAUSE_US + 50000);
    is_err(cold(h), E_BACKEND, "our PIN, but no wrapping key");
    is_reason("hsm-kek-absent");
    reinitialise("signing", "user-8642", true);
    is_err(cold(h), E_BACKEND, "a new wrapping key of the same name is not taken for the old one");
    is_reason("hsm-kek-absent");
    is_err(hsm_check(h), E_OK, "ready again, without a restart");
    is_err(keys_generate(h, a, KEY_P256, &fresh, &fresh_spki), E_OK, "new keys can be made");
    wrapped = fresh;
    spki = fresh_spki;
    is_err(cold(h), E_OK, "and sign");
    hsm_close(h);
}

static void forked(void)
{
    struct hsm *h = token_open("signing", false);
    struct signing_key *k = NULL;
    pid_t pid;

    is_err(keys_unwrap(h, wrapped, KEY_P256, spki, &k), E_OK, "unwrap");
    pid = fork();
    if (pid == 0) {
        bool good = sign(k) == E_OK && cold(h) == E_OK;
        keys_destroy(k);
        hsm_close(h);
        _exit(good ? 0 : 1);
    }
    child_result(pid, "a child makes its own sessions from inherited handles");
    is_err(sign(k), E_OK, "the parent goes on");
    keys_destroy(k);
    hsm_close(h);
}

/* The login race of SoftHSM with a writable directory: every open must succeed. */
static void crowd(void)
{
    pid_t pids[4];
    size_t i, j;

    for (i = 0; i < 4; i++) {
        pids[i] = fork();
        if (pids[i] == 0) {
            int bad = 0;
            for (j = 0; j < 25; j++) {
                struct hsm_params p = params("signing");
                struct hsm *h = NULL;
                bad += hsm_open(&p, &h) != E_OK || cold(h) != E_OK;
                hsm_close(h);
            }
            _exit(bad);
        }
    }
    for (i = 0; i < 4; i++)
        child_result(pids[i], "25 logins among three other processes");
}

/* Every directory and file below: modes, owner (0: unchanged) and group. */
static void set_modes(const char *path, mode_t dir, mode_t file, uid_t uid, gid_t gid)
{
    DIR *d = opendir(path);
    struct dirent *e;
    struct stat st;

    while (d && (e = readdir(d))) {
        const char *child = str_fmt(a, "%s/%s", path, e->d_name).p;
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 || lstat(child, &st) != 0)
            continue;
        if (S_ISDIR(st.st_mode))
            set_modes(child, dir, file, uid, gid);
        else
            (void)!(chmod(child, file) + chown(child, uid, gid));
    }
    if (d)
        (void)closedir(d);
    (void)!(chmod(path, dir) + chown(path, uid, gid));
}

/* Sum over the sizes and modification times of all token files. */
static uint64_t fingerprint(void)
{
    const char *dir = signing_dir();
    DIR *d = dir ? opendir(dir) : NULL;
    struct dirent *e;
    struct stat st;
    uint64_t sum = 0;

    while (d && (e = readdir(d))) {
        if (stat(str_fmt(a, "%s/%s", dir, e->d_name).p, &st) == 0 && S_ISREG(st.st_mode))
            sum += (uint64_t)st.st_size * 31 + (uint64_t)st.st_mtim.tv_nsec;
    }
    if (d)
        (void)closedir(d);
    return sum;
}

static int read_only_child(bool root)
{
    struct secret *wrong = secret_from("wrong-1234", 10), *key = secret_random(32), *back = NULL;
    struct hsm_params p = params("signing");
    struct bytes w, s, data;
    struct hsm *h = NULL;

    if (root && (setgid(NOBODY) != 0 || setuid(NOBODY) != 0))
        return 1;
    if (open(str_fmt(a, "%s/token.object", signing_dir()).p, O_WRONLY | O_CLOEXEC) >= 0)
        return 2; /* not read-only after all */
    if (hsm_open(&p, &h) != E_OK || cold(h) != E_OK)
        return 3;
    if (keys_generate(h, a, KEY_RSA2048, &w, &s) != E_OK ||
        hsm_wrap_data_key(h, a, key, &data) != E_OK || hsm_unwrap_data_key(h, data, &back) != E_OK)
        return 4;
    hsm_close(h);
    p.pin = wrong;
    if (hsm_open(&p, &h) != E_BACKEND)
        return 5;
    p.pin = token_pin();
    if (hsm_open(&p, &h) != E_OK || cold(h) != E_OK)
        return 6; /* the trap: no login after a wrong PIN until C_Initialize */
    hsm_close(h);
    return 0;
}

static int read_only_admin(bool root)
{
    struct hsm_params p = params("signing");
    struct hsm *h = NULL;

    if (root && (setgid(NOBODY) != 0 || setuid(NOBODY) != 0))
        return 1;
    p.writable = true;
    return hsm_open(&p, &h) == E_OK && hsm_admin_create_kek(h, STR("kek-x")) == E_OK ? 2 : 0;
}

static void in_child(int (*work)(bool root), const char *what)
{
    pid_t pid = fork();

    if (pid == 0)
        _exit(work(geteuid() == 0));
    child_result(pid, what);
}

static void read_only(void)
{
    bool root = geteuid() == 0;
    uid_t keep = (uid_t)-1;
    uint64_t before;

    (void)chmod(str_fmt(a, "%s/..", token_dir()).p, 0755);
    set_modes(token_dir(), 0550, 0440, keep, root ? NOBODY : getegid());
    before = fingerprint();
    in_child(read_only_child, "a read-only token directory serves all that running programs do");
    in_child(read_only_admin, "and keeps them from making token objects");
    ok(fingerprint() == before, "no login wrote to it");
    set_modes(token_dir(), 0750, 0440, root ? NOBODY : keep, root ? NOBODY : getegid());
    before = fingerprint();
    in_child(read_only_child, "read-only files in a directory of one's own do as well");
    ok(fingerprint() == before, "no login wrote to them");
    set_modes(token_dir(), 0750, 0640, geteuid(), getegid());
}

/* As the programs open it; a SoftHSM stays software whatever certificate is configured (P3-100). */
static void configured(void)
{
    struct str path = str_fmt(a, "%s.settings", token_conf()),
               pin = str_fmt(a, "%s.pin", token_conf());
    FILE *f = fopen(path.p, "w"), *g = fopen(pin.p, "w");
    struct settings *c = NULL;
    struct hsm_info info;
    struct hsm *h = NULL;

    ok(f && g, "settings written");
    if (!f || !g)
        return;
    (void)fprintf(g, "%s\n", "user-8642");
    (void)fprintf(f, "hsm.module = %s\nhsm.signing_pin_file = %s\nhsm.certificate_number = 4711\n",
                  token_module(), pin.p);
    (void)fclose(f);
    (void)fclose(g);
    is_err(settings_load(path.p, &c), E_OK, "settings");
    is_err(hsm_open_token(c, HSM_SIGNING, false, &h), E_OK, "open by the settings");
    is_str(hsm_kek_id(h), TOKEN_KEK, "wrapping key by the settings");
    is_err(hsm_info(h, a, &info), E_OK, "info");
    is_str(info.certificate, "4711", "certificate number is recorded");
    ok(info.software, "and a software module is told as such");
    hsm_close(h);
    is_err(hsm_open_token(c, HSM_CA, false, &h), E_INPUT, "no PIN file is no token");
    settings_free(c);
}

static void quiet_errors(void)
{
    struct hsm *h = token_open("signing", false);

    is_err(cold(h), E_OK, "sign");
    ok(ERR_peek_error() == 0, "nothing is left in OpenSSL's error queue");
    hsm_close(h);
}

int main(void)
{
    struct hsm *h;

    if (!token_module()) {
        tap_skip("SoftHSM is not installed");
        return tap_done();
    }
    a = arena_new(16 * 1024 * 1024);
    token_start();
    token_make_all();
    h = token_open("signing", false);
    is_err(keys_generate(h, a, KEY_P256, &wrapped, &spki), E_OK, "a key");
    hsm_close(h);
    refused();
    sessions();
    removed();
    forked();
    crowd();
    read_only();
    configured();
    quiet_errors();
    slot_reinitialised();
    token_stop();
    arena_free(a);
    return tap_done();
}
