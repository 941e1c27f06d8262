/* pdf_update.c - see pdf_update.h. */
#include "sign/pdf_update.h"

#include "sign/pdf_form.h"

#define TAIL_MAX ((size_t)64 << 20) /* all updates of one signing */

static EVP_MD_CTX *digest_begin(const EVP_MD *md)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    if (ctx && !EVP_DigestInit_ex(ctx, md, NULL)) {
        EVP_MD_CTX_free(ctx);
        return NULL;
    }
    return ctx;
}

/* One pass over the document, for all digests that will be needed of it. */
static enum err hash_document(struct pdf_update *u)
{
    u->digest[0] = digest_begin(EVP_sha256());
    u->digest[1] = u->sha384 ? digest_begin(EVP_sha384()) : NULL;
    if (!u->digest[0] || (u->sha384 && !u->digest[1]))
        return FAIL(E_INTERNAL, "", "EVP_Digest");
    return pdf_source_hash(&u->source, 0, u->source.size, u->digest, 2);
}

enum err pdf_update_open(struct pdf_update *u)
{
    u->tail = buf_init(TAIL_MAX);
    enum err rc = pdf_read_open(&u->source, u->password, &u->doc);
    if (rc != E_OK || (rc = pdf_read_continuable(&u->doc)) != E_OK)
        return rc;
    pdf_append_init(&u->w, &u->doc, u->a, &u->tail);
    return hash_document(u);
}

void pdf_update_close(struct pdf_update *u)
{
    EVP_MD_CTX_free(u->digest[0]);
    EVP_MD_CTX_free(u->digest[1]);
    pdf_read_close(&u->doc);
    buf_free(&u->tail);
}

/*
 * The digest of the document followed by two pieces of what is appended. The document itself was
 * hashed once, when it was opened: that state is copied.
 */
static enum err digest_of(const struct pdf_update *u, enum digest_kind kind, struct bytes first,
                          struct bytes second, struct bytes *out)
{
    EVP_MD_CTX *file = u->digest[kind == DIGEST_SHA384];
    uint8_t *value = arena_alloc(u->a, EVP_MAX_MD_SIZE);
    unsigned n = 0;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool done = ctx && EVP_MD_CTX_copy_ex(ctx, file) && EVP_DigestUpdate(ctx, first.p, first.n) &&
                EVP_DigestUpdate(ctx, second.p, second.n) && EVP_DigestFinal_ex(ctx, value, &n);

    EVP_MD_CTX_free(ctx);
    *out = (struct bytes){ value, n };
    return done ? E_OK : FAIL(E_INTERNAL, "", "EVP_Digest");
}

enum err pdf_update_digest(const struct pdf_update *u, enum digest_kind kind,
                           const struct pdf_append_slot *slot, struct bytes *out)
{
    size_t behind = slot->contents + 2 * slot->room + 2;
    return digest_of(u, kind, (struct bytes){ u->tail.p, slot->contents },
                     (struct bytes){ u->tail.p + behind, u->tail.n - behind }, out);
}

size_t pdf_update_token_room(const struct timestamp_authority *tsa)
{
    return tsa && tsa->token_room ? tsa->token_room : PDF_UPDATE_TOKEN_ROOM;
}

enum err pdf_update_timestamp(struct pdf_update *u, struct timestamp_token *token)
{
    struct pdf_append *w = &u->w;
    struct pdf_append_slot slot;
    struct str name;
    struct bytes imprint;
    enum err rc = pdf_form_fresh_name(&u->doc, "Timestamp", u->a, &name);

    if (rc != E_OK)
        return rc;
    pdf_append_begin(w);
    uint32_t id = pdf_append_new_id(w);
    if ((rc = pdf_form_add(w, name, id, NULL)) != E_OK)
        return rc;
    slot = pdf_append_signature(
        w, id, STR("/Type/DocTimeStamp/Filter/Adobe.PPKLite/SubFilter/ETSI.RFC3161"),
        pdf_update_token_room(u->tsa));
    if ((rc = pdf_append_end(w)) != E_OK)
        return rc;
    pdf_append_fill_range(w, &slot);
    if ((rc = pdf_update_digest(u, DIGEST_SHA256, &slot, &imprint)) != E_OK ||
        (rc = timestamp_obtain(u->tsa, u->trust, DIGEST_SHA256, imprint, u->a, token)) != E_OK)
        return rc;
    return pdf_append_fill(w, &slot, token->der);
}

enum err pdf_update_gather(const struct pdf_update *u, struct pdf_dss *dss,
                           const struct bytes *chain, size_t n, struct timestamp at,
                           struct timestamp lived)
{
    struct revocation_evidence *evidence;
    size_t evidence_n, joined = 0;

    while (joined + 1 < n && !pdf_dss_has_cert(dss, chain[joined]))
        joined++;
    enum err rc = revocation_collect(u->trust, chain, joined + 1, at, u->a, &evidence, &evidence_n);
    for (size_t i = 0; rc == E_OK && i < n; i++)
        pdf_dss_cert(dss, chain[i]);
    for (size_t i = 0; rc == E_OK && i < evidence_n; i++) {
        if (evidence[i].status == REVOCATION_REVOKED &&
            (timestamp_is_none(evidence[i].revoked_at) ||
             timestamp_cmp(evidence[i].revoked_at, lived) <= 0))
            return FAIL(E_STATE, "certificate-revoked", "certificate %zu of the chain", i);
        pdf_dss_evidence(dss, &evidence[i]);
    }
    return rc;
}

enum err pdf_update_evidence(struct pdf_update *u, const struct pdf_dss *dss)
{
    pdf_append_begin(&u->w);
    enum err rc = pdf_dss_write(&u->w, dss);
    return rc == E_OK ? pdf_append_end(&u->w) : rc;
}

enum err pdf_update_deliver(struct pdf_update *u, bool tail_only, struct buf *out,
                            struct pdf_sign_result *result)
{
    struct bytes before, after, tail = buf_bytes(&u->tail);
    size_t before_n = tail_only ? 0 : (size_t)u->source.size;
    enum err rc;

    if ((rc = digest_of(u, DIGEST_SHA256, BYTES_ABSENT, BYTES_ABSENT, &before)) != E_OK ||
        (rc = digest_of(u, DIGEST_SHA256, tail, BYTES_ABSENT, &after)) != E_OK)
        return rc;
    memcpy(result->digest_in.b, before.p, sizeof result->digest_in.b);
    memcpy(result->digest_out.b, after.p, sizeof result->digest_out.b);
    result->size_out = u->source.size + tail.n;
    buf_reset(out);
    uint8_t *room = buf_extend(out, before_n + tail.n);
    if (!room)
        return FAIL(E_LIMIT, "pdf-too-large", "result of %llu bytes",
                    (unsigned long long)result->size_out);
    memcpy(room + before_n, tail.p, tail.n);
    return pdf_source_read(&u->source, 0, room, before_n);
}
