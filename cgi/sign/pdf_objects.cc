/* pdf_objects.cc - see pdf_objects.h. A binding, nothing else: decisions are made in C. */
#include "sign/pdf_objects_inside.hh"

using namespace pdf_objects_io;

namespace
{

const int NESTING_MAX = 500;

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

} // namespace

extern "C" {

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
