/* envelopes_parts.c - see envelopes_parts.h */
#include "main/envelopes_parts.h"

#include "features/envelopes/envelopes_words_pages.h"
#include "features/envelopes/envelopes_work.h"

static bool loaded;

enum err envelopes_parts_worker(const struct settings *c)
{
    envelopes_work_init(c, envelopes_words_pages, envelopes_words_event);
    return E_OK;
}

enum err envelopes_parts_signer(const struct settings *c)
{
    struct arena *a = arena_new(64 * 1024);
    enum err e = message_load(str_fmt(a, "%.*s/po", STR_ARG(settings_str(c, "data_dir"))).p);

    arena_free(a);
    if (e != E_OK)
        return e;
    loaded = true;
    return envelopes_parts_worker(c);
}

void envelopes_parts_end(void)
{
    if (loaded)
        message_unload();
    loaded = false;
}
