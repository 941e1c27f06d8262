/* signing_record_pages.c - the record of a signature: receipt, list, and the mail about it. */
#include "features/signing/signing_pages.h"

#include "base/encoding.h"
#include "features/signing/signing_reasons_pages.h"

#define PER_PAGE 50

/* --- one record --- */

struct record_view {
    struct str public_id, level, certificate_serial, tsa, tsa_serial, archive_serial, auth_method;
    bool by_portal; /* this portal identified the person itself */
    struct str digest_in, digest_out, key_id, document_public, credential, request_id;
    struct msg failure, kind, allows;
    struct timestamp requested, finished, keep_until, tsa_time, archive_time, delete_at;
    uint64_t size_in, size_out;
    struct page_badge state;
    bool done, held, certified, keyed;
    struct page_step *steps;
    size_t steps_count;
};

static const struct view_field record_fields[] = {
    VIEW_TEXT(struct record_view, public_id),
    VIEW_TEXT(struct record_view, level),
    VIEW_CODE(struct record_view, certificate_serial),
    VIEW_TEXT(struct record_view, tsa),
    VIEW_CODE(struct record_view, tsa_serial),
    VIEW_CODE(struct record_view, archive_serial),
    VIEW_TEXT(struct record_view, auth_method),
    VIEW_FLAG(struct record_view, by_portal),
    VIEW_CODE(struct record_view, digest_in),
    VIEW_CODE(struct record_view, digest_out),
    VIEW_CODE(struct record_view, key_id),
    VIEW_TEXT(struct record_view, document_public),
    VIEW_TEXT(struct record_view, credential),
    VIEW_TEXT(struct record_view, request_id),
    VIEW_MSG(struct record_view, failure),
    VIEW_MSG(struct record_view, kind),
    VIEW_MSG(struct record_view, allows),
    VIEW_TIME(struct record_view, requested),
    VIEW_TIME(struct record_view, finished),
    VIEW_TIME(struct record_view, tsa_time),
    VIEW_TIME(struct record_view, archive_time),
    VIEW_TIME(struct record_view, delete_at),
    VIEW_DATE(struct record_view, keep_until),
    VIEW_SIZE(struct record_view, size_in),
    VIEW_SIZE(struct record_view, size_out),
    VIEW_STRUCT(struct record_view, state, page_badge_fields),
    VIEW_FLAG(struct record_view, done),
    VIEW_FLAG(struct record_view, held),
    VIEW_FLAG(struct record_view, certified),
    VIEW_FLAG(struct record_view, keyed),
    VIEW_LIST(struct record_view, steps, steps_count, page_step_fields),
    VIEW_END,
};

const struct view signing_record_view = { "signing/record.html", "Signing record", record_fields,
                                          0 };

struct record_form {
    struct str id;
};

static const struct param record_params[] = {
    PARAM_TOKEN(struct record_form, id, 1, 64),
    PARAM_END,
};

static struct page_badge outcome_badge(const struct signing_record *r)
{
    if (str_eq_z(r->outcome, "signed"))
        return (struct page_badge){ "success", MSG("signed") };
    return (struct page_badge){ "error", MSG("not signed") };
}

/* What was made, in words. */
static struct msg kind_words(const struct signing_record *r)
{
    static const struct {
        const char *kind;
        struct msg words;
    } kinds[] = {
        { "sign", MSG_INIT("Approval signature") },
        { "certify", MSG_INIT("Certification signature") },
        { "timestamp", MSG_INIT("Timestamp only") },
        { "validation", MSG_INIT("Validation data added") },
        { "archive", MSG_INIT("Archive timestamp added") },
        { "digest", MSG_INIT("Signature over a digest") },
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (str_eq_z(r->kind, kinds[i].kind))
            return kinds[i].words;
    return kinds[0].words;
}

/* What a certification allows afterwards (ISO 32000-2 12.8.2.2). */
static struct msg allows_words(uint32_t certify)
{
    switch (certify) {
    case 1:
        return MSG("No change is allowed after it.");
    case 2:
        return MSG("After it forms may be filled in and signatures added.");
    default:
        return MSG("After it forms may be filled in, signatures and comments added.");
    }
}

static void fill_digests(struct arena *a, const struct signing_record *r, struct record_view *v)
{
    v->digest_in = hex_encode(a, bytes_of_32(&r->digest_in));
    v->digest_out = hex_encode(a, bytes_of_32(&r->digest_out));
    v->key_id = hex_encode(a, bytes_of_32(&r->key_id));
}

static enum err show_record(struct req *rq, struct resp *rs)
{
    const struct record_form *f = req_form(rq);
    struct signing_record r;

    TRY(signing_record_find(req_tx(rq), signing_reasons_owner(rq), f->id, &r));
    struct record_view v = { .public_id = r.public_id,
                             .level = r.level,
                             .certificate_serial = r.certificate_serial,
                             .tsa = r.tsa,
                             .tsa_serial = r.tsa_serial,
                             .archive_serial = r.archive_serial,
                             .auth_method = r.auth_method,
                             .by_portal = str_eq_z(r.auth_method, SIGNING_PORTAL_METHOD),
                             .document_public = r.document_public,
                             .credential = r.credential,
                             .request_id = r.request_id,
                             .requested = r.requested,
                             .finished = r.finished,
                             .keep_until = r.keep_until,
                             .tsa_time = r.tsa_time,
                             .archive_time = r.archive_time,
                             .delete_at = r.delete_at,
                             .size_in = r.size_in,
                             .size_out = r.size_out,
                             .state = outcome_badge(&r),
                             .done = str_eq_z(r.outcome, "signed"),
                             .kind = kind_words(&r),
                             .allows = allows_words(r.certify),
                             .certified = r.certify != 0,
                             .keyed = !str_absent(r.credential),
                             .steps_count = SIGNING_STEPS };
    v.held = v.done && r.document_held;
    fill_digests(req_arena(rq), &r, &v);
    if (!v.done && !signing_reasons_text(r.reason_code.p ? r.reason_code.p : "", &v.failure))
        v.failure = MSG("An error inside the service. Nothing was signed.");
    v.steps = signing_reasons_steps(rq, 3);
    return resp_page(rs, &signing_record_view, &v);
}

/* --- the list --- */

enum outcome { OUTCOME_ALL, OUTCOME_SIGNED, OUTCOME_FAILED };

static const struct choice outcomes[] = {
    { "all", OUTCOME_ALL },
    { "signed", OUTCOME_SIGNED },
    { "failed", OUTCOME_FAILED },
    { NULL, 0 },
};

#define LEVEL_ALL (-1)

static const struct choice levels[] = {
    { "all", LEVEL_ALL },       { "ES", SIGNING_ES },     { "ES-T", SIGNING_ES_T },
    { "ES-LT", SIGNING_ES_LT }, { "ES-A", SIGNING_ES_A }, { NULL, 0 },
};

struct records_form {
    struct timestamp from, to;
    enum outcome outcome;
    int level;
    int64_t page;
};

static const struct param records_params[] = {
    PARAM_DATE_OPT(struct records_form, from),
    PARAM_DATE_OPT(struct records_form, to),
    PARAM_CHOICE_OPT(struct records_form, outcome, outcomes, OUTCOME_ALL),
    PARAM_CHOICE_OPT(struct records_form, level, levels, LEVEL_ALL),
    PARAM_INT_OPT(struct records_form, page, 1, 100000, 1),
    PARAM_END,
};

struct records_row {
    struct str public_id, level;
    struct msg kind;
    struct timestamp requested;
    struct page_badge state;
    bool held;
};

static const struct view_field records_row_fields[] = {
    VIEW_TEXT(struct records_row, public_id),
    VIEW_TEXT(struct records_row, level),
    VIEW_MSG(struct records_row, kind),
    VIEW_TIME(struct records_row, requested),
    VIEW_STRUCT(struct records_row, state, page_badge_fields),
    VIEW_FLAG(struct records_row, held),
    VIEW_END,
};

struct records_view {
    struct records_row *rows;
    size_t rows_count;
    struct page_pager pager;
    struct str from, to;
    struct page_choice *outcomes, *levels;
    size_t outcomes_count, levels_count;
    bool filtered;
};

static const struct view_field records_fields[] = {
    VIEW_LIST(struct records_view, rows, rows_count, records_row_fields),
    VIEW_INT(struct records_view, rows_count),
    VIEW_STRUCT(struct records_view, pager, page_pager_fields),
    VIEW_TEXT(struct records_view, from),
    VIEW_TEXT(struct records_view, to),
    VIEW_LIST(struct records_view, outcomes, outcomes_count, page_choice_fields),
    VIEW_LIST(struct records_view, levels, levels_count, page_choice_fields),
    VIEW_FLAG(struct records_view, filtered),
    VIEW_END,
};

const struct view signing_records_view = { "signing/records.html", "Signing records",
                                           records_fields, VIEW_WIDE };

static struct str typed(struct req *rq, const char *field)
{
    struct str s = req_raw(rq, field);
    return str_absent(s) ? STR("") : s;
}

static void fill_choices(struct arena *a, const struct records_form *f, struct records_view *v)
{
    static const struct msg words[] = { MSG_INIT("All"), MSG_INIT("signed"),
                                        MSG_INIT("not signed") };

    v->outcomes_count = 3;
    v->outcomes = ARENA_ARRAY(a, v->outcomes_count, struct page_choice);
    for (size_t i = 0; i < v->outcomes_count; i++)
        v->outcomes[i] = (struct page_choice){ .value = str_z(outcomes[i].word),
                                               .label = words[i],
                                               .selected = outcomes[i].value == (int)f->outcome };
    v->levels_count = 5;
    v->levels = ARENA_ARRAY(a, v->levels_count, struct page_choice);
    for (size_t i = 0; i < v->levels_count; i++)
        v->levels[i] = (struct page_choice){ .value = str_z(levels[i].word),
                                             .label = i == 0 ? MSG("All") : (struct msg){ NULL },
                                             .text = i == 0 ? STR("") : str_z(levels[i].word),
                                             .selected = levels[i].value == f->level };
}

static struct signing_record_filter filter_of(const struct records_form *f)
{
    return (struct signing_record_filter){
        .outcome = f->outcome == OUTCOME_ALL ? STR("") : str_z(outcomes[f->outcome].word),
        .level = f->level == LEVEL_ALL ? STR("")
                                       : str_z(signing_level_name((enum signing_level)f->level)),
        .from = f->from,
        .to = timestamp_is_none(f->to) ? f->to : timestamp_add(f->to, DAY_US), /* day included */
        .offset = (uint32_t)(f->page - 1) * PER_PAGE,
        .limit = PER_PAGE,
    };
}

static void fill_links(struct req *rq, const struct records_form *f, uint64_t total,
                       struct records_view *v)
{
    struct arena *a = req_arena(rq);
    struct str outcome = typed(rq, "outcome"), level = typed(rq, "level");

    v->from = typed(rq, "from");
    v->to = typed(rq, "to");
    v->filtered = v->from.n || v->to.n || f->outcome != OUTCOME_ALL || f->level != LEVEL_ALL;
    v->pager = page_pager_make(
        a, STR("/signatures"),
        v->filtered ? str_fmt(a, "from=%s&to=%s&outcome=%s&level=%s", percent_encode(a, v->from).p,
                              percent_encode(a, v->to).p, percent_encode(a, outcome).p,
                              percent_encode(a, level).p)
                    : STR(""),
        (uint64_t)f->page, PER_PAGE, total);
}

static enum err list_records(struct req *rq, struct resp *rs)
{
    const struct records_form *f = req_form(rq);
    struct signing_record_filter filter = filter_of(f);
    struct signing_record *rows = NULL;
    struct records_view v = { 0 };
    uint64_t total = 0;

    if (!req_invalid(rq))
        TRY(signing_record_list(req_tx(rq), signing_reasons_owner(rq), &filter, &rows,
                                &v.rows_count, &total));
    v.rows = ARENA_ARRAY(req_arena(rq), v.rows_count, struct records_row);
    for (size_t i = 0; i < v.rows_count; i++)
        v.rows[i] = (struct records_row){ rows[i].public_id,       rows[i].level,
                                          kind_words(&rows[i]),    rows[i].requested,
                                          outcome_badge(&rows[i]), rows[i].document_held };
    fill_choices(req_arena(rq), f, &v);
    fill_links(rq, f, total, &v);
    return resp_page(rs, &signing_records_view, &v);
}

/* --- the mail --- */

enum err signing_notice_send(struct req *rq, const struct signing_receipt *receipt)
{
    struct arena *a = req_arena(rq);
    struct signing_notice n = { .account = req_account(rq), .tenant = req_tenant(rq) };
    enum lang lang;

    TRY(signing_notice_reader(req_tx(rq), &n));
    lang = str_eq_z(n.lang, "en") ? LANG_EN : LANG_JA;
    const struct message_arg *args = MESSAGE_ARGS(
        { "receipt", receipt->record },
        { "time", timestamp_human(a, req_now(rq), lang == LANG_JA) },
        { "url", str_fmt(a, "%.*ssignatures/%.*s", STR_ARG(n.portal), STR_ARG(receipt->record)) });
    n.subject = message_fmt(a, lang, MSG("[Shomei] {receipt} A document was signed"), args);
    n.text = message_fmt(a, lang,
                         MSG("A document was signed with your certificate.\n\n"
                             "Receipt number: {receipt}\nTime: {time}\n\n"
                             "The signing record and, for at most 8 hours, the signed document "
                             "are here:\n{url}\n\n"
                             "If this was not you, tell your administrator at once.\n"),
                         args);
    return signing_notice_queue(req_tx(rq), &n);
}

const struct route signing_record_routes[] = {
    { GET, "/signatures", list_records, WHO_ACCOUNT, FORM(records_params, struct records_form), 0,
      0, NULL, NULL },
    { GET, "/signatures/{id}", show_record, WHO_ACCOUNT, FORM(record_params, struct record_form), 0,
      0, NULL, NULL },
    { 0 },
};
