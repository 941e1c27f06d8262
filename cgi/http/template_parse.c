/* template_parse.c - Mustache text to a tree. */
#include "http/template.h"

/* Tags nest; each level remembers where its next node goes. */
struct level {
    struct template_node *section;
    struct template_node **tail;
};

struct parser {
    const struct template_source *s;
    struct arena *a;
    const char *p; /* the text */
    size_t n, at;  /* its length; where we are */
    uint32_t line;
    size_t counted; /* newlines before this offset are in `line` */
    struct str open, close;
    bool words_only; /* text of the catalogue: {{name}} and nothing else */
    size_t depth;
    struct level levels[TEMPLATE_DEPTH_MAX];
};

/* One tag as written. */
struct tag {
    char sigil; /* # ^ / > ! = & { or 0 for a plain name */
    struct str name;
    size_t from, to;   /* the whole tag */
    struct str indent; /* white space before a tag alone on its line */
};

static enum err refuse(const struct parser *ps, const char *why, struct str name)
{
    return FAIL(E_INPUT, "template", "%s:%u: %s: %.*s", ps->s->file, ps->line, why, STR_ARG(name));
}

static void count_lines(struct parser *ps, size_t to)
{
    for (; ps->counted < to; ps->counted++)
        if (ps->p[ps->counted] == '\n')
            ps->line++;
}

static size_t find(const struct parser *ps, struct str what, size_t from)
{
    for (size_t i = from; i + what.n <= ps->n; i++)
        if (memcmp(ps->p + i, what.p, what.n) == 0)
            return i;
    return SIZE_MAX;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static struct str trimmed(const struct parser *ps, size_t from, size_t to)
{
    while (from < to && is_space(ps->p[from]))
        from++;
    while (to > from && is_space(ps->p[to - 1]))
        to--;
    return str_of(ps->a, ps->p + from, to - from);
}

static struct template_node *add(struct parser *ps, enum template_kind kind, struct str text)
{
    struct template_node *node = ARENA_NEW(ps->a, struct template_node);

    node->kind = kind;
    node->text = text;
    node->file = ps->s->file;
    node->line = ps->line;
    *ps->levels[ps->depth].tail = node;
    ps->levels[ps->depth].tail = &node->next;
    return node;
}

static void add_text(struct parser *ps, size_t from, size_t to)
{
    if (from >= to)
        return;
    if (ps->words_only && ps->s->html) {
        struct buf b = buf_init(6 * TEMPLATE_SOURCE_MAX);
        template_render_escape(&b, (struct str){ ps->p + from, to - from });
        add(ps, TEMPLATE_TEXT, str_of(ps->a, (const char *)b.p, b.n));
        buf_free(&b);
        return;
    }
    add(ps, TEMPLATE_TEXT, str_of(ps->a, ps->p + from, to - from));
}

/* Read the tag that begins at `from`, where the opening delimiter is. */
static enum err read_tag(struct parser *ps, size_t from, struct tag *t)
{
    size_t body = from + ps->open.n;
    struct str close = ps->close;
    size_t end;

    *t = (struct tag){ .from = from };
    if (body < ps->n && strchr("#^/>!=&{", ps->p[body]) != NULL)
        t->sigil = ps->p[body++];
    if (t->sigil == '{' || t->sigil == '=')
        close = str_fmt(ps->a, "%c%.*s", t->sigil == '{' ? '}' : '=', STR_ARG(ps->close));
    end = find(ps, close, body);
    if (end == SIZE_MAX)
        return refuse(ps, "tag is not closed", STR(""));
    t->name = trimmed(ps, body, end);
    t->to = end + close.n;
    if (t->name.n == 0 && t->sigil != '!')
        return refuse(ps, "tag without a name", STR(""));
    return E_OK;
}

/* A tag alone on its line takes the line with it. True: text before ends at *text_to. */
static bool standalone(struct parser *ps, struct tag *t, size_t *text_to)
{
    size_t begin = t->from, after = t->to;

    if (t->sigil == 0 || t->sigil == '&' || t->sigil == '{')
        return false;
    while (begin > 0 && (ps->p[begin - 1] == ' ' || ps->p[begin - 1] == '\t'))
        begin--;
    if (begin > 0 && ps->p[begin - 1] != '\n')
        return false;
    while (after < ps->n && (ps->p[after] == ' ' || ps->p[after] == '\t'))
        after++;
    if (after + 1 < ps->n && ps->p[after] == '\r' && ps->p[after + 1] == '\n')
        after++;
    if (after < ps->n && ps->p[after] != '\n')
        return false;
    t->indent = str_of(ps->a, ps->p + begin, t->from - begin);
    t->to = after < ps->n ? after + 1 : after;
    *text_to = begin;
    return true;
}

static enum err open_section(struct parser *ps, const struct tag *t)
{
    struct template_node *node;

    node = add(ps, t->sigil == '#' ? TEMPLATE_SECTION : TEMPLATE_INVERTED, t->name);
    if (ps->depth + 1 >= TEMPLATE_DEPTH_MAX)
        return refuse(ps, "sections nest too deep", t->name);
    ps->depth++;
    ps->levels[ps->depth] = (struct level){ node, &node->child };
    return E_OK;
}

static enum err close_section(struct parser *ps, const struct tag *t)
{
    if (ps->depth == 0)
        return refuse(ps, "closes what is not open", t->name);
    if (!str_eq(ps->levels[ps->depth].section->text, t->name))
        return refuse(ps, "closes another section", t->name);
    ps->depth--;
    return E_OK;
}

/* {{=<% %>=}}: two words without white space or '='. */
static enum err set_delimiters(struct parser *ps, const struct tag *t)
{
    size_t i = 0, j;

    while (i < t->name.n && !is_space(t->name.p[i]))
        i++;
    for (j = i; j < t->name.n && is_space(t->name.p[j]);)
        j++;
    ps->open = str_sub(ps->a, t->name, 0, i);
    ps->close = str_sub(ps->a, t->name, j, t->name.n);
    if (i == 0 || ps->close.n == 0 || str_find(t->name, '=', 0) != SIZE_MAX)
        return refuse(ps, "bad delimiters", t->name);
    for (size_t k = 0; k < ps->close.n; k++)
        if (is_space(ps->close.p[k]))
            return refuse(ps, "bad delimiters", t->name);
    return E_OK;
}

/* The id of a catalogue text: white space collapsed, as it breaks over lines in a template. */
static struct str collapse(struct arena *a, struct str s)
{
    char *out = arena_alloc(a, s.n + 1);
    size_t n = 0;

    for (size_t i = 0; i < s.n; i++) {
        if (!is_space(s.p[i]))
            out[n++] = s.p[i];
        else if (n > 0 && out[n - 1] != ' ')
            out[n++] = ' ';
    }
    return (struct str){ out, n };
}

/* {{#_}}words{{/_}}: look the words up and put the tree of their translation here. */
static enum err take_words(struct parser *ps, struct tag *t)
{
    struct template_node *tree, **tail = ps->levels[ps->depth].tail;
    size_t end = find(ps, STR("{{/_}}"), t->to);
    struct str id, text;
    enum err e;

    if (end == SIZE_MAX)
        return refuse(ps, "words are not closed", t->name);
    id = collapse(ps->a, trimmed(ps, t->to, end));
    if (str_find(id, '<', 0) != SIZE_MAX)
        return refuse(ps, "words are plain text, without tags", id);
    if (id.n == 0)
        return refuse(ps, "no words", id);
    e = ps->s->words(ps->s->words_arg, id, &text);
    if (e != E_OK)
        return e;
    e = template_parse_words(ps->s, ps->a, text, ps->line, &tree);
    if (e != E_OK)
        return e;
    *tail = tree;
    while (*tail != NULL)
        tail = &(*tail)->next;
    ps->levels[ps->depth].tail = tail;
    t->to = end + strlen("{{/_}}");
    return E_OK;
}

static enum err take_tag(struct parser *ps, const struct tag *t)
{
    if (ps->words_only && t->sigil != 0)
        return refuse(ps, "only {{name}} may stand among words", t->name);
    if (ps->s->strict && t->sigil != 0 && strchr("{&=", t->sigil) != NULL)
        return refuse(ps, "unescaped values and new delimiters are refused", t->name);
    switch (t->sigil) {
    case '!':
        return E_OK;
    case '#':
    case '^':
        return open_section(ps, t);
    case '/':
        return close_section(ps, t);
    case '=':
        return set_delimiters(ps, t);
    case '>':
        add(ps, TEMPLATE_PARTIAL, t->name)->indent = t->indent;
        return E_OK;
    default:
        add(ps, TEMPLATE_VALUE, t->name)->raw = t->sigil != 0;
        return E_OK;
    }
}

static enum err parse_all(struct parser *ps)
{
    for (;;) {
        size_t from = find(ps, ps->open, ps->at), text_to = from;
        struct tag t;
        bool words;
        enum err e;

        if (from == SIZE_MAX)
            break;
        count_lines(ps, from);
        e = read_tag(ps, from, &t);
        if (e != E_OK)
            return e;
        words = ps->s->words != NULL && !ps->words_only && t.sigil == '#' && str_eq_z(t.name, "_");
        if (!words)
            standalone(ps, &t, &text_to);
        add_text(ps, ps->at, text_to);
        e = words ? take_words(ps, &t) : take_tag(ps, &t);
        if (e != E_OK)
            return e;
        ps->at = t.to;
    }
    add_text(ps, ps->at, ps->n);
    if (ps->depth > 0)
        return refuse(ps, "section is not closed", ps->levels[ps->depth].section->text);
    return E_OK;
}

static enum err parse(const struct template_source *s, struct arena *a, struct str text,
                      uint32_t line, bool words_only, struct template_node **out)
{
    struct template_node *root = NULL;
    struct parser parser, *ps = &parser;
    enum err e;

    *out = NULL;
    *ps = (struct parser){ .s = s,
                           .a = a,
                           .p = text.p,
                           .n = text.n,
                           .line = line,
                           .open = STR("{{"),
                           .close = STR("}}"),
                           .words_only = words_only };
    ps->levels[0].tail = &root;
    if (text.n > TEMPLATE_SOURCE_MAX)
        return refuse(ps, "template is too long", STR(""));
    e = parse_all(ps);
    if (e == E_OK)
        *out = root;
    return e;
}

enum err template_parse(const struct template_source *s, struct arena *a,
                        struct template_node **out)
{
    return parse(s, a, s->text, 1, false, out);
}

enum err template_parse_words(const struct template_source *s, struct arena *a, struct str words,
                              uint32_t line, struct template_node **out)
{
    return parse(s, a, words, line, true, out);
}
