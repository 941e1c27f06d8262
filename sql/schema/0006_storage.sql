-- 0006_storage.sql - documents as a base and the tails that signatures append, resumable uploads, agreed holding periods, quotas.

-- AES-256-GCM pieces of at most 1 MiB; the additional data binds document, number, position and size of each. A
-- signature adds pieces behind the others; nothing is rewritten. Documents from before (document.pieces = 0) are
-- read from document_chunk until their eight hours are over.
CREATE TABLE document_piece (
  document_id BIGINT UNSIGNED NOT NULL,
  seq INT UNSIGNED NOT NULL,
  position BIGINT UNSIGNED NOT NULL,
  size INT UNSIGNED NOT NULL,
  sealed MEDIUMBLOB NOT NULL,
  PRIMARY KEY (document_id, seq),
  CONSTRAINT document_piece_of FOREIGN KEY (document_id) REFERENCES document (id),
  CONSTRAINT document_piece_size CHECK (size BETWEEN 1 AND 1048576)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- receiving: what has arrived (size, pieces) of what was announced (expected); not yet a document.
-- manifest: a MAC under the document's key over version, size, number of pieces and digest, so that none can be
-- left out at the end. agreed_until: a holding period that the parties agreed to (contract envelopes).
ALTER TABLE document
  ADD COLUMN pieces INT UNSIGNED NOT NULL DEFAULT 0,
  ADD COLUMN manifest BINARY(32) NULL,
  ADD COLUMN expected BIGINT UNSIGNED NOT NULL DEFAULT 0,
  ADD COLUMN agreed_until DATETIME(6) NULL,
  DROP CONSTRAINT document_state,
  DROP CONSTRAINT document_deadline,
  ADD CONSTRAINT document_state CHECK (state IN ('receiving', 'uploaded', 'signed', 'deleted')),
  ADD CONSTRAINT document_agreed CHECK (agreed_until IS NULL OR (agreed_until >= created_at
    AND agreed_until <= created_at + INTERVAL 90 DAY)),
  ADD CONSTRAINT document_deadline CHECK (delete_at <= IFNULL(agreed_until, created_at) + INTERVAL 8 HOUR),
  ADD CONSTRAINT document_whole CHECK (pieces = 0 OR manifest IS NOT NULL OR state IN ('receiving', 'deleted'));

-- What each customer holds, counted by the worker: judging a quota must not sum all documents for each request.
CREATE TABLE storage_use (
  tenant_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  bytes BIGINT UNSIGNED NOT NULL,
  counted_at DATETIME(6) NOT NULL,
  CONSTRAINT storage_use_tenant FOREIGN KEY (tenant_id) REFERENCES tenant (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
