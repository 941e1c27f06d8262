/* envelopes_party.c - the people of an envelope, as the sender has them, and where their seals go.
 */
#include "features/envelopes/envelopes_inside.h"

#include "base/random.h"
#include "store/gen/envelopes.q.h"

#define DAY_LESS_US (23 * HOUR_US) /* "once a day" without minutes of waiting from day to day */

static const char *const turn_names[] = { "waiting", "turn", "signed", "declined", "ended" };
_Static_assert(sizeof turn_names / sizeof *turn_names == ENVELOPES_TURN__MAX, "a name for each");

static const char *const places[] = { "top-left",     "top",   "top-right",   "left",
                                      "middle",       "right", "bottom-left", "bottom",
                                      "bottom-right", "mm" };

static enum envelopes_turn turn_of(struct str name)
{
    for (unsigned i = 0; i < ENVELOPES_TURN__MAX; i++)
        if (str_eq_z(name, turn_names[i]))
            return (enum envelopes_turn)i;
    return ENVELOPES_ENDED;
}

static enum envelopes_method method_of(struct str name)
{
    return str_eq_z(name, "own")       ? ENVELOPES_OWN
           : str_eq_z(name, "witness") ? ENVELOPES_WITNESS
                                       : ENVELOPES_NONE;
}

static struct str method_name(enum envelopes_method m)
{
    return m == ENVELOPES_OWN ? STR("own") : m == ENVELOPES_WITNESS ? STR("witness") : STR("none");
}

/* The generated row structs have the same members; C cannot tell. */
#define PARTY_OF(r)                                                                                \
    ((struct envelopes_party){ .id = (r)->id,                                                      \
                               .envelope = (r)->envelope,                                          \
                               .public_id = (r)->public_id,                                        \
                               .seq = (r)->seq,                                                    \
                               .kind = str_eq_z((r)->kind, "copy") ? ENVELOPES_COPY                \
                                                                   : ENVELOPES_SIGNER,             \
                               .name = (r)->name,                                                  \
                               .mail = (r)->mail,                                                  \
                               .lang = (r)->lang,                                                  \
                               .method = method_of((r)->method),                                   \
                               .account = (r)->account,                                            \
                               .state = turn_of((r)->state),                                       \
                               .invited = (r)->invited,                                            \
                               .opened = (r)->opened,                                              \
                               .signed_at = (r)->signed_at,                                        \
                               .declined = (r)->declined,                                          \
                               .reminded = (r)->reminded,                                          \
                               .reminded_by_hand = (r)->by_hand,                                   \
                               .decline_reason = (r)->decline_reason,                              \
                               .code_failures = (r)->code_failures })

enum err envelopes_parties(struct tx *tx, struct envelope_id id, struct envelopes_party **rows,
                           size_t *n)
{
    struct q_party_list *got;

    TRY(q_party_list(tx, id, &got, n));
    *rows = ARENA_ARRAY(tx_arena(tx), *n, struct envelopes_party);
    for (size_t i = 0; i < *n; i++)
        (*rows)[i] = PARTY_OF(&got[i]);
    return E_OK;
}

enum err envelopes_inside_party(struct tx *tx, struct party_id id, struct envelopes_party *out)
{
    struct q_party_get row;
    TRY(q_party_get(tx, id, &row));
    *out = PARTY_OF(&row);
    return E_OK;
}

enum err envelopes_party_find(struct tx *tx, struct envelope_id id, struct str public_id,
                              struct envelopes_party *out)
{
    struct envelopes_party *p;
    size_t n;

    TRY(envelopes_parties(tx, id, &p, &n));
    for (size_t i = 0; i < n; i++)
        if (str_eq(p[i].public_id, public_id)) {
            *out = p[i];
            return E_OK;
        }
    return FAIL(E_ABSENT, "party-unknown", "nobody of this envelope");
}

/* One plain address, nothing that could begin another header or recipient (RFC 5321 4.1.2, without
 * quoting and literals). */
static bool mail_good(struct str s)
{
    size_t at = str_find(s, '@', 0);

    if (s.n < 6 || s.n > 254 || at == 0 || at > 64 || at == SIZE_MAX ||
        str_find(s, '@', at + 1) != SIZE_MAX)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        bool letter = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
        bool ends = i == 0 || i + 1 == s.n || i + 1 == at || i == at + 1;
        if (c == '.' && (ends || s.p[i + 1] == '.'))
            return false;
        if (!letter && c != '.' && c != '-' && i != at &&
            (i > at || c == 0 || strchr("!#$%&'*+/=?^_`{|}~", c) == NULL))
            return false;
    }
    return str_find(s, '.', at) != SIZE_MAX;
}

static enum err person_good(const struct envelopes_person *p)
{
    TRY(envelopes_inside_text(p->name, 120, "name-bad"));
    if (str_absent(p->mail) || !mail_good(p->mail))
        return FAIL(E_INPUT, "mail-bad", "no plain mail address");
    if (!str_eq_z(p->lang, "ja") && !str_eq_z(p->lang, "en"))
        return FAIL(E_INPUT, "lang-bad", "ja or en");
    if ((p->method == ENVELOPES_NONE) != (p->kind == ENVELOPES_COPY))
        return FAIL(E_INPUT, "method-bad", "signers sign, readers do not");
    return E_OK;
}

enum err envelopes_party_add(struct tx *tx, const struct envelopes_envelope *e,
                             const struct envelopes_person *p, const struct audit_by *by,
                             struct envelopes_party *out)
{
    struct str id = random_token(tx_arena(tx), 16);
    struct envelopes_party *others;
    struct party_id row;
    enum err err;
    size_t n;

    TRY(envelopes_inside_draft(tx, e));
    TRY(person_good(p));
    TRY(envelopes_parties(tx, e->id, &others, &n));
    if (n >= ENVELOPES_PARTIES_MAX)
        return FAIL(E_LIMIT, "envelope-parties", "at most %d people", ENVELOPES_PARTIES_MAX);
    uint32_t last = 0;
    for (size_t i = 0; i < n; i++)
        last = others[i].seq > last ? others[i].seq : last;
    err = q_party_add(tx, id, e->id, last + 1,
                      p->kind == ENVELOPES_COPY ? STR("copy") : STR("signer"), p->name,
                      str_lower(tx_arena(tx), p->mail), p->lang, method_name(p->method), &row);
    if (err == E_CONFLICT)
        return FAIL(E_CONFLICT, "mail-twice", "this address is in the envelope already");
    TRY(err);
    TRY(envelopes_inside_party(tx, row, out));
    return envelopes_inside_audit(tx, e, by, "envelopes.party.add");
}

enum err envelopes_party_drop(struct tx *tx, const struct envelopes_envelope *e,
                              struct str public_id, const struct audit_by *by)
{
    struct envelopes_party p = { 0 };
    uint64_t changed;

    TRY(envelopes_inside_draft(tx, e));
    TRY(envelopes_party_find(tx, e->id, public_id, &p));
    TRY(q_party_drop(tx, e->id, p.id, &changed));
    return envelopes_inside_audit(tx, e, by, "envelopes.party.drop");
}

enum err envelopes_party_raise(struct tx *tx, const struct envelopes_envelope *e,
                               struct str public_id, const struct audit_by *by)
{
    struct envelopes_party *p;
    size_t n;

    TRY(envelopes_inside_draft(tx, e));
    TRY(envelopes_parties(tx, e->id, &p, &n));
    for (size_t i = 1; i < n; i++) {
        if (!str_eq(p[i].public_id, public_id) || p[i].kind != p[i - 1].kind)
            continue;
        TRY(q_party_seq(tx, e->id, p[i].id, p[i - 1].seq));
        TRY(q_party_seq(tx, e->id, p[i - 1].id, p[i].seq));
    }
    return envelopes_inside_audit(tx, e, by, "envelopes.party.move");
}

/* --- places of seals --- */

enum err envelopes_fields(struct tx *tx, struct party_id party, struct envelopes_field **rows,
                          size_t *n)
{
    struct q_field_list *got;

    TRY(q_field_list(tx, party, &got, n));
    *rows = ARENA_ARRAY(tx_arena(tx), *n, struct envelopes_field);
    for (size_t i = 0; i < *n; i++)
        (*rows)[i] = (struct envelopes_field){ got[i].id, got[i].paper, got[i].page, got[i].place,
                                               got[i].x,  got[i].y,     got[i].size };
    return E_OK;
}

static enum err field_good(const struct envelopes_field *f, const struct envelopes_document *d)
{
    bool known = false;

    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        known = known || str_eq_z(f->place, places[i]);
    if (!known || f->page < 1 || f->x > 500000 || f->y > 500000 || f->size < 800 || f->size > 6000)
        return FAIL(E_INPUT, "place-bad", "no such place, or out of bounds");
    if (d->pages > 0 && f->page > d->pages)
        return FAIL(E_INPUT, "place-page", "page %u of %u", f->page, d->pages);
    return E_OK;
}

enum err envelopes_field_add(struct tx *tx, const struct envelopes_envelope *e, struct str party,
                             const struct envelopes_field *f, const struct audit_by *by)
{
    struct envelopes_field *there;
    struct envelopes_document *d;
    struct envelopes_party p;
    struct field_id row;
    size_t n, i = 0;

    TRY(envelopes_inside_draft(tx, e));
    TRY(envelopes_party_find(tx, e->id, party, &p));
    TRY(envelopes_documents(tx, e->id, &d, &n));
    while (i < n && d[i].id.v != f->document.v)
        i++;
    if (i == n)
        return FAIL(E_ABSENT, "document-unknown", "not in this envelope");
    TRY(field_good(f, &d[i]));
    TRY(envelopes_fields(tx, p.id, &there, &n));
    if (n >= ENVELOPES_FIELDS_MAX || p.kind == ENVELOPES_COPY)
        return FAIL(E_LIMIT, "envelope-fields", "at most %d places", ENVELOPES_FIELDS_MAX);
    /* further seals would be stamps, and those spoil the signatures of who signed before */
    for (i = 0; i < n; i++)
        if (there[i].document.v == f->document.v)
            return FAIL(E_CONFLICT, "place-twice", "one seal of a person in a document");
    TRY(q_field_add(tx, p.id, f->document, f->page, f->place, f->x, f->y, f->size, &row));
    return envelopes_inside_audit(tx, e, by, "envelopes.field.add");
}

enum err envelopes_field_drop(struct tx *tx, const struct envelopes_envelope *e, struct str party,
                              struct field_id field, const struct audit_by *by)
{
    struct envelopes_party p = { 0 };
    uint64_t changed;

    TRY(envelopes_inside_draft(tx, e));
    TRY(envelopes_party_find(tx, e->id, party, &p));
    TRY(q_field_drop(tx, p.id, field, &changed));
    return envelopes_inside_audit(tx, e, by, "envelopes.field.drop");
}

/* --- after sending --- */

static enum err open_for_change(const struct envelopes_envelope *e)
{
    if (e->state != ENVELOPES_SENT)
        return FAIL(E_STATE, "envelope-ended", "it is not being signed");
    return E_OK;
}

enum err envelopes_remind(struct tx *tx, const struct envelopes_envelope *e, struct str party,
                          const struct audit_by *by, struct timestamp now)
{
    struct envelopes_party p = { 0 };
    uint64_t changed;

    TRY(open_for_change(e));
    TRY(envelopes_party_find(tx, e->id, party, &p));
    if (p.state != ENVELOPES_TURN)
        return FAIL(E_STATE, "not-your-turn", "nothing is awaited from this person");
    TRY(q_party_reminded_by_hand(tx, p.id, now, timestamp_add(now, -DAY_LESS_US), &changed));
    if (changed != 1)
        return FAIL(E_LIMIT, "remind-again", "reminded by hand less than a day ago");
    TRY(envelopes_inside_mail(tx, "remind", e->id, p.id));
    TRY(envelopes_inside_event(tx, e->id, p.id, "reminded", by, now));
    return envelopes_inside_audit(tx, e, by, "envelopes.party.remind");
}

enum err envelopes_readdress(struct tx *tx, const struct envelopes_envelope *e, struct str party,
                             const struct envelopes_person *to, const struct audit_by *by,
                             struct timestamp now)
{
    struct envelopes_party p = { 0 };
    uint64_t changed;
    enum err err;

    TRY(open_for_change(e));
    TRY(envelopes_party_find(tx, e->id, party, &p));
    TRY(person_good(to));
    if (to->kind != p.kind)
        return FAIL(E_INPUT, "method-bad", "a signer stays a signer");
    err = q_party_readdress(tx, p.id, to->name, str_lower(tx_arena(tx), to->mail), to->lang,
                            method_name(to->method), &changed);
    if (err == E_CONFLICT)
        return FAIL(E_CONFLICT, "mail-twice", "this address is in the envelope already");
    TRY(err);
    if (changed != 1)
        return FAIL(E_STATE, "party-opened", "has opened, signed or declined");
    TRY(q_link_drop(tx, p.id, &changed));
    TRY(q_visit_drop(tx, p.id, &changed));
    if (to->method == ENVELOPES_OWN)
        TRY(q_party_bind(tx, e->owner.tenant, p.id, str_lower(tx_arena(tx), to->mail), &changed));
    if (p.state == ENVELOPES_TURN) {
        TRY(q_party_invited(tx, p.id, now));
        TRY(envelopes_inside_mail(tx, "invite", e->id, p.id));
    }
    TRY(envelopes_inside_event(tx, e->id, p.id, "address", by, now));
    return envelopes_inside_audit(tx, e, by, "envelopes.party.readdress");
}
