/*
 * authority_keys_work.c - the CA keys of this process: finding one in the token and proving its
 * first signature costs more than ten signatures, so they stay until authority_keys_forget().
 */
#include "features/authority/authority_inside.h"

#include "sign/keys_signer.h"

enum { KEYS_MAX = 16, LABEL_MAX = 64 };

static struct {
    char label[LABEL_MAX + 1];
    struct signing_key *key;
} keys[KEYS_MAX];
static size_t keys_n;
static const struct hsm *keys_of;

void authority_keys_forget(void)
{
    for (size_t i = 0; i < keys_n; i++)
        keys_destroy(keys[i].key);
    keys_n = 0;
    keys_of = NULL;
}

enum err authority_keys_signer(struct hsm *ca, struct str label, struct signer *out)
{
    if (keys_of != ca || keys_n == KEYS_MAX)
        authority_keys_forget();
    for (size_t i = 0; i < keys_n; i++)
        if (str_eq_z(label, keys[i].label)) {
            *out = keys_signer(keys[i].key);
            return E_OK;
        }
    if (label.n > LABEL_MAX)
        return FAIL(E_INTERNAL, "", "key label of %zu octets", label.n);
    TRY(keys_find(ca, label, &keys[keys_n].key));
    memcpy(keys[keys_n].label, label.p, label.n);
    keys[keys_n].label[label.n] = '\0';
    *out = keys_signer(keys[keys_n].key);
    keys_of = ca;
    keys_n++;
    return E_OK;
}
