/*
 * test_registration_queue.c - the queue of a customer with 100,000 applications: pages follow each
 * other without gap or repetition in every order, counts stop where nobody counts any more, the
 * next one is the next one (P3-31).
 */
#include "review_kit.h"

#include "base/log.h"

#include <stdlib.h>

#define K review_kit
#define MANY 100000
#define PAGE 50

static struct registration_filter everything(enum registration_sort sort)
{
    return (struct registration_filter){ .tenant = K.p.sakura,
                                         .me = K.lra[0],
                                         .mine = true,
                                         .state = REGISTRATION_WAITING,
                                         .profile = STR(""),
                                         .q = STR(""),
                                         .since = TIMESTAMP_NONE,
                                         .before = TIMESTAMP_NONE,
                                         .sort = sort };
}

static struct registration_row *page(const struct registration_filter *f, uint32_t offset,
                                     size_t *n)
{
    struct tx *tx = people_tx(&K.p, K.p.portal);
    struct registration_row *rows = NULL;
    int64_t began = clock_monotonic_us();

    is_err(registration_review_list(tx, f, offset, PAGE, &rows, n), E_OK, "a page");
    (void)printf("# order %d, offset %u: %lld us\n", (int)f->sort, offset,
                 (long long)(clock_monotonic_us() - began));
    people_undo(tx);
    return rows;
}

/* Does row a come before b? */
static bool before(const struct registration_row *a, const struct registration_row *b, bool down)
{
    int order = timestamp_cmp(a->submitted, b->submitted);

    if (order == 0)
        order = a->id.v < b->id.v ? -1 : 1;
    return down ? order > 0 : order < 0;
}

static void by_time(enum registration_sort sort, uint32_t offset)
{
    struct registration_filter f = everything(sort);
    bool down = sort == REGISTRATION_BY_TIME_DOWN, right = true;
    struct registration_row *one, *two;
    size_t n, m;

    one = page(&f, offset, &n);
    two = page(&f, offset + PAGE, &m);
    ok(n == PAGE && m == PAGE, "two pages are full");
    for (size_t i = 1; i < n; i++)
        right = right && before(&one[i - 1], &one[i], down);
    ok(right, "in order");
    ok(before(&one[n - 1], &two[0], down), "the second follows the first");
}

static void by_title(enum registration_sort sort)
{
    struct registration_filter f = everything(sort);
    struct registration_row *one, *two;
    size_t n, m;

    one = page(&f, 5000, &n);
    two = page(&f, 5000 + PAGE, &m);
    ok(n == PAGE && m == PAGE, "two pages are full");
    int order = str_cmp(one[n - 1].title, two[0].title);
    ok(sort == REGISTRATION_BY_TITLE ? order <= 0 : order >= 0, "by name");
}

static void ends(void)
{
    struct registration_filter f = everything(REGISTRATION_BY_TIME);
    size_t n;

    (void)page(&f, REGISTRATION_COUNT_MAX - 20, &n);
    is_int((int64_t)n, 20, "the last page ends where the list does");
    (void)page(&f, REGISTRATION_COUNT_MAX, &n);
    is_int((int64_t)n, 0, "nothing behind it");
}

/* How many the filter finds, and how long that took. */
static int64_t counted(struct tx *tx, const struct registration_filter *f, const char *what)
{
    int64_t began = clock_monotonic_us();
    uint64_t n = 0;

    is_err(registration_review_count(tx, f, &n), E_OK, what);
    (void)printf("# %s: %lld us\n", what, (long long)(clock_monotonic_us() - began));
    return (int64_t)n;
}

static void counts(void)
{
    struct registration_filter f = everything(REGISTRATION_BY_TIME);
    struct tx *tx = people_tx(&K.p, K.p.portal);
    struct registration_open open;
    uint64_t n;

    is_int(counted(tx, &f, "counting"), REGISTRATION_COUNT_MAX + 1,
           "stops behind the last that is listed");
    is_err(registration_review_waiting(tx, f.tenant, f.me, &n), E_OK, "the rail");
    is_int((int64_t)n, REGISTRATION_WAITING_MAX, "stops earlier");
    is_err(registration_review_open(tx, f.tenant, &open), E_OK, "the open ones");
    is_int((int64_t)open.waiting, REGISTRATION_COUNT_MAX + 1, "as well");
    f.q = STR("person 09999");
    is_int(counted(tx, &f, "a beginning"), 10, "finds what begins so");
    f.me = K.admin; /* applied for all of them */
    f.q = STR("");
    is_int(counted(tx, &f, "who applied for all"), 0, "has nothing to decide");
    people_undo(tx);
}

/* Who applied for all of them is told at once that nothing is theirs. */
static void nothing_of_mine(void)
{
    struct registration_filter f = everything(REGISTRATION_BY_TIME);
    size_t n;

    f.me = K.admin;
    (void)page(&f, 0, &n);
    is_int((int64_t)n, 0, "nothing to decide for who applied for all");
}

/* From one to the next and back. */
static void beside(void)
{
    struct registration_filter f = everything(REGISTRATION_BY_TIME);
    struct registration r = { .tenant = K.p.sakura };
    struct registration_row *rows;
    struct str receipt;
    struct tx *tx;
    size_t n;

    rows = page(&f, 777, &n);
    tx = people_tx(&K.p, K.p.portal);
    for (size_t i = 1; i + 1 < 4; i++) {
        r.id = rows[i].id;
        r.submitted = rows[i].submitted;
        is_err(registration_review_beside(tx, &f, &r, true, &receipt), E_OK, "the next");
        is_str(receipt, rows[i + 1].receipt.p, "is the next row");
        is_err(registration_review_beside(tx, &f, &r, false, &receipt), E_OK, "the one before");
        is_str(receipt, rows[i - 1].receipt.p, "is the row before");
    }
    people_undo(tx);
}

int main(void)
{
    log_open("test_registration_queue", LOG_LEVEL_ERROR);
    review_kit_start();
    review_kit_sql(
        str_fmt(K.p.a,
                "INSERT INTO shomei.application (receipt, tenant_id, applicant_id, "
                "subscriber_id, via, profile, profile_version, key_source, state, title, "
                "fields, contact, lang, approvals_needed, created_at, submitted_at, "
                "changed_at) SELECT CONCAT('Q', LPAD(seq, 13, '0')), %llu, %llu, %llu, "
                "'page', 'smime', 1, 'browser', 'waiting', CONCAT('person ', LPAD(seq * 7 "
                "%% %d, 6, '0')), '{}', 'x@example.test', 'en', 1, NOW(6), '2026-01-01' + "
                "INTERVAL seq DIV 3 SECOND, NOW(6) FROM shomei.seq_1_to_%d",
                (unsigned long long)K.p.sakura.v, (unsigned long long)K.admin.v,
                (unsigned long long)K.hanako.v, MANY, MANY)
            .p);
    review_kit_sql("ANALYZE TABLE shomei.application");
    by_time(REGISTRATION_BY_TIME, 0);
    by_time(REGISTRATION_BY_TIME, 9850);
    nothing_of_mine();
    by_time(REGISTRATION_BY_TIME_DOWN, 0);
    by_title(REGISTRATION_BY_TITLE);
    by_title(REGISTRATION_BY_TITLE_DOWN);
    ends();
    counts();
    beside();
    review_kit_stop();
    return tap_done();
}
