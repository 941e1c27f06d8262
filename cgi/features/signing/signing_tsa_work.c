/* signing_tsa_work.c - time-stamping authorities: the list, accreditation (P3-15), failover. */
#include "features/signing/signing_inside_work.h"

#include "base/log.h"
#include "base/settings.h"
#include "net/gateway_client.h"

/* The part of `s` before the next separator, from *at on; advances *at behind it. */
static struct str next_part(struct arena *a, struct str s, char separator, size_t *at)
{
    size_t from = *at < s.n ? *at : s.n, end = str_find(s, separator, from);
    if (end == SIZE_MAX)
        end = s.n;
    *at = end + 1;
    return str_trim(a, str_sub(a, s, from, end));
}

/* A day such as 2027-03-31, good until its end in Japan; anything else is refused at start. */
static enum err read_until(struct arena *a, struct str s, struct timestamp *out)
{
    *out = TIMESTAMP_NONE;
    if (s.n == 0)
        return E_OK;
    if (timestamp_parse_rfc3339(str_fmt(a, "%.*sT23:59:59+09:00", STR_ARG(s)), out) != E_OK)
        return FAIL(E_INPUT, "tsa-settings", "tsa.accredited_until: %.*s is no date", STR_ARG(s));
    return E_OK;
}

enum err signing_tsa_read(struct signing_inside *in, const struct settings *settings)
{
    struct str urls = settings_str(settings, "tsa.url");
    struct str accreditations = settings_str(settings, "tsa.accreditation");
    struct str untils = settings_str(settings, "tsa.accredited_until");
    struct arena *a = in->arena;
    size_t at = 0, at_text = 0, at_until = 0;

    in->require_accredited = settings_bool(settings, "tsa.require_accredited");
    in->tsa_policy = str_dup(a, settings_str(settings, "tsa.policy"));
    if (str_empty(urls)) {
        struct str base = settings_str(settings, "url.repository");
        urls = str_fmt(a, "%.*s%stsa", STR_ARG(base), str_ends(base, STR("/")) ? "" : "/");
    }
    while (at < urls.n) {
        struct signing_tsa t = { .url = next_part(a, urls, ' ', &at) };
        if (t.url.n == 0)
            continue;
        if (in->tsa_n == SIGNING_TSA_MAX)
            return FAIL(E_INPUT, "tsa-settings", "more than %d in tsa.url", SIGNING_TSA_MAX);
        t.accreditation = next_part(a, accreditations, '|', &at_text);
        TRY(read_until(a, next_part(a, untils, '|', &at_until), &t.accredited_until));
        in->tsa[in->tsa_n++] = t;
    }
    return E_OK;
}

enum err signing_tsa_usable(const struct signing_inside *in, const struct signing_tsa *tsa,
                            struct timestamp now)
{
    if (!in->require_accredited)
        return E_OK;
    if (str_empty(tsa->accreditation) || timestamp_is_none(tsa->accredited_until) ||
        timestamp_cmp(now, tsa->accredited_until) > 0)
        return FAIL(E_STATE, "tsa-unaccredited", "%.*s has no accreditation now",
                    STR_ARG(tsa->url));
    return E_OK;
}

struct channel {
    const struct signing_inside *in;
    const struct signing_tsa *tsa;
};

static enum err send_request(void *arg, struct bytes request, struct arena *a, struct bytes *reply)
{
    const struct channel *c = arg;
    return gateway_client_fetch(c->in->gateway, GATEWAY_TSA, c->tsa->url, request, a, reply);
}

/* Whether another TSA may do better. */
static bool tsa_at_fault(enum err e)
{
    return (e == E_BACKEND || e == E_STATE) &&
           str_starts(str_z(fault_current()->reason), STR("tsa-"));
}

#define TOKEN_MARGIN 1024 /* serial numbers and times vary, a chain may grow by a little */

/* How large its tokens are; true when that is more than was known. */
static bool learn(struct signing_tsa *tsa, const struct pdf_sign_result *r)
{
    size_t n = r->token.der.n > r->archive.der.n ? r->token.der.n : r->archive.der.n;
    bool more = n > tsa->token_max;
    if (more)
        tsa->token_max = n;
    return more;
}

static enum err run_with(struct signing_inside *in, struct signing_tsa *tsa,
                         const struct signing_tsa_task *task)
{
    struct channel channel = { in, tsa };
    struct timestamp_authority ta = { .send = send_request,
                                      .arg = &channel,
                                      .policy =
                                          str_empty(in->tsa_policy) ? STR_ABSENT : in->tsa_policy,
                                      .now = TIMESTAMP_NONE };
    enum err e;

    TRY(signing_tsa_usable(in, tsa, clock_now()));
    for (int i = 0; i < 2; i++) {
        ta.token_room = tsa->token_max ? tsa->token_max + TOKEN_MARGIN : 0;
        e = task->run(task->arg, &ta);
        bool more = learn(tsa, task->result);
        if (e != E_LIMIT || !more || strcmp(fault_current()->reason, "signature-too-large") != 0)
            break;
    }
    return e;
}

enum err signing_tsa_run(struct signing_inside *in, const struct signing_tsa_task *task,
                         const struct signing_tsa **used)
{
    enum err e = E_OK;

    *used = NULL;
    if (in->tsa_n == 0)
        return FAIL(E_BACKEND, "tsa-unavailable", "none is configured");
    for (size_t i = 0; i < in->tsa_n; i++) {
        size_t k = (in->tsa_first + i) % in->tsa_n;
        e = run_with(in, &in->tsa[k], task);
        if (e == E_OK) {
            in->tsa_first = k;
            *used = &in->tsa[k];
            return E_OK;
        }
        if (!tsa_at_fault(e))
            return e;
        log_warning("time-stamping failed tsa=%.*s reason=%s detail=%s", STR_ARG(in->tsa[k].url),
                    fault_current()->reason, fault_current()->detail);
    }
    return e;
}

struct signing {
    struct pdf_sign_params *params;
    struct arena *a;
    struct buf *out;
    struct pdf_sign_result *result;
};

static enum err sign(void *arg, const struct timestamp_authority *tsa)
{
    struct signing *s = arg;
    s->params->tsa = tsa;
    buf_reset(s->out);
    enum err e = pdf_sign(s->params, s->a, s->out, s->result);
    s->params->tsa = NULL;
    return e;
}

enum err signing_tsa_sign(struct signing_inside *in, struct pdf_sign_params *params,
                          struct arena *a, struct buf *out, struct pdf_sign_result *result,
                          const struct signing_tsa **used)
{
    struct signing s = { params, a, out, result };
    struct signing_tsa_task task = { sign, &s, result };

    *used = NULL;
    if (params->level == PDF_LEVEL_ES)
        return pdf_sign(params, a, out, result);
    return signing_tsa_run(in, &task, used);
}

struct str signing_tsa_label(void)
{
    struct signing_inside *in = NULL;
    if (signing_inside_get(&in) != E_OK || in == NULL || in->tsa_n == 0)
        return STR("");
    return in->tsa[in->tsa_first].accreditation;
}
