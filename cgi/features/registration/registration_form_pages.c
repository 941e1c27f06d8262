/* registration_form_pages.c - forms made from profiles; see registration_form_pages.h */
#include "features/registration/registration_form_pages.h"

#include "features/registration/registration_pages.h"
#include "http/problem.h"

const struct choice registration_form_keys[] = {
    { "csr", PROFILES_CSR },
    { "hsm", PROFILES_HSM },
    { "pkcs12", PROFILES_PKCS12 },
    { "browser", PROFILES_BROWSER },
    { NULL, 0 },
};

const struct view_field registration_field_row_fields[] = {
    VIEW_TEXT(struct registration_field_row, id),
    VIEW_TEXT(struct registration_field_row, label),
    VIEW_TEXT(struct registration_field_row, hint),
    VIEW_TEXT(struct registration_field_row, value),
    VIEW_TEXT(struct registration_field_row, error),
    VIEW_INT(struct registration_field_row, max),
    VIEW_FLAG(struct registration_field_row, required),
    VIEW_FLAG(struct registration_field_row, fixed),
    VIEW_FLAG(struct registration_field_row, many),
    VIEW_FLAG(struct registration_field_row, choice),
    VIEW_FLAG(struct registration_field_row, email),
    VIEW_LIST(struct registration_field_row, choices, choices_count, page_choice_fields),
    VIEW_END,
};

const struct view_field registration_way_fields[] = {
    VIEW_TEXT(struct registration_way, value), VIEW_MSG(struct registration_way, label),
    VIEW_MSG(struct registration_way, note),   VIEW_FLAG(struct registration_way, selected),
    VIEW_FLAG(struct registration_way, csr),   VIEW_END,
};

/* --- reading --- */

struct reader {
    struct arena *a;
    struct profiles_value *values;
    size_t n;
};

static void put(struct reader *r, struct str name, struct str value)
{
    value = str_trim(r->a, value);
    if (value.n > 0 && r->n < PROFILES_VALUES_MAX)
        r->values[r->n++] = (struct profiles_value){ name, value };
}

static void put_lines(struct reader *r, struct str name, struct str text)
{
    for (size_t from = 0; from < text.n;) {
        size_t end = str_find(text, '\n', from);
        if (end == SIZE_MAX)
            end = text.n;
        put(r, name, str_sub(r->a, text, from, end));
        from = end + 1;
    }
}

static void put_kept(struct reader *r, struct str name, const struct profiles_value *kept, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(kept[i].name, name))
            put(r, name, kept[i].value);
}

void registration_form_read(struct req *rq, const struct registration_input *in,
                            const struct profile *p, const struct profiles_value *kept,
                            size_t kept_n, struct profiles_value **values, size_t *n)
{
    struct arena *a = req_arena(rq);
    struct reader r = { a, ARENA_ARRAY(a, PROFILES_VALUES_MAX, struct profiles_value), 0 };

    for (size_t i = 0; i < p->fields_n && i < PROFILES_FIELDS_MAX; i++) {
        const struct profiles_field *f = &p->fields[i];
        struct str typed = in->v[i];
        if (f->fixed || str_absent(typed))
            put_kept(&r, f->name, kept, kept_n);
        else if (f->many)
            put_lines(&r, f->name, typed);
        else
            put(&r, f->name, typed);
    }
    *values = r.values;
    *n = r.n;
}

void registration_form_request(struct req *rq, const struct registration_input *in,
                               struct bytes *csr)
{
    struct registration_request request;
    struct bytes given = BYTES_ABSENT;

    *csr = BYTES_ABSENT;
    if (in->csr_file.data.n > 0)
        given = in->csr_file.data;
    else if (!str_empty(in->csr))
        given = bytes_of_str(in->csr);
    if (given.n == 0)
        return;
    if (registration_request_read(req_arena(rq), given, &request) == E_OK) {
        *csr = bytes_dup(req_arena(rq), request.der);
        return;
    }
    struct msg words = { NULL };
    if (registration_form_reason(rq, fault_current()->reason, &words))
        req_field_error(rq, "csr", words);
    fault_clear();
}

/* --- faults --- */

static size_t field_at(const struct profile *p, struct str name)
{
    size_t i = 0;

    while (i < p->fields_n && !str_eq(p->fields[i].name, name))
        i++;
    return i;
}

bool registration_form_reason(struct req *rq, const char *code, struct msg *text)
{
    return registration_words_text(code, text) || problem_reason_words(rq, code, text);
}

struct str registration_form_words(struct req *rq, struct str code)
{
    struct msg words;

    return registration_form_reason(rq, code.p, &words) ? message_text(req_lang(rq), words) : code;
}

bool registration_form_faults(struct req *rq, const struct profile *p,
                              const struct profiles_finding *f, size_t n)
{
    bool any = false;

    for (size_t i = 0; i < n; i++) {
        size_t at = field_at(p, f[i].field);
        struct msg words = MSG("Please check what you have written.");
        if (!f[i].refuses)
            continue;
        (void)registration_form_reason(rq, f[i].code.p, &words);
        if (at < p->fields_n)
            req_field_error(rq, str_fmt(req_arena(rq), "v%zu", at).p, words);
        else if (str_eq_z(f[i].field, "csr"))
            req_field_error(rq, "csr", words);
        else
            continue;
        any = true;
    }
    return any;
}

/* --- drawing --- */

static struct str joined(struct req *rq, struct str name, const struct profiles_value *values,
                         size_t n)
{
    struct str s = STR("");

    for (size_t i = 0; i < n; i++)
        if (str_eq(values[i].name, name))
            s = str_fmt(req_arena(rq), "%s%s%s", s.p, s.n ? "\n" : "", values[i].value.p);
    return s;
}

static struct str error_of(struct req *rq, struct str field, const struct profiles_finding *f,
                           size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (f[i].refuses && str_eq(f[i].field, field))
            return registration_form_words(rq, f[i].code);
    return STR("");
}

static void fill_choices(struct req *rq, const struct profiles_field *f,
                         struct registration_field_row *r)
{
    r->choices_count = f->choices_n;
    r->choices = ARENA_ARRAY(req_arena(rq), f->choices_n, struct page_choice);
    for (size_t i = 0; i < f->choices_n; i++)
        r->choices[i] = (struct page_choice){ .value = f->choices[i],
                                              .text = f->choices[i],
                                              .selected = str_eq(f->choices[i], r->value) };
}

static struct str in_language(struct req *rq, struct str ja, struct str en)
{
    return req_lang(rq) == LANG_EN ? en : ja;
}

struct str registration_form_title(struct req *rq, const struct profile *p)
{
    return in_language(rq, p->title_ja, p->title_en);
}

struct str registration_form_label(struct req *rq, const struct profiles_field *f)
{
    return in_language(rq, f->label_ja, f->label_en);
}

struct registration_field_row *registration_form_rows(struct req *rq, const struct profile *p,
                                                      const struct profiles_value *values, size_t n,
                                                      const struct profiles_finding *found,
                                                      size_t found_n)
{
    struct registration_field_row *rows =
        ARENA_ARRAY(req_arena(rq), p->fields_n, struct registration_field_row);

    for (size_t i = 0; i < p->fields_n; i++) {
        const struct profiles_field *f = &p->fields[i];
        rows[i] = (struct registration_field_row){
            .id = str_fmt(req_arena(rq), "v%zu", i),
            .label = registration_form_label(rq, f),
            .hint = in_language(rq, f->hint_ja, f->hint_en),
            .value = joined(rq, f->name, values, n),
            .error = error_of(rq, f->name, found, found_n),
            .max = f->max,
            .required = f->required,
            .fixed = f->fixed,
            .many = f->many,
            .choice = f->kind == PROFILES_CHOICE && f->choices_n > 0,
            .email = f->kind == PROFILES_EMAIL && !f->many,
        };
        if (rows[i].choice)
            fill_choices(rq, f, &rows[i]);
    }
    return rows;
}

struct registration_way *registration_form_ways(struct req *rq, const struct profile *p,
                                                enum profiles_key chosen, size_t *n)
{
    static const struct {
        enum profiles_key key;
        struct msg label, note;
    } ways[] = {
        { PROFILES_HSM, MSG_INIT("In the key store of this service"),
          MSG_INIT("For signing documents here. You choose a PIN; nobody can use the key without "
                   "it.") },
        { PROFILES_BROWSER, MSG_INIT("In my browser, when the application is approved"),
          MSG_INIT("You get a mail with a link. The key is made on your computer and never leaves "
                   "it unencrypted. The best choice for most people.") },
        { PROFILES_PKCS12, MSG_INIT("By this service, as a file with a password"),
          MSG_INIT("You get a mail with a link. File and password are shown once and kept "
                   "nowhere.") },
        { PROFILES_CSR, MSG_INIT("I have made it: I have a certificate request (CSR)"),
          MSG_INIT("For servers, devices and people who have made a key themselves. Only the key "
                   "is taken from the request; the names are those of this form.") },
    };
    struct registration_way *out = ARENA_ARRAY(req_arena(rq), 4, struct registration_way);

    *n = 0;
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        if (p->keys & (uint32_t)ways[i].key)
            out[(*n)++] =
                (struct registration_way){ str_z(profiles_key_name(ways[i].key)), ways[i].label,
                                           ways[i].note, ways[i].key == chosen,
                                           ways[i].key == PROFILES_CSR };
    return out;
}
