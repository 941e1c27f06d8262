-- 0019_operators.sql - LRA operators at their port: when each certificate was used (P3-65, P3-144).

-- since: beginning of the present visit; a pause of half an hour, or another address, begins a new
-- one, which is audited. refused_at: when a refusal of this certificate was last audited.
CREATE TABLE operator_visit (
  certificate_id BIGINT UNSIGNED NOT NULL,
  tenant_id      BIGINT UNSIGNED NOT NULL,
  account_id     BIGINT UNSIGNED NOT NULL,
  since          DATETIME(6)     NULL,
  seen_at        DATETIME(6)     NULL,
  address        VARCHAR(45)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  refused_at     DATETIME(6)     NULL,
  PRIMARY KEY (certificate_id),
  KEY tenant (tenant_id, account_id),
  CONSTRAINT operator_visit_certificate FOREIGN KEY (certificate_id) REFERENCES certificate (id),
  CONSTRAINT operator_visit_tenant FOREIGN KEY (tenant_id) REFERENCES tenant (id),
  CONSTRAINT operator_visit_account FOREIGN KEY (account_id) REFERENCES account (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
