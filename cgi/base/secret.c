/* secret.c - see secret.h */
#include "base/secret.h"

#include "base/random.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

struct secret {
    size_t n;
    size_t mapped;
    uint8_t data[];
};

struct secret *secret_new(size_t n)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t mapped = (sizeof(struct secret) + n + page - 1) / page * page;
    /* pages of its own: mlock and madvise work on pages, and a neighbour's free cannot undo them */
    void *p = mmap(NULL, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (p == MAP_FAILED)
        abort();
    if (mlock(p, mapped) != 0 || madvise(p, mapped, MADV_DONTDUMP) != 0) {
        (void)fprintf(stderr, "secret: cannot lock memory; raise RLIMIT_MEMLOCK\n");
        abort();
    }
    struct secret *s = p;
    s->n = n;
    s->mapped = mapped;
    return s;
}

void secret_free(struct secret *s)
{
    if (!s)
        return;
    size_t mapped = s->mapped;
    OPENSSL_cleanse(s, mapped);
    (void)munmap(s, mapped);
}

struct secret *secret_from(const void *p, size_t n)
{
    struct secret *s = secret_new(n);

    if (n > 0)
        memcpy(s->data, p, n);
    return s;
}

struct secret *secret_random(size_t n)
{
    struct secret *s = secret_new(n);

    random_bytes(s->data, n);
    return s;
}

uint8_t *secret_data(struct secret *s)
{
    return s->data;
}

struct bytes secret_bytes(const struct secret *s)
{
    return (struct bytes){ s->data, s->n };
}

size_t secret_size(const struct secret *s)
{
    return s->n;
}

void secret_wipe(void *p, size_t n)
{
    OPENSSL_cleanse(p, n);
}

void secret_harden_process(void)
{
    const struct rlimit none = { 0, 0 };

    (void)setrlimit(RLIMIT_CORE, &none);
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}
