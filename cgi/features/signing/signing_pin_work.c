/*
 * signing_pin_work.c - PINs (P3-46): counted before they are judged, so that neither a crash nor
 * two requests at once give a free try; every step is committed on its own connection, because the
 * request that carried a wrong PIN fails and is rolled back.
 */
#include "features/signing/signing_inside_work.h"

#include "features/signing/signing_work.h"
#include "store/gen/signing.q.h"

struct attempt {
    const struct signing_credential *credential;
    const struct audit_by *by;
    bool counted, locked;
};

struct bytes signing_pin_context(struct arena *a, struct str public_id)
{
    return bytes_of_str(str_fmt(a, "shomei-credential|%.*s", STR_ARG(public_id)));
}

static enum err count_one(struct tx *tx, void *arg)
{
    struct attempt *t = arg;
    uint64_t changed;
    TRY(q_credential_attempt(tx, t->credential->id, SIGNING_PIN_TRIES, &changed));
    t->counted = changed == 1;
    return E_OK;
}

static enum err forget(struct tx *tx, void *arg)
{
    const struct attempt *t = arg;
    return q_credential_pin_right(tx, t->credential->id);
}

/* The holder hears of it by mail: it may not have been the holder who tried (P3-141). */
static enum err order_mail(struct tx *tx, const struct signing_credential *c)
{
    struct str payload = str_fmt(tx_arena(tx), "{\"credential\":\"%s\"}", c->public_id.p);
    return jobs_add(tx, SIGNING_JOB_LOCKED, payload, TIMESTAMP_NONE, NULL);
}

static enum err write_down(struct tx *tx, void *arg)
{
    struct attempt *t = arg;
    uint64_t changed;
    TRY(q_credential_lock(tx, t->credential->id, SIGNING_PIN_TRIES, &changed));
    t->locked = changed == 1;
    if (t->locked)
        TRY(order_mail(tx, t->credential));
    struct audit_entry e = { .by = *t->by,
                             .tenant = t->credential->tenant,
                             .action = t->locked ? "signing.credential.lock" : "signing.pin.refuse",
                             .object_kind = "credential",
                             .object = t->credential->public_id,
                             .outcome = AUDIT_REFUSED };
    return audit_write(tx, &e);
}

static enum err on_side(struct signing_inside *in, enum err (*work)(struct tx *, void *),
                        struct attempt *t)
{
    struct arena *a = arena_new(1 << 20);
    enum err e = tx_run(in->side, a, work, t);
    arena_free(a);
    return e;
}

static enum err wrong(struct signing_inside *in, struct attempt *t)
{
    TRY(on_side(in, write_down, t));
    if (t->locked)
        return FAIL(E_STATE, "credential-locked", "the last try was used up");
    return FAIL(E_AUTH, "pin-wrong", "counted");
}

/* Count, try `open`, then write down what came of it. */
static enum err guarded(struct signing_inside *in, struct attempt *t, const struct secret *pin,
                        enum err (*open)(void *arg), void *arg)
{
    enum err e;

    if (pin == NULL || secret_size(pin) == 0)
        return FAIL(E_INPUT, "pin-required", "this credential has a PIN");
    TRY(on_side(in, count_one, t));
    if (!t->counted)
        return FAIL(E_STATE, "credential-locked", "no tries left, or not active");
    e = open(arg);
    if (e == E_AUTH)
        return wrong(in, t);
    if (e == E_OK)
        return on_side(in, forget, t);
    return e;
}

struct opening {
    const struct signing_credential *credential;
    const struct secret *pin, *new_pin;
    struct bytes context;
    struct arena *arena;
    struct secret *wrapped;
    struct bytes new_blob;
};

static enum err open_blob(void *arg)
{
    struct opening *o = arg;
    return keys_open_pin(o->credential->key_blob, o->pin, o->context, &o->wrapped);
}

static enum err rebind(void *arg)
{
    struct opening *o = arg;
    return keys_change_pin(o->arena, o->credential->key_blob, o->pin, o->new_pin, o->context,
                           &o->new_blob);
}

enum err signing_pin_open(struct signing_inside *in, const struct signing_credential *c,
                          const struct secret *pin, const struct audit_by *by,
                          struct secret **wrapped)
{
    struct attempt t = { .credential = c, .by = by };
    struct arena *a = arena_new(64 * 1024);
    struct opening o = { .credential = c,
                         .pin = pin,
                         .context = signing_pin_context(a, c->public_id) };
    enum err e = guarded(in, &t, pin, open_blob, &o);

    arena_free(a);
    if (e == E_OK)
        *wrapped = o.wrapped;
    else
        secret_free(o.wrapped);
    return e;
}

enum err signing_pin_change(struct tx *tx, struct signing_owner owner, struct str credential,
                            const struct secret *old_pin, const struct secret *new_pin,
                            const struct audit_by *by, struct timestamp now)
{
    struct signing_inside *in;
    struct signing_credential c;
    uint64_t changed;

    TRY(signing_inside_get(&in));
    TRY(signing_credential_find(tx, owner, credential, &c));
    if (c.state != SIGNING_CREDENTIAL_ACTIVE)
        return FAIL(E_STATE, "credential-state", "not active");
    TRY(keys_pin_check(new_pin));
    struct attempt t = { .credential = &c, .by = by };
    struct opening o = { .credential = &c,
                         .pin = old_pin,
                         .new_pin = new_pin,
                         .context = signing_pin_context(tx_arena(tx), c.public_id),
                         .arena = tx_arena(tx) };
    TRY(guarded(in, &t, old_pin, rebind, &o));
    TRY(q_credential_pin_change(tx, c.id, c.key_blob, o.new_blob, now, &changed));
    if (changed != 1)
        return FAIL(E_CONFLICT, "credential-changed", "changed by somebody else meanwhile");
    struct audit_entry e = { .by = *by,
                             .tenant = c.tenant,
                             .action = "signing.pin.change",
                             .object_kind = "credential",
                             .object = c.public_id };
    return audit_write(tx, &e);
}
