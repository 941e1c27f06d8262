/* authority_ceremony_inside_work.h - what the files of ceremonies share. */
#pragma once

#include "features/authority/authority_ceremony_work.h"
#include "features/authority/authority_make_work.h"
#include "store/db.h"

#define AUTHORITY_EXTERNAL "external"

struct q_ceremony_newest;

/* A plan as it was stored. */
enum err authority_ceremony_read(struct arena *a, struct str name, struct str plan,
                                 struct authority_ceremony_order *out) MUST_CHECK;
/*
 * Two people sit down to perform what was approved (or to go on with it). E_STATE
 * "ceremony-state", E_DENIED "seat-taken". Writes the audit row of `action`.
 */
enum err authority_ceremony_seat(struct tx *tx, const struct audit_by *by, const char *action,
                                 const char *kind, struct str name,
                                 struct authority_ceremony_seats s,
                                 struct q_ceremony_newest *row) MUST_CHECK;
/* An audit row about that authority. */
enum err authority_ceremony_note(struct tx *tx, const struct audit_by *by, const char *action,
                                 struct str name, struct str detail) MUST_CHECK;
