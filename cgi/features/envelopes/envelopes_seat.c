/*
 * envelopes_seat.c - the parties' side: links, codes, visits, declining, what waits for an account.
 * Of every secret that goes to a person only a digest is kept; a code's digest is bound to the link
 * it was asked with, so that who reads the database can try neither.
 */
#include "features/envelopes/envelopes_inside.h"

#include "base/crypto.h"
#include "base/random.h"
#include "store/gen/envelopes.q.h"
#include "store/mail_queue.h"

static enum err seat_of(struct tx *tx, struct party_id id, struct envelopes_seat *out)
{
    out->envelope = ARENA_NEW(tx_arena(tx), struct envelopes_envelope);
    TRY(envelopes_inside_party(tx, id, &out->party));
    return envelopes_inside_get(tx, out->party.envelope, out->envelope);
}

enum err envelopes_link_find(struct tx *tx, struct str token, struct timestamp now,
                             struct envelopes_seat *out)
{
    struct q_link_get row;
    enum err e = q_link_get(tx, sha256(bytes_of_str(token)), now, &row);
    if (e == E_ABSENT)
        return FAIL(E_ABSENT, "link-unknown", "no such link, or its time is over");
    TRY(e);
    return seat_of(tx, row.party, out);
}

enum err envelopes_link_make(struct tx *tx, struct party_id party, struct timestamp now,
                             struct timestamp until, struct str *token)
{
    *token = random_token(tx_arena(tx), 32);
    return q_link_add(tx, sha256(bytes_of_str(*token)), party, now, until);
}

/* --- codes --- */

static struct bytes32 code_hash(struct arena *a, struct str token, struct str code)
{
    return sha256(
        bytes_of_str(str_fmt(a, "shomei-envelope-code|%.*s|%.*s", STR_ARG(token), STR_ARG(code))));
}

enum err envelopes_code_make(struct tx *tx, const struct envelopes_seat *s, struct str token,
                             const struct audit_by *by, struct timestamp now, struct str *code)
{
    struct arena *a = tx_arena(tx);
    uint64_t changed;

    *code = str_fmt(a, "%06u", (unsigned)random_below(1000000));
    if (s->party.code_failures >= ENVELOPES_CODE_FAILURES)
        return FAIL(E_LIMIT, "code-locked", "too many wrong codes");
    /* one mail a minute: the link must not be a way to fill somebody's mailbox */
    TRY(q_party_code(
        tx, s->party.id, code_hash(a, token, *code), timestamp_add(now, ENVELOPES_CODE_US),
        timestamp_add(now, ENVELOPES_CODE_US - MINUTE_US), ENVELOPES_CODE_FAILURES, &changed));
    if (changed != 1)
        return FAIL(E_LIMIT, "code-again", "a code was sent a moment ago");
    TRY(envelopes_inside_event(tx, s->envelope->id, s->party.id, "code", by, now));
    return envelopes_inside_audit(tx, s->envelope, by, "envelopes.code.make");
}

enum err envelopes_code_mail(struct tx *tx, const struct envelopes_seat *s, struct str subject,
                             struct str text)
{
    struct mail_queue_entry mail = { .tenant = s->envelope->owner.tenant,
                                     .to = s->party.mail,
                                     .template_name = "envelopes/code",
                                     .lang = str_eq_z(s->party.lang, "en") ? "en" : "ja",
                                     .subject = subject,
                                     .text = text };
    struct mail_id id;
    mail.html = mail_queue_html(tx_arena(tx), mail.lang, text);
    return mail_queue(tx, &mail, &id);
}

static enum err begin_visit(struct tx *tx, const struct envelopes_seat *s,
                            const struct audit_by *by, struct timestamp now, struct str *cookie)
{
    *cookie = random_token(tx_arena(tx), 32);
    TRY(q_visit_add(tx, sha256(bytes_of_str(*cookie)), s->party.id, now,
                    timestamp_add(now, ENVELOPES_VISIT_US)));
    return envelopes_inside_audit(tx, s->envelope, by, "envelopes.visit.begin");
}

enum err envelopes_code_check(struct tx *tx, const struct envelopes_seat *s, struct str token,
                              struct str code, const struct audit_by *by, struct timestamp now,
                              enum envelopes_code_answer *answer, struct str *cookie)
{
    struct bytes32 hash = code_hash(tx_arena(tx), token, code);
    struct q_party_code_get row;
    uint64_t changed;

    /* counted before it is looked at: two requests at once cannot try one more */
    TRY(q_party_code_try(tx, s->party.id, now, ENVELOPES_CODE_TRIES, &changed));
    *answer = ENVELOPES_CODE_OVER;
    if (changed != 1)
        return envelopes_inside_audit(tx, s->envelope, by, "envelopes.code.over");
    TRY(q_party_code_get(tx, s->party.id, &row));
    if (!bytes_eq_secret(row.hash, bytes_of_32(&hash))) {
        *answer = row.tries >= ENVELOPES_CODE_TRIES ? ENVELOPES_CODE_OVER : ENVELOPES_CODE_WRONG;
        TRY(envelopes_inside_event(tx, s->envelope->id, s->party.id, "code-wrong", by, now));
        return envelopes_inside_audit(tx, s->envelope, by, "envelopes.code.wrong");
    }
    TRY(q_party_code_used(tx, s->party.id, hash, &changed));
    *answer = ENVELOPES_CODE_RIGHT;
    return begin_visit(tx, s, by, now, cookie);
}

/* --- seats --- */

enum err envelopes_claim(struct tx *tx, const struct envelopes_seat *s, struct account_id account,
                         const struct audit_by *by, struct timestamp now)
{
    uint64_t changed;

    (void)now;
    TRY(q_party_claim(tx, s->party.id, account, &changed));
    if (changed != 1)
        return FAIL(E_DENIED, "party-other-account", "the account has another mail address");
    return envelopes_inside_audit(tx, s->envelope, by, "envelopes.party.claim");
}

enum err envelopes_seat_by_cookie(struct tx *tx, struct str party, struct str cookie,
                                  struct timestamp now, struct envelopes_seat *out)
{
    struct q_visit_get row;
    enum err e =
        str_empty(cookie) ? E_ABSENT : q_visit_get(tx, sha256(bytes_of_str(cookie)), now, &row);
    if (e == E_OK) {
        TRY(seat_of(tx, row.party, out));
        if (!str_eq(out->party.public_id, party))
            e = E_ABSENT;
    }
    if (e == E_ABSENT)
        return FAIL(E_ABSENT, "visit-over", "no visit of this person");
    return e;
}

enum err envelopes_seat_by_account(struct tx *tx, struct str party, struct account_id account,
                                   struct timestamp now, struct envelopes_seat *out)
{
    struct q_party_by_public row;
    enum err e = q_party_by_public(tx, party, &row);

    (void)now;
    if (e == E_ABSENT || (e == E_OK && (account.v == 0 || row.account.v != account.v)))
        return FAIL(E_ABSENT, "visit-over", "no seat of this account");
    TRY(e);
    return seat_of(tx, row.id, out);
}

enum err envelopes_opened(struct tx *tx, const struct envelopes_seat *s, const struct audit_by *by,
                          struct timestamp now)
{
    uint64_t changed;

    if (!timestamp_is_none(s->party.opened))
        return E_OK;
    TRY(q_party_opened(tx, s->party.id, now, &changed));
    if (changed != 1)
        return E_OK;
    TRY(envelopes_inside_event(tx, s->envelope->id, s->party.id, "opened", by, now));
    return envelopes_inside_audit(tx, s->envelope, by, "envelopes.envelope.open");
}

enum err envelopes_decline(struct tx *tx, const struct envelopes_seat *s, struct str reason,
                           const struct audit_by *by, struct timestamp now)
{
    uint64_t changed;

    TRY(envelopes_inside_text(reason, 500, "reason-bad"));
    TRY(q_envelope_lock(tx, s->envelope->id, STR("sent"), &changed));
    if (changed != 1)
        return FAIL(E_STATE, "envelope-ended", "it is not being signed");
    TRY(q_party_decline(tx, s->party.id, reason, now, &changed));
    if (changed != 1)
        return FAIL(E_STATE, s->party.state == ENVELOPES_WAITING ? "not-your-turn" : "party-done",
                    "not awaited");
    TRY(envelopes_inside_event(tx, s->envelope->id, s->party.id, "refused", by, now));
    TRY(envelopes_inside_end(tx, s->envelope, ENVELOPES_DECLINED, STR_ABSENT, "declined", by, now));
    return envelopes_inside_audit(tx, s->envelope, by, "envelopes.envelope.decline");
}

/* --- what waits for an account --- */

enum err envelopes_inbox(struct tx *tx, struct account_id account, uint32_t offset, uint32_t limit,
                         struct envelopes_inbox_row **rows, size_t *n, uint64_t *total)
{
    struct q_party_inbox_count count;
    struct q_party_inbox *got;

    TRY(q_party_inbox_count(tx, account, &count));
    TRY(q_party_inbox(tx, account, offset, limit, &got, n));
    *rows = ARENA_ARRAY(tx_arena(tx), *n, struct envelopes_inbox_row);
    for (size_t i = 0; i < *n; i++)
        (*rows)[i] = (struct envelopes_inbox_row){
            .party = got[i].party,
            .title = got[i].title,
            .sender = got[i].sender,
            .number = envelopes_number(tx_arena(tx), got[i].envelope),
            .turn = str_eq_z(got[i].state, "turn")       ? ENVELOPES_TURN
                    : str_eq_z(got[i].state, "signed")   ? ENVELOPES_SIGNED
                    : str_eq_z(got[i].state, "declined") ? ENVELOPES_DECLINED_BY
                                                         : ENVELOPES_ENDED,
            .deadline = got[i].deadline,
            .invited = got[i].invited,
            .over = !str_eq_z(got[i].envelope_state, "sent"),
        };
    *total = count.n;
    return E_OK;
}

enum err envelopes_inbox_count(struct tx *tx, struct account_id account, uint64_t *n)
{
    struct q_party_inbox_count count;
    TRY(q_party_inbox_count(tx, account, &count));
    *n = count.waiting;
    return E_OK;
}
