/* pdf_objects.cc - see pdf_objects.h. A binding, nothing else: decisions are made in C. */
#define POINTERHOLDER_TRANSITION 4 /* of qpdf: only std::shared_ptr */
#include <qpdf/QPDF.hh>
#include <qpdf/QPDFExc.hh>
#include <qpdf/QPDFLogger.hh>
#include <qpdf/QPDFObjectHandle.hh>
#include <qpdf/QPDFTokenizer.hh>
#include <qpdf/QPDFWriter.hh>
#include <qpdf/QUtil.hh>

#include <new>
#include <set>
#include <vector>

#include "sign/pdf_objects_input.hh"

using namespace pdf_objects_io;

namespace
{

const int NESTING_MAX = 500;

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

} // namespace

struct pdf_objects {
    QPDF q;
    std::shared_ptr<input> in;
    std::vector<QPDFObjectHandle> handles;
    std::string text;
    std::set<std::string> keys;
    std::set<std::string>::iterator key;
    bool password = false;
    bool misplaced = false;
    std::set<int> doubled;
    enum err rc = E_OK;
    qpdf_error_code_e code = qpdf_e_success;
    char detail[200] = "";

    void fail(enum err e, qpdf_error_code_e c, const char *what) noexcept
    {
        if (rc != E_OK)
            return;
        rc = e;
        code = c;
        (void)snprintf(detail, sizeof detail, "%s", what);
    }
};

namespace
{

/* Call into qpdf; nothing but a value comes back. */
template <typename T, typename F> T guarded(pdf_objects *o, T otherwise, F call) noexcept
{
    try {
        return call();
    } catch (source_failure const &) {
        o->fail(E_INPUT, qpdf_e_system, "source");
    } catch (too_long const &) {
        o->fail(E_LIMIT, qpdf_e_success, "a stream is too long");
    } catch (QPDFExc const &e) {
        o->fail(e.getErrorCode() == qpdf_e_unsupported ? E_UNSUPPORTED : E_INPUT, e.getErrorCode(),
                e.getMessageDetail().c_str());
    } catch (std::bad_alloc const &) {
        o->fail(E_INPUT, qpdf_e_system, "memory");
    } catch (std::exception const &e) {
        o->fail(E_INPUT, qpdf_e_internal, e.what());
    } catch (...) {
        o->fail(E_INPUT, qpdf_e_internal, "unknown exception");
    }
    return otherwise;
}

pdf_object keep(pdf_objects *o, QPDFObjectHandle h)
{
    o->handles.push_back(std::move(h));
    return static_cast<pdf_object>(o->handles.size() - 1);
}

QPDFObjectHandle at(pdf_objects *o, pdf_object x)
{
    return x < o->handles.size() ? o->handles[x] : o->handles[0];
}

QPDFObjectHandle dictionary_of(pdf_objects *o, pdf_object x)
{
    QPDFObjectHandle h = at(o, x);
    return h.isStream() ? h.getDict() : h;
}

template <typename F> pdf_object object(pdf_objects *o, F call) noexcept
{
    return guarded<pdf_object>(o, 0, [&] { return keep(o, call()); });
}

template <typename F> bytes text(pdf_objects *o, F call) noexcept
{
    return guarded<bytes>(o, bytes{ nullptr, 0 }, [&] {
        o->text = call();
        return bytes{ reinterpret_cast<const uint8_t *>(o->text.c_str()), o->text.size() };
    });
}

template <typename F> bool truth(pdf_objects *o, F call) noexcept
{
    return guarded<bool>(o, false, call);
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

void put(buf *out, std::string const &s)
{
    buf_add(out, s.data(), s.size());
}

void write(QPDFObjectHandle h, pdf_objects_string_fn *string, void *arg, buf *out, int depth)
{
    if (depth > NESTING_MAX)
        throw std::runtime_error("nesting");
    if (depth > 0 && h.isIndirect()) {
        put(out, h.unparse());
    } else if (h.isString() && string) {
        std::string s = h.getStringValue();
        string(arg, bytes{ reinterpret_cast<const uint8_t *>(s.data()), s.size() }, out);
    } else if (h.isArray()) {
        buf_add_char(out, '[');
        for (int i = 0, n = h.getArrayNItems(); i < n; i++) {
            buf_add_char(out, ' ');
            write(h.getArrayItem(i), string, arg, out, depth + 1);
        }
        buf_add_z(out, " ]");
    } else if (h.isDictionary()) {
        bool signature = h.hasKey("/ByteRange");
        if (signature && string && !h.getKey("/Type").isNameAndEquals("/Sig"))
            throw std::runtime_error("a signature that was read as if it were encrypted");
        buf_add_z(out, "<<");
        for (auto const &entry : h.getDictAsMap()) {
            bool value = signature && entry.first == "/Contents";
            QPDFObjectHandle item = entry.second;
            buf_add_char(out, ' ');
            put(out, QPDFObjectHandle::newName(entry.first).unparse());
            buf_add_char(out, ' ');
            write(item, value ? nullptr : string, arg, out, depth + 1);
        }
        buf_add_z(out, " >>");
    } else if (h.isStream()) {
        throw std::runtime_error("a stream is not written as a value");
    } else {
        put(out, h.unparseResolved());
    }
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

pdf_object pdf_objects_trailer(struct pdf_objects *o)
{
    return object(o, [&] { return o->q.getTrailer(); });
}

pdf_object pdf_objects_by_id(struct pdf_objects *o, int id, int gen)
{
    return object(o, [&] { return o->q.getObjectByID(id, gen); });
}

int pdf_objects_fresh_id(struct pdf_objects *o)
{
    return guarded<int>(
        o, 0, [&] { return o->q.makeIndirectObject(QPDFObjectHandle::newNull()).getObjectID(); });
}

pdf_object pdf_objects_raw(struct pdf_objects *o, int id, int gen)
{
    return object(o, [&] {
        auto table = o->q.getXRefTable();
        auto entry = table.find(QPDFObjGen(id, gen));
        if (entry == table.end() || entry->second.getType() != 1)
            return QPDFObjectHandle::newNull();
        QPDFTokenizer words;
        bool empty = false;
        o->in->seek(entry->second.getOffset(), SEEK_SET);
        std::string number = words.readToken(o->in, "pdf").getValue();
        words.readToken(o->in, "pdf");
        if (number != std::to_string(id) || words.readToken(o->in, "pdf").getValue() != "obj")
            return QPDFObjectHandle::newNull();
        return QPDFObjectHandle::parse(o->in, "object", words, empty, nullptr, &o->q);
    });
}

pdf_object pdf_objects_parse_at(struct pdf_objects *o, uint64_t offset, int64_t *end)
{
    return object(o, [&] {
        QPDFTokenizer words;
        bool empty = false;
        o->in->seek(static_cast<qpdf_offset_t>(offset), SEEK_SET);
        auto h = QPDFObjectHandle::parse(o->in, "object", words, empty, nullptr, &o->q);
        *end = o->in->tell();
        return h;
    });
}

pdf_object pdf_objects_parse(struct pdf_objects *o, struct str source)
{
    return object(
        o, [&] { return QPDFObjectHandle::parse(&o->q, std::string(source.p, source.n), "text"); });
}

int pdf_objects_id(struct pdf_objects *o, pdf_object x)
{
    return guarded<int>(o, 0, [&] { return at(o, x).getObjectID(); });
}

int pdf_objects_generation(struct pdf_objects *o, pdf_object x)
{
    return guarded<int>(o, 0, [&] { return at(o, x).getGeneration(); });
}

#define PREDICATE(name, method)                                                                    \
    bool name(struct pdf_objects *o, pdf_object x)                                                 \
    {                                                                                              \
        return truth(o, [&] { return at(o, x).method(); });                                        \
    }
PREDICATE(pdf_objects_is_indirect, isIndirect)
PREDICATE(pdf_objects_is_array, isArray)
PREDICATE(pdf_objects_is_dictionary, isDictionary)
PREDICATE(pdf_objects_is_stream, isStream)
PREDICATE(pdf_objects_is_string, isString)
PREDICATE(pdf_objects_is_integer, isInteger)
PREDICATE(pdf_objects_is_number, isNumber)
PREDICATE(pdf_objects_is_name, isName)
PREDICATE(pdf_objects_is_bool, isBool)

bool pdf_objects_is_null(struct pdf_objects *o, pdf_object x)
{
    return guarded<bool>(o, true, [&] { return at(o, x).isNull(); });
}

bool pdf_objects_bool(struct pdf_objects *o, pdf_object x)
{
    return truth(o, [&] { return at(o, x).isBool() && at(o, x).getBoolValue(); });
}

int64_t pdf_objects_integer(struct pdf_objects *o, pdf_object x)
{
    return guarded<int64_t>(
        o, 0, [&] { return at(o, x).isInteger() ? at(o, x).getIntValue() : int64_t(0); });
}

double pdf_objects_number(struct pdf_objects *o, pdf_object x)
{
    return guarded<double>(o, 0,
                           [&] { return at(o, x).isNumber() ? at(o, x).getNumericValue() : 0.0; });
}

#define TEXT(name, method)                                                                         \
    struct bytes name(struct pdf_objects *o, pdf_object x)                                         \
    {                                                                                              \
        return text(o, [&] { return at(o, x).method(); });                                         \
    }
TEXT(pdf_objects_name, getName)
TEXT(pdf_objects_string, getStringValue)
TEXT(pdf_objects_utf8, getUTF8Value)
TEXT(pdf_objects_unparse, unparse)
TEXT(pdf_objects_unparse_resolved, unparseResolved)

int pdf_objects_length(struct pdf_objects *o, pdf_object array)
{
    return guarded<int>(o, 0,
                        [&] { return at(o, array).isArray() ? at(o, array).getArrayNItems() : 0; });
}

pdf_object pdf_objects_item(struct pdf_objects *o, pdf_object array, int i)
{
    return object(o, [&] { return at(o, array).getArrayItem(i); });
}

pdf_object pdf_objects_dictionary(struct pdf_objects *o, pdf_object stream)
{
    return object(o, [&] { return dictionary_of(o, stream); });
}

pdf_object pdf_objects_get(struct pdf_objects *o, pdf_object dictionary, const char *key)
{
    return object(o, [&] {
        QPDFObjectHandle d = dictionary_of(o, dictionary);
        return d.isDictionary() ? d.getKey(key) : QPDFObjectHandle::newNull();
    });
}

bool pdf_objects_has(struct pdf_objects *o, pdf_object dictionary, const char *key)
{
    return truth(o, [&] {
        QPDFObjectHandle d = dictionary_of(o, dictionary);
        return d.isDictionary() && d.hasKey(key);
    });
}

void pdf_objects_keys_begin(struct pdf_objects *o, pdf_object dictionary)
{
    o->keys.clear();
    (void)truth(o, [&] {
        QPDFObjectHandle d = dictionary_of(o, dictionary);
        if (d.isDictionary())
            o->keys = d.getKeys();
        return true;
    });
    o->key = o->keys.begin();
}

const char *pdf_objects_keys_next(struct pdf_objects *o)
{
    return o->key == o->keys.end() ? nullptr : (o->key++)->c_str();
}

enum err pdf_objects_stream(struct pdf_objects *o, pdf_object stream, bool decoded, size_t max,
                            struct buf *out)
{
    bool done = truth(o, [&] {
        sink to(out, max);
        QPDFObjectHandle h = at(o, stream);
        return h.isStream() &&
               h.pipeStreamData(&to, nullptr, 0, decoded ? qpdf_dl_generalized : qpdf_dl_none,
                                false, false);
    });
    enum err rc = pdf_objects_check(o);
    if (rc == E_OK && !buf_ok(out))
        rc = FAIL(E_LIMIT, "pdf-too-complex", "a stream is too long");
    return rc == E_OK && !done ? FAIL(E_INPUT, "pdf-damaged", "a stream cannot be decoded") : rc;
}

bool pdf_objects_stream_sha256(struct pdf_objects *o, pdf_object stream, struct bytes32 *out)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool done = ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), nullptr) && truth(o, [&] {
                    hasher to(ctx);
                    QPDFObjectHandle h = at(o, stream);
                    return h.isStream() &&
                           h.pipeStreamData(&to, nullptr, 0, qpdf_dl_none, false, false) && to.good;
                });
    done = done && EVP_DigestFinal_ex(ctx, out->b, nullptr);
    EVP_MD_CTX_free(ctx);
    return done;
}

int64_t pdf_objects_offset(struct pdf_objects *o, pdf_object x)
{
    return guarded<int64_t>(o, -1, [&] { return at(o, x).getParsedOffset(); });
}

pdf_object pdf_objects_new_null(struct pdf_objects *)
{
    return 0;
}

pdf_object pdf_objects_new_array(struct pdf_objects *o)
{
    return object(o, [&] { return QPDFObjectHandle::newArray(); });
}

pdf_object pdf_objects_new_dictionary(struct pdf_objects *o)
{
    return object(o, [&] { return QPDFObjectHandle::newDictionary(); });
}

pdf_object pdf_objects_new_integer(struct pdf_objects *o, int64_t v)
{
    return object(o, [&] { return QPDFObjectHandle::newInteger(v); });
}

pdf_object pdf_objects_new_name(struct pdf_objects *o, const char *name)
{
    return object(o, [&] { return QPDFObjectHandle::newName(name); });
}

pdf_object pdf_objects_new_string(struct pdf_objects *o, struct bytes value)
{
    return object(o, [&] {
        return QPDFObjectHandle::newString(
            std::string(reinterpret_cast<const char *>(value.p), value.n));
    });
}

void pdf_objects_replace(struct pdf_objects *o, int id, int gen, pdf_object value)
{
    (void)truth(o, [&] {
        o->q.replaceObject(id, gen, at(o, value));
        return true;
    });
}

void pdf_objects_set(struct pdf_objects *o, pdf_object dictionary, const char *key,
                     pdf_object value)
{
    (void)truth(o, [&] {
        dictionary_of(o, dictionary).replaceKey(key, at(o, value));
        return true;
    });
}

void pdf_objects_remove(struct pdf_objects *o, pdf_object dictionary, const char *key)
{
    (void)truth(o, [&] {
        dictionary_of(o, dictionary).removeKey(key);
        return true;
    });
}

void pdf_objects_append(struct pdf_objects *o, pdf_object array, pdf_object item)
{
    (void)truth(o, [&] {
        at(o, array).appendItem(at(o, item));
        return true;
    });
}

void pdf_objects_write(struct pdf_objects *o, pdf_object x, pdf_objects_string_fn *string,
                       void *arg, struct buf *out)
{
    (void)truth(o, [&] {
        write(at(o, x), string, arg, out, 0);
        return true;
    });
}

enum err pdf_objects_rewrite(struct pdf_objects *o, struct buf *out)
{
    (void)truth(o, [&] {
        sink to(out, out->max);
        QPDFWriter w(o->q);
        w.setOutputPipeline(&to);
        w.setStreamDataMode(qpdf_s_preserve);
        w.write();
        return true;
    });
    enum err rc = pdf_objects_check(o);
    return rc == E_OK && !buf_ok(out) ? FAIL(E_LIMIT, "pdf-too-large", "rewritten") : rc;
}
}
