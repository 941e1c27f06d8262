/* bind.c - see bind.h */
#include "http/bind.h"

#include "http/message.h"
#include "http/text.h"

#define TEXT_KEPT_MAX 10000 /* a wrong text is shown again up to here */

struct binder {
    struct arena *arena;
    const struct param *params;
    size_t params_n;
    const struct raws *raws;
    uint8_t *out;
    struct bind_result *result;
    const struct param *now;
};

static void error_at(struct binder *b, const char *msgid, int64_t n)
{
    b->result->errors[b->result->errors_n++] =
        (struct bind_error){ .field = b->now->name, .msgid = msgid, .n = n };
}

/* Every catalogue text goes through here, so that tools/check-messages sees MSG(). */
static void wrong(struct binder *b, struct msg text, int64_t n)
{
    error_at(b, text.id, n);
}

/* The text of a raw value of either kind; absent when it is of another type. */
static struct str raw_text(const struct raw *r)
{
    if (r->kind == RAW_TEXT)
        return r->text;
    return r->kind == RAW_JSON ? json_str(r->json) : STR_ABSENT;
}

static struct str unix_lines(struct arena *a, struct str s)
{
    char *p = arena_alloc(a, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] != '\r')
            p[n++] = s.p[i];
        else if (i + 1 == s.n || s.p[i + 1] != '\n')
            p[n++] = '\n';
    p[n] = '\0';
    return (struct str){ p, n };
}

/* Clean, trimmed and of the right length; absent when an error was noted. */
static struct str check_text(struct binder *b, const struct raw *r, struct str *kept)
{
    const struct param *p = b->now;
    bool lines = p->kind == PARAM_KIND_MULTILINE;
    struct str s = raw_text(r);
    *kept = STR_ABSENT;
    if (str_absent(s)) {
        wrong(b, MSG("Write a text here."), 0);
        return STR_ABSENT;
    }
    if (lines)
        s = unix_lines(b->arena, s);
    s = str_trim(b->arena, s);
    if (!text_clean(s, lines)) {
        wrong(b, MSG("This text holds characters that cannot be used. Please type it again."), 0);
        return STR_ABSENT;
    }
    size_t n = utf8_length(s);
    if (n <= TEXT_KEPT_MAX)
        *kept = s;
    if (n == 0 && p->lo > 0)
        wrong(b, MSG("Please fill in this field."), 0);
    else if (n < (uint64_t)p->lo)
        wrong(b, MSG("Write at least {n} characters."), p->lo);
    else if (n > (uint64_t)p->hi)
        wrong(b, MSG("Write at most {n} characters."), p->hi);
    else
        return s;
    return STR_ABSENT;
}

static void bind_text(struct binder *b, const struct raw *r)
{
    struct str kept;
    struct str s = check_text(b, r, &kept);
    if (!str_absent(s) && s.n > 0) {
        if (b->now->kind == PARAM_KIND_EMAIL && !text_email(s))
            wrong(b, MSG("Write a mail address such as name@example.jp."), 0);
        else if (b->now->kind == PARAM_KIND_TOKEN && !text_token(s))
            wrong(b, MSG("This code holds characters that it cannot have."), 0);
        else if (b->now->kind == PARAM_KIND_PATH && !text_local_path(s))
            wrong(b, MSG("This is not a page of this site."), 0);
    }
    memcpy(b->out + b->now->offset, &kept, sizeof(kept));
}

/* Digits of a text, or an integer of a JSON body. */
static bool whole_number(const struct raw *r, int64_t min, int64_t max, int64_t *v)
{
    struct str s = raw_text(r);
    if (r->kind != RAW_JSON || json_is_str(r->json))
        return !str_absent(s) && str_to_i64(s, min, max, v) == E_OK;
    return json_to_i64(r->json, v) && *v >= min && *v <= max;
}

static void bind_int(struct binder *b, const struct raw *r)
{
    int64_t v = 0;
    if (r->kind == RAW_TEXT)
        fault_clear();
    if (!whole_number(r, INT64_MIN, INT64_MAX, &v))
        wrong(b, MSG("Write a whole number."), 0);
    else if (v < b->now->lo)
        wrong(b, MSG("Write a number of at least {n}."), b->now->lo);
    else if (v > b->now->hi)
        wrong(b, MSG("Write a number of at most {n}."), b->now->hi);
    else
        memcpy(b->out + b->now->offset, &v, sizeof(v));
}

static void bind_id(struct binder *b, const struct raw *r)
{
    int64_t v = 0;
    if (!whole_number(r, b->now->lo, b->now->hi, &v)) {
        wrong(b, MSG("Choose one of the entries."), 0);
        return;
    }
    uint64_t id = (uint64_t)v;
    memcpy(b->out + b->now->offset, &id, sizeof(id));
}

static void bind_flag(struct binder *b, const struct raw *r)
{
    struct str s = raw_text(r);
    bool v = false;
    if (r->kind == RAW_JSON && json_to_bool(r->json, &v)) {
        /* a JSON true or false */
    } else if (str_eq_z(s, "1") || str_eq_z(s, "on") || str_eq_z(s, "true")) {
        v = true;
    } else if (!str_eq_z(s, "0") && !str_eq_z(s, "false") && !str_eq_z(s, "")) {
        wrong(b, MSG("Choose yes or no."), 0);
        return;
    }
    memcpy(b->out + b->now->offset, &v, sizeof(v));
}

static void bind_choice(struct binder *b, const struct raw *r)
{
    struct str s = raw_text(r);
    for (const struct choice *c = b->now->choices; c->word; c++)
        if (str_eq_z(s, c->word)) {
            memcpy(b->out + b->now->offset, &c->value, sizeof(c->value));
            return;
        }
    wrong(b, MSG("Choose one of the entries."), 0);
}

static bool two_digits(const char *p, int *v)
{
    if (p[0] < '0' || p[0] > '9' || p[1] < '0' || p[1] > '9')
        return false;
    *v = (p[0] - '0') * 10 + p[1] - '0';
    return true;
}

static void bind_date(struct binder *b, const struct raw *r)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    struct str s = raw_text(r);
    int century = 0, year = 0, month = 0, day = 0;
    bool good = s.n == 10 && s.p[4] == '-' && s.p[7] == '-' && two_digits(s.p, &century) &&
                two_digits(s.p + 2, &year) && two_digits(s.p + 5, &month) &&
                two_digits(s.p + 8, &day) && month >= 1 && month <= 12 && day >= 1;
    year += century * 100;
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    if (!good || year < 1900 || day > days[month - 1] + (leap && month == 2)) {
        wrong(b, MSG("Write a date such as 2026-11-20."), 0);
        return;
    }
    struct calendar c = { .year = year, .month = month, .day = day };
    struct timestamp t = timestamp_add(timestamp_from_calendar_utc(c), -9 * HOUR_US);
    memcpy(b->out + b->now->offset, &t, sizeof(t));
}

/* A member that is a pointer: all object pointers have one size and form here. */
static void put_pointer(struct binder *b, const void *p)
{
    memcpy(b->out + b->now->offset, &p, sizeof p);
}

static void bind_secret(struct binder *b, const struct raw *r)
{
    struct str s = raw_text(r);
    if (str_absent(s) || !text_clean(s, false))
        wrong(b, MSG("This text holds characters that cannot be used. Please type it again."), 0);
    else if (s.n == 0)
        wrong(b, MSG("Please fill in this field."), 0);
    else if (s.n < (uint64_t)b->now->lo)
        wrong(b, MSG("Write at least {n} characters."), b->now->lo);
    else if (s.n > (uint64_t)b->now->hi)
        wrong(b, MSG("Write at most {n} characters."), b->now->hi);
    else {
        struct secret *v = secret_from(s.p, s.n);
        b->result->secrets[b->result->secrets_n++] = v;
        put_pointer(b, v);
    }
}

/* An empty file control is sent by browsers as a file without name and contents. */
static bool no_file(const struct raw *r)
{
    return r->kind == RAW_FILE && r->file.size == 0 && r->file.filename.n == 0;
}

static bool check_file(struct binder *b, const struct raw *r)
{
    if (r->kind != RAW_FILE || no_file(r))
        wrong(b, MSG("Choose a file."), 0);
    else if (r->file.size < (uint64_t)b->now->lo)
        wrong(b, MSG("This file is empty."), 0);
    else
        return true;
    return false;
}

/* TEXTS and FILES: all raws of the name, or the items of one JSON array. */
static void bind_many(struct binder *b)
{
    const struct param *p = b->now;
    size_t n = 0, total = b->raws->n;
    struct str *texts = NULL;
    struct upload *files = NULL;
    if (p->kind == PARAM_KIND_TEXTS)
        texts = ARENA_ARRAY(b->arena, p->many + 1, struct str);
    else
        files = ARENA_ARRAY(b->arena, p->many + 1, struct upload);
    for (size_t i = 0; i < total; i++) {
        const struct raw *r = &b->raws->v[i];
        if (!str_eq_z(r->name, p->name) || no_file(r))
            continue;
        bool array = r->kind == RAW_JSON && json_is_array(r->json);
        size_t items = array ? json_length(r->json) : 1;
        for (size_t k = 0; k < items; k++) {
            struct raw item = *r;
            struct str kept;
            if (array)
                item.json = json_at(r->json, k);
            if (n == p->many) {
                wrong(b, MSG("Choose at most {n}."), (int64_t)p->many);
                return;
            }
            if (texts ? str_absent(texts[n] = check_text(b, &item, &kept)) : !check_file(b, &item))
                return;
            if (files)
                files[n] = item.file;
            n++;
        }
    }
    void *list = texts ? (void *)texts : (void *)files;
    memcpy(b->out + p->offset, &list, sizeof(list));
    memcpy(b->out + p->count_offset, &n, sizeof(n));
}

static void bind_value(struct binder *b, const struct raw *r)
{
    switch (b->now->kind) {
    case PARAM_KIND_TEXT:
    case PARAM_KIND_MULTILINE:
    case PARAM_KIND_TOKEN:
    case PARAM_KIND_EMAIL:
    case PARAM_KIND_PATH:
        bind_text(b, r);
        break;
    case PARAM_KIND_INT:
        bind_int(b, r);
        break;
    case PARAM_KIND_ID:
        bind_id(b, r);
        break;
    case PARAM_KIND_FLAG:
        bind_flag(b, r);
        break;
    case PARAM_KIND_CHOICE:
        bind_choice(b, r);
        break;
    case PARAM_KIND_DATE:
        bind_date(b, r);
        break;
    case PARAM_KIND_SECRET:
        bind_secret(b, r);
        break;
    case PARAM_KIND_FILE:
    case PARAM_KIND_STREAM:
        if (check_file(b, r))
            memcpy(b->out + b->now->offset, &r->file, sizeof(r->file));
        break;
    case PARAM_KIND_JSON:
        if (r->kind == RAW_JSON)
            put_pointer(b, r->json);
        else
            wrong(b, MSG("This must be a JSON value."), 0);
        break;
    case PARAM_KIND_TEXTS:
    case PARAM_KIND_FILES:
    case PARAM_KIND_STREAMS:
    case PARAM_KIND_END:
        break;
    }
}

static void bind_default(struct binder *b)
{
    const struct param *p = b->now;
    if (p->kind == PARAM_KIND_INT) {
        memcpy(b->out + p->offset, &p->fallback, sizeof(p->fallback));
    } else if (p->kind == PARAM_KIND_CHOICE) {
        int v = (int)p->fallback;
        memcpy(b->out + p->offset, &v, sizeof(v));
    } else if (p->kind == PARAM_KIND_DATE) {
        struct timestamp none = TIMESTAMP_NONE;
        memcpy(b->out + p->offset, &none, sizeof(none));
    }
}

/* Sent, but as nothing: an empty optional field, an unset file control, a JSON null. */
static bool counts_as_absent(const struct param *p, const struct raw *r)
{
    if (no_file(r) || (r->kind == RAW_JSON && json_is_nil(r->json)))
        return true;
    return (p->flags & PARAM_OPTIONAL) && p->kind != PARAM_KIND_TEXT &&
           p->kind != PARAM_KIND_MULTILINE && str_eq_z(raw_text(r), "");
}

static bool many(const struct param *p)
{
    return p->kind == PARAM_KIND_TEXTS || p->kind == PARAM_KIND_FILES ||
           p->kind == PARAM_KIND_STREAMS;
}

/* Unknown and repeated names are refused whole: a second reader may choose the other value. */
static enum err check_names(const struct binder *b, const struct raw **first)
{
    for (size_t i = 0; i < b->raws->n; i++) {
        const struct raw *r = &b->raws->v[i];
        size_t k = 0;
        while (k < b->params_n && !str_eq_z(r->name, b->params[k].name))
            k++;
        if (k == b->params_n)
            return FAIL(E_INPUT, "parameter-unknown", "parameter number %zu is not in the form",
                        i + 1);
        if (first[k] && !many(&b->params[k]))
            return FAIL(E_INPUT, "parameter-repeated", "parameter %s was sent twice",
                        b->params[k].name);
        if (!first[k])
            first[k] = r;
    }
    return E_OK;
}

enum err bind_form(struct arena *a, const struct param *params, const struct raws *raws,
                   bool lenient, void *out, struct bind_result *result)
{
    struct binder b = { .arena = a, .params = params, .raws = raws, .out = out, .result = result };
    while (params && params[b.params_n].name)
        b.params_n++;
    *result = (struct bind_result){ .errors = ARENA_ARRAY(a, b.params_n + 1, struct bind_error),
                                    .secrets = ARENA_ARRAY(a, b.params_n + 1, struct secret *) };
    const struct raw **first = ARENA_ARRAY(a, b.params_n + 1, const struct raw *);
    TRY(check_names(&b, first));
    for (size_t k = 0; k < b.params_n; k++) {
        b.now = &params[k];
        if (many(b.now)) {
            bind_many(&b);
        } else if (first[k] && !counts_as_absent(b.now, first[k])) {
            bind_value(&b, first[k]);
        } else {
            bind_default(&b);
            if (!(b.now->flags & PARAM_OPTIONAL) && !lenient)
                wrong(&b,
                      b.now->kind == PARAM_KIND_FILE || b.now->kind == PARAM_KIND_STREAM
                          ? MSG("Choose a file.")
                          : MSG("Please fill in this field."),
                      0);
        }
    }
    return E_OK;
}
