-- 0011_signing.sql - kinds of signature, batches authorised once, reminders to renew archives.

-- What was made: a signature ('sign', 'certify'), an extension of a file that needs no key
-- ('timestamp', 'validation', 'archive'), or a signature over a digest ('digest': the client keeps
-- the document; digest_in is that digest, or its SHA-256 when it is longer, digest_out the CMS's).
ALTER TABLE signature
  ADD COLUMN kind VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'sign',
  ADD COLUMN certify TINYINT UNSIGNED NOT NULL DEFAULT 0,
  DROP CONSTRAINT signature_done,
  ADD CONSTRAINT signature_kind CHECK (kind IN ('sign', 'certify', 'timestamp', 'validation',
    'archive', 'digest')),
  ADD CONSTRAINT signature_certify CHECK (certify <= 3 AND (certify > 0) = (kind = 'certify')),
  ADD CONSTRAINT signature_done CHECK (outcome <> 'signed' OR (digest_in IS NOT NULL
    AND digest_out IS NOT NULL AND (document_id IS NOT NULL OR kind = 'digest')
    AND (credential_id IS NOT NULL OR kind IN ('timestamp', 'validation', 'archive'))));

-- The result of a digest signature, for a repeated request: a CMS has no content.
ALTER TABLE idempotency ADD COLUMN result BLOB NULL;

-- One authorisation for several documents. `sealed` holds the opened wrapped key and the options
-- under a key that only the browser's token gives; it goes when the batch ends or expires.
CREATE TABLE signing_batch (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  public_id VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  tenant_id BIGINT UNSIGNED NOT NULL,
  account_id BIGINT UNSIGNED NOT NULL,
  credential_id BIGINT UNSIGNED NOT NULL,
  sealed MEDIUMBLOB NULL,
  created_at DATETIME(6) NOT NULL,
  expire_at DATETIME(6) NOT NULL,
  ended_at DATETIME(6) NULL,
  UNIQUE KEY signing_batch_public (public_id),
  KEY signing_batch_expire (ended_at, expire_at),
  KEY signing_batch_created (created_at),
  CONSTRAINT signing_batch_tenant FOREIGN KEY (tenant_id) REFERENCES tenant (id),
  CONSTRAINT signing_batch_account FOREIGN KEY (account_id) REFERENCES account (id),
  CONSTRAINT signing_batch_credential FOREIGN KEY (credential_id) REFERENCES credential (id),
  CONSTRAINT signing_batch_deadline CHECK (expire_at <= created_at + INTERVAL 10 MINUTE),
  CONSTRAINT signing_batch_ended CHECK (ended_at IS NULL OR sealed IS NULL)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE signing_batch_item (
  batch_id BIGINT UNSIGNED NOT NULL,
  seq INT UNSIGNED NOT NULL,
  document_id BIGINT UNSIGNED NOT NULL,
  digest BINARY(32) NOT NULL,
  state VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'waiting',
  reason_code VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
  signature_public_id VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
  PRIMARY KEY (batch_id, seq),
  UNIQUE KEY signing_batch_item_once (batch_id, document_id),
  CONSTRAINT signing_batch_item_of FOREIGN KEY (batch_id) REFERENCES signing_batch (id) ON DELETE CASCADE,
  CONSTRAINT signing_batch_item_document FOREIGN KEY (document_id) REFERENCES document (id),
  CONSTRAINT signing_batch_item_state CHECK (state IN ('waiting', 'signed', 'failed'))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Files that reached ES-A and that their owner keeps elsewhere: known by digest, never by name. The
-- note is the owner's own.
CREATE TABLE renewal (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  public_id VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  tenant_id BIGINT UNSIGNED NOT NULL,
  account_id BIGINT UNSIGNED NOT NULL,
  digest BINARY(32) NOT NULL,
  note VARCHAR(120) NULL,
  archived_at DATETIME(6) NOT NULL,
  tsa_end DATETIME(6) NOT NULL,
  remind_at DATETIME(6) NULL,
  reminded INT UNSIGNED NOT NULL DEFAULT 0,
  UNIQUE KEY renewal_public (public_id),
  UNIQUE KEY renewal_digest (account_id, digest),
  KEY renewal_due (remind_at),
  KEY renewal_end (tsa_end),
  CONSTRAINT renewal_tenant FOREIGN KEY (tenant_id) REFERENCES tenant (id),
  CONSTRAINT renewal_account FOREIGN KEY (account_id) REFERENCES account (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
