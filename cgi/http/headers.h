/* headers.h - private to http/: the head of an answer, with the security headers that all have. */
#pragma once

#include "http/exchange.h"

/* Write status line and headers for a body of `length` bytes. */
void headers_write(const struct req *rq, uint64_t length, struct buf *out);
/* "Not Found" ... */
const char *headers_reason(int status);
