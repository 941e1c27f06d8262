/* certificates_request.c - revoking with the certificate's own key; see certificates_open.h */
#include "features/certificates/certificates_open.h"

#include "base/crypto.h"
#include "base/encoding.h"
#include "base/random.h"
#include "features/certificates/certificates_inside.h"
#include "features/certificates/certificates_reason.h"
#include "pki/crl.h"
#include "pki/signer.h"
#include "store/db.h"
#include "store/gen/certificates.q.h"

/* End (8 octets, seconds), random octets, MAC over both. */
enum { TIME_N = 8, RANDOM_N = 24, MAC_N = 16, PLAIN_N = TIME_N + RANDOM_N };
enum { CHALLENGE_N = PLAIN_N + MAC_N, SIGNATURE_MAX = 1024, AUTHORITIES = 64 };

static struct bytes32 mac_of(const uint8_t *plain)
{
    return hmac_sha256(secret_bytes(certificates_inside_key()), (struct bytes){ plain, PLAIN_N });
}

struct str certificates_challenge(struct arena *a, struct timestamp now)
{
    uint64_t end = (uint64_t)timestamp_to_unix(timestamp_add(now, CERTIFICATES_CHALLENGE_US));
    uint8_t c[CHALLENGE_N];
    struct bytes32 mac;

    for (int i = 0; i < TIME_N; i++)
        c[i] = (uint8_t)(end >> (8 * (TIME_N - 1 - i)));
    random_bytes(c + TIME_N, RANDOM_N);
    mac = mac_of(c);
    memcpy(c + PLAIN_N, mac.b, MAC_N);
    return base64url_encode(a, (struct bytes){ c, sizeof c });
}

/* Is it ours, and still good? */
static enum err challenge_check(struct arena *a, struct str text, struct timestamp now,
                                struct bytes32 *digest, struct timestamp *end)
{
    struct bytes32 mac;
    uint64_t seconds = 0;
    struct bytes c;

    if (base64url_decode(a, text, &c) != E_OK || c.n != CHALLENGE_N)
        return FAIL(E_STATE, "challenge-over", "malformed");
    mac = mac_of(c.p);
    if (!bytes_eq_secret((struct bytes){ c.p + PLAIN_N, MAC_N }, (struct bytes){ mac.b, MAC_N }))
        return FAIL(E_STATE, "challenge-over", "not made here");
    for (int i = 0; i < TIME_N; i++)
        seconds = seconds << 8 | c.p[i];
    *end = timestamp_from_unix((int64_t)seconds);
    if (timestamp_cmp(now, *end) > 0)
        return FAIL(E_STATE, "challenge-over", "too old");
    *digest = sha256(c);
    return E_OK;
}

struct str certificates_request_text(struct arena *a, const struct certificates_request *r)
{
    return str_fmt(a,
                   "Shomei revocation request 1\nIssuer: %.*s\nSerial: %.*s\nReason: %.*s\n"
                   "Challenge: %.*s\n",
                   STR_ARG(r->issuer), STR_ARG(r->serial), STR_ARG(r->reason),
                   STR_ARG(r->challenge));
}

static enum err refused(const char *why)
{
    return FAIL(E_AUTH, "signature-refused", "%s", why);
}

/* DER name of the authority that calls itself so in RFC 4514 text. */
static enum err issuer_named(struct tx *tx, struct str text, struct bytes *subject)
{
    struct arena *a = tx_arena(tx);
    struct bytes *ca;
    struct x509 x;
    size_t n;

    TRY(authority_cas(tx, &ca, &n));
    for (size_t i = 0; i < n && i < AUTHORITIES; i++) {
        TRY(x509_parse(ca[i], a, &x));
        if (str_eq(name_text(a, x.subject), text)) {
            *subject = x.subject;
            return E_OK;
        }
    }
    return refused("unknown issuer");
}

/* The signature over the text, whatever the certificate's key is; the hash is SHA-256. */
static enum err signature_check(struct tx *tx, struct bytes der,
                                const struct certificates_request *r)
{
    struct arena *a = tx_arena(tx);
    struct buf b = buf_init(256);
    struct bytes spki = BYTES_ABSENT, signature = BYTES_ABSENT, algorithm;
    enum signer_alg alg;

    TRY(certificates_inside_spki(a, der, &spki));
    TRY(signer_alg_of_spki(spki, &alg));
    if (base64_decode(a, r->signature, &signature) != E_OK || signature.n > SIGNATURE_MAX)
        return refused("not base64");
    signer_put_algorithm(&b, alg == SIGNER_RSA_SHA256 ? SIGNER_RSA_SHA256 : SIGNER_P256_SHA256);
    algorithm = bytes_dup(a, buf_bytes(&b));
    buf_free(&b);
    if (signer_verify(spki, algorithm, bytes_of_str(certificates_request_text(a, r)), signature) !=
        E_OK)
        return refused("the signature does not hold");
    return E_OK;
}

static enum err find(struct tx *tx, const struct certificates_request *r,
                     struct q_cert_of_key_holder *row)
{
    struct bytes issuer = BYTES_ABSENT, serial = BYTES_ABSENT;
    enum err e;

    if (hex_decode(tx_arena(tx), r->serial, &serial) != E_OK || serial.n == 0 || serial.n > 20)
        return refused("malformed serial number");
    TRY(issuer_named(tx, r->issuer, &issuer));
    e = q_cert_of_key_holder(tx, issuer, serial, row);
    if (e == E_ABSENT || (e == E_OK && row->der.p == NULL))
        return refused("unknown certificate");
    return e;
}

static enum err reason_of(struct str name, uint32_t *out)
{
    if (!certificates_reason_from(name, out) || !certificates_reason_own(*out))
        return FAIL(E_INPUT, "bad-reason", "not for subscribers, or unknown");
    return E_OK;
}

static enum err use_up(struct tx *tx, struct bytes32 digest, struct timestamp end)
{
    enum err e = q_cert_challenge_use(tx, digest, end);

    return e == E_CONFLICT ? FAIL(E_STATE, "challenge-used", "replayed") : e;
}

enum err certificates_request_revoke(struct tx *tx, const struct audit_by *by,
                                     const struct certificates_request *r, struct timestamp now,
                                     struct str *receipt)
{
    struct certificates_act act = { .kind = "revoked", .how = CERTIFICATES_SIGNED, .when = now };
    struct certificates_certificate c;
    struct q_cert_of_key_holder row = { .der = BYTES_ABSENT };
    struct bytes32 digest = { { 0 } };
    struct timestamp end = TIMESTAMP_NONE;

    TRY(reason_of(r->reason, &act.reason));
    TRY(challenge_check(tx_arena(tx), r->challenge, now, &digest, &end));
    TRY(find(tx, r, &row));
    TRY(signature_check(tx, row.der, r));
    TRY(use_up(tx, digest, end));
    TRY(certificates_inside_get(tx, row.tenant, row.id, &c));
    if (c.state == AUTHORITY_REVOKED && act.reason == CRL_KEY_COMPROMISE &&
        c.reason != CRL_KEY_COMPROMISE) {
        act.kind = "compromised";
        act.when = c.revoked_at;
    }
    return certificates_inside_act(tx, by, &c, &act, now, receipt);
}
