/* roles.c - see roles.h */
#include "base/roles.h"

static const char *const names[] = {
    "end_user",             /* ROLE_END_USER */
    "customer_admin",       /* ROLE_CUSTOMER_ADMIN */
    "lra_operator",         /* ROLE_LRA_OPERATOR */
    "designated_operator",  /* ROLE_DESIGNATED_OPERATOR */
    "support",              /* ROLE_SUPPORT */
    "privacy_desk",         /* ROLE_PRIVACY_DESK */
    "service_manager",      /* ROLE_SERVICE_MANAGER */
    "system_manager",       /* ROLE_SYSTEM_MANAGER */
    "system_admin",         /* ROLE_SYSTEM_ADMIN */
    "operations_assistant", /* ROLE_OPERATIONS_ASSISTANT */
    "auditor",              /* ROLE_AUDITOR */
    "policy_authority",     /* ROLE_POLICY_AUTHORITY */
};
#define ROLE_COUNT (sizeof names / sizeof names[0])
_Static_assert((1u << ROLE_COUNT) - 1 == ROLE__ALL, "one name per role bit");

const char *role_name(uint32_t role)
{
    for (size_t i = 0; i < ROLE_COUNT; i++)
        if (role == 1u << i)
            return names[i];
    return NULL;
}

uint32_t role_from_name(struct str name)
{
    for (size_t i = 0; i < ROLE_COUNT; i++)
        if (str_eq_z(name, names[i]))
            return 1u << i;
    return 0;
}
