/* pdf_objects_open.cc - see pdf_objects.h: opening, what failed, warnings, encryption. */
#include "sign/pdf_objects_inside.hh"

using namespace pdf_objects_io;

namespace
{

std::shared_ptr<QPDFLogger> silence()
{
    static std::shared_ptr<QPDFLogger> logger;
    if (!logger) {
        logger = QPDFLogger::create();
        logger->setInfo(logger->discard());
        logger->setWarn(logger->discard());
        logger->setError(logger->discard());
    }
    return logger;
}

/* "object 12 0", or anything else: 0 */
int number_in(std::string const &name)
{
    size_t at = name.rfind("object ");
    return at == name.npos ? 0 : static_cast<int>(strtol(name.c_str() + at + 7, nullptr, 10));
}

/* What qpdf only warns about, and yet matters. */
void take_warnings(pdf_objects *o) noexcept
{
    (void)truth(o, [&] {
        for (auto const &w : o->q.getWarnings()) {
            std::string const &d = w.getMessageDetail();
            o->misplaced =
                o->misplaced || (d.compare(0, 9, "expected ") == 0 && d.find(" obj") != d.npos);
            if (d.find("duplicated key") != d.npos)
                o->doubled.insert(number_in(w.getObject()));
        }
        return true;
    });
}

pdf_objects_cipher cipher(QPDF::encryption_method_e m)
{
    switch (m) {
    case QPDF::e_none:
        return PDF_OBJECTS_PLAIN;
    case QPDF::e_rc4:
        return PDF_OBJECTS_RC4;
    case QPDF::e_aes:
        return PDF_OBJECTS_AES128;
    case QPDF::e_aesv3:
        return PDF_OBJECTS_AES256;
    case QPDF::e_unknown:
        break;
    }
    return PDF_OBJECTS_UNKNOWN;
}

void open(pdf_objects *o, std::string const &password, bool recover)
{
    o->handles.push_back(QPDFObjectHandle::newNull());
    o->q.setLogger(silence());
    o->q.setSuppressWarnings(true);
    o->q.setAttemptRecovery(recover);
    o->q.processInputSource(o->in, password.c_str());
}

/* A password in UTF-8, then as older programs may have written it (7.6.4.3.2 wants PDFDocEncoding).
 */
std::vector<std::string> spellings(const secret *password)
{
    std::string word;
    if (password) {
        bytes b = secret_bytes(password);
        word.assign(reinterpret_cast<const char *>(b.p), b.n);
    }
    return QUtil::possible_repaired_encodings(word);
}

enum err open_with(const pdf_source &s, std::string const &word, bool given, bool recover,
                   pdf_objects **out)
{
    std::unique_ptr<pdf_objects> o(new pdf_objects());
    o->in = std::make_shared<input>(s);
    o->password = given;
    (void)guarded<bool>(o.get(), false, [&] {
        open(o.get(), word, recover);
        return true;
    });
    enum err rc = pdf_objects_check(o.get());
    if (rc == E_OK)
        *out = o.release();
    return rc;
}

} // namespace

extern "C" {

enum err pdf_objects_open(const struct pdf_source *s, const struct secret *password, bool recover,
                          struct pdf_objects **out)
{
    enum err rc = E_OK;

    *out = nullptr;
    try {
        for (std::string &word : spellings(password)) {
            if (rc == E_OK || strcmp(fault_current()->reason, "pdf-password-wrong") == 0)
                rc = *out ? E_OK : open_with(*s, word, password != nullptr, recover, out);
            secret_wipe(&word[0], word.size());
        }
    } catch (...) {
        rc = FAIL(E_LIMIT, "pdf-too-complex", "memory");
    }
    return rc;
}

void pdf_objects_close(struct pdf_objects *o)
{
    delete o;
}

enum err pdf_objects_check(struct pdf_objects *o)
{
    enum err rc = o->rc;

    if (o->in->failed) {
        const fault &f = o->in->reason;
        return fault_record(f.err, f.reason, f.file, f.line, "%s", f.detail);
    }
    if (rc == E_OK)
        return E_OK;
    o->rc = E_OK;
    if (o->code == qpdf_e_password)
        return o->password ? FAIL(rc, "pdf-password-wrong", "qpdf: %s", o->detail)
                           : FAIL(rc, "pdf-password-needed", "qpdf: %s", o->detail);
    if (rc == E_UNSUPPORTED)
        return FAIL(rc, "pdf-encrypted", "qpdf: %s", o->detail);
    if (rc == E_LIMIT)
        return FAIL(rc, "pdf-too-complex", "qpdf: %s", o->detail);
    return FAIL(rc, "pdf-damaged", "qpdf: %s", o->detail);
}

bool pdf_objects_failed(const struct pdf_objects *o)
{
    return o->rc != E_OK || o->in->failed;
}

bool pdf_objects_warned(struct pdf_objects *o)
{
    return truth(o, [&] { return o->q.anyWarnings(); });
}

bool pdf_objects_misplaced(struct pdf_objects *o)
{
    take_warnings(o);
    bool found = o->misplaced;
    o->misplaced = false;
    return found;
}

bool pdf_objects_doubled(struct pdf_objects *o, int id)
{
    take_warnings(o);
    return truth(o, [&] { return o->doubled.count(id) > 0; });
}

void pdf_objects_places(struct pdf_objects *o, struct pdf_objects_place *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = {};
    (void)truth(o, [&] {
        for (auto const &one : o->q.getXRefTable()) {
            int id = one.first.getObj();
            QPDFXRefEntry const &e = one.second;
            if (id <= 0 || static_cast<size_t>(id) >= n || e.getType() == 0)
                continue;
            pdf_objects_place &p = out[id];
            p.several = p.where != PDF_OBJECTS_NOWHERE;
            p.where = e.getType() == 1 ? PDF_OBJECTS_AT_OFFSET : PDF_OBJECTS_IN_STREAM;
            p.generation = one.first.getGen();
            p.offset = e.getType() == 1 ? static_cast<uint64_t>(e.getOffset())
                                        : static_cast<uint64_t>(e.getObjStreamNumber());
            p.index = e.getType() == 1 ? 0 : e.getObjStreamIndex();
        }
        return true;
    });
}

bool pdf_objects_encrypted(struct pdf_objects *o, struct pdf_objects_encryption *out)
{
    *out = {};
    return truth(o, [&] {
        int version = 0, p = 0;
        QPDF::encryption_method_e streams = QPDF::e_none, strings = QPDF::e_none,
                                  files = QPDF::e_none;
        if (!o->q.isEncrypted(out->revision, p, version, streams, strings, files))
            return false;
        std::string key = o->q.getEncryptionKey();
        if (version < 4) /* there are no crypt filters yet: the same for both */
            streams = strings = QPDF::e_rc4;
        out->permissions = p;
        out->owner = o->q.ownerPasswordMatched();
        out->strings = cipher(strings);
        out->streams = cipher(streams);
        out->key_n = std::min(key.size(), sizeof out->key);
        memcpy(out->key, key.data(), out->key_n);
        secret_wipe(&key[0], key.size());
        return true;
    });
}
}
