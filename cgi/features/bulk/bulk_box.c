/* bulk_box.c - see bulk_box.h */
#include "features/bulk/bulk_box.h"

#include "base/crypto.h"
#include "base/random.h"
#include "pki/box.h"
#include "pki/p12.h"

enum { SALT = 16 };

static struct bytes bound_to(struct arena *a, struct str run)
{
    return bytes_of_str(str_fmt(a, "bulk box %s", run.p));
}

struct str bulk_box_context(struct arena *a, struct str run, uint32_t seq)
{
    return str_fmt(a, "bulk key %s %u", run.p, seq);
}

enum err bulk_box_make(struct arena *a, struct str run, struct bulk_box *out,
                       struct secret **password)
{
    uint8_t *public = arena_alloc(a, BOX_PUBLIC), *salt = arena_alloc(a, SALT);
    struct secret *private = NULL, *key = NULL;
    enum err e;

    *password = p12_password();
    random_bytes(salt, SALT);
    out->public = (struct bytes){ public, BOX_PUBLIC };
    out->salt = (struct bytes){ salt, SALT };
    e = box_new(public, &private);
    if (e == E_OK)
        e = pin_derive(secret_bytes(*password), out->salt, &key);
    if (e == E_OK)
        e = aead_seal(a, key, bound_to(a, run), secret_bytes(private), &out->sealed);
    secret_free(key);
    secret_free(private);
    if (e != E_OK) {
        secret_free(*password);
        *password = NULL;
    }
    return e;
}

enum err bulk_box_unlock(struct str run, const struct bulk_box *box, const struct secret *password,
                         struct secret **private)
{
    struct arena *a = arena_new(4096);
    struct secret *key = NULL;
    enum err e = pin_derive(secret_bytes(password), box->salt, &key);

    if (e == E_OK)
        e = aead_open(key, bound_to(a, run), box->sealed, private);
    if (e == E_INPUT)
        e = FAIL(E_INPUT, "password-wrong", "run %s", run.p);
    secret_free(key);
    arena_free(a);
    return e;
}
