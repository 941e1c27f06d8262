/*
 * worker_certificates.c - what becomes of certificates when they are issued, and notices before
 * their end: the slices above the authority hear of it here.
 */
#include "main/worker_parts.h"

#include "features/authority/authority.h"
#include "features/certificates/certificates.h"
#include "features/certificates/certificates_pages.h"

/* The application has come to its end (worker_parts.c); now what the new certificate replaces. */
static const struct authority_hooks hooks = { .released = certificates_released };

enum err worker_certificates_init(const struct settings *c)
{
    struct secret *master = NULL;
    struct certificates_config config = { .portal_url = settings_str(c, "url.portal"),
                                          .words = certificates_pages_words };

    while (config.portal_url.n > 0 && config.portal_url.p[config.portal_url.n - 1] == '/')
        config.portal_url.n--; /* links are made as url + "/path" */
    TRY(settings_secret(c, "http.secret_file", &master));
    config.master = master;
    certificates_init(&config);
    secret_free(master);
    authority_work_hooks(&hooks);
    return E_OK;
}

void worker_certificates_end(void)
{
    authority_work_hooks(NULL);
    certificates_end();
}
