/*
 * pdf_objects.h - the objects of a PDF as libqpdf reads them: the only way to qpdf, and the only
 * C++ (its own C API cannot read from a source of ours, and tells no encryption key). No exception
 * gets out: what failed is kept until pdf_objects_check(), each call yields a null object or
 * nothing. Values are decrypted as they are read. Used by pdf_read and those that change objects.
 *
 * A pdf_object is a small number that lives until pdf_objects_close(); 0 is a null object.
 */
#pragma once

#include "base/buf.h"
#include "base/secret.h"
#include "sign/pdf_source.h"

struct pdf_objects;
typedef unsigned pdf_object;

/* How strings and streams are encrypted (ISO 32000-2 7.6). */
enum pdf_objects_cipher {
    PDF_OBJECTS_PLAIN,
    PDF_OBJECTS_RC4,
    PDF_OBJECTS_AES128, /* with a key of its own for each object */
    PDF_OBJECTS_AES256,
    PDF_OBJECTS_UNKNOWN,
};
struct pdf_objects_encryption {
    int revision;        /* of the standard security handler: 2 to 6 */
    int32_t permissions; /* /P, table 22 */
    bool owner;          /* opened with the owner's password */
    enum pdf_objects_cipher strings, streams;
    uint8_t key[32]; /* of the file */
    size_t key_n;
};

/*
 * Open; a NULL password is the empty one. `recover`: let qpdf look for objects itself where the
 * cross-reference is wrong. Errors as pdf_objects_check(); *out is NULL then.
 */
enum err pdf_objects_open(const struct pdf_source *s, const struct secret *password, bool recover,
                          struct pdf_objects **out) MUST_CHECK;
void pdf_objects_close(struct pdf_objects *o); /* NULL is fine */

/*
 * What failed since the last call; forgotten then, unless it was the source. E_INPUT "pdf-damaged",
 * "pdf-password-needed", "pdf-password-wrong"; E_UNSUPPORTED "pdf-encrypted" (no such security
 * handler); E_LIMIT "pdf-too-complex" (memory); and whatever the source failed with.
 */
enum err pdf_objects_check(struct pdf_objects *o) MUST_CHECK;
bool pdf_objects_failed(const struct pdf_objects *o);
/* Warnings since the last pdf_objects_misplaced(). */
bool pdf_objects_warned(struct pdf_objects *o);
/* Was an object met that is not the one listed for its place? Forgets all warnings. */
bool pdf_objects_misplaced(struct pdf_objects *o);
/* Was the object met with a key twice in a dictionary? Readers differ about it. 0: the trailer. */
bool pdf_objects_doubled(struct pdf_objects *o, int id);

/* Where the cross-reference says that an object is. */
enum pdf_objects_where { PDF_OBJECTS_NOWHERE, PDF_OBJECTS_AT_OFFSET, PDF_OBJECTS_IN_STREAM };
struct pdf_objects_place {
    enum pdf_objects_where where;
    int generation;
    bool several;    /* listed under several generations: readers differ about it */
    uint64_t offset; /* in the file, or the number of the object stream */
    int index;       /* in the object stream */
};
/* Of the objects 0 ... n - 1. */
void pdf_objects_places(struct pdf_objects *o, struct pdf_objects_place *out, size_t n);
/* False: not encrypted. */
bool pdf_objects_encrypted(struct pdf_objects *o, struct pdf_objects_encryption *out);

pdf_object pdf_objects_trailer(struct pdf_objects *o);
pdf_object pdf_objects_by_id(struct pdf_objects *o, int id, int gen);
/* Goes through all objects: the number behind the greatest that exists or is referred to. */
int pdf_objects_fresh_id(struct pdf_objects *o);
/* The object as it stands in the file, nothing decrypted; null in an object stream. */
pdf_object pdf_objects_raw(struct pdf_objects *o, int id, int gen);
/* What stands at an offset of the file, as it is; *end: where it ends. */
pdf_object pdf_objects_parse_at(struct pdf_objects *o, uint64_t offset, int64_t *end);
/* A value of its own from its text. */
pdf_object pdf_objects_parse(struct pdf_objects *o, struct str text);

int pdf_objects_id(struct pdf_objects *o, pdf_object x); /* 0: direct */
int pdf_objects_generation(struct pdf_objects *o, pdf_object x);
bool pdf_objects_is_indirect(struct pdf_objects *o, pdf_object x);
bool pdf_objects_is_null(struct pdf_objects *o, pdf_object x);
bool pdf_objects_is_array(struct pdf_objects *o, pdf_object x);
bool pdf_objects_is_dictionary(struct pdf_objects *o, pdf_object x); /* no stream */
bool pdf_objects_is_stream(struct pdf_objects *o, pdf_object x);
bool pdf_objects_is_string(struct pdf_objects *o, pdf_object x);
bool pdf_objects_is_integer(struct pdf_objects *o, pdf_object x);
bool pdf_objects_is_number(struct pdf_objects *o, pdf_object x);
bool pdf_objects_is_name(struct pdf_objects *o, pdf_object x);
bool pdf_objects_is_bool(struct pdf_objects *o, pdf_object x);

bool pdf_objects_bool(struct pdf_objects *o, pdf_object x);
int64_t pdf_objects_integer(struct pdf_objects *o, pdf_object x);
double pdf_objects_number(struct pdf_objects *o, pdf_object x);
/* These live until the next call about this document; absent on an error. A NUL is behind. */
struct bytes pdf_objects_name(struct pdf_objects *o, pdf_object x);   /* "/Name" */
struct bytes pdf_objects_string(struct pdf_objects *o, pdf_object x); /* its bytes */
struct bytes pdf_objects_utf8(struct pdf_objects *o, pdf_object x);   /* of a text string */
struct bytes pdf_objects_unparse(struct pdf_objects *o, pdf_object x);
struct bytes pdf_objects_unparse_resolved(struct pdf_objects *o, pdf_object x);

int pdf_objects_length(struct pdf_objects *o, pdf_object array);
pdf_object pdf_objects_item(struct pdf_objects *o, pdf_object array, int i);
/* Of a dictionary, or of a stream's. */
pdf_object pdf_objects_dictionary(struct pdf_objects *o, pdf_object stream);
pdf_object pdf_objects_get(struct pdf_objects *o, pdf_object dictionary, const char *key);
bool pdf_objects_has(struct pdf_objects *o, pdf_object dictionary, const char *key);
/* One iteration at a time: begin, then keys ("/Key", as above) until NULL. */
void pdf_objects_keys_begin(struct pdf_objects *o, pdf_object dictionary);
const char *pdf_objects_keys_next(struct pdf_objects *o);

/* Contents of a stream, decoded or as they are (decrypted in any case); E_LIMIT over `max`. */
enum err pdf_objects_stream(struct pdf_objects *o, pdf_object stream, bool decoded, size_t max,
                            struct buf *out) MUST_CHECK;
/* SHA-256 of the contents as they are, read piece by piece. */
bool pdf_objects_stream_sha256(struct pdf_objects *o, pdf_object stream, struct bytes32 *out);
/* Where it was read; negative when it was not. */
int64_t pdf_objects_offset(struct pdf_objects *o, pdf_object x);

pdf_object pdf_objects_new_null(struct pdf_objects *o);
pdf_object pdf_objects_new_array(struct pdf_objects *o);
pdf_object pdf_objects_new_dictionary(struct pdf_objects *o);
pdf_object pdf_objects_new_integer(struct pdf_objects *o, int64_t v);
pdf_object pdf_objects_new_name(struct pdf_objects *o, const char *name); /* "/Name" */
pdf_object pdf_objects_new_string(struct pdf_objects *o, struct bytes value);
void pdf_objects_replace(struct pdf_objects *o, int id, int gen, pdf_object value);
void pdf_objects_set(struct pdf_objects *o, pdf_object dictionary, const char *key,
                     pdf_object value);
void pdf_objects_remove(struct pdf_objects *o, pdf_object dictionary, const char *key);
void pdf_objects_append(struct pdf_objects *o, pdf_object array, pdf_object item);

/*
 * Write the text of an object, references inside kept, each string by `string` (NULL: as it is);
 * but never the /Contents of a signature dictionary (7.6.2).
 */
typedef void pdf_objects_string_fn(void *arg, struct bytes value, struct buf *out);
void pdf_objects_write(struct pdf_objects *o, pdf_object x, pdf_objects_string_fn *string,
                       void *arg, struct buf *out);
/* The whole document anew by qpdf's own writer, encrypted as before, without what is not used. */
enum err pdf_objects_rewrite(struct pdf_objects *o, struct buf *out) MUST_CHECK;
