/* signing_work.c - what the slice holds per process: settings, HSM, trust, the way to the gateway.
 */
#include "features/signing/signing_inside_work.h"

#include "base/log.h"
#include "base/settings.h"
#include "net/gateway_client.h"
#include "sign/pdf_font.h"
#include "sign/pdf_trust_lists.h"

#include <errno.h>

#define TRUST_LIFE_US (10 * MINUTE_US)
/* All that one document makes us fetch: its certificates name the places, and may be anybody's. */
#define FETCH_US (45 * SECOND_US)
#define HSM_AGAIN_US (10 * SECOND_US)
#define ANCHORS_MAX (1u << 20)

static struct signing_inside inside;

enum err signing_inside_get(struct signing_inside **out)
{
    if (inside.arena == NULL)
        return FAIL(E_INTERNAL, "", "signing_setup() was not called");
    *out = &inside;
    return E_OK;
}

/* A token that was away when the process started is looked for again, not at every request. */
static void find_token(void)
{
    if (clock_monotonic_us() < inside.hsm_again)
        return;
    inside.hsm_again = clock_monotonic_us() + HSM_AGAIN_US;
    if (hsm_open_token(inside.settings, HSM_SIGNING, false, &inside.own_hsm) == E_OK)
        inside.hsm = inside.own_hsm;
    else
        log_fault("the signing token is still away");
}

enum err signing_inside_hsm(struct signing_inside **out)
{
    TRY(signing_inside_get(out));
    if (inside.hsm == NULL)
        find_token();
    if (inside.hsm == NULL)
        return FAIL(E_BACKEND, "hsm-unavailable", "this process has no HSM");
    return E_OK;
}

enum err signing_setup(const struct settings *settings, struct db *side, struct hsm *hsm)
{
    uint64_t hours = settings_u64(settings, "retention.document_hours");
    struct arena *a;

    signing_teardown();
    a = arena_new(1 << 20);
    inside = (struct signing_inside){ .arena = a, .settings = settings, .side = side, .hsm = hsm };
    inside.hsm_again = clock_monotonic_us() + HSM_AGAIN_US;
    /* never more than the practice statement's 8 hours, whatever the setting says (P3-11) */
    inside.keep_us = (int64_t)(hours < 1 ? 1 : hours > 8 ? 8 : hours) * HOUR_US;
    inside.upload_max = settings_u64(settings, "upload.max_bytes");
    inside.quota_account = settings_u64(settings, "quota.account_bytes");
    inside.quota_tenant = settings_u64(settings, "quota.tenant_bytes");
    inside.gateway = str_dup(a, settings_str(settings, "gateway.socket"));
    if (str_empty(inside.gateway))
        inside.gateway =
            str_fmt(a, "%.*s/gateway.sock", STR_ARG(settings_str(settings, "run_dir")));
    struct str portal = settings_str(settings, "url.portal");
    inside.portal = str_fmt(a, "%.*s%s", STR_ARG(portal), str_ends(portal, STR("/")) ? "" : "/");
    inside.anchors_file = str_dup(a, settings_str(settings, "verify.anchors_file"));
    inside.trust_lists = str_dup(a, settings_str(settings, "trust.lists"));
    inside.issuers = str_dup(a, settings_str(settings, "signing.issuers"));
    pdf_font_setup(settings_str(settings, "font.mincho"), settings_str(settings, "font.gothic"));
    return signing_tsa_read(&inside, settings);
}

void signing_teardown(void)
{
    signing_signer_forget();
    hsm_close(inside.own_hsm);
    pdf_trust_free(inside.trust);
    arena_free(inside.arena);
    inside = (struct signing_inside){ 0 };
}

/* pdf_fetch_fn: URLs found in certificates, through the gateway. */
static enum err fetch(void *arg, enum pdf_fetch kind, struct str url, struct bytes request,
                      struct arena *a, struct bytes *reply)
{
    static const enum gateway_purpose purpose[] = { [PDF_FETCH_OCSP] = GATEWAY_OCSP,
                                                    [PDF_FETCH_CRL] = GATEWAY_CRL,
                                                    [PDF_FETCH_CERT] = GATEWAY_CA };
    const struct signing_inside *in = arg;
    enum err e;

    *reply = BYTES_ABSENT;
    if (clock_monotonic_us() > in->fetch_until)
        return FAIL(E_BACKEND, "fetch-budget", "no time left for %.*s", STR_ARG(url));
    e = gateway_client_fetch(in->gateway, purpose[kind], url, request, a, reply);
    if (e != E_OK)
        log_warning("fetching evidence failed reason=%s detail=%s", fault_current()->reason,
                    fault_current()->detail);
    return e;
}

/* Anchors beyond our own: accredited TSAs and partners, as the operator decides. */
static enum err add_file(struct pdf_trust *t, struct str path)
{
    struct arena *a;
    struct str pem;
    size_t n;
    enum err e;
    FILE *f;

    if (str_empty(path))
        return E_OK;
    f = fopen(path.p, "rbe");
    if (f == NULL)
        return FAIL(E_INPUT, "", "verify.anchors_file %s: errno %d", path.p, errno);
    a = arena_new(2 * ANCHORS_MAX);
    char *text = arena_alloc(a, ANCHORS_MAX);
    n = fread(text, 1, ANCHORS_MAX, f);
    (void)fclose(f);
    pem = str_of(a, text, n);
    e = pdf_trust_add_pem(t, pem);
    arena_free(a);
    return e;
}

static enum err add_own(struct tx *tx, void *arg)
{
    struct pdf_trust *t = arg;
    struct bytes *anchors;
    size_t n;

    TRY(authority_anchors(tx, &anchors, &n));
    for (size_t i = 0; i < n; i++) {
        TRY(pdf_trust_add_anchor(t, anchors[i]));
        TRY(pdf_trust_add_tsa_anchor(t, anchors[i]));
    }
    return E_OK;
}

/* Lists of qualified and accredited services, where there are any. */
static enum err add_lists(struct pdf_trust *t, struct str dir)
{
    struct pdf_trust_lists *lists;
    enum err e;

    if (str_empty(dir))
        return E_OK;
    lists = pdf_trust_lists_new();
    e = pdf_trust_lists_load(lists, dir);
    if (e == E_OK)
        return pdf_trust_set_lists(t, lists);
    pdf_trust_lists_free(lists);
    return e;
}

static enum err load_trust(struct signing_inside *in, struct pdf_trust *t)
{
    struct arena *a = arena_new(4 << 20);
    enum err e = tx_run(in->side, a, add_own, t);
    arena_free(a);
    if (e == E_OK)
        e = add_file(t, in->anchors_file);
    if (e == E_OK)
        e = add_lists(t, in->trust_lists);
    pdf_trust_set_fetch(t, fetch, in);
    return e;
}

enum err signing_inside_trust(struct signing_inside *in, const struct pdf_trust **out)
{
    if (in->trust == NULL || clock_monotonic_us() > in->trust_until) {
        struct pdf_trust *t = pdf_trust_new();
        enum err e = load_trust(in, t);
        if (e != E_OK) {
            pdf_trust_free(t);
            return e;
        }
        pdf_trust_free(in->trust);
        in->trust = t;
        in->trust_until = clock_monotonic_us() + TRUST_LIFE_US;
    }
    in->fetch_until = clock_monotonic_us() + FETCH_US;
    *out = in->trust;
    return E_OK;
}

enum err signing_hsm_ready(void)
{
    struct signing_inside *in = NULL;
    enum err e = signing_inside_hsm(&in);
    return e == E_OK && in != NULL ? hsm_check(in->hsm) : e;
}
