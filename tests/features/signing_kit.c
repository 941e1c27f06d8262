/* signing_kit.c - see signing_kit.h */
#include "signing_kit.h"

#include "pdf_kit.h"
#include "token.h"

#include "base/settings.h"
#include "features/authority/authority.h"
#include "features/authority/authority_work.h"
#include "features/status/status.h"
#include "features/timestamp/timestamp.h"
#include "net/gateway_client.h"
#include "pki/csr.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

struct signing_kit kit;
static const struct audit_by by = { .name = { "test", 4 } };

#define MUST(call)                                                                                 \
    do {                                                                                           \
        if ((call) != E_OK) {                                                                      \
            (void)printf("Bail out! %s: %s %s (%s:%d)\n", #call, fault_current()->reason,          \
                         fault_current()->detail, fault_current()->file, fault_current()->line);   \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

/* --- the gateway: this program once more, with its own connection and token --- */

static enum err answer(struct db *db, struct arena *a, const struct gateway_frame *ask,
                       struct bytes *reply)
{
    struct status_ocsp ocsp;
    struct status_file file;
    struct tx *tx;
    size_t slash = 0;
    enum err e;

    if (str_eq_z(ask->words[0], "tsa"))
        return timestamp_work_answer(a, ask->body, reply);
    if (str_eq_z(ask->words[0], "ocsp")) {
        e = status_work_ocsp(a, ask->body, clock_now(), &ocsp);
        *reply = ocsp.response;
        return e;
    }
    /* http://localhost:1/crl/NAME.crl, /ca/NAME.cer */
    for (size_t i = 0; i < ask->url.n; i++)
        if (ask->url.p[i] == '/')
            slash = i + 1;
    struct str name = str_sub(a, ask->url, slash, ask->url.n - 4);
    if (tx_begin(db, a, &tx) != E_OK)
        return E_BACKEND;
    e = str_eq_z(ask->words[0], "crl") ? status_crl(tx, name, 0, &file)
                                       : status_ca(tx, name, &file);
    tx_rollback(tx);
    *reply = file.data;
    return e;
}

static void serve_one(int fd, struct db *db, struct arena *a, const char *dir)
{
    struct gateway_frame ask, reply = { .url = STR_ABSENT };
    int64_t deadline = clock_monotonic_us() + 5 * SECOND_US;
    enum err e;

    if (gateway_client_read(fd, GATEWAY_REQUEST_MAX, deadline, a, &ask) != E_OK)
        return;
    if (access(str_fmt(a, "%s/down-%s", dir, ask.words[0].p).p, F_OK) == 0)
        e = E_BACKEND;
    else
        e = answer(db, a, &ask, &reply.body);
    reply.words[0] = e == E_OK ? STR("ok") : STR("failed");
    reply.words[1] = e == E_OK ? STR("") : STR("fetch-failed");
    (void)!gateway_client_write(fd, &reply, deadline);
}

static void gateway(const char *conf, const char *dir)
{
    struct timestamp_settings ts = { .policy = STR("0.4.0.2023.1.1") };
    struct sockaddr_un sa = { .sun_family = AF_UNIX };
    struct settings *c = NULL;
    struct db *db = NULL, *db2 = NULL;
    struct arena *a = arena_new(32 << 20);
    struct hsm *status;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    MUST(settings_load(conf, &c));
    struct str path = settings_str(c, "gateway.socket");
    memcpy(sa.sun_path, path.p, path.n);
    if (bind(fd, (struct sockaddr *)&sa, sizeof sa) != 0 || listen(fd, 16) != 0)
        exit(1);
    MUST(db_open_settings(c, DB_REPOSITORY, &db));
    MUST(db_open_settings(c, DB_REPOSITORY, &db2));
    status = token_open("status", false);
    status_work_open(status, db);
    timestamp_work_open(status, db, &ts);
    for (;;) {
        int s = accept(fd, NULL, NULL);
        if (s < 0)
            continue;
        fault_clear();
        serve_one(s, db2, a, dir);
        (void)close(s);
        arena_reset(a);
    }
}

static void start_gateway(char *self)
{
    struct str conf = str_fmt(kit.a, "%s/test.conf", harness_dir(kit.p.h));
    struct str sock = settings_str(kit.settings, "gateway.socket");
    char *args[] = { self, strdup("--gateway"), strdup(conf.p), strdup(harness_dir(kit.p.h)),
                     NULL };

    kit.gateway = fork();
    if (kit.gateway == 0) {
        (void)setenv("SHOMEI_DB_USER", "shomei_repository", 1);
        (void)execv("/proc/self/exe", args);
        _exit(127);
    }
    for (int i = 1; i < 4; i++)
        free(args[i]);
    for (int i = 0; i < 100 && gateway_client_ping(sock, kit.a) == E_BACKEND; i++)
        (void)usleep(50000);
}

void signing_kit_down(const char *purpose, bool down)
{
    struct str path = str_fmt(kit.a, "%s/down-%s", harness_dir(kit.p.h), purpose);
    if (!down) {
        (void)unlink(path.p);
        return;
    }
    FILE *f = fopen(path.p, "we");
    if (f != NULL)
        (void)fclose(f);
}

/* --- settings, people, credentials --- */

static void write_file(const char *path, struct bytes data)
{
    FILE *f = fopen(path, "we");
    if (f == NULL || fwrite(data.p, 1, data.n, f) != data.n || fclose(f) != 0)
        abort();
}

static void write_settings(void)
{
    const char *dir = harness_dir(kit.p.h);
    struct db_params db = harness_db_params(kit.p.h, DB_PORTAL);
    struct str secret = str_fmt(kit.a, "%s/password", dir);
    struct str conf = str_fmt(kit.a, "%s/test.conf", dir);

    write_file(secret.p, secret_bytes(db.password));
    write_file(conf.p, bytes_of_str(str_fmt(kit.a,
                                            "db.socket = %s\ndb.password_file = %s\nrun_dir = %s\n"
                                            "gateway.socket = %s/gateway.sock\n"
                                            "tsa.url = http://localhost:1/tsa\n"
                                            "url.portal = https://portal.test/\n"
                                            "upload.max_bytes = 3000000\n",
                                            db.socket, secret.p, dir, dir)));
    MUST(settings_load(conf.p, &kit.settings));
}

static struct signing_owner person(struct tenant_id tenant, const char *login)
{
    return (struct signing_owner){ .tenant = tenant,
                                   .account =
                                       people_add(&kit.p, tenant, login, ROLE_END_USER, true) };
}

struct certificate_id signing_kit_certificate(struct str credential)
{
    int64_t v = harness_count(
        kit.p.h,
        str_fmt(kit.a, "SELECT certificate_id FROM shomei.credential WHERE public_id = '%s'",
                credential.p)
            .p);
    return (struct certificate_id){ (uint64_t)v };
}

struct str signing_kit_credential(struct signing_owner owner, const char *label, const char *kind,
                                  const char *pin, const char *cn)
{
    struct secret *s = pin ? people_secret(pin) : NULL;
    struct str id = STR_ABSENT;
    struct tx *tx = people_tx(&kit.p, kit.p.ctl);

    MUST(signing_credential_make(tx, owner, str_z(label), str_z(kind), s, str_z(cn),
                                 STR("株式会社さくら"), &by, kit.p.now, &id));
    people_end(tx);
    secret_free(s);
    MUST(authority_work_issue(kit.p.worker, kit.ca, signing_kit_certificate(id)));
    return id;
}

/* The client's key pair is its own; its certificate is of the profile "client". */
static void make_client(void)
{
    struct name subject = { .n = 0 };
    struct signer_key *key = NULL;
    struct authority_certificate cert;
    struct bytes dn, csr;
    struct tx *tx;

    MUST(signer_key_new(SIGNER_P256_SHA256, &key));
    struct signer signer = signer_key_signer(key);
    name_add(&subject, OID_C, STR("JP"));
    name_add(&subject, OID_CN, STR("Sakura document system"));
    MUST(name_build(&subject, kit.a, &dn));
    MUST(csr_build(&signer, signer_key_spki(key), dn, kit.a, &csr));
    struct authority_application app = {
        .tenant = kit.p.sakura, .profile = "client", .subject = &subject, .csr = csr
    };
    tx = people_tx(&kit.p, kit.p.ctl);
    MUST(authority_request(tx, &app, &kit.client_certificate));
    kit.client.tenant = kit.p.sakura;
    MUST(signing_client_make(tx, kit.p.sakura, STR("Sakura document system"),
                             kit.client_certificate, true, 2, &by, kit.p.now, &kit.client.client));
    MUST(signing_client_allow(tx, kit.client.client, kit.seal, &by));
    people_end(tx);
    MUST(authority_work_issue(kit.p.worker, kit.ca, kit.client_certificate));
    tx = people_tx(&kit.p, kit.p.ctl);
    MUST(authority_certificate(tx, kit.p.sakura, kit.client_certificate, &cert));
    people_undo(tx);
    kit.client_pem = x509_pem(kit.a, "CERTIFICATE", cert.der);
    signer_key_free(key);
}

static void make_everybody(void)
{
    struct signing_owner seal = { .tenant = kit.p.sakura };

    kit.hanako = person(kit.p.sakura, "hanako");
    kit.taro = person(kit.p.sakura, "taro");
    kit.alice = person(kit.p.midori, "alice");
    kit.hanako_key = signing_kit_credential(kit.hanako, "署名用", "p256", KIT_PIN, "山田 花子");
    kit.taro_key = signing_kit_credential(kit.taro, "署名用", "rsa2048", KIT_PIN, "山田 太郎");
    kit.alice_key = signing_kit_credential(kit.alice, "署名用", "p256", KIT_PIN, "Alice");
    kit.seal = signing_kit_credential(seal, "社印", "p256", NULL, "株式会社さくら 社印");
}

bool signing_kit_start(int argc, char **argv)
{
    struct hsm *status;

    if (argc == 4 && strcmp(argv[1], "--gateway") == 0)
        gateway(argv[2], argv[3]);
    if (!token_module())
        return false;
    people_start(&kit.p);
    kit.a = kit.p.a;
    write_settings();
    token_start();
    token_make_all();
    kit.ca = token_open("ca", true);
    status = token_open("status", true);
    const struct authority_plan plan = { STR("株式会社テスト"), STR("JP"),
                                         STR("http://localhost:1") };
    MUST(authority_work_init(kit.p.ctl, kit.ca, status, &plan));
    hsm_close(status);
    kit.signing = token_open("signing", false);
    kit.side = harness_db(kit.p.h, DB_PORTAL);
    kit.api = harness_db(kit.p.h, DB_SIGNAPI);
    kit.api_side = harness_db(kit.p.h, DB_SIGNAPI);
    MUST(signing_setup(kit.settings, kit.side, kit.signing));
    make_everybody();
    make_client();
    start_gateway(argv[0]);
    kit.pdf = kit_pdf(kit.a, KIT_TABLE, 2, 30000, false);
    return true;
}

void signing_kit_as_portal(void)
{
    MUST(signing_setup(kit.settings, kit.side, kit.signing));
}

void signing_kit_as_api(void)
{
    MUST(signing_setup(kit.settings, kit.api_side, kit.signing));
}

void signing_kit_stop(void)
{
    (void)kill(kit.gateway, SIGKILL);
    (void)waitpid(kit.gateway, NULL, 0);
    signing_teardown();
    hsm_close(kit.signing);
    hsm_close(kit.ca);
    db_close(kit.side);
    db_close(kit.api);
    db_close(kit.api_side);
    settings_free(kit.settings);
    people_stop(&kit.p);
    token_stop();
}

/* --- acting --- */

struct str signing_kit_upload(struct signing_owner owner, struct bytes pdf)
{
    struct tx *tx = people_tx(&kit.p, kit.p.portal);
    struct signing_document d;

    if (signing_document_store(tx, owner, STR("契約書.pdf"), pdf, &by, kit.p.now, &d) != E_OK) {
        people_undo(tx);
        return STR_ABSENT;
    }
    people_end(tx);
    return d.public_id;
}

struct signing_request signing_kit_request(struct signing_owner owner, struct str credential,
                                           enum signing_level level)
{
    static struct secret *pin;
    if (pin == NULL)
        pin = people_secret(KIT_PIN);
    return (struct signing_request){ .owner = owner,
                                     .by = { .tenant = owner.tenant,
                                             .account = owner.account,
                                             .client = owner.client,
                                             .name = STR("test"),
                                             .request = STR("req-1") },
                                     .credential = credential,
                                     .pin = pin,
                                     .level = level,
                                     .reason = STR("確認のため"),
                                     .assertion = { STR("test"), 2, kit.p.now },
                                     .now = kit.p.now };
}

enum err signing_kit_sign(const struct signing_request *rq, struct str document,
                          struct signing_receipt *out)
{
    struct tx *tx = people_tx(&kit.p, kit.p.portal);
    enum err e = signing_sign_document(tx, rq, document, out);
    if (e == E_OK)
        people_end(tx);
    else
        people_undo(tx);
    return e;
}

struct bytes signing_kit_bytes(struct signing_owner owner, struct str document)
{
    struct tx *tx = people_tx(&kit.p, kit.p.portal);
    struct buf b = buf_init(8 << 20);
    struct bytes out = BYTES_ABSENT;
    struct signing_document d;

    if (signing_document_find(tx, owner, document, &d) == E_OK &&
        signing_document_bytes(tx, &d, &b) == E_OK)
        MUST(buf_to_bytes(&b, kit.a, &out));
    people_undo(tx);
    buf_free(&b);
    return out;
}

struct str signing_kit_verdict(struct bytes pdf, struct str *level, size_t *signatures)
{
    struct signing_verification v;

    struct signing_verify_request ask = { .pdf = pdf, .at = TIMESTAMP_NONE };
    if (signing_verify(&ask, kit.a, &v) != E_OK)
        return STR("unreadable");
    if (level != NULL && v.signatures_n > 0)
        *level = v.signatures[0].level;
    if (signatures != NULL)
        *signatures = v.signatures_n;
    return v.verdict;
}
