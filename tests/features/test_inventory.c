/*
 * test_inventory.c - finding certificates: each filter, each order, paging, who sees what (P2-12),
 * CSV of what is filtered (P1-49), the overview. Rows are written by SQL: issuing is another test.
 */
#include "portal_kit.h"

#include "base/encoding.h"
#include "base/log.h"
#include "features/inventory/inventory.h"
#include "features/inventory/inventory_pages.h"

static struct people p;
static struct account_id admin, hanako, other;

/* 120 certificates of Sakura: the n-th ends n days from now less 20, every tenth is revoked, every
 * 25th suspended; the last 20 are Hanako's. One of Midori's has the same names. */
static const char rows[] =
    "INSERT INTO authority (name, key_label, subject, spki, spki_sha256, ski, url, certificate, "
    " state, created_at) VALUES ('x', 'x', 'x', 'x', REPEAT('x', 32), 'x', 'x', 'x', 'active', "
    " NOW(6));"
    "INSERT INTO certificate (tenant_id, account_id, requested_by, authority_id, profile, state, "
    " subject, subject_text, common_name, email, spki, spki_sha256, validity_us, serial, tbs, der, "
    " fingerprint, not_before, not_after, revoked_at, reason, requested_at, issued_at) "
    "SELECT %llu, IF(seq > 100, %llu, NULL), %llu, 1, IF(seq %% 3 = 0, 'device', 'user-auth'), "
    " CASE WHEN seq %% 10 = 0 THEN 'revoked' WHEN seq %% 25 = 0 THEN 'suspended' ELSE 'issued' END,"
    " 's', CONCAT('CN=name ', seq), CONCAT(IF(seq %% 2, '桜', '100%%_'), LPAD(seq, 3, '0')), "
    " CONCAT('m', seq, '@sakura.example'), 'k', UNHEX(SHA2(seq, 256)), 1, "
    " UNHEX(CONCAT('3f', LPAD(HEX(seq), 2, '0'), REPEAT('5a', 18))), 't', 'd', "
    " UNHEX(SHA2(CONCAT('f', seq), 256)), NOW(6) - INTERVAL 30 DAY, "
    " NOW(6) + INTERVAL seq DAY - INTERVAL 20 DAY + INTERVAL 1 HOUR, "
    " IF(seq %% 10 = 0 OR seq %% 25 = 0, NOW(6), NULL), IF(seq %% 10 = 0, 4, IF(seq %% 25 = 0, 6, "
    " 0)), NOW(6), NOW(6) FROM seq_1_to_120;"
    "INSERT INTO certificate (tenant_id, requested_by, authority_id, profile, state, subject, "
    " subject_text, common_name, email, spki, spki_sha256, validity_us, serial, tbs, der, "
    " fingerprint, not_before, not_after, requested_at, issued_at) VALUES (%llu, %llu, 1, "
    " 'user-auth', 'issued', 's', 'CN=theirs', '桜001', 'm1@sakura.example', 'k', "
    " REPEAT('o', 32), 1, UNHEX(CONCAT('3f01', REPEAT('5b', 18))), 't', 'd', REPEAT('q', 32), "
    " NOW(6), NOW(6) + INTERVAL 99 DAY, NOW(6), NOW(6));"
    "INSERT INTO certificate (tenant_id, authority_id, profile, state, subject, subject_text, "
    "spki, "
    " spki_sha256, validity_us, requested_at) VALUES (%llu, 1, 'user-auth', 'requested', 's', 's', "
    " 'k', REPEAT('r', 32), 1, NOW(6))";

static void fill(void)
{
    struct str out;
    struct str sql =
        str_fmt(p.a, rows, (unsigned long long)p.sakura.v, (unsigned long long)hanako.v,
                (unsigned long long)admin.v, (unsigned long long)p.midori.v,
                (unsigned long long)other.v, (unsigned long long)p.sakura.v);

    is_err(harness_sql(p.h, sql.p, &out), E_OK, "121 certificates and one that is not issued");
}

static struct inventory_filter all(void)
{
    return (struct inventory_filter){ .tenant = p.sakura,
                                      .state = -1,
                                      .from = TIMESTAMP_NONE,
                                      .upto = TIMESTAMP_NONE,
                                      .now = p.now };
}

/* Names of what a filter finds, or "" and a failed test when count and rows differ. */
static size_t found(const struct inventory_filter *f, struct inventory_row **r)
{
    struct tx *tx = people_tx(&p, p.portal);
    uint64_t counted = 0;
    size_t n = 0;

    if (inventory_find(tx, f, 200, 0, r, &n) != E_OK ||
        inventory_count(tx, f, INVENTORY_COUNT_MAX + 1, &counted) != E_OK || counted != n)
        ok(false, "rows and count agree: %zu and %llu", n, (unsigned long long)counted);
    people_undo(tx);
    return n;
}

static void test_states(void)
{
    static const size_t want[] = { 88, 26, 2, 12, 18 };
    struct inventory_filter f = all();
    struct inventory_row *r;

    is_int((int64_t)found(&f, &r), 120,
           "all that were ever issued, nothing that is only asked for");
    for (int s = 0; s < INVENTORY__STATES; s++) {
        f.state = s;
        size_t n = found(&f, &r);
        ok(n == want[s], "state %s: %zu", inventory_state_name((enum inventory_state)s), n);
        f.profile = STR("device");
        n = found(&f, &r);
        ok(n > 0 || s == INVENTORY_SUSPENDED, "and of one kind: %zu", n);
        f.profile = STR("");
    }
}

static bool ordered(const struct inventory_row *r, size_t n, enum inventory_sort sort)
{
    for (size_t i = 1; i < n; i++) {
        int end = timestamp_cmp(r[i - 1].not_after, r[i].not_after);
        int name = str_cmp(r[i - 1].name, r[i].name);
        if ((sort == INVENTORY_BY_END && end > 0) || (sort == INVENTORY_BY_END_DOWN && end < 0) ||
            (sort == INVENTORY_BY_NAME && name > 0) ||
            (sort == INVENTORY_BY_NAME_DOWN && name < 0) ||
            (sort == INVENTORY_NEWEST && r[i - 1].id.v < r[i].id.v))
            return false;
    }
    return true;
}

static void test_orders(void)
{
    static const char *const words[] = { "newest", "end", "end, last first", "name",
                                         "name, last first" };

    for (int own = 0; own < 2; own++)
        for (int kind = 0; kind < 2; kind++)
            for (int s = 0; s <= INVENTORY_BY_NAME_DOWN; s++) {
                struct inventory_filter f = all();
                struct inventory_row *r;
                f.sort = (enum inventory_sort)s;
                f.profile = kind ? STR("device") : STR("");
                f.own = own ? hanako : f.own;
                size_t n = found(&f, &r);
                ok(n == (own ? (kind ? 7u : 20u) : (kind ? 40u : 120u)) && ordered(r, n, f.sort),
                   "%s%s ordered by %s", own ? "own" : "all", kind ? " of a kind" : "", words[s]);
            }
}

static void test_pages_of_rows(void)
{
    struct tx *tx = people_tx(&p, p.portal);
    struct inventory_filter f = all();
    struct inventory_row *whole, *part;
    size_t n, m;
    bool same = true;

    for (int s = 0; s <= INVENTORY_BY_NAME_DOWN && same; s++) {
        f.sort = (enum inventory_sort)s;
        same = inventory_find(tx, &f, 200, 0, &whole, &n) == E_OK && n == 120;
        for (uint32_t at = 0; at < 120 && same; at += 50) {
            same = inventory_find(tx, &f, 50, at, &part, &m) == E_OK && m == (at < 100 ? 50 : 20);
            for (size_t i = 0; i < m && same; i++)
                same = part[i].id.v == whole[at + i].id.v;
        }
    }
    people_undo(tx);
    ok(same, "pages of 50 make up the whole, in every order");
}

static void test_search(void)
{
    struct inventory_filter f = all();
    struct inventory_row *r;

    f.name = STR("桜00");
    is_int((int64_t)found(&f, &r), 5,
           "by the beginning of the name; another customer's is not found (P2-12)");
    f.name = STR("100%_0");
    is_int((int64_t)found(&f, &r), 49, "% and _ mean themselves");
    f.name = STR("100__");
    is_int((int64_t)found(&f, &r), 0, "and nothing else");
    f = all();
    f.mail = STR("m12");
    is_int((int64_t)found(&f, &r), 2, "by the beginning of the mail address");
    f = all();
    is_err(inventory_serial(p.a, STR("3F:0a 5a5"), &f.serial), E_OK, "a serial number as copied");
    is_int((int64_t)found(&f, &r), 1, "by the beginning of the serial number");
    is_str(r[0].serial, "3f0a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a", "which is shown whole");
    is_err(inventory_serial(p.a, STR("3g"), &f.serial), E_INPUT, "no hex: refused");
    is_err(inventory_serial(p.a, STR("3"), &f.serial), E_INPUT, "half an octet: refused");
    is_err(inventory_serial(p.a, STR("000000000000000000000000000000000000000001"), &f.serial),
           E_INPUT, "21 octets: refused");
    f = all();
    f.requested = true;
    f.requester = admin;
    is_int((int64_t)found(&f, &r), 120, "by who asked for it");
    f.requester = hanako;
    is_int((int64_t)found(&f, &r), 0, "nobody else's");
    f = all();
    f.from = timestamp_add(p.now, 10 * DAY_US);
    f.upto = timestamp_add(p.now, 20 * DAY_US);
    is_int((int64_t)found(&f, &r), 10, "by a range of their end");
}

static void test_browser(void)
{
    struct fake *b = portal_kit_browser();
    struct fake_reply r;

    portal_kit_sign_in(&p, b, "hanako", false);
    r = fake_get(b, "/certificates");
    ok(r.status == 200 && fake_reply_has(&r, "20") && !fake_reply_has(&r, "桜001"),
       "an end user sees their own, and nothing else");
    is_int(fake_get(b, "/overview").status, 403, "and no overview of the organisation");
    is_int(fake_get(b, str_fmt(p.a, "/certificates?tenant=%llu", (unsigned long long)p.midori.v).p)
               .status,
           404, "another customer's list is not there");
    fake_free(b);
}

static void test_admin(void)
{
    struct fake *b = portal_kit_browser();
    struct fake_reply r;

    portal_kit_sign_in(&p, b, "admin", false);
    r = fake_get(b, "/certificates?state=valid&profile=device&sort=-end&page=1");
    ok(r.status == 200 &&
           fake_reply_has(&r, "/certificates/list.csv?profile=device&amp;state=valid"),
       "the filter stays in the address, and goes to the CSV file");
    r = fake_get(b, "/certificates?by=other");
    ok(r.status == 422 && !fake_reply_has(&r, "桜001") && fake_reply_has(&r, "f-by-error"),
       "somebody of another customer is nobody here");
    r = fake_get(b, "/certificates?serial=xyz");
    ok(r.status == 422 && fake_reply_has(&r, "aria-invalid"),
       "a wrong serial number is told at its field");
    r = fake_get(b, "/certificates?from=2026-13-01");
    ok(r.status != 500 && fake_reply_has(&r, "f-from-error"), "and so is a wrong day");
    r = fake_get(b, "/certificates/list.csv?state=revoked");
    ok(r.status == 200 && fake_reply_has(&r, "revoked") && !fake_reply_has(&r, "suspended") &&
           fake_reply_has(&r, "100%_010"),
       "CSV of what is filtered (P1-49)");
    is_int(harness_count(p.h, "SELECT COUNT(*) FROM audit_event WHERE action = 'inventory.export'"),
           1, "and it leaves its audit row");
    r = fake_get(b, "/overview");
    ok(r.status == 200 && fake_reply_has(&r, "<svg") && fake_reply_has(&r, ">88<") &&
           fake_reply_has(&r, ">12<"),
       "the overview counts: 88 valid, 12 revoked");
    is_int(
        fake_get(b, str_fmt(p.a, "/overview?tenant=%llu", (unsigned long long)p.midori.v).p).status,
        404, "another customer's overview is not there");
    fake_free(b);
}

int main(void)
{
    log_open("test_inventory", LOG_LEVEL_WARNING);
    people_start(&p);
    admin = people_add(&p, p.sakura, "admin", ROLE_CUSTOMER_ADMIN, false);
    hanako = people_add(&p, p.sakura, "hanako", ROLE_END_USER, false);
    other = people_add(&p, p.midori, "other", ROLE_CUSTOMER_ADMIN, false);
    fill();
    p.now = clock_now();
    test_states();
    test_orders();
    test_pages_of_rows();
    test_search();
    portal_kit_add(inventory_list_routes, inventory_views);
    portal_kit_add(inventory_overview_routes, NULL);
    portal_kit_start(&p);
    test_browser();
    test_admin();
    portal_kit_stop();
    people_stop(&p);
    return tap_done();
}
