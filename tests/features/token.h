/*
 * token.h - a private SoftHSM for a test: own configuration, own token directory, removed at the
 * end.
 */
#pragma once

#include "sign/hsm_admin.h"

#define TOKEN_KEK "kek-1"

/* PIN of every token made here. */
const struct secret *token_pin(void);
const struct secret *token_so_pin(void);

/* Path of libsofthsm2.so, NULL when it is not installed (the caller then skips). */
const char *token_module(void);

/* Make an empty token directory and point SOFTHSM2_CONF to it. Aborts when it cannot. */
void token_start(void);
/* The directory that holds the tokens. */
const char *token_dir(void);
/* The configuration file, for programs that the test starts. */
const char *token_conf(void);
/* Initialise a token of that label; with `kek` also the wrapping keys TOKEN_KEK. */
void token_make(const char *label, bool kek);
/* The three tokens of an installation: ca, signing (with TOKEN_KEK), status. */
void token_make_all(void);
/* Open one; aborts with the fault's detail when that fails. */
struct hsm *token_open(const char *label, bool writable);
/* Remove everything. */
void token_stop(void);
