/* test_pki.c - what cgi/pki builds is accepted by openssl(1), what it reads is read strictly. */
#include "tap.h"

#include "base/encoding.h"
#include "pki/csr.h"
#include "pki/der_put.h"
#include "pki/ocsp.h"
#include "pki/tsp.h"

#include <stdlib.h>
#include <unistd.h>

static struct arena *a;
static char dir[] = "/tmp/test_pki.XXXXXX";

static const struct x509_profile root_profile = { .name = "root",
                                                  .validity_us = 3650 * DAY_US,
                                                  .key_usage = X509_KEY_CERT_SIGN | X509_CRL_SIGN,
                                                  .ca = true,
                                                  .path_length = -1,
                                                  .algs = 7 };
static const struct x509_profile issuing_profile = { .name = "issuing",
                                                     .validity_us = 1825 * DAY_US,
                                                     .key_usage =
                                                         X509_KEY_CERT_SIGN | X509_CRL_SIGN,
                                                     .ca = true,
                                                     .path_length = 0,
                                                     .algs = 7 };
static const struct x509_profile leaf_profile = {
    .name = "leaf",
    .validity_us = 365 * DAY_US,
    .key_usage = X509_DIGITAL_SIGNATURE | X509_NON_REPUDIATION,
    .eku = { OID_EKU_DOCUMENT_SIGNING, OID_EKU_ADOBE_PDF_SIGNING },
    .eku_n = 2,
    .path_length = -1,
    .aia_ocsp = true,
    .aia_issuer = true,
    .cdp = true,
    .policies = { { .oid = "1.3.6.1.4.1.99999.1" } },
    .policies_n = 1,
    .algs = 7,
};
static const struct x509_profile ocsp_profile = { .name = "ocsp",
                                                  .validity_us = 30 * DAY_US,
                                                  .key_usage = X509_DIGITAL_SIGNATURE,
                                                  .eku = { OID_EKU_OCSP_SIGNING },
                                                  .eku_n = 1,
                                                  .path_length = -1,
                                                  .ocsp_nocheck = true,
                                                  .algs = 7 };
static const struct x509_profile tsa_profile = { .name = "tsa",
                                                 .validity_us = 365 * DAY_US,
                                                 .key_usage =
                                                     X509_DIGITAL_SIGNATURE | X509_NON_REPUDIATION,
                                                 .eku = { OID_EKU_TIME_STAMPING },
                                                 .eku_n = 1,
                                                 .eku_critical = true,
                                                 .path_length = -1,
                                                 .algs = 7 };

struct party {
    struct signer_key *key;
    struct signer signer;
    struct bytes der, subject;
    struct x509 x;
};

static struct party root, issuing, leaf, responder, tsa;

static void save(const char *name, struct bytes data)
{
    FILE *f = fopen(str_fmt(a, "%s/%s", dir, name).p, "wb");

    if (!f || fwrite(data.p, 1, data.n, f) != data.n || fclose(f) != 0)
        abort();
}

static struct bytes load(const char *name)
{
    FILE *f = fopen(str_fmt(a, "%s/%s", dir, name).p, "rb");
    uint8_t *p = arena_alloc(a, 65536);

    if (!f)
        abort();
    size_t n = fread(p, 1, 65536, f);
    fclose(f);
    return (struct bytes){ p, n };
}

/* Run openssl with these arguments in the directory; its words go to a file. */
static bool openssl(const char *arguments)
{
    struct str command =
        str_fmt(a, "cd %s && openssl %s >out.txt 2>&1 || { sed 's/^/# /' out.txt; exit 1; }", dir,
                arguments);

    return system(command.p) == 0; /* a fixed text of this test */
}

static bool printed(const char *word)
{
    struct bytes out = load("out.txt");
    struct str text = str_of(a, (const char *)out.p, out.n);

    return strstr(text.p, word) != NULL;
}

static void make(struct party *who, const char *file, const char *cn,
                 const struct x509_profile *profile, enum signer_alg alg, const struct party *by)
{
    struct name name = { .n = 0 };
    uint8_t serial[20];
    struct bytes tbs;
    struct timestamp from = timestamp_add(clock_now(), -MINUTE_US);

    if (signer_key_new(alg, &who->key) != E_OK)
        abort();
    who->signer = signer_key_signer(who->key);
    name_add(&name, OID_C, STR("JP"));
    name_add(&name, OID_O, STR("株式会社テスト"));
    name_add(&name, OID_CN, str_z(cn));
    is_err(name_build(&name, a, &who->subject), E_OK, "name is built");
    x509_serial_new(serial);
    struct x509_request r = {
        .profile = profile,
        .signature_alg = by ? by->signer.alg : alg,
        .serial = { serial, sizeof serial },
        .issuer = by ? by->subject : who->subject,
        .issuer_ski = by ? by->x.ski : BYTES_ABSENT,
        .subject = who->subject,
        .spki = signer_key_spki(who->key),
        .not_before = from,
        .not_after = timestamp_add(from, profile->validity_us - SECOND_US),
        .ocsp_url = STR("http://127.0.0.1/ocsp"),
        .issuer_url = STR("http://127.0.0.1/ca/x.cer"),
        .crl_url = STR("http://127.0.0.1/crl/x.crl"),
    };
    is_err(x509_build(&r, a, &tbs), E_OK, "to-be-signed bytes are built");
    is_err(signer_wrap(by ? &by->signer : &who->signer, tbs, a, &who->der), E_OK, "signed");
    is_err(x509_parse(who->der, a, &who->x), E_OK, "and can be read again");
    is_err(x509_lint(&who->x, profile, by ? &by->x : NULL), E_OK, "lint has nothing to say");
    save(file, bytes_of_str(x509_pem(a, "CERTIFICATE", who->der)));
}

static void certificates(void)
{
    make(&root, "root.pem", "試験ルート", &root_profile, SIGNER_P384_SHA384, NULL);
    make(&issuing, "issuing.pem", "Issuing", &issuing_profile, SIGNER_P256_SHA256, &root);
    make(&leaf, "leaf.pem", "山田 太郎, \"+\"", &leaf_profile, SIGNER_RSA_SHA256, &issuing);
    make(&responder, "responder.pem", "OCSP", &ocsp_profile, SIGNER_P256_SHA256, &issuing);
    make(&tsa, "tsa.pem", "TSA", &tsa_profile, SIGNER_P256_SHA256, &issuing);
    ok(openssl("verify -x509_strict -CAfile root.pem -untrusted issuing.pem leaf.pem"),
       "openssl verify accepts the chain");
    ok(openssl("x509 -in leaf.pem -noout -text"), "openssl x509 prints it");
    ok(printed("Non Repudiation") && printed("http://127.0.0.1/crl/x.crl") &&
           printed("1.2.840.113583.1.1.5") && printed("1.3.6.1.4.1.99999.1"),
       "with usage, pointers and policy");
    is_str(name_text(a, leaf.x.subject), "CN=山田 太郎\\, \\\"\\+\\\",O=株式会社テスト,C=JP",
           "RFC 4514 text");
    ok(leaf.x.not_after.us - leaf.x.not_before.us == 365 * DAY_US - SECOND_US,
       "the validity counts its last second");
    ok(leaf.x.serial.n == 20 && leaf.x.serial.p[0] < 0x80 && leaf.x.serial.p[0] > 0,
       "the serial number is positive and has 20 octets");
    is_str(leaf.x.crl_url, "http://127.0.0.1/crl/x.crl", "distribution point is read");
    is_err(x509_lint(&leaf.x, &tsa_profile, &issuing.x), E_INTERNAL, "lint sees another profile");
    is_err(x509_lint(&leaf.x, &leaf_profile, &root.x), E_INTERNAL, "lint sees another issuer");
    is_err(signer_verify_wrapped(issuing.x.spki, leaf.der), E_OK, "our own check agrees");
    is_err(signer_verify_wrapped(root.x.spki, leaf.der), E_INPUT, "and refuses another key");
    /* a bit of every octet: refused or at least never the same certificate */
    size_t accepted = 0;
    uint8_t *copy = arena_alloc(a, leaf.der.n);
    for (size_t i = 0; i < leaf.der.n; i++) {
        struct x509 x;
        memcpy(copy, leaf.der.p, leaf.der.n);
        copy[i] ^= 1;
        if (x509_parse((struct bytes){ copy, leaf.der.n }, a, &x) == E_OK &&
            signer_verify_wrapped(issuing.x.spki, x.der) == E_OK)
            accepted++;
    }
    is_int((int64_t)accepted, 0, "no flipped bit goes unnoticed");
    for (size_t n = 0; n < leaf.der.n; n++) {
        struct x509 x;
        if (x509_parse((struct bytes){ leaf.der.p, n }, a, &x) == E_OK)
            accepted++;
    }
    is_int((int64_t)accepted, 0, "no truncation is accepted");
}

static void names(void)
{
    struct bytes der;
    struct name n = { .n = 0 };

    is_err(name_build(&n, a, &der), E_INPUT, "an empty name is refused");
    static const struct {
        enum oid type;
        const char *value, *why;
    } bad[] = {
        { OID_CN,
          "a\xE2\x80\xAE"
          "b",
          "right-to-left override" },
        { OID_CN, "a\tb", "control character" },
        { OID_CN, "a\xE2\x80\x8B", "zero width space" },
        { OID_CN, " a", "leading space" },
        { OID_CN, "\xff", "not UTF-8" },
        { OID_C, "jp", "country in lower case" },
        { OID_EMAIL, "a@b@c", "two at signs" },
        { OID_CN, "0123456789012345678901234567890123456789012345678901234567890123x", "65" },
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        n.n = 0;
        name_add(&n, bad[i].type, str_z(bad[i].value));
        is_err(name_build(&n, a, &der), E_INPUT, bad[i].why);
    }
}

static void lists(void)
{
    struct crl_entry entries[] = {
        { x509_serial(&leaf.x), timestamp_add(clock_now(), -HOUR_US), CRL_KEY_COMPROMISE },
    };
    struct crl_request r = { .signer = &issuing.signer,
                             .issuer = issuing.subject,
                             .issuer_ski = issuing.x.ski,
                             .number = 300,
                             .this_update = clock_now(),
                             .next_update = timestamp_add(clock_now(), DAY_US) };
    struct bytes der;
    struct crl c;
    struct crl_entry found;

    is_err(crl_build(&r, a, &der), E_OK, "an empty list");
    save("empty.crl", der);
    ok(openssl("crl -inform DER -in empty.crl -noout -text -CAfile issuing.pem") &&
           printed("verify OK") && printed("No Revoked Certificates"),
       "openssl crl accepts it");
    save("empty.pem", bytes_of_str(x509_pem(a, "X509 CRL", der)));
    ok(openssl("verify -crl_check -CAfile root.pem -untrusted issuing.pem -CRLfile empty.pem "
               "leaf.pem"),
       "openssl verify -crl_check");
    r.entry = entries;
    r.n = 1;
    is_err(crl_build(&r, a, &der), E_OK, "a list with one entry");
    save("full.pem", bytes_of_str(x509_pem(a, "X509 CRL", der)));
    ok(openssl("crl -in full.pem -noout -text") && printed("Key Compromise"), "reason is listed");
    ok(!openssl("verify -crl_check -CAfile root.pem -untrusted issuing.pem -CRLfile full.pem "
                "leaf.pem"),
       "openssl verify -crl_check refuses the revoked one");
    ok(crl_parse(der, &c) == E_OK && c.number == 300 && bytes_eq(c.aki, issuing.x.ski) &&
           !c.unknown_critical,
       "the list can be read again");
    is_err(crl_verify(&c, &issuing.x), E_OK, "its signature holds");
    is_err(crl_verify(&c, &root.x), E_INPUT, "under its own issuer only");
    ok(crl_find(&c, x509_serial(&leaf.x), &found) == E_OK && found.reason == CRL_KEY_COMPROMISE,
       "the entry is found");
    is_err(crl_find(&c, x509_serial(&tsa.x), &found), E_ABSENT, "another serial is not");
}

/* The list of a partition (5.2.5): it speaks for the certificates that name it, and no others. */
static void partition(void)
{
    struct crl_entry entry = { x509_serial(&leaf.x), clock_now(), CRL_SUPERSEDED };
    struct crl_request r = { .signer = &issuing.signer,
                             .issuer = issuing.x.subject,
                             .issuer_ski = issuing.x.ski,
                             .number = 301,
                             .this_update = clock_now(),
                             .next_update = timestamp_add(clock_now(), DAY_US),
                             .point = leaf.x.crl_url };
    struct bytes der;
    struct crl c;

    is_err(crl_build(&r, a, &der), E_OK, "the list of a partition");
    save("part.pem", bytes_of_str(x509_pem(a, "X509 CRL", der)));
    ok(openssl("crl -in part.pem -noout -text") &&
           printed("X509v3 Issuing Distribution Point: critical") && printed(leaf.x.crl_url.p),
       "openssl crl shows its point");
    ok(openssl("verify -crl_check -CAfile root.pem -untrusted issuing.pem -CRLfile part.pem "
               "leaf.pem"),
       "openssl verify takes it for a certificate that names it");
    ok(crl_parse(der, &c) == E_OK && c.has_scope && !c.unknown_critical &&
           crl_covers(&c, &leaf.x) == E_OK,
       "and so do we");
    r.point = STR("http://ca.example/crl/other.crl");
    is_err(crl_build(&r, a, &der), E_OK, "the list of another");
    save("part.pem", bytes_of_str(x509_pem(a, "X509 CRL", der)));
    ok(!openssl("verify -crl_check -CAfile root.pem -untrusted issuing.pem -CRLfile part.pem "
                "leaf.pem"),
       "says nothing about it to openssl");
    ok(crl_parse(der, &c) == E_OK, "and when read");
    is_err(crl_covers(&c, &leaf.x), E_INPUT, "nothing to us");
    r.point = leaf.x.crl_url;
    r.entry = &entry;
    r.n = 1;
    is_err(crl_build(&r, a, &der), E_OK, "with an entry");
    save("part.pem", bytes_of_str(x509_pem(a, "X509 CRL", der)));
    ok(!openssl("verify -crl_check -CAfile root.pem -untrusted issuing.pem -CRLfile part.pem "
                "leaf.pem") &&
           printed("revoked"),
       "openssl finds it revoked");
}

static struct bytes answer(struct bytes request, enum ocsp_status status)
{
    struct ocsp_request rq;
    struct bytes der = BYTES_ABSENT;

    if (ocsp_request_parse(request, &rq) != E_OK)
        return ocsp_response_error(OCSP_MALFORMED, a);
    struct ocsp_single single = { rq.certid[0].whole, status, clock_now(), CRL_SUPERSEDED };
    struct ocsp_response r = { .signer = &responder.signer,
                               .responder_key_id = responder.x.ski,
                               .cert = responder.der,
                               .single = &single,
                               .n = 1,
                               .produced_at = clock_now(),
                               .this_update = clock_now(),
                               .next_update = timestamp_add(clock_now(), HOUR_US),
                               .nonce = rq.nonce };
    is_err(ocsp_response_build(&r, a, &der), E_OK, "an OCSP answer is built");
    return der;
}

static void ocsp(void)
{
    static const char check[] =
        "ocsp -no_nonce -reqin q.der -respin r.der -CAfile root.pem -issuer "
        "issuing.pem -cert leaf.pem -verify_other issuing.pem";
    struct ocsp_request rq;

    ok(openssl("ocsp -issuer issuing.pem -cert leaf.pem -reqout q.der"), "a request with a nonce");
    struct bytes q = load("q.der");
    ok(ocsp_request_parse(q, &rq) == E_OK && rq.n == 1 && rq.certid[0].hash == OID_SHA1 &&
           bytes_eq(rq.certid[0].key_hash, issuing.x.ski) && rq.nonce.n >= 16 &&
           bytes_eq(rq.certid[0].serial, x509_serial(&leaf.x)),
       "is read");
    save("r.der", answer(q, OCSP_GOOD));
    ok(openssl(check) && printed("leaf.pem: good") && printed("Response verify OK") &&
           !printed("no nonce"),
       "openssl ocsp: good, nonce echoed, delegated responder accepted");
    save("r.der", answer(q, OCSP_REVOKED));
    ok(openssl(check) && printed("leaf.pem: revoked") && printed("superseded"), "revoked");
    save("r.der", answer(q, OCSP_UNKNOWN));
    ok(openssl(check) && printed("leaf.pem: unknown"), "unknown");
    ok(openssl("ocsp -no_nonce -sha256 -issuer issuing.pem -cert leaf.pem -reqout q2.der"), "256");
    ok(ocsp_request_parse(load("q2.der"), &rq) == E_OK && rq.certid[0].hash == OID_SHA256 &&
           !rq.nonce.p,
       "a request with SHA-256 and without a nonce");
    size_t accepted = 0;
    for (size_t n = 0; n < q.n; n++)
        if (ocsp_request_parse((struct bytes){ q.p, n }, &rq) == E_OK)
            accepted++;
    is_int((int64_t)accepted, 0, "truncated requests are malformed");
}

static void timestamps(void)
{
    struct bytes chain[] = { issuing.der }, response;
    struct tsp_params p = { .signer = tsa.signer,
                            .cert = tsa.der,
                            .chain = chain,
                            .chain_n = 1,
                            .policy = STR("1.3.6.1.4.1.99999.2"),
                            .accuracy_ms = 500 };
    struct tsp_authority *t = NULL;
    struct tsp_request rq;
    enum tsp_failure failure;
    uint8_t serial[16] = { 0x80, 1, 2, 3 };

    is_err(tsp_authority_new(&p, &t), E_OK, "the authority is set up");
    save("data", bytes_of_str(STR("the data\n")));
    static const char *const hashes[] = { "sha256", "sha384", "sha512" };
    for (size_t i = 0; i < 3; i++) {
        ok(openssl(str_fmt(a, "ts -query -data data -%s -cert -out t.tsq", hashes[i]).p), "query");
        struct bytes q = load("t.tsq");
        is_err(tsp_request_parse(q, &rq, &failure), E_OK, "is read");
        is_err(tsp_grant(t, &rq, (struct bytes){ serial, 16 }, clock_now(), a, &response, &failure),
               E_OK, "and granted");
        save("t.tsr", response);
        ok(openssl("ts -verify -queryfile t.tsq -in t.tsr -CAfile root.pem"), "%s", hashes[i]);
    }
    ok(openssl("ts -reply -in t.tsr -text") && printed("Accuracy: unspecified seconds, 0x01F4"),
       "openssl ts prints it");
    ok(openssl("ts -query -data data -sha1 -out t.tsq") &&
           tsp_request_parse(load("t.tsq"), &rq, &failure) == E_INPUT && failure == TSP_BAD_ALG,
       "SHA-1 is badAlg");
    save("t.tsr", tsp_reject(failure, a));
    ok(openssl("ts -reply -in t.tsr -text") && printed("Rejected") && printed("algorithm"),
       "and openssl reads the rejection");
    ok(openssl("ts -query -data data -sha256 -tspolicy 1.2.3.4 -out t.tsq") &&
           tsp_request_parse(load("t.tsq"), &rq, &failure) == E_OK && !rq.want_certs &&
           tsp_grant(t, &rq, (struct bytes){ serial, 16 }, clock_now(), a, &response, &failure) ==
               E_INPUT &&
           failure == TSP_UNACCEPTED_POLICY,
       "another policy is unacceptedPolicy");
    p.cert = leaf.der;
    struct tsp_authority *none = NULL;
    is_err(tsp_authority_new(&p, &none), E_STATE, "a certificate without timeStamping is refused");
    tsp_authority_free(t);
}

static void requests(void)
{
    struct csr c;
    struct bytes der;

    ok(openssl("req -new -newkey rsa:2048 -nodes -keyout k.pem -subj /CN=x -addext "
               "subjectAltName=DNS:a.example -out r.pem"),
       "a request by openssl");
    ok(csr_parse(load("r.pem"), a, &c) == E_OK && csr_verify(&c) == E_OK && c.san.n > 0,
       "is read, with its alternative names, and proves possession");
    is_err(x509_key_check(c.spki), E_OK, "its key is strong");
    is_err(csr_build(&leaf.signer, leaf.x.spki, leaf.subject, a, &der), E_OK, "our own request");
    save("own.der", der);
    ok(openssl("req -inform DER -in own.der -verify -noout"), "is accepted by openssl req");
    is_err(csr_parse(der, a, &c), E_OK, "and by us");
    uint8_t *copy = arena_alloc(a, der.n);
    memcpy(copy, der.p, der.n);
    copy[der.n - 9] ^= 1;
    ok(csr_parse((struct bytes){ copy, der.n }, a, &c) == E_OK && csr_verify(&c) == E_INPUT,
       "a changed signature is noticed");
}

static void weak_keys(void)
{
    struct csr c;
    static const struct {
        const char *command, *file, *name;
    } rows[] = {
        { "req -new -newkey rsa:1024 -nodes -keyout k.pem -subj /CN=x -out w.pem", "w.pem",
          "RSA-1024" },
        { "req -new -newkey ec -pkeyopt ec_paramgen_curve:P-521 -nodes -keyout k.pem -subj /CN=x "
          "-out w.pem",
          "w.pem", "P-521" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        ok(openssl(rows[i].command) && csr_parse(load(rows[i].file), a, &c) == E_OK &&
               x509_key_check(c.spki) != E_OK,
           "%s is refused", rows[i].name);
}

int main(void)
{
    a = arena_new(64 << 20);
    if (!mkdtemp(dir))
        abort();
    names();
    certificates();
    lists();
    partition();
    ocsp();
    timestamps();
    requests();
    weak_keys();
    for (size_t i = 0; i < 5; i++) {
        struct party *all[] = { &root, &issuing, &leaf, &responder, &tsa };
        signer_key_free(all[i]->key);
    }
    (void)!system(str_fmt(a, "rm -rf %s", dir).p);
    arena_free(a);
    return tap_done();
}
