/*
 * ids.h - every kind of identifier is a type of its own: mixing two is a compile error.
 *
 * 0 means "none". Identifiers shown to the outside that must not be guessable are random public ids
 * (text), not these.
 */
#pragma once

#include <stdint.h>

#define ID_KINDS(X)                                                                                \
    X(tenant)                                                                                      \
    X(account)                                                                                     \
    X(session)                                                                                     \
    X(mail)                                                                                        \
    X(job)                                                                                         \
    X(audit)                                                                                       \
    X(credential)                                                                                  \
    X(certificate)                                                                                 \
    X(authority)                                                                                   \
    X(document)                                                                                    \
    X(signature)                                                                                   \
    X(client)                                                                                      \
    X(envelope)                                                                                    \
    X(party)                                                                                       \
    X(paper)                                                                                       \
    X(field)                                                                                       \
    X(batch)                                                                                       \
    X(renewal)                                                                                     \
    X(application)                                                                                 \
    X(bulk)                                                                                        \
    X(contact)                                                                                     \
    X(namespace)                                                                                   \
    X(roster)                                                                                      \
    X(change)

#define ID_DECLARE(kind)                                                                           \
    struct kind##_id {                                                                             \
        uint64_t v;                                                                                \
    };
ID_KINDS(ID_DECLARE)
#undef ID_DECLARE
