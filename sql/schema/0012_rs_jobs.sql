-- 0012_rs_jobs.sql - the RS API's asynchronous jobs, batches, repeated requests, and notices.

-- One authorised request for several documents or digests: what became of each is in its items, as
-- JSON without names or personal data.
CREATE TABLE rs_batch (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  public_id VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  tenant_id BIGINT UNSIGNED NOT NULL,
  client_id BIGINT UNSIGNED NOT NULL,
  items MEDIUMTEXT NOT NULL CHECK (JSON_VALID(items)),
  created_at DATETIME(6) NOT NULL,
  UNIQUE KEY rs_batch_public (public_id),
  KEY rs_batch_created (created_at),
  CONSTRAINT rs_batch_client FOREIGN KEY (client_id) REFERENCES client (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- A request that the signer does later. `options` are the request's own (reason, seals, a file's
-- password), encrypted, and gone when it has ended. `record` is the signature record that it led to.
CREATE TABLE rs_job (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  public_id VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  tenant_id BIGINT UNSIGNED NOT NULL,
  client_id BIGINT UNSIGNED NOT NULL,
  batch_id BIGINT UNSIGNED NULL,
  kind VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  state VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'queued',
  document_id BIGINT UNSIGNED NOT NULL,
  document_public_id VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  options BLOB NULL,
  reason_code VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
  record VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
  attempts INT UNSIGNED NOT NULL DEFAULT 0,
  created_at DATETIME(6) NOT NULL,
  ended_at DATETIME(6) NULL,
  UNIQUE KEY rs_job_public (public_id),
  KEY rs_job_by_client (client_id, created_at),
  KEY rs_job_record (record),
  KEY rs_job_batch (batch_id),
  KEY rs_job_ended (ended_at),
  CONSTRAINT rs_job_client FOREIGN KEY (client_id) REFERENCES client (id),
  CONSTRAINT rs_job_document FOREIGN KEY (document_id) REFERENCES document (id),
  CONSTRAINT rs_job_in_batch FOREIGN KEY (batch_id) REFERENCES rs_batch (id),
  CONSTRAINT rs_job_kind CHECK (kind IN ('sign', 'timestamp', 'validation', 'archive')),
  CONSTRAINT rs_job_state CHECK (state IN ('queued', 'running', 'signed', 'failed', 'cancelled')),
  CONSTRAINT rs_job_end CHECK ((state IN ('queued', 'running')) = (ended_at IS NULL)),
  CONSTRAINT rs_job_options CHECK (ended_at IS NULL OR options IS NULL),
  CONSTRAINT rs_job_result CHECK ((state = 'signed') = (record IS NOT NULL))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- The list of a client's jobs walks its records by time.
ALTER TABLE signature ADD KEY signature_by_client (client_id, requested_at);

-- Idempotency-Key of requests whose answer is a JSON document; written in the transaction of the
-- request, so that a second one with the key waits for the first and then finds its answer.
CREATE TABLE rs_repeat (
  client_id BIGINT UNSIGNED NOT NULL,
  key_hash BINARY(32) NOT NULL,
  request_digest BINARY(32) NOT NULL,
  status INT UNSIGNED NOT NULL DEFAULT 0,
  location VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NULL,
  answer MEDIUMTEXT NULL,
  expire_at DATETIME(6) NOT NULL,
  PRIMARY KEY (client_id, key_hash),
  KEY rs_repeat_expire (expire_at),
  CONSTRAINT rs_repeat_client FOREIGN KEY (client_id) REFERENCES client (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Where a client wants to be told. The secret is encrypted under the installation's own. hold_until:
-- it did not answer lately, nothing is sent before.
CREATE TABLE rs_webhook (
  client_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  tenant_id BIGINT UNSIGNED NOT NULL,
  url VARCHAR(1000) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  secret VARBINARY(128) NOT NULL,
  failures INT UNSIGNED NOT NULL DEFAULT 0,
  hold_until DATETIME(6) NULL,
  created_at DATETIME(6) NOT NULL,
  secret_at DATETIME(6) NOT NULL,
  CONSTRAINT rs_webhook_client FOREIGN KEY (client_id) REFERENCES client (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- The notices: what was sent, how often, with what result. The body has identifiers and states only.
CREATE TABLE rs_delivery (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  public_id VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  client_id BIGINT UNSIGNED NOT NULL,
  event VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  body TEXT NOT NULL CHECK (JSON_VALID(body)),
  state VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'queued',
  attempts INT UNSIGNED NOT NULL DEFAULT 0,
  last_reason VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
  created_at DATETIME(6) NOT NULL,
  last_at DATETIME(6) NULL,
  UNIQUE KEY rs_delivery_public (public_id),
  KEY rs_delivery_by_client (client_id, id),
  KEY rs_delivery_created (created_at),
  CONSTRAINT rs_delivery_client FOREIGN KEY (client_id) REFERENCES client (id),
  CONSTRAINT rs_delivery_state CHECK (state IN ('queued', 'delivered', 'failed'))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
