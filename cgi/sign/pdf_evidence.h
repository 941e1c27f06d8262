/*
 * pdf_evidence.h - what has to be in a document so that all its signatures and time-stamps, whoever
 * made them, can be judged later: chains, and revocation data that is young enough.
 */
#pragma once

#include "sign/pdf_update.h"

/*
 * Into the set: certificates of all chains, and for each chain without sufficient revocation data
 * in the document what is fetched now; `renew`: data about a time-stamp that nothing covers yet
 * shall be of now, not only of after it. Every signature and time-stamp must be intact. E_STATE
 * "extend-unsigned", "extend-broken", "certificate-revoked"; E_UNSUPPORTED "extend-format"; E_INPUT
 * "chain-*"; E_BACKEND "revocation-unavailable"; E_LIMIT "pdf-too-complex".
 */
enum err pdf_evidence_collect(struct pdf_update *u, struct timestamp at, bool renew,
                              struct pdf_dss *dss) MUST_CHECK;
