/* seal_key.c - see seal_key.h */
#include "main/seal_key.h"

#include "base/crypto.h"
#include "base/encoding.h"
#include "sign/hsm_admin.h"
#include "sign/keys.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define LINE_SIZE 128

enum err seal_key_init(struct hsm *ca, struct arena *a)
{
    struct bytes spki;
    enum err err = hsm_admin_create_key(ca, a, STR(SEAL_KEY_LABEL), KEY_P256, &spki);

    return err == E_CONFLICT ? E_OK : err;
}

enum err seal_key_spki(struct hsm *ca, struct arena *a, struct bytes *spki)
{
    struct signing_key *key = NULL;

    TRY(keys_find(ca, STR(SEAL_KEY_LABEL), &key));
    *spki = bytes_dup(a, keys_spki(key));
    keys_destroy(key);
    return E_OK;
}

enum err seal_key_sign(void *arg, struct arena *a, const struct bytes32 *chain,
                       struct bytes *signature)
{
    struct signing_key *key = NULL;
    struct bytes32 digest = sha256(bytes_of_32(chain));

    TRY(keys_find(arg, STR(SEAL_KEY_LABEL), &key));
    enum err err = keys_sign_digest(key, digest.b, sizeof digest.b, a, signature);
    keys_destroy(key);
    return err;
}

enum err seal_key_anchor_read(const struct settings *settings, struct arena *a,
                              struct audit_anchor *anchor, bool *known)
{
    char line[LINE_SIZE];
    struct str path = settings_str(settings, "audit.anchor_file");
    FILE *f = path.n > 0 ? fopen(path.p, "re") : NULL;
    struct bytes chain;

    *known = false;
    if (!f) {
        if (path.n > 0 && errno != ENOENT)
            return FAIL(E_INPUT, "", "%s: %s", path.p, strerror(errno));
        return E_OK;
    }
    size_t n = fread(line, 1, sizeof line, f);
    (void)fclose(f);
    struct str text = str_trim(a, str_of(a, line, n));
    size_t space = str_find(text, ' ', 0);
    if (space == SIZE_MAX)
        return FAIL(E_INPUT, "", "%s: malformed", path.p);
    TRY(str_to_u64(str_sub(a, text, 0, space), UINT64_MAX, &anchor->number));
    TRY(hex_decode(a, str_sub(a, text, space + 1, text.n), &chain));
    if (chain.n != sizeof anchor->chain.b)
        return FAIL(E_INPUT, "", "%s: malformed", path.p);
    memcpy(anchor->chain.b, chain.p, chain.n);
    *known = true;
    return E_OK;
}

enum err seal_key_anchor_write(const struct settings *settings, const struct audit_anchor *anchor)
{
    struct str path = settings_str(settings, "audit.anchor_file");

    if (path.n == 0)
        return E_OK;
    struct arena *a = arena_new(4096 + 2 * path.n);
    struct str temporary = str_fmt(a, "%s.new", path.p);
    struct str line = str_fmt(a, "%llu %s\n", (unsigned long long)anchor->number,
                              hex_encode(a, bytes_of_32(&anchor->chain)).p);
    int fd = open(temporary.p, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool good = fd >= 0 && write(fd, line.p, line.n) == (ssize_t)line.n && fsync(fd) == 0;
    if (fd >= 0)
        good = close(fd) == 0 && good;
    good = good && rename(temporary.p, path.p) == 0;
    arena_free(a);
    return good ? E_OK : FAIL(E_BACKEND, "", "%s: %s", path.p, strerror(errno));
}
