/*
 * pdf_objects_input.hh - what qpdf reads from and writes to in pdf_objects.cc, and nowhere else:
 * our sources with a little read-ahead, a buffer with a limit, a digest.
 */
#pragma once

#include <qpdf/InputSource.hh>
#include <qpdf/Pipeline.hh>

#include <algorithm>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>

extern "C" {
#include "sign/pdf_objects.h"
}

namespace pdf_objects_io
{

const size_t SLOT = 16384; /* read ahead */

/* Thrown through qpdf, which catches what is a std::exception and would go on. */
struct source_failure {
};
struct too_long {
};

class input final : public InputSource
{
  public:
    explicit input(const pdf_source &s) : source(s)
    {
    }

    qpdf_offset_t findAndSkipNextEOL() override;
    std::string const &getName() const override
    {
        return name;
    }
    qpdf_offset_t tell() override
    {
        return at;
    }
    void seek(qpdf_offset_t offset, int whence) override;
    void rewind() override
    {
        at = 0;
    }
    size_t read(char *to, size_t n) override;
    void unreadCh(char) override
    {
        at = std::max<qpdf_offset_t>(at - 1, 0);
    }

    bool failed = false;
    fault reason = {};

  private:
    struct slot {
        uint64_t from = 0;
        size_t n = 0;
        std::unique_ptr<uint8_t[]> bytes;
    };

    void fetch(uint64_t from, uint8_t *to, size_t n);
    const slot &around(uint64_t offset);

    pdf_source source;
    qpdf_offset_t at = 0;
    std::string name = "pdf";
    slot slots[4];
    unsigned next = 0;
};

inline void input::fetch(uint64_t from, uint8_t *to, size_t n)
{
    if (failed)
        throw source_failure();
    if (pdf_source_read(&source, from, to, n) == E_OK)
        return;
    failed = true;
    reason = *fault_current();
    throw source_failure();
}

inline const input::slot &input::around(uint64_t offset)
{
    for (const slot &s : slots) {
        if (offset >= s.from && offset - s.from < s.n)
            return s;
    }
    slot &s = slots[next++ % 4];
    if (!s.bytes)
        s.bytes.reset(new uint8_t[SLOT]);
    s.n = 0;
    s.from = offset - offset % (SLOT / 4);
    size_t n = static_cast<size_t>(std::min<uint64_t>(SLOT, source.size - s.from));
    fetch(s.from, s.bytes.get(), n);
    s.n = n;
    return s;
}

inline void input::seek(qpdf_offset_t offset, int whence)
{
    qpdf_offset_t base = whence == SEEK_SET   ? 0
                         : whence == SEEK_CUR ? at
                                              : static_cast<qpdf_offset_t>(source.size);
    if (offset < -base)
        throw std::runtime_error("seek before the beginning");
    at = base + offset;
}

inline size_t input::read(char *to, size_t n)
{
    uint64_t from = static_cast<uint64_t>(at);
    size_t done = 0;

    last_offset = at;
    n = from >= source.size ? 0 : static_cast<size_t>(std::min<uint64_t>(n, source.size - from));
    if (n >= SLOT || (n > 0 && source.memory.p)) {
        fetch(from, reinterpret_cast<uint8_t *>(to), n);
        done = n;
    }
    while (done < n) {
        const slot &s = around(from + done);
        size_t skip = static_cast<size_t>(from + done - s.from);
        size_t step = std::min(n - done, s.n - skip);
        memcpy(to + done, s.bytes.get() + skip, step);
        done += step;
    }
    at += static_cast<qpdf_offset_t>(n);
    return n;
}

/* Behind the line's end, all characters of it; yields where it begins. */
inline qpdf_offset_t input::findAndSkipNextEOL()
{
    qpdf_offset_t eol = -1, start = at;
    char piece[256];

    for (;;) {
        size_t n = read(piece, sizeof piece);
        for (size_t i = 0; i < n; i++) {
            bool ends = piece[i] == '\r' || piece[i] == '\n';
            qpdf_offset_t here = last_offset + static_cast<qpdf_offset_t>(i);
            if (ends && eol < 0)
                eol = here;
            if (!ends && eol >= 0) {
                at = here;
                last_offset = start;
                return eol;
            }
        }
        if (n < sizeof piece) {
            last_offset = start;
            return eol < 0 ? at : eol;
        }
    }
}

/* Takes what a stream holds, up to a limit. */
class sink final : public Pipeline
{
  public:
    sink(buf *b, size_t m) : Pipeline("sink", nullptr), out(b), max(m)
    {
    }
    void write(unsigned char const *data, size_t n) override
    {
        if (n > max - std::min(max, out->n))
            throw too_long();
        buf_add(out, data, n);
    }
    void finish() override
    {
    }

  private:
    buf *out;
    size_t max;
};

class hasher final : public Pipeline
{
  public:
    explicit hasher(EVP_MD_CTX *c) : Pipeline("hasher", nullptr), ctx(c)
    {
    }
    void write(unsigned char const *data, size_t n) override
    {
        good = EVP_DigestUpdate(ctx, data, n) == 1 && good;
    }
    void finish() override
    {
    }
    bool good = true;

  private:
    EVP_MD_CTX *ctx;
};

} // namespace pdf_objects_io
