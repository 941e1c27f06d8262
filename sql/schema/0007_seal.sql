-- 0007_seal.sql - pictures of seals (印影) of people and organisations, and recurring placements.

-- A seal is a person's mark: what it shows (the picture, or the characters that are drawn) is
-- encrypted under a key of its own that the HSM wraps, and goes with the row when it is erased.
CREATE TABLE seal (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  public_id VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  tenant_id BIGINT UNSIGNED NOT NULL,
  -- NULL: the organisation's, kept by its administrators and used by its systems
  account_id BIGINT UNSIGNED NULL,
  label VARCHAR(60) NOT NULL,
  kind VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  main TINYINT(1) NOT NULL DEFAULT 0,
  size INT UNSIGNED NOT NULL,
  wrapped_key VARBINARY(256) NOT NULL,
  sealed MEDIUMBLOB NOT NULL,
  created_at DATETIME(6) NOT NULL,
  UNIQUE KEY seal_public (public_id),
  KEY seal_by_account (tenant_id, account_id),
  CONSTRAINT seal_tenant FOREIGN KEY (tenant_id) REFERENCES tenant (id),
  CONSTRAINT seal_account FOREIGN KEY (account_id) REFERENCES account (id),
  CONSTRAINT seal_kind CHECK (kind IN ('image', 'round', 'square')),
  CONSTRAINT seal_size CHECK (size BETWEEN 1 AND 1048576)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Where a seal goes again and again, and what is said with it. Lengths in tenths of a millimetre,
-- from the lower left of the page as displayed.
CREATE TABLE seal_template (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  public_id VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  tenant_id BIGINT UNSIGNED NOT NULL,
  account_id BIGINT UNSIGNED NULL,
  name VARCHAR(60) NOT NULL,
  seal_id BIGINT UNSIGNED NULL,
  page_rule VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  page_number INT UNSIGNED NOT NULL DEFAULT 0,
  x INT UNSIGNED NOT NULL,
  y INT UNSIGNED NOT NULL,
  width INT UNSIGNED NOT NULL,
  height INT UNSIGNED NOT NULL,
  show_name TINYINT(1) NOT NULL DEFAULT 0,
  show_date TINYINT(1) NOT NULL DEFAULT 0,
  show_reason TINYINT(1) NOT NULL DEFAULT 0,
  reason VARCHAR(120) NOT NULL DEFAULT '',
  level VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'ES',
  certify TINYINT UNSIGNED NOT NULL DEFAULT 0,
  created_at DATETIME(6) NOT NULL,
  UNIQUE KEY seal_template_public (public_id),
  KEY seal_template_by_account (tenant_id, account_id),
  CONSTRAINT seal_template_tenant FOREIGN KEY (tenant_id) REFERENCES tenant (id),
  CONSTRAINT seal_template_account FOREIGN KEY (account_id) REFERENCES account (id),
  -- the placement outlives its seal, and then asks for another one
  CONSTRAINT seal_template_seal FOREIGN KEY (seal_id) REFERENCES seal (id) ON DELETE SET NULL,
  CONSTRAINT seal_template_rule CHECK (page_rule IN ('first', 'last', 'number', 'all')
    AND (page_rule = 'number') = (page_number > 0)),
  CONSTRAINT seal_template_size CHECK (width BETWEEN 30 AND 3000 AND height BETWEEN 30 AND 3000
    AND x <= 10000 AND y <= 10000),
  CONSTRAINT seal_template_level CHECK (level IN ('ES', 'ES-T', 'ES-LT', 'ES-A')),
  CONSTRAINT seal_template_certify CHECK (certify BETWEEN 0 AND 3)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
