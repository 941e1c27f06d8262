/*
 * cms_check_algorithms.h - the algorithms that a SignerInfo names in several places have to be the
 * same in all of them, and strong enough (ETSI TS 119 312). Used by cms_check alone.
 */
#pragma once

#include "sign/cms_check.h"

/*
 * Fills md, pure and weak_since. E_INPUT "cms-malformed" when two places differ, E_UNSUPPORTED
 * "digest-unsupported".
 */
enum err cms_check_algorithms(struct cms_check *c) MUST_CHECK;
/* The signer's key: an earlier weak_since where it is too short. */
void cms_check_key(struct cms_check *c);
