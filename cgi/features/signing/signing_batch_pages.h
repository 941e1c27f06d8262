/* signing_batch_pages.h - what the pages of documents that are signed together share. */
#pragma once

/* Batch and token of what was authorised last; gone after ten minutes. */
#define SIGNING_BATCH_COOKIE "__Host-batch"
