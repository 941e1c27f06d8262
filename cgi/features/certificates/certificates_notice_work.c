/*
 * certificates_notice_work.c - notices before the end, in the worker; see certificates_work.h
 *
 * A step is a number of days of the profile. A certificate is in the window of the smallest step
 * that it has reached, so whoever was not told for long is told once, of where things stand.
 */
#include "features/certificates/certificates_work.h"

#include "base/json.h"
#include "features/certificates/certificates_inside.h"
#include "features/profiles/profiles.h"
#include "store/db.h"
#include "store/gen/certificates.q.h"
#include "store/gen/certificates_notice.q.h"

#define VERSIONS_MAX 1000
#define BATCH 500
#define ADMINS 100
#define PURGE 1000
#define A_DAY_OR_SO (23 * HOUR_US)
#define JOB_NOTICES "certificates.notices"

static struct str url(struct arena *a, uint64_t id)
{
    return str_fmt(a, "%.*s/certificates/%llu", STR_ARG(certificates_inside_config()->portal_url),
                   (unsigned long long)id);
}

/* The list of those that end until the day of `last`, the first to end on top; absent: all. */
static struct str list_url(struct arena *a, struct timestamp last)
{
    struct str to = timestamp_is_none(last) ? STR("") : timestamp_rfc3339_jst(a, last);

    return str_fmt(a, "%.*s/certificates?state=valid&sort=end%s%.10s",
                   STR_ARG(certificates_inside_config()->portal_url), to.n ? "&to=" : "",
                   to.n ? to.p : "");
}

/* ------------------------------------------------------------------ subscribers */

/* rows[0] .. rows[n-1] go to one address. */
static enum err tell(struct tx *tx, const struct q_cert_notice_due *rows, size_t n, uint32_t days)
{
    struct arena *a = tx_arena(tx);
    struct certificates_values v = {
        .number = n == 1 ? rows[0].receipt : STR_ABSENT,
        .link = n == 1 ? url(a, rows[0].id.v) : list_url(a, TIMESTAMP_NONE),
        .days = str_fmt(a, "%u", days),
        .count = str_fmt(a, "%zu", n),
        .until = rows[0].not_after, /* the first one to end */
    };
    return certificates_inside_mail(tx, rows[0].tenant, rows[0].email, rows[0].lang,
                                    CERTIFICATES_MAIL_NOTICE, &v);
}

static enum err tell_all(struct tx *tx, const struct q_cert_notice_due *rows, size_t n,
                         uint32_t days, struct timestamp now, uint64_t *mails)
{
    for (size_t i = 0, first = 0; i < n; i++) {
        TRY(q_cert_notice_add(tx, rows[i].id, days, now));
        if (i + 1 < n && str_eq(rows[i + 1].email, rows[first].email) &&
            rows[i + 1].tenant.v == rows[first].tenant.v)
            continue;
        TRY(tell(tx, &rows[first], i + 1 - first, days));
        first = i + 1;
        *mails += 1;
    }
    return E_OK;
}

/* The step `i` of a profile begins so many days before the end, and ends where the next one begins.
 */
static uint32_t next_step(const struct profile *p, size_t i)
{
    uint32_t next = 0;

    for (size_t k = 0; k < p->notices_n; k++)
        if (p->notices[k] < p->notices[i] && p->notices[k] > next)
            next = p->notices[k];
    return next;
}

static enum err notices_of(struct tx *tx, const struct profile *p, struct timestamp now,
                           uint32_t limit, uint64_t *mails, bool *more)
{
    for (size_t i = 0; i < p->notices_n; i++) {
        struct timestamp from = timestamp_add(now, next_step(p, i) * DAY_US);
        struct timestamp to = timestamp_add(now, p->notices[i] * DAY_US);
        struct q_cert_notice_due *rows;
        size_t n;

        TRY(q_cert_notice_due(tx, p->name, p->version, p->notices[i], from, to, limit, &rows, &n));
        TRY(tell_all(tx, rows, n, p->notices[i], now, mails));
        *more = *more || n == limit;
    }
    return E_OK;
}

static enum err note(struct tx *tx, const char *action, uint64_t mails)
{
    const struct audit_by by = { .name = STR("worker") };
    struct json *detail;

    if (mails == 0)
        return E_OK;
    detail = json_new_object();
    json_set_i64(detail, "mails", (int64_t)mails);
    return audit_note(tx, &by, action, NULL, 0, detail);
}

enum err certificates_work_notices(struct tx *tx, struct timestamp now, uint32_t limit,
                                   uint64_t *mails, bool *more)
{
    struct q_cert_notice_profiles *versions;
    const struct profile *p;
    size_t n;

    *mails = 0;
    *more = false;
    TRY(q_cert_notice_profiles(tx, VERSIONS_MAX, &versions, &n));
    for (size_t i = 0; i < n; i++) {
        TRY(profiles_get(tx, versions[i].name, versions[i].version, &p));
        TRY(notices_of(tx, p, now, limit, mails, more));
    }
    return note(tx, "certificates.notice.send", *mails);
}

/* ------------------------------------------------------------------ administrators */

static enum err count_of(struct tx *tx, const struct q_cert_digest_due *admin,
                         const struct q_cert_notice_profiles *versions, size_t n,
                         struct timestamp since, struct timestamp now, uint64_t *count,
                         struct timestamp *last)
{
    const struct profile *p;

    *count = 0;
    *last = now;
    for (size_t i = 0; i < n; i++) {
        TRY(profiles_get(tx, versions[i].name, versions[i].version, &p));
        for (size_t k = 0; k < p->notices_n; k++) {
            int64_t step = p->notices[k] * DAY_US;
            struct q_cert_digest_count r;

            TRY(q_cert_digest_count(tx, admin->tenant, admin->account, p->name, p->version,
                                    p->notices[k], timestamp_add(since, step),
                                    timestamp_add(now, step), &r));
            *count += r.n;
            if (r.n > 0 && last->us < now.us + step)
                *last = timestamp_add(now, step);
        }
    }
    return E_OK;
}

static enum err digest(struct tx *tx, const struct q_cert_digest_due *admin, uint64_t count,
                       struct timestamp last, struct timestamp now, uint64_t *mails)
{
    struct arena *a = tx_arena(tx);
    struct certificates_values v = { .link = list_url(a, last),
                                     .count = str_fmt(a, "%llu", (unsigned long long)count),
                                     .until = TIMESTAMP_NONE };
    uint64_t changed;

    TRY(q_cert_digest_set(tx, admin->account, now, &changed));
    if (count == 0)
        return E_OK;
    *mails += 1;
    return certificates_inside_mail(tx, admin->tenant, admin->email, admin->lang,
                                    CERTIFICATES_MAIL_DIGEST, &v);
}

enum err certificates_work_digests(struct tx *tx, struct timestamp now, uint32_t limit,
                                   uint64_t *mails)
{
    struct q_cert_notice_profiles *versions;
    struct q_cert_digest_due *admins;
    size_t versions_n, n;
    struct timestamp last;
    uint64_t count;

    *mails = 0;
    TRY(q_cert_notice_profiles(tx, VERSIONS_MAX, &versions, &versions_n));
    TRY(q_cert_digest_due(tx, timestamp_add(now, -A_DAY_OR_SO), limit, &admins, &n));
    for (size_t i = 0; i < n; i++) {
        struct timestamp since =
            timestamp_is_none(admins[i].upto) ? timestamp_add(now, -DAY_US) : admins[i].upto;
        TRY(count_of(tx, &admins[i], versions, versions_n, since, now, &count, &last));
        TRY(digest(tx, &admins[i], count, last, now, mails));
    }
    return note(tx, "certificates.digest.send", *mails);
}

/* ------------------------------------------------------------------ the worker's tables */

static enum err notices(struct work *w)
{
    uint64_t mails;
    bool more;

    TRY(certificates_work_notices(w->tx, clock_now(), BATCH, &mails, &more));
    return more ? jobs_add(w->tx, JOB_NOTICES, STR("{}"), TIMESTAMP_NONE, NULL) : E_OK;
}

static enum err digests(struct work *w)
{
    uint64_t mails;

    return certificates_work_digests(w->tx, clock_now(), ADMINS, &mails);
}

static enum err purge(struct work *w)
{
    struct timestamp now = clock_now();
    uint64_t n;

    TRY(q_cert_challenge_purge(w->tx, now, PURGE, &n));
    return q_cert_link_purge(w->tx, timestamp_add(now, -30 * DAY_US), PURGE, &n);
}

const struct worker_job certificates_work_jobs[] = {
    { JOB_NOTICES, notices, 0, 300 * SECOND_US, NULL },
    { NULL, NULL, 0, 0, NULL },
};
const struct worker_task certificates_work_tasks[] = {
    { "certificates.notices", HOUR_US, notices },
    { "certificates.digests", 10 * MINUTE_US, digests },
    { "certificates.purge", HOUR_US, purge },
    { NULL, 0, NULL },
};
