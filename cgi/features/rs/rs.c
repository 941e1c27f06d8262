/* rs.c - what is kept encrypted; see rs.h */
#include "features/rs/rs_inside.h"

#include "base/crypto.h"

static struct secret *sealing;
static bool development;

void rs_init(const struct secret *master, bool dev)
{
    rs_end();
    sealing = hkdf_sha256(secret_bytes(master), STR("shomei rs sealed"), 32);
    development = dev;
}

void rs_end(void)
{
    secret_free(sealing);
    sealing = NULL;
}

bool rs_is_development(void)
{
    return development;
}

enum err rs_seal(struct arena *a, struct str context, struct bytes plain, struct bytes *sealed)
{
    if (sealing == NULL)
        return FAIL(E_INTERNAL, "", "rs_init() was not called");
    return aead_seal(a, sealing, bytes_of_str(context), plain, sealed);
}

enum err rs_open(struct str context, struct bytes sealed, struct secret **plain)
{
    if (sealing == NULL)
        return FAIL(E_INTERNAL, "", "rs_init() was not called");
    return aead_open(sealing, bytes_of_str(context), sealed, plain);
}
