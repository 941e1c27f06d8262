/*
 * profiles_data.h - what a certificate profile says, as structs; see profiles.h
 *
 * Made by profiles_check() from JSON, never written by hand. Strings live as long as the profile.
 */
#pragma once

#include "base/roles.h"
#include "pki/x509.h"

/* Where the key comes from. */
enum profiles_key {
    PROFILES_CSR = 1,     /* a request (RFC 2986) that the applicant made */
    PROFILES_HSM = 2,     /* a signing credential, born in the signing token */
    PROFILES_PKCS12 = 4,  /* made by the server, shown once */
    PROFILES_BROWSER = 8, /* made in the applicant's browser, never sent */
};
/* "csr", "hsm", "pkcs12", "browser": as in application.key_source; NULL when not exactly one. */
const char *profiles_key_name(uint32_t key);
/* The source of that name, or 0. */
uint32_t profiles_key_from_name(struct str name);

enum profiles_class { PROFILES_PRIVATE, PROFILES_SMIME, PROFILES_PUBLIC_TLS, PROFILES_CLASS__MAX };
/* "private", "smime", "public-tls". */
const char *profiles_class_name(enum profiles_class class);

/* What a field of an application holds, which decides how it is checked and drawn. */
enum profiles_kind {
    PROFILES_TEXT,
    PROFILES_EMAIL,
    PROFILES_DNS, /* a leading "*." where the profile allows it */
    PROFILES_IP,
    PROFILES_URI,
    PROFILES_CHOICE,
    PROFILES_COUNTRY,
    PROFILES_KIND__MAX
};

enum { PROFILES_FIELDS_MAX = 16, PROFILES_VALUES_MAX = 64, PROFILES_NOTICES_MAX = 8 };

struct profiles_field {
    struct str name; /* [a-z][a-z0-9_]*: name of the form field and of the CSV column */
    struct str label_ja, label_en, hint_ja, hint_en;
    enum profiles_kind kind;
    bool required;
    bool editable;   /* by reviewers */
    bool fixed;      /* is what `from` says: the applicant reads it, cannot change it */
    bool many;       /* may repeat */
    uint32_t max;    /* characters */
    struct str from; /* what it is filled with: "account.name", "account.email", "account.login",
                        "tenant.org", or "" */
    const struct str *choices;
    size_t choices_n;
};

/* A field of an application; of a field that may repeat the name repeats. */
struct profiles_value {
    struct str name, value;
};

/* One attribute of the subject, in order: a constant or the value of a field. */
struct profiles_part {
    enum oid type;
    struct str value; /* absent when it comes from a field */
    struct str field;
};

struct profiles_alternative {
    enum x509_san_kind kind;
    struct str field;
};

struct profile {
    struct str name;
    uint32_t version; /* 0: checked, not loaded */
    enum profiles_class class;
    struct str service; /* that the tenant's contract must hold */
    struct str cps;     /* practice statement and its version (P3-43) */
    struct str title_ja, title_en, about_ja, about_en;
    bool active; /* takes applications: the current version, not retired */
    struct str body;
    struct x509_profile x509;
    const struct profiles_part *subject;
    size_t subject_n;
    const struct profiles_alternative *names;
    size_t names_n;
    bool wildcard; /* a DNS name may begin with "*." */
    const struct profiles_field *fields;
    size_t fields_n;
    uint32_t keys;      /* profiles_key bits */
    uint32_t appliers;  /* ROLE_* */
    uint32_t approvals; /* 1, or 2 different people */
    bool person;        /* the subscriber is an account */
    bool renew_same_key;
    uint32_t renew_days;     /* renewal is offered that many days before the end */
    const uint32_t *notices; /* days before the end, most first */
    size_t notices_n;
};
