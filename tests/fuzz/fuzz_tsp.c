/* fuzz_tsp.c - timestamp requests, and the answer to each. */
#include "pki/tsp.h"

#include "pki/der.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An authority that needs no key: the signature is constant. */
static enum err sign(void *arg, struct bytes digest, struct arena *a, struct bytes *signature)
{
    (void)arg;
    *signature = bytes_dup(a, digest);
    return E_OK;
}

static struct tsp_authority *authority(struct arena *a)
{
    static const struct x509_profile profile = { .name = "tsa",
                                                 .validity_us = 10 * DAY_US,
                                                 .key_usage = X509_DIGITAL_SIGNATURE,
                                                 .eku = { OID_EKU_TIME_STAMPING },
                                                 .eku_n = 1,
                                                 .eku_critical = true,
                                                 .path_length = -1,
                                                 .algs = 7 };
    struct signer_key *key = NULL;
    struct name name = { .n = 0 };
    struct x509_request r = { .profile = &profile,
                              .signature_alg = SIGNER_P256_SHA256,
                              .serial = { (const uint8_t *)"12345678901234567890", 20 },
                              .not_before = { 0 },
                              .not_after = { DAY_US } };
    struct bytes tbs, der;
    struct tsp_authority *t = NULL;

    name_add(&name, OID_CN, STR("fuzz"));
    if (signer_key_new(SIGNER_P256_SHA256, &key) != E_OK ||
        name_build(&name, a, &r.subject) != E_OK)
        abort();
    struct signer s = signer_key_signer(key);
    r.issuer = r.subject;
    r.spki = signer_key_spki(key);
    if (x509_build(&r, a, &tbs) != E_OK || signer_wrap(&s, tbs, a, &der) != E_OK)
        abort();
    const struct tsp_params p = { .signer = { SIGNER_P256_SHA256, sign, NULL },
                                  .cert = der,
                                  .policy = STR("1.2.3"),
                                  .accuracy_ms = 1 };
    if (tsp_authority_new(&p, &t) != E_OK)
        abort();
    signer_key_free(key);
    return t;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct tsp_authority *t;
    struct arena *a = arena_new(1 << 20);
    struct tsp_request rq;
    enum tsp_failure failure;
    struct bytes response = BYTES_ABSENT;

    if (!t)
        t = authority(a);
    enum err err = tsp_request_parse((struct bytes){ data, size }, &rq, &failure);
    if (err == E_OK)
        err = tsp_grant(t, &rq, (struct bytes){ (const uint8_t *)"\x81", 1 },
                        (struct timestamp){ 1 }, a, &response, &failure);
    if (err != E_OK)
        response = tsp_reject(failure, a);
    if (!der_well_formed(response))
        abort();
    arena_free(a);
    return 0;
}
