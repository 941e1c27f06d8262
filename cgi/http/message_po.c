/* message_po.c - reads gettext .po files. */
#include "http/message_po.h"

#include "base/buf.h"

enum { PO_TEXT_MAX = 64 * 1024 };

/* Which text the following "..." lines belong to. */
enum part { PART_NONE, PART_CONTEXT, PART_ID, PART_TEXT, PART__MAX };

struct reader {
    struct arena *a, *scratch; /* scratch: lines */
    const char *file;
    uint32_t line, entry_line;
    struct buf parts[PART__MAX];
    bool seen[PART__MAX];
    bool fuzzy;
    enum part now;
    enum err (*take)(void *arg, const struct message_po_entry *entry);
    void *arg;
};

static enum err refuse(const struct reader *r, const char *why)
{
    return FAIL(E_INPUT, "message", "%s:%u: %s", r->file, r->line, why);
}

static struct str taken(struct reader *r, enum part part)
{
    const struct buf *b = &r->parts[part];

    return b->n == 0 ? STR("") : str_of(r->a, (const char *)b->p, b->n);
}

/* An entry is complete: hand it on and begin anew. */
static enum err finish(struct reader *r)
{
    enum err e = E_OK;

    if (r->seen[PART_ID] && !r->seen[PART_TEXT])
        return refuse(r, "msgid without msgstr");
    for (int i = 0; i < PART__MAX; i++)
        if (!buf_ok(&r->parts[i]))
            return refuse(r, "text is too long");
    if (r->seen[PART_ID] && r->parts[PART_ID].n > 0) {
        struct message_po_entry entry = { taken(r, PART_ID), taken(r, PART_TEXT), r->file,
                                          r->entry_line };
        if (r->seen[PART_CONTEXT])
            entry.id =
                str_fmt(r->a, "%.*s\004%.*s", STR_ARG(taken(r, PART_CONTEXT)), STR_ARG(entry.id));
        if (r->fuzzy)
            entry.text = STR("");
        e = r->take(r->arg, &entry);
    }
    for (int i = 0; i < PART__MAX; i++) {
        buf_reset(&r->parts[i]);
        r->seen[i] = false;
    }
    r->fuzzy = false;
    r->now = PART_NONE;
    return e;
}

/* "text with \n and \"" up to the end of the line. */
static enum err quoted(struct reader *r, struct str line, size_t at)
{
    struct buf *b = &r->parts[r->now];

    if (at >= line.n || line.p[at] != '"')
        return refuse(r, "expected a text in double quotes");
    for (at++; at < line.n && line.p[at] != '"'; at++) {
        char c = line.p[at];

        if (c == '\\') {
            c = ++at < line.n ? line.p[at] : '\0';
            if (c == 'n')
                c = '\n';
            else if (c == 't')
                c = '\t';
            else if (c != '"' && c != '\\')
                return refuse(r, "unknown escape");
        }
        buf_add_char(b, c);
    }
    return at + 1 == line.n ? E_OK : refuse(r, "text does not end with the line");
}

/* `keyword "text"`: a new part of the entry. */
static enum err keyword(struct reader *r, struct str line)
{
    static const struct {
        struct str word;
        enum part part;
    } words[] = { { { "msgctxt ", 8 }, PART_CONTEXT },
                  { { "msgid ", 6 }, PART_ID },
                  { { "msgstr ", 7 }, PART_TEXT } };

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        enum part part = words[i].part;

        if (!str_starts(line, words[i].word))
            continue;
        if (part != PART_TEXT && r->seen[PART_TEXT]) {
            enum err e = finish(r);

            if (e != E_OK)
                return e;
        }
        if (r->seen[part] || (part == PART_TEXT && !r->seen[PART_ID]))
            return refuse(r, "out of order");
        r->seen[part] = true;
        r->now = part;
        if (part == PART_ID)
            r->entry_line = r->line;
        return quoted(r, line, words[i].word.n);
    }
    return refuse(r, "expected msgctxt, msgid, msgstr, a text or a comment");
}

static enum err take_line(struct reader *r, struct str line)
{
    enum err e = E_OK;

    if (line.n == 0)
        return E_OK;
    if (line.p[0] == '"')
        return r->now == PART_NONE ? refuse(r, "text of nothing") : quoted(r, line, 0);
    if (line.p[0] != '#')
        return keyword(r, line);
    if (str_starts(line, STR("#~")))
        return refuse(r, "obsolete entries are deleted, not kept");
    if (r->seen[PART_TEXT])
        e = finish(r);
    if (str_starts(line, STR("#, fuzzy")))
        r->fuzzy = true;
    return e;
}

static enum err take_lines(struct reader *r, struct str contents)
{
    size_t at = 0;

    while (at < contents.n) {
        size_t end = str_find(contents, '\n', at);
        struct str line;
        enum err e;

        if (end == SIZE_MAX)
            end = contents.n;
        line = str_trim(r->scratch, str_sub(r->scratch, contents, at, end));
        r->line++;
        e = take_line(r, line);
        arena_reset(r->scratch);
        if (e != E_OK)
            return e;
        at = end + 1;
    }
    return finish(r);
}

enum err message_po_read(struct arena *a, const char *file, struct str contents,
                         enum err (*take)(void *arg, const struct message_po_entry *entry),
                         void *arg)
{
    struct reader r = { .a = a, .file = file, .take = take, .arg = arg };
    enum err e;

    if (contents.n > 0 && !utf8_valid(contents.p, contents.n))
        return FAIL(E_INPUT, "message", "%s: not UTF-8", file);
    r.scratch = arena_new(contents.n * 2 + 65536);
    for (int i = 0; i < PART__MAX; i++)
        r.parts[i] = buf_init(PO_TEXT_MAX);
    e = take_lines(&r, contents);
    arena_free(r.scratch);
    for (int i = 0; i < PART__MAX; i++)
        buf_free(&r.parts[i]);
    return e;
}
