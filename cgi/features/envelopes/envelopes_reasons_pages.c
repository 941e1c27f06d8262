/* envelopes_reasons_pages.c - reason codes in words, badges, steps, and what several pages send. */
#include "features/envelopes/envelopes_reasons_pages.h"

#include "features/envelopes/envelopes_pages.h"

#define FILE_ROOM (1024u << 20)
#define PICTURE_ROOM (16u << 20)
#define PICTURE_WIDTH 900

static const struct {
    const char *code;
    const char *field;
    struct msg text;
} reasons[] = {
    { "envelope-no-title", "title", MSG_INIT("Give the envelope a title.") },
    { "envelope-no-documents", "files", MSG_INIT("Add at least one PDF.") },
    { "envelope-no-signers", "name", MSG_INIT("Add at least one person who signs.") },
    { "envelope-document-gone", "files",
      MSG_INIT("A document of this draft was deleted after 8 hours. Remove it and add it again.") },
    { "envelope-documents", "files", MSG_INIT("An envelope holds at most 20 documents.") },
    { "envelope-parties", "name", MSG_INIT("An envelope has at most 50 people.") },
    { "envelope-fields", "party", MSG_INIT("A person has at most 20 places for seals.") },
    { "deadline-missing", "deadline", MSG_INIT("Say until when people can sign.") },
    { "deadline-past", "deadline", MSG_INIT("Choose a day in the future.") },
    { "deadline-far", "deadline", MSG_INIT("Choose a day within the next 89 days.") },
    { "title-bad", "title",
      MSG_INIT("Write the title in at most 120 characters, without control characters.") },
    { "message-bad", "message",
      MSG_INIT("Write the message in at most 2000 characters, without control characters.") },
    { "reason-bad", "reason",
      MSG_INIT("Write the reason in at most 500 characters, without control characters.") },
    { "name-bad", "name",
      MSG_INIT("Write the name in at most 120 characters, without control characters.") },
    { "mail-bad", "mail", MSG_INIT("Write one mail address such as name@example.jp.") },
    { "mail-twice", "mail", MSG_INIT("This mail address is in the envelope already.") },
    { "method-bad", "method", MSG_INIT("Choose how this person signs.") },
    { "place-bad", "place", MSG_INIT("Choose a place, or give millimetres inside the page.") },
    { "place-twice", "document",
      MSG_INIT("This person has a seal in this document already. Take that one out first.") },
    { "place-page", "page", MSG_INIT("The document has no such page.") },
    { "remind-again", "",
      MSG_INIT("This person was reminded today. You can remind again tomorrow.") },
    { "party-opened", "mail",
      MSG_INIT("This person has opened the documents; the address cannot be changed any more.") },
    { "party-done", "", MSG_INIT("You have signed or declined before.") },
    { "party-other-account", "",
      MSG_INIT("This account has another mail address than the invitation. Sign in with the "
               "account that belongs to the invited address.") },
    { "not-your-turn", "", MSG_INIT("It is not your turn yet: others sign first.") },
    { "envelope-ended", "", MSG_INIT("Signing has ended; nobody signs any more.") },
    { "envelope-expired", "", MSG_INIT("The deadline has passed; nobody signs any more.") },
    { "envelope-sent", "", MSG_INIT("This envelope was sent; it cannot be changed any more.") },
    { "envelope-draft", "", MSG_INIT("This is a draft; delete it instead.") },
    { "code-locked", "code",
      MSG_INIT("Too many wrong codes. Ask the sender to send you a new invitation.") },
    { "code-again", "",
      MSG_INIT(
          "A code was mailed less than a minute ago. Look into your mailbox, or ask again in a "
          "minute.") },
    { "link-unknown", "",
      MSG_INIT("This link is not valid, or its time is over. Use the link of the newest mail, or "
               "ask who sent it.") },
    { "visit-over", "",
      MSG_INIT("Your visit has ended. Open the link in the mail again; nothing is lost.") },
    { "provider-seal-missing", "",
      MSG_INIT("The witness key of this service cannot be used now. Nothing was signed: try again "
               "later.") },
};

/* Those of signing are said the same way here. */
static const struct {
    const char *code;
    const char *field;
    struct msg text;
} signing_reasons[] = {
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
    { "tsa-unavailable", "",
      MSG_INIT("The timestamp service does not answer. Nothing was signed: try again in a few "
               "minutes.") },
    { "hsm-unavailable", "",
      MSG_INIT("The key store does not answer. Nothing was signed: try again in a few "
               "minutes.") },
    { "document-changed", "",
      MSG_INIT("Somebody else was signing at the same moment. Nothing was signed: try again.") },
    { "document-too-large", "files", MSG_INIT("The file is too large.") },
    { "pdf-not", "files", MSG_INIT("This file is not a PDF. Choose a PDF file.") },
    { "pdf-empty", "files", MSG_INIT("The file is empty. Choose a PDF file.") },
    { "pdf-truncated", "files",
      MSG_INIT("The end of this PDF is missing. Export or download it again.") },
    { "pdf-damaged", "files",
      MSG_INIT("This PDF is damaged. Save it again with the program that made it.") },
    { "pdf-encrypted", "files",
      MSG_INIT("This PDF is protected by a password. Save it without protection, then add it.") },
    { "pdf-password-needed", "files",
      MSG_INIT("This PDF is protected by a password. Save it without protection, then add it.") },
    { "pdf-offset-header", "files",
      MSG_INIT("There is something before the beginning of this PDF. Save it again.") },
    { "pdf-too-large", "files", MSG_INIT("The file is too large.") },
    { "pdf-too-complex", "files", MSG_INIT("This PDF is too complex to be signed here.") },
    { "pdf-no-pages", "files", MSG_INIT("This PDF has no pages.") },
    { "pdf-xfa", "files", MSG_INIT("This PDF is an XFA form, which cannot be signed.") },
    { "certified-no-changes", "files",
      MSG_INIT("The author of this PDF allows no further signature in it.") },
    { "signature-locked", "files", MSG_INIT("An earlier signature forbids further signatures.") },
};

struct found {
    const char *field;
    struct msg text;
};

static bool find(const char *code, struct found *out)
{
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (strcmp(reasons[i].code, code) == 0) {
            *out = (struct found){ reasons[i].field, reasons[i].text };
            return true;
        }
    for (size_t i = 0; i < sizeof signing_reasons / sizeof *signing_reasons; i++)
        if (strcmp(signing_reasons[i].code, code) == 0) {
            *out = (struct found){ signing_reasons[i].field, signing_reasons[i].text };
            return true;
        }
    /* other ways in which a TSA or the HSM fails ask the same of the person */
    if (strncmp(code, "tsa-", 4) == 0 && strcmp(code, "tsa-unavailable") != 0)
        return find("tsa-unavailable", out);
    if (strncmp(code, "hsm-", 4) == 0 && strcmp(code, "hsm-unavailable") != 0)
        return find("hsm-unavailable", out);
    return false;
}

bool envelopes_reasons_text(const char *reason, struct msg *text)
{
    struct found f;
    bool known = find(reason, &f);
    if (known)
        *text = f.text;
    return known;
}

bool envelopes_reasons_show(struct req *rq, struct resp *rs)
{
    struct found f;
    bool known = find(fault_current()->reason, &f);
    if (known) {
        req_field_error(rq, f.field, f.text);
        resp_undo(rs);
    }
    return known;
}

struct signing_owner envelopes_reasons_owner(const struct req *rq)
{
    return (struct signing_owner){ .tenant = req_tenant(rq), .account = req_account(rq) };
}

enum err envelopes_reasons_find(struct req *rq, struct str id, struct envelopes_envelope *out)
{
    return envelopes_find(req_tx(rq), envelopes_reasons_owner(rq), id, out);
}

enum err envelopes_reasons_draft(struct req *rq, struct str id, struct envelopes_envelope *out)
{
    TRY(envelopes_reasons_find(rq, id, out));
    if (out->state != ENVELOPES_DRAFT)
        return FAIL(E_STATE, "envelope-sent", "no draft any more");
    return E_OK;
}

struct page_badge envelopes_reasons_state(enum envelopes_state s)
{
    static const struct page_badge badges[] = {
        [ENVELOPES_DRAFT] = { "neutral", MSG_INIT("draft") },
        [ENVELOPES_SENT] = { "progress", MSG_INIT("being signed") },
        [ENVELOPES_COMPLETING] = { "progress", MSG_INIT("being completed") },
        [ENVELOPES_COMPLETED] = { "success", MSG_INIT("completed") },
        [ENVELOPES_DECLINED] = { "error", MSG_INIT("declined") },
        [ENVELOPES_VOIDED] = { "neutral", MSG_INIT("cancelled") },
        [ENVELOPES_EXPIRED] = { "caution", MSG_INIT("deadline passed") },
    };
    return badges[s];
}

struct page_badge envelopes_reasons_turn(const struct envelopes_party *p)
{
    if (p->kind == ENVELOPES_COPY)
        return (struct page_badge){ "neutral", MSG("gets a copy") };
    switch (p->state) {
    case ENVELOPES_WAITING:
        return (struct page_badge){ "neutral", MSG("later") };
    case ENVELOPES_TURN:
        return timestamp_is_none(p->opened)
                   ? (struct page_badge){ "progress", MSG("invited") }
                   : (struct page_badge){ "progress", MSG("has opened it") };
    case ENVELOPES_SIGNED:
        return (struct page_badge){ "success", MSG("signed") };
    case ENVELOPES_DECLINED_BY:
        return (struct page_badge){ "error", MSG("declined") };
    case ENVELOPES_ENDED:
    case ENVELOPES_TURN__MAX:
        break;
    }
    return (struct page_badge){ "neutral", MSG("not asked any more") };
}

struct msg envelopes_reasons_method(enum envelopes_method m)
{
    return m == ENVELOPES_OWN       ? MSG("own certificate (account)")
           : m == ENVELOPES_WITNESS ? MSG("code by mail, witness certificate")
                                    : MSG("does not sign");
}

struct page_step *envelopes_reasons_steps(struct req *rq, size_t current)
{
    static const struct msg labels[ENVELOPES_STEPS] = { MSG_INIT("Documents"), MSG_INIT("People"),
                                                        MSG_INIT("Places of the seals"),
                                                        MSG_INIT("Check and send") };
    return page_steps(req_arena(rq), labels, ENVELOPES_STEPS, current);
}

const struct view_field envelopes_paper_fields[] = {
    VIEW_ID(struct envelopes_paper, id),     VIEW_TEXT(struct envelopes_paper, filename),
    VIEW_SIZE(struct envelopes_paper, size), VIEW_COUNT(struct envelopes_paper, pages),
    VIEW_FLAG(struct envelopes_paper, held), VIEW_END,
};

enum err envelopes_reasons_papers(struct req *rq, const struct envelopes_envelope *e,
                                  struct envelopes_paper **rows, size_t *n)
{
    struct envelopes_document *d;

    TRY(envelopes_documents(req_tx(rq), e->id, &d, n));
    *rows = ARENA_ARRAY(req_arena(rq), *n, struct envelopes_paper);
    for (size_t i = 0; i < *n; i++)
        (*rows)[i] =
            (struct envelopes_paper){ d[i].id, d[i].filename, d[i].size, d[i].pages,
                                      d[i].held && timestamp_cmp(req_now(rq), d[i].delete_at) < 0 };
    return E_OK;
}

/* --- what is sent --- */

static void free_buf(void *arg)
{
    buf_free(arg);
}

static struct buf *request_buf(struct req *rq, size_t max)
{
    struct buf *b = ARENA_NEW(req_arena(rq), struct buf);
    *b = buf_init(max);
    req_defer(rq, free_buf, b);
    return b;
}

static enum err send(struct req *rq, struct resp *rs, const struct signing_document *file,
                     struct str name, bool look)
{
    struct buf *bytes = request_buf(rq, FILE_ROOM);
    TRY(signing_document_bytes(req_tx(rq), file, bytes));
    return resp_file(rs, "application/pdf", name, buf_bytes(bytes),
                     look ? DISPOSITION_INLINE : DISPOSITION_ATTACHMENT);
}

enum err envelopes_reasons_file(struct req *rq, struct resp *rs, const struct envelopes_envelope *e,
                                struct paper_id id, bool look)
{
    struct envelopes_document d;
    struct signing_document file;

    TRY(envelopes_document_open(req_tx(rq), e, id, &d, &file));
    return send(rq, rs, &file, d.filename, look);
}

enum err envelopes_reasons_picture(struct req *rq, struct resp *rs,
                                   const struct envelopes_envelope *e, struct paper_id id,
                                   uint32_t page)
{
    struct buf *png = request_buf(rq, PICTURE_ROOM);
    struct envelopes_document d;
    struct signing_document file;

    TRY(envelopes_document_open(req_tx(rq), e, id, &d, &file));
    if (file.size > SIGNING_LOOK_LARGE)
        TRY(req_alone(rq)); /* the renderer gets all of it in memory */
    TRY(signing_look_picture(req_tx(rq), &file, NULL, page, PICTURE_WIDTH, png));
    return resp_bytes(rs, "image/png", buf_bytes(png));
}

enum err envelopes_reasons_report(struct req *rq, struct resp *rs,
                                  const struct envelopes_envelope *e)
{
    struct signing_document file;
    TRY(envelopes_report_open(req_tx(rq), e, &file));
    return send(rq, rs, &file, file.filename, false);
}

const struct view *const envelopes_views[] = {
    &envelopes_list_view,    &envelopes_inbox_view,
    &envelopes_edit_view,    &envelopes_people_view,
    &envelopes_places_view,  &envelopes_review_view,
    &envelopes_sent_view,    &envelopes_detail_view,
    &envelopes_address_view, &envelopes_void_view,
    &envelopes_link_view,    &envelopes_visit_view,
    &envelopes_decline_view, NULL,
};
