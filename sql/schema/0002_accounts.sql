-- 0002_accounts.sql - customers, people, roles, second factors, sessions (P3-60 to P3-66, P3-140 to
-- P3-145, P2-12).

CREATE TABLE tenant (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  code          VARCHAR(40)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'short stable name',
  name          VARCHAR(120) COLLATE utf8mb4_unicode_520_ci NOT NULL,
  kind          VARCHAR(10)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  contract_end  DATETIME(6)  NULL COMMENT 'accounts stop from then on (P3-145)',
  ended_at      DATETIME(6)  NULL COMMENT 'when the worker stopped them',
  created_at    DATETIME(6)  NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY code (code),
  KEY contract_end (contract_end),
  CHECK (kind IN ('provider', 'customer'))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- role_family makes separation of duties a matter of the schema: all roles of an account are of the one
-- family that the account has (the foreign key of account_role), and a service manager's family holds
-- that role alone (its CHECK). So neither can a service manager get another role, nor can anybody with
-- another role become service manager (P3-66); the auditor is kept apart the same way (P3-118).
CREATE TABLE account (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  tenant_id     BIGINT UNSIGNED NOT NULL,
  login         VARCHAR(254) NOT NULL COMMENT 'lower case; one in the whole installation',
  email         VARCHAR(254) NOT NULL COMMENT 'one person, one account (P3-142)',
  name          VARCHAR(120) COLLATE utf8mb4_unicode_520_ci NOT NULL,
  lang          CHAR(2)      CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'ja',
  role_family   VARCHAR(16)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  state         VARCHAR(10)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  state_reason  VARCHAR(20)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  state_at      DATETIME(6)  NOT NULL,
  password_hash VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'Argon2id',
  password_at   DATETIME(6)  NULL,
  failed        INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'consecutive failures, password and code',
  failed_at     DATETIME(6)  NULL,
  login_at      DATETIME(6)  NULL COMMENT 'last complete sign-in',
  warned_at     DATETIME(6)  NULL COMMENT 'dormancy warning sent (P3-144)',
  created_at    DATETIME(6)  NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY login (login),
  UNIQUE KEY email (tenant_id, email),
  UNIQUE KEY family (id, role_family),
  KEY tenant_name (tenant_id, name, id),
  KEY tenant_state (tenant_id, state),
  KEY tenant_seen (tenant_id, login_at, id),
  KEY dormant (state, login_at),
  CONSTRAINT account_tenant FOREIGN KEY (tenant_id) REFERENCES tenant (id),
  CONSTRAINT account_family CHECK
    (role_family IN ('customer', 'staff', 'service_manager', 'auditor')),
  CONSTRAINT account_state CHECK
    (state IN ('invited', 'active', 'locked', 'suspended', 'closed')),
  CONSTRAINT account_lang CHECK (lang IN ('ja', 'en')),
  CONSTRAINT account_password CHECK (state = 'invited' OR password_hash IS NOT NULL OR state = 'closed')
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE account_role (
  account_id    BIGINT UNSIGNED NOT NULL,
  role          VARCHAR(24)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  role_family   VARCHAR(16)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  granted_at    DATETIME(6)  NOT NULL,
  granted_by    BIGINT UNSIGNED NULL COMMENT 'NULL: from the command line',
  PRIMARY KEY (account_id, role),
  KEY role (role, account_id),
  CONSTRAINT account_role_family FOREIGN KEY (account_id, role_family)
    REFERENCES account (id, role_family) ON UPDATE RESTRICT ON DELETE RESTRICT,
  CONSTRAINT account_role_separation CHECK (
    (role_family = 'service_manager' AND role = 'service_manager')
    OR (role_family = 'auditor' AND role = 'auditor')
    OR (role_family = 'staff' AND role IN ('support', 'privacy_desk', 'system_manager',
        'system_admin', 'operations_assistant', 'policy_authority'))
    OR (role_family = 'customer' AND role IN ('end_user', 'customer_admin', 'lra_operator',
        'designated_operator')))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE account_totp (
  account_id    BIGINT UNSIGNED NOT NULL,
  secret        VARBINARY(255) NULL COMMENT 'AES-256-GCM, bound to the account; NULL: not enrolled',
  pending       VARBINARY(255) NULL COMMENT 'shown as QR code, not yet confirmed by a code',
  pending_at    DATETIME(6)  NULL,
  confirmed_at  DATETIME(6)  NULL,
  last_step     BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'last used 30-second step (RFC 6238 5.2)',
  PRIMARY KEY (account_id),
  CONSTRAINT account_totp_account FOREIGN KEY (account_id) REFERENCES account (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE recovery_code (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  account_id    BIGINT UNSIGNED NOT NULL,
  code_hash     BINARY(32)   NOT NULL COMMENT 'HMAC-SHA-256 under a key of the programs',
  created_at    DATETIME(6)  NOT NULL,
  used_at       DATETIME(6)  NULL,
  PRIMARY KEY (id),
  UNIQUE KEY code (account_id, code_hash),
  CONSTRAINT recovery_code_account FOREIGN KEY (account_id) REFERENCES account (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE account_session (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  account_id    BIGINT UNSIGNED NOT NULL,
  tenant_id     BIGINT UNSIGNED NOT NULL,
  token_hash    BINARY(32)   NOT NULL COMMENT 'SHA-256 of the cookie value',
  stage         VARCHAR(8)   CHARACTER SET ascii COLLATE ascii_bin NOT NULL
                COMMENT 'code: password done, second factor awaited; enrol: staff must enrol; full',
  second_at     DATETIME(6)  NULL COMMENT 'when the second factor was proved in this session',
  created_at    DATETIME(6)  NOT NULL,
  seen_at       DATETIME(6)  NOT NULL,
  idle_until    DATETIME(6)  NOT NULL,
  end_by        DATETIME(6)  NOT NULL COMMENT 'absolute time-out',
  ended_at      DATETIME(6)  NULL,
  end_reason    VARCHAR(20)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  address       VARCHAR(45)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  user_agent    VARCHAR(255) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY token (token_hash),
  KEY account (account_id, ended_at),
  KEY over_at (end_by),
  CONSTRAINT account_session_account FOREIGN KEY (account_id) REFERENCES account (id),
  CONSTRAINT account_session_stage CHECK (stage IN ('code', 'enrol', 'full'))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- What the person may see of their own account's use.
CREATE TABLE login_event (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  account_id    BIGINT UNSIGNED NOT NULL,
  at            DATETIME(6)  NOT NULL,
  kind          VARCHAR(24)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  address       VARCHAR(45)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  user_agent    VARCHAR(255) NOT NULL,
  PRIMARY KEY (id),
  KEY account (account_id, id),
  KEY over_at (at),
  CONSTRAINT login_event_account FOREIGN KEY (account_id) REFERENCES account (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE password_link (
  token_hash    BINARY(32)   NOT NULL COMMENT 'SHA-256 of the mailed token',
  account_id    BIGINT UNSIGNED NOT NULL,
  purpose       VARCHAR(8)   CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  created_at    DATETIME(6)  NOT NULL,
  expires_at    DATETIME(6)  NOT NULL,
  used_at       DATETIME(6)  NULL,
  PRIMARY KEY (token_hash),
  KEY account (account_id),
  KEY over_at (expires_at),
  CONSTRAINT password_link_account FOREIGN KEY (account_id) REFERENCES account (id),
  CONSTRAINT password_link_purpose CHECK (purpose IN ('reset', 'invite'))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
