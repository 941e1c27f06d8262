/* bulk_reasons_pages.c - states, findings and refusals in words. */
#include "features/bulk/bulk_inside_pages.h"

#include "features/bulk/bulk_order.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* {detail}: the value at fault, or what it collides with. */
static const struct {
    const char *code;
    struct msg text;
} reasons[] = {
    /* of a file */
    { "bulk-empty", MSG_INIT("This file is empty.") },
    { "bulk-size", MSG_INIT("This file is larger than 10 MB. Split it into several files.") },
    { "bulk-rows", MSG_INIT("This file has more than 20,000 rows. Split it into several files.") },
    { "bulk-no-rows", MSG_INIT("This file has a header and no rows below it.") },
    { "bulk-utf16", MSG_INIT("This file is in UTF-16 (\"Unicode text\"). Save it as CSV UTF-8 or "
                             "as CSV (Shift_JIS).") },
    { "bulk-binary", MSG_INIT("This is a workbook or a PDF, not a text file. Save it as CSV.") },
    { "bulk-encoding", MSG_INIT("Line {line} is neither UTF-8 nor Shift_JIS. Save the file as CSV "
                                "UTF-8 and upload it again.") },
    { "bulk-no-operation", MSG_INIT("No column is called Operation. Begin with a template.") },
    { "bulk-column-unknown",
      MSG_INIT("The column \"{what}\" is not known. Rename it as in the template, or delete it.") },
    { "bulk-column-twice", MSG_INIT("The column \"{what}\" is there twice. Delete one of them.") },
    { "csv-nul", MSG_INIT("Line {line} holds a NUL character. Save the file as CSV once more.") },
    { "csv-open", MSG_INIT("A quotation mark that opens in line {line} is never closed.") },
    { "csv-quote", MSG_INIT("In line {line} something stands behind a closing quotation mark. "
                            "Write quotation marks inside a cell twice.") },
    { "csv-cells", MSG_INIT("Line {line} has more than 100 columns.") },
    { "csv-cell", MSG_INIT("A cell in line {line} is longer than 32,768 bytes.") },
    { "csv-record", MSG_INIT("Line {line} is too long. Is a quotation mark missing before it?") },
    { "profile-unknown", MSG_INIT("Choose one of the entries.") },
    /* of an act */
    { "bulk-not-yours",
      MSG_INIT("Only the person who uploaded the file can do this: it is done in their name.") },
    { "bulk-state", MSG_INIT("This cannot be done now. The page shows how things are.") },
    { "bulk-nothing", MSG_INIT("There is no row for which this can be done.") },
    { "bulk-keys", MSG_INIT("Keys can be made for at most 5,000 rows of one file. Split it.") },
    { "bulk-erased", MSG_INIT("The contents of this file are deleted.") },
    { "bulk-no-keys", MSG_INIT("There are no keys to download, or not yet.") },
    { "password-wrong", MSG_INIT("This is not the password that was shown at the start.") },
    { "bulk-person-stopped", MSG_INIT("The account that uploaded the file may not do this any "
                                      "more. Somebody else can upload it anew.") },
    /* of a row */
    { "bulk-cells", MSG_INIT("There are more cells than columns. A comma inside a cell needs "
                             "quotation marks around the cell.") },
    { "bulk-operation-missing", MSG_INIT("Write ISSUE, RENEW, REVOKE, SUSPEND or RELEASE.") },
    { "bulk-operation-unknown", MSG_INIT("\"{detail}\" is no operation. Write ISSUE, RENEW, "
                                         "REVOKE, SUSPEND or RELEASE.") },
    { "bulk-id-long", MSG_INIT("Write at most 64 characters.") },
    { "bulk-id-twice", MSG_INIT("The same ID and operation stand in line {detail}.") },
    { "bulk-twice", MSG_INIT("The same stands in line {detail}. Delete one of the two lines.") },
    { "bulk-done-before", MSG_INIT("Done before under the same ID ({detail}). Nothing is done.") },
    { "bulk-key-unknown", MSG_INIT("\"{detail}\" is no kind of key. Write CSR, PKCS12 or "
                                   "BROWSER.") },
    { "bulk-key-missing", MSG_INIT("Write CSR, PKCS12 or BROWSER.") },
    { "bulk-key-not-offered", MSG_INIT("This profile does not offer keys of this kind.") },
    { "bulk-key-hsm", MSG_INIT("Its key is in the service's key store. Only its owner can renew "
                               "it, on the page of the certificate.") },
    { "bulk-csr-missing", MSG_INIT("The certificate signing request is missing.") },
    { "bulk-csr-superfluous", MSG_INIT("There is a certificate signing request, but the key is to "
                                       "be made elsewhere. Delete one of the two.") },
    { "bulk-serial", MSG_INIT("\"{detail}\" is no serial number. Write its hexadecimal digits.") },
    { "bulk-serial-missing", MSG_INIT("Write the serial number of the certificate.") },
    { "bulk-serial-unknown", MSG_INIT("You have no certificate with this serial number.") },
    { "bulk-reason-unknown",
      MSG_INIT("\"{detail}\" is no reason. Leave it empty, or write keyCompromise, superseded, "
               "affiliationChanged or cessationOfOperation.") },
    { "bulk-days", MSG_INIT("Write a number of days from 1 to 3,650.") },
    { "bulk-values", MSG_INIT("These are too many values. Apply for several certificates.") },
    { "bulk-account-missing", MSG_INIT("Write the login name of the person.") },
    { "bulk-account-unknown", MSG_INIT("No user of yours has the login name \"{detail}\".") },
    { "bulk-self", MSG_INIT("This is about yourself. Somebody else must do it.") },
    { "bulk-other-profile", MSG_INIT("This certificate is of the profile {detail}.") },
    { "bulk-not-revocable", MSG_INIT("This certificate cannot be revoked (any more).") },
    { "bulk-not-suspendable", MSG_INIT("This certificate cannot be suspended.") },
    { "bulk-not-suspended", MSG_INIT("This certificate is not suspended.") },
    { "bulk-no-password", MSG_INIT("The file was started when no row asked for a key. Upload this "
                                   "row in a file of its own.") },
    { "bulk-refused", MSG_INIT("It was refused.") },
    { "bulk-rejected", MSG_INIT("The second person rejected it.") },
    { "bulk-withdrawn", MSG_INIT("The application was withdrawn.") },
};

static bulk_words_of others;

void bulk_pages_reasons(bulk_words_of words)
{
    others = words;
}

bool bulk_reasons_text(const char *reason, struct msg *text)
{
    for (size_t i = 0; i < COUNT(reasons); i++)
        if (strcmp(reasons[i].code, reason) == 0) {
            *text = reasons[i].text;
            return true;
        }
    return false;
}

struct str bulk_inside_finding(struct arena *a, enum lang lang, struct str code, struct str detail)
{
    struct msg text;

    if (bulk_reasons_text(code.p, &text))
        return message_fmt(a, lang, text, MESSAGE_ARGS({ "detail", detail }));
    if (others && others(code.p, &text))
        return detail.n ? str_fmt(a, "%s (%s)", message_text(lang, text).p, detail.p)
                        : message_text(lang, text);
    return message_fmt(a, lang, MSG("It was refused ({code})."), MESSAGE_ARGS({ "code", code }));
}

bool bulk_inside_refused(struct req *rq, const struct bulk_fault *fault)
{
    const char *reason = fault_current()->reason;
    struct arena *a = req_arena(rq);
    struct msg text;

    if (!bulk_reasons_text(reason, &text))
        return false;
    struct str line = str_fmt(a, "%llu", fault ? (unsigned long long)fault->line : 0ULL);
    struct str words =
        message_fmt(a, req_lang(rq), text,
                    MESSAGE_ARGS({ "line", line }, { "what", fault ? fault->what : STR("") }));
    req_field_error(rq, strcmp(reason, "profile-unknown") == 0 ? "profile" : "file",
                    (struct msg){ words.p });
    return true;
}

struct page_badge bulk_inside_state(const struct bulk_run *run)
{
    switch (run->state) {
    case BULK_CHECKING:
        return (struct page_badge){ "progress", MSG("being checked") };
    case BULK_CHECKED:
        return (struct page_badge){ "caution", MSG("waits for your start") };
    case BULK_RUNNING:
        return (struct page_badge){ "progress", MSG("running") };
    case BULK_PAUSED:
        return (struct page_badge){ "caution", MSG("paused") };
    case BULK_STOPPED:
        return (struct page_badge){ "neutral", MSG("stopped") };
    case BULK_DONE:
    case BULK__STATES:
        break;
    }
    return (struct page_badge){ "success", MSG("finished") };
}

struct page_badge bulk_inside_row_state(const struct bulk_row *row)
{
    switch (row->state) {
    case BULK_ROW_BAD:
        return (struct page_badge){ "error", MSG("has errors") };
    case BULK_ROW_READY:
        return (struct page_badge){ "neutral", MSG("ready") };
    case BULK_ROW_SENT:
        return (struct page_badge){ "progress", MSG("being issued") };
    case BULK_ROW_REVIEW:
        return (struct page_badge){ "caution", MSG("waits for another person") };
    case BULK_ROW_FAILED:
        return (struct page_badge){ "error", MSG("failed") };
    case BULK_ROW_SAME:
        return (struct page_badge){ "neutral", MSG("done before") };
    case BULK_ROW_DONE:
    case BULK_ROW__STATES:
        break;
    }
    return (struct page_badge){ "success", MSG("done") };
}

struct msg bulk_inside_operation(enum bulk_operation o)
{
    static const struct msg words[BULK__OPERATIONS] = {
        [BULK_NONE] = MSG_INIT("none"),          [BULK_ISSUE] = MSG_INIT("Issuing"),
        [BULK_RENEW] = MSG_INIT("Renewal"),      [BULK_REVOKE] = MSG_INIT("Revocation"),
        [BULK_SUSPEND] = MSG_INIT("Suspension"), [BULK_RELEASE] = MSG_INIT("End of suspension"),
    };

    return words[(unsigned)o < BULK__OPERATIONS ? o : BULK_NONE];
}

/* --- the same in result files --- */

static struct str file_outcome(struct arena *a, bool ja, const struct bulk_row *row)
{
    (void)a;
    return message_text(ja ? LANG_JA : LANG_EN, bulk_inside_row_state(row).word);
}

static struct str file_findings(struct arena *a, bool ja, struct str json)
{
    enum lang lang = ja ? LANG_JA : LANG_EN;
    struct profiles_finding *f;
    struct str out = STR("");
    size_t n;

    if (bulk_order_found(a, json, &f, &n) != E_OK)
        return out;
    for (size_t i = 0; i < n; i++) {
        struct str text = bulk_inside_finding(a, lang, f[i].code, f[i].detail);
        if (!f[i].refuses && !str_eq_z(f[i].code, "bulk-done-before"))
            continue;
        struct str ours = bulk_columns_named(f[i].field, ja);
        out = str_fmt(a, "%s%s%s%s%s", out.p, out.n ? " / " : "", ours.n ? ours.p : f[i].field.p,
                      f[i].field.n ? ": " : "", text.p);
    }
    return out;
}

const struct bulk_result_words bulk_inside_words = { file_outcome, file_findings };
