-- 0020_collect.sql - keys between application and certificate, and the links with which keys are
-- made and certificates collected (P1-51, P3-20).

-- A key of the signing token, bound to its owner's PIN, whose certificate is applied for. With the
-- certificate it becomes a credential and leaves this table; with a rejection it is erased.
CREATE TABLE registration_key (
  application_id BIGINT UNSIGNED NOT NULL,
  tenant_id      BIGINT UNSIGNED NOT NULL,
  public_id      VARCHAR(32)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'of the credential to be',
  label          VARCHAR(120)    NOT NULL,
  key_kind       VARCHAR(16)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  key_blob       VARBINARY(4096) NOT NULL COMMENT 'wrapped by the token, sealed with the PIN',
  spki           VARBINARY(1024) NOT NULL,
  created_at     DATETIME(6)     NOT NULL,
  PRIMARY KEY (application_id),
  UNIQUE KEY public_id (public_id),
  CONSTRAINT registration_key_application FOREIGN KEY (application_id) REFERENCES application (id)
    ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- A one-time link; only the hash of its token is here. open: nothing is done yet. made: the key is
-- there and the certificate asked for; of a key that the server made, sealed_key holds it until it is
-- fetched, under a key derived from password and token, of which the database has neither. done:
-- fetched, or there is nothing to fetch. void: replaced, expired, or too many wrong codes.
CREATE TABLE collect_link (
  id             BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  application_id BIGINT UNSIGNED NOT NULL,
  tenant_id      BIGINT UNSIGNED NOT NULL,
  token_hash     BINARY(32)      NOT NULL,
  code           CHAR(8)         CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'for people without an account; the applicant hands it over',
  state          VARCHAR(4)      CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'open',
  failures       INT UNSIGNED    NOT NULL DEFAULT 0 COMMENT 'wrong codes and passwords',
  salt           BINARY(16)      NULL,
  sealed_key     VARBINARY(8192) NULL,
  sealed_until   DATETIME(6)     NULL,
  created_at     DATETIME(6)     NOT NULL,
  expires_at     DATETIME(6)     NOT NULL,
  used_at        DATETIME(6)     NULL,
  PRIMARY KEY (id),
  UNIQUE KEY token (token_hash),
  KEY application (application_id, id),
  KEY sealed (sealed_until),
  CONSTRAINT collect_link_application FOREIGN KEY (application_id) REFERENCES application (id),
  CONSTRAINT collect_link_state CHECK (state IN ('open', 'made', 'done', 'void')),
  CONSTRAINT collect_link_sealed CHECK ((sealed_key IS NULL) = (salt IS NULL)
    AND (sealed_key IS NULL) = (sealed_until IS NULL) AND (sealed_key IS NULL OR state = 'made')),
  CONSTRAINT collect_link_used CHECK ((state IN ('made', 'done')) <= (used_at IS NOT NULL))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
