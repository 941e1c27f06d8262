-- 0004_authority.sql - certification authorities, certificates, lists, and the timestamp record
-- (P3-13, P3-20 to P3-24, P3-42 to P3-44, P3-47, P3-136, P3-147, P3-148).

-- certificate: DER of the authority's own, NULL until it is issued. changes counts revocations,
-- suspensions and releases; a list (crl) tells up to which of them it is complete.
CREATE TABLE authority (
  id           BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  name         VARCHAR(40)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'as in its URLs',
  parent_id    BIGINT UNSIGNED NULL COMMENT 'NULL: self-signed',
  key_label    VARCHAR(64)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'in the ca token',
  subject      VARBINARY(1024) NOT NULL COMMENT 'DER name',
  spki         VARBINARY(1024) NOT NULL,
  spki_sha256  BINARY(32)      NOT NULL,
  ski          VARBINARY(20)   NOT NULL,
  url          VARCHAR(200)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'of the repository',
  certificate  VARBINARY(8192) NULL,
  not_before   DATETIME(6)     NULL,
  not_after    DATETIME(6)     NULL,
  state        VARCHAR(10)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'making',
  crl_days     INT UNSIGNED    NOT NULL DEFAULT 7,
  crl_number   BIGINT UNSIGNED NOT NULL DEFAULT 0,
  changes      BIGINT UNSIGNED NOT NULL DEFAULT 0,
  created_at   DATETIME(6)     NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY name (name),
  UNIQUE KEY spki (spki_sha256),
  CONSTRAINT authority_parent FOREIGN KEY (parent_id) REFERENCES authority (id),
  CONSTRAINT authority_state CHECK (state IN ('making', 'active', 'retired')),
  CONSTRAINT authority_made CHECK (state = 'making' OR certificate IS NOT NULL)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- tenant_id NULL: the installation's own (authorities, OCSP, TSA, servers). account_id NULL: systems.
-- A row in state signing holds its serial number and to-be-signed bytes before the CA key is used;
-- der appears with the release and is never changed again.
CREATE TABLE certificate (
  id             BIGINT UNSIGNED  NOT NULL AUTO_INCREMENT,
  tenant_id      BIGINT UNSIGNED  NULL,
  account_id     BIGINT UNSIGNED  NULL,
  authority_id   BIGINT UNSIGNED  NOT NULL COMMENT 'the issuer; a root: itself',
  profile        VARCHAR(40)      CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  state          VARCHAR(10)      CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'requested',
  subject        VARBINARY(2048)  NOT NULL COMMENT 'DER name',
  subject_text   VARCHAR(1000)    NOT NULL COMMENT 'RFC 4514, cut',
  san            TEXT             NULL COMMENT 'JSON array of {kind, value}',
  spki           VARBINARY(2048)  NOT NULL,
  spki_sha256    BINARY(32)       NOT NULL,
  validity_us    BIGINT           NOT NULL,
  serial         VARBINARY(20)    NULL,
  tbs            BLOB             NULL,
  der            BLOB             NULL,
  fingerprint    BINARY(32)       NULL,
  not_before     DATETIME(6)      NULL,
  not_after      DATETIME(6)      NULL,
  refused        VARCHAR(64)      CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  revoked_at     DATETIME(6)      NULL,
  reason         TINYINT UNSIGNED NOT NULL DEFAULT 0,
  requested_at   DATETIME(6)      NOT NULL,
  issued_at      DATETIME(6)      NULL,
  PRIMARY KEY (id),
  UNIQUE KEY number (authority_id, serial),
  UNIQUE KEY fingerprint (fingerprint),
  KEY tenant (tenant_id, id),
  KEY account (account_id, id),
  KEY spki (spki_sha256),
  KEY listed (authority_id, state, not_after),
  CONSTRAINT certificate_tenant FOREIGN KEY (tenant_id) REFERENCES tenant (id),
  CONSTRAINT certificate_account FOREIGN KEY (account_id) REFERENCES account (id),
  CONSTRAINT certificate_authority FOREIGN KEY (authority_id) REFERENCES authority (id),
  CONSTRAINT certificate_state CHECK
    (state IN ('requested', 'signing', 'issued', 'refused', 'suspended', 'revoked')),
  CONSTRAINT certificate_number CHECK
    ((state IN ('requested', 'refused')) = (serial IS NULL) AND (serial IS NULL) = (tbs IS NULL)),
  CONSTRAINT certificate_released CHECK
    ((state IN ('issued', 'suspended', 'revoked')) = (der IS NOT NULL)
     AND (der IS NULL) = (fingerprint IS NULL)),
  CONSTRAINT certificate_end CHECK
    ((state IN ('suspended', 'revoked')) = (revoked_at IS NOT NULL)
     AND (state <> 'suspended' OR reason = 6)),
  CONSTRAINT certificate_refused CHECK ((state = 'refused') = (refused <> ''))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Keys of the status token: OCSP responders (one per issuing authority) and timestamp authorities.
-- Their certificates are rows of certificate with the same key.
CREATE TABLE service_key (
  id           BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  kind         VARCHAR(10)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  authority_id BIGINT UNSIGNED NOT NULL,
  key_label    VARCHAR(64)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  subject      VARBINARY(1024) NOT NULL,
  spki         VARBINARY(1024) NOT NULL,
  spki_sha256  BINARY(32)      NOT NULL,
  created_at   DATETIME(6)     NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY key_label (key_label),
  UNIQUE KEY spki (spki_sha256),
  CONSTRAINT service_key_authority FOREIGN KEY (authority_id) REFERENCES authority (id),
  CONSTRAINT service_key_kind CHECK (kind IN ('ocsp', 'tsa'))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE crl (
  id           BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  authority_id BIGINT UNSIGNED NOT NULL,
  number       BIGINT UNSIGNED NOT NULL,
  changes      BIGINT UNSIGNED NOT NULL COMMENT 'of the authority, that this list knows',
  entries      INT UNSIGNED    NOT NULL,
  this_update  DATETIME(6)     NOT NULL,
  next_update  DATETIME(6)     NOT NULL,
  digest       BINARY(32)      NOT NULL,
  der          LONGBLOB        NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY number (authority_id, number),
  CONSTRAINT crl_authority FOREIGN KEY (authority_id) REFERENCES authority (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- What the timestamp authority has signed. One row for the tokens of one process in a tenth of a
-- second: 16 octets of serial number (8 of them the time in microseconds) and the SHA-256 of the
-- imprint for each.
CREATE TABLE timestamp_batch (
  id       BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  first_at DATETIME(6)     NOT NULL,
  last_at  DATETIME(6)     NOT NULL,
  tokens   INT UNSIGNED    NOT NULL,
  record   MEDIUMBLOB      NOT NULL,
  PRIMARY KEY (id),
  KEY at (last_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='append only';
