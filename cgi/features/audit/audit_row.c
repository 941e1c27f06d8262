/* audit_row.c - canonical bytes and the keyed hash of an audit row. */
#include "features/audit/audit_row.h"

#include "base/buf.h"

#define ROW_MAX (256 * 1024)

static struct secret *row_key; /* once per process, like the key of the session cookies */

void audit_init(const struct secret *master)
{
    secret_free(row_key);
    row_key = hkdf_sha256(secret_bytes(master), STR("shomei audit row v1"), 32);
}

static void add_number(struct buf *b, uint64_t v)
{
    uint8_t be[8];
    for (size_t i = 0; i < 8; i++)
        be[i] = (uint8_t)(v >> (56 - 8 * i));
    buf_add(b, be, sizeof(be));
}

static void add_text(struct buf *b, struct str s)
{
    add_number(b, s.p ? (uint64_t)s.n + 1 : 0); /* 0: NULL, 1: empty */
    if (s.p)
        buf_add(b, s.p, s.n);
}

enum err audit_row_bytes(const struct audit_record *r, struct arena *a, struct bytes *out)
{
    struct buf b = buf_init(ROW_MAX);
    enum err err;

    buf_add_z(&b, "shomei audit row 1");
    add_number(&b, r->nonce.n);
    buf_add_bytes(&b, r->nonce);
    add_number(&b, (uint64_t)r->at.us);
    add_number(&b, r->category);
    add_number(&b, r->outcome);
    add_number(&b, r->tenant);
    add_number(&b, r->account);
    add_number(&b, r->client);
    add_text(&b, r->actor_name);
    add_text(&b, r->action);
    add_text(&b, r->object_kind);
    add_text(&b, r->object);
    add_text(&b, r->address);
    add_text(&b, r->request);
    add_text(&b, r->detail);
    err = buf_to_bytes(&b, a, out);
    buf_free(&b);
    return err;
}

enum err audit_row_hash(struct bytes row, struct bytes32 *out)
{
    if (!row_key)
        return FAIL(E_INTERNAL, "", "audit_init() was not called in this process");
    *out = hmac_sha256(secret_bytes(row_key), row);
    return E_OK;
}
