/* attack_cms.h - CMS of a document digest that are wrong in one respect each. */
#pragma once

#include "attack_kit.h"

struct attack_cms {
    attack_cms_fn *make;
    const char *expected, *name;
    bool good; /* it has to pass: the counterpart of one that must not */
};
extern const struct attack_cms attack_cms[]; /* ends with NULL */
