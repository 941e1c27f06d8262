/* registration_review_checklist_pages.c - what a reviewer confirms before an approval (P1-10,
 * P3-31): a form of its own inside the pages of one application and of several. */
#include "features/registration/registration_review_inside_pages.h"

static const char *const names[] = { "identity", "authority", "content" };
_Static_assert(sizeof names / sizeof *names == REGISTRATION_ITEM__MAX, "a control per item");

const struct view_field registration_review_checklist_fields[] = {
    VIEW_LIST(struct registration_review_checklist, identity, methods_n, page_choice_fields),
    VIEW_LIST(struct registration_review_checklist, authority, methods_n, page_choice_fields),
    VIEW_LIST(struct registration_review_checklist, content, methods_n, page_choice_fields),
    VIEW_TEXT(struct registration_review_checklist, note),
    VIEW_FLAG(struct registration_review_checklist, confirmed),
    VIEW_END,
};

static int chosen(const struct registration_review_form *f, enum registration_item item)
{
    return item == REGISTRATION_IDENTITY    ? f->identity
           : item == REGISTRATION_AUTHORITY ? f->authority
                                            : f->content;
}

static struct page_choice *methods_of(struct req *rq, size_t n, int now)
{
    struct page_choice *out = ARENA_ARRAY(req_arena(rq), n, struct page_choice);

    for (size_t i = 0; i < n; i++)
        out[i] = (struct page_choice){
            .value = str_z(registration_review_methods[i].word),
            .label = registration_review_method(
                (enum registration_method)registration_review_methods[i].value),
            .selected = registration_review_methods[i].value == now,
        };
    return out;
}

struct registration_review_checklist
registration_review_checklist(struct req *rq, const struct registration_review_form *f, bool batch)
{
    size_t n = batch ? REGISTRATION_METHOD__MAX : REGISTRATION_BATCH;

    return (struct registration_review_checklist){
        .identity = methods_of(rq, n, f->identity),
        .authority = methods_of(rq, n, f->authority),
        .content = methods_of(rq, n, f->content),
        .methods_n = n,
        .note = f->note,
        .confirmed = f->confirmed,
    };
}

void registration_review_vetting(struct req *rq, const struct registration_review_form *f,
                                 struct registration_vetting *v, size_t *n)
{
    bool document = false;

    *n = 0;
    for (size_t i = 0; i < REGISTRATION_ITEM__MAX; i++) {
        int method = chosen(f, (enum registration_item)i);

        if (method < 0) {
            req_field_error(rq, names[i], MSG("Say how this was confirmed."));
            continue;
        }
        document = document || method == REGISTRATION_DOCUMENT;
        v[(*n)++] = (struct registration_vetting){ (enum registration_item)i,
                                                   (enum registration_method)method, f->note };
    }
    if (document && str_empty(f->note))
        req_field_error(rq, "note", MSG("Write which document was seen."));
    if (!f->confirmed)
        req_field_error(rq, "confirmed", MSG("Tick that you have confirmed this."));
}
