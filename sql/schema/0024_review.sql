-- 0024_review.sql - what reviewers confirmed before they approved, and how (P1-10, P3-31), and the
-- order in which queues are read.

-- One row for each thing confirmed. An approval that a later change made void keeps its rows.
CREATE TABLE application_vetting (
  id             BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  application_id BIGINT UNSIGNED NOT NULL,
  tenant_id      BIGINT UNSIGNED NOT NULL,
  account_id     BIGINT UNSIGNED NOT NULL COMMENT 'who confirmed',
  generation     INT UNSIGNED    NOT NULL COMMENT 'of the application that was looked at',
  at             DATETIME(6)     NOT NULL,
  item           VARCHAR(12)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  method         VARCHAR(12)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  note           VARCHAR(500)    NULL COMMENT 'where it can be looked up again',
  PRIMARY KEY (id),
  UNIQUE KEY once (application_id, generation, item),
  CONSTRAINT application_vetting_application FOREIGN KEY (application_id) REFERENCES application (id),
  CONSTRAINT application_vetting_account FOREIGN KEY (account_id) REFERENCES account (id),
  CONSTRAINT application_vetting_item CHECK (item IN ('identity', 'authority', 'content')),
  CONSTRAINT application_vetting_method CHECK (method IN ('register', 'meeting', 'document',
    'superior', 'known', 'batch')),
  CONSTRAINT application_vetting_note CHECK (method <> 'document' OR note IS NOT NULL)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='append only';

-- The queue by time over all states, and by name within a state.
ALTER TABLE application
  ADD KEY sent (tenant_id, submitted_at),
  ADD KEY queue_titles (tenant_id, state, title);
