/* signing_look_work.c - see signing_look.h: reads the document, asks the renderer for pictures. */
#include "features/signing/signing_inside_work.h"

#include "base/encoding.h"
#include "base/settings.h"
#include "net/render_client.h"
#include "sign/pdf_field.h"
#include "sign/pdf_pages.h"
#include "sign/pdf_repair.h"
#include "sign/pdf_source.h"
#include "sign/pdf_warnings.h"

/* --- what is in it --- */

static void copy_warnings(struct arena *a, const struct pdf_warning *w, size_t n,
                          struct signing_look *out)
{
    out->warning = ARENA_ARRAY(a, n, struct signing_look_warning);
    out->warning_n = n;
    for (size_t i = 0; i < n; i++)
        out->warning[i] = (struct signing_look_warning){ w[i].code, w[i].text, w[i].page,
                                                         w[i].found, w[i].detail };
}

static enum err read_pages(struct pdf_read *d, struct arena *a, struct signing_look *out)
{
    struct pdf_pages_size *s;
    size_t n;
    enum err e = pdf_pages_sizes(d, 1, SIGNING_LOOK_PAGES, a, &s, &n, &out->pages);

    if (e != E_OK)
        return e;
    out->page = ARENA_ARRAY(a, n, struct signing_look_page);
    out->page_n = n;
    for (size_t i = 0; i < n; i++)
        out->page[i] = (struct signing_look_page){ (unsigned)i + 1, s[i].width, s[i].height };
    return E_OK;
}

/* Signatures that are there, and fields that are offered. */
static enum err read_fields(struct pdf_read *d, struct arena *a, struct signing_look *out)
{
    struct pdf_form_field *fields;
    struct pdf_field_offer *offers;
    struct str name = STR("Signature");
    size_t n;
    enum err e = pdf_form_signatures(d, a, &fields, &n);

    for (size_t i = 0; i < n && e == E_OK; i++) {
        out->signatures |= fields[i].filled;
        out->certified |= fields[i].filled && pdf_form_certification(d, fields[i].value) > 0;
    }
    if (e == E_OK)
        e = pdf_form_fresh_name(d, "Signature", a, &name);
    if (e == E_OK && pdf_form_permit(d, fields, n, name, a) != E_OK)
        out->refused = str_dup(a, str_z(fault_current()->reason));
    if (e == E_OK)
        e = pdf_field_offers(d, a, &offers, &n);
    if (e != E_OK)
        return e;
    out->field = ARENA_ARRAY(a, n, struct signing_look_field);
    out->field_n = n;
    for (size_t i = 0; i < n; i++)
        out->field[i] = (struct signing_look_field){ offers[i].name, offers[i].visible };
    return E_OK;
}

static enum err read_all(struct pdf_read *d, const struct secret *password, struct arena *a,
                         struct signing_look *out)
{
    struct pdf_warning *w;
    size_t n;
    enum err e = read_pages(d, a, out);

    out->encrypted = d->encrypted;
    if (e == E_OK)
        e = read_fields(d, a, out);
    if (e == E_OK)
        e = pdf_warnings(d, password, a, &w, &n);
    if (e == E_OK)
        copy_warnings(a, w, n, out);
    return e;
}

/* What a file is, is not our fault. */
static bool about_file(enum err e)
{
    return e == E_INPUT || e == E_UNSUPPORTED || e == E_LIMIT;
}

static enum err renderer(struct tx *tx, struct str *path)
{
    struct signing_inside *in;

    TRY(signing_inside_get(&in));
    *path = settings_str(in->settings, "render.socket");
    if (str_empty(*path))
        *path = str_fmt(tx_arena(tx), "%.*s/renderer.sock",
                        STR_ARG(settings_str(in->settings, "run_dir")));
    return E_OK;
}

static enum err read_source(void *arg, uint64_t offset, uint8_t *p, size_t n)
{
    return pdf_source_read(arg, offset, p, n);
}

/* What is damaged is shown as far as the renderer can read it: nobody repairs a file unseen. */
static void show_damaged(struct tx *tx, struct pdf_source *source, const struct secret *password,
                         struct signing_look *out)
{
    struct render_client_source s = { source->size, read_source, source };
    struct render_client_list l = { 0 };
    struct str path;

    if (renderer(tx, &path) != E_OK ||
        render_client_pages(path, &s, password, 1, tx_arena(tx), &l) != E_OK)
        return;
    out->pages = l.count;
    out->page = ARENA_ARRAY(tx_arena(tx), l.sizes_n, struct signing_look_page);
    out->page_n = l.sizes_n;
    for (size_t i = 0; i < l.sizes_n; i++)
        out->page[i] =
            (struct signing_look_page){ (unsigned)i + 1, l.sizes[i].width, l.sizes[i].height };
}

enum err signing_look_document(struct tx *tx, const struct signing_document *d,
                               const struct secret *password, struct signing_look *out)
{
    struct arena *a = tx_arena(tx);
    struct pdf_source source;
    struct pdf_read file;
    enum err e;

    *out = (struct signing_look){ .refused = STR("") };
    TRY(signing_document_source(tx, d, a, &source));
    e = pdf_read_open(&source, password, &file);
    if (e == E_OK) {
        e = read_all(&file, password, a, out);
        pdf_read_close(&file);
    }
    if (!about_file(e))
        return e;
    *out = (struct signing_look){ .refused = str_dup(a, str_z(fault_current()->reason)),
                                  .damaged = pdf_repair_helps(fault_current()->reason) };
    if (out->damaged)
        show_damaged(tx, &source, password, out);
    return E_OK;
}

enum err signing_look_pages(struct tx *tx, const struct signing_document *d,
                            const struct secret *password, struct signing_look *out)
{
    struct pdf_source source;
    struct pdf_read file;
    enum err e;

    *out = (struct signing_look){ .refused = STR("") };
    TRY(signing_document_source(tx, d, tx_arena(tx), &source));
    TRY(pdf_read_open(&source, password, &file));
    e = read_pages(&file, tx_arena(tx), out);
    pdf_read_close(&file);
    return e;
}

/* --- repair --- */

enum err signing_look_repair(struct tx *tx, struct signing_owner owner,
                             const struct signing_document *d, const struct secret *password,
                             const struct audit_by *by, struct timestamp now,
                             struct signing_document *out)
{
    struct buf whole = buf_init((size_t)signing_upload_max());
    struct pdf_source source;
    enum err e = signing_document_source(tx, d, tx_arena(tx), &source);

    if (e == E_OK)
        e = pdf_repair(&source, password, tx_arena(tx), &whole);
    if (e == E_OK)
        e = signing_document_store(tx, owner, d->filename, buf_bytes(&whole), by, now, out);
    if (e == E_OK)
        e = signing_document_erase(tx, owner, d->public_id, by, now);
    buf_free(&whole);
    return e;
}

/* --- pictures --- */

enum err signing_look_draw(struct tx *tx, struct pdf_source *source, const struct secret *password,
                           unsigned page, unsigned width, struct buf *png)
{
    struct render_client_source s = { source->size, read_source, source };
    struct str path;

    TRY(renderer(tx, &path));
    return render_client_page(path, &s, password, page, width, png);
}

enum err signing_look_picture(struct tx *tx, const struct signing_document *d,
                              const struct secret *password, unsigned page, unsigned width,
                              struct buf *png)
{
    struct pdf_source source;

    TRY(signing_document_source(tx, d, tx_arena(tx), &source));
    return signing_look_draw(tx, &source, password, page, width, png);
}

/* --- the password on its way --- */

static enum err password_key(const struct signing_document *d, struct secret **out)
{
    struct secret *key = NULL;

    TRY(signing_crypt_key(d, &key));
    *out = hkdf_sha256(secret_bytes(key), STR("shomei document password"), 32);
    secret_free(key);
    return E_OK;
}

enum err signing_look_keep(struct tx *tx, const struct signing_document *d,
                           const struct secret *password, struct str *sealed)
{
    struct arena *a = tx_arena(tx);
    struct secret *key = NULL;
    struct bytes box;
    enum err e;

    TRY(password_key(d, &key));
    e = aead_seal(a, key, bytes_of_str(d->public_id), secret_bytes(password), &box);
    secret_free(key);
    if (e == E_OK)
        *sealed = base64url_encode(a, box);
    return e;
}

enum err signing_look_kept(struct tx *tx, const struct signing_document *d, struct str sealed,
                           struct secret **password)
{
    struct secret *key = NULL;
    struct bytes box;

    *password = NULL;
    if (str_empty(sealed) || base64url_decode(tx_arena(tx), sealed, &box) != E_OK)
        return E_OK;
    TRY(password_key(d, &key));
    if (aead_open(key, bytes_of_str(d->public_id), box, password) != E_OK)
        *password = NULL;
    secret_free(key);
    return E_OK;
}
