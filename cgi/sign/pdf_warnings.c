/* pdf_warnings.c - see pdf_warnings.h; the catalogue's part, and the sentences. */
#include "sign/pdf_warnings_inside.h"

/* Marks a text for the catalogue (tools/check-messages); sign/ itself translates nothing. */
#define MSG_INIT(text) text

const struct pdf_warnings_text pdf_warnings_known[PDF_WARNINGS__MAX + 1] = {
    [PDF_WARNINGS_CHANGED] = { "changed-after-signature",
                               MSG_INIT("The file was changed after somebody signed it, by more "
                                        "than another signature.") },
    [PDF_WARNINGS_LAUNCH] = { "launch",
                              MSG_INIT("The file can start other programs on the reader's "
                                       "computer.") },
    [PDF_WARNINGS_SCRIPT] = { "script",
                              MSG_INIT("The file contains a script (JavaScript). What it shows can "
                                       "change when it is opened.") },
    [PDF_WARNINGS_AUTOMATIC] = { "automatic-action",
                                 MSG_INIT("The file does something by itself when it is opened, "
                                          "printed or clicked.") },
    [PDF_WARNINGS_SUBMIT] = { "submit",
                              MSG_INIT("The file can send what is filled in to somebody, or take "
                                       "data from another file.") },
    [PDF_WARNINGS_HIDDEN_LAYER] = { "hidden-layers",
                                    MSG_INIT("The file has hidden layers: parts of its pages that "
                                             "are not shown now, or only on paper.") },
    [PDF_WARNINGS_FIELD_LOOK] = { "field-look",
                                  MSG_INIT("A form field shows something other than the value that "
                                           "it holds.") },
    [PDF_WARNINGS_EXTERNAL] = { "external-content",
                                MSG_INIT("Part of the content lies in another file and can be "
                                         "exchanged without a trace.") },
    [PDF_WARNINGS_XFA] = { "xfa", MSG_INIT("The file is a dynamic form (XFA): other programs may "
                                           "show other pages than these.") },
    [PDF_WARNINGS_UNREFERENCED] = { "unreferenced-content",
                                    MSG_INIT("The file contains page content that is not shown. It "
                                             "could be put in place later.") },
    [PDF_WARNINGS_LAYERS] = { "layers", MSG_INIT("The file has layers: parts of its pages that a "
                                                 "reader can show or hide.") },
    [PDF_WARNINGS_FIELDS_REDRAWN] = { "fields-redrawn",
                                      MSG_INIT("Form fields are drawn by each program itself, so "
                                               "they may look different elsewhere.") },
    [PDF_WARNINGS_ANNOTATIONS] = { "annotations",
                                   MSG_INIT(
                                       "Notes, stamps or drawings lie over a page. They do not "
                                       "belong to its text.") },
    [PDF_WARNINGS_REVISIONS] = { "earlier-versions",
                                 MSG_INIT("The file contains earlier versions of itself, which can "
                                          "be read.") },
    [PDF_WARNINGS_ELSEWHERE] = { "other-files",
                                 MSG_INIT("A click in the file can open other files.") },
    [PDF_WARNINGS_MEDIA] = { "media", MSG_INIT("The file contains sound, film or 3D models, which "
                                               "are not shown here.") },
    [PDF_WARNINGS_ATTACHMENTS] = { "attachments",
                                   MSG_INIT("Other files are attached. You sign them too, without "
                                            "seeing them here.") },
    [PDF_WARNINGS_FIELDS] = { "open-fields",
                              MSG_INIT("The file has form fields that can still be filled in. A "
                                       "certification without changes prevents that.") },
    [PDF_WARNINGS_FONTS] = { "fonts-missing",
                             MSG_INIT("Fonts are missing in the file. Letters may look different "
                                      "elsewhere.") },
    [PDF_WARNINGS_UNSEARCHED] = { "not-searched",
                                  MSG_INIT("The file is too large to be searched for hidden parts "
                                           "in full.") },
    [PDF_WARNINGS__MAX] = { NULL, NULL },
};

void pdf_warnings_note(struct pdf_warnings_search *s, enum pdf_warnings_kind kind, unsigned page,
                       struct str detail)
{
    struct pdf_warning *w = &s->found[kind];

    if (w->found++ == 0 || (w->page == 0 && page > 0))
        w->page = page;
    if (str_absent(w->detail))
        w->detail = detail;
}

static bool is_true(struct pdf_read *d, struct pdf_read_ref r)
{
    struct bytes text = pdf_read_unparse(d, r);
    return bytes_eq(text, bytes_of_str(STR("true")));
}

/* ISO 32000-2 8.11.4: groups that are off at first, or switched by what is done with the file. */
static void search_layers(struct pdf_warnings_search *s)
{
    struct pdf_read *d = s->d;
    struct pdf_read_ref oc = pdf_read_get(d, pdf_read_root(d), "/OCProperties");
    struct pdf_read_ref first = pdf_read_get(d, oc, "/D");

    if (pdf_read_length(d, pdf_read_get(d, oc, "/OCGs")) == 0)
        return;
    bool hidden = pdf_read_length(d, pdf_read_get(d, first, "/OFF")) > 0 ||
                  pdf_read_name_is(d, pdf_read_get(d, first, "/BaseState"), "/OFF") ||
                  pdf_read_length(d, pdf_read_get(d, first, "/AS")) > 0;
    pdf_warnings_note(s, hidden ? PDF_WARNINGS_HIDDEN_LAYER : PDF_WARNINGS_LAYERS, 0, STR_ABSENT);
}

/* 12.6.4: to open at a place is harmless, all other actions are not asked for by anybody. */
static void search_opening(struct pdf_warnings_search *s)
{
    struct pdf_read *d = s->d;
    struct pdf_read_ref action = pdf_read_get(d, pdf_read_root(d), "/OpenAction");

    if (pdf_read_is_dict(d, action) && !pdf_read_name_is(d, pdf_read_get(d, action, "/S"), "/GoTo"))
        pdf_warnings_note(s, PDF_WARNINGS_AUTOMATIC, 0, STR_ABSENT);
}

static void search_catalogue(struct pdf_warnings_search *s)
{
    struct pdf_read *d = s->d;
    struct pdf_read_ref form = pdf_read_get(d, pdf_read_root(d), "/AcroForm");

    search_layers(s);
    search_opening(s);
    if (!pdf_read_is_null(d, pdf_read_get(d, form, "/XFA")))
        pdf_warnings_note(s, PDF_WARNINGS_XFA, 0, STR_ABSENT);
    if (is_true(d, pdf_read_get(d, form, "/NeedAppearances")) &&
        pdf_read_length(d, pdf_read_get(d, form, "/Fields")) > 0)
        pdf_warnings_note(s, PDF_WARNINGS_FIELDS_REDRAWN, 0, STR_ABSENT);
}

enum err pdf_warnings(struct pdf_read *d, const struct secret *password, struct arena *a,
                      struct pdf_warning **out, size_t *n)
{
    struct pdf_warnings_search s = { .d = d, .password = password, .a = a };
    enum err e;

    *out = ARENA_ARRAY(a, PDF_WARNINGS__MAX, struct pdf_warning);
    *n = 0;
    search_catalogue(&s);
    e = pdf_warnings_objects(&s);
    if (e == E_OK)
        e = pdf_warnings_marks(&s);
    if (e == E_OK)
        e = pdf_warnings_updates(&s);
    if (e != E_OK)
        return e;
    for (int i = 0; i < PDF_WARNINGS__MAX; i++) {
        if (s.found[i].found == 0)
            continue;
        s.found[i].code = pdf_warnings_known[i].code;
        s.found[i].text = pdf_warnings_known[i].text;
        (*out)[(*n)++] = s.found[i];
    }
    return E_OK;
}
