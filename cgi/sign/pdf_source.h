/*
 * pdf_source.h - where the bytes of a PDF come from: memory, or anything that can be read at an
 * offset (pieces of a stored document, a file). Whoever reads PDFs reads through this, so that
 * memory does not grow with the document. A source is a value; what `arg` and `memory` point at
 * must outlive its use.
 */
#pragma once

#include "base/str.h"

#include <openssl/evp.h>

struct pdf_source {
    uint64_t size;
    /*
     * Exactly the bytes [offset, offset + n) into p; only asked for what lies within `size`. Called
     * with small and with large n, mostly forward, sometimes back: keep the last piece. What it
     * fails with is passed on. Unused when `memory` is set.
     */
    enum err (*read)(void *arg, uint64_t offset, uint8_t *p, size_t n);
    void *arg;
    struct bytes memory; /* p set: all of it is here */
};

struct pdf_source pdf_source_memory(struct bytes file);

/* `base` followed by `tail`. Both must outlive it; the little that it needs comes from the arena.
 */
struct pdf_source pdf_source_joined(struct arena *a, const struct pdf_source *base,
                                    struct bytes tail);

/* Its first `size` bytes (at most all): an older revision. */
struct pdf_source pdf_source_cut(const struct pdf_source *s, uint64_t size);

/* The bytes [offset, offset + n). E_INPUT "pdf-truncated" beyond the end, or what `read` says. */
enum err pdf_source_read(const struct pdf_source *s, uint64_t offset, uint8_t *p,
                         size_t n) MUST_CHECK;

/* Feed the bytes [from, to) to digests, in one pass; entries of `ctx` may be NULL. */
enum err pdf_source_hash(const struct pdf_source *s, uint64_t from, uint64_t to,
                         EVP_MD_CTX *const *ctx, size_t n) MUST_CHECK;

/* SHA-256 of all of it. */
enum err pdf_source_sha256(const struct pdf_source *s, struct bytes32 *out) MUST_CHECK;
