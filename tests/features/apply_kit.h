/*
 * apply_kit.h - for tests of applications and of collecting: tokens, authorities and people of the
 * signing kit, the shipped profiles, a worker that issues and writes mails, and the pages.
 */
#pragma once

#include "portal_kit.h"
#include "signing_kit.h"

#include "features/registration/registration_collect.h"
#include "features/registration/registration_decide.h"

struct apply_kit {
    struct account_id admin, lra;               /* of sakura */
    struct fake *hanako, *taro, *alice, *chief; /* browsers; chief: admin's */
};
extern struct apply_kit apply_kit;

/* False when there is no SoftHSM. `argv` of main. */
bool apply_kit_start(int argc, char **argv);
void apply_kit_stop(void);
/* Let the worker do all that is due: issue, write mails, erase. */
void apply_kit_work(void);

/* A request with a new key, signed by it; PEM when `pem`. `cn` NULL: without a name. */
struct bytes apply_kit_request(const char *cn, bool pem);
/* A whole application by pages: the receipt number. `csr` may be absent. */
struct str apply_kit_apply(struct fake *who, const char *profile, const char *fields,
                           struct bytes csr);
/* The LRA operator approves it. */
void apply_kit_approve(struct str receipt);
struct registration apply_kit_look(struct str receipt);
/* The one-time token in the newest mail; "" when there is none. */
struct str apply_kit_token(void);
/* One number, or one text, out of the database. */
int64_t apply_kit_count(const char *sql);
struct str apply_kit_text(const char *sql);
void apply_kit_sql(const char *sql);
