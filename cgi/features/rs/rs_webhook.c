/* rs_webhook.c - where clients want to be told, and what they were told; see rs.h */
#include "features/rs/rs_inside.h"

#include "base/crypto.h"
#include "base/encoding.h"
#include "base/random.h"
#include "store/gen/rs.q.h"
#include "store/jobs.h"

#define BODY_MAX 8000
#define SECRET_SIZE 32 /* random bytes, shown as base64url */

struct str rs_webhook_context(struct arena *a, struct client_id client)
{
    return str_fmt(a, "webhook %llu", (unsigned long long)client.v);
}

struct str rs_webhook_signature(struct arena *a, struct bytes secret, int64_t seconds,
                                struct str body)
{
    struct str text = str_fmt(a, "%lld.%.*s", (long long)seconds, STR_ARG(body));
    struct bytes32 mac = hmac_sha256(secret, bytes_of_str(text));

    return str_fmt(a, "t=%lld,v1=%s", (long long)seconds, hex_encode(a, bytes_of_32(&mac)).p);
}

/* --- the place --- */

static bool name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.';
}

/* A name with a dot whose last label is no number: no address, nothing of the local network. */
static bool public_name(struct str host)
{
    size_t dot = SIZE_MAX;

    for (size_t i = 0; i < host.n; i++) {
        if (!name_char(host.p[i]))
            return false;
        if (host.p[i] == '.')
            dot = i;
    }
    return dot != SIZE_MAX && dot > 0 && dot + 1 < host.n &&
           (host.p[dot + 1] < '0' || host.p[dot + 1] > '9');
}

static enum err refuse(const char *why)
{
    return FAIL(E_INPUT, "webhook-url", "%s", why);
}

enum err rs_webhook_check(struct arena *a, struct str url)
{
    static const struct str https = { "https://", 8 }, local = { "http://localhost:", 17 };
    size_t end;

    if (url.n > RS_URL_MAX)
        return refuse("too long");
    for (size_t i = 0; i < url.n; i++)
        if ((unsigned char)url.p[i] <= 0x20 || (unsigned char)url.p[i] >= 0x7F || url.p[i] == '@' ||
            url.p[i] == '#' || url.p[i] == '\\')
            return refuse("a character that may not be in it");
    if (rs_is_development() && str_starts(url, local))
        return E_OK;
    if (!str_starts(url, https))
        return refuse("not https");
    for (end = https.n; end < url.n && url.p[end] != '/' && url.p[end] != '?' && url.p[end] != ':';)
        end++;
    return public_name(str_sub(a, url, https.n, end)) ? E_OK : refuse("not a public host name");
}

enum err rs_webhook_get(struct tx *tx, struct tenant_id tenant, struct client_id client,
                        struct rs_webhook *out)
{
    struct q_rs_webhook_get row;
    enum err e = q_rs_webhook_get(tx, tenant, client, &row);

    if (e == E_ABSENT)
        return FAIL(E_ABSENT, "webhook-unknown", "none is registered");
    if (e == E_OK)
        *out = (struct rs_webhook){ row.url, row.created_at, row.secret_at, row.failures,
                                    row.hold_until };
    return e;
}

static enum err make_secret(struct arena *a, struct client_id client, struct str *secret,
                            struct bytes *sealed)
{
    *secret = random_token(a, SECRET_SIZE);
    return rs_seal(a, rs_webhook_context(a, client), bytes_of_str(*secret), sealed);
}

static enum err note(struct tx *tx, const struct audit_by *by, struct tenant_id tenant,
                     struct client_id client, const char *action)
{
    struct audit_entry e = { .by = *by,
                             .tenant = tenant,
                             .action = action,
                             .object_kind = "client",
                             .object = audit_id(tx_arena(tx), client.v) };
    return audit_write(tx, &e);
}

enum err rs_webhook_set(struct tx *tx, struct tenant_id tenant, struct client_id client,
                        struct str url, const struct audit_by *by, struct timestamp now,
                        struct str *secret)
{
    struct bytes sealed;
    uint64_t changed = 0;

    *secret = STR_ABSENT;
    TRY(rs_webhook_check(tx_arena(tx), url));
    TRY(q_rs_webhook_url(tx, tenant, client, url, &changed));
    if (changed == 0) {
        TRY(make_secret(tx_arena(tx), client, secret, &sealed));
        TRY(q_rs_webhook_add(tx, client, tenant, url, sealed, now));
    }
    return note(tx, by, tenant, client, "rs.webhook.set");
}

enum err rs_webhook_renew(struct tx *tx, struct tenant_id tenant, struct client_id client,
                          const struct audit_by *by, struct timestamp now, struct str *secret)
{
    struct bytes sealed;
    uint64_t changed = 0;

    TRY(make_secret(tx_arena(tx), client, secret, &sealed));
    TRY(q_rs_webhook_secret(tx, tenant, client, sealed, now, &changed));
    if (changed == 0)
        return FAIL(E_ABSENT, "webhook-unknown", "none is registered");
    return note(tx, by, tenant, client, "rs.webhook.secret");
}

enum err rs_webhook_erase(struct tx *tx, struct tenant_id tenant, struct client_id client,
                          const struct audit_by *by)
{
    uint64_t changed = 0;

    TRY(q_rs_webhook_drop(tx, tenant, client, &changed));
    if (changed == 0)
        return FAIL(E_ABSENT, "webhook-unknown", "none is registered");
    return note(tx, by, tenant, client, "rs.webhook.erase");
}

/* --- notices --- */

static enum err order(struct tx *tx, struct str public_id)
{
    struct str payload =
        str_fmt(tx_arena(tx), "{\"delivery\":\"%.*s\"}", STR_ARG(public_id)); /* base64url */
    return jobs_add(tx, RS_JOB_DELIVER, payload, TIMESTAMP_NONE, NULL);
}

static enum err compose(struct arena *a, struct str id, const char *event, struct timestamp now,
                        struct json *data, struct str *body)
{
    struct json *j = json_new_object();
    struct buf b = buf_init(BODY_MAX);
    enum err e;

    json_set_str(j, "id", id);
    json_set_str(j, "event", str_z(event));
    json_set_time(j, "created_at", now);
    json_set(j, "data", data);
    e = json_write(j, false, &b);
    if (e == E_OK)
        e = buf_to_str(&b, a, body);
    json_free(j);
    buf_free(&b);
    return e;
}

enum err rs_webhook_queue(struct tx *tx, struct client_id client, const char *event,
                          struct json *data)
{
    struct timestamp now = clock_now();
    struct str id = random_token(tx_arena(tx), 16), body;
    struct q_rs_webhook_of row;
    enum err e = q_rs_webhook_of(tx, client, &row);

    if (e != E_OK) {
        json_free(data);
        if (e == E_ABSENT)
            fault_clear();
        return e == E_ABSENT ? E_OK : e;
    }
    TRY(compose(tx_arena(tx), id, event, now, data, &body));
    TRY(q_rs_delivery_add(tx, id, client, str_z(event), body, now));
    struct audit_entry entry = { .by = { .client = client, .tenant = row.tenant_id },
                                 .tenant = row.tenant_id,
                                 .action = "rs.webhook.queue",
                                 .object_kind = "delivery",
                                 .object = id };
    TRY(audit_write(tx, &entry));
    return order(tx, id);
}

enum err rs_delivery_list(struct tx *tx, struct tenant_id tenant, struct client_id client,
                          uint32_t offset, uint32_t limit, struct rs_delivery **rows, size_t *n)
{
    struct q_rs_delivery_list *got;
    struct rs_webhook place;

    *n = 0;
    TRY(rs_webhook_get(tx, tenant, client, &place));
    TRY(q_rs_delivery_list(tx, client, limit, offset, &got, n));
    *rows = ARENA_ARRAY(tx_arena(tx), *n, struct rs_delivery);
    for (size_t i = 0; i < *n; i++)
        (*rows)[i] = (struct rs_delivery){ got[i].public_id,  got[i].event,    got[i].body,
                                           got[i].state,      got[i].attempts, got[i].last_reason,
                                           got[i].created_at, got[i].last_at };
    return E_OK;
}

enum err rs_delivery_again(struct tx *tx, struct tenant_id tenant, struct client_id client,
                           struct str public_id, const struct audit_by *by)
{
    struct rs_webhook place;
    uint64_t changed = 0;

    TRY(rs_webhook_get(tx, tenant, client, &place));
    TRY(q_rs_delivery_again(tx, client, public_id, &changed));
    if (changed == 0)
        return FAIL(E_ABSENT, "delivery-unknown", "none that was given up");
    TRY(order(tx, public_id));
    return note(tx, by, tenant, client, "rs.webhook.again");
}
