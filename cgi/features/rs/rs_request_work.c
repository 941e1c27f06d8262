/* rs_request_work.c - from what a request says to what signing takes: seals looked up and drawn. */
#include "features/rs/rs_job.h"
#include "sign/pdf_seal.h"
#include "store/db.h"

#include <string.h>

#define POINT 1000.0

/* Several places with one seal share its look. */
struct looks {
    struct str seal[RS_PLACES_MAX];
    struct pdf_look *look[RS_PLACES_MAX];
    size_t n;
};

static enum err make_look(struct tx *tx, struct signing_owner owner, struct str seal,
                          const struct signing_seal_captions *captions, struct pdf_look *out)
{
    static const struct str round = { "drawn:round:", 12 }, square = { "drawn:square:", 13 };
    struct arena *a = tx_arena(tx);

    *out = (struct pdf_look){ .kind = PDF_SEAL_TEXT,
                              .name = captions->name,
                              .reason = captions->reason,
                              .date = captions->date };
    if (str_starts(seal, round)) {
        out->kind = PDF_SEAL_ROUND;
        out->text = str_sub(a, seal, round.n, seal.n);
    } else if (str_starts(seal, square)) {
        out->kind = PDF_SEAL_SQUARE;
        out->text = str_sub(a, seal, square.n, seal.n);
    } else if (!str_eq_z(seal, "text")) {
        return signing_seal_look(tx, owner, seal, captions, out);
    }
    return pdf_seal_check(out);
}

static enum err find_look(struct tx *tx, struct signing_owner owner, struct str seal,
                          const struct signing_seal_captions *captions, struct looks *looks,
                          const struct pdf_look **out)
{
    for (size_t i = 0; i < looks->n; i++)
        if (str_eq(looks->seal[i], seal)) {
            *out = looks->look[i];
            return E_OK;
        }
    struct pdf_look *look = ARENA_NEW(tx_arena(tx), struct pdf_look);
    TRY(make_look(tx, owner, seal, captions, look));
    looks->seal[looks->n] = seal;
    looks->look[looks->n++] = look;
    *out = look;
    return E_OK;
}

static enum err make_places(struct tx *tx, const struct rs_options *o, struct signing_owner owner,
                            struct timestamp now, struct signing_request *out)
{
    struct signing_seal_captions captions = { .name = o->caption_name };
    struct looks looks = { .n = 0 };
    struct pdf_seal_place *places;

    if (o->caption_reason)
        captions.reason = o->reason;
    if (o->caption_date)
        captions.date = signing_seal_date(tx_arena(tx), now, true);
    places = ARENA_ARRAY(tx_arena(tx), o->places_n, struct pdf_seal_place);
    for (size_t i = 0; i < o->places_n; i++) {
        const struct rs_place *p = &o->places[i];
        places[i] = (struct pdf_seal_place){ .page = p->page,
                                             .x = (double)p->x / POINT,
                                             .y = (double)p->y / POINT,
                                             .width = (double)p->width / POINT,
                                             .height = (double)p->height / POINT };
        TRY(find_look(tx, owner, p->seal, &captions, &looks, &places[i].look));
    }
    out->seals = places;
    out->seals_n = o->places_n;
    return E_OK;
}

enum err rs_request_make(struct tx *tx, const struct rs_options *o, struct signing_owner owner,
                         const struct audit_by *by, struct timestamp now,
                         struct signing_request *out)
{
    *out = (struct signing_request){ .owner = owner,
                                     .by = *by,
                                     .credential = o->credential,
                                     .pin = o->pin,
                                     .level = o->level,
                                     .reason = o->reason,
                                     .location = o->location,
                                     .contact = o->contact,
                                     .assertion = o->assertion,
                                     .now = now,
                                     .certify = o->certify,
                                     .lock = o->lock,
                                     .field = o->field,
                                     .password = o->password,
                                     .repair = o->repair };
    if (o->places_n == 0)
        return E_OK;
    return make_places(tx, o, owner, now, out);
}

enum err rs_request_store(struct tx *tx, const struct rs_options *o, struct signing_owner owner,
                          const struct audit_by *by, struct timestamp now,
                          struct signing_intake *in, struct signing_document *out)
{
    struct signing_document repaired;

    TRY(signing_intake_store(tx, in, out));
    if (!o->repair)
        return E_OK;
    enum err e = signing_look_repair(tx, owner, out, o->password, by, now, &repaired);
    if (e == E_OK)
        *out = repaired;
    if (e != E_STATE || strcmp(fault_current()->reason, "repair-needless") != 0)
        return e;
    fault_clear();
    return E_OK;
}
