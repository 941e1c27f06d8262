/* certificates_inside.h - what the rule and work files of the slice share. Private to the slice. */
#pragma once

#include "features/certificates/certificates.h"
#include "features/certificates/certificates_words.h"

/* The process's configuration. Aborts before certificates_init(): our mistake. */
const struct certificates_config *certificates_inside_config(void);
const struct secret *certificates_inside_key(void);

/* Statements take these: 0 is NULL, no limit. */
struct certificates_scope {
    struct tenant_id tenant;
    struct account_id account;
};
struct certificates_scope certificates_inside_scope(const struct certificates_who *who);
/* Provider staff who may look at all customers' certificates, and those who may also act. */
bool certificates_inside_staff(uint32_t roles);
bool certificates_inside_acts(uint32_t roles);

/* "C-000123": receipt number of a change. */
struct str certificates_inside_receipt(struct arena *a, struct change_id id);

/* One change that somebody had the right to: authority, history, audit row, mail, blocked key. */
struct certificates_act {
    const char *kind; /* "revoked", "compromised", "suspended", "released" */
    enum certificates_how how;
    uint32_t reason;
    struct timestamp when;
};
enum err certificates_inside_act(struct tx *tx, const struct audit_by *by,
                                 const struct certificates_certificate *c,
                                 const struct certificates_act *act, struct timestamp now,
                                 struct str *receipt) MUST_CHECK;
/* The certificate of that id, whoever asks: who asks has been judged in another way. */
enum err certificates_inside_get(struct tx *tx, struct tenant_id tenant, struct certificate_id id,
                                 struct certificates_certificate *out) MUST_CHECK;

/* A mail in the words of the catalogue; `to` empty: nobody to tell, E_OK. */
enum err certificates_inside_mail(struct tx *tx, struct tenant_id tenant, struct str to,
                                  struct str lang, enum certificates_mail which,
                                  const struct certificates_values *v) MUST_CHECK;
/* Where news about a certificate go; `to` absent: nowhere. */
enum err certificates_inside_contact(struct tx *tx, const struct certificates_certificate *c,
                                     struct str *to, struct str *lang,
                                     struct account_id *account) MUST_CHECK;
/* Its public key (DER). */
enum err certificates_inside_spki(struct arena *a, struct bytes der, struct bytes *spki) MUST_CHECK;
