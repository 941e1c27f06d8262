/*
 * worker_accounts.c - the accounts slice in the worker: its configuration, and the templates of its
 * mails, which belong to http/ and therefore are given to it from here.
 */
#include "main/worker_parts.h"

#include "features/accounts/accounts_pages.h"
#include "features/accounts/accounts_work.h"
#include "http/template_set.h"

static struct template_set *templates;
static struct accounts_mail_writer writer;

/* Mails show no pictures and no style sheets. */
static struct str no_asset(void *arg, struct str name)
{
    (void)arg;
    (void)name;
    return STR_ABSENT;
}

static enum err load_templates(const struct settings *c)
{
    struct arena *a = arena_new(64 * 1024);
    struct str dir = settings_str(c, "data_dir");
    const struct template_set_params p = {
        .dir = str_fmt(a, "%.*s/templates", STR_ARG(dir)).p,
        .asset = no_asset,
    };
    enum err err = message_load(str_fmt(a, "%.*s/po", STR_ARG(dir)).p);

    if (err == E_OK)
        err = template_set_new(&p, &templates);
    if (err == E_OK)
        err = template_set_add(templates, accounts_pages_mail_views);
    arena_free(a);
    return err;
}

enum err worker_accounts_init(const struct settings *c)
{
    struct secret *master = NULL;
    struct accounts_config config = {
        .portal_url = settings_str(c, "url.portal"),
        .failures_max = (uint32_t)settings_u64(c, "accounts.lock_after"),
        .dormant_days = (uint32_t)settings_u64(c, "accounts.dormant_days"),
    };

    while (config.portal_url.n > 0 && config.portal_url.p[config.portal_url.n - 1] == '/')
        config.portal_url.n--; /* links are made as url + "/path" */
    TRY(settings_secret(c, "http.secret_file", &master));
    config.master = master;
    accounts_init(&config);
    secret_free(master);
    TRY(load_templates(c));
    writer = (struct accounts_mail_writer){ accounts_pages_mail, templates };
    accounts_work_init(&writer);
    return E_OK;
}

void worker_accounts_end(void)
{
    template_set_free(templates);
    templates = NULL;
    message_unload();
}
