/* authority_ceremony_list_work.c - authorities and ceremonies as text; see
 * authority_ceremony_work.h */
#include "features/authority/authority_ceremony_inside_work.h"

#include "store/gen/authority.q.h"

enum { AUTHORITIES_MAX = 100, CEREMONIES_MAX = 100 };

static const char *when(struct arena *a, struct timestamp t)
{
    return timestamp_is_none(t) ? "-" : timestamp_rfc3339(a, t, false).p;
}

static struct str line_of(struct arena *a, const struct q_authority_details *r)
{
    return str_fmt(a,
                   "%s %s, under %s, key %s, valid %s to %s, %llu certificates, list %llu, %u days,"
                   " %u partitions%s%s",
                   r->name.p, r->state.p,
                   r->parent.n                    ? r->parent.p
                   : r->external                  ? AUTHORITY_EXTERNAL
                   : str_eq_z(r->state, "making") ? "-"
                                                  : "itself",
                   r->key_label.p, when(a, r->not_before), when(a, r->not_after),
                   (unsigned long long)r->certificates, (unsigned long long)r->crl_number,
                   r->crl_days, r->crl_parts, timestamp_is_none(r->retired_at) ? "" : ", retired ",
                   timestamp_is_none(r->retired_at) ? "" : when(a, r->retired_at));
}

static struct str ceremony_of(struct arena *a, const struct q_ceremony_list *r)
{
    return str_fmt(a,
                   "ceremony %llu, %s, %s: requested by %s %s; approved by %s %s; performed by"
                   " %s and %s %s",
                   (unsigned long long)r->id, r->kind.p, r->state.p, r->requested.p,
                   when(a, r->requested_at), r->approved.n ? r->approved.p : "nobody",
                   when(a, r->approved_at), r->first.n ? r->first.p : "nobody",
                   r->second.n ? r->second.p : "nobody", when(a, r->performed_at));
}

enum err authority_ceremony_list(struct tx *tx, struct str name,
                                 struct authority_ceremony_row **out, size_t *n)
{
    struct arena *a = tx_arena(tx);
    struct q_authority_details *rows;
    struct q_ceremony_list *held = NULL;
    size_t rows_n, held_n = 0;

    *n = 0;
    TRY(q_authority_details(tx, name, AUTHORITIES_MAX, &rows, &rows_n));
    if (!str_empty(name))
        TRY(q_ceremony_list(tx, name, CEREMONIES_MAX, &held, &held_n));
    *out = ARENA_ARRAY(a, rows_n * 2 + held_n, struct authority_ceremony_row);
    for (size_t i = 0; i < rows_n; i++) {
        (*out)[(*n)++].text = line_of(a, &rows[i]);
        if (!str_empty(name) && rows[i].certificate.p)
            (*out)[(*n)++].text = x509_pem(a, "CERTIFICATE", rows[i].certificate);
    }
    for (size_t i = 0; i < held_n; i++)
        (*out)[(*n)++].text = ceremony_of(a, &held[i]);
    return E_OK;
}
