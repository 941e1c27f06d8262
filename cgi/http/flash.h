/*
 * flash.h - private to http/: a message for the next page, carried in a signed cookie that lives
 * for a minute and is removed when shown.
 */
#pragma once

#include "http/exchange.h"

void flash_leave(struct resp *rs, const char *tone, struct msg heading, struct str text);
/* Put the message of the previous answer, if there is one, into the page and remove the cookie. */
void flash_take(struct req *rq, struct page_context *page);
