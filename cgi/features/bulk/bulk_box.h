/*
 * bulk_box.h - what keeps the keys of a run shut (decision 0164): a key pair of the run, whose
 * private half is encrypted under the password that the uploader is shown once. The worker encrypts
 * to the public half; what is at rest opens with the password alone.
 */
#pragma once

#include "base/secret.h"

struct bulk_box {
    struct bytes public, salt, sealed; /* as stored */
};

/* A new one and its password. */
enum err bulk_box_make(struct arena *a, struct str run, struct bulk_box *out,
                       struct secret **password) MUST_CHECK;
/* The private half. E_INPUT "password-wrong". */
enum err bulk_box_unlock(struct str run, const struct bulk_box *box, const struct secret *password,
                         struct secret **private) MUST_CHECK;
/* The context of one row's key. */
struct str bulk_box_context(struct arena *a, struct str run, uint32_t seq);
