/*
 * bulk_order.h - one row of a file as what it asks for. Reading needs no database and never fails:
 * what is wrong becomes a finding, so that a row tells all of it at once. For the slice itself.
 */
#pragma once

#include "features/bulk/bulk_columns.h"

enum { BULK_FINDINGS_MAX = 40, BULK_REF_MAX = 64, BULK_DAYS_MAX = 3650 };

struct bulk_order {
    enum bulk_operation operation;
    struct str ref, account, serial; /* "" when not given; serial: lower-case hex */
    struct str title;                /* a name, or the serial number; for lists */
    struct bytes csr;                /* DER or PEM as given; absent */
    uint32_t key;                    /* a bit of enum profiles_key; 0: not said */
    uint32_t reason, days;
    struct profiles_value *values;
    size_t values_n;
    struct profiles_finding *findings;
    size_t findings_n;
};

/* Cells as text; `n` may be another number than there are columns. All of it lives in the arena. */
void bulk_order_read(struct arena *a, const struct profile *p, const struct bulk_columns *c,
                     const struct str *cells, size_t n, struct bulk_order *out);

/* The title anew, after values were added. */
void bulk_order_name(struct arena *a, const struct profile *p, struct bulk_order *o);
/* Add a finding that refuses, `field` being a field's name or "". */
void bulk_order_refuse(struct bulk_order *o, const char *code, struct str field, struct str detail);
/* Add findings of others. */
void bulk_order_add(struct bulk_order *o, const struct profiles_finding *f, size_t n);
bool bulk_order_refused(const struct bulk_order *o);

/* What may not come twice in one file: the id, or else what is asked for. False: nothing. */
bool bulk_order_twin(struct arena *a, const struct bulk_order *o, struct bytes32 *out);

/* The text of a JSON tree, which is freed. */
struct json;
struct str bulk_order_json(struct arena *a, struct json *j);
/* JSON of findings, absent when none; and cells. */
struct str bulk_order_findings(struct arena *a, const struct profiles_finding *f, size_t n);
struct str bulk_order_cells(struct arena *a, const struct str *cells, size_t n);
/* Texts of a JSON array; E_INTERNAL when it is none: we wrote it. */
enum err bulk_order_texts(struct arena *a, struct str json, struct str **out, size_t *n) MUST_CHECK;
/* Findings back out of JSON; absent gives none. */
enum err bulk_order_found(struct arena *a, struct str json, struct profiles_finding **out,
                          size_t *n) MUST_CHECK;
