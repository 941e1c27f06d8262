-- 0015_renewal.sql - who wants to be reminded of archives at all.

-- No row: yes. The reminders themselves are in table renewal (0011).
CREATE TABLE renewal_choice (
  account_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  tenant_id BIGINT UNSIGNED NOT NULL,
  reminders TINYINT(1) NOT NULL,
  chosen_at DATETIME(6) NOT NULL,
  CONSTRAINT renewal_choice_account FOREIGN KEY (account_id) REFERENCES account (id),
  CONSTRAINT renewal_choice_tenant FOREIGN KEY (tenant_id) REFERENCES tenant (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
