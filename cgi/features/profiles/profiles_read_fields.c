/* profiles_read_fields.c - fields, subject and alternative names of a profile */
#include "features/profiles/profiles_inside.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define CHOICES_MAX 100

static const char *const kinds[] = { "text", "email", "dns", "ip", "uri", "choice", "country" };
_Static_assert(COUNT(kinds) == PROFILES_KIND__MAX, "a name per kind");

static const char *const origins[] = { "account.name", "account.email", "account.login",
                                       "tenant.org" };

/* Attributes in the order in which they stand in a subject (BR 7.1.4.1). */
static const struct {
    const char *name;
    enum oid type;
} attributes[] = {
    { "C", OID_C },
    { "ST", OID_ST },
    { "L", OID_L },
    { "O", OID_O },
    { "organizationIdentifier", OID_ORGANIZATION_IDENTIFIER },
    { "SN", OID_SN },
    { "GN", OID_GIVEN_NAME },
    { "OU", OID_OU },
    { "title", OID_TITLE },
    { "CN", OID_CN },
    { "serialNumber", OID_SERIAL_NUMBER },
    { "emailAddress", OID_EMAIL },
};
enum { ATTRIBUTES = COUNT(attributes) };

static const struct {
    const char *name;
    enum x509_san_kind kind;
    enum profiles_kind field; /* what the field must be */
} alternatives[] = {
    { "email", X509_SAN_EMAIL, PROFILES_EMAIL },
    { "dns", X509_SAN_DNS, PROFILES_DNS },
    { "uri", X509_SAN_URI, PROFILES_URI },
    { "ip", X509_SAN_IP, PROFILES_IP },
};

const char *profiles_attribute_name(enum oid type)
{
    for (size_t i = 0; i < ATTRIBUTES; i++)
        if (attributes[i].type == type)
            return attributes[i].name;
    return "?";
}

const char *profiles_alternative_name(enum x509_san_kind kind)
{
    for (size_t i = 0; i < COUNT(alternatives); i++)
        if (alternatives[i].kind == kind)
            return alternatives[i].name;
    return "?";
}

const struct profiles_field *profiles_field(const struct profile *p, struct str name)
{
    for (size_t i = 0; i < p->fields_n; i++)
        if (str_eq(p->fields[i].name, name))
            return &p->fields[i];
    return NULL;
}

static bool field_name_ok(struct str name)
{
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        if (!(c >= 'a' && c <= 'z') && !(i > 0 && ((c >= '0' && c <= '9') || c == '_')))
            return false;
    }
    return true;
}

static enum err each_choice(const struct profiles_at *item, size_t i, void *arg)
{
    struct str *choices = arg;
    struct str v = profiles_item(item);

    if (str_empty(v) || utf8_length(v) > 64 || profiles_text_check(v) != E_OK)
        return profiles_wrong(item, "", "is not a text of 64 characters at most");
    choices[i] = v;
    return E_OK;
}

static enum err labels(const struct profiles_at *item, struct profiles_field *f)
{
    static const char *const keys[] = { "ja", "en", NULL };
    struct profiles_at at;

    TRY(profiles_object(item, "label", false, &at));
    TRY(profiles_only(&at, keys));
    TRY(profiles_text(&at, "ja", 60, STR_ABSENT, &f->label_ja));
    TRY(profiles_text(&at, "en", 60, STR_ABSENT, &f->label_en));
    f->hint_ja = f->hint_en = STR("");
    TRY(profiles_object(item, "hint", true, &at));
    if (!at.j)
        return E_OK;
    TRY(profiles_only(&at, keys));
    TRY(profiles_text(&at, "ja", 200, STR_ABSENT, &f->hint_ja));
    return profiles_text(&at, "en", 200, STR_ABSENT, &f->hint_en);
}

/* What fits where: choices with the kind "choice" alone, and `fixed` needs a `from`. */
static enum err consistent(const struct profiles_at *item, const struct profiles_field *f)
{
    if ((f->kind == PROFILES_CHOICE) != (f->choices_n > 0))
        return profiles_wrong(item, "choices", "belong to the kind \"choice\", and to it alone");
    if (f->fixed && (f->from.n == 0 || f->many))
        return profiles_wrong(item, "fixed", "needs a \"from\", and a field that does not repeat");
    if (f->many && f->kind == PROFILES_CHOICE)
        return profiles_wrong(item, "many", "does not go with a choice");
    return E_OK;
}

static enum err read_origin(const struct profiles_at *item, struct profiles_field *f)
{
    size_t i;

    f->from = STR("");
    if (!json_get(item->j, "from"))
        return E_OK;
    TRY(profiles_word(item, "from", origins, COUNT(origins), &i));
    f->from = str_z(origins[i]);
    return E_OK;
}

static enum err each_field(const struct profiles_at *item, size_t i, void *arg)
{
    static const char *const keys[] = { "name",  "kind", "label", "hint", "required", "editable",
                                        "fixed", "many", "max",   "from", "choices",  NULL };
    struct profile *p = arg;
    struct profiles_field *f = (struct profiles_field *)(uintptr_t)&p->fields[i];
    struct str *choices = ARENA_ARRAY(item->a, CHOICES_MAX, struct str);
    int64_t max = 64;
    size_t kind;

    TRY(profiles_only(item, keys));
    TRY(profiles_text(item, "name", 32, STR_ABSENT, &f->name));
    if (!field_name_ok(f->name) || profiles_field(p, f->name))
        return profiles_wrong(item, "name", "is not of a-z, 0-9 and _, or there already");
    TRY(profiles_word(item, "kind", kinds, COUNT(kinds), &kind));
    f->kind = (enum profiles_kind)kind;
    TRY(labels(item, f));
    TRY(profiles_flag(item, "required", &f->required));
    TRY(profiles_flag(item, "editable", &f->editable));
    TRY(profiles_flag(item, "fixed", &f->fixed));
    TRY(profiles_flag(item, "many", &f->many));
    TRY(profiles_number(item, "max", 1, 255, &max));
    f->max = (uint32_t)max;
    TRY(read_origin(item, f));
    TRY(profiles_list(item, "choices", true, CHOICES_MAX, each_choice, choices));
    f->choices = choices;
    f->choices_n = json_length(json_get(item->j, "choices"));
    p->fields_n = i + 1;
    return consistent(item, f);
}

static enum err each_part(const struct profiles_at *item, size_t i, void *arg)
{
    static const char *const keys[] = { "type", "value", "field", NULL };
    struct profile *p = arg;
    struct profiles_part *part = (struct profiles_part *)(uintptr_t)&p->subject[i];
    const struct profiles_field *f;
    struct str type;

    TRY(profiles_only(item, keys));
    TRY(profiles_text(item, "type", 40, STR_ABSENT, &type));
    size_t k = 0;
    while (k < ATTRIBUTES && !str_eq_z(type, attributes[k].name))
        k++;
    if (k == ATTRIBUTES)
        return profiles_wrong(item, "type", "is not an attribute that is written here");
    part->type = attributes[k].type;
    p->subject_n = i + 1;
    if (json_get(item->j, "value")) {
        TRY(profiles_text(item, "value", 64, STR_ABSENT, &part->value));
        return json_get(item->j, "field") ? profiles_wrong(item, "field", "beside a value") : E_OK;
    }
    TRY(profiles_text(item, "field", 32, STR_ABSENT, &part->field));
    f = profiles_field(p, part->field);
    return f && !f->many ? E_OK
                         : profiles_wrong(item, "field", "does not exist, or may repeat itself");
}

static enum err each_alternative(const struct profiles_at *item, size_t i, void *arg)
{
    static const char *const keys[] = { "kind", "field", NULL };
    struct profile *p = arg;
    struct profiles_alternative *alt = (struct profiles_alternative *)(uintptr_t)&p->names[i];
    const struct profiles_field *f;
    struct str kind;

    TRY(profiles_only(item, keys));
    TRY(profiles_text(item, "kind", 10, STR_ABSENT, &kind));
    TRY(profiles_text(item, "field", 32, STR_ABSENT, &alt->field));
    f = profiles_field(p, alt->field);
    for (size_t k = 0; f && k < COUNT(alternatives); k++)
        if (str_eq_z(kind, alternatives[k].name) && f->kind == alternatives[k].field) {
            alt->kind = alternatives[k].kind;
            p->names_n = i + 1;
            return E_OK;
        }
    return profiles_wrong(item, "field", "does not exist, or is not of that kind");
}

/* The order of the parts; each field goes somewhere. */
static enum err placed(const struct profiles_at *doc, const struct profile *p)
{
    size_t last = 0;

    for (size_t i = 0; i < p->subject_n; i++) {
        size_t k = 0;
        while (attributes[k].type != p->subject[i].type)
            k++;
        if (k < last)
            return FAIL(E_INPUT, "profile-subject-order",
                        "/subject/%zu: BR 7.1.4.1: %s comes before %s", i, attributes[k].name,
                        attributes[last].name);
        last = k;
    }
    for (size_t i = 0; i < p->fields_n; i++) {
        bool used = false;
        for (size_t k = 0; k < p->subject_n; k++)
            used = used || str_eq(p->subject[k].field, p->fields[i].name);
        for (size_t k = 0; k < p->names_n; k++)
            used = used || str_eq(p->names[k].field, p->fields[i].name);
        if (!used)
            return profiles_wrong(doc, str_fmt(doc->a, "fields/%zu", i).p, "goes nowhere");
    }
    return E_OK;
}

enum err profiles_read_fields(const struct profiles_at *doc, struct profile *p)
{
    p->fields = ARENA_ARRAY(doc->a, PROFILES_FIELDS_MAX, struct profiles_field);
    p->subject = ARENA_ARRAY(doc->a, NAME_MAX_ATTRIBUTES, struct profiles_part);
    p->names = ARENA_ARRAY(doc->a, PROFILES_FIELDS_MAX, struct profiles_alternative);
    TRY(profiles_list(doc, "fields", false, PROFILES_FIELDS_MAX, each_field, p));
    TRY(profiles_list(doc, "subject", false, NAME_MAX_ATTRIBUTES, each_part, p));
    TRY(profiles_list(doc, "names", true, PROFILES_FIELDS_MAX, each_alternative, p));
    return placed(doc, p);
}
