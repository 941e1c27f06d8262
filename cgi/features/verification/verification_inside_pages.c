/* verification_inside_pages.c - see verification_inside_pages.h. */
#include "features/verification/verification_inside_pages.h"

const struct choice verification_choices[] = {
    { "all", 0 },          { "total-passed", 1 }, { "indeterminate", 2 },
    { "total-failed", 3 }, { "no-signature", 4 }, { "unreadable", 5 },
    { NULL, 0 },
};

struct verification_owner verification_inside_owner(const struct req *rq)
{
    return (struct verification_owner){ .tenant = req_tenant(rq), .account = req_account(rq) };
}

struct verification_filter verification_inside_filter(const struct verification_form *f)
{
    const char *word = verification_choices[f->outcome].word;
    return (struct verification_filter){
        .name = f->name,
        .outcome = f->outcome == 0 ? STR("") : str_z(word),
        .from = f->from,
        .to = timestamp_is_none(f->to) ? f->to : timestamp_add(f->to, DAY_US), /* day included */
        .sort = f->sort,
    };
}

struct page_badge verification_inside_badge(struct str outcome)
{
    static const struct {
        const char *word;
        struct page_badge badge;
    } badges[] = {
        { "total-passed", { "success", MSG_INIT("valid") } },
        { "total-failed", { "error", MSG_INIT("invalid") } },
        { "no-signature", { "neutral", MSG_INIT("no signature") } },
        { "unreadable", { "error", MSG_INIT("cannot be read") } },
    };
    for (size_t i = 0; i < sizeof badges / sizeof *badges; i++)
        if (str_eq_z(outcome, badges[i].word))
            return badges[i].badge;
    return (struct page_badge){ "caution", MSG("cannot be judged") };
}

struct msg verification_inside_reason(const struct verification_item *i)
{
    static const struct {
        const char *code;
        struct msg words;
    } reasons[] = {
        { "pdf-not", MSG_INIT("It is not a PDF.") },
        { "pdf-empty", MSG_INIT("The file is empty.") },
        { "pdf-truncated", MSG_INIT("The end of the PDF is missing.") },
        { "pdf-password-needed", MSG_INIT("It needs a password: verify it singly.") },
        { "pdf-encrypted", MSG_INIT("It needs a password: verify it singly.") },
        { "zip-size", MSG_INIT("It is larger than 100 MB: verify it singly.") },
    };
    if (!str_eq_z(i->outcome, "unreadable"))
        return (struct msg){ NULL };
    for (size_t k = 0; k < sizeof reasons / sizeof *reasons; k++)
        if (str_eq_z(i->reason_code, reasons[k].code))
            return reasons[k].words;
    return MSG("The PDF is damaged or unusually built.");
}
