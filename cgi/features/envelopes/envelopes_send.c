/* envelopes_send.c - from the draft to the end: sending, whose turn it is, voiding, ending. */
#include "features/envelopes/envelopes_inside.h"

#include "base/json.h"
#include "features/rs/rs.h"
#include "store/gen/envelopes.q.h"

static const struct party_id nobody = { 0 };

enum err envelopes_obstacle(struct tx *tx, const struct envelopes_envelope *e, struct timestamp now,
                            const char **reason)
{
    struct envelopes_document *d;
    struct envelopes_party *p;
    size_t n, signers = 0;

    *reason = NULL;
    if (str_empty(e->title))
        *reason = "envelope-no-title";
    else if (timestamp_is_none(e->deadline))
        *reason = "deadline-missing";
    else if (timestamp_cmp(e->deadline, now) <= 0)
        *reason = "deadline-past";
    TRY(envelopes_documents(tx, e->id, &d, &n));
    if (*reason == NULL && n == 0)
        *reason = "envelope-no-documents";
    for (size_t i = 0; i < n && *reason == NULL; i++)
        if (!d[i].held || timestamp_cmp(now, d[i].delete_at) >= 0)
            *reason = "envelope-document-gone";
    TRY(envelopes_parties(tx, e->id, &p, &n));
    for (size_t i = 0; i < n; i++)
        signers += p[i].kind == ENVELOPES_SIGNER;
    if (*reason == NULL && signers == 0)
        *reason = "envelope-no-signers";
    return E_OK;
}

/* Held until the deadline, as the sender agreed; the digest of what was sent is kept. */
static enum err hold_documents(struct tx *tx, const struct envelopes_envelope *e)
{
    struct envelopes_document *d;
    struct signing_document file;
    size_t n;

    TRY(envelopes_documents(tx, e->id, &d, &n));
    for (size_t i = 0; i < n; i++) {
        TRY(signing_document_find(tx, e->owner, d[i].public_id, &file));
        TRY(signing_document_agree(tx, &file, e->deadline));
        TRY(q_paper_sent(tx, d[i].id, d[i].digest));
    }
    return E_OK;
}

/* Signers of the sender's own organisation are known by their accounts at once. */
static enum err bind_accounts(struct tx *tx, const struct envelopes_envelope *e)
{
    struct envelopes_party *p;
    uint64_t changed;
    size_t n;

    TRY(envelopes_parties(tx, e->id, &p, &n));
    for (size_t i = 0; i < n; i++)
        if (p[i].method == ENVELOPES_OWN)
            TRY(q_party_bind(tx, e->owner.tenant, p[i].id, p[i].mail, &changed));
    return E_OK;
}

enum err envelopes_send(struct tx *tx, const struct envelopes_envelope *e,
                        const struct audit_by *by, struct timestamp now)
{
    const char *obstacle;
    uint64_t changed;

    if (e->state != ENVELOPES_DRAFT)
        return E_OK; /* a second click */
    TRY(envelopes_obstacle(tx, e, now, &obstacle));
    if (obstacle != NULL)
        return FAIL(E_STATE, obstacle, "not ready to be sent");
    TRY(q_envelope_send(tx, e->id, e->deadline, now, timestamp_add(now, ENVELOPES_KEEP_US),
                        &changed));
    if (changed != 1)
        return FAIL(E_BUSY, "", "sent in another window");
    TRY(hold_documents(tx, e));
    TRY(bind_accounts(tx, e));
    TRY(envelopes_inside_event(tx, e->id, nobody, "sent", by, now));
    TRY(envelopes_inside_next(tx, e, by, now));
    return envelopes_inside_audit(tx, e, by, "envelopes.envelope.send");
}

enum err envelopes_inside_next(struct tx *tx, const struct envelopes_envelope *e,
                               const struct audit_by *by, struct timestamp now)
{
    struct envelopes_party *p;
    uint64_t changed;
    size_t n;

    TRY(q_party_turn(tx, e->id, e->ordered, &changed));
    TRY(envelopes_parties(tx, e->id, &p, &n));
    for (size_t i = 0; i < n; i++) {
        if (p[i].state != ENVELOPES_TURN || !timestamp_is_none(p[i].invited))
            continue;
        TRY(q_party_invited(tx, p[i].id, now));
        TRY(envelopes_inside_mail(tx, "invite", e->id, p[i].id));
        TRY(envelopes_inside_event(tx, e->id, p[i].id, "invited", by, now));
    }
    return E_OK;
}

enum err envelopes_inside_notify(struct tx *tx, const struct envelopes_envelope *e,
                                 const char *event)
{
    struct json *data;

    if (e->owner.client.v == 0)
        return E_OK;
    data = json_new_object();
    json_set_str(data, "envelope", e->public_id);
    json_set_str(data, "number", envelopes_number(tx_arena(tx), e->id));
    return rs_webhook_queue(tx, e->owner.client, event, data);
}

enum err envelopes_inside_end(struct tx *tx, const struct envelopes_envelope *e,
                              enum envelopes_state state, struct str reason, const char *mail,
                              const struct audit_by *by, struct timestamp now)
{
    struct timestamp erase = timestamp_add(now, ENVELOPES_HOLD_US);
    struct envelopes_party *p;
    uint64_t changed;
    size_t n;

    TRY(q_envelope_end(tx, e->id, str_z(envelopes_state_name(state)), reason, now, erase,
                       &changed));
    if (changed != 1)
        return FAIL(E_STATE, "envelope-ended", "it is not being signed");
    TRY(q_paper_release(tx, e->id, erase, &changed));
    TRY(envelopes_parties(tx, e->id, &p, &n));
    for (size_t i = 0; i < n; i++)
        if (!timestamp_is_none(p[i].invited) && p[i].state != ENVELOPES_DECLINED_BY)
            TRY(envelopes_inside_mail(tx, mail, e->id, p[i].id));
    if (e->owner.account.v != 0)
        TRY(envelopes_inside_mail(tx, mail, e->id, nobody));
    TRY(q_party_ended(tx, e->id, &changed));
    TRY(q_link_end(tx, e->id, erase, &changed));
    TRY(envelopes_inside_notify(
        tx, e, str_fmt(tx_arena(tx), "envelope.%s", envelopes_state_name(state)).p));
    return envelopes_inside_event(tx, e->id, nobody, envelopes_state_name(state), by, now);
}

enum err envelopes_void(struct tx *tx, const struct envelopes_envelope *e, struct str reason,
                        const struct audit_by *by, struct timestamp now)
{
    TRY(envelopes_inside_text(reason, 500, "reason-bad"));
    if (e->state == ENVELOPES_DRAFT)
        return FAIL(E_STATE, "envelope-draft", "a draft is deleted, not voided");
    TRY(envelopes_inside_end(tx, e, ENVELOPES_VOIDED, reason, "voided", by, now));
    return envelopes_inside_audit(tx, e, by, "envelopes.envelope.void");
}
