/*
 * roles.h - the roles of DESIGN section 1, as bits, and their stable names.
 *
 * Naming trap (REQUIREMENTS section 0): ROLE_LRA_OPERATOR is the customer's オペレータ様 who
 * reviews applications; ROLE_OPERATIONS_ASSISTANT is the provider's オペレータ(運用員) without
 * system rights.
 */
#pragma once

#include "base/str.h"

enum role {
    ROLE_END_USER = 1u << 0,
    ROLE_CUSTOMER_ADMIN = 1u << 1,
    ROLE_LRA_OPERATOR = 1u << 2,
    ROLE_DESIGNATED_OPERATOR = 1u << 3,
    ROLE_SUPPORT = 1u << 4,
    ROLE_PRIVACY_DESK = 1u << 5,
    ROLE_SERVICE_MANAGER = 1u << 6,
    ROLE_SYSTEM_MANAGER = 1u << 7,
    ROLE_SYSTEM_ADMIN = 1u << 8,
    ROLE_OPERATIONS_ASSISTANT = 1u << 9,
    ROLE_AUDITOR = 1u << 10,
    ROLE_POLICY_AUTHORITY = 1u << 11,
    ROLE__ALL = (1u << 12) - 1
};

/* Provider staff: a second factor is mandatory for these. */
#define ROLES_STAFF                                                                                \
    (ROLE_SUPPORT | ROLE_PRIVACY_DESK | ROLE_SERVICE_MANAGER | ROLE_SYSTEM_MANAGER |               \
     ROLE_SYSTEM_ADMIN | ROLE_OPERATIONS_ASSISTANT | ROLE_AUDITOR | ROLE_POLICY_AUTHORITY)

/* Stable name ("end_user", "customer_admin" ...) of a single role; NULL when not exactly one bit.
 */
const char *role_name(uint32_t role);
/* The role of that name, or 0. */
uint32_t role_from_name(struct str name);
