/* template_html.c - follows HTML text to know where values stand. */
#include "http/template_html.h"

/* Attributes whose value is an address: a value of data there could be "javascript:...". */
static const char *const url_attributes[] = { "href",   "src",  "action",     "formaction",
                                              "poster", "data", "xlink:href", "cite" };

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static void name_add(struct template_html *h, char c)
{
    if (h->name_n + 1 < sizeof(h->name))
        h->name[h->name_n++] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
    h->name[h->name_n] = '\0';
}

static void name_reset(struct template_html *h)
{
    h->name_n = 0;
    h->name[0] = '\0';
}

/* The tag is complete: text follows, or what must not hold values. */
static void tag_done(struct template_html *h)
{
    bool raw = strcmp(h->element, "script") == 0 || strcmp(h->element, "style") == 0;

    h->state = raw && !h->closing ? TEMPLATE_HTML_RAW : TEMPLATE_HTML_TEXT;
    name_reset(h);
}

static const char *attribute_done(struct template_html *h)
{
    if (strncmp(h->name, "on", 2) == 0)
        return "event handlers are refused: attach script by a data- attribute";
    if (strcmp(h->name, "style") == 0)
        return "style attributes are refused: use a class";
    if (strcmp(h->name, "srcdoc") == 0)
        return "srcdoc is refused";
    h->url = false;
    for (size_t i = 0; i < sizeof(url_attributes) / sizeof(url_attributes[0]); i++)
        if (strcmp(h->name, url_attributes[i]) == 0)
            h->url = true;
    return NULL;
}

static const char *feed_open(struct template_html *h, char c)
{
    name_reset(h);
    h->closing = false;
    if (c == '!') {
        h->state = TEMPLATE_HTML_DECLARATION;
        h->dashes = 0;
    } else if (c == '/') {
        h->closing = true;
        h->state = TEMPLATE_HTML_TAG_NAME;
    } else if (is_letter(c)) {
        name_add(h, c);
        h->state = TEMPLATE_HTML_TAG_NAME;
    } else {
        return "a '<' that begins no tag: write &lt;";
    }
    return NULL;
}

static const char *feed_tag_name(struct template_html *h, char c)
{
    if (!is_space(c) && c != '>' && c != '/') {
        name_add(h, c);
        return NULL;
    }
    memcpy(h->element, h->name, sizeof(h->element));
    h->state = TEMPLATE_HTML_IN_TAG;
    if (c == '>')
        tag_done(h);
    return NULL;
}

static const char *feed_in_tag(struct template_html *h, char c)
{
    bool glued = h->glued;

    h->glued = false;
    if (is_space(c) || c == '/')
        return NULL;
    name_reset(h);
    if (c == '>') {
        tag_done(h);
        return NULL;
    }
    if (c == '"' || c == '\'' || c == '=' || c == '<')
        return "a character that begins no attribute";
    if (glued)
        return "a name must not be put together by a section";
    name_add(h, c);
    h->state = TEMPLATE_HTML_ATTRIBUTE;
    return NULL;
}

static const char *feed_attribute(struct template_html *h, char c)
{
    const char *wrong;

    if (c != '=' && c != '>' && c != '/' && !is_space(c)) {
        name_add(h, c);
        return NULL;
    }
    wrong = attribute_done(h);
    if (c == '=')
        h->state = TEMPLATE_HTML_EQUALS;
    else if (c == '>')
        tag_done(h);
    else
        h->state = TEMPLATE_HTML_IN_TAG;
    return wrong;
}

static const char *feed_declaration(struct template_html *h, char c)
{
    if (c == '-' && ++h->dashes == 2) {
        h->state = TEMPLATE_HTML_COMMENT;
        h->dashes = 0;
    } else if (c == '>') {
        h->state = TEMPLATE_HTML_TEXT;
    }
    return NULL;
}

static const char *feed_comment(struct template_html *h, char c)
{
    if (c == '>' && h->dashes >= 2)
        h->state = TEMPLATE_HTML_TEXT;
    h->dashes = c == '-' ? h->dashes + 1 : 0;
    return NULL;
}

/* Until </script or </style: only those two open this state, and both have bodies we never write.
 */
static const char *feed_raw(struct template_html *h, char c)
{
    if (c == '<') {
        h->state = TEMPLATE_HTML_TAG_OPEN;
        return NULL;
    }
    return is_space(c) ? NULL : "script and style bodies are refused: use a file in static/";
}

static const char *feed_char(struct template_html *h, char c)
{
    switch (h->state) {
    case TEMPLATE_HTML_TEXT:
        if (c == '<')
            h->state = TEMPLATE_HTML_TAG_OPEN;
        return NULL;
    case TEMPLATE_HTML_TAG_OPEN:
        return feed_open(h, c);
    case TEMPLATE_HTML_TAG_NAME:
        return feed_tag_name(h, c);
    case TEMPLATE_HTML_IN_TAG:
        return feed_in_tag(h, c);
    case TEMPLATE_HTML_ATTRIBUTE:
        return feed_attribute(h, c);
    case TEMPLATE_HTML_EQUALS:
        h->state = TEMPLATE_HTML_VALUE;
        h->begun = false;
        return c == '"' ? NULL : "attribute values stand in double quotes";
    case TEMPLATE_HTML_VALUE:
        if (c == '"')
            h->state = TEMPLATE_HTML_IN_TAG;
        h->begun = true;
        return NULL;
    case TEMPLATE_HTML_COMMENT:
        return feed_comment(h, c);
    case TEMPLATE_HTML_DECLARATION:
        return feed_declaration(h, c);
    case TEMPLATE_HTML_RAW:
        return feed_raw(h, c);
    }
    return NULL;
}

const char *template_html_feed(struct template_html *h, struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        const char *wrong = feed_char(h, text.p[i]);

        if (wrong != NULL)
            return wrong;
    }
    return NULL;
}

enum template_html_place template_html_value(struct template_html *h)
{
    bool first = !h->begun;

    if (h->state == TEMPLATE_HTML_TEXT)
        return TEMPLATE_HTML_PLACE_TEXT;
    if (h->state != TEMPLATE_HTML_VALUE)
        return TEMPLATE_HTML_PLACE_NONE;
    h->begun = true;
    if (!h->url)
        return TEMPLATE_HTML_PLACE_ATTRIBUTE;
    return first ? TEMPLATE_HTML_PLACE_URL_START : TEMPLATE_HTML_PLACE_URL_PART;
}

const char *template_html_settle(struct template_html *h)
{
    const char *wrong = NULL;

    switch (h->state) {
    case TEMPLATE_HTML_TAG_NAME:
        wrong = feed_tag_name(h, ' ');
        h->glued = true;
        break;
    case TEMPLATE_HTML_ATTRIBUTE:
        wrong = feed_attribute(h, ' ');
        h->glued = true;
        break;
    case TEMPLATE_HTML_TEXT:
    case TEMPLATE_HTML_IN_TAG:
    case TEMPLATE_HTML_VALUE:
        break;
    case TEMPLATE_HTML_TAG_OPEN:
    case TEMPLATE_HTML_EQUALS:
    case TEMPLATE_HTML_COMMENT:
    case TEMPLATE_HTML_DECLARATION:
    case TEMPLATE_HTML_RAW:
        return "a section cannot begin or end here";
    }
    return wrong;
}

bool template_html_same(const struct template_html *a, const struct template_html *b)
{
    return a->state == b->state && (a->state != TEMPLATE_HTML_VALUE || a->url == b->url);
}
