/* exchange.c - see exchange.h */
#include "http/exchange.h"

void exchange_add_error(struct req *rq, struct str field, struct str text)
{
    if (rq->errors_n == rq->errors_cap) {
        size_t cap = rq->errors_cap ? rq->errors_cap * 2 : 8;
        struct page_error *v = ARENA_ARRAY(rq->arena, cap, struct page_error);
        if (rq->errors_n)
            memcpy(v, rq->errors, rq->errors_n * sizeof(*v));
        rq->errors = v;
        rq->errors_cap = cap;
    }
    rq->errors[rq->errors_n++] = (struct page_error){ field, text };
}

void exchange_bytes(struct resp *rs, const char *type, struct bytes data)
{
    rs->text = NULL;
    rs->data = data;
    rs->type = type;
    if (!rs->status_fixed)
        rs->status = 200;
}
