/* accounts_roster_read.c - a file of people as rows with a meaning; see accounts_roster.h. */
#include "features/accounts/accounts_roster.h"

#include "base/csv_read.h"

#include <stdlib.h>

/* The first word of each language is what the template writes. */
static const struct {
    const char *english[4], *japanese[4];
} headings[ACCOUNTS_ROSTER_COLUMNS] = {
    [ACCOUNTS_ROSTER_OPERATION] = { { "operation" }, { "操作" } },
    [ACCOUNTS_ROSTER_LOGIN] = { { "login", "login name" }, { "ログイン名" } },
    [ACCOUNTS_ROSTER_NAME] = { { "name" }, { "氏名", "名前" } },
    [ACCOUNTS_ROSTER_EMAIL] = { { "email", "mail address", "e-mail" }, { "メールアドレス" } },
    [ACCOUNTS_ROSTER_ROLES] = { { "roles", "role" }, { "役割" } },
    [ACCOUNTS_ROSTER_LANG] = { { "language", "lang" }, { "言語" } },
};
static const char *const operations[][4] = {
    { "INVITE", "invite", "招待" },
    { "SUSPEND", "suspend", "停止", "一時停止" },
    { "RESUME", "resume", "再開", "停止解除" },
    { "REMOVE", "remove", "削除" },
};
/* The customer's オペレータ reviews applications; the provider's 運用員 is no role of a customer.
 */
static const struct {
    uint32_t role;
    const char *words[4];
} roles[] = {
    { ROLE_END_USER, { "end_user", "利用者" } },
    { ROLE_CUSTOMER_ADMIN, { "customer_admin", "契約者管理者", "管理者" } },
    { ROLE_LRA_OPERATOR, { "lra_operator", "オペレータ", "オペレータ(契約者側)" } },
    { ROLE_DESIGNATED_OPERATOR, { "designated_operator", "指定事業者" } },
};
static const char *const langs[2][4] = { { "ja", "日本語", "japanese" },
                                         { "en", "英語", "english" } };

const char *accounts_roster_heading(enum accounts_roster_column c, bool japanese)
{
    return japanese ? headings[c].japanese[0] : headings[c].english[0];
}

static bool among(struct str s, const char *const words[4])
{
    for (size_t i = 0; i < 4 && words[i] != NULL; i++)
        if (str_eq_z(s, words[i]))
            return true;
    return false;
}

struct columns {
    size_t at[ACCOUNTS_ROSTER_COLUMNS]; /* SIZE_MAX: there is none */
};

static enum err read_heading(struct arena *a, const struct csv_read_row *row, struct columns *c,
                             struct str *word)
{
    for (size_t k = 0; k < ACCOUNTS_ROSTER_COLUMNS; k++)
        c->at[k] = SIZE_MAX;
    for (size_t i = 0; i < row->n; i++) {
        struct str s = str_lower(a, row->cells[i]);
        size_t k = 0;
        if (s.n == 0 && i + 1 == row->n)
            continue; /* a separator at the line's end */
        while (k < ACCOUNTS_ROSTER_COLUMNS && !among(s, headings[k].english) &&
               !among(s, headings[k].japanese))
            k++;
        *word = row->cells[i];
        if (k == ACCOUNTS_ROSTER_COLUMNS || c->at[k] != SIZE_MAX)
            return FAIL(E_INPUT, "roster-heading", "unknown heading, or twice");
        c->at[k] = i;
    }
    *word = STR("");
    if (c->at[ACCOUNTS_ROSTER_OPERATION] == SIZE_MAX || c->at[ACCOUNTS_ROSTER_LOGIN] == SIZE_MAX)
        return FAIL(E_INPUT, "roster-columns", "operation or login is missing");
    return E_OK;
}

static struct str cell(const struct csv_read_row *row, const struct columns *c,
                       enum accounts_roster_column k)
{
    return c->at[k] < row->n ? row->cells[c->at[k]] : STR("");
}

/* Bytes of what stands between two roles at `at`: a space, comma, semicolon, slash or 、; else 0.
 */
static size_t between(struct str s, size_t at)
{
    if (strchr(" ,;/", s.p[at]) != NULL)
        return 1;
    return strncmp(s.p + at, "、", strlen("、")) == 0 ? strlen("、") : 0;
}

/* 0 when one is unknown, or there is none. */
static uint32_t roles_of(struct arena *a, struct str s)
{
    uint32_t bits = 0;

    for (size_t at = 0; at < s.n;) {
        size_t end = at, i = 0;
        while (end < s.n && between(s, end) == 0)
            end++;
        struct str word = str_sub(a, s, at, end);
        at = end < s.n ? end + between(s, end) : end;
        while (i < sizeof roles / sizeof *roles && !among(word, roles[i].words))
            i++;
        if (word.n > 0 && i == sizeof roles / sizeof *roles)
            return 0;
        bits |= word.n > 0 ? roles[i].role : 0;
    }
    return bits;
}

static bool clean(struct str s, size_t max)
{
    for (size_t at = 0; at < s.n;)
        if (utf8_deceptive(utf8_next(s, &at)))
            return false;
    return utf8_length(s) <= max;
}

static bool login_good(struct str s)
{
    return s.n >= 3 && s.n <= 64 && strspn(s.p, "abcdefghijklmnopqrstuvwxyz0123456789._@+-") == s.n;
}

static bool email_good(struct str s)
{
    size_t at = str_find(s, '@', 0);
    return s.n >= 3 && s.n <= 254 && at != SIZE_MAX && at > 0 && at + 1 < s.n &&
           str_find(s, '@', at + 1) == SIZE_MAX && strpbrk(s.p, " <>,\"") == NULL;
}

/* What is wrong with an invitation; "" when nothing is. */
static struct str judge_invitation(const struct accounts_roster_row *r, struct str lang)
{
    if (r->name.n == 0 || !clean(r->name, 120))
        return STR("name");
    if (!email_good(r->email))
        return STR("email");
    if (r->roles == 0)
        return STR("roles");
    return lang.n == 0 ? STR("lang") : STR("");
}

static struct str lang_of(struct arena *a, struct str s)
{
    struct str word = str_lower(a, s);

    if (s.n == 0 || among(word, langs[0]))
        return STR("ja");
    return among(word, langs[1]) ? STR("en") : STR("");
}

/* Texts that do not fit their column are cut for the preview: the row is faulty anyway. */
static struct str fit(struct arena *a, struct str s, size_t max)
{
    return clean(s, max) ? s : str_printable(a, s, max);
}

static void read_row(struct arena *a, const struct csv_read_row *from, const struct columns *c,
                     struct accounts_roster_row *r, struct str *lang)
{
    struct str word = cell(from, c, ACCOUNTS_ROSTER_OPERATION);
    struct str login = str_lower(a, cell(from, c, ACCOUNTS_ROSTER_LOGIN));
    struct str name = cell(from, c, ACCOUNTS_ROSTER_NAME);

    *r = (struct accounts_roster_row){ .line = (uint32_t)from->line,
                                       .operation = STR(""),
                                       .login = login,
                                       .name = name,
                                       .problem = STR("") };
    for (size_t i = 0; i < 4; i++)
        if (among(word, operations[i]))
            r->operation = str_z(operations[i][0]);
    r->email = str_lower(a, cell(from, c, ACCOUNTS_ROSTER_EMAIL));
    r->roles = roles_of(a, cell(from, c, ACCOUNTS_ROSTER_ROLES));
    *lang = lang_of(a, cell(from, c, ACCOUNTS_ROSTER_LANG));
    if (r->operation.n == 0)
        r->problem = STR("operation");
    else if (!login_good(login))
        r->problem = STR("login");
    else if (str_eq_z(r->operation, "INVITE"))
        r->problem = judge_invitation(r, *lang);
    r->login = fit(a, login, 254);
    r->name = fit(a, name, 120);
    r->email = fit(a, r->email, 254);
    if (lang->n == 0)
        *lang = STR("ja");
}

struct entry {
    struct str key;
    struct accounts_roster_row *row;
};

static int by_key(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    int c = str_cmp(x->key, y->key);
    if (c != 0)
        return c;
    return x->row->line < y->row->line ? -1 : x->row->line > y->row->line;
}

/* The same person twice in one file: what is meant depends on the order, so nothing is. */
static void mark_twice(struct arena *a, struct accounts_roster_file *f, bool email)
{
    struct entry *e = ARENA_ARRAY(a, f->n + 1, struct entry);
    size_t n = 0;

    for (size_t i = 0; i < f->n; i++) {
        struct str key = email ? f->rows[i].email : f->rows[i].login;
        if (key.n > 0 && (!email || str_eq_z(f->rows[i].operation, "INVITE")))
            e[n++] = (struct entry){ key, &f->rows[i] };
    }
    qsort(e, n, sizeof *e, by_key);
    for (size_t i = 1; i < n; i++)
        if (str_eq(e[i].key, e[i - 1].key) && e[i].row->problem.n == 0)
            e[i].row->problem = STR("twice");
}

enum err accounts_roster_read(struct arena *a, struct bytes file, struct accounts_roster_file *out,
                              struct str *word)
{
    struct csv_read_table t;
    struct columns c;
    struct str text;
    size_t line;

    *word = STR("");
    TRY(csv_read_decode(a, file, &text));
    TRY(csv_read_parse(a, text, ACCOUNTS_ROSTER_ROWS + 1, &t, &line));
    if (t.n == 0)
        return FAIL(E_INPUT, "roster-empty", "no row at all");
    TRY(read_heading(a, &t.rows[0], &c, word));
    if (t.n == 1)
        return FAIL(E_INPUT, "roster-empty", "no row below the headings");
    out->n = t.n - 1;
    out->rows = ARENA_ARRAY(a, out->n, struct accounts_roster_row);
    out->langs = ARENA_ARRAY(a, out->n, struct str);
    for (size_t i = 0; i < out->n; i++)
        read_row(a, &t.rows[i + 1], &c, &out->rows[i], &out->langs[i]);
    mark_twice(a, out, false);
    mark_twice(a, out, true);
    return E_OK;
}
