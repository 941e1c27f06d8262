/*
 * test_envelopes_sent.c - what was sent stays as it was sent, also for who read the draft before;
 * and what nobody can complete is forgotten in time (P3-11).
 */
#include "signing_kit.h"
#include "tap.h"

#include "base/log.h"
#include "features/envelopes/envelopes.h"
#include "features/envelopes/envelopes_work.h"

static const struct audit_by by = { .name = { "test", 4 } };

static void refused(enum err e, const char *what)
{
    is_err(e, E_STATE, what);
    is_str(str_z(fault_current()->reason), "envelope-sent", "as sent");
}

#define IN(...)                                                                                    \
    do {                                                                                           \
        struct tx *tx = people_tx(&kit.p, kit.p.portal);                                           \
        __VA_ARGS__;                                                                               \
        people_end(tx);                                                                            \
    } while (0)
#define REFUSED(call, what)                                                                        \
    do {                                                                                           \
        struct tx *tx = people_tx(&kit.p, kit.p.portal);                                           \
        refused((call), (what));                                                                   \
        people_undo(tx);                                                                           \
    } while (0)

static enum err add(struct tx *tx, const struct envelopes_envelope *e, const char *mail,
                    struct envelopes_party *out)
{
    const struct envelopes_person p = { STR("佐藤 次郎"), str_z(mail), STR("ja"), ENVELOPES_SIGNER,
                                        ENVELOPES_WITNESS };
    return envelopes_party_add(tx, e, &p, &by, out);
}

static struct envelopes_terms terms(void)
{
    return (struct envelopes_terms){ STR("契約"), STR("本文"), true, 3,
                                     timestamp_add(kit.p.now, 7 * DAY_US) };
}

/* As a request has it that began before the envelope was sent. */
static void sent_meanwhile(struct envelopes_envelope *stale)
{
    const struct envelopes_field seal = { .page = 1, .place = STR("top"), .size = 2000 };
    struct envelopes_terms t = terms();
    struct envelopes_party first, second, third;
    struct envelopes_document *d = NULL;
    size_t n = 0;

    IN(is_err(envelopes_draft(tx, kit.hanako, STR("山田 花子"), &by, kit.p.now, stale), E_OK,
              "a draft");
       is_err(envelopes_terms_set(tx, stale, &t, &by, kit.p.now), E_OK, "terms");
       is_err(envelopes_document_add(tx, stale, STR("a.pdf"), kit.pdf, &by, kit.p.now), E_OK,
              "a document");
       is_err(add(tx, stale, "one@example.jp", &first), E_OK, "one");
       is_err(add(tx, stale, "two@example.jp", &second), E_OK, "two");
       is_err(envelopes_documents(tx, stale->id, &d, &n), E_OK, "its documents"));
    IN(is_err(envelopes_find(tx, kit.hanako, stale->public_id, stale), E_OK, "read");
       is_err(envelopes_send(tx, stale, &by, kit.p.now), E_OK, "and sent from another window"));
    REFUSED(envelopes_document_add(tx, stale, STR("x.pdf"), kit.pdf, &by, kit.p.now),
            "no document comes in behind the signers' backs");
    REFUSED(envelopes_document_drop(tx, stale, d[0].id, &by, kit.p.now), "none goes");
    REFUSED(add(tx, stale, "three@example.jp", &third), "nobody joins");
    REFUSED(envelopes_party_drop(tx, stale, first.public_id, &by), "nobody leaves");
    REFUSED(envelopes_party_raise(tx, stale, second.public_id, &by), "the order stays");
    REFUSED(envelopes_field_add(tx, stale, first.public_id, &seal, &by), "seals stay");
    REFUSED(envelopes_terms_set(tx, stale, &t, &by, kit.p.now), "the words stay");
    REFUSED(envelopes_draft_drop(tx, stale, &by, kit.p.now), "and it is not dropped");
}

/* All have signed, but the completion fails for ever: its words go when its documents do. */
static void never_completed(struct envelopes_envelope *e)
{
    struct str none;
    struct tx *worker;
    size_t n = 1;

    is_err(harness_sql(kit.p.h, "UPDATE shomei.envelope SET state = 'completing'", &none), E_OK,
           "(all have signed)");
    IN(is_err(envelopes_find(tx, kit.hanako, e->public_id, e), E_OK, "read"));
    worker = people_tx(&kit.p, kit.p.worker);
    is_err(envelopes_work_erase(worker, timestamp_add(e->agreed_until, 7 * HOUR_US), &n), E_OK,
           "while it may still be completed");
    is_int((int64_t)n, 0, "nothing is forgotten");
    is_err(envelopes_work_erase(worker, timestamp_add(e->agreed_until, 9 * HOUR_US), &n), E_OK,
           "eight hours after the agreed time");
    is_int((int64_t)n, 1, "title and message are, although it never ended");
    people_end(worker);
    IN(is_err(envelopes_find(tx, kit.hanako, e->public_id, e), E_OK, "read"));
    ok(str_absent(e->title) && str_absent(e->message), "they are gone");
}

int main(int argc, char **argv)
{
    struct envelopes_envelope e;

    log_open("test_envelopes_sent", LOG_LEVEL_ERROR);
    if (!signing_kit_start(argc, argv)) {
        tap_skip("SoftHSM is not installed");
        return tap_done();
    }
    kit.p.now = clock_now();
    sent_meanwhile(&e);
    never_completed(&e);
    signing_kit_stop();
    return tap_done();
}
