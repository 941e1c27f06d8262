/*
 * template_html.h - where in an HTML page a value of a template would stand.
 *
 * Fed at compile time with the literal text of a template in order. It knows as much of HTML's
 * tokenizer (WHATWG HTML 13.2.5) as is needed to tell text from attribute values, and refuses what
 * a page of ours never needs.
 */
#pragma once

#include "base/str.h"

enum template_html_state {
    TEMPLATE_HTML_TEXT,
    TEMPLATE_HTML_TAG_OPEN, /* after "<" */
    TEMPLATE_HTML_TAG_NAME,
    TEMPLATE_HTML_IN_TAG,    /* between attributes */
    TEMPLATE_HTML_ATTRIBUTE, /* in an attribute's name */
    TEMPLATE_HTML_EQUALS,    /* after "=" */
    TEMPLATE_HTML_VALUE,     /* in a double-quoted value */
    TEMPLATE_HTML_COMMENT,
    TEMPLATE_HTML_DECLARATION, /* <!doctype html> */
    TEMPLATE_HTML_RAW          /* in script or style: no value may stand here */
};

struct template_html {
    enum template_html_state state;
    bool url;      /* the attribute holds a URL */
    bool begun;    /* its value has begun */
    bool closing;  /* in an end tag */
    char name[24]; /* of the tag or attribute being read, lower case, cut */
    size_t name_n;
    char element[24]; /* the open tag's name */
    bool glued;       /* a section ended or began here: no name may go on */
    size_t dashes;    /* comments: "-" seen in a row */
};

/* How a value has to be written where the text has arrived. */
enum template_html_place {
    TEMPLATE_HTML_PLACE_TEXT,      /* escaped */
    TEMPLATE_HTML_PLACE_ATTRIBUTE, /* escaped */
    TEMPLATE_HTML_PLACE_URL_START, /* begins a URL: only a value typed as one */
    TEMPLATE_HTML_PLACE_URL_PART,  /* percent-encoded */
    TEMPLATE_HTML_PLACE_NONE       /* no value may stand here */
};

/* Go on over literal text. Returns NULL, or what is wrong with it. */
const char *template_html_feed(struct template_html *h, struct str text) MUST_CHECK;
/* Where a value would stand now; notes that one stands there. */
enum template_html_place template_html_value(struct template_html *h);
/*
 * A section begins or ends here: finish the name being read, so that no name is glued together from
 * both sides. Returns NULL, or what is wrong with this place.
 */
const char *template_html_settle(struct template_html *h) MUST_CHECK;
/* Whether both stand at the same kind of place, so that text between may be left out. */
bool template_html_same(const struct template_html *a, const struct template_html *b);
