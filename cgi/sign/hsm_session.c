/* hsm_session.c - module, session and recovery. */
#include "sign/hsm_session.h"

#include "base/log.h"
#include "base/random.h"

#include <openssl/err.h>

#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#define PIN_PAUSE_MAX (10 * MINUTE_US)
#define LOCK_TRIES 330 /* of 6 ms on average */

static struct hsm_module *modules; /* of this process; a library cannot be loaded twice anyway */

static const struct {
    CK_RV rv;
    const char *name;
    bool lost; /* session, token or handle is void: worth a new session */
} answers[] = {
    { CKR_OK, "OK", false },
    { CKR_SLOT_ID_INVALID, "SLOT_ID_INVALID", true },
    { CKR_GENERAL_ERROR, "GENERAL_ERROR", true },
    { CKR_FUNCTION_FAILED, "FUNCTION_FAILED", true },
    { CKR_ARGUMENTS_BAD, "ARGUMENTS_BAD", false },
    { CKR_ATTRIBUTE_SENSITIVE, "ATTRIBUTE_SENSITIVE", false },
    { CKR_ATTRIBUTE_VALUE_INVALID, "ATTRIBUTE_VALUE_INVALID", false },
    { CKR_DATA_LEN_RANGE, "DATA_LEN_RANGE", false },
    { CKR_DEVICE_ERROR, "DEVICE_ERROR", true },
    { CKR_DEVICE_MEMORY, "DEVICE_MEMORY", true },
    { CKR_DEVICE_REMOVED, "DEVICE_REMOVED", true },
    { CKR_ENCRYPTED_DATA_INVALID, "ENCRYPTED_DATA_INVALID", false },
    { CKR_HOST_MEMORY, "HOST_MEMORY", false },
    { CKR_KEY_HANDLE_INVALID, "KEY_HANDLE_INVALID", true },
    { CKR_KEY_CHANGED, "KEY_CHANGED", true },
    { CKR_KEY_FUNCTION_NOT_PERMITTED, "KEY_FUNCTION_NOT_PERMITTED", false },
    { CKR_KEY_UNEXTRACTABLE, "KEY_UNEXTRACTABLE", false },
    { CKR_MECHANISM_INVALID, "MECHANISM_INVALID", false },
    { CKR_MECHANISM_PARAM_INVALID, "MECHANISM_PARAM_INVALID", false },
    { CKR_OBJECT_HANDLE_INVALID, "OBJECT_HANDLE_INVALID", true },
    { CKR_OPERATION_ACTIVE, "OPERATION_ACTIVE", true },
    { CKR_PIN_INCORRECT, "PIN_INCORRECT", false },
    { CKR_PIN_INVALID, "PIN_INVALID", false },
    { CKR_PIN_LEN_RANGE, "PIN_LEN_RANGE", false },
    { CKR_PIN_EXPIRED, "PIN_EXPIRED", false },
    { CKR_PIN_LOCKED, "PIN_LOCKED", false },
    { CKR_SESSION_CLOSED, "SESSION_CLOSED", true },
    { CKR_SESSION_COUNT, "SESSION_COUNT", false },
    { CKR_SESSION_HANDLE_INVALID, "SESSION_HANDLE_INVALID", true },
    { CKR_SESSION_READ_ONLY, "SESSION_READ_ONLY", false },
    { CKR_TEMPLATE_INCONSISTENT, "TEMPLATE_INCONSISTENT", false },
    { CKR_TOKEN_NOT_PRESENT, "TOKEN_NOT_PRESENT", true },
    { CKR_TOKEN_NOT_RECOGNIZED, "TOKEN_NOT_RECOGNIZED", true },
    { CKR_TOKEN_WRITE_PROTECTED, "TOKEN_WRITE_PROTECTED", false },
    { CKR_UNWRAPPING_KEY_HANDLE_INVALID, "UNWRAPPING_KEY_HANDLE_INVALID", true },
    { CKR_USER_NOT_LOGGED_IN, "USER_NOT_LOGGED_IN", true },
    { CKR_USER_PIN_NOT_INITIALIZED, "USER_PIN_NOT_INITIALIZED", true },
    { CKR_WRAPPED_KEY_INVALID, "WRAPPED_KEY_INVALID", false },
    { CKR_WRAPPED_KEY_LEN_RANGE, "WRAPPED_KEY_LEN_RANGE", false },
    { CKR_WRAPPING_KEY_HANDLE_INVALID, "WRAPPING_KEY_HANDLE_INVALID", true },
    { CKR_CRYPTOKI_NOT_INITIALIZED, "CRYPTOKI_NOT_INITIALIZED", true },
    { HSM_RV_DAMAGED, "our: damaged", false },
    { HSM_RV_KEK_ABSENT, "our: wrapping key absent", false },
    { HSM_RV_KEK_LOST, "our: wrapping key lost", true },
    { HSM_RV_KEY_ABSENT, "our: key absent", true },
    { HSM_RV_CONFLICT, "our: label taken", false },
    { HSM_RV_INTERNAL, "our: OpenSSL", false },
};

static size_t answer_index(CK_RV rv)
{
    size_t i, n = sizeof(answers) / sizeof(answers[0]);

    for (i = 0; i < n && answers[i].rv != rv; i++) {
    }
    return i;
}

const char *hsm_session_rv_name(CK_RV rv)
{
    size_t i = answer_index(rv);

    return i < sizeof(answers) / sizeof(answers[0]) ? answers[i].name : "other";
}

static bool is_lost(CK_RV rv)
{
    size_t i = answer_index(rv);

    return i < sizeof(answers) / sizeof(answers[0]) && answers[i].lost;
}

static bool is_pin_answer(CK_RV rv)
{
    return rv == CKR_PIN_INCORRECT || rv == CKR_PIN_INVALID || rv == CKR_PIN_LEN_RANGE ||
           rv == CKR_PIN_LOCKED || rv == CKR_PIN_EXPIRED;
}

CK_RV hsm_session_restart(struct hsm_module *m)
{
    CK_RV rv;

    if (m->initialised && m->pid == getpid())
        (void)m->f->C_Finalize(NULL);
    m->initialised = false;
    m->generation++;
    rv = m->f->C_Initialize(NULL);
    if (rv == CKR_CRYPTOKI_ALREADY_INITIALIZED) {
        /* After a fork some modules (SoftHSM) still hold the parent's state; it is a copy, and
         * using the parent's handles is not portable (PKCS#11 2.40, 5.1: the child initialises
         * anew). */
        (void)m->f->C_Finalize(NULL);
        rv = m->f->C_Initialize(NULL);
    }
    ERR_clear_error(); /* SoftHSM shares our libcrypto and leaves entries behind */
    if (rv == CKR_OK) {
        m->initialised = true;
        m->pid = getpid();
    }
    return rv;
}

static enum err load(const char *path, CK_FUNCTION_LIST **f)
{
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL), *symbol;
    CK_C_GetFunctionList get;
    CK_RV rv;

    if (!library)
        return FAIL(E_BACKEND, "hsm-module", "%s", dlerror());
    symbol = dlsym(library, "C_GetFunctionList");
    if (!symbol)
        return FAIL(E_BACKEND, "hsm-module", "%s: no C_GetFunctionList", path);
    memcpy(&get, &symbol, sizeof(get)); /* ISO C has no cast from object to function pointer */
    rv = get(f);
    if (rv != CKR_OK)
        return FAIL(E_BACKEND, "hsm-module", "%s: C_GetFunctionList 0x%lx", path, rv);
    return E_OK;
}

enum err hsm_session_module(const char *path, struct hsm_module **out)
{
    struct hsm_module *m;
    CK_FUNCTION_LIST *f = NULL;
    enum err err = load(path, &f);
    CK_RV rv;

    if (err != E_OK)
        return err;
    if (!f)
        return FAIL(E_BACKEND, "hsm-module", "%s: no function list", path);
    for (m = modules; m && m->f != f; m = m->next) {
    }
    if (!m) {
        m = calloc(1, sizeof(*m));
        if (!m)
            return FAIL(E_INTERNAL, "", "out of memory");
        m->f = f;
        m->path = strdup(path);
        m->next = modules;
        modules = m;
    }
    if (!m->initialised || m->pid != getpid()) {
        rv = hsm_session_restart(m);
        if (rv != CKR_OK)
            return FAIL(E_BACKEND, "hsm-module", "%s: C_Initialize 0x%lx %s", path, rv,
                        hsm_session_rv_name(rv));
    }
    m->users++;
    *out = m;
    return E_OK;
}

void hsm_session_leave(struct hsm_module *m)
{
    if (!m || --m->users > 0)
        return;
    if (m->initialised && m->pid == getpid())
        (void)m->f->C_Finalize(NULL);
    m->initialised = false;
    m->generation++;
    ERR_clear_error();
}

/* Blank-padded 32 bytes against a C string. */
static bool label_is(const CK_UTF8CHAR padded[HSM_LABEL_MAX], const char *label)
{
    size_t n = strlen(label), i;

    if (n > HSM_LABEL_MAX || memcmp(padded, label, n) != 0)
        return false;
    for (i = n; i < HSM_LABEL_MAX && padded[i] == ' '; i++) {
    }
    return i == HSM_LABEL_MAX;
}

CK_RV hsm_session_find_slot(struct hsm_module *m, const char *label, CK_SLOT_ID *slot)
{
    CK_SLOT_ID *slots = NULL;
    CK_TOKEN_INFO info;
    CK_ULONG n = 0, i;
    CK_RV rv;

    rv = m->f->C_GetSlotList(CK_TRUE, NULL, &n);
    if (rv != CKR_OK)
        return rv;
    slots = calloc(n + 1, sizeof(*slots));
    if (!slots)
        return CKR_HOST_MEMORY;
    rv = m->f->C_GetSlotList(CK_TRUE, slots, &n);
    for (i = 0; rv == CKR_OK && i < n; i++) {
        if (m->f->C_GetTokenInfo(slots[i], &info) == CKR_OK &&
            (info.flags & CKF_TOKEN_INITIALIZED) && label_is(info.label, label)) {
            *slot = slots[i];
            break;
        }
    }
    if (rv == CKR_OK && i == n)
        rv = CKR_TOKEN_NOT_PRESENT;
    free(slots);
    return rv;
}

void hsm_session_close(struct hsm *h)
{
    if (h->open && h->generation == h->module->generation && h->module->pid == getpid())
        (void)h->module->f->C_CloseSession(h->session);
    h->open = false;
    ERR_clear_error();
}

/* One try: find the token, open a session, log in. */
static CK_RV login(struct hsm *h)
{
    CK_FUNCTION_LIST *f = h->module->f;
    CK_FLAGS flags = CKF_SERIAL_SESSION | (h->writable ? CKF_RW_SESSION : 0);
    CK_RV rv;

    rv = hsm_session_find_slot(h->module, h->label, &h->slot);
    if (rv != CKR_OK)
        return rv;
    rv = f->C_OpenSession(h->slot, flags, NULL, NULL, &h->session);
    if (rv != CKR_OK)
        return rv;
    rv = f->C_Login(h->session, CKU_USER, secret_data(h->pin), (CK_ULONG)secret_size(h->pin));
    if (rv == CKR_USER_ALREADY_LOGGED_IN)
        rv = CKR_OK; /* by another handle on the same token */
    if (rv != CKR_OK) {
        (void)f->C_CloseSession(h->session);
        return rv;
    }
    h->open = true;
    h->generation = h->module->generation;
    h->epoch++;
    return CKR_OK;
}

/* A token locks itself after a few wrong PINs: pause longer and longer before the next try. */
static void pin_refused(struct hsm *h, CK_RV rv)
{
    h->pin_answer = rv;
    h->pin_not_before = clock_monotonic_us() + h->pin_pause_us;
    h->pin_pause_us = h->pin_pause_us > PIN_PAUSE_MAX / 2 ? PIN_PAUSE_MAX : h->pin_pause_us * 2;
}

static enum err open_failed(const struct hsm *h, CK_RV rv)
{
    const char *name = hsm_session_rv_name(rv);

    if (!h->module->initialised)
        return FAIL(E_BACKEND, "hsm-module", "token %s: C_Initialize 0x%lx %s", h->label, rv, name);
    if (rv == CKR_TOKEN_NOT_PRESENT)
        return FAIL(E_BACKEND, "hsm-token-absent", "no token labelled %s", h->label);
    if (rv == CKR_PIN_LOCKED)
        return FAIL(E_BACKEND, "hsm-pin-locked", "token %s: C_Login 0x%lx %s", h->label, rv, name);
    if (is_pin_answer(rv))
        return FAIL(E_BACKEND, "hsm-pin-wrong", "token %s: C_Login 0x%lx %s", h->label, rv, name);
    return FAIL(E_BACKEND, "hsm-failed", "token %s: opening: 0x%lx %s", h->label, rv, name);
}

/* 2 to 10 ms, at random so that two processes do not keep step. */
static void pause_a_little(void)
{
    struct timespec t = { .tv_nsec = (long)(2000000 + random_below(8000000)) };

    (void)nanosleep(&t, NULL);
}

/* SoftHSM rewrites token.object at each login, truncated first and filled later: who initialises in
 * between sees no token. So one process at a time initialises and logs in, by a lock on the
 * library's file, which all can open. Waits 2 s at most: without the lock it usually works too.
 * The file is opened each time, as a lock is shared with children over an inherited descriptor. */
static int login_lock(const struct hsm_module *m)
{
    int fd = m->path ? open(m->path, O_RDONLY | O_CLOEXEC) : -1, i;

    for (i = 0; fd >= 0 && i < LOCK_TRIES && flock(fd, LOCK_EX | LOCK_NB) != 0; i++)
        pause_a_little();
    return fd;
}

static void login_unlock(int fd)
{
    if (fd >= 0)
        (void)close(fd);
}

/* Up to five tries. The first is in the running module, as a new start voids what other handles
 * hold; not after a refused PIN, after which SoftHSM with a read-only directory refuses every login
 * until it starts anew. */
static CK_RV open_tries(struct hsm *h)
{
    CK_RV rv = CKR_OK;
    bool refused = h->pin_answer != CKR_OK;
    int attempt;

    for (attempt = 0; attempt < 5; attempt++) {
        if (attempt > 0)
            pause_a_little();
        if (attempt > 0 || refused || !h->module->initialised || h->module->pid != getpid()) {
            rv = hsm_session_restart(h->module);
            if (rv != CKR_OK)
                continue;
        }
        rv = login(h);
        ERR_clear_error();
        if (rv == CKR_OK || is_pin_answer(rv))
            return rv;
    }
    return rv;
}

enum err hsm_session_open(struct hsm *h)
{
    CK_RV rv;
    int lock;

    if (h->open && h->generation == h->module->generation && h->module->pid == getpid())
        return E_OK;
    h->open = false;
    if (clock_monotonic_us() < h->pin_not_before)
        return open_failed(h, h->pin_answer);
    lock = login_lock(h->module);
    rv = open_tries(h);
    login_unlock(lock);
    if (rv == CKR_OK) {
        h->pin_answer = CKR_OK;
        h->pin_not_before = 0;
        h->pin_pause_us = h->pin_pause_base_us;
        return E_OK;
    }
    if (is_pin_answer(rv))
        pin_refused(h, rv);
    return open_failed(h, rv);
}

/* Can some object of the token still be read? SoftHSM looks at the file for that. */
static bool object_readable(const struct hsm *h)
{
    const CK_FUNCTION_LIST *f = h->module->f;
    CK_OBJECT_CLASS class = 0;
    CK_BBOOL yes = CK_TRUE;
    CK_ATTRIBUTE token = { CKA_TOKEN, &yes, sizeof(yes) };
    CK_ATTRIBUTE read = { CKA_CLASS, &class, sizeof(class) };
    CK_OBJECT_HANDLE found;
    CK_ULONG n = 0;

    if (f->C_FindObjectsInit(h->session, &token, 1) != CKR_OK)
        return false;
    CK_RV rv = f->C_FindObjects(h->session, &found, 1, &n);
    (void)f->C_FindObjectsFinal(h->session);
    return rv == CKR_OK && n == 1 && f->C_GetAttributeValue(h->session, found, &read, 1) == CKR_OK;
}

bool hsm_session_alive(const struct hsm *h)
{
    CK_SESSION_INFO session;
    CK_TOKEN_INFO token;

    if (h->module->f->C_GetSessionInfo(h->session, &session) != CKR_OK ||
        (session.state != CKS_RO_USER_FUNCTIONS && session.state != CKS_RW_USER_FUNCTIONS))
        return false;
    /* SoftHSM cannot note a login in a token file that is read-only to us, and answers with a
     * general error from then on although the session works. */
    CK_RV rv = h->module->f->C_GetTokenInfo(h->slot, &token);
    if (rv == CKR_GENERAL_ERROR)
        return object_readable(h);
    if (rv != CKR_OK)
        return false;
    return (token.flags & CKF_TOKEN_INITIALIZED) && label_is(token.label, h->label);
}

static enum err op_failed(const struct hsm *h, const char *what, CK_RV rv)
{
    const char *name = hsm_session_rv_name(rv);

    if (rv == HSM_RV_DAMAGED)
        return FAIL(E_STATE, "key-damaged", "token %s: %s", h->label, what);
    if (rv == HSM_RV_CONFLICT)
        return FAIL(E_CONFLICT, "hsm-label-taken", "token %s: %s", h->label, what);
    if (rv == HSM_RV_KEK_ABSENT || rv == HSM_RV_KEK_LOST)
        return FAIL(E_BACKEND, "hsm-kek-absent", "token %s: %s", h->label, what);
    if (rv == HSM_RV_KEY_ABSENT)
        return FAIL(E_BACKEND, "hsm-key-absent", "token %s: %s", h->label, what);
    if (rv == HSM_RV_INTERNAL)
        return FAIL(E_INTERNAL, "", "token %s: %s: OpenSSL refused", h->label, what);
    return FAIL(E_BACKEND, "hsm-failed", "token %s: %s: 0x%lx %s", h->label, what, rv, name);
}

enum err hsm_session_run(struct hsm *h, const char *what, hsm_session_op *op, void *arg)
{
    enum err err;
    CK_RV rv;
    int round;

    for (round = 0;; round++) {
        err = hsm_session_open(h);
        if (err != E_OK)
            return err;
        rv = op(h, arg);
        ERR_clear_error();
        if (rv == CKR_OK)
            return E_OK;
        if (!is_lost(rv))
            return op_failed(h, what, rv);
        if ((rv == CKR_GENERAL_ERROR || rv == CKR_FUNCTION_FAILED) && hsm_session_alive(h))
            return op_failed(h, what, rv);
        if (round == 2)
            return op_failed(h, what, rv);
        log_warning("event=hsm-recovery token=%s work=%s answer=0x%lx round=%d", h->label, what, rv,
                    round + 1);
        hsm_session_close(h);
        if (round == 1)
            (void)hsm_session_restart(h->module);
    }
}
