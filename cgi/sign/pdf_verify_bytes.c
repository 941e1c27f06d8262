/*
 * pdf_verify_bytes.c - bytes behind a signature that no cross-reference reaches. Readers that
 * repair files find objects there that the others do not see.
 */
#include "sign/pdf_verify_inside.h"

#include <stdlib.h>

#define PIECE ((size_t)1 << 16)
#define BACK 64  /* "1234567890 00000 obj" is shorter */
#define NEAR 512 /* a cross-reference stream says what it is within these bytes */

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_space(uint8_t c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == 0;
}

/* The number that ends before *at, which moves to its start; -1 when there is none. */
static int64_t number_before(const uint8_t *p, size_t *at)
{
    size_t i = *at, digits = 0;
    int64_t v = 0, scale = 1;

    while (i > 0 && is_space(p[i - 1]))
        i--;
    if (i == *at)
        return -1;
    for (; i > 0 && is_digit(p[i - 1]) && digits < 10; digits++, scale *= 10)
        v += scale * (p[--i] - '0');
    *at = i;
    return digits ? v : -1;
}

/* "12 0 obj" ends at `at`: its number, and where it begins; -1 for anything else. */
static int64_t object_at(const uint8_t *p, size_t at, size_t *start)
{
    size_t i = at - 3;

    if (memcmp(p + i, "obj", 3) != 0 || number_before(p, &i) < 0)
        return -1;
    int64_t id = number_before(p, &i);
    *start = i;
    return id;
}

static bool says(const uint8_t *p, size_t n, const char *word)
{
    size_t w = strlen(word);
    for (size_t i = 0; i + w <= n; i++) {
        if (memcmp(p + i, word, w) == 0)
            return true;
    }
    return false;
}

struct scan {
    const struct pdf_objects_place *places;
    size_t places_n;
    uint64_t from, to;
};

/* Replaced by a later one of the same update is fine: that one is listed, and stands here as well.
 */
static bool is_listed(const struct scan *s, int64_t id)
{
    if (id < 0 || (uint64_t)id >= s->places_n)
        return false;
    const struct pdf_objects_place *p = &s->places[id];
    return p->where == PDF_OBJECTS_IN_STREAM ||
           (p->where == PDF_OBJECTS_AT_OFFSET && p->offset >= s->from && p->offset < s->to);
}

/* Every object whose head ends in p[from, to), of n bytes in all. */
static bool all_listed(const struct scan *s, const uint8_t *p, size_t from, size_t to, size_t n)
{
    for (size_t at = from > 3 ? from : 3; at < to; at++) {
        size_t start;
        int64_t id = p[at - 1] == 'j' ? object_at(p, at, &start) : -1;
        if (id < 0 || is_listed(s, id))
            continue;
        size_t near = n - at < NEAR ? n - at : NEAR;
        if (!says(p + at, near, "/XRef"))
            return false;
    }
    return true;
}

bool pdf_verify_bytes(struct pdf_verify_job *j, struct pdf_read *after, uint64_t from, uint64_t to)
{
    struct scan s = { .places_n = after->next_id, .from = from, .to = to };
    struct pdf_objects_place *places = calloc(s.places_n, sizeof *places);
    uint8_t *piece = malloc(BACK + PIECE + NEAR);
    bool good = places && piece;

    if (good)
        pdf_objects_places(after->qpdf, places, s.places_n);
    s.places = places;
    /* pieces overlap, so that no object and no mark of a cross-reference stream falls between */
    for (uint64_t at = from; good && at < to; at += PIECE) {
        uint64_t first = at - from < BACK ? from : at - BACK;
        uint64_t last = to - at < PIECE + NEAR ? to : at + PIECE + NEAR;
        size_t n = (size_t)(last - first), fresh = (size_t)(at - first);
        size_t end = to - at <= PIECE ? n + 1 : fresh + PIECE;
        good = pdf_source_read(&j->source, first, piece, n) == E_OK &&
               all_listed(&s, piece, fresh, end, n);
    }
    free(piece);
    free(places);
    return good;
}
