-- 0005_signing.sql - credentials, API clients, documents (8 hours), signature records (7 years).

-- A customer's system that calls the remote signing API (P3-13, P3-14).
CREATE TABLE client (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  tenant_id BIGINT UNSIGNED NOT NULL,
  name VARCHAR(120) NOT NULL,
  state VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'active',
  -- may ask for signatures with the PIN-bound credentials of its tenant's people
  personal TINYINT(1) NOT NULL DEFAULT 0,
  -- least level of the user authentication that it must assert for those (P3-23, P3-45); 0: agreed by contract
  assertion_level TINYINT UNSIGNED NOT NULL DEFAULT 2,
  per_minute INT UNSIGNED NOT NULL DEFAULT 240000,
  max_bytes BIGINT UNSIGNED NOT NULL DEFAULT 104857600,
  created_at DATETIME(6) NOT NULL,
  KEY client_by_tenant (tenant_id),
  CONSTRAINT client_tenant FOREIGN KEY (tenant_id) REFERENCES tenant (id),
  CONSTRAINT client_state CHECK (state IN ('active', 'suspended', 'revoked'))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- The connection certificates of a client: two are valid at once while one is being replaced. What
-- each says, and whether it is revoked, is asked of the authority for each request.
CREATE TABLE client_certificate (
  certificate_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  client_id BIGINT UNSIGNED NOT NULL,
  created_at DATETIME(6) NOT NULL,
  KEY client_certificate_client (client_id),
  CONSTRAINT client_certificate_of FOREIGN KEY (client_id) REFERENCES client (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- A signing key: the blob is wrapped by the HSM, and sealed under the PIN when pin_bound (P3-08, P3-46).
CREATE TABLE credential (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  public_id VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  tenant_id BIGINT UNSIGNED NOT NULL,
  account_id BIGINT UNSIGNED NULL,
  label VARCHAR(120) NOT NULL,
  key_kind VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  key_blob VARBINARY(4096) NOT NULL,
  pin_bound TINYINT(1) NOT NULL,
  spki VARBINARY(1024) NOT NULL,
  key_id BINARY(32) NOT NULL,
  certificate_id BIGINT UNSIGNED NOT NULL,
  state VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'active',
  hold_reason VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
  pin_failures INT UNSIGNED NOT NULL DEFAULT 0,
  pin_changed_at DATETIME(6) NULL,
  created_at DATETIME(6) NOT NULL,
  UNIQUE KEY credential_public (public_id),
  UNIQUE KEY credential_key (key_id),
  KEY credential_by_account (tenant_id, account_id),
  CONSTRAINT credential_tenant FOREIGN KEY (tenant_id) REFERENCES tenant (id),
  CONSTRAINT credential_account FOREIGN KEY (account_id) REFERENCES account (id),
  CONSTRAINT credential_state CHECK (state IN ('active', 'hold', 'locked', 'revoked')),
  CONSTRAINT credential_kind CHECK (key_kind IN ('rsa2048', 'rsa3072', 'p256', 'p384')),
  -- a person's key always has a PIN; an organisation's seal never has one
  CONSTRAINT credential_pin CHECK (pin_bound = (account_id IS NOT NULL))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Which seals a client may use.
CREATE TABLE client_credential (
  client_id BIGINT UNSIGNED NOT NULL,
  credential_id BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (client_id, credential_id),
  CONSTRAINT client_credential_client FOREIGN KEY (client_id) REFERENCES client (id),
  CONSTRAINT client_credential_credential FOREIGN KEY (credential_id) REFERENCES credential (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- A file between upload and erasure. delete_at is fixed at creation (P3-11); when it is reached the
-- chunks go, wrapped_key and filename become NULL, and the row stays as evidence of the erasure.
CREATE TABLE document (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  public_id VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  tenant_id BIGINT UNSIGNED NOT NULL,
  account_id BIGINT UNSIGNED NULL,
  client_id BIGINT UNSIGNED NULL,
  filename VARCHAR(255) NULL,
  size BIGINT UNSIGNED NOT NULL,
  digest BINARY(32) NOT NULL,
  version INT UNSIGNED NOT NULL DEFAULT 0,
  state VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'uploaded',
  wrapped_key VARBINARY(256) NULL,
  created_at DATETIME(6) NOT NULL,
  delete_at DATETIME(6) NOT NULL,
  deleted_at DATETIME(6) NULL,
  delete_reason VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL,
  late_at DATETIME(6) NULL,
  UNIQUE KEY document_public (public_id),
  KEY document_due (state, delete_at),
  KEY document_by_account (tenant_id, account_id, created_at),
  CONSTRAINT document_tenant FOREIGN KEY (tenant_id) REFERENCES tenant (id),
  CONSTRAINT document_account FOREIGN KEY (account_id) REFERENCES account (id),
  CONSTRAINT document_client FOREIGN KEY (client_id) REFERENCES client (id),
  CONSTRAINT document_owner CHECK ((account_id IS NULL) <> (client_id IS NULL)),
  CONSTRAINT document_state CHECK (state IN ('uploaded', 'signed', 'deleted')),
  CONSTRAINT document_deadline CHECK (delete_at <= created_at + INTERVAL 8 HOUR),
  CONSTRAINT document_erased CHECK (state <> 'deleted' OR (wrapped_key IS NULL AND filename IS NULL
    AND deleted_at IS NOT NULL)),
  CONSTRAINT document_held CHECK (state = 'deleted' OR wrapped_key IS NOT NULL)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- AES-256-GCM pieces of 1 MiB; the additional data binds document, version, number and count.
CREATE TABLE document_chunk (
  document_id BIGINT UNSIGNED NOT NULL,
  version INT UNSIGNED NOT NULL,
  seq INT UNSIGNED NOT NULL,
  sealed MEDIUMBLOB NOT NULL,
  PRIMARY KEY (document_id, version, seq),
  CONSTRAINT document_chunk_of FOREIGN KEY (document_id) REFERENCES document (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- What is left of a signature for 7 years (P3-25, P3-26, P3-87): never the document, never its name.
CREATE TABLE signature (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  public_id VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  tenant_id BIGINT UNSIGNED NOT NULL,
  account_id BIGINT UNSIGNED NULL,
  client_id BIGINT UNSIGNED NULL,
  document_id BIGINT UNSIGNED NULL,
  credential_id BIGINT UNSIGNED NULL,
  certificate_id BIGINT UNSIGNED NULL,
  certificate_serial VARBINARY(20) NULL,
  key_id BINARY(32) NULL,
  level VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  outcome VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  reason_code VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
  requested_at DATETIME(6) NOT NULL,
  finished_at DATETIME(6) NOT NULL,
  size_in BIGINT UNSIGNED NOT NULL DEFAULT 0,
  size_out BIGINT UNSIGNED NOT NULL DEFAULT 0,
  digest_in BINARY(32) NULL,
  digest_out BINARY(32) NULL,
  tsa VARCHAR(255) NULL,
  tsa_serial VARCHAR(64) NULL,
  tsa_time DATETIME(6) NULL,
  archive_serial VARCHAR(64) NULL,
  archive_time DATETIME(6) NULL,
  auth_method VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  auth_level TINYINT UNSIGNED NOT NULL DEFAULT 0,
  auth_at DATETIME(6) NULL,
  request_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  keep_until DATETIME(6) NOT NULL,
  UNIQUE KEY signature_public (public_id),
  KEY signature_by_account (tenant_id, account_id, requested_at),
  KEY signature_by_document (document_id),
  KEY signature_keep (keep_until),
  CONSTRAINT signature_tenant FOREIGN KEY (tenant_id) REFERENCES tenant (id),
  CONSTRAINT signature_outcome CHECK (outcome IN ('signed', 'failed')),
  CONSTRAINT signature_level CHECK (level IN ('ES', 'ES-T', 'ES-LT', 'ES-A')),
  CONSTRAINT signature_done CHECK (outcome <> 'signed' OR (document_id IS NOT NULL
    AND credential_id IS NOT NULL AND digest_in IS NOT NULL AND digest_out IS NOT NULL))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Idempotency-Key of the API: the row is written in the transaction of the signature, so a second
-- request with the key waits for the first and then finds its result.
CREATE TABLE idempotency (
  client_id BIGINT UNSIGNED NOT NULL,
  key_hash BINARY(32) NOT NULL,
  request_digest BINARY(32) NOT NULL,
  signature_public_id VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  created_at DATETIME(6) NOT NULL,
  expire_at DATETIME(6) NOT NULL,
  PRIMARY KEY (client_id, key_hash),
  KEY idempotency_expire (expire_at),
  CONSTRAINT idempotency_client FOREIGN KEY (client_id) REFERENCES client (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Counters that outlive a process: erasures done, erasures late (for /metrics and the alarm).
CREATE TABLE signing_counter (
  name VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  value BIGINT UNSIGNED NOT NULL DEFAULT 0
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

INSERT INTO signing_counter (name, value) VALUES ('erased', 0), ('erased_late', 0);
