-- 0003_audit.sql - the audit log (P2-26, P3-74 to P3-81): rows, seals, and which seal holds which row.
-- Programs may only insert and select here; the grants are made from the role lines of
-- sql/queries/audit.sql and a test proves them.

CREATE TABLE audit_event (
  id           BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  nonce        BINARY(16)      NOT NULL COMMENT 'makes a copied row impossible: part of row_hash',
  at           DATETIME(6)     NOT NULL,
  category     TINYINT UNSIGNED NOT NULL COMMENT '0 system, 1 network, 2 access, 3 facility',
  tenant_id    BIGINT UNSIGNED NULL COMMENT 'no foreign keys: a row outlives what it speaks of',
  account_id   BIGINT UNSIGNED NULL,
  client_id    BIGINT UNSIGNED NULL,
  actor_name   VARCHAR(200)    NULL,
  action       VARCHAR(80)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  object_kind  VARCHAR(40)     CHARACTER SET ascii COLLATE ascii_bin NULL,
  object_id    VARCHAR(80)     CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  outcome      TINYINT UNSIGNED NOT NULL COMMENT '0 ok, 1 refused, 2 failed',
  address      VARCHAR(45)     CHARACTER SET ascii COLLATE ascii_bin NULL,
  request_id   VARCHAR(64)     CHARACTER SET ascii COLLATE ascii_bin NULL,
  detail       TEXT            CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  row_hash     BINARY(32)      NOT NULL COMMENT 'HMAC-SHA-256 over all columns but id',
  PRIMARY KEY (id),
  UNIQUE KEY nonce (nonce),
  KEY tenant_time (tenant_id, id),
  KEY account (account_id, id),
  KEY action_time (action, id),
  KEY time_order (at),
  CHECK (outcome <= 2),
  CHECK (category <= 3),
  CHECK (detail IS NULL OR JSON_VALID(detail))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='append only';

CREATE TABLE audit_seal (
  number       BIGINT UNSIGNED NOT NULL COMMENT '1, 2, 3 ... without a gap',
  sealed_at    DATETIME(6)     NOT NULL,
  floor_id     BIGINT UNSIGNED NOT NULL COMMENT 'no row up to this id may still be unsealed',
  first_id     BIGINT UNSIGNED NOT NULL,
  last_id      BIGINT UNSIGNED NOT NULL,
  event_count  BIGINT UNSIGNED NOT NULL,
  digest       BINARY(32)      NOT NULL COMMENT 'SHA-256 over the rows, in id order',
  previous     BINARY(32)      NOT NULL COMMENT 'chain of seal number - 1; zeros for the first',
  chain        BINARY(32)      NOT NULL COMMENT 'SHA-256 over all columns above',
  key_name     VARCHAR(80)     NULL,
  signature    VARBINARY(4096) NULL COMMENT 'over chain',
  token        BLOB            NULL COMMENT 'RFC 3161 token over chain',
  PRIMARY KEY (number),
  CHECK (number >= 1),
  CHECK (event_count >= 1),
  CHECK (first_id <= last_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='append only';

CREATE TABLE audit_seal_member (
  event_id     BIGINT UNSIGNED NOT NULL COMMENT 'no foreign key: a deleted row must stay noticed',
  seal_number  BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (event_id),
  KEY seal (seal_number, event_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='append only';
