/* certificates_notice.c - who wants no notices; see certificates_notice.h */
#include "features/certificates/certificates_notice.h"

#include "store/db.h"
#include "store/gen/certificates_notice.q.h"

enum err certificates_mute(struct tx *tx, const struct audit_by *by,
                           const struct certificates_who *who, struct certificate_id id, bool mute,
                           struct timestamp now)
{
    struct certificates_certificate c;
    uint64_t changed;

    if (id.v != 0)
        TRY(certificates_get(tx, who, id, now, &c));
    TRY(mute ? q_cert_mute_add(tx, who->account, id.v, now, &changed)
             : q_cert_mute_remove(tx, who->account, id.v, &changed));
    return audit_note(tx, by, mute ? "certificates.notice.mute" : "certificates.notice.unmute",
                      id.v ? "certificate" : NULL, id.v, NULL);
}

enum err certificates_muted(struct tx *tx, struct account_id account, struct certificate_id id,
                            bool *this_one, bool *all)
{
    struct q_cert_mutes r;

    TRY(q_cert_mutes(tx, account, id.v, &r));
    *this_one = r.this_one;
    *all = r.every;
    return E_OK;
}
