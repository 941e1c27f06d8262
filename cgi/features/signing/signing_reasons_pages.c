/* signing_reasons_pages.c - reason codes in words, for the pages of this slice. */
#include "features/signing/signing_reasons_pages.h"

#include "features/signing/signing_pages.h"

static const struct signing_reason reasons[] = {
    { "pin-wrong", "pin", MSG_INIT("The PIN is wrong. After five wrong PINs the key is locked.") },
    { "pin-required", "pin", MSG_INIT("Enter the PIN of this certificate.") },
    { "totp-wrong", "totp",
      MSG_INIT("The one-time code is wrong or was used before. Wait for the next one.") },
    { "totp-not-enrolled", "totp",
      MSG_INIT("Set up one-time codes under Security before you sign.") },
    { "credential-locked", "pin",
      MSG_INIT("This key is locked after too many wrong PINs. Ask your administrator for a new "
               "certificate.") },
    { "credential-hold", "credential",
      MSG_INIT("This certificate is on hold. It cannot sign until the doubt is cleared.") },
    { "credential-unknown", "credential", MSG_INIT("Choose one of your certificates.") },
    { "credential-revoked", "credential", MSG_INIT("This certificate is revoked.") },
    { "certificate-revoked", "credential", MSG_INIT("This certificate is revoked.") },
    { "certificate-expired", "credential", MSG_INIT("The validity of this certificate is over.") },
    { "certificate-hold", "credential",
      MSG_INIT("This certificate is on hold. It cannot sign until the doubt is cleared.") },
    { "certificate-pending", "credential",
      MSG_INIT("This certificate is being issued. Try again in a minute.") },
    { "certificate-refused", "credential", MSG_INIT("This certificate was not issued.") },
    { "certificate-issuer", "credential",
      MSG_INIT("Certificates of this issuer cannot be used for signing here.") },
    { "tsa-unavailable", "",
      MSG_INIT("The timestamp service does not answer. Nothing was signed and your document is "
               "kept: try again in a few minutes, or choose ES.") },
    { "tsa-unaccredited", "",
      MSG_INIT("No accredited timestamp service is available now. Nothing was signed.") },
    { "revocation-unavailable", "",
      MSG_INIT("The revocation data needed for this level cannot be fetched now. Nothing was "
               "signed: try again in a few minutes.") },
    { "hsm-unavailable", "",
      MSG_INIT("The key store does not answer. Nothing was signed and your document is kept: try "
               "again in a few minutes.") },
    { "provider-seal-missing", "",
      MSG_INIT("This service has no seal of its own that can be used now. Nothing was signed: tell "
               "the operator.") },
    { "batch-pages", "",
      MSG_INIT(
          "This recurring placement speaks of the last page or of all pages, and the documents "
          "have different numbers of pages. Choose another one, or sign them one by one.") },
    { "quota-account", "file",
      MSG_INIT("Your documents take all the room that you have here. Download what is signed and "
               "delete it, then upload again.") },
    { "quota-tenant", "file",
      MSG_INIT("The documents of your organisation take all the room that it has here. Try again "
               "when some are deleted, or ask your administrator.") },
    { "upload-incomplete", "",
      MSG_INIT("Not all of this file has arrived. Choose it again, and the upload goes on where it "
               "stopped.") },
    { "upload-finished", "file", MSG_INIT("This file has arrived already.") },
    { "upload-offset", "file", MSG_INIT("This file is being uploaded in another window.") },
    { "upload-piece", "file", MSG_INIT("The upload did not finish. Please try again.") },
    { "upload-digest", "file", MSG_INIT("The upload did not finish. Please try again.") },
    { "document-changed", "",
      MSG_INIT("The document was signed or deleted in another window. Look at it again.") },
    { "document-deleted", "",
      MSG_INIT("This document is deleted; nothing of it is left to sign or to download. Upload it "
               "again.") },
    { "key-damaged", "credential",
      MSG_INIT("The key of this certificate cannot be used any more. Ask your administrator for a "
               "new certificate.") },
    { "key-mismatch", "credential",
      MSG_INIT("The key of this certificate cannot be used any more. Ask your administrator for a "
               "new certificate.") },
    { "certificate-not-valid", "credential",
      MSG_INIT("This certificate is not valid at this moment.") },
    { "document-too-large", "file", MSG_INIT("The file is too large.") },
    { "pdf-not", "file", MSG_INIT("This file is not a PDF. Choose a PDF file.") },
    { "pdf-empty", "file", MSG_INIT("The file is empty. Choose a PDF file.") },
    { "pdf-truncated", "file",
      MSG_INIT("The end of this PDF is missing. Export or download it again.") },
    { "pdf-damaged", "file",
      MSG_INIT("This PDF is damaged. Save it again with the program that made it.") },
    { "pdf-damaged-startxref", "file",
      MSG_INIT("The end of this PDF points to the wrong place. Save it again with the program that "
               "made it.") },
    { "pdf-damaged-xref", "file",
      MSG_INIT("The table of objects in this PDF is damaged. Save it again with the program that "
               "made it.") },
    { "pdf-damaged-catalog", "file",
      MSG_INIT("The root of this PDF is missing. Save it again with the program that made it.") },
    { "pdf-damaged-object", "file",
      MSG_INIT("A part of this PDF is not where it should be. Save it again with the program that "
               "made it.") },
    { "pdf-damaged-pages", "file",
      MSG_INIT("The pages of this PDF are damaged. Save it again with the program that made it.") },
    { "pdf-damaged-form", "file",
      MSG_INIT("The form in this PDF is damaged. Save it again with the program that made it.") },
    { "pdf-ambiguous-startxref", "file",
      MSG_INIT("Different programs would show different versions of this PDF. Save it again with "
               "the program that made it.") },
    { "repair-signed", "file",
      MSG_INIT("This PDF carries a signature, which repairing would break.") },
    { "repair-needless", "file", MSG_INIT("This PDF is not damaged: it can be signed as it is.") },
    { "repair-failed", "file", MSG_INIT("This PDF is damaged too badly to be repaired.") },
    { "pdf-encrypted", "file",
      MSG_INIT("This PDF is encrypted in a way that cannot be signed here. Save it without "
               "protection, then sign it.") },
    { "pdf-password-needed", "file",
      MSG_INIT("This PDF is protected by a password. Enter the password of the document.") },
    { "pdf-password-wrong", "file", MSG_INIT("The password of the document is not right.") },
    { "pdf-offset-header", "file",
      MSG_INIT("There is something before the beginning of this PDF. Save it again.") },
    { "pdf-too-large", "file", MSG_INIT("The file is too large.") },
    { "pdf-too-complex", "file", MSG_INIT("This PDF is too complex to be signed here.") },
    { "pdf-no-pages", "file", MSG_INIT("This PDF has no pages.") },
    { "pdf-xfa", "file", MSG_INIT("This PDF is an XFA form, which cannot be signed.") },
    { "pdf-usage-rights", "file",
      MSG_INIT("This PDF carries usage rights of Adobe Reader that a signature would break. Print "
               "it into a new PDF, then sign that.") },
    { "field-name-used", "file",
      MSG_INIT("The field in this PDF that is to be signed is used already.") },
    { "pdf-hybrid", "file", MSG_INIT("This PDF has two tables of contents. Save it again.") },
    { "certified-no-changes", "",
      MSG_INIT("The author of this PDF allows no further signature in it.") },
    { "signature-locked", "", MSG_INIT("An earlier signature forbids further signatures.") },
    { "signature-too-large", "",
      MSG_INIT("The signature did not fit into its place. Nothing was signed.") },
    { "seal-image-absent", "file", MSG_INIT("Choose a picture of your seal.") },
    { "seal-image-kind", "file", MSG_INIT("This is neither a PNG nor a JPEG picture.") },
    { "seal-image-bytes", "file", MSG_INIT("The picture is too large. At most 4 MB are taken.") },
    { "seal-image-pixels", "file",
      MSG_INIT("The picture is too large. At most 4096 pixels a side and 12 million in all are "
               "taken.") },
    { "seal-image-complex", "file",
      MSG_INIT("This picture is made in a way that cannot be used. Save it again as PNG.") },
    { "seal-image-color", "file",
      MSG_INIT("This JPEG has colours for print (CMYK) or a rare form. Save it again as PNG.") },
    { "seal-image-damaged", "file",
      MSG_INIT("This picture is damaged or not complete. Save it again as PNG.") },
    { "seal-image-blank", "file", MSG_INIT("Nothing can be seen in this picture.") },
    { "seal-text-length", "text",
      MSG_INIT("Write 1 to 4 characters for a round seal, 1 to 9 for a square one.") },
    { "seal-text-glyph", "text",
      MSG_INIT("One of these characters cannot be drawn. Upload a picture of your seal instead.") },
    { "seal-font", "",
      MSG_INIT("Seals cannot be drawn at the moment. Upload a picture, or tell the operator.") },
    { "seal-unknown", "seal", MSG_INIT("Choose one of your seals.") },
    { "seal-caption", "reason",
      MSG_INIT("Write at most 200 characters in one line beside the seal.") },
    { "seal-caption-room", "",
      MSG_INIT(
          "The text beside the seal does not fit. Make the place larger, or leave some out.") },
    { "seal-place", "",
      MSG_INIT("The seal does not fit on the page there. Move it, or make it smaller.") },
    { "seal-place-large", "",
      MSG_INIT("The seal may cover at most a quarter of the page. Make it smaller.") },
    { "seals-too-many", "", MSG_INIT("20 seals are kept at most. Delete one first.") },
    { "templates-too-many", "", MSG_INIT("50 placements are kept at most. Delete one first.") },
    { "template-page", "page", MSG_INIT("This document has no such page.") },
    { "template-seal", "seal", MSG_INIT("Choose one of your seals.") },
    { "template-size", "", MSG_INIT("Seals are from 3 to 300 mm wide and high.") },
    { "pin-short", "new_pin", MSG_INIT("Use at least 6 characters.") },
    { "pin-long", "new_pin", MSG_INIT("Use at most 64 characters.") },
    { "pin-characters", "new_pin", MSG_INIT("Use letters, digits and signs of ASCII only.") },
    { "pin-repeated", "new_pin", MSG_INIT("Do not repeat one character.") },
    { "pin-sequence", "new_pin", MSG_INIT("Do not use a sequence such as 123456.") },
};

static const struct signing_reason *find(const char *code)
{
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (strcmp(reasons[i].code, code) == 0)
            return &reasons[i];
    for (const struct signing_reason *r = signing_reasons_kinds; r->code; r++) {
        size_t n = strlen(r->code); /* one that ends in '-' stands for all of its kind */
        if (strcmp(r->code, code) == 0 || (r->code[n - 1] == '-' && strncmp(r->code, code, n) == 0))
            return r;
    }
    /* other ways in which a TSA or the HSM fails ask the same of the person */
    if (strncmp(code, "tsa-", 4) == 0)
        return find("tsa-unavailable");
    if (strncmp(code, "hsm-", 4) == 0)
        return find("hsm-unavailable");
    return NULL;
}

bool signing_reasons_text(const char *reason, struct msg *text)
{
    const struct signing_reason *r = find(reason);
    if (r != NULL)
        *text = r->text;
    return r != NULL;
}

bool signing_reasons_show(struct req *rq)
{
    const struct signing_reason *r = find(fault_current()->reason);
    if (r != NULL)
        req_field_error(rq, r->field, r->text);
    return r != NULL;
}

struct signing_owner signing_reasons_owner(const struct req *rq)
{
    return (struct signing_owner){ .tenant = req_tenant(rq), .account = req_account(rq) };
}

/* contract-ES.pdf would say too much; contract-signed.pdf is what people look for. */
struct str signing_reasons_download(struct arena *a, const struct signing_document *d)
{
    struct str s = d->filename;
    if (d->state != SIGNING_SIGNED)
        return s;
    if (s.n > 4 && str_eq_ci(str_sub(a, s, s.n - 4, s.n), STR(".pdf")))
        s = str_sub(a, s, 0, s.n - 4);
    return str_fmt(a, "%.*s-signed.pdf", STR_ARG(s));
}

unsigned signing_reasons_percent(const struct signing_document *d)
{
    return d->expected == 0 ? 100 : (unsigned)(d->size * 100 / d->expected);
}

struct page_badge signing_reasons_document(enum signing_document_state s)
{
    switch (s) {
    case SIGNING_UPLOADED:
        return (struct page_badge){ "progress", MSG("not signed yet") };
    case SIGNING_SIGNED:
        return (struct page_badge){ "success", MSG("signed") };
    case SIGNING_RECEIVING:
        return (struct page_badge){ "progress", MSG("uploading") };
    case SIGNING_DELETED:
        break;
    }
    return (struct page_badge){ "neutral", MSG("deleted") };
}

bool signing_reasons_usable(const struct signing_credential *c, const struct signing_certificate *x)
{
    return c->state == SIGNING_CREDENTIAL_ACTIVE && str_eq_z(x->state, "good");
}

struct page_badge signing_reasons_credential(const struct signing_credential *c,
                                             const struct signing_certificate *x)
{
    if (signing_reasons_usable(c, x))
        return (struct page_badge){ "success", MSG("valid") };
    if (c->state == SIGNING_CREDENTIAL_LOCKED)
        return (struct page_badge){ "error", MSG("locked") };
    if (c->state == SIGNING_CREDENTIAL_HOLD || str_eq_z(x->state, "hold"))
        return (struct page_badge){ "caution", MSG("on hold") };
    if (str_eq_z(x->state, "pending"))
        return (struct page_badge){ "progress", MSG("being issued") };
    if (str_eq_z(x->state, "expired"))
        return (struct page_badge){ "error", MSG("validity over") };
    return (struct page_badge){ "error", MSG("revoked") };
}

struct page_step *signing_reasons_steps(struct req *rq, size_t current)
{
    static const struct msg labels[SIGNING_STEPS] = { MSG_INIT("Choose the file"),
                                                      MSG_INIT("Look at it and choose how to sign"),
                                                      MSG_INIT("PIN and one-time code"),
                                                      MSG_INIT("Download") };
    return page_steps(req_arena(rq), labels, SIGNING_STEPS, current);
}

static void free_buf(void *arg)
{
    buf_free(arg);
}

struct buf *signing_reasons_buf(struct req *rq, size_t max)
{
    struct buf *b = ARENA_NEW(req_arena(rq), struct buf);
    *b = buf_init(max);
    req_defer(rq, free_buf, b);
    return b;
}

const struct view *const signing_views[] = {
    &signing_documents_view,
    &signing_new_view,
    &signing_look_view,
    &signing_confirm_view,
    &signing_delete_view,
    &signing_records_view,
    &signing_record_view,
    &signing_credentials_view,
    &signing_credential_view,
    &signing_verify_view,
    &signing_systems_view,
    &signing_system_view,
    &signing_lost_view,
    &signing_together_view,
    &signing_together_confirm_view,
    &signing_batch_view,
    &signing_renewals_view,
    &signing_renewal_view,
    NULL,
};
