/* bulk_pages.h - pages of the bulk slice: /bulk and below. */
#pragma once

#include "features/bulk/bulk_words.h"
#include "http/route.h"
#include "http/view.h"

/* List and upload; files that go out; one run; its buttons. */
extern const struct route bulk_routes[], bulk_file_routes[], bulk_run_routes[], bulk_steer_routes[];
extern const struct view *const bulk_views[];
/* Texts of the slice's reason codes, for error pages. */
struct msg;
bool bulk_reasons_text(const char *reason, struct msg *text);
/* Texts of the codes of other slices, which say most of what is found about a row: at start. */
typedef bool (*bulk_words_of)(const char *reason, struct msg *text);
void bulk_pages_reasons(bulk_words_of words);
/* Words of mails, for the worker. */
extern const bulk_words_fn bulk_pages_words;
