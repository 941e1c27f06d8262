/*
 * test_signing_renewal.c - a file that reaches ES-A is remembered by its digest, its owner is
 * reminded before the archive timestamp ends, and a renewal takes its place (P3-10, P3-128).
 */
#include "signing_kit.h"

#include "base/crypto.h"
#include "base/log.h"
#include "features/signing/signing_renewal.h"

static struct signing_renewal *rows;
static size_t rows_n;

static size_t listed(struct signing_owner owner)
{
    struct tx *tx = people_tx(&kit.p, kit.p.portal);
    struct signing_renewal *got;
    uint64_t total = 0;

    is_err(signing_renewal_list(tx, owner, 0, 50, &got, &rows_n, &total), E_OK, "the list");
    rows = ARENA_ARRAY(kit.a, rows_n + 1, struct signing_renewal);
    for (size_t i = 0; i < rows_n; i++) {
        rows[i] = got[i];
        rows[i].public_id = str_dup(kit.a, got[i].public_id);
        rows[i].note = str_absent(got[i].note) ? STR_ABSENT : str_dup(kit.a, got[i].note);
    }
    people_undo(tx);
    return (size_t)total;
}

static void set(struct str id, struct str note, bool remind)
{
    struct tx *tx = people_tx(&kit.p, kit.p.portal);
    is_err(signing_renewal_set(tx, kit.hanako, id, note, remind, kit.p.now), E_OK, "changed");
    people_end(tx);
}

static struct str archived(void)
{
    struct signing_request rq = signing_kit_request(kit.hanako, kit.hanako_key, SIGNING_ES_A);
    struct str doc = signing_kit_upload(kit.hanako, kit.pdf);
    struct signing_receipt r;

    is_err(signing_kit_sign(&rq, doc, &r), E_OK, "a file is signed at ES-A");
    return doc;
}

static void remembered(void)
{
    struct signing_request rq = signing_kit_request(kit.hanako, kit.hanako_key, SIGNING_ES_T);
    struct str doc = signing_kit_upload(kit.hanako, kit.pdf);
    struct signing_receipt r;

    is_err(signing_kit_sign(&rq, doc, &r), E_OK, "a file at ES-T");
    is_int((int64_t)listed(kit.hanako), 0, "is not remembered");
    doc = archived();
    is_int((int64_t)listed(kit.hanako), 1, "but one at ES-A");
    struct bytes32 digest = sha256(signing_kit_bytes(kit.hanako, doc));
    ok(bytes32_eq(&rows[0].digest, &digest), "by the digest of what is delivered");
    ok(timestamp_cmp(rows[0].ends, timestamp_add(kit.p.now, 30 * DAY_US)) > 0 &&
           !timestamp_is_none(rows[0].remind),
       "with the end of the authority's certificate, and a reminder");
    is_int((int64_t)listed(kit.taro), 0, "nobody else sees it");
    listed(kit.hanako);
    set(rows[0].public_id, STR("棚3 契約書"), true);
    struct tx *tx = people_tx(&kit.p, kit.p.portal);
    is_err(signing_renewal_set(tx, kit.taro, rows[0].public_id, STR("x"), true, kit.p.now),
           E_ABSENT, "nor changes it");
    is_err(signing_renewal_forget(tx, kit.alice, rows[0].public_id), E_ABSENT, "nor forgets it");
    is_err(signing_extend_document(tx, &rq, doc, SIGNING_EXTEND_ARCHIVE, &r), E_OK, "renewed");
    people_end(tx);
    is_int((int64_t)listed(kit.hanako), 1, "the new file takes its place");
    struct bytes32 renewed = sha256(signing_kit_bytes(kit.hanako, doc));
    ok(bytes32_eq(&rows[0].digest, &renewed) && str_eq_z(rows[0].note, "棚3 契約書"),
       "with its note");
}

static size_t due_at(struct timestamp now)
{
    struct tx *tx = people_tx(&kit.p, kit.p.worker);
    struct signing_renewal_due *due;
    size_t n = 0;

    is_err(signing_renewal_take(tx, now, &due, &n), E_OK, "the worker looks");
    ok(n == 0 || (due[0].account.v == kit.hanako.account.v && !str_empty(due[0].renewal.public_id)),
       "whose it is");
    people_end(tx);
    return n;
}

static void reminders(void)
{
    static const int64_t days[] = { 90, 30, 7 };
    struct timestamp ends;

    listed(kit.hanako);
    ends = rows[0].ends;
    is_int((int64_t)due_at(timestamp_add(ends, -91 * DAY_US)), 0, "too early");
    for (size_t i = 0; i < 3; i++) {
        struct timestamp at = timestamp_add(ends, -days[i] * DAY_US);
        is_int((int64_t)due_at(at), 1, "it is time");
        is_int((int64_t)due_at(at), 0, "once");
    }
    listed(kit.hanako);
    ok(timestamp_is_none(rows[0].remind), "no reminder is left");
    ok(timestamp_is_none(signing_renewal_next(ends, ends)), "nor after the end");
}

static void choices(void)
{
    struct tx *tx = people_tx(&kit.p, kit.p.portal);
    bool wanted = true;

    is_err(signing_renewal_choose(tx, kit.hanako, false, kit.p.now), E_OK, "reminded of nothing");
    people_end(tx);
    archived();
    is_int((int64_t)listed(kit.hanako), 2, "files are still listed");
    ok(timestamp_is_none(rows[0].remind) && timestamp_is_none(rows[1].remind), "without reminders");
    tx = people_tx(&kit.p, kit.p.portal);
    is_err(signing_renewal_wanted(tx, kit.hanako, &wanted), E_OK, "the choice");
    ok(!wanted, "is kept");
    is_err(signing_renewal_choose(tx, kit.hanako, true, kit.p.now), E_OK, "changed again");
    is_err(signing_renewal_forget(tx, kit.hanako, rows[0].public_id), E_OK, "one is forgotten");
    people_end(tx);
    is_int((int64_t)listed(kit.hanako), 1, "one is left");
    ok(!timestamp_is_none(rows[0].remind), "with a reminder");
    tx = people_tx(&kit.p, kit.p.worker);
    is_err(signing_renewal_purge(tx, timestamp_add(rows[0].ends, 366 * DAY_US)), E_OK,
           "a year after its end");
    people_end(tx);
    is_int((int64_t)listed(kit.hanako), 0, "it is forgotten by itself");
}

int main(int argc, char **argv)
{
    log_open("test_signing_renewal", LOG_LEVEL_ERROR);
    if (!signing_kit_start(argc, argv)) {
        tap_skip("SoftHSM is not installed");
        return tap_done();
    }
    remembered();
    reminders();
    choices();
    signing_kit_stop();
    return tap_done();
}
