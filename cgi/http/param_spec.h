/*
 * param_spec.h - what a row of a parameter table holds. Write rows with the macros of param.h.
 */
#pragma once

#include "base/buf.h"
#include "base/clock.h"
#include "base/ids.h"
#include "base/json.h"
#include "base/secret.h"

enum param_kind {
    PARAM_KIND_END,
    PARAM_KIND_TEXT,      /* one line */
    PARAM_KIND_MULTILINE, /* line feeds and tabs allowed; CR LF becomes LF */
    PARAM_KIND_TEXTS,     /* the same name repeated (or a JSON array): one-line texts */
    PARAM_KIND_TOKEN,     /* [A-Za-z0-9._~-], for public ids, codes and mailed tokens */
    PARAM_KIND_EMAIL,
    PARAM_KIND_PATH, /* a path of our own ("/documents?page=2"), safe to redirect to */
    PARAM_KIND_INT,
    PARAM_KIND_ID,
    PARAM_KIND_FLAG,
    PARAM_KIND_CHOICE,
    PARAM_KIND_DATE, /* 2026-11-20, as midnight in Japan */
    PARAM_KIND_SECRET,
    PARAM_KIND_FILE,
    PARAM_KIND_FILES,
    PARAM_KIND_STREAM, /* a file that the route's intake takes as it comes */
    PARAM_KIND_STREAMS,
    PARAM_KIND_JSON /* any JSON value of a JSON body */
};

/* A file out of a multipart body: in memory and wiped when the request ends, or handed over while
 * it arrives (PARAM_STREAM). */
struct upload {
    struct str filename; /* last path component, cleaned of control characters; may be empty */
    struct str type;     /* as the browser claims it: never trust it */
    struct bytes data;   /* absent when streamed */
    uint64_t size;
    void *sink; /* of the route's intake, when streamed */
};

/* One word of a PARAM_CHOICE; a table of them ends with { NULL, 0 }. */
struct choice {
    const char *word;
    int value;
};

#define PARAM_OPTIONAL 1u

struct param {
    const char *name;
    enum param_kind kind;
    size_t offset;
    size_t count_offset; /* of the size_t beside TEXTS and FILES */
    int64_t lo, hi;      /* characters, bytes, or values */
    int64_t fallback;    /* INT, CHOICE: value when optional and absent */
    const struct choice *choices;
    size_t many; /* TEXTS, FILES: greatest number */
    uint32_t flags;
};
