-- 0010_verification.sql - bulk verification: sets of judged files. The files themselves are never
-- stored; what was found about them is, for at most eight hours (P3-11), and then goes as a whole.
CREATE TABLE verification_set (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  public_id VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  tenant_id BIGINT UNSIGNED NOT NULL,
  account_id BIGINT UNSIGNED NOT NULL,
  title VARCHAR(120) NOT NULL,
  created_at DATETIME(6) NOT NULL,
  delete_at DATETIME(6) NOT NULL,
  UNIQUE KEY verification_set_public (public_id),
  KEY verification_set_owner (tenant_id, account_id, created_at),
  KEY verification_set_due (delete_at),
  CONSTRAINT verification_set_tenant FOREIGN KEY (tenant_id) REFERENCES tenant (id),
  CONSTRAINT verification_set_account FOREIGN KEY (account_id) REFERENCES account (id),
  CONSTRAINT verification_set_deadline CHECK (delete_at <= created_at + INTERVAL 8 HOUR)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- One judged file. The same file under the same name counts once: judging it again replaces the row.
CREATE TABLE verification_item (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  set_id BIGINT UNSIGNED NOT NULL,
  name_hash BINARY(32) NOT NULL,
  filename VARCHAR(255) NOT NULL,
  size BIGINT UNSIGNED NOT NULL,
  digest BINARY(32) NOT NULL,
  outcome VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  reason_code VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
  sub_indication VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
  signatures INT UNSIGNED NOT NULL DEFAULT 0,
  signer VARCHAR(255) NULL,
  level VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL,
  proven_at DATETIME(6) NULL,
  tsa VARCHAR(255) NULL,
  accredited VARCHAR(255) NULL,
  judged_at DATETIME(6) NOT NULL,
  UNIQUE KEY verification_item_once (set_id, digest, name_hash),
  CONSTRAINT verification_item_set FOREIGN KEY (set_id) REFERENCES verification_set (id) ON DELETE CASCADE,
  CONSTRAINT verification_item_outcome CHECK (outcome IN ('total-passed', 'indeterminate', 'total-failed',
    'no-signature', 'unreadable'))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
