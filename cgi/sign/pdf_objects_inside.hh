/*
 * pdf_objects_inside.hh - shared by the files of the binding: what lies behind a struct
 * pdf_objects, and how each call into qpdf is guarded.
 */
#pragma once

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

struct pdf_objects {
    QPDF q;
    std::shared_ptr<pdf_objects_io::input> in;
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

namespace pdf_objects_io
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

inline pdf_object keep(pdf_objects *o, QPDFObjectHandle h)
{
    o->handles.push_back(std::move(h));
    return static_cast<pdf_object>(o->handles.size() - 1);
}

inline QPDFObjectHandle at(pdf_objects *o, pdf_object x)
{
    return x < o->handles.size() ? o->handles[x] : o->handles[0];
}

inline QPDFObjectHandle dictionary_of(pdf_objects *o, pdf_object x)
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

} // namespace pdf_objects_io
