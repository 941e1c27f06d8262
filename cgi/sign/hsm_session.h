/*
 * hsm_session.h - inside sign/ only: the PKCS#11 module of the process, a logged-in session, and
 * its recovery. Everything that talks to the token is an operation run by hsm_session_run().
 */
#pragma once

#include "sign/hsm.h"

#include <p11-kit/pkcs11.h>

#include <sys/types.h>

#define HSM_LABEL_MAX 32 /* PKCS#11 2.40, CK_TOKEN_INFO: label is 32 bytes, blank padded */
#define HSM_UID_SIZE 8   /* CKA_ID that we give our keys */

/* Answers of our own operations, beside the token's CKR codes. */
#define HSM_RV_DAMAGED (CKR_VENDOR_DEFINED | 0x53484d01UL)    /* a wrapped key was changed */
#define HSM_RV_KEK_ABSENT (CKR_VENDOR_DEFINED | 0x53484d02UL) /* its wrapping key is not there */
#define HSM_RV_KEK_LOST                                                                            \
    (CKR_VENDOR_DEFINED | 0x53484d06UL) /* nor the current one: token changed? */
#define HSM_RV_KEY_ABSENT (CKR_VENDOR_DEFINED | 0x53484d03UL) /* no key of that label */
#define HSM_RV_CONFLICT (CKR_VENDOR_DEFINED | 0x53484d04UL)   /* label taken */
#define HSM_RV_INTERNAL (CKR_VENDOR_DEFINED | 0x53484d05UL)   /* OpenSSL refused something */

/* A loaded PKCS#11 module; one per library, shared by all handles of the process, never unloaded.
 */
struct hsm_module {
    struct hsm_module *next;
    CK_FUNCTION_LIST *f;
    char *path;
    unsigned users;      /* open handles */
    pid_t pid;           /* process that called C_Initialize */
    bool initialised;    /* C_Initialize done and not finalised */
    uint64_t generation; /* counts C_Initialize: older sessions are void */
};

/* A wrapping key found in the token; valid for one epoch. */
struct hsm_kek {
    char label[HSM_LABEL_MAX + 1];
    uint8_t uid[HSM_UID_SIZE];
    CK_OBJECT_HANDLE handle;
    uint64_t epoch; /* 0: empty */
};
#define HSM_KEK_CACHE 8

struct keys_cached; /* keys_cached.c */

struct hsm {
    struct hsm_module *module;
    char *label, *kek_id, *certificate; /* own copies; kek_id and certificate may be NULL */
    struct secret *pin;
    bool writable;
    bool open;           /* session holds a logged-in session of `generation` */
    uint64_t generation; /* of the module when the session was opened */
    uint64_t epoch;      /* counts sessions: object handles of an older epoch are void */
    CK_SLOT_ID slot;
    CK_SESSION_HANDLE session;
    int64_t pin_pause_base_us; /* pause after the first refused PIN */
    int64_t pin_pause_us;      /* pause after the next refused PIN */
    int64_t pin_not_before;    /* monotonic; no login before */
    CK_RV pin_answer;          /* what the token said to the PIN last time */
    struct hsm_kek keks[HSM_KEK_CACHE];
    size_t kek_next; /* slot of keks to reuse */
    struct keys_cached *cached;
};

/* Load and initialise a module (again after a fork). E_BACKEND "hsm-module". */
enum err hsm_session_module(const char *path, struct hsm_module **out) MUST_CHECK;
/* C_Finalize if need be, then C_Initialize: sessions of every handle are void, tokens are read
 * anew. */
CK_RV hsm_session_restart(struct hsm_module *m);
/* Give the module back; the last one finalises it. NULL is fine. */
void hsm_session_leave(struct hsm_module *m);

/* Slot of the initialised token with that label; CKR_TOKEN_NOT_PRESENT when there is none. */
CK_RV hsm_session_find_slot(struct hsm_module *m, const char *label, CK_SLOT_ID *slot);

/* Open and log in when not so already. E_BACKEND with the reason. */
enum err hsm_session_open(struct hsm *h) MUST_CHECK;
/* Close the session: its objects are gone. */
void hsm_session_close(struct hsm *h);

/* One piece of work in the session; must leave nothing behind when it fails, as it may run again.
 */
typedef CK_RV hsm_session_op(struct hsm *h, void *arg);
/*
 * Run the operation. When its answer says that session, token or handles are lost: once more in a
 * new session, then once more after a new start of the module. Answers become E_STATE
 * "key-damaged", E_CONFLICT, or E_BACKEND with the reasons of hsm.h; `what` names the work in the
 * detail.
 */
enum err hsm_session_run(struct hsm *h, const char *what, hsm_session_op *op, void *arg) MUST_CHECK;

/* For an operation that got CKR_GENERAL_ERROR, which may be about its argument: does the token
 * itself still answer, logged in and under its label? */
bool hsm_session_alive(const struct hsm *h);

/* Name of a CKR code, or "other". */
const char *hsm_session_rv_name(CK_RV rv);
