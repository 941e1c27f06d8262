/* registration_words_pages.c - findings, sources and checks of an application in words. */
#include "features/registration/registration_form_pages.h"

#include "features/registration/registration_pages.h"

/* What the checks are shown under. */
enum group { WHO, FORM_OF_NAMES, NAMESPACE, CERTIFIED, KEY, GROUPS };

static const struct {
    const char *code;
    enum group group;
    struct msg text;
} reasons[] = {
    { "profile-retired", WHO, MSG_INIT("This kind of certificate is not offered any more.") },
    { "profile-not-offered", WHO,
      MSG_INIT("This kind of certificate is not in your organisation's contract, or not for your "
               "role.") },
    { "key-source", WHO, MSG_INIT("The key cannot come this way for this kind of certificate.") },
    { "subscriber-missing", WHO, MSG_INIT("Say whose certificate it will be.") },
    { "subscriber-unknown", WHO, MSG_INIT("There is no such person in your organisation.") },
    { "subscriber-stopped", WHO, MSG_INIT("The account of this person is suspended or closed.") },
    { "applicant-stopped", WHO, MSG_INIT("The account of the applicant is suspended or closed.") },
    { "profile-stricter", WHO,
      MSG_INIT("This kind of certificate needs two approvals by now. Return the application: once "
               "it is sent again, it asks for both.") },
    { "not-for-others", WHO, MSG_INIT("You can apply for yourself only.") },
    { "validity-too-long", WHO, MSG_INIT("The validity is longer than this kind allows.") },
    { "drafts", WHO,
      MSG_INIT("You have begun twenty applications. Send one, or throw one away, first.") },
    { "name-of-somebody-else", CERTIFIED,
      MSG_INIT("Somebody else has a valid certificate with exactly this name. Add what tells the "
               "two apart, such as the department.") },
    { "name-certified", CERTIFIED, MSG_INIT("There is a valid certificate with this name.") },
    { "name-applied", CERTIFIED, MSG_INIT("An application for this name is under way already.") },
    { "renews-unknown", CERTIFIED,
      MSG_INIT("The certificate to be renewed is another person's, or of another kind.") },
    { "renews-ended", CERTIFIED,
      MSG_INIT("The certificate to be renewed is revoked. Apply for a new one.") },
    { "renewed-already", CERTIFIED, MSG_INIT("This certificate has a successor already.") },
    { "application-renewing", CERTIFIED,
      MSG_INIT("An application to renew this certificate is under way already.") },
    { "csr-missing", KEY, MSG_INIT("Paste the certificate request, or choose its file.") },
    { "csr-malformed", KEY,
      MSG_INIT("This is no certificate request (PKCS#10). Paste the whole text from BEGIN to END, "
               "or choose the file.") },
    { "csr-signature", KEY,
      MSG_INIT("The request is not signed by its own key, so it does not prove who holds the key. "
               "Make it again.") },
    { "csr-names-ignored", KEY,
      MSG_INIT("The request holds other names. They are ignored: the names of this form count.") },
    { "algorithm-unsupported", KEY,
      MSG_INIT("The request is signed in a way that is not accepted. Use SHA-256 or better.") },
    { "key-applied-by-others", KEY,
      MSG_INIT("This key is in somebody else's application. Make a new key.") },
    { "key-applied", KEY, MSG_INIT("This key is in another application of yours.") },
    { "application-state", WHO, MSG_INIT("This application has gone on meanwhile.") },
    { "link-unknown", WHO, MSG_INIT("There is no such link.") },
    { "link-ended", WHO,
      MSG_INIT("This link is over. Ask for a new one on the page of the application.") },
    { "link-used", WHO, MSG_INIT("The key was made with this link before.") },
    { "link-not-yours", WHO,
      MSG_INIT("This link is for another person. Sign in with the account that it is for.") },
    { "link-code-wrong", WHO,
      MSG_INIT("The code is wrong. After five wrong codes the link ends.") },
    { "password-wrong", WHO,
      MSG_INIT("The password is wrong. After five wrong passwords the key is erased.") },
    { "certificate-pending", WHO,
      MSG_INIT("The certificate is being issued. Try again in a few seconds.") },
};
enum { REASONS = sizeof reasons / sizeof *reasons };

static size_t reason_at(const char *code)
{
    size_t i = 0;

    while (i < REASONS && strcmp(code, reasons[i].code) != 0)
        i++;
    return i;
}

bool registration_words_text(const char *code, struct msg *text)
{
    size_t i = reason_at(code);

    if (i < REASONS)
        *text = reasons[i].text;
    return i < REASONS;
}

struct msg registration_form_source(enum profiles_key key)
{
    switch (key) {
    case PROFILES_HSM:
        return MSG("In the key store of this service, with a PIN");
    case PROFILES_BROWSER:
        return MSG("In the browser, at collection");
    case PROFILES_PKCS12:
        return MSG("By this service at collection, as a file with a password");
    case PROFILES_CSR:
        break;
    }
    return MSG("Own key, by certificate request (CSR)");
}

struct page_step *registration_form_steps(struct req *rq, size_t current)
{
    static const struct msg labels[REGISTRATION_STEPS] = {
        MSG_INIT("Choose the kind"),
        MSG_INIT("Fill in the form"),
        MSG_INIT("Confirm the application"),
        MSG_INIT("Receipt number"),
    };

    return page_steps(req_arena(rq), labels, REGISTRATION_STEPS, current);
}

/* --- facts --- */

const struct view_field registration_fact_fields[] = {
    VIEW_TEXT(struct registration_fact, label),
    VIEW_TEXT(struct registration_fact, value),
    VIEW_END,
};

struct registration_fact *registration_form_facts(struct req *rq, const struct profile *p,
                                                  const struct profiles_value *values, size_t n,
                                                  size_t *count)
{
    struct registration_fact *facts = ARENA_ARRAY(req_arena(rq), n, struct registration_fact);

    *count = 0;
    for (size_t i = 0; i < n; i++) {
        const struct profiles_field *f = profiles_field(p, values[i].name);
        facts[(*count)++] =
            (struct registration_fact){ f ? registration_form_label(rq, f) : values[i].name,
                                        values[i].value };
    }
    return facts;
}

/* --- checks --- */

const struct view_field registration_check_fields[] = {
    VIEW_STRUCT(struct registration_check_row, result, page_badge_fields),
    VIEW_MSG(struct registration_check_row, what),
    VIEW_TEXT(struct registration_check_row, text),
    VIEW_TEXT(struct registration_check_row, field),
    VIEW_TEXT(struct registration_check_row, detail),
    VIEW_END,
};

static enum group group_of(struct str code)
{
    size_t i = reason_at(code.p);

    if (i < REASONS)
        return reasons[i].group;
    if (str_starts(code, STR("namespace-")))
        return NAMESPACE;
    return str_starts(code, STR("key-")) ? KEY : FORM_OF_NAMES;
}

static struct registration_check_row row_of(struct req *rq, const struct profile *p,
                                            const struct profiles_finding *f, struct msg what)
{
    const struct profiles_field *field = profiles_field(p, f->field);

    return (struct registration_check_row){
        .result = f->refuses ? (struct page_badge){ "error", MSG("not accepted") }
                             : (struct page_badge){ "caution", MSG("note") },
        .what = what,
        .text = registration_form_words(rq, f->code),
        .field = field ? registration_form_label(rq, field) : STR(""),
        .detail = f->detail,
    };
}

static struct registration_check_row without_finding(struct msg what, bool later)
{
    return (struct registration_check_row){
        .result = later ? (struct page_badge){ "neutral", MSG("checked later") }
                        : (struct page_badge){ "success", MSG("in order") },
        .what = what,
    };
}

struct registration_check_row *registration_form_checks(struct req *rq, const struct profile *p,
                                                        enum profiles_key source,
                                                        const struct profiles_finding *f, size_t n,
                                                        size_t *count)
{
    static const struct msg what[GROUPS] = {
        [WHO] = MSG_INIT("Who may apply for what"),
        [FORM_OF_NAMES] = MSG_INIT("Names: form and characters"),
        [NAMESPACE] = MSG_INIT("Names belong to the organisation"),
        [CERTIFIED] = MSG_INIT("Names certified already"),
        [KEY] = MSG_INIT("Key: possession, strength, earlier use"),
    };
    struct registration_check_row *rows =
        ARENA_ARRAY(req_arena(rq), n + GROUPS, struct registration_check_row);

    bool later = source != PROFILES_CSR; /* there is no key yet */

    *count = 0;
    for (int g = 0; g < GROUPS; g++) {
        size_t before = *count;
        for (size_t i = 0; i < n; i++)
            if (group_of(f[i].code) == (enum group)g)
                rows[(*count)++] = row_of(rq, p, &f[i], what[g]);
        if (*count == before)
            rows[(*count)++] = without_finding(what[g], g == KEY && later);
    }
    return rows;
}
