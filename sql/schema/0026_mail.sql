-- 0026_mail.sql - what became of a mail after it was sent, and addresses that take none.

-- Bodies of mails that failed are erased after some days, those of sent ones at once.
ALTER TABLE mail
  DROP CONSTRAINT mail_sent,
  DROP CONSTRAINT mail_body,
  MODIFY COLUMN state ENUM('queued', 'sent', 'failed', 'bounced') NOT NULL DEFAULT 'queued',
  ADD COLUMN bounced_at DATETIME(6) NULL,
  ADD COLUMN resent_at  DATETIME(6) NULL COMMENT 'when somebody had it sent again',
  ADD UNIQUE KEY mail_token (token),
  ADD KEY mail_recipient (tenant_id, recipient, id),
  ADD KEY mail_created (created),
  ADD CONSTRAINT mail_sent CHECK ((state IN ('sent', 'bounced')) = (sent_at IS NOT NULL)),
  ADD CONSTRAINT mail_bounced CHECK ((state = 'bounced') = (bounced_at IS NOT NULL)),
  ADD CONSTRAINT mail_body CHECK (state <> 'queued' OR text_part IS NOT NULL);

-- An address whose own mail server said for good that it takes no mail (RFC 3464, RFC 3463 class 5).
-- Nothing is sent there for this customer until somebody changes the address or asks to try again.
CREATE TABLE mail_undeliverable (
  tenant_id     BIGINT UNSIGNED NOT NULL COMMENT '0: the provider itself',
  address       VARCHAR(254)    CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  status        VARCHAR(12)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT '5.1.1',
  mail_id       BIGINT UNSIGNED NOT NULL COMMENT 'whose bounce said so',
  at            DATETIME(6)     NOT NULL,
  PRIMARY KEY (tenant_id, address)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
